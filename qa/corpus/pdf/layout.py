"""Lines of a page in the order in which they are read: columns told apart, tables between their lines."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from qa.corpus.pdf.lines import Area, Row
from qa.corpus.shapes import caption_label

_GUTTER = 8.0
_DEPTH = 3


def page_gutter(rows: Sequence[Row]) -> tuple[float, float] | None:
    """The white band between the two columns of a page, if it has any."""
    if not rows:
        return None
    return _find_gutter(rows, min(row.left for row in rows), max(row.right for row in rows))


def common_gutter(gutters: Sequence[tuple[float, float] | None]) -> tuple[float, float] | None:
    """The band that stands between the columns of most pages that have two; None where few have."""
    found = [gutter for gutter in gutters if gutter]
    if len(found) < 2 or len(found) * 4 < len(gutters):
        return None
    middle = median((low + high) / 2 for low, high in found)
    near = [gutter for gutter in found if gutter[0] < middle < gutter[1]]
    if len(near) * 2 < len(found):
        return None
    return median(low for low, _ in near), median(high for _, high in near)


def order_page(
    rows: Sequence[Row], areas: Sequence[Area], usual: tuple[float, float] | None = None
) -> list[Row | Area]:
    """The lines and tables of a page in reading order, each line cut to its column; `usual`: see `common_gutter`."""
    if not rows:
        return sorted(areas, key=lambda area: area.top)
    left, right = min(row.left for row in rows), max(row.right for row in rows)
    edges = [(area.left, area.right) for area in areas]
    left, right = min([left, *(edge[0] for edge in edges)]), max([right, *(edge[1] for edge in edges)])
    return list(_Order(usual).read(list(rows), list(areas), left, right, 0))


class _Order:
    """Cuts lines into columns, and those again."""

    def __init__(self, usual: tuple[float, float] | None) -> None:
        self.usual = usual
        self.columns = 0

    def read(self, rows: list[Row], areas: list[Area], left: float, right: float, depth: int) -> Iterator[Row | Area]:
        share = 0.6 if depth else 0.25
        gutter = _find_gutter(rows, left, right, share) if depth < _DEPTH and right - left > 150 else None
        if gutter is None and depth == 0 and self.usual and _keeps(rows, self.usual):
            gutter = self.usual
        if gutter is None:
            self.columns += 1
            yield from self._column(rows, areas, left, right)
            return
        whole = _spanning(rows, gutter, left, right)
        band: list[Row] = []
        things: list[Row | Area] = [
            *rows,
            *(area for area in areas if area.left < gutter[0] and area.right > gutter[1]),
        ]
        beside = [area for area in areas if area not in things]
        for thing in sorted(things, key=lambda thing: thing.top):
            if isinstance(thing, Area) or id(thing) in whole:
                tail = _tail(band, thing)
                yield from self._band(band, beside, gutter, left, right, depth, tail[0].top if tail else thing.top)
                band = []
                for row in [*tail, *([thing] if isinstance(thing, Row) else [])]:
                    row.left_edge, row.right_edge, row.column = left, right, -1
                    yield row
                if isinstance(thing, Area):
                    yield thing
            else:
                band.append(thing)
        yield from self._band(band, beside, gutter, left, right, depth, float("inf"))

    def _band(
        self, rows: list[Row], areas: list[Area], gutter: tuple[float, float], left: float, right: float, depth: int,
        until: float,
    ) -> Iterator[Row | Area]:  # fmt: skip
        """The columns of lines between two that cross them, with the tables beside these."""
        middle = (gutter[0] + gutter[1]) / 2
        here = [area for area in areas if area.top < until]
        for area in here:
            areas.remove(area)
        sides: list[list[Row]] = [[], []]
        for row in rows:
            for side in (0, 1):
                words = [word for word in row.words if (word.left + word.right > 2 * middle) == bool(side)]
                if words:
                    sides[side].append(Row(words, page=row.page))
        for side, (low, high) in enumerate(((left, gutter[0]), (gutter[1], right))):
            mine = [area for area in here if (area.left + area.right > 2 * middle) == bool(side)]
            if sides[side] or mine:
                yield from self.read(sides[side], mine, low, high, depth + 1)

    def _column(self, rows: list[Row], areas: list[Area], left: float, right: float) -> Iterator[Row | Area]:
        things: list[Row | Area] = [*rows, *areas]
        for thing in sorted(things, key=lambda thing: thing.top):
            if isinstance(thing, Row):
                thing.left_edge, thing.right_edge, thing.column = left, right, self.columns
            yield thing


def _find_gutter(rows: Sequence[Row], left: float, right: float, share: float = 0.25) -> tuple[float, float] | None:
    """The white band between two columns: beside it stand lines of running text on both sides."""
    low, high = left + 0.2 * (right - left), right - 0.2 * (right - left)
    gaps: list[tuple[float, float]] = []
    for row in rows:
        edge = left
        for word in row.words:
            if word.left - edge >= _GUTTER and edge < high and word.left > low:
                gaps.append((edge, word.left))
            edge = max(edge, word.right)
        if right - edge >= _GUTTER and edge < high:
            gaps.append((edge, right))
    best, place = 0, 0.0
    starts, ends = sorted(gap[0] for gap in gaps), sorted(gap[1] for gap in gaps)
    for start in starts:
        at = start + _GUTTER / 2
        if low < at < high:
            count = bisect_left(starts, at - 2) - bisect_left(ends, at + 2)
            if count > best:
                best, place = count, at
    if best < max(5 if share < 0.5 else 12, share * len(rows)):
        return None
    around = [gap for gap in gaps if gap[0] < place - 2 and gap[1] > place + 2]
    ends_left = [gap[0] for gap in around if gap[0] > left]
    ends_right = [gap[1] for gap in around if gap[1] < right]
    if len(ends_left) < 4 or len(ends_right) < 4:
        return None
    gutter = max(ends_left), min(ends_right)
    clear = [row for row in rows if not any(word.left < place < word.right for word in row.words)]
    return gutter if _is_prose(clear, (left, gutter[0])) and _is_prose(clear, (gutter[1], right)) else None


def _tail(band: list[Row], thing: Row | Area) -> list[Row]:
    """Take out of a band its last line where that is no column's but a heading of the full lines right below it."""
    if len(band) < 2 or not isinstance(thing, Row):
        return []
    last, before = band[-1], max(row.base for row in band[:-1])
    set_off = last.base - before > 1.8 * last.size and thing.base - last.base <= 3 * last.size
    return [band.pop()] if set_off and len(last.parts(1.0)) == 1 else []


def _keeps(rows: Sequence[Row], gutter: tuple[float, float]) -> bool:
    """Whether most lines leave a band free, and some stand beside it."""
    crossing = sum(any(word.left < gutter[1] - 1 and word.right > gutter[0] + 1 for word in row.words) for row in rows)
    return len(rows) > 0 and crossing * 5 < len(rows) * 2


def _is_prose(rows: Sequence[Row], bounds: tuple[float, float]) -> bool:
    """Whether most of the words between two edges stand in lines that fill the column."""
    left, right = bounds
    filled = total = 0
    for row in rows:
        words = [word for word in row.words if word.left >= left - 2 and word.right <= right + 2]
        if words:
            width = words[-1].right - words[0].left
            gap = max((b.left - a.right for a, b in pairwise(words)), default=0.0)
            total += len(words)
            filled += len(words) if width >= 0.7 * (right - left) and gap < 2 * words[0].size else 0
    return total >= 12 and filled >= 0.5 * total


def _spanning(rows: Sequence[Row], gutter: tuple[float, float], left: float, right: float) -> set[int]:
    """Identities of the lines that go across the gutter, and of those of tables that stand across it."""
    found: set[int] = set()
    middle = (gutter[0] + gutter[1]) / 2
    room = 0.6 * (gutter[1] - gutter[0])
    for row in rows:
        before = max((word.right for word in row.words if word.left < middle), default=left - 99)
        after = min((word.left for word in row.words if word.left >= middle), default=right + 99)
        if after - before < room or before > gutter[1]:
            found.add(id(row))
    for i, row in enumerate(rows):
        if caption_label(row.text, None) == "table":
            _span_table(row, rows[i + 1 :], gutter, left, right, found)
    return found


def _span_table(
    caption: Row, rows: Sequence[Row], gutter: tuple[float, float], left: float, right: float, found: set[int]
) -> None:
    """Mark the lines below a caption that are rows across both columns: on neither side is running text."""
    run: list[Row] = []
    for row in rows:
        sides = [
            [word for word in row.words if word.left < gutter[1]],
            [word for word in row.words if word.left >= gutter[1]],
        ]
        full = [
            len(Row(words).parts(1.0)) == 1 and words[-1].right - words[0].left >= 0.75 * width
            for words, width in zip(sides, (gutter[0] - left, right - gutter[1]), strict=True)
            if words
        ]
        if id(row) not in found and any(full):
            break
        run.append(row)
    both = sum(len(row.parts(1.0)) >= 3 for row in run)
    across = id(caption) in found or any(id(row) in found for row in run)
    if run and across and both * 3 >= len(run):
        found.update(id(row) for row in run)
