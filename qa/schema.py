"""Every dataclass and Protocol that modules hand to each other.

All offsets are code points into `Document.text`, half open. `Document.slice` and `Passage.slice` are the only places where an
offset pair becomes words. This module imports nothing but the standard library and numpy's types.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "table", "caption"]
Vectors = NDArray[np.float32]

MAX_ANSWER_WORDS = 80


@dataclass(frozen=True, slots=True)
class Source:
    """What a reference to a document needs; what is not known stays empty, never guessed."""

    path: str
    title: str = ""
    authors: str = ""
    year: str = ""
    container: str = ""
    doi: str = ""
    url: str = ""
    licence: str = ""
    section: str = ""
    as_of: str = ""
    note: str = ""
    """Title of the document itself where `title` is that of the work which it restates."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table row: its column header and its place in `Document.text`."""

    header: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, caption, table row, or a flattened table kept in one piece."""

    kind: BlockKind
    start: int
    end: int
    section: tuple[str, ...] = ()
    page: int | None = None
    cells: tuple[Cell, ...] = ()
    caption: str = ""
    """For table rows and tables: the words of the table's caption."""
    group: str = ""
    """For table rows: the name, above the row, of the rows that it is one of; indexed with the row, not quoted."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters copied unchanged: `text[start:end]` is `file[origin:origin + end - start]`."""

    start: int
    end: int
    origin: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """A run of the file that is not part of the text, and why (for instance "running head")."""

    origin: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page (from 1), in points from the upper left corner of the page as it is shown."""

    page: int
    left: float
    top: float
    right: float
    bottom: float

    def continues(self, other: Box) -> bool:
        """Whether `other` goes on to the right of this one on the same line."""
        middle = (other.top + other.bottom) / 2
        height = self.bottom - self.top
        return (
            self.page == other.page and self.top < middle < self.bottom and -1 <= other.left - self.right <= 2 * height
        )

    def joined(self, other: Box) -> Box:
        """The rectangle around both."""
        return Box(
            self.page,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class WordBox:
    """A word of the file [origin, end) and where it stands."""

    origin: int
    end: int
    box: Box


@dataclass(frozen=True, slots=True)
class Document:
    """Cleaned text with its blocks and the way back to the file.

    `pieces` are in order of `start` and do not overlap; characters of `text` outside them are whitespace that cleaning put
    in. `line_starts[i]` is the file offset at which line i + 1 begins, `page_starts` likewise (empty: the format has no lines,
    no pages). The "file" of a format that is not plain text is the run of characters that its reader took out of it. `boxes`
    are in order of `origin`. `scanned_pages` are the numbers of the pages that show a picture and have no text, which is
    all that could be read of them.
    """

    doc_id: str
    source: Source
    text: str
    blocks: tuple[Block, ...]
    pieces: tuple[Piece, ...]
    line_starts: tuple[int, ...]
    page_starts: tuple[int, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    boxes: tuple[WordBox, ...] = ()
    scanned_pages: tuple[int, ...] = ()

    def slice(self, start: int, end: int) -> str:
        """The words at [start, end); raises ValueError where that is not inside the text."""
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"[{start}, {end}) is outside the {len(self.text)} characters of {self.doc_id}")
        return self.text[start:end]

    def origin(self, offset: int) -> int:
        """File offset of the character at `offset`; for whitespace put in, that of the last character before it."""
        i = bisect.bisect_right(self.pieces, offset, key=lambda piece: piece.start) - 1
        if i < 0:
            return self.pieces[0].origin if self.pieces else 0
        piece = self.pieces[i]
        return piece.origin + min(offset, piece.end - 1) - piece.start

    def place(self, origin: int, end: int) -> tuple[int, int] | None:
        """Document offsets of what stands at [origin, end) of the file; None where all of that was dropped."""
        inside = [
            (piece.start + max(0, origin - piece.origin), min(piece.end, piece.start + end - piece.origin))
            for piece in self.pieces
            if piece.origin < end and origin < piece.origin + piece.end - piece.start
        ]
        return (min(start for start, _ in inside), max(stop for _, stop in inside)) if inside else None

    def line(self, offset: int) -> int | None:
        """Line of the file, from 1, on which the character at `offset` stands, or None where the format has no lines."""
        if not self.line_starts:
            return None
        return max(1, bisect.bisect_right(self.line_starts, self.origin(offset)))

    def page(self, offset: int) -> int | None:
        """Page of the file, from 1, or None where the format has no pages."""
        if not self.page_starts:
            return None
        return max(1, bisect.bisect_right(self.page_starts, self.origin(offset)))

    def boxes_of(self, start: int, end: int) -> tuple[Box, ...]:
        """Where the words of [start, end) stand on their pages: one rectangle for each run of words on a line."""
        found: list[Box] = []
        for piece in self.pieces:
            if piece.start >= end or piece.end <= start:
                continue
            first = piece.origin + max(0, start - piece.start)
            last = piece.origin + min(piece.end, end) - piece.start
            at = bisect.bisect_right(self.boxes, first, key=lambda word: word.end)
            for word in self.boxes[at:]:
                if word.origin >= last:
                    break
                if found and found[-1].continues(word.box):
                    found[-1] = found[-1].joined(word.box)
                else:
                    found.append(word.box)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A unit that is quoted whole: a sentence, a list item or a table row (document offsets)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """What is retrieved: whole sentences of one section, or one table row.

    `index_text` is what is embedded and counted (title, section path, headers, text); `text` is what is quoted.
    """

    passage_id: str
    doc_id: str
    start: int
    end: int
    text: str
    section: tuple[str, ...]
    page: int | None
    line: int | None
    kind: BlockKind
    index_text: str
    sentences: tuple[Sentence, ...] = ()
    cells: tuple[Cell, ...] = ()
    title: str = ""
    caption: str = ""
    group: str = ""
    lead: str = ""
    """The sentence before the passage in its section, which its first words may lean on; neither indexed nor quoted."""

    def slice(self, start: int, end: int) -> str:
        """The words at document offsets [start, end), which must lie inside the passage."""
        if not self.start <= start <= end <= self.end:
            raise ValueError(f"[{start}, {end}) is outside passage {self.passage_id} [{self.start}, {self.end})")
        return self.text[start - self.start : end - self.start]


TELLING = 1.0
"""Weight from which on a term tells passages apart, in nats."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a question speaks of: `variants` are stem sequences any of which names it.

    Those that the corpus knows, the one asked for first where it is among them; only that one where it knows none.
    """

    surface: str
    variants: tuple[tuple[str, ...], ...]
    weight: float
    """Inverse document frequency in the corpus, in nats, of the best known variant."""
    known: bool = True
    """Whether the corpus holds any of the variants."""
    named: bool = False
    """Whether it looks like a name: no frequent word of the language, or one with a digit."""
    rivals: frozenset[str] = frozenset()
    """Stems of other names of the corpus that are built like it: ruxolitinib for baricitinib, ACTT-4 for ACTT-2."""

    @property
    def telling(self) -> bool:
        """Whether it tells passages apart: not the subject of the whole corpus."""
        return self.weight > TELLING

    def within(self, stems: Container[str]) -> bool:
        """Whether one of the variants stands wholly among the stems."""
        return any(all(key in stems for key in variant) for variant in self.variants)


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of the question that the corpus does not know, and the word that was searched for instead."""

    word: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question as understood: `text` has its misspelt words replaced; `terms` are what rankers and readers match."""

    question: str
    text: str
    terms: tuple[Term, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def stems(self) -> frozenset[str]:
        """All that names one of the terms."""
        return frozenset(key for term in self.terms for variant in term.variants for key in variant)

    def weight_within(self, stems: Container[str]) -> float:
        """Weight of the terms that stand among the stems, together."""
        return sum(term.weight for term in self.terms if term.within(stems))

    def share_within(self, stems: Container[str]) -> float:
        """The same as a share of the weight of all terms, in [0, 1]; 0 where there are none."""
        total = sum(term.weight for term in self.terms)
        return self.weight_within(stems) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A ranked passage; a larger score is better, ranks count from 1. `same` are other passages of the same words."""

    passage: Passage
    score: float
    rank: int
    ranker: str
    same: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """The few words that answer, at document offsets; the quote is the sentence or row [quote_start, quote_end).

    `score` in [0, 1] orders spans, those of other questions too; `confidence` is the probability that this one answers, and the
    score where a reader gives none. `listed`: the characters from the first to the last of the items of a list that the reader
    pointed at together, of which this is one or the line above them.
    """

    passage: Passage
    start: int
    end: int
    text: str
    score: float
    quote_start: int
    quote_end: int
    confidence: float | None = None
    listed: tuple[int, int] | None = None

    @property
    def quote(self) -> str:
        """The words of the sentence or row."""
        return self.passage.slice(self.quote_start, self.quote_end)

    @property
    def quoted(self) -> tuple[str, int, int]:
        """Where the quote stands: document, start, end."""
        return self.passage.doc_id, self.quote_start, self.quote_end


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of one hit: relevance in [0, 1] and its candidate spans, best first."""

    hit: Hit
    relevance: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands. `context` is the passage around it; `boxes` are rectangles on a page where there are pages."""

    number: int
    doc_id: str
    source: Source
    section: tuple[str, ...]
    page: int | None
    line: int | None
    start: int
    end: int
    quote: str
    context: str
    context_start: int
    boxes: tuple[Box, ...] = ()
    also: tuple[Citation, ...] = ()
    """The same quote where other passages of the same words have it."""


@dataclass(frozen=True, slots=True)
class Apart:
    """What another value's place has that the answer's has not, all of it words of the document but for `value`.

    `value` is the value in one form, by which spans are grouped: base units, numbers as digits, dates year first.
    """

    value: str
    section: tuple[str, ...] = ()
    row: tuple[str, ...] = ()
    """Cells of its table row that the answer's row has not."""
    dates: tuple[str, ...] = ()
    population: str = ""
    contradicts: bool = False
    """Whether another work gives it for the same names, and neither date nor population explains the difference."""
    same: tuple[Span, ...] = ()
    """Further spans of the same value."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer made of slices only: no field holds words that are not in a document, but for the question as asked and
    as understood, its `corrections`, and the normalised `Apart.value`.

    `citations[i]` is the quote of `spans[i]`; spans of one quote have its number in common. `apart[i]` is what sets
    `others[i]` apart. An abstention has no spans; `candidates` then hold the best that was found.
    """

    question: str
    query: str
    spans: tuple[Span, ...] = ()
    citations: tuple[Citation, ...] = ()
    confidence: float = 0.0
    others: tuple[Span, ...] = ()
    apart: tuple[Apart, ...] = ()
    candidates: tuple[Span, ...] = ()
    hits: tuple[Hit, ...] = ()
    corrections: tuple[Correction, ...] = ()
    elapsed_ms: float = field(default=0.0, compare=False)

    @property
    def answered(self) -> bool:
        """Whether the documents answer the question, as far as the reader can tell."""
        return bool(self.spans)

    @property
    def short(self) -> str:
        """The words of the best span, or of all spans of a list, joined by "; "."""
        return "; ".join(dict.fromkeys(span.text for span in self.spans))

    @property
    def text(self) -> str:
        """The quotes that the spans stand in, together at most 80 words, each a contiguous slice."""
        return " … ".join(self.quotes)

    @property
    def quotes(self) -> tuple[str, ...]:
        """The parts of `text`, best first: each quote once, shortened where it would be too long."""
        parts: list[str] = []
        budget = MAX_ANSWER_WORDS
        for span, citation in zip(self.spans, self.citations, strict=True):
            part = clip(citation.quote, span.start - citation.start, span.end - citation.start, budget)
            if part and part not in parts:
                parts.append(part)
                budget -= len(part.split()) + 1  # the dots between two quotes
        return tuple(parts)

    def to_json(self) -> dict[str, Any]:
        """The object that the command line, the HTTP API and batch files give."""
        return {
            "question": self.question,
            "query": self.query,
            "answered": self.answered,
            "short": self.short,
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "spans": [_span_json(span) for span in self.spans],
            "citations": [_citation_json(citation) for citation in self.citations],
            "others": [
                _span_json(span) | _apart_json(apart) for span, apart in zip(self.others, self.apart, strict=True)
            ],
            "candidates": [_span_json(span) for span in self.candidates],
            "hits": [hit_json(hit) for hit in self.hits],
            "corrections": [asdict(correction) for correction in self.corrections],
            "elapsed_ms": round(self.elapsed_ms, 1),
        }


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question of a conversation and what was made of it.

    `query` is the question as understood, `short` the words that answered, `quote` those they stand in, `doc_ids` the documents
    of the quotes, in the first of which the quote begins at `start`; of a question that was not answered, they are those of the
    best candidate.
    """

    question: str
    query: str
    short: str = ""
    quote: str = ""
    doc_ids: tuple[str, ...] = ()
    start: int = 0

    @classmethod
    def of(cls, answer: Answer) -> Exchange:
        """What an answer leaves behind for the questions that follow."""
        spans = answer.spans or answer.candidates[:1]
        quote = spans[0].quote if spans else ""
        doc_ids = tuple(dict.fromkeys(span.passage.doc_id for span in spans))
        return cls(answer.question, answer.query, answer.short, quote, doc_ids, spans[0].quote_start if spans else 0)


def clip(quote: str, start: int, end: int, words: int) -> str:
    """The quote, or where it has more than `words` words the shortest run from its beginning (the key) that holds [start, end).

    Where even that is too long the run ends with the span, or is the span's first words.

    >>> clip("Baricitinib | 2 mg | anaemia", 14, 18, 4)
    'Baricitinib | 2 mg'
    >>> clip("a b c d e f g", 8, 11, 3)
    'd e f'
    """
    if words <= 0:
        return ""
    if len(quote.split()) <= words:
        return quote
    run = quote[:end]
    if len(run.split()) > words:
        begin = start
        for word_start in reversed(_word_starts(quote[:start])):
            if len(quote[word_start:end].split()) > words:
                break
            begin = word_start
        run = quote[begin:end]
    starts = _word_starts(run)
    return run[: starts[words]].rstrip() if len(starts) > words else run


def _word_starts(text: str) -> list[int]:
    return [i for i, c in enumerate(text) if not c.isspace() and (i == 0 or text[i - 1].isspace())]


def _span_json(span: Span) -> dict[str, Any]:
    return {
        "text": span.text,
        "doc_id": span.passage.doc_id,
        "start": span.start,
        "end": span.end,
        "score": round(span.score, 4),
        "quote": span.quote,
        "section": list(span.passage.section),
    }


def _apart_json(apart: Apart) -> dict[str, Any]:
    return {
        "value": apart.value,
        "apart": {
            "section": list(apart.section),
            "row": list(apart.row),
            "dates": list(apart.dates),
            "population": apart.population,
        },
        "contradicts": apart.contradicts,
        "same": [_span_json(span) for span in apart.same],
    }


def _citation_json(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "doc_id": citation.doc_id,
        "title": citation.source.title,
        "section": list(citation.section),
        "page": citation.page,
        "line": citation.line,
        "boxes": [asdict(box) for box in citation.boxes],
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "source": asdict(citation.source),
        "also": [_citation_json(other) for other in citation.also],
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """A hit as `qa retrieve --json` and the answer object give it."""
    passage = hit.passage
    return {
        "passage_id": passage.passage_id,
        "doc_id": passage.doc_id,
        "section": list(passage.section),
        "page": passage.page,
        "line": passage.line,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": round(hit.score, 4),
        "rank": hit.rank,
        "same": [{"passage_id": p.passage_id, "doc_id": p.doc_id, "page": p.page, "line": p.line} for p in hit.same],
    }


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote that answers a gold question.

    `start` and `end` are its place in the document once it is resolved; `origin` is the place of its first character in the
    file where the gold set gives one. An empty `doc_id` stands for any document.
    """

    doc_id: str
    quote: str
    start: int | None = None
    end: int | None = None
    origin: int | None = None


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with its accepted answers (alternatives) or `answers_all` (members of a list).

    Without either it cannot be answered, unless `relevant` names documents with their grade of relevance: then only the
    ranking of documents is judged. `where` is the `file:line` that it was read from, for messages.
    """

    query_id: str
    question: str
    answers: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    kind: str = ""
    answers_all: tuple[str, ...] = ()
    relevant: tuple[tuple[str, int], ...] = ()
    where: str = field(default="", compare=False)

    @property
    def answerable(self) -> bool:
        """Whether the documents are to answer it."""
        return bool(self.answers or self.answers_all or self.relevant)


class Embedder(Protocol):
    """Turns text into unit vectors of float32.

    `common_words` are the frequent words of its language with their rarity in [0, 1]; it may be empty. `identity` is what
    must be equal for vectors to be comparable. `embed_passages` gives one row for each span (code points into its text) of
    each text, in order; without spans one row for each text. `progress` is called with the number of texts done since its
    last call.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def identity(self) -> dict[str, str]: ...

    @property
    def common_words(self) -> Mapping[str, float]: ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors: ...

    def embed_passages(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[tuple[int, int]]] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Vectors: ...

    def count_pieces(self, text: str) -> int: ...


class Ranker(Protocol):
    """Orders the passages of an index for a query, best first."""

    def search(self, query: Query, k: int) -> list[Hit]: ...


class Reader(Protocol):
    """Finds the words that answer: one reading for each hit."""

    def read(self, query: Query, hits: Sequence[Hit]) -> list[Reading]: ...
