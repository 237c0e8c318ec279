"""Tables that a paper gives as HTML: their rows, merged cells repeated, within bounds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qa.corpus.parts import MAX_CELLS, Part, Run, Spanned, Table, expand, plain, table_parts, tidy
from qa.errors import CorpusError

if TYPE_CHECKING:
    from lxml import etree

MAX_HTML = 3_000_000
MAX_TAGS = 200_000
_MAX_COLUMNS = 100
_MAX_ROWS = 2_000
_BREAKS = frozenset(("br", "p", "div", "li", "ul", "ol", "tr", "td", "th", "table"))
_MARKUP = re.compile(r"</[a-z]|<(?:table|br)\b", re.IGNORECASE)
_UNSEEN = frozenset(("script", "style", "head", "template"))


def html_parts(html: str, caption: str, section: tuple[str, ...], path: str) -> list[Part]:
    """The rows of all tables, under `caption` and a caption of their own; without rows, all words in one piece.

    Rows in <thead>, or else those of <th> at the top, name the columns; without either the first row does, where others
    follow. Raises CorpusError for tables beyond all bounds.
    """
    from lxml import etree

    if len(html) > MAX_HTML or html.count("<") > MAX_TAGS:
        raise CorpusError("holds a table that is too large to be read", path=path)
    if not _MARKUP.search(html):
        # "p <0.05" is no tag.
        return _one_piece(tidy([Run(html)]), caption, section)
    options: dict[str, Any] = {"no_network": True, "huge_tree": False, "encoding": "utf-8"}
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, **options)
    try:
        root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return []
    if root is None:
        return []
    parts: list[Part] = []
    count = 0
    for element in root.iter("table"):
        table = None if _table_of(element) is not None else _read(element, path)
        if table is None:
            continue
        own = [words for inner in element.iterchildren("caption") if (words := _all_words(inner))]
        own = [words for words in own if plain(words) != caption]
        table.section, table.captions = section, [text for text in (caption, *map(plain, own)) if text]
        table.follows_caption = bool(own) or (bool(caption) and not parts)
        parts += [Part("caption", words, section) for words in own]
        parts += table_parts(table)
        count += sum(map(len, table.rows))
        if count > MAX_CELLS:
            raise CorpusError("holds a table that is too large to be read", path=path)
    return parts or _one_piece(_all_words(root), caption, section)


def _one_piece(words: list[Run], caption: str, section: tuple[str, ...]) -> list[Part]:
    if plain(words) in {"", caption}:
        return []
    return [Part("table", words, section, caption, tight=bool(caption))]


def _read(table: etree._Element, path: str) -> Table | None:
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


def _table_of(element: etree._Element) -> etree._Element | None:
    return next(element.iterancestors("table"), None)


def _is_header(row: etree._Element, cells: list[etree._Element]) -> bool:
    parent = row.getparent()
    return (parent is not None and parent.tag == "thead") or all(cell.tag == "th" for cell in cells)


def _all_words(element: etree._Element) -> list[Run]:
    runs: list[Run] = []
    _words(element, runs)
    return tidy(runs)


def _spanned(cell: etree._Element) -> Spanned:
    columns, rows = _number(cell.get("colspan", "1"), _MAX_COLUMNS), _number(cell.get("rowspan", "1"), _MAX_ROWS)
    return Spanned(_all_words(cell), columns, rows)


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
