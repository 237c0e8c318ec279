"""The words in the figures of a PDF file: labels of axes, boxes of a flow chart."""

from __future__ import annotations

from collections.abc import Sequence

from qa.corpus.pdf.lines import Row
from qa.corpus.pdf.stream import Element, TextLine
from qa.corpus.shapes import caption_label

_MOST = 60
"""Lines above a caption that are looked at."""


def figure_lines(elements: Sequence[Element]) -> set[int]:
    """Numbers of the lines between a figure's caption and the running text above it, in one column.

    They are told by their shape: short, or in pieces. The last line of a paragraph is short too, but stands close below
    a full one.
    """
    found: set[int] = set()
    for at, element in enumerate(elements):
        if isinstance(element, TextLine) and not element.reason and caption_label(element.row.text, None) == "figure":
            found.update(_above(elements, at))
    return found


def _above(elements: Sequence[Element], at: int) -> list[int]:
    lines: list[TextLine] = []
    row = elements[at]
    for element in reversed(elements[max(0, at - _MOST) : at]):
        if not isinstance(element, TextLine) or element.reason or not isinstance(row, TextLine):
            break
        same = (element.row.page, element.row.column) == (row.row.page, row.row.column)
        if not same or _is_prose(element.row) or caption_label(element.row.text, None):
            if same:
                _leave_end(element.row, lines)
            break
        lines.append(element)
    return [line.number for line in lines]


def _leave_end(prose: Row, lines: list[TextLine]) -> None:
    """Take back the lines that go on with running text right above them."""
    last = prose
    while lines:
        row = lines[-1].row
        if abs(row.size - prose.size) > 0.3 or not 0 < row.base - last.base <= 1.4 * last.size:
            return
        last = row
        lines.pop()


def _is_prose(row: Row) -> bool:
    """Whether a line fills most of its column with words."""
    letters = sum(char.isalpha() for char in row.text)
    width = max(row.right_edge - row.left_edge, 1.0)
    filled = row.right - row.left > 0.6 * width and len(row.parts(1.5)) == 1
    return filled and len(row.words) >= 4 and 2 * letters > len(row.text)
