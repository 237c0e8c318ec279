"""The server of the chat. Nothing leaves the machine: no analytics, no fonts or scripts from elsewhere."""

from __future__ import annotations

import ipaddress
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from qa.chat.answering import Assistants, Pending
from qa.chat.listening import Listening, listen
from qa.chat.options import ServeOptions
from qa.chat.users import read_users, readable_by_others
from qa.errors import VerbatimError
from qa.feedback import FILE_NAME, FeedbackStore

if TYPE_CHECKING:
    import gradio as gr
    from rich.progress import TaskID
    from starlette.requests import Request
    from starlette.types import ASGIApp

FONT = ("system-ui", "sans-serif")

LOOKS = 0.5
"""Seconds after which the main thread looks whether it was told to end: the exception that should wake it can be lost."""


def make_app(page: gr.Blocks, options: ServeOptions, assistants: Assistants) -> ASGIApp:
    """All that is served: our own routes, then Gradio's page, behind the guards."""
    import gradio as gr
    from fastapi import FastAPI

    from qa.chat.credentials import Credentials
    from qa.chat.guarding import guarded
    from qa.chat.routes import own_routes
    from qa.chat.uploads import Limits
    from qa.rendering import script, stylesheet
    from qa.rendering.login import ICON
    from qa.rendering.markup import escape

    head = (
        f'<link rel="icon" href="{ICON}"><meta name="color-scheme" content="light dark">'
        f"<style>{stylesheet()}</style><script>{script()}</script>"
    )
    credentials = Credentials(options.auth) if options.auth else None
    if credentials is not None:
        head += f'<meta name="vb-logout" content="{escape(options.root)}/logout">'
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes.extend(own_routes(assistants, options))
    if options.mcp:
        from qa.chat.tools import add_tools

        add_tools(app)
    page.state_session_capacity = 1000
    page.queue(max_size=options.queue, default_concurrency_limit=options.concurrency, api_open=False)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        root_path=options.root_path,
        theme=gr.themes.Base(font=FONT, font_mono=("ui-monospace", "monospace")),
        head=head,
        ssr_mode=False,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        max_file_size=Limits().file if options.allow_uploads else 0,
        mcp_server=False,
        auth_dependency=_user if credentials is not None else None,
    )
    return guarded(app, options, credentials)


def _user(request: Request) -> str | None:
    """Who logged in, for Gradio, which refuses those who did not once more."""
    return request.scope.get("state", {}).get("user") or None


def launch(page: gr.Blocks, options: ServeOptions, assistants: Assistants) -> Listening:
    """Begin to serve, without blocking; raises VerbatimError where the port is taken."""
    return Listening(make_app(page, options, assistants), listen(options.host, options.port))


def serve(
    index: Path | str | None = None,
    options: ServeOptions | None = None,
    *,
    announce: Callable[[str], None],
    note: Callable[[str], None],
) -> None:
    """Serve the chat until SIGINT or SIGTERM; the index is built where there is none. Raises errors of `qa.errors`.

    `announce` is told the address as soon as the server listens, `note` what else a person at the terminal should know.
    Questions that come before the assistant is open wait for it.
    """
    options = options or ServeOptions()
    for warning in warnings_of(options):
        note(f"warning: {warning}")
    ended = False

    def end(*_: object) -> None:
        nonlocal ended
        ended = True  # whoever runs just then, as a library that is being loaded, may swallow the exception
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    try:
        with listen(options.host, options.port) as listener:
            pending = Pending()
            from qa.chat.library import Library
            from qa.chat.page import build_page

            library = Library(pending) if options.allow_uploads else None
            page = build_page(pending, FeedbackStore(lambda: _feedback_file(index)), library)
            with Listening(make_app(page, options, pending), listener) as server:
                announce(server.address)
                _open(index, pending, note)
                if library is not None:
                    library.resume()
                while not ended:
                    time.sleep(LOOKS)
    except KeyboardInterrupt:
        return


def warnings_of(options: ServeOptions) -> Iterator[str]:
    """What is unsafe in how the chat is to be served; raises UsersError where the file of users cannot be used."""
    if options.auth is not None:
        read_users(options.auth)
        if readable_by_others(options.auth):
            yield f"{options.auth}: others on this machine can read it; take that away with: chmod 600 {options.auth}"
    elif not _loopback(options.host):
        yield (
            f"everybody who can reach {options.host} can ask and read the documents; "
            "let them log in with --auth FILE, or listen on 127.0.0.1"
        )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _open(index: Path | str | None, pending: Pending, note: Callable[[str], None]) -> None:
    """Open the documents and the models; on failure those who wait are told, and so is the caller."""
    note("opening the documents; questions wait until that is done")
    try:
        from qa.assistant import Assistant
        from qa.shared import Following

        with _progress() as progress:
            assistant = Assistant.open_or_build(index, progress=progress)
    except VerbatimError as error:
        pending.fail(error)
        raise
    pending.set(Following(assistant))
    note(f"ready: {len(assistant.documents)} documents, {assistant.passage_count} passages; Ctrl-C stops the server")


def _feedback_file(index: Path | str | None) -> Path:
    from qa.assistant import index_folder

    return index_folder(index) / FILE_NAME


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
