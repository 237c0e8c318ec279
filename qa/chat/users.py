"""The file of users: a line each, with a salted hash of the password and how it was made.

    anna:scrypt:32768:8:3:SALT:HASH

The numbers are scrypt's n, r and p, so that they can be raised for new passwords without making old ones useless; salt and
hash are base64. Blank lines and lines that begin with # are kept. Checking a password takes about a fifth of a second and
32 MB, on purpose.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from qa.errors import UsersError

N, R, P = 2**15, 8, 3
"""What is done for new passwords: OWASP's password storage cheat sheet names n = 2¹⁵, r = 8, p = 3 as one of its minima."""

MEMORY = 256 * 2**20
"""Bytes that one check may take: an entry that wants more is refused."""

SHORTEST, LONGEST = 8, 1000
_NAME = re.compile(r"[^\s:#\x00-\x1f\x7f][^:\x00-\x1f\x7f]{0,63}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A user with the hash of the password."""

    name: str
    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    @classmethod
    def make(cls, name: str, password: str) -> Entry:
        """A new entry with a salt of its own; raises UsersError for names and passwords that will not do."""
        if not _NAME.fullmatch(name) or name != name.strip():
            raise UsersError(
                f"{name!r} is no name for a user: 1 to 64 characters, no colon, no # or space at the beginning"
            )
        if not SHORTEST <= len(password) <= LONGEST:
            raise UsersError(f"a password has {SHORTEST} to {LONGEST} characters, this one {len(password)}")
        salt = os.urandom(16)
        return cls(name, N, R, P, salt, _scrypt(password, N, R, P, salt))

    @classmethod
    def parse(cls, line: str) -> Entry:
        """An entry as the file has it; raises ValueError with what is wrong."""
        parts = line.split(":")
        if len(parts) != 7:
            raise ValueError("not NAME:scrypt:N:R:P:SALT:HASH; make entries with: qa user NAME --auth FILE")
        name, scheme, *numbers, salt, digest = parts
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name for a user")
        if scheme != "scrypt":
            raise ValueError(f"passwords are hashed with scrypt here, not {scheme!r}")
        if not all(re.fullmatch("[1-9][0-9]{0,8}", number) for number in numbers):
            raise ValueError("n, r and p of scrypt are positive numbers")
        n, r, p = (int(number) for number in numbers)
        if n < 2 or n & (n - 1) or 128 * n * r > MEMORY or p > 64:
            raise ValueError(
                f"scrypt with n={n}, r={r}, p={p} is not done here: n is a power of two, {MEMORY >> 20} MB at most"
            )
        try:
            entry = cls(name, n, r, p, base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True))
        except ValueError as error:
            raise ValueError("salt or hash is no base64") from error
        if len(entry.salt) < 8 or len(entry.digest) < 16:
            raise ValueError("salt or hash is too short: is the line cut off?")
        return entry

    def line(self) -> str:
        """The entry as the file has it."""
        salt, digest = (base64.b64encode(part).decode() for part in (self.salt, self.digest))
        return f"{self.name}:scrypt:{self.n}:{self.r}:{self.p}:{salt}:{digest}"

    def fits(self, password: str) -> bool:
        """Whether this is the password; takes as long for a wrong one."""
        found = _scrypt(password[: LONGEST + 1], self.n, self.r, self.p, self.salt, len(self.digest))
        return hmac.compare_digest(found, self.digest)


def read_users(file: Path) -> dict[str, Entry]:
    """The entries by name; raises UsersError with `file:line` where the file is missing, empty or malformed."""
    users: dict[str, Entry] = {}
    for number, line in enumerate(_lines(file), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            entry = Entry.parse(line)
        except ValueError as error:
            raise UsersError(str(error), path=file, line=number) from error
        if entry.name in users:
            raise UsersError(f"{entry.name!r} is there twice", path=file, line=number)
        users[entry.name] = entry
    if not users:
        raise UsersError("no users in it; add one with: qa user NAME --auth FILE", path=file)
    return users


def write_user(file: Path, name: str, password: str) -> bool:
    """Add the user, or give a known one another password (True); the file is made where there is none, for its owner alone."""
    entry = Entry.make(name, password)
    lines, known = _without(file, name)
    _write(file, [*lines, entry.line()])
    return known


def remove_user(file: Path, name: str) -> None:
    """Remove the user; raises UsersError where there is none of that name."""
    lines, known = _without(file, name)
    if not known:
        raise UsersError(f"no user {name!r}", path=file)
    _write(file, lines)


def readable_by_others(file: Path) -> bool:
    """Whether users of the machine besides the owner may read the file."""
    return bool(file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _scrypt(password: str, n: int, r: int, p: int, salt: bytes, length: int = 32) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=2 * MEMORY, dklen=length)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise UsersError("no such file; make it with: qa user NAME --auth FILE", path=file) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsersError(f"cannot be read: {error}", path=file) from error


def _without(file: Path, name: str) -> tuple[list[str], bool]:
    """The lines of the others, and whether there was one of that name."""
    lines = _lines(file) if file.exists() else []
    others = [line for line in lines if line.split(":")[0] != name]
    return others, len(others) < len(lines)


def _write(file: Path, lines: list[str]) -> None:
    """Put the lines into the place of the file, all or nothing, readable by its owner alone."""
    file = file.resolve()
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in lines)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise UsersError(f"cannot be written: {error.strerror or error}", path=file) from error
