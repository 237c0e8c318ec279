"""The head of a plain text file: title and labelled lines such as "Authors: …", up to where the text begins."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from qa.corpus.lines import Layout, ends_open, ends_sentence, starts_lower
from qa.corpus.shapes import DOI, HEADING_MARK, RULE, caption_label, is_capitals, is_name, is_numbered
from qa.schema import Source

_FIELD = re.compile(
    r"(title|authors?|date|published|year|journal|doi|licen[cs]e|url|sha|pmid|pmcid|source)\s?:\s*(.*)$", re.IGNORECASE
)
_KEYS = {
    "author": "authors", "date": "year", "published": "year", "journal": "container", "license": "licence",
    "source": "container",
}  # fmt: skip
_URL = re.compile(r"https?://\S+$")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(rf"(?:(?:{_MONTHS})\s\d{{1,2}},?\s(\d{{4}})|(\d{{4}})-\d{{2}}-\d{{2}})$", re.IGNORECASE)
_NAMES = re.compile(r"[^.;:,]{1,60}, [^;:,]{1,60}(?:; [^;:,]{1,60}, [^;:,]{1,60}){0,300}$")
_BOUNDARY = re.compile(r"[a-z)][.!?]\s+[A-Z]")
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")


@dataclass(slots=True)
class Header:
    """What the head gives: its lines (by number), the lines of the title among them, and the fields of a reference."""

    title: list[int] = field(default_factory=list)
    lines: dict[int, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


def read_header(layout: Layout) -> Header:
    """Find title and labelled lines at the top; nothing is guessed, so a file may have neither."""
    header = Header(title=_title_lines(layout))
    for i in range(len(header.title), min(40, len(layout.lines))):
        text = layout.lines[i].text
        later = layout.lines[i + 1].text if i + 1 < len(layout.lines) else ""
        if match := _FIELD.match(text):
            key = match.group(1).lower()
            _put(header.fields, _KEYS.get(key, key), match.group(2))
        elif _URL.match(text):
            _put(header.fields, "url", text)
        elif date := _DATE.match(text):
            _put(header.fields, "year", date.group(1) or date.group(2))
        elif header.fields and _NAMES.match(text[:4000]) and _DATE.match(later):
            _put(header.fields, "authors", text)
        else:
            break
        header.lines[i] = "metadata"
    if not header.fields:
        header.lines.clear()
    return header


def source_of(header: Header, layout: Layout, path: str) -> Source:
    """A reference from the head, and from an identifier that the text itself gives for this document."""
    fields = header.fields
    title = fields.get("title") or " ".join(layout.lines[i].text for i in header.title)
    stem = PurePosixPath(path).stem.replace("_", " ").replace("-", " ").strip()
    year = _YEAR.search(fields.get("year", ""))
    doi = DOI.search(fields.get("doi", ""))
    return Source(
        path=path,
        title=" ".join(title.split()) or stem[:1].upper() + stem[1:],
        authors=fields.get("authors", ""),
        year=year.group() if year else "",
        container=fields.get("container", ""),
        doi=_clean_doi(doi.group(1)) if doi else _own_doi(layout),
        url=fields.get("url", ""),
        licence=fields.get("licence", ""),
    )


def _own_doi(layout: Layout) -> str:
    """An identifier near the start or alone on a line; none where several differ: they may be those of others."""
    alone: set[str] = set()
    early: list[str] = []
    size = 0
    for line in layout.lines:
        if is_name(line.text) and line.text.lower().startswith(("reference", "bibliography", "literature")):
            break
        match = DOI.search(line.text[:400])
        if match and match.start() < 200:
            if match.start() == 0 and match.end() == len(line.text):
                alone.add(_clean_doi(match.group(1)))
            elif size < 1200 and match.group().lower().startswith(("doi", "http")):
                early.append(_clean_doi(match.group(1)))
        size += len(line.text)
    if len(alone) == 1:
        return alone.pop()
    return early[0] if len(set(early)) == 1 and not alone else ""


def _clean_doi(text: str) -> str:
    return text.rstrip(".,;:)]")


def _put(fields: dict[str, str], key: str, value: str) -> None:
    value = " ".join(value.split())
    if value and value.lower() not in {"nan", "none", "n/a", "unknown"}:
        fields.setdefault(key, value)


def _is_label(text: str) -> bool:
    return bool(RULE.match(text) or _FIELD.match(text) or _URL.match(text) or _DATE.match(text))


def _title_lines(layout: Layout) -> list[int]:
    """The first lines where they look like a title: no sentence, no heading, set off from what follows."""
    lines = layout.lines
    title: list[int] = []
    for i, (line, after) in enumerate(zip(lines[:4], [*lines[1:4], None], strict=False)):
        text = line.text
        ended = ends_sentence(text) and not text.endswith("?") and (i > 0 or not after or not _is_label(after.text))
        if (i and layout.apart(i)) or _is_label(text) or _is_heading(text):
            break
        if i == 3 or len(text) > 300 or _BOUNDARY.search(text) or ended:
            return []
        title.append(i)
    if not title or not lines[0].text[:1].isalnum() or _goes_on(lines[title[-1]].text):
        return []
    if len(lines) <= len(title):
        return []
    below = lines[len(title)].text
    if (starts_lower(below) and not _is_label(below)) or caption_label(below, None):
        return []
    words = sum(len(lines[i].text.split()) for i in title)
    return title if 2 <= words <= 45 else []


def _goes_on(text: str) -> bool:
    return text.endswith((",", ";", ":")) or ends_open(text)


def _is_heading(text: str) -> bool:
    marked = HEADING_MARK.match(text) or is_name(text) or is_numbered(text) or caption_label(text, None)
    return bool(marked) or (is_capitals(text) and is_name(text.capitalize()))
