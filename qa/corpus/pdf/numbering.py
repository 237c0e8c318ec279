"""The numbers of the lines of a manuscript, printed in its margins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from qa.corpus.pdf.lines import make_rows
from qa.corpus.pdf.pages import Page, Word

_LEAST = 8
"""Numbers that a column of them must have, but where it goes on with that of the page before."""
_CLOSE = 2.0


def find_line_numbers(pages: Sequence[Page]) -> dict[int, list[Word]]:
    """The numbers of lines on each page: columns of numbers that rise by one step, beside running text and with none of it.

    What tells them from the first column of a table: the lines that they stand beside are not themselves cut into columns.
    """
    columns = [_beside_text(page) for page in pages]
    sure = [[len(column) >= _LEAST for column in found] for found in columns]
    for order in (range(1, len(pages)), range(len(pages) - 2, -1, -1)):
        for at in order:
            other = at - 1 if order.step > 0 else at + 1
            ends = {
                int(c[-1 if other < at else 0].text)
                for c, known in zip(columns[other], sure[other], strict=True)
                if known
            }
            for i, column in enumerate(columns[at]):
                near = int(column[0].text) - 1 if other < at else int(column[-1].text) + 1
                sure[at][i] = sure[at][i] or near in ends
    return {
        page.number: [word for column, known in zip(found, flags, strict=True) if known for word in column]
        for page, found, flags in zip(pages, columns, sure, strict=True)
    }


def _beside_text(page: Page) -> list[list[Word]]:
    """The columns of rising numbers that stand alone beside lines which are not cut into many pieces."""
    found = _columns(page.words)
    if not found:
        return []
    loose = {id(word) for row in make_rows(page.words, page.number) if len(row.parts(1.5)) > 3 for word in row.words}
    return [c for c in found if 3 * sum(id(word) in loose for word in c) < len(c) and _alone(c, page.words)]


def _columns(words: Sequence[Word]) -> list[list[Word]]:
    """Numbers below each other, flush left or right, that rise by one or by five; from left to right."""
    places: dict[tuple[bool, int], list[Word]] = defaultdict(list)
    for word in words:
        if word.text.isascii() and word.text.isdecimal() and len(word.text) <= 4:
            for flush, edge in ((True, word.right), (False, word.left)):
                for at in {int(edge // _CLOSE), int((edge + _CLOSE / 2) // _CLOSE)}:
                    places[flush, at].append(word)
    found: list[list[Word]] = []
    for column in sorted(places.values(), key=len, reverse=True):
        column.sort(key=lambda word: word.base)
        rising = len(column) >= 3 and _rises([int(word.text) for word in column])
        if rising and not any(word in other for other in found for word in column):
            found.append(column)
    return sorted(found, key=lambda column: column[0].left)


def _rises(values: Sequence[int]) -> bool:
    steps = [b - a for a, b in pairwise(values)]
    step = steps[len(steps) // 2]
    return step in (1, 5) and all(found == step for found in steps)


def _alone(column: Sequence[Word], words: Sequence[Word]) -> bool:
    """Whether hardly another word stands where the numbers do, between the first and the last of them."""
    left, right = min(word.left for word in column), max(word.right for word in column)
    top, bottom = column[0].top, column[-1].bottom
    mine = {id(word) for word in column}
    across = sum(
        word.left < right and left < word.right and top < word.base < bottom
        for word in words
        if id(word) not in mine
    )  # fmt: skip
    return across * 20 <= len(column)
