"""Reads files of formats that can be hostile in a process of their own, with limits on memory, time and output.

A file that makes its reader crash, hang or swell costs a named error, never the program that asked. One process reads file
after file until one of them ends it; the next file gets a new one. Run as `python -m qa.corpus.child` it is that process:
a line of JSON in for each file, a line out.
"""

from __future__ import annotations

import json
import os
import resource
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qa.errors import CorpusError
from qa.schema import Document

SECONDS = 10.0
"""Wall clock that one file may take."""

MEMORY = 512 * 2**20
"""Bytes that reading may take beside what the process needs to start."""

MAX_FILE = 200 * 2**20
"""Bytes of a file that is opened at all."""

MAX_REPLY = 128 * 2**20
"""Bytes of a document as the process hands it over."""

START_SECONDS = 60.0


class Child:
    """The process, started with the first file; use it from one thread at a time, `read` sees to that."""

    def __init__(self, *, seconds: float = SECONDS, module: str = "qa.corpus.child") -> None:
        self._seconds = seconds
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def read(self, path: Path, *, doc_id: str, name: str) -> Document:
        """The document in a file; raises CorpusError, naming the limit where one was met."""
        with self._lock:
            process = self._started()
            request = {"path": str(path.absolute()), "doc_id": doc_id, "name": name}
            try:
                self._send(process, request)
                reply = self._receive(process, self._seconds)
            except BrokenPipeError:
                reply = b""
            except TimeoutError as error:
                self.close()
                raise CorpusError(f"takes more than {self._seconds:.0f} s to read", path=name) from error
            if not reply.endswith(b"\n"):
                raise CorpusError(self._death(), path=name)
        answer = json.loads(reply)
        if "error" in answer:
            raise CorpusError(answer["error"], path=name, line=answer["line"])
        return Document.from_json(answer["document"])

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        package = str(Path(__file__).resolve().parents[2])
        quiet = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
        paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **quiet, "PYTHONPATH": paths},
        )
        try:
            ready = self._receive(self._process, START_SECONDS)
        except TimeoutError:
            ready = b""
        if ready != b"ready\n":
            self.close()
            raise CorpusError(
                "the process that reads documents does not start; run python -m qa.corpus.child to see why"
            )
        return self._process

    def _send(self, process: subprocess.Popen[bytes], request: dict[str, str]) -> None:
        assert process.stdin
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()

    def _receive(self, process: subprocess.Popen[bytes], seconds: float) -> bytes:
        """One line of the process, or what came of it before it ended; raises TimeoutError."""
        assert process.stdout
        until = time.monotonic() + seconds
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not (parts and parts[-1].endswith(b"\n")):
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise TimeoutError
                part = os.read(process.stdout.fileno(), 2**20)
                if not part:
                    break
                parts.append(part)
        return b"".join(parts)

    def _death(self) -> str:
        """Why the process ended while it read a file."""
        assert self._process
        code = self._process.wait()
        self.close()
        how = f"signal {-code}" if code < 0 else f"status {code}"
        return f"cannot be read: its reader ended ({how}); the file is damaged or made to do that"


def serve(read: Callable[[Path, str, str], Document]) -> None:
    """Be the process: answer each line of stdin with a line on stdout until stdin ends."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no reply
    replies.write(b"ready\n")
    replies.flush()
    _limit()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _allow_time()
        reply = _answer(read, request)
        replies.write(json.dumps(reply, separators=(",", ":")).encode() + b"\n")
        replies.flush()


def _answer(read: Callable[[Path, str, str], Document], request: dict[str, str]) -> dict[str, Any]:
    name = request["name"]
    try:
        document = asdict(read(Path(request["path"]), request["doc_id"], name))
        if len(document["text"]) > MAX_REPLY // 8:
            return {"error": "holds more text than is read of one file", "line": None}
        return {"document": document}
    except CorpusError as error:
        place = f"{error.path}: " if error.line is None else f"{error.path}:{error.line}: "
        return {"error": str(error).removeprefix(place), "line": error.line}
    except MemoryError:
        return {"error": f"needs more than {MEMORY // 2**20} MB of memory to read", "line": None}
    except RecursionError:
        return {"error": "is nested too deeply to be read", "line": None}
    except Exception as error:  # whatever a library raises over a malformed file
        return {"error": f"cannot be read: {type(error).__name__}: {str(error)[:200]}", "line": None}


def _limit() -> None:
    """Memory beyond what is in use by now; no core file, no file written."""
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _allow_time() -> None:
    """Processor time for one more file, so that a reader whose parent is gone ends too."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(spent.ru_utime + spent.ru_stime + SECONDS) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    from qa.corpus import read_here

    serve(read_here)
