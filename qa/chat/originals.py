"""The files behind the documents: whether one is still what was indexed, and its pages as images."""

from __future__ import annotations

import atexit
import threading
import time
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar

from qa.chat.answering import Answering
from qa.corpus import content_sha256, thing_at
from qa.corpus.pdf.picture import PagePicture, Painter
from qa.corpus.sidecar import sidecar_of
from qa.errors import CorpusError
from qa.index import StoredDocument

State = Literal["same", "changed", "gone", "unreadable"]

KEPT_PAGES = 24
"""Images of pages that are kept, each of at most 400 KB."""

KEPT_STATES = 512
RETRY_SECONDS = 60.0
"""For so long a page that could not be drawn is not tried again."""

Signature = tuple[tuple[int, ...], ...]
K = TypeVar("K")
V = TypeVar("V")


def stored_document(assistant: Answering, doc_id: str) -> StoredDocument | None:
    """What the index keeps of a document, if it has it."""
    return next((stored for stored in assistant.documents if stored.document.doc_id == doc_id), None)


class Originals:
    """Looks at the files; may be used by several threads."""

    def __init__(self, painter: Painter | None = None) -> None:
        self._painter = painter
        self._lock = threading.Lock()
        self._states: OrderedDict[tuple[str, str], tuple[Signature, State]] = OrderedDict()
        self._pages: OrderedDict[tuple[str, str, int], PagePicture | tuple[CorpusError, float]] = OrderedDict()

    def state(self, stored: StoredDocument) -> State:
        """Whether the file is there and what was indexed, sidecar included; hashed again only where its times differ."""
        path = Path(stored.file)
        thing = thing_at(path)
        if thing != "file":
            return "unreadable" if thing == "unknown" else "gone"
        key = (stored.file, stored.sha256)
        try:
            signature = _signature(path)
            with self._lock:
                known = self._states.get(key)
            if known is not None and known[0] == signature:
                return known[1]
            state: State = "same" if content_sha256(path) == stored.sha256 else "changed"
        except OSError:
            return "unreadable"
        with self._lock:
            _keep(self._states, key, (signature, state), KEPT_STATES)
        return state

    def page(self, stored: StoredDocument, number: int) -> PagePicture:
        """The image of a page, from 1; raises CorpusError where it cannot be drawn. Ask for the state first."""
        key = (stored.file, stored.sha256, number)
        with self._lock:
            found = self._pages.get(key)
            if isinstance(found, PagePicture):
                self._pages.move_to_end(key)
        if isinstance(found, PagePicture):
            return found
        if found is not None and time.monotonic() - found[1] < RETRY_SECONDS:
            raise found[0].with_traceback(None)  # else each time adds to it
        made: PagePicture | tuple[CorpusError, float]
        try:
            made = (self._painter or _painter()).draw(
                Path(stored.file), number, sha256=stored.sha256, name=Path(stored.file).name
            )
        except CorpusError as error:
            made = (error, time.monotonic())
        with self._lock:
            _keep(self._pages, key, made, KEPT_PAGES)
        if not isinstance(made, PagePicture):
            raise made[0]
        return made


def _keep(kept: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    """Keep a value as the newest, and let go of the oldest where there are too many."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)


def _signature(path: Path) -> Signature:
    """What changes when the file or its sidecar does, without reading them."""
    found: list[tuple[int, ...]] = []
    for file in (path, sidecar_of(path)):
        try:
            told = file.stat()
        except FileNotFoundError:
            found.append((0,))
            continue
        found.append((told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns))
    return tuple(found)


@lru_cache(maxsize=1)
def shared_originals() -> Originals:
    """Those of this process, so that a file is looked at once for its pages and for the link to it."""
    return Originals()


@lru_cache(maxsize=1)
def _painter() -> Painter:
    painter = Painter()
    atexit.register(painter.close)
    return painter
