"""The characters of a PDF file in reading order, with the place of each word: what the document is then built from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from qa.corpus.lines import Line
from qa.corpus.marks import mend
from qa.corpus.pdf.cells import Cells, Table
from qa.corpus.pdf.lines import Area, Row
from qa.corpus.pdf.pages import Word
from qa.schema import WordBox

_LETTERS = re.compile(r"[^\W_]+(?:[-\u2010][^\W_]+)*")
_SIGN = r"(?:[0-9]{1,3}|[a-h]|[*∗†‡§¶‖#]{1,3})"
_MARK = re.compile(rf"(?:{_SIGN}(?:[,–-]{_SIGN}){{0,20}}|\[\d{{1,3}}(?:[,–-]\d{{1,3}}){{0,20}}\]),?$")


@dataclass(slots=True)
class TableRow:
    """[start, end) of a row in the stream, of its cells, and what in it is left out."""

    start: int
    end: int
    cells: list[tuple[int, int]]
    drops: list[tuple[int, int, str]]


@dataclass(slots=True)
class TableText:
    """A table in the stream; the first `head` rows are headers."""

    rows: list[TableRow]
    head: int
    area: Area


@dataclass(slots=True)
class FlatText:
    """A table whose columns could not be told: the numbers of its lines."""

    lines: list[int]
    area: Area


@dataclass(slots=True)
class TextLine:
    """A line of running text, by its number; `reason` where it is left out."""

    number: int
    row: Row
    reason: str = ""


Element = TextLine | TableText | FlatText


def word_list(rows: Sequence[Row]) -> frozenset[str]:
    """All words of lines in lower case but those that a line's end may have cut."""
    found: set[str] = set()
    for row in rows:
        for word in row.words[1:-1]:
            for match in _LETTERS.finditer(word.text.lower()):
                found.add(match.group())
                found.update(re.split("[-\u2010]", match.group()))
    return frozenset(found)


@dataclass(slots=True)
class Stream:
    """Collects characters, their boxes and the reference marks among them as lines and tables are added."""

    words: frozenset[str] = frozenset()
    """All words of the file in lower case, to tell a hyphen of a word from one of a line's end."""
    parts: list[str] = field(default_factory=list)
    length: int = 0
    boxes: list[WordBox] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    page_starts: list[int] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def begin_page(self) -> None:
        self.page_starts.append(self.length)

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def _put_words(self, words: Sequence[Word]) -> list[tuple[int, int]]:
        """Add words with a space between; [start, end) of the reference marks among them."""
        marks: list[tuple[int, int]] = []
        for i, word in enumerate(words):
            if i:
                self._put(" ")
            self.boxes.append(WordBox(self.length, self.length + len(word.text), word.box))
            for start, end in word.raised:
                if _MARK.match(word.text[start:end]):
                    marks.append((self.length + start, self.length + end))
            self._put(word.text)
        return marks

    def add_line(self, row: Row, reason: str = "") -> TextLine:
        """Add a line of running text."""
        start = self.length
        marks = self._put_words(row.words)
        if not reason:
            self.marks += marks
        number = len(self.lines)
        self.lines.append(Line(start, self.length, row.text, 0, row.page, 0))
        self._put("\n")
        element = TextLine(number, row, reason)
        self.elements.append(element)
        return element

    def add_flat(self, area: Area) -> None:
        """Add the lines of a table in one piece."""
        numbers = []
        for row in area.rows:
            self.add_line(row)
            line = self.elements.pop()
            if isinstance(line, TextLine):
                numbers.append(line.number)
        self.elements.append(FlatText(numbers, area))

    def add_table(self, table: Table, area: Area) -> None:
        """Add a table row by row, with bars between its cells as Markdown has them."""
        self.elements.append(TableText([self._row(row) for row in table.rows], table.head, area))

    def _row(self, row: Cells) -> TableRow:
        start, cells, drops = self.length, [], []
        for words in row:
            self._put("| ")
            begin = self.length
            drops += self._cell(words)
            cells.append((begin, self.length))
            self._put(" " if words else "")
        self._put("|")
        end = self.length
        self._put("\n")
        return TableRow(start, end, cells, drops)

    def _cell(self, words: Sequence[Word]) -> list[tuple[int, int, str]]:
        """Add the words of a cell; a word that is broken at a line's end is mended."""
        drops: list[tuple[int, int, str]] = []
        for i, word in enumerate(words):
            before = words[i - 1] if i else None
            if before is not None:
                how = "space"
                if before.text.endswith(("-", "\u2010", "\u00ad")) and word.base > before.base + 0.5 * word.size:
                    how = "keep" if before.text.count("-") > 1 else mend(before.text, word.text, self.words)
                if how == "join":
                    drops.append((self.length - 1, self.length, "line-end hyphen"))
                elif how == "space":
                    self._put(" ")
            drops += [(start, end, "reference mark") for start, end in self._put_words([word])]
        return drops
