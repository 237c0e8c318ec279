"""Reads BEIR folders: documents, queries, and how relevant which document is to which query."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qa.errors import GoldError
from qa.evaluation.files import decode, objects, read_bytes
from qa.evaluation.model import BEIR_FILES, GoldDocument, GoldSet
from qa.schema import GoldQuestion


def read_beir(folder: Path) -> GoldSet:
    corpus, queries, qrels = (folder / name for name in BEIR_FILES)
    digest = hashlib.sha256()
    texts = []
    for path in (corpus, queries, qrels):
        data = read_bytes(path)
        digest.update(hashlib.sha256(data).digest())
        texts.append(decode(data, path))
    documents: dict[str, GoldDocument] = {}
    for line, item in objects(texts[0], corpus):
        name, text, title = (_field(item, key, corpus, line) for key in ("_id", "text", "title"))
        if name in documents:
            raise GoldError(f"the _id {name!r} stands there twice", path=corpus, line=line)
        documents[name] = GoldDocument(name, f"{title}\n\n{text}" if title.strip() else text, title)
    asked: dict[str, tuple[str, int]] = {}
    for line, item in objects(texts[1], queries):
        name, question = _field(item, "_id", queries, line), _field(item, "text", queries, line)
        if name in asked:
            raise GoldError(f"the _id {name!r} stands there twice", path=queries, line=line)
        if not question.strip():
            raise GoldError("the text of the query is empty", path=queries, line=line)
        asked[name] = (question, line)
    grades = _qrels(texts[2], qrels, asked, documents)
    questions = [
        GoldQuestion(name, question, relevant=tuple(grades[name].items()), where=f"{queries}:{line}")
        for name, (question, line) in asked.items()
        if any(grade > 0 for grade in grades.get(name, {}).values())
    ]
    if not questions:
        raise GoldError("no query has a relevant document", path=qrels)
    return GoldSet(folder.resolve().name, "BEIR", tuple(questions), tuple(documents.values()), digest.hexdigest())


def _qrels(
    text: str, path: Path, queries: Mapping[str, object], documents: Mapping[str, object]
) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    for line, row in enumerate(text.splitlines(), start=1):
        if not row.strip():
            continue
        fields = row.split("\t")
        if line == 1 and fields[-1].strip().lower() == "score":
            continue
        if len(fields) != 3:
            raise GoldError("is not query-id, corpus-id and score with tabs between them", path=path, line=line)
        query, document, grade = (field.strip() for field in fields)
        if not re.fullmatch(r"-?\d{1,9}", grade):
            raise GoldError(f"the score {grade!r} is not a whole number", path=path, line=line)
        if query not in queries:
            raise GoldError(f"the query {query!r} is not in queries.jsonl", path=path, line=line)
        if document not in documents:
            raise GoldError(f"the document {document!r} is not in corpus.jsonl", path=path, line=line)
        grades.setdefault(query, {})[document] = int(grade)
    return grades


def _field(item: dict[str, Any], key: str, path: Path, line: int) -> str:
    value = item.get(key, "" if key == "title" else None)
    if isinstance(value, int) and not isinstance(value, bool) and key == "_id":
        value = str(value)
    if not isinstance(value, str) or (key == "_id" and not value):
        raise GoldError(f'has no string "{key}"', path=path, line=line)
    return value
