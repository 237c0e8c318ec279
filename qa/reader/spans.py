"""Decoding: logits over word pieces → spans of the document, each inside one sentence or one table cell.

A span's score is the sum of its begin and end logits less that of "no answer here", which makes spans of different passages
comparable: the odds that the network gives it against there being none (Devlin et al. 2019, arXiv 1810.04805, section 4.3).
"""

from __future__ import annotations

import itertools
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

MAX_LIST_PIECES = 150
"""Word pieces of the longest run of items."""


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
    runs: tuple[tuple[int, int], ...] = ()
    """Numbers [first, last) of units that single line breaks part: the items of a list, of a sentence or more each."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of the document [start, end) with its score in log odds, in unit number `unit` of its reading text.

    `listed`: the characters from the first to the last of the items that were pointed at together, of which this is a sentence,
    or the sentence above them; the score is that of all.
    """

    start: int
    end: int
    score: float
    unit: int
    listed: tuple[int, int] | None = None


def reading_text(passage: Passage) -> ReadingText:
    """Prose as it is indexed; a table row as `header: cell; …`, so that each cell stands beside what it is.

    Windows over flattened tables overlap: a line is a part of several, and its spans are found in each.
    """
    if not passage.cells:
        text_start = len(passage.index_text) - len(passage.text)
        shift = text_start - passage.start
        units = tuple(Unit(s.start + shift, s.end + shift, s.start) for s in passage.sentences)
        return ReadingText(passage.index_text, text_start, units, _runs(passage) if passage.kind != "table" else ())
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


def _runs(passage: Passage) -> tuple[tuple[int, int], ...]:
    """Numbers [first, last) of sentences between which there are single line breaks, and no more."""
    found: list[tuple[int, int]] = []
    first, several = 0, False
    for i, (before, sentence) in enumerate(itertools.pairwise(passage.sentences), start=1):
        between = passage.slice(before.end, sentence.start)
        if "\n\n" in between:
            found += [(first, i)] if several else []
            first, several = i, False
        several = several or between == "\n"
    return (*found, (first, len(passage.sentences))) if several else tuple(found)


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
    """The `each` best spans of every unit, which do not overlap each other within it, and items pointed at together; best first.

    `starts`, `ends` and `allowed` have shape (pieces,), `offsets` are the characters of the reading text that each piece stands
    for; piece 0 is "no answer here".
    """
    none = float(starts[0] + ends[0])
    first = np.asarray([start for start, _ in offsets])
    last = np.asarray([end for _, end in offsets])
    allowed = allowed[: len(offsets)] & (last > first)
    found: list[Candidate] = []
    for number, unit in enumerate(read.units):
        inside = np.flatnonzero(allowed & (first >= unit.start) & (last <= unit.end))
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
            begin, end = _whole_words(read.text, int(first[inside[i]]), int(last[inside[j]]), unit.start, unit.end)
            found.append(
                Candidate(
                    unit.origin + begin - unit.start, unit.origin + end - unit.start, float(scores[i, j]) - none, number
                )
            )
            scores[: j + 1, i:] = -np.inf  # every span that shares a piece with this one
    for run in read.runs:
        found += _together(starts, ends, first, last, allowed, read, run)
    return sorted(found, key=lambda candidate: -candidate.score)


def _whole_words(text: str, start: int, end: int, low: int, high: int) -> tuple[int, int]:
    """[start, end) with the rest of the words that it cuts, within [low, high): pieces are parts of words ("is-chaemic")."""
    while start > low and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < high and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def _together(
    starts: NDArray[np.float32],
    ends: NDArray[np.float32],
    first: NDArray[np.int_],
    last: NDArray[np.int_],
    allowed: NDArray[np.bool_],
    read: ReadingText,
    run: tuple[int, int],
) -> list[Candidate]:
    """Each sentence of the best span from the beginning of an item of a run into a later one, and the one above that leads there.

    `first` and `last` are the characters of the reading text that each piece stands for; all arrays have shape (pieces,).
    """
    units = read.units[slice(*run)]
    inside = np.flatnonzero(allowed & (first >= units[0].start) & (last <= units[-1].end))
    if not len(inside):
        return []
    begins = np.asarray([u.start for u in units if u is units[0] or read.text[u.start - 1] == "\n"])
    item = np.searchsorted(begins, first[inside], side="right")
    pieces = np.arange(len(inside))[None, :] - np.arange(len(inside))[:, None]
    several = np.isin(first[inside], begins)[:, None] & (item[None, :] > item[:, None]) & (pieces < MAX_LIST_PIECES)
    scores = np.where(several, starts[inside][:, None] + ends[inside][None, :], -np.inf)
    i, j = np.unravel_index(int(scores.argmax()), scores.shape)
    if not np.isfinite(scores[i, j]):
        return []
    score = float(scores[i, j]) - float(starts[0] + ends[0])
    begin, end = _whole_words(read.text, int(first[inside[i]]), int(last[inside[j]]), units[0].start, units[-1].end)
    origin = units[0].origin - units[0].start
    listed = (origin + begin, origin + end)
    found = [
        Candidate(max(unit.start, begin) + origin, min(unit.end, end) + origin, score, number, listed)
        for number, unit in enumerate(units, start=run[0])
        if unit.start < end and begin < unit.end
    ]
    above = found[0].unit - 1
    if above >= 0 and read.text[: read.units[above].end].endswith(":"):
        lead = read.units[above]
        found.append(Candidate(lead.origin, lead.origin + lead.end - lead.start, score, above, listed))
    return found
