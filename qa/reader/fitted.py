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
    3.04, 2.15, -0.62, 3.36, 7.06, 0.63, 2.81, 1.96, -1.04, 0.21, 0.35, -0.79, 7.19, 0.00, 0.16, -0.08, -0.00,
    0.00, 0.87, 0.49, 0.52, 0.00, 0.96, -0.06, -0.32, -1.05, 1.39, -0.14, -3.44,
)  # fmt: skip

PLAIN = Fitted(
    second=(
        3.01, 2.16, -1.06, 0.88, 3.57, 0.66, 2.10, 0.81, -1.79, 1.24, 0.36, -0.49, 4.32, 0.00, 0.14, -0.10,
        0.00, 0.00, 0.53, 0.01, 0.62, -0.27, 0.58, -0.33, -0.25, -1.56, 1.18, -0.43, -2.39, 1.62, 2.87,
    ),
    second_bias=-1.05,
    trust=(
        0.33, 0.05, 1.10, -0.60, -1.65, -1.64, -1.25, -0.11,
    ),
    trust_bias=-0.98,
    sure=(
        0.10, 0.09, 0.66, 0.20, -0.71, -0.21, 1.19, 0.36, 2.37, 0.03, -1.06, 1.04, 0.49, -0.05, 1.05, 0.00,
        -0.06, 0.24, -1.08, 0.13, -0.62, 0.15, 0.31, -0.39, 0.30, -0.58, -0.44, -0.95, -0.71, -0.34, -0.43,
        1.00, -1.01,
    ),
    sure_bias=-2.99,
)  # fmt: skip

TRAINED = Fitted(
    second=(
        2.60, 2.10, -1.09, 0.79, 3.21, 0.64, 1.45, 0.73, -1.63, 0.81, 0.01, -0.42, 5.11, 0.00, 0.08, -0.06,
        0.00, -0.00, 0.34, -0.06, 0.65, -0.15, 0.58, -0.32, -0.21, -1.59, 1.34, -0.13, -2.68, 1.46, 2.58,
        0.13, 0.04,
    ),
    second_bias=1.30,
    trust=(
        0.36, 0.04, 0.54, -0.46, -1.45, -1.45, -1.11, 0.14,
    ),
    trust_bias=-1.02,
    sure=(
        0.08, 0.10, 0.35, 0.15, -0.81, -0.49, 1.10, 0.43, 1.52, 0.14, -0.97, 0.88, 0.32, -0.10, 0.49, 0.00,
        -0.28, 0.02, -1.02, 0.29, -0.86, 0.17, 0.49, -0.31, 0.35, -0.58, -0.43, -1.01, -0.73, 0.27, -0.61,
        0.66, -0.68, 0.03, 0.10,
    ),
    sure_bias=-0.91,
)  # fmt: skip
