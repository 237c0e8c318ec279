"""Word documents: sections by style, words as they read, tables with merged cells, and files that mean harm."""

from __future__ import annotations

import re
import time

import pytest
from make_docx import (
    HEADER,
    STRICT,
    W,
    all_notes,
    cell,
    check_stream,
    complex_field,
    make_package,
    make_paper,
    make_zip,
    note_mark,
    notes_part,
    paragraph,
    raised,
    read_with_stream,
    row,
    run,
    style,
    table,
    tracked_paper,
)

from qa.corpus.word.package import MAX_MARKS
from qa.corpus.word.reader import read_docx
from qa.errors import CorpusError
from qa.schema import Block, Document

REASONS = frozenset(("soft hyphen", "reference mark", "footnote mark", "reference list", "contents"))
_IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"


def read(data: bytes, path: str = "papers/a-paper.docx") -> Document:
    document, stream = read_with_stream(lambda: read_docx(data, doc_id="papers/a-paper", path=path))
    check_stream(document, stream, REASONS)
    return document


def body(*inner: str) -> Document:
    return read(make_package("".join(inner)))


def words(document: Document, block: Block) -> str:
    return document.slice(block.start, block.end)


def listing(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, words(document, block)) for block in document.blocks]


def rows(document: Document) -> list[list[tuple[str, str]]]:
    """(header, words) of each cell of each row."""
    found = [block for block in document.blocks if block.kind == "table_row"]
    return [[(part.header, document.slice(part.start, part.end)) for part in block.cells] for block in found]


def dropped(*inner: str) -> list[tuple[str, str]]:
    document, stream = read_with_stream(lambda: read_docx(make_package("".join(inner)), doc_id="x", path="x.docx"))
    return [(stream[gone.origin : gone.end].strip(), gone.reason) for gone in document.dropped]


@pytest.mark.parametrize("below", [False, True])
def test_every_note_is_found_word_for_word(below: bool) -> None:
    notes = all_notes()
    assert len(notes) >= 10
    for note in notes:
        document = read(make_paper(note, below=below))
        assert (document.source.title, document.source.authors) == (note.title, "Ann Ash, Bo Birch")
        blocks = listing(document)
        for text in note.words("paragraph"):
            assert ("paragraph", text) in blocks
        for text in note.words("caption"):
            assert ("caption", text) in blocks
        sections = [block.section[-1] for block in document.blocks if block.kind == "paragraph" and block.section]
        assert list(dict.fromkeys(sections)) == [
            heading for heading in note.words("heading") if heading in sections
        ]  # fmt: skip
        found = rows(document)
        wanted = [list(zip(lines[0], line, strict=True)) for lines in note.tables for line in lines[1:]]
        assert found == wanted
        shown = [block.caption for block in document.blocks if block.kind == "table_row"]
        captions = note.words("caption")
        assert list(dict.fromkeys(shown)) == captions or len(captions) < len(note.tables)


def test_a_note_table_reads_as_in_markdown() -> None:
    document = body(
        paragraph("Table 1. Doses", "Beschriftung"),
        table(row("Drug", "Dose"), row("Café 😀", "≤ 4 mg")),
        paragraph("β"),
    )
    assert document.text == "Table 1. Doses\n| Drug | Dose |\n| Café 😀 | ≤ 4 mg |\n\nβ"
    assert [block.kind for block in document.blocks] == ["caption", "caption", "table_row", "paragraph"]


def test_sections_come_from_styles_their_ids_parents_and_outline_levels() -> None:
    document = body(
        paragraph("The Café paper 😀", "Titel"), paragraph("and its second line", "Titel"),
        paragraph("zero"),
        paragraph("Methods", "Mine"), paragraph("one"),
        paragraph("Drugs", "berschrift2"), paragraph("two"),
        paragraph("Doses", "Outlined"), paragraph("three"),
        paragraph("Deep", "", '<w:outlineLvl w:val="2"/>'), paragraph("four"),
        paragraph("Résultats", "Titre1"), paragraph("five"),
        paragraph("No heading", "", '<w:outlineLvl w:val="9"/>'),
    )  # fmt: skip
    assert document.source.title == "The Café paper 😀 and its second line"
    found = {words(document, block): block.section for block in document.blocks if block.kind == "paragraph"}
    assert found == {
        "zero": (),
        "one": ("Methods",),
        "two": ("Methods", "Drugs"),
        "three": ("Methods", "Doses"),
        "four": ("Methods", "Doses", "Deep"),
        "five": ("Résultats",),
        "No heading": ("Résultats",),
    }


@pytest.mark.parametrize(
    "identity",
    ["Heading1", "berschrift1", "Überschrift 1", "Titre1", "Ttulo1", "Título 1", "Kop1", "Nagwek1", "标题 1"],
)
def test_headings_of_other_languages_are_known_by_their_ids(identity: str) -> None:
    document = read(make_package(paragraph("a") + paragraph("Head", identity) + paragraph("text"), styles=""))
    assert document.blocks[-1].section == ("Head",)


def test_a_long_paragraph_in_the_style_of_a_heading_is_none() -> None:
    assert body(paragraph("a"), paragraph("long words " * 40, "Heading1")).blocks[-1].kind == "paragraph"


def test_styles_that_are_based_on_each_other_end() -> None:
    loop = style("A", "a", based="B") + style("B", "b", based="A")
    assert listing(read(make_package(paragraph("text", "A"), styles=loop))) == [("paragraph", "text")]


@pytest.mark.parametrize(
    ("stated", "inner", "title"),
    [
        ("Stated 😀", paragraph("Shown", "Titel") + paragraph("text"), "Shown"),
        ("Stated 😀", paragraph("Introduction", "Heading1") + paragraph("text"), "Stated 😀"),
        ("Microsoft Word - draft7.doc", paragraph("A study", "Heading1") + paragraph("text"), "A study"),
        ("Word Document", paragraph("By line") + paragraph("Abstract", "Heading1"), "a-paper"),
    ],
)
def test_the_title_is_shown_or_stated_or_a_first_heading_or_the_name(stated: str, inner: str, title: str) -> None:
    assert read(make_package(inner, title=stated)).source.title == title


def test_the_heading_that_is_the_title_is_in_no_section_path() -> None:
    inner = (
        paragraph("A café study", "Heading1") + paragraph("one") + paragraph("Doses", "berschrift2") + paragraph("two")
    )
    document = read(make_package(inner))
    assert document.source.title == "A café study"
    assert [block.section for block in document.blocks if block.kind == "paragraph"] == [(), ("Doses",)]


@pytest.mark.parametrize(
    ("creator", "authors"),
    [("Ann Ash;Bo Birch", "Ann Ash, Bo Birch"), ("python-docx", ""), ("Microsoft Office User", ""), ("", "")],
)
def test_authors_are_those_stated_and_no_year_is_guessed(creator: str, authors: str) -> None:
    source = read(make_package(paragraph("text"), creator=creator)).source
    assert (source.authors, source.year) == (authors, "")


def test_list_items_are_known_by_numbering_and_by_style() -> None:
    item = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="{}"/></w:numPr>'
    document = body(
        paragraph("first", "", item.format(0, 2)), paragraph("inner", "", item.format(1, 2)),
        paragraph("second", "Aufzhlung"), paragraph("third", "Numbered"),
        paragraph("none", "Numbered", item.format(0, 0)), paragraph("Head", "Heading1", item.format(0, 2)),
    )  # fmt: skip
    assert listing(document) == [
        ("list_item", "first"),
        ("list_item", "inner"),
        ("list_item", "second"),
        ("list_item", "third"),
        ("paragraph", "none"),
        ("heading", "Head"),
    ]
    assert document.text.startswith("first\ninner\nsecond\nthird\n\nnone")


@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        (run("one ") + "<w:hyperlink>" + run("link") + "</w:hyperlink>" + run("."), "one link."),
        (
            "<w:ins>" + run("kept ") + "</w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>" + run("words"),
            "kept words",
        ),
        ("<w:del><w:ins>" + run("never ") + "</w:ins></w:del>" + run("words"), "words"),
        ("<w:moveFrom>" + run("a ") + "</w:moveFrom>" + run("b ") + "<w:moveTo>" + run("a") + "</w:moveTo>", "b a"),
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:br w:type='page'/><w:t>d</w:t></w:r>", "a b c d"),
        ("<w:r><w:t>con</w:t><w:softHyphen/><w:t>tin\u00adued</w:t></w:r>", "continued"),
        ("<w:r><w:t>JAK</w:t><w:noBreakHyphen/><w:t>STAT</w:t></w:r>", "JAK-STAT"),
        (run("hidden ", "<w:vanish/>") + run("seen", "<w:vanish w:val='0'/>"), "seen"),
        (
            '<w:r><w:sym w:font="Symbol" w:char="F0B3"/><w:t> 4 </w:t><w:sym w:font="Symbol" w:char="F062"/></w:r>',
            "≥ 4 β",
        ),
        (
            "<w:r><w:t>p</w:t>"
            + "".join(f'<w:sym w:font="Symbol" w:char="F0{ord(sign):X}"/>' for sign in "<0.5")
            + "</w:r>",
            "p<0.5",
        ),
        (
            '<w:r><w:sym w:font="Wingdings" w:char="F028"/><w:t>5</w:t><w:sym w:font="Cambria" w:char="2020"/></w:r>',
            "5†",
        ),
        (run("x \uf0a3 5\u00a0mg"), "x ≤ 5 mg"),
        (
            "<m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den></m:f></m:oMath>",
            "a/b",
        ),
        (
            "<m:oMath><m:sSup><m:e><m:r><m:t>10</m:t></m:r></m:e><m:sup><m:r><m:t>6</m:t></m:r></m:sup></m:sSup></m:oMath>",
            "10^6",
        ),
        (
            '<w:r><mc:AlternateContent><mc:Choice><w16se:symEx w16se:font="Segoe" w16se:char="1F600"/></mc:Choice>'
            "<mc:Fallback><w:t>😀</w:t></mc:Fallback></mc:AlternateContent><w:t> ok</w:t></w:r>",
            "😀 ok",
        ),
        (complex_field("SEQ Table", "3") + run(" doses"), "3 doses"),
        (run("see ") + '<w:fldSimple w:instr="REF x">' + run("Table 3") + "</w:fldSimple>", "see Table 3"),
        (
            "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>" + run("Click here") + "</w:sdtContent></w:sdt>"
            "<w:sdt><w:sdtContent>" + run("written") + "</w:sdtContent></w:sdt>",
            "written",
        ),
        (
            "<w:r><w:t>word</w:t><w:footnoteReference w:id='2'/><w:commentReference w:id='1'/></w:r>" + run(" on"),
            "word on",
        ),
        (run("a\u200bb\u2060c\ufeff"), "abc"),
        ("<w:ruby><w:rt>" + run("no") + "</w:rt><w:rubyBase>" + run("漢字") + "</w:rubyBase></w:ruby>" + run("x"), "x"),
        (
            "<w:r><w:ruby><w:rt>" + run("no") + "</w:rt><w:rubyBase>" + run("漢字") + "</w:rubyBase></w:ruby></w:r>",
            "漢字",
        ),
    ],
)
def test_words_are_those_that_the_page_shows(inner: str, shown: str) -> None:
    assert listing(body(paragraph(inner))) == [("paragraph", shown)]


def test_soft_hyphens_and_an_authors_own_footnote_marks_are_listed_as_left_out() -> None:
    own = '<w:r><w:footnoteReference w:customMarkFollows="1" w:id="1"/><w:t>*</w:t></w:r>'
    assert dropped(paragraph(run("con\u00adtinued") + own)) == [("\u00ad", "soft hyphen"), ("*", "footnote mark")]


AUTOMATIC = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'


def with_notes(*inner: str, foot: tuple[str, ...] = (), end: tuple[str, ...] = ()) -> bytes:
    parts = {**notes_part("footnote", *foot), **notes_part("endnote", *end)}
    return make_package("".join(inner), extra=parts)


def footed(words: str, *identities: int) -> str:
    return paragraph(run(words) + "".join(note_mark("footnote", identity) for identity in identities))


def test_notes_stand_behind_the_paragraph_that_refers_to_them() -> None:
    first = paragraph(AUTOMATIC + run(" Café 😀 doses,")) + paragraph("by mouth.")
    marks = note_mark("endnote", 1) + run(" and") + note_mark("footnote", 1)
    document = read(
        with_notes(
            paragraph("Zero."), paragraph("Results", "Heading1"),
            paragraph(run("The dose") + marks + run(" rose.")), paragraph("Next."),
            foot=(first, paragraph("Never referred to.")), end=(paragraph("Endnotes too."),),
        )
    )  # fmt: skip
    assert listing(document)[1:] == [
        ("heading", "Results"),
        ("paragraph", "The dose and rose."),
        ("paragraph", "Endnotes too."),
        ("paragraph", "Café 😀 doses, by mouth."),
        ("paragraph", "Next."),
    ]
    assert [block.section for block in document.blocks[2:]] == [("Results",)] * 4
    assert document.dropped == ()


def test_a_note_is_read_once_and_a_note_of_a_note_behind_it() -> None:
    foot = (paragraph(run("First.") + note_mark("endnote", 1)), paragraph("Second."))
    data = with_notes(footed("a", 1, 2), footed("b", 1), foot=foot, end=(footed("Third.", 1),))
    assert [text for _, text in listing(read(data))] == ["a", "First.", "Second.", "Third.", "b"]


@pytest.mark.parametrize(
    ("mark", "note", "shown", "marks"),
    [
        ("*", run("*") + run(" By mouth."), "By mouth.", 2),
        ("a", raised("a") + run("Adjusted for age."), "Adjusted for age.", 2),
        ("a", run("adjusted for age."), "adjusted for age.", 1),
        ("†", run("By mouth."), "By mouth.", 1),
        ("", raised("2") + run(" By mouth."), "2 By mouth.", 0),
    ],
)
def test_an_authors_own_mark_is_left_out_where_it_begins_the_note(mark: str, note: str, shown: str, marks: int) -> None:
    host = paragraph(run("The dose") + note_mark("footnote", 1, mark) + run(" rose."))
    document = read(with_notes(host, foot=(paragraph(note),)))
    assert [text for _, text in listing(document)] == ["The dose rose.", shown]
    assert [gone.reason for gone in document.dropped] == ["footnote mark"] * marks


def test_notes_of_a_caption_and_of_cells_stand_behind_the_table() -> None:
    caption = paragraph(run("Table 1. Doses") + note_mark("footnote", 1), "Beschriftung")
    grid = table(row("Drug", "Dose"), row("tea", cell(footed("4 mg", 2))), row("cocoa", "5 mg"))
    foot = (paragraph("By mouth."), paragraph("Daily."), paragraph("Late."))
    document = read(with_notes(caption, grid, paragraph("After."), foot=foot))
    assert [text for _, text in listing(document)] == [
        "Table 1. Doses", "| Drug | Dose |", "| tea | 4 mg |", "| cocoa | 5 mg |", "By mouth.", "Daily.", "After.",
    ]  # fmt: skip
    assert {block.caption for block in document.blocks if block.kind == "table_row"} == {"Table 1. Doses"}
    # Below its table, too, a caption is found although a note of a cell is read before it.
    below = read(with_notes(paragraph("Words."), grid, caption, foot=foot))
    assert [block.caption for block in below.blocks if block.kind == "table_row"] == ["Table 1. Doses"] * 2
    assert [text for _, text in listing(below)][-3:] == ["Daily.", "Table 1. Doses", "By mouth."]


def test_a_note_does_not_part_the_lines_of_a_title() -> None:
    first = paragraph(run("The Café paper") + note_mark("footnote", 1), "Titel")
    document = read(with_notes(first, paragraph("and more", "Titel"), paragraph("text"), foot=(paragraph("Paid."),)))
    assert document.source.title == "The Café paper and more"
    assert [text for _, text in listing(document)] == ["The Café paper", "Paid.", "and more", "text"]


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("1. Ash A, Birch BC, et al. A work on tea. Tea. 2020;4(2):5–9.", False),
        ("Ash A. A work on tea. Tea 2020; 4: e15. doi: 10.1234/tea.5", False),
        ("Ash, A. and Birch, B. (2020). A work. https://doi.org/10.1234/tea", False),
        ("Doses are those of Ash A. Tea 2020;4:5.", True),
        ("Ash A, Tea 2020;4:5, gave 4 mg daily.", True),
        ("Vitamin D, as given in 2020.", True),
    ],
)
def test_a_work_that_a_note_cites_is_an_entry_of_the_references(note: str, kept: bool) -> None:
    document = read(with_notes(footed("Words.", 1), paragraph("More."), foot=(paragraph(note),)))
    assert [text for _, text in listing(document)] == ["Words.", *([note] if kept else []), "More."]
    assert [gone.reason for gone in document.dropped] == ([] if kept else ["reference list"])


def test_notes_of_what_is_left_out_or_not_shown_are_not_read_as_text() -> None:
    hidden = run("kept ") + f'<w:del>{note_mark("footnote", 1)}</w:del>' + (
        '<w:r><w:rPr><w:vanish/></w:rPr><w:footnoteReference w:id="2"/></w:r>'
    )  # fmt: skip
    foot = (paragraph("one"), paragraph("two"), paragraph("three 😀"))
    references = paragraph("References", "Heading1") + footed("Ash A. A work. 2020.", 3)
    document = read(with_notes(paragraph(hidden), references, foot=foot))
    assert [text for _, text in listing(document)] == ["kept"]
    assert [gone.reason for gone in document.dropped] == ["reference list"] * 3


def test_lines_above_notes_and_marks_in_the_code_of_a_field_are_no_notes() -> None:
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + note_mark("footnote", 1)
    field = begin + complex_field("REF x", "4")[len('<w:r><w:fldChar w:fldCharType="begin"/></w:r>') :]
    host = paragraph(run("Dose ") + field + note_mark("footnote", 0) + note_mark("footnote", 7))
    assert read(with_notes(host, foot=(paragraph("In a code."),))).text == "Dose 4"


def test_a_mark_that_is_a_sign_is_left_out_too() -> None:
    sign = '<w:sym w:font="Cambria" w:char="2020"/>'
    mark = f'<w:r><w:footnoteReference w:customMarkFollows="1" w:id="1"/>{sign}</w:r>'
    host = paragraph(run("The dose") + mark + run(" rose."))
    document = read(with_notes(host, foot=(paragraph(f"<w:r>{sign}</w:r>" + run(" By mouth.")),)))
    assert document.text == "The dose rose.\n\nBy mouth."


def test_notes_are_found_by_their_relation_and_in_strict_documents() -> None:
    part = notes_part("footnote", paragraph("A note 😀."))["word/footnotes.xml"]
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    relation = f'<Relationship Id="n" Type="{kind}" Target="other/n.xml"/>'
    moved = make_package(footed("a", 1), relations=relation, extra={"word/other/n.xml": part})
    assert read(moved).text == "a\n\nA note 😀."
    strict = make_package(
        footed("a", 1), space=STRICT, extra={"word/footnotes.xml": part.replace(W.encode(), STRICT.encode())}
    )
    assert read(strict).text == "a\n\nA note 😀."
    assert "word/footnotes.xml is not well-formed" in failure(
        make_package(footed("a", 1), extra={"word/footnotes.xml": b"<w:footnotes>"})
    )


@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        (
            run("of the virus ") + complex_field("ADDIN ZOTERO_ITEM CSL", "[12, 13]") + run(". Then"),
            "of the virus. Then",
        ),
        (run("virus") + complex_field("ADDIN EN.CITE", "4–6") + run(", and"), "virus, and"),
        (run("virus ") + complex_field(" CITATION Ash20", "(Ash et al., 2020)"), "virus"),
        (run("as ") + complex_field("ADDIN ZOTERO_ITEM", "Ash (2020)") + run(" found"), "as Ash (2020) found"),
        (run("the virus") + raised("12,13") + run(" and"), "the virus and"),
        (run("ended.") + raised("4–6") + run(" Next"), "ended. Next"),
        (run("500/mm") + raised("3") + run(" or 10") + raised("6"), "500/mm3 or 106"),
        (run("Ann Ash") + raised("a"), "Ann Asha"),
    ],
)
def test_numbers_of_citations_are_left_out_and_powers_are_not(inner: str, shown: str) -> None:
    assert listing(body(paragraph(inner))) == [("paragraph", shown)]


def test_all_tracked_changes_are_taken_as_accepted() -> None:
    assert read(tracked_paper(["one", "two", "three", "four"])).text == "one two three four"
    deleted_end = paragraph(run("one "), "", "<w:rPr><w:del/></w:rPr>")
    inserted_row = table(row("A", "B"), row("c", "d", properties="<w:ins/>"), row("e", "f", properties="<w:del/>"))
    document = body(deleted_end, paragraph("two"), inserted_row)
    assert document.text == "one two\n\n| A | B |\n| c | d |"
    assert body(deleted_end).text == "one"


@pytest.mark.parametrize(
    ("large", "rest", "shown"),
    [
        ("É", "tude of doses 😀.", "Étude of doses 😀."),
        ("A", " study of tea.", "A study of tea."),
        ("Once", " upon.", "Once upon."),
    ],
)
def test_a_large_first_letter_in_a_frame_belongs_to_the_next_paragraph(large: str, rest: str, shown: str) -> None:
    for kind in ("drop", "margin"):
        framed = paragraph(large, "", f'<w:framePr w:dropCap="{kind}" w:lines="3"/>')
        document = body(paragraph("Before."), framed, paragraph(rest), paragraph("After."))
        assert [text for _, text in listing(document)] == ["Before.", shown, "After."]


def test_frames_around_other_words_stay_paragraphs() -> None:
    framed = paragraph("A whole sentence stands in this frame.", "", '<w:framePr w:dropCap="drop"/>')
    plain_frame = paragraph("Box", "", '<w:framePr w:dropCap="none"/>')
    before_table = paragraph("D", "", '<w:framePr w:dropCap="drop"/>') + table(row("A", "B"), row("c", "d"))
    document = body(framed, plain_frame, paragraph("words"), before_table)
    assert [text for _, text in listing(document)][:4] == [
        "A whole sentence stands in this frame.", "Box", "words", "D",
    ]  # fmt: skip


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = "<w:txbxContent>" + paragraph("Key point", "Heading1") + paragraph("boxed 😀") + "</w:txbxContent>"
    drawn = f"<mc:Choice><w:drawing><wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp></w:drawing></mc:Choice>"
    old = f"<mc:Fallback><w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict></mc:Fallback>"
    host = paragraph(f"{run('host')}<w:r><mc:AlternateContent>{drawn}{old}</mc:AlternateContent></w:r>")
    assert [text for _, text in listing(body(host, paragraph("after")))] == ["host", "Key point", "boxed 😀", "after"]
    pict = paragraph(f"{run('host')}<w:r><w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict></w:r>")
    assert [text for _, text in listing(body(pict))] == ["host", "Key point", "boxed 😀"]


def test_contents_and_references_are_left_out() -> None:
    document = body(
        paragraph("Contents", "TOC"), paragraph("1 Results 4", "Verzeichnis1"),
        paragraph("Results", "Heading1"), paragraph("Kept."),
        paragraph("References", "Heading1"), paragraph("1. Ash A. A work. 2020."), paragraph("Books", "berschrift2"),
        paragraph("2. Birch B."), paragraph("Figure 1. A cup of tea 😀", "Beschriftung"),
        paragraph("Table 2. Late doses"), table(row("Drug", "Dose"), row("tea", "4 mg")),
        paragraph("Appendix", "Heading1"), paragraph("Kept too."), paragraph("Birch B. 2021", "Bib"),
    )  # fmt: skip
    kept = [words(document, block) for block in document.blocks]
    assert kept == [
        "Results", "Kept.", "Figure 1. A cup of tea 😀", "Table 2. Late doses", "| Drug | Dose |", "| tea | 4 mg |",
        "Appendix", "Kept too.",
    ]  # fmt: skip
    assert {gone.reason for gone in document.dropped} == {"contents", "reference list"}
    assert rows(document) == [[("Drug", "tea"), ("Dose", "4 mg")]]


def test_references_without_styles_end_with_the_last_that_looks_like_one() -> None:
    document = body(
        paragraph("Words."),
        paragraph("REFERENCES"),
        paragraph("[1] Ash A. A work. Tea 2020; 4: 5."),
        paragraph("Birch B. Other work. doi:10.1234/x"),
        paragraph("Acknowledgements go to the cook."),
        paragraph("In 2020 it rained."),
    )
    assert [text for _, text in listing(document)] == [
        "Words.",
        "Acknowledgements go to the cook.",
        "In 2020 it rained.",
    ]


def test_a_list_of_references_that_a_program_wrote_is_known_by_its_field() -> None:
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    begin = f"{marks[0]}<w:r><w:instrText>ADDIN ZOTERO_BIBL</w:instrText></w:r>{marks[1]}"
    document = body(
        paragraph("Words."), paragraph(begin + run("Ash A. A work.")), paragraph("Birch B."), paragraph(run("Cod C.") + marks[2]),
        paragraph("More words."),
    )  # fmt: skip
    assert [text for _, text in listing(document)] == ["Words.", "More words."]


def test_a_field_without_an_end_takes_nothing_with_it() -> None:
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF</w:instrText></w:r>'
    assert [text for _, text in listing(body(paragraph(begin), paragraph("Words."), paragraph("More.")))] == [
        "Words.",
        "More.",
    ]


def test_merged_cells_are_repeated_in_each_row_and_column() -> None:
    document = body(
        table(
            row(cell("Drug", merge="restart"), cell("Dose in mg", span=2), properties=HEADER),
            row(cell(merge=""), "low", "high", properties=HEADER),
            row(cell("Tea β", merge="restart"), "1", "2"),
            row(cell(merge=""), cell("4 😀", span=2)),
            row("Cocoa", "5", ""),
        )
    )
    assert rows(document) == [
        [("Drug", "Tea β"), ("Dose in mg low", "1"), ("Dose in mg high", "2")],
        [("Drug", "Tea β"), ("Dose in mg low", "4 😀"), ("Dose in mg high", "4 😀")],
        [("Drug", "Cocoa"), ("Dose in mg low", "5"), ("Dose in mg high", "")],
    ]
    assert document.text.endswith("| Cocoa | 5 | |")


def test_a_row_over_all_columns_names_the_rows_below_it() -> None:
    document = body(
        table(
            row("Drug", "Dose"), row(cell("Adults", span=2)), row("Tea", "4 mg"), row("Cocoa", "5 mg"),
            row(cell("Children", span=2)), row("Tea", "1 mg"), row(cell("Doses are daily.", span=2)),
        )
    )  # fmt: skip
    assert rows(document) == [
        [("", "Adults"), ("Drug", "Tea"), ("Dose", "4 mg")],
        [("", "Adults"), ("Drug", "Cocoa"), ("Dose", "5 mg")],
        [("", "Children"), ("Drug", "Tea"), ("Dose", "1 mg")],
    ]
    assert ("caption", "| Doses are daily. |") in listing(document)


def test_a_cell_of_several_paragraphs_or_tables_is_one_cell() -> None:
    inner = table(row("in", "side"), row("two", "more"))
    document = body(table(row("Drug", "Notes"), row("Tea", cell("one", "two\u00ad fold", inner, "three"))))
    assert rows(document) == [[("Drug", "Tea"), ("Notes", "one two fold in side two more three")]]


def test_cells_with_marks_left_out_keep_their_places() -> None:
    cited = cell(paragraph(run("café") + raised("12") + run(" bar ") + complex_field("ADDIN EN.CITE", "[3]")))
    document = body(table(row("Drug", "Notes", "Dose"), row("con\u00adtinued", cited, "4 mg")))
    assert rows(document) == [[("Drug", "continued"), ("Notes", "café bar"), ("Dose", "4 mg")]]


def test_first_rows_are_headers_unless_the_table_says_no() -> None:
    plain_look = '<w:tblLook w:val="0000"/>'
    assert rows(body(table(row("a", "b"), row("c", "d"), look=plain_look))) == [
        [("", "a"), ("", "b")],
        [("", "c"), ("", "d")],
    ]
    assert rows(body(table(row("a", "b"), row("c", "d"), look='<w:tblLook w:firstRow="0"/>')))[0][0] == ("", "a")
    assert rows(body(table(row("a", "b"), row("c", "d"), look='<w:tblLook w:val="04A0"/>')))[0][0] == ("a", "c")
    assert rows(body(table(row("a", "b")))) == [[("", "a"), ("", "b")]]


def test_a_table_of_one_cell_is_a_frame_around_text() -> None:
    assert listing(body(table(row(cell("Box", "words"))))) == [("paragraph", "Box"), ("paragraph", "words")]


@pytest.mark.parametrize(
    ("inner", "captions"),
    [
        (
            ("cap:Table 1. Tea", "table", "text:After.", "cap:Table 2. Cocoa", "table"),
            ["Table 1. Tea", "Table 2. Cocoa"],
        ),
        (("text:Table 1. Tea", "table", "text:Table 2. Cocoa", "table"), ["Table 1. Tea", "Table 2. Cocoa"]),
        (("table", "text:Table 1. Tea", "table", "text:Table 2. Cocoa"), ["Table 1. Tea", "Table 2. Cocoa"]),
        (("table", "text:Table 1. Tea", "text:Words.", "table"), ["Table 1. Tea", ""]),
        (("text:Table 1", "text:Tea by cup", "table"), ["Table 1 Tea by cup"]),
        (("text:Table 1 shows tea.", "text:Words", "table"), [""]),
        (("cap:Figure 1. A cup", "table"), [""]),
        (("table", "text:Words."), [""]),
        (("head:Table 3. Milk", "table"), ["Table 3. Milk"]),
    ],
)
def test_the_caption_is_the_paragraph_beside_the_table(inner: tuple[str, ...], captions: list[str]) -> None:
    grid = table(row("Drug", "Dose"), row("tea", "4"))
    styles = {"cap": "Beschriftung", "text": "", "head": "Heading1"}
    made = [
        grid if part == "table" else paragraph(part[5 if part[4] == ":" else 4 :], styles[part.split(":")[0]])
        for part in inner
    ]
    document = body(*made)
    assert [block.caption for block in document.blocks if block.kind == "table_row"] == captions


def test_figure_captions_are_captions_with_or_without_a_style() -> None:
    document = body(paragraph("Words."), paragraph("Figure 2. A café 😀."), paragraph("A cup", "Beschriftung"))
    assert [block.kind for block in document.blocks] == ["paragraph", "caption", "caption"]


def test_a_strict_document_and_one_with_a_missing_picture_are_read() -> None:
    assert read(make_package(paragraph("strict 😀"), space=STRICT)).text == "strict 😀"
    missing = f'<Relationship Id="z" Type="{_IMAGE}" Target="NULL"/>'
    assert read(make_package(paragraph("text"), relations=missing)).text == "text"


def failure(data: bytes) -> str:
    start = time.monotonic()
    with pytest.raises(CorpusError) as caught:
        read_docx(data, doc_id="x", path="x.docx")
    assert time.monotonic() - start < 5
    message = str(caught.value)
    assert message.startswith("x.docx: ")
    return message.removeprefix("x.docx: ")


GOOD = make_package(paragraph("text"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"words", "is not a Word document"),
        (rb"{\rtf1 words}", "is RTF"),
        (OLE, "is an old Word document (.doc): save it as .docx"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "is encrypted: save it without a password"),
        (GOOD[:-40], "is damaged"),
        (b"PK\x03\x04" + bytes(100), "is damaged"),
        (make_zip({"a.txt": b"words"}), "is a zip archive, but holds no Word document"),
        (make_zip({"word/document.xml": b"<workbook/>"}), "is a zip archive, but holds no Word document"),
        (make_zip({"word/document.xml": b"<w:document>"}), "is damaged: word/document.xml is not well-formed XML"),
        (make_package(""), "holds no text"),
        (make_package(paragraph(" ") + table(row("", ""))), "holds no text"),
        (make_package(paragraph("x"), extra={"../evil": b""}), "holds a part whose name leads out of the archive"),
        (make_package(paragraph("x"), extra={"WORD/Document.xml": b""}), "holds two parts of the same name"),
        (make_package(paragraph("x"), extra={f"p{i}": b"" for i in range(2001)}), "holds more than 2,000 parts"),
        (
            make_package(paragraph("&a;"), head='<!DOCTYPE d [<!ENTITY a SYSTEM "file:secret">]>'),
            "word/document.xml declares a document type",
        ),
        (make_package(paragraph("&a;")), "is damaged"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    assert failure(data).startswith(reason)


def test_an_encrypted_entry_is_said_to_be_so() -> None:
    flagged = bytearray(GOOD)
    for match in re.finditer(b"PK\x01\x02", GOOD):
        flagged[match.start() + 8] |= 1
    assert failure(bytes(flagged)) == "is encrypted: save it without a password"


def test_a_document_type_is_found_in_other_encodings_too() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>'.encode("utf-16")
    assert "document type" in failure(make_package(paragraph("x"), extra={"word/document.xml": text}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_bombs_are_refused_quickly() -> None:
    dense = make_package("<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 3_000_000)
    assert len(dense) < 600_000
    assert "more than is read" in failure(dense)
    assert "more than is read" in failure(make_package(paragraph("x"), extra={"word/media/a.png": bytes(210_000_000)}))
    # Not dense, yet too many of them.
    many = "".join(f"<w:p><w:r><w:t>{i * 7919 % 100_003}</w:t></w:r></w:p>" for i in range(MAX_MARKS // 4))
    assert "tags and attributes" in failure(make_package(many))
    assert failure(make_package("<w:sdt><w:sdtContent>" * 3000 + "</w:sdtContent></w:sdt>" * 3000))


def test_hostile_spans_and_repeats_stay_bounded() -> None:
    wide = table(*(row(cell("x", span=10**9 - 1)) for _ in range(20)), row("a", "b"))
    assert len(rows(body(wide))) <= 21
    long = "word " * 200
    tall = table(row(cell(long, merge="restart"), "b"), *(row(cell(merge=""), "c") for _ in range(2000)))
    assert len(body(tall).text) < 30_000
    grid = table(*(row(*(cell(str(i), span=100) for _ in range(11))) for i in range(5)))
    assert "too large" in failure(make_package(grid))


def test_a_large_document_is_read_in_bounded_time() -> None:
    many = "".join(paragraph(f"Word {i} of many") for i in range(40_000))
    start = time.monotonic()
    assert len(read_docx(make_package(many), doc_id="x", path="x.docx").blocks) == 40_000
    assert time.monotonic() - start < 20


def test_paragraphs_whose_ends_are_deleted_do_not_pile_up() -> None:
    many = "".join(paragraph(f"w{i} ", "", "<w:rPr><w:del/></w:rPr>") for i in range(30_000))
    start = time.monotonic()
    assert len(body(many).blocks) == 1
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("step", [1, 7])
def test_damaged_archives_never_crash(step: int) -> None:
    for at in range(0, len(GOOD), 11 * step):
        broken = bytearray(GOOD)
        broken[at] ^= 0x5A
        try:
            assert read_docx(bytes(broken), doc_id="x", path="x.docx").text == "text"
        except CorpusError as error:
            assert str(error).startswith("x.docx: ")
