"""Tables of a Word document: the grid of their cells, which rows name the columns, and which paragraph is the caption."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from qa.corpus.parts import Part, Run, Spanned, Table, Words, expand, plain, tidy
from qa.corpus.shapes import caption_label
from qa.corpus.word.package import child, is_on, name, value
from qa.corpus.word.words import Paragraphs, chosen_content

if TYPE_CHECKING:
    from lxml import etree

_BARE_LABEL = re.compile(r"(?:supplementary |supplemental )?(?:table|tab\.)\s*S?[\dIVX]{1,5}[.:]?", re.IGNORECASE)
_MAX_SPAN = 100
_MAX_CAPTION = 3_000
_INSIDE = frozenset(("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))


def rows_of(table: etree._Element) -> list[etree._Element]:
    """The rows of a table, those that a tracked change takes out left out."""
    return [row for row in _find(table, "tr") if child(row, "trPr", "del") is None]


def cells_of(row: etree._Element) -> list[etree._Element]:
    """The cells of a row, those that a tracked change takes out left out."""
    return [cell for cell in _find(row, "tc") if child(cell, "tcPr", "cellDel") is None]


def _find(parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
    for element in parent:
        kind = name(element)
        if kind == wanted:
            yield element
        elif kind in _INSIDE:
            yield from _find(element, wanted)


def read_table(table: etree._Element, paragraphs: Paragraphs, section: tuple[str, ...], path: str) -> Table:
    """The table as rows of words, merged cells repeated."""
    rows = rows_of(table)
    spanned = _spanned(rows, paragraphs)
    grid = expand(spanned, path)
    return Table(grid, _headers(table, rows, spanned, grid), section)


def _spanned(rows: Sequence[etree._Element], paragraphs: Paragraphs) -> list[list[Spanned]]:
    """Cells with their spans: a cell that goes on from the row above makes the first of them span one row more."""
    done: list[list[Spanned]] = []
    open_cells: dict[int, tuple[int, int]] = {}
    for number, row in enumerate(rows):
        line: list[Spanned] = []
        at = _number(child(row, "trPr", "gridBefore"), 0)
        line += [Spanned(())] * at
        went_on: dict[int, tuple[int, int]] = {}
        for cell in cells_of(row):
            properties = child(cell, "tcPr")
            columns = _number(child(properties, "gridSpan"), 1)
            merge = child(properties, "vMerge")
            first = open_cells.get(at)
            if merge is not None and value(merge) != "restart" and first is not None:
                origin, place = first
                begun = done[origin][place]
                done[origin][place] = Spanned(begun.words, begun.columns, begun.rows + 1)
                went_on[at] = first
            else:
                if merge is not None:
                    went_on[at] = (number, len(line))
                line.append(Spanned(cell_words(cell, paragraphs), columns))
            at += columns
        open_cells = went_on
        done.append(line)
    return done


def cell_words(cell: etree._Element, paragraphs: Paragraphs) -> list[Run]:
    """All words of a cell as one: its paragraphs, lists, text boxes and the cells of tables inside it."""
    return tidy(read_words(cell, paragraphs))


def read_words(parent: etree._Element, paragraphs: Paragraphs) -> list[Run]:
    """The runs of all paragraphs inside a cell or a note, a blank behind each."""
    runs: list[Run] = []
    _gather(parent, paragraphs, runs)
    return runs


def _gather(parent: etree._Element, paragraphs: Paragraphs, runs: list[Run]) -> None:
    for element in parent:
        kind = name(element)
        if kind == "p":
            words, boxes = paragraphs.read(element)
            runs += [*words, Run(" ")]
            for box in boxes:
                _gather(box, paragraphs, runs)
        elif kind == "AlternateContent":
            for chosen in chosen_content(element):
                _gather(chosen, paragraphs, runs)
        elif kind == "tbl":
            for row in rows_of(element):
                for cell in cells_of(row):
                    _gather(cell, paragraphs, runs)
        elif kind in _INSIDE:
            _gather(element, paragraphs, runs)


def _number(element: etree._Element | None, default: int) -> int:
    text = value(element)
    return min(int(text), _MAX_SPAN) if text.isdecimal() and len(text) < 10 else default


def _headers(
    table: etree._Element, rows: Sequence[etree._Element], spanned: Sequence[Sequence[Spanned]], grid: list[list[Words]]
) -> int:
    """How many rows name the columns: those marked as headers, else the first and what its merged cells cover.

    None where the table has one row, or says that its first row is not special.
    """
    marked = 0
    while marked < len(rows) and is_on(child(rows[marked], "trPr", "tblHeader")):
        marked += 1
    if marked:
        return marked if marked < len(rows) else 0
    look = child(table, "tblPr", "tblLook")
    bits = value(look)
    first_row = value(look, "firstRow") or ("1" if not bits else str(int(bool(_hex(bits) & 0x20))))
    wide = max((len(line) for line in grid), default=0)
    start = next((i for i, line in enumerate(grid) if wide == 1 or len(line) > 1), 0)
    if first_row in {"0", "false", "off"} or len(rows) - start < 2:
        return 0
    count = start + max((cell.rows for cell in spanned[start]), default=1)
    return count if count < len(rows) else start + 1


def _hex(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return 0x20


def join_captions(items: Sequence[Part | Table]) -> None:
    """Give each table the caption beside it: on the side where most captions of the document stand, else on the other."""
    tables = [i for i, item in enumerate(items) if isinstance(item, Table)]
    above = sum(is_caption(items, i - 1) for i in tables)
    below = sum(is_caption(items, i + 1) for i in tables)
    sides = (-1, 1) if above >= below else (1, -1)
    used: set[int] = set()
    for side in sides:
        for i in tables:
            table = items[i]
            if isinstance(table, Table) and not table.captions and i + side not in used and is_caption(items, i + side):
                used.add(i + side)
                _take(items, table, i, side)


def is_caption(items: Sequence[Part | Table], at: int) -> bool:
    """Whether the item there can be the caption of a table: by its style, or as it begins "Table 2"."""
    item = items[at] if 0 <= at < len(items) else None
    if not isinstance(item, Part) or item.dropped or item.kind not in {"caption", "paragraph", "heading"}:
        return False
    text = plain(item.words)
    if len(text) > _MAX_CAPTION:
        return False
    label = caption_label(text[:300], None)
    if item.kind == "heading":
        return label == "table"
    bare = at > 0 and _is_bare(items[at - 1]) and len(text) <= 300
    return label == "table" or (item.kind == "caption" and label != "figure") or bare


def _is_bare(item: Part | Table) -> bool:
    """A label that stands alone, the words of the caption in the paragraph below it."""
    return isinstance(item, Part) and not item.dropped and bool(_BARE_LABEL.fullmatch(plain(item.words)[:60]))


def _take(items: Sequence[Part | Table], table: Table, at: int, side: int) -> None:
    places = [at + side]
    if at + side > 0 and _is_bare(items[at + side - 1]):
        places.insert(0, at + side - 1)
    elif side > 0 and _is_bare(items[at + side]) and is_caption(items, at + side + 1):
        places.append(at + side + 1)
    for place in places:
        part = items[place]
        if isinstance(part, Part):
            part.kind = "heading" if part.kind == "heading" else "caption"
            table.captions.append(plain(part.words))
    table.follows_caption = side < 0
