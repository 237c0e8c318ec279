"""Files to documents: one reader a format, chosen by the file's suffix.

`find_files` lists what can be read, `read_document` reads one file. Nothing but CorpusError leaves either of them.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib
from functools import lru_cache
from pathlib import Path

from qa.corpus.child import MAX_FILE, Child
from qa.corpus.files import SUFFIXES, check_format, document_id, find_files, read_text, relative_name, skipped_files
from qa.corpus.sidecar import sidecar_of, with_sidecar
from qa.errors import CorpusError
from qa.schema import Document

__all__ = ["SUFFIXES", "content_sha256", "find_files", "read_document", "read_here", "skipped_files"]

_TEXT = {"Markdown": ("markdown", "read_markdown"), "plain text": ("plaintext", "read_plaintext")}
_BYTES = {
    "PDF": ("pdf.reader", "read_pdf"),
    "HTML": ("markup.webpage", "read_html"),
    "Word": ("word.reader", "read_docx"),
    "JATS XML": ("markup.jats", "read_jats"),
    "CORD-19 JSON": ("cord19.reader", "read_cord19"),
}
"""Module and function of each format: those of characters are read here, those of bytes in a process of their own."""


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
    doc_id = document_id(path, name)
    if SUFFIXES[path.suffix.lower()] in _TEXT:
        document = read_here(path, doc_id, name)
    else:
        _check_size(path, name)
        document = _child().read(path, doc_id=doc_id, name=name)
    return with_sidecar(document, path)


def read_here(path: Path, doc_id: str, name: str) -> Document:
    """Read one file in this process; raises CorpusError, and whatever a library raises over a malformed file."""
    form = SUFFIXES[path.suffix.lower()]
    module, function = (_TEXT | _BYTES)[form]
    read = getattr(importlib.import_module(f"qa.corpus.{module}"), function)
    data = read_text(path, name) if form in _TEXT else _read_bytes(path, name)
    try:
        document: Document = read(data, doc_id=doc_id, path=name)
    except RecursionError as error:
        raise CorpusError("is nested too deeply to be read", path=name) from error
    if not document.blocks:
        raise CorpusError("holds no text", path=name)
    return document


def content_sha256(path: Path) -> str:
    """Hash of all that a document is read from: the file, and its sidecar where there is one."""
    digest = hashlib.sha256(path.read_bytes())
    sidecar = sidecar_of(path)
    if sidecar.is_file():
        digest.update(sidecar.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _child() -> Child:
    child = Child()
    atexit.register(child.close)
    return child


def _check_size(path: Path, name: str) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise CorpusError("no such file", path=name) from error
    except OSError as error:
        raise CorpusError(f"cannot be read: {error.strerror or error}", path=name) from error
    if path.is_dir():
        raise CorpusError("is a folder, not a file", path=name)
    if not size:
        raise CorpusError("is empty", path=name)
    if size > MAX_FILE:
        raise CorpusError(f"is larger than {MAX_FILE // 2**20} MB", path=name)


def _read_bytes(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorpusError(f"cannot be read: {error.strerror or error}", path=name) from error
