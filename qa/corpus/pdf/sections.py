"""The sections of a PDF file: how prominent a heading is, and which headings it stands under."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qa.corpus import shapes

_REFERENCES = re.compile(
    r"(?:(?:\d{1,2}|[IVX]{1,5})\.?\s+)?"
    r"(?:references|bibliography|literature cited|references cited|works cited|literature)[:.]?$",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"(?:table of )?contents$", re.IGNORECASE)


def heads_references(words: str) -> bool:
    """Whether a heading is that of a list of references."""
    return bool(_REFERENCES.match(words))


def heads_contents(words: str) -> bool:
    """Whether a heading is that of a table of contents."""
    return bool(_CONTENTS.match(words))


@dataclass(frozen=True, slots=True)
class Rank:
    """How prominent a heading is: by the depth of its number where it has one, else by how it is set."""

    depth: int
    look: tuple[float, bool, bool]

    def above(self, other: Rank) -> bool:
        """Whether a heading of this rank holds one of the other."""
        if self.depth and other.depth:
            return self.depth < other.depth
        return self.look > other.look


@dataclass(slots=True)
class Sections:
    """The headings above what is read; `references` is the rank of that of a list of references, while one is read."""

    path: list[tuple[Rank, str]] = field(default_factory=list)
    references: Rank | None = None
    contents: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.path)

    def enter(self, rank: Rank, words: str) -> bool:
        """Leave the sections that a heading ends; False where it is none, but in a list of references."""
        if self.references and (self.references.above(rank) or not words[:1].isalpha()):
            return False
        self.references = rank if heads_references(words) else None
        if self.references is None:
            self.contents = heads_contents(words)
            while self.path and not self._holds(rank):
                self.path.pop()
        return True

    def _holds(self, rank: Rank) -> bool:
        """Whether a heading belongs under the last one: a numbered one not under "Abstract" and its like."""
        last, name = self.path[-1]
        return last.above(rank) and not (rank.depth and not last.depth and shapes.is_name(name))
