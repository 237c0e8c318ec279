"""Parts of a document whose format is not plain text, and how they become its stream of characters and its blocks.

A reader lists the parts in reading order; `assemble` writes them one after another, which is "the file" that offsets lead
back to, and copies from there what is not left out. Rows of a table are written with pipes, as in Markdown.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from qa.corpus.builder import DocumentBuilder
from qa.corpus.groups import Shape, find_groups
from qa.errors import CorpusError
from qa.schema import BlockKind, Cell, Document, Source

MAX_STREAM = 20_000_000
"""Characters that a document may have; some twenty thousand pages."""
MAX_CELLS = 500_000
_MAX_REPEATED = 500
"""A merged cell of more characters stands in its first row and column only."""

_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_NOTHING = re.compile("[\u200b\u2060\ufeff\ud800-\udfff\ufffe\uffff]")
_CLOSING = re.compile(r"[.,;:!?)\]]")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of the stream, and why they are left out of the text ("" where they are not)."""

    text: str
    reason: str = ""


Words = Sequence[Run]


@dataclass(slots=True)
class Part:
    """A block to be: its words, or for a row of a table its cells with the headers of their columns.

    `tight`: it stands on the line below the part before, not set off. `dropped`: why all of it is left out.
    """

    kind: BlockKind
    words: Words = ()
    section: tuple[str, ...] = ()
    caption: str = ""
    cells: Sequence[Words] = ()
    headers: Sequence[str] = ()
    tight: bool = False
    dropped: str = ""


@dataclass(slots=True)
class Table:
    """Rows of cells with merged cells repeated (`expand`), of which the first `headers` name the columns.

    `indents`: how far the first cell of each row is moved in, where that is known.
    """

    rows: list[list[Words]]
    headers: int
    section: tuple[str, ...] = ()
    captions: list[str] = field(default_factory=list)
    follows_caption: bool = False
    indents: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Spanned:
    """A cell as a format gives it, with the columns and rows that it covers."""

    words: Words
    columns: int = 1
    rows: int = 1


def plain(words: Words) -> str:
    """The characters that are kept, on one line."""
    return "".join(run.text for run in words if not run.reason).strip()


def tidy(runs: Iterable[Run]) -> list[Run]:
    """Runs with each white space as one space, none at the ends and none before a mark that a left-out run stood before.

    Characters that show nothing (zero-width, control, lone surrogates) go; soft hyphens become runs that are left out.

    >>> [run.text for run in tidy([Run(" so "), Run("[12]", "mark"), Run(". Now ")])]
    ['so', ' [12]', '. Now']
    """
    out: list[Run] = []
    kept = -1
    for run in _split(runs):
        text = run.text
        if run.reason:
            out += [Run(text.strip(), run.reason)] if text.strip() else []
            continue
        if kept < 0 or out[kept].text.endswith(" "):
            text = text.lstrip()
        if not text:
            continue
        if 0 <= kept < len(out) - 1 and _CLOSING.match(text):
            _give_space(out, kept)
        kept = len(out)
        out.append(Run(text))
    if kept >= 0:
        _give_space(out, kept)
    return [run for run in out if run.text]


def _split(runs: Iterable[Run]) -> Iterable[Run]:
    """Runs of one reason joined and cleaned, and cut at soft hyphens."""
    for reason, group in groupby(runs, key=lambda run: run.reason):
        text = _NOTHING.sub("", "".join(run.text for run in group))
        pieces = [text] if reason else re.split("(\u00ad+)", text)
        for piece in pieces:
            if piece:
                yield Run(_BLANK.sub(" ", piece), "soft hyphen" if piece[0] == "\u00ad" and not reason else reason)


def _give_space(out: list[Run], kept: int) -> None:
    """Take the space that ends a kept run to the left-out run behind it."""
    if out[kept].text.endswith(" "):
        out[kept] = Run(out[kept].text.rstrip())
        if kept + 1 < len(out):
            out[kept + 1] = replace(out[kept + 1], text=" " + out[kept + 1].text)


def expand(rows: Iterable[Sequence[Spanned]], path: str) -> list[list[Words]]:
    """The grid of a table, a merged cell repeated in each column and row that it covers.

    A cell over all columns of a row stays alone in it. Raises CorpusError for a grid beyond all bounds.
    """
    grid: list[list[Words]] = []
    open_cells: dict[int, tuple[Words, int]] = {}
    count = 0
    widths = []
    for row in rows:
        line: list[Words] = []
        pending = deque(row)
        lone = len(pending) == 1 and not open_cells and pending[0].columns > 1
        last = max(open_cells, default=-1)
        while pending or len(line) <= last:
            at = len(line)
            if at in open_cells:
                words, left = open_cells.pop(at)
                line.append(words)
                if left > 1:
                    open_cells[at] = (words, left - 1)
            elif pending:
                cell = pending.popleft()
                long = len(plain(cell.words)) > _MAX_REPEATED
                for i in range(max(1, cell.columns)):
                    line.append(() if long and i else cell.words)
                    if cell.rows > 1:
                        open_cells[at + i] = (() if long else cell.words, cell.rows - 1)
            else:
                line.append(())
            if len(line) > 1000 or (count := count + 1) > MAX_CELLS:
                raise CorpusError("holds a table that is too large to be read", path=path)
        grid.append(line)
        widths.append(len(line) if lone else 0)
    width = max((len(line) for line, lone in zip(grid, widths, strict=True) if not lone), default=0)
    return [line[:1] if lone and lone >= width else line for line, lone in zip(grid, widths, strict=True)]


def table_parts(table: Table) -> list[Part]:
    """The rows of a table: those that name the columns and those that name a group as Markdown has its header line.

    The name of a group is repeated as the first cell of each row of the group.
    """
    kept = [i for i, row in enumerate(table.rows) if any(plain(words) for words in row)]
    head = [table.rows[i] for i in kept if i < table.headers]
    rows = [table.rows[i] for i in kept if i >= table.headers]
    indents = [table.indents[i] if table.indents else 0 for i in kept if i >= table.headers]
    names = _names(head)
    caption = " ".join(table.captions)
    parts: list[Part] = []

    def add(kind: BlockKind, cells: Sequence[Words], headers: Sequence[str] = ()) -> None:
        shown = caption if kind == "table_row" else ""
        tight = bool(parts) or table.follows_caption
        parts.append(Part(kind, section=table.section, caption=shown, cells=cells, headers=headers, tight=tight))

    for row in head:
        add("caption", row)
    shapes = [_shape(row, indent) for row, indent in zip(rows, indents, strict=True)]
    for row, groups in zip(rows, find_groups(shapes), strict=True):
        if groups is None:
            add("caption", row[:1])
        else:
            add("table_row", [*(rows[i][0] for i in groups), *row], [*("" for _ in groups), *names])
    return parts


def _shape(row: Sequence[Words], indent: int) -> Shape:
    texts = [plain(words) for words in row]
    return Shape(len(row), sum(map(bool, texts)), len(texts[0]), indent)


def _names(head: Sequence[Sequence[Words]]) -> list[str]:
    """The header of each column: the words of its header rows, one that is merged downwards once."""
    names: list[list[str]] = [[] for _ in range(max((len(row) for row in head), default=0))]
    for row in head:
        for column, words in zip(names, row, strict=False):
            text = plain(words)
            if (text and text not in column and len(row) > 1) or (len(names) == 1 and text):
                column.append(text)
    return [" ".join(column) for column in names]


def assemble(parts: Sequence[Part], *, doc_id: str, source: Source) -> Document:
    """Write the parts as the stream and build the document from it. Raises CorpusError where it grows beyond bounds."""
    runs = [[*_row_runs(part.cells)] if part.cells else list(part.words) for part in parts]
    size = 0
    for some in runs:
        size += sum(len(run.text) for run in some) + 2
        if size > MAX_STREAM:
            raise CorpusError(f"holds more text than the {MAX_STREAM:,} characters that are read", path=source.path)
    builder = DocumentBuilder("\n\n".join("".join(run.text for run in some) for some in runs))
    at = 0
    last: BlockKind | None = None
    for part, some in zip(parts, runs, strict=True):
        size = sum(len(run.text) for run in some)
        if part.dropped:
            builder.drop(at, at + size, part.dropped)
        elif size:
            listed = part.kind == "list_item" == last
            builder.begin("\n" if part.tight or listed else "\n\n")
            _copy(builder, part, some, at)
            last = part.kind
        at += size + 2
    return replace(builder.build(doc_id, source), line_starts=())


def _row_runs(cells: Sequence[Words]) -> Iterable[Run]:
    """A row as it is written: "| cell | cell |", and "| |" where a cell is empty."""
    yield Run("|")
    for words in cells:
        if plain(words):
            yield Run(" ")
        yield from words
        yield Run(" |")


def _copy(builder: DocumentBuilder, part: Part, runs: Words, at: int) -> None:
    for run in runs:
        if run.reason:
            builder.drop(at, at + len(run.text), run.reason)
        else:
            builder.copy(at, at + len(run.text))
        at += len(run.text)
    if part.kind != "table_row":
        builder.end(part.kind, section=part.section, caption=part.caption)
        return
    place = builder.block_start + 1
    cells = []
    headers = [*part.headers, *("" for _ in range(len(part.cells) - len(part.headers)))]
    for header, words in zip(headers, part.cells, strict=False):
        size = sum(len(run.text) for run in words if not run.reason)
        place += size > 0
        cells.append(Cell(header, place, place + size))
        place += size + 2
    builder.end(part.kind, section=part.section, cells=cells, caption=part.caption)
