"""Plain text to a document, as tools leave it that take text out of PDF files.

Lines are joined to paragraphs, broken words mended, reference numbers and page furniture dropped; what interrupts a
sentence (a table, a caption, a stray heading) is moved behind the paragraph that the sentence stands in. What of a
flattened table can be told to be rows follows the rest of it, which stays in one piece under its caption.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from qa.corpus import shapes
from qa.corpus.builder import DocumentBuilder
from qa.corpus.flattened import TableWriter
from qa.corpus.furniture import Furniture
from qa.corpus.gapped import gapped_table
from qa.corpus.header import read_header, source_of
from qa.corpus.lines import Layout, ends_open, ends_sentence, split_lines, starts_lower, starts_upper
from qa.corpus.marks import find_marks
from qa.corpus.tables import Region, cell_run, read_region
from qa.corpus.words import Copier
from qa.schema import BlockKind, Document

_LEAD_IN = re.compile(r"(?:Abstract|ABSTRACT|Summary|SUMMARY)\s?:\s+(?=\S)")
_TEXT_LABEL = re.compile(r"(?:Text|TEXT|Full text)\s?:\s+(?=\S)")
_STRAY_LINES = 8


def read_plaintext(text: str, *, doc_id: str, path: str) -> Document:
    """Read the characters of a plain text file; `path` is its relative name."""
    layout = Layout(split_lines(text))
    pages = [match.end() for match in re.finditer("\f", text)]
    builder = DocumentBuilder(text, page_starts=[0, *pages] if pages else [])
    header = read_header(layout)
    _Flow(layout, Copier(builder, layout.lines, find_marks(layout.lines))).read(header.title, header.lines)
    return builder.build(doc_id, source_of(header, layout, path))


class _Flow:
    """Reads the lines in order, keeping one paragraph open and what is to stand behind it."""

    def __init__(self, layout: Layout, copier: Copier) -> None:
        self.layout = layout
        self.lines = layout.lines
        self.copier = copier
        self.builder = copier.builder
        self.open: list[int] = []
        self.kind: BlockKind = "paragraph"
        self.waiting: list[Callable[[], None]] = []
        self.path: list[tuple[int, str]] = []
        self.furniture = Furniture(layout)
        self.tables = TableWriter(copier, layout)

    def read(self, title: list[int], head: dict[int, str]) -> None:
        if title:
            self._emit_heading(title, 0)
        at = len(title)
        while at < len(self.lines):
            line = self.lines[at]
            if reason := head.get(at) or self.furniture.reason(at, self._last() if self.open else None):
                self.builder.drop(line.start, line.end, reason)
                at += 1
            else:
                at = self._step(at)
        self._close()

    def _step(self, at: int) -> int:
        """Read what begins at line `at`; the number of the line after it."""
        text = self.lines[at].text
        cut = bool(self.open) and not ends_sentence(self._last())
        if kind := shapes.caption_label(text, None if at == 0 or self.layout.apart(at) else self._above(at)):
            region = read_region(self.layout, at, kind, cut=cut)
            self._place(lambda: self._emit_region(region), cut)
            return region.end
        table = None if cut else gapped_table(self.lines, range(len(self.lines)), at)
        if table:
            self._close()
            self.tables.emit_gapped(table, "", self.section)
            return table.end
        if cut and (end := self._stray(at)) > at:
            self.waiting.append(lambda: self._emit_stray(range(at, end)))
            return end
        if end := self._heading(at, cut):
            self._close()
            return end
        if not (self.open and self._joins(at)) and (end := cell_run(self.layout, at)) > at:
            self._close()
            self._emit_region(Region(cells=list(range(at, end)), end=end))
            return end
        self._prose(at)
        return at + 1

    def _place(self, emit: Callable[[], None], cut: bool) -> None:
        """Emit now, or behind the open paragraph where that is in the middle of a sentence."""
        if cut:
            self.waiting.append(emit)
        else:
            self._close()
            emit()

    def _last(self) -> str:
        return self.copier.clean(self.open[-1]) if self.open else ""

    def _above(self, at: int) -> str:
        return self._last() if self.open and self.open[-1] == at - 1 else self.lines[at - 1].text

    # Headings, and lines that do not belong where they stand

    def _stray(self, at: int) -> int:
        """End of a few set-off lines after which the open sentence goes on; `at` if there are none."""
        if not self.layout.apart(at) or not starts_upper(self.lines[at].text):
            return at
        end = at + 1
        while end < len(self.lines) and not self.layout.apart(end):
            end += 1
        if end - at > _STRAY_LINES or end >= len(self.lines) or not starts_lower(self.lines[end].text):
            return at
        block = [line.text for line in self.lines[at:end]]
        done = ends_sentence(block[-1]) and (end - at > 1 or self.layout.full(block[0]))
        short = all(len(text) < 0.7 * self.layout.width and not ends_open(text) for text in block) and end - at <= 3
        return end if (done or short) and self.layout.full(self.lines[end].text) else at

    def _heading(self, at: int, cut: bool) -> int:
        """Emit the heading that begins at line `at` and give the line after it; 0 where there is none."""
        text = self.lines[at].text
        size = len(self.lines)
        end = at + 1
        inside = cut and not self.layout.apart(at)
        if (shapes.HEADING_MARK.match(text) and self._marked(text)) or (shapes.is_name(text) and not inside):
            level = 1
        elif inside or (cut and ends_open(self._last())):
            return 0
        elif shapes.is_numbered(text) and not self._numbered_list(at):
            match = shapes.NUMBERED.match(text)
            level = 1 + (match.group(1).count(".") if match else 0)
        elif shapes.is_capitals(text):
            level = 1
        elif self._is_minor(at):
            level = 2 if self.path and self.path[0][0] == 1 else 1
        else:
            return 0
        if text.isupper():
            while (
                end < min(size, at + 4) and not self.layout.apart(end) and shapes.is_capitals_rest(self.lines[end].text)
            ):
                end += 1
        self._close()
        self._emit_heading(list(range(at, end)), level)
        return end

    def _marked(self, text: str) -> bool:
        return text[0] not in "●▪" or text.isupper()

    def _numbered_list(self, at: int) -> bool:
        """Whether "2 Something" is one of several such lines in a row, and so no heading."""
        near = [self.lines[i].text for i in (at - 1, at + 1) if 0 <= i < len(self.lines)]
        return any(shapes.NUMBERED.match(text) or shapes.ITEM.match(text) for text in near)

    def _is_minor(self, at: int) -> bool:
        """A short line set off on both sides above running text, or a lead-in such as "Key message:"."""
        text = self.lines[at].text
        if at + 1 >= len(self.lines) or not self.layout.apart(at):
            done = not self.open or ends_sentence(self._last())
            if at + 1 >= len(self.lines) or not (done and text.endswith(":")):
                return False
        if _LEAD_IN.match(text) or _TEXT_LABEL.match(text):
            return False
        below = self.lines[at + 1].text
        if not starts_upper(below) or shapes.ITEM.match(text) or shapes.BULLET.match(text):
            return False
        if text.endswith(":"):
            lead = len(text.split()) <= 4 and shapes.is_title_like(text[:-1]) and not self.layout.apart(at + 1)
            return lead and len(below) > len(text)
        isolated = self.layout.apart(at) and self.layout.apart(at + 1) and shapes.is_title_like(text)
        return isolated and len(below) > max(len(text), 0.7 * self.layout.width)

    # Paragraphs

    def _prose(self, at: int) -> None:
        if self.open and self._joins(at):
            self.open.append(at)
            return
        self._close()
        line = self.lines[at]
        if label := _TEXT_LABEL.match(line.text):
            self.builder.drop(line.start, line.start + len(label.group().rstrip()), "label")
            self.copier.skip(line.start, line.start + label.end())
            self.path.clear()
        elif label := _LEAD_IN.match(line.text):
            words = len(label.group().rstrip().rstrip(":").rstrip())
            self.builder.begin()
            self.builder.copy(line.start, line.start + words)
            self._end_heading(1)
            self.builder.drop(line.start + words, line.start + len(label.group().rstrip()), "label")
            self.copier.skip(line.start, line.start + label.end())
            if line.text[label.end() :].strip().lower() == "nan":
                self.path.clear()
                self.builder.drop(line.start + label.end(), line.end, "missing value")
                return
        item = shapes.BULLET.match(line.text) or shapes.ITEM.match(line.text) or shapes.NUMBER_DOT.match(line.text)
        self.kind = "list_item" if item else "paragraph"
        if bullet := shapes.BULLET.match(line.text) or shapes.DASH.match(line.text):
            self.copier.skip(line.start, line.start + bullet.end())
            self.builder.drop(line.start, line.start + len(bullet.group().rstrip()), "list mark")
        self.open = [at]

    def _joins(self, at: int) -> bool:
        """Whether the line goes on with the open paragraph."""
        last, text = self._last(), self.lines[at].text
        if shapes.BULLET.match(text) or _TEXT_LABEL.match(text) or _LEAD_IN.match(text):
            return False
        if len(self.open) == 1 and shapes.NUMBER_DOT.match(last):
            return True
        done = ends_sentence(last)
        item = bool(shapes.ITEM.match(text))
        apart = self.layout.between(self.open[-1], at) or bool(self.waiting)
        if item and (apart or done or self.kind == "list_item"):
            return False
        lower = starts_lower(text)
        if apart:
            goes_on = ends_open(last) or (bool(self.waiting) and text[0] in "([0123456789")
            return not done and (lower or goes_on)
        if lower:
            return self.layout.wrapped or not done
        if not self.layout.wrapped:
            return not done and ends_open(last)
        room = self.layout.had_room(last, text)
        if done:
            ends_here = self.layout.trail_ends and self.lines[at - 1].trail >= 2
            return not room and not ends_here
        return not (room and len(last) < 0.6 * self.layout.width and starts_upper(text) and not ends_open(last))

    def _close(self) -> None:
        """Emit the open paragraph, then what interrupted it."""
        lines, self.open = self.open, []
        if lines:
            self._emit_lines(lines, self.kind)
        waiting, self.waiting = self.waiting, []
        for emit in waiting:
            emit()

    # Blocks

    @property
    def section(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.path)

    def _emit_lines(self, lines: list[int], kind: BlockKind) -> str:
        self.builder.begin()
        self.copier.running(lines)
        block = self.builder.end(kind, section=self.section)
        return self.builder.words(block) if block else ""

    def _emit_stray(self, lines: range) -> None:
        self._emit_lines(list(lines), "paragraph")

    def _emit_heading(self, lines: list[int], level: int) -> None:
        """Emit a heading; level 0 is the document's title, which is no part of the path."""
        line = self.lines[lines[0]]
        if mark := shapes.HEADING_MARK.match(line.text):
            self.builder.drop(line.start, line.start + len(mark.group().rstrip()), "heading mark")
            self.copier.skip(line.start, line.start + mark.end())
        self.builder.begin()
        self.copier.running(lines)
        self._end_heading(level)

    def _end_heading(self, level: int) -> None:
        """Close the open block as a heading; what follows stands under it."""
        while self.path and self.path[-1][0] >= level:
            self.path.pop()
        block = self.builder.end("heading", section=self.section)
        if block and level:
            self.path.append((level, self.builder.words(block).rstrip(":")))

    def _emit_region(self, region: Region) -> None:
        caption = self._emit_lines(region.caption, "caption") if region.caption else ""
        for at in region.notes:
            self._prose(at)
        self._close()
        self.tables.emit(region, caption, self.section)
        start = 0
        for k in range(1, len(region.legend) + 1):
            if k == len(region.legend) or region.legend[k] != region.legend[k - 1] + 1:
                self._emit_lines(region.legend[start:k], "paragraph")
                start = k
