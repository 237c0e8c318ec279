"""PDF: reading order, sections, tables, places on the page, and files that cannot be read."""

from __future__ import annotations

import re
import time
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from qa.corpus.pdf.reader import read_pdf
from qa.corpus.wire import pack, unpack
from qa.errors import CorpusError
from qa.schema import Block, Document
from tests.make_pdf import (
    Look,
    draw_picture,
    make_canvas,
    make_encrypted,
    make_paper,
    make_scan,
    make_sideways,
    make_table,
    split_note,
    table_rows,
)

NOTES = Path(__file__).resolve().parent.parent / "corpus" / "documents"
LOOKS = {
    "two columns, grid": Look(),
    "one column": Look(columns=1),
    "indented, tables without rules": Look(indent=True, ruled="none"),
    "ragged, three rules": Look(ruled="book", justify=False),
    "turned": Look(rotate=90),
    "numbered": Look(numbers=True, hyphens=False),
}
ROWS = [["Drug", "Dose"], ["Café 😀 β", "4 mg ≤ 2 weeks"], ["Zweitmittel", "8 mg"]]


@cache
def notes() -> tuple[str, ...]:
    if not NOTES.is_dir():
        pytest.skip("corpus/documents is not there")
    return tuple(path.read_text("utf-8") for path in sorted(NOTES.glob("*.md")))


@cache
def paper(look: str) -> tuple[Document, str]:
    data = make_paper(notes(), LOOKS[look])
    return read(data), look


def read(data: bytes, path: str = "papers/a-paper.pdf") -> Document:
    return read_pdf(data, doc_id="papers/a-paper", path=path)


def words(document: Document, block: Block) -> str:
    return document.slice(block.start, block.end)


def listing(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, words(document, block)) for block in document.blocks]


def cells(document: Document, block: Block) -> list[tuple[str, str]]:
    return [(cell.header, document.slice(cell.start, cell.end)) for cell in block.cells]


def plain(text: str) -> str:
    """Without hyphens: where a line ends in one nobody can always tell whether it belongs to the word."""
    return text.replace("-", "")


def check(document: Document) -> None:
    """Assert that each word box, cell and kept character leads back to where it stands."""
    taken: dict[int, str] = {}
    last = 0
    for piece in document.pieces:
        assert piece.start >= last
        assert not document.text[last : piece.start].strip()
        last = piece.end
        for at in range(piece.start, piece.end):
            origin = piece.origin + at - piece.start
            assert origin not in taken
            taken[origin] = document.text[at]
    for run in document.dropped:
        assert run.reason != "unread"
        for origin in range(run.origin, run.end):
            assert origin not in taken
            taken[origin] = ""
    assert document.line_starts == ()
    boxes = document.boxes
    assert all(a.end <= b.origin for a, b in pairwise(boxes))
    for word in boxes:
        assert all(origin in taken for origin in range(word.origin, word.end))
        assert word.box.left < word.box.right
        assert word.box.top < word.box.bottom
    end = 0
    for block in document.blocks:
        assert end <= block.start < block.end
        end = block.end
        assert words(document, block) == words(document, block).strip()
        for cell in block.cells:
            assert block.start <= cell.start <= cell.end <= block.end


@pytest.mark.parametrize("look", LOOKS)
def test_every_paragraph_heading_and_caption_of_the_notes_is_found_word_for_word(look: str) -> None:
    document, _ = paper(look)
    check(document)
    found = {plain(text) for _, text in listing(document)}
    numberless = {re.sub(r"^\d{1,2} ", "", text) for text in found}
    for note in notes():
        for kind, lines in split_note(note):
            if kind != "table":
                assert plain(lines[0].lstrip("# ")) in (numberless if kind == "heading" else found)


def test_a_page_of_which_one_column_is_empty_keeps_its_paragraphs_whole() -> None:
    """The last page of a short paper: beside its lines the page is empty, which is no room that they left."""
    broken = 0
    for note in notes():
        document = read(make_paper([note]))
        found = [words(document, block) for block in document.blocks if block.kind == "paragraph"]
        broken += sum(text.startswith("(") or text.endswith((" the", " of")) for text in found)
    assert broken == 0


@pytest.mark.parametrize("look", LOOKS)
def test_every_row_of_the_notes_tables_is_found_with_its_headers_and_caption(look: str) -> None:
    document, _ = paper(look)
    found = {(block.caption, tuple(cells(document, block))) for block in document.blocks if block.kind == "table_row"}
    bare = {row for _, row in found}
    assert not [block for block in document.blocks if block.kind == "table"]
    for note in notes():
        caption = ""
        for kind, lines in split_note(note):
            if kind == "caption":
                caption = lines[0]
            elif kind == "table":
                header, *rows = table_rows(lines)
                for row in rows:
                    want = tuple(zip(header, row, strict=True))
                    assert want in bare
                    assert any(row == want and plain(name) == plain(caption) for name, row in found)


@pytest.mark.parametrize("look", ["two columns, grid", "one column", "ragged, three rules"])
def test_sections_are_the_headings_above_by_their_size(look: str) -> None:
    document, _ = paper(look)
    found = {plain(words(document, b)): b.section for b in document.blocks if b.kind == "paragraph"}
    for i, note in enumerate(notes()):
        path: dict[int, str] = {}
        for kind, lines in split_note(note):
            if kind == "heading":
                level = len(lines[0]) - len(lines[0].lstrip("#"))
                path = {key: name for key, name in path.items() if key < level}
                if i or level > 1:
                    path[level] = lines[0].lstrip("# ")
            elif kind == "text":
                assert [plain(name) for name in found[plain(lines[0])]] == [plain(name) for name in path.values()]


def test_furniture_is_left_out_with_its_reason() -> None:
    document, _ = paper("two columns, grid")
    assert "Journal of Tests" not in document.text
    pages = len(document.page_starts)
    reasons = [run.reason for run in document.dropped]
    assert pages > 5
    assert reasons.count("page number") == pages
    assert reasons.count("running head") == pages - 1
    assert set(reasons) == {"page number", "running head", "line-end hyphen"}


def test_a_quote_has_its_page_and_its_rectangles() -> None:
    for look in ("two columns, grid", "turned"):
        document, _ = paper(look)
        quote = "ACTT-2, 28-day mortality was 5.1% with active"
        start = document.text.index(quote)
        boxes = document.boxes_of(start, start + len(quote))
        assert document.page(start) == 1
        assert {box.page for box in boxes} == {1}
        if look == "turned":
            assert all(0 <= box.left < box.right <= A4[1] and 0 <= box.top < box.bottom <= A4[0] for box in boxes)
            assert all(box.bottom - box.top > box.right - box.left for box in boxes)
        else:
            assert len(boxes) <= 2
            assert all(50 < box.left < box.right < A4[0] / 2 for box in boxes)
            assert all(abs(box.bottom - box.top - 9) < 1 for box in boxes)


def test_title_over_two_columns_is_the_title_and_not_in_the_path() -> None:
    document, _ = paper("two columns, grid")
    assert document.source.title == split_note(notes()[0])[0][1][0].lstrip("# ")
    assert document.blocks[0].kind == "heading"
    assert words(document, document.blocks[0]) == document.source.title
    assert document.blocks[0].section == ()


def test_source_from_the_first_page_and_the_information_of_the_file() -> None:
    front = ["Ann Ash and Bo Birch", "J Tests 2021; 3: 5. https://doi.org/10.1234/cafe.5"]
    source = read(
        make_paper([notes()[0]], front=front, author="Ann Ash, Bo Birch", info="Microsoft Word - a.docx")
    ).source
    assert source.title.startswith("ACTT-2 results")
    assert (source.authors, source.year, source.doi) == ("Ann Ash, Bo Birch", "2021", "10.1234/cafe.5")
    source = read(make_canvas(lambda canvas: canvas.drawString(60, 700, "Only one line here"))).source
    assert (source.title, source.year, source.doi, source.authors) == ("A paper", "", "", "")


def test_reference_marks_are_dropped_and_powers_kept() -> None:
    text = "It was seen early.<super>1,2</super> Counts of 10<super>5</super> per m<super>2</super> rose<super>3</super> late."
    note = "# A title of it all\n\n" + "Some words stand here before it all begins. " * 6
    document = read(make_paper([note], Look(columns=1, hyphens=False), back=[text] * 2))
    assert "It was seen early. Counts of 10⁵ per m² rose late." in document.text
    marks = [run.end - run.origin for run in document.dropped if run.reason == "reference mark"]
    assert marks == [3, 1] * 2


def test_the_reference_list_is_left_out_and_what_follows_is_kept() -> None:
    back = ["# References", "1. Ash A. On tests. J Tests 2020;1:2.", "2. Birch B. On more tests. 2021.", "# Appendix",
            "The appendix says more."]  # fmt: skip
    document = read(make_paper([notes()[1]], Look(columns=1), back=back))
    check(document)
    assert "Birch" not in document.text
    assert "References" not in document.text
    assert listing(document)[-2:] == [("heading", "Appendix"), ("paragraph", "The appendix says more.")]
    assert {run.reason for run in document.dropped} >= {"reference list"}


def test_list_items_lose_their_marks() -> None:
    note = "# A title of tests\n\n## Part one\n\nWords that stand before the list of items.\n\n- one café\n- two cafés 😀\n"
    document = read(make_paper([note], Look(columns=1)))
    assert [text for kind, text in listing(document) if kind == "list_item"] == ["one café", "two cafés 😀"]


def test_a_table_set_sideways_is_read_and_its_boxes_are_those_of_the_page_shown() -> None:
    document = read(make_sideways(ROWS, "Table 1. Doses of tests."))
    check(document)
    rows = [block for block in document.blocks if block.kind == "table_row"]
    assert [cells(document, row) for row in rows] == [list(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
    drug, dose = (document.boxes_of(cell.start, cell.end)[0] for cell in rows[0].cells)
    assert drug.right <= A4[0]
    assert dose.bottom < drug.top <= A4[1]
    assert drug.bottom - drug.top > drug.right - drug.left


def test_merged_cells_of_a_grid_are_repeated_and_two_header_rows_joined() -> None:
    rows = [["Drug", "Dose", ""], ["", "Adults", "Children"], ["Ash", "4 mg", "2 mg"], ["", "8 mg", "3 mg"]]
    spans = [("SPAN", (1, 0), (2, 0)), ("SPAN", (0, 0), (0, 1)), ("SPAN", (0, 2), (0, 3))]
    document = read(make_canvas(lambda canvas: draw_table(canvas, rows, "grid", spans, bold=2)))
    found = [cells(document, block) for block in document.blocks if block.kind == "table_row"]
    assert found == [
        [("Drug", "Ash"), ("Dose Adults", "4 mg"), ("Dose Children", "2 mg")],
        [("Drug", "Ash"), ("Dose Adults", "8 mg"), ("Dose Children", "3 mg")],
    ]


def draw_table(canvas: Canvas, rows: list[list[str]], ruled: str, spans: list[object], bold: int = 1) -> None:
    canvas.drawString(60, 760, "Table 1. Doses of tests.")
    table = make_table(rows, Look(columns=1, ruled=ruled), 400, spans)
    for row in table._cellvalues[1:bold]:
        for cell in row:
            assert isinstance(cell, Paragraph)
            for part in cell.frags:
                part.fontName = "TextBold"
    _, height = table.wrapOn(canvas, 400, 600)
    table.drawOn(canvas, 60, 750 - height)


def test_a_table_over_both_columns_stands_between_them() -> None:
    def draw(canvas: Canvas) -> None:
        for column, name in ((60, "left"), (310, "right")):
            for part, top in (("upper", 780), ("lower", 400)):
                for i in range(12):
                    words = f"{name} {part} {i} with many words that fill a line."
                    canvas.drawString(column, top - 12 * i, words)
        canvas.drawString(
            60, 610, "Table 1. A caption that goes right over both of the columns of this page, as wide as they."
        )
        table = make_table(
            [["Drug", "Dose", "Time"], ["Ash", "4 mg", "1 day"], ["Birch", "5 mg", "2 days"]], Look(), 480
        )
        _, height = table.wrapOn(canvas, 480, 200)
        table.drawOn(canvas, 60, 600 - height)
        canvas.setStrokeColor(colors.black)

    document = read(make_canvas(draw))
    text = document.text
    places = [
        text.index(part)
        for part in ("left upper 11", "right upper 0", "Table 1.", "| Birch", "left lower 11", "right lower 0")
    ]
    assert places == sorted(places)
    assert sum(block.kind == "table_row" for block in document.blocks) == 2


def test_a_table_on_two_pages_keeps_its_caption_and_one_header() -> None:
    rows = "\n".join(f"| Drug{i} | {i} mg | for {i} days |" for i in range(90))
    note = f"# A title of tests\n\n## Doses\n\nSome words.\n\nTable 1. Doses.\n\n| Drug | Dose | Time |\n|---|---|---|\n{rows}\n"
    document = read(make_paper([note], Look(columns=1)))
    check(document)
    found = [block for block in document.blocks if block.kind == "table_row"]
    assert len(found) == 90
    assert len({block.page for block in found}) == 2
    assert {block.caption for block in found} == {"Table 1. Doses."}
    assert {run.reason for run in document.dropped} >= {"repeated header"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is not a PDF file"),
        (b"%PDF-1.7\n" + b"\0" * 500, "is not a PDF file"),
        (b"PK\3\4 not one", "is not a PDF file"),
    ],
)
def test_what_is_no_pdf_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(CorpusError, match=reason):
        read(data)


def test_what_has_no_text_or_cannot_be_opened_is_refused_by_name() -> None:
    with pytest.raises(CorpusError, match=r"^papers/a-paper\.pdf: has no text layer: run OCR first"):
        read(make_scan())
    with pytest.raises(CorpusError, match="is encrypted"):
        read(make_encrypted([notes()[0]]))
    with pytest.raises(CorpusError, match="no text layer"):
        read(make_canvas(lambda canvas: None))


def test_pages_that_are_pictures_are_told_from_those_with_text_and_empty_ones() -> None:
    def text(canvas: Canvas) -> None:
        draw_picture(canvas)
        canvas.drawString(60, 700, "The dose at the Café was 4 mg.")

    def framed(canvas: Canvas) -> None:
        canvas.beginForm("scan")
        draw_picture(canvas)
        canvas.endForm()
        canvas.doForm("scan")

    document = read(make_canvas(text, draw_picture, lambda canvas: None, framed, text))
    check(document)
    assert document.scanned_pages == (2, 4)
    assert document.text.count("4 mg") == 2
    assert unpack(pack(document)) == document


def test_a_cut_or_damaged_file_is_read_or_refused() -> None:
    data = make_paper(notes()[:2])
    for size in range(0, len(data), len(data) // 25):
        for broken in (data[:size], data[:size] + b"\xff" * 40 + data[size + 40 :]):
            try:
                check(read(broken))
            except CorpusError as error:
                assert str(error).startswith("papers/a-paper.pdf: ")


def test_a_file_of_too_many_pages_is_refused() -> None:
    canvas = make_canvas(*[lambda canvas: canvas.drawString(60, 700, "x")] * 2001)
    with pytest.raises(CorpusError, match="more than 2000 pages"):
        read(canvas)


def test_pages_are_read_fast() -> None:
    data = make_paper(notes())
    start = time.process_time()
    pages = len(read(data).page_starts)
    assert pages / (time.process_time() - start) > 10


def test_a_title_that_is_no_text_is_passed_over() -> None:
    data = make_canvas(lambda canvas: canvas.drawString(72, 700, "The dose is 4 mg."))
    found = re.search(rb"/Title \([^)]*\)", data)
    assert found
    size = len(found.group()) - len(b"/Title <feffd800>")
    document = read(data.replace(found.group(), b"/Title <feffd800>" + b" " * size))
    assert document.text == "The dose is 4 mg."
    assert document.source.title == "A paper"
