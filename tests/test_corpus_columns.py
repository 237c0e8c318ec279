"""Rows out of flattened tables: what can be told for certain, and above all what cannot and stays in one piece."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_corpus_invariants import check

from qa.corpus import read_document
from qa.corpus.plaintext import read_plaintext
from qa.schema import Document

SEEDS = Path(os.environ.get("VERBATIM_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "seeds"
LEAD = "The café 😀 on the corner of the old market opens at\nnine and shuts when the last guest has gone home for\n"
CAPTION = "TABLE 1\nZorbins of the Café 😀 and their kranes\n"


def read(*blocks: str, caption: str = CAPTION) -> Document:
    """A document with a table of these blocks, the lines of which are parted by "; " or line breaks."""
    table = "\n\n".join(block.replace("; ", "\n") for block in blocks)
    file = f"{LEAD}the night.\n\n{caption}\n{table}\n\n■ NEXT\n{LEAD}the day.\n"
    document = read_plaintext(file, doc_id="x", path="x.txt")
    check(document, file)
    return document


def rows(document: Document) -> list[str]:
    """The rows, "|" between their cells; "" stands for a cell that is empty."""
    return [
        "|".join(document.slice(cell.start, cell.end) for cell in block.cells)
        for block in document.blocks
        if block.kind == "table_row"
    ]


def headers(document: Document) -> list[tuple[str, ...]]:
    return [tuple(cell.header for cell in block.cells) for block in document.blocks if block.kind == "table_row"]


def rest(document: Document) -> str:
    return "".join(document.slice(block.start, block.end) for block in document.blocks if block.kind == "table")


HEADERS = ("Zorbin", "Krane", "Size")
GROUP = ("Zo-15; Zo-21; Zo-4", "KRA1, KRA3; KRA1; KRA2, VEL2", "3+5; 6; 1")


def test_blocks_of_equal_counts_are_the_columns_of_rows() -> None:
    document = read(*HEADERS, *GROUP)
    assert rows(document) == ["Zo-15|KRA1, KRA3|3+5", "Zo-21|KRA1|6", "Zo-4|KRA2, VEL2|1"]
    assert headers(document) == [HEADERS] * 3
    assert rest(document) == "Zorbin\nKrane\nSize"
    row = next(block for block in document.blocks if block.kind == "table_row")
    assert document.slice(row.start, row.end) == "Zo-15\tKRA1, KRA3\t3+5"
    assert row.caption == "TABLE 1 Zorbins of the Café 😀 and their kranes"
    assert document.line(row.cells[1].start) == document.line(row.start) + 4
    assert document.blocks[-1].section == ("NEXT",)


def test_a_header_of_two_lines_is_one_header() -> None:
    document = read("Zorbin", "Krane", "Size\nin mm", *GROUP)
    assert headers(document)[0] == ("Zorbin", "Krane", "Size in mm")
    assert len(rows(document)) == 3


def test_headers_that_do_not_match_the_columns_are_left_out() -> None:
    for above in [(), HEADERS[:2], (*HEADERS, "Colour"), ("Zorbin", "Size", "Kranes and KRA"), ("Zorbin", "X", "Size")]:
        document = read(*above, *GROUP)
        assert len(rows(document)) == 3
        assert set(headers(document)) == {("", "", "")}
        assert rest(document) == "\n".join(above)


def test_a_header_of_a_part_of_the_table_is_not_given_to_all() -> None:
    document = read("Class I zorbins", "Krane", "Size", *GROUP, "Class II zorbins")
    assert headers(document)[0] == ("", "Krane", "Size")


def test_headers_on_top_of_their_columns() -> None:
    document = read("Zorbin; Velt; Murn", "Krane; KRA1; KRA2", "Size; 12; 14")
    assert rows(document) == ["Velt|KRA1|12", "Murn|KRA2|14"]
    assert headers(document)[0] == HEADERS
    assert rest(document) == "Zorbin\nKrane\nSize"


def test_names_of_groups_stand_in_their_first_row() -> None:
    document = read("Class", *HEADERS, "Common brine", *GROUP, "Lone brine", "Zo-7; Zo-9", "KRA3; KRA1", "4; 5")
    assert rows(document) == [
        "Common brine|Zo-15|KRA1, KRA3|3+5",
        "|Zo-21|KRA1|6",
        "|Zo-4|KRA2, VEL2|1",
        "Lone brine|Zo-7|KRA3|4",
        "|Zo-9|KRA1|5",
    ]
    assert set(headers(document)) == {("", *HEADERS)}
    groups = [block.group for block in document.blocks if block.kind == "table_row"]
    assert groups == ["", "Common brine", "Common brine", "", "Lone brine"]  # the first row of each says it itself


def test_two_adjacent_groups_are_told_apart_by_their_counts() -> None:
    document = read(*GROUP, "Zo-7; Zo-9", "KRA3; KRA1", "4; 5")
    assert rows(document)[2:] == ["Zo-4|KRA2, VEL2|1", "Zo-7|KRA3|4", "Zo-9|KRA1|5"]
    assert rows(read(*GROUP, "Zo-7; Zo-9", "4; 5")) == []


def test_two_adjacent_groups_of_equal_counts_are_not_joined() -> None:
    twice = ("Velt; Murn; Tarb", "1; 2; 3", "Osk; Pell; Quin", "4; 5; 6")
    assert rows(read(*twice)) == []
    assert rows(read("Zorbin", "Size", *twice)) == []
    assert rows(read("Zorbin", "Size", "Neighbour", "Age", *twice)) == [
        "Velt|1|Osk|4",
        "Murn|2|Pell|5",
        "Tarb|3|Quin|6",
    ]
    assert rows(read("Zo-1; Zo-2; Zo-3", "1; 2; 3", "Zo-4; Zo-5; Zo-6", "4; 5; 6")) == []
    assert rows(read("Zorbin; Velt; Murn", "Size; 1; 2", "Zorbin; Osk; Pell", "Size; 4; 5")) == []


def test_single_lines_that_hold_what_the_columns_hold_are_a_row() -> None:
    document = read(
        *HEADERS, "Mark", "Alpha brine", "G-ZO", "KRA2", "3+5", "X", "Common brine", *GROUP, "X; X; X", "gp9"
    )
    assert rows(document)[:2] == ["Alpha brine|G-ZO|KRA2|3+5", "Common brine|Zo-15|KRA1, KRA3|3+5"]
    assert headers(document)[0] == ("", *HEADERS)
    assert rest(document).split() == ["Zorbin", "Krane", "Size", "Mark", "X", "X", "X", "X", "gp9"]


@pytest.mark.parametrize(
    "singles",
    [
        ("Zo-7", "KRA2"),
        ("Zo-7", "3", "KRA2"),
        ("Zo-7", "KRA2", "3", "4"),
        ("Zo-7", "KRA2", "X"),
        ("KRA9", "KRA2", "3"),
        ("12", "KRA2", "3"),
        ("Zo-7 (old", "KRA2", "3"),
        ("Zo-7", "Brown", "3"),
    ],
)
def test_single_lines_that_may_be_something_else_are_left_over(singles: tuple[str, ...]) -> None:
    document = read(*GROUP, *singles)
    assert len(rows(document)) == 3
    assert rest(document) == "\n".join(singles)


@pytest.mark.parametrize(
    "blocks",
    [
        ("Velt; Murn; Tarb", "1; 2"),
        ("Velt; Murn; Tarb", "1; 2; 3; 4"),
        ("Velt; Murn; of old; Tarb", "1; 2; 3", "4; 5; 6"),
        ("Velt; Murn; Old Tarb; Pell", "KRA1; KRA2; KRA4", "4; 5; 6"),
        ("Velt; Murn; Tarb", "1; 2; 3", "White; Black and; brown; Red"),
    ],
)
def test_unequal_counts_are_never_zipped(blocks: tuple[str, ...]) -> None:
    document = read("Zorbin", *blocks)
    assert rows(document) == []
    assert Counter(rest(document).split()) == Counter(" ".join(["Zorbin", *blocks]).replace(";", "").split())


@pytest.mark.parametrize(
    "blocks",
    [
        ("Baldorin\n(Olum)", "Stiff knees:\noral 2 mg once daily"),
        ("Velt of\nMurn", "Old and\nbrown"),
        ("Signalling\nKranes", "Signalling\nVelts"),
        ("United\nZorbins", "Old\nMurns"),
        ("Velt\nof the old\nMurn", "1\n2\n3"),
        ("Velt\nMurn\nTarb", "Loss of teeth\nand of hair\nFever"),
        ("Velt\nMurn\nTarb", "Loss of teeth (in\nwinter)\nFever"),
        ("Velt\nMurn\nTarb", "Loss of\nHair\nFever", "1\n2\n3"),
    ],
)
def test_cells_of_several_lines_are_never_zipped(blocks: tuple[str, ...]) -> None:
    assert rows(read("Zorbin", "Krane", *blocks)) == []


@pytest.mark.parametrize(
    "blocks",
    [
        ("NCT00000001\nNCT00000002\nNCT00000003", "NCT00000004\nNCT00000005\nNCT00000006"),
        ("Velt\n12\n14", "Murn\n13\n15", "Tarb\n16\n17"),
        ("Zo-1\nBrown\n12 mm", "Zo-2\nWhite\n14 mm"),
        ("Zo-1\nBrown fur\nWinter fur", "Zo-2 fur\nWhite fur\nSummer fur"),
        ("12\n13\n14", "Velt\nMurn\nTarb"),
        ("Velt\nVelt\nMurn", "1\n2\n3"),
        ("X\nX\nX", "X\nX\nX"),
        ("Velt\nMurn\nTarb", "X\nX\nX"),
        ("Velt\nMurn\nTarb", "Fever\nCough\nRash"),
    ],
)
def test_lists_marks_and_rows_in_order_are_no_columns(blocks: tuple[str, ...]) -> None:
    assert rows(read("Zorbin", *blocks)) == []


def test_only_tables_with_a_caption_are_aligned() -> None:
    assert rows(read(*HEADERS, *GROUP, caption="")) == []
    assert rows(read(*HEADERS, *GROUP, caption="Figure 1. Zorbins\n")) == []


_CELLS = st.sampled_from(
    ["Velt", "Murn", "Café 😀", "Zo-2", "KRA1, KRA2", "KRA3", "12", "3+5", "X", "old", "(of", "in:"]
)
_BLOCKS = st.lists(st.lists(_CELLS, min_size=1, max_size=4) | st.just(["Osk", "Pell"]), min_size=1, max_size=14)


@settings(max_examples=300, deadline=None)
@given(_BLOCKS)
def test_no_word_of_a_table_is_lost_or_doubled(blocks: list[list[str]]) -> None:
    document = read(*("\n".join(block) for block in blocks))
    words = " ".join(
        document.slice(b.start, b.end) for b in document.blocks if b.kind in ("table", "table_row")
    ).split()
    written = " ".join(cell for block in blocks for cell in block).split()
    assert not Counter(words) - Counter(written)
    assert all(
        cell in [c for block in blocks for c in block] for row in rows(document) for cell in row.split("|") if cell
    )


@pytest.mark.parametrize(
    "block", ["Velt\n\n", "Velt\nMurn\n\n1\n2\n\n", "Velt\n\nKRA1\n\n2\n\n", "1\n2\n\n", "Velt\nMurn\n\n"]
)
def test_long_tables_are_read_in_linear_time(block: str) -> None:
    start = time.perf_counter()
    read_plaintext(f"{LEAD}the night.\n\n{CAPTION}\n{block * 5000}", doc_id="x", path="x.txt")
    assert time.perf_counter() - start < 5


# The real articles


@pytest.fixture(scope="module")
def review() -> Document:
    path = SEEDS / "000_85ad653406a62361.txt"
    if not path.is_file():
        pytest.skip(f"the real articles are not at {SEEDS}; set VERBATIM_SHARED to the folder that holds seeds/")
    return read_document(path, SEEDS)


def test_the_cytokines_of_the_review_have_their_kinases(review: Document) -> None:
    assert rows(review) == [
        "Common β-χ|GM-CSF|JAK2|3+5",
        "Common ɣ-c|IL-15|JAK1, JAK3|3+5",
        "|IL-21|JAK1, JAK3|1+3+5",
        "|IL-13|JAK1, JAK3, TYK2|6",
        "|IL-2|JAK1, JAK3|3+5",
        "|IL-4|JAK1, JAK3|6",
        "|IL-7|JAK1, JAK3|3+5",
        "|IL-9|JAK1, JAK3|1+3+5",
        "Dimeric|IL-12|JAK2, TYK2|4",
        "gp130|IL-6|JAK1, JAK2, TYK2|1+3",
        "|G-CSF|JAK2|5",
        "|IFN α/β|JAK1, TYK2|1+2+3+4+5",
        "|IFN ɣ|JAK1, TYK2|1",
        "|IL-10|JAK1, JAK2, TYK2|1+3+5",
    ]
    assert set(headers(review)) == {("", "", "Signaling JAKs", "Signaling STATs")}
    row = next(b for b in review.blocks if b.kind == "table_row" and "IL-15" in review.slice(b.start, b.end))
    assert [review.line(cell.start) for cell in row.cells] == [86, 88, 96, 104]


def test_the_other_tables_of_the_articles_stay_in_one_piece(review: Document) -> None:
    assert {b.caption.split()[1] for b in review.blocks if b.kind == "table_row"} == {"1"}
    letter = read_document(SEEDS / "004_610173e502cc293e.txt", SEEDS)
    assert rows(letter) == []
