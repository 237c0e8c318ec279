"""Answers and documents as HTML: pure functions, in which every word of a document or a question is escaped.

Nothing here reads an index or knows of Gradio. An element that opens a source carries its `Place` in `data-`
attributes; the script sends them back when it is activated, and `Place.parse` reads them. `web/` holds the scripts and
style sheets, which are put together in the order of their names.
"""

from __future__ import annotations

from pathlib import Path

from qa.rendering.answer import ABSTENTION, answer_card
from qa.rendering.body import Part
from qa.rendering.intake import Job, job_list, library_search, library_tools
from qa.rendering.library import Entry, Listing, Trouble, Wanted, failed_library, library_list, loading_library
from qa.rendering.place import Place
from qa.rendering.sheet import Sheet
from qa.rendering.source import View, lost_source, no_source, source_panel
from qa.rendering.transcript import Turn, transcript, welcome

__all__ = [
    "ABSTENTION",
    "Entry",
    "Job",
    "Listing",
    "Part",
    "Place",
    "Sheet",
    "Trouble",
    "Turn",
    "View",
    "Wanted",
    "answer_card",
    "failed_library",
    "job_list",
    "library_list",
    "library_search",
    "library_tools",
    "loading_library",
    "lost_source",
    "no_source",
    "script",
    "source_panel",
    "stylesheet",
    "transcript",
    "welcome",
]


def stylesheet() -> str:
    """The style sheet of the chat."""
    return _together("*.css")


def script() -> str:
    """The script that turns clicks into events and scrolls to what was opened."""
    return _together("*.js")


def _together(pattern: str) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted((Path(__file__).parent / "web").glob(pattern)))
