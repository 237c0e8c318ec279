"""Rows of a table in plain text that stand on a line each, with bars, tabs or several blanks between their cells.

A run of lines that all have the same number of cells is a table: two lines are enough where bars stand at both ends, else three
with three cells or tabs, four with two cells apart by blanks. A short line alone, or a first cell alone between the bars, names
the rows below it. Not done: cells that go on on the next line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.corpus.lines import Line, ends_sentence, starts_upper
from qa.corpus.shapes import caption_label, is_name, is_numbered

_RULE = re.compile(r"\|?(?:\s*:?[-=+]{2,}:?\s*[|+]?)+")
_BARS = re.compile(r"\|.*\|")
_BAR = re.compile(r"\s*\|\s*")
_GAP = re.compile(r"\s*\t\s*| {2,}")
_DIGIT = re.compile(r"\d")
_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Table:
    """Line numbers of the rows, of the header if there is one, of the rules between them, and of the line after it all.

    `groups` are the lines that name the rows behind them.
    """

    rows: tuple[int, ...]
    header: int | None
    rules: tuple[int, ...]
    groups: tuple[int, ...]
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
    groups: list[int] = []
    width = end = 0
    while at < len(numbers):
        text = lines[numbers[at]].text
        if rows and _RULE.fullmatch(text):
            rules.append(numbers[at])
        elif rows and _names_rows(lines, numbers[at : at + 2], width):
            groups.append(numbers[at])
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
    return Table(tuple(rows[1:] if header is not None else rows), header, tuple(rules), tuple(groups), end)


def group_name(text: str) -> str:
    """The name that a line gives to the rows below it: its only words, between bars or without."""
    filled = [text[start:end] for start, end in cell_places(text) if start < end]
    return filled[0] if filled else text.rstrip(":")


def _names_rows(lines: Sequence[Line], numbers: Sequence[int], width: int) -> bool:
    """Whether the first of the two lines is the name of rows of which the second, right below it, is one."""
    if len(numbers) < 2 or numbers[1] != numbers[0] + 1:
        return False
    above, below = lines[numbers[0]], lines[numbers[1]]
    places, cells = cell_places(above.text), cell_places(below.text)
    if len(cells) != width or sum(start < end for start, end in cells) < 2 or below.gap > above.gap:
        return False
    if places:
        return len(places) == width and places[0][0] < places[0][1] and all(start == end for start, end in places[1:])
    return (
        len(above.text) <= _NAME_LENGTH
        and starts_upper(above.text)
        and not (
            ends_sentence(above.text)
            or caption_label(above.text, None)
            or is_name(above.text)
            or is_numbered(above.text)
        )
    )


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
