"""What in plain text belongs to the pages and not to the words: running heads, page numbers, rules, notices."""

from __future__ import annotations

import re

from qa.corpus import shapes
from qa.corpus.lines import Layout, starts_lower
from qa.corpus.marks import are_pages, is_lone_number, lone_reason


class Furniture:
    """Knows the running heads of a text and whether it has page numbers."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.lines = layout.lines
        self.repeated = _repeated(layout)
        lone = [int(line.text) for i, line in enumerate(self.lines) if line.text.isdecimal() and self._beside_gap(i)]
        self.paged = are_pages(lone)

    def reason(self, at: int, last: str | None) -> str:
        """Why a line is dropped, or "" where it is not; `last` is the last line of the open paragraph, if one is open."""
        line = self.lines[at]
        if shapes.is_furniture(line.text):
            return "page furniture"
        if shapes.RULE.match(line.text):
            return "rule"
        if line.text in self.repeated and not (last is not None and starts_lower(line.text)):
            return "running head"
        if not is_lone_number(line.text):
            return ""
        after = self.lines[at + 1] if at + 1 < len(self.lines) else None
        if last is None:
            alone = line.text.isdigit() and self._beside_gap(at) and self.paged
            return "page number" if alone else ""
        new_page = line.page != (after.page if after else line.page) or line.page != self.lines[at - 1].page
        paged = self.paged or new_page
        return lone_reason(line, last, after, apart=self._beside_gap(at) or new_page, paged=paged)

    def _beside_gap(self, at: int) -> bool:
        return self.layout.apart(at) or at + 1 >= len(self.lines) or self.layout.apart(at + 1)


def _repeated(layout: Layout) -> frozenset[str]:
    """Lines that stand at the edge of three pages at least, digits aside: running heads and footers."""
    edges: dict[str, list[tuple[int, str]]] = {}
    lines = layout.lines
    for i, line in enumerate(lines):
        top = i == 0 or any(lines[k].page < line.page for k in range(max(0, i - 2), i))
        bottom = any(after.page > line.page for after in lines[i + 1 : i + 3])
        if (top or bottom) and 3 <= len(line.text) <= 150:
            edges.setdefault(re.sub(r"\d+", "0", line.text), []).append((line.page, line.text))
    found = [group for group in edges.values() if len({page for page, _ in group}) >= 3]
    return frozenset(text for group in found for _, text in group)
