"""The chat over files with marked words, in a process of its own: `python tests/source_server.py PORT FOLDER`."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def serve(port: int, folder: Path) -> None:
    """Print the address and serve until stopped."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from make_sources import SourceAssistant

    from qa.chat import ServeOptions
    from qa.chat.page import build_page
    from qa.chat.serving import launch

    assistant = SourceAssistant.over(folder)
    server = launch(build_page(assistant), ServeOptions(port=port), assistant)
    sys.stdout.write(server.address + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
