"""Lines of a page of a PDF file: words side by side, with the edges of the column that they stand in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from qa.corpus.pdf.pages import Rule, Word


@dataclass(slots=True)
class Row:
    """Words on one line, from left to right, and the edges of the column that they stand in."""

    words: list[Word]
    left_edge: float = 0.0
    right_edge: float = 0.0
    page: int = 0
    column: int = 0
    _size: float = 0.0

    @property
    def left(self) -> float:
        return self.words[0].left

    @property
    def right(self) -> float:
        return max(word.right for word in self.words)

    @property
    def top(self) -> float:
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words)

    @property
    def base(self) -> float:
        return next((word for word in self.words if not word.is_raised), self.words[0]).base

    @property
    def size(self) -> float:
        """Height of the letters that most of the line is set in."""
        if not self._size:
            weight: dict[float, int] = defaultdict(int)
            for word in self.words:
                weight[round(word.size * 2) / 2] += len(word.text)
            self._size = max(weight, key=lambda size: (weight[size], size))
        return self._size

    @property
    def bold(self) -> bool:
        return sum(len(word.text) for word in self.words if word.bold) * 10 >= 9 * sum(len(w.text) for w in self.words)

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    def parts(self, gap: float) -> list[list[Word]]:
        """The words in groups that stand further apart than `gap` times their size."""
        groups = [[self.words[0]]]
        right = self.words[0].right
        for word in self.words[1:]:
            if word.left - right > gap * min(word.size, groups[-1][-1].size):
                groups.append([])
            groups[-1].append(word)
            right = max(right, word.right)
        return groups


@dataclass(slots=True)
class Area:
    """The lines of a table; `rules` are the ruling lines inside it."""

    rows: list[Row]
    left: float
    right: float
    page: int
    rules: list[Rule] = field(default_factory=list)

    @property
    def top(self) -> float:
        return self.rows[0].top


def make_rows(words: Sequence[Word], page: int) -> list[Row]:
    """Words grouped to lines by what they stand on, lines from top to bottom."""
    rows: list[Row] = []
    for word in sorted(words, key=lambda word: word.base):
        for row in reversed(rows[-3:]):
            if abs(word.base - row.base) <= 0.3 * min(word.size, row.words[0].size):
                row.words.append(word)
                break
        else:
            rows.append(Row([word], page=page))
    for row in rows:
        row.words.sort(key=lambda word: word.left)
    return sorted(_lowered(rows), key=lambda row: row.base)


def _lowered(rows: list[Row]) -> list[Row]:
    """Lines, with the small marks that stand raised before or between their words taken into them."""
    tall = [max(word.size for word in row.words) for row in rows]
    for at, row in enumerate(rows):
        for word in list(row.words):
            for below, size in zip(rows[at + 1 : at + 3], tall[at + 1 : at + 3], strict=True):
                if word.size < 0.85 * size and len(word.text) <= 12 and _is_mark_of(word, below):
                    row.words.remove(word)
                    below.words.append(replace(word, raised=[(0, len(word.text))]))
                    below.words.sort(key=lambda other: other.left)
                    break
    return [row for row in rows if row.words]


def _is_mark_of(word: Word, row: Row) -> bool:
    """Whether a word is small, a little higher than a line, and close to one of its words."""
    for other in row.words:
        if word.left - other.right < 0.5 * other.size and other.left - word.right < 0.5 * other.size:
            rise = other.base - word.base
            gap = max(other.left - word.right, word.left - other.right)
            small = word.size < 0.85 * other.size and gap > -0.3 * other.size
            if small and 0.15 * other.size < rise < 0.9 * other.size:
                return True
    return False
