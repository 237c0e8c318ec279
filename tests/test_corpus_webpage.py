"""Web pages: what is text and what is furniture, lists and tables, metadata, character sets, and hostile pages."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make_markup import (
    CAFE,
    check_note,
    check_places,
    listing,
    make_html,
    notes,
    read_note,
    reasons,
    rows,
    streams,
    words,
)

from qa.corpus.markup.webpage import read_html
from qa.errors import CorpusError
from qa.schema import Document


def read(page: str | bytes, path: str = "pages/a-page.html") -> Document:
    data = page if isinstance(page, bytes) else page.encode()
    with streams() as seen:
        document = read_html(data, doc_id="pages/a-page", path=path)
    check_places(document, seen[-1])
    return document


def texts(page: str) -> list[str]:
    return [text for _, text in listing(read(page))]


@pytest.mark.parametrize("text", notes())
def test_a_note_as_a_web_page_keeps_every_word_and_section(text: str) -> None:
    note = read_note(text)
    document = read(make_html(text))
    check_note(document, note)
    title = note.source.note or note.source.title
    assert (document.source.title, document.source.year) == (title, note.source.year)
    assert (document.source.container, document.source.doi) == (note.source.container, note.source.doi)
    assert document.source.path == "pages/a-page.html"
    assert len(document.blocks) == len(note.blocks)


def test_furniture_is_left_out_with_its_reason() -> None:
    page = make_html(
        CAFE,
        before='<div id="cookie-banner">We use cookies</div><div class="breadcrumb">Home</div>',
        after="<p>Related words</p>",
    ).decode()
    page = page.replace(
        "</main>",
        '<form>Search words</form><div role="navigation">Next</div><p hidden>Hidden words</p><footer>Foot</footer>'
        '<p style="display: none">Hidden too</p><div class="share">Share it</div><button>Press</button></main>',
    )
    document = read(page)
    assert len(document.blocks) == len(read_note(CAFE).blocks)
    assert reasons(document) == {
        "aside", "cookie banner", "form", "hidden", "metadata", "navigation", "outside the main part", "page footer",
        "page header", "script",
    }  # fmt: skip


def test_the_main_part_is_found_by_element_role_or_weight() -> None:
    long = "<p>" + "Many words of text. " * 30 + "</p>"
    for page in (
        f"<div>Top</div><main>{long}</main><div>End</div>",
        f"<div>Top</div><div role=main>{long}</div><div>End</div>",
        f"<div>Top</div><article>{long}</article><div>End</div>",
        f"<div>Top</div><article>{long}</article><article>Teaser</article>",
    ):
        document = read(page)
        assert len(document.blocks) == 1
        assert "outside the main part" in reasons(document)
    assert len(read(f"<article>{long}</article><article>{long}</article>").blocks) == 2
    assert texts("<main></main><p>Words.</p>") == ["Words."]
    assert texts(f"<form action=x>{long}<input></form>")[0].startswith("Many words")
    assert texts(f'<div class="sidebar">{long}</div><p>x</p>')[0].startswith("Many words")


def test_text_is_cut_into_paragraphs_wherever_it_stands() -> None:
    page = "<body>Bare <b>words</b><div>In a div<br>second line<br><br>New one</div>and <span>after</span><p>P<p>Q"
    assert texts(page) == ["Bare words", "In a div second line", "New one", "and after", "P", "Q"]
    assert listing(read("<pre>\n  a  b\n    c\n</pre>")) == [("paragraph", "a  b\n    c")]


def test_lists_come_item_by_item_and_definitions_with_their_term() -> None:
    page = "<ol><li>One<ul><li>Inner 😀</li></ul></li><li><p>Two</p></li></ol><dl><dt>JAK<dd>Janus kinase<dt>B<dd><p>Bee</p></dl>"
    assert listing(read(page)) == [
        ("list_item", "One"),
        ("list_item", "Inner 😀"),
        ("list_item", "Two"),
        ("list_item", "JAK Janus kinase"),
        ("list_item", "B Bee"),
    ]


def test_sections_are_the_headings_above_without_the_title() -> None:
    document = read("<h1>Café</h1><p>a<h2>Dose</h2><p>b<h3>At <i>night</i></h3><p>c<h2>End</h2><p>d")
    sections = {words(document, b): b.section for b in document.blocks if b.kind == "paragraph"}
    assert sections == {"a": (), "b": ("Dose",), "c": ("Dose", "At night"), "d": ("End",)}


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("CO<sub>2</sub> and H<sub>2</sub>O", "CO2 and H2O"),
        (
            "10<sup>9</sup>/L, 10<sup>-3</sup>, 5 m<sup>2</sup>, <sup>131</sup>I, Ca<sup>2+</sup>",
            "10⁹/L, 10⁻³, 5 m2, 131I, Ca2+",
        ),
        ("a word<sup>12</sup>. Next<sup>3–5,7</sup> one", "a word. Next one"),
        ('a word<sup><a href="#b1">1</a>,<a href="#b2">2</a></sup>.', "a word."),
        ('a word [<a href="#ref-1">1</a>, <a href="#ref-2">2</a>]. Next', "a word. Next"),
        ('a word <a href="#cite12">[12]</a>, next', "a word, next"),
        ('as (<a href="#bib1">Ash 2020</a>; <a href="#bib2">Birch 2021</a>).', "as."),
        ('as <a href="#bib1">Ash (2020)</a> wrote', "as Ash (2020) wrote"),
        ('see <a href="#tab1">Table 1</a> and <a href="#s2">2</a>', "see Table 1 and 2"),
        ("the 4<sup>th</sup> day, x<sup>n</sup>", "the 4th day, xn"),
        ("so&shy;ft hy\u200bphen &nbsp; &beta; &le; 😀", "soft hyphen β ≤ 😀"),
        ('with <math alttext="x = 5"><mi>z</mi></math>.', "with x = 5."),
        ("<math><mfrac><mn>1</mn><mn>2</mn></mfrac><mo>≤</mo><msup><mn>10</mn><mn>3</mn></msup></math>", "1/2 ≤ 10³"),
        ('seen <span class="sr-only">unseen </span>words', "seen words"),
    ],
)
def test_marks_of_references_go_and_other_raised_signs_stay(raw: str, clean: str) -> None:
    assert texts(f"<p>{raw}</p>") == [clean]


SPANS = """<table><caption>Table 1. Doses</caption>
<thead><tr><th rowspan=2>Drug<th colspan=2>Dose 😀</tr><tr><th>Low<th>High</tr></thead>
<tfoot><tr><td>All<td>9<td>9</tr></tfoot>
<tbody><tr><th scope=row rowspan=2>Café<td>1 mg<td>2<br>mg<tr><td>3<sup>a</sup><td>4 | 5
<tr><td colspan=3>Teas<tr><td>Green<td colspan=2>6 mg</table>"""


def test_a_table_repeats_what_is_merged_and_joins_its_header_rows() -> None:
    document = read(f"<main>{SPANS}</main>")
    assert rows(document) == [
        [("Drug", "Café"), ("Dose 😀 Low", "1 mg"), ("Dose 😀 High", "2 mg")],
        [("Drug", "Café"), ("Dose 😀 Low", "3"), ("Dose 😀 High", "4 | 5")],
        [("", "Teas"), ("Drug", "Green"), ("Dose 😀 Low", "6 mg"), ("Dose 😀 High", "6 mg")],
        [("", "Teas"), ("Drug", "All"), ("Dose 😀 Low", "9"), ("Dose 😀 High", "9")],
    ]
    assert listing(document)[:4] == [
        ("caption", "Table 1. Doses"),
        ("caption", "| Drug | Dose 😀 | Dose 😀 |"),
        ("caption", "| Drug | Low | High |"),
        ("table_row", "| Café | 1 mg | 2 mg |"),
    ]
    assert {block.caption for block in document.blocks if block.kind == "table_row"} == {"Table 1. Doses"}


def test_headers_are_found_without_a_thead_and_never_made_up() -> None:
    cells = "<tr><td>1<td>2"
    assert rows(read(f"<table><tr><th>A<th>B{cells}</table>")) == [[("A", "1"), ("B", "2")]]
    assert rows(read(f"<table><tr><td><b>A</b><td><p><b>B</b></p>{cells}</table>")) == [[("A", "1"), ("B", "2")]]
    assert rows(read(f"<table>{cells}{cells}</table>")) == [[("", "1"), ("", "2")]] * 2
    assert rows(read(f"<table><tr><th>A<th>B{cells}<tr><th>C<th>D{cells}</table>"))[1] == [("C", "1"), ("D", "2")]
    assert rows(read("<table><thead><tr><th>A<th>B</thead></table>")) == [[("", "A"), ("", "B")]]
    assert texts("<p>x<table><tr><td> <td></table>") == ["x"]


@pytest.mark.parametrize(
    ("before", "caption"),
    [
        ("<p>Table 2. Cups</p>", "Table 2. Cups"),
        ("<h4>Table 2</h4><p>Cups of tea</p>", "Table 2 Cups of tea"),
        ("<p>Tables are here.</p>", ""),
    ],
)
def test_a_caption_may_stand_above_its_table(before: str, caption: str) -> None:
    assert read(f"{before}<table><tr><th>A<th>B<tr><td>1<td>2</table>").blocks[-1].caption == caption


def test_a_table_in_a_table_stays_in_one_piece_and_one_for_layout_is_text() -> None:
    nested = "<table><tr><th>K<th>V<tr><td>a<td><table><tr><td>x<td>y<tr><td>z</table></table>"
    assert listing(read(nested)) == [("table", "K | V\na | x y z")]
    layout = "<table><tr><td><h2>Café</h2><p>One.<td><table><tr><th>A<th>B<tr><td>1<td>2</table></table>"
    assert [kind for kind, _ in listing(read(layout))] == ["heading", "paragraph", "caption", "table_row"]


def test_references_are_left_out_up_to_the_next_heading() -> None:
    for head in ("<h2>References</h2>", "<div><h2>7. References</h2></div>", "<h2>Literature cited</h2>"):
        page = f"<h2>One</h2><p>Words.</p>{head}<ol><li>Ash A. Cups.</ol><p>more</p><h2>Notes</h2><p>End.</p>"
        document = read(page)
        assert [text for _, text in listing(document)] == ["One", "Words.", "Notes", "End."]
        assert "reference list" in reasons(document)
    assert texts('<p>Words.</p><ol class="references"><li>Ash.</ol>') == ["Words."]


def test_figures_give_their_caption() -> None:
    page = "<figure><img src=x alt=y><svg><text>3</text></svg><figcaption>Figure 1. A <i>cup</i></figcaption></figure>"
    assert listing(read(page)) == [("caption", "Figure 1. A cup")]


def test_metadata_comes_from_json_ld_dublin_core_and_open_graph() -> None:
    ld = """<script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "no"}, {"@type": ["ScholarlyArticle"],
    "headline": "Cups 😀", "author": [{"name": "Ann Ash"}, {"givenName": "Bo", "familyName": "Birch"}], "datePublished":
    "2020-02-03", "isPartOf": {"name": "5", "isPartOf": {"name": "J Café"}}, "sameAs": "https://doi.org/10.1234/c.5",
    "license": "https://creativecommons.org/licenses/by/4.0/", "url": "https://a.example/c"}]}</script>"""
    source = read(f"{ld}<p>Words").source
    assert (source.title, source.authors, source.year) == ("Cups 😀", "Ann Ash, Bo Birch", "2020")
    assert (source.container, source.doi, source.url) == ("J Café", "10.1234/c.5", "https://a.example/c")
    assert source.licence == "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)"
    core = """<meta name="DC.title" content="Tea"><meta name="DC.creator" content="Ash, Ann"><meta name="DC.date"
    content="1999-01-01"><meta name="dc.identifier" content="doi:10.1/no 10.5555/t"><link rel=canonical href=https://b.example>"""
    source = read(f"{core}<p>Words").source
    assert (source.title, source.authors, source.year) == ("Tea", "Ann Ash", "1999")
    assert (source.doi, source.url) == ("10.5555/t", "https://b.example")
    assert read('<meta property="og:title" content="Open"><title>T</title><p>x').source.title == "Open"
    assert read("<title>T | Site</title><h1>Head <i>ing</i></h1><p>x").source.title == "Head ing"
    assert read("<title>T</title><p>x").source.title == "T"
    bare = read("<p>x").source
    assert (bare.title, bare.authors, bare.year, bare.licence, bare.url) == ("a-page", "", "", "", "")
    for broken in ("[" * 100_000, "{", '{"@type": "Article", "author": 5, "isPartOf": [], "license": []}'):
        assert read(f'<script type="application/ld+json">{broken}</script><p>x').source.authors == ""


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<p>Café 😀".encode(), "Café 😀"),
        ("\ufeff<p>Café 😀".encode(), "Café 😀"),
        ("\ufeff<p>Café 😀".encode("utf-16-le"), "Café 😀"),
        ("<meta charset=koi8-r><p>привет".encode("koi8-r"), "привет"),
        ("<p>Café – 5".encode("cp1252"), "Café – 5"),
        ("<meta charset=utf-8><p>Café – 5".encode("cp1252"), "Café – 5"),
        ("<meta charset=iso-8859-1><p>Café – 5".encode("cp1252"), "Café – 5"),
        ("<meta charset=zlib><p>Café".encode(), "Café"),
        ("<p>Café déjà vu".encode() + b"\xff", "Café déjà vu\ufffd"),
        (b'<?xml version="1.0"?><html><script src="x"/><p>Caf&eacute;<a id="b"/> bar</p></html>', "Café bar"),
    ],
)
def test_characters_are_read_in_the_encoding_of_the_page(data: bytes, text: str) -> None:
    assert listing(read(data))[-1][1] == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<html><body><script>x()</script></body>", "holds no text"),
        (b"<!" * 400_000, "holds no text"),
        (b"\x89PNG\0\0\0", "is not text"),
        (b"<p>" + b"word " * 3_000_000, "too long"),
        (b"<p>a" * 600_000, "elements"),
        (b"x" * (33 << 20), "larger than"),
    ],
    ids=["empty", "blank", "script", "declarations", "binary", "long-run", "elements", "bytes"],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, message: str) -> None:
    start = time.perf_counter()
    with pytest.raises(CorpusError, match=message) as caught:
        read(data)
    assert str(caught.value).startswith("pages/a-page.html: ")
    assert time.perf_counter() - start < 30


_SPANNED = "<tr>" + "<td colspan=1000 rowspan=65534>" + "x" * 400


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 200_000 + "hello",
        "<b>a" * 5_000,
        "<sup>1" * 5_000,
        "<p>" + "<sup>1</sup>" * 50_000,
        "<p>" + '<a href="#ref1">[1]</a>, ' * 30_000,
        "<p>" + '<a href="#ref1">Ash 2020</a> and ' * 30_000,
        "<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x",
        "<table><tr><td>" * 3_000 + "x",
        "<ul><li>x" * 10_000,
        "<h2>References" * 5_000,
        "<header><h2>x" * 5_000,
        "<p>" + "&amp;" * 200_000,
        "<p>" + "(" * 200_000,
        "<p>" + "[ " * 100_000 + "<sup>1</sup>" * 1_000,
        '<table class="' + "nav " * 50_000 + '"><tr><td>x<td>y</table><p>z',
        "<table>" + _SPANNED * 200 + "</table><p>x",
        "<table>" + "<tr><td rowspan=0 colspan=20>y" * 2_000 + "</table>",
        "<dl>" + "<dt>a" * 20_000 + "</dl>",
        "<p>x<!--" + "<!--" * 100_000,
        "<p>x<![CDATA[" + "<![CDATA[" * 100_000,
    ],
    ids=range(20),
)
def test_hostile_pages_are_read_or_refused_in_time(page: str) -> None:
    start = time.perf_counter()
    try:
        assert read(page).blocks
    except CorpusError as error:
        assert "too" in str(error) or "no text" in str(error)
    assert time.perf_counter() - start < 20


_SOUP = st.sampled_from(
    """<p> </p> <div> </div> <b> </b> <sup> </sup> <sub> <a&href="#ref1"> </a> <table> </table> <tr> <td> <td&rowspan=2>
    <td&colspan=3> <th> <thead> <tbody> <caption> <ul> <li> </li> <dl> <dt> <dd> <br> <hr> <h1> </h1> <h2> </h2> <main> </main>
    <nav> </nav> <aside> <pre> </pre> <header> </header> <math> <mi> <figcaption> <form> <script> </script> <!-- --> &amp;
    &shy; &nbsp; [ ] ( ) , . – 1 12 Café 😀 ≤ References Table&1. word
    and \u200b < > & " <p&hidden> <style> </style> <svg>""".split()
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_SOUP, max_size=60).map(" ".join) | st.lists(_SOUP, max_size=60).map("".join) | st.text(max_size=80))
def test_any_tag_soup_keeps_its_places(page: str) -> None:
    try:
        read(page.replace("&h", " h").replace("&r", " r").replace("&c", " c").replace("&1", " 1"))
    except CorpusError as error:
        assert "no text" in str(error) or "is empty" in str(error) or "not text" in str(error)


@pytest.mark.parametrize("table", ["<table><thead>", "<table><caption>Doses</caption></table>", "<table><tr><th>"])
def test_a_table_without_rows_is_no_fault(table: str) -> None:
    assert read(f"<p>Words before.</p>{table}").text.startswith("Words before.")


LONG = "Tea was drunk by all of the men in the room, and their pulse was counted before and after it. " * 4


def test_what_is_over_a_table_or_figure_is_no_section_and_buttons_go() -> None:
    page = """<main><h2>Results</h2><section><h3>Table 1.</h3><div class="caption p"><p>Pulse by cups.</p></div>
    <table><tr><th>Cups</th><th>Pulse</th></tr><tr><td>Two</td><td>65</td></tr></table>
    <p><a href="t1">Open in a new tab</a></p></section><p>It fell.</p>
    <figure><h3>Figure 1.</h3><figcaption>Over time.</figcaption></figure><p>Nobody fainted.</p></main>"""
    document = read(page)
    assert {block.section for block in document.blocks if block.kind != "heading"} == {("Results",)}
    assert [block.caption for block in document.blocks if block.kind == "table_row"] == ["Table 1. Pulse by cups."]
    assert "Open in" not in document.text
    assert "navigation" in reasons(document)


@pytest.mark.parametrize(
    "inner",
    [
        '<div><header class="x-caption"><span>Table 2. </span>Pulse</header>{}</div>',
        "<div><header><b>Table 2.</b> Pulse</header>{}</div>",
        '<p>Text.</p><div class="table-caption">Table 2. Pulse</div>{}',
        "<figure>{}<figcaption>Table 2. Pulse</figcaption></figure>",
    ],
)
def test_captions_stand_in_headers_divisions_and_below(inner: str) -> None:
    table = "<table><tr><th>Cups</th><th>Pulse</th></tr><tr><td>Two</td><td>65</td></tr></table>"
    document = read(f"<article><h1>Tea</h1>{inner.format(table)}<p>{LONG}</p></article>")
    assert [block.caption for block in document.blocks if block.kind == "table_row"] == ["Table 2. Pulse"]


def test_the_caption_of_a_figure_is_none_of_the_table_below_it() -> None:
    table = "<table><tr><th>Cups</th><th>Pulse</th></tr><tr><td>Two</td><td>65</td></tr></table>"
    document = read(f"<figure><figcaption>Figure 3. Men</figcaption></figure>{table}")
    assert [block.caption for block in document.blocks if block.kind == "table_row"] == [""]


def test_marks_of_a_saved_page_have_whole_addresses() -> None:
    document = read(
        '<p>Tea helps [<a href="https://example.org/a?b=1#ref3">3</a>]. See <a href="/x#part2">part 2</a>.</p>'
    )
    assert document.text == "Tea helps. See part 2."


def test_a_note_in_a_sentence_stands_behind_it() -> None:
    page = '<p>Tea helps<span class="n"><sup>1</sup><span class="ltx_note_outer">Not all.</span></span> the men.</p>'
    assert [text for _, text in listing(read(page))] == ["Tea helps the men.", "Not all."]


def test_a_formula_in_a_table_is_text() -> None:
    document = read("<p>So</p><table><tr><td></td><td>x = 1</td><td>(1)</td></tr></table>")
    assert {block.kind for block in document.blocks} == {"paragraph"}


def test_without_a_main_part_the_densest_element_is_it_and_nothing_written_is_lost() -> None:
    links = "".join(f"<li><a href='/{i}'>Another paper about tea and pulse, {i}</a></li>" for i in range(40))
    paragraphs = f"<p>{LONG}</p>" * 8
    page = f"<body><div><ul>{links}</ul></div><div><div id='c'><h2>Abstract</h2><p>Short.</p>{paragraphs}</div></div></body>"
    document = read(page)
    assert "Another paper" not in document.text
    assert "outside the main part" in reasons(document)
    assert document.text.count("Tea was drunk") == 32
    assert document.text.startswith("Abstract")
    apart = read(f"<body><div><p>{LONG}</p></div><div>{paragraphs}</div></body>")
    assert apart.text.count("Tea was drunk") == 36


def test_lists_of_references_and_of_other_articles_go_by_name() -> None:
    page = f"""<main><p>{LONG}</p><details><summary>REFERENCES</summary><ul><li>Bo B. 2001.</li></ul></details>
    <div class="article__references"><p>Ash A. 2002.</p></div>
    <div><h3>Similar articles</h3><ul><li><a href="/1">Coffee and pulse</a></li></ul></div>
    <div><h3>Similar articles</h3><p>{LONG}</p></div></main>"""
    document = read(page)
    assert not any(name in document.text for name in ("Bo B", "Ash A", "Coffee"))
    assert document.text.count("Tea was drunk") == 8
    assert {"reference list", "aside"} <= reasons(document)
