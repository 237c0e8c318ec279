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
    """Answers that are about equally sure: how many, how sure on average, and what share of them is right."""

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
    """The answers in order of confidence, least first, in ten bins of equal mass (one more or less); fewer of fewer answers.

    Among equally sure answers the order is taken as unknown: each counts as the share of them that is right.
    """
    sure, right = np.asarray(confidence, float), np.asarray(correct, float)
    if not len(sure):
        return []
    _, group = np.unique(sure, return_inverse=True)
    share = np.bincount(group, right) / np.bincount(group)
    order = np.sort(group)
    ordered, right = np.sort(sure), share[order]
    parts = np.array_split(np.arange(len(ordered)), min(BINS, len(ordered)))
    return [Bin(len(part), float(ordered[part].mean()), float(right[part].mean())) for part in parts]


def ece(confidence: Sequence[float] | Floats, correct: Sequence[bool] | NDArray[np.bool_]) -> float | None:
    """Expected calibration error: |share right - mean confidence| over bins of equal mass, weighted by their answers.

    Guo et al., 2017, https://arxiv.org/abs/1706.04599; bins of equal mass: Nixon et al., 2019, https://arxiv.org/abs/1904.01685.
    None without questions.

    >>> round(ece([0.95, 0.85], [True, False]), 2)
    0.45
    """
    total = len(confidence)
    if not total:
        return None
    return sum(b.count * abs(b.right - b.confidence) for b in reliability(confidence, correct)) / total
