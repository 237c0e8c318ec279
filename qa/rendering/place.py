"""Places in documents, on their way to the browser and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qa.rendering.markup import escape
from qa.schema import Document, Passage, Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where a citation leads: the exact span and the quote around it, as offsets into one document."""

    doc_id: str
    start: int
    end: int
    quote_start: int
    quote_end: int

    @classmethod
    def of_span(cls, span: Span) -> Place:
        """The place of a span and its quote."""
        return cls(span.passage.doc_id, span.start, span.end, span.quote_start, span.quote_end)

    @classmethod
    def of_passage(cls, passage: Passage) -> Place:
        """The place of a whole passage, of which no words in particular are meant."""
        return cls(passage.doc_id, passage.start, passage.start, passage.start, passage.end)

    @classmethod
    def whole(cls, doc_id: str) -> Place:
        """A document from its beginning, of which no words in particular are meant."""
        return cls(doc_id, 0, 0, 0, 0)

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Place:
        """The place that the browser sends; raises ValueError where it is not one, for anyone can send anything."""
        doc_id, *offsets = (data.get(key) for key in ("doc", "start", "end", "quoteStart", "quoteEnd"))
        if not isinstance(doc_id, str) or any(not re.fullmatch(r"\d{1,9}", str(offset)) for offset in offsets):
            raise ValueError("not a place in a document")
        return cls(doc_id, *(int(str(offset)) for offset in offsets))

    def within(self, document: Document) -> bool:
        """Whether the offsets are in order and inside the document."""
        if self == Place.whole(self.doc_id):
            return True
        inside = 0 <= self.quote_start < self.quote_end <= len(document.text)
        return inside and self.quote_start <= self.start <= self.end <= self.quote_end


def place_attributes(place: Place) -> str:
    """The `data-` attributes that `Place.parse` reads."""
    return (
        f'data-doc="{escape(place.doc_id)}" data-start="{place.start}" data-end="{place.end}"'
        f' data-quote-start="{place.quote_start}" data-quote-end="{place.quote_end}"'
    )


def chip(number: int, place: Place, title: str) -> str:
    """A citation number that opens the source."""
    return f'<button type="button" class="vb-cite vb-chip" {_opening(place, str(number), title)}>{number}</button>'


def source_button(number: str, place: Place, title: str) -> str:
    """A citation number with the title of its source, which opens it."""
    return (
        f'<button type="button" class="vb-cite vb-source-link" {_opening(place, number, title)}>'
        f'<span class="vb-chip">{number}</span><span>{escape(title)}</span></button>'
    )


def _opening(place: Place, number: str, title: str) -> str:
    return f'data-event="cite" {place_attributes(place)} aria-label="Open source {number}: {escape(title)}"'
