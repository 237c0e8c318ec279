"""The chat over the fake assistant, in a process of its own: `python tests/chat_server.py PORT`."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def running() -> Iterator[str]:
    """The address of a server that is stopped afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, __file__, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address.startswith("http"), "the server did not start"
            yield address
        finally:
            process.terminate()


def serve(port: int) -> None:
    """Print the address and serve until stopped."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from chat_fake import FakeAssistant

    from qa.chat import ServeOptions
    from qa.chat.page import build_page
    from qa.chat.serving import launch

    assistant = FakeAssistant()
    sys.stdout.write(launch(build_page(assistant), ServeOptions(port=port), assistant).address + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
