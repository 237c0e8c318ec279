"""Words, stems and sentences, each with its place in the text it came from.

Nothing here changes a text: normalising happens to keys that are compared, never to words that are quoted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# A word is a run of letters or digits; decimals and thousands stay whole (0.65, 1,000), and so do compounds that end in a
# digit or a Greek letter or begin with letters and a digit (IL-6, ACTT-2, COVID-19, IFN-γ), which name one thing.
_WORD = re.compile(
    r"(?P<name>[^\W\d_]{1,12}[-‐‑](?:\d{1,4}|[α-ωɣ])(?![^\W_]))"
    r"|(?P<number>\d{1,15}+(?:[.,]\d{1,15}+)*+(?=(?:[mµμu]?g|mcg|kg|[md]?l|[mc]m|h|hrs?|d|wks?|mo|yrs?|x)\b|[\W_]|$))"
    r"|(?P<word>(?:[^\W_][\u0300-\u036f]*)+(?:['’][^\W\d_]{1,3})?)"
)

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "ɣ": "gamma", "δ": "delta", "ε": "epsilon", "κ": "kappa", "λ": "lambda",
    "μ": "mu", "τ": "tau", "χ": "chi", "ω": "omega",
}  # fmt: skip

# Words that carry the grammar of a question or sentence, not its subject.
STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "it",
        "its",
        "he",
        "she",
        "they",
        "them",
        "their",
        "his",
        "her",
        "our",
        "your",
        "my",
        "we",
        "you",
        "i",
        "me",
        "us",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "doing",
        "done",
        "has",
        "have",
        "had",
        "having",
        "can",
        "could",
        "may",
        "might",
        "must",
        "shall",
        "should",
        "will",
        "would",
        "of",
        "in",
        "on",
        "at",
        "by",
        "to",
        "from",
        "for",
        "with",
        "as",
        "into",
        "onto",
        "upon",
        "about",
        "and",
        "or",
        "but",
        "nor",
        "so",
        "if",
        "then",
        "than",
        "there",
        "here",
        "which",
        "what",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "also",
        "such",
        "both",
        "either",
        "neither",
        "each",
        "any",
        "some",
        "please",
        "tell",
        "show",
        "give",
        "let",
        "s",
        "t",
        "don",
        "doesn",
        "didn",
        "isn",
        "aren",
        "wasn",
        "weren",
        "hasn",
        "haven",
        "via",
        "per",
        "between",
        "during",
        "while",
        "whether",
        "only",
        "very",
        "just",
        "get",
        "got",
    ]
)

_BRITISH = (
    (re.compile(r"(?<=[a-z]{3})is(?=(?:e[ds]?|ing|ation|ations|er|ers)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{2})our(?=(?:s|ed|ing|al|able)?$)"), "or"),
    (re.compile(r"ae(?=[a-z]{2})"), "e"),
    (re.compile(r"oe(?=[a-z]{3}|a$|al$|as$)"), "e"),
    (re.compile(r"(?<=[a-z]{3})yse(?=[ds]?$)"), "yze"),
    (re.compile(r"(?<=[a-z]{3})tre$"), "ter"),
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands at text[start:end], and the stem that is compared."""

    text: str
    start: int
    end: int
    stem: str


def words(text: str) -> Iterator[Word]:
    """Every word of the text in order, with its stem.

    >>> [(w.text, w.stem) for w in words("IL-6 doses of 0.5 mg")]
    [('IL-6', 'il6'), ('doses', 'dose'), ('of', 'of'), ('0.5', '0.5'), ('mg', 'mg')]
    """
    for match in _WORD.finditer(text):
        yield Word(match.group(), match.start(), match.end(), stem(match.group()))


def stems(text: str) -> list[str]:
    """The stems of all words, stop words left out: what is matched and counted.

    >>> stems("The hospitalised patients")
    ['hospit', 'patient']
    """
    return [key for word in plain_words(text) if (key := stem(word)) not in STOP_WORDS]


def plain_words(text: str) -> list[str]:
    """Every word of the text in order, without its place: several times as quick as `words`.

    >>> plain_words("IL-6 doses of 0.5 mg")
    ['IL-6', 'doses', 'of', '0.5', 'mg']
    """
    return [match.group() for match in _WORD.finditer(text)]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The English stem of one word: lower case, accents and possessives off, British spelling as American.

    >>> stem("tumours"), stem("Café’s"), stem("COVID-19"), stem("1,000")
    ('tumor', 'cafe', 'covid19', '1000')
    """
    key = fold(word)
    if key[-2:] in ("'s", "’s"):
        key = key[:-2]
    key = key.replace("'", "").replace("’", "").replace("-", "").replace("‐", "").replace("‑", "")
    if key[:1].isdigit():
        return key.replace(",", "")
    if key in STOP_WORDS or any(c.isdigit() for c in key) or not key.isascii():
        return key
    if len(key) > 4:
        for pattern, american in _BRITISH:
            key = pattern.sub(american, key)
    return str(_stemmer().stemWord(key))


def fold(text: str) -> str:
    """Lower case without accents, Greek letters by name.

    >>> fold("IFN-γ Café")
    'ifn-gamma cafe'
    """
    text = text.lower()
    if text.isascii():
        return text
    plain = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(_GREEK.get(c, c) for c in plain)


@lru_cache(maxsize=1)
def _stemmer():  # type: ignore[no-untyped-def]
    import Stemmer

    return Stemmer.Stemmer("english")


# Abbreviations after which sentencex breaks although the sentence goes on.
_GOES_ON = re.compile(r"\b(?:approx|ca|cf|resp|eds|incl|al|vs|viz|e\.g|i\.e|eg|ie|dr|prof|spp|sp)\.$", re.IGNORECASE)
# Abbreviations that are so only before a number ("Fig. 2", "No. 7").
_NUMBERED = re.compile(r"\b(?:figs?|tabs?|nos?|refs?|eqs?|vol|ed|st|sect?|ch)\.$", re.IGNORECASE)
_SEGMENT = 5000
"""Characters that sentencex sees at once: it is quadratic in unclosed quotation marks."""


def sentences(text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of a text, without the white space around them.

    The splitting is sentencex's; a piece is joined to the one before it where that one ended in an abbreviation or a
    bracket left open nearby, or where the piece begins with a lower-case letter.

    >>> [("A vs. B, P < .001. It was so."[a:b]) for a, b in sentences("A vs. B, P < .001. It was so.")]
    ['A vs. B, P < .001.', 'It was so.']
    """
    from sentencex import segment

    spans: list[tuple[int, int]] = []
    for begin, stop in _segments(text):
        position = begin
        for piece in segment("en", text[begin:stop]):
            found = text.find(piece, position, stop)
            if found < 0:
                continue
            position = found + len(piece)
            start, end = _trim(text, found, position)
            if start == end:
                continue
            if spans and _continues(text, spans[-1], start):
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return spans


def _segments(text: str) -> Iterator[tuple[int, int]]:
    """Parts of at most _SEGMENT characters, cut behind a full stop or white space where there is one."""
    begin = 0
    while len(text) - begin > _SEGMENT:
        stop = begin + _SEGMENT
        for mark in (". ", "\n", " "):
            cut = text.rfind(mark, begin + _SEGMENT // 2, stop)
            if cut > 0:
                stop = cut + len(mark)
                break
        yield begin, stop
        begin = stop
    yield begin, len(text)


def _continues(text: str, before: tuple[int, int], start: int) -> bool:
    previous = text[max(before[0], before[1] - 60) : before[1]]
    if text[start].islower() or text[start] in ",;:)]%–":
        return True
    if _GOES_ON.search(previous) or (text[start].isdigit() and _NUMBERED.search(previous)):
        return True
    return previous.rfind("(") > previous.rfind(")") and not text[start].isupper()


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def capitalised(text: str, start: int, end: int) -> tuple[int, int]:
    """The place of a name with the capitalised words beside it, where it is capitalised itself.

    >>> text = "When was Port Hadrel hit?"
    >>> text[slice(*capitalised(text, 14, 20))]
    'Port Hadrel'
    """
    if not text[start:end][:1].isupper():
        return start, end
    while (before := re.search(r"(?<!\w)([A-Z][\w-]*) $", text[:start])) and stem(before[1].lower()) not in STOP_WORDS:
        start = before.start()
    while after := re.match(r" [A-Z][\w-]*", text[end:]):
        end += after.end()
    return start, end
