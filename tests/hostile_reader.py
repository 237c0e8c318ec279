"""A process that reads files as the word in them says: for tests of what becomes of readers that misbehave."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from qa.corpus.child import serve
from qa.corpus.plaintext import read_plaintext
from qa.errors import CorpusError
from qa.schema import Document


def read(path: Path, doc_id: str, name: str) -> Document:
    word = path.read_text("utf-8").split()[0]
    if word == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif word == "exit":
        os._exit(3)
    elif word == "hang":
        time.sleep(60)
    elif word == "loop":
        while True:
            pass
    elif word == "swell":
        return read_plaintext(str(bytearray(3 * 2**30)[:1]), doc_id=doc_id, path=name)
    elif word == "deep":
        raise RecursionError
    elif word == "odd":
        raise KeyError("x")
    elif word == "named":
        raise CorpusError("is not right", path=name, line=7)
    elif word == "chatty":
        print("not a reply")  # noqa: T201
        os.write(1, b"nor this\n")
    elif word == "write":
        Path(str(path) + ".out").write_text("x")
    return read_plaintext(path.read_text("utf-8"), doc_id=doc_id, path=name)


if __name__ == "__main__":
    serve(read)
