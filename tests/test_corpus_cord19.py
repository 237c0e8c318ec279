"""CORD-19 papers: sections, citation marks, figures and tables, and JSON that is something else."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make_cord19 import make_json, text_entry
from make_docx import Note, all_notes, check_stream, read_with_stream

from qa.corpus.cord19.marks import find_citations
from qa.corpus.cord19.reader import read_cord19
from qa.errors import CorpusError
from qa.schema import Document

REASONS = frozenset(("soft hyphen", "reference mark", "reference list"))


def read(data: bytes, path: str = "papers/abc.json") -> Document:
    document, stream = read_with_stream(lambda: read_cord19(data, doc_id="papers/abc", path=path))
    check_stream(document, stream, REASONS)
    return document


def paper(*body: dict[str, Any], **extra: Any) -> Document:
    return read(make_json(Note("Café 😀"), body_text=list(body), **extra))


def listing(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.slice(block.start, block.end)) for block in document.blocks]


def rows(document: Document) -> list[list[tuple[str, str]]]:
    found = [block for block in document.blocks if block.kind == "table_row"]
    return [[(part.header, document.slice(part.start, part.end)) for part in block.cells] for block in found]


def test_every_note_is_found_word_for_word() -> None:
    for note in all_notes():
        document = read(make_json(note))
        assert document.source.title == note.title
        assert document.source.authors == "Ann B. Ash, José Núñez"
        blocks = listing(document)
        assert blocks[0] == ("heading", note.title)
        for text in note.words("paragraph"):
            assert ("paragraph", text) in blocks
        wanted = [list(zip(lines[0], line, strict=True)) for lines in note.tables for line in lines[1:]]
        assert sorted(rows(document)) == sorted(wanted)
        for block in document.blocks:
            if block.kind == "table_row":
                assert block.caption in ("", *note.words("caption"))
            if block.kind == "paragraph" and block.section:
                assert block.section[0] in note.words("heading")


def test_sections_follow_the_names_that_the_paper_gives() -> None:
    document = paper(
        text_entry("one β", "Introduction"), text_entry("two", "Introduction"), text_entry("three", "Methods ::: Drugs"),
        text_entry("four", "Methods ::: Doses"), text_entry("five", "Methods"), text_entry("six", "Café 😀"),
        abstract=[text_entry("zero", "Abstract")], back_matter=[text_entry("thanks", "Acknowledgements"), text_entry("end", "")],
    )  # fmt: skip
    assert listing(document) == [
        ("heading", "Café 😀"), ("heading", "Abstract"), ("paragraph", "zero"), ("heading", "Introduction"),
        ("paragraph", "one β"), ("paragraph", "two"), ("heading", "Methods"), ("heading", "Drugs"), ("paragraph", "three"),
        ("heading", "Doses"), ("paragraph", "four"), ("paragraph", "five"), ("paragraph", "six"),
        ("heading", "Acknowledgements"), ("paragraph", "thanks"), ("paragraph", "end"),
    ]  # fmt: skip
    sections = [block.section for block in document.blocks if block.kind == "paragraph"]
    assert sections == [
        ("Abstract",), ("Introduction",), ("Introduction",), ("Methods", "Drugs"), ("Methods", "Doses"), ("Methods",), (),
        ("Acknowledgements",), (),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "cites", "clean"),
    [
        ("of the virus [12]. Then", ("[12]",), "of the virus. Then"),
        ("of the virus [12]. Then", ("12",), "of the virus. Then"),
        ("the virus (12) and", ("(12)",), "the virus and"),
        ("the virus (12, 13) and", ("12", "13"), "the virus and"),
        ("the virus [1, 2, 3] and", ("[1,", "2,", "3]"), "the virus and"),
        ("the virus [1]–[3], and", ("[1]", "[3]"), "the virus, and"),
        ("IL-6 rises. 4 Then 5 mg", ("4",), "IL-6 rises. Then 5 mg"),
        ("found (Ash et al., 2020; Birch, 2021) in", ("(Ash et al., 2020;", "Birch, 2021)"), "found in"),
        ("found (Ash et al., 2020) in", ("Ash et al., 2020",), "found in"),
        ("as Ash et al. (2020) found", ("Ash et al. (2020)",), "as Ash et al. (2020) found"),
        ("as Ash (2020) found", ("(2020)",), "as Ash found"),
        ("a dose (see Ash, 2020) of", ("Ash, 2020",), "a dose (see Ash, 2020) of"),
        ("Café 😀 [1] ≤ 4 mg", ("[1]",), "Café 😀 ≤ 4 mg"),
        ("as in ref. 12 of", ("12",), "as in ref. 12 of"),
        ("con\u00adtinued\u00a0 for\n4 mg", (), "continued for 4 mg"),
    ],
)
def test_marks_of_citations_are_left_out_and_names_in_sentences_are_not(
    raw: str, cites: tuple[str, ...], clean: str
) -> None:
    assert listing(paper(text_entry(raw, "Results", cites)))[-1] == ("paragraph", clean)


def test_spans_that_do_not_fit_their_text_change_nothing() -> None:
    entry = text_entry("the dose of 4 mg")
    for span in (
        {"start": 12, "end": 13, "text": "[4]"}, {"start": 12, "end": 99, "text": "4"}, {"start": -4, "end": 2},
        {"start": "1", "end": 2}, {"start": 5, "end": 5}, {}, {"start": True, "end": 5}, {"start": 1, "end": 5, "text": ["he"]},
    ):  # fmt: skip
        entry["cite_spans"] = [span]
        assert listing(paper(entry))[-1] == ("paragraph", "the dose of 4 mg")


def test_figures_and_tables_stand_at_the_end_of_the_section_that_speaks_of_them() -> None:
    html = (
        '<table xmlns="http://www.w3.org/1999/xhtml"><thead><tr><th rowspan="2">Drug</th><th colspan="2">Dose<br/>in mg</th></tr>'
        "<tr><td>low</td><td>high</td></tr></thead><tbody><tr><td colspan='3'>Adults</td></tr>"
        "<tr><td rowspan='2'>Tea<sup>a</sup> &beta;</td><td>1</td><td>2</td></tr>"
        "<tr><td colspan='2'>4 😀</td></tr></tbody></table>"
    )
    entries = {
        "FIGREF0": {"text": "A cup of tea 😀.", "type": "figure"},
        "TABREF0": {"text": "Doses.", "type": "table", "html": html},
        "FIGREF1": {"text": "Never spoken of.", "type": "figure", "latex": None},
        "TABREF1": {"text": "", "type": "table", "html": ""},
    }
    document = paper(
        text_entry("see Table 1", "Results", refs=("TABREF0", "TABREF9")),
        text_entry("more", "Results", refs=("FIGREF0", "TABREF0")),
        text_entry("end", "Discussion"), ref_entries=entries,
    )  # fmt: skip
    assert listing(document)[2:] == [
        ("paragraph", "see Table 1"), ("paragraph", "more"), ("caption", "Doses."),
        ("caption", "| Drug | Dose in mg | Dose in mg |"),
        ("caption", "| Drug | low | high |"), ("caption", "| Adults |"), ("table_row", "| Adults | Teaa β | 1 | 2 |"),
        ("table_row", "| Adults | Teaa β | 4 😀 | 4 😀 |"), ("caption", "A cup of tea 😀."), ("heading", "Discussion"),
        ("paragraph", "end"), ("caption", "Never spoken of."),
    ]  # fmt: skip
    assert rows(document)[1][2:] == [("Dose in mg low", "4 😀"), ("Dose in mg high", "4 😀")]
    row = next(block for block in document.blocks if block.kind == "table_row")
    assert (row.caption, row.section) == ("Doses.", ("Results",))


def test_references_are_left_out() -> None:
    document = paper(
        text_entry("words", "Results"),
        text_entry("1. Ash A. 2020", "References"),
        bib_entries={"BIBREF0": {"title": "Cited"}},
    )
    assert listing(document)[1:] == [("heading", "Results"), ("paragraph", "words")]
    assert [gone.reason for gone in document.dropped] == ["reference list", "reference list"]


@pytest.mark.parametrize(
    "name", ["6 References", "7. References", "References:", "REFERENCES AND NOTES", "Cited literature"]
)
def test_the_list_of_references_is_known_by_its_names(name: str) -> None:
    document = paper(text_entry("words", "Results"), text_entry("1. Ash A. 2020", name))
    assert listing(document)[1:] == [("heading", "Results"), ("paragraph", "words")]
    kept = paper(text_entry("words", "Results"), text_entry("6 values", "6 Reference values"))
    assert listing(kept)[-1] == ("paragraph", "6 values")


def test_all_that_a_table_holds_is_read() -> None:
    two = (
        "<table><caption>In adults 😀</caption><tr><th>Drug</th><th>Dose</th></tr><tr><td>tea</td><td>p <0.05</td></tr></table>"
        "<table><tr><th>Drug</th><th>Age</th></tr><tr><td>cocoa</td><td>9</td></tr></table>"
    )
    entries = {
        "TABREF0": {"text": "Doses.", "type": "table", "html": two},
        "TABREF1": {"text": "Ages.", "type": "table", "html": None, "content": "<table><tr><th>A</th><th>B</th></tr>"
                    "<tr><td>1</td><td>2</td></tr></table>"},
        "TABREF2": {"text": "Risks.", "type": "table", "content": "Drug Risk tea a<b, p <0.05"},
        "TABREF3": {"text": "Trials.", "type": "table", "html": "<p>tea<br>4 mg</p>"},
        "TABREF4": {"text": "Same words.", "type": "table", "content": "Same words."},
    }  # fmt: skip
    document = paper(text_entry("words"), ref_entries=entries)
    assert listing(document)[2:] == [
        ("caption", "Doses."), ("caption", "In adults 😀"),
        ("caption", "| Drug | Dose |"), ("table_row", "| tea | p <0.05 |"),
        ("caption", "| Drug | Age |"), ("table_row", "| cocoa | 9 |"),
        ("caption", "Ages."), ("caption", "| A | B |"), ("table_row", "| 1 | 2 |"),
        ("caption", "Risks."), ("table", "Drug Risk tea a<b, p <0.05"),
        ("caption", "Trials."), ("table", "tea 4 mg"), ("caption", "Same words."),
    ]  # fmt: skip
    captions = [block.caption for block in document.blocks if block.kind in {"table", "table_row"}]
    assert captions == ["Doses. In adults 😀", "Doses.", "Ages.", "Risks.", "Trials."]


def test_notes_among_the_entries_are_paragraphs_and_empty_ones_nothing() -> None:
    entries = {"FOOTREF0": {"text": "By mouth 😀.", "type": "footnote"}, "FIGREF0": None, "FIGREF1": {"type": "figure"}}
    document = paper(
        {"text": None, "section": "Results"}, text_entry("The dose.", "Results", refs=("FOOTREF0", "FIGREF0")),
        text_entry("Next.", "Discussion"), ref_entries=entries, abstract=None,
    )  # fmt: skip
    assert listing(document)[2:] == [
        ("paragraph", "The dose."), ("paragraph", "By mouth 😀."), ("heading", "Discussion"), ("paragraph", "Next."),
    ]  # fmt: skip


def test_a_citation_among_the_references_to_figures_is_one() -> None:
    entry = text_entry("the virus [4], and Figure 2", "Results")
    entry["ref_spans"] = [
        {"start": 10, "end": 13, "text": "[4]", "ref_id": "BIBREF3"}, {"start": 26, "end": 27, "text": "2", "ref_id": "FIGREF1"},
    ]  # fmt: skip
    assert listing(paper(entry))[-1] == ("paragraph", "the virus, and Figure 2")


def test_what_the_paper_states_of_itself_is_kept() -> None:
    metadata = {
        "title": " A\n study ", "authors": ["Ann Ash", {"first": "Bo", "last": "Birch", "suffix": "Jr"}, {"last": ""}],
        "doi": "https://doi.org/10.1234/ab.5", "publish_time": "2020-03-05", "journal": "Tea", "license": "CC BY",
        "url": "javascript:x",
    }  # fmt: skip
    source = paper(text_entry("words"), metadata=metadata).source
    assert (source.title, source.authors, source.doi) == ("A study", "Ann Ash, Bo Birch Jr", "10.1234/ab.5")
    assert (source.year, source.container, source.licence, source.url) == ("2020", "Tea", "CC BY", "")
    dated = {"authors": "Ann Ash; Bo Birch", "publish_time": "2020 Mar 5"}
    source = paper(text_entry("words"), metadata={"title": "A", **dated}).source
    assert (source.authors, source.year) == ("Ann Ash; Bo Birch", "2020")
    people = [
        {"first": "Ann", "middle": ["B.", "C."], "last": "Ash"},
        None,
        {"first": "", "middle": None, "last": "Cod", "suffix": None},
    ]
    assert paper(text_entry("words"), metadata={"title": "A", "authors": people}).source.authors == "Ann B. C. Ash, Cod"
    bare = paper(text_entry("words"), metadata={"title": "", "identifiers": {"doi": "10.1/x"}}).source
    assert (bare.title, bare.authors, bare.year, bare.doi) == ("abc", "", "", "10.1/x")


def failure(data: bytes) -> str:
    start = time.monotonic()
    with pytest.raises(CorpusError) as caught:
        read_cord19(data, doc_id="x", path="x.json")
    assert time.monotonic() - start < 5
    return str(caught.value)


def changed(**changes: Any) -> bytes:
    made = {"paper_id": "a", "metadata": {"title": "T"}, "body_text": [text_entry("words")], **changes}
    return json.dumps(made).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b" \n", "x.json: is empty"),
        (b'{"a": 1,\n "b": }', "x.json:2: is not valid JSON: Expecting value"),
        (b'{"a":\n\n"\xff"}', "x.json:3: is not JSON: it is not UTF-8 text"),
        (b"[" * 200_000, "x.json: is nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "x.json: is not valid JSON: it has a number of too many digits"),
        (b"[1]", "x.json: is JSON, but not a CORD-19 paper: it is no object"),
        (b'{"paper_id": "a", "metadata": {}}', "x.json: is JSON, but not a CORD-19 paper: it has no body_text"),
        (b"{}", "x.json: is JSON, but not a CORD-19 paper: it has no paper_id and no metadata and no body_text"),
        (changed(metadata=[]), "x.json: is JSON, but not a CORD-19 paper: metadata is no object"),
        (
            changed(metadata={"authors": [3]}),
            "x.json: is JSON, but not a CORD-19 paper: metadata.authors[0] is no object",
        ),
        (changed(body_text={"a": 1}), "x.json: is JSON, but not a CORD-19 paper: body_text is no list"),
        (changed(body_text=[{}]), "x.json: is JSON, but not a CORD-19 paper: body_text[0].text is missing"),
        (changed(abstract=[{"text": 5}]), "x.json: is JSON, but not a CORD-19 paper: abstract[0].text is no text"),
        (
            changed(body_text=[{"text": "a", "cite_spans": [1]}]),
            "x.json: is JSON, but not a CORD-19 paper: body_text[0].cite_spans[0] is no object",
        ),
        (changed(ref_entries={"A": 1}), "x.json: is JSON, but not a CORD-19 paper: ref_entries.A is no object"),
        (changed(body_text=[]), "x.json: holds no text"),
        (changed(body_text=[text_entry(" \u00ad ", "Results")]), "x.json: holds no text"),
        (b" " * 30_000_001, "x.json: has 30,000,001 bytes"),
    ],
)
def test_what_is_no_paper_says_why(data: bytes, reason: str) -> None:
    assert failure(data).startswith(reason)


def test_a_lone_surrogate_and_controls_do_no_harm() -> None:
    data = (
        b'{"paper_id": "a", "metadata": {"title": "T"}, "body_text": [{"text": "a\\ud800b \\u0000c \\ud83d\\ude00"}]}'
    )
    document = read(data)
    assert listing(document)[-1] == ("paragraph", "ab c 😀")
    document.text.encode()


@pytest.mark.parametrize(
    "html",
    [
        "<table>" + "<tr><td rowspan=999999 colspan=9999>x</td></tr>" * 3000,
        "<table><tr>" + "<td>" * 250_000,
        "<table><tr><td colspan=99>x<td>y</table>" * 20_000,
        "<table>" * 5000 + "<tr><td>x",
        "<table><tr><td>" + "<b>" * 50_000 + "x",
        "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:secret'>]><table><tr><td>&a;</td><td>y</td></tr></table>",
        "no table",
        "<table></table>",
        "\ud800\0<table><tr><td>x",
        "<!" * 400_000,
    ],
)
def test_hostile_tables_are_bounded(html: str) -> None:
    data = changed(ref_entries={"TABREF0": {"text": "Doses.", "html": html}})
    start = time.monotonic()
    try:
        document = read_cord19(data, doc_id="x", path="x.json")
        assert "root:" not in document.text
    except CorpusError as error:
        assert "too large" in str(error) or "nested" in str(error)
    assert time.monotonic() - start < 5


def test_marks_of_citations_are_found_in_linear_time() -> None:
    text = "1" * 200_000 + " [" + "2, " * 60_000 + "]"
    spans = [(0, 200_000), *((200_002 + 3 * i, 200_003 + 3 * i) for i in range(60_000))]
    start = time.monotonic()
    find_citations(text, spans)
    find_citations("(" * 200_000, [(i, i + 1) for i in range(0, 200_000, 2)])
    assert time.monotonic() - start < 5


_TEXTS = st.text(alphabet=st.sampled_from("ab [](),;1 2–\u00ad.é😀\n"), max_size=40)


def test_a_citation_of_blanks_is_none() -> None:
    assert find_citations("a  b ( )", [(1, 3), (6, 7)]) == []


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(_TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4)), max_size=4))
def test_any_paper_keeps_its_places(texts: list[tuple[str, list[tuple[int, int]]]]) -> None:
    body = [
        {"text": text, "cite_spans": [{"start": a, "end": b} for a, b in spans], "section": text[:3]}
        for text, spans in texts
    ]
    entries = {
        f"TABREF{i}": {"text": text, "html": f"<table><tr><td>{text}</td><td>x</td></tr></table>"}
        for i, (text, _) in enumerate(texts)
    }
    body.append({"text": "words"})
    read(changed(body_text=body, ref_entries=entries))
