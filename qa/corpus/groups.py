"""Which rows of a table name a group of the rows below them, and where each group ends.

A name stands alone in its row, over all columns or in the first of them. That such a row is none without values is told by
the rows below, which are moved in, or by a table that begins with one and has more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MAX_NAME = 80
"""Characters that the name of a group has at most."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is to be known of a row: its cells, those with words, characters in the first, and how far that is moved in."""

    cells: int
    filled: int
    first: int
    indent: int = 0


@dataclass(frozen=True, slots=True)
class _Open:
    """A group that rows moved in by more than `low` belong to; `flat`: they are moved in no further than its name."""

    name: int
    low: int
    flat: bool
    over_all: bool


def find_groups(rows: Sequence[Shape]) -> list[list[int] | None]:
    """For each row the numbers of the rows that name its groups, outermost first; None for a row that is such a name.

    >>> find_groups([Shape(1, 1, 5), Shape(2, 2, 4), Shape(1, 1, 3), Shape(2, 2, 4)])
    [None, [0], None, [2]]
    """
    names = _names(rows)
    wide = max((row.cells for row in rows), default=0)
    groups: list[_Open] = []
    found: list[list[int] | None] = []
    for i, row in enumerate(rows):
        over_all = row.cells == 1 and wide > 1
        if names[i]:
            flat = rows[i + 1].indent <= row.indent
            groups = [group for group in groups if group.low < row.indent and not _same(group, row.indent, over_all)]
            groups.append(_Open(i, row.indent - flat, flat, over_all))
        elif over_all:
            groups = []
        else:
            groups = [group for group in groups if group.low < row.indent]
        found.append(None if names[i] or over_all else [group.name for group in groups])
    return found


def _same(group: _Open, indent: int, over_all: bool) -> bool:
    """Whether a name takes the place of a group whose rows are not told from it by where they begin."""
    return group.flat and group.low == indent - 1 and (over_all or not group.over_all)


def _names(rows: Sequence[Shape]) -> list[bool]:
    wide = max((row.cells for row in rows), default=0)
    alone = [row.filled == 1 and row.cells > 2 and 0 < row.first <= MAX_NAME for row in rows]
    lead = [i for i in range(len(rows) - 1) if alone[i] and rows[i + 1].filled > 1]
    told = len(lead) > 1 and lead[0] == 0 and 2 * sum(alone) <= len(rows)
    found = [False] * len(rows)
    for i, row in enumerate(rows[:-1]):
        if row.cells == 1 and wide > 1:
            found[i] = row.first <= MAX_NAME and rows[i + 1].cells > 1
        elif alone[i]:
            found[i] = rows[i + 1].indent > row.indent or (told and i in lead)
    return found
