"""Weights of the reader's linear models, fitted on the development halves of the gold sets (benchmarks/fit_reader.py).

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
    3.04, 2.33, -0.66, 3.42, 7.20, 0.63, 2.63, 1.97, -1.04, 0.25, 0.33, -0.80, 7.13, 0.00, 0.16, -0.08, -0.00,
    -0.00, 0.88, 0.49, 0.52, -0.03, 0.96, -0.07, -0.31, -1.06, 1.39, -0.18, -3.48,
)  # fmt: skip

PLAIN = Fitted(
    second=(
        2.99, 2.23, -1.14, 0.84, 3.42, 0.70, 2.00, 0.79, -1.77, 1.40, 0.28, -0.51, 4.23, 0.00, 0.13, -0.10,
        -0.00, 0.00, 0.46, 0.01, 0.63, -0.30, 0.76, -0.33, -0.24, -1.56, 1.21, -0.48, -2.40, 1.60, 2.84,
    ),
    second_bias=-0.96,
    trust=(
        0.34, 0.06, 1.03, -0.55, -1.62, -1.64, -1.27, -0.05,
    ),
    trust_bias=-1.05,
    sure=(
        0.10, 0.09, 0.69, 0.22, -0.71, -0.16, 1.51, 0.31, 2.23, 0.05, -1.04, 1.02, 0.44, -0.08, 1.06, 0.00,
        -0.07, 0.24, -1.03, 0.15, -0.61, 0.12, 0.32, -0.35, 0.31, -0.61, -0.47, -0.94, -0.70, -0.35, -0.47,
        1.05, -0.84,
    ),
    sure_bias=-2.84,
)  # fmt: skip

TRAINED = Fitted(
    second=(
        2.42, 2.11, -1.15, 0.73, 2.99, 0.68, 1.44, 0.71, -1.61, 0.92, -0.13, -0.47, 5.11, 0.00, 0.10, -0.08,
        -0.00, -0.00, 0.23, -0.08, 0.66, -0.13, 0.75, -0.34, -0.21, -1.68, 1.38, -0.26, -2.67, 1.45, 2.58,
        0.19, -0.02,
    ),
    second_bias=1.81,
    trust=(
        0.36, 0.08, 0.59, -0.71, -1.29, -1.67, -1.37, 0.18,
    ),
    trust_bias=-1.11,
    sure=(
        0.08, 0.12, 0.41, 0.10, -0.63, -0.43, 0.49, 0.34, 1.65, 0.17, -0.95, 1.00, 0.20, -0.20, 0.40, 0.00,
        -0.32, 0.06, -1.27, 0.37, -0.88, 0.16, 0.36, -0.33, 0.37, -0.55, -0.39, -0.97, -0.74, 0.23, -0.61,
        0.42, -0.03, 0.04, 0.12,
    ),
    sure_bias=-0.88,
)  # fmt: skip
