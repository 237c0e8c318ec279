"""Writes the tables of plain text into a document: rows with their cells where they can be told, the rest in one piece."""

from __future__ import annotations

from collections.abc import Sequence

from qa.corpus.columns import Row, align
from qa.corpus.gapped import Table, cell_places, gapped_table, group_name
from qa.corpus.lines import Layout
from qa.corpus.tables import Region
from qa.corpus.words import Copier
from qa.schema import Cell


class TableWriter:
    """Writes the lines of tables, each with its caption and the section that it stands in."""

    def __init__(self, copier: Copier, layout: Layout) -> None:
        self.copier = copier
        self.builder = copier.builder
        self.layout = layout
        self.lines = layout.lines

    def emit(self, region: Region, caption: str, section: tuple[str, ...]) -> None:
        """Emit the lines of a region that are cells: tables row by row, then what is left, then the rows told in that."""
        is_table = region.kind == "table" and caption
        left = self._emit_all_gapped(region.cells, caption, section) if region.kind != "figure" else region.cells
        rows, rest = align(left, self.layout) if is_table else ([], left)
        if rest:
            self.builder.begin("\n\n")
            self.copier.cells(rest, self.layout)
            self.builder.end("table", section=section, caption=caption)
        for i, row in enumerate(rows):
            self._emit_aligned(row, caption, section, gap="\n" if i else "\n\n")

    def _emit_all_gapped(self, numbers: Sequence[int], caption: str, section: tuple[str, ...]) -> list[int]:
        """Emit the tables among the lines whose rows stand on a line each; the lines that are left."""
        left: list[int] = []
        at = 0
        while at < len(numbers):
            table = gapped_table(self.lines, numbers, at)
            if table is None:
                left.append(numbers[at])
                at += 1
                continue
            self.emit_gapped(table, caption, section)
            while at < len(numbers) and numbers[at] < table.end:
                at += 1
        return left

    def emit_gapped(self, table: Table, caption: str, section: tuple[str, ...]) -> None:
        """Emit the header line as a caption, as Markdown's is, then each row with its cells."""
        headers: list[str] = []
        if table.header is not None:
            line = self.lines[table.header]
            headers = [line.text[start:end] for start, end in cell_places(line.text)]
            self.builder.begin("\n\n")
            self.builder.copy(line.start, line.end)
            self.builder.end("caption", section=section)
        for number in table.rules:
            self.builder.drop(self.lines[number].start, self.lines[number].end, "table rule")
        names_rows = frozenset(table.groups)
        group = key = ""
        for number in sorted((*table.groups, *table.rows)):
            line = self.lines[number]
            self.builder.begin("\n")
            self.builder.copy(line.start, line.end)
            if number in names_rows:
                self.builder.end("caption", section=section)
                group, key = group_name(line.text), ""
                continue
            place = self.builder.block_start
            places = cell_places(line.text)
            cells = [
                Cell(headers[i] if headers else "", place + start, place + end) for i, (start, end) in enumerate(places)
            ]
            key = line.text[slice(*places[0])] or key
            above = key if places[0][0] == places[0][1] else ""
            names = ", ".join(filter(None, (group, above)))
            self.builder.end("table_row", section=section, cells=cells, caption=caption, group=names)

    def _emit_aligned(self, row: Row, caption: str, section: tuple[str, ...], gap: str) -> None:
        """Emit a row, a tab between its cells: two blanks may stand in a cell."""
        self.builder.begin(gap)
        for number in row.lines:
            if number is not None:
                self.builder.copy(self.lines[number].start, self.lines[number].end)
                self.builder.space("\t")
        cells = []
        place = self.builder.block_start
        for number, header in zip(row.lines, row.headers, strict=True):
            size = 0 if number is None else len(self.lines[number].text)
            cells.append(Cell(header, place, place + size))
            place += size + (number is not None)
        group = "" if row.group is None else self.lines[row.group].text
        self.builder.end("table_row", section=section, cells=cells, caption=caption, group=group)
