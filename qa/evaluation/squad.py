"""Reads SQuAD 1.1 and 2.0: each context is a document, each answer a place in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from qa.errors import GoldError
from qa.evaluation.files import check_id, refuse_constant
from qa.evaluation.model import GoldDocument
from qa.schema import Evidence, GoldQuestion


def is_squad(text: str) -> bool:
    """Whether the file is one JSON object and not a line of JSONL: it has "data", or its first line is no JSON of its own."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        first = json.loads(text.lstrip().split("\n", 1)[0])
    except ValueError:
        return bool(re.search(r'"(?:data|paragraphs|qas)"\s*:', text))
    return isinstance(first, dict) and "data" in first and "question" not in first


def read_squad(text: str, path: Path) -> tuple[list[GoldQuestion], tuple[GoldDocument, ...]]:
    try:
        data = json.loads(text, parse_constant=refuse_constant)["data"]
    except json.JSONDecodeError as error:
        raise GoldError(f"is not JSON: {error.msg}", path=path, line=error.lineno) from error
    except (KeyError, TypeError, ValueError) as error:
        raise GoldError('is not SQuAD: it has no list "data"', path=path, line=1) from error
    questions: list[GoldQuestion] = []
    documents: dict[str, GoldDocument] = {}
    cursor = 0
    place = "data"
    try:
        for i, article in enumerate(data):
            for j, paragraph in enumerate(article["paragraphs"]):
                place = f"data[{i}].paragraphs[{j}]"
                title = article.get("title") or ""
                context = paragraph["context"]
                if not isinstance(context, str) or not isinstance(title, str):
                    raise TypeError("the context or title is not a string")
                document = documents.setdefault(context, GoldDocument(f"{len(documents) + 1:04d}", context, title))
                for n, entry in enumerate(paragraph["qas"]):
                    place = f"data[{i}].paragraphs[{j}].qas[{n}]"
                    cursor = max(cursor, text.find(json.dumps(entry["id"]), cursor))
                    line = text.count("\n", 0, cursor) + 1
                    questions.append(_squad_question(entry, document, f"{path}:{line}"))
    except KeyError as error:
        raise GoldError(f"{place} has no {error}", path=path, line=text.count("\n", 0, cursor) + 1) from error
    except (TypeError, AttributeError, ValueError) as error:
        raise GoldError(f"{place}: {error}", path=path, line=text.count("\n", 0, cursor) + 1) from error
    if not questions:
        raise GoldError("holds no question", path=path, line=1)
    return questions, tuple(documents.values())


def _squad_question(entry: dict[str, Any], document: GoldDocument, where: str) -> GoldQuestion:
    path, _, line = where.rpartition(":")
    question = entry["question"]
    if not isinstance(question, str) or not question.strip():
        raise ValueError("the question is not a string with words")
    evidence = []
    for answer in [] if entry.get("is_impossible") else entry["answers"]:
        start, words_ = answer["answer_start"], answer["text"]
        if not isinstance(start, int) or not isinstance(words_, str) or not words_.strip():
            raise ValueError("an answer has no text or no answer_start")
        if document.text[start : start + len(words_)] != words_ or start < 0:
            raise ValueError(f"the context does not hold {words_[:40]!r} at answer_start {start}")
        evidence.append(Evidence(document.doc_id, words_, origin=start))
    return GoldQuestion(
        query_id=check_id(entry["id"], Path(path), int(line)),
        question=question,
        answers=tuple(dict.fromkeys(item.quote for item in evidence)),
        evidence=tuple(evidence),
        where=where,
    )
