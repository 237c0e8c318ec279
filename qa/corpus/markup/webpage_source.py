"""What a web page states about itself for a reference: Highwire and Dublin Core tags, JSON-LD, Open Graph, its title."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from qa.corpus.markup.references import doi_in, licence_name, person, year_in
from qa.corpus.markup.tree import Node
from qa.schema import Source

_WORKS = (
    "scholarlyarticle",
    "medicalscholarlyarticle",
    "article",
    "newsarticle",
    "blogposting",
    "techarticle",
    "report",
    "medicalwebpage",
    "webpage",
)
_MAX_JSON = 1 << 20


class PageFacts:
    """Meta tags by name in lower case, and the description of the work in JSON-LD."""

    def __init__(self, root: Node) -> None:
        self.metas: dict[str, list[str]] = {}
        for meta in root.all("meta"):
            name = (meta.get("name") or meta.get("property")).lower().replace("dcterms.", "dc.")
            if name and (content := " ".join(meta.get("content").split())):
                self.metas.setdefault(name, []).append(content)
        self.links = {
            rel: link.get("href") for link in root.all("link", "a") for rel in link.get("rel").lower().split()
        }
        self.work = _work(root)
        self.titles = [node.words for name in ("h1", "title") for node in _outside_pictures(root, name) if node.size]

    def first(self, *names: str) -> str:
        """The content of the first of the named meta tags."""
        return next((self.metas[name][0] for name in names if name in self.metas), "")


def webpage_source(root: Node, path: str, heading: str) -> Source:
    """The source of a page; `heading` is the first heading of its main part. What it does not state stays empty."""
    facts = PageFacts(root)
    work, first = facts.work, facts.first
    title = first("citation_title", "dc.title") or _text(work.get("headline")) or _text(work.get("name"))
    part = work.get("isPartOf")
    return Source(
        path=path,
        title=title or first("og:title") or heading or next(iter(facts.titles), "") or PurePosixPath(path).stem,
        authors=", ".join(_authors(facts)),
        year=_year(facts),
        container=first("citation_journal_title", "citation_conference_title", "prism.publicationname")
        or _name(part)
        or _name(work.get("publisher"))
        or first("og:site_name"),
        doi=_doi(facts),
        url=_url(facts),
        licence=_licence(facts),
    )


def _authors(facts: PageFacts) -> Sequence[str]:
    for name in ("citation_author", "citation_authors", "dc.creator"):
        found = [part for value in facts.metas.get(name, []) for part in value.split(";")]
        if found:
            return [person(author) for author in found if author.strip()]
    stated = [name for author in _listed(facts.work.get("author")) if (name := _name(author))]
    return stated or [name for name in facts.metas.get("author", []) if "://" not in name]


def _year(facts: PageFacts) -> str:
    names = (
        "citation_publication_date",
        "citation_date",
        "citation_year",
        "citation_cover_date",
        "citation_online_date",
    )
    return (
        year_in(facts.first(*names))
        or year_in(facts.first("dc.issued", "dc.date", "dc.date.issued"))
        or year_in(_text(facts.work.get("datePublished")))
        or year_in(facts.first("article:published_time"))
    )


def _doi(facts: PageFacts) -> str:
    stated = [*facts.metas.get("citation_doi", []), *facts.metas.get("dc.identifier", []), facts.first("prism.doi")]
    work = facts.work
    for key in ("@id", "identifier", "sameAs", "url"):
        for value in _listed(work.get(key)):
            stated += [_text(value.get("value") if isinstance(value, dict) else value)]
    return next((doi for text in stated if (doi := doi_in(text))), "")


def _url(facts: PageFacts) -> str:
    addresses = (
        facts.links.get("canonical", ""),
        facts.first("citation_public_url", "citation_fulltext_html_url", "og:url"),
        _text(facts.work.get("url")),
    )
    return next((address for address in addresses if address.startswith(("http://", "https://"))), "")


def _licence(facts: PageFacts) -> str:
    stated = facts.work.get("license")
    address = (
        facts.links.get("license") or _text(stated) or (_text(stated.get("url")) if isinstance(stated, dict) else "")
    )
    return licence_name(address, facts.first("dc.rights", "dc.rights.license"))


def _work(root: Node) -> dict[str, Any]:
    """The part of the page's JSON-LD that describes its work, the most scholarly kind first."""
    found: list[tuple[int, dict[str, Any]]] = []
    for script in root.all("script"):
        if script.get("type").lower().strip() != "application/ld+json" or script.size > _MAX_JSON:
            continue
        try:
            things = list(_things(json.loads(script.text)))
        except (ValueError, RecursionError):
            continue
        for thing in things:
            kinds = [_text(kind).lower() for kind in _listed(thing.get("@type"))]
            found += [(_WORKS.index(kind), thing) for kind in kinds if kind in _WORKS]
    return min(found, key=lambda pair: pair[0])[1] if found else {}


def _things(data: Any) -> Iterator[dict[str, Any]]:
    for item in _listed(data):
        if isinstance(item, dict):
            yield item
            yield from (inner for inner in _listed(item.get("@graph")) if isinstance(inner, dict))
            yield from (inner for inner in _listed(item.get("mainEntity")) if isinstance(inner, dict))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _name(value: Any) -> str:
    """The name of a person, journal or publisher: of the outermost one that a volume or issue is part of."""
    name = ""
    for _ in range(5):
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict):
            return name or _text(value)
        name = _text(value.get("name")) or name
        if not name and value.get("familyName"):
            name = f"{_text(value.get('givenName'))} {_text(value.get('familyName'))}".strip()
        value = value.get("isPartOf")
    return name


def _outside_pictures(root: Node, name: str) -> list[Node]:
    """Elements of a name that are not the title of a drawing."""
    inner = {id(node) for svg in root.all("svg") for node in svg.nodes("title")}
    return [node for node in root.all(name) if id(node) not in inner]
