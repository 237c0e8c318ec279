"""Looks things up in a table, from row to cell and from cell to rows, over all of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa.reader.expects import Expectation
from qa.schema import Cell, Passage, Query, Term
from qa.text import stem, words


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The rows that satisfy most of the question, in order, each with the cell that answers."""

    cells: tuple[tuple[Passage, Cell], ...]
    share: float
    """Weighted share of the question's terms that the rows or their headings hold, in [0, 1]."""
    sure: bool
    """Whether the column is the one asked for by its header, or the only one that the question leaves open."""


def same_table(row: Passage, passages: Iterable[Passage]) -> list[Passage]:
    """The rows of the table that `row` belongs to, in order: same document, section, caption and headers."""
    headers = [cell.header for cell in row.cells]
    return [
        passage
        for passage in passages
        if passage.kind == "table_row"
        and passage.doc_id == row.doc_id
        and passage.section == row.section
        and passage.caption == row.caption
        and [cell.header for cell in passage.cells] == headers
    ]


def look_up(
    query: Query, expectation: Expectation, rows: Sequence[Passage], pointed: int | None = None
) -> LookedUp | None:
    """The rows that hold most of what the question names, and of each the cell of the column that is asked for.

    `rows` are those of one table, `pointed` is the column that was pointed at otherwise, taken where no header tells. None where
    no cell is named by the question, or nothing is left to answer with.
    """
    headers = [frozenset(word.stem for word in words(cell.header)) for cell in rows[0].cells]
    grid = [[_stems(row, cell) for cell in row.cells] for row in rows]
    satisfied = [
        [[_holds(term, cell, header) for term in query.terms] for cell, header in zip(line, headers, strict=True)]
        for line in grid
    ]
    weights = [term.weight for term in query.terms]
    scores = [sum(w for t, w in enumerate(weights) if any(cell[t] for cell in line)) for line in satisfied]
    most = max(scores, default=0.0)
    if most <= 0:
        return None
    chosen = [i for i, score in enumerate(scores) if score > most - 1e-9]
    asked = query.stems
    told = {c for c in range(len(headers)) if all(grid[i][c] <= asked for i in chosen)}
    named = {c for i in chosen for c, cell in enumerate(satisfied[i]) if any(cell)}
    column, sure = _column(query, expectation, headers, named, told, pointed)
    if column is None:
        return None
    cells = tuple((rows[i], rows[i].cells[column]) for i in chosen if grid[i][column])
    about = frozenset(word.stem for word in words(" ".join((rows[0].title, *rows[0].section, rows[0].caption))))
    around = about.union(*headers)
    held = sum(
        w
        for t, w in enumerate(weights)
        if any(cell[t] for i in chosen for cell in satisfied[i]) or _holds(query.terms[t], around, frozenset())
    )
    return LookedUp(cells, held / (sum(weights) or 1.0), sure) if cells else None


def _column(
    query: Query,
    expectation: Expectation,
    headers: Sequence[frozenset[str]],
    named: set[int],
    told: set[int],
    pointed: int | None,
) -> tuple[int | None, bool]:
    """The column that is asked for, and whether it is sure.

    Its header is the thing asked for, or is named in the question, or it is the one pointed at, or the first of those that the
    question leaves open; never one whose cells the question itself says.
    """
    focus = frozenset(stem(word) for word in expectation.focus)
    open_ = [c for c in range(len(headers)) if c not in told]

    def weight(c: int) -> float:
        return sum(term.weight for term in query.terms if _holds(term, headers[c], frozenset()))

    by_focus = [c for c in open_ if focus & headers[c]]
    if by_focus:
        return max(by_focus, key=lambda c: (len(focus & headers[c]), c not in named, -c)), True
    free = [c for c in open_ if c not in named]
    if not free:
        return None, False
    best = max(free, key=lambda c: (weight(c), c == pointed, -c))
    return best, weight(best) > 0 or len(free) == 1


def _stems(row: Passage, cell: Cell) -> frozenset[str]:
    return frozenset(word.stem for word in words(row.slice(cell.start, cell.end)))


def _holds(term: Term, stems: frozenset[str], header: frozenset[str]) -> bool:
    """Whether the cell names the term, or its header the letters and the cell the number of it (STAT, 6)."""
    if term.within(stems):
        return True
    for variant in term.variants:
        if len(variant) == 1 and header:
            letters = variant[0].rstrip("0123456789")
            if letters != variant[0] and variant[0][len(letters) :] in stems and stem(letters.rstrip("-")) in header:
                return True
    return False
