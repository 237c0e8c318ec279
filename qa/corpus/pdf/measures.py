"""How the lines of a PDF file are set: the usual size, distance and edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from qa.corpus.pdf.lines import Row


@dataclass(frozen=True, slots=True)
class Setting:
    """How a file is set: size and weight of most of its text, and for each column of each page how its lines stand.

    `steps` are the usual distances from line to line, by size in half points; `edges`, `reaches`, `justified` and
    `later_styles`: see the functions of these names.
    """

    size: float
    bold: bool
    steps: Mapping[int, float]
    edges: Mapping[tuple[int, int], tuple[float, float]]
    reaches: Mapping[tuple[int, int, int], float]
    justified: Collection[tuple[int, int]]
    later_styles: Collection[tuple[float, bool]]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Setting:
        """The setting that the lines of a file show, in reading order."""
        size, bold = body(rows)
        found = edges(rows)
        return cls(
            size, bold, steps(rows, size), found, reaches(rows, size), justified(rows, found), later_styles(rows, size)
        )

    def leading(self, row: Row) -> float:
        """The usual distance to a line like this from the one before."""
        return self.steps.get(round(row.size * 2), 1.25 * row.size)

    def adjacent(self, last: Row, row: Row) -> bool:
        """Whether a line stands right below another, at the usual distance."""
        same = (row.page, row.column) == (last.page, last.column)
        return same and 0 < row.base - last.base <= 1.25 * self.leading(last)

    def indented(self, row: Row) -> bool:
        """Whether a line begins as far in as the first of a paragraph does."""
        left, _ = self.edges[(row.page, row.column)]
        return 0.6 * row.size < row.left - left < 5 * row.size

    def has_room(self, last: Row, row: Row) -> bool:
        """Whether the first word of a line would have fitted onto the line before it."""
        _, right = self.edges[(last.page, last.column)]
        return last.right + 0.25 * row.size + row.words[0].right - row.words[0].left < right - 1

    def flush(self, row: Row) -> bool:
        """Whether a line ends at the very edge, in a column in which lines do."""
        _, right = self.edges[(row.page, row.column)]
        return row.right > right - 1 or (row.page, row.column) not in self.justified

    def reach(self, row: Row) -> float:
        """How far to the right the lines go that begin where this one does."""
        return self.reaches.get(start_of(row), row.right_edge)


def body(rows: Sequence[Row]) -> tuple[float, bool]:
    """Size and weight that most of the text is set in."""
    sizes: dict[float, int] = defaultdict(int)
    bold = total = 0
    for row in rows:
        count = sum(len(word.text) for word in row.words)
        sizes[row.size] += count
        total += count
        bold += count * row.bold
    return max(sizes, key=lambda size: sizes[size], default=10.0), 2 * bold > total


def steps(rows: Sequence[Row], size: float) -> dict[int, float]:
    """The usual distance from line to line, by size in half points."""
    found: dict[int, list[float]] = defaultdict(list)
    for a, b in pairwise(rows):
        step = b.base - a.base
        if (
            (a.page, a.column) == (b.page, b.column)
            and abs(a.size - b.size) < 0.3
            and 0.8 * a.size < step < 2.2 * a.size
        ):
            found[round(a.size * 2)].append(step)
    return {key: median(steps) for key, steps in found.items() if len(steps) >= 3 or key == round(size * 2)}


def edges(rows: Sequence[Row]) -> dict[tuple[int, int], tuple[float, float]]:
    """Left and right edge of the text of each column of each page."""
    found: dict[tuple[int, int], tuple[float, float]] = {}
    for row in rows:
        left, right = found.get((row.page, row.column), (row.left, row.right))
        found[(row.page, row.column)] = min(left, row.left), max(right, row.right)
    return found


def reaches(rows: Sequence[Row], size: float) -> dict[tuple[int, int, int], float]:
    """How far the lines of usual print go that begin at one place of a column: most of them at least as far.

    A column can hold text that is set narrower than something else in it, such as one of two columns of which the other is empty.
    """
    ends: dict[tuple[int, int, int], list[float]] = defaultdict(list)
    for row in rows:
        if abs(row.size - size) < 0.12 * size:
            ends[start_of(row)].append(row.right)
    return {key: sorted(found)[len(found) * 4 // 5] for key, found in ends.items() if len(found) >= 4}


def start_of(row: Row) -> tuple[int, int, int]:
    """Page, column and rounded left edge of a line."""
    return row.page, row.column, round(row.left / 4)


def justified(rows: Sequence[Row], edges: dict[tuple[int, int], tuple[float, float]]) -> set[tuple[int, int]]:
    """Columns in which many lines end at the same right edge."""
    flush: dict[tuple[int, int], list[bool]] = defaultdict(list)
    for row in rows:
        key = (row.page, row.column)
        flush[key].append(row.right > edges[key][1] - 1)
    return {key for key, found in flush.items() if 5 * sum(found) >= 2 * len(found)}


def style(row: Row) -> tuple[float, bool]:
    return row.size, row.bold


def later_styles(rows: Sequence[Row], size: float) -> set[tuple[float, bool]]:
    """How lines are set that stand behind the first full line of running text."""
    for i, row in enumerate(rows):
        if abs(row.size - size) < 0.6 and not row.bold and len(row.text) >= 30:
            return {style(later) for later in rows[i:]}
    return set()
