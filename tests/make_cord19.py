"""Papers in the JSON of CORD-19 for the tests, made of notes."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from make_docx import Note


def text_entry(text: str, section: str = "", cites: tuple[str, ...] = (), refs: tuple[str, ...] = ()) -> dict[str, Any]:
    """A text with spans at the first place of each citation (in order) and of each name of a figure or table."""
    spans = []
    at = 0
    for cite in cites:
        at = text.index(cite, at)
        spans.append({"start": at, "end": at + len(cite), "text": cite, "ref_id": "BIBREF0"})
        at += len(cite)
    named = [{"start": 0, "end": 0, "text": key, "ref_id": key} for key in refs]
    return {"text": text, "cite_spans": spans, "ref_spans": named, "section": section}


def make_object(note: Note, **extra: Any) -> dict[str, Any]:
    """The note as an object: paragraphs by section, tables among the entries that the paragraphs refer to."""
    section = ""
    body: list[dict[str, Any]] = []
    entries: dict[str, Any] = {}
    caption = ""
    for kind, words in note.blocks:
        if isinstance(words, list):
            key = f"TABREF{len(entries)}"
            entries[key] = {"text": caption, "type": "table", "html": make_html(words)}
            if body and body[-1]["section"] == section:
                body[-1]["ref_spans"].append({"start": 0, "end": 0, "text": "Table", "ref_id": key})
        elif kind.startswith("heading"):
            section = words
        elif kind == "caption":
            caption = words
        else:
            body.append(text_entry(words, section))
    people = [("Ann", ["B."], "Ash"), ("José", [], "Núñez")]
    authors = [{"first": a, "middle": m, "last": c, "suffix": "", "affiliation": {}, "email": ""} for a, m, c in people]
    return {
        "paper_id": "0" * 40,
        "metadata": {"title": note.title, "authors": authors},
        "abstract": [],
        "body_text": body,
        "bib_entries": {"BIBREF0": {"title": "A cited work", "authors": []}},
        "ref_entries": entries,
        "back_matter": [],
        **extra,
    }


def make_html(rows: list[list[str]]) -> str:
    lines = ["".join(f"<td>{escape(text)}</td>" for text in row) for row in rows]
    return f"<html><body><table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table></body></html>"


def make_json(note: Note, **extra: Any) -> bytes:
    return json.dumps(make_object(note, **extra), indent=1).encode()
