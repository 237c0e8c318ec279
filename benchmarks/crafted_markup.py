"""Web pages and JATS articles."""

# ruff: noqa: E501 (a file a line reads better than a file a paragraph)

from __future__ import annotations

from collections.abc import Callable

Files = dict[str, Callable[[], bytes]]
MB = 1_000_000
_LOL = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
ENTITIES = {
    "billion laughs": f'<!DOCTYPE r [<!ENTITY l0 "lol">{_LOL}]>',
    "quadratic entity": f'<!DOCTYPE r [<!ENTITY l9 "{"a" * 100_000}">]>',
    "xxe file": '<!DOCTYPE r [<!ENTITY l9 SYSTEM "file:secret">]>',
    "xxe http": '<!DOCTYPE r [<!ENTITY l9 SYSTEM "http://127.0.0.1:9/x">]>',
    "xxe pipe": '<!DOCTYPE r [<!ENTITY l9 SYSTEM "/dev/zero">]>',
    "xxe parameter": '<!DOCTYPE r [<!ENTITY % p SYSTEM "file:secret"> %p; <!ENTITY l9 "x">]>',
    "xxe dtd": '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
    "entity circle": '<!DOCTYPE r [<!ENTITY l9 "&l8;"><!ENTITY l8 "&l9;">]>',
    "entity attribute": '<!DOCTYPE r [<!ATTLIST p id CDATA "x"><!ENTITY l9 "y">]>',
    "doctype long": "<!DOCTYPE r [" + "<!ENTITY a 'b'>" * 60_000 + "]>",
    "doctype open": "<!DOCTYPE r [" * 2000,
    "doctype brackets": "<!DOCTYPE r [" + "[" * 100_000 + "]>",
}


def page(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>T</title>{head}</head><body>{body}</body></html>".encode(
        errors="replace"
    )


def article(body: str, front: str = "", head: str = "") -> bytes:
    meta = f"<front><article-meta><title-group><article-title>T</article-title></title-group>{front}</article-meta></front>"
    return f'<?xml version="1.0"?>{head}<article>{meta}<body>{body}</body></article>'.encode(errors="replace")


def _tables(cell: str = "td", row: str = "tr") -> dict[str, str]:
    """Tables that are larger than they look."""
    return {
        "table spans": "<table>" + f'<{row}><{cell} rowspan="1000" colspan="1000">a</{cell}></{row}>' * 1000 + "</table>",
        "table rowspans": "<table>" + "".join(f'<tr><td rowspan="{1000 - i}">a{i}</td></tr>' for i in range(1000)) + "</table>",
        "table wide": "<table><tr>" + "<td>a</td>" * 100_000 + "</tr></table>",
        "table wide 999": "<table>" + ("<tr>" + "<td>a</td>" * 999 + "</tr>") * 120 + "</table>",
        "table long": "<table>" + "<tr><td>a</td><td>b</td></tr>" * 80_000 + "</table>",
        "table headers": "<table><tr>" + f"<th>{'h' * 5000}</th>" * 500 + "</tr>" + ("<tr>" + "<td>1</td>" * 500 + "</tr>") * 200 + "</table>",
        "table caption": f"<table><caption>{'c ' * 500_000}</caption>" + "<tr><td>a</td><td>b</td></tr>" * 5000 + "</table>",
        "table cell": f'<table><tr><td rowspan="1000" colspan="500">{"x " * 200_000}</td></tr>' + "<tr><td>a</td></tr>" * 999 + "</table>",
        "table cell short": f'<table><tr><td rowspan="999" colspan="400">{"x" * 499}</td></tr>' + "<tr><td>a</td></tr>" * 999 + "</table>",
        "table span sign": '<table><tr><td colspan="-1" rowspan="0">a</td><td colspan="99999999">b</td></tr><tr><td colspan="1e9">c</td></tr></table>',
        "table span digits": f'<table><tr><td colspan="{"9" * 5000}">a</td><td rowspan="²">b</td></tr></table>',
        "table rows empty": "<table>" + "<tr></tr>" * 100_000 + "<tr><td>a</td></tr></table>",
        "table heads": "<table>" + "<tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr>" * 10_000 + "</table>",
        "table groups": "<table>" + "<tr><td colspan='3'>Group</td></tr><tr><td>1</td><td>2</td><td>3</td></tr>" * 10_000 + "</table>",
        "tables nested": "<table><tr><td>a" * 100 + "</td></tr></table>" * 100,
        "tables nested deep": "<table><tr><td>a" * 3000,
        "tables many": "<table><tr><td>a</td><td>b</td></tr></table>" * 30_000,
    }  # fmt: skip


def _shapes(block: str) -> dict[str, str]:
    """Patterns of elements and of text."""
    p = block
    return {
        "deep": f"<{p}>a" * 5000,
        "deep closed": "<i>" * 4000 + "a" + "</i>" * 4000,
        "deep huge": "<b>" * 300_000,
        "depth 119": "<sec><p>" * 58 + "words here" + "</p></sec>" * 58,
        "many elements": f"<{p}>a</{p}>" * 150_000,
        "most elements": f"<{p}/>" * 600_000,
        "inline many": f"<{p}>" + "<i>a</i><b>b</b>" * 60_000 + f"</{p}>",
        "sup many": f"<{p}>" + "word<sup>1</sup>, " * 50_000 + f"</{p}>",
        "sup run": f"<{p}>word" + "<sup>1</sup>" * 80_000 + f"</{p}>",
        "sup long": f"<{p}>word<sup>" + "1," * 500_000 + f"</sup></{p}>",
        "links many": f"<{p}>" + '[<a href="#r1">1</a>], ' * 40_000 + f"</{p}>",
        "link run": f"<{p}>[" + '<a href="#r1">1</a>' * 60_000 + f"]</{p}>",
        "xref run": f"<{p}>[" + '<xref ref-type="bibr" rid="b1">1</xref>, ' * 50_000 + f"]</{p}>",
        "xref words": f"<{p}>" + '(<xref ref-type="bibr" rid="b1">Ash 2020</xref>; ' * 40_000 + f"</{p}>",
        "text long": f"<{p}>{'word ' * 1_500_000}</{p}>",
        "text 9 MB": f"<{p}>{'x' * 9_900_000}</{p}>",
        "text 15 MB": f"<{p}>{'x' * 15_000_000}</{p}>",
        "text 25 MB": (f"<{p}>" + "words of it " * 1000 + f"</{p}>") * 2100,
        "brackets": f"<{p}>{'[' * 300_000}</{p}>",
        "brackets open": f"<{p}>{'(a ' * 300_000}</{p}>",
        "spaces": f"<{p}>a{' ' * 5_000_000}b</{p}>",
        "soft hyphens": f"<{p}>{'a­' * 300_000}</{p}>",
        "entities": f"<{p}>{'&amp;&lt;&#945;' * 200_000}</{p}>",
        "entities bad": f"<{p}>{'&#xD800;&#0;&#x110000;&nothing;&' * 2000} words</{p}>",
        "attributes": f"<{p} " + " ".join(f'a{i}="b"' for i in range(60_000)) + f">a</{p}>",
        "attribute long": f'<{p} id="{"x" * 9_000_000}">a</{p}>',
        "class long": f'<{p} class="{"nav cookie " * 200_000}">words here</{p}>',
        "style long": f'<{p} style="{"display  :" * 100_000}">words here</{p}>',
        "comments": f"<{p}>a</{p}>" + "<!-- a -->" * 200_000,
        "comment open": f"<{p}>a</{p}><!--" + "-" * 1_000_000,
        "declarations": "<!" * 400_000,
        "cdata": f"<{p}><![CDATA[{'a' * 1_000_000}]]></{p}>",
        "processing": "<?a b?>" * 100_000 + f"<{p}>a</{p}>",
        "unclosed": f"<{p}>words</i></b></{p}x>",
        "controls": f"<{p}>a\x01\x02\x08b</{p}>",
        "nul": f"<{p}>a\0b words</{p}>",
        "noncharacters": f"<{p}>a\ufffe\uffffb words</{p}>",
        "bidi": f"<{p}>a\u202eb\u202c words</{p}>",
        "math deep": "<math>" + "<mrow>" * 100 + "<mi>x</mi>" + "</mrow>" * 100 + "</math>",
        "math deeper": "<math>" + "<msup>" * 5000 + "<mi>x</mi>",
        "math wide": f"<{p}><math>" + "<mfrac><mi>x</mi><mi>y</mi></mfrac>" * 50_000 + f"</math></{p}>",
        "svg": "<svg>" + "<title>a</title><g>" * 3000 + f"</svg><{p}>words</{p}>",
        "captions": "<p>Table 1. Doses</p>" * 60_000,
        "lists deep": "<ul><li>a" * 1000,
        "lists long": "<ul>" + "<li>a</li>" * 100_000 + "</ul>",
        "definitions": "<dl>" + "<dt>a</dt><dd>b</dd>" * 50_000 + "</dl>",
        "pre": f"<pre>{'a  b' * 300_000}</pre>",
        "breaks": f"<{p}>{'a<br/>' * 150_000}</{p}>",
    }  # fmt: skip


def html_files() -> Files:
    bodies = _shapes("p") | _tables() | {
        "headings": "<h2>Methods</h2><p>a</p>" * 40_000,
        "headings deep": "".join(f"<h{i % 6 + 1}>{'name ' * 400}</h{i % 6 + 1}><p>Text.</p>" for i in range(2000)),
        "headings wrapped": ("<div>" * 4 + "<h2>Methods</h2>" + "</div>" * 4 + "<p>a</p>") * 15_000,
        "references": "<h2>References</h2>" + "<p>1. Ash A. Title. 2020.</p>" * 50_000,
        "nav": "<nav>" + "<a href='/'>x</a>" * 100_000 + "</nav><p>words</p>",
        "hidden": "<p hidden>x</p>" * 100_000,
        "main many": "<main><p>a</p>" * 100_000,
        "articles many": "<article><p>a</p></article>" * 60_000,
        "articles nested": "<article><p>words</p>" * 1000,
        "script": "<script>" + "a<b;" * 500_000 + "</script><p>words</p>",
        "script open": "<p>words</p><script>" + "<!--<script>" * 60_000,
        "textarea": "<p>words</p><textarea>" + "<p>" * 100_000,
        "frameset": "<frameset><frame src='file:secret'></frameset>",
        "includes": "<iframe src='file:secret'></iframe><object data='/etc/passwd'></object><p>words</p>",
        "templates": "<template>" * 3000 + "<p>words</p>",
        "form all": "<form>" + "<p>words of a page</p>" * 3000 + "</form>",
    }  # fmt: skip
    files: Files = {name: lambda body=body: page(body) for name, body in bodies.items()}  # type: ignore[misc]
    files |= {name: lambda head=head: head.encode() + b"<html><body><p>&l9; words</p></body></html>" for name, head in ENTITIES.items()}  # type: ignore[misc] # fmt: skip
    files |= {
        "xhtml " + name: lambda head=head: (
            f'<?xml version="1.0"?>{head}<html><body><p>&l9; words</p></body></html>'.encode()
        )  # type: ignore[misc]
        for name, head in ENTITIES.items()
    }
    files |= {
        "charset wrong": lambda: b'<meta charset="utf-16"><p>words here</p>',
        "charset none": lambda: b'<meta charset="no-such"><p>words here \xe9</p>',
        "charset codec": lambda: b'<meta charset="zlib_codec"><p>words here</p>',
        "charset idna": lambda: b'<meta charset="idna"><p>words here \xe9</p>',
        "charset punycode": lambda: b'<meta charset="punycode"><p>words here-' + b"a" * 200_000 + b"</p>",
        "charset escape": lambda: b'<meta charset="unicode_escape"><p>words \\ud800 here</p>',
        "charset utf7": lambda: b'<meta charset="utf-7"><p>words +2AA- here</p>',
        "charset metas": lambda: b'<meta charset="x">' * 100_000 + b"<p>words</p>",
        "charset long": lambda: b'<meta charset="' + b"x" * MB + b'"><p>words</p>',
        "utf16": lambda: "<p>Dose β 😀 words</p>".encode("utf-16"),
        "utf32": lambda: "<p>Dose β 😀 words</p>".encode("utf-32"),
        "latin": lambda: "<p>Größe für Café</p>".encode("latin-1"),
        "sjis": lambda: ('<meta charset="shift_jis"><p>' + "用量は四ミリ" * 9 + "</p>").encode("shift-jis"),
        "json ld": lambda: page("<p>words</p>", '<script type="application/ld+json">' + "[" * 100_000 + "</script>"),
        "json ld int": lambda: page("<p>words</p>", f'<script type="application/ld+json">{{"@type": "Article", "name": {"9" * 9000}}}</script>'),
        "json ld surrogate": lambda: page("<p>words</p>", '<script type="application/ld+json">{"@type": "Article", "headline": "\\ud800"}</script>'),
        "json ld many": lambda: page("<p>words</p>", '<script type="application/ld+json">{"@type": "Article"}</script>' * 30_000),
        "json ld shapes": lambda: page("<p>words</p>", '<script type="application/ld+json">{"@type": ["Article", 1, null], "author": [[[{"name": {}}]], 5], "license": [1], "url": {}, "@id": [null, {"value": 3}], "isPartOf": [[{"isPartOf": []}]]}</script>'),
        "metas": lambda: page("<p>words</p>", '<meta name="citation_author" content="Ash, A">' * 50_000),
        "meta long": lambda: page("<p>words</p>", f'<meta name="citation_title" content="{"x " * 2 * MB}"><meta name="citation_date" content="{"20" * 500_000}"><meta name="citation_doi" content="{"10.1234/" * 100_000}">'),
        "title long": lambda: b"<title>" + b"word " * 400_000 + b"</title><p>words</p>",
        "h1 long": lambda: page("<h1>" + "word " * 400_000 + "</h1>" + "<p>words</p>" * 3000),
        "plain": lambda: b"no tags at all, words only",
        "two": lambda: page("<p>a words</p>") * 300,
        "tag open": lambda: b"<p>words <" + b"a" * MB,
        "quotes open": lambda: b'<p>words <a href="' * 30_000,
    }  # fmt: skip
    return files


def jats_files() -> Files:
    bodies = _shapes("p") | {
        name: f"<table-wrap><label>Table 1</label>{table}</table-wrap>" for name, table in _tables().items()
    }  # fmt: skip
    bodies |= {
        "sections deep": "<sec><title>a</title><p>b</p>" * 40 + "</sec>" * 40,
        "sections": "<sec><title>Methods</title><p>b</p></sec>" * 40_000,
        "titles long": f"<sec><title>{'name ' * 300}</title>" * 30 + "<p>Text.</p>" * 2000 + "</sec>" * 30,
        "footnotes": "<p>a" + "<fn><p>note</p></fn>" * 50_000 + "</p>",
        "figures in figures": "<fig><caption><p>a" * 30 + "</p></caption></fig>" * 30,
        "wraps in paragraphs": "<p>a<table-wrap><table><tr><td>x<p>b" * 20 + "</p></td></tr></table></table-wrap></p>" * 20,
        "cals": "<table-wrap><table><tgroup cols='3'>" + "".join(f"<colspec colname='c{i}'/>" for i in range(3000)) + "<tbody>" + "<row><entry namest='c1' nameend='c2999' morerows='999'>x</entry></row>" * 500 + "</tbody></tgroup></table></table-wrap>",
        "cals back": "<table-wrap><table><tgroup cols='3'><colspec colname='a'/><colspec colname='b'/><tbody><row><entry namest='b' nameend='a' morerows='-5'>x</entry></row></tbody></tgroup></table></table-wrap>",
        "alternatives": "<alternatives>" * 50 + "<p>x</p>" + "</alternatives>" * 50,
        "formulas": "<p>" + "<tex-math>\\begin{document}x</tex-math>" * 40_000 + "</p>",
        "metadata": "<p>x</p><custom-meta-group>" + "<a>b</a>" * 100_000 + "</custom-meta-group>",
    }  # fmt: skip
    files: Files = {name: lambda body=body: article(body) for name, body in bodies.items()}  # type: ignore[misc]
    files |= {name: lambda head=head: article("<p>&l9; words</p>", head=head) for name, head in ENTITIES.items()}  # type: ignore[misc]
    files |= {
        "includes": lambda: article('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:secret" parse="text"/><p>x</p>'),
        "stylesheet": lambda: b'<?xml-stylesheet href="file:secret"?>' + article("<p>x</p>")[21:],
        "namespaces": lambda: article("<p " + " ".join(f'xmlns:a{i}="b{i}"' for i in range(20_000)) + ">x</p>"),
        "namespaces nested": lambda: article("".join(f'<a{i}:p xmlns:a{i}="b">' for i in range(100)) + "x"),
        "encoding wrong": lambda: article("<p>x</p>").replace(b'"1.0"', b'"1.0" encoding="utf-16"'),
        "encoding none": lambda: article("<p>x</p>").replace(b'"1.0"', b'"1.0" encoding="no-such"'),
        "encoding codec": lambda: article("<p>x</p>").replace(b'"1.0"', b'"1.0" encoding="zlib_codec"'),
        "encoding utf7": lambda: article("<p>x</p>").replace(b'"1.0"', b'"1.0" encoding="utf-7"'),
        "utf16": lambda: article("<p>Dose β 😀</p>").decode().encode("utf-16"),
        "version": lambda: article("<p>x</p>").replace(b'"1.0"', b'"9.9"'),
        "rss": lambda: b"<rss><channel><item><title>x</title></item></channel></rss>",
        "no article": lambda: b"<a/>",
        "article empty": lambda: b"<article/>",
        "articles": lambda: b"<set>" + article("<p>x</p>")[21:] * 3000 + b"</set>",
        "articles nested": lambda: b"<article>" * 100 + b"<body><p>x</p></body>" + b"</article>" * 100,
        "authors": lambda: article("<p>x</p>", "<contrib-group>" + "<contrib contrib-type='author'><name><surname>Ash</surname></name></contrib>" * 40_000 + "</contrib-group>"),
        "years": lambda: article("<p>x</p>", f"<pub-date><year>{'9' * 100_000}</year></pub-date><article-id pub-id-type='doi'>{'x' * 500_000}</article-id>"),
        "truncated": lambda: article("<p>x</p>" * 99)[:-50],
        "bom": lambda: b"\xef\xbb\xbf" + article("<p>x words</p>"),
        "blank before": lambda: b"\n\n  " + article("<p>x words</p>"),
        "tag name long": lambda: article("<" + "a" * MB + "/>"),
        "utf8 bad": lambda: article("<p>x words</p>").replace(b"words", b"w\xff\xfe"),
    }  # fmt: skip
    return files
