"""The documents as the list shows them: searched, sorted, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from qa.chat.answering import Answering
from qa.index import LoadedIndex, StoredDocument
from qa.rendering import Entry, Listing, Trouble, Wanted
from qa.rendering.library import COLUMNS

PAGE = 50
MAX_SEARCH = 200


def wanted(data: Mapping[str, Any]) -> Wanted:
    """What the browser asks for; what it should not have sent is left out."""
    sort, page = str(data.get("sort", "")), str(data.get("page", ""))
    return Wanted(
        search=str(data.get("search", ""))[:MAX_SEARCH].strip(),
        collection=str(data.get("collection", "")),
        sort=sort if sort in COLUMNS else "title",
        descending=data.get("descending") in (True, "1", "true"),
        page=int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 0,
    )


def listing(
    assistant: Answering,
    want: Wanted,
    *,
    changing: bool = False,
    uploaded: Callable[[str], bool] = lambda _: False,
    told: Container[str] = (),
) -> Listing:
    """The page of the list that is wanted.

    `uploaded` tells whether a file was added here; what is wrong with files that are `told` of elsewhere is left out.
    """
    index = assistant.index
    entries = _entries(index)
    words = want.search.casefold().split()
    collection = want.collection if want.collection in assistant.collections else ""
    found = [
        entry
        for entry, text in entries
        if (not collection or entry.collection == collection) and all(word in text for word in words)
    ]
    found = [_dated(entry) for entry in found] if want.sort == "dated" else found
    found.sort(key=lambda entry: (_key(entry, want.sort), entry.title.casefold()), reverse=want.descending)
    page = min(want.page, max(0, len(found) - 1) // PAGE)
    return Listing(
        entries=[_dated(entry) for entry in found[page * PAGE : (page + 1) * PAGE]],
        found=len(found),
        total=len(entries),
        passages=len(index.passages),
        size=PAGE,
        wanted=Wanted(want.search, collection, want.sort, want.descending, page),
        collections={name: len(ids) for name, ids in assistant.collections.items()},
        troubles=[trouble for trouble in _troubles(index, uploaded) if not trouble.file or trouble.file not in told],
        changing=changing,
        stamp=stamp(index),
    )


def stamp(index: LoadedIndex) -> str:
    """What changes with the documents."""
    return index.stamp.hex()[-24:] or index.generation


class _Key:
    """An index as a key: two are the same where they are one object."""

    def __init__(self, index: LoadedIndex) -> None:
        self.index = index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.index is self.index

    def __hash__(self) -> int:
        return id(self.index)


@lru_cache(maxsize=2)
def _entries_of(key: _Key) -> list[tuple[Entry, str]]:
    counts = Counter(passage.doc_id for passage in key.index.passages)
    return [_entry(stored, counts[stored.document.doc_id]) for stored in key.index.documents]


def _entries(index: LoadedIndex) -> list[tuple[Entry, str]]:
    """Each document with the words that it is found by."""
    return _entries_of(_Key(index))


def _entry(stored: StoredDocument, passages: int) -> tuple[Entry, str]:
    document = stored.document
    scanned = len(document.scanned_pages)
    note = (
        f"{scanned} page{'s' if scanned > 1 else ''} without text (pictures): run OCR, then add it again"
        if scanned
        else ""
    )
    entry = Entry(document.doc_id, document.source, stored.file, passages, collection=stored.collection, note=note)
    source = document.source
    parts = (entry.title, source.note, source.authors, source.container, source.year, source.doi)
    return entry, " ".join((*parts, source.path, entry.file_name, stored.collection)).casefold()


def _dated(entry: Entry) -> Entry:
    """With the time of its file as it is now."""
    try:
        dated = Path(entry.file).stat().st_mtime
    except (OSError, ValueError):
        return replace(entry, note=entry.note or "its file is gone; what was read of it is still searched")
    return replace(entry, dated=dated)


def _key(entry: Entry, sort: str) -> Any:
    if sort == "title":
        return entry.title.casefold()
    if sort == "collection":
        return entry.collection.casefold()
    if sort == "passages":
        return entry.passages
    return (entry.dated or 0.0) if sort == "dated" else entry.note


def _troubles(index: LoadedIndex, uploaded: Callable[[str], bool]) -> list[Trouble]:
    failed = [
        Trouble(failure.name or Path(failure.file).name, failure.reason, failure.file, uploaded(failure.file))
        for failure in index.failures
    ]
    return [Trouble(lost.doc_id, lost.what) for lost in index.lost] + failed
