"""Documents and passages in SQLite: row i of the passages is row i of the lexical index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qa.schema import Block, Box, Cell, Document, Dropped, Passage, Piece, Sentence, Source, WordBox


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as the index keeps it: where its file was, and the hash of that file."""

    document: Document
    file: str
    sha256: str


def write_store(path: Path, documents: Sequence[StoredDocument], passages: Sequence[Passage]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE documents (doc_id TEXT PRIMARY KEY, file TEXT, sha256 TEXT, data TEXT)")
        connection.execute("CREATE TABLE passages (row INTEGER PRIMARY KEY, passage_id TEXT, doc_id TEXT, data TEXT)")
        connection.executemany(
            "INSERT INTO documents VALUES (?, ?, ?, ?)",
            ((d.document.doc_id, d.file, d.sha256, json.dumps(asdict(d.document))) for d in documents),
        )
        connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?)",
            ((i, p.passage_id, p.doc_id, json.dumps(asdict(p))) for i, p in enumerate(passages)),
        )


def read_store(path: Path) -> tuple[tuple[StoredDocument, ...], tuple[Passage, ...]]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        documents = tuple(
            StoredDocument(_document(json.loads(data)), file, sha256)
            for file, sha256, data in connection.execute("SELECT file, sha256, data FROM documents ORDER BY doc_id")
        )
        passages = tuple(
            _passage(json.loads(data)) for (data,) in connection.execute("SELECT data FROM passages ORDER BY row")
        )
    return documents, passages


def _document(data: dict[str, Any]) -> Document:
    return Document(
        **{
            **data,
            "source": Source(**data["source"]),
            "blocks": tuple(
                Block(**{**b, "section": tuple(b["section"]), "cells": tuple(Cell(**c) for c in b["cells"])})
                for b in data["blocks"]
            ),
            "pieces": tuple(Piece(**piece) for piece in data["pieces"]),
            "dropped": tuple(Dropped(**dropped) for dropped in data["dropped"]),
            "line_starts": tuple(data["line_starts"]),
            "page_starts": tuple(data["page_starts"]),
            "boxes": tuple(WordBox(w["origin"], w["end"], Box(**w["box"])) for w in data["boxes"]),
        }
    )


def _passage(data: dict[str, Any]) -> Passage:
    return Passage(
        **{
            **data,
            "section": tuple(data["section"]),
            "sentences": tuple(Sentence(**sentence) for sentence in data["sentences"]),
            "cells": tuple(Cell(**cell) for cell in data["cells"]),
        }
    )
