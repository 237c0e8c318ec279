"""JATS articles: front, body and back, tables and formulas, wrappers, and files that cannot or must not be read."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from make_markup import (
    CAFE,
    check_note,
    check_places,
    listing,
    make_jats,
    notes,
    read_note,
    reasons,
    rows,
    streams,
    words,
)

from qa.corpus.markup.jats import read_jats
from qa.errors import CorpusError
from qa.schema import Document


def read(article: str | bytes, path: str = "papers/a.nxml") -> Document:
    data = article if isinstance(article, bytes) else article.encode()
    with streams() as seen:
        document = read_jats(data, doc_id="papers/a", path=path)
    check_places(document, seen[-1])
    return document


def article(body: str = "<p>Words.</p>", *, front: str = "", back: str = "") -> str:
    names = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML"'
    return f"<article {names}><front><article-meta>{front}</article-meta></front><body>{body}</body><back>{back}</back></article>"


def texts(body: str) -> list[str]:
    return [text for _, text in listing(read(article(body)))]


@pytest.mark.parametrize("text", notes())
def test_a_note_as_an_article_keeps_every_word_and_section(text: str) -> None:
    note = read_note(text)
    document = read(make_jats(text))
    check_note(document, note)
    title = note.source.note or note.source.title
    assert (document.source.title, document.source.authors) == (title, note.source.authors)
    assert (document.source.year, document.source.container) == (note.source.year, note.source.container)
    assert (document.source.doi, document.source.path) == (note.source.doi, "papers/a.nxml")
    assert len(document.blocks) == len(note.blocks)


FRONT = """<article-id pub-id-type="pmid">99</article-id><article-id pub-id-type="pmc">7654321</article-id>
<article-id pub-id-type="doi">10.1234/abc.5</article-id><title-group><article-title>Doses of <italic>Café</italic>
😀<xref ref-type="fn" rid="f1">*</xref></article-title><subtitle>a review</subtitle></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Ash</surname><given-names>Ann B.</given-names></name>
<xref ref-type="aff" rid="a1">1</xref></contrib><contrib contrib-type="author"><collab>The Tea Group</collab></contrib>
<contrib contrib-type="editor"><name><surname>No</surname></name></contrib></contrib-group><aff>Univ</aff>
<author-notes><corresp>mail</corresp><fn fn-type="COI-statement"><p>No interests.</p></fn></author-notes>
<pub-date pub-type="pmc-release"><year>2023</year></pub-date><pub-date pub-type="epub"><year>2020</year></pub-date>
<pub-date pub-type="ppub"><year>2021</year></pub-date>
<permissions><license xlink:href="https://creativecommons.org/licenses/by/4.0/"><license-p>Open.</license-p></license></permissions>
<abstract><p>Plain.</p></abstract><abstract><sec><title>Background</title><p>Cups matter.</p></sec></abstract>
<trans-abstract><p>Tassen</p></trans-abstract><kwd-group><kwd>tea</kwd></kwd-group>
<funding-group><award-id>5</award-id><funding-statement>Paid by tea.</funding-statement></funding-group>"""


def test_the_front_gives_the_source_and_the_abstract() -> None:
    document = read(article(front=FRONT))
    source = document.source
    assert (source.title, source.authors) == ("Doses of Café 😀: a review", "Ann B. Ash, The Tea Group")
    assert (source.year, source.doi) == ("2021", "10.1234/abc.5")
    assert source.url == "https://pmc.ncbi.nlm.nih.gov/articles/PMC7654321/"
    assert source.licence == "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)"
    assert [(block.section, words(document, block)) for block in document.blocks] == [
        ((), "Doses of Café 😀 a review"),
        (("Abstract",), "Plain."),
        (("Abstract",), "Background"),
        (("Abstract", "Background"), "Cups matter."),
        (("Conflicts of interest",), "No interests."),
        (("Funding",), "Paid by tea."),
        ((), "Words."),
    ]
    assert reasons(document) == {"metadata", "reference mark", "translated abstract"}


def test_an_article_that_states_nothing_of_itself_is_read() -> None:
    source = read("<article><body><p>Words.</p></body></article>").source
    assert (source.title, source.authors, source.year, source.doi, source.licence) == ("a", "", "", "", "")


def test_sections_have_their_label_and_back_matter_its_name() -> None:
    back = """<ack><p>Thanks.</p></ack><fn-group><title>Disclosures</title><fn><label>1</label><p>None.</p></fn></fn-group>
    <app-group><app><title>Appendix A</title><sec><title>More</title><p>Deep.</p></sec></app></app-group>
    <glossary><def-list><def-item><term>ACE</term><def><p>Enzyme</p></def></def-item></def-list></glossary>
    <ref-list><title>References</title><ref><label>1</label><mixed-citation>Ash A. Cups.</mixed-citation></ref></ref-list>"""
    body = "<sec><label>2.</label><title>Café 😀</title><p>One.</p><sec><title>Inner</title><p>Two.</p></sec><p>Three.</p></sec>"
    document = read(article(body, back=back))
    sections = {words(document, b): b.section for b in document.blocks if b.kind != "heading"}
    assert sections == {
        "One.": ("2. Café 😀",),
        "Two.": ("2. Café 😀", "Inner"),
        "Three.": ("2. Café 😀",),
        "Thanks.": ("Acknowledgements",),
        "None.": ("Disclosures",),
        "Deep.": ("Appendix A", "More"),
        "ACE Enzyme": ("Abbreviations",),
    }
    assert "reference list" in reasons(document)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (
            'so [<xref ref-type="bibr">1</xref>,<xref ref-type="bibr">2</xref>–<xref ref-type="bibr">4</xref>]. Next',
            "so. Next",
        ),
        (
            'so.<sup><xref ref-type="bibr" rid="b">1</xref>,<xref ref-type="bibr" rid="c">2</xref></sup> Next',
            "so. Next",
        ),
        ('so<xref ref-type="bibr"><sup>1</sup></xref><sup>,</sup><xref ref-type="bibr"><sup>2</sup></xref>.', "so."),
        ('so (<xref ref-type="bibr">Ash 2020</xref>; <xref ref-type="bibr">Birch 2021</xref>).', "so."),
        ('as <xref ref-type="bibr">Ash (2020)</xref> wrote', "as Ash (2020) wrote"),
        ('as in ref. <xref ref-type="bibr">12</xref>', "as in ref. 12"),
        ('see <xref ref-type="fig">Figure 1</xref> and <xref ref-type="table">2</xref>', "see Figure 1 and 2"),
        ("CO<sub>2</sub> at 10<sup>9</sup>/L and 10<sup>−3</sup>", "CO2 at 10⁹/L and 10⁻³"),
        ("5&#160;mg&nbsp;of &beta; &unknown; &lt; 6 <![CDATA[& &beta;]]>", "5 mg of β &unknown; < 6 & &beta;"),
        (
            "if <inline-formula><alternatives><tex-math>\\begin{document}$y$\\end{document}</tex-math><mml:math><mml:mi>x"
            "</mml:mi><mml:mo>=</mml:mo><mml:mn>5</mml:mn></mml:math></alternatives></inline-formula>.",
            "if x = 5.",
        ),
        ("if <tex-math>\\documentclass{a}\\begin{document}$x=5$\\end{document}</tex-math>.", "if x=5."),
        ("one<!-- not --> two<?pi no?>", "one two"),
    ],
)
def test_citations_go_and_other_words_stay(raw: str, clean: str) -> None:
    assert texts(f"<p>{raw}</p>") == [clean]


TABLE = """<table-wrap id="t1"><object-id>x</object-id><label>Table 1</label><caption><title>Doses 😀 by drug</title>
<p>By mouth.</p></caption><alternatives><graphic/><table><thead><tr><th rowspan="2">Drug</th>
<th colspan="2">Dose</th></tr><tr><th>Low</th>
<th>High</th></tr></thead><tbody><tr><td rowspan="2">Café</td><td>1&#160;mg<xref ref-type="table-fn"><sup>a</sup></xref></td>
<td>2</td></tr><tr><td>3</td><td>4<break/>mg</td></tr></tbody></table></alternatives>
<table-wrap-foot><fn><label>a</label><p>Fasting.</p></fn><p>Source: us.</p></table-wrap-foot></table-wrap>"""


def test_a_table_has_its_caption_its_rows_and_its_notes() -> None:
    document = read(article(f"<p>See<xref ref-type='bibr'>1</xref> it.{TABLE} And on.</p>"))
    assert listing(document) == [
        ("paragraph", "See it. And on."),
        ("caption", "Table 1 Doses 😀 by drug"),
        ("caption", "By mouth."),
        ("caption", "| Drug | Dose | Dose |"),
        ("caption", "| Drug | Low | High |"),
        ("table_row", "| Café | 1 mg | 2 |"),
        ("table_row", "| Café | 3 | 4 mg |"),
        ("paragraph", "Fasting."),
        ("paragraph", "Source: us."),
    ]
    assert rows(document)[1] == [("Drug", "Café"), ("Dose Low", "3"), ("Dose High", "4 mg")]
    assert {b.caption for b in document.blocks if b.kind == "table_row"} == {"Table 1 Doses 😀 by drug"}


def test_a_cals_table_is_read_like_others() -> None:
    table = """<table-wrap><table><tgroup cols="3"><colspec colname="a"/><colspec colname="b"/><colspec colname="c"/>
    <thead><row><entry>Drug</entry><entry namest="b" nameend="c">Dose</entry></row></thead>
    <tbody><row><entry morerows="1">Tea</entry><entry>1</entry><entry>2</entry></row><row><entry>3</entry><entry>4</entry></row>
    </tbody></tgroup></table></table-wrap>"""
    assert rows(read(article(table)))[1] == [("Drug", "Tea"), ("Dose", "3"), ("Dose", "4")]


def test_lists_boxes_quotes_and_figures() -> None:
    body = """<p>These: <list><list-item><label>1.</label><p>Tea</p><list><list-item><p>Green</p></list-item></list></list-item>
    </list> and on.</p><disp-quote><p>Quoted.</p><attrib>Ash</attrib></disp-quote><boxed-text><caption><title>Key points</title>
    </caption><p>Boxed.</p></boxed-text><fig><label>Fig. 1</label><caption><p>A cup.</p><p>More.</p></caption>
    <alt-text>cup</alt-text></fig><supplementary-material><p>Data</p></supplementary-material><disp-formula><label>(1)</label>x</disp-formula><p>End.</p>"""
    document = read(article(body))
    assert listing(document) == [
        ("paragraph", "These:"),
        ("list_item", "Tea"),
        ("list_item", "Green"),
        ("paragraph", "and on."),
        ("paragraph", "Quoted."),
        ("paragraph", "Ash"),
        ("heading", "Key points"),
        ("paragraph", "Boxed."),
        ("caption", "Fig. 1 A cup."),
        ("caption", "More."),
        ("paragraph", "(1) x"),
        ("paragraph", "End."),
    ]
    assert {"supplementary material", "alternative text", "list mark"} <= reasons(document)


def test_reviews_and_further_articles_are_left_out() -> None:
    one = article().replace("</article>", "<sub-article><body><p>Review</p></body></sub-article></article>")
    document = read(f"<pmc-articleset>{one}{article('<p>Other.</p>')}</pmc-articleset>")
    assert listing(document) == [("paragraph", "Words.")]
    assert "sub-article" in reasons(document)


def test_an_answer_of_the_pmc_service_is_unwrapped_and_namespaces_do_not_matter() -> None:
    inner = article("<sec><title>T</title><p>Café.</p></sec>").replace(
        "<article ", '<article xmlns="https://jats.nlm.nih.gov" ', 1
    )
    document = read(
        f'<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><GetRecord><record><metadata>{inner}'
        "</metadata></record></GetRecord></OAI-PMH>"
    )
    assert listing(document) == [("heading", "T"), ("paragraph", "Café.")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_encoding_is_the_one_declared(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>\n'
    assert listing(read((head + article("<p>Café déjà</p>")).encode(encoding))) == [("paragraph", "Café déjà")]


def test_a_doctype_with_a_subset_of_its_own_is_skipped() -> None:
    kind = """<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD > JATS" "jats.dtd" [ <!-- ]> ' --> <!ENTITY % more "<![CDATA[>"> <!ENTITY me "no"> ]>
"""
    assert listing(read(kind + article("<p>Of &me; and &alpha;</p>"))) == [("paragraph", "Of &me; and α")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7", "is not XML"),
        (b"<html><body><p>x</p></body></html>", "is XML, but not a JATS article: its root is <html>"),
        (b"<article><para>x</para></article>", "its root is <article> without <front> or <body>"),
        (b"<OAI-PMH><error>idDoesNotExist</error></OAI-PMH>", "its root is <oai-pmh>"),
        (b"<article><front/><body/></article>", "holds no text"),
        (
            b"<article>\n<body><p>x</body></article>",
            r"a\.nxml:2: is not well-formed XML: Opening and ending tag mismatch",
        ),
        (make_jats(CAFE)[:-400], "is not well-formed XML"),
        (b"<article><body>\n<p>\xff</p></body></article>", r"a\.nxml:2: is not valid UTF-8"),
        (b'<?xml version="1.0" encoding="zlib"?><article/>', "encoding that is not known"),
        (b"<article>" * 200_000, "nested too deeply"),
        (b"<article><body>" + b"<sec>" * 230 + b"</sec>" * 230 + b"</body></article>", "nested too deeply"),
        (b"<!" * 400_000, "is not well-formed XML"),
        (b"<!DOCTYPE a " + b"<!--'\"[" * 100_000, "is not well-formed XML"),
        (b"<a>" + b"<![CDATA[" * 90_000, "is not well-formed XML"),
        (b"<a>" + b"&a" * 300_000, "is not well-formed XML"),
        (b"<article><body>" + b"<p>a</p>" * 600_000 + b"</body></article>", "elements"),
    ],
    ids=range(17),
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, message: str) -> None:
    start = time.perf_counter()
    with pytest.raises(CorpusError, match=message) as caught:
        read(data)
    assert str(caught.value).startswith("papers/a.nxml:")
    assert time.perf_counter() - start < 20


def _bomb(levels: int) -> str:
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(levels))
    return f'<!DOCTYPE article [<!ENTITY e0 "lol">{entities}]>' + article(f'<p id="&e{levels};">x &e{levels};</p>')


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (_bomb(9), "x &e9;"),
        (f'<!DOCTYPE article [<!ENTITY q "{"a" * 100_000}">]>' + article(f"<p>{'&q;' * 20_000}</p>"), "&q;" * 20_000),
        ('<!DOCTYPE article [<!ENTITY x SYSTEM "SECRET">]>' + article("<p>x &x;</p>"), "x &x;"),
        ('<!DOCTYPE article [<!ENTITY % p SYSTEM "SECRET"> %p;]>' + article("<p>x &x;</p>"), "x &x;"),
        ('<!DOCTYPE article SYSTEM "SECRET">' + article("<p>x &x;</p>"), "x &x;"),
        (article('<p xmlns:xi="http://www.w3.org/2001/XInclude">x<xi:include href="SECRET" parse="text"/></p>'), "x"),
    ],
    ids=["billion-laughs", "quadratic", "external", "parameter", "dtd", "include"],
)
def test_no_entity_is_resolved_and_nothing_is_fetched(text: str, shown: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text('<!ENTITY x "root:secret">')
    start = time.perf_counter()
    assert listing(read(text.replace("SECRET", secret.as_uri()))) == [("paragraph", shown)]
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "body",
    [
        "<p>" + '<xref ref-type="bibr">1</xref>, ' * 30_000 + "</p>",
        "<p>" + '<xref ref-type="bibr">Ash 2020</xref> and ' * 30_000 + "</p>",
        "<p>" + "<fn><p>x</p></fn>" * 20_000 + "</p>",
        "<p>" + "<fn><p>x" * 55 + "</p></fn>" * 55 + "</p>",
        "<p>x" * 110 + "</p>" * 110,
        "<p " + " ".join(f'a{i}="1"' for i in range(100_000)) + ">x</p>",
        "<table-wrap><table>"
        + '<tr><td colspan="1000" rowspan="9999">'
        + "x" * 400
        + "</td></tr></table></table-wrap><p>x</p>",
        "<p>" + "&beta;" * 300_000 + "</p>",
        "<list>" + "<list-item><p>x</p></list-item>" * 50_000 + "</list>",
        "<sec><title>" + "long " * 200_000 + "</title><p>x</p></sec>",
    ],
    ids=range(10),
)
def test_hostile_articles_are_read_or_refused_in_time(body: str) -> None:
    start = time.perf_counter()
    try:
        assert read(article(body)).blocks
    except CorpusError as error:
        assert "too" in str(error)
    assert time.perf_counter() - start < 20


def test_floating_tables_stand_in_the_section_that_first_refers_to_them() -> None:
    floating = "<floats-group><fig id='f1'><label>Figure 1</label></fig>" + TABLE
    body = "<sec><title>Methods</title><p>We drank.</p></sec><sec><title>Results</title>"
    body += "<p>See <xref rid='t1'>Table 1</xref>.</p><p>On.</p></sec>"
    text = article(body, front="<abstract><p>In <xref rid='t1'>Table 1</xref>.</p></abstract>")
    document = read(text.replace("</article>", floating + "</floats-group></article>"))
    sections = {block.section for block in document.blocks if block.kind == "table_row"}
    assert sections == {("Results",)}
    order = [words(document, block) for block in document.blocks]
    assert (
        order.index("See Table 1.")
        < order.index("Table 1 Doses 😀 by drug")
        < order.index("On.")
        < order.index("Figure 1")
    )


GROUPED = """<table-wrap><table><thead><tr><th>Group</th><th>Cups</th><th>Pulse</th></tr></thead><tbody>{}</tbody></table>
</table-wrap>"""


@pytest.mark.parametrize(
    ("lines", "first_cells"),
    [
        (("Sex||", "\u2003Men|1|60", "\u2003Women|2|61", "Age|3|62"), [["Sex", "Men"], ["Sex", "Women"], ["Age"]]),
        (("Sex||", "Men|1|60", "Age||", "Old|2|61"), [["Sex", "Men"], ["Age", "Old"]]),
        (("All|1|60", "Sex||", "Men|2|61"), [["All"], ["Sex"], ["Men"]]),
        (("Sex||", "Men|1|60", "None||", "Nil||"), [["Sex"], ["Men"], ["None"], ["Nil"]]),
        (
            ("Tea||", "\u2003Sex||", "\u2003\u2003Men|1|60", "\u2003Young|2|61", "Milk|3|62"),
            [["Tea", "Sex", "Men"], ["Tea", "Young"], ["Milk"]],
        ),
    ],
)
def test_a_name_alone_in_its_row_is_repeated_in_the_rows_of_its_group(
    lines: tuple[str, ...], first_cells: list[list[str]]
) -> None:
    inner = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line.split('|'))}</tr>" for line in lines)
    document = read(article(GROUPED.format(inner)))
    assert [[cell for header, cell in row if header in {"", "Group"}] for row in rows(document)] == first_cells


def test_a_group_over_all_columns_ends_where_rows_are_no_longer_moved_in() -> None:
    inner = "<tr><td colspan='3'>Sex</td></tr><tr><td>&#x2003;Men</td><td>1</td><td>2</td></tr>"
    inner += "<tr><td>Age</td><td>3</td><td>4</td></tr>"
    assert [row[0][1] for row in rows(read(article(GROUPED.format(inner))))] == ["Sex", "Age"]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<sup>a</sup>All men.", "All men."),
        ("<sup>1</sup>Values are means.", "Values are means."),
        ("<sup>18</sup>F was given.", "18F was given."),
        ("Tea (or cups <xref ref-type='bibr'>[25]</xref>) helps.", "Tea (or cups) helps."),
        ("It is shown in [<xref ref-type='bibr'>12</xref>].", "It is shown in [12]."),
        ("Tea (see <xref ref-type='bibr'>[12]</xref>) helps.", "Tea (see [12]) helps."),
    ],
)
def test_marks_that_begin_a_note_go_and_those_that_a_sentence_needs_stay(raw: str, clean: str) -> None:
    assert texts(f"<p>{raw}</p>") == [clean]


def test_contributors_that_are_only_persons_are_authors_but_in_a_group_of_editors() -> None:
    person = "<contrib contrib-type='person'><name><surname>{}</surname></name></contrib>"
    front = f"<contrib-group content-type='author'>{person.format('Ash')}</contrib-group>"
    front += f"<contrib-group content-type='section editors'>{person.format('No')}</contrib-group>"
    group = "<collab><named-content>Tea Group</named-content></collab>"
    front += f"<contrib-group><contrib contrib-type='Author'>{group}</contrib></contrib-group>"
    assert read(article(front=front)).source.authors == "Ash, Tea Group"


def test_terms_in_the_words_of_the_copyright_are_the_licence() -> None:
    front = "<copyright-statement>Ash. Distributed under the Creative Commons licence.</copyright-statement>"
    assert "Creative Commons" in read(article(front=front)).source.licence
    assert read(article(front="<copyright-statement>© Ash</copyright-statement>")).source.licence == ""


def test_an_article_of_a_publishers_own_kind_is_refused_by_name() -> None:
    own = "<article xmlns='http://example.org/ja'><item-info/><head/><body><para>x</para></body></article>"
    with pytest.raises(CorpusError, match="publisher's own XML, not JATS"):
        read(own)


def test_the_colon_behind_a_title_is_no_part_of_the_section() -> None:
    document = read(article("<sec><title>Methods:</title><p>Tea.</p></sec>"))
    assert [(block.section, words(document, block)) for block in document.blocks] == [
        ((), "Methods:"),
        (("Methods",), "Tea."),
    ]
