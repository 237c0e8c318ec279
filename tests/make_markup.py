"""Web pages and JATS articles made from notes, and what must hold for every document that is read from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from unittest import mock

from qa.corpus.builder import DocumentBuilder
from qa.corpus.markdown import read_markdown
from qa.schema import Block, Document, Source

NOTES = Path(__file__).resolve().parent.parent / "corpus" / "documents"
CAFE = """---
title: "Café doses 😀 of β blockers"
source: {title: "The Café Guide", authors: "Ann Ash", container: "J Café", year: 2021, doi: "10.1234/cafe.5"}
licence: CC BY 4.0
---

# Café doses 😀 of β blockers

Doses ≤ 4 mg & more are < 5 😀.

## Dose – adults

Two cups. Naïve patients drink one.

- a first item β
- a second item

### At night

Table 1. Cups & doses by drug.

| Drug | Dose ≤ |
| --- | --- |
| Café 😀 | 4 mg |
| Tea < 2 | 5 µg |

## After

The end 😀.
"""


def notes() -> list[str]:
    """The text of notes that have sections, lists and tables between them, one of them full of signs."""
    names = (
        "dosage-of-approved-jak-inhibitors",
        "jak-stat-pathway",
        "warnings-and-side-effects",
        "laboratory-monitoring",
    )
    return [CAFE, *((NOTES / f"{name}.md").read_text("utf-8") for name in names)]


def read_note(text: str) -> Document:
    """The note as the Markdown reader has it."""
    return read_markdown(text, doc_id="note", path="note.md")


def make_html(text: str, *, head: str = "", before: str = "", after: str = "") -> bytes:
    """The note as a web page with the furniture of one around it."""
    note = read_note(text)
    body = "\n".join(_html_blocks(note))
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(_title(note))} | Site</title>{_highwire(note.source)}{head}
<style>p {{ color: red }}</style></head><body>
<header><a href="/">Site header</a></header><nav><ul><li>Menu entry</li></ul></nav>{before}
<main>{body}</main>{after}
<aside>Sidebar words</aside><footer>Footer words</footer><script>var code = "<p>no words</p>";</script>
</body></html>""".encode()


def make_jats(text: str, *, back: str = "", doctype: bool = True) -> bytes:
    """The note as a JATS article."""
    note = read_note(text)
    source = note.source
    names = "".join(
        f'<contrib contrib-type="author"><name><surname>{escape(name.split()[-1])}</surname>'
        f"<given-names>{escape(' '.join(name.split()[:-1]))}</given-names></name></contrib>"
        for name in filter(None, source.authors.split("; "))
    )
    kind = '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS v1.3//EN" "http://jats.nlm.nih.gov/JATS-archivearticle1-3.dtd">'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
{kind if doctype else ""}
<article xmlns:xlink="http://www.w3.org/1999/xlink" article-type="research-article"><front><journal-meta>
<journal-title-group><journal-title>{escape(source.container)}</journal-title></journal-title-group></journal-meta>
<article-meta><article-id pub-id-type="doi">{escape(source.doi)}</article-id>
<title-group><article-title>{escape(_title(note))}</article-title></title-group><contrib-group>{names}</contrib-group>
<pub-date pub-type="epub"><year>{source.year}</year></pub-date></article-meta></front>
<body>{_jats_body(note)}</body><back>{back}</back></article>""".encode()


def words(document: Document, block: Block) -> str:
    return document.slice(block.start, block.end)


def listing(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, words(document, block)) for block in document.blocks]


def rows(document: Document) -> list[list[tuple[str, str]]]:
    """Header and words of each cell of each row."""
    found = [block for block in document.blocks if block.kind == "table_row"]
    return [[(cell.header, document.slice(cell.start, cell.end)) for cell in row.cells] for row in found]


def reasons(document: Document) -> set[str]:
    return {run.reason for run in document.dropped}


def check_note(document: Document, note: Document) -> None:
    """Assert that every block of the note is there, word for word, under its headings."""
    have = {(block.kind, block.section, words(document, block)) for block in document.blocks}
    for block in note.blocks:
        if block.kind != "table_row":
            assert (block.kind, block.section, words(note, block)) in have
    assert rows(document) == rows(note)
    captions = {block.caption for block in document.blocks if block.kind == "table_row"}
    assert captions == {block.caption for block in note.blocks if block.kind == "table_row"}


@contextmanager
def streams() -> Iterator[list[str]]:
    """Collects the characters that readers take out of their files, in the order in which documents are built."""
    seen: list[str] = []
    build = DocumentBuilder.build

    def recording(self: DocumentBuilder, *args: object, **options: object) -> Document:
        seen.append(self.file)
        return build(self, *args, **options)  # type: ignore[arg-type]

    with mock.patch.object(DocumentBuilder, "build", recording):
        yield seen


def check_places(document: Document, stream: str) -> None:
    """Assert every invariant of a document against the stream of characters that was taken out of its file."""
    times = [0] * len(stream)
    last = 0
    for piece in document.pieces:
        assert not document.text[last : piece.start].strip()
        last, size = piece.end, piece.end - piece.start
        assert document.text[piece.start : piece.end] == stream[piece.origin : piece.origin + size]
        for at in range(piece.origin, piece.origin + size):
            times[at] += 1
    assert not document.text[last:].strip()
    for run in document.dropped:
        assert run.reason
        assert run.reason != "unread"
        for at in range(run.origin, run.end):
            times[at] += 1
    lost = [at for at, char in enumerate(stream) if not char.isspace() and times[at] != 1]
    assert not lost, stream[max(0, lost[0] - 40) : lost[0] + 40]
    end = 0
    for block in document.blocks:
        assert end <= block.start < block.end
        end = block.end
        assert words(document, block) == words(document, block).strip()
        for cell in block.cells:
            assert block.start <= cell.start <= cell.end <= block.end
            assert document.slice(cell.start, cell.end) == document.slice(cell.start, cell.end).strip()
    assert document.line_starts == ()


def _title(note: Document) -> str:
    return note.source.note or note.source.title


def _highwire(source: Source) -> str:
    facts = {
        "citation_title": source.note or source.title,
        "citation_author": source.authors,
        "citation_publication_date": f"{source.year}/05/18",
        "citation_journal_title": source.container,
        "citation_doi": f"doi:{source.doi}",
    }
    return "".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in facts.items() if value)


def _cells(text: str) -> list[str]:
    return [cell.strip() for cell in text.strip("|").split("|")]


def _tables(note: Document) -> Iterator[tuple[str, list[Block]]]:
    """The blocks of the note, those of a table together: its caption, its header line and its rows."""
    table: list[Block] = []
    for block in note.blocks:
        if block.kind in {"caption", "table_row"} and not (block.kind == "caption" and table and table[-1].cells):
            table.append(block)
            continue
        if table:
            yield "table", table
        table = [block] if block.kind == "caption" else []
        if not table:
            yield block.kind, [block]
    if table:
        yield "table", table


def _html_blocks(note: Document) -> Iterator[str]:
    last = ""
    for kind, blocks in _tables(note):
        text = escape(words(note, blocks[0]))
        if (kind == "list_item") != (last == "list_item"):
            yield "<ul>" if kind == "list_item" else "</ul>" if last else ""
        last = kind
        if kind == "heading":
            level = len(blocks[0].section) + (1 if words(note, blocks[0]) == _title(note) else 2)
            yield f"<h{level}>{text}</h{level}>"
        elif kind == "list_item":
            yield f"<li>{text}</li>"
        elif kind == "paragraph":
            yield f"<p>{text}</p>"
        else:
            yield f"<table><caption>{text}</caption>{_rows(note, blocks[1:])}</table>"


def _rows(note: Document, blocks: list[Block]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in _cells(words(note, blocks[0])))
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(note.slice(cell.start, cell.end))}</td>" for cell in row.cells) + "</tr>\n"
        for row in blocks[1:]
    )
    return f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody>"


def _jats_body(note: Document) -> str:
    parts: list[str] = []
    depth = 0
    listed = False
    for kind, blocks in _tables(note):
        text = escape(words(note, blocks[0]))
        if listed and kind != "list_item":
            parts.append("</list>")
            listed = False
        if kind == "heading" and words(note, blocks[0]) != _title(note):
            parts += ["</sec>"] * (depth - len(blocks[0].section)) + [f"<sec><title>{text}</title>"]
            depth = len(blocks[0].section) + 1
        elif kind == "list_item":
            parts.append(("" if listed else "<list>") + f"<list-item><p>{text}</p></list-item>")
            listed = True
        elif kind == "paragraph":
            parts.append(f"<p>{text}</p>")
        elif kind == "table":
            label, dot, rest = text.partition(". ")
            head = f"<label>{label}{dot}</label><caption><title>{rest}</title></caption>"
            parts.append(f"<table-wrap>{head}<table>{_rows(note, blocks[1:])}</table></table-wrap>")
    return "\n".join([*parts, "</list>" if listed else "", "</sec>" * depth])
