"""Assembles the text of a document from runs of its file, recording the way back as it goes.

Text and map cannot disagree: nothing but whitespace gets into the text other than by copying from the file.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from qa.schema import Block, BlockKind, Cell, Document, Dropped, Piece, Source

_LINE_END = re.compile(r"\r\n?|\n")


def line_starts(file: str) -> tuple[int, ...]:
    r"""Offset of the first character of each line; lines end with LF, CRLF or CR.

    >>> line_starts("a\r\nb\rc\n")
    (0, 3, 5)
    """
    starts = [0, *(match.end() for match in _LINE_END.finditer(file))]
    if len(starts) > 1 and starts[-1] == len(file):
        starts.pop()
    return tuple(starts)


class DocumentBuilder:
    """Collects the blocks of one document; `build` is called once, at the end.

    Whitespace between copied runs is owed until the next character is copied, so that no block begins or ends with it.
    """

    def __init__(self, file: str, *, page_starts: Sequence[int] = ()) -> None:
        self.file = file
        self._page_starts = tuple(page_starts)
        self._parts: list[str] = []
        self._length = 0
        self._owed = ""
        self._pieces: list[Piece] = []
        self._dropped: list[Dropped] = []
        self._blocks: list[Block] = []
        self._block_start: int | None = None
        self._block_origin = 0

    def begin(self, gap: str = "\n\n") -> None:
        """Open a block, set off from the one before by `gap`."""
        self._owed = gap
        self._block_start = None

    def copy(self, start: int, end: int) -> None:
        """Append the file's characters [start, end)."""
        joined = bool(self._pieces) and self._follows(start)
        if not joined and (self._owed or self._block_start is None or self._parts[-1][-1:].isspace()):
            while start < end and self.file[start].isspace():
                start += 1
        if start >= end:
            return
        if self._owed and self._length:
            self._parts.append(self._owed)
            self._length += len(self._owed)
        elif joined:
            last = self._pieces.pop()
            self._parts.append(self.file[start:end])
            self._length += end - start
            self._pieces.append(Piece(last.start, self._length, last.origin))
            return
        self._owed = ""
        if self._block_start is None:
            self._block_start, self._block_origin = self._length, start
        self._parts.append(self.file[start:end])
        self._pieces.append(Piece(self._length, self._length + end - start, start))
        self._length += end - start

    def _follows(self, start: int) -> bool:
        """Whether file offset `start` comes right after what was copied last, in the same block."""
        last = self._pieces[-1]
        return not self._owed and self._block_start is not None and last.origin + last.end - last.start == start

    def space(self, whitespace: str = " ") -> None:
        """Owe whitespace before the next character of this block; a line break outranks a space."""
        if self._block_start is not None and self._owed != "\n" and not self._parts[-1][-1].isspace():
            self._owed = whitespace

    def drop(self, start: int, end: int, reason: str) -> None:
        """Record that the file's characters [start, end) are left out of the text, and why."""
        if start < end:
            self._dropped.append(Dropped(start, end, reason))

    def end(
        self,
        kind: BlockKind,
        *,
        section: tuple[str, ...] = (),
        cells: Sequence[Cell] = (),
        caption: str = "",
        group: str = "",
    ) -> Block | None:
        """Close the open block; None where nothing was copied into it."""
        start, self._block_start = self._block_start, None
        if start is None:
            return None
        self._trim()
        page = bisect.bisect_right(self._page_starts, self._block_origin) if self._page_starts else None
        block = Block(kind, start, self._length, section, page, tuple(cells), caption, group)
        self._blocks.append(block)
        return block

    def _trim(self) -> None:
        """Take back whitespace that was copied last, so that the block ends with a word."""
        while self._parts and self._parts[-1][-1].isspace():
            part = self._parts.pop()
            words = part.rstrip()
            self._length -= len(part) - len(words)
            if words:
                self._parts.append(words)
        while self._pieces and self._pieces[-1].end > self._length:
            last = self._pieces.pop()
            if last.start < self._length:
                self._pieces.append(Piece(last.start, self._length, last.origin))

    @property
    def block_start(self) -> int:
        """Offset in the text at which the open block begins (after its first copy)."""
        return self._length if self._block_start is None else self._block_start

    def words(self, block: Block) -> str:
        """The text of a closed block on one line."""
        first = bisect.bisect_left(self._pieces, block.start, key=lambda piece: piece.start)
        words, at = "", block.start
        for piece in self._pieces[first:]:
            if piece.start >= block.end:
                break
            gap = " " if piece.start > at else ""
            words += gap + self.file[piece.origin : piece.origin + piece.end - piece.start]
            at = piece.end
        return " ".join(words.split())

    def build(self, doc_id: str, source: Source, *, rest: str = "unread") -> Document:
        """The finished document; characters neither copied nor dropped are listed as dropped for the reason `rest`."""
        taken = [(piece.origin, piece.origin + piece.end - piece.start) for piece in self._pieces]
        taken += [(run.origin, run.end) for run in self._dropped]
        at = 0
        for start, end in [*sorted(taken), (len(self.file), len(self.file))]:
            left = self.file[at:start]
            if left.strip():
                first = at + len(left) - len(left.lstrip())
                self.drop(first, at + len(left.rstrip()), rest)
            at = max(at, end)
        return Document(
            doc_id=doc_id,
            source=source,
            text="".join(self._parts),
            blocks=tuple(self._blocks),
            pieces=tuple(self._pieces),
            line_starts=line_starts(self.file),
            page_starts=self._page_starts,
            dropped=tuple(sorted(self._dropped, key=lambda run: run.origin)),
        )
