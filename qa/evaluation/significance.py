"""Paired tests of one figure over the same questions in two runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.evaluation.measures import RESAMPLES, Columns, Statistic

PERMUTATIONS = 9999
"""Random exchanges of the two runs' outcomes; p is (exchanges at least as extreme + 1) / (all + 1)."""

SLOW_PERMUTATIONS = 999
"""For figures that must be worked out anew from all outcomes each time."""


@dataclass(frozen=True, slots=True)
class Tested:
    """Difference of a figure (B - A), its 95 % interval, the p value and the test that gave it."""

    difference: float
    interval: tuple[float, float] | None
    p: float
    test: str


def paired_mean(a: NDArray[np.float64], b: NDArray[np.float64]) -> Tested:
    """Test of the mean of `b - a`, shape (questions,): McNemar's exact test for yes and no, else paired randomisation.

    McNemar, 1947, Psychometrika 12:153; Smucker, Allan and Carterette, 2007, https://doi.org/10.1145/1321440.1321528. The
    interval is the percentile bootstrap over questions. Both tests are two-sided.
    """
    from scipy import stats

    change = b - a
    interval = _interval(change)
    if np.isin(a, (0, 1)).all() and np.isin(b, (0, 1)).all():
        gained, lost = int((change > 0).sum()), int((change < 0).sum())
        p = float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
        return Tested(float(change.mean()), interval, p, "McNemar")
    moved = change[change != 0]
    if len(moved) < 2:  # exchanging one pair always gives as large a difference
        return Tested(float(change.mean()), interval, 1.0, "randomisation")
    result = stats.permutation_test(
        (moved,), np.mean, permutation_type="samples", n_resamples=PERMUTATIONS, vectorized=True, rng=0
    )
    return Tested(float(change.mean()), interval, float(result.pvalue), "randomisation")


def paired_statistic(a: Columns, b: Columns, statistic: Statistic) -> Tested | None:
    """Paired randomisation of a figure that is no mean; None where either run has none. The interval is a paired bootstrap."""
    value_a, value_b = statistic(a), statistic(b)
    if value_a is None or value_b is None:
        return None
    both = _stacked(a, b)
    n = len(a.answerable)
    rows = np.arange(n)
    rng = np.random.default_rng(0)
    observed = value_b - value_a
    extreme = 0
    for _ in range(SLOW_PERMUTATIONS):
        swap = rng.random(n) < 0.5
        one = statistic(both.take(np.where(swap, rows + n, rows)))
        other = statistic(both.take(np.where(swap, rows, rows + n)))
        extreme += one is not None and other is not None and abs(other - one) >= abs(observed) - 1e-12
    drawn = []
    for _ in range(RESAMPLES):
        draw = rng.integers(0, n, n)
        one, other = statistic(both.take(draw)), statistic(both.take(draw + n))
        if one is not None and other is not None:
            drawn.append(other - one)
    interval = _quantiles(np.asarray(drawn)) if n > 1 and drawn else None
    return Tested(observed, interval, (extreme + 1) / (SLOW_PERMUTATIONS + 1), "randomisation")


def _interval(change: NDArray[np.float64]) -> tuple[float, float] | None:
    if len(change) < 2:
        return None
    draws = np.random.default_rng(0).integers(0, len(change), (RESAMPLES, len(change)))
    return _quantiles(change[draws].mean(axis=1))


def _quantiles(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _stacked(a: Columns, b: Columns) -> Columns:
    return Columns(
        np.concatenate([a.answerable, b.answerable]),
        np.concatenate([a.correct, b.correct]),
        np.concatenate([a.confidence, b.confidence]),
        np.concatenate([a.elapsed_ms, b.elapsed_ms]),
        {},
    )
