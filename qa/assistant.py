"""Picks the parts and joins them: the only place that knows them all."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa import dense, networks
from qa import index as indexes
from qa.conversation import Kinds, Parts, follow, leaning
from qa.embedding import SentenceTransformerEmbedder
from qa.errors import IndexStateError, QuestionError
from qa.index import LoadedIndex, Progress, StoredDocument
from qa.query import understand
from qa.reader import (
    RERANKED,
    EvidenceReader,
    Keeping,
    ReadPairs,
    compose,
    expect,
    other_values,
    rerank,
    sides,
)
from qa.retrieval import HybridRanker
from qa.schema import Answer, Citation, Document, Embedder, Exchange, Hit, Passage, Query, Reader, Span, Term
from qa.text import stems

PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_CORPUS = PROJECT / "corpus" / "documents"
READ_DEPTH = 20
"""Passages that the reader sees; the last ones of them seldom hold the answer."""

THRESHOLD = 0.35
"""Confidence, a probability, below which the assistant says that the documents do not answer."""

MEMORY = 6
"""Earlier turns of a conversation that a question can lean on."""


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
    sides: tuple[Span, ...] = ()
    """What answers for each of two things that the question names together, where the best span tells of one at most."""


def index_folder(index: Path | str | None = None) -> Path:
    """The folder that is meant: the one given, else that of VERBATIM_INDEX, else `index/` of this project."""
    return Path(index or os.environ.get("VERBATIM_INDEX") or PROJECT / "index").expanduser()


class Assistant:
    """Answers questions over one index; make it with `Assistant.open`."""

    def __init__(
        self,
        loaded: LoadedIndex,
        embedder: Embedder,
        reader: Reader | None = None,
        network: ReadPairs | None = None,
    ) -> None:
        self.index = loaded
        self.embedder = embedder
        self._rows = {passage.passage_id: row for row, passage in enumerate(loaded.passages)}
        self._by_document: dict[str, list[Passage]] = {}
        for passage in loaded.passages:
            self._by_document.setdefault(passage.doc_id, []).append(passage)
        self.dense = dense.DenseScorer(loaded.vectors, dense.sentence_starts(loaded.passages), embedder)
        self.ranker = HybridRanker(loaded.passages, loaded.lexical, self.dense)
        self._given = reader, network
        self.network = "given" if network else networks.chosen(embedder)
        read = network or networks.named(self.network, embedder)
        self._network = Keeping(read) if read else None
        self.reader = reader or EvidenceReader(self._similarity, self._alone, self._network)
        self._exchanges: OrderedDict[tuple[tuple[str, ...], tuple[str, ...] | None], Exchange] = OrderedDict()

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

    def reopened(self) -> Assistant:
        """The assistant over the index as it is now, with the same embedder and reader; raises as `open` does."""
        return Assistant(indexes.load(self.index.folder, self.embedder), self.embedder, *self._given)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is damaged in the index, what is used in its place and what is missing; empty where it is sound."""
        return self.index.warnings

    @property
    def documents(self) -> tuple[StoredDocument, ...]:
        """The documents of the index in order of their ids."""
        return self.index.documents

    @property
    def passage_count(self) -> int:
        """Passages of all documents together."""
        return len(self.index.passages)

    @property
    def passage_counts(self) -> dict[str, int]:
        """Passages of each document that has any, by its id."""
        return {doc_id: len(passages) for doc_id, passages in self._by_document.items()}

    @cached_property
    def collections(self) -> dict[str, tuple[str, ...]]:
        """The collections that have a name, in alphabetical order, each with the ids of its documents."""
        found: dict[str, list[str]] = {}
        for stored in sorted(self.documents, key=lambda stored: stored.collection):
            if stored.collection:
                found.setdefault(stored.collection, []).append(stored.document.doc_id)
        return {name: tuple(ids) for name, ids in found.items()}

    def document(self, doc_id: str) -> Document:
        """The document of that id; raises IndexStateError where there is none."""
        return self.index.document(doc_id)

    def retrieve(
        self, question: str, k: int = 5, *, documents: Sequence[str] | None = None, collection: str | None = None
    ) -> list[Hit]:
        """The k passages that fit the question best, best first; `documents` and `collection` limit where they are from.

        Raises QuestionError for a question that cannot be put, IndexStateError for an unknown document or collection.
        """
        _check_number(k)
        within = self._within(documents, collection)
        return self._rank(self.understand(question), max(k, RERANKED), within)[:k]

    def _within(self, documents: Sequence[str] | None, collection: str | None = None) -> tuple[str, ...] | None:
        """The ids of the documents that a question is put to, also where one is given as a string; None for all."""
        if documents is not None:
            documents = (documents,) if isinstance(documents, str) else tuple(documents)
        if not collection:
            return documents
        if collection not in self.collections:
            there = ", ".join(repr(name) for name in self.collections) or "none"
            raise IndexStateError(f"no collection {collection!r} in {self.index.folder}: there are {there}")
        ids = self.collections[collection]
        for doc_id in documents or ():
            self.document(doc_id)  # one that there is not is told, not passed over
        return ids if documents is None else tuple(doc_id for doc_id in documents if doc_id in ids)

    def ask(
        self,
        question: str,
        *,
        k: int = 10,
        documents: Sequence[str] | None = None,
        collection: str | None = None,
        history: Sequence[str | Exchange] = (),
        force: bool = False,
    ) -> Answer:
        """The answer with its citations, or an abstention; with `force` the best candidate whatever its confidence.

        `k` is the number of hits in the answer; `history` are the earlier questions, oldest first, or what `Exchange.of` keeps of
        their answers, which saves asking them again. Raises as `retrieve` does.
        """
        _check_number(k)
        within = self._within(documents, collection)
        return self.decide(self.consider(question, k=k, documents=within, history=history), force=force)

    def consider(
        self,
        question: str,
        *,
        k: int = 10,
        documents: Sequence[str] | None = None,
        history: Sequence[str | Exchange] = (),
    ) -> Considered:
        """What `ask` decides on: the hits and the spans that were read in them. Raises as `retrieve` does."""
        begin = time.perf_counter()
        within = self._within(documents)
        query = self.understand(question)
        lean = leaning(query)
        depth = max(k, READ_DEPTH)
        before = self.remembered(history, within) if history and lean.any else []
        if before:
            meant = follow(query, lean, before, self.parts(within), depth)
            query, hits, spans = meant.query, meant.hits, meant.spans
        else:
            hits = tuple(self._rank(query, depth, within))
            spans = self._read(query, hits)
        both = self._both(query, spans, depth, within)
        return Considered(question, query, hits, spans, k, 1000 * (time.perf_counter() - begin), both)

    def _both(
        self, query: Query, spans: Sequence[Span], depth: int, within: tuple[str, ...] | None
    ) -> tuple[Span, ...]:
        """The best span for each of two things that the question names together, where both are answered surely enough.

        None where the answer without it tells of both, in words of the form that is asked for.
        """
        asked = sides(query)
        if not asked:
            return ()
        formless = bool(spans) and spans[0].text == spans[0].quote and expect(query.text).typed
        if spans and _confidence(spans[0]) >= THRESHOLD and not formless:
            told = frozenset(stems(" ".join(span.quote for span in compose(query, spans, self._passages_of))))
            if all(term.within(told) for side in asked for term in side.terms):
                return ()
        found = []
        for side in asked:
            one = self.understand(side.text)
            best = next(iter(self._read(one, self._rank(one, depth, within))), None)
            if best is None or _confidence(best) < THRESHOLD or not _names(best, side.terms):
                return ()
            found.append(best)
        return tuple(found) if found[0].quoted != found[1].quoted else ()

    def understand(self, question: str) -> Query:
        """The question with its misspelt words mended and its terms; raises QuestionError."""
        return understand(question, self.index.vocabulary)

    def parts(self, within: tuple[str, ...] | None = None) -> Parts:
        """What the questions that a follow-up may stand for are put to; `within` are ids of documents, None for all."""
        return Parts(self.understand, lambda query, k: self._search(query, k, within), self._read, self._kinds)

    def _read(self, query: Query, hits: Sequence[Hit]) -> tuple[Span, ...]:
        """The spans of all hits, best first, each quote once."""
        readings = self.reader.read(query, hits)
        return tuple(_without_doubles(sorted((s for r in readings for s in r.spans), key=lambda span: -span.score)))

    @cached_property
    def _kinds(self) -> Kinds:
        return Kinds.of(self.index.passages)

    def remembered(self, history: Sequence[str | Exchange], within: tuple[str, ...] | None = None) -> list[Exchange]:
        """The last turns of a conversation; questions without an answer are answered, once."""
        turns: list[Exchange] = []
        recent = history[-MEMORY:]
        for i, turn in enumerate(recent):
            if isinstance(turn, Exchange):
                turns.append(turn)
                continue
            key = (tuple(t if isinstance(t, str) else t.question for t in recent[: i + 1]), within)
            kept = self._exchanges.get(key)
            if kept is None:
                try:
                    considered = self.consider(turn, documents=within, history=turns)
                except QuestionError:
                    continue  # what was no question then is no reason to refuse this one
                kept = Exchange.of(self.decide(considered))
                self._exchanges[key] = kept
                if len(self._exchanges) > 1000:
                    self._exchanges.popitem(last=False)
            turns.append(kept)
        return turns

    def decide(self, considered: Considered, *, force: bool = False) -> Answer:
        """The answer that the spans give, or an abstention; with `force` the best span whatever its confidence."""
        begin = time.perf_counter()
        query, spans = considered.query, considered.spans
        best = considered.sides or spans[:1]
        confidence = min(map(_confidence, best), default=0.0)
        answered = bool(spans) and (force or confidence >= THRESHOLD)
        chosen = list(considered.sides) or (compose(query, spans, self._passages_of) if answered else [])
        quoted = {span.quoted for span in chosen}
        rest = [s for s in spans if s.quoted not in quoted]
        others = other_values(query, chosen, rest, self._passages_of, self._work) if answered else ()
        return Answer(
            question=considered.question,
            query=query.text,
            spans=tuple(chosen),
            citations=self._citations(chosen, considered.hits),
            confidence=confidence,
            others=tuple(span for span, _ in others),
            apart=tuple(apart for _, apart in others),
            candidates=tuple(rest[:3]) if not answered else (),
            hits=considered.hits[: considered.k],
            corrections=query.corrections,
            elapsed_ms=considered.elapsed_ms + 1000 * (time.perf_counter() - begin),
        )

    def _citations(self, spans: Sequence[Span], hits: Sequence[Hit]) -> tuple[Citation, ...]:
        """A citation for each span; those of one quote are one, with one number."""
        cited: dict[tuple[str, int, int], Citation] = {}
        for span in spans:
            if span.quoted not in cited:
                cited[span.quoted] = self._cite(len(cited) + 1, span, hits)
        return tuple(cited[span.quoted] for span in spans)

    def _passages_of(self, doc_id: str) -> Sequence[Passage]:
        return self._by_document.get(doc_id, ())

    def _work(self, doc_id: str) -> str:
        source = self.document(doc_id).source
        return source.doi or source.title or doc_id

    def _cite(self, number: int, span: Span, hits: Sequence[Hit]) -> Citation:
        """The citation of a span, with those of the same quote in passages of the same words."""
        same = next((hit.same for hit in hits if hit.passage.passage_id == span.passage.passage_id), ())
        start, end = span.quote_start - span.passage.start, span.quote_end - span.passage.start
        also = (self._place(number, copy, copy.start + start, copy.start + end) for copy in same)
        return replace(self._place(number, span.passage, span.quote_start, span.quote_end), also=tuple(also))

    def _place(self, number: int, passage: Passage, start: int, end: int) -> Citation:
        document = self.document(passage.doc_id)
        return Citation(
            number=number,
            doc_id=passage.doc_id,
            source=document.source,
            section=passage.section,
            page=document.page(start),
            line=document.line(start),
            start=start,
            end=end,
            quote=document.slice(start, end),
            context=passage.text,
            context_start=passage.start,
            boxes=document.boxes_of(start, end),
        )

    def _search(self, query: Query, k: int, within: tuple[str, ...] | None) -> list[Hit]:
        if within is None:
            return self.ranker.search(query, k)
        wanted = {self.document(doc_id).doc_id for doc_id in within}
        return self.ranker.search(query, k, lambda passage: passage.doc_id in wanted)

    def _rank(self, query: Query, k: int, within: tuple[str, ...] | None) -> list[Hit]:
        """The k best passages, the first of them in the order that the network's reading gives."""
        hits = self._search(query, k, within)
        return rerank(query, hits, self._network) if self._network else hits

    def _similarity(self, query: Query, passage: Passage) -> NDArray[np.float32]:
        return self.dense.sentence_scores(query, self._rows[passage.passage_id])

    def _alone(self, query: Query, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.asarray(self.embedder.embed_passages(texts) @ self.dense.embed(query), np.float32)


def _check_number(k: int) -> None:
    if k < 1:
        raise ValueError(f"k is the number of passages, at least 1, not {k}")


def _names(span: Span, terms: Sequence[Term]) -> bool:
    """Whether a span's quote, or its heading, holds all of the terms."""
    told = frozenset(stems(" ".join((span.quote, *span.passage.section[-1:], span.passage.title))))
    return all(term.within(told) for term in terms)


def _confidence(span: Span) -> float:
    return span.score if span.confidence is None else span.confidence


def _without_doubles(spans: Sequence[Span]) -> list[Span]:
    """The spans in order, each quote once."""
    seen: set[tuple[str, int, int]] = set()
    kept = []
    for span in spans:
        if span.quoted not in seen:
            seen.add(span.quoted)
            kept.append(span)
    return kept
