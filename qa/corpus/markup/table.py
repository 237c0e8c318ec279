"""Tables of HTML, JATS and CALS row by row, or in one piece where they hold tables themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qa.corpus.markup.tree import Node
from qa.corpus.parts import Part, Run, Spanned, Table, Words, expand, plain, table_parts

_GROUPS = ("thead", "tbody", "tfoot")
_ROWS = ("tr", "row")
_CELLS = ("td", "th", "entry")
_BOLD = frozenset(("b", "strong", "bold"))
_MAX_SPAN = 1000
_BLANKS = re.compile("[\u00a0\u2000-\u200a\u3000]*")
_MOVED = re.compile(r"(?:padding-left|text-indent|margin-left)\s{0,3}:\s{0,3}(\d{1,4}(?:\.\d{1,3})?)(px|pt|em|%)?")
_UNITS = {"em": 10}


class MarkupTable:
    """A table's rows, with the part of the table that each belongs to; the foot comes last wherever it is written."""

    def __init__(self, node: Node) -> None:
        self.node = node
        groups: list[tuple[str, list[Node]]] = []
        for holder in [node, *node.nodes("tgroup")]:
            for child in holder.nodes(*_GROUPS, *_ROWS):
                if child.name in _GROUPS:
                    groups.append((child.name, child.nodes(*_ROWS)))
                elif groups and groups[-1][0] == "":
                    groups[-1][1].append(child)
                else:
                    groups.append(("", [child]))
        groups.sort(key=lambda group: (group[0] == "tfoot") - (group[0] == "thead"))
        self.groups = groups
        names = [spec.get("colname") for group in node.nodes("tgroup") for spec in group.nodes("colspec")]
        self._columns = {name: i for i, name in enumerate(names) if name}

    @property
    def rows(self) -> list[Node]:
        """The rows, head first."""
        return [row for _, rows in self.groups for row in rows]

    def is_flow(self) -> bool:
        """Whether it only arranges a page: nothing in it names columns, and it holds tables, headings or a single column."""
        if self.node.get("role") in {"presentation", "none"}:
            return True
        cells = [cell for row in self.rows for cell in row.nodes(*_CELLS)]
        if self.node.first("caption", "thead") or any(cell.name == "th" for cell in cells):
            return False
        if all(len(row.nodes(*_CELLS)) <= 1 for row in self.rows):
            return True
        if len(self.rows) == 1 and sum(cell.size > 0 for cell in cells) <= 2:
            # A formula and its number.
            return True
        return any(cell.holds or len(cell.nodes("p", "ul")) > 1 for cell in cells)

    def parts(
        self, words: Callable[[Node], Words], section: tuple[str, ...], caption: str, path: str, *, follows: bool
    ) -> list[Part]:
        """The parts of the table; `words` reads a cell. Raises CorpusError for one beyond all bounds."""
        if "table" in self.node.holds:
            return self._one_piece(words, section, caption, follows)
        rows: list[list[Spanned]] = []
        heads: list[bool] = []
        for kind, group in self.groups:
            for left, row in zip(range(len(group), 0, -1), group, strict=True):
                cells = row.nodes(*_CELLS)
                rows.append([self._spanned(cell, words, left) for cell in cells])
                heads.append(kind == "thead" or _names_columns(cells, first=len(rows) == 1))
        grid = expand(rows, path)
        captions = [caption] if caption else []
        parts: list[Part] = []
        for first, last in _segments(heads):
            full = [i for i in range(first, last) if any(plain(cell) for cell in grid[i])]
            named = [i for i in full if heads[i]]
            headers = len(named) if len(named) < len(full) else 0
            if full:
                moved = [_indent(self.rows[i]) for i in full]
                table = Table([grid[i] for i in full], headers, section, captions, follows or bool(parts), moved)
                parts += table_parts(table)
        return parts

    def _spanned(self, cell: Node, words: Callable[[Node], Words], left: int) -> Spanned:
        down = _number(cell.get("rowspan"), 1) if cell.name != "entry" else _number(cell.get("morerows"), 0) + 1
        across = _number(cell.get("colspan"), 1)
        first, last = self._columns.get(cell.get("namest")), self._columns.get(cell.get("nameend"))
        if first is not None and last is not None:
            across = last - first + 1
        return Spanned(words(cell), max(1, min(across, _MAX_SPAN)), min(down or left, left))

    def _one_piece(
        self, words: Callable[[Node], Words], section: tuple[str, ...], caption: str, follows: bool
    ) -> list[Part]:
        """The table as one block, a line for each of its own rows."""
        runs: list[Run] = []
        for row in self.rows:
            cells = [cell for cell in map(words, row.nodes(*_CELLS)) if plain(cell)]
            for i, cell in enumerate(cells):
                runs += [Run(" | ") if i else Run("\n" if runs else ""), *cell]
        return [Part("table", runs, section, caption, tight=follows)] if plain(runs) else []


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default


def _indent(row: Node) -> int:
    """How far the first cell of a row is moved in: by blanks that are kept, or by its style."""
    cell = row.first(*_CELLS)
    while cell is not None:
        style = _MOVED.search(cell.get("style")[:500])
        if style and float(style[1]):
            return 1 + int(float(style[1]) * _UNITS.get(style[2], 1))
        first = next((child for child in cell.children if not isinstance(child, str) or child), None)
        if not isinstance(first, Node):
            return len(_BLANKS.match(first or "")[0])  # type: ignore[index]
        cell = first
    return 0


def _names_columns(cells: Sequence[Node], *, first: bool) -> bool:
    """Whether a row names the columns below it: header cells only, or in the first row bold ones only."""
    full = [cell for cell in cells if cell.size]
    if len(full) < 2 and not (first and len(cells) > 1):
        return first and len(cells) == 1 and cells[0].name == "th" and cells[0].get("scope") in {"", "col"}
    if all(cell.name == "th" and cell.get("scope") not in {"row", "rowgroup"} for cell in cells):
        return True
    return first and bool(full) and all(_is_bold(cell) for cell in full)


def _is_bold(cell: Node) -> bool:
    inner = [child for child in cell.children if not isinstance(child, str) or child.strip()]
    if len(inner) != 1 or isinstance(inner[0], str):
        return False
    return inner[0].name in _BOLD or (inner[0].name in {"p", "div", "span"} and _is_bold(inner[0]))


def _segments(heads: Sequence[bool]) -> list[tuple[int, int]]:
    """Runs of rows that begin with rows which name columns (all of them where none does); none where there are no rows."""
    if not heads:
        return []
    starts = [i for i, head in enumerate(heads) if i == 0 or (head and not heads[i - 1])]
    return list(zip(starts, [*starts[1:], len(heads)], strict=True))
