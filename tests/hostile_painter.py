"""A process that draws pages as the word in the file says: for tests of what becomes of pages that misbehave."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from qa.corpus.child import serve_lines


def draw(request: dict[str, Any]) -> bytes:
    word = Path(request["path"]).read_text("utf-8")
    if word == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif word == "hang":
        time.sleep(60)
    elif word == "swell":
        bytearray(3 * 2**30)
    elif word == "forge":
        return b"{}\n"
    picture = {"number": 1, "count": 1, "width": 10.0, "height": 10.0, "mime": "image/png", "data": word}
    return json.dumps(picture).encode() + b"\n"


if __name__ == "__main__":
    serve_lines(draw)
