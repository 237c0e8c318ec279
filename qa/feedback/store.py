"""Feedback in one SQLite file beside the index, which no generation owns and no clean-up touches.

A write is one transaction on a connection of its own, so that any number of threads and processes may write; there is no
journal beside the file between writes, and it can be copied as it is. Files of later versions are refused, not rewritten.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from qa.errors import FeedbackError
from qa.feedback.model import Entry

FILE_NAME = "feedback.sqlite"
VERSION = 1
PATIENCE = 5.0
"""Seconds that a write waits for others."""

_TABLE = """CREATE TABLE feedback (
    id INTEGER PRIMARY KEY, conversation TEXT NOT NULL, turn INTEGER NOT NULL, at TEXT NOT NULL, question TEXT NOT NULL,
    verdict TEXT NOT NULL, data TEXT NOT NULL, UNIQUE (conversation, turn))"""
_PUT = "INSERT OR REPLACE INTO feedback (conversation, turn, at, question, verdict, data) VALUES (?, ?, ?, ?, ?, ?)"


class FeedbackStore:
    """Keeps what users say; `put` and `take_back` write, `entries` reads. Each raises FeedbackError where it cannot."""

    def __init__(self, path: Path | Callable[[], Path]) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """The file; it is made by the first write."""
        return self._path if isinstance(self._path, Path) else self._path()

    def put(self, entry: Entry) -> Entry:
        """Keep what is said now of an answer, in the place of what the same conversation said of it before.

        Gives what is kept: with the time.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        kept = replace(entry, at=now)
        data = json.dumps(kept.to_json(), ensure_ascii=False)
        with self._writing() as connection:
            row = (kept.conversation, kept.turn, kept.at, kept.question, kept.verdict, data)
            connection.execute(_PUT, [_storable(value) for value in row])
        return kept

    def take_back(self, conversation: str, turn: int) -> None:
        """Forget what a conversation said of an answer."""
        if not self.path.exists():
            return
        with self._writing() as connection:
            connection.execute("DELETE FROM feedback WHERE conversation = ? AND turn = ?", (conversation, turn))

    def entries(self) -> tuple[Entry, ...]:
        """All that is kept, oldest first; nothing where there is no file."""
        if not self.path.exists():
            return ()
        with self._told("read"), contextlib.closing(self._connect("ro")) as connection:
            self._check(connection)
            rows = connection.execute("SELECT id, data FROM feedback ORDER BY at, id").fetchall()
        try:
            return tuple(Entry.from_json(json.loads(data)) for _, data in rows)
        except (ValueError, KeyError, TypeError) as error:
            raise FeedbackError(
                f"{self.path} holds a row that was not written here ({type(error).__name__}: {error})"
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A connection in one transaction, which is on the disk when this ends."""
        with self._told("written"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # What users ask is nobody else's business: the file is readable by its owner only.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            with contextlib.closing(self._connect("rw")) as connection:
                _begin(connection)
                try:
                    if _version(connection) == 0 and not _tables(connection):
                        connection.execute(_TABLE)
                        connection.execute(f"PRAGMA user_version = {VERSION}")
                    self._check(connection)
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise

    def _connect(self, mode: str) -> sqlite3.Connection:
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        """Raise FeedbackError where the file is of another version or kind."""
        version = _version(connection)
        if version > VERSION:
            raise FeedbackError(
                f"{self.path} was written by a later version of this program (its format is {version}, not {VERSION})"
            )
        if version < VERSION or "feedback" not in _tables(connection):
            raise FeedbackError(f"{self.path} is not a file of feedback: move it elsewhere, and a new one is begun")

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Failures of SQLite and of the disk as FeedbackError."""
        try:
            yield
        except sqlite3.OperationalError as error:
            remedy = "another program holds it; try again" if _is_busy(error) else "may it be written, is there space?"
            raise FeedbackError(f"{self.path} cannot be {what} ({error}): {remedy}") from error
        except sqlite3.DatabaseError as error:
            raise FeedbackError(
                f"{self.path} is damaged ({error}): move it elsewhere, and a new one is begun"
            ) from error
        except OSError as error:
            raise FeedbackError(f"{self.path} cannot be {what} ({error.strerror or error})") from error


def _begin(connection: sqlite3.Connection) -> None:
    """Take the right to write; waits for others, also where SQLite gives up at once to avoid a deadlock."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _storable(value: str | int) -> str | int:
    """The value without halves of surrogate pairs, which SQLite refuses."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
