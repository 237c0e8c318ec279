"""Looks things up in a table, from row to cell and from cell to rows, over all of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa.reader.expects import Expectation
from qa.reader.pointing import says
from qa.schema import Cell, Passage, Query, Term
from qa.text import STOP_WORDS, stem, stems, words

ABOUT = 0.6
"""Weighted share of the question that the headings must hold for it to be about the table as a whole."""

_NOT = re.compile(r"\b(?:no|not|never|without|except|besides|other than)\b|n['’]t\b", re.IGNORECASE)
"""A condition that rows fulfil or not, though no cell says it."""

LISTING = frozenset(map(stem, "all every each list name give show table overview".split()))
"""Words by which a question asks for a list or for a table, and that no row has to hold."""

NOTHING = frozenset(["none", "no", "n/a", "na", "-", "–", "—"])
"""What a cell says that holds nothing to list."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The rows that satisfy most of the question, in order, each with the cell that answers."""

    cells: tuple[tuple[Passage, Cell], ...]
    share: float
    """Weighted share of the question's terms that the rows or their headings hold, in [0, 1]."""
    sure: bool
    """Whether the column is asked for by its header, was pointed at, or is the only one that the question leaves open."""
    whole: bool = False
    """Whether these are all rows, as the question names none."""


def tables_of(passages: Iterable[Passage]) -> list[list[Passage]]:
    """The rows of each table of a document, in order: those of one section, caption and headers."""
    found: dict[tuple[object, ...], list[Passage]] = {}
    for row in passages:
        if row.kind == "table_row":
            headers = tuple(cell.header for cell in row.cells)
            found.setdefault((row.section, row.caption, headers), []).append(row)
    return list(found.values())


def same_table(row: Passage, passages: Iterable[Passage]) -> list[Passage]:
    """The rows of the table that `row` belongs to, out of the passages of its document; none where these do not hold it."""
    return next((rows for rows in tables_of(passages) if row in rows), [])


def look_up(
    query: Query, expectation: Expectation, rows: Sequence[Passage], pointed: int | None = None
) -> LookedUp | None:
    """The rows that hold most of what the question names, and of each the cell of the column that is asked for.

    `rows` are those of one table, `pointed` is the column that was pointed at otherwise, taken where no header tells. A word of
    the headings names a row only where the question says all of its cell: "all drugs" does not name the Drug Office. Where the
    question names no row, asks for several things and is about the table as a whole, it asks for a whole column. None where
    nothing is left to answer with.
    """
    if expectation.several and _NOT.search(query.text):
        return None  # what rows do not hold, or all but one of them
    headers = [frozenset(word.stem for word in words(cell.header)) for cell in rows[0].cells]
    grid = [[_stems(row, cell) for cell in row.cells] for row in rows]
    about = frozenset(word.stem for word in words(" ".join((rows[0].title, *rows[0].section, rows[0].caption))))
    around = about.union(*headers)
    # A number stands there by chance: the 3 of "Table 3" is not that of JAK3.
    general = [not any(map(str.isdigit, term.surface)) and _holds(term, around, frozenset()) for term in query.terms]

    def names(t: int, term: Term, cell: frozenset[str], header: frozenset[str]) -> bool:
        return _holds(term, cell, header) and (
            not general[t] or (says(query, cell) and not cell - STOP_WORDS <= header)
        )

    satisfied = [
        [
            [names(t, term, cell, header) for t, term in enumerate(query.terms)]
            for cell, header in zip(line, headers, strict=True)
        ]
        for line in grid
    ]
    weights = [term.weight for term in query.terms]
    scores = [sum(w for t, w in enumerate(weights) if any(cell[t] for cell in line)) for line in satisfied]
    most = max(scores, default=0.0)
    if most <= 0:
        return _whole_column(query, expectation, rows, headers, general, pointed)
    chosen = _of_each_key(query, grid, scores) or [i for i, score in enumerate(scores) if score > most - 1e-9]
    told = {c for c in range(len(headers)) if all(not grid[i][c] or says(query, grid[i][c]) for i in chosen)}
    named = {c for i in chosen for c, cell in enumerate(satisfied[i]) if any(cell)}
    column, sure = _column(query, expectation, headers, named, told, pointed)
    if column is None:
        return None
    cells = tuple((rows[i], rows[i].cells[column]) for i in chosen if grid[i][column])
    held = sum(w for t, w in enumerate(weights) if general[t] or any(cell[t] for i in chosen for cell in satisfied[i]))
    return LookedUp(cells, held / sum(weights), sure) if cells else None


def _of_each_key(query: Query, grid: Sequence[Sequence[frozenset[str]]], scores: Sequence[float]) -> list[int]:
    """Where the question says the keys of several rows, the rows that hold most for each of them; else none.

    "The doses of aspirin and ibuprofen" are in two rows, and neither holds more of the question than the other.
    """
    of_rows = [line[0] - STOP_WORDS for line in grid]
    said = {key for key in of_rows if says(query, key)}
    keys = {key for key in said if not any(key < other for other in said)}
    if len(keys) < 2:
        return []
    scored = list(zip(of_rows, scores, strict=True))
    most = {key: max(score for own, score in scored if own == key) for key in keys}
    return [i for i, (key, score) in enumerate(scored) if key in keys and score > most[key] - 1e-9]


def _whole_column(
    query: Query,
    expectation: Expectation,
    rows: Sequence[Passage],
    headers: Sequence[frozenset[str]],
    general: Sequence[bool],
    pointed: int | None,
) -> LookedUp | None:
    """All rows with their cells of the column whose header is asked for, else of the one pointed at.

    None where the question asks for one thing, or says more than what the table is about: a condition that no row was matched to.
    """
    focus = expectation.names
    total = sum(term.weight for term in query.terms) or 1.0
    told = sum(
        term.weight
        for term, known in zip(query.terms, general, strict=True)
        if known or any(set(variant) <= focus | LISTING for variant in term.variants)
    )
    column = _by_focus(names_of(query, expectation), headers, range(len(headers)))
    column = pointed if column is None else column
    if not expectation.several or column is None or told / total < ABOUT:
        return None
    cells = tuple(
        (row, cell)
        for row in rows
        if (cell := row.cells[column]).end > cell.start and row.slice(cell.start, cell.end).lower() not in NOTHING
    )
    return LookedUp(cells, told / total, sure=True, whole=True) if cells else None


def names_of(query: Query, expectation: Expectation) -> frozenset[str]:
    """Stems of what is asked for, and of the words that mean the same: a column "Indication" holds the uses."""
    alike = (term.variants for term in query.terms if (own := set(stems(term.surface))) and own <= expectation.names)
    return expectation.names.union(*(variant for variants in alike for variant in variants if len(variant) == 1))


def _by_focus(focus: frozenset[str], headers: Sequence[frozenset[str]], columns: Iterable[int]) -> int | None:
    """The column whose header has most of the words of what is asked for, and least else; None where none has any."""
    found = [c for c in columns if focus & headers[c]]
    return max(found, key=lambda c: (len(focus & headers[c]), -len(headers[c] - focus), -c), default=None)


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
    focus = names_of(query, expectation)
    open_ = [c for c in range(len(headers)) if c not in told]

    def weight(c: int) -> float:
        return sum(term.weight for term in query.terms if _holds(term, headers[c], frozenset()))

    free = [c for c in open_ if c not in named]
    for columns in (free, open_):
        by_focus = _by_focus(focus, headers, columns)
        if by_focus is not None:
            return by_focus, True
    if not free:
        return None, False
    best = max(free, key=lambda c: (weight(c), c == pointed, -c))
    return best, weight(best) > 0 or len(free) == 1 or best == pointed


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
