"""Lines of a plain text file, and how they are laid out: wrapped or not, at what width, at what line spacing."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(r"[^\r\n\f\v\x85\u2028\u2029]*(?:\r\n?|[\n\f\v\x85\u2028\u2029]|\Z)")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]{0,3}$")
_CONTINUES = re.compile(r"[\"'“‘(\[]?[^\W\d_]|[,;:.!?%)\]](?:\s|$)")
_OPEN_WORDS = """
a an the of in on at by for from with without within into onto over under between among during per via versus
vs and or but nor as than that which who whose if when while whereas where because though although is are was
were be been being has have had may might can could will would shall should must does did do not no its their
our his her this these those such both either each more most less least very about against after before until
since through to also only other including regarding concerning
"""
OPEN_WORDS = frozenset(_OPEN_WORDS.split())


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: `text` is file[start:end], without surrounding blanks.

    `gap` counts the blank lines before it, `page` the form feeds; `trail` are the blanks behind it on its line.
    """

    start: int
    end: int
    text: str
    gap: int
    page: int
    trail: int


def split_lines(file: str) -> list[Line]:
    """The lines of a file that are not blank; a form feed ends a line and begins a page."""
    lines: list[Line] = []
    gap = page = 0
    for match in _LINE.finditer(file):
        raw = match.group()
        if raw.strip():
            start = match.start() + len(raw) - len(raw.lstrip())
            end = match.start() + len(raw.rstrip())
            trail = len(raw.rstrip("\r\n\f\v\x85\u2028\u2029")) - (end - match.start())
            lines.append(Line(start, end, file[start:end], gap, page, trail))
            gap = 0
        elif raw.endswith(("\n", "\r")):
            gap += 1
        page += raw.endswith("\f")
    return lines


def ends_sentence(text: str) -> bool:
    """Whether a line ends where a sentence does.

    >>> ends_sentence("as planned.”"), ends_sentence("of the")
    (True, False)
    """
    return bool(_SENTENCE_END.search(text[-6:]))


def ends_open(text: str) -> bool:
    """Whether a line ends in a word or mark after which a sentence must go on.

    >>> ends_open("a dose of"), ends_open("two doses")
    (True, False)
    """
    if text.endswith((",", "-", "\u2010", "–", "(", "[", "/", "=", "<", ">", "≥", "≤")):
        return True
    last = text[-30:].rsplit(None, 1)
    return bool(last) and last[-1].lower().lstrip("(") in OPEN_WORDS


def starts_lower(text: str) -> bool:
    """Whether a line begins as the middle of a sentence does: in lower case, or with the mark that ends a clause."""
    match = _CONTINUES.match(text)
    return match is not None and (not match.group()[-1].isalpha() or match.group()[-1].islower())


def starts_upper(text: str) -> bool:
    """Whether the first letter or digit of a line is a capital letter."""
    first = text.lstrip("\"'“‘([¿¡")[:1]
    return first.isupper() or (first.isalpha() and not first.islower())


def _weighted(sizes: list[int], share: float) -> int:
    """The length of line, of `sizes` in falling order, down to which the lines hold this share of all characters."""
    total, seen = sum(sizes), 0
    for size in sizes:
        seen += size
        if seen >= share * total:
            return size
    return 0


class Layout:
    """What the lines of a file have in common.

    `width`: half of the file's characters stand in lines of at least this length. Where lines are longer than a printed
    line can be, the file is not `wrapped`: each line is a paragraph. `doubled`: a blank line follows every line.
    """

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        sizes = sorted((len(line.text) for line in lines), reverse=True)
        width = _weighted(sizes, 0.5)
        self.wrapped = width <= 160 and _weighted(sizes, 0.1) <= 2.5 * width
        self.width = width if self.wrapped else 90
        self.doubled = self._is_doubled()
        trailing = sum(line.trail >= 2 for line in lines)
        self.trail_ends = 0 < trailing * 5 < len(lines)

    def _is_doubled(self) -> bool:
        """Whether sentences that go on in the next line mostly do so across one blank line."""
        single = double = 0
        for line, after in zip(self.lines, self.lines[1:], strict=False):
            if 30 <= len(line.text) <= 160 and starts_lower(after.text) and not ends_sentence(line.text):
                single += after.gap == 0
                double += after.gap == 1
        return double >= 4 and double > 2 * single

    def apart(self, i: int) -> bool:
        """Whether line `i` is set off from the line before it by more than the line spacing."""
        return i == 0 or self.lines[i].gap > (1 if self.doubled else 0)

    def between(self, i: int, j: int) -> bool:
        """Whether any of the lines i + 1 … j is set off."""
        return any(self.apart(k) for k in range(i + 1, j + 1))

    def full(self, text: str) -> bool:
        """Whether a line is about as long as the lines of running text are, and made of words."""
        return len(text) >= 0.7 * self.width and text.count(" ") >= 4

    def had_room(self, text: str, after: str) -> bool:
        """Whether the first word of the next line would have fitted onto this one."""
        return self.wrapped and len(text) + 1 + len(after.split(None, 1)[0]) <= self.width
