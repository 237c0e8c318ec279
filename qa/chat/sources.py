"""What a citation opens: the page of a PDF file with the words boxed, or the text; and why, where that cannot be."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from qa.chat.answering import Assistants
from qa.chat.files import link_name
from qa.chat.originals import Originals, shared_originals, stored_document
from qa.corpus.files import SUFFIXES
from qa.errors import CorpusError, VerbatimError
from qa.index import StoredDocument
from qa.rendering import Part, Place, Sheet, View, lost_source, source_panel
from qa.schema import Box, Document

logger = logging.getLogger(__name__)

REMOVED = "There is no document “{}” any more: it was removed or renamed after the answer was given."
MOVED = "This source has changed since the answer was given: ask again."
FAILED = "The source could not be opened. The server's log says why; other sources may still open."
GONE = (
    "The file is no longer where it was when it was indexed, so it cannot be opened. This is its text as it was read."
)
CHANGED = (
    "The file has changed since it was indexed. This is its text as it was read then; "
    "“qa add” with the file takes up the new version."
)
UNREADABLE = "The file cannot be read any more, so it cannot be opened. This is its text as it was read."
_PROBLEMS = {"gone": GONE, "changed": CHANGED, "unreadable": UNREADABLE}


def open_source(assistants: Assistants, data: dict[str, Any], originals: Originals | None = None) -> str:
    """The panel for the place that the browser asks for, or why it cannot be shown.

    `data` holds a `Place`, and may hold `view` ("page" or "text"), `page`, and of a long text `before` or `after`, the block
    at which to end or to begin.
    """
    place = None
    try:
        place = Place.parse(data)
        assistant = assistants.current()
        try:
            document = assistant.document(place.doc_id)
        except CorpusError:
            return lost_source(REMOVED.format(place.doc_id), place)
        if not place.within(document):
            return lost_source(MOVED, place)
        stored = stored_document(assistant, place.doc_id)
        return source_panel(document, place, _view(document, place, data, stored, originals or shared_originals()))
    except VerbatimError as error:
        return lost_source(str(error), place)
    except (ValueError, LookupError):
        return lost_source("This source is not among the documents.")
    except Exception:
        logger.exception("no source for %r", data)
        return lost_source(FAILED, place)


def _view(
    document: Document, place: Place, data: dict[str, Any], stored: StoredDocument | None, originals: Originals
) -> View:
    """The view that is asked for, or the text with what is wrong with the other."""
    view = _text(document, data)
    state = originals.state(stored) if stored else "gone"
    if stored is None or state != "same":
        return replace(view, problem=_PROBLEMS[state])
    pdf = SUFFIXES.get(Path(stored.file).suffix.lower()) == "PDF" and bool(document.page_starts)
    view = replace(view, paged=pdf, link=link_name(stored.file))
    if not pdf or data.get("view") == "text":
        return view
    quote = document.boxes_of(place.quote_start, place.quote_end)
    words = document.boxes_of(place.start, place.end) if place.start < place.end else ()
    home = _home(document, place, quote, words)
    number = _number(data, "page")
    try:
        picture = originals.page(stored, home if number is None else number)
    except CorpusError as error:
        reason = str(error).removeprefix(f"{error.path}: ")
        return replace(view, problem=f"The page cannot be shown as an image: the file {reason}. This is its text.")
    if quote or place.quote_start == place.quote_end:
        return replace(view, sheet=Sheet(picture, quote, words, home))
    problem = "It is not known where on the page the quote stands. The text has it marked."
    return replace(view, sheet=Sheet(picture, quote, words, home), problem=problem)


def _home(document: Document, place: Place, quote: tuple[Box, ...], words: tuple[Box, ...]) -> int:
    """The page on which the answering words begin, or else the quote."""
    boxes = words or quote
    return boxes[0].page if boxes else document.page(place.start) or 1


def _text(document: Document, data: dict[str, Any]) -> View:
    before, after = _number(data, "before"), _number(data, "after")
    if before is not None:
        return View(part=Part.before(document, before), end=True)
    return View(part=Part.after(document, after)) if after is not None else View()


def _number(data: dict[str, Any], key: str) -> int | None:
    """A number of the browser's; None where it sends none, or nonsense."""
    value = str(data.get(key, ""))
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else None
