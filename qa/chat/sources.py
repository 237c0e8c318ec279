"""What a citation opens."""

from __future__ import annotations

from typing import Any

from qa.chat.answering import Assistants
from qa.errors import VerbatimError
from qa.rendering import Place, lost_source, source_panel


def open_source(assistants: Assistants, data: dict[str, Any]) -> str:
    """The panel for the place that the browser asks for, or why it cannot be shown."""
    try:
        place = Place.parse(data)
        document = assistants.current().document(place.doc_id)
    except VerbatimError as error:
        return lost_source(str(error))
    except (ValueError, LookupError):
        return lost_source("This source is not among the documents.")
    if not place.within(document):
        return lost_source("This source has changed since the answer was given: ask again.")
    return source_panel(document, place)
