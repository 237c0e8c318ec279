"""Where the tables of a page stand: between ruling lines, or below a caption where words stand in columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from qa.corpus.pdf.cells import CLOSE, merged, table_edges
from qa.corpus.pdf.lines import Area, Row, make_rows
from qa.corpus.pdf.pages import Page, Rule
from qa.corpus.shapes import caption_label


def find_ruled(page: Page, rows: Sequence[Row]) -> list[Area]:
    """Tables between level rules of the same width: a grid, or rules above and below under a caption."""
    level = merged([rule for rule in page.rules if rule.level and rule.right - rule.left > 40])
    areas: list[Area] = []
    for group in [part for stack in _stacks(level) for part in _parted(stack, rows)]:
        left, right = min(rule.left for rule in group), max(rule.right for rule in group)
        top, bottom = group[0].top, group[-1].bottom
        words = [
            word for row in rows for word in row.words
            if top - 1 < (word.top + word.bottom) / 2 < bottom + 1 and left - 3 <= word.left and word.right <= right + 3
        ]  # fmt: skip
        rules = [
            r for r in page.rules if r.top >= top - 3 and r.bottom <= bottom + 3 and r.right > left and r.left < right
        ]
        words = [word for row in _heads_above(rows, left, right, top) for word in row.words] + words
        area = Area(make_rows(words, page.number), left, right, page.number, rules) if words else None
        if area and _is_table(area, rows):
            areas.append(area)
    return [area for area in areas if not any(_inside(area, other) for other in areas)]


def _heads_above(rows: Sequence[Row], left: float, right: float, top: float) -> list[Row]:
    """The lines of a header that stand above the first rule of a table: in columns, in bold or right below the caption."""
    block: list[Row] = []
    for row in reversed([row for row in rows if row.bottom <= top + 1.5 and row.right > left and row.left < right]):
        below = block[-1].top if block else top
        if below - row.bottom > 1.5 * row.size or len(block) > 4:
            break
        if caption_label(row.text, None) == "table":
            return block if any(len(line.parts(0.9)) > 1 for line in block) else []
        if row.left < left - CLOSE or row.right > right + CLOSE:
            return []
        block.append(row)
    heads = bool(block) and all(row.bold for row in block) and any(len(row.parts(0.9)) > 1 for row in block)
    return block if heads else []


def _inside(area: Area, other: Area) -> bool:
    """Whether a table lies within a larger one: the rules of merged cells make such."""
    if area is other or len(area.rows) > len(other.rows) or area.right - area.left >= other.right - other.left:
        return False
    wide = other.left - CLOSE <= area.left and area.right <= other.right + CLOSE
    return wide and other.rows[0].top - 1 <= area.rows[0].top and area.rows[-1].bottom <= other.rows[-1].bottom + 1


def _stacks(rules: list[Rule]) -> list[list[Rule]]:
    """Rules of the same left and right edge, from top to bottom; at least two, with room for a line between."""
    stacks: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: rule.top):
        for stack in stacks:
            if abs(stack[0].left - rule.left) < CLOSE and abs(stack[0].right - rule.right) < CLOSE:
                stack.append(rule)
                break
        else:
            stacks.append([rule])
    return [stack for stack in stacks if len(stack) >= 2 and stack[-1].top - stack[0].top > 15]


def _parted(stack: list[Rule], rows: Sequence[Row]) -> list[list[Rule]]:
    """The rules of tables one below the other: between these stands a caption, or running text."""
    groups = [stack[:1]]
    left, right = stack[0].left, stack[0].right
    for above, below in pairwise(stack):
        prose = total = 0
        captioned = apart = False
        for row in rows:
            if above.bottom - 1 < (row.top + row.bottom) / 2 < below.top + 1:
                words = [word for word in row.words if word.right > left and word.left < right]
                if words:
                    part = Row(words)
                    total += 1
                    apart = apart or len(part.parts(0.9)) > 1
                    prose += len(part.parts(0.9)) == 1 and part.right - part.left > 0.6 * (right - left)
                    captioned = captioned or caption_label(part.text, None) == "table"
        if captioned or (prose * 2 > total and not apart):
            groups.append([])
        groups[-1].append(below)
    return [group for group in groups if len(group) >= 2 and group[-1].top - group[0].top > 15]


def _is_table(area: Area, rows: Sequence[Row]) -> bool:
    """Whether what stands between rules is a table: upright rules in it, or a caption at it and words in columns."""
    inner = [r for r in area.rules if not r.level and area.left + 5 < r.left < area.right - 5 and r.bottom - r.top > 5]
    if len({round(rule.left / 3) for rule in inner}) >= 1 and len(area.rows) >= 2:
        return True
    split = sum(len(row.parts(0.9)) >= 2 for row in area.rows)
    full = sum(len(row.parts(0.9)) < 2 and row.right - row.left > 0.7 * (area.right - area.left) for row in area.rows)
    if split < 2 or 2 * full > len(area.rows):
        return False
    top, bottom = area.rows[0].top, area.rows[-1].bottom
    near = [
        row for row in rows
        if top - 90 < row.top < top or bottom <= row.top < bottom + 30
    ]  # fmt: skip
    named = any(
        caption_label(" ".join(word.text for word in part), None) == "table" for row in near for part in row.parts(1.0)
    )
    columns = table_edges(area)
    return (named and len(columns) >= 3) or (len(columns) >= 4 and 2 * split >= max(6, len(area.rows)))


def find_unruled(rows: Sequence[Row | Area], start: int) -> int:
    """End of the lines below a caption (line start - 1) that stand in columns; `start` where there are none."""
    at, split, pending = start, 0, 0
    first = rows[start] if start < len(rows) else None
    while at < len(rows):
        row = rows[at]
        if isinstance(row, Area) or not isinstance(first, Row) or row.page != first.page:
            break
        before = rows[at - 1]
        if isinstance(before, Row) and at > start and (row.base < before.base or row.base - before.base > 4 * row.size):
            break
        width = max(row.right_edge - row.left_edge, 1)
        apart = len(row.parts(0.9)) >= 2
        prose = not apart and row.right - row.left > 0.7 * width
        if prose or caption_label(row.text, None):
            break
        if not apart and row.size > 1.1 * first.size:
            break
        split += apart
        inner = row.left > first.left + 2 * first.size
        pending = 0 if apart or (inner and pending == 0) else pending + 1
        at += 1
        if pending > 6:
            break
    end = at - pending
    while end < at and _belongs(rows, start, end):
        end += 1
    return end if split >= 2 and 8 * split >= end - start else start


def _belongs(rows: Sequence[Row | Area], start: int, at: int) -> bool:
    """Whether a line of one piece goes on with a cell of the table above it: below a later column, or close to its row."""
    row, before, first = rows[at], rows[at - 1], rows[start]
    if not (isinstance(row, Row) and isinstance(before, Row) and isinstance(first, Row)):
        return False
    close = row.base - before.base <= 1.5 * row.size and abs(row.size - before.size) < 0.6 and row.bold == before.bold
    return close and (
        row.left > first.left + 2 * row.size or any(abs(row.left - word.left) < 2 for word in before.words)
    )
