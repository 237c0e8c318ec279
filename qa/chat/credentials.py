"""Who may come in: names and passwords against the file of users, slowed down for those who guess."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qa.chat.users import Entry, read_users
from qa.errors import UsersError

logger = logging.getLogger(__name__)

FREE_TRIES = 5
"""Wrong passwords from one address for one name before the next has to wait."""

LONGEST_WAIT = 60.0
"""Seconds; the wait doubles with each wrong password from one second up to this."""

REMEMBERED = 2000
"""Pairs of address and name whose wrong passwords are counted, and right passwords that need no hashing again."""

WAITING = 8
"""Passwords that may wait to be hashed: it is done one at a time, so that guessing takes no more than one core."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nobody comes in: a wrong name or password, or, with seconds to `wait`, too many tries."""

    wait: float = 0.0


class Credentials:
    """The users of a file, which is read anew when it changes."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._clock = clock
        self._stamp: tuple[int, int, int] | None = None
        self._users: dict[str, Entry] = {}
        self._nobody = Entry.make("nobody", os.urandom(16).hex())
        self._secret = os.urandom(32)
        self._right: OrderedDict[bytes, Entry] = OrderedDict()
        self._tries: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self._state = threading.Lock()
        self._hashing = threading.Lock()
        self._waiting = threading.BoundedSemaphore(WAITING)
        self._users, self._stamp = read_users(file), self._stamped()

    def entry(self, name: str) -> Entry | None:
        """What the file says of that user now; what it said before, where it has become unreadable."""
        stamp = self._stamped()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._users = read_users(self._file)
            except UsersError as error:
                logger.warning("the users from before stay as they are: %s", error)
        return self._users.get(name)

    def check(self, name: str, password: str, address: str) -> Entry | Refusal:
        """The user whose password this is; takes a fifth of a second where the password was not right before."""
        entry = self.entry(name)
        known = hashlib.blake2b(f"{name}\0{password}".encode("utf-8", "surrogatepass"), key=self._secret).digest()
        with self._state:
            if entry is not None and self._right.get(known) == entry:
                return entry
            wait = self._wait((address, name))
        if wait > 0:
            return Refusal(wait)
        if not self._waiting.acquire(blocking=False):
            return Refusal(1.0)
        try:
            with self._hashing:
                right = (entry or self._nobody).fits(password) and entry is not None
        finally:
            self._waiting.release()
        with self._state:
            return self._passed(known, entry, address) if right and entry is not None else self._failed((address, name))

    def _passed(self, known: bytes, entry: Entry, address: str) -> Entry:
        self._tries.pop((address, entry.name), None)
        self._right[known] = entry
        while len(self._right) > REMEMBERED:
            self._right.popitem(last=False)
        return entry

    def _failed(self, key: tuple[str, str]) -> Refusal:
        tries = self._tries.pop(key, (0, 0.0))[0] + 1
        pause = 0.0 if tries < FREE_TRIES else min(2.0 ** (tries - FREE_TRIES), LONGEST_WAIT)
        self._tries[key] = (tries, self._clock() + pause)
        while len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)
        return Refusal()

    def _wait(self, key: tuple[str, str]) -> float:
        """Seconds until the next try is looked at."""
        return self._tries.get(key, (0, 0.0))[1] - self._clock()

    def _stamped(self) -> tuple[int, int, int] | None:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
