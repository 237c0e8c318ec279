"""Files to documents: one reader a format, chosen by the file's suffix.

`find_files` lists what can be read, `read_document` reads one file. Nothing but CorpusError leaves either of them.
"""

from __future__ import annotations

from pathlib import Path

from qa.corpus.files import SUFFIXES, check_format, document_id, find_files, read_text, relative_name, skipped_files
from qa.errors import CorpusError
from qa.schema import Document

__all__ = ["SUFFIXES", "find_files", "read_document", "skipped_files"]


def read_document(path: Path, root: Path | None = None) -> Document:
    """Read one file; its id and `Source.path` are its place below `root` (its bare name without one).

    Offsets of the file are code points after decoding, without the byte order mark. Raises CorpusError, naming the file
    and where it can the line, for a file that is missing, unreadable, empty, not text, of another format or malformed.
    """
    path = Path(path)
    name = relative_name(path, root)
    check_format(path, name)
    text = read_text(path, name)
    doc_id = document_id(path, name)
    try:
        if SUFFIXES[path.suffix.lower()] == "Markdown":
            from qa.corpus.markdown import read_markdown

            document = read_markdown(text, doc_id=doc_id, path=name)
        else:
            from qa.corpus.plaintext import read_plaintext

            document = read_plaintext(text, doc_id=doc_id, path=name)
    except RecursionError as error:
        raise CorpusError("is nested too deeply to be read", path=name) from error
    if not document.blocks:
        raise CorpusError("holds no text", path=name)
    return document
