"""Documents, passages and failures in SQLite: row i of the passages is row i of the lexical index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import CorpusError
from qa.schema import Block, Box, Cell, Document, Dropped, Passage, Piece, Sentence, Source, WordBox

_TABLES = ("documents", "passages", "failures")
_SMALL = (Box, Cell, Dropped, Piece, Sentence, WordBox)
"""What there are many of: kept as the list of their fields in order, which is quicker and smaller."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as the index keeps it: where its file was, the hash of that file, and the collection that it belongs to.

    The collection of most documents has no name.
    """

    document: Document
    file: str
    sha256: str
    collection: str = ""


@dataclass(frozen=True, slots=True)
class StoredFailure:
    """A file that could not be read when it had this hash (empty where not even that could be read), and why.

    `name` is what messages call it.
    """

    file: str
    sha256: str
    name: str
    line: int | None
    reason: str

    @property
    def error(self) -> CorpusError:
        """The failure as it was raised."""
        return CorpusError(self.reason, path=self.name, line=self.line)


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a store holds, in order."""

    documents: tuple[StoredDocument, ...]
    passages: tuple[Passage, ...] = ()
    failures: tuple[StoredFailure, ...] = ()


def write_store(path: Path, contents: Contents) -> None:
    """Write the file in one go, from a database in memory: what a crash leaves of it has no journal and is never opened."""
    rows: dict[str, Iterable[Any]] = {name: getattr(contents, name) for name in _TABLES}
    with closing(sqlite3.connect(":memory:")) as connection:
        for name, items in rows.items():
            connection.execute(f"CREATE TABLE {name} (row INTEGER PRIMARY KEY, data TEXT)")
            connection.executemany(
                f"INSERT INTO {name} VALUES (?, ?)",
                ((i, json.dumps(item, default=_fields)) for i, item in enumerate(items)),
            )
        connection.commit()
        path.write_bytes(connection.serialize())


def read_store(path: Path) -> Contents:
    """All that the file holds; raises sqlite3.Error, ValueError, KeyError or TypeError where it is no store."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        documents, passages, failures = (
            [json.loads(data) for (data,) in connection.execute(f"SELECT data FROM {name} ORDER BY row")]
            for name in _TABLES
        )
    return Contents(
        tuple(StoredDocument(**{**data, "document": _document(data["document"])}) for data in documents),
        tuple(_passage(data) for data in passages),
        tuple(StoredFailure(**data) for data in failures),
    )


def _fields(item: Any) -> dict[str, Any] | list[Any]:
    if isinstance(item, _SMALL):
        return [getattr(item, name) for name in item.__slots__]
    return {name: getattr(item, name) for name in item.__slots__}


def _document(data: dict[str, Any]) -> Document:
    return Document(
        **{
            **data,
            "source": Source(**data["source"]),
            "blocks": tuple(
                Block(**{**b, "section": tuple(b["section"]), "cells": tuple(Cell(*cell) for cell in b["cells"])})
                for b in data["blocks"]
            ),
            "pieces": tuple(Piece(*piece) for piece in data["pieces"]),
            "dropped": tuple(Dropped(*dropped) for dropped in data["dropped"]),
            "line_starts": tuple(data["line_starts"]),
            "page_starts": tuple(data["page_starts"]),
            "scanned_pages": tuple(data.get("scanned_pages", ())),
            "boxes": tuple(WordBox(origin, end, Box(*box)) for origin, end, box in data["boxes"]),
        }
    )


def _passage(data: dict[str, Any]) -> Passage:
    return Passage(
        **{
            **data,
            "section": tuple(data["section"]),
            "sentences": tuple(Sentence(*sentence) for sentence in data["sentences"]),
            "cells": tuple(Cell(*cell) for cell in data["cells"]),
        }
    )
