"""Compares two runs over the same questions: which figures differ, by how much, and which questions changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from qa.errors import GoldError
from qa.evaluation.measures import METRICS, applicable, columns
from qa.evaluation.outcome import Evaluation, Outcome
from qa.evaluation.significance import paired_mean, paired_statistic


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure in both runs, over the `n` questions that both have."""

    name: str
    a: float
    b: float
    difference: float
    interval: tuple[float, float] | None
    p: float
    test: str
    n: int

    @property
    def better(self) -> bool | None:
        """Whether B is better; None where the two are equal."""
        if self.difference == 0:
            return None
        return (self.difference > 0) == METRICS[self.name].higher_is_better


@dataclass(frozen=True, slots=True)
class Change:
    """One question in both runs; a gain above 0 is for the better."""

    gain: float
    a: Outcome
    b: Outcome


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference of every figure, and the questions that changed: `improved` and `worsened`, the largest change first."""

    differences: tuple[Difference, ...]
    improved: tuple[Change, ...]
    worsened: tuple[Change, ...]
    common: int
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    """Questions whose words or gold answers differ between the runs; they are left out."""
    missing: tuple[str, ...] = ()
    """Headline figures that A has over the common questions and B has not."""

    def worse(self, p: float) -> tuple[Difference, ...]:
        """The headline figures for which B is worse than A in a paired test at that p."""
        return tuple(d for d in self.differences if METRICS[d.name].headline and d.better is False and d.p < p)

    def gaps(self) -> tuple[str, ...]:
        """What keeps the comparison from saying that B is no worse: questions or headline figures that B lacks."""
        found = [f"{len(self.only_a)} questions are missing"] if self.only_a else []
        found += [f"{len(self.altered)} questions have changed"] if self.altered else []
        return (*found, *(f"{name} is missing" for name in self.missing))

    def to_json(self) -> dict[str, Any]:
        """The comparison as JSON."""
        return {
            "common": self.common,
            "only_a": self.only_a,
            "only_b": self.only_b,
            "altered": self.altered,
            "missing": self.missing,
            "differences": [{**asdict(d), "better": d.better} for d in self.differences],
            "improved": [_change_json(change) for change in self.improved],
            "worsened": [_change_json(change) for change in self.worsened],
        }


def compare(a: Evaluation, b: Evaluation) -> Comparison:
    """B against A over the questions that both have; raises GoldError where they have none in common.

    p values are of single tests, two-sided and not corrected for their number.
    """
    ours, theirs = ({o.query_id: o for o in run.outcomes} for run in (a, b))
    shared = [name for name in ours if name in theirs]
    same = [name for name in shared if _gold(ours[name]) == _gold(theirs[name])]
    if not same:
        raise GoldError("the two runs have no question in common")
    pairs = [(ours[name], theirs[name]) for name in same]
    changes = [Change(_gain(one, other), one, other) for one, other in pairs if _seen(one) != _seen(other)]
    return Comparison(
        differences=_differences([one for one, _ in pairs], [other for _, other in pairs]),
        improved=tuple(sorted((c for c in changes if c.gain > 0), key=lambda c: -c.gain)),
        worsened=tuple(sorted((c for c in changes if c.gain < 0), key=lambda c: c.gain)),
        common=len(same),
        only_a=tuple(name for name in ours if name not in theirs),
        only_b=tuple(name for name in theirs if name not in ours),
        altered=tuple(name for name in shared if name not in same),
        missing=_missing([one for one, _ in pairs], [other for _, other in pairs]),
    )


def _missing(a: Sequence[Outcome], b: Sequence[Outcome]) -> tuple[str, ...]:
    """Headline figures for which fewer of B's questions have a value than of A's."""
    ours, theirs = (Counter(name for outcome in run for name in outcome.metrics) for run in (a, b))
    return tuple(name for name, metric in METRICS.items() if metric.headline and theirs[name] < ours[name])


def _differences(a: Sequence[Outcome], b: Sequence[Outcome]) -> tuple[Difference, ...]:
    one, other = columns(a), columns(b)
    found = []
    for name, statistic in applicable(a):
        if METRICS[name].statistic is not None:
            tested = paired_statistic(one, other, statistic)
            value_a, value_b, n = statistic(one), statistic(other), len(a)
            if tested is None or value_a is None or value_b is None:
                continue
        elif name in other.metrics:
            both = ~np.isnan(one.metrics[name]) & ~np.isnan(other.metrics[name])
            if not both.any():
                continue
            left, right = one.metrics[name][both], other.metrics[name][both]
            tested = paired_mean(left, right)
            value_a, value_b, n = float(left.mean()), float(right.mean()), int(both.sum())
        else:
            continue
        found.append(Difference(name, value_a, value_b, tested.difference, tested.interval, tested.p, tested.test, n))
    return tuple(found)


def _gold(outcome: Outcome) -> tuple[object, ...]:
    """What makes it the same question. The evidence is left out: an index may hold other documents."""
    return outcome.question, outcome.history, outcome.accepted, outcome.answerable


def _seen(outcome: Outcome) -> tuple[object, ...]:
    """What a user sees of it."""
    return outcome.answered, outcome.short, outcome.quotes, outcome.ranking


def _gain(a: Outcome, b: Outcome) -> float:
    """How much better B is: what is given counts most, then the best candidate, then its words and the ranking."""

    def worth(outcome: Outcome) -> float:
        m = outcome.metrics
        given = m.get("answered_right", m.get("refused_unanswerable", 0.0))
        return 8 * given + 4 * m.get("answer_in_quote", 0.0) + 2 * m.get("f1", 0.0) + m.get("mrr@10", 0.0)

    return worth(b) - worth(a)


def _change_json(change: Change) -> dict[str, Any]:
    def brief(outcome: Outcome) -> dict[str, Any]:
        quote = outcome.quotes[0] if outcome.quotes else ""
        return {"answered": outcome.answered, "short": outcome.short, "quote": quote, "lost": outcome.lost}

    return {
        "id": change.a.query_id,
        "question": change.a.question,
        "accepted": change.a.accepted,
        "gain": change.gain,
        "a": brief(change.a),
        "b": brief(change.b),
    }
