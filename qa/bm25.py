"""Lexical ranking: BM25 over stems and pairs of neighbouring stems, by bm25s.

A term of the question that has several variants (an abbreviation and its long form, a lay word and the medical one) counts
once, with its best variant.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qa.errors import IndexStateError
from qa.schema import Passage, Query
from qa.text import stems

if TYPE_CHECKING:
    import bm25s

# Tuned on the 60 papers of the development set (benchmarks/quality.py).
K1, B = 0.9, 0.4
PAIR_WEIGHT = 0.25
VARIANT_WEIGHT = 0.8
"""What a match of a synonym counts against a match of the words as asked."""


def passage_tokens(text: str) -> list[str]:
    """Stems of the text and of each two neighbours.

    >>> passage_tokens("Doses of baricitinib")
    ['dose', 'baricitinib', 'dose baricitinib']
    """
    single = stems(text)
    return single + [f"{a} {b}" for a, b in pairwise(single)]


class BM25Scorer:
    """BM25 scores of the passages; row i is passage i of the store."""

    def __init__(self, engine: bm25s.BM25, size: int) -> None:
        self._engine = engine
        self.size = size
        counts = engine.scores
        if size and counts["num_docs"] != size:
            raise IndexStateError(
                f"the lexical index holds {counts['num_docs']} passages, the store {size}; rebuild it with: qa index"
            )

    @classmethod
    def build(cls, passages: Sequence[Passage]) -> BM25Scorer:
        import bm25s

        engine = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy")
        engine.index([passage_tokens(p.index_text) or [""] for p in passages] or [[""]], show_progress=False)
        return cls(engine, len(passages))

    def save(self, folder: Path) -> None:
        """Write the files; raises OSError. NumPy says nothing where the last of an array fails to reach its file."""
        self._engine.save(str(folder), show_progress=False)
        for name in ("data", "indices", "indptr"):
            path, written = folder / f"{name}.csc.index.npy", False
            with suppress(ValueError, EOFError):
                written = np.array_equal(np.load(path), self._engine.scores[name])
            if not written:
                raise OSError(errno.EIO, "was not written in full", str(path))

    @classmethod
    def load(cls, folder: Path, size: int) -> BM25Scorer:
        import bm25s

        try:
            return cls(bm25s.BM25.load(str(folder), load_corpus=False), size)
        except (OSError, ValueError, KeyError) as error:
            raise IndexStateError(f"{folder}: not a readable lexical index; rebuild it with: qa index") from error

    def scores(self, query: Query) -> NDArray[np.float32]:
        """BM25 of every passage, shape (passages,); 0 where no term occurs."""
        total = np.zeros(self.size, np.float32)
        for term in query.terms:
            best = np.zeros(self.size, np.float32)
            for i, variant in enumerate(term.variants):
                weight = 1.0 if i == 0 else VARIANT_WEIGHT / np.sqrt(len(variant))
                score = np.zeros(self.size, np.float32)
                for stem in variant:
                    self._add(stem, weight, score)
                np.maximum(best, score, out=best)
            total += best
        asked = stems(query.text)
        for pair in dict.fromkeys(pairwise(asked)):
            self._add(" ".join(pair), PAIR_WEIGHT, total)
        return total

    def _add(self, token: str, weight: float, out: NDArray[np.float32]) -> None:
        """Add the weighted scores of one token, which bm25s keeps as a column of a sparse matrix."""
        column = self._engine.vocab_dict.get(token)
        if column is None:
            return
        counts = self._engine.scores
        begin, end = counts["indptr"][column], counts["indptr"][column + 1]
        out[counts["indices"][begin:end]] += weight * counts["data"][begin:end]
