"""Papers in the JSON of CORD-19."""

# ruff: noqa: E501 (a file a line reads better than a file a paragraph)

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from crafted_markup import _tables

Files = dict[str, Callable[[], bytes]]


def paper(**extra: Any) -> bytes:
    whole: dict[str, Any] = {
        "paper_id": "0",
        "metadata": {"title": "T", "authors": []},
        "abstract": [],
        "body_text": [{"text": "Some words of it.", "cite_spans": [], "ref_spans": [], "section": "A"}],
        "ref_entries": {},
    }
    return json.dumps({**whole, **extra}).encode()


def raw(key: str, value: str) -> bytes:
    """A paper with a value as it is written."""
    return paper().replace(b'"paper_id": "0"', f'"paper_id": "0", "{key}": {value}'.encode("utf-8", "surrogatepass"))


def body(text: str, **extra: Any) -> bytes:
    return paper(body_text=[{"text": text, "cite_spans": [], "ref_spans": [], "section": "A", **extra}])


def json_files() -> Files:
    odd = [
        "null",
        "true",
        "1",
        '"x"',
        "[]",
        "{}",
        "[null]",
        "[[]]",
        "[{}]",
        '{"a": null}',
        "NaN",
        "-Infinity",
        "1e999",
        "9" * 20_000,
    ]
    files: Files = {}
    for key in ("metadata", "abstract", "body_text", "ref_entries", "back_matter", "year"):
        for i, value in enumerate(odd):
            files[f"{key} {i}"] = lambda key=key, value=value: b'{"paper_id": "0", "metadata": {"title": "T"}, "body_text": [{"text": "Some words."}], "%s": %s}' % (key.encode(), value.encode())  # type: ignore[misc] # fmt: skip
    spans = [{"start": i, "end": i + 1, "text": None, "ref_id": "B"} for i in range(60_000)]
    tables = _tables()
    files |= {
        f"html {name}": lambda html=html: paper(ref_entries={"T": {"text": "Table 1", "html": html}})  # type: ignore[misc]
        for name, html in tables.items()
    }
    files |= {
        "deep list": lambda: b"[" * 200_000,
        "deep object": lambda: b'{"a":' * 200_000,
        "deep inside": lambda: raw("x", "[" * 100_000 + "]" * 100_000),
        "deep 900": lambda: raw("x", "[" * 900 + "]" * 900),
        "int huge": lambda: raw("x", "9" * 5000),
        "int 10**5000 span": lambda: body("Some words.").replace(b'"cite_spans": []', b'"cite_spans": [{"start": 1%s, "end": 2}]' % (b"0" * 4200)),
        "int long": lambda: raw("x", "9" * 1_000_000),
        "float": lambda: raw("year", "1e400"),
        "nan": lambda: body("Some words.").replace(b'"cite_spans": []', b'"cite_spans": [{"start": NaN, "end": Infinity}]'),
        "surrogate": lambda: body("Some \ud800 words \udfff."),
        "surrogate title": lambda: paper(metadata={"title": "\ud800 T", "authors": [{"first": "\udc00", "last": "Ash"}]}),
        "surrogate raw": lambda: raw("x", '"\ud800"'),
        "surrogate section": lambda: body("Some words.", section="\ud83d"),
        "nul": lambda: body("Some \0 words \x01."),
        "keys twice": lambda: b'{"paper_id": "0", "paper_id": 1, "metadata": {}, "body_text": [], "body_text": [{"text": "words here"}]}',
        "keys many": lambda: paper(**{f"k{i}": i for i in range(200_000)}),
        "keys same hash": lambda: paper(**{str(i * (2**61 - 1)): 0 for i in range(3000)}),
        "spans many": lambda: body("word " * 20_000, cite_spans=spans),
        "spans overlap": lambda: body("word " * 4000, cite_spans=[{"start": i, "end": 20_000, "text": None} for i in range(15_000)]),
        "spans nested": lambda: body("(" * 20_000 + "1" + ")" * 20_000, cite_spans=[{"start": 20_000, "end": 20_001, "text": "1"}]),
        "spans same": lambda: body("word (1) " * 10, cite_spans=[{"start": 6, "end": 7, "text": "1"}] * 100_000),
        "spans negative": lambda: body("Some words.", cite_spans=[{"start": -5, "end": -1}, {"start": 3, "end": 2}, {"start": True, "end": 5}]),
        "spans shapes": lambda: body("Some words.", cite_spans=[None], ref_spans=[{"ref_id": ["x"]}]),
        "spans commas": lambda: body("1," * 30_000, cite_spans=[{"start": 2 * i, "end": 2 * i + 1, "text": "1"} for i in range(30_000)]),
        "text long": lambda: body("word " * 3_000_000),
        "text 25 MB": lambda: body("x" * 25_000_000),
        "text brackets": lambda: body("[" * 500_000),
        "texts many": lambda: paper(body_text=[{"text": "a.", "section": str(i % 2)} for i in range(120_000)]),
        "texts empty": lambda: paper(body_text=[{"text": ""}] * 300_000),
        "sections deep": lambda: paper(body_text=[{"text": "a.", "section": ":::".join(f"s{j} {i}" for j in range(1000))} for i in range(30)]),
        "sections long": lambda: paper(body_text=[{"text": "a.", "section": "name " * 1000 + str(i % 2)} for i in range(3000)]),
        "section colons": lambda: body("Some words.", section=":" * 1_000_000),
        "entries many": lambda: paper(ref_entries={f"F{i}": {"text": "Figure 1. x"} for i in range(100_000)}),
        "entries circle": lambda: paper(ref_entries={"F": {"text": "x", "ref_spans": [{"ref_id": "F"}]}}),
        "entries tables": lambda: paper(ref_entries={f"T{i}": {"text": "x", "html": "<table><tr><td>a</td><td>b</td></tr></table>"} for i in range(10_000)}),
        "entries captions": lambda: paper(ref_entries={f"T{i}": {"text": "x " * 5000, "html": "<table>" + "<tr><td>a</td><td>b</td></tr>" * 50 + "</table>"} for i in range(100)}),
        "authors": lambda: paper(metadata={"title": "T", "authors": [{"first": "A", "last": "Ash"}] * 100_000}),
        "authors odd": lambda: paper(metadata={"title": "T", "authors": [{"first": 1, "middle": {"a": 1}, "last": None}, "B"]}),
        "title long": lambda: paper(metadata={"title": "word " * 1_000_000, "authors": []}),
        "html deep": lambda: paper(ref_entries={"T": {"text": "x", "html": "<table><tr><td>" + "<i>" * 50_000 + "a"}}),
        "html deep 240": lambda: paper(ref_entries={"T": {"text": "x", "html": "<table><tr><td>" + "<i>" * 240 + "a"}}),
        "html nested": lambda: paper(ref_entries={"T": {"text": "x", "html": "<table><tr><td>" * 80 + "a"}}),
        "html open": lambda: paper(ref_entries={"T": {"text": "x", "html": "<table><tr><td><!--" * 9000}}),
        "html nul": lambda: paper(ref_entries={"T": {"text": "x", "html": "<table><tr><td>a\0b</td><td>\ud800</td></tr></table>"}}),
        "html digits": lambda: paper(ref_entries={"T": {"text": "x", "html": "<table><tr><td colspan='٣'>a</td><td rowspan='²'>b</td></tr></table>"}}),
        "html xml": lambda: paper(ref_entries={"T": {"text": "x", "html": "<?xml version='1.0' encoding='utf-16'?><table><tr><td>a</td></tr></table>"}}),
        "trailing": lambda: paper() + b"x",
        "lines": lambda: paper() + b"\n" + paper(),
        "commas": lambda: b"[" + b"," * 1_000_000,
        "truncated": lambda: paper()[:-30],
        "comments": lambda: b"// x\n" + paper(),
        "single quotes": lambda: paper().replace(b'"', b"'"),
        "utf16": lambda: paper().decode().encode("utf-16"),
        "utf32": lambda: paper().decode().encode("utf-32"),
        "bom": lambda: b"\xef\xbb\xbf" + paper(),
        "latin": lambda: paper().replace(b"words", b"caf\xe9"),
        "escape bad": lambda: paper().replace(b"words", b"w\\uD8"),
        "list": lambda: b"[]",
        "number": lambda: b"1e999999",
        "string open": lambda: b'{"paper_id": "' + b"a" * 5_000_000,
        "big 31 MB": lambda: b" " * 31_000_000 + paper(),
    }  # fmt: skip
    return files
