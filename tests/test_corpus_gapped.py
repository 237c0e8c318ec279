"""Tables in plain text whose rows stand on a line each."""

from __future__ import annotations

import pytest
from test_corpus_invariants import check

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
