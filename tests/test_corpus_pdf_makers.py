"""PDF as other makers set it: numbers beside lines, glyphs without names, rules between rows, labels in figures."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from qa.schema import Document
from tests.make_pdf import draw_lines, make_bitmap_font, make_canvas
from tests.test_corpus_pdf import cells, check, listing, read

FULL = "The words of this line fill the column from its left edge to the right"
PROSE = [
    f"{FULL} {word}" for word in ("once", "twice", "then", "where", "there", "soon", "here", "late", "well", "far")
]
TABLE = [["Ash", "8.1%", "100 (13.1%)"], ["Birch", "2.7%", "19 (2.5%)"], ["Cedar", "5.0%", "7 (0.9%)"]]
AT = (60, 160, 220)


def rows(document: Document) -> list[list[tuple[str, str]]]:
    return [cells(document, block) for block in document.blocks if block.kind == "table_row"]


def rule(canvas: Canvas, y: float, left: float = 58, right: float = 300) -> None:
    canvas.line(left, y, right, y)


def draw_row(canvas: Canvas, y: float, words: Sequence[str], at: Sequence[float] = AT) -> None:
    for x, word in zip(at, words, strict=True):
        canvas.drawString(x, y, word)


def test_ligatures_that_a_file_gives_as_control_characters_are_letters() -> None:
    lines = [b"A con\x1crmed e\x1bect of 0.41\x150.78 was su\x1ecient in the \x1caw", b"of these o\x1eces."]
    document = read(make_bitmap_font(lines))
    check(document)
    assert document.text == "A confirmed effect of 0.41–0.78 was sufficient in the fiaw of these offices."
    older = read(make_bitmap_font([b"A con\x0crmed e\x0bect was su\x0ecient in it."]))
    assert older.text == "A confirmed effect was sufficient in it."


def test_numbers_of_lines_are_left_out_also_where_a_page_has_few() -> None:
    def page(first: int, lines: Sequence[str]) -> object:
        def draw(canvas: Canvas) -> None:
            draw_lines(canvas, 80, 760, lines)
            canvas.setFont("Text", 6)
            for i in range(len(lines)):
                canvas.drawRightString(66, 760 - 12 * i, str(first + i))

        return draw

    document = read(make_canvas(page(1, [*PROSE, *PROSE]), page(21, PROSE[:4])))  # type: ignore[arg-type]
    check(document)
    assert not any(char.isdigit() for char in document.text)
    assert [run.reason for run in document.dropped] == ["line number"] * 24


def test_the_numbered_rows_of_a_table_keep_their_numbers() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 760, "Table 1. Doses of tests.")
        for i in range(14):
            y = 740 - 14 * i
            draw_row(canvas, y, [str(i) if i else "No.", f"Drug {i}", f"{i} mg", f"{i} days"], (60, 120, 220, 320))

    found = rows(read(make_canvas(draw)))
    assert [row[0][1] for row in found] == [str(i) for i in range(1, 14)]


def test_a_power_is_written_raised_and_marks_before_a_word_are_left_out() -> None:
    def draw(canvas: Canvas) -> None:
        y = draw_lines(canvas, 60, 760, PROSE[:3])
        text = canvas.beginText(60, y)
        for words, size, rise in (
            ("Platelets below 50 × 10", 10, 0), ("9", 6.5, 4), ("/L and 10", 10, 0), ("-3", 6.5, 4), (" were seen.", 10, 0),
        ):  # fmt: skip
            text.setFont("Text", size)
            text.setRise(rise)
            text.textOut(words)
        canvas.drawText(text)
        canvas.setFont("Text", 6)
        canvas.drawString(60, y - 38, "a")
        canvas.setFont("Text", 10)
        canvas.drawString(65, y - 42, "Institute of Tests, Café Road.")

    for rotated in (0, 90):
        document = read(make_canvas(draw, size=A4[::-1] if rotated else A4, rotate=rotated))
        check(document)
        assert "Platelets below 50 × 10⁹/L and 10⁻³ were seen." in document.text
        assert document.text.endswith("Institute of Tests, Café Road.")
        assert [run.reason for run in document.dropped] == ["reference mark"]


def test_an_accent_drawn_over_a_letter_is_one_with_it() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 760, "Streitberg and R")
        x = 60 + canvas.stringWidth("Streitberg and R")
        canvas.drawString(x, 760, "¨")
        canvas.drawString(x, 760, "ohmel wrote it.")

    assert read(make_canvas(draw)).text == "Streitberg and Röhmel wrote it."


def test_rows_close_together_between_three_rules_stay_apart() -> None:
    """A header of two lines, of which one covers two columns, and a rule below it that sets its rows further apart."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 760, "Table 1. Outcomes of tests.")
        rule(canvas, 750)
        canvas.drawString(180, 740, "Patients at day 28")
        rule(canvas, 736, 155, 300)
        draw_row(canvas, 724, ["Drug", "Active", "Control"])
        rule(canvas, 718)
        for i, row in enumerate(TABLE):
            draw_row(canvas, 706 - 11 * i, row)
        rule(canvas, 678)

    document = read(make_canvas(draw))
    check(document)
    heads = ["Drug", "Patients at day 28 Active", "Patients at day 28 Control"]
    assert rows(document) == [list(zip(heads, row, strict=True)) for row in TABLE]


def test_groups_of_rows_set_apart_are_not_taken_for_rows() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 760, "Table 1. Outcomes of tests.")
        rule(canvas, 750)
        draw_row(canvas, 738, ["Drug", "Active", "Control"])
        rule(canvas, 732)
        for i, row in enumerate([*TABLE, *TABLE]):
            draw_row(canvas, 720 - 11 * i - 8 * (i // 3), row)
        rule(canvas, 640)

    assert [[text for _, text in row] for row in rows(read(make_canvas(draw)))] == [*TABLE, *TABLE]


def test_rules_between_rows_keep_cells_of_several_lines_together() -> None:
    """Figures stand at half height beside a cell of two lines, and the header above the first rule."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 760, "Table 1. Outcomes of tests.")
        canvas.setFont("TextBold", 10)
        draw_row(canvas, 744, ["Outcome", "Active", "Control"])
        canvas.setFont("Text", 10)
        rule(canvas, 738)
        draw_row(canvas, 724, ["Death", "8.1%", "13.1%"])
        rule(canvas, 718)
        canvas.drawString(60, 706, "Any grave event")
        canvas.drawString(60, 694, "of whatever kind")
        canvas.drawString(160, 700, "2.7%")
        canvas.drawString(220, 700, "2.5%")
        rule(canvas, 688)
        draw_row(canvas, 676, ["Harm", "5.0%", "0.9%"])
        rule(canvas, 670)

    heads = ["Outcome", "Active", "Control"]
    want = [["Death", "8.1%", "13.1%"], ["Any grave event of whatever kind", "2.7%", "2.5%"], ["Harm", "5.0%", "0.9%"]]
    assert rows(read(make_canvas(draw))) == [list(zip(heads, row, strict=True)) for row in want]


def test_a_heading_below_two_columns_belongs_to_the_full_lines_right_below_it() -> None:
    def draw(canvas: Canvas) -> None:
        for x, name in ((60, "left"), (310, "right")):
            draw_lines(canvas, x, 780, [f"{name} line {i} with many words that fill a line." for i in range(12)])
        y = draw_lines(canvas, 60, 620, ["# Café in full"])
        draw_lines(canvas, 60, y - 8, [f"{FULL} {word}" for word in ("of it.", "and on.", "again.", "to its end.")])

    document = read(make_canvas(draw))
    check(document)
    texts = [text for _, text in listing(document)]
    assert ("heading", "Café in full") in listing(document)
    columns, below = " ".join(texts[: texts.index("Café in full")]), texts[texts.index("Café in full") + 1]
    assert columns.index("left line 11") < columns.index("right line 0") < columns.index("right line 11")
    assert below.startswith(FULL)
    assert [block.section for block in document.blocks][-1] == ("Café in full",)


def test_numbered_headings_are_headings_and_not_below_the_abstract() -> None:
    def draw(canvas: Canvas) -> None:
        y = draw_lines(canvas, 60, 780, ["# Abstract", *PROSE[:3]])
        y = draw_lines(canvas, 60, y - 8, ["# 1. Doses of it", *PROSE[3:6]])
        draw_lines(canvas, 60, y - 8, ["# 1.1. Café", *PROSE[6:8]])

    document = read(make_canvas(draw))
    assert [(block.kind, block.section) for block in document.blocks if block.kind == "paragraph"] == [
        ("paragraph", ("Abstract",)),
        ("paragraph", ("1. Doses of it",)),
        ("paragraph", ("1. Doses of it", "1.1. Café")),
    ]


def test_a_number_inside_a_line_makes_no_heading() -> None:
    def draw(canvas: Canvas) -> None:
        y = draw_lines(canvas, 60, 780, [*PROSE[:3], "and to its end."])
        draw_lines(canvas, 60, draw_lines(canvas, 60, y - 20, ["CAFÉTYPE1 { }"]) - 20, PROSE[3:6])

    assert ("paragraph", "CAFÉTYPE1 { }") in listing(read(make_canvas(draw)))


def test_roman_numbers_and_letters_make_headings() -> None:
    def draw(canvas: Canvas) -> None:
        y = draw_lines(canvas, 60, 780, ["I. INTRODUCTION", *PROSE[:3]])
        y = draw_lines(canvas, 60, y - 8, ["II. METHODS"])
        y = draw_lines(canvas, 60, y - 8, ["A. Study design", *PROSE[3:6]])
        draw_lines(canvas, 60, y - 8, ["B. Patients", *PROSE[6:9]])

    document = read(make_canvas(draw))
    found = [block.section for block in document.blocks if block.kind == "paragraph"]
    assert found == [("I. INTRODUCTION",), ("II. METHODS", "A. Study design"), ("II. METHODS", "B. Patients")]


def test_the_words_of_a_figure_do_not_stand_inside_a_sentence() -> None:
    def draw(canvas: Canvas) -> None:
        y = draw_lines(canvas, 60, 780, PROSE[:5])
        draw_lines(canvas, 160, y - 20, ["Deaths", "– – –", "Days"], step=30)
        y = draw_lines(canvas, 60, y - 110, ["Figure 1. Deaths by day in both of the groups of it."])
        draw_lines(canvas, 60, y - 30, ["and goes on below the figure to its end. " + FULL[:30], *PROSE[5:8]])

    document = read(make_canvas(draw))
    check(document)
    kinds = listing(document)
    assert "once The words" in document.text
    assert any("far" not in text and text.startswith("The words") and "and goes on below" in text for _, text in kinds)
    assert ("paragraph", "Deaths Days") in kinds
    assert [run.reason for run in document.dropped] == ["drawing"]


def test_a_table_among_the_references_keeps_its_caption() -> None:
    def draw(canvas: Canvas) -> None:
        y = draw_lines(canvas, 60, 780, [*PROSE[:4]])
        y = draw_lines(
            canvas, 60, y - 8, ["# References", "[1] Ash A. On tests. 2020;1:2.", "[2] Birch B. More. 2021."]
        )
        canvas.drawString(60, y - 20, "Table 1. Outcomes of tests.")
        for i, row in enumerate([["Drug", "Active", "Control"], *TABLE]):
            draw_row(canvas, y - 36 - 14 * i, row)

    document = read(make_canvas(draw))
    assert {block.caption for block in document.blocks if block.kind == "table_row"} == {"Table 1. Outcomes of tests."}
    assert "Birch B." not in document.text


def test_contents_and_page_numbers_far_from_the_edge_are_left_out() -> None:
    def page(number: int) -> object:
        def draw(canvas: Canvas) -> None:
            y = 780.0
            if number == 1:
                y = draw_lines(canvas, 60, y, ["# Contents", "# 1 Doses 2", "1.1 Café 3", "# 2 Harms 4"]) - 20
            draw_lines(canvas, 60, y, [*PROSE[:6]])
            canvas.drawString(300, 180, str(number))

        return draw

    document = read(make_canvas(*[page(number) for number in (1, 2, 3)]))  # type: ignore[arg-type]
    assert not any(char.isdigit() for char in document.text)
    assert [run.reason for run in document.dropped if run.reason == "page number"] == ["page number"] * 3


def test_the_size_of_letters_is_that_of_the_font_also_where_it_says_nothing_of_its_height() -> None:
    """Else each word is as high as its ink, and a line of words like "appropriate" is a heading."""
    lines = [
        "These are some vows on an even row as no more can amuse us now",
        "pppyygg ggppyy jjjqqqy yyggppj gqpyj jyqgp ppgg",
    ]

    def draw(canvas: Canvas) -> None:
        draw_lines(canvas, 60, 760, [*PROSE[:3], *lines, *PROSE[4:]])

    def mute(match: re.Match[bytes]) -> bytes:
        return match.group(1) + b"0" * len(match.group(2))

    data = re.sub(rb"(/(?:A|De)scent )(-?\d+)", mute, make_canvas(draw))
    assert b"scent 000" in data
    document = read(data)
    check(document)
    assert {block.kind for block in document.blocks} == {"paragraph"}
    start = document.text.index("These")
    boxes = document.boxes_of(start, len(document.text))
    assert all(abs(box.bottom - box.top - 10) < 0.5 for box in boxes)
