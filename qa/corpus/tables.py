"""Where a caption and the flattened table below it end: the lines of a region, told apart by what they are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qa.corpus.lines import Layout, ends_open, ends_sentence, starts_lower
from qa.corpus.shapes import (
    BULLET,
    HEADING_MARK,
    ITEM,
    RULE,
    caption_label,
    is_capitals,
    is_legend,
    is_name,
    is_numbered,
)

_LABEL = re.compile(r"[A-Z][\w /-]{1,40}:\s")
_INNER_END = re.compile(r"[^\W\d_]{2}[)\]]?[.?!]\s+[\"“‘(]?[A-Z]")
_NOTE_LINES = 12
_CELL_LENGTH = 60
_RUN_LINES = 30


@dataclass(slots=True)
class Region:
    """Line numbers of a caption, the notes under it, the cells (or labels of a figure), and the legend behind them."""

    caption: list[int] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    cells: list[int] = field(default_factory=list)
    legend: list[int] = field(default_factory=list)
    end: int = 0
    kind: str = "table"


def read_region(layout: Layout, start: int, kind: str, *, cut: bool) -> Region:
    """The region whose caption begins at line `start`; `cut` tells whether it stands inside an unfinished sentence."""
    region = Region(caption=_caption(layout, start), kind=kind)
    at = region.caption[-1] + 1
    if kind == "table" and not cut:
        region.notes = _notes(layout, at)
        at += len(region.notes)
    while at < len(layout.lines):
        text = layout.lines[at].text
        if caption_label(text, None if layout.apart(at) else layout.lines[at - 1].text):
            break
        in_legend = bool(region.legend) and region.legend[-1] == at - 1
        if is_legend(text) and (region.cells or kind == "figure"):
            region.legend.append(at)
        elif _resumes(layout, at, kind, cut=cut, after_legend=in_legend):
            break
        elif in_legend and not layout.apart(at) and (starts_lower(text) or layout.full(layout.lines[at - 1].text)):
            region.legend.append(at)
        elif kind == "figure" and (len(text) > _CELL_LENGTH or ends_sentence(text)):
            break
        else:
            region.cells.append(at)
        at += 1
    if kind == "figure" and len(region.cells) < 3:
        # A few short lines under a figure are as likely to be text.
        at = region.cells[0] if region.cells else at
        region.cells, region.legend = [], [i for i in region.legend if i < at]
    region.end = at
    return region


def cell_run(layout: Layout, start: int) -> int:
    """End of a run of at least five short lines that are no sentences, a table without a caption; else `start`."""
    at = start
    while at < len(layout.lines):
        text = layout.lines[at].text
        if len(text) > min(_CELL_LENGTH, 0.5 * layout.width) or ends_sentence(text) or _is_heading(layout, at):
            break
        if caption_label(text, None) or ITEM.match(text) or BULLET.match(text) or RULE.match(text):
            break
        at += 1
    return at if at - start >= 5 else start


def _caption(layout: Layout, start: int) -> list[int]:
    """Lines of the caption: the label's own, the words below a bare label, and what plainly goes on."""
    lines = [start]
    bare = len(layout.lines[start].text.split()) <= 2
    for at in range(start + 1, min(start + 12, len(layout.lines))):
        before, text = layout.lines[at - 1].text, layout.lines[at].text
        if layout.apart(at) and not (bare and at == start + 1):
            break
        if caption_label(text, None) or HEADING_MARK.match(text):
            break
        goes_on = not ends_sentence(before) and (starts_lower(text) or text[0] in "([" or ends_open(before))
        fills = layout.full(before) and layout.full(text) and _is_prose(layout, at) and not layout.doubled
        if not (bare and at == start + 1) and not goes_on and not (fills and not ends_sentence(before)):
            break
        lines.append(at)
    return lines


def _notes(layout: Layout, start: int) -> list[int]:
    """Running text between a caption and its cells: taken as the table's own only where cells do follow."""
    at = start
    while at < len(layout.lines) and at - start <= _NOTE_LINES:
        end = _run(layout, at)
        if end == at or _is_heading(layout, at) or caption_label(layout.lines[at].text, None):
            break
        at = end
    if at - start >= 2 and not ends_sentence(layout.lines[at - 1].text) and not starts_lower(layout.lines[at - 1].text):
        at -= not layout.full(layout.lines[at - 1].text)
    short = sum(len(line.text) < 0.5 * layout.width for line in layout.lines[at : at + 6])
    return list(range(start, at)) if start < at <= start + _NOTE_LINES and short >= 4 else []


def _run(layout: Layout, start: int) -> int:
    """End of the running text that begins at a line: full lines, and the line in which they end."""
    at = start
    stop = min(len(layout.lines), start + _RUN_LINES)
    while at < stop and layout.full(layout.lines[at].text) and (at == start or not layout.apart(at)):
        at += 1
    if start < at < len(layout.lines) and not layout.apart(at) and not ends_sentence(layout.lines[at - 1].text):
        at += 1
    return at


def _is_prose(layout: Layout, start: int) -> bool:
    """Whether running text with the end of a sentence in it begins at a line."""
    lines = [line.text for line in layout.lines[start : _run(layout, start)]]
    return any(ends_sentence(text) or _INNER_END.search(text) for text in lines)


def _is_heading(layout: Layout, at: int) -> bool:
    text = layout.lines[at].text
    if HEADING_MARK.match(text):
        return True
    plain = layout.apart(at) and (is_name(text) or is_numbered(text) or (is_capitals(text) and " " in text))
    return plain and at + 1 < len(layout.lines) and _is_prose(layout, at + 1)


def _resumes(layout: Layout, at: int, kind: str, *, cut: bool, after_legend: bool) -> bool:
    """Whether running text begins again at a line below a table."""
    if _is_heading(layout, at):
        return True
    if not (layout.apart(at) or layout.doubled or after_legend or kind == "figure"):
        return False
    text = layout.lines[at].text
    run = layout.lines[at : _run(layout, at)]
    if cut:
        if not (starts_lower(text) or text[0] in "([" or text[0].isdigit()):
            return False
        ended = len(text.split()) >= 2 and ends_sentence(text) and starts_lower(text) and layout.apart(at)
        return (
            ended
            or (bool(run) and (len(run) >= 2 or _is_prose(layout, at)) and starts_lower(text))
            or (len(run) >= 2 and _is_prose(layout, at))
        )
    if _LABEL.match(text) or starts_lower(text):
        return False
    if layout.apart(at) and layout.full(text) and ends_sentence(text) and len(text.split()) >= 8:
        return True
    if not _is_prose(layout, at):
        return False
    return len(run) >= 2 or (kind == "figure") or len(text) >= 150 or not layout.wrapped
