"""How far two things are of one kind, as far as the corpus and their spelling tell: a drug and a drug, a phase and a phase."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from qa.schema import Passage, Term
from qa.text import fold, stems

_ROMAN = re.compile(r"[IVX]+")
SHARED_ENDING = 4
"""Letters at the end that two names of a class share: barici-tinib and ruxoli-tinib."""


class Kinds:
    """Kinds of things: the column of a table that they stand in, and how they are spelt.

    `columns` holds, for the header of each column, the stems of each of its cells.
    """

    def __init__(self, columns: Mapping[str, frozenset[frozenset[str]]] | None = None) -> None:
        self._columns = dict(columns or {})

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> Kinds:
        """The kinds that the tables of the passages tell."""
        columns: dict[str, set[frozenset[str]]] = {}
        for passage in passages:
            for cell in passage.cells:
                inside = frozenset(stems(passage.slice(cell.start, cell.end)))
                header = " ".join(stems(cell.header))
                if inside and header:
                    columns.setdefault(header, set()).add(inside)
        return cls({header: frozenset(cells) for header, cells in columns.items()})

    def alike(self, one: Term, other: Term) -> float:
        """How far two things are of one kind; 0 where nothing says that they are."""
        total = 0.0
        if self._in(one) & self._in(other):
            total += 2.0
        total += max(_shape(a, b) for a in _forms(one) for b in _forms(other))
        return total + (0.5 if one.named and other.named else 0.0)

    def _in(self, term: Term) -> set[str]:
        """Headers of the columns that have a cell which is, or holds, the term."""
        return {header for header, cells in self._columns.items() if any(map(term.within, cells))}


def _forms(term: Term) -> list[str]:
    """The term as asked, and its variants of one word."""
    return [term.surface, *(variant[0] for variant in term.variants if len(variant) == 1)]


def _shape(one: str, other: str) -> float:
    """How alike two words are spelt: numbers of one unit or series, Roman numerals, names of one ending, capitals.

    >>> _shape("ACTT-2", "ACTT-4"), _shape("III", "IV"), _shape("baricitinib", "ruxolitinib"), _shape("dose", "RA")
    (2.0, 2.0, 1.5, 0.0)
    >>> _shape("France", "Spain")
    0.5
    """
    a, b = fold(one), fold(other)
    if a == b:
        return 0.0
    if re.sub(r"\d+", "0", a) == re.sub(r"\d+", "0", b) or (_ROMAN.fullmatch(one) and _ROMAN.fullmatch(other)):
        return 2.0
    shared = next(
        (i for i, (x, y) in enumerate(zip(reversed(a), reversed(b), strict=False)) if x != y), min(len(a), len(b))
    )
    if shared >= SHARED_ENDING and min(len(a), len(b)) > shared:
        return 1.5
    return 0.5 if one[:1].isupper() and other[:1].isupper() and one.isupper() == other.isupper() else 0.0
