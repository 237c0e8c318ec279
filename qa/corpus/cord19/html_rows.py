"""A table that a paper gives as HTML: its rows, merged cells repeated, within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qa.corpus.parts import Run, Spanned, Table, expand, tidy
from qa.errors import CorpusError

if TYPE_CHECKING:
    from lxml import etree

MAX_HTML = 3_000_000
MAX_TAGS = 200_000
_MAX_COLUMNS = 100
_MAX_ROWS = 2_000
_BREAKS = frozenset(("br", "p", "div", "li", "ul", "ol", "tr", "td", "th", "table"))
_UNSEEN = frozenset(("script", "style", "head", "template"))


def read_html_table(html: str, path: str) -> Table | None:
    """The first table; None where there is none. Rows in <thead>, or else those of <th> at the top, name the columns.

    Without either the first row does, where others follow. Raises CorpusError for one beyond all bounds.
    """
    from lxml import etree

    if len(html) > MAX_HTML or html.count("<") > MAX_TAGS:
        raise CorpusError("holds a table that is too large to be read", path=path)
    options: dict[str, Any] = {"no_network": True, "huge_tree": False, "encoding": "utf-8"}
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, **options)
    try:
        root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    table = root if root is not None and root.tag == "table" else None if root is None else root.find(".//table")
    if table is None:
        return None
    rows = [row for row in table.iter("tr") if _table_of(row) is table]
    cells = [list(row.iterchildren("td", "th")) for row in rows]
    kept = [(row, some) for row, some in zip(rows, cells, strict=True) if some]
    grid = expand([[_spanned(cell) for cell in some] for _, some in kept], path)
    headers = 0
    while headers < len(kept) and _is_header(*kept[headers]):
        headers += 1
    if not headers:
        headers = int(len(kept) > 1 and len(grid[0]) > 1)
    return Table(grid, headers if headers < len(grid) else 0) if grid else None


def _table_of(row: etree._Element) -> etree._Element | None:
    return next(row.iterancestors("table"), None)


def _is_header(row: etree._Element, cells: list[etree._Element]) -> bool:
    parent = row.getparent()
    return (parent is not None and parent.tag == "thead") or all(cell.tag == "th" for cell in cells)


def _spanned(cell: etree._Element) -> Spanned:
    runs: list[Run] = []
    _words(cell, runs)
    columns, rows = _number(cell.get("colspan", "1"), _MAX_COLUMNS), _number(cell.get("rowspan", "1"), _MAX_ROWS)
    return Spanned(tidy(runs), columns, rows)


def _words(element: etree._Element, runs: list[Run]) -> None:
    """The words inside an element, with a blank where a block or a line begins or ends."""
    if element.tag in _UNSEEN:
        return
    runs.append(Run(element.text or ""))
    for inner in element:
        blank = Run(" " if inner.tag in _BREAKS else "")
        runs.append(blank)
        _words(inner, runs)
        runs += [blank, Run(inner.tail or "")]


def _number(text: str, most: int) -> int:
    text = text.strip()
    return max(1, min(int(text), most)) if text.isdecimal() and len(text) < 8 else 1
