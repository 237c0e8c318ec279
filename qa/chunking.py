"""Document → passages: whole sentences of one section, or one table row.

A passage never crosses a section and never cuts a sentence, but for one that alone exceeds the limit of word pieces.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from qa.schema import Block, Cell, Document, Passage, Sentence
from qa.text import sentences

CHUNKER_VERSION = 1
TABLE_WINDOW = 75
"""Words of a window over a table whose rows are not known."""


# A line that is no row's key: identifiers of many digits, numbers, marks and single letters.
_NO_KEY = re.compile(r"(?:[^\w]|\b[A-Z]{0,8}\d{4,12}\b|\b\d{1,9}\b|\b[A-Za-z]\b)*")


@dataclass(frozen=True, slots=True)
class ChunkSettings:
    """How large passages grow: `words` is aimed at, `pieces` (of the embedder, with title and section) never exceeded.

    120 words: on the 60 papers of the development set passages of 80, 120 and 170 words put the right passage first for
    57, 61 and 60 % of the questions (benchmarks/quality.py).
    """

    words: int = 120
    pieces: int = 220


def chunk(document: Document, count: Callable[[str], int], settings: ChunkSettings | None = None) -> list[Passage]:
    """The passages of a document in order of their place; `count` gives the number of word pieces of a text."""
    return list(_Chunker(document, count, settings or ChunkSettings()).passages())


def index_spans(passage: Passage) -> list[tuple[int, int]]:
    """Where each sentence of the passage stands in its `index_text`: what gets a vector of its own."""
    if passage.kind == "table_row":
        return [(0, len(passage.index_text))] * len(passage.sentences)
    shift = len(passage.index_text) - len(passage.text) - passage.start
    return [(sentence.start + shift, sentence.end + shift) for sentence in passage.sentences]


class _Chunker:
    def __init__(self, document: Document, count: Callable[[str], int], settings: ChunkSettings) -> None:
        self.document = document
        # A sentence is counted when it is cut to fit and when passages are filled, its context with each of them.
        self.count = lru_cache(maxsize=10_000)(count)
        self.settings = settings
        self.title = document.source.note or document.source.title
        self._contexts: dict[tuple[tuple[str, ...], str], str] = {}

    def passages(self) -> Iterator[Passage]:
        pending: list[tuple[Block, Sentence]] = []
        for block in self.document.blocks:
            alone = block.kind in ("heading", "table_row", "table")
            if pending and (alone or block.section != pending[-1][0].section):
                yield from self.prose(pending)
                pending = []
            if block.kind == "table_row":
                yield from self.row(block)
            elif block.kind == "table":
                yield from self.table(block)
            elif block.kind != "heading":
                spans = sentences(self.document.slice(block.start, block.end))
                pending += [(block, part) for s, e in spans for part in self.fit(block.start + s, block.start + e)]
        yield from self.prose(pending)

    def prose(self, units: list[tuple[Block, Sentence]]) -> Iterator[Passage]:
        """Passages of as many sentences as the settings allow; a paragraph that fits into one is not begun in a full one."""
        size = Counter[int]()
        for block, sentence in units:
            size[block.start] += len(self.document.slice(sentence.start, sentence.end).split())
        group: list[tuple[Block, Sentence]] = []
        words = pieces = 0
        lead = ""
        for block, sentence in units:
            text = self.document.slice(sentence.start, sentence.end)
            more_words, more_pieces = len(text.split()), self.count(text)
            room = self.settings.pieces - self.count(self.context(block)) - 2
            begins = group and block.start != group[-1][0].start and words * 3 > self.settings.words
            ahead = size[block.start] if begins and size[block.start] <= self.settings.words else more_words
            if group and (words + ahead > self.settings.words or pieces + more_pieces > room):
                yield self.passage(group[0][0], [unit for _, unit in group], lead=lead)
                lead = self.document.slice(group[-1][1].start, group[-1][1].end)
                group, words, pieces = [], 0, 0
            group.append((block, sentence))
            words, pieces = words + more_words, pieces + more_pieces
        if group:
            yield self.passage(group[0][0], [unit for _, unit in group], lead=lead)

    def row(self, block: Block) -> Iterator[Passage]:
        """One passage for the row; a row of more than the limit is cut between cells, its key indexed with each part."""
        run: list[Cell] = []
        start = block.start
        for cell in self.cells(block):
            if run and self.count(self.row_text(block, [*run, cell])) > self.settings.pieces:
                yield self.passage(block, [Sentence(start, run[-1].end)], tuple(run))
                start, run = cell.start, []
            run.append(cell)
        yield self.passage(block, [Sentence(start, block.end)], tuple(run))

    def cells(self, block: Block) -> Iterator[Cell]:
        """The cells of a row; one that alone is too long is cut at white space."""
        if self.count(self.document.slice(block.start, block.end)) <= self.settings.pieces // 2:
            yield from block.cells
            return
        for cell in block.cells:
            for part in self.fit(cell.start, cell.end):
                yield Cell(cell.header, part.start, part.end)

    def table(self, block: Block) -> Iterator[Passage]:
        """Passages over a table whose rows are not known: its units are windows of lines, one for each line that can be a key.

        Wherever a row begins, some window begins with its key. Passages overlap, so that no window is cut.
        """
        lines = [
            part
            for match in re.finditer(r"[^\n]*\S", self.document.slice(block.start, block.end))
            for part in self.fit(block.start + match.start(), block.start + match.end())
        ]
        context = self.count(self.context(block))
        group: list[Sentence] = []
        for i, line in enumerate(lines):
            if group and line.end <= group[-1].end and _NO_KEY.fullmatch(self.document.slice(line.start, line.end)):
                continue
            end = line.end
            for later in lines[i + 1 :]:
                longer = self.document.slice(line.start, later.end)
                if len(longer.split()) > TABLE_WINDOW or self.count(longer) > self.settings.pieces * 2 // 3:
                    break
                end = later.end
            if group and context + self.count(self.document.slice(group[0].start, end)) > self.settings.pieces:
                yield self.passage(block, group)
                group = []
            group.append(Sentence(line.start, end))
        if group:
            yield self.passage(block, group)

    def fit(self, start: int, end: int) -> Iterator[Sentence]:
        """The range as one sentence, or halved at white space until each part has at most half the limit of pieces."""
        text = self.document.slice(start, end)
        if end - start < 2 or self.count(text) <= self.settings.pieces // 2:
            yield Sentence(start, end)
            return
        middle = len(text) // 2
        before, after = text.rfind(" ", 1, middle), text.find(" ", middle, len(text) - 1)
        cut = before if before > 0 and (after < 0 or middle - before <= after - middle) else after
        if cut < 0:
            cut = middle
        yield from self.fit(start, start + cut)
        yield from self.fit(start + cut + text[cut].isspace(), end)

    def context(self, block: Block) -> str:
        """What is set before a passage when it is indexed: title, section path and caption, at most half the limit."""
        key = (block.section, block.caption)
        if key not in self._contexts:
            parts = list(dict.fromkeys(part for part in (self.title, *block.section, block.caption) if part))
            while len(parts) > 1 and self.count(". ".join(parts)) > self.settings.pieces // 2 - 4:
                parts.pop(0)
            text = ". ".join(parts)
            while text and self.count(text) > self.settings.pieces // 2 - 4:
                text = text[: len(text) * 3 // 4]
            self._contexts[key] = text + ". " if text else ""
        return self._contexts[key]

    def row_text(self, block: Block, cells: Iterable[Cell]) -> str:
        """`group; header: cell; header: cell` behind the context, beginning with the key of the row where it is short."""
        cells = list(cells)
        key = next((cell for cell in block.cells if cell.end > cell.start), None)
        if key and cells and cells[0].start > key.start and self.count(self.document.slice(key.start, key.end)) < 20:
            cells.insert(0, key)
        named = (
            f"{cell.header}: {self.document.slice(cell.start, cell.end)}" if cell.header
            else self.document.slice(cell.start, cell.end)
            for cell in cells
            if cell.end > cell.start
        )  # fmt: skip
        group = [block.group] if block.group and self.count(block.group) < 20 else []
        return self.context(block) + "; ".join([*group, *named])

    def passage(self, block: Block, units: Iterable[Sentence], cells: tuple[Cell, ...] = (), lead: str = "") -> Passage:
        """The passage over the units, which stand in `block` or begin there; the one place where it takes its words."""
        units = tuple(units)
        start, end = units[0].start, max(unit.end for unit in units)
        text = self.document.slice(start, end)
        identity = f"{self.document.doc_id}\0{start}\0{end}\0{text}".encode()
        return Passage(
            passage_id=hashlib.sha256(identity).hexdigest()[:16],
            doc_id=self.document.doc_id,
            start=start,
            end=end,
            text=text,
            section=block.section,
            page=self.document.page(start),
            line=self.document.line(start),
            kind=block.kind,
            index_text=self.row_text(block, cells) if cells else self.context(block) + text,
            sentences=units,
            cells=cells,
            title=self.title,
            caption=block.caption,
            group=block.group,
            lead=lead,
        )
