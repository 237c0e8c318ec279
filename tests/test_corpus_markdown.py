"""Markdown: blocks, sections, tables, inline marks, and front matter."""

from __future__ import annotations

import pytest

from qa.corpus.markdown import read_markdown
from qa.schema import Block, Document


def read(text: str, path: str = "notes/a-note.md") -> Document:
    return read_markdown(text, doc_id="notes/a-note", path=path)


def words(document: Document, block: Block) -> str:
    return document.slice(block.start, block.end)


def listing(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, words(document, block)) for block in document.blocks]


def test_front_matter_gives_the_source() -> None:
    source = read(
        """---
title: Opening hours 😀
source:
  title: The Café Guide
  authors: [Ann Ash, Bo Birch]
  container: Guides
  year: 2021
  doi: https://doi.org/10.1234/cafe.5
  url: https://cafe.example/guide
section: Table 2
as_of: 2020-05-18
licence: CC BY 4.0
colour: green
---
# Opening hours 😀
""",
    ).source
    assert (source.title, source.note) == ("The Café Guide", "Opening hours 😀")
    assert source.authors == "Ann Ash; Bo Birch"
    assert (source.container, source.year, source.doi) == ("Guides", "2021", "10.1234/cafe.5")
    assert (source.url, source.section, source.as_of) == ("https://cafe.example/guide", "Table 2", "2020-05-18")
    assert (source.licence, source.path) == ("CC BY 4.0", "notes/a-note.md")


def test_front_matter_without_a_source_speaks_of_the_document_itself() -> None:
    source = read("---\ntitle: Café\nauthors: Ann Ash\nyear: 1999\nlicense: CC0\ndoi: ~\n---\ntext").source
    assert (source.title, source.note) == ("Café", "")
    assert (source.authors, source.year, source.licence, source.doi) == ("Ann Ash", "1999", "CC0", "")


@pytest.mark.parametrize("matter", ["---\n---\n", "---\n# nothing\n---\n", "---\ntags: [a]\n...\n", ""])
def test_without_a_title_the_first_heading_is_it_then_the_file_name(matter: str) -> None:
    assert read(matter + "Some words.\n\n## The *first* heading\n").source.title == "The first heading"
    assert read(matter + "Some words.\n").source.title == "a-note"


def test_a_rule_further_down_is_no_front_matter() -> None:
    assert read("Words.\n\n---\n\ntitle: no\n").source.title == "a-note"


def test_sections_are_the_headings_above_without_the_title() -> None:
    document = read("# Café 😀\nzero\n## Dose\none\n### Adults\ntwo\n## Time\nthree\n# Other\nfour\n")
    sections = {words(document, b): b.section for b in document.blocks if b.kind == "paragraph"}
    assert sections == {
        "zero": (),
        "one": ("Dose",),
        "two": ("Dose", "Adults"),
        "three": ("Time",),
        "four": ("Other",),
    }


def test_a_first_heading_that_is_not_the_title_stays_in_the_path() -> None:
    document = read("---\ntitle: Café\n---\n# Dose\none\n")
    assert document.blocks[-1].section == ("Dose",)


def test_paragraphs_are_joined_and_lists_come_item_by_item() -> None:
    document = read("One line\nand its end.\n\n- first item\n  goes on\n  - inner\n1. second\n\n> quoted\n> words\n")
    assert listing(document) == [
        ("paragraph", "One line and its end."),
        ("list_item", "first item goes on"),
        ("list_item", "inner"),
        ("list_item", "second"),
        ("paragraph", "quoted words"),
    ]


def test_code_is_kept_line_by_line_without_its_fence() -> None:
    document = read("```sh\nrun *this*\nthen that\n```\n\n    indented `too`\n")
    assert listing(document) == [("paragraph", "run *this*\nthen that"), ("paragraph", "indented `too`")]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a **4 mg** dose", "a 4 mg dose"),
        ("an *odd* _and_ ***very*** odd one", "an odd and very odd one"),
        ("run `qa ask` and ``a`b``", "run qa ask and a`b"),
        ("run `` a ``` b `` now", "run a ``` b now"),
        ("the [Café *guide*](https://a.example/x_y 'a (title)') says", "the Café guide says"),
        ("the [guide](<a b>) and [guide](a(b)c)", "the guide and guide"),
        ("see [one][ref] and [ref][] and [ref]", "see one and ref and ref"),
        ("see <https://a.example/x>", "see https://a.example/x"),
        ("![a cup](cup.png) of tea", "a cup of tea"),
        ("wet<!-- or dry --> paint, <b>bold</b>", "wet paint, bold"),
        ("two<br>lines\\\nand  \nmore", "two lines and more"),
        (r"5 \* 4 and \[x\]", "5 * 4 and [x]"),
        ("salt &amp; ale&nbsp;now", "salt & ale now"),
        # not markup, and so not to be touched
        ("2 * 3 * 4 < 5 and a_b_c", "2 * 3 * 4 < 5 and a_b_c"),
        ("an unclosed [bracket and **star", "an unclosed [bracket and **star"),
        ("&beta; blocker", "&beta; blocker"),
        ("P < .001 (95% CI 0.03–0.39)", "P < .001 (95% CI 0.03–0.39)"),
        ("Café 😀 2*", "Café 😀 2*"),
    ],
)
def test_inline_marks_are_dropped_and_nothing_else(raw: str, clean: str) -> None:
    document = read(f"Intro.\n\n{raw}\n\n[ref]: https://a.example\n")
    assert words(document, document.blocks[1]) == clean
    assert len(document.blocks) == 2


TABLE = """# Café

Table 1. Doses *by* drug

| Drug | **Dose** 😀 | Note |
|:-----|:----:|---|
| Café | **4 mg**  | a \\| b |
| Tea | | `x` |
cup | 2 mg

After.
"""


def test_a_table_is_read_row_by_row_with_its_pipes() -> None:
    document = read(TABLE)
    assert listing(document)[1:] == [
        ("caption", "Table 1. Doses by drug"),
        ("caption", "| Drug | **Dose** 😀 | Note |"),
        ("table_row", "| Café | **4 mg**  | a \\| b |"),
        ("table_row", "| Tea | | `x` |"),
        ("table_row", "cup | 2 mg"),
        ("paragraph", "After."),
    ]
    assert [run.reason for run in document.dropped].count("table rule") == 1
    assert document.line(document.text.index("4 mg")) == 7


def test_cells_know_their_header_and_place() -> None:
    document = read(TABLE)
    rows = [block for block in document.blocks if block.kind == "table_row"]
    cells = [[(cell.header, document.slice(cell.start, cell.end)) for cell in row.cells] for row in rows]
    assert cells == [
        [("Drug", "Café"), ("Dose 😀", "4 mg"), ("Note", "a \\| b")],
        [("Drug", "Tea"), ("Dose 😀", ""), ("Note", "x")],
        [("Drug", "cup"), ("Dose 😀", "2 mg")],
    ]
    assert {row.caption for row in rows} == {"Table 1. Doses by drug"}


def test_only_a_numbered_paragraph_right_before_a_table_is_its_caption() -> None:
    table = "| a | b |\n|---|---|\n| 1 | 2 |\n"
    for text, caption in [
        (f"Tab. 2: small\n{table}", "Tab. 2: small"),
        (f"### Figure 3 as a table\n\n{table}", "Figure 3 as a table"),
        (f"Tables are here.\n\n{table}", ""),
        (f"Table 1. far away\n\nWords.\n\n{table}", ""),
    ]:
        assert read(text).blocks[-1].caption == caption
    assert read(f"Table 1. far away\n\nWords.\n\n{table}").blocks[0].kind == "paragraph"


def test_a_table_in_a_quote_or_list_keeps_its_row_only() -> None:
    document = read("> | a | b |\n> |---|---|\n> | 1 | 2 |\n\n- | c | d |\n  |---|---|\n  | 3 | 4 |\n")
    rows = [block for block in document.blocks if block.kind == "table_row"]
    assert [words(document, row) for row in rows] == ["| 1 | 2 |", "| 3 | 4 |"]
    assert [document.slice(cell.start, cell.end) for row in rows for cell in row.cells] == ["1", "2", "3", "4"]


def test_the_words_of_html_blocks_are_kept_without_tags_and_scripts() -> None:
    document = read("<div class='x'>\n<p>Café\n<b>open</b></p>\n<script>no()</script>\n</div>\n\n<!-- draft -->\n")
    assert listing(document) == [("paragraph", "Café open")]


def test_lines_lead_back_behind_front_matter_with_windows_line_ends() -> None:
    document = read("---\ntitle: Café\n---\n# Café\n\nThe dose\nis 4 mg.\n".replace("\n", "\r\n"))
    assert document.line(document.text.index("dose")) == 6
    assert document.line(document.text.index("4 mg")) == 7
