"""From logits to spans of the document: inside one sentence or cell, never across, at the right characters."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder, make_document
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.chunking import chunk
from qa.reader.spans import MAX_SPAN_PIECES, Candidate, ReadingText, Unit, best_spans, reading_text
from qa.schema import Passage

NOTE = """# Zalutinib 😀

## Café study

The dose of zalutinib is 5 mg twice daily 😀. It was approved on March 3, 2015. Mervostat costs €80.

Table 1. Drugs of the study

| Drug | Maker | Dose |
| --- | --- | --- |
| Zalutinib | Orex 😀 Café | 5 mg |
| Mervostat |  | 80 mg once weekly |
"""


@pytest.fixture
def passages(tmp_path: Path, embedder: FakeEmbedder) -> list[Passage]:
    return chunk(make_document(tmp_path, "note.md", NOTE), embedder.count_pieces)


def test_every_unit_of_a_reading_text_is_a_slice_of_the_passage(passages: list[Passage]) -> None:
    assert {passage.kind for passage in passages} == {"paragraph", "table_row"}
    for passage in passages:
        read = reading_text(passage)
        assert read.units
        for unit in read.units:
            assert unit.start >= read.text_start
            words = read.text[unit.start : unit.end]
            assert words == passage.slice(unit.origin, unit.origin + len(words))


def test_a_row_is_read_with_its_headers_and_without_its_empty_cells(passages: list[Passage]) -> None:
    rows = [reading_text(passage) for passage in passages if passage.cells]
    assert rows[0].text.endswith("Drug: Zalutinib; Maker: Orex 😀 Café; Dose: 5 mg")
    assert rows[1].text.endswith("Drug: Mervostat; Dose: 80 mg once weekly")
    assert [len(read.units) for read in rows] == [3, 2]
    assert "Café study" in rows[0].text[: rows[0].text_start]


def _pieces(text: str) -> list[tuple[int, int]]:
    """Characters in pieces of two, behind the piece that stands for no answer."""
    return [(0, 0), *((i, min(i + 2, len(text))) for i in range(0, len(text), 2))]


def _by_force(starts: list[float], ends: list[float], offsets: list[tuple[int, int]], unit: Unit) -> float:
    inside = [i for i, (a, b) in enumerate(offsets) if i and unit.start <= a < b <= unit.end]
    pairs = [(i, j) for i, j in product(inside, inside) if 0 <= j - i < MAX_SPAN_PIECES]
    return max((starts[i] + ends[j] for i, j in pairs), default=-np.inf) - starts[0] - ends[0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=31, max_size=31))
def test_the_best_span_of_each_unit_is_that_of_all_pairs(logits: list[tuple[float, float]]) -> None:
    text = "x" * 60
    offsets = _pieces(text)
    starts, ends = ([round(pair[k], 2) for pair in logits] for k in (0, 1))
    units = (Unit(4, 20, 104), Unit(20, 31, 120), Unit(33, 60, 133))
    found = best_spans(
        np.float32(starts), np.float32(ends), offsets, np.arange(len(offsets)) > 0, ReadingText(text, 0, units)
    )
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert len(found) == 3
    for candidate in found:
        unit = units[candidate.unit]
        assert unit.origin <= candidate.start < candidate.end <= unit.origin + unit.end - unit.start
        assert candidate.score == pytest.approx(_by_force(starts, ends, offsets, unit), abs=1e-4)


def test_spans_of_one_unit_do_not_overlap_and_come_as_often_as_asked() -> None:
    starts = np.float32([0, 5, 0, 0, 4, 0])
    ends = np.float32([0, 0, 5, 0, 0, 4])
    offsets = _pieces("abcdefghij")
    allowed = np.arange(6) > 0
    found = best_spans(starts, ends, offsets, allowed, ReadingText("abcdefghij", 0, (Unit(0, 10, 0),)), each=2)
    assert found == [Candidate(0, 4, 10.0, 0), Candidate(6, 10, 8.0, 0)]


def test_what_is_not_allowed_is_no_answer_and_scores_count_from_none() -> None:
    starts, ends = np.float32([3, 9, 1, 1]), np.float32([2, 9, 1, 1])
    allowed = np.array([False, False, True, True])
    (found,) = best_spans(starts, ends, _pieces("abcdef"), allowed, ReadingText("abcdef", 0, (Unit(0, 6, 0),)))
    assert (found.start, found.end, found.score) == (2, 4, -3.0)


def test_a_unit_cut_off_by_the_limit_of_pieces_gives_nothing() -> None:
    read = ReadingText("abcdefgh", 0, (Unit(0, 4, 0), Unit(4, 8, 4)))
    offsets = _pieces("abcd")
    found = best_spans(np.ones(3, np.float32), np.ones(3, np.float32), offsets, np.arange(3) > 0, read)
    assert [candidate.unit for candidate in found] == [0]
