"""The folder in which files that were uploaded are kept, and the guard before the door that they come in by.

Each file has a folder of its own, named by the hash of what it holds, so that no file overwrites another and the same file is
there once. It stands on the disk for good before an index refers to it, and what is removed is moved aside, never deleted.
"""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qa.corpus import SUFFIXES
from qa.errors import CorpusError
from qa.index import disk

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MB = 2**20
LONGEST = 120
"""Bytes of a file's name that are kept."""

_UNSAFE = re.compile(r'[/\\:*?"<>|;&$`\'%=~!{}\[\]()#^]+')
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be uploaded: bytes of a file, files at once, bytes of all files together."""

    file: int = 50 * MB
    at_once: int = 20
    quota: int = 2048 * MB


def safe_name(name: str) -> str:
    """A name that can stand on any disk and in any shell, as near to the original as that allows.

    >>> safe_name("../Café; rm -rf.PDF")
    '_Café_ rm -rf.pdf'
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    name = "".join(" " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C")
    stem, dot, suffix = _UNSAFE.sub("_", name).strip().rpartition(".")
    if not dot:
        stem, suffix = suffix, ""
    stem = " ".join(stem.split()).lstrip(".-+@ ").rstrip(". ")
    stem = stem.encode()[:LONGEST].decode(errors="ignore").strip() or "document"
    return f"{stem}.{suffix.lower()[:12]}" if suffix else stem


class Uploads:
    """The uploaded files, in a folder beside the index (`index-uploads` beside `index`)."""

    def __init__(self, index: Path, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        index = Path(os.path.realpath(index))
        self.folder = index.with_name(f"{index.name}-uploads")
        self.removed = index.with_name(f"{index.name}-removed")

    def check(self, name: str, size: int) -> None:
        """Raise CorpusError where a file of that name and size may not be added."""
        suffix = Path(safe_name(name)).suffix
        if suffix not in SUFFIXES:
            kinds = ", ".join(dict.fromkeys(SUFFIXES.values()))
            what = f"files ending in {suffix}" if suffix else "files without an ending such as .pdf"
            raise CorpusError(f"{what} cannot be read here: {kinds} can")
        if not size:
            raise CorpusError("the file is empty")
        if size > self.limits.file:
            raise CorpusError(f"the file is larger than {self.limits.file // MB} MB")
        if size + self.used() > self.limits.quota:
            raise CorpusError(
                f"there is no room: all uploads together may have {self.limits.quota // MB} MB, removed ones included; "
                "whoever runs this server can make room"
            )

    def receive(self, temporary: Path, name: str, sha256: str) -> Path:
        """Keep a file; where it is when this returns it stays, whatever happens to the machine. Raises CorpusError."""
        place = self.folder / sha256
        there = self.file_in(place)
        if there is not None:
            return there
        incoming = self.folder / f".{sha256}.incoming"
        try:
            disk.make_folder(self.folder)
            shutil.rmtree(incoming, ignore_errors=True)
            incoming.mkdir()
            shutil.copyfile(temporary, incoming / safe_name(name))
            if disk.sha256(incoming / safe_name(name)) != sha256:
                raise OSError("it changed while it was copied")
            disk.sync_tree(incoming)
            incoming.rename(place)
            disk.sync(self.folder)
        except OSError as error:
            shutil.rmtree(incoming, ignore_errors=True)
            raise CorpusError(f"the file could not be kept ({error.strerror or error}): add it again") from error
        return place / safe_name(name)

    def file_in(self, place: Path) -> Path | None:
        """The file in the folder of an upload."""
        return next((path for path in sorted(place.glob("*")) if path.is_file()), None)

    def holds(self, file: Path | str) -> bool:
        """Whether a file is one that was uploaded, which may be moved aside; others are never touched."""
        file = Path(file)
        return file.parent.parent == self.folder and bool(_HEX.fullmatch(file.parent.name))

    def files(self) -> Iterator[Path]:
        """All files that were uploaded."""
        for place in sorted(self.folder.glob("*")):
            if _HEX.fullmatch(place.name) and (file := self.file_in(place)):
                yield file

    def withdraw(self, file: Path) -> Path:
        """Move an uploaded file aside; where it is then. Raises CorpusError where that cannot be done."""
        aside = self.removed / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{file.parent.name[:12]}"
        try:
            disk.make_folder(self.removed)
            file.parent.rename(aside)
            disk.sync(self.removed)
            disk.sync(self.folder)
        except OSError as error:
            raise CorpusError(f"the file cannot be moved aside ({error.strerror or error})") from error
        return aside / file.name

    def restore(self, aside: Path, file: Path) -> None:
        """Take `withdraw` back."""
        aside.parent.rename(file.parent)
        disk.sync(self.folder)

    def used(self) -> int:
        """Bytes of all files that are kept, removed ones included."""
        return sum(
            path.lstat().st_size
            for folder in (self.folder, self.removed)
            for path in folder.glob("*/*")
            if path.is_file()
        )


class UploadGuard:
    """ASGI middleware: nothing can be sent to this server but, where that is allowed, one file of a bounded size at a time."""

    def __init__(self, app: ASGIApp, limits: Limits | None) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        refusal = self._refusal(scope) if scope["type"] == "http" and scope["method"] == "POST" else None
        if refusal is None:
            await self.app(scope, receive, send)
            return
        status, words = refusal
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": words.encode()})

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        path = scope["path"].rstrip("/")
        if path.endswith("/process_recording"):
            return 403, "nothing is recorded here"
        if not path.endswith("/upload"):
            return None
        if self.limits is None:
            return 403, "uploads are off: the server is started without --allow-uploads"
        headers = dict(scope["headers"])
        if headers.get(b"sec-fetch-site", b"same-origin") not in (b"same-origin", b"none"):
            return 403, "uploads are taken from the page of this server only"
        length = headers.get(b"content-length", b"").decode("latin-1")
        if not length.isdecimal():
            return 411, "the length of the upload must be told"
        if int(length) > self.limits.file + MB:
            return 413, f"a file of at most {self.limits.file // MB} MB at a time"
        return None
