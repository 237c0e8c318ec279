"""Scores sentences and table rows as evidence for a question, and points at the words in them that answer."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qa.reader.expects import Kind, candidates, expect
from qa.reader.features import Unit, defines, held, leads, lost, names, of_the_thing, order, rivals, told, units_of
from qa.reader.fitted import FIRST, PLAIN, TRAINED, Fitted
from qa.reader.pointing import point
from qa.reader.spans import Candidate
from qa.reader.trained import Read, best_in
from qa.reader.wording import put_to
from qa.schema import Hit, Passage, Query, Reading, Sentence, Span

Similarity = Callable[[Query, Passage], NDArray[np.float32]]
"""Cosine of the question with each sentence of a passage, shape (len(passage.sentences),)."""

Alone = Callable[[Query, Sequence[str]], NDArray[np.float32]]
"""Cosine of the question with each of some texts, each by itself, shape (number of texts,)."""

ReadPairs = Callable[[Sequence[tuple[str, Passage]]], list[Read]]
"""What the trained network makes of each pair of question and passage."""

FEATURES = (
    "own", "cover", "missing", "similarity", "similarity gap", "similarity rank", "retrieval",
    "typed", "untyped", "near", "row", "table", "spells out", "defines", "thing", "no thing",
    "unknown", "unknown rare", "order", "names own", "names around", "names missing", "leads",
    "name lost", "name far", "rival", "rival far", "headed", "said anew",
)  # fmt: skip
"""What the first model sees of a sentence."""

ALONE = ("alone", "alone gap")
"""What the second look adds: cosine of the sentence by itself, and its gap to the largest."""

SEEN = ("span odds", "relevance")
"""What the network adds: log odds of its best span in the sentence, and log odds that the passage answers."""

NO_SPAN = -12.0
"""Log odds of a sentence without a span, and the least that any has."""

POINTS = 0.0
"""Log odds from which the network's span is taken for the answer where no words have the form asked for, or others have."""

WHOLE = frozenset({Kind.YES_NO, Kind.REASON})
"""What a whole sentence answers."""

DOUBT = 0.05
"""Trust of the other models below which the network is not asked: it makes no answer of what is so far from one."""

PASSAGES = 4
"""Passages that it reads, those of the sentences that the other models trust most: more take longer and hardly gain."""

READ = 8
"""Sentences that get a second look, by themselves, out of the passage that colours their vectors: those that the first model
puts first. More cost time and gain nothing (benchmarks/fit_reader.py)."""

NEAR = FEATURES.index("near")

BARELY = 0.05
"""Nearness of a cell to the question below which neither its header nor its form was asked for."""

TRUSTED = tuple(map(FEATURES.index, ("near", "names missing", "name lost", "rival", "rival far", "unknown rare")))
"""Features of the first model that the third sees as well."""

HEADER_ROW = "|"
"""What the header row of a Markdown table begins with: it says what is to be found, and answers nothing."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence with its features, in the order of FEATURES, ALONE and SEEN as far as these were seen, and the span in it that
    answers best. `listed`: the items of a list that the network points at together, as in `Span`.
    """

    hit: Hit
    sentence: Sentence
    features: tuple[float, ...]
    span: tuple[int, int]
    listed: tuple[int, int] | None = None


class EvidenceReader:
    """Four small linear models: one picks the sentences to look at again, one orders these, one says how far to trust each, one
    how likely it answers.

    `similarity` gives the cosine of the question with each sentence of a passage, as it stands there; `alone` that with a
    sentence by itself.
    """

    def __init__(self, similarity: Similarity, alone: Alone, trained: ReadPairs | None = None) -> None:
        self._similarity = similarity
        self._alone = alone
        self._trained = trained
        self._units: OrderedDict[str, list[Unit]] = OrderedDict()

    def read(self, query: Query, hits: Sequence[Hit]) -> list[Reading]:
        """One reading for each hit; its relevance is the score of its best sentence, 0 where none was looked at or read."""
        spans: dict[int, list[Span]] = {hit.rank: [] for hit in hits}
        for item, score, sure in self._judged(query, self.evidence(query, hits)):
            start, end = item.span
            passage, quote = item.hit.passage, item.sentence
            spans[item.hit.rank].append(
                Span(passage, start, end, passage.slice(start, end), score, quote.start, quote.end, sure, item.listed)
            )
        readings = []
        for hit in hits:
            best = tuple(sorted(spans[hit.rank], key=lambda span: (-span.score, span.start)))
            readings.append(Reading(hit, best[0].score if best else 0.0, best))
        return readings

    def _judged(self, query: Query, evidence: Sequence[Evidence]) -> list[tuple[Evidence, float, float]]:
        """The evidence that was looked at again, with how far to trust each, and the probability that it answers.

        The network reads the passages that the other models trust most, unless these trust none at all; what it does not
        read has a score of 0.
        """
        looked = self._alone_too(query, _first(evidence))
        scores = trust(looked, PLAIN)
        if not looked or self._trained is None or max(scores) < DOUBT:
            return list(zip(looked, scores, confidence(looked, PLAIN), strict=True))
        order = sorted(range(len(looked)), key=lambda i: -scores[i])
        passages = list(dict.fromkeys(looked[i].hit.passage.passage_id for i in order))[:PASSAGES]
        read = self._read(query, [e for e in looked if e.hit.passage.passage_id in passages])
        rest = [e for e in looked if e.hit.passage.passage_id not in passages]
        judged = list(zip(read, trust(read, TRAINED), confidence(read, TRAINED), strict=True))
        return [*judged, *((e, 0.0, 0.0) for e in rest)]

    def second_look(self, query: Query, evidence: Sequence[Evidence]) -> list[Evidence]:
        """The evidence that the first model puts first, with the features of the second look behind those of the first.

        Without a trained network these are the cosine of the sentence alone and its gap to the largest; with it, also what the
        network makes of the sentence and of its passage (`SEEN`).
        """
        return self._read(query, self._alone_too(query, _first(evidence)))

    def _alone_too(self, query: Query, chosen: Sequence[Evidence]) -> list[Evidence]:
        """The chosen evidence with what each sentence is by itself (`ALONE`)."""
        if not chosen:
            return []
        texts = [item.hit.passage.slice(item.sentence.start, item.sentence.end) for item in chosen]
        cosines = [float(cosine) for cosine in self._alone(query, texts)]
        most = max(cosines)
        return [
            replace(item, features=(*item.features, cosine, cosine - most))
            for item, cosine in zip(chosen, cosines, strict=True)
        ]

    def _read(self, query: Query, chosen: Sequence[Evidence]) -> list[Evidence]:
        """The evidence with what the network makes of it; each passage is read once."""
        if not chosen or self._trained is None:
            return list(chosen)
        texts = {e.hit.passage.passage_id: e.hit.passage for e in chosen}
        reads = dict(zip(texts, self._trained(put_to(query, texts.values())), strict=True))
        spans = [best_in(reads[e.hit.passage.passage_id], e.sentence.start, e.sentence.end) for e in chosen]
        kind = expect(query.text).kind
        return [
            replace(
                e,
                features=(
                    *e.features,
                    max(s.score, NO_SPAN) if s else NO_SPAN,
                    reads[e.hit.passage.passage_id].relevance,
                ),
                span=_pointed_at(e, s, kind) if s and kind not in WHOLE and _points(e, s) else e.span,
                listed=s.listed if s and s.score > POINTS else None,
            )
            for e, s in zip(chosen, spans, strict=True)
        ]

    def evidence(self, query: Query, hits: Sequence[Hit]) -> list[Evidence]:
        """Every sentence of the hits with its features."""
        if not hits:
            return []
        expectation = expect(query.text)
        terms = query.terms
        asked = query.stems
        total = sum(term.weight for term in terms) or 1.0
        heaviest = max((term.weight for term in terms), default=1.0) or 1.0
        unknown = sum(term.weight for term in terms if not term.known) / total
        rare = max((term.weight for term in terms if not term.known), default=0.0) / heaviest
        similarities = [self._similarity(query, hit.passage) for hit in hits]
        cosines = np.concatenate(similarities)
        closest = float(cosines.max(initial=-1.0))
        best = max(hit.score for hit in hits)
        found = []
        for hit, similarity in zip(hits, similarities, strict=True):
            passage = hit.passage
            units = self._prepare(passage)
            whole = frozenset[str]().union(*(unit.stems | unit.before for unit in units))
            for unit, sentence, cosine in zip(units, passage.sentences, similarity, strict=True):
                if not passage.cells and passage.slice(sentence.start, sentence.start + 1) == HEADER_ROW:
                    continue
                places = held(terms, unit, whole)
                share = [sum(t.weight * v for t, v in zip(terms, values, strict=True)) / total for values in places]
                missing = max((t.weight for t, v in zip(terms, places[3], strict=True) if not v), default=0.0)
                span, near, typed = point(query, expectation, passage, sentence, unit.words)
                features = (
                    share[0],
                    0.2 * share[0] + 0.4 * share[2] + 0.4 * share[3],
                    missing / heaviest,
                    float(cosine),
                    float(cosine) - closest,
                    1 / (1 + float(np.sum(cosines > cosine))),
                    max(0.0, hit.score) / best if best > 0 else 0.0,
                    float(expectation.typed and typed),
                    float(expectation.typed and not typed),
                    near,
                    float(passage.kind == "table_row"),
                    float(passage.kind == "table"),
                    *defines(query, expectation, passage.slice(sentence.start, sentence.end)),
                    *of_the_thing(query, expectation, unit),
                    unknown,
                    rare,
                    order(terms, unit),
                    *names(terms, places),
                    leads(terms, passage, unit),
                    *lost(terms, places),
                    *rivals(terms, places, unit),
                    *told(terms, places, unit, total, asked),
                )
                found.append(Evidence(hit, sentence, features, span))
        return found

    def _prepare(self, passage: Passage) -> list[Unit]:
        units = self._units.get(passage.passage_id)
        if units is None:
            units = self._units[passage.passage_id] = units_of(passage)
            if len(self._units) > 5000:
                self._units.popitem(last=False)
        return units


def _first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence that the first model puts first."""
    order = sorted(range(len(evidence)), key=lambda i: (-_dot(FIRST, evidence[i].features), i))
    return [evidence[i] for i in order[:READ]]


def _points(item: Evidence, span: Candidate) -> bool:
    """Whether the network's span is to be taken: where no words have the form asked for, or it points at others.

    Of a row it is taken where no cell is asked for, however unsure it is, as a cell of it is better than the first.
    """
    if item.hit.passage.cells:
        return _is_unsure(item)
    apart = span.end <= item.span[0] or item.span[1] <= span.start
    return (apart or _is_unsure(item)) and span.score > POINTS


def _pointed_at(item: Evidence, span: Candidate, kind: Kind) -> tuple[int, int]:
    """The words of the form asked for in the network's span, or which it is a part of; else the span itself."""
    if item.hit.passage.cells:
        return span.start, span.end
    shift = item.sentence.start
    formed = candidates(kind, item.hit.passage.slice(shift, item.sentence.end))
    within = ((shift + a, shift + b) for a, b in formed if shift + a < span.end and span.start < shift + b)
    return next(within, (span.start, span.end))


def _is_unsure(item: Evidence) -> bool:
    """Whether no words of a sentence were pointed at, or a cell for want of a better one."""
    if item.hit.passage.cells:
        return item.features[NEAR] < BARELY
    return item.span == (item.sentence.start, item.sentence.end)


def trust(read: Sequence[Evidence], fitted: Fitted) -> list[float]:
    """How far to trust each sentence, in [0, 1], comparable between questions.

    The second model gives log odds among the sentences; the third weighs them with the lead over the best rival, how near the
    question's words stand to the span, and the names that the passage lacks.
    """
    return [_chance(fitted.trust, fitted.trust_bias, values) for values in trust_features(read, fitted)]


def confidence(read: Sequence[Evidence], fitted: Fitted) -> list[float]:
    """The probability that each sentence answers, fitted for the one that is trusted most: with all that was seen of it."""
    return [_chance(fitted.sure, fitted.sure_bias, values) for values in sure_features(read, fitted)]


def _chance(weights: Sequence[float], bias: float, values: Sequence[float]) -> float:
    odds = bias + _dot(weights, values)
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, odds))))


def trust_features(read: Sequence[Evidence], fitted: Fitted) -> list[tuple[float, ...]]:
    """What the third model sees of each sentence: its odds, their lead over the best rival's, what TRUSTED names."""
    return [
        (*pair, *(item.features[i] for i in TRUSTED)) for item, pair in zip(read, _leads(read, fitted), strict=True)
    ]


def sure_features(read: Sequence[Evidence], fitted: Fitted) -> list[tuple[float, ...]]:
    """What the fourth model sees of each sentence: its odds, their lead over the best rival's, and all features."""
    return [(*pair, *item.features) for item, pair in zip(read, _leads(read, fitted), strict=True)]


def _leads(read: Sequence[Evidence], fitted: Fitted) -> list[tuple[float, float]]:
    """The log odds of each sentence by the second model, and their lead over the best other's."""
    odds = [fitted.second_bias + _dot(fitted.second, item.features) for item in read]
    best = [max((other for j, other in enumerate(odds) if j != i), default=z - 1.0) for i, z in enumerate(odds)]
    return [(z, z - other) for z, other in zip(odds, best, strict=True)]


def _dot(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(w * x for w, x in zip(weights, values, strict=True))
