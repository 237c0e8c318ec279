"""The list of the documents: which there are, where they come from, and what is wrong with some."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from qa.rendering.markup import action, doi_link, dotted, escape, work_title
from qa.rendering.place import Place, place_attributes
from qa.schema import Source

COLUMNS = {
    "title": "Document",
    "collection": "Collection",
    "passages": "Passages",
    "dated": "File date",
    "state": "State",
}
"""The columns that one can sort by, with their headers."""

DATED = "When the file was last changed; for files added here, when they were added"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the list; `dated` is the time of its file in seconds, None where the file is gone."""

    doc_id: str
    source: Source
    file: str
    passages: int
    dated: float | None = None
    collection: str = ""
    note: str = ""
    """What is to be said besides "Indexed"."""

    @property
    def title(self) -> str:
        """What the list calls it: its own title, where it restates a work not that of the work."""
        return self.source.note or work_title(self.source) or self.doc_id

    @property
    def file_name(self) -> str:
        """The bare name of its file."""
        return Path(self.file or self.source.path).name


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file that could not be read, or a document that damage has taken, with the reason; `file` is "" where nothing can be done
    from here."""

    name: str
    reason: str
    file: str = ""
    uploaded: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is to show; everything comes from a browser, which can send anything."""

    search: str = ""
    collection: str = ""
    sort: str = "title"
    descending: bool = False
    page: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the list. `found` of `total` documents fit the search; the pages have `size` documents each."""

    entries: Sequence[Entry] = ()
    found: int = 0
    total: int = 0
    passages: int = 0
    size: int = 50
    wanted: Wanted = field(default_factory=Wanted)
    collections: Mapping[str, int] = field(default_factory=dict)
    troubles: Sequence[Trouble] = ()
    changing: bool = False
    """Whether documents can be added, moved and removed here."""
    stamp: str = ""


def loading_library() -> str:
    """What stands in the place of the list while the documents are being opened."""
    return '<section class="vb-lib" data-loading="1"><p class="vb-empty" role="status">Opening the documents…</p></section>'


def failed_library(reason: str) -> str:
    """What stands there where they cannot be opened."""
    return (
        f'<section class="vb-lib"><div class="vb-card vb-problem" role="alert"><p>{escape(reason)}</p></div></section>'
    )


def library_list(listing: Listing) -> str:
    """The list with its count, what is wrong, and the way to other pages."""
    return (
        f'<section class="vb-lib" data-total="{listing.total}" data-stamp="{escape(listing.stamp)}"'
        f' data-collections="{escape(json.dumps(dict(listing.collections), ensure_ascii=False))}">'
        f"{_troubles(listing)}{_count(listing)}{_table(listing) if listing.entries else _empty(listing)}"
        f"{_pages(listing)}</section>"
    )


def _count(listing: Listing) -> str:
    if not listing.total:
        return ""
    number = _number(listing.total, "document")
    narrowed = listing.found != listing.total
    told = f"{listing.found:,} of {number}" if narrowed else f"{number}, {_number(listing.passages, 'passage')}"
    collection = listing.wanted.collection
    changing = listing.changing and collection in listing.collections
    rename = action("Rename this collection", ask="rename", name=collection) if changing else ""
    return f'<p class="vb-count"><span role="status">{told}</span>{rename}</p>'


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _empty(listing: Listing) -> str:
    if listing.total:
        return (
            '<div class="vb-empty"><p>No document fits.</p>'
            '<button type="button" class="vb-quiet" data-clear="1">Show all documents</button></div>'
        )
    how = (
        "Add the first ones above."
        if listing.changing
        else "Whoever runs this server adds them with <code>qa add</code>."
    )
    return f'<div class="vb-empty"><h2>No documents yet</h2><p>{how}</p></div>'


def _troubles(listing: Listing) -> str:
    if not listing.troubles:
        return ""
    items = []
    for trouble in listing.troubles[:20]:
        buttons = ""
        if listing.changing and trouble.file:
            buttons = action("Try again", f"Try {trouble.name} again", do="retry", file=trouble.file)
            if trouble.uploaded:
                buttons += action("Dismiss", f"Dismiss {trouble.name}", do="dismiss", file=trouble.file)
        words = f"<div><b><bdi>{escape(trouble.name)}</bdi></b><p>{escape(trouble.reason)}</p></div>"
        items.append(f"<li>{words}<span>{buttons}</span></li>")
    more = len(listing.troubles) - len(items)
    rest = f"<li>and {more:,} more: see <code>qa list</code></li>" if more else ""
    return (
        f'<section class="vb-troubles" aria-label="Not readable"><h3>Needs a look ({len(listing.troubles):,})</h3>'
        f"<ul>{''.join(items)}{rest}</ul></section>"
    )


def _table(listing: Listing) -> str:
    heads = []
    for key, name in COLUMNS.items():
        order = ("descending" if listing.wanted.descending else "ascending") if key == listing.wanted.sort else "none"
        title = f' title="{DATED}"' if key == "dated" else ""
        heads.append(
            f'<th scope="col" class="vb-{key}" aria-sort="{order}"{title}>'
            f'<button type="button" data-sort="{key}">{name}</button></th>'
        )
    if listing.changing:
        heads.append('<th scope="col" class="vb-acts"><span class="vb-hidden">Change</span></th>')
    rows = "".join(_row(entry, listing.changing) for entry in listing.entries)
    return f'<table class="vb-docs"><thead><tr>{"".join(heads)}</tr></thead><tbody>{rows}</tbody></table>'


def _row(entry: Entry, changing: bool) -> str:
    source, title = entry.source, escape(entry.title)
    place = place_attributes(Place.whole(entry.doc_id))
    about = dotted(escape(source.authors), escape(source.container), escape(source.year), doi_link(source.doi))
    file = f'<span class="vb-filename"><bdi>{escape(entry.file_name)}</bdi></span>'
    work = source.title if source.note and source.note != source.title else ""
    restated = f'<span class="vb-restated">Restates “{escape(work)}”</span>' if work else ""
    cells = [
        f'<th scope="row" class="vb-title"><button type="button" class="vb-cite vb-open-doc" data-event="cite" {place}>'
        f"<bdi>{title}</bdi></button>{restated}{about}{file}</th>",
        f'<td class="vb-collection" data-header="Collection"><bdi>{escape(entry.collection) or _NONE}</bdi></td>',
        f'<td class="vb-passages" data-header="Passages">{entry.passages:,}</td>',
        f'<td class="vb-dated" data-header="File date">{_date(entry.dated)}</td>',
        f'<td class="vb-state" data-header="State">{_state(entry)}</td>',
    ]
    if changing:
        name = entry.title
        move = action(
            "Move", f"Collection of {name}", ask="move", doc=entry.doc_id, name=name, collection=entry.collection
        )
        remove = action("Remove", f"Remove {name}", ask="remove", doc=entry.doc_id, name=name)
        cells.append(f'<td class="vb-acts">{move}{remove}</td>')
    return f"<tr>{''.join(cells)}</tr>"


_NONE = '<span aria-label="none">–</span>'


def _date(seconds: float | None) -> str:
    if seconds is None:
        return '<span aria-label="not known">–</span>'
    day = datetime.fromtimestamp(seconds).strftime("%Y-%m-%d")
    return f'<time datetime="{day}">{day}</time>'


def _state(entry: Entry) -> str:
    note = f"<small>{escape(entry.note)}</small>" if entry.note else ""
    return f'<span class="vb-ok{" vb-partly" if entry.note else ""}">Indexed</span>{note}'


def _pages(listing: Listing) -> str:
    if listing.found <= listing.size:
        return ""
    page, last = listing.wanted.page, (listing.found - 1) // listing.size
    first, end = page * listing.size + 1, min((page + 1) * listing.size, listing.found)

    def button(to: int, name: str, there: bool) -> str:
        return f'<button type="button" class="vb-quiet" data-page="{to}"{"" if there else " disabled"}>{name}</button>'

    return (
        f'<nav class="vb-pages" aria-label="Pages">{button(page - 1, "Previous", page > 0)}'
        f"<span>{first:,}\u2013{end:,} of {listing.found:,}</span>{button(page + 1, 'Next', page < last)}</nav>"
    )
