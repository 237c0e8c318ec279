"""Files to documents: one reader a format, chosen by the file's suffix.

`find_files` lists what can be read, `read_document` reads one file, in a process of its own. Nothing but CorpusError leaves
either of them.
"""

from __future__ import annotations

import atexit
import errno
import hashlib
import importlib
import re
import stat
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path

from qa.corpus.child import MAX_FILE, Child
from qa.corpus.files import (
    SUFFIXES,
    check_format,
    document_id,
    find_files,
    read_text,
    real_path,
    relative_name,
    skipped_files,
    thing_at,
)
from qa.corpus.sidecar import sidecar_of, with_sidecar
from qa.errors import CorpusError
from qa.schema import Document

__all__ = [
    "SUFFIXES", "content_sha256", "find_files", "read_document", "read_here", "real_path", "skipped_files", "thing_at",
]  # fmt: skip

_TEXT = {"Markdown": ("markdown", "read_markdown"), "plain text": ("plaintext", "read_plaintext")}
_BYTES = {
    "PDF": ("pdf.reader", "read_pdf"),
    "HTML": ("markup.webpage", "read_html"),
    "Word": ("word.reader", "read_docx"),
    "JATS XML": ("markup.jats", "read_jats"),
    "CORD-19 JSON": ("cord19.reader", "read_cord19"),
}
"""Module and function of each format: those of characters, and those of bytes. All are read in a process of their own."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST = {"authors": 20_000}
_LONG = 2_000
"""Characters of a title or another field of a source that are kept."""


def read_document(path: Path, root: Path | None = None) -> Document:
    """Read one file; its id and `Source.path` are its place below `root` (its bare name without one).

    Offsets of the file are code points after decoding, without the byte order mark; for formats that are not plain text, of
    the characters that their reader took out. What the sidecar beside the file says of it stands in place of what the
    file says. Raises CorpusError, naming the file and where it can the line, for a file that is missing, unreadable,
    empty, of another format or malformed, or that takes too much time or memory to read.
    """
    path = Path(path)
    name = relative_name(path, root)
    check_format(path, name)
    _check_file(path, name)
    document = _child().read(path, doc_id=document_id(path, name), name=name)
    return _sound(with_sidecar(document, path))


def read_here(path: Path, doc_id: str, name: str) -> Document:
    """Read one file in this process; raises CorpusError, and whatever a library raises over a malformed file."""
    form = SUFFIXES[path.suffix.lower()]
    module, function = (_TEXT | _BYTES)[form]
    read = getattr(importlib.import_module(f"qa.corpus.{module}"), function)
    data = read_text(path, name) if form in _TEXT else _read_bytes(path, name)
    if form != "PDF" and data[:5] in ("%PDF-", b"%PDF-"):
        raise CorpusError("is a PDF file by its content: give it the suffix .pdf", path=name)
    try:
        document: Document = read(data, doc_id=doc_id, path=name)
    except RecursionError as error:
        raise CorpusError("is nested too deeply to be read", path=name) from error
    if not document.blocks:
        raise CorpusError("holds no text", path=name)
    return document


def content_sha256(path: Path) -> str:
    """Hash of all that a document is read from: the file, and its sidecar where there is one.

    Raises OSError where that is no file, cannot be read or is larger than any file that is read.
    """
    digest = hashlib.sha256()
    sidecar = sidecar_of(path)
    for file in (path, sidecar) if thing_at(sidecar) == "file" else (path,):
        found = file.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_FILE:
            raise OSError(errno.EINVAL, "is no file that is read", str(file))
        with file.open("rb") as stream:
            while data := stream.read(1 << 20):
                digest.update(data)
    return digest.hexdigest()


def _escaped(control: re.Match[str]) -> str:
    return f"\\x{ord(control[0]):02x}"


@lru_cache(maxsize=1)
def _child() -> Child:
    child = Child()
    atexit.register(child.close)
    return child


def _check_file(path: Path, name: str) -> None:
    """Raise CorpusError for what is no file, or none that can be read; its name must be text, as it is shown and kept."""
    shown = name.encode("utf-8", "backslashreplace").decode()
    if shown != name:
        raise CorpusError("has a name that is not UTF-8: rename it", path=_CONTROL.sub(_escaped, shown))
    if _CONTROL.search(name):
        raise CorpusError(
            "has a name with a line break or another control character: rename it", path=_CONTROL.sub(_escaped, name)
        )
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise CorpusError("no such file", path=name) from error
    except OSError as error:
        raise CorpusError(f"cannot be read: {error.strerror or error}", path=name) from error
    if stat.S_ISDIR(found.st_mode):
        raise CorpusError("is a folder, not a file", path=name)
    if not stat.S_ISREG(found.st_mode):
        raise CorpusError("is a device or a pipe, not a file", path=name)
    if not found.st_size:
        raise CorpusError("is empty", path=name)
    if found.st_size > MAX_FILE:
        raise CorpusError(f"is larger than {MAX_FILE // 2**20} MB", path=name)


def _sound(document: Document) -> Document:
    """The document with a source of bounded length and of characters that can be written to a file."""
    source = document.source
    changes: dict[str, str] = {}
    for field in fields(source):
        text = getattr(source, field.name)
        cut = text[: _LONGEST.get(field.name, _LONG)].encode("utf-8", "replace").decode()
        if cut != text and field.name != "path":
            changes[field.name] = cut
    return replace(document, source=replace(source, **changes)) if changes else document


def _read_bytes(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorpusError(f"cannot be read: {error.strerror or error}", path=name) from error
