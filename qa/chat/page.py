"""The page: the conversation, the question box, and beside them the source that a citation opens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from qa.chat.answering import Assistants
from qa.chat.api import add_endpoints
from qa.chat.conversing import converse
from qa.chat.documents import add_documents, add_scope
from qa.chat.events import QUIET
from qa.chat.library import Library
from qa.chat.sources import open_source
from qa.chat.suggesting import Suggestions
from qa.chat.takeaway import add_export_menu, add_takeaway, linked
from qa.errors import VerbatimError
from qa.feedback import FeedbackStore
from qa.rendering import Turn, no_source, transcript, welcome

BAR = (
    '<div class="vb-bar"><h1>Verba<i>tim</i></h1><p>Answers that are quotes</p><nav class="vb-views" aria-label="Views">'
    '<a href="#ask" data-view="ask">Ask</a><a href="#documents" data-view="documents">Documents</a>'
    "</nav></div>"
)
NOTE = '<p class="vb-note">Quoted word for word. Not medical advice.</p>'
LOADING = "Opening the documents; this takes a moment after the start"
EVENTS = "'example' 'anew' 'cite'"
"""What elements of the conversation can trigger by `data-event`; Gradio wants the names in quotes in the script."""


def build_page(
    assistants: Assistants, feedback: FeedbackStore | None = None, library: Library | None = None
) -> gr.Blocks:
    """The page over the assistants.

    With a store users can say what they think of an answer; with a library, documents can be added and removed on it.
    """

    suggestions = Suggestions()

    def shown(turns: list[Turn]) -> str:
        return transcript(turns, waiting="" if assistants.ready else LOADING)

    def begin() -> str:
        try:
            return welcome(suggestions.welcome(assistants.current()))
        except VerbatimError as error:
            return welcome(problem=str(error))

    def ask_in_chat(
        question: str, turns: list[Turn], collection: str = "", fresh: bool = False
    ) -> Iterator[tuple[Any, str, list[Turn]]]:
        conversation = converse(assistants, suggestions, question or "", turns, fresh=fresh, collection=collection)
        for number, now in enumerate(conversation):
            yield gr.skip() if number else "", shown(now), now

    def example(event: gr.EventData, turns: list[Turn], collection: str) -> Iterator[tuple[Any, str, list[Turn]]]:
        yield from ask_in_chat(str(event._data.get("question", "")), turns, collection)

    def anew(event: gr.EventData, turns: list[Turn], collection: str) -> Iterator[tuple[Any, str, list[Turn]]]:
        yield from ask_in_chat(str(event._data.get("question", "")), turns, collection, fresh=True)

    def reopen(event: gr.EventData, turns: list[Turn]) -> Iterator[tuple[Any, Any, Any]]:
        question, collection = linked(event)
        if turns or not question:
            yield gr.skip(), gr.skip(), gr.skip()
        else:
            yield from ask_in_chat(question, turns, collection)

    def cite(event: gr.EventData) -> str:
        return open_source(assistants, event._data)

    page = gr.Blocks(title="Verbatim", analytics_enabled=False, fill_width=True, delete_cache=(600, 3600))
    with page:
        turns = gr.State(list[Turn]())
        with gr.Column(elem_id="vb-page"):
            gr.HTML(BAR, elem_id="vb-bar", js_on_load=None, apply_default_css=False)
            with gr.Row(elem_id="vb-main"):
                with gr.Column(elem_id="vb-chat"):
                    start = gr.HTML(
                        welcome(waiting=LOADING),
                        elem_id="vb-start",
                        apply_default_css=False,
                        js_on_load="verbatim.transcript(element, trigger, watch);  // 'example'",
                    )
                    log = gr.HTML(
                        transcript([]),
                        elem_id="vb-transcript",
                        apply_default_css=False,
                        js_on_load=f"verbatim.transcript(element, trigger, watch);  // {EVENTS}",
                    )
                    scope = add_scope()
                    with gr.Row(elem_id="vb-composer"):
                        box = gr.Textbox(
                            label="Question",
                            show_label=False,
                            container=False,
                            placeholder="Ask a question",
                            lines=1,
                            max_lines=5,
                            autofocus=True,
                            elem_id="vb-question",
                            html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
                        )
                        send = gr.Button("Ask", variant="primary", elem_id="vb-send")
                    with gr.Row(elem_id="vb-foot"):
                        gr.HTML(NOTE, elem_id="vb-note", js_on_load=None, apply_default_css=False)
                        add_export_menu()
                with gr.Column(elem_id="vb-side", render=False) as side:
                    panel = gr.HTML(
                        no_source(),
                        elem_id="vb-panel",
                        apply_default_css=False,
                        js_on_load="verbatim.source(element, trigger, watch);  // 'turn'",
                    )
                add_documents(assistants, library, panel)
                side.render()
            outbox = add_takeaway(assistants, feedback, turns)
        # Questions are answered one after the other, so that a quick second one finds the first in `turns`.
        asking: dict[str, Any] = {**QUIET, "concurrency_id": "ask", "concurrency_limit": 1, "trigger_mode": "multiple"}
        gr.on([box.submit, send.click], ask_in_chat, [box, turns, scope], [box, log, turns], **asking)
        start.example(example, [turns, scope], [box, log, turns], **asking)
        log.example(example, [turns, scope], [box, log, turns], **asking)
        log.anew(anew, [turns, scope], [box, log, turns], **asking)
        outbox.reopen(reopen, [turns], [box, log, turns], **asking)
        log.cite(cite, None, [panel], **QUIET)
        panel.turn(cite, None, [panel], **QUIET)
        page.load(begin, None, [start], queue=False, **QUIET)  # takes no place from those who ask
        add_endpoints(assistants)
    return page
