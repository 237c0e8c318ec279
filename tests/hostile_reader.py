"""A process that reads files as the word in them says: for tests of what becomes of readers that misbehave."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

from qa.corpus.child import serve
from qa.corpus.plaintext import read_plaintext
from qa.errors import CorpusError
from qa.schema import Document, Piece

LEAKED: list[bytearray] = []


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
    elif word == "abort":
        grown = bytearray(200 * 2**20)
        os.kill(os.getpid(), signal.SIGABRT)
        del grown
    elif word == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "vast":
        return replace(read_plaintext("Fine\n", doc_id=doc_id, path=name), text="é" * 20_000_000)
    elif word == "flood":
        os.write(replies(), b"d" * 40_000_000)
    elif word == "forge":
        os.write(replies(), b'd{"names":5}\n')
        time.sleep(60)
    elif word == "huge":
        document = read_plaintext("Fine\n", doc_id=doc_id, path=name)
        return replace(document, pieces=tuple(Piece(i, i + 1, i) for i in range(300_000)))
    elif word == "leak":
        LEAKED.append(bytearray(100 * 2**20))
    elif word == "surrogate":
        raise ValueError("\ud800")
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


def replies() -> int:
    """The descriptor that replies go to: the last, but for that of the folder that lists them."""
    return max(int(fd.name) for fd in Path("/proc/self/fd").iterdir()) - 1


if __name__ == "__main__":
    serve(read)
