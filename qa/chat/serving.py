"""The server of the chat. Nothing leaves the machine: no analytics, no fonts or scripts from elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
from starlette.middleware import Middleware

from qa.chat.answering import Pending
from qa.chat.options import ServeOptions
from qa.chat.page import build_page
from qa.chat.security import SecurityHeaders
from qa.errors import VerbatimError
from qa.rendering import script, stylesheet

if TYPE_CHECKING:
    from rich.progress import TaskID

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' "
    "rx='4' fill='%230f6266'/%3E%3Cpath d='M4 5h8M4 11h5' stroke='white' stroke-width='1.4' stroke-linecap='round'/%3E"
    "%3Cpath d='M4 8h6' stroke='%23ffdf6b' stroke-width='2' stroke-linecap='round'/%3E%3C/svg%3E"
)
FONT = ("system-ui", "sans-serif")


def launch(page: gr.Blocks, options: ServeOptions) -> str:
    """Begin to listen, without blocking, and give the address; raises OSError where the port is taken."""
    head = (
        f'<link rel="icon" href="{ICON}"><meta name="color-scheme" content="light dark">'
        f"<style>{stylesheet()}</style><script>{script()}</script>"
    )
    _, address, _ = page.launch(
        server_name=options.host,
        server_port=options.port,
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
    return str(address).rstrip("/")


def serve(index: Path | str | None = None, options: ServeOptions | None = None) -> None:
    """Serve the chat until interrupted; the index is built where there is none. Raises errors of `qa.errors`.

    Listens at once; questions that come before the assistant is open wait for it.
    """
    options = options or ServeOptions()
    pending = Pending()
    page = build_page(pending)
    try:
        address = launch(page, options)
    except OSError as error:
        place = f"{options.host}:{options.port}"
        raise VerbatimError(f"cannot listen on {place}: {error}; choose another with --port") from error
    try:
        print(f"Verbatim is at {address}", flush=True)  # noqa: T201  # what the command is asked for
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
