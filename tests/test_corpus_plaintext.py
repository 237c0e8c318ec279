"""Plain text as PDF tools leave it: each rule once, with a case that it must leave alone, then the real articles."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from qa.corpus import read_document
from qa.corpus.plaintext import read_plaintext
from qa.schema import Block, Document

SEEDS = Path(os.environ.get("VERBATIM_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "seeds"

LEAD = "The café 😀 on the corner of the old market opens at\nnine and shuts when the last guest has gone home for\n"


def read(text: str) -> Document:
    return read_plaintext(text, doc_id="x", path="sub/some_old-paper.txt")


def listing(document: Document, *kinds: str) -> list[str]:
    return [document.slice(b.start, b.end) for b in document.blocks if not kinds or b.kind in kinds]


def block_with(document: Document, words: str) -> Block:
    at = document.text.index(words)
    return next(block for block in document.blocks if block.start <= at < block.end)


def reasons(document: Document, reason: str, file: str) -> list[str]:
    return [file[run.origin : run.end] for run in document.dropped if run.reason == reason]


def doubled(text: str) -> str:
    return text.replace("\n", " \n\n")


# Lines and paragraphs


def test_soft_line_breaks_become_one_space() -> None:
    document = read(f"{LEAD}the night.\n\nA second paragraph of\n  words   begins.\n")
    assert listing(document) == [
        " ".join(f"{LEAD}the night.".split()),
        "A second paragraph of words begins.",
    ]


def test_a_sentence_goes_on_across_an_empty_line_but_a_finished_one_does_not() -> None:
    assert "gone home for the night of" in read(f"{LEAD}\nthe night of June.\n").text
    assert "than 12 of 14 guests" in read(f"{LEAD}more than 12 of\n\n14 guests who came in the morning.\n").text
    assert len(read(f"{LEAD}the night.\n\nthe next one is lower case.\n").blocks) == 2


def test_a_short_last_line_ends_a_paragraph_without_an_empty_line() -> None:
    document = read(
        f"{LEAD}the night.\nThe next day the baker comes in before it is light and\nbakes. {LEAD}the night.\n"
    )
    assert len(document.blocks) == 2
    assert document.text.count("\n\n") == 1


def test_doubled_line_spacing_is_undone() -> None:
    text = doubled(
        f"{LEAD}the night. Guests of the house may stay longer than\nothers do, since they have the keys to the\n"
        f"garden. {LEAD}the weekend.\n",
    )
    document = read(f"{text}\n\nAnother paragraph begins here and it has a good many\n\nwords in two lines.\n")
    assert len(document.blocks) == 2
    assert "longer than others do, since they have the keys to the garden. The café" in document.text
    assert document.line(document.text.index("others")) == 7


def test_paragraph_per_line_files_keep_their_paragraphs() -> None:
    long = "The café opens at nine and shuts when the last guest has gone. " * 12
    document = read(f"{long}\n\n{long}\n{long}\n\n{long}")
    assert len(document.blocks) == 4


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("has con-\ntinued", "has continued"),
        ("has con-\n\ntinued", "has continued"),
        ("an anti-\ninflammatory", "an anti-inflammatory"),
        ("a risk-\nmitigation", "a risk-mitigation"),
        ("a dose of 0.3-\n\n0.7 mg", "a dose of 0.3-0.7 mg"),
        ("a dose of 3–\n7 mg", "a dose of 3–7 mg"),
        ("the SARS-\nCoV virus", "the SARS-CoV virus"),
        ("the COVID-\n19 ward", "the COVID-19 ward"),
        ("a pre- \nand post-test", "a pre- and post-test"),
        ("a soft\u00ad\nened word", "a softened word"),
        ("renal/\nhepatic", "renal/hepatic"),
        ("it is open -\nor so", "it is open - or so"),
        ("the café (\nold) is", "the café (old) is"),
    ],
)
def test_words_broken_at_a_line_end_are_mended(broken: str, mended: str) -> None:
    document = read(
        f"{LEAD}the night, where the risk is small and no mitigation is tried, {broken} here until it ends.\n"
    )
    assert mended in document.text


def test_the_document_itself_tells_how_a_word_is_written() -> None:
    text = f"{LEAD}the night and a follow-up of pronouns was done, {{}} and it ended there.\n"
    assert "a follow-up was" in read(text.format("a follow-\nup was")).text
    assert "pronouns were" in read(text.format("pro-\nnouns were")).text
    assert "a selfish one" in read(text.format("selfish ones, a self-\nish one")).text
    assert "a programme was" in read(text.format("a pro-\ngramme was")).text


# Reference numbers


RAISED = (
    "Guests come from near and far to see the old house.1 Some\n"
    "of them stay for a week in spring”2 and others for the\n"
    "rest of the year.3 The house (built in 1820).4 It has many\nrooms in the attic5 and more below.{}\n"
)


def test_raised_reference_numbers_are_dropped() -> None:
    file = RAISED.format(" On COVID-19.6 And there")
    document = read(file)
    assert document.text.startswith("Guests come from near and far to see the old house. Some of them")
    assert "spring” and others" in document.text
    assert "1820). It has" in document.text
    assert "attic and more" in document.text
    assert "COVID-19. And" in document.text
    assert reasons(document, "reference mark", file) == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize(
    "words",
    [
        "COVID-19 was",
        "IL-6 and JAK1",
        "stage 3",
        "CD4 or H1N1",
        "SARS-CoV-2.",
        "0.12, 95% CI",
        "P < .001)",
        "ACTT-4",
        "AP2",
        "phase3 of",
        "table2 is",
        "pH 7.4.",
        "dose.900 There",
        "500/mm3 of",
        "version 1.2 Now",
        "in 2019.",
        "of 5,6 mg",
    ],
)
def test_figures_are_no_reference_numbers(words: str) -> None:
    assert words in read(RAISED.format(f" Then {words} ended")).text


def test_a_file_without_raised_numbers_keeps_all_of_them() -> None:
    text = "The filter of sample4 was changed. It was of type.2 So it went on for a while until the end of day.\n"
    assert "sample4" in read(text).text
    assert "type.2 So" in read(text).text


def test_a_reference_number_alone_on_a_line_does_not_cut_the_sentence() -> None:
    file = (
        doubled(f"{LEAD * 4}guests with pets\n")
        + "1\n in \n\n"
        + doubled("summer, of whom some stay in the open air\n")
    )
    file += "5,6\n\n) and others go into the house where it is\n\nwarm and dry\n14\n\n"
    file += ". Extrapolating from this is\n\nhard.\n"
    document = read(file)
    assert "guests with pets in summer, of whom" in document.text
    assert "in the open air) and others" in document.text
    assert "warm and dry. Extrapolating" in document.text
    assert reasons(document, "reference mark", file) == ["1", "5,6", "14"]


def test_a_number_that_the_sentence_needs_is_kept() -> None:
    assert "dose is 4 mg per day" in read(f"{LEAD}the night, and the dose is\n4\nmg per day.\n").text
    assert "a group of 12 guests" in read(f"{LEAD}the night, with a group of\n12\nguests in it.\n").text


# Page furniture


def test_page_numbers_are_dropped_between_the_halves_of_a_sentence() -> None:
    file = f"{LEAD}the night and forms\n2\n\nthe basis of what {LEAD}more\n4\n\nreasons than one.\n"
    document = read(file)
    assert "and forms the basis of" in document.text
    assert "more reasons than one." in document.text
    assert reasons(document, "page number", file) == ["2", "4"]


def test_lines_of_the_page_are_dropped_but_not_out_of_sentences() -> None:
    file = (
        f"{LEAD}the night.\ndoi:10.1234/abc.5\n\nPage 3 of 9\n\n"
        "See doi:10.1234/abc.5 for page 3 of 9 there.\n\nOr see page 3\n"
    )
    document = read(file)
    assert reasons(document, "page furniture", file) == ["doi:10.1234/abc.5", "Page 3 of 9"]
    assert "See doi:10.1234/abc.5 for page 3 of 9 there." in document.text
    assert document.text.endswith("Or see page 3")
    assert document.source.doi == "10.1234/abc.5"


def test_running_heads_are_dropped_and_pages_counted() -> None:
    pages = [f"Journal of Cafés 2021\n{LEAD}the part {word} of\n" for word in ("one", "two", "three")]
    file = "\f".join([*pages, "the end.\n"])
    document = read(file)
    assert "part one of The café" not in document.text or "Journal" not in document.text
    assert reasons(document, "running head", file) == ["Journal of Cafés 2021"] * 3
    assert document.page_starts[0] == 0
    assert document.page(document.text.index("part two")) == 2
    assert block_with(document, "part one").page == 1
    assert "Journal of Cafés 2021" in read(file.replace("\f", "")).text


# What interrupts a sentence


def test_a_table_in_the_middle_of_a_sentence_is_moved_behind_it() -> None:
    file = (
        f"{LEAD}the night. The usual price for adults is 4\n TABLE 2\nPrices of the café\n(2020)\nDrink\n\n"
        f"Small\n\nLarge\n\n"
        "Tea\nCoffee\n\n1\n2\n\n3\n4\nSource: the menu\n\neuros per cup for 14 days with a rebate for old\nguests.\n"
    )
    document = read(file)
    assert "The usual price for adults is 4 euros per cup for 14 days with a rebate" in document.text
    assert [block.kind for block in document.blocks] == [
        "paragraph",
        "caption",
        "table",
        *["table_row"] * 2,
        "paragraph",
    ]
    caption, table, tea, coffee, source = listing(document)[1:]
    assert caption == "TABLE 2 Prices of the café (2020)"
    assert (table, tea, coffee) == ("Drink\nSmall\nLarge", "Tea\t1\t3", "Coffee\t2\t4")
    assert source == "Source: the menu"
    assert document.blocks[2].caption == caption
    assert document.line(document.text.index("euros")) == 23


def test_a_figure_caption_and_a_stray_line_are_moved_behind_the_sentence() -> None:
    document = read(
        f"{LEAD}the night with all of the guests\n Figure 1. A plan of the café 😀.\n\n(from March to May) who came in "
        "the morning and are growing\n\nPrices and hours\n\nrapidly in number for reasons that nobody here can name.\n",
    )
    assert "all of the guests (from March to May) who" in document.text
    assert "are growing rapidly in number" in document.text
    assert listing(document)[1:] == ["Figure 1. A plan of the café 😀.", "Prices and hours"]
    assert document.blocks[1].kind == "caption"


def test_a_notice_that_interrupts_a_sentence_is_moved_behind_it() -> None:
    document = read(
        f"{LEAD}the night with all of the\n\nThis notice was put into a box by the printers of the page,\n"
        f"and it is complete.\n\nguests of the house. {LEAD}it.\n",
    )
    assert "all of the guests of the house" in document.text
    assert listing(document)[1].startswith("This notice was put")


def test_a_mention_of_a_table_in_running_text_is_no_caption() -> None:
    for text in [
        "mostly positive.\nTable 2 is a list of guests",
        "see\nTable 2. Patients came",
        "as in\nFigure\n1 represents it",
    ]:
        document = read(f"{LEAD}the night, {text} and of what they ate.\n")
        assert not [block for block in document.blocks if block.kind == "caption"]


# Headings


HEADED = "{}\nThe café on the corner of the old market opens at nine\nand shuts late.\n\n"


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ("■ OPENING HOURS", ("OPENING HOURS",)),
        ("■ THE LONG STORY OF THE OLD-TOWN\nCAFÉ IN COVID-19", ("THE LONG STORY OF THE OLD-TOWN CAFÉ IN COVID-19",)),
        ("MATERIALS AND METHODS", ("MATERIALS AND METHODS",)),
        ("Methods", ("Methods",)),
        ("Discussion:", ("Discussion",)),
        ("2. Opening hours", ("2. Opening hours",)),
        ("Prices of tea in winter\n", ("Prices of tea in winter",)),
    ],
)
def test_headings_are_recognised(lines: str, path: tuple[str, ...]) -> None:
    document = read(HEADED.format("Abstract") + HEADED.format(lines))
    block = document.blocks[-1]
    last = path if path[0] != "Prices of tea in winter" else ("Abstract", *path)
    assert block.section == last
    assert block.kind == "paragraph"
    assert "■" not in document.text


def test_numbered_lines_in_a_row_are_no_headings() -> None:
    assert not listing(read(f"{LEAD}the night.\n\n1 Tea\n\n2 Coffee\n\n3 Milk\n\n{LEAD}the day.\n"), "heading")


def test_numbered_headings_nest() -> None:
    document = read(HEADED.format("2 Methods") + HEADED.format("2.1 Guests of the house") + HEADED.format("3 Results"))
    sections = [block.section for block in document.blocks if block.kind == "paragraph"]
    assert sections == [("2 Methods",), ("2 Methods", "2.1 Guests of the house"), ("3 Results",)]


@pytest.mark.parametrize(
    "line", ["JAK1, TYK2", "IL-6", "NCT04340232", "14 guests came", "7.8 percent of it", "Methods vary."]
)
def test_other_lines_are_no_headings(line: str) -> None:
    document = read(f"{LEAD}the night and of\n{line}\nand more of them.\n")
    assert not listing(document, "heading")


# Tables


def test_nothing_is_dropped_from_a_flattened_table() -> None:
    file = (
        f"{LEAD}the night.\n\nTable 1. Cafés and what they serve\n\nName\n\nCups\n\nCafé\nA\n\n3\n\n12\n\n"
        f"5,6\n\nnon- milk\n\n"
        f"NCT04340232\n\nendocytosis5\n\nTea = a drink; Cup = a vessel; Café = a house\nthat serves it\n\n"
        f"■ NEXT\n{LEAD}it.\n"
    )
    document = read(file)
    table = next(block for block in document.blocks if block.kind == "table")
    cells = document.slice(table.start, table.end).split("\n")
    assert cells == ["Name", "Cups", "Café", "A", "3", "12", "5,6", "non- milk", "NCT04340232", "endocytosis5"]
    assert table.caption == "Table 1. Cafés and what they serve"
    assert "Tea = a drink; Cup = a vessel; Café = a house that serves it" in listing(document, "paragraph")
    assert document.blocks[-1].section == ("NEXT",)


def test_a_cell_that_goes_on_in_the_next_line_stays_one_cell() -> None:
    document = read(
        f"{LEAD}the night.\n TABLE 3\nDrinks\nTea\n\nGreen:\n2 cups once\ndaily\n\nCafé\n(small\nBig)\n\n"
        "Warnings: It is hot. Do not drink it at once, but wait\nuntil it has cooled down.\n\n■ END\nIt ends.\n",
    )
    assert listing(document, "table") == [
        "Tea\nGreen: 2 cups once daily\nCafé (small Big)\n"
        "Warnings: It is hot. Do not drink it at once, but wait until it has cooled down."
    ]


def test_text_between_caption_and_cells_stays_with_the_table() -> None:
    file = doubled(
        f"{LEAD}the night, with the\nmen and the women of the village and all the\n"
        f"children who are there for the day.\n\n"
        "Table 1. Cafés of the town \n\nA list of the cafés of the town with their owners, and of\n"
        "their prices in the last year.\nName\nCafé\nA\nB\nC\nOwner\nAnn\n",
    )
    document = read(file)
    kinds = [block.kind for block in document.blocks]
    assert kinds[-3:] == ["caption", "paragraph", "table"]
    assert document.blocks[-1].caption == "Table 1. Cafés of the town"


def test_short_lines_without_a_caption_are_a_table_too() -> None:
    document = read(f"{LEAD}the night.\n\nTea\nCoffee\n3\n4\n5\n6\n\n{LEAD}the day.\n")
    assert listing(document, "table") == ["Tea\nCoffee\n3\n4\n5\n6"]
    assert not listing(read(f"{LEAD}the night.\n\nTea\nCoffee\n\n{LEAD}the day.\n"), "table")


def test_list_items_are_blocks_of_their_own() -> None:
    document = read(f"{LEAD}these reasons.\n\n• Tea is hot\nand green.\n• Café 😀.\n1. First.\n2. Second.\n")
    assert listing(document, "list_item") == ["Tea is hot and green.", "Café 😀.", "1. First.", "2. Second."]


def test_running_text_ends_a_table() -> None:
    rows = "Drink   Cups\nTea     12\nCafé    3\n\n"
    document = read(f"{LEAD}the night.\n\nTable 1. Drinks\n{rows}All of the prices above are those for adult guests.\n")
    assert listing(document, "table") == ["Drink   Cups\nTea     12\nCafé    3"]
    assert listing(document)[-1] == "All of the prices above are those for adult guests."


def test_a_list_of_short_items_is_no_table() -> None:
    document = read(f"{LEAD}these.\n\n- tea\n- cups\n- milk\n- cream\n- sugar\n- a spoon that is of\n  silver\n")
    assert listing(document, "list_item")[-1] == "a spoon that is of silver"
    assert not listing(document, "table")


def test_a_rule_under_a_title_is_dropped() -> None:
    document = read(f"Tea in the café\n===============\n\n{LEAD}the night.\n- - -\nIt ends = here.\n")
    assert document.source.title == "Tea in the café"
    assert [run.reason for run in document.dropped] == ["rule", "rule"]


# The head of the file


PAPER = (
    "Prices of tea in the Café: a survey\n\nhttps://a.example/PMC1/\n\nSHA: 0f\n\n"
    "Authors: Ash, Ann; Birch, Bo\nDate: 2017-05-25\n"
    "DOI: 10.1234/tea.00319-17\nLicense: cc-by\n\nAbstract: Tea was dear. {0}\n\nText: It was dear. {0}\n\n"
    "Tea shops\n\nThey sell. {0}\n"
)


def test_a_labelled_head_gives_the_source_and_leaves_the_text() -> None:
    document = read(PAPER.format("The café opens at nine and shuts when the last guest has gone. " * 5))
    source = document.source
    assert source.title == "Prices of tea in the Café: a survey"
    assert (source.authors, source.year, source.doi) == ("Ash, Ann; Birch, Bo", "2017", "10.1234/tea.00319-17")
    assert (source.url, source.licence) == ("https://a.example/PMC1/", "cc-by")
    assert listing(document, "heading") == ["Prices of tea in the Café: a survey", "Abstract", "Tea shops"]
    assert [b.section for b in document.blocks if b.kind == "paragraph"] == [("Abstract",), (), ("Tea shops",)]
    assert document.text.count("SHA") == 0


def test_missing_values_stay_empty() -> None:
    file = PAPER.format("It opens. " * 30).replace("Ash, Ann; Birch, Bo", "nan").replace("Tea was dear. ", "nan\n\n")
    assert read(file).source.authors == ""
    assert "nan" not in read(file.replace("nan\n\nIt opens", "nan\n\nText: It opens")).text


def test_without_a_title_line_the_file_name_is_the_title() -> None:
    assert read(f"{LEAD}the night.\n").source.title == "Some old paper"
    assert read(f"■ ABSTRACT\n{LEAD}the night.\n").source.title == "Some old paper"
    assert read(f"A survey of cafés\n\n{LEAD}the night.\n").source.title == "A survey of cafés"


def test_an_identifier_that_may_be_anothers_is_not_taken() -> None:
    assert read(f"{LEAD}the night.\ndoi:10.1234/a\n\n{LEAD}it.\ndoi:10.1234/b\n").source.doi == ""
    assert read(f"{LEAD * 20}the night.\nAsh A. Tea. doi:10.1234/a\n").source.doi == ""


# The real articles


@pytest.fixture(scope="module")
def articles() -> dict[str, Document]:
    if not SEEDS.is_dir():
        pytest.skip(f"the real articles are not at {SEEDS}; set VERBATIM_SHARED to the folder that holds seeds/")
    documents = [read_document(path, SEEDS) for path in sorted(SEEDS.glob("*.txt"))]
    return {"review" if "TABLE 3" in document.text else "letter": document for document in documents}


def test_the_review_reads_as_an_article(articles: dict[str, Document]) -> None:
    review = articles["review"]
    for words in [
        "is 4 mg per day for 14 days with",
        "may be beneficial in stage 3",
        "12 of 14 achieved",
        "patients (from March 16",
    ]:
        assert words in review.text
    for words in [
        "growing rapidly",
        "forms the rationale",
        "standard of care for COVID-19",
        "death. Figure 1 represents",
    ]:
        assert words in review.text
    assert review.line(review.text.index("The recommended dose for adults")) == 270
    assert review.line(review.text.index("mg per day for 14 days")) == 329
    headings = listing(review, "heading")
    assert len(headings) == 8
    assert not any("■" in heading for heading in headings)
    assert any(heading.endswith("JAK-STAT INHIBITION IN COVID-19") for heading in headings)
    assert review.source.doi == "10.3949/ccjm.87a.ccc060"


def test_the_tables_of_the_review_stay_in_one_piece_but_for_their_rows(articles: dict[str, Document]) -> None:
    review = articles["review"]
    tables = [block for block in review.blocks if block.kind == "table"]
    assert [table.caption.split()[:2] for table in tables] == [["TABLE", "1"], ["TABLE", "2"], ["TABLE", "3"]]
    texts = [review.slice(table.start, table.end) for table in tables]
    assert texts[0].count("\nX") == 18
    assert texts[1].count("NCT0") == 31
    assert "< 8 g/dL, lymphopenia < 500/mm3, severe" in texts[2]


def test_the_letter_reads_as_an_article(articles: dict[str, Document]) -> None:
    letter = articles["letter"]
    for words in [
        "microangiopathy in patients",
        "intensive care. Although",
        "endocytosis) and have",
        "neoplasms. Extrapolating",
    ]:
        assert words in letter.text
    for words in ["anti-inflammatory and anti-viral", "(0.3-0.7 /100", "viral endocytosis. We", "patients, we now"]:
        assert words in letter.text
    assert [block.kind for block in letter.blocks].count("table") == 1
    assert letter.slice(letter.blocks[-1].start, letter.blocks[-1].end).count("NCT0") == 27
    assert 7 <= [block.kind for block in letter.blocks].count("paragraph") <= 10
    assert letter.line(letter.text.index("Bompard")) == 7


def test_sixty_papers_are_read_in_three_seconds() -> None:
    paper = PAPER.format("The café opens at nine and shuts when the last guest has gone. " * 180)
    start = time.perf_counter()
    for _ in range(60):
        read(paper)
    assert time.perf_counter() - start < 3


@pytest.mark.parametrize(
    "hostile",
    [
        "a_" * 50_000,
        "1," * 50_000,
        "word.5 Next " * 9_000,
        "12\n" * 30_000,
        "TABLE 1\n" * 9_000,
        "a " + " " * 100_000 + "b",
        "A = b; " * 15_000,
        "10.1234/" * 12_000,
        f"{LEAD}\nTable 1\n\n" * 2_000,
        "some words of a line\n\n" * 9_000,
    ],
)
def test_hostile_text_is_read_in_linear_time(hostile: str) -> None:
    start = time.perf_counter()
    read(hostile)
    assert time.perf_counter() - start < 5


def test_a_raised_number_alone_on_its_line_is_no_page_number() -> None:
    document = read_plaintext("A title here\n\nSome words that go on.\n\n²\n\nMore words.\n", doc_id="a", path="a.txt")
    assert "²" in document.text
