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
    2.81, -0.60, -0.50, 0.14, 4.62, 1.04, 2.49, -0.43, -2.47, 1.40, 1.11, 1.06, -0.27, -2.19, 0.56, -0.44,
    -0.09, 0.10, -0.40, 0.01, -0.28, -0.08, 0.01, -0.37, 0.17, -2.71,
)  # fmt: skip

PLAIN = Fitted(
    second=(
        3.57, -1.44, -0.63, -2.86, 6.62, 0.31, 4.41, -0.76, -2.07, 2.27, 0.96, 0.60, -1.23, -2.56, 0.92,
        -0.85, -0.10, 0.55, 0.06, 0.23, -1.67, 0.41, -0.19, -1.12, 1.50, -2.53, 2.68, 1.32,
    ),
    second_bias=-2.68,
    trust=(
        0.77, 0.30, 0.51, -0.26, -1.22, -2.46, -0.65, 0.16,
    ),
    trust_bias=-0.18,
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
