"""Tables in plain text whose rows stand on a line each."""

from __future__ import annotations

import pytest
from test_corpus_invariants import check

from qa.chunking import chunk
from qa.corpus.plaintext import read_plaintext
from qa.schema import Document

ROWS = [["Drug", "Dose", "Days"], ["Tealine", "4 mg", "14"], ["Café 😀", "≥ 2 mg", "7"], ["Milkol", "1 mg, 2 mg", "21"]]
BARS = "\n".join(["| " + " | ".join(row) + " |" for row in ROWS])
RULED = BARS.replace("Days |\n", "Days |\n|---|:---|---|\n")


def read(text: str) -> Document:
    document = read_plaintext(text, doc_id="d", path="d.txt")
    check(document, text)
    return document


def rows(document: Document) -> list[list[str]]:
    found = [block for block in document.blocks if block.kind == "table_row"]
    return [[document.slice(cell.start, cell.end) for cell in block.cells] for block in found]


@pytest.mark.parametrize("gap", ["   ", "\t", "  |  "])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("caption", ["Table 1. Doses of drugs.\n\n", ""])
def test_each_line_is_a_row_with_headers(gap: str, between: str, caption: str) -> None:
    table = between.join(gap.join(row) for row in ROWS)
    document = read(f"Some words before it.\n\n{caption}{table}\n\nAnd a sentence that comes after the table.\n")
    assert rows(document) == ROWS[1:]
    blocks = [block for block in document.blocks if block.kind == "table_row"]
    assert {tuple(cell.header for cell in block.cells) for block in blocks} == {tuple(ROWS[0])}
    assert {block.caption for block in blocks} == {caption.strip()}
    assert document.text.endswith("And a sentence that comes after the table.")


@pytest.mark.parametrize("table", [BARS, RULED])
def test_bars_at_both_ends_stay_in_the_row_and_rules_go(table: str) -> None:
    document = read(f"Table 2. Doses.\n{table}\n")
    assert rows(document) == ROWS[1:]
    assert "| Tealine | 4 mg | 14 |" in document.text
    assert "---" not in document.text


def test_an_empty_cell_between_bars_keeps_its_place() -> None:
    document = read("Table 3. Doses.\n| Drug | Dose | Days |\n| Tealine |  | 14 |\n| Milkol | 1 mg | 2 |\n")
    assert rows(document) == [["Tealine", "", "14"], ["Milkol", "1 mg", "2"]]


def test_a_table_without_a_header_has_none() -> None:
    document = read("Table 4. Doses.\n\nTealine\t4 mg\nMilkol\t1 mg\nSodax\t3 mg\n")
    assert rows(document) == [["Tealine", "4 mg"], ["Milkol", "1 mg"], ["Sodax", "3 mg"]]


@pytest.mark.parametrize(
    "text",
    [
        "One  wide  gap.\nAnother  wide  gap.\nA third  wide  gap.\nA fourth  wide  gap.\n",
        "left  right\nonly  two  of\nthese  match\n",
        "a  b  c\nd  e  f\n",
        "no gap at all\nin these lines\nof plain words\n",
        "P(A|B) is what it is\nand P(B|A) is another\nand so on it goes\n",
    ],
)
def test_running_text_with_wide_blanks_is_no_table(text: str) -> None:
    assert rows(read(text)) == []


def test_rows_of_another_width_end_the_table() -> None:
    lines = ["  ".join(row) for row in ROWS]
    document = read("\n".join([*lines, "Tealine  4 mg", "Sodax  3 mg"]) + "\n")
    assert rows(document) == ROWS[1:]


GROUPED = [
    ("Drug|Dose|Days", ""),
    ("JAK inhibitors", None),
    ("Tealine|4 mg|14", "JAK inhibitors"),
    ("Café 😀|2 mg|7", "JAK inhibitors"),
    ("Phase 3:", None),
    ("Milkol|1 mg|21", "Phase 3"),
]


@pytest.mark.parametrize("gap", ["   ", "\t", "bars"])
@pytest.mark.parametrize("caption", ["Table 1. Doses of drugs.\n\n", ""])
def test_the_name_of_a_group_is_indexed_with_each_of_its_rows(gap: str, caption: str) -> None:
    lines = [line for line, _ in GROUPED]
    if gap == "bars":
        lines = ["| " + line.rstrip(":").replace("|", " | ") + (" |" if "|" in line else " | | |") for line in lines]
    else:
        lines = [line.replace("|", gap) for line in lines]
    document = read(f"Some words before it.\n\n{caption}" + "\n".join(lines) + "\n\nAnd a sentence after it.\n")
    blocks = [block for block in document.blocks if block.kind == "table_row"]
    wanted = [(line.split("|"), group) for line, group in GROUPED[1:] if group is not None]
    assert list(zip(rows(document), [block.group for block in blocks], strict=True)) == wanted
    passages = [passage for passage in chunk(document, lambda text: len(text.split())) if passage.kind == "table_row"]
    for passage, (cells, group) in zip(passages, wanted, strict=True):
        assert f"{group}; Drug: {cells[0]}; Dose: {cells[1]}" in passage.index_text
        assert group not in passage.text


def test_an_empty_first_cell_means_the_one_above() -> None:
    document = read("| Drug | Dose | Days |\n| Tealine | 4 mg | 14 |\n| | 2 mg | 7 |\n| Milkol | 1 mg | 2 |\n")
    assert [block.group for block in document.blocks if block.kind == "table_row"] == ["", "Tealine", ""]


@pytest.mark.parametrize(
    "line", ["Results", "Table 2. More doses", "It was taken daily.", "and in others", "2.1 Other doses"]
)
def test_what_is_no_name_of_rows_ends_the_table(line: str) -> None:
    first, second = "\n".join("   ".join(row) for row in ROWS), "\n".join("   ".join(row) for row in ROWS[1:])
    document = read(f"Some words before it.\n\n{first}\n{line}\n{second}\n")
    assert rows(document)[:3] == ROWS[1:]
    assert {block.group for block in document.blocks} == {""}
