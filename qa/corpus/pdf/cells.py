"""The rows and cells of a table, by its ruling lines or by how its words stand below each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.corpus.lines import ends_open
from qa.corpus.pdf.lines import Area, Row, make_rows
from qa.corpus.pdf.pages import Rule, Word

MAX_CELLS = 20_000
CLOSE = 3.0
"""Points by which lines of a table that belong together may differ."""
Cells = list[list[Word]]


@dataclass(slots=True)
class Table:
    """Rows of cells, each the words in it in reading order; the first `head` rows are headers."""

    rows: list[Cells]
    head: int


def merged(rules: list[Rule]) -> list[Rule]:
    """Rules on one line that touch, as one."""
    found: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.top), rule.left)):
        last = found[-1] if found else None
        if last and abs(last.top - rule.top) < 2 and rule.left <= last.right + CLOSE:
            found[-1] = Rule(last.left, last.top, max(last.right, rule.right), last.bottom)
        else:
            found.append(rule)
    return found


def column_edges(rows: Sequence[Row], left: float, right: float) -> list[float]:
    """Edges between the columns of a table, the outer ones with it: white bands that (nearly) all lines keep free."""
    low, high = int(left), int(right) + 2
    cover = [0] * (high - low + 1)
    for row in rows:
        for part in row.parts(0.55):
            for x in range(max(low, int(part[0].left)), min(high, int(max(word.right for word in part)) + 1)):
                cover[x - low] += 1
    size = rows[0].size if rows else 10.0
    allowed = len(rows) // 12
    wide = max(0.45 * size, 3.0) if len(rows) >= 4 else 0.9 * size
    edges, begin = [left - 1], None
    started = False
    for x, count in enumerate(cover):
        if count > allowed:
            if begin is not None and started and x - begin >= wide:
                edges.append(low + (begin + x) / 2)
            started, begin = True, None
        elif begin is None:
            begin = x
    return [*edges, right + 1]


def table_edges(area: Area) -> list[float]:
    """Edges between the columns of a table without upright rules: where its body has them, if its header lies over several."""
    whole = column_edges(area.rows, area.left, area.right)
    below = area.rows[_header_lines(area) :]
    if len(below) == len(area.rows) or len(below) < 3:
        return whole
    edges = column_edges(below, area.left, area.right)
    return edges if len(edges) > len(whole) else whole


def _header_lines(area: Area) -> int:
    """How many lines stand above the first rule inside a table that goes all across it; 0 where none does."""
    wide = [rule.top for rule in merged([r for r in area.rules if r.level]) if _goes_across(rule, area)]
    inside = [y for y in wide if area.rows[0].bottom - 2 < y < area.rows[-1].top + 2]
    lines = sum(row.base < min(inside) for row in area.rows) if inside else 0
    return lines if lines <= 5 else 0


def _goes_across(rule: Rule, area: Area) -> bool:
    return rule.right - rule.left > 0.9 * (area.right - area.left)


def read_table(area: Area) -> Table | None:
    """The rows and cells of a table; None where columns cannot be told."""
    upright = sorted({round(r.left, 1) for r in area.rules if not r.level and r.bottom - r.top > 5})
    xs = [x for i, x in enumerate(upright) if i == 0 or x - upright[i - 1] > CLOSE]
    grid = len(xs) >= 2 and any(area.left + 5 < x < area.right - 5 for x in xs)
    if grid:
        xs = ([area.left] if xs[0] > area.left + 5 else []) + xs + ([area.right] if xs[-1] < area.right - 5 else [])
    else:
        xs = table_edges(area)
    level = merged([rule for rule in area.rules if rule.level])
    tops = sorted(rule.top for rule in level)
    ys = [y for i, y in enumerate(tops) if i == 0 or y - tops[i - 1] > CLOSE]
    if len(xs) < 3 or len(xs) * max(len(ys), len(area.rows)) > MAX_CELLS:
        return None
    if grid and len(ys) >= 3:
        return _Grid(area, xs, ys).read()
    return _read_open(area, xs, [y for y in ys if area.rows[0].bottom - 2 < y < area.rows[-1].top + 2])


class _Grid:
    """A table whose cells have ruling lines around them; a missing line merges the cells beside it."""

    def __init__(self, area: Area, xs: list[float], ys: list[float]) -> None:
        self.area = area
        self.xs = xs
        self.ys = ys
        self.level = [rule for rule in area.rules if rule.level]
        self.upright = [rule for rule in area.rules if not rule.level]

    def read(self) -> Table:
        rows, columns = len(self.ys) - 1, len(self.xs) - 1
        cells: list[Cells] = [[[] for _ in range(columns)] for _ in range(rows)]
        for line in self.area.rows:
            for word in line.words:
                i = _index(self.ys, (word.top + word.bottom) / 2)
                j = _index(self.xs, (word.left + word.right) / 2)
                cells[i][j].append(word)
        owner = self._owners(rows, columns)
        merged: dict[tuple[int, int], list[Word]] = {}
        for i in range(rows):
            for j in range(columns):
                merged.setdefault(owner[i][j], []).extend(cells[i][j])
        full = [[_reading(merged[owner[i][j]]) for j in range(columns)] for i in range(rows)]
        for i in range(rows):
            for j in range(columns):
                if owner[i][j][1] != j and i > 0 and not _is_bold(full[i]):
                    full[i][j] = []
        kept = [row for row in full if any(row)]
        return Table(kept, _head_rows(kept))

    def _owners(self, rows: int, columns: int) -> list[list[tuple[int, int]]]:
        """For each place of the grid the first place of the cell that covers it."""
        owner = [[(i, j) for j in range(columns)] for i in range(rows)]
        for i in range(rows):
            y = (self.ys[i] + self.ys[i + 1]) / 2
            for j in range(columns):
                x = (self.xs[j] + self.xs[j + 1]) / 2
                if j and not any(
                    abs(r.left - self.xs[j]) < CLOSE and r.top - 1 <= y <= r.bottom + 1 for r in self.upright
                ):
                    owner[i][j] = owner[i][j - 1]
                elif i and not any(
                    abs(r.top - self.ys[i]) < CLOSE and r.left - 1 <= x <= r.right + 1 for r in self.level
                ):
                    owner[i][j] = owner[i - 1][j]
        return owner


def _index(edges: Sequence[float], value: float) -> int:
    return max(0, min(len(edges) - 2, sum(edge <= value for edge in edges) - 1))


def _read_open(area: Area, xs: list[float], ys: list[float]) -> Table | None:
    """A table without upright rules: lines are put together to rows by their distance, or by their first cell."""
    above = _header_lines(area)
    lines = [_cut(row, xs, header=i < above) for i, row in enumerate(area.rows)]
    breaks = _row_breaks(area.rows, lines, ys, above)
    rows: list[Cells] = []
    tops: list[float] = []
    for i, line in enumerate(lines):
        if i in breaks or not rows:
            rows.append([[] for _ in range(len(xs) - 1)])
            tops.append(area.rows[i].top)
        for j, words in enumerate(line):
            rows[-1][j] += words
    head = sum(top < area.rows[above].top for top in tops) if above else sum(top < ys[0] for top in tops) if ys else 0
    head = head if 0 < head <= 3 and head < len(rows) else _head_rows(rows)
    for before, row in pairwise(rows[head:]):
        if not row[0] and sum(bool(cell) for cell in row) >= 2:
            row[0] = before[0]
    _spread(rows[:head], xs, area.rules)
    filled = sum(bool(cell) for row in rows for cell in row)
    return Table(rows, head) if len(rows) > head and filled * 2 >= len(rows) * (len(xs) - 1) else None


def _cut(row: Row, xs: Sequence[float], *, header: bool) -> Cells:
    """The words of a line by column; a word across an edge, and in a header words together across one, count as one."""
    cells: Cells = [[] for _ in range(len(xs) - 1)]
    for part in row.parts(0.55):
        left, right = part[0].left, max(word.right for word in part)
        if header and any(left < x < right for x in xs):
            cells[_index(xs, left + 1)] += part
            continue
        for word in part:
            across = any(word.left < x < word.right for x in xs)
            cells[_index(xs, word.left + 1 if across else (word.left + word.right) / 2)].append(word)
    return cells


def _row_breaks(rows: Sequence[Row], lines: Sequence[Cells], ys: Sequence[float], head: int) -> set[int]:
    """Numbers of the lines that begin a row of the table.

    Where rules stand between rows, they tell, and they alone do so in the header (the first `head` lines). Lines further
    apart than others begin one, unless those others look like rows too, as where groups of rows are set
    apart; where all are at one distance, it is the cells that tell.
    """
    ruled = {i for i in range(1, len(rows)) if any(rows[i - 1].base <= y + 1 and y <= rows[i].base for y in ys)}
    steps = {i: rows[i].base - rows[i - 1].base for i in range(1, len(rows)) if i not in ruled}
    whole = sorted(step for i, step in steps.items() if step > 0.8 * rows[i].size)  # less: a cell set half a line lower
    small = 1.22 * whole[len(whole) // 8] if whole else 0.0
    close = [i for i, step in steps.items() if step <= small]
    complete = sum(_is_row(lines[i], lines[i - 1]) for i in close)
    by_step = len(close) < len(steps) and 2 * complete <= len(close)
    begun = {i for i in steps if (steps[i] > small if by_step else _begins(lines[i], lines[i - 1]))}
    framed = 3 * len(ruled - set(range(head + 1))) >= len(rows) - head and not any(_is_full(lines[i]) for i in steps)
    return {0} | ruled | {i for i in begun if i > head and not framed}


def _is_row(line: Cells, before: Cells) -> bool:
    """Whether a line, by its cells, is a row of its own and no more lines of the cells above it.

    Either figures stand below figures, or hardly a cell is left out and none begins as the middle of a sentence does.
    """
    if not line[0] or line[0][0].text[:1].islower():
        return False
    pairs = list(zip(line[1:], before[1:], strict=True))
    figures = sum(_is_figure(cell) and _is_figure(above) for cell, above in pairs)
    filled = [cell for cell in line if cell]
    whole = len(filled) >= max(2, 0.7 * sum(bool(cell) for cell in before))
    capital = not any(cell[0].text[:1].islower() or cell[0].text[:1] in "([," for cell in filled)
    return (figures > 0 and 2 * figures >= len(pairs)) or (whole and capital)


def _is_full(line: Cells) -> bool:
    """Whether most cells of a line begin something: it is no further line of the cells above it."""
    filled = [cell for cell in line if cell]
    return len(filled) >= 0.7 * len(line) and not any(cell[0].text[:1].islower() for cell in filled)


def _is_figure(cell: Sequence[Word]) -> bool:
    return bool(cell) and (cell[0].text.lstrip("<>≤≥=±+-−–(.")[:1].isdecimal() or cell[0].text in {"–", "—", "-"})


def _begins(line: Cells, before: Cells) -> bool:
    """Whether a line at the usual distance begins a row."""
    filled = [cell for cell in line if cell]
    if not line[0]:
        firsts = [cell[0].text[:1] for cell in line[1:] if cell]
        full = len(firsts) == len(line) - 1 >= 2
        return full and bool(before[-1]) and all(not first.islower() and first not in "([" for first in firsts)
    first = line[0][0].text[:1]
    if len(filled) == 1:
        open_end = bool(before[0]) and ends_open(before[0][-1].text)
        return not (first.islower() or first in "([" or open_end)
    return not (first.islower() and len(filled) < len(line))


def _head_rows(rows: Sequence[Cells]) -> int:
    """How many rows at the top are headers: those in bold where the rest is not, else the first."""
    bold = 0
    while bold < len(rows) and _is_bold(rows[bold]):
        bold += 1
    return bold if 0 < bold <= 3 and bold < len(rows) else min(1, len(rows) - 1)


def _is_bold(row: Cells) -> bool:
    return all(word.bold for cell in row for word in cell)


def _spread(head: list[Cells], xs: Sequence[float], rules: Sequence[Rule]) -> None:
    """Repeat a header over each column that the short rule below it covers."""
    for row in head[:-1]:
        for j, cell in enumerate(list(row)):
            if not cell:
                continue
            bottom, x = max(word.bottom for word in cell), cell[0].left
            for rule in rules:
                short = rule.level and rule.right - rule.left < 0.95 * (xs[-1] - xs[0])
                if short and rule.left - 2 <= x <= rule.right and -2 <= rule.top - bottom < cell[0].size:
                    for k in range(len(row)):
                        inside = rule.left - 2 <= (xs[k] + xs[k + 1]) / 2 <= rule.right + 2
                        if inside and k != j and not row[k]:
                            row[k] = cell


def _reading(words: Sequence[Word]) -> list[Word]:
    return [word for row in make_rows(words, 0) for word in row.words]
