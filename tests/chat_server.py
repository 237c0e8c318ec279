"""The chat over the fake assistant, in a process of its own: `python tests/chat_server.py PORT [JSON]`.

The JSON object holds further fields of ServeOptions, and `slow`: seconds that each answer takes. With `sources` the files of
`make_sources` are cited, which are made in that folder. With `folder` a real index is served, to which documents can be added:
made of the folder `notes` beside it where there is none, with the embedder of the fakes.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.chat.answering import Assistants
    from qa.chat.library import Library

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def running(port: int = 0, **options: Any) -> Iterator[str]:
    """The address of a server that is stopped afterwards."""
    command = [sys.executable, __file__, str(port or free_port()), json.dumps(options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address.startswith("http"), "the server did not start"
            yield address
        finally:
            process.terminate()


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(port: int, options: dict[str, Any]) -> None:
    """Print the address and serve until stopped."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from chat_fake import FakeAssistant

    from qa.chat import ServeOptions
    from qa.chat.page import build_page
    from qa.chat.serving import launch
    from qa.feedback import FeedbackStore

    if "folder" in options:
        folder = Path(options.pop("folder"))
        assistants, library = over_index(folder)
        page = build_page(assistants, FeedbackStore(folder / "feedback.sqlite"), library)
        server = launch(page, ServeOptions(port=port, allow_uploads=True, **options), assistants)
        library.resume()
        sys.stdout.write(server.address + "\n")
        sys.stdout.flush()
        threading.Event().wait()
    slow = options.pop("slow", 0)
    assistant = FakeAssistant()
    if "sources" in options:
        from make_sources import SourceAssistant

        assistant = SourceAssistant.over(Path(options.pop("sources")))
    if slow:
        ask = assistant.ask
        assistant.ask = lambda *args, **kwargs: (time.sleep(slow), ask(*args, **kwargs))[1]  # type: ignore[method-assign]
    if "auth" in options:
        options["auth"] = Path(options["auth"])
    store = FeedbackStore(Path(tempfile.mkdtemp()) / "feedback.sqlite")
    server = launch(build_page(assistant, store), ServeOptions(port=port, **options), assistant)
    sys.stdout.write(server.address + "\n")
    sys.stdout.flush()
    threading.Event().wait()


def over_index(folder: Path) -> tuple[Assistants, Library]:
    """Assistants over the index in a folder, and what changes it."""
    from fakes import FakeEmbedder

    from qa import index
    from qa.assistant import Assistant
    from qa.chat.library import Library
    from qa.shared import Following

    if not index.exists(folder):
        index.build(folder, [folder.parent / "notes"], FakeEmbedder())
    assistants = Following(Assistant.open(folder, embedder=FakeEmbedder()))
    return assistants, Library(assistants)


if __name__ == "__main__":
    serve(int(sys.argv[1]), json.loads(sys.argv[2]) if len(sys.argv) > 2 else {})
