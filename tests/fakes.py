"""Parts for tests that need no model: an embedder that hashes stems, and documents and queries made from a few words."""

from __future__ import annotations

import hashlib
import re
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from qa.corpus import read_document
from qa.schema import Document, Passage, Query, Sentence, Term, Vectors
from qa.text import stems

# Frequent words of the language with their rarity, as a model's vocabulary gives them.
COMMON = {
    word: rank / 40
    for rank, word in enumerate(
        "the a of is what was who when how long about drug dose table count play weather hotel patients mended".split()
    )
}


class FakeEmbedder:
    """A text is the bag of its stems, each at a hashed place of a vector; no randomness, no model, no network.

    `embedded` lists every text that was given to `embed_passages`, `asked` those given to `embed_queries`.
    """

    def __init__(self, name: str = "fake", *, dimension: int = 64, precision: str = "float32") -> None:
        self.name = name
        self.dimension = dimension
        self.precision = precision
        self.common_words = COMMON
        self.embedded: list[str] = []
        self.asked: list[str] = []

    @property
    def identity(self) -> dict[str, str]:
        digest = hashlib.sha256(f"{self.name} {self.dimension}".encode()).hexdigest()
        return {"name": self.name, "sha256": digest, "precision": self.precision}

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return self._rows([self._bag(text) for text in texts])

    def embed_passages(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[tuple[int, int]]] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Vectors:
        self.embedded += texts
        rows = []
        wanted = [[(0, len(text))] for text in texts] if spans is None else spans
        for text, ranges in zip(texts, wanted, strict=True):
            rows += [self._bag(text[start:end]) + 0.2 * self._bag(text) for start, end in ranges]
            if progress:
                progress(1)
        return self._rows(rows)

    def count_pieces(self, text: str) -> int:
        """One for each mark, and for each six letters of a word."""
        return sum((len(word) + 5) // 6 for word in re.findall(r"\w+|[^\w\s]", text))

    def _bag(self, text: str) -> Vectors:
        bag = np.zeros(self.dimension, np.float32)
        for stem in stems(text):
            digest = hashlib.sha256(stem.encode()).digest()
            bag[int.from_bytes(digest[:4], "big") % self.dimension] += 1 if digest[4] % 2 else -1
        return bag

    def _rows(self, rows: Sequence[Vectors]) -> Vectors:
        if not rows:
            return np.zeros((0, self.dimension), np.float32)
        vectors = np.asarray(rows, np.float32)
        vectors[~vectors.any(axis=1), 0] = 1.0
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def make_document(tmp_path: Path, name: str, text: str) -> Document:
    """The document that the readers of files make of this text."""
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return read_document(path, tmp_path)


def make_passage(text: str, *, doc_id: str = "d", start: int = 0, index_text: str = "") -> Passage:
    """A passage of one sentence."""
    return Passage(
        passage_id=hashlib.sha256(f"{doc_id} {start} {text}".encode()).hexdigest()[:16],
        doc_id=doc_id,
        start=start,
        end=start + len(text),
        text=text,
        section=("Results",),
        page=None,
        line=1,
        kind="paragraph",
        index_text=index_text or text,
        sentences=(Sentence(start, start + len(text)),),
    )


def make_query(text: str, *variants: Sequence[str]) -> Query:
    """A query of the stems of a text, or of one term with these variants (each a phrase)."""
    if variants:
        return Query(text, text, (Term(text, tuple(tuple(stems(phrase)) for phrase in variants[0]), 1.0),))
    return Query(text, text, tuple(Term(stem, ((stem,),), 1.0) for stem in dict.fromkeys(stems(text))))


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The kernel refuses to write more than so many bytes to a file: a full disk, also for what C libraries write."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
