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
from qa.reader.pointing import point
from qa.schema import Hit, Passage, Query, Reading, Sentence, Span, Term
from qa.text import Word, words

Similarity = Callable[[Query, Passage], NDArray[np.float32]]
"""Cosine of the question with each sentence of a passage, shape (len(passage.sentences),)."""

Relevance = Callable[[str, Sequence[tuple[str, str]]], NDArray[np.float32]]
"""Log odds that each (sentence, context) answers the question, shape (number of sentences,)."""

FEATURES = (
    "own", "around", "before", "passage", "missing", "similarity", "similarity gap", "similarity rank", "retrieval",
    "typed", "untyped", "near", "row", "table", "defines", "unknown", "unknown rare", "order", "names own", "names around",
    "names missing", "leads",
)  # fmt: skip
"""What the linear model sees of a sentence, before the relevance model has read it."""

READ = 16
"""Sentences that the relevance model reads: those that the linear model puts first."""

KEY_WORDS = 6
"""Words at the head of a row within which its key stands."""

NOT_READ = -8.0
"""Log odds that stand in for the relevance of a sentence that was not read."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence with its features, in the order of FEATURES, the span in it that answers best, and its relevance."""

    hit: Hit
    sentence: Sentence
    features: tuple[float, ...]
    span: tuple[int, int]
    context: str
    relevance: float = NOT_READ

    @property
    def text(self) -> str:
        """The sentence as the relevance model reads it; a row with its column headers."""
        passage = self.hit.passage
        if passage.cells:
            cells = (f"{cell.header}: {passage.slice(cell.start, cell.end)}" for cell in passage.cells)
            return "; ".join(cells)
        return passage.slice(self.sentence.start, self.sentence.end)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence made ready for matching: its words, its stems, and the stems of what stands around it."""

    words: tuple[Word, ...]
    stems: frozenset[str]
    around: frozenset[str]
    before: frozenset[str]
    context: str


class EvidenceReader:
    """Two linear models: the first picks the sentences that the relevance model reads, the second weighs what it says.

    `similarity` gives the cosine of the question with each sentence of a passage; without `relevance` the first model
    decides alone.
    """

    def __init__(self, similarity: Similarity, relevance: Relevance | None = None) -> None:
        self._similarity = similarity
        self._relevance = relevance
        self._units: OrderedDict[str, list[_Unit]] = OrderedDict()

    def read(self, query: Query, hits: Sequence[Hit]) -> list[Reading]:
        """One reading for each hit; its relevance is that of its best sentence."""
        spans: dict[int, list[Span]] = {hit.rank: [] for hit in hits}
        for item in self.evidence(query, hits):
            start, end = item.span
            passage = item.hit.passage
            spans[item.hit.rank].append(
                Span(
                    passage, start, end, passage.slice(start, end), self._probability(item),
                    item.sentence.start, item.sentence.end,
                )
            )  # fmt: skip
        readings = []
        for hit in hits:
            best = tuple(sorted(spans[hit.rank], key=lambda span: (-span.score, span.start)))
            readings.append(Reading(hit, best[0].score if best else 0.0, best))
        return readings

    def evidence(self, query: Query, hits: Sequence[Hit]) -> list[Evidence]:
        """Every sentence of the hits with its features, the best of them with their relevance."""
        found = self._features(query, hits)
        if self._relevance is None or not found:
            return found
        order = sorted(range(len(found)), key=lambda i: -_dot(FIRST, found[i].features))[:READ]
        relevance = self._relevance(query.text, [(found[i].text, found[i].context) for i in order])
        for i, value in zip(order, relevance, strict=True):
            found[i] = replace(found[i], relevance=float(value))
        return found

    def _probability(self, item: Evidence) -> float:
        if self._relevance is None:
            z = FIRST_BIAS + _dot(FIRST, item.features)
        else:
            z = SECOND_BIAS + _dot(SECOND, (*item.features, item.relevance))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))

    def _features(self, query: Query, hits: Sequence[Hit]) -> list[Evidence]:
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
            whole = frozenset[str]().union(*(unit.stems for unit in units))
            for unit, sentence, cosine in zip(units, passage.sentences, similarity, strict=True):
                held = _held(terms, unit, whole)
                share = [sum(t.weight * v for t, v in zip(terms, values, strict=True)) / total for values in held]
                missing = max((t.weight for t, v in zip(terms, held[3], strict=True) if not v), default=0.0)
                span, near, typed = point(query, expectation, passage, sentence, unit.words)
                features = (
                    share[0],
                    share[1] - share[0],
                    share[2] - share[1],
                    share[3] - share[2],
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
                )
                found.append(Evidence(hit, sentence, features, span, unit.context))
        return found

    def _prepare(self, passage: Passage) -> list[_Unit]:
        units = self._units.get(passage.passage_id)
        if units is None:
            headers = " ".join(cell.header for cell in passage.cells)
            heading = ". ".join(part for part in (*passage.section[-1:], passage.caption) if part) or passage.title
            around = frozenset(
                word.stem for word in words(" ".join((passage.title, *passage.section, passage.caption, headers)))
            )
            units, before, said = [], frozenset[str](), ""
            for sentence in passage.sentences:
                text = passage.slice(sentence.start, sentence.end)
                inside = tuple(words(text))
                stems = frozenset(word.stem for word in inside)
                context = f"{heading}. {said}" if said and passage.kind != "table" else heading
                units.append(_Unit(inside, stems, around, before, context))
                before, said = stems, text
            self._units[passage.passage_id] = units
            if len(self._units) > 5000:
                self._units.popitem(last=False)
        return units


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
    for term in query.terms:
        name = re.escape(term.surface)
        told = r"(?:=|\([A-Za-z]|,? (?:is|are|was|means|stands for|refers to|denotes)\b)"
        if re.search(rf"\({name}\)|\b{name}\s*{told}", text, re.IGNORECASE):
            return True
    return False


def _dot(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(w * x for w, x in zip(weights, values, strict=True))


# Fitted on the development halves of the gold sets, over the notes and over the articles (benchmarks/fit_reader.py).
FIRST = (
    0.61, -0.19, -1.22, -3.42, -1.52, 2.31, 1.32, 0.94, 3.39, -0.36, -3.53, 0.97, 0.94, 1.44, -0.99, -4.23, 1.09, -0.20,
    0.06, -1.02, -0.44, 1.0,
)  # fmt: skip
FIRST_BIAS = -4.22
SECOND = (*FIRST, 1.0)
SECOND_BIAS = -4.22
