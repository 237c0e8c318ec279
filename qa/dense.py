"""FAISS ranking: a passage is as close to a question as its closest sentence.

One vector a sentence: on the 60 papers of the development set the right passage is first for 38.7 % of the questions
against 34.5 % with one vector a passage, and among five for 66.4 % against 56.3 % (benchmarks/quality.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qa.errors import IndexStateError
from qa.schema import Embedder, Passage, Query, Vectors

if TYPE_CHECKING:
    import faiss


class DenseScorer:
    """Exact inner products of a question with sentences.

    Row j of `index` is the unit vector of sentence j; `starts[i]` is the first row of passage i, shape (passages + 1,).
    """

    def __init__(self, index: faiss.IndexFlatIP, starts: NDArray[np.int64], embedder: Embedder) -> None:
        import faiss

        faiss.omp_set_num_threads(1)
        if index.ntotal != starts[-1]:
            raise IndexStateError(
                f"the index holds {index.ntotal} vectors for {starts[-1]} sentences; rebuild it with: qa index"
            )
        self._index = index
        self._starts = starts
        self._vectors = vectors_of(index)
        self._embedder = embedder
        self._last: tuple[str, Vectors] | None = None

    def embed(self, query: Query) -> Vectors:
        """The unit vector of the question, shape (dimension,); the last one is kept, as ranking and reading both ask."""
        last = self._last
        if last is None or last[0] != query.text:
            last = (query.text, self._embedder.embed_queries([query.text])[0])
            if len(last[1]) != self._index.d:
                raise IndexStateError(
                    f"the index has vectors of {self._index.d} numbers, the model {self._embedder.name} gives "
                    f"{len(last[1])}; rebuild it with: qa index"
                )
            self._last = last
        return last[1]

    def nearest(self, query: Query, sentences: int) -> NDArray[np.int64]:
        """Rows of the passages whose sentences are nearest, each once, nearest first."""
        if not self._index.ntotal:
            return np.zeros(0, np.int64)
        _, found = self._index.search(self.embed(query)[None, :], min(sentences, self._index.ntotal))
        rows = np.searchsorted(self._starts, found[0], side="right") - 1
        _, first = np.unique(rows, return_index=True)
        return np.asarray(rows[np.sort(first)], np.int64)

    def scores(self, query: Query, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the question with the closest sentence of each given passage, shape (len(rows),)."""
        return np.asarray([self.sentence_scores(query, int(row)).max(initial=-1.0) for row in rows], np.float32)

    def sentence_scores(self, query: Query, row: int) -> NDArray[np.float32]:
        """Cosine of the question with each sentence of a passage, in their order."""
        return np.asarray(self._vectors[self._starts[row] : self._starts[row + 1]] @ self.embed(query), np.float32)


def sentence_starts(passages: Sequence[Passage]) -> NDArray[np.int64]:
    """First vector row of each passage, and their number at the end."""
    return np.cumsum([0] + [len(passage.sentences) for passage in passages], dtype=np.int64)


def make_index(vectors: Vectors) -> faiss.IndexFlatIP:
    """A flat inner-product index over unit rows, shape (sentences, dimension)."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, np.float32))
    return index


def write_index(index: faiss.IndexFlatIP, path: Path) -> None:
    """Write the file; raises OSError. FAISS's own writing says nothing where the last of it fails to reach the file."""
    import faiss

    path.write_bytes(faiss.serialize_index(index).data)


def read_index(path: Path) -> faiss.IndexFlatIP:
    """The index of a FAISS file; raises IndexStateError where it is not a flat one."""
    import faiss

    try:
        index = faiss.read_index(str(path))
    except RuntimeError as error:
        raise IndexStateError(f"{path}: not a readable FAISS index; rebuild it with: qa index") from error
    if not isinstance(index, faiss.IndexFlatIP):
        raise IndexStateError(f"{path}: a {type(index).__name__}, not a flat index; rebuild it with: qa index")
    return index


def vectors_of(index: faiss.IndexFlatIP) -> Vectors:
    """The rows of an index without copying them, shape (sentences, dimension); valid as long as the index lives."""
    import faiss

    if not index.ntotal:
        return np.zeros((0, index.d), np.float32)
    return np.asarray(faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d)).reshape(index.ntotal, index.d)
