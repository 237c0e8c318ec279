"""A deterministic assistant over documents written for the tests, so that the chat can be tried without a model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fakes import FakeEmbedder

from qa.errors import CorpusError, QuestionError
from qa.index import LoadedIndex, StoredDocument
from qa.schema import (
    Answer,
    Block,
    BlockKind,
    Cell,
    Citation,
    Correction,
    Document,
    Embedder,
    Exchange,
    Hit,
    Passage,
    Piece,
    Query,
    Source,
    Span,
)

PAYLOADS = (
    "<script>window.pwned = 1; alert(1)</script>",
    '<img src=x onerror="window.pwned = 1; alert(1)">',
    "<img src='https://evil.example/pixel.png'>",
    "![picture](https://evil.example/picture.png)",
    "[click](javascript:alert(1))",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "${alert(1)} {{constructor.constructor('alert(1)')()}} `${window.pwned = 1}`",
    "</textarea></style></script><script>alert(1)</script>",
    '<iframe srcdoc="<script>parent.pwned = 1</script>"></iframe>',
    "<a href='javascript:alert(1)'>here</a> &lt;b&gt; &#60;i&#62;",
)


def make_document(doc_id: str, source: Source, markdown: str) -> Document:
    """A document from Markdown, as the loaders make one: headings, paragraphs, items, `Table:` captions, rows.

    Soft line breaks are joined; the first row of a table holds its headers, and is a caption.
    """
    markdown = re.sub(r"(?<=[^\n|])\n(?=[A-Za-z])", " ", markdown)
    blocks: list[Block] = []
    section: tuple[str, ...] = ()
    headers: list[str] = []
    caption = ""
    place = depth = 0
    for line in markdown.splitlines(keepends=True):
        text = line.strip()
        start, place = place, place + len(line)
        if not text:
            headers = []
            continue
        kind: BlockKind = "paragraph"
        cells: tuple[Cell, ...] = ()
        if text.startswith("#"):
            depth = len(text) - len(text.lstrip("#"))
            kind, start = "heading", start + depth + 1
            section = section[: max(0, depth - 2)]
        elif text.startswith("- "):
            kind, start = "list_item", start + 2
        elif text.startswith("Table:"):
            kind, caption = "caption", text
        elif text.startswith("|"):
            if not headers:
                headers = [cell.strip() for cell in text.strip("|").split("|")]
                kind = "caption"
            elif set(text) <= set("|- "):
                continue
            else:
                kind, cells = "table_row", _cells(line, start, headers)
        end = start + len(markdown[start:place].rstrip())
        blocks.append(Block(kind, start, end, section, cells=cells, caption=caption if cells else ""))
        if kind == "heading" and depth > 1:
            section = (*section, text.lstrip("# "))
    starts = tuple(i for i in range(len(markdown)) if i == 0 or markdown[i - 1] == "\n")
    return Document(doc_id, source, markdown, tuple(blocks), (Piece(0, len(markdown), 0),), starts)


def _cells(line: str, start: int, headers: Sequence[str]) -> tuple[Cell, ...]:
    cells = []
    position = line.index("|") + 1
    for header in headers:
        stop = line.index("|", position)
        raw = line[position:stop]
        begin = start + position + len(raw) - len(raw.lstrip())
        cells.append(Cell(header, begin, begin + len(raw.strip())))
        position = stop + 1
    return tuple(cells)


NOTE = make_document(
    "notes/baricitinib-dosing.md",
    Source(
        path="notes/baricitinib-dosing.md",
        title="Kinase inhibitors at the bedside: a teaching review",
        authors="A. Example, B. Sample",
        year="2021",
        container="Journal of Invented Medicine",
        doi="10.5555/jim.2021.0042",
        licence="CC BY 4.0",
        section="Dosing and monitoring",
        as_of="20 January 2021",
        note="Baricitinib: doses and duration",
    ),
    """# Baricitinib: doses and duration

This note was written for the tests of the chat. It gathers what a ward pharmacist asks about baricitinib, with one
theme to a paragraph, and is long enough that the answer does not stand at its top. Café 😀 and naïve signs keep the
offsets honest.

## Why a JAK inhibitor

Janus kinases carry the message of many cytokines from the membrane to the nucleus. Blocking them calms an immune
answer that has run out of hand. The same brake also slows the making of blood cells, which explains most of the
side effects.

Baricitinib holds back JAK1 and JAK2 above all. It is swallowed once a day, reaches its peak within about an hour,
and leaves the body mostly through the kidneys, so that kidney function decides over the dose.

## Emergency use in adults

Under the emergency use authorization (EUA) of November 2020, adults in hospital who need oxygen take 4 mg of
baricitinib once daily for 14 days or until they go home, whichever comes first. The tablet is given together with
remdesivir. Where kidney function is halved, the dose is halved too.

- Tablets may be crushed and stirred into water.
- A missed dose is taken as soon as it is noticed on the same day.

## Rheumatoid arthritis

For rheumatoid arthritis that other drugs did not settle, the label names 2 mg once daily. The higher dose was
turned down at first because clots were seen more often with it.

## What to watch

Blood counts, liver enzymes and lipids are checked before the first tablet and again while it is taken. Tuberculosis
is ruled out first. Live vaccines wait until treatment is over.

Patients who lie still for long, smoke or have had a clot before need a plan against thrombosis from the first day.
""",
)

TABLE = make_document(
    "notes/current-inhibitors.md",
    Source(
        path="notes/current-inhibitors.md",
        title="Kinase inhibitors at the bedside: a teaching review",
        year="2021",
        container="Journal of Invented Medicine",
        doi="10.5555/jim.2021.0042",
        licence="CC BY 4.0",
        section="Table 1",
        note="JAK inhibitors in use",
    ),
    """# JAK inhibitors in use

Three drugs of the class are on the wards. The table lists what each of them blocks and what it asks one to look out
for.

## Drugs, targets and warnings

Table: JAK inhibitors with their targets, usual dose and chief warning

| Drug | Targets | Usual dose | Chief warning |
| --- | --- | --- | --- |
| Baricitinib | JAK1, JAK2 | 2 mg once daily | Clots in veins and lungs |
| Ruxolitinib | JAK1, JAK2 | 10 mg twice daily | Falling platelets and anaemia |
| Tofacitinib | JAK1, JAK3 | 5 mg twice daily | Serious infection; more deaths at 10 mg twice daily |

Doses are those of the first listed use of each drug. All three are tablets.

## Shared cautions

- No two drugs of the class are combined.
- Shingles come back more often in people over 65.
""",
)

HOSTILE = make_document(
    "notes/hostile.md",
    Source(
        path=f"notes/{PAYLOADS[0]}.md",
        title=PAYLOADS[1],
        authors=PAYLOADS[6],
        year=PAYLOADS[5],
        container=PAYLOADS[2],
        doi='10.5555/"onmouseover="alert(1)',
        licence=PAYLOADS[3],
        section=PAYLOADS[7],
        as_of=PAYLOADS[8],
        note=PAYLOADS[9],
    ),
    "\n\n".join(["# " + PAYLOADS[0], *PAYLOADS, "The payload dose is 7 mg <b onclick=alert(1)>daily</b>."])
    + f"\n\nTable: {PAYLOADS[1]}\n\n| {PAYLOADS[0]} | Dose |\n| {PAYLOADS[10]} | 9 mg {PAYLOADS[1]} |\n",
)


def make_passage(document: Document, quote: str) -> Passage:
    """The block that holds the quote, as a passage."""
    place = document.text.index(quote)
    block = next(block for block in document.blocks if block.start <= place < block.end)
    return Passage(
        passage_id=f"{document.doc_id}:{block.start}",
        doc_id=document.doc_id,
        start=block.start,
        end=block.end,
        text=document.slice(block.start, block.end),
        section=block.section,
        page=None,
        line=document.line(block.start),
        kind=block.kind,
        index_text=document.slice(block.start, block.end),
        cells=block.cells,
        title=document.source.note or document.source.title,
        caption=block.caption,
    )


def make_span(document: Document, quote: str, words: str, score: float = 0.9) -> Span:
    """The words within the first place of the quote."""
    quote_start = document.text.index(quote)
    start = quote_start + quote.index(words)
    passage = make_passage(document, quote)
    return Span(passage, start, start + len(words), words, score, quote_start, quote_start + len(quote))


def make_citation(document: Document, span: Span, number: int) -> Citation:
    """The citation of a span's quote."""
    return Citation(
        number=number,
        doc_id=document.doc_id,
        source=document.source,
        section=span.passage.section,
        page=None,
        line=document.line(span.quote_start),
        start=span.quote_start,
        end=span.quote_end,
        quote=document.slice(span.quote_start, span.quote_end),
        context=span.passage.text,
        context_start=span.passage.start,
    )


DOSE = NOTE.text[NOTE.text.index("Under the emergency") : NOTE.text.index("The tablet is given") - 1]
ROWS = [line for line in TABLE.text.splitlines() if line.startswith("| ") and " mg " in line]


@dataclass
class FakeAssistant:
    """Answers a handful of questions by their words and abstains on all others."""

    sources: tuple[Document, ...] = (NOTE, TABLE, HOSTILE)

    ready = True

    def current(self) -> FakeAssistant:
        """Itself, as its documents never change."""
        return self

    @property
    def documents(self) -> tuple[StoredDocument, ...]:
        """The documents as an index keeps them; none has a file."""
        return tuple(StoredDocument(d, f"/nowhere/{d.source.path}", "", self._collection(d)) for d in self.sources)

    passage_count = 12
    """Passages of all documents together, as a real one counts them."""

    @property
    def passage_counts(self) -> dict[str, int]:
        """One passage for each block of a document."""
        return {document.doc_id: len(document.blocks) for document in self.sources}

    @property
    def index(self) -> LoadedIndex:
        """The documents with one passage each, as the list of the documents needs them."""
        passages = tuple(make_passage(d, d.slice(d.blocks[0].start, d.blocks[0].end)) for d in self.sources)
        return LoadedIndex(Path("/nowhere"), "gen-1", {}, self.documents, passages, None, None, None)  # type: ignore[arg-type]

    @property
    def embedder(self) -> Embedder:
        """One that hashes stems."""
        return FakeEmbedder()

    @property
    def collections(self) -> dict[str, tuple[str, ...]]:
        """One collection with the table."""
        return {"Tables": (TABLE.doc_id,)}

    def _collection(self, document: Document) -> str:
        return "Tables" if document is TABLE else ""

    def retrieve(
        self, question: str, k: int = 5, *, documents: Sequence[str] | None = None, collection: str | None = None
    ) -> list[Hit]:
        """The hits of the answer."""
        return list(self._abstain(question).hits[:k])

    def understand(self, question: str) -> Query:
        """The question as it is."""
        return Query(question, question)

    def document(self, doc_id: str) -> Document:
        """The document with this id."""
        for document in self.sources:
            if document.doc_id == doc_id:
                return document
        raise CorpusError(f"no document {doc_id!r} in the index")

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
        """An answer that is chosen by the words of the question; "and" leans on the question before."""
        if not question.strip():
            raise QuestionError("the question is empty: type a few words")
        if len(question) > 1000:
            raise QuestionError(f"the question has {len(question)} characters; 1000 are read at most")
        words = question.lower()
        if history and words.startswith("and "):
            before = history[-1]
            question_meant = f"{before if isinstance(before, str) else before.question} {question[4:]}"
            return replace(self.ask(question_meant), question=question)
        if "break" in words:
            raise RuntimeError("broken on purpose")
        if "payload" in words:
            row = next(line for line in HOSTILE.text.splitlines() if "9 mg" in line)
            last = HOSTILE.text[HOSTILE.text.index("The payload dose") :].split("\n")[0]
            return self._answer(question, [(HOSTILE, last, "7 mg <b"), (HOSTILE, row, "9 mg <img")])
        if "eua" in words or "emergency" in words:
            return self._answer(question, [(NOTE, DOSE, "4 mg of baricitinib once daily for 14 days")])
        if "which" in words or "list" in words:
            names = ("Baricitinib", "Ruxolitinib", "Tofacitinib")
            return self._answer(question, [(TABLE, row, name) for row, name in zip(ROWS, names, strict=True)])
        if "rux" in words:
            corrections = (Correction("ruxolitnib", "ruxolitinib"),) if "ruxolitnib" in words else ()
            return self._answer(question, [(TABLE, ROWS[1], "10 mg twice daily")], corrections=corrections)
        return self._abstain(question)

    def _answer(self, question: str, found: Sequence[tuple[Document, str, str]], **fields: Any) -> Answer:
        spans = tuple(make_span(*item) for item in found)
        citations = tuple(
            make_citation(document, span, number)
            for number, ((document, _, _), span) in enumerate(zip(found, spans, strict=True), 1)
        )
        return Answer(question, question, spans, citations, confidence=0.9, **fields)

    def _abstain(self, question: str) -> Answer:
        quotes = [
            (NOTE, "Baricitinib holds back JAK1"),
            (TABLE, ROWS[2]),
            (NOTE, "Blood counts, liver enzymes"),
        ]
        hits = tuple(
            Hit(make_passage(document, quote), 0.3 - rank / 100, rank, "fake")
            for rank, (document, quote) in enumerate(quotes, 1)
        )
        sentence = "The same brake also slows the making of blood cells, which explains most of the side effects."
        guess = make_span(NOTE, sentence, "slows the making of blood cells", 0.2)
        return Answer(question, question, hits=hits, candidates=(guess,))
