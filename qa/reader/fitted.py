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
        1.62, 3.30, -0.62, 1.02, 3.03, 0.26, 3.76, 0.82, -1.56, 1.12, -0.47, -0.65, 4.16, 0.14, 0.21, -0.14,
        0.00, 0.00, 0.65, -0.53, 0.60, -0.44, 1.19, -0.24, -0.52, -1.60, 1.00, 2.74, -1.44, 1.84, 2.22,
    ),
    second_bias=-3.84,
    trust=(
        0.26, 0.40, 0.07, -1.02, -0.95, -1.18, -2.05, 0.17,
    ),
    trust_bias=-1.35,
    sure=(
        0.09, 0.34, 0.30, 0.38, 0.04, -0.34, 1.23, 0.26, 4.07, 0.12, -0.61, 0.28, 0.11, 0.19, 1.81, 1.38,
        0.05, 0.22, -0.74, 0.17, -0.39, 0.15, 0.50, -0.34, 0.65, -0.63, -0.35, -1.19, -1.34, -0.20, -0.52,
        1.22, -0.21,
    ),
    sure_bias=-5.60,
)  # fmt: skip

TRAINED = Fitted(
    second=(
        0.80, 2.57, -0.67, 0.73, 2.13, 0.19, 1.44, 0.48, -0.93, 0.39, -0.18, -0.10, 4.31, 2.89, 0.03, -0.02,
        0.00, 0.00, 0.14, -0.27, 0.40, -0.26, 0.63, -0.06, -0.20, -0.87, 1.04, 0.79, -0.79, 0.87, 1.04, 0.20,
        0.07,
    ),
    second_bias=0.16,
    trust=(
        0.40, 0.36, -0.70, -0.83, -0.61, -1.00, -2.71, 0.66,
    ),
    trust_bias=-1.64,
    sure=(
        0.10, 0.28, -0.34, 0.02, 0.44, -0.57, 0.98, 0.08, 2.21, 0.22, 0.01, 0.02, -0.35, 0.05, 0.97, 1.50,
        -0.06, 0.12, -1.11, 0.44, -0.12, 0.43, 0.69, -0.23, 0.70, -0.48, -0.17, -0.76, -1.88, -0.59, -0.78,
        0.34, -0.53, 0.04, 0.12,
    ),
    sure_bias=-2.45,
)  # fmt: skip
