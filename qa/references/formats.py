"""Works as BibTeX, RIS and CSL-JSON, in UTF-8. Whatever a title holds, each file parses again to the same title."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from qa.references.names import Name
from qa.references.works import Work

_LATEX = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    **{sign: f"\\{sign}" for sign in "#$%&_"},
}
_PERCENT = {"\\": "%5C", "{": "%7B", "}": "%7D"}


def bibtex(works: Sequence[Work]) -> str:
    """The works as BibTeX, titles in braces so that no style changes the capitals of a name."""
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field
    from bibtexparser.writer import BibtexFormat

    library = Library()
    for work in works:
        fields = {
            "author": " and ".join(
                [*map(_bibtex_name, work.authors.names), *(["others"] if work.authors.others else [])]
            ),
            "title": f"{{{_latex(work.title)}}}",
            "journal": _latex(work.container),
            "year": str(work.date[0]) if work.date else _latex(work.stated_year),
            "doi": _verbatim(work.doi),
            "url": _verbatim(work.url),
        }
        kind = "article" if work.container else "misc"
        library.add(Entry(kind, work.key, [Field(key, f"{{{value}}}") for key, value in fields.items() if value]))
    style: Any = BibtexFormat()  # type: ignore[no-untyped-call]
    style.indent = "  "
    return write_string(library, unparse_stack=[], bibtex_format=style)


def ris(works: Sequence[Work]) -> str:
    """The works as RIS."""
    import rispy

    entries: list[dict[str, Any]] = []
    for work in works:
        entry: dict[str, Any] = {
            "type_of_reference": "JOUR" if work.container else "GEN",
            "id": work.key,
            "authors": [name.text for name in work.authors.names],
            "title": work.title,
            "secondary_title": work.container,
            "year": str(work.date[0]) if work.date else work.stated_year,
            "doi": work.doi,
            "urls": [work.url] if work.url else [],
            "notes": [f"Further authors: {work.authors.others}"] if work.authors.others else [],
        }
        entries.append({key: value for key, value in entry.items() if value})

    class Plain(rispy.RisWriter):  # type: ignore[misc]
        """Without the numbers that rispy puts before each reference, which are no part of the format."""

        def set_header(self, count: int) -> str:  # noqa: ARG002
            return ""

    return str(rispy.dumps(entries, implementation=Plain)).strip() + "\n"


def csl_json(works: Sequence[Work]) -> str:
    """The works as CSL-JSON, the form that citeproc, Pandoc and Zotero read."""
    return json.dumps([_csl(work) for work in works], ensure_ascii=False, indent=2) + "\n"


def _csl(work: Work) -> dict[str, Any]:
    issued: dict[str, Any] = {}
    if work.date:
        issued = {"date-parts": [list(work.date)]}
    elif work.stated_year:
        issued = {"literal": work.stated_year}
    item = {
        "id": work.key,
        "type": "article-journal" if work.container else "document",
        "title": work.title,
        "author": [_csl_name(name) for name in work.authors.names],
        "container-title": work.container,
        "issued": issued,
        "DOI": work.doi,
        "URL": work.url,
        "note": f"Further authors: {work.authors.others}" if work.authors.others else "",
    }
    return {key: value for key, value in item.items() if value}


def _csl_name(name: Name) -> dict[str, str]:
    parts = {"literal": name.literal} if name.literal else {"family": name.family, "given": name.given}
    return {key: value for key, value in parts.items() if value}


def _bibtex_name(name: Name) -> str:
    """Family name first; a literal name in braces, so that nothing takes it apart."""
    if name.literal:
        return f"{{{_latex(name.literal)}}}"
    family, given = _latex(name.family), _latex(name.given)
    return f"{family}, {given}" if given else f"{{{family}}}"


def _latex(text: str) -> str:
    """The text for LaTeX to set as it is; no brace is left alone, as BibTeX counts also those behind a backslash."""
    return "".join(_LATEX.get(sign, sign) for sign in text)


def _verbatim(text: str) -> str:
    """A DOI or address, which is read as it stands, with its braces and backslashes percent-encoded."""
    return re.sub(r"[\\{}]", lambda match: _PERCENT[match[0]], text)


FORMATS: dict[str, tuple[str, Callable[[Sequence[Work]], str]]] = {
    "bibtex": ("bib", bibtex),
    "ris": ("ris", ris),
    "csl": ("json", csl_json),
}
"""The ending of the file and what writes it."""
