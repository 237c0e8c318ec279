"""Rows of a table in plain text that stand on a line each, with bars, tabs or several blanks between their cells.

A run of lines that all have the same number of cells is a table: two lines are enough where bars stand at both ends, else three
with three cells or tabs, four with two cells apart by blanks. Not done: cells that go on on the next line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.corpus.lines import Line, ends_sentence

_RULE = re.compile(r"\|?(?:\s*:?[-=+]{2,}:?\s*[|+]?)+")
_BARS = re.compile(r"\|.*\|")
_BAR = re.compile(r"\s*\|\s*")
_GAP = re.compile(r"\s*\t\s*| {2,}")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Table:
    """Line numbers of the rows, of the header if there is one, of the rules between them, and of the line after it all."""

    rows: tuple[int, ...]
    header: int | None
    rules: tuple[int, ...]
    end: int


def cell_places(text: str) -> list[tuple[int, int]]:
    """Offsets of the cells of a line, empty ones included; none where it is not parted.

    >>> cell_places("| Tea | 4 mg |")
    [(2, 5), (8, 12)]
    >>> cell_places("Tea   4 mg"), cell_places("Tea 4 mg")
    ([(0, 3), (6, 10)], [])
    """
    if _BARS.fullmatch(text):
        gaps = [match.span() for match in _BAR.finditer(text)]
        return [(end, start) for (_, end), (start, _) in pairwise(gaps)]
    gaps = [match.span() for match in (_BAR if text.count("|") > 1 else _GAP).finditer(text)]
    bounds = [0, *(at for gap in gaps for at in gap), len(text)]
    return list(zip(bounds[::2], bounds[1::2], strict=True)) if gaps else []


def gapped_table(lines: Sequence[Line], numbers: Sequence[int], at: int) -> Table | None:
    """The table that begins with line `numbers[at]`, of which only lines with those numbers are part; None where none does."""
    rows: list[int] = []
    rules: list[int] = []
    width = end = 0
    while at < len(numbers):
        text = lines[numbers[at]].text
        if rows and _RULE.fullmatch(text):
            rules.append(numbers[at])
        else:
            cells = len(cell_places(text))
            if cells < 2 or (rows and cells != width):
                break
            width = cells
            rows.append(numbers[at])
        at += 1
        end = numbers[at - 1] + 1
    if not rows or len(rows) < _enough(lines[rows[0]].text, width):
        return None
    if not any(_BARS.fullmatch(lines[i].text) for i in rows) and _is_prose(lines, rows):
        return None
    header = rows[0] if rules[:1] == [rows[0] + 1] or _is_header(lines, rows) else None
    return Table(tuple(rows[1:] if header is not None else rows), header, tuple(rules), end)


def _enough(text: str, width: int) -> int:
    """How many lines of that width make a table."""
    if _BARS.fullmatch(text):
        return 2
    return 3 if width > 2 or "\t" in text else 4


def _is_prose(lines: Sequence[Line], rows: Sequence[int]) -> bool:
    """Whether the lines are rather running text with wide blanks: most of them long, or ending as sentences do."""
    texts = [lines[i].text for i in rows]
    wordy = sum(len(text.split()) > 30 for text in texts)
    return 2 * sum(ends_sentence(text) for text in texts) > len(texts) or 2 * wordy > len(texts)


def _is_header(lines: Sequence[Line], rows: Sequence[int]) -> bool:
    """Whether the first row names the columns: it has no digit where the others have some, and no empty cell."""
    first = [lines[rows[0]].text[start:end] for start, end in cell_places(lines[rows[0]].text)]
    rest = "".join(lines[i].text for i in rows[1:])
    return all(first) and not any(_DIGIT.search(cell) for cell in first) and bool(_DIGIT.search(rest))
