"""The panel that shows a document with the cited words highlighted in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from qa.rendering.markup import doi_link, dotted, escape, marked, trail, work_title
from qa.rendering.place import Place, place_attributes
from qa.schema import Block, Document

_HEADING_MARKS = re.compile(r"#{1,6}\s+")
_BULLET = re.compile(r"[-*+\u2022\u25a0]\s+")


def no_source() -> str:
    """What the panel beside the chat holds before a citation is opened."""
    return '<article class="vb-source"></article>'


def lost_source(reason: str) -> str:
    """What the panel says where a source cannot be opened."""
    return f'<article class="vb-source">{_CLOSE}<p class="vb-lost" role="status">{escape(reason)}</p></article>'


def source_panel(document: Document, place: Place) -> str:
    """The whole document with the quote and the span highlighted, under the reference and the place of the quote."""
    source = document.source
    page, line = document.page(place.start), document.line(place.start)
    section = next((block.section for block in document.blocks if block.start <= place.start < block.end), ())
    heading = trail(section, source.title, source.note)
    published = (source.authors, source.container, source.year, source.section)
    where = filter(None, (heading, f"page {page}" if page else "", f"line {line}" if line else ""))
    notes = (
        f"Restated in “{source.note}”" if source.note and source.note != source.title else "",
        f"as of {source.as_of}" if source.as_of else "",
        source.path,
        source.licence,
    )
    return (
        f'<article class="vb-source" {place_attributes(place)} aria-label="Source"><header>{_CLOSE}'
        f"<h2>{escape(work_title(source) or document.doc_id)}</h2>"
        f"{dotted(*map(escape, published), doi_link(source.doi))}"
        f'<p class="vb-where">{escape(" · ".join(where))}</p>'
        f'<details class="vb-about"><summary>About this document</summary>{dotted(*map(escape, notes))}</details>'
        '</header><div class="vb-text" tabindex="0" role="region" aria-label="Text of the document">'
        f"{_body(document, place)}</div></article>"
    )


_CLOSE = '<button type="button" class="vb-close" aria-label="Close the source" title="Close (Esc)">&times;</button>'


def _body(document: Document, place: Place) -> str:
    """All blocks of the document, tables as tables, lists as lists."""
    return "".join(
        _BLOCKS.get(kind, _paragraph)(document, blocks, place) for (kind, _, _), blocks in _runs(document.blocks)
    )


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
    told = any(b.kind == "caption" and document.slice(b.start, b.end) == blocks[0].caption for b in document.blocks)
    caption = f"<caption>{escape(blocks[0].caption)}</caption>" if blocks[0].caption and not told else ""
    head = f"<thead><tr>{headers}</tr></thead>" if any(cell.header for cell in blocks[0].cells) else ""
    return f'<div class="vb-scroll"><table>{caption}{head}<tbody>{"".join(rows)}</tbody></table></div>'


_BLOCKS = {"heading": _heading, "list_item": _list, "caption": _caption, "table": _flat_table, "table_row": _table}


def _after(marks: re.Pattern[str], document: Document, block: Block) -> int:
    """Where the words of a block begin behind its Markdown marks."""
    match = marks.match(document.slice(block.start, block.end))
    return block.start + match.end() if match else block.start


def _words(document: Document, start: int, end: int, place: Place) -> str:
    """The text at [start, end), escaped, with the quote highlighted and the span in it marked."""
    text = document.slice(start, end)
    return marked(text, start, [(place.start, place.end)], quote=(place.quote_start, place.quote_end))
