"""Lines and tables of a PDF file in reading order to the blocks of a document: paragraphs, headings, captions, rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qa.corpus import shapes
from qa.corpus.builder import DocumentBuilder
from qa.corpus.lines import ends_open, ends_sentence, starts_lower, starts_upper
from qa.corpus.pdf.figures import figure_lines
from qa.corpus.pdf.headings import Before, Headings
from qa.corpus.pdf.lines import Row
from qa.corpus.pdf.measures import Setting
from qa.corpus.pdf.rows import TableWriter
from qa.corpus.pdf.sections import Sections
from qa.corpus.pdf.stream import FlatText, Stream, TableText, TextLine
from qa.corpus.words import Copier
from qa.schema import BlockKind

_LEADERS = re.compile(r"(?:\.\s?){5,}\s?(?:\d{1,4}|[ivxl]{1,6})$")
_ENTRY = re.compile(r"\S\s\d{1,4}$")
LABEL = re.compile(r"\w+\.?\s\w{1,5}[.:]?$")
"""A caption's first line that is no more than "TABLE II"."""


class Flow:
    """Reads the elements in order, keeping one paragraph open and what is to stand behind it."""

    def __init__(self, stream: Stream, builder: DocumentBuilder, title: Sequence[int]) -> None:
        self.elements = stream.elements
        self.builder = builder
        self.copier = Copier(builder, stream.lines, stream.marks)
        self.tables = TableWriter(builder, stream.lines)
        self.title = set(title)
        self.open: list[TextLine] = []
        self.kind: BlockKind = "paragraph"
        self.waiting: list[Callable[[], object]] = []
        self.front = True
        self.sections = Sections()
        self.setting = Setting.of([e.row for e in self.elements if isinstance(e, TextLine) and not e.reason])
        self.headings = Headings(self.elements, self.setting, self.title)
        self.drawn = figure_lines(self.elements)

    def read(self) -> None:
        at = 0
        while at < len(self.elements):
            at = self._step(at)
        self._close()

    def _step(self, at: int) -> int:
        """Read what begins at an element; the number of the element after it."""
        element = self.elements[at]
        if not isinstance(element, TextLine):
            return self._table(at)
        if element.reason:
            self._drop(element, element.reason)
            return at + 1
        if element.number in self.title:
            return self._title(at)
        if element.number in self.drawn:
            return self._figure(at)
        row = element.row
        joins = bool(self.open) and self._joins(element)
        beside = joins and (row.page, row.column) == (self.open[-1].row.page, self.open[-1].row.column)
        if label := shapes.caption_label(row.text, self.open[-1].row.text if beside else None):
            return self._caption(at, label)
        if self.sections.contents and self._is_entry(at):
            self._drop(element, "table of contents")
            return at + 1
        self.sections.contents = False
        leaders = _LEADERS.search(row.text)
        if not leaders and (end := self._heading(at)):
            return end
        if self.sections.references:
            self._drop(element, "reference list")
            return at + 1
        if leaders:
            self._drop(element, "table of contents")
            return at + 1
        small = bool(self.open) and row.size < 0.93 * self.open[-1].row.size and not shapes.BULLET.match(row.text)
        if small and not self._done() and not joins:
            end = self._small(at)
            run = [e for e in self.elements[at:end] if isinstance(e, TextLine)]
            self.waiting.append(lambda: self._lines(run, "paragraph"))
            return end
        self._prose(element, joins)
        return at + 1

    def _figure(self, at: int) -> int:
        """Keep the words of a figure together and out of the paragraph around it; drop signs that are its lines."""
        run: list[TextLine] = []
        while at < len(self.elements):
            element = self.elements[at]
            if not isinstance(element, TextLine) or element.number not in self.drawn:
                break
            if any(char.isalnum() for char in element.row.text):
                run.append(element)
            else:
                self._drop(element, "drawing")
            at += 1
        if run:
            self._place(lambda: self._lines(run, "paragraph"))
        return at

    def _drop(self, element: TextLine, reason: str) -> None:
        line = self.copier.lines[element.number]
        self.builder.drop(line.start, line.end, reason)

    def _done(self) -> bool:
        """Whether the open paragraph ends with a sentence."""
        return not self.open or ends_sentence(self.copier.clean(self.open[-1].number))

    # Paragraphs

    def _prose(self, element: TextLine, joins: bool) -> None:
        if joins:
            self.open.append(element)
            return
        self._close()
        text = element.row.text
        self.front = self.front and (element.row.size > 1.1 * self.setting.size or len(text) < 30)
        line = self.copier.lines[element.number]
        bullet = shapes.BULLET.match(text) or shapes.DASH.match(text)
        item = bullet or shapes.ITEM.match(text)
        self.kind = "list_item" if item else "paragraph"
        if bullet:
            self.builder.drop(line.start, line.start + len(bullet.group().rstrip()), "list mark")
            self.copier.skip(line.start, line.start + bullet.end())
        self.open = [element]

    def _joins(self, element: TextLine) -> bool:
        """Whether a line goes on with the open paragraph."""
        row, last = element.row, self.open[-1].row
        if shapes.BULLET.match(row.text) or abs(row.size - last.size) > 0.12 * max(row.size, last.size):
            return False
        if self.kind == "list_item" and shapes.ITEM.match(row.text) and row.left <= self.open[0].row.left + 2:
            return False
        done, lower = self._done(), starts_lower(row.text)
        step = row.base - last.base
        if (row.page, row.column) != (last.page, last.column) or self.waiting or step <= 0:
            return self._joins_over(row, last, done, lower)
        if step > 1.3 * self.setting.leading(row):
            return not done and lower and step < 2.5 * self.setting.leading(row)
        if self.kind == "paragraph" and self.setting.indented(row) and not self.setting.indented(last):
            return not done and lower
        if self.kind == "list_item" and len(self.open) > 1 and row.left < last.left - 3:
            return False
        room = self.setting.has_room(last, row)
        if done:
            return not room
        edge = min(last.right_edge, self.setting.reach(last))
        short = last.right - last.left < 0.6 * (edge - last.left_edge)
        return not (room and short and starts_upper(row.text) and not ends_open(last.text))

    def _joins_over(self, row: Row, last: Row, done: bool, lower: bool) -> bool:
        """Whether a line in the next column or on the next page goes on with the open paragraph."""
        if not done:
            return lower or ends_open(last.text) or not self.setting.has_room(last, row)
        full = not self.setting.has_room(last, row) and self.setting.flush(last)
        return full and not self.waiting and not self.setting.indented(row) and self.kind == "paragraph"

    def _small(self, at: int) -> int:
        """End of the lines in smaller print, such as a footnote, that begin at an element."""
        first = self.elements[at]
        end = at + 1
        while isinstance(first, TextLine) and end < len(self.elements):
            element = self.elements[end]
            if not isinstance(element, TextLine) or element.reason or element.row.column != first.row.column:
                break
            before = self.elements[end - 1]
            if abs(element.row.size - first.row.size) > 0.3 or element.row.page != first.row.page:
                break
            if isinstance(before, TextLine) and element.row.base - before.row.base > 1.35 * self.setting.leading(
                element.row
            ):
                break
            end += 1
        return end

    def _close(self) -> None:
        """Emit the open paragraph, then what interrupted it."""
        lines, self.open = self.open, []
        if lines:
            self._lines(lines, self.kind)
        waiting, self.waiting = self.waiting, []
        for emit in waiting:
            emit()

    def _place(self, emit: Callable[[], object]) -> None:
        """Emit now, or behind the open paragraph where that is in the middle of a sentence."""
        if self.open and (not self._done() or self.waiting):
            self.waiting.append(emit)
        else:
            self._close()
            emit()

    def _lines(self, lines: Sequence[TextLine], kind: BlockKind) -> str:
        """Emit lines as one block; its words."""
        self.builder.begin()
        self.copier.running([line.number for line in lines])
        block = self.builder.end(kind, section=self.sections.names)
        return self.builder.words(block) if block else ""

    # Headings

    def _title(self, at: int) -> int:
        run = []
        while at < len(self.elements):
            element = self.elements[at]
            if not isinstance(element, TextLine) or element.number not in self.title:
                break
            run.append(element)
            at += 1
        self._close()
        self._lines(run, "heading")
        return at

    def _heading(self, at: int) -> int:
        """Emit the heading that begins at an element and give the element after it; 0 where there is none."""
        last = self.open[-1].row if self.open else None
        run = self.headings.lines(at, Before(last, self._done(), self.front))
        if not run:
            return 0
        self._close()
        words = " ".join(element.row.text for element in run)
        rank = self.headings.rank(run[0].row, words)
        if not self.sections.enter(rank, words):
            return 0
        if self.sections.references:
            for element in run:
                self._drop(element, "reference list")
        elif name := self._lines(run, "heading").rstrip(":"):
            # The block was closed under the section above it: it is its own section's first line.
            self.sections.path.append((rank, name))
        return at + len(run)

    def _is_entry(self, at: int) -> bool:
        """Whether a line is one of a table of contents, or goes on into one: it ends in the number of a page."""
        return any(
            isinstance(element, TextLine) and _ENTRY.search(element.row.text) for element in self.elements[at : at + 2]
        )

    # Captions and tables

    def _caption(self, at: int, label: str) -> int:
        """Read a caption and, for a table, what stands below it."""
        run, end = self._caption_lines(at)
        table = self._table_at(end) if label == "table" else None
        self._place(lambda: self._captioned(run, table))
        return end + 1 if table else end

    def _table(self, at: int) -> int:
        """Read a table that no caption stands above: one may stand below."""
        table = self._table_at(at)
        run, end = self._caption_below(at, table) if table else ([], at + 1)
        self._place(lambda: self._captioned(run, table))
        return end

    def _captioned(self, caption: Sequence[TextLine], table: TableText | FlatText | None) -> None:
        """Emit a caption and its table, each where there is one."""
        words = self._lines(caption, "caption") if caption else ""
        if table:
            self.tables.emit(table, words, self.sections.names)

    def _table_at(self, at: int) -> TableText | FlatText | None:
        element = self.elements[at] if at < len(self.elements) else None
        return None if isinstance(element, TextLine) else element

    def _caption_below(self, at: int, table: TableText | FlatText) -> tuple[list[TextLine], int]:
        """The lines of the caption right below a table, where it is not that of another, and the element after them."""
        below = self.elements[at + 1] if at + 1 < len(self.elements) else None
        if isinstance(below, TextLine) and not below.reason and below.row.page == table.area.page:
            near = below.row.top - table.area.rows[-1].bottom < 3 * below.row.size
            if near and shapes.caption_label(below.row.text, None) == "table":
                run, end = self._caption_lines(at + 1)
                if self._table_at(end) is None:
                    return run, end
        return [], at + 1

    def _caption_lines(self, at: int) -> tuple[list[TextLine], int]:
        """The lines of the caption that begins at an element, and the element after them."""
        run: list[TextLine] = []
        while at < len(self.elements):
            element = self.elements[at]
            if not isinstance(element, TextLine) or element.reason:
                break
            if run:
                last, row = run[-1].row, element.row
                beside = (row.page, row.column) == (last.page, last.column)
                near = beside and 0 < row.base - last.base <= max(1.4 * last.size, 1.15 * self.setting.leading(last))
                alike = abs(row.size - last.size) <= (
                    0.3 if len(run) > 1 or not LABEL.match(last.text) else 0.3 * last.size
                )
                if not near or not alike or shapes.caption_label(row.text, None):
                    break
                if ends_sentence(last.text) and self.setting.has_room(last, row) and row.bold == run[0].row.bold:
                    break
            run.append(element)
            at += 1
        return run, at
