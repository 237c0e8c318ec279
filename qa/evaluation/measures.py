"""The figures of a run: their names, which way is better, and how they come from the outcomes of the questions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qa.evaluation import selective

DEPTH = 10
"""Passages of a ranking that are judged."""

RESAMPLES = 1000


class Judged(Protocol):
    """What a figure of a whole set is worked out from."""

    @property
    def answerable(self) -> bool: ...

    @property
    def correct(self) -> bool: ...

    @property
    def confidence(self) -> float: ...

    @property
    def metrics(self) -> dict[str, float]: ...

    @property
    def elapsed_ms(self) -> float: ...


Statistic = Callable[["Columns"], "float | None"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure: what it says, whether more of it is better, and whether the gate watches it.

    Without `statistic` it is the mean over the questions that have a value of that name.
    """

    label: str
    higher_is_better: bool = True
    headline: bool = False
    statistic: Statistic | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The outcomes as columns of equal length; `metrics` hold NaN where a figure does not apply to a question."""

    answerable: NDArray[np.bool_]
    correct: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    elapsed_ms: NDArray[np.float64]
    metrics: Mapping[str, NDArray[np.float64]]

    def take(self, rows: NDArray[np.int_]) -> Columns:
        """The columns with those rows, in that order."""
        return Columns(
            self.answerable[rows],
            self.correct[rows],
            self.confidence[rows],
            self.elapsed_ms[rows],
            {name: column[rows] for name, column in self.metrics.items()},
        )


def _auroc(c: Columns) -> float | None:
    return selective.auroc(c.confidence, c.answerable)


def _aurc(c: Columns) -> float | None:
    return selective.aurc(c.confidence, c.correct)


def _ece(c: Columns) -> float | None:
    return selective.ece(c.confidence, c.correct)


def _latency(share: float) -> Statistic:
    def percentile(c: Columns) -> float | None:
        return float(np.quantile(c.elapsed_ms, share)) if len(c.elapsed_ms) else None

    return percentile


METRICS: dict[str, Metric] = {
    "success@1": Metric("right passage first", headline=True),
    "success@3": Metric("right passage among 3"),
    "success@5": Metric("right passage among 5", headline=True),
    "success@10": Metric("right passage among 10"),
    "mrr@10": Metric("mean reciprocal rank", headline=True),
    "ndcg@10": Metric("nDCG", headline=True),
    "recall@1": Metric("share of right passages among 1"),
    "recall@3": Metric("share of right passages among 3"),
    "recall@5": Metric("share of right passages among 5"),
    "recall@10": Metric("share of right passages among 10"),
    "exact_match": Metric("short answer is the gold one (EM)", headline=True),
    "f1": Metric("word F1 of the short answer", headline=True),
    "list_f1": Metric("F1 of the members, lists"),
    "answer_in_quote": Metric("answer in the quote", headline=True),
    "citation_precision": Metric("cited quotes that are evidence"),
    "citation_recall": Metric("evidence that is cited"),
    "answered_right": Metric("answered, and rightly", headline=True),
    "refused_unanswerable": Metric("unanswerable refused", headline=True),
    "refused_answerable": Metric("answerable refused", higher_is_better=False),
    "auroc": Metric("confidence tells answerable (AUROC)", headline=True, statistic=_auroc),
    "aurc": Metric("area under risk–coverage", higher_is_better=False, headline=True, statistic=_aurc),
    "ece": Metric("calibration error (ECE)", higher_is_better=False, statistic=_ece),
    "latency_p50_ms": Metric("median time", higher_is_better=False, statistic=_latency(0.50), unit="ms"),
    "latency_p95_ms": Metric("95 % take at most", higher_is_better=False, statistic=_latency(0.95), unit="ms"),
    "latency_p99_ms": Metric("99 % take at most", higher_is_better=False, statistic=_latency(0.99), unit="ms"),
}
"""Every figure by its name, in the order of a table."""


def retrieval_scores(ranking: Sequence[str], relevant: Mapping[str, int]) -> dict[str, float]:
    """Success, recall, MRR and nDCG of one ranking, best first, by ir_measures; `relevant` gives grades, above 0 is relevant.

    Recall at k is the share of all relevant passages that stand among the first k.

    >>> scores = retrieval_scores(["a", "b"], {"b": 1, "c": 1})
    >>> scores["success@1"], scores["mrr@10"], scores["recall@3"]
    (0.0, 0.5, 0.5)
    """
    import ir_measures

    named = {
        **{f"success@{k}": ir_measures.Success @ k for k in (1, 3, 5, DEPTH)},
        f"mrr@{DEPTH}": ir_measures.RR @ DEPTH,
        f"ndcg@{DEPTH}": ir_measures.nDCG @ DEPTH,
        **{f"recall@{k}": ir_measures.R @ k for k in (1, 3, 5, DEPTH)},
    }
    qrels = [ir_measures.Qrel("q", name, grade) for name, grade in relevant.items()]
    run = [ir_measures.ScoredDoc("q", name, 1 / rank) for rank, name in enumerate(ranking[:DEPTH], start=1)]
    values = ir_measures.calc_aggregate(list(named.values()), qrels, run)
    return {name: float(values[measure]) for name, measure in named.items()}


def columns(outcomes: Sequence[Judged]) -> Columns:
    """The outcomes as columns."""
    names = [name for name in METRICS if any(name in outcome.metrics for outcome in outcomes)]
    return Columns(
        np.array([outcome.answerable for outcome in outcomes], bool),
        np.array([outcome.correct for outcome in outcomes], bool),
        np.array([outcome.confidence for outcome in outcomes], float),
        np.array([outcome.elapsed_ms for outcome in outcomes], float),
        {name: np.array([outcome.metrics.get(name, np.nan) for outcome in outcomes], float) for name in names},
    )


def summary(outcomes: Sequence[Judged]) -> dict[str, float]:
    """Every figure that applies to the outcomes."""
    table = columns(outcomes)
    values = ((name, statistic(table)) for name, statistic in applicable(outcomes))
    return {name: value for name, value in values if value is not None}


def intervals(outcomes: Sequence[Judged], *, means_only: bool = False) -> dict[str, tuple[float, float]]:
    """95 % percentile bootstrap over questions of every figure, or every mean, that at least two questions have a part in.

    Resamples for which a figure does not exist (only answerable questions drawn) are left out.
    """
    found = {}
    taken = counts(outcomes)
    table = columns(outcomes)
    rng = np.random.default_rng(0)
    for name, statistic in applicable(outcomes):
        if taken.get(name, 0) < 2 or (means_only and name not in table.metrics):
            continue
        rows = _rows(table, name)
        part = table.take(rows)
        draws = rng.integers(0, len(rows), (RESAMPLES, len(rows)))
        if name in table.metrics:
            values = list(part.metrics[name][draws].mean(axis=1))
        else:
            values = [v for v in (statistic(part.take(draw)) for draw in draws) if v is not None]
        if values:
            low, high = np.quantile(values, [0.025, 0.975])
            found[name] = (float(low), float(high))
    return found


def counts(outcomes: Sequence[Judged]) -> dict[str, int]:
    """The number of questions that each figure is taken over."""
    table = columns(outcomes)
    return {name: len(_rows(table, name)) for name, _ in applicable(outcomes)}


def statistic_of(name: str) -> Statistic:
    """How a figure comes from columns: its own statistic, or the mean over the questions that have a value."""
    own = METRICS[name].statistic

    def mean(table: Columns) -> float | None:
        values = table.metrics[name]
        values = values[~np.isnan(values)]
        return float(values.mean()) if len(values) else None

    return own or mean


def applicable(outcomes: Sequence[Judged]) -> Iterable[tuple[str, Statistic]]:
    """The figures that apply: those with values, and of the whole set only the times where nothing is answered."""
    answers = any("answered_right" in o.metrics or "refused_unanswerable" in o.metrics for o in outcomes)
    valued = set(itertools.chain.from_iterable(outcome.metrics for outcome in outcomes))
    for name, metric in METRICS.items():
        if name in valued if metric.statistic is None else outcomes and (answers or metric.unit == "ms"):
            yield name, statistic_of(name)


def _rows(table: Columns, name: str) -> NDArray[np.int_]:
    if name in table.metrics:
        return np.flatnonzero(~np.isnan(table.metrics[name]))
    return np.arange(len(table.answerable))
