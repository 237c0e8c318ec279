"""Reads files in a process of its own, with limits on memory, time and output.

A file that makes its reader crash, hang or swell costs a named error, never the program that asked. One process reads file
after file until one of them ends it or leaves it swollen; the next file gets a new one. Run as `python -m qa.corpus.child`
it is that process: a line of JSON in for each file, a line out: a letter for what it is, then a packed document or an error.
`qa.corpus.pdf.picture` is another one, which draws pages.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from qa.corpus.wire import pack, unpack
from qa.errors import CorpusError
from qa.schema import Document

SECONDS = 8.0
"""Wall clock that the process may take over one file; with two to take over the largest document, ten in all."""

MEMORY = 512 * 2**20
"""Bytes that the process may have in use."""

MAX_FILE = 200 * 2**20
"""Bytes of a file that is opened at all."""

MAX_REPLY = 24 * 2**20
"""Bytes of a document as the process hands it over: half a million words of a PDF file. The caller grows by seven times that."""

START_SECONDS = 60.0
_SWOLLEN = 64 * 2**20
"""Bytes by which a process may have grown and still be given the next file."""
_NO_MEMORY = f"needs more than {MEMORY // 2**20} MB of memory to read"
_TOO_LARGE = f"holds more than is read of one file: its text and places take more than {MAX_REPLY // 2**20} MB"
_NO_START = "the process that reads documents does not start; run python -m qa.corpus.child to see why"


class Child:
    """The process, started with the first file; used by one thread at a time, `read` sees to that."""

    def __init__(self, *, seconds: float = SECONDS, module: str = "qa.corpus.child", doing: str = "read") -> None:
        self._seconds = seconds
        self._doing = doing
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        self._lock = threading.Lock()

    def read(self, path: Path, *, doc_id: str, name: str) -> Document:
        """The document in a file; raises CorpusError, naming the limit where one was met."""
        reply = self.ask({"path": str(path.absolute()), "doc_id": doc_id, "name": name}, name=name)
        try:
            return unpack(reply)
        except ValueError as error:
            raise self._senseless(name) from error

    def ask(self, request: Mapping[str, Any], *, name: str) -> bytearray:
        """What the process makes of the file that a request speaks of, as a line; raises CorpusError as `read` does."""
        if self._owner != os.getpid():
            self._disown()
        line = json.dumps({**request, "name": name}).encode() + b"\n"
        with self._lock:
            try:
                reply = self._ask(line)
            except TimeoutError as error:
                self.close()
                raise CorpusError(self._too_slow, path=name) from error
            except _TooLargeError as error:
                self.close()
                raise CorpusError(_TOO_LARGE, path=name) from error
            except OSError as error:
                self.close()
                raise CorpusError(f"cannot be read: {error.strerror or error}", path=name) from error
            except BaseException:  # such as Ctrl-C: the reply must not be taken for that to the next request
                self.close()
                raise
            if not reply.endswith(b"\n"):
                raise CorpusError(self._death(), path=name)
            kind = reply[:1]
            if kind.isupper():
                self.close()
        del reply[:1]
        if kind in b"dD":
            return reply
        try:
            reason, number = json.loads(reply)
        except ValueError as error:
            raise self._senseless(name) from error
        raise CorpusError(str(reason), path=name, line=number)

    def _senseless(self, name: str) -> CorpusError:
        """The error for a reply that is none; who gave it is asked nothing more."""
        with self._lock:
            self.close()
        return CorpusError("cannot be read: its reader gave no document", path=name)

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        _close_pipes(process)

    def _disown(self) -> None:
        """After a fork: the process belongs to the one that forked, and the lock may be held by a thread that is not here."""
        process, self._process = self._process, None
        self._owner = os.getpid()
        self._lock = threading.Lock()
        if process is not None:
            _close_pipes(process)
            process.returncode = 0  # not ours to wait for

    def _ask(self, request: bytes) -> bytearray:
        """What the process answers; a second one is asked where the first ended before it was given the file."""
        for _ in range(2):
            process = self._started()
            try:
                assert process.stdin
                process.stdin.write(request)
                process.stdin.flush()
            except BrokenPipeError:
                self.close()
                continue
            return self._receive(process, self._seconds)
        raise CorpusError(_NO_START)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        package = str(Path(__file__).resolve().parents[2])
        quiet = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
        paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", self._module],  # -P: nothing is imported from the folder that we stand in
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **quiet, "PYTHONPATH": paths},
        )
        try:
            ready = self._receive(self._process, START_SECONDS)
        except TimeoutError:
            ready = bytearray()
        if ready != b"ready\n":
            self.close()
            raise CorpusError(_NO_START)
        return self._process

    def _receive(self, process: subprocess.Popen[bytes], seconds: float) -> bytearray:
        """One line of the process, or what came of it before it ended; raises TimeoutError."""
        assert process.stdout
        until = time.monotonic() + seconds
        line = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise TimeoutError
                part = os.read(process.stdout.fileno(), 2**20)
                if not part:
                    break
                line += part
                if len(line) > MAX_REPLY + 2:
                    raise _TooLargeError
        return line

    @property
    def _too_slow(self) -> str:
        remedy = ": split it into smaller files" if self._doing == "read" else ""
        return f"takes more than {self._seconds:.0f} s to {self._doing}{remedy}"

    def _death(self) -> str:
        """Why the process ended while it read a file."""
        process, self._process = self._process, None
        assert process
        _, status, usage = os.wait4(process.pid, 0)
        code = process.returncode = os.waitstatus_to_exitcode(status)
        _close_pipes(process)
        # PDFium calls abort() where an allocation fails: nothing else does so after taking much memory.
        if code == -signal.SIGABRT and usage.ru_maxrss * 1024 > MEMORY // 4:
            return _NO_MEMORY
        if code in {-signal.SIGXCPU, -signal.SIGALRM}:
            return self._too_slow
        if code in {-signal.SIGKILL, -signal.SIGTERM}:
            return (
                f"was not read: its reader was ended from outside (signal {-code}), as where a machine is out of memory"
            )
        how = f"signal {-code}" if code < 0 else f"status {code}"
        return f"cannot be read: its reader ended ({how}); the file is damaged or made to do that"


class _TooLargeError(Exception):
    """More came than a document may have."""


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream:
            with suppress(OSError):
                stream.close()


def serve(read: Callable[[Path, str, str], Document]) -> None:
    """Be the process that reads documents."""
    serve_lines(lambda request: pack(read(Path(request["path"]), request["doc_id"], request["name"])))


def serve_lines(work: Callable[[dict[str, Any]], bytes]) -> None:
    """Be a process: answer each line of stdin with the line that `work` makes of it, until stdin ends."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C is for the program that asked, which may want the file at hand
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no reply
    replies.write(b"ready\n")
    replies.flush()
    start = _limit()
    gc.disable()  # else millions of parts that are all in use are gone through again and again
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _allow_time()
        reply = _answer(work, request)
        gc.collect()
        last = _pages()[0] - start > _SWOLLEN
        replies.write((reply[:1].upper() if last else reply[:1]) + reply[1:])
        replies.flush()
        signal.alarm(0)
        if last:
            return


def _answer(work: Callable[[dict[str, Any]], bytes], request: dict[str, Any]) -> bytes:
    """A line: "d" and what was made of the file, or "e" with the reason for which there is none and its line in the file."""
    number: int | None = None
    try:
        packed = work(request)
        if len(packed) < MAX_REPLY:
            return b"d" + packed
        reason = _TOO_LARGE
    except CorpusError as error:
        place = f"{error.path}: " if error.line is None else f"{error.path}:{error.line}: "
        reason, number = str(error).removeprefix(place), error.line
    except MemoryError:
        reason = _NO_MEMORY
    except RecursionError:
        reason = "is nested too deeply to be read"
    except Exception as error:  # whatever a library raises over a malformed file
        reason = f"cannot be read: {type(error).__name__}: {str(error)[:200]}"
    reason = reason.encode("utf-8", "replace").decode()
    return b"e" + json.dumps([reason[:1000], number]).encode() + b"\n"


def _pages() -> tuple[int, int]:
    """Bytes of addresses and of memory that this process has."""
    size, resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[:2]
    return int(size) * resource.getpagesize(), int(resident) * resource.getpagesize()


def _limit() -> int:
    """Memory beyond what is in use by now; no core file, no file written. Returns the addresses in use."""
    used, resident = _pages()
    most = used + MEMORY - resident
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return used


def _allow_time() -> None:
    """Time for one more file, so that a reader whose parent is gone ends too, whether it works or waits."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(spent.ru_utime + spent.ru_stime + SECONDS) + 3
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    signal.alarm(int(SECONDS) + 4)


if __name__ == "__main__":
    from qa.corpus import read_here

    serve(read_here)
