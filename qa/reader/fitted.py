"""Weights of the reader's linear models, fitted on the development halves of the gold sets and on questions
written over papers (benchmarks/fit_reader.py).

Features are in the order of `evidence.FEATURES`, then `evidence.ALONE`, then `evidence.SEEN` where a network reads along.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fitted:
    """The second model, which orders sentences, the third, which says how far to trust one, the fourth, how likely it answers."""

    second: tuple[float, ...]
    second_bias: float
    trust: tuple[float, ...]
    trust_bias: float
    sure: tuple[float, ...]
    sure_bias: float


FIRST = (
    2.28, 3.81, -0.84, 3.61, 5.08, 0.40, 3.52, 1.62, -0.95, 0.56, -0.91, -1.00, 6.57, 1.91, 0.25, -0.10, 0.00,
    0.00, 0.17, -0.30, 0.44, -0.58, 1.56, -0.20, -0.43, -0.98, 1.20, 2.28, -2.17,
)  # fmt: skip

PLAIN = Fitted(
    second=(
        1.69, 3.60, -0.90, 0.90, 2.68, 0.35, 3.06, 0.82, -1.55, 0.88, -0.56, -0.72, 4.37, 1.28, 0.14, -0.09,
        -0.00, 0.00, 0.25, -0.64, 0.38, -0.78, 1.25, -0.22, -0.49, -1.35, 0.91, 2.45, -1.09, 1.78, 2.14,
    ),
    second_bias=-3.23,
    trust=(
        0.32, 0.32, 0.07, -1.04, -0.76, -0.90, -2.12, 0.22,
    ),
    trust_bias=-1.40,
    sure=(
        0.09, 0.28, 0.58, 0.42, -0.11, -0.16, 2.27, 0.07, 3.30, -0.07, -0.37, 0.56, 0.39, 0.23, 1.75, 2.30,
        0.06, 0.21, -0.61, 0.26, -0.55, 0.07, 0.52, -0.32, 0.57, -0.52, -0.31, -1.00, -1.30, 0.33, -0.56,
        1.68, -0.36,
    ),
    sure_bias=-5.02,
)  # fmt: skip

TRAINED = Fitted(
    second=(
        0.65, 2.25, -1.08, 0.76, 2.27, 0.10, 1.49, 0.33, -0.63, 0.25, -0.47, -0.56, 4.59, -1.28, 0.01, -0.01,
        -0.00, 0.00, -0.19, -0.32, 0.24, -0.34, 1.36, -0.17, -0.30, -1.06, 0.81, 1.23, -1.03, 0.95, 1.14,
        0.32, 0.16,
    ),
    second_bias=1.98,
    trust=(
        0.37, 0.31, -0.50, -1.32, -0.40, -0.71, -2.10, 0.51,
    ),
    trust_bias=-1.58,
    sure=(
        0.09, 0.28, 0.38, -0.10, -0.02, 0.17, 1.42, 0.04, 2.15, -0.19, -0.41, 0.01, 0.21, 0.17, 1.93, 2.03,
        -0.03, 0.16, -1.06, 0.51, -0.82, 0.28, 0.44, -0.60, 0.35, -0.28, -0.22, -1.04, -1.40, 0.16, -1.11,
        0.45, 0.02, 0.06, 0.14,
    ),
    sure_bias=-2.11,
)  # fmt: skip
