"""The web chat: holds an assistant and draws its answers (`python app.py`, `qa serve`).

Nothing leaves the machine: no analytics, no fonts or scripts from elsewhere, and a content security policy that would
refuse them. How answers look is the business of `qa.rendering`.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from qa.errors import VerbatimError
from qa.rendering import (
    Place,
    Turn,
    lost_source,
    no_source,
    script,
    source_panel,
    stylesheet,
    transcript,
)
from qa.schema import Answer, Document

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from gradio.events import api
from starlette.middleware import Middleware

if TYPE_CHECKING:
    from rich.progress import TaskID
    from starlette.types import ASGIApp, Receive, Scope, Send

logger = logging.getLogger(__name__)

BAR = '<div class="vb-bar"><h1>Verba<i>tim</i></h1><p>Answers that are quotes</p></div>'
NOTE = '<p class="vb-note">Quoted word for word. Not medical advice.</p>'
FAILED = "Something went wrong while looking for an answer. The server's log says what; other questions may still work."
LOADING = "Opening the documents; this takes a moment after the start"
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' "
    "rx='4' fill='%230f6266'/%3E%3Cpath d='M4 5h8M4 11h5' stroke='white' stroke-width='1.4' stroke-linecap='round'/%3E"
    "%3Cpath d='M4 8h6' stroke='%23ffdf6b' stroke-width='2' stroke-linecap='round'/%3E%3C/svg%3E"
)
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
FONT = ("system-ui", "sans-serif")


class Answering(Protocol):
    """What the chat needs of an assistant."""

    def ask(self, question: str, /) -> Answer:
        """The answer, or QuestionError."""

    def document(self, doc_id: str, /) -> Document:
        """The document with that id, or a VerbatimError."""


class Pending:
    """Stands for an assistant that is still being opened: questions wait for it."""

    def __init__(self) -> None:
        self._assistant: Future[Answering] = Future()

    def set(self, assistant: Answering) -> None:
        """Answer with this assistant from now on, beginning with the questions that wait."""
        self._assistant.set_result(assistant)

    def fail(self, error: VerbatimError) -> None:
        """Tell the questions that wait, and all later ones, why there is no assistant."""
        self._assistant.set_exception(error)

    @property
    def ready(self) -> bool:
        """Whether questions are answered at once."""
        return self._assistant.done()

    def ask(self, question: str, /) -> Answer:
        """The answer, as soon as there is an assistant."""
        return self._assistant.result().ask(question)

    def document(self, doc_id: str, /) -> Document:
        """The document, as soon as there is an assistant."""
        return self._assistant.result().document(doc_id)


class SecurityHeaders:
    """ASGI middleware: the browser may load nothing from elsewhere and sends no address of ours to linked sites."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to the response."""

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", []),
                    (b"content-security-policy", POLICY.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                ]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def answer(assistant: Answering, question: str) -> Turn:
    """The question with its answer, or with what is wrong in words for the user."""
    try:
        return Turn(question, assistant.ask(question))
    except VerbatimError as error:
        return Turn(question, problem=str(error))
    except Exception:
        logger.exception("no answer to %r", question)
        return Turn(question, problem=FAILED)


def open_source(assistant: Answering, data: dict[str, Any]) -> str:
    """The panel for the place that the browser asks for, or why it cannot be shown."""
    try:
        place = Place.parse(data)
        document = assistant.document(place.doc_id)
    except VerbatimError as error:
        return lost_source(str(error))
    except (ValueError, LookupError):
        return lost_source("This source is not among the documents.")
    if not place.within(document):
        return lost_source("This source has changed since the answer was given: ask again.")
    return source_panel(document, place)


def build_app(assistant: Answering) -> gr.Blocks:
    """The page: the conversation, the question box, and beside them the source that a citation opens."""

    def waiting() -> str:
        return LOADING if isinstance(assistant, Pending) and not assistant.ready else ""

    def converse(question: str, turns: list[Turn]) -> Iterator[tuple[Any, str, list[Turn]]]:
        turns = [*turns, Turn(question or "")]
        yield "", transcript(turns, waiting=waiting()), turns
        turns = [*turns[:-1], answer(assistant, turns[-1].question)]
        yield gr.skip(), transcript(turns), turns

    def converse_example(event: gr.EventData, turns: list[Turn]) -> Iterator[tuple[Any, str, list[Turn]]]:
        yield from converse(str(event._data.get("question", "")), turns)

    def cite(event: gr.EventData) -> str:
        return open_source(assistant, event._data)

    def ask(question: str) -> dict[str, Any]:
        """The answer to a question as an object: spans, citations, hits (see ARCHITECTURE.md)."""
        try:
            return assistant.ask(str(question)).to_json()
        except VerbatimError as error:
            raise gr.Error(str(error), print_exception=False) from error

    page = gr.Blocks(title="Verbatim", analytics_enabled=False, fill_width=True)
    with page:
        turns = gr.State(list[Turn]())
        with gr.Column(elem_id="vb-page"):
            gr.HTML(BAR, elem_id="vb-bar", js_on_load=None, apply_default_css=False)
            with gr.Row(elem_id="vb-main"):
                with gr.Column(elem_id="vb-chat"):
                    log = gr.HTML(
                        transcript([]),
                        elem_id="vb-transcript",
                        apply_default_css=False,
                        js_on_load="verbatim.transcript(element, trigger, watch);  // triggers 'example' and 'cite'",
                    )
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
                    gr.HTML(NOTE, elem_id="vb-note", js_on_load=None, apply_default_css=False)
                with gr.Column(elem_id="vb-side"):
                    panel = gr.HTML(
                        no_source(),
                        elem_id="vb-panel",
                        apply_default_css=False,
                        js_on_load="verbatim.source(element, watch);",
                    )
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        # Questions are answered one after the other, so that a quick second one finds the first in `turns`.
        asking: dict[str, Any] = {**quiet, "concurrency_id": "ask", "trigger_mode": "multiple"}
        gr.on([box.submit, send.click], converse, [box, turns], [box, log, turns], **asking)
        log.example(converse_example, [turns], [box, log, turns], **asking)
        log.cite(cite, None, [panel], **quiet)
        api(ask, api_name="ask", concurrency_id="ask")
    return page


def launch(page: gr.Blocks, *, host: str = "127.0.0.1", port: int = 7860) -> str:
    """Begin to listen, without blocking, and give the address; raises OSError where the port is taken."""
    head = (
        f'<link rel="icon" href="{ICON}"><meta name="color-scheme" content="light dark">'
        f"<style>{stylesheet()}</style><script>{script()}</script>"
    )
    _, address, _ = page.launch(
        server_name=host,
        server_port=port,
        theme=gr.themes.Base(font=FONT, font_mono=("ui-monospace", "monospace")),
        head=head,
        app_kwargs={"middleware": [Middleware(SecurityHeaders)]},
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
        enable_monitoring=False,
        footer_links=[],
        max_file_size=0,
        state_session_capacity=1000,
    )
    return address.rstrip("/")


def serve(index: Path | str | None = None, host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve the chat until interrupted; the index is built where there is none. Raises errors of `qa.errors`.

    Listens at once; questions that come before the assistant is open wait for it.
    """
    pending = Pending()
    page = build_app(pending)
    try:
        address = launch(page, host=host, port=port)
    except OSError as error:
        raise VerbatimError(f"cannot listen on {host}:{port}: {error}; choose another with --port") from error
    try:
        print(f"Verbatim is at {address}", flush=True)
        from qa.assistant import Assistant, Following

        with _progress() as progress:
            pending.set(Following(Assistant.open_or_build(index, progress=progress)))
        threading.Event().wait()
    except VerbatimError as error:
        pending.fail(error)
        raise
    except KeyboardInterrupt:
        pass
    finally:
        page.close(verbose=False)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Bars on stderr while an index is built: what is done, how much of it, out of how much."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield show


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and serve; 2 where that fails."""
    parser = argparse.ArgumentParser(prog="app.py", description="Serve the web chat of Verbatim.")
    parser.add_argument("--index", type=Path, help="index folder (default: index/, built where there is none)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=7860, help="port to listen on (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        serve(options.index, options.host, options.port)
    except VerbatimError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
