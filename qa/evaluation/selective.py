"""How well confidence tells right from wrong answers: AUROC, risk and coverage, calibration.

Throughout, `confidence` and `correct` have one entry a question: the probability that the assistant gives its best candidate,
and whether that is right (never, where nothing answers the question).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers with a confidence in one range: how many, how sure on average, and what share of them is right."""

    count: int
    confidence: float
    right: float


def auroc(confidence: Sequence[float] | Floats, positive: Sequence[bool] | NDArray[np.bool_]) -> float | None:
    """Chance that a question of the positive class has more confidence than one of the other; ties count half.

    The rank sum of Mann and Whitney, 1947, Annals of Mathematical Statistics 18:50. Here the positive class is "the documents
    answer it". None where all questions are of one class.

    >>> auroc([0.9, 0.6, 0.4, 0.1], [True, False, True, False])
    0.75
    """
    from scipy.stats import rankdata

    positive = np.asarray(positive, bool)
    n, others = int(positive.sum()), int((~positive).sum())
    if not n or not others:
        return None
    ranks = rankdata(np.asarray(confidence, float))
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * others))


def risk_coverage(confidence: Sequence[float] | Floats, correct: Sequence[bool] | NDArray[np.bool_]) -> Floats:
    """Share of wrong answers when only the i + 1 surest questions are answered, for each i; shape (n,).

    El-Yaniv and Wiener, 2010, Journal of Machine Learning Research 11:1605. Among equally sure questions the order is taken as
    unknown: each counts as the share of them that is wrong.

    >>> risk_coverage([0.9, 0.8, 0.7], [True, False, True]).round(2).tolist()
    [0.0, 0.5, 0.33]
    """
    sure = np.asarray(confidence, float)
    wrong = 1.0 - np.asarray(correct, float)
    _, group = np.unique(-sure, return_inverse=True)
    share = np.bincount(group, wrong) / np.bincount(group) if len(group) else wrong
    return np.cumsum(share[np.sort(group)]) / np.arange(1, len(sure) + 1)


def aurc(confidence: Sequence[float] | Floats, correct: Sequence[bool] | NDArray[np.bool_]) -> float | None:
    """Area under the risk–coverage curve: its mean over all coverages; smaller is better.

    Geifman, Uziel and El-Yaniv, 2019, https://arxiv.org/abs/1805.08206. None without questions.
    """
    return float(risk_coverage(confidence, correct).mean()) if len(confidence) else None


def reliability(confidence: Sequence[float] | Floats, correct: Sequence[bool] | NDArray[np.bool_]) -> list[Bin]:
    """The answers in ten ranges of confidence of equal width, [0, 0.1] first; a range is open below."""
    sure, right = np.asarray(confidence, float), np.asarray(correct, float)
    place = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)
    found = []
    for i in range(BINS):
        inside = place == i
        count = int(inside.sum())
        found.append(Bin(count, float(sure[inside].mean()), float(right[inside].mean())) if count else Bin(0, 0.0, 0.0))
    return found


def ece(confidence: Sequence[float] | Floats, correct: Sequence[bool] | NDArray[np.bool_]) -> float | None:
    """Expected calibration error: |share right - mean confidence| over the ranges, weighted by their answers.

    Guo et al., 2017, https://arxiv.org/abs/1706.04599. None without questions.

    >>> round(ece([0.95, 0.85], [True, False]), 2)
    0.45
    """
    total = len(confidence)
    if not total:
        return None
    return sum(b.count * abs(b.right - b.confidence) for b in reliability(confidence, correct)) / total
