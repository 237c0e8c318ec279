"""Breaks the writing of an index on purpose: a child is killed, or its disk fails, at the n-th change to the disk.

`Faults` wraps every call by which `qa.index` changes files. `Worker` is a process that has loaded everything and forks a child
for each task, so that a trial takes milliseconds; a task is a function of this module or of the one that is named with it.
"""

from __future__ import annotations

import builtins
import errno
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.schema import Document

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("kill", "ENOSPC", "EIO")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
NEEDS_SPACE = ("open", "write", "mkdir", "pwrite")
Record = Callable[..., None]


class Faults:
    """Counts changes below a folder; at the n-th one kills the process, after half of it where it is a write, or fails.

    A full disk stays full for all that needs space; other errors come once. `record` is told of each change that was made.
    """

    def __init__(self, place: Path, kind: str = "", at: int = 0, record: Record | None = None) -> None:
        self.place, self.kind, self.at, self.record = place, kind, at, record
        self.count = 0

    def step(self, name: str, half: Callable[[], object] | None = None) -> None:
        """One change is about to be made."""
        self.count += 1
        full = self.kind == "ENOSPC" and self.count > self.at and name in NEEDS_SPACE
        if not self.at or (self.count != self.at and not full):
            return
        if half and not full:
            half()
        if self.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        code = getattr(errno, self.kind)
        raise OSError(code, os.strerror(code))

    def counts(self, path: object) -> bool:
        """Whether the path is one of the index."""
        return str(path) == str(self.place) or str(path).startswith(f"{self.place}/")

    def done(self, name: str, *what: object) -> None:
        if self.record:
            self.record(name, *what)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """All changes of this process go through here meanwhile."""
        originals: list[tuple[Any, str, Any]] = [(builtins, "open", open), (io, "open", io.open)]
        originals += [(os, name, getattr(os, name)) for name in ("open", "fsync", "ftruncate", "pwrite")]
        originals += [(os, name, getattr(os, name)) for name in ("rename", "replace", "mkdir", "unlink", "rmdir")]
        for owner, name, function in originals:
            wrap = self._opener if name == "open" and owner is not os else self._call
            setattr(owner, name, wrap(name, function))
        try:
            yield
        finally:
            for owner, name, function in originals:
                setattr(owner, name, function)

    def _call(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            descriptor = args[0] if name in ("fsync", "ftruncate", "pwrite") else kwargs.get("dir_fd")
            path = str(args[0]) if descriptor is None else _path_of(descriptor)
            if descriptor is not None and descriptor is kwargs.get("dir_fd"):
                path = f"{path}/{args[0]}"
            if not self.counts(path) or (name == "open" and not args[1] & WRITING):
                return function(*args, **kwargs)
            half = None
            if name == "pwrite":
                half = lambda: function(args[0], args[1][: len(args[1]) // 2], args[2])  # noqa: E731
            self.step(name, half)
            result = function(*args, **kwargs)
            self.done(name, path, *args[1:2])
            return result

        return call

    def _opener(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def opener(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            if not set(mode) & set("wax+") or not self.counts(file):
                return function(file, mode, *args, **kwargs)
            self.step("open")
            stream = function(file, mode, *args, **kwargs)
            self.done("create", file)
            return Stream(self, stream, file)

        return opener


class Stream:
    """A file being written, each piece of which may be the last."""

    def __init__(self, faults: Faults, stream: Any, path: Any) -> None:
        self._faults, self._stream, self._path = faults, stream, path

    def write(self, data: Any) -> Any:
        def half() -> None:
            self._stream.write(data[: len(data) // 2])
            self._stream.flush()

        self._faults.step("write", half)
        written = self._stream.write(data)
        self._stream.flush()
        self._faults.done("write", self._path, data.encode() if isinstance(data, str) else bytes(data))
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def _path_of(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


class Worker:
    """Carries out tasks in forked children of a process of its own: `status` is that of the child, `result` what it gave."""

    def __init__(self) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
        self.process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def __call__(self, task: str, *args: Any, kill_after: float = 0.0) -> dict[str, Any]:
        """Run `module.function` with arguments that JSON can hold; killed after some seconds where that is asked."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([task, args, kill_after]) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


class _Here:
    """Reads files in this process, which is quicker than in one of their own, and no trial of what is written."""

    def read(self, path: Path, *, doc_id: str, name: str) -> Document:
        from qa.corpus import read_here

        return read_here(path, doc_id, name)


def _serve() -> None:
    import fakes  # noqa: F401

    from qa import bm25, corpus, dense, index  # noqa: F401

    corpus._child = _Here  # type: ignore[assignment]
    importlib.import_module("qa.corpus.markdown")
    importlib.import_module("faiss")
    importlib.import_module("bm25s")
    importlib.import_module("sentencex")
    for line in sys.stdin:
        task, args, kill_after = json.loads(line)
        sys.stdout.write(json.dumps(_forked(task, args, kill_after)) + "\n")
        sys.stdout.flush()


def _forked(task: str, args: list[Any], kill_after: float) -> dict[str, Any]:
    """Run one task in a child; `lines` is all that it has told, the last of them its result if it came to one."""
    import select

    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        module, _, name = task.rpartition(".")
        try:
            function = getattr(importlib.import_module(module), name)
            outcome: dict[str, Any] = {"result": function(*args, tell=lambda what: _tell(write, what))}
        except Exception as error:
            outcome = {"error": f"{type(error).__name__}: {error}"}
        _tell(write, outcome)
        os._exit(0)
    os.close(write)
    if kill_after:
        exited = os.pidfd_open(child)
        select.select([exited], [], [], kill_after)
        os.close(exited)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    with os.fdopen(read, encoding="utf-8") as stream:
        lines = [json.loads(line) for line in stream if line.endswith("\n")]
    _, status = os.waitpid(child, 0)
    last = lines[-1] if lines and isinstance(lines[-1], dict) else {}
    return {"status": os.waitstatus_to_exitcode(status), "lines": lines, **last}


def _tell(descriptor: int, what: object) -> None:
    os.write(descriptor, (json.dumps(what) + "\n").encode())


Tell = Callable[[object], None]


def change(kind: str, folder: str, what: list[str], fault: str, at: int, *, tell: Tell) -> dict[str, Any]:
    """Task: build, add or remove with a fault at the n-th change to the disk; returns what the call said and the count."""
    from fakes import FakeEmbedder

    from qa import index
    from qa.errors import VerbatimError

    faults = Faults(Path(folder), fault, at)
    given = what if kind == "remove" else [Path(path) for path in what]
    problem = ""
    with faults.installed():
        try:
            problem = "; ".join(map(str, getattr(index, kind)(Path(folder), given, FakeEmbedder()).failed))
        except VerbatimError as error:
            problem = str(error)
    return {"problem": problem, "changes": faults.count}


def look(folder: str, *, tell: Tell) -> dict[str, Any]:
    """Task: what a reader meets, and what `verify` says."""
    from fakes import FakeEmbedder

    from qa import index

    place = Path(folder)
    if not index.exists(place):
        return {"documents": {}, "warnings": [], "problems": [], "leftovers": []}
    loaded = index.load(place, FakeEmbedder())
    report = index.verify(place)
    documents = {item.document.doc_id: item.sha256 for item in loaded.documents}
    return {
        "documents": documents,
        "failures": [failure.file for failure in loaded.failures],
        "warnings": loaded.warnings,
        "problems": report.problems,
        "leftovers": report.leftovers,
    }


def every_fault(
    worker: Worker, kind: str, prepared: Path, what: list[str], fault: str, work: Path, every: int = 1, begin: int = 0
) -> Iterator[tuple[int, list[str]]]:
    """One change of an index with a fault at its first step, its second, until none is met: (step, what went wrong).

    With `every` only at each so many, the first of them chosen by `begin`.
    """
    old = worker("faults.look", str(prepared))["result"]["documents"]
    fresh = work / "without-fault"
    shutil.copytree(prepared, fresh)
    worker("faults.change", kind, str(fresh), what, "", 0)
    new = worker("faults.look", str(fresh))["result"]["documents"]
    assert new != old
    at = begin % every + 1 - every
    while True:
        at += every
        folder = work / "index"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(prepared, folder)
        done = worker("faults.change", kind, str(folder), what, fault, at)
        met = done["status"] != 0 or done.get("result", {}).get("changes", 0) >= at
        yield at, _judge(worker, kind, folder, what, done, old, new)
        if not met:
            return


def _judge(
    worker: Worker, kind: str, folder: Path, what: list[str], done: dict[str, Any], old: Any, new: Any
) -> list[str]:
    wrong = []
    if done["status"] not in (0, -signal.SIGKILL) or "error" in done:
        wrong.append(f"the writer ended with {done}")
    problem = done.get("result", {"problem": "killed"})["problem"]
    seen = worker("faults.look", str(folder))
    if "result" not in seen:
        return [*wrong, f"cannot be read afterwards: {seen}"]
    found = seen["result"]
    if found["documents"] not in (old, new):
        wrong.append(f"holds {sorted(found['documents'])}")
    if not problem and found["documents"] != new:
        wrong.append("acknowledged and lost")
    if "unchanged" in problem and found["documents"] != old:
        wrong.append(f"said that nothing had changed, but it had: {problem}")
    first = not old and not (folder / "CURRENT").exists()
    if (found["warnings"] or found["problems"]) and not first:
        wrong.append(f"is damaged: {found}")
    if kind == "remove" and found["documents"] == new:
        return wrong
    again = worker("faults.change", kind, str(folder), what, "", 0)
    if again.get("result", {}).get("problem", "error"):
        wrong.append(f"cannot be mended: {again}")
    after = worker("faults.look", str(folder))["result"]
    if after["documents"] != new or after["warnings"] or after["problems"]:
        wrong.append(f"is not mended by the next write: {after}")
    if after["leftovers"] and found["documents"] == old:
        wrong.append(f"leftovers stay: {after['leftovers']}")
    return wrong


if __name__ == "__main__":
    sys.modules["faults"] = sys.modules["__main__"]
    _serve()
