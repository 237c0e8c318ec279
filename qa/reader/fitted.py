"""Weights of the reader's linear models, fitted on the development halves of the gold sets and on questions written over papers
and invented notes (benchmarks/fit_reader.py).

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
    2.32, 3.67, -0.75, 3.52, 4.99, 0.42, 3.63, 1.59, -0.95, 0.54, -0.85, -1.03, 6.59, 1.58, 0.35, -0.15,
    -0.00, 0.00, 0.06, -0.37, 0.41, -0.54, 1.79, -0.22, -0.47, -1.04, 1.16, 2.20, -2.22,
)  # fmt: skip

PLAIN = Fitted(
    second=(
        1.74, 3.50, -0.84, 1.00, 2.91, 0.39, 3.24, 0.85, -1.51, 0.84, -0.45, -0.81, 4.55, 1.07, 0.25, -0.17,
        -0.00, -0.00, 0.24, -0.67, 0.32, -0.66, 1.34, -0.31, -0.52, -1.40, 0.90, 2.64, -1.00, 1.64, 1.97,
    ),
    second_bias=-3.54,
    trust=(
        0.31, 0.32, -0.01, -0.95, -0.94, -1.00, -2.07, 0.21,
    ),
    trust_bias=-1.32,
    sure=(
        0.09, 0.29, 0.34, 0.43, -0.16, -0.32, 1.63, 0.13, 3.56, -0.03, -0.34, 0.44, 0.27, 0.26, 1.73, 0.34,
        0.09, 0.27, -0.69, 0.27, -0.34, -0.03, 0.36, -0.28, 0.55, -0.50, -0.48, -1.10, -1.29, 0.48, -0.43,
        1.59, -0.74,
    ),
    sure_bias=-5.13,
)  # fmt: skip

TRAINED = Fitted(
    second=(
        0.66, 2.15, -0.93, 0.80, 2.33, 0.17, 1.48, 0.40, -0.72, -0.28, -0.49, -0.33, 5.49, 0.10, 0.10, -0.06,
        0.00, 0.00, -0.28, -0.42, 0.16, -0.19, 1.36, -0.27, -0.22, -1.31, 0.87, 1.37, -0.77, 0.80, 0.96, 0.29,
        0.16,
    ),
    second_bias=1.34,
    trust=(
        0.41, 0.34, -0.39, -1.38, -0.23, -1.07, -2.89, 0.68,
    ),
    trust_bias=-1.76,
    sure=(
        0.11, 0.30, 0.06, -0.08, 0.16, -0.22, 1.45, -0.12, 2.74, -0.14, -0.09, 0.03, -0.17, -0.03, 1.71,
        -0.62, -0.06, 0.09, -0.86, 0.48, -0.50, 0.37, 0.25, -0.48, 0.69, -0.22, -0.32, -1.36, -1.58, 0.06,
        -0.77, 0.49, -0.28, 0.06, 0.17,
    ),
    sure_bias=-2.86,
)  # fmt: skip
