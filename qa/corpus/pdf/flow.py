"""Lines and tables of a PDF file in reading order to the blocks of a document: paragraphs, headings, captions, rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qa.corpus import shapes
from qa.corpus.builder import DocumentBuilder
from qa.corpus.lines import ends_open, ends_sentence, starts_lower, starts_upper
from qa.corpus.pdf.figures import figure_lines
from qa.corpus.pdf.layout import Row
from qa.corpus.pdf.measures import Rank, body, edges, justified, later_styles, reaches, start_of, steps, style
from qa.corpus.pdf.rows import TableWriter
from qa.corpus.pdf.stream import Element, FlatText, Stream, TableText, TextLine
from qa.corpus.words import Copier
from qa.schema import BlockKind

_REFERENCES = re.compile(
    r"(?:(?:\d{1,2}|[IVX]{1,5})\.?\s+)?"
    r"(?:references|bibliography|literature cited|references cited|works cited|literature)[:.]?$",
    re.IGNORECASE,
)
_LEADERS = re.compile(r"(?:\.\s?){5,}\s?(?:\d{1,4}|[ivxl]{1,6})$")
_NUMBER = re.compile(
    r"(?:(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})\.?|(?P<roman>[IVX]{1,5})\.|(?P<letter>[A-Z])\.)\s+(?=\S)"
)
LABEL = re.compile(r"\w+\.?\s\w{1,5}[.:]?$")
"""A caption's first line that is no more than "TABLE II"."""
_SPOKEN = re.compile(r"[^\W\d_]{3}|[\u3040-\u9fff\uac00-\ud7af]")
"""What a heading has and the signs of a formula, however large, have not."""
_ROMAN = frozenset(("I", "II", "III", "IV", "V"))
_CONTENTS = re.compile(r"(?:table of )?contents$", re.IGNORECASE)
_ENTRY = re.compile(r"\S\s\d{1,4}$")


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
        self.waiting: list[Callable[[], None]] = []
        self.path: list[tuple[Rank, str]] = []
        self.references: Rank | None = None
        self.contents = False
        rows = [element.row for element in self.elements if isinstance(element, TextLine) and not element.reason]
        self.size, self.bold = body(rows)
        self.roman = (
            len({m["roman"] for row in rows if (m := _NUMBER.match(row.text)) and len(row.text) < 90} & _ROMAN) > 1
        )
        self.front = True
        self.styles = later_styles(rows, self.size)
        self.steps = steps(rows, self.size)
        self.edges = edges(rows)
        self.reaches = reaches(rows, self.size)
        self.justified = justified(rows, self.edges)
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
        label = shapes.caption_label(row.text, self.open[-1].row.text if beside else None)
        if label:
            return self._caption(at, label)
        if self.contents and self._is_entry(at):
            self._drop(element, "table of contents")
            return at + 1
        self.contents = False
        if not _LEADERS.search(row.text) and (end := self._heading(at)):
            return end
        if self.references:
            self._drop(element, "reference list")
            return at + 1
        if _LEADERS.search(row.text):
            self._drop(element, "table of contents")
            return at + 1
        small = bool(self.open) and row.size < 0.93 * self.open[-1].row.size and not shapes.BULLET.match(row.text)
        if small and not self._done() and not joins:
            end = self._small(at)
            run = [e for e in self.elements[at:end] if isinstance(e, TextLine)]
            self.waiting.append(lambda: self._aside(run))
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
            self._place(lambda: self._aside(run))
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
        self.front = self.front and (element.row.size > 1.1 * self.size or len(text) < 30)
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
        if step > 1.3 * self._leading(row):
            return not done and lower and step < 2.5 * self._leading(row)
        if self.kind == "paragraph" and self._indented(row) and not self._indented(last):
            return not done and lower
        if self.kind == "list_item" and len(self.open) > 1 and row.left < last.left - 3:
            return False
        room = self._room(last, row)
        if done:
            return not room
        edge = min(last.right_edge, self.reaches.get(start_of(last), last.right_edge))
        short = last.right - last.left < 0.6 * (edge - last.left_edge)
        return not (room and short and starts_upper(row.text) and not ends_open(last.text))

    def _joins_over(self, row: Row, last: Row, done: bool, lower: bool) -> bool:
        """Whether a line in the next column or on the next page goes on with the open paragraph."""
        if not done:
            return lower or ends_open(last.text) or not self._room(last, row)
        full = not self._room(last, row) and self._flush(last)
        return full and not self.waiting and not self._indented(row) and self.kind == "paragraph"

    def _flush(self, row: Row) -> bool:
        """Whether a line ends at the very edge, in a column in which lines do."""
        _, right = self.edges[(row.page, row.column)]
        return row.right > right - 1 or (row.page, row.column) not in self.justified

    def _leading(self, row: Row) -> float:
        return self.steps.get(round(row.size * 2), 1.25 * row.size)

    def _indented(self, row: Row) -> bool:
        left, _ = self.edges[(row.page, row.column)]
        return 0.6 * row.size < row.left - left < 5 * row.size

    def _room(self, last: Row, row: Row) -> bool:
        """Whether the first word of a line would have fitted onto the line before it."""
        _, right = self.edges[(last.page, last.column)]
        return last.right + 0.25 * row.size + row.words[0].right - row.words[0].left < right - 1

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
            if isinstance(before, TextLine) and element.row.base - before.row.base > 1.35 * self._leading(element.row):
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

    def _place(self, emit: Callable[[], None]) -> None:
        """Emit now, or behind the open paragraph where that is in the middle of a sentence."""
        if self.open and (not self._done() or self.waiting):
            self.waiting.append(emit)
        else:
            self._close()
            emit()

    @property
    def section(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.path)

    def _lines(self, lines: Sequence[TextLine], kind: BlockKind) -> str:
        """Emit lines as one block; its words."""
        self.builder.begin()
        self.copier.running([line.number for line in lines])
        block = self.builder.end(kind, section=self.section)
        return self.builder.words(block) if block else ""

    def _aside(self, lines: Sequence[TextLine]) -> None:
        self._lines(lines, "paragraph")

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
        first = self.elements[at]
        if not isinstance(first, TextLine) or not self._is_heading(at):
            return 0
        end = at + 1
        while end < min(len(self.elements), at + 5) and self._goes_on(at, end):
            end += 1
        run = [element for element in self.elements[at:end] if isinstance(element, TextLine)]
        words = " ".join(element.row.text for element in run)
        if len(run) > 4 or len(words) > 300 or (ends_sentence(words) and len(words.split()) > 12):
            return 0
        self._close()
        look = (round(first.row.size * 2) / 2, first.row.bold, words.isupper())
        rank = Rank(self._depth(words), look)
        if self.references and (self.references.above(rank) or not words[:1].isalpha()):
            return 0
        self.references = rank if _REFERENCES.match(words) else None
        if self.references:
            for element in run:
                self._drop(element, "reference list")
            return end
        self.contents = bool(_CONTENTS.match(words))
        while self.path and not self._holds(rank):
            self.path.pop()
        if name := self._lines(run, "heading").rstrip(":"):
            # The block was closed under the section above it: it is its own section's first line.
            self.path.append((rank, name))
        return end

    def _depth(self, words: str) -> int:
        """How deep the number of a heading is: 1 for "2" and "II.", 2 for "2.1", and for "B." among Roman numbers; 0 without."""
        match = _NUMBER.match(words)
        if match is None:
            return 0
        if match["number"]:
            return match["number"].count(".") + 1
        if match["letter"] and match["letter"] not in "IVX":
            return 1 + self.roman
        return 1

    def _holds(self, rank: Rank) -> bool:
        """Whether a heading belongs under the last one: a numbered one not under "Abstract" and its like."""
        last, name = self.path[-1]
        return last.above(rank) and not (rank.depth and not last.depth and shapes.is_name(name))

    def _is_entry(self, at: int) -> bool:
        """Whether a line is one of a table of contents, or goes on into one: it ends in the number of a page."""
        return any(
            isinstance(element, TextLine) and _ENTRY.search(element.row.text) for element in self.elements[at : at + 2]
        )

    def _is_heading(self, at: int) -> bool:
        element = self.elements[at]
        if not isinstance(element, TextLine):
            return False
        row = element.row
        text = row.text
        if not _SPOKEN.search(text) or len(text) > 160 or shapes.BULLET.match(text):
            return False
        inside = bool(self.open) and not self._done() and self._adjacent(self.open[-1].row, row)
        if inside and starts_lower(text):
            return False
        rest = _NUMBER.sub("", text, count=1)
        if text.endswith((",", ";")) and not (at + 1 < len(self.elements) and self._goes_on(at, at + 1)):
            return False
        if row.size >= 1.1 * self.size:
            leads = row.bold and not self.bold and self._leads(at)
            if self.front and not (leads or shapes.is_name(text) or _NUMBER.match(text) or style(row) in self.styles):
                return False  # authors and places below the title
            return not (inside and row.size < 1.1 * self.open[-1].row.size)
        if row.size < 0.93 * self.size or (ends_sentence(text) and len(text.split()) > 6):
            return False
        named = shapes.is_name(rest) or bool(_REFERENCES.match(text))
        if row.bold and not self.bold and starts_upper(rest):
            return named or not (inside or self._runs_in(at))
        alone = not self.open or not self._adjacent(self.open[-1].row, row)
        if named:
            return alone or not inside
        numbered = shapes.is_numbered(text) and not shapes.ITEM.match(text)
        if self.roman and (match := _NUMBER.match(text)):
            numbered = numbered or (not match["number"] and shapes.is_title_like(rest.rstrip(":")))
        numbered = numbered or (rest != text and rest.isupper() and bool(_SPOKEN.search(rest)) and len(rest) <= 90)
        return alone and (numbered or (shapes.is_capitals(text) and " " in text))

    def _leads(self, at: int) -> bool:
        """Whether the line below is one of running text."""
        after = self.elements[at + 1] if at + 1 < len(self.elements) else None
        if not isinstance(after, TextLine):
            return False
        return abs(after.row.size - self.size) < 0.06 * self.size and not after.row.bold and len(after.row.text) >= 30

    def _runs_in(self, at: int) -> bool:
        """Whether a line in bold is the beginning of a sentence that goes on below in usual print."""
        element, after = self.elements[at], self.elements[at + 1] if at + 1 < len(self.elements) else None
        if not isinstance(element, TextLine) or not isinstance(after, TextLine) or after.row.bold:
            return False
        return (
            self._adjacent(element.row, after.row)
            and starts_lower(after.row.text)
            and not ends_sentence(element.row.text)
        )

    def _adjacent(self, last: Row, row: Row) -> bool:
        """Whether a line stands right below another, at the usual distance."""
        same = (row.page, row.column) == (last.page, last.column)
        return same and 0 < row.base - last.base <= 1.25 * self._leading(last)

    def _goes_on(self, at: int, end: int) -> bool:
        """Whether an element is a further line of the heading that begins at `at`."""
        first, before, element = self.elements[at], self.elements[end - 1], self.elements[end]
        if not (isinstance(first, TextLine) and isinstance(before, TextLine) and isinstance(element, TextLine)):
            return False
        a, b, c = first.row, before.row, element.row
        if element.reason or (c.page, c.column) != (a.page, a.column) or element.number in self.title:
            return False
        alike = abs(c.size - a.size) < 0.3 and c.bold == a.bold and a.text.isupper() <= c.text.isupper()
        plain = a.size < 1.1 * self.size and not a.bold
        close = 0 < c.base - b.base <= 1.35 * a.size
        numbered = _NUMBER.match(c.text) and (_NUMBER.match(a.text) or _CONTENTS.match(a.text))
        return alike and close and not plain and not numbered

    # Captions and tables

    def _caption(self, at: int, label: str) -> int:
        """Read a caption and, for a table, what stands below it."""
        run, at = self._caption_lines(at)
        area = self.elements[at] if at < len(self.elements) else None
        follows = label == "table" and isinstance(area, TableText | FlatText)

        def emit() -> None:
            words = self._captioned(run)
            if follows and area is not None:
                self.tables.emit(area, words, self.section)

        self._place(emit)
        return at + 1 if follows else at

    def _captioned(self, run: Sequence[TextLine]) -> str:
        return self._lines(run, "caption")

    def _caption_lines(self, at: int) -> tuple[list[TextLine], int]:
        run: list[TextLine] = []
        while at < len(self.elements):
            element = self.elements[at]
            if not isinstance(element, TextLine) or element.reason:
                break
            if run:
                last, row = run[-1].row, element.row
                beside = (row.page, row.column) == (last.page, last.column)
                near = beside and 0 < row.base - last.base <= max(1.4 * last.size, 1.15 * self._leading(last))
                alike = abs(row.size - last.size) <= (
                    0.3 if len(run) > 1 or not LABEL.match(last.text) else 0.3 * last.size
                )
                if not near or not alike or shapes.caption_label(row.text, None):
                    break
                if ends_sentence(last.text) and self._room(last, row) and row.bold == run[0].row.bold:
                    break
            run.append(element)
            at += 1
        return run, at

    def _table(self, at: int) -> int:
        """Read a table that no caption stands above: one may stand below."""
        element = self.elements[at]
        below = self.elements[at + 1] if at + 1 < len(self.elements) else None
        if isinstance(element, TextLine):
            return at + 1
        if isinstance(below, TextLine) and not below.reason and below.row.page == element.area.page:
            near = below.row.top - element.area.rows[-1].bottom < 3 * below.row.size
            if near and shapes.caption_label(below.row.text, None) == "table" and not self._above(at + 1):
                run, end = self._caption_lines(at + 1)
                self._place(lambda: self._emit_captioned(run, element))
                return end
        self._place(lambda: self.tables.emit(element, "", self.section))
        return at + 1

    def _above(self, at: int) -> bool:
        """Whether the caption at an element has a table below it."""
        _, end = self._caption_lines(at)
        return end < len(self.elements) and not isinstance(self.elements[end], TextLine)

    def _emit_captioned(self, run: Sequence[TextLine], table: Element) -> None:
        self.tables.emit(table, self._captioned(run), self.section)
