"""Scores sentences and table rows as evidence for a question."""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.reader.expects import Expectation, Kind, candidates, expect
from qa.schema import Hit, Passage, Query, Reading, Sentence, Span, Term
from qa.text import STOP_WORDS, Word, words

Similarity = Callable[[Query, Passage], NDArray[np.float32]]
"""Cosine of the question with each sentence of a passage, shape (len(passage.sentences),)."""

FEATURES = (
    "own", "around", "before", "passage", "missing", "similarity", "similarity gap", "similarity rank", "retrieval",
    "typed", "untyped", "near", "row", "defines", "length", "unknown", "unknown rare", "order", "names own", "names around", "names missing", "table",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence with its features, in the order of FEATURES, and the span in it that answers best."""

    hit: Hit
    sentence: Sentence
    features: tuple[float, ...]
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence made ready for matching: its words and the stems of what stands around it."""

    words: tuple[Word, ...]
    stems: frozenset[str]
    around: frozenset[str]
    before: frozenset[str]


class EvidenceReader:
    """A linear model over the features of each sentence; relevance is its logistic value.

    `similarity` gives the cosine of the question with each sentence of a passage.
    """

    def __init__(
        self, similarity: Similarity, *, weights: Sequence[float] | None = None, bias: float | None = None
    ) -> None:
        self._similarity = similarity
        self._weights = tuple(weights) if weights is not None else WEIGHTS
        self._bias = BIAS if bias is None else bias
        self._units: OrderedDict[str, list[_Unit]] = OrderedDict()

    def read(self, query: Query, hits: Sequence[Hit]) -> list[Reading]:
        """One reading for each hit; its relevance is that of its best sentence."""
        by_hit: dict[int, list[Span]] = {hit.rank: [] for hit in hits}
        for item in self.evidence(query, hits):
            z = self._bias + sum(w * x for w, x in zip(self._weights, item.features, strict=True))
            start, end = item.span
            passage = item.hit.passage
            by_hit[item.hit.rank].append(
                Span(passage, start, end, passage.slice(start, end), 1 / (1 + math.exp(-z)), item.sentence.start, item.sentence.end)
            )  # fmt: skip
        readings = []
        for hit in hits:
            spans = tuple(sorted(by_hit[hit.rank], key=lambda span: (-span.score, span.start)))
            readings.append(Reading(hit, spans[0].score if spans else 0.0, spans))
        return readings

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
            units = self._prepare(hit.passage)
            whole = frozenset[str]().union(*(unit.stems for unit in units))
            for unit, sentence, cosine in zip(units, hit.passage.sentences, similarity, strict=True):
                own = [_found(term, unit.stems) for term in terms]
                around = [max(a, _found(t, unit.stems | unit.around)) for t, a in zip(terms, own, strict=True)]
                before = [max(a, _found(t, unit.stems | unit.around | unit.before)) for t, a in zip(terms, around, strict=True)]
                passage = [max(a, _found(t, unit.around | whole)) for t, a in zip(terms, before, strict=True)]
                span, near, typed = _answer(query, expectation, hit.passage, sentence, unit)
                missing = max((t.weight for t, value in zip(terms, passage, strict=True) if not value), default=0.0)
                share = [sum(t.weight * v for t, v in zip(terms, values, strict=True)) / total
                         for values in (own, around, before, passage)]  # fmt: skip
                features = (
                    share[0], share[1] - share[0], share[2] - share[1], share[3] - share[2],
                    missing / heaviest,
                    float(cosine),
                    float(cosine) - float(ordered[0]),
                    1 / (1 + float(np.sum(ordered > cosine))),
                    hit.score / best,
                    float(expectation.typed and typed),
                    float(expectation.typed and not typed),
                    near,
                    float(hit.passage.kind == "table_row"),
                    float(expectation.kind is Kind.DEFINITION and _defines(query, hit.passage, sentence)),
                    math.log1p(len(unit.words)),
                    unknown,
                    rare,
                    _order(terms, unit),
                    *_names(terms, own, before, passage),
                    float(hit.passage.kind == "table"),
                )  # fmt: skip
                found.append(Evidence(hit, sentence, features, span))
        return found

    def _prepare(self, passage: Passage) -> list[_Unit]:
        units = self._units.get(passage.passage_id)
        if units is None:
            context = " ".join((passage.title, *passage.section, passage.caption, *(c.header for c in passage.cells)))
            around = frozenset(word.stem for word in words(context))
            units, before = [], frozenset[str]()
            for sentence in passage.sentences:
                inside = tuple(words(passage.slice(sentence.start, sentence.end)))
                stems = frozenset(word.stem for word in inside)
                units.append(_Unit(inside, stems, around, before))
                before = stems
            self._units[passage.passage_id] = units
            if len(self._units) > 5000:
                self._units.popitem(last=False)
        return units


def _found(term: Term, stems: frozenset[str]) -> float:
    """1 where the words as asked stand there, 0.85 where a variant does, else 0."""
    for i, variant in enumerate(term.variants):
        if all(key in stems for key in variant):
            return 1.0 if i == 0 else 0.85
    return 0.0


def _answer(
    query: Query, expectation: Expectation, passage: Passage, sentence: Sentence, unit: _Unit
) -> tuple[tuple[int, int], float, bool]:
    """The span in the sentence that answers best (document offsets), its nearness to the question's words, and whether it
    has the form that is asked for."""
    text = passage.slice(sentence.start, sentence.end)
    places = [
        (word.start, word.end, term)
        for term in query.terms
        for word in unit.words
        if any(word.stem in variant for variant in term.variants)
    ]
    if passage.cells:
        return _answer_in_row(query, expectation, passage, sentence, unit)
    if not expectation.typed:
        return (sentence.start, sentence.end), _density(places, unit), False
    asked = {word.stem for word in words(query.text)}
    best: tuple[float, int, int] | None = None
    for start, end in candidates(expectation.kind, text):
        if all(word.stem in asked for word in words(text[start:end])):
            continue
        near = _nearness(start, end, places, query)
        if best is None or near > best[0] + 1e-9:
            best = (near, start, end)
    if best is None:
        return (sentence.start, sentence.end), 0.0, False
    return (sentence.start + best[1], sentence.start + best[2]), best[0], True


def _answer_in_row(
    query: Query, expectation: Expectation, passage: Passage, sentence: Sentence, unit: _Unit
) -> tuple[tuple[int, int], float, bool]:
    """The cell that answers: that whose header is asked for, or the row's key where the question names another cell."""
    best: tuple[float, int, int, bool] | None = None
    asked = {word.stem for word in words(query.text)}
    for i, cell in enumerate(passage.cells):
        if cell.end <= cell.start or cell.start < sentence.start or cell.end > sentence.end:
            continue
        text = passage.slice(cell.start, cell.end)
        header = frozenset(word.stem for word in words(cell.header))
        inside = frozenset(word.stem for word in words(text))
        score = sum(term.weight * _found(term, header) for term in query.terms)
        score -= 0.7 * sum(term.weight * _found(term, inside) for term in query.terms)
        spans = [
            (start, end) for start, end in candidates(expectation.kind, text)
            if not all(word.stem in asked for word in words(text[start:end]))
        ] if expectation.typed else []  # fmt: skip
        start, end = cell.start, cell.end
        if spans:
            score += 4.0
            if len(spans) == 1 or expectation.kind is Kind.TRIAL:
                start, end = cell.start + spans[0][0], cell.start + spans[-1][1]
        if i == 0:
            score += 0.1
        if best is None or score > best[0]:
            best = (score, start, end, bool(spans))
    if best is None:
        return (sentence.start, sentence.end), 0.0, False
    return (best[1], best[2]), max(0.0, min(1.0, best[0] / 8)), best[3]


def _nearness(start: int, end: int, places: Sequence[tuple[int, int, Term]], query: Query) -> float:
    """Weighted share of the question's terms, each counting less the further from [start, end) it stands, in [0, 1]."""
    total = sum(term.weight for term in query.terms) or 1.0
    nearest: dict[int, float] = {}
    for place_start, place_end, term in places:
        if place_start < end and start < place_end:
            continue
        gap = max(place_start - end, start - place_end, 0)
        nearest[id(term)] = max(nearest.get(id(term), 0.0), term.weight / (1 + gap / 40))
    return sum(nearest.values()) / total


def _density(places: Sequence[tuple[int, int, Term]], unit: _Unit) -> float:
    """How close together the question's terms stand in the sentence, in [0, 1]."""
    if not places or not unit.words:
        return 0.0
    different = len({id(term) for _, _, term in places})
    if different < 2:
        return 0.0
    first, last = min(p[0] for p in places), max(p[1] for p in places)
    inside = sum(1 for word in unit.words if first <= word.start < last and word.stem not in STOP_WORDS)
    return min(1.0, different / max(inside, 1))


def _names(terms: Sequence[Term], own: Sequence[float], before: Sequence[float], passage: Sequence[float]) -> tuple[float, float, float]:
    """Share of the question's names that the sentence itself holds, its surroundings hold besides, and nothing here holds."""
    named = [i for i, term in enumerate(terms) if term.named]
    if not named:
        return 0.0, 0.0, 0.0
    total = sum(terms[i].weight for i in named)
    share = [sum(terms[i].weight * values[i] for i in named) / total for values in (own, before, passage)]
    return share[0], share[1] - share[0], 1 - share[2]


def _order(terms: Sequence[Term], unit: _Unit) -> float:
    """Share of the neighbouring terms of the question that stand within four words of each other in the sentence."""
    if len(terms) < 2:
        return 0.0
    places = [
        [i for i, word in enumerate(unit.words) if any(word.stem in variant for variant in term.variants)] for term in terms
    ]
    close = sum(
        any(abs(i - j) <= 4 for i in a for j in b) for a, b in zip(places, places[1:], strict=False)
    )
    return close / (len(terms) - 1)


def _defines(query: Query, passage: Passage, sentence: Sentence) -> bool:
    """Whether the sentence says what a term of the question is: "X is a …", "… (X)", "X = …", "X (…)"."""
    text = passage.slice(sentence.start, sentence.end)
    for term in query.terms:
        name = re.escape(term.surface)
        if re.search(
            rf"\({name}\)|\b{name}\s*(?:=|\([A-Za-z]|,? (?:is|are|was|means|stands for|refers to|denotes)\b)", text, re.IGNORECASE
        ):
            return True
    return False


WEIGHTS = (4.0, 2.0, 1.0, .5, -1.5, 4.0, 3.0, 0.5, 1.0, 1.0, -2.0, 1.0, 0.0, 1.0, 0.0, -1.0, -1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
BIAS = -6.0
