"""Scores sentences and table rows as evidence for a question, and points at the words in them that answer."""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qa.reader.expects import Expectation, Kind, expect
from qa.reader.fitted import FIRST, PLAIN, TRAINED, Fitted
from qa.reader.pointing import long_form, point
from qa.reader.trained import Read, best_in
from qa.schema import Hit, Passage, Query, Reading, Sentence, Span, Term
from qa.text import STOP_WORDS, Word, words

Similarity = Callable[[Query, Passage], NDArray[np.float32]]
"""Cosine of the question with each sentence of a passage, shape (len(passage.sentences),)."""

Alone = Callable[[Query, Sequence[str]], NDArray[np.float32]]
"""Cosine of the question with each of some texts, each by itself, shape (number of texts,)."""

ReadPassages = Callable[[str, Sequence[Passage]], list[Read]]
"""What the trained network makes of each of some passages."""

FEATURES = (
    "own", "cover", "missing", "similarity", "similarity gap", "similarity rank", "retrieval",
    "typed", "untyped", "near", "row", "table", "defines", "unknown", "unknown rare", "order", "names own", "names around",
    "names missing", "leads", "name lost", "name far", "rival", "rival far", "headed", "said anew",
)  # fmt: skip
"""What the first model sees of a sentence."""

ALONE = ("alone", "alone gap")
"""What the second look adds: cosine of the sentence by itself, and its gap to the largest."""

SEEN = ("span odds", "relevance")
"""What the network adds: log odds of its best span in the sentence, and log odds that the passage answers."""

NO_SPAN = -20.0
"""Log odds of a sentence without a span."""

POINTS = 0.0
"""Log odds from which the network's span is taken for the answer where no words have the form asked for."""

WHOLE = frozenset({Kind.YES_NO, Kind.REASON, Kind.DEFINITION})
"""What a whole sentence answers."""

UNSURE = (0.1, 0.85)
"""Trust between which the network reads along."""

PASSAGES = 4
"""Passages that it reads, those of the sentences that the other models trust most: more take longer and hardly gain."""

READ = 6
"""Sentences that get a second look, by themselves, out of the passage that colours their vectors: those that the first model
puts first. More cost time and gain nothing (benchmarks/fit_reader.py)."""

TRUSTED = tuple(map(FEATURES.index, ("near", "names missing", "name lost", "rival", "rival far", "unknown rare")))
"""Features of the first model that the third sees as well."""

TELLING = 1.0
"""Weight from which on a name tells passages apart: not the subject of the whole corpus."""

HEADER_ROW = "|"
"""What the header row of a Markdown table begins with: it says what is to be found, and answers nothing."""

KEY_WORDS = 6
"""Words at the head of a row within which its key stands."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence with its features, in the order of FEATURES, and the span in it that answers best."""

    hit: Hit
    sentence: Sentence
    features: tuple[float, ...]
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence made ready for matching: its words, its stems, and the stems of what stands around it."""

    words: tuple[Word, ...]
    stems: frozenset[str]
    around: frozenset[str]
    before: frozenset[str]


class EvidenceReader:
    """Three small linear models: one picks the sentences to look at again, one orders these, one says how far to trust it.

    `similarity` gives the cosine of the question with each sentence of a passage, as it stands there; `alone` that with a
    sentence by itself.
    """

    def __init__(self, similarity: Similarity, alone: Alone, trained: ReadPassages | None = None) -> None:
        self._similarity = similarity
        self._alone = alone
        self._trained = trained
        self._units: OrderedDict[str, list[_Unit]] = OrderedDict()

    def plain(self) -> EvidenceReader:
        """The same reader without the trained network."""
        return EvidenceReader(self._similarity, self._alone)

    def read(self, query: Query, hits: Sequence[Hit]) -> list[Reading]:
        """One reading for each hit; its relevance is that of its best sentence, 0 where none got a second look."""
        spans: dict[int, list[Span]] = {hit.rank: [] for hit in hits}
        for item, score in self._judged(query, self.evidence(query, hits)):
            start, end = item.span
            passage, quote = item.hit.passage, item.sentence
            spans[item.hit.rank].append(
                Span(passage, start, end, passage.slice(start, end), score, quote.start, quote.end)
            )
        readings = []
        for hit in hits:
            best = tuple(sorted(spans[hit.rank], key=lambda span: (-span.score, span.start)))
            readings.append(Reading(hit, best[0].score if best else 0.0, best))
        return readings

    def _judged(self, query: Query, evidence: Sequence[Evidence]) -> list[tuple[Evidence, float]]:
        """The evidence that was looked at again, with how far to trust each.

        The network reads it only where the other models neither trust nor distrust it: reading is most of the time. Of a sentence
        that is trusted and has no words of the form asked for, it tells the words that answer.
        """
        looked = self._alone_too(query, evidence)
        scores = trust(looked, PLAIN)
        if not looked or self._trained is None:
            return list(zip(looked, scores, strict=True))
        best = max(range(len(looked)), key=lambda i: scores[i])
        if UNSURE[0] <= scores[best] < UNSURE[1]:
            order = sorted(range(len(looked)), key=lambda i: -scores[i])
            passages = list(dict.fromkeys(looked[i].hit.passage.passage_id for i in order))[:PASSAGES]
            read = self._read(query, [e for e in looked if e.hit.passage.passage_id in passages])
            rest = [e for e in looked if e.hit.passage.passage_id not in passages]
            return [*zip(read, trust(read, TRAINED), strict=True), *((e, 0.0) for e in rest)]
        if scores[best] >= UNSURE[1] and _is_whole(looked[best]):
            looked[best] = self._read(query, [looked[best]])[0]
        return list(zip(looked, scores, strict=True))

    def second_look(self, query: Query, evidence: Sequence[Evidence]) -> list[Evidence]:
        """The evidence that the first model puts first, with the features of the second look behind those of the first.

        Without a trained network these are the cosine of the sentence alone and its gap to the largest; with it, what the
        network makes of the sentence and of its passage (`SEEN`).
        """
        looked = self._alone_too(query, evidence)
        return self._read(query, looked) if self._trained else looked

    def _alone_too(self, query: Query, evidence: Sequence[Evidence]) -> list[Evidence]:
        """The evidence that the first model puts first, with what the sentence is by itself (`ALONE`)."""
        order = sorted(range(len(evidence)), key=lambda i: (-_dot(FIRST, evidence[i].features), i))[:READ]
        if not order:
            return []
        chosen = [evidence[i] for i in order]
        texts = [item.hit.passage.slice(item.sentence.start, item.sentence.end) for item in chosen]
        cosines = self._alone(query, texts)
        most = float(cosines.max())
        return [
            replace(item, features=(*item.features, float(cosine), float(cosine) - most))
            for item, cosine in zip(chosen, cosines, strict=True)
        ]

    def _read(self, query: Query, chosen: Sequence[Evidence]) -> list[Evidence]:
        """The evidence with what the network makes of it; each passage is read once."""
        if not chosen or self._trained is None:
            return list(chosen)
        passages = {item.hit.passage.passage_id: item.hit.passage for item in chosen}
        reads = dict(zip(passages, self._trained(query.text, list(passages.values())), strict=True))
        spans = [best_in(reads[e.hit.passage.passage_id], e.sentence.start, e.sentence.end) for e in chosen]
        pointing = expect(query.text).kind not in WHOLE
        return [
            replace(
                e,
                features=(*e.features, s.score if s else NO_SPAN, reads[e.hit.passage.passage_id].relevance),
                span=(s.start, s.end) if s and s.score > POINTS and pointing and _is_whole(e) else e.span,
            )
            for e, s in zip(chosen, spans, strict=True)
        ]

    def evidence(self, query: Query, hits: Sequence[Hit]) -> list[Evidence]:
        """Every sentence of the hits with its features."""
        if not hits:
            return []
        expectation = expect(query.text)
        terms = query.terms
        total = sum(term.weight for term in terms) or 1.0
        heaviest = max((term.weight for term in terms), default=1.0) or 1.0
        unknown = sum(term.weight for term in terms if not term.known) / total
        rare = max((term.weight for term in terms if not term.known), default=0.0) / heaviest
        similarities = [self._similarity(query, hit.passage) for hit in hits]
        ordered = np.sort(np.concatenate(similarities))[::-1]
        best = max(hit.score for hit in hits) or 1.0
        found = []
        for hit, similarity in zip(hits, similarities, strict=True):
            passage = hit.passage
            units = self._prepare(passage)
            whole = frozenset[str]().union(*(unit.stems | unit.before for unit in units))
            for unit, sentence, cosine in zip(units, passage.sentences, similarity, strict=True):
                if not passage.cells and passage.slice(sentence.start, sentence.start + 1) == HEADER_ROW:
                    continue
                held = _held(terms, unit, whole)
                share = [sum(t.weight * v for t, v in zip(terms, values, strict=True)) / total for values in held]
                missing = max((t.weight for t, v in zip(terms, held[3], strict=True) if not v), default=0.0)
                span, near, typed = point(query, expectation, passage, sentence, unit.words)
                features = (
                    share[0],
                    0.2 * share[0] + 0.4 * share[2] + 0.4 * share[3],
                    missing / heaviest,
                    float(cosine),
                    float(cosine - ordered[0]),
                    1 / (1 + float(np.sum(ordered > cosine))),
                    hit.score / best,
                    float(expectation.typed and typed),
                    float(expectation.typed and not typed),
                    near,
                    float(passage.kind == "table_row"),
                    float(passage.kind == "table"),
                    float(_defines(query, expectation, passage.slice(sentence.start, sentence.end))),
                    unknown,
                    rare,
                    _order(terms, unit),
                    *_names(terms, held),
                    _leads(terms, passage, unit),
                    *_lost(terms, held),
                    *_rivals(terms, held, unit),
                    *_told(terms, held, unit, total),
                )
                found.append(Evidence(hit, sentence, features, span))
        return found

    def _prepare(self, passage: Passage) -> list[_Unit]:
        units = self._units.get(passage.passage_id)
        if units is None:
            headers = " ".join(cell.header for cell in passage.cells)
            around = frozenset(
                word.stem
                for word in words(" ".join((passage.title, *passage.section, passage.caption, passage.group, headers)))
            )
            units, before = [], frozenset(word.stem for word in words(passage.lead))
            for sentence in passage.sentences:
                inside = tuple(words(passage.slice(sentence.start, sentence.end)))
                stems = frozenset(word.stem for word in inside)
                units.append(_Unit(inside, stems, around, before))
                before = stems
            self._units[passage.passage_id] = units
            if len(self._units) > 5000:
                self._units.popitem(last=False)
        return units


def _is_whole(item: Evidence) -> bool:
    """Whether no words of a sentence were pointed at."""
    return not item.hit.passage.cells and item.span == (item.sentence.start, item.sentence.end)


def trust(read: Sequence[Evidence], fitted: Fitted) -> list[float]:
    """Probability that each sentence answers.

    The second model gives log odds; the third weighs them with the lead over the best rival, how near the question's words
    stand to the span, and the names that the passage lacks.
    """
    odds = [fitted.second_bias + _dot(fitted.second, item.features) for item in read]
    return [
        1 / (1 + math.exp(-fitted.trust_bias - _dot(fitted.trust, values))) for values in trust_features(read, odds)
    ]


def trust_features(read: Sequence[Evidence], odds: Sequence[float]) -> list[tuple[float, ...]]:
    """What the third model sees of each sentence: its odds, their lead over the best rival's, what TRUSTED names."""
    found = []
    for i, (item, z) in enumerate(zip(read, odds, strict=True)):
        rival = max((other for j, other in enumerate(odds) if j != i), default=z - 1.0)
        found.append((z, z - rival, *(item.features[i] for i in TRUSTED)))
    return found


def _held(terms: Sequence[Term], unit: _Unit, whole: frozenset[str]) -> list[list[float]]:
    """How far each term is held by the sentence, with its headings, with the sentence before, and with the passage."""
    places = (unit.stems, unit.stems | unit.around, unit.stems | unit.around | unit.before, whole | unit.around)
    held: list[list[float]] = []
    for place in places:
        values = [_found(term, place) for term in terms]
        held.append([max(pair) for pair in zip(values, held[-1], strict=True)] if held else values)
    return held


def _found(term: Term, stems: frozenset[str]) -> float:
    """1 where the words as asked stand there, 0.85 where a variant does, else 0."""
    for i, variant in enumerate(term.variants):
        if all(key in stems for key in variant):
            return 1.0 if i == 0 else 0.85
    return 0.0


def _names(terms: Sequence[Term], held: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Share of the question's names in the sentence itself, in what stands before and around it, and nowhere near."""
    named = [i for i, term in enumerate(terms) if term.named]
    if not named:
        return 0.0, 0.0, 0.0
    total = sum(terms[i].weight for i in named)
    own, before, passage = (sum(terms[i].weight * held[k][i] for i in named) / total for k in (0, 2, 3))
    return own, before - own, 1 - passage


def _lost(terms: Sequence[Term], held: Sequence[Sequence[float]]) -> tuple[float, float]:
    """1 where a name that tells passages apart is nowhere in the passage; where it is not in or just before the sentence."""
    named = [i for i, term in enumerate(terms) if term.named and term.weight > TELLING]
    lost, far = (float(any(not held[k][i] for i in named)) for k in (3, 2))
    return lost, far


def _rivals(terms: Sequence[Term], held: Sequence[Sequence[float]], unit: _Unit) -> tuple[float, float]:
    """1 where another name of its class stands in the place of a name of the question: in the sentence, and near it."""
    own = far = 0.0
    for i, term in enumerate(terms):
        if term.rivals and not held[0][i]:
            own = max(own, float(bool(term.rivals & unit.stems)))
            if not held[2][i]:
                far = max(far, float(bool(term.rivals & (unit.stems | unit.around))))
    return own, far


def _told(terms: Sequence[Term], held: Sequence[Sequence[float]], unit: _Unit, total: float) -> tuple[float, float]:
    """Share of the question that only the headings hold; share of the sentence's content that the question does not say."""
    headed = sum(t.weight * (b - a) for t, a, b in zip(terms, held[0], held[1], strict=True)) / total
    asked = {key for term in terms for variant in term.variants for key in variant}
    content = unit.stems - STOP_WORDS
    return headed, len(content - asked) / max(1, len(content))


def _leads(terms: Sequence[Term], passage: Passage, unit: _Unit) -> float:
    """Share of the question's names at the head of a table row or window, where the key of a row stands."""
    named = [term for term in terms if term.named]
    if not named or passage.kind not in ("table", "table_row"):
        return 0.0
    head = frozenset(word.stem for word in unit.words[:KEY_WORDS])
    return sum(term.weight * _found(term, head) for term in named) / sum(term.weight for term in named)


def _order(terms: Sequence[Term], unit: _Unit) -> float:
    """Share of the neighbouring terms of the question that stand within four words of each other in the sentence."""
    if len(terms) < 2:
        return 0.0
    places = [
        [i for i, word in enumerate(unit.words) if any(word.stem in variant for variant in term.variants)]
        for term in terms
    ]
    pairs = pairwise(places)
    return sum(any(abs(i - j) <= 4 for i in a for j in b) for a, b in pairs) / (len(terms) - 1)


def _defines(query: Query, expectation: Expectation, text: str) -> bool:
    """Whether a definition is asked for and the text gives one: "X is a …", "… (X)", "X = …", "X (…)"."""
    if expectation.kind is not Kind.DEFINITION:
        return False
    if long_form(query, text):
        return True
    for term in query.terms:
        name = re.escape(term.surface)
        told = r"(?:=|\([A-Za-z]|,? (?:is|are|was|means|stands for|refers to|denotes)\b)"
        if re.search(rf"\({name}\)|\b{name}\s*{told}", text, re.IGNORECASE):
            return True
    return False


def _dot(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(w * x for w, x in zip(weights, values, strict=True))
