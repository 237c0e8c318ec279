"""Decoding: logits over word pieces → spans of the document, each inside one sentence or one table cell.

A span's score is the sum of its begin and end logits less that of "no answer here", which makes spans of different passages
comparable: the odds that the network gives it against there being none (Devlin et al. 2019, arXiv 1810.04805, section 4.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qa.schema import Passage

if TYPE_CHECKING:
    from tokenizers import Encoding

MAX_PIECES = 320
"""Word pieces of question and passage together; passages have at most 220, what is longer loses its end."""

MAX_SPAN_PIECES = 40
"""Word pieces of the longest span."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a span may not leave: the sentence or cell at [start, end) of a reading text, at `origin` of the document."""

    start: int
    end: int
    origin: int


@dataclass(frozen=True, slots=True)
class ReadingText:
    """A passage as the network reads it: title, section and caption up to `text_start`, then the words with their units."""

    text: str
    text_start: int
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of the document [start, end) with its score in log odds, in unit number `unit` of its reading text."""

    start: int
    end: int
    score: float
    unit: int


def reading_text(passage: Passage) -> ReadingText:
    """Prose as it is indexed; a table row as `header: cell; …`, so that each cell stands beside what it is.

    Windows over flattened tables overlap: a line is a part of several, and its spans are found in each.
    """
    if not passage.cells:
        text_start = len(passage.index_text) - len(passage.text)
        shift = text_start - passage.start
        units = tuple(Unit(s.start + shift, s.end + shift, s.start) for s in passage.sentences)
        return ReadingText(passage.index_text, text_start, units)
    parts = list(dict.fromkeys(part for part in (passage.title, *passage.section, passage.caption) if part))
    text = ". ".join(parts) + ". " if parts else ""
    text_start = len(text)
    cells: list[Unit] = []
    for cell in passage.cells:
        if cell.end > cell.start:
            text += ("; " if cells else "") + (f"{cell.header}: " if cell.header else "")
            cells.append(Unit(len(text), len(text) + cell.end - cell.start, cell.start))
            text += passage.slice(cell.start, cell.end)
    return ReadingText(text, text_start, tuple(cells))


def answerable(encoding: Encoding, text_start: int) -> NDArray[np.bool_]:
    """Which pieces of a pair an answer may begin or end at: those of the second text from `text_start` on; shape (pieces,)."""
    return np.asarray(
        [
            sequence == 1 and start >= text_start and end > start
            for sequence, (start, end) in zip(encoding.sequence_ids, encoding.offsets, strict=True)
        ]
    )


def best_spans(
    starts: NDArray[np.float32],
    ends: NDArray[np.float32],
    offsets: Sequence[tuple[int, int]],
    allowed: NDArray[np.bool_],
    read: ReadingText,
    each: int = 1,
) -> list[Candidate]:
    """The `each` best spans of every unit, which do not overlap each other within it, best first.

    `starts`, `ends` and `allowed` have shape (pieces,), `offsets` are the characters of the reading text that each piece stands
    for; piece 0 is "no answer here".
    """
    none = float(starts[0] + ends[0])
    first = np.asarray([start for start, _ in offsets])
    last = np.asarray([end for _, end in offsets])
    found: list[Candidate] = []
    for number, unit in enumerate(read.units):
        inside = np.flatnonzero(allowed[: len(offsets)] & (first >= unit.start) & (last <= unit.end) & (last > first))
        if not len(inside):
            continue
        length = np.arange(len(inside))
        distance = length[None, :] - length[:, None]
        scores = np.where(
            (distance >= 0) & (distance < MAX_SPAN_PIECES), starts[inside][:, None] + ends[inside][None, :], -np.inf
        )
        for _ in range(each):
            i, j = np.unravel_index(int(scores.argmax()), scores.shape)
            if not np.isfinite(scores[i, j]):
                break
            begin, end = int(first[inside[i]]) - unit.start, int(last[inside[j]]) - unit.start
            found.append(Candidate(unit.origin + begin, unit.origin + end, float(scores[i, j]) - none, number))
            scores[: j + 1, i:] = -np.inf  # every span that shares a piece with this one
    return sorted(found, key=lambda candidate: -candidate.score)
