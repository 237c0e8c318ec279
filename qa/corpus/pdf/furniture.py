"""Running heads, footers and page numbers of a PDF file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from qa.corpus.pdf.lines import Row
from qa.corpus.pdf.pages import Page
from qa.corpus.shapes import is_furniture

_EDGE = 0.13
"""Share of a page's height at its top and bottom in which running heads and page numbers stand."""
_PAGE_NUMBER = re.compile(r"[-–—|\s]*(?:[Pp](?:age|\.)\s?)?(\d{1,4}|[ivxl]{1,6})(?:\s?(?:of|/)\s?\d{1,4})?[-–—|\s]*$")


def find_furniture(pages: Sequence[tuple[Page, list[Row]]]) -> dict[int, list[tuple[Row, str]]]:
    """Lines at the edge of pages that stand at the same place of several, digits aside, and page numbers, by page."""
    places: dict[str, list[tuple[int, float]]] = defaultdict(list)
    edges = {page.number: _edge_rows(page, rows) for page, rows in pages}
    for number, rows in edges.items():
        for row in rows:
            places[_key(row)].append((number, row.base))
    found: dict[int, list[tuple[Row, str]]] = defaultdict(list)
    for page, row in _counted(pages):
        if row not in edges[page.number]:
            found[page.number].append((row, "page number"))
    for page, _ in pages:
        for row in edges[page.number]:
            same = {number for number, base in places[_key(row)] if abs(base - row.base) < 4}
            if _PAGE_NUMBER.match(row.text):
                found[page.number].append((row, "page number"))
            elif len(same) >= 2:
                found[page.number].append((row, "running head"))
            elif is_furniture(row.text):
                found[page.number].append((row, "page furniture"))
    return found


def _counted(pages: Sequence[tuple[Page, list[Row]]]) -> list[tuple[Page, Row]]:
    """First and last lines that are a number which rises with the pages, on three of them at least."""
    series: dict[tuple[bool, int], list[tuple[Page, Row]]] = defaultdict(list)
    for page, rows in pages:
        for last, row in ((False, rows[0]), (True, rows[-1])) if len(rows) > 1 else ():
            if row.text.isascii() and row.text.isdecimal() and len(row.text) <= 4:
                series[last, int(row.text) - page.number].append((page, row))
    return [place for places in series.values() if len(places) >= 3 for place in places]


def _key(row: Row) -> str:
    return re.sub(r"\d+", "0", row.text)


def _edge_rows(page: Page, rows: list[Row]) -> list[Row]:
    """Up to three lines at the top and at the bottom of a page that a gap sets off from the rest."""
    found: list[Row] = []
    for order, sign in ((rows, 1), (rows[::-1], -1)):
        limit = _EDGE * page.height
        for count in (3, 2, 1):
            block, inner = order[:count], order[count : count + 1]
            if len(block) < count or any((r.bottom if sign > 0 else page.height - r.top) > limit for r in block):
                continue
            gap = (inner[0].top - block[-1].bottom if sign > 0 else block[-1].top - inner[0].bottom) if inner else 99.0
            if gap >= 0.9 * max(block[-1].size, inner[0].size if inner else 0):
                found += [row for row in block if row not in found]
                break
    return found
