"""Copies lines of plain text into a document as running text or as table cells, mending what lies between the lines."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from qa.corpus.builder import DocumentBuilder
from qa.corpus.lines import Layout, Line, ends_open, ends_sentence, starts_lower
from qa.corpus.marks import mend

_BLANKS = re.compile(r"\s{2,}|[^\S ]")
_CLOSING = re.compile(r"[.,;:!?)\]%](?:[\s)\]\"”’]|$)")
_HYPHENS = "-\u2010\u00ad"
_WORD = re.compile(r"[^\W_]+(?:[-\u2010][^\W_]+)*")


class Copier:
    """Holds the marks to leave out: (start, end) file offsets of reference numbers, in order."""

    def __init__(self, builder: DocumentBuilder, lines: Sequence[Line], marks: Sequence[tuple[int, int]]) -> None:
        self.builder = builder
        self.lines = lines
        self._marks = list(marks)
        self._skipped: dict[int, int] = {}
        self._words: frozenset[str] | None = None

    def skip(self, start: int, end: int) -> None:
        """Leave out the first characters of a line, which the caller has accounted for."""
        self._skipped[start] = end

    def clean(self, i: int) -> str:
        """The words of a line without its reference numbers."""
        line = self.lines[i]
        low = bisect.bisect_left(self._marks, (line.start, line.start))
        text = line.text
        for start, end in reversed(self._marks[low : bisect.bisect_left(self._marks, (line.end, line.end))]):
            text = text[: start - line.start] + text[end - line.start :]
        return text.rstrip()

    def running(self, lines: Sequence[int]) -> None:
        """Copy lines as running text, words that were broken at a line end mended."""
        for i, after in zip(lines, [*lines[1:], None], strict=False):
            line = self.lines[i]
            start = self._skipped.get(line.start, line.start)
            if after is None:
                self._copy(start, line.end)
                return
            left, right = self.clean(i), self.lines[after].text
            how = "space"
            if left.endswith(tuple(_HYPHENS)):
                how = mend(left, right, self.words)
            elif _CLOSING.match(right) or left.endswith(("(", "[", "/")) or _is_range(left, right):
                how = "keep"
            if how == "join":
                self._copy(start, line.end - 1)
                self.builder.drop(line.end - 1, line.end, "line-end hyphen")
            else:
                self._copy(start, line.end)
            if how == "space":
                self.builder.space()

    def cells(self, lines: Sequence[int], layout: Layout) -> None:
        """Copy lines as cells, each on a line of its own but for those that plainly go on; nothing is left out."""
        depth = 0
        for i in lines:
            line = self.lines[i]
            if i != lines[0]:
                before = self.lines[i - 1].text
                goes_on = starts_lower(line.text) or line.text[0] in "(<>=" or ends_open(before) or before[-1] == ":"
                same = not layout.apart(i) and (depth > 0 or (goes_on and not ends_sentence(before)))
                self.builder.space(" " if same else "\n")
                depth = depth if same else 0
            depth = max(0, depth + line.text.count("(") - line.text.count(")")) if len(line.text) < 200 else 0
            self.builder.copy(line.start, line.end)

    @property
    def words(self) -> frozenset[str]:
        """All words of the file in lower case, hyphenated ones whole and in their parts."""
        if self._words is None:
            found: set[str] = set()
            cut = False
            for line in self.lines:
                text = line.text.lower()
                for match in _WORD.finditer(text):
                    # The halves of a word that is cut by a line's end are no evidence for themselves.
                    halved = (cut and match.start() == 0) or (match.end() == len(text) - 1 and text[-1] in _HYPHENS)
                    if not halved:
                        found.add(match.group())
                        found.update(re.split("[-\u2010]", match.group()))
                cut = text[-1] in _HYPHENS
            self._words = frozenset(found)
        return self._words

    def _copy(self, start: int, end: int) -> None:
        """Copy file characters without reference numbers, runs of blanks as one space."""
        at = start
        first = bisect.bisect_left(self._marks, (start, start))
        for low, high in self._marks[first : bisect.bisect_left(self._marks, (end, end))]:
            self._plain(at, low)
            self.builder.drop(low, high, "reference mark")
            at = high
        self._plain(at, end)

    def _plain(self, start: int, end: int) -> None:
        at = start
        for match in _BLANKS.finditer(self.builder.file, start, end):
            self.builder.copy(at, match.start())
            self.builder.space()
            at = match.end()
        self.builder.copy(at, end)


def _is_range(left: str, right: str) -> bool:
    return left.endswith("–") and left[-2:-1].isdigit() and right[:1].isdigit()
