"""The elements and events with which an answer is judged, copied, linked to and exported."""

from __future__ import annotations

from datetime import date
from typing import Any

import gradio as gr

from qa.chat.answering import Assistants
from qa.chat.events import QUIET
from qa.chat.exports import export
from qa.chat.feedback import judge
from qa.feedback import FeedbackStore
from qa.rendering.actions import EXPORT, JUDGING, outcome

MAX_LINKED = 2000
"""Characters of a question that a link can carry; longer ones are refused as questions anyway."""


def add_export_menu() -> None:
    """The menu below the question box."""
    gr.HTML(EXPORT, elem_id="vb-take", js_on_load=None, apply_default_css=False)


def add_takeaway(assistants: Assistants, store: FeedbackStore | None, turns: gr.State) -> gr.HTML:
    """What acts on the rows under the answers; without a store nothing is asked about them.

    Its event `reopen` carries the question of a link, see `linked`.
    """
    gr.HTML(JUDGING if store else "", elem_id="vb-judging", js_on_load=None, apply_default_css=False)
    outbox = gr.HTML(
        outcome("ready"),
        elem_id="vb-outbox",
        apply_default_css=False,
        js_on_load="verbatim.actions(element, trigger, watch);  // 'judge' 'take' 'reopen'",
    )

    def judged(event: gr.EventData, said: list[Any], request: gr.Request) -> str:
        if store is None:
            return outcome("ready")
        user = getattr(request, "username", None) or ""
        return judge(store, assistants, said, event._data, str(request.session_hash), str(user))

    def take(event: gr.EventData, said: list[Any]) -> str:
        file = export(str(event._data.get("format", "")), said, date.today())
        seq = event._data.get("seq", "")
        if file.problem:
            return outcome("told", said=file.problem, seq=seq)
        return outcome("file", name=file.name, type=file.media_type, text=file.text, seq=seq)

    outbox.judge(judged, [turns], [outbox], trigger_mode="multiple", queue=False, **QUIET)
    outbox.take(take, [turns], [outbox], queue=False, **QUIET)
    return outbox


def linked(event: gr.EventData) -> tuple[str, str]:
    """The question and the collection of the link that the page was opened by."""
    data = event._data
    return str(data.get("question", ""))[:MAX_LINKED].strip(), str(data.get("collection", ""))[:MAX_LINKED].strip()
