"""Fusion of the lexical and the dense ranking into one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qa.schema import Hit, Passage, Query

DEPTH = 100
"""Passages that each ranking puts forward; the union is scored by both."""

DENSE_WEIGHT = 1.0
"""Weight of the dense score against the lexical one, both divided by their largest (benchmarks/quality.py)."""


class LexicalScores(Protocol):
    def scores(self, query: Query) -> NDArray[np.float32]: ...


class DenseScores(Protocol):
    def nearest(self, query: Query, sentences: int) -> NDArray[np.int64]: ...

    def scores(self, query: Query, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]: ...


class HybridRanker:
    """Weighted sum of both scores, each divided by the largest that it gives for the question."""

    def __init__(
        self,
        passages: Sequence[Passage],
        lexical: LexicalScores,
        dense: DenseScores,
        *,
        lexical_weight: float = 1.0,
        dense_weight: float = DENSE_WEIGHT,
    ) -> None:
        self._passages = passages
        self._lexical = lexical
        self._dense = dense
        self._weights = (lexical_weight, dense_weight)
        self._copies: dict[str, list[Passage]] = {}
        for passage in passages:
            self._copies.setdefault(passage.text, []).append(passage)

    def search(self, query: Query, k: int, allowed: Callable[[Passage], bool] | None = None) -> list[Hit]:
        """The k best passages among those that are `allowed`; equal scores are ordered by the words of the passage.

        Passages of the same words come once, where the best of them stands, with the others as `same`.
        """
        if not self._passages:
            return []
        lexical = self._lexical.scores(query)
        if allowed is None:
            rows = np.union1d(_top(lexical, DEPTH), self._dense.nearest(query, 4 * DEPTH))
        else:
            rows = np.asarray([i for i, passage in enumerate(self._passages) if allowed(passage)], np.int64)
        if not len(rows):
            return []
        score = self._weights[0] * _by_largest(lexical[rows]) + self._weights[1] * _by_largest(
            self._dense.scores(query, rows)
        )
        order = sorted(
            range(len(rows)), key=lambda i: (-round(float(score[i]), 5), self._passages[int(rows[i])].text, rows[i])
        )
        best: dict[str, tuple[Passage, float]] = {}
        for i in order:
            passage = self._passages[int(rows[i])]
            best.setdefault(passage.text, (passage, float(score[i])))
            if len(best) == k:
                break
        return [
            Hit(passage, value, rank, "hybrid", self._same(passage, allowed))
            for rank, (passage, value) in enumerate(best.values(), start=1)
        ]

    def _same(self, passage: Passage, allowed: Callable[[Passage], bool] | None) -> tuple[Passage, ...]:
        """The other passages of the same words."""
        copies = self._copies[passage.text]
        return tuple(p for p in copies if p is not passage and (allowed is None or allowed(p)))


def _top(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Rows of the k largest scores above zero, with all that equal the last."""
    positive = np.flatnonzero(scores > 0)
    if len(positive) <= k:
        return positive
    cut = np.partition(scores[positive], -k)[-k]
    return np.asarray(positive[scores[positive] >= cut], np.int64)


def _by_largest(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """The scores as shares of the largest; as they are where none is above 0."""
    largest = float(scores.max(initial=0.0))
    return scores / largest if largest > 0 else scores
