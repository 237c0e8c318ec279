"""What a JATS article states about itself for a reference."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from qa.corpus.markup.inline import Inline
from qa.corpus.markup.references import doi_in, licence_name, year_in
from qa.corpus.markup.tree import Node
from qa.corpus.parts import plain
from qa.schema import Source

_DATES = ("ppub", "print", "collection", "epub-ppub", "epub", "electronic", "pub", "")
"""Kinds of publication dates, that of the issue first: it is the year by which an article is cited."""
_UNSAID = ("", "person", "group", "collab", "organization", "organisation")
"""Kinds of contributors that do not say what they did."""
_TERMS = re.compile(r"creative commons|open.access|licen[cs]ed|public domain|permits", re.IGNORECASE)
_NO_DATES = ("pmc-release", "preprint", "nihms-submitted", "retraction", "corrected")


def jats_source(article: Node, path: str) -> Source:
    """The source of an article; what its front does not state stays empty."""
    front = article.first("front", "front-stub") or Node("front")
    meta = front.first("article-meta") or front
    journal = next((node.words for node in front.all("journal-title") if node.size), "")
    journal = journal or next((node.words for node in front.all("abbrev-journal-title") if node.size), "")
    ids = {node.get("pub-id-type").lower(): node.words for node in meta.nodes("article-id")}
    return Source(
        path=path,
        title=_title(meta) or PurePosixPath(path).stem,
        authors=", ".join(_authors(meta)),
        year=_year(meta),
        container=journal,
        doi=doi_in(ids.get("doi", "")),
        url=_address(meta, ids),
        licence=_licence(meta),
    )


def _title(meta: Node) -> str:
    group = meta.first("title-group") or meta
    title, subtitle = _words(group.first("article-title")), _words(group.first("subtitle"))
    if not subtitle:
        return title
    return f"{title} {subtitle}" if title.endswith((":", "?", "!", ".")) else f"{title}: {subtitle}"


def _words(node: Node | None) -> str:
    """The words of a title, without marks of footnotes."""
    if node is None:
        return ""
    inline = Inline()
    stack: list[Node | str] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            inline.write(item)
        elif item.name not in {"xref", "fn"}:
            stack += item.children[::-1]
    return plain(inline.settled())


def _authors(meta: Node) -> list[str]:
    """Names in their order: of authors, and of those whose kind only says person or group, in a group that is not of editors."""
    names: list[str] = []
    for group in meta.nodes("contrib-group"):
        of_group = group.get("content-type").lower()
        for node in group.nodes("contrib"):
            kind = node.get("contrib-type").lower()
            if "author" in (kind if kind not in _UNSAID else of_group or "author"):
                names.append(_name(node))
    return [name for name in names if name]


def _name(contributor: Node) -> str:
    for node in [*contributor.nodes("name", "string-name", "collab"), *contributor.all("name", "string-name")]:
        given, family = node.first("given-names"), node.first("surname")
        if family is not None:
            parts = [given.words if given else "", family.words, *(suffix.words for suffix in node.nodes("suffix"))]
            return " ".join(part for part in parts if part)
        if node.name == "collab":
            # A group lists its members inside its own name.
            inner = (part if isinstance(part, str) else part.words for part in node.children if _names_group(part))
            return " ".join(" ".join(inner).split()) or node.words
        return node.words
    return ""


def _names_group(part: Node | str) -> bool:
    return isinstance(part, str) or part.name in {"named-content", "institution", "institution-wrap", "italic", "bold"}


def _year(meta: Node) -> str:
    found: dict[str, str] = {}
    for date in meta.nodes("pub-date"):
        kind = date.get("pub-type") or date.get("publication-format") or date.get("date-type")
        year = next((year_in(node.words) for node in date.nodes("year")), "") or year_in(date.get("iso-8601-date"))
        if year and kind not in _NO_DATES and date.get("date-type") not in _NO_DATES:
            found.setdefault(kind, year)
    return next((found[kind] for kind in _DATES if kind in found), next(iter(found.values()), ""))


def _address(meta: Node, ids: dict[str, str]) -> str:
    stated = next((node.get("href") for node in meta.nodes("self-uri") if node.get("href").startswith("http")), "")
    number = (ids.get("pmcid") or ids.get("pmc") or "").upper().removeprefix("PMC").partition(".")[0]
    if number.isdigit():
        return f"https://pmc.ncbi.nlm.nih.gov/articles/PMC{number}/"
    return stated


def _licence(meta: Node) -> str:
    for permissions in meta.nodes("permissions"):
        for licence in permissions.nodes("license"):
            stated = [node.words for node in permissions.all("license_ref")]
            links = [node.get("href") for node in licence.all("ext-link", "uri")]
            addresses = [address for address in [licence.get("href"), *stated, *links] if "://" in address]
            address = next((some for some in addresses if "creativecommons.org" in some), next(iter(addresses), ""))
            words = " ".join(node.words for node in licence.nodes("license-p", "p"))
            return licence_name(address, words or licence.words or licence.get("license-type"))
        for node in permissions.all("license_ref"):
            return licence_name(node.words)
    # Before version 2.3 the terms stood among the words of the copyright.
    for node in meta.all("copyright-statement"):
        if _TERMS.search(node.words):
            return licence_name("", node.words)
    return ""
