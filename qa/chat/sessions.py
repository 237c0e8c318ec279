"""Who is logged in: tokens that live in memory only, so that a restart logs everybody out."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from qa.chat.users import Entry

IDLE = 12 * 3600.0
"""Seconds without a request after which a log-in ends."""

LIFE = 7 * 24 * 3600.0
"""Seconds after which it ends in any case."""

MOST = 5000
"""Log-ins at a time; one more ends the one that was idle for longest."""


@dataclass(frozen=True, slots=True)
class _Session:
    entry: Entry
    began: float
    seen: float


class Sessions:
    """Token → user; only hashes of tokens are kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: OrderedDict[bytes, _Session] = OrderedDict()

    def begin(self, entry: Entry) -> str:
        """A new token for the user."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        with self._lock:
            self._sessions[_hash(token)] = _Session(entry, now, now)
            while len(self._sessions) > MOST:
                self._sessions.popitem(last=False)
        return token

    def user(self, token: str, current: Callable[[str], Entry | None]) -> str:
        """The name of who holds the token, or "".

        `current` tells what the file of users says of a name now: removing a user or changing the password ends the log-in.
        """
        key, now = _hash(token), self._clock()
        with self._lock:
            session = self._sessions.get(key)
            if session is None:
                return ""
            ended = now - session.seen > IDLE or now - session.began > LIFE
            if ended or current(session.entry.name) != session.entry:
                del self._sessions[key]
                return ""
            self._sessions[key] = _Session(session.entry, session.began, now)
            self._sessions.move_to_end(key)
            return session.entry.name

    def end(self, token: str) -> None:
        """Forget the token."""
        with self._lock:
            self._sessions.pop(_hash(token), None)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
