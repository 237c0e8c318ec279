"""Writes the tables of a PDF file into a document: rows with their cells, or lines in one piece."""

from __future__ import annotations

from collections.abc import Sequence

from qa.corpus.builder import DocumentBuilder
from qa.corpus.lines import Line
from qa.corpus.pdf.stream import Element, FlatText, TableRow, TableText
from qa.schema import Cell


class TableWriter:
    """Remembers the header and caption of the table before, which one on the next page may go on with."""

    def __init__(self, builder: DocumentBuilder, lines: Sequence[Line]) -> None:
        self.builder = builder
        self.lines = lines
        self.caption = ""
        self.before = ""
        self.header: list[str] = []
        self.section: tuple[str, ...] = ()

    def emit(self, table: Element, caption: str, section: tuple[str, ...]) -> None:
        """Emit a table under its caption."""
        self.caption, self.section = caption, section
        if isinstance(table, FlatText):
            self.builder.begin()
            for number in table.lines:
                line = self.lines[number]
                self.builder.copy(line.start, line.end)
                self.builder.space("\n")
            self.builder.end("table", section=self.section, caption=self.caption)
        elif isinstance(table, TableText):
            self._emit_rows(table)

    def _emit_rows(self, table: TableText) -> None:
        """Emit the rows of a table; one with the header of the table before it, and no caption, goes on with that."""
        file = self.builder.file
        header = [
            " ".join(
                dict.fromkeys(" ".join(file[slice(*row.cells[j])].split()) for row in table.rows[: table.head])
            ).strip()
            for j in range(len(table.rows[0].cells))
        ]
        again = not self.caption and header == self.header and any(header)
        self.caption = self.before if again else self.caption
        for i, row in enumerate(table.rows):
            if i < table.head and again:
                self.builder.drop(row.start, row.end, "repeated header")
            else:
                first = i == 0 and not self.caption
                self._emit_row(row, "\n\n" if first else "\n", header if i >= table.head else None)
        self.header = header
        self.before = self.caption
        self.caption = ""

    def _emit_row(self, row: TableRow, gap: str, header: list[str] | None) -> None:
        self.builder.begin(gap)
        at = row.start
        for start, end, reason in row.drops:
            self.builder.copy(at, start)
            self.builder.drop(start, end, reason)
            at = end
        self.builder.copy(at, row.end)
        begin = self.builder.block_start

        def place(offset: int) -> int:
            return begin + offset - row.start - sum(min(e, offset) - s for s, e, _ in row.drops if s < offset)

        if header is None:
            self.builder.end("caption", section=self.section)
            return
        cells = [Cell(name, place(s), place(e)) for name, (s, e) in zip(header, row.cells, strict=True)]
        self.builder.end("table_row", section=self.section, cells=cells, caption=self.caption)
