"""Weights of the reader's linear models, fitted on the development halves of the gold sets (benchmarks/fit_reader.py).

Features are in the order of `evidence.FEATURES`, then `evidence.ALONE`, then `evidence.SEEN` where a network reads along.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fitted:
    """The second model, which orders sentences, and the third, which says how far to trust one."""

    second: tuple[float, ...]
    second_bias: float
    trust: tuple[float, ...]
    trust_bias: float


FIRST = (
    2.85, -0.58, -0.49, 0.09, 4.64, 1.02, 2.48, -0.32, -2.44, 1.14, 1.14, 1.03, -0.10, -2.17, 0.56, -0.40,
    -0.10, 0.10, -0.42, -0.00, -0.27, -0.07, -0.01, -0.36, 0.28, -2.79,
)  # fmt: skip

PLAIN = Fitted(
    second=(
        3.64, -1.48, -0.64, -2.98, 6.44, 0.34, 4.37, -0.53, -2.04, 1.81, 0.95, 0.58, -0.89, -2.42, 0.89,
        -0.74, -0.13, 0.50, -0.07, 0.27, -1.58, 0.38, -0.23, -1.07, 1.80, -2.63, 2.68, 1.18,
    ),
    second_bias=-2.53,
    trust=(
        0.76, 0.23, 0.75, -0.44, -1.00, -2.34, -0.63, 0.22,
    ),
    trust_bias=-0.15,
)  # fmt: skip

TRAINED = Fitted(
    second=(
        3.17, -1.45, -0.75, -2.98, 6.06, 0.33, 4.47, -0.62, -1.90, 1.85, 0.78, 0.59, -1.01, -2.28, 0.77,
        -0.72, -0.08, 0.50, 0.17, 0.32, -1.69, 0.43, -0.19, -1.16, 1.67, -2.72, 2.30, 1.12, 0.06, -0.10,
    ),
    second_bias=-1.72,
    trust=(
        0.76, 0.22, 0.59, -0.32, -1.25, -2.30, -0.64, 0.25,
    ),
    trust_bias=-0.08,
)  # fmt: skip
