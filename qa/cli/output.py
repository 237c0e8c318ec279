"""What the commands share: exit statuses, options, opening the index and its model, and the ways to print."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.schema import Embedder

ABSTAINED, ERROR, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141
_MOVES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
PATIENCE = 1.0
"""Seconds after which progress is shown."""

LINE_INTERVAL = 5.0
"""Seconds between lines of progress where stderr is no terminal."""

Index = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="Index folder (default: $VERBATIM_INDEX, else index/).")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--embedder",
        metavar="NAME",
        help="Embedding model: a name or a folder (default: $VERBATIM_EMBEDDER, else MiniLM).",
    ),
]
ReaderModel = Annotated[
    str | None,
    typer.Option(
        "--reader",
        metavar="NAME",
        help="Model that reads along: a name or a folder of a question-answering model, or plain for none "
        "(default: $VERBATIM_READER, else the one of this project).",
    ),
]
Collection = Annotated[
    str | None, typer.Option("--collection", metavar="NAME", help="Only the documents of this collection.")
]
Within = Annotated[list[str] | None, typer.Option("--document", metavar="ID", help="Only this document; repeatable.")]


def use_reader(name: str | None) -> None:
    """Let the model of that name read along in all that is opened from now on."""
    if name:
        os.environ["VERBATIM_READER"] = name


def open_assistant(index: Path | None, model: str | None, documents: Sequence[str] | None = None) -> Assistant:
    """The assistant over the index; raises IndexStateError where there is none, or a document is not in it."""
    from qa.assistant import Assistant

    with Progress("opening the index"):
        assistant = Assistant.open(index, embedder=open_embedder(model) if model else None)
    for warning in assistant.warnings:
        note(f"warning: {warning}")
    for doc_id in documents or ():
        assistant.document(doc_id)
    return assistant


def open_embedder(name: str | None) -> Embedder:
    """The embedding model of that name, the default one without; raises ModelError where it cannot be loaded."""
    from qa.embedding import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(name)


def print_json(data: Any, *, compact: bool = False) -> None:
    """Print on stdout: indented, or on one line where it is one of many."""
    print(json.dumps(data, ensure_ascii=False, indent=None if compact else 2), flush=True)


def say(text: str) -> None:
    """Print on stdout what may hold words of documents or names of files."""
    print(shown(text))


def note(message: str) -> None:
    """Print a line on stderr: what is no part of the answer."""
    print(shown(message), file=sys.stderr, flush=True)


def shown(text: str) -> str:
    r"""The text with every character that moves the cursor, colours or turns round what follows written out.

    >>> shown("4 mg\n") == "4 mg\n", shown("\x1b[31mred \u202egm 4")
    (True, '\\x1b[31mred \\u202egm 4')
    """
    return _MOVES.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def internal_error(error: Exception) -> str:
    """The line that tells of a failure of the program itself."""
    show_traceback()
    message = " ".join(str(error).split())
    return f"internal error: {type(error).__name__}: {message}; run with VERBATIM_DEBUG=1 for the traceback"


def show_traceback() -> None:
    """Print the traceback of the exception at hand where VERBATIM_DEBUG is set."""
    if os.environ.get("VERBATIM_DEBUG"):
        traceback.print_exc()


class Progress:
    """Shows on stderr what takes longer than a second: a bar on a terminal, elsewhere a line every few seconds."""

    def __init__(self, what: str, *, shown: bool = True) -> None:
        self._state = (what, 0, 0)
        self._bar: Any = None
        self._terminal = sys.stderr.isatty() and shown
        self._next_line = time.monotonic() + PATIENCE
        self._timer = threading.Timer(PATIENCE, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if self._terminal:
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._terminal:
            self._timer.join()
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Say that `done` of `total` are done; a total of 0 is not known."""
        self._state = (what, done, total)
        if self._bar is not None:
            self._bar.update(0, **self._shown())
        elif not self._terminal and time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + LINE_INTERVAL
            note(f"{what}: {done} of {total}" if total else f"{what}: {done}")

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
        )
        console = Console(stderr=True)
        bar = Bar(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
        bar.add_task(**self._shown())
        bar.start()
        self._bar = bar

    def _shown(self) -> dict[str, Any]:
        what, done, total = self._state
        count = f"{done}/{total}" if total else str(done or "")
        return {"description": what, "completed": done, "total": total or None, "count": count}
