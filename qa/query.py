"""A question as typed → a `Query`: its terms with the words that mean the same, and its misspelt words mended.

What is known comes from the words of the corpus, the abbreviations and other names that it defines, a lexicon of medicine and
research (`lexicon.toml`), and the frequent words of the language. This module does not rank anything.
"""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from qa.abbreviations import find_abbreviations
from qa.errors import QuestionError
from qa.schema import Correction, Passage, Query, Term
from qa.text import STOP_WORDS, Word, fold, plain_words, stem, stems, words

MAX_QUESTION = 1000
Phrase = tuple[str, ...]

_ALIAS = re.compile(r"\b([A-Z][a-z]{3,20})\s\(([A-Z][a-z]{3,20})\)")
# Words that carry a question without saying what it is about.
_QUESTION_WORDS = frozenset(
    stem(w)
    for w in [
        "many", "much", "long", "mean", "definition", "define", "list", "name", "stand", "called", "say", "said",
        "don't", "doesn't", "didn't", "isn't", "aren't", "wasn't", "weren't", "can't", "couldn't", "won't", "wouldn't",
        "shouldn't", "hasn't", "haven't", "hadn't", "how'd", "who'd", "what'd", "where'd", "why'd", "they'd", "they're",
        "mustn't", "needn't", "i've", "it'll", "you're", "we're", "what're",
    ]
)  # fmt: skip
_POSSESSIVE = re.compile(r"['’]s$")
_UNKNOWN_COMMON_WEIGHT = 0.5
_STOP_SPELLINGS = tuple(sorted(word for word in STOP_WORDS if len(word) >= 3))
SPECIFIC_FLOOR = 0.3
CLASS_ENDING = 4
"""Letters at the end that names of a class share: barici-tinib, ruxoli-tinib; tocilizu-mab."""
RARE_ENDING = 5
"""Frequent words of the language that an ending may have and still tell a class."""
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Vocabulary:
    """What the corpus says: passage counts of stems, spellings of each, and abbreviations it defines."""

    passages: int
    document_frequency: dict[str, int]
    spellings: dict[str, str]
    """Each folded word of four letters or more → its stem."""
    abbreviations: tuple[tuple[str, str], ...]
    """(abbreviation, words that it stands for), most frequent first."""
    aliases: tuple[tuple[str, str], ...] = ()
    """Pairs of capitalised words of which the corpus sets one in brackets behind the other: "Baricitinib (Olumiant)"."""
    common_words: Mapping[str, float] = field(default_factory=dict, compare=False)
    """Frequent words of the language with their rarity in [0, 1]; they are no typing errors even where the corpus lacks them."""

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> Vocabulary:
        """Count the words of the passages, context included."""
        frequency: Counter[str] = Counter()
        forms: dict[str, None] = {}
        defined: Counter[tuple[str, str]] = Counter()
        aliases: dict[tuple[str, str], None] = {}
        n = 0
        for passage in passages:
            n += 1
            found_words = dict.fromkeys(plain_words(passage.index_text))
            forms.update(found_words)
            frequency.update({stem(word) for word in found_words})
            found = ((d.short, passage.text[d.start : d.end]) for d in find_abbreviations(passage.text))
            defined.update(list(dict.fromkeys(found)))
            aliases.update(dict.fromkeys(_ALIAS.findall(passage.text)))
        best: dict[str, tuple[str, str]] = {}
        for pair, _ in defined.most_common():
            best.setdefault(stem(pair[0]), pair)
        spellings = dict.fromkeys(fold(word) for word in forms if len(word) >= 4 and word.isalpha())
        return cls(n, dict(frequency), {w: stem(w) for w in spellings}, tuple(best.values()), tuple(aliases))

    def to_json(self) -> dict[str, Any]:
        return {
            "passages": self.passages,
            "document_frequency": self.document_frequency,
            "spellings": sorted(self.spellings),
            "abbreviations": [list(pair) for pair in self.abbreviations],
            "aliases": [list(pair) for pair in self.aliases],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any], common_words: Mapping[str, float] | None = None) -> Vocabulary:
        spellings = {word: stem(word) for word in data["spellings"]}
        pairs = tuple((short, long) for short, long in data["abbreviations"])
        aliases = tuple((name, other) for name, other in data["aliases"])
        return cls(data["passages"], data["document_frequency"], spellings, pairs, aliases, common_words or {})

    def idf(self, key: str) -> float:
        """Inverse document frequency of a stem, ln(1 + (N - n + .5) / (n + .5)), as in BM25 (Robertson and Zaragoza 2009)."""
        n = self.document_frequency.get(key, 0)
        return math.log(1 + (self.passages - n + 0.5) / (n + 0.5))

    def knows(self, variant: Phrase) -> bool:
        return all(key in self.document_frequency for key in variant)

    @cached_property
    def synonyms(self) -> dict[Phrase, tuple[Phrase, ...]]:
        """Each phrase of stems → the others that mean the same, from the corpus first, then from the lexicon."""
        found: defaultdict[Phrase, dict[Phrase, None]] = defaultdict(dict)
        groups = [tuple(_phrase(p) for p in pair) for pair in self.abbreviations]
        names = (pair for pair in self.aliases if not any(fold(name) in self.common_words for name in pair))
        groups += [tuple(_phrase(name) for name in pair) for pair in names]
        for group in (*groups, *_lexicon()):
            for phrase in group:
                for other in group:
                    if other != phrase and phrase and other:
                        found[phrase][other] = None
        return {phrase: tuple(others) for phrase, others in found.items()}

    @cached_property
    def _classes(self) -> Mapping[str, frozenset[str]]:
        """Stems of the corpus' names by what those of a class have in common: their ending, or all but their number."""
        common = Counter(word[-CLASS_ENDING:] for word in self.common_words)
        found: defaultdict[str, set[str]] = defaultdict(set)
        for word, key in self.spellings.items():
            if len(word) > CLASS_ENDING and common[word[-CLASS_ENDING:]] <= RARE_ENDING and _is_name(word, self):
                found["-" + word[-CLASS_ENDING:]].add(key)
        for key in self.document_frequency:
            if key[:1].isalpha() and not key.isalpha():
                found[_DIGITS.sub("0", key)].add(key)
        return {shared: frozenset(keys) for shared, keys in found.items()}

    def rivals(self, variants: Iterable[Phrase], surface: str) -> frozenset[str]:
        """Stems of the names that are built like a name, itself left out."""
        own = {key for variant in variants for key in variant}
        words = [fold(surface), *own]
        alike = [self._classes.get("-" + word[-CLASS_ENDING:], frozenset()) for word in words if word.isalpha()]
        series = [self._classes.get(_DIGITS.sub("0", key), frozenset()) for key in own if not key.isalpha()]
        return frozenset[str]().union(*alike, *series) - own

    @cached_property
    def longest_phrase(self) -> int:
        return max((len(phrase) for phrase in self.synonyms), default=1)


def check_question(question: object) -> str:
    """The question without the white space around it; raises QuestionError where it cannot be put."""
    if not isinstance(question, str):
        raise QuestionError(f"a question is text, not {type(question).__name__}")
    asked = question.strip()
    if not asked:
        raise QuestionError("the question is empty: type one, for instance: what is the baricitinib EUA dose")
    if len(asked) > MAX_QUESTION:
        raise QuestionError(
            f"the question has {len(asked)} characters; the limit is {MAX_QUESTION}: ask it in fewer words"
        )
    if any(0xD800 <= ord(c) < 0xE000 for c in asked):
        raise QuestionError("the question holds a broken character (half of a surrogate pair): type it anew")
    letters = [c for c in asked if c.isalpha()]
    if not letters:
        raise QuestionError("the question holds no words: ask in words, for instance: what is the baricitinib EUA dose")
    readable = sum("LATIN" in name or "GREEK" in name or "MICRO" in name for name in map(_char_name, letters))
    if readable * 2 < len(letters):
        raise QuestionError("the question is in a script that is not read here: ask in English")
    return asked


def understand(question: str, vocabulary: Vocabulary) -> Query:
    """The question with its terms: phrases first, then words; unknown words become the nearest known ones.

    Raises QuestionError as `check_question` does.
    """
    asked = check_question(question)
    tokens = list(words(asked))
    corrections: list[Correction] = []
    mended = list(tokens)
    for i, token in enumerate(tokens):
        replacement = _mend(token, vocabulary)
        if replacement:
            corrections.append(Correction(token.text, replacement))
            mended[i] = Word(replacement, token.start, token.end, stem(replacement))
    text = _replace(asked, tokens, mended)
    return Query(question, text, tuple(_terms(mended, vocabulary)), tuple(corrections))


def _terms(tokens: Sequence[Word], vocabulary: Vocabulary) -> Iterable[Term]:
    taken: set[Phrase] = set()
    i = 0
    while i < len(tokens):
        size = _phrase_at(tokens, i, vocabulary)
        group = tokens[i : i + size]
        key = tuple(token.stem for token in group if size == 1 or token.stem not in STOP_WORDS)
        i += size
        if (size == 1 and (key[0] in STOP_WORDS or key[0] in _QUESTION_WORDS)) or key in taken:
            continue
        taken.add(key)
        yield _term(" ".join(token.text for token in group), key, vocabulary)


def _phrase_at(tokens: Sequence[Word], i: int, vocabulary: Vocabulary) -> int:
    """Number of tokens of the longest phrase with synonyms that begins at token i; 1 where there is none."""
    if tokens[i].stem in STOP_WORDS:
        return 1
    for size in range(min(vocabulary.longest_phrase + 2, len(tokens) - i), 1, -1):
        if tokens[i + size - 1].stem in STOP_WORDS:
            continue
        key = tuple(token.stem for token in tokens[i : i + size] if token.stem not in STOP_WORDS)
        if len(key) > 1 and key in vocabulary.synonyms:
            return size
    return 1


def _term(surface: str, key: Phrase, vocabulary: Vocabulary) -> Term:
    variants = dict.fromkeys((key, *vocabulary.synonyms.get(key, ()), *_split_name(surface, vocabulary)))
    known = tuple(variant for variant in variants if vocabulary.knows(variant))
    plain = [_POSSESSIVE.sub("", fold(word)) for word in surface.split()]
    rarity = [vocabulary.common_words.get(word, 1.0) for word in plain]
    named = bool(vocabulary.common_words) and any(_is_name(word, vocabulary) for word in plain)
    rivals = vocabulary.rivals(known or (key,), surface) if named else frozenset()
    specific = SPECIFIC_FLOOR + (1 - SPECIFIC_FLOOR) * max(rarity, default=1.0)
    if known:
        weight = max(vocabulary.idf(part) for part in known[0])
        return Term(surface, known, weight * specific, named=named, rivals=rivals)
    weight = vocabulary.idf("") * (1.0 if named or not vocabulary.common_words else _UNKNOWN_COMMON_WEIGHT)
    return Term(surface, (key,), weight * specific, known=False, named=named, rivals=rivals)


def _is_name(word: str, vocabulary: Vocabulary) -> bool:
    """Whether a word is none of the language's, nor formed from one by a short ending: a drug, a trial, a person."""
    if word in vocabulary.common_words:
        return False
    shortest = max(4, len(word) - 5)
    return not any(word[:end] in vocabulary.common_words for end in range(shortest, len(word)))


def _split_name(surface: str, vocabulary: Vocabulary) -> Iterable[Phrase]:
    """A name that ends in a number, in its other forms: "IL-6", "interleukin 6"."""
    match = re.fullmatch(r"([^\W\d_]{2,})[\s-]?(\d{1,3})", surface)
    if match:
        head, number = match.groups()
        yield (stem(head), number)
        for other in vocabulary.synonyms.get((stem(head),), ()):
            yield (*other, number)
            if len(other) == 1:
                yield (other[0] + number,)


def _mend(token: Word, vocabulary: Vocabulary) -> str:
    """The word of the corpus that an unknown word most likely stands for, or nothing.

    A word counts as misspelt when corpus, lexicon and language lack it. Its beginning is trusted: typing errors seldom fall
    on the first letter, and drugs of one class differ there (abrocitinib is not baricitinib).
    """
    key = fold(token.text)
    if (
        len(key) < 3
        or not key.isalpha()
        or token.stem in vocabulary.document_frequency
        or token.stem in STOP_WORDS
        or (token.stem,) in vocabulary.synonyms
        or key in vocabulary.common_words
    ):
        return ""
    return (_by_prefix(key, vocabulary) if len(key) > 3 else "") or _by_distance(key, vocabulary)


def _by_prefix(key: str, vocabulary: Vocabulary) -> str:
    longer = [word for word in vocabulary.spellings if len(word) >= len(key) + 3 and word.startswith(key)]
    by_stem: Counter[str] = Counter()
    for word in longer:
        by_stem[vocabulary.spellings[word]] += vocabulary.document_frequency.get(vocabulary.spellings[word], 0)
    if not by_stem:
        return ""
    best, count = by_stem.most_common(1)[0]
    if count * 5 < sum(by_stem.values()) * 4:
        return ""
    return min((w for w in longer if vocabulary.spellings[w] == best), key=lambda w: (len(w), w))


def _by_distance(key: str, vocabulary: Vocabulary) -> str:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    allowed = 1 if len(key) < 8 else 2 if len(key) < 12 else 3
    own = (*vocabulary.spellings, *_lexicon_words(), *_STOP_SPELLINGS)
    for known in (own, vocabulary.common_words):  # a word of the language only where the corpus has none as near
        candidates = [word for word in known if word[0] == key[0] and len(word) >= min(4, len(key))]
        found = process.extract(key, candidates, scorer=OSA.distance, score_cutoff=allowed, limit=20)
        if found:
            break
    else:
        return ""
    return str(min(found, key=lambda f: (f[1], not _left_out(key, f[0]), -_count(f[0], vocabulary), f[0]))[0])


def _left_out(key: str, word: str) -> bool:
    """Whether letters of the word were left out, the most frequent slip: "wich" is "which" rather than "with"."""
    letters = iter(word)
    return all(letter in letters for letter in key)


def _count(word: str, vocabulary: Vocabulary) -> int:
    return vocabulary.document_frequency.get(stem(word), 0)


def _replace(text: str, tokens: Sequence[Word], mended: Sequence[Word]) -> str:
    parts, position = [], 0
    for token, new in zip(tokens, mended, strict=True):
        if new.text != token.text:
            parts += [text[position : token.start], new.text]
            position = token.end
    return "".join([*parts, text[position:]])


@lru_cache(maxsize=1)
def _groups() -> list[list[str]]:
    """The groups of the lexicon as they are written."""
    data = tomllib.loads((Path(__file__).parent / "lexicon.toml").read_text(encoding="utf-8"))
    groups: list[list[str]] = data["groups"]
    return groups


@lru_cache(maxsize=1)
def _lexicon() -> tuple[tuple[Phrase, ...], ...]:
    return tuple(tuple(dict.fromkeys(_phrase(entry) for entry in group)) for group in _groups())


@lru_cache(maxsize=1)
def _lexicon_words() -> tuple[str, ...]:
    found = {
        fold(word.text) for group in _groups() for entry in group for word in words(entry)
        if word.text.isalpha() and len(word.text) > 3 and word.stem not in STOP_WORDS
    }  # fmt: skip
    return tuple(sorted(found))


@lru_cache(maxsize=50_000)
def _phrase(text: str) -> Phrase:
    return tuple(stems(text))


def _char_name(char: str) -> str:
    return unicodedata.name(char, "")
