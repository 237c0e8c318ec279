"""Plain text, Markdown, sidecars and noise."""

from __future__ import annotations

import random
from collections.abc import Callable

Files = dict[str, Callable[[], bytes]]
N = 200_000
MB = 1_000_000


def noise_files() -> dict[str, bytes]:
    """Bytes that are wrong under any suffix."""
    rng = random.Random(7)
    return {
        "empty": b"",
        "one byte": b"\0",
        "blank": b" \n\t\r\n" * 50,
        "noise small": rng.randbytes(300),
        "noise": rng.randbytes(200_000),
        "zeros": b"\0" * MB,
        "ff": b"\xff" * 100_000,
        "bom only": b"\xef\xbb\xbf",
        "bom utf16": b"\xff\xfe",
        "bom utf32": b"\xff\xfe\0\0",
        "magic pdf": b"%PDF-1.7\n",
        "magic zip": b"PK\x03\x04",
        "magic zip end": b"PK\x05\x06" + b"\0" * 18,
        "magic ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "magic gzip": b"\x1f\x8b\x08\0" + rng.randbytes(200),
        "magic png": b"\x89PNG\r\n\x1a\n" + rng.randbytes(200),
        "magic elf": b"\x7fELF" + b"\0" * 400,
        "polyglot": b"%PDF-1.7\n<html><p>Words of a page.</p><script>/*PK\x03\x04*/</script></html>\n%%EOF",
        "polyglot json": b'{"paper_id": "<html>", "a": "%PDF-1.4 PK\x03\x04"}',
        "many lines": b"\n" * MB,
    }


def _both() -> Files:
    """Patterns that may cost a reader of lines more than their length."""
    return {
        "long line": lambda: b"word " * (N * 2),
        "long word": lambda: b"a" * (4 * MB),
        "short lines": lambda: b"a b.\n" * N,
        "paragraphs": lambda: b"Hello world is.\n\n" * N,
        "spaces": lambda: b"a" + b" " * (4 * MB) + b"b\n",
        "blank lines": lambda: b"a\n" + b"\n" * (4 * MB) + b"b\n",
        "tabs": lambda: b"a\tb\tc\n" * N,
        "digits": lambda: b"1 2 3 4\n" * N,
        "commas": lambda: b"a.1,2,3,4,5,6,7,8,9," * N,
        "hyphens": lambda: b"foo-\nbar " * N,
        "captions": lambda: b"Table 1. Doses\n\n" * 50_000,
        "captions rows": lambda: b"Table 1. Doses\n\nDrug   Dose   Days\n" + b"Tea   4 mg   7\n" * 60_000,
        "wide rows": lambda: (b"cell   " * 3000 + b"\n") * 100,
        "references": lambda: b"References\n\n" + b"1. Ash A, Birch B. Title. J Cafe. 2020;1:2.\n" * 60_000,
        "headings": lambda: b"# Methods\n" * N,
        "capitals": lambda: b"MATERIALS AND METHODS\n" * 100_000,
        "numbered": lambda: b"".join(b"%d.%d Study design\n" % (i, i) for i in range(60_000)),
        "glued marks": lambda: b"word.1 Word.2 word.3\n" * 50_000,
        "front matter": lambda: b"---\n" * N,
        "crlf mix": lambda: b"a\r\nb\rc\n\r" * 100_000,
        "dois": lambda: b"doi:10.1234/" * N,
        "brackets round": lambda: b"(" * N + b")" * N,
        "utf16": lambda: ("Dose β 😀 is 4 mg.\n\n" * 1000).encode("utf-16"),
        "utf16 odd": lambda: ("Dose β 😀 is 4 mg.\n\n" * 1000).encode("utf-16")[:-1],
        "utf16 lone": lambda: b"\xff\xfe" + b"a\0\x00\xd8b\0" * 50,
        "utf32": lambda: ("Dose β 😀 is 4 mg.\n\n" * 1000).encode("utf-32"),
        "utf8 surrogates": lambda: b"Title\n\nwords \xed\xa0\x80 here\n",
        "utf7": lambda: b"+ADw-script+AD4- words\n",
        "latin1": lambda: ("Größe: 4 mg für Café.\n" * 50).encode("latin-1"),
        "ebcdic": lambda: ("The dose is 4 mg.\n" * 50).encode("cp037"),
        "sjis": lambda: ("用量は四ミリです。\n" * 50).encode("shift-jis"),
        "gb18030": lambda: ("剂量为四毫克。\n" * 50).encode("gb18030"),
        "controls": lambda: b"Title\n\nwords \x1b[31m\x07\x08 here\n",
        "combining": lambda: ("a" + "\u0301" * N).encode(),
        "bidi": lambda: "Title\n\nThe \u202edose\u202c is \u200b4 mg\ufeff.\n".encode(),
        "noncharacters": lambda: "Title\n\nThe \ufffe\uffff\U0010ffff dose.\n".encode(),
        "emoji": lambda: "👩‍👩‍👧‍👦".encode() * N,
        "big 20 MB": lambda: b"The dose of the drug is 4 mg a day in adults. It is taken with water.\n" * 290_000,
        "big lines 20 MB": lambda: b"word\n" * (4 * MB),
        "big line 20 MB": lambda: b"x" * (20 * MB),
        "big words 60 MB": lambda: b"some words " * (5 * MB),
        "form feeds": lambda: b"page\f" * N,
        "unicode spaces": lambda: ("a\u2003\u00a0\u3000" * N).encode(),
        "line separators": lambda: ("a\u2028b\u2029c\x85" * 50_000).encode(),
    }  # fmt: skip


def text_files() -> Files:
    return _both()


def markdown_files() -> Files:
    bomb = b"".join(
        b"%c: &%c [%s]\n" % (97 + i, 97 + i, b",".join([b"*%c" % (96 + i)] * 9)) for i in range(1, 9)
    )  # fmt: skip
    return _both() | {
        "deep list": lambda: b"".join(b"  " * i + b"- a\n" for i in range(3000)),
        "deep list line": lambda: b"- " * 50_000 + b"a\n",
        "deep quote": lambda: b">" * 100_000 + b" a\n",
        "quote ladder": lambda: b"".join(b"> " * i + b"a\n" for i in range(1500)),
        "open brackets": lambda: b"[" * N,
        "open images": lambda: b"![" * N,
        "close brackets": lambda: b"]" * N,
        "links": lambda: b"[a](b" * 50_000,
        "links nested": lambda: b"[" * 20_000 + b"a" + b"](b)" * 20_000,
        "links round": lambda: b"[a](" + b"(" * N,
        "link titles": lambda: b'[a](b "' * 30_000,
        "link references": lambda: b"".join(b"[a%d]: b\n" % i for i in range(40_000)) + b"[a1] " * 3000,
        "reference open": lambda: b"[a]: <" * 40_000,
        "emphasis": lambda: b"*a _b " * 80_000,
        "emphasis both": lambda: b"a**b" + b"c* " * 80_000,
        "stars": lambda: b"*" * N + b"a" + b"*" * N,
        "underscores": lambda: b"_a*" * 80_000,
        "ticks": lambda: b"".join(b"`" * i + b"a" for i in range(1, 1500)),
        "ticks same": lambda: b"`a" * N,
        "escapes": lambda: b"\\" * N + b"*",
        "entities": lambda: b"&amp;&lt;&#xD800;&#0;&#99999999;" * 30_000,
        "entity open": lambda: b"&" * N,
        "html open": lambda: b"<a " * N,
        "html attributes": lambda: b"<a" + b" b=c" * 100_000,
        "html declarations": lambda: b"<!A" * N,
        "comments open": lambda: b"a <!--" * 60_000,
        "comment blocks": lambda: b"<!--\n" * 60_000,
        "cdata": lambda: b"a <![CDATA[" * 60_000,
        "processing": lambda: b"a <?" * N,
        "script open": lambda: b"<script>\n" * 60_000,
        "less than": lambda: b"<" * (2 * MB),
        "autolinks": lambda: b"<http://a" * 60_000,
        "pipes": lambda: b"|" * N + b"\n" + b"|-" * (N // 2) + b"|\n" + b"|a" * N + b"\n",
        "pipes header": lambda: b"|a" * 20_000 + b"|\n" + b"|-" * 20_000 + b"|\n" + b"|\n" * 3000,
        "table long": lambda: b"|a|b|\n|-|-|\n" + b"|1|2|\n" * 100_000,
        "table escapes": lambda: b"|a|b|\n|-|-|\n" + b"|\\|" * N + b"\n",
        "tables": lambda: b"|a|b|\n|-|-|\n|1|2|\n\n" * 30_000,
        "table ticks": lambda: b"|a|b|\n|-|-|\n|" + b"`|" * N + b"\n",
        "dashes": lambda: b"-" * (2 * MB) + b"\n",
        "setext": lambda: b"a\n=\n" * 100_000,
        "setext long": lambda: b"a\n" * 100_000 + b"===\n",
        "fences": lambda: b"```\n" * 99_999,
        "fence open": lambda: b"~~~\n" + b"a\n" * N,
        "list tight": lambda: b"- a\n" * 100_000,
        "list loose": lambda: b"- a\n\n" * 100_000,
        "list numbers": lambda: b"999999999. a\n" * 60_000,
        "lists mixed": lambda: b"- a\n  1. b\n     * c\n" * 30_000,
        "heading huge": lambda: b"# " + b"word " * N + b"\n\n" + b"Text here.\n\n" * 3000,
        "heading deep": lambda: b"".join(b"#" * (i % 6 + 1) + b" " + b"name " * 300 + b"\n\nText.\n\n" for i in range(1500)),
        "caption huge": lambda: b"Table 1. " + b"word " * N + b"\n\n|a|b|\n|-|-|\n" + b"|1|2|\n" * 3000,
        "header huge": lambda: b"|" + b"word " * N + b"|b|\n|-|-|\n" + b"|1|2|\n" * 3000,
        "yaml brackets": lambda: b"---\na: " + b"[" * 100_000 + b"\n---\nx\n",
        "yaml braces": lambda: b"---\na: " + b"{a: " * 100_000 + b"\n---\nx\n",
        "yaml dashes": lambda: b"---\n" + b"- " * 100_000 + b"\n---\nx\n",
        "yaml bomb": lambda: b"---\na: &a [x,x,x,x,x,x,x,x,x]\n" + bomb + b"title: *i\nauthors: *i\n---\n\nWords.\n",
        "yaml circle": lambda: b"---\nsource: &a {title: *a, authors: [*a]}\n---\n\nWords.\n",
        "yaml circle list": lambda: b"---\nauthors: &a [*a, *a]\n---\n\nWords.\n",
        "yaml tags": lambda: b"---\ntitle: !!python/object/apply:os.system ['touch /tmp/pwned']\n---\n\nWords.\n",
        "yaml merge": lambda: b"---\na: &a {b: c}\n<<: *a\n---\n\nWords.\n",
        "yaml keys": lambda: b"---\n? [a]\n: b\n? {c: d}\n: e\n---\n\nWords.\n",
        "yaml surrogate": lambda: b'---\ntitle: "\\ud800 x"\nauthors: ["\\udfff"]\n---\n\nWords.\n',
        "yaml long": lambda: b"---\n" + b"".join(b"k%d: v\n" % i for i in range(60_000)) + b"---\n\nWords.\n",
        "yaml title huge": lambda: b"---\ntitle: " + b"word " * N + b"\n---\n\nWords.\n",
        "yaml quotes": lambda: b"---\ntitle: '" + b"''" * N + b"\n---\n\nWords.\n",
        "yaml controls": lambda: b"---\ntitle: a\x07b\n---\n\nWords.\n",
        "yaml twice": lambda: b"---\n" * 3 + b"title: a\n",
        "only front matter": lambda: b"---\ntitle: a\n---\n",
        "only markup": lambda: b"***\n\n---\n\n<!-- a -->\n\n[a]: b\n",
        "only image": lambda: b"![](a.png)\n",
    }  # fmt: skip


def sidecar_files() -> dict[str, bytes]:
    return {
        "brackets": b"title: " + b"[" * 90_000,
        "braces": b"title: " + b"{a: " * 20_000,
        "dashes": b"- " * 40_000,
        "keys": b"".join(b"k%d: v\n" % i for i in range(9000)),
        "questions": b"? " * 40_000,
        "bomb": b"authors: &a [x,x]\ntitle: *a\n",
        "circle": b"authors: &a [*a]\n",
        "surrogate": b'title: "\\ud800"\n',
        "noise": random.Random(3).randbytes(5000),
        "big": b"title: " + b"a" * 200_000,
        "tag": b"!!python/object/apply:os.system ['true']\n",
        "year": b"year: " + b"9" * 5000,
        "two": b"title: a\n---\ntitle: b\n",
        "quotes": b"title: '" + b"''" * 40_000,
        "null": b"\0\0\0",
        "utf16": "title: a\n".encode("utf-16"),
        "anchors": b"title: " + b"&a " * 30_000,
        "tags": b"title: " + b"!a " * 30_000,
        "folded": b"title: >\n" + b" a\n" * 30_000,
        "flow keys": b"{" + b"a: b, " * 15_000 + b"}",
        "comments": b"#" * 99_000,
        "controls": b"title: \x07",
        "empty": b"",
    }
