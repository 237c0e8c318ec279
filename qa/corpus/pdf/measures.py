"""How the lines of a PDF file are set: the usual size, distance and edges, and the rank of a heading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from qa.corpus.pdf.layout import Row


@dataclass(frozen=True, slots=True)
class Rank:
    """How prominent a heading is: by the depth of its number where it has one, else by how it is set."""

    depth: int
    look: tuple[float, bool, bool]

    def above(self, other: Rank) -> bool:
        """Whether a heading of this rank holds one of the other."""
        if self.depth and other.depth:
            return self.depth < other.depth
        return self.look > other.look


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
