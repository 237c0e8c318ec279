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

# Fitted with eight sentences looked at a second time, not six.
TRAINED = Fitted(
    second=(
        2.49, -0.43, -0.68, -2.29, 4.20, 0.49, 4.16, -0.73, -1.29, 1.93, 0.68, 0.24, -0.99, -2.57, 0.68,
        -0.55, -0.05, 0.50, -0.32, 0.39, -0.49, 0.19, 0.0, 0.0, 0.0, 0.0, 2.22, 0.72, 0.05, 0.10, -0.07, -0.13,
    ),
    second_bias=-4.25,
    trust=(
        0.65, 0.25, 0.19, -1.12, 0.0, -1.0, -1.0, 0.0, 0.06, -0.10, -0.08, 0.29,
    ),
    trust_bias=0.42,
)  # fmt: skip
