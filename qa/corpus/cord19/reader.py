"""Papers of CORD-19 as JSON, from PDF or from PubMed Central: abstract, body and back matter by section, captions, tables.

The stream of characters is the title and the texts in their order; figures and tables stand at the end of the section that
first refers to them, and so do the notes that are kept with them. Not read: the list of references, affiliations, and LaTeX
of equations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from qa.corpus.cord19.html_rows import html_parts
from qa.corpus.cord19.marks import find_citations
from qa.corpus.parts import Part, Run, assemble, plain, tidy
from qa.errors import CorpusError
from qa.schema import Document, Source

MAX_BYTES = 30_000_000
_NAMES: dict[type[Any], str] = {dict: "object", list: "list", str: "text"}
_KEYS = ("paper_id", "metadata", "body_text")
_DOI = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_YEAR = re.compile(r"((?:1[5-9]|20)\d\d)(?:[-/ ]\S.{0,20})?")
_REFERENCES = re.compile(
    r"(?:\d{1,2}\.?\s+)?(?:references?(?: and notes| list)?|bibliography|literature cited|cited literature|works cited)\s*[:.]?",
    re.IGNORECASE,
)


def read_cord19(data: bytes, *, doc_id: str, path: str) -> Document:
    """Read the bytes of a paper in the JSON of CORD-19; `path` is its relative name.

    Raises CorpusError, with the line where the JSON breaks or naming what is missing or of another shape.
    """
    paper = _load(data, path)
    reader = _Reader(paper, path)
    try:
        source = reader.source()
        document = assemble(reader.parts(source.title), doc_id=doc_id, source=source)
    except RecursionError as error:
        raise CorpusError("is nested too deeply to be read", path=path) from error
    if not any(block.kind != "heading" for block in document.blocks):
        raise CorpusError("holds no text: its abstract, body and captions are empty", path=path)
    return document


def _load(data: bytes, path: str) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise CorpusError(f"has {len(data):,} bytes, more than a paper in JSON has; it is not read", path=path)
    if not data.strip():
        raise CorpusError("is empty", path=path)
    try:
        paper = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CorpusError("is not JSON: it is not UTF-8 text", path=path, line=line) from error
    except json.JSONDecodeError as error:
        raise CorpusError(f"is not valid JSON: {error.msg}", path=path, line=error.lineno) from error
    except RecursionError as error:
        raise CorpusError("is nested too deeply to be read", path=path) from error
    except ValueError as error:
        raise CorpusError("is not valid JSON: it has a number of too many digits", path=path) from error
    if not isinstance(paper, dict):
        raise CorpusError("is JSON, but not a CORD-19 paper: it is no object", path=path)
    missing = [key for key in _KEYS if key not in paper]
    if missing:
        raise CorpusError(f"is JSON, but not a CORD-19 paper: it has no {' and no '.join(missing)}", path=path)
    return paper


class _Reader:
    """Walks the object, checking each shape where it is used; `shown` are the figures and tables already placed."""

    def __init__(self, paper: dict[str, Any], path: str) -> None:
        self.path = path
        self.paper = paper
        self.metadata: dict[str, Any] = self._shape(paper["metadata"], dict, "metadata")
        self.entries: dict[str, Any] = self._shape(paper.get("ref_entries") or {}, dict, "ref_entries")
        self.shown: set[str] = set()
        self.title = ""

    def source(self) -> Source:
        """What the paper states of itself; CORD-19 gives title and authors, some of its kin more."""
        places = [self.metadata, self.paper]
        identifiers = self.metadata.get("identifiers")
        if isinstance(identifiers, dict):
            places.append(identifiers)

        def field(*keys: str) -> str:
            found = (place.get(key) for place in places for key in keys)
            return next((text for value in found if (text := _line(value))), "")

        year = _YEAR.fullmatch(field("year", "publish_time"))
        return Source(
            path=self.path,
            title=_line(self.metadata.get("title")) or PurePosixPath(self.path).stem,
            authors=", ".join(self._authors()),
            year=year[1] if year else "",
            container=field("journal", "venue"),
            doi=_DOI.sub("", field("doi")),
            url=field("url") if field("url").startswith(("https://", "http://")) else "",
            licence=field("licence", "license"),
        )

    def _authors(self) -> Iterator[str]:
        stated = self.metadata.get("authors") or []
        authors = [stated] if isinstance(stated, str) else self._shape(stated, list, "metadata.authors")
        for i, author in enumerate(authors):
            if author is None:
                continue
            if isinstance(author, str):
                name = _line(author)
            else:
                known = self._shape(author, dict, f"metadata.authors[{i}]")
                middle = known.get("middle") if isinstance(known.get("middle"), list) else [known.get("middle")]
                names = [known.get("first"), *(middle or []), known.get("last"), known.get("suffix")]
                name = " ".join(filter(None, map(_line, names)))
            if name:
                yield name

    def parts(self, title: str) -> list[Part]:
        """All parts in order, and at the end the figures and tables that nothing refers to."""
        self.title = title
        parts: list[Part] = []
        if stated := _line(self.metadata.get("title")):
            parts.append(Part("heading", [Run(stated)]))
        for key in ("abstract", "body_text", "back_matter"):
            parts += self._texts(key)
        parts += self._figures(list(self.entries), ())
        return parts

    def _texts(self, key: str) -> Iterator[Part]:
        section: tuple[str, ...] = ()
        due: list[str] = []
        texts = self.paper.get(key) or []
        entries = [{"text": texts}] if isinstance(texts, str) else self._shape(texts, list, key)
        for i, entry in enumerate(entries):
            where = f"{key}[{i}]"
            self._shape(entry, dict, where)
            text = (
                ""
                if "text" in entry and entry["text"] is None
                else self._shape(entry.get("text"), str, f"{where}.text")
            )
            path = self._section(entry, where)
            if path != section:
                yield from self._figures(due, section)
                yield from _headings(section, path)
                section, due = path, []
            dropped = "reference list" if path and _REFERENCES.fullmatch(path[-1]) else ""
            words = self._words(text, entry, where)
            if words:
                yield Part("paragraph", words, section, dropped=dropped)
            due += [str(span.get("ref_id")) for span in self._spans(entry, "ref_spans", where)]
        yield from self._figures(due, section)

    def _section(self, entry: Mapping[str, Any], where: str) -> tuple[str, ...]:
        """The section path: the parts of a name that is divided by ":::", without the title of the paper."""
        names = self._shape(entry.get("section") or "", str, f"{where}.section").split(":::")
        path = tuple(text for name in names if (text := _line(name)))
        return path[1:] if path and path[0].casefold() == self.title.casefold() else path

    def _words(self, text: str, entry: Mapping[str, Any], where: str) -> list[Run]:
        """The runs of a text, the marks of its citations left out."""
        spans: list[tuple[int, int]] = []
        others = [
            span for span in self._spans(entry, "ref_spans", where) if str(span.get("ref_id")).startswith("BIBREF")
        ]
        for span in [*self._spans(entry, "cite_spans", where), *others]:
            start, end = span.get("start"), span.get("end")
            # A span that is out of step with its text says nothing.
            if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
                continue
            if span.get("text") is None or span.get("text") == text[start:end]:
                spans.append((start, end))
        runs: list[Run] = []
        at = 0
        for start, end in find_citations(text, spans):
            runs += [Run(text[at:start]), Run(text[start:end], "reference mark")]
            at = end
        return tidy([*runs, Run(text[at:])])

    def _spans(self, entry: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
        spans = self._shape(entry.get(key) or [], list, f"{where}.{key}")
        return [self._shape(span, dict, f"{where}.{key}[{i}]") for i, span in enumerate(spans)]

    def _figures(self, keys: list[str], section: tuple[str, ...]) -> Iterator[Part]:
        """Captions of figures and tables, each once, and the rows of a table where its HTML is there."""
        for key in keys:
            if key in self.shown or self.entries.get(key) is None:
                continue
            self.shown.add(key)
            entry = self._shape(self.entries[key], dict, f"ref_entries.{key}")
            caption = tidy([Run(self._shape(entry.get("text") or "", str, f"ref_entries.{key}.text"))])
            if caption:
                # Entries of other types are notes and formulas.
                known = entry.get("type") in {None, "", "figure", "table"}
                yield Part("caption" if known else "paragraph", caption, section)
            given = (entry.get(name) for name in ("html", "content"))
            if html := next((text for text in given if isinstance(text, str) and text.strip()), ""):
                yield from html_parts(html, plain(caption), section, self.path)

    def _shape(self, value: Any, kind: type[Any], where: str) -> Any:
        if not isinstance(value, kind):
            found = "missing" if value is None else f"no {_NAMES[kind]}"
            raise CorpusError(f"is JSON, but not a CORD-19 paper: {where} is {found}", path=self.path)
        return value


def _headings(before: tuple[str, ...], path: tuple[str, ...]) -> Iterator[Part]:
    """The names of a section path that the one before did not have, each a heading under those above it."""
    common = 0
    while common < min(len(before), len(path)) and before[common] == path[common]:
        common += 1
    for depth in range(min(common, len(path) - 1) if path else 0, len(path)):
        if depth >= common:
            dropped = "reference list" if _REFERENCES.fullmatch(path[depth]) else ""
            yield Part("heading", [Run(path[depth])], path[:depth], dropped=dropped)


def _line(value: object) -> str:
    """Text on one line, and a whole number as it is written; anything else is not understood and stays empty."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**6 else ""
    return plain(tidy([Run(value)])) if isinstance(value, str) else ""
