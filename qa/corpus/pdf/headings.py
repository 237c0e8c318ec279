"""The headings of a PDF file: told from running text by their number, size, weight and words."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from qa.corpus import shapes
from qa.corpus.lines import ends_sentence, starts_lower, starts_upper
from qa.corpus.pdf.lines import Row
from qa.corpus.pdf.measures import Setting, style
from qa.corpus.pdf.sections import Rank, heads_contents, heads_references
from qa.corpus.pdf.stream import Element, TextLine

_NUMBER = re.compile(
    r"(?:(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})\.?|(?P<roman>[IVX]{1,5})\.|(?P<letter>[A-Z])\.)\s+(?=\S)"
)
_SPOKEN = re.compile(r"[^\W\d_]{3}|[\u3040-\u9fff\uac00-\ud7af]")
"""What a heading has and the signs of a formula, however large, have not."""
_ROMAN = frozenset(("I", "II", "III", "IV", "V"))
_MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class Before:
    """What a line stands behind: the last line of the open paragraph, whether that ends a sentence.

    `front`: no running text was read so far.
    """

    last: Row | None
    done: bool
    front: bool


class Headings:
    """Finds headings among the elements of a file; `title` are the numbers of the lines of its title, which are none."""

    def __init__(self, elements: Sequence[Element], setting: Setting, title: Collection[int]) -> None:
        self.elements = elements
        self.setting = setting
        self.title = title
        texts = [e.row.text for e in elements if isinstance(e, TextLine) and not e.reason and len(e.row.text) < 90]
        self.roman = len({m["roman"] for text in texts if (m := _NUMBER.match(text))} & _ROMAN) > 1

    def lines(self, at: int, before: Before) -> list[TextLine]:
        """The lines of the heading that begins at an element; none where it is no heading."""
        if not self._is_heading(at, before):
            return []
        end = at + 1
        while end <= at + _MOST_LINES and self._goes_on(at, end):
            end += 1
        run = [element for element in self.elements[at:end] if isinstance(element, TextLine)]
        words = " ".join(element.row.text for element in run)
        if len(run) > _MOST_LINES or len(words) > 300 or (ends_sentence(words) and len(words.split()) > 12):
            return []
        return run

    def rank(self, first: Row, words: str) -> Rank:
        """The rank of a heading of these words that begins with this line."""
        return Rank(self._depth(words), (round(first.size * 2) / 2, first.bold, words.isupper()))

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

    def _is_heading(self, at: int, before: Before) -> bool:
        element = self.elements[at]
        if not isinstance(element, TextLine):
            return False
        row, text = element.row, element.row.text
        if not _SPOKEN.search(text) or len(text) > 160 or shapes.BULLET.match(text):
            return False
        alone = before.last is None or not self.setting.adjacent(before.last, row)
        inside = not alone and not before.done
        if inside and starts_lower(text):
            return False
        if text.endswith((",", ";")) and not self._goes_on(at, at + 1):
            return False
        if row.size >= 1.1 * self.setting.size:
            if before.front and not self._is_front_heading(at, row):
                return False
            return not (inside and before.last is not None and row.size < 1.1 * before.last.size)
        if row.size < 0.93 * self.setting.size or (ends_sentence(text) and len(text.split()) > 6):
            return False
        number = _NUMBER.match(text)
        rest = text[number.end() :] if number else text
        named = shapes.is_name(rest) or heads_references(text)
        if row.bold and not self.setting.bold and starts_upper(rest):
            return named or not (inside or self._runs_in(at))
        if named:
            return not inside
        return alone and (self._is_numbered(text, rest) or (shapes.is_capitals(text) and " " in text))

    def _is_front_heading(self, at: int, row: Row) -> bool:
        """Whether a large line before the first running text is a heading: not authors and places below the title."""
        leads = row.bold and not self.setting.bold and self._leads(at)
        return bool(
            leads or shapes.is_name(row.text) or _NUMBER.match(row.text) or style(row) in self.setting.later_styles
        )

    def _is_numbered(self, text: str, rest: str) -> bool:
        """Whether a line has the number of a heading; `rest` is what stands behind that."""
        if shapes.is_numbered(text) and not shapes.ITEM.match(text):
            return True
        match = _NUMBER.match(text)
        if match and self.roman and not match["number"] and shapes.is_title_like(rest.rstrip(":")):
            return True
        return rest != text and rest.isupper() and bool(_SPOKEN.search(rest)) and len(rest) <= 90

    def _leads(self, at: int) -> bool:
        """Whether the line below is one of running text."""
        after = self.elements[at + 1] if at + 1 < len(self.elements) else None
        if not isinstance(after, TextLine):
            return False
        size = self.setting.size
        return abs(after.row.size - size) < 0.06 * size and not after.row.bold and len(after.row.text) >= 30

    def _runs_in(self, at: int) -> bool:
        """Whether a line in bold is the beginning of a sentence that goes on below in usual print."""
        element, after = self.elements[at], self.elements[at + 1] if at + 1 < len(self.elements) else None
        if not isinstance(element, TextLine) or not isinstance(after, TextLine) or after.row.bold:
            return False
        return (
            self.setting.adjacent(element.row, after.row)
            and starts_lower(after.row.text)
            and not ends_sentence(element.row.text)
        )

    def _goes_on(self, at: int, end: int) -> bool:
        """Whether an element is a further line of the heading that begins at `at`."""
        if end >= len(self.elements):
            return False
        first, before, element = self.elements[at], self.elements[end - 1], self.elements[end]
        if not (isinstance(first, TextLine) and isinstance(before, TextLine) and isinstance(element, TextLine)):
            return False
        a, b, c = first.row, before.row, element.row
        if element.reason or (c.page, c.column) != (a.page, a.column) or element.number in self.title:
            return False
        alike = abs(c.size - a.size) < 0.3 and c.bold == a.bold and a.text.isupper() <= c.text.isupper()
        plain = a.size < 1.1 * self.setting.size and not a.bold
        close = 0 < c.base - b.base <= 1.35 * a.size
        numbered = _NUMBER.match(c.text) and (_NUMBER.match(a.text) or heads_contents(a.text))
        return alike and close and not plain and not numbered
