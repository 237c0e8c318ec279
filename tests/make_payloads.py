"""Files that carry payloads in all that they say of themselves and in all kinds of text, one Markdown file for each payload."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from make_docx import cell, make_package, paragraph, row, table
from payloads import PAYLOADS

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff]")
_FENCES = re.compile(r"`+")


def drug(number: int) -> str:
    """A name that no other payload's file has.

    >>> drug(27)
    'totevadenib'
    """
    syllables = "ba de fi go ku la me ni po ru sa te vi xo zu ka".split()
    return f"to{syllables[number % 16]}v{'o' if number % 3 else 'a'}{syllables[number // 16]}nib"


def file_name(payload: str, ending: str = ".md") -> str:
    """The payload as the name of a file, as far as a disk and `qa add` take it."""
    name = _CONTROL.sub("_", payload).replace("/", "\u2215")
    return name.encode()[: 250 - len(ending)].decode(errors="ignore") + ending


def write_notes(folder: Path) -> None:
    """A note for each payload, and files of the other formats with all of them."""
    folder.mkdir(parents=True)
    for number, payload in enumerate(PAYLOADS):
        (folder / f"{number:03} {file_name(payload)}").write_text(_note(number, payload), "utf-8", newline="\n")
    shown = [_NOT_IN_XML.sub("", payload) for payload in PAYLOADS]
    (folder / f"plain {file_name(PAYLOADS[0], '.txt')}").write_text("\n\n".join(shown), "utf-8")
    (folder / f"page {file_name(PAYLOADS[10], '.html')}").write_text(_page(shown), "utf-8")
    (folder / f"article {file_name(PAYLOADS[11], '.xml')}").write_text(_article(shown), "utf-8")
    (folder / f"word {file_name(PAYLOADS[12], '.docx')}").write_bytes(_word(shown))
    (folder / f"broken {file_name(PAYLOADS[13], '.pdf')}").write_bytes(b"%PDF-1.4 nothing")
    (folder / "breaks\r\nX-Pwned: 1 <img src=x onerror=pwned=1>.md").write_text("# Words\n")
    (folder / f"front {file_name(PAYLOADS[14])}").write_text(f"---\n{PAYLOADS[10]}: [\n---\n\n# Words\n", "utf-8")


def _note(number: int, payload: str) -> str:
    """Every other note restates a work, so that it has two titles."""
    said = json.dumps(payload)
    code = _code(payload)
    fields = {
        "title": said,
        "authors": json.dumps([payload, "Ann Ash"]),
        "journal": said,
        "year": said,
        "doi": json.dumps(f"10.5555/{payload}"),
        "licence": said,
        "section": said,
        "as_of": said,
    }
    if number % 2:
        fields["source"] = f"{{title: {json.dumps('Work ' + payload)}}}"
    matter = "".join(f"{key}: {value}\n" for key, value in fields.items())
    name = drug(number)
    return (
        f"---\n{matter}---\n\n# {code}\n\n## Dose of {name} {code}\n\n"
        f"The dose of {name} is {number + 2} mg once daily {code}.\n\n"
        f"- {code} is an item\n\nTable 1. Doses of {name} {code}\n\n"
        f"| Drug {_in_cell(code)} | Usual dose |\n| --- | --- |\n| {name} {_in_cell(code)} | 3 mg {_in_cell(code)} |\n\n"
        f"The words as they are:\n\n{payload.replace(chr(0), '')}\n"
    )


def _code(payload: str) -> str:
    """The payload on one line within a code span, where Markdown takes nothing for markup."""
    line = " ".join(payload.replace("\0", "").split())
    fence = "`" * (1 + max((len(run) for run in _FENCES.findall(line)), default=0))
    return f"{fence} {line} {fence}"


def _in_cell(code: str) -> str:
    return code.replace("|", "\\|")


def _page(shown: Sequence[str]) -> str:
    blocks = "".join(
        f"<h2>{escape(p)}</h2><p>Of page number {i}: {escape(p)}</p>"
        f"<table><caption>Table {i}. {escape(p)}</caption><tr><th>{escape(p)}</th><th>Dose</th></tr>"
        f"<tr><td>{escape(p)}</td><td>{escape(p)}</td></tr></table>"
        for i, p in enumerate(shown)
    )
    blocks += "".join(f"<div>{p}</div>" for p in shown)  # as markup, of which the reader keeps the words at most
    title = escape(shown[0])
    names = ("citation_title", "citation_author", "citation_journal_title", "citation_doi", "citation_publication_date")
    metas = "".join(f'<meta name="{name}" content="{title}">' for name in names)
    head = f'<meta charset="utf-8"><title>{title}</title>{metas}'
    return f"<!doctype html><html><head>{head}</head><body><main>{blocks}</main></body></html>"


def _article(shown: Sequence[str]) -> str:
    title = escape(shown[11])
    sections = "".join(
        f"<sec><title>{escape(p)}</title><p>Of section {i}: {escape(p)}</p><table-wrap><label>Table {i}</label>"
        f"<caption><title>{escape(p)}</title></caption><table><thead><tr><th>{escape(p)}</th><th>Dose</th></tr></thead>"
        f"<tbody><tr><td>{escape(p)}</td><td>{escape(p)}</td></tr></tbody></table></table-wrap></sec>"
        for i, p in enumerate(shown)
    )
    return (
        f'<?xml version="1.0"?><article><front><journal-meta><journal-title-group><journal-title>{title}</journal-title>'
        f'</journal-title-group></journal-meta><article-meta><article-id pub-id-type="doi">10.5555/{title}</article-id>'
        f"<title-group><article-title>{title}</article-title></title-group><contrib-group><contrib contrib-type='author'>"
        f"<name><surname>{title}</surname><given-names>Ann</given-names></name></contrib></contrib-group>"
        f"<permissions><license><license-p>{title}</license-p></license></permissions></article-meta></front>"
        f"<body>{sections}</body></article>"
    )


def _word(shown: Sequence[str]) -> bytes:
    lines = [escape(" ".join(payload.split())) for payload in shown]
    body = "".join(
        paragraph(f" {line}", "Heading1")
        + paragraph(f"Of part {i}: {line}")
        + paragraph(f"Table {i}. {line}", "Beschriftung")
        + table(row(cell(f" {line}"), cell("Dose")), row(cell(f" {line}"), cell(f"4 mg {line}")))
        for i, line in enumerate(lines)
    )
    return make_package(body, title=lines[12], creator=lines[13])
