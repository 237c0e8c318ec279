"""From logits to spans of the document: inside one sentence or cell, never across, at the right characters."""

from __future__ import annotations

from dataclasses import replace
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
    text = "a b c d e "
    offsets = _pieces(text)
    allowed = np.arange(6) > 0
    found = best_spans(starts, ends, offsets, allowed, ReadingText(text, 0, (Unit(0, 10, 0),)), each=2)
    assert found == [Candidate(0, 4, 10.0, 0), Candidate(6, 10, 8.0, 0)]


def test_a_span_holds_whole_words_and_stays_in_its_unit() -> None:
    text = "of ischaemic stroke5 (PE)"
    read = ReadingText(text, 0, (Unit(0, 20, 100), Unit(20, 25, 120)))
    offsets = [(0, 0), (0, 2), (3, 5), (5, 12), (13, 17), (17, 20), (21, 22), (22, 24)]
    starts, ends = np.zeros(8, np.float32), np.zeros(8, np.float32)
    starts[3] = ends[4] = 9
    best = best_spans(starts, ends, offsets, np.arange(8) > 0, read)[0]
    assert text[best.start - 100 : best.end - 100] == "ischaemic stroke5"


def test_what_is_not_allowed_is_no_answer_and_scores_count_from_none() -> None:
    starts, ends = np.float32([3, 9, 1, 1]), np.float32([2, 9, 1, 1])
    allowed = np.array([False, False, True, True])
    (found,) = best_spans(starts, ends, _pieces("a b c "), allowed, ReadingText("a b c ", 0, (Unit(0, 6, 0),)))
    assert (found.start, found.end, found.score) == (2, 4, -3.0)


def test_a_unit_cut_off_by_the_limit_of_pieces_gives_nothing() -> None:
    read = ReadingText("abcdefgh", 0, (Unit(0, 4, 0), Unit(4, 8, 4)))
    offsets = _pieces("abcd")
    found = best_spans(np.ones(3, np.float32), np.ones(3, np.float32), offsets, np.arange(3) > 0, read)
    assert [candidate.unit for candidate in found] == [0]


LISTED = """# Zalutinib

The harms of zalutinib are:

- hiccups 😀
- sore thumbs. They pass.
- Café fever

Mervostat caused headache.
It passed.
"""


def test_items_of_a_list_follow_each_other_after_one_line_break(tmp_path: Path, embedder: FakeEmbedder) -> None:
    (passage,) = chunk(make_document(tmp_path, "list.md", LISTED), embedder.count_pieces)
    read = reading_text(passage)
    told = [[read.text[unit.start : unit.end] for unit in read.units[first:last]] for first, last in read.runs]
    assert told == [["hiccups 😀", "sore thumbs.", "They pass.", "Café fever"]]


def test_a_table_whose_rows_are_not_known_has_no_items(tmp_path: Path, embedder: FakeEmbedder) -> None:
    (passage,) = chunk(make_document(tmp_path, "list.md", LISTED), embedder.count_pieces)
    assert not reading_text(replace(passage, kind="table")).runs


def _of_items(best: tuple[int, int]) -> list[Candidate]:
    """What is pointed at together where the logits are high at these two pieces, each of two characters."""
    text = "led:\na b.\nc d.\ne f."
    units = tuple(Unit(a, b, 100 + a) for a, b in ((0, 4), (5, 9), (10, 14), (15, 19)))
    offsets = [(0, 0), (0, 4), *((i + k, i + k + 2) for i in (5, 10, 15) for k in (0, 2))]
    starts, ends = np.zeros(8, np.float32), np.zeros(8, np.float32)
    starts[best[0]] = ends[best[1]] = 9
    found = best_spans(starts, ends, offsets, np.arange(8) > 0, ReadingText(text, 0, units, ((1, 4),)))
    return sorted((c for c in found if c.listed and c.score > 9), key=lambda c: c.start)


def test_items_pointed_at_together_are_candidates_each_and_so_is_the_line_above_them() -> None:
    whole = (105, 119)
    assert _of_items((2, 7)) == [
        Candidate(100, 104, 18.0, 0, whole),
        Candidate(105, 109, 18.0, 1, whole),
        Candidate(110, 114, 18.0, 2, whole),
        Candidate(115, 119, 18.0, 3, whole),
    ]
    assert [(c.start, c.end) for c in _of_items((4, 6))] == [(110, 114), (115, 117)]  # the line above is an item


def test_a_list_begins_with_an_item_and_holds_several() -> None:
    assert not _of_items((3, 7))
    assert not _of_items((4, 5))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=31, max_size=31))
def test_whatever_is_pointed_at_each_candidate_stays_in_its_unit(logits: list[tuple[float, float]]) -> None:
    text = "led to:\n" + "\n".join(["x" * 9, "y" * 12, "z" * 14, "w" * 13])
    bounds = [(0, 7), (8, 17), (18, 24), (24, 30), (31, 45), (46, 59)]
    units = tuple(Unit(a, b, 100 + a) for a, b in bounds)
    starts, ends = (np.float32([pair[k] for pair in logits]) for k in (0, 1))
    offsets = _pieces(text)
    found = best_spans(starts, ends, offsets, np.arange(len(offsets)) > 0, ReadingText(text, 0, units, ((1, 6),)))
    together = [candidate for candidate in found if candidate.listed]
    assert len({candidate.listed for candidate in together}) <= 1
    for candidate in found:
        unit = units[candidate.unit]
        assert unit.origin <= candidate.start < candidate.end <= unit.origin + unit.end - unit.start
    for candidate in together:
        assert candidate.listed is not None
        start, end = candidate.listed
        assert start - 100 in (8, 18, 31, 46) and end > start
        assert candidate.unit == 0 or start <= candidate.start < candidate.end <= end
        assert "\n" in text[start - 100 : end - 100]
