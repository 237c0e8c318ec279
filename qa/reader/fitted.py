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
    2.19, 3.41, -0.72, 3.24, 6.35, 0.35, 3.27, 1.79, -0.91, 0.63, -0.03, -0.90, 6.61, 0.00, 0.39, -0.18,
    -0.00, -0.00, 0.23, -0.09, 0.53, -0.28, 1.38, -0.19, -0.46, -1.04, 1.26, 1.41, -2.28,
)  # fmt: skip

PLAIN = Fitted(
    second=(
        1.99, 3.20, -0.87, 0.75, 2.55, 0.43, 2.84, 0.78, -1.38, 1.82, -0.07, -0.69, 3.81, 0.00, 0.30, -0.21,
        0.00, -0.00, 0.03, -0.44, 0.54, -0.51, 1.13, -0.34, -0.43, -1.45, 1.04, 1.59, -1.26, 1.59, 2.30,
    ),
    second_bias=-2.63,
    trust=(
        0.34, 0.24, 0.17, -0.85, -0.93, -1.32, -1.09, -0.28,
    ),
    trust_bias=-1.09,
    sure=(
        0.10, 0.22, 0.65, 0.20, -0.43, -0.14, 1.41, 0.29, 2.45, -0.07, -0.54, 0.98, 0.75, 0.08, 1.11, 0.00,
        -0.01, 0.21, -0.87, -0.13, -0.64, -0.07, 0.38, -0.41, 0.66, -0.56, -0.26, -0.78, -0.90, -0.48, -0.09,
        1.53, -0.43,
    ),
    sure_bias=-3.83,
)  # fmt: skip

TRAINED = Fitted(
    second=(
        0.58, 2.42, -1.04, 0.92, 2.52, 0.19, 1.83, 0.60, -0.82, 0.88, -0.15, -0.59, 4.99, 0.00, 0.18, -0.11,
        0.00, 0.00, -0.10, -0.21, 0.70, -0.15, 1.45, -0.26, -0.35, -1.53, 0.98, 0.62, -1.24, 1.16, 1.44, 0.33,
        0.07,
    ),
    second_bias=2.18,
    trust=(
        0.44, 0.23, -0.91, -0.76, -0.63, -1.59, -1.73, 0.20,
    ),
    trust_bias=-1.76,
    sure=(
        0.10, 0.20, 0.43, -0.21, -0.30, -0.26, -0.69, 0.21, 2.28, -0.24, -0.21, 0.64, 0.17, -0.02, 0.92, 0.00,
        -0.09, 0.09, -0.99, 0.25, -0.80, 0.16, 0.47, -0.48, 0.56, -0.37, -0.13, -1.35, -0.80, -0.25, -0.71,
        0.66, 0.01, 0.07, 0.18,
    ),
    sure_bias=-1.98,
)  # fmt: skip
