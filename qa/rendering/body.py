"""The text of a document as HTML, with the cited words highlighted; of a long one the part around them.

A part is a run of blocks, [first, last). The next part begins where one ends, so that each stays small however long the
document is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from qa.rendering.markup import escape, marked
from qa.rendering.place import Place
from qa.schema import Block, Document

PART = 150_000
"""Characters of a document, with an allowance for the tags of blocks and cells, that are shown at once."""

_BLOCK_TAGS = 20
_CELL_TAGS = 14
_HEADING_MARKS = re.compile(r"#{1,6}\s+")
_BULLET = re.compile(r"[-*+\u2022\u25a0]\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """The blocks [first, last) of a document, of which there are `count`."""

    first: int
    last: int
    count: int

    @classmethod
    def around(cls, document: Document, place: Place, budget: int = PART) -> Part:
        """The part around a place, growing on both sides by turns."""
        blocks = document.blocks
        last = next((i for i, block in enumerate(blocks) if block.end > place.start), len(blocks) - 1) + 1
        first = last - 1
        left = budget - _cost(blocks[first]) if blocks else 0
        while left > 0 and (first > 0 or last < len(blocks)):
            if first > 0:
                first -= 1
                left -= _cost(blocks[first])
            if last < len(blocks):
                left -= _cost(blocks[last])
                last += 1
        return cls(max(first, 0), last, len(blocks))

    @classmethod
    def before(cls, document: Document, last: int, budget: int = PART) -> Part:
        """The part that ends before block `last`."""
        last = first = max(1, min(last, len(document.blocks)))
        while first > 0 and budget > 0:
            first -= 1
            budget -= _cost(document.blocks[first])
        return cls(first, last, len(document.blocks))

    @classmethod
    def after(cls, document: Document, first: int, budget: int = PART) -> Part:
        """The part that begins with block `first`."""
        first = last = max(0, min(first, len(document.blocks) - 1))
        while last < len(document.blocks) and budget > 0:
            budget -= _cost(document.blocks[last])
            last += 1
        return cls(first, last, len(document.blocks))


def _cost(block: Block) -> int:
    return block.end - block.start + _BLOCK_TAGS + _CELL_TAGS * len(block.cells)


def body(document: Document, place: Place, part: Part) -> str:
    """The blocks of a part, tables as tables, lists as lists."""
    blocks = document.blocks[part.first : part.last]
    return "".join(_BLOCKS.get(kind, _paragraph)(document, run, place) for (kind, _, _), run in _runs(blocks))


def _runs(blocks: Sequence[Block]) -> Iterator[tuple[tuple[str, str, tuple[str, ...]], list[Block]]]:
    """Blocks in order, the rows of one table and the items of one list together."""

    def key(block: Block) -> tuple[str, str, tuple[str, ...]]:
        if block.kind == "table_row":
            return block.kind, block.caption, tuple(cell.header for cell in block.cells)
        return block.kind, "", ()

    for run, members in groupby(blocks, key):
        yield run, list(members)


def _paragraph(document: Document, blocks: Sequence[Block], place: Place) -> str:
    return "".join(f"<p>{_words(document, block.start, block.end, place)}</p>" for block in blocks)


def _caption(document: Document, blocks: Sequence[Block], place: Place) -> str:
    """Captions; the header row of a table, which is one too, is drawn with the rows unless it is what is quoted."""
    return "".join(
        f'<p class="vb-caption">{_words(document, block.start, block.end, place)}</p>'
        for block in blocks
        if not document.slice(block.start, block.end).startswith("|") or _is_quoted(block, place)
    )


def _is_quoted(block: Block, place: Place) -> bool:
    return block.start < place.quote_end and place.quote_start < block.end


def _heading(document: Document, blocks: Sequence[Block], place: Place) -> str:
    parts = []
    for block in blocks:
        level = min(6, 3 + len(block.section))
        start = _after(_HEADING_MARKS, document, block)
        parts.append(f"<h{level}>{_words(document, start, block.end, place)}</h{level}>")
    return "".join(parts)


def _list(document: Document, blocks: Sequence[Block], place: Place) -> str:
    items = (_words(document, _after(_BULLET, document, block), block.end, place) for block in blocks)
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _flat_table(document: Document, blocks: Sequence[Block], place: Place) -> str:
    return "".join(f'<div class="vb-flat">{_words(document, b.start, b.end, place)}</div>' for b in blocks)


def _table(document: Document, blocks: Sequence[Block], place: Place) -> str:
    """The rows of one table; the quoted row stands out, and what a caption block does not say is said above."""
    if not blocks[0].cells:
        return _flat_table(document, blocks, place)
    headers = "".join(f'<th scope="col">{escape(cell.header)}</th>' for cell in blocks[0].cells)
    rows = []
    for block in blocks:
        quoted = ' class="vb-quoted-row"' if _is_quoted(block, place) else ""
        cells = "".join(f"<td>{_words(document, cell.start, cell.end, place)}</td>" for cell in block.cells)
        rows.append(f"<tr{quoted}>{cells}</tr>")
    named = blocks[0].caption
    told = named and any(b.kind == "caption" and document.slice(b.start, b.end) == named for b in document.blocks)
    caption = f"<caption>{escape(named)}</caption>" if named and not told else ""
    head = f"<thead><tr>{headers}</tr></thead>" if any(cell.header for cell in blocks[0].cells) else ""
    return f'<div class="vb-scroll"><table>{caption}{head}<tbody>{"".join(rows)}</tbody></table></div>'


_BLOCKS = {"heading": _heading, "list_item": _list, "caption": _caption, "table": _flat_table, "table_row": _table}


def _after(marks: re.Pattern[str], document: Document, block: Block) -> int:
    """Where the words of a block begin behind its Markdown marks."""
    match = marks.match(document.slice(block.start, block.end))
    return block.start + match.end() if match else block.start


def _words(document: Document, start: int, end: int, place: Place) -> str:
    """The text at [start, end), escaped, with the quote highlighted and the span in it marked; of a vast run a part."""
    first, last = start, end
    if end - start > 2 * PART:
        first = min(max(start, place.start - PART), end - PART) if start <= place.start < end else start
        last = min(end, first + 2 * PART)
    text = document.slice(first, last)
    words = marked(text, first, [(place.start, place.end)], quote=(place.quote_start, place.quote_end))
    return f"{_left_out(first - start)}{words}{_left_out(end - last)}"


def _left_out(count: int) -> str:
    return f" <i>[{count:,} characters are not shown here]</i> " if count else ""
