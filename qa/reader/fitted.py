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
    2.93, -0.53, -0.17, 0.88, 2.99, 1.43, 2.56, -0.76, -2.46, 1.94, 0.97, 1.30, -0.63, -2.83, 0.22, 0.02,
    -0.03, 0.24, -0.25, 0.08, 0.21, -0.11,
)  # fmt: skip

PLAIN = Fitted(
    second=(
        3.17, 0.16, -0.23, -3.11, 5.32, 0.41, 3.92, -0.83, -1.60, 2.14, 0.70, 0.29, -1.55, -2.77, 0.75, -0.83,
        -0.07, 0.59, -0.37, 0.34, -0.44, -0.10, 3.28, 0.15,
    ),
    second_bias=-5.24,
    trust=(0.72, 0.23, 0.35, -0.73),
    trust_bias=-0.02,
)  # fmt: skip

# Fitted with eight sentences looked at a second time, not six.
TRAINED = Fitted(
    second=(
        2.49, -0.43, -0.68, -2.29, 4.20, 0.49, 4.16, -0.73, -1.29, 1.93, 0.68, 0.24, -0.99, -2.57, 0.68,
        -0.55, -0.05, 0.50, -0.32, 0.39, -0.49, 0.19, 2.22, 0.72, 0.05, 0.10, -0.07, -0.13,
    ),
    second_bias=-4.25,
    trust=(
        0.65, 0.25, 0.19, -1.12, 0.06, -0.10, -0.08, 0.29,
    ),
    trust_bias=0.42,
)  # fmt: skip
