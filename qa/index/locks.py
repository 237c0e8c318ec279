"""Who may write, and which generations are being read: locks of the kernel, which end with the process that holds them."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from qa.errors import IndexBusyError, IndexStateError
from qa.index import disk

PATIENCE = 0.5
"""Seconds in which a process that has just taken the lock will have written its name into it."""


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the right to write; raises IndexBusyError at once where another process holds it, naming it and since when."""
    try:
        str(folder).encode()  # FAISS takes no other names
        disk.make_folder(folder)
        descriptor = _open(folder / "write.lock")
    except OSError as error:
        raise IndexStateError(f"cannot write to {folder}: {error.strerror}; choose another with --index") from error
    except ValueError as error:
        raise IndexStateError(
            f"cannot write to {str(folder)!r}: its name is not UTF-8; choose another with --index"
        ) from error
    if descriptor is None:
        holder = _holder(folder / "write.lock")
        raise IndexBusyError(f"{folder} is being written by {holder}; try again when it has ended")
    try:
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC".encode(), 0)
        except OSError as error:
            raise IndexStateError(f"cannot write to {folder}: {error.strerror}; make room or use --index") from error
        yield
    finally:
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
        os.close(descriptor)


def _open(path: Path) -> int | None:
    """The lock file, locked; None where another process holds it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the file was deleted in between, so that the lock is worth nothing


def _holder(path: Path) -> str:
    """Who the lock file names, once that is a process that lives: a killed one leaves its name behind."""
    end = time.monotonic() + PATIENCE
    while True:
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        found = re.match(r"process (\d+) since ", text)
        if found and _lives(int(found[1])):
            return text
        if time.monotonic() > end:
            return "another process"
        time.sleep(0.01)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def reading(generation: Path) -> Iterator[None]:
    """Keep a generation from being deleted meanwhile; raises OSError where it is not there, or being deleted now."""
    descriptor = os.open(generation, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def delete_unread(generation: Path) -> None:
    """Delete a generation unless it is being read; then the next write does it."""
    try:
        descriptor = os.open(generation, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        disk.delete_folder(generation)
    except OSError:
        return
    finally:
        os.close(descriptor)
