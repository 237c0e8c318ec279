"""A document as a line of bytes and back: flat lists of numbers and each name once, so that both ends stay small.

What reads the line trusts nothing in it but that it is short: any other shape than that of a document is a ValueError.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, cast

from qa.schema import Block, BlockKind, Box, Cell, Document, Dropped, Piece, Source, WordBox


def pack(document: Document) -> bytes:
    """One line of JSON. Raises MemoryError where there is no room for it."""
    names: dict[str, int] = {}

    def name(text: str) -> int:
        return names.setdefault(text, len(names))

    blocks = [
        [
            name(block.kind),
            block.start,
            block.end,
            block.page,
            name(block.caption),
            name(block.group),
            [name(text) for text in block.section],
            [number for cell in block.cells for number in (name(cell.header), cell.start, cell.end)],
        ]
        for block in document.blocks
    ]
    dropped = [number for gone in document.dropped for number in (gone.origin, gone.end, name(gone.reason))]
    boxes: list[float] = []
    for word in document.boxes:
        box = word.box
        boxes += (word.origin, word.end, box.page, box.left, box.top, box.right, box.bottom)
    packed = {
        "doc_id": document.doc_id,
        "source": asdict(document.source),
        "text": document.text,
        "blocks": blocks,
        "pieces": [number for piece in document.pieces for number in (piece.start, piece.end, piece.origin)],
        "line_starts": document.line_starts,
        "page_starts": document.page_starts,
        "dropped": dropped,
        "boxes": boxes,
        "scanned_pages": document.scanned_pages,
        "names": list(names),
    }
    text = json.dumps(packed, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def unpack(line: bytes | bytearray) -> Document:
    """The document that was packed; raises ValueError for anything else."""
    collecting = gc.isenabled()
    gc.disable()  # it would take longer than all the rest, and find nothing
    try:
        packed = json.loads(line)
        names: list[str] = packed["names"]
        boxes = _groups(packed["boxes"], 7)
        return Document(
            doc_id=packed["doc_id"],
            source=Source(**packed["source"]),
            text=packed["text"],
            blocks=tuple(_block(block, names) for block in packed["blocks"]),
            pieces=tuple(Piece(*numbers) for numbers in _groups(packed["pieces"], 3)),
            line_starts=tuple(packed["line_starts"]),
            page_starts=tuple(packed["page_starts"]),
            dropped=tuple(Dropped(start, end, names[why]) for start, end, why in _groups(packed["dropped"], 3)),
            boxes=tuple(WordBox(start, end, Box(*place)) for start, end, *place in boxes),
            scanned_pages=tuple(packed["scanned_pages"]),
        )
    except (LookupError, TypeError, RecursionError) as error:
        raise ValueError("is no packed document") from error
    finally:
        if collecting:
            gc.enable()


def _block(packed: Sequence[Any], names: Sequence[str]) -> Block:
    kind, start, end, page, caption, group, section, cells = packed
    return Block(
        cast(BlockKind, names[kind]),
        start,
        end,
        tuple(names[number] for number in section),
        page,
        tuple(Cell(names[header], low, high) for header, low, high in _groups(cells, 3)),
        names[caption],
        names[group],
    )


def _groups(numbers: Sequence[Any], size: int) -> Iterator[Any]:
    """The numbers, `size` at a time."""
    return zip(*[iter(numbers)] * size, strict=True)
