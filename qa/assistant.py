"""Picks the parts and joins them: the only place that knows them all."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa import dense
from qa import index as indexes
from qa.conversation import standalone
from qa.embedding import SentenceTransformerEmbedder
from qa.errors import IndexStateError
from qa.index import LoadedIndex, Progress, StoredDocument
from qa.query import check_question, understand
from qa.reader import EvidenceReader, expect
from qa.retrieval import HybridRanker
from qa.schema import Answer, Citation, Document, Embedder, Hit, Passage, Query, Reader, Span

PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_CORPUS = PROJECT / "corpus" / "documents"
READ_DEPTH = 20
"""Passages that the reader sees; the last ones of them seldom hold the answer (benchmarks/quality.py)."""

THRESHOLD = 0.5
"""Relevance below which the assistant says that the documents do not answer."""

SEVERAL_SHARE = 0.8
"""In an answer of several quotes, the least relevance of each against the best."""


@dataclass(frozen=True, slots=True)
class Considered:
    """A question as far as it was read: every hit that the reader saw, and every span it found, best first."""

    question: str
    query: Query
    hits: tuple[Hit, ...]
    spans: tuple[Span, ...]
    k: int
    """Number of hits that go into the answer."""
    elapsed_ms: float


def index_folder(index: Path | str | None = None) -> Path:
    """The folder that is meant: the one given, else that of VERBATIM_INDEX, else `index/` of this project."""
    return Path(index or os.environ.get("VERBATIM_INDEX") or PROJECT / "index").expanduser()


class Assistant:
    """Answers questions over one index; make it with `Assistant.open`."""

    def __init__(self, loaded: LoadedIndex, embedder: Embedder, reader: Reader | None = None) -> None:
        self.index = loaded
        self.embedder = embedder
        self._rows = {passage.passage_id: row for row, passage in enumerate(loaded.passages)}
        self.dense = dense.DenseScorer(loaded.vectors, dense.sentence_starts(loaded.passages), embedder)
        self.ranker = HybridRanker(loaded.passages, loaded.lexical, self.dense)
        self.reader = reader or EvidenceReader(self._similarity, self._alone)

    @classmethod
    def open(
        cls, index: Path | str | None = None, *, embedder: Embedder | None = None, reader: Reader | None = None
    ) -> Assistant:
        """The assistant over an index (see `index_folder`); raises IndexStateError where there is none, ModelError."""
        folder = index_folder(index)
        if not indexes.exists(folder):
            raise IndexStateError(f"no index in {folder}: build one with: qa index --index {folder}")
        embedder = embedder or SentenceTransformerEmbedder()
        return cls(indexes.load(folder, embedder), embedder, reader)

    @classmethod
    def open_or_build(
        cls,
        index: Path | str | None = None,
        *,
        embedder: Embedder | None = None,
        progress: Progress | None = None,
    ) -> Assistant:
        """As `open`, but where there is no index the default corpus is indexed first."""
        folder = index_folder(index)
        embedder = embedder or SentenceTransformerEmbedder()
        if not indexes.exists(folder):
            indexes.build(folder, [DEFAULT_CORPUS], embedder, progress=progress)
        return cls.open(folder, embedder=embedder)

    @property
    def documents(self) -> tuple[StoredDocument, ...]:
        """The documents of the index in order of their ids."""
        return self.index.documents

    def document(self, doc_id: str) -> Document:
        """The document of that id; raises IndexStateError where there is none."""
        return self.index.document(doc_id)

    def retrieve(self, question: str, k: int = 5, *, documents: Sequence[str] | None = None) -> list[Hit]:
        """The k passages that fit the question best, best first; `documents` limits them to those ids.

        Raises QuestionError for a question that cannot be put, IndexStateError for an unknown document.
        """
        if k < 1:
            raise ValueError(f"k is the number of passages, at least 1, not {k}")
        return self._search(understand(question, self.index.vocabulary), k, documents)

    def ask(
        self,
        question: str,
        *,
        k: int = 10,
        documents: Sequence[str] | None = None,
        history: Sequence[str] = (),
        force: bool = False,
    ) -> Answer:
        """The answer with its citations, or an abstention; with `force` the best candidate whatever its relevance.

        `k` is the number of hits in the answer; `history` are the earlier questions, oldest first. Raises as `retrieve` does.
        """
        return self.decide(self.consider(question, k=k, documents=documents, history=history), force=force)

    def consider(
        self, question: str, *, k: int = 10, documents: Sequence[str] | None = None, history: Sequence[str] = ()
    ) -> Considered:
        """What `ask` decides on: the hits and the spans that were read in them. Raises as `retrieve` does."""
        begin = time.perf_counter()
        query = understand(standalone(check_question(question), history), self.index.vocabulary)
        hits = self._search(query, max(k, READ_DEPTH), documents)
        readings = self.reader.read(query, hits)
        spans = _without_doubles(sorted((s for r in readings for s in r.spans), key=lambda span: -span.score))
        return Considered(question, query, tuple(hits), tuple(spans), k, 1000 * (time.perf_counter() - begin))

    def decide(self, considered: Considered, *, force: bool = False) -> Answer:
        """The answer that the spans give, or an abstention; with `force` the best span whatever its relevance."""
        begin = time.perf_counter()
        query, spans = considered.query, considered.spans
        confidence = spans[0].score if spans else 0.0
        answered = bool(spans) and (force or confidence >= THRESHOLD)
        chosen = _choose(query, spans) if answered else []
        rest = [span for span in spans if span not in chosen]
        return Answer(
            question=considered.question,
            query=query.text,
            spans=tuple(chosen),
            citations=tuple(self._cite(number, span) for number, span in enumerate(chosen, start=1)),
            confidence=confidence,
            others=_other_values(chosen, rest) if answered else (),
            candidates=tuple(rest[:3]) if not answered else (),
            hits=considered.hits[: considered.k],
            corrections=query.corrections,
            elapsed_ms=considered.elapsed_ms + 1000 * (time.perf_counter() - begin),
        )

    def _cite(self, number: int, span: Span) -> Citation:
        passage = span.passage
        document = self.document(passage.doc_id)
        return Citation(
            number=number,
            doc_id=passage.doc_id,
            source=document.source,
            section=passage.section,
            page=document.page(span.quote_start),
            line=document.line(span.quote_start),
            start=span.quote_start,
            end=span.quote_end,
            quote=document.slice(span.quote_start, span.quote_end),
            context=passage.text,
            context_start=passage.start,
            boxes=document.boxes_of(span.quote_start, span.quote_end),
        )

    def _search(self, query: Query, k: int, documents: Sequence[str] | None) -> list[Hit]:
        if documents is None:
            return self.ranker.search(query, k)
        if isinstance(documents, str):
            documents = [documents]
        wanted = {self.document(doc_id).doc_id for doc_id in documents}
        return self.ranker.search(query, k, lambda passage: passage.doc_id in wanted)

    def _similarity(self, query: Query, passage: Passage) -> NDArray[np.float32]:
        return self.dense.sentence_scores(query, self._rows[passage.passage_id])

    def _alone(self, query: Query, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.asarray(self.embedder.embed_passages(texts) @ self.dense.embed(query), np.float32)


def _without_doubles(spans: Sequence[Span]) -> list[Span]:
    """The spans in order, each quote once."""
    seen: set[tuple[str, int, int]] = set()
    kept = []
    for span in spans:
        key = (span.passage.doc_id, span.quote_start, span.quote_end)
        if key not in seen:
            seen.add(key)
            kept.append(span)
    return kept


def _choose(query: Query, spans: Sequence[Span]) -> list[Span]:
    """The best span; for a question after several things also those of the same document that are nearly as good."""
    best = spans[0]
    if not expect(query.text).several:
        return [best]
    return [
        best,
        *(
            span
            for span in spans[1:]
            if span.passage.doc_id == best.passage.doc_id
            and span.passage.kind == best.passage.kind
            and span.score >= SEVERAL_SHARE * best.score
        ),
    ]


def _other_values(chosen: Sequence[Span], rest: Sequence[Span]) -> tuple[Span, ...]:
    """Spans with other words than the answer that are relevant enough to be one."""
    said = {span.text.casefold() for span in chosen}
    others: dict[str, Span] = {}
    for span in rest:
        if span.score >= THRESHOLD and span.text.casefold() not in said:
            others.setdefault(span.text.casefold(), span)
    return tuple(others.values())[:3]


@lru_cache(maxsize=4)
def _opened(folder: Path, _embedder: str | None, _current: str) -> Assistant:
    """The assistant over a folder; the other arguments are what makes it another one when they change."""
    return Assistant.open(folder)


def _shared(index: Path | str | None) -> Assistant:
    """The assistant over an index, kept open between calls and opened anew when the index has changed."""
    folder = index_folder(index).absolute()
    pointer = folder / "CURRENT"
    current = pointer.read_text(encoding="utf-8") if pointer.exists() else ""
    return _opened(folder, os.environ.get("VERBATIM_EMBEDDER"), current)


def retrieve(
    question: str, k: int = 5, *, index: Path | str | None = None, documents: Sequence[str] | None = None
) -> list[Hit]:
    """`Assistant.retrieve` over the index that is meant (see `index_folder`), kept open between calls."""
    return _shared(index).retrieve(question, k, documents=documents)


def ask(
    question: str,
    *,
    index: Path | str | None = None,
    documents: Sequence[str] | None = None,
    history: Sequence[str] = (),
    force: bool = False,
) -> Answer:
    """`Assistant.ask` over the index that is meant (see `index_folder`), kept open between calls."""
    return _shared(index).ask(question, documents=documents, history=history, force=force)
