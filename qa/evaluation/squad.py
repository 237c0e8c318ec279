"""Reads SQuAD 1.1 and 2.0: each context is a document, each answer a place in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from qa.errors import GoldError
from qa.evaluation.files import check_id, is_text, refuse_constant
from qa.evaluation.model import GoldDocument
from qa.schema import Evidence, GoldQuestion

_ID = re.compile(r'"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+)')


def is_squad(text: str) -> bool:
    """Whether the file is one JSON object and not a line of JSONL: it has "data", or its first line is no JSON of its own."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        first = json.loads(text.lstrip().split("\n", 1)[0])
    except RecursionError:
        return False
    except ValueError:
        return bool(re.search(r'"(?:data|paragraphs|qas)"\s*:', text))
    return isinstance(first, dict) and "data" in first and "question" not in first


def read_squad(text: str, path: Path) -> tuple[list[GoldQuestion], tuple[GoldDocument, ...]]:
    """The questions and contexts of a SQuAD file, a context that comes twice once; raises GoldError."""
    try:
        data = json.loads(text, parse_constant=refuse_constant)["data"]
    except json.JSONDecodeError as error:
        raise GoldError(f"is not JSON: {error.msg}", path=path, line=error.lineno) from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise GoldError('is not SQuAD: it has no list "data"', path=path, line=1) from error
    reader = _Reader(text, path)
    try:
        reader.read(data)
    except KeyError as error:
        raise GoldError(f"{reader.place} has no {error}", path=path, line=reader.line) from error
    except (TypeError, AttributeError, ValueError) as error:
        raise GoldError(f"{reader.place}: {error}", path=path, line=reader.line) from error
    if not reader.questions:
        raise GoldError("holds no question", path=path, line=1)
    return reader.questions, tuple(reader.documents.values())


class _Reader:
    """Walks the articles; `place` and `line` tell where it is, the line by the order in which ids stand in the file."""

    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self.place = "data"
        self.line = 1
        self.questions: list[GoldQuestion] = []
        self.documents: dict[str, GoldDocument] = {}
        self._ids = ((json.loads(match[1]), match.start()) for match in _ID.finditer(text))
        self._text = text
        self._at = 0

    def read(self, data: Any) -> None:
        for i, article in enumerate(data):
            self.place = f"data[{i}]"
            title = article.get("title") or ""
            for j, paragraph in enumerate(article["paragraphs"]):
                self.place = f"data[{i}].paragraphs[{j}]"
                context = paragraph["context"]
                if not isinstance(context, str) or not isinstance(title, str):
                    raise TypeError("the context or title is not a string")
                name = f"{len(self.documents) + 1:04d}"
                document = self.documents.setdefault(context, GoldDocument(name, context, title))
                for n, entry in enumerate(paragraph["qas"]):
                    self.place = f"data[{i}].paragraphs[{j}].qas[{n}]"
                    self._go_to(entry["id"])
                    self.questions.append(_squad_question(entry, document, f"{self.path}:{self.line}"))

    def _go_to(self, name: object) -> None:
        """Move on to the line of the next question of that id."""
        for value, start in self._ids:
            if value == name and type(value) is type(name):
                self.line += self._text.count("\n", self._at, start)
                self._at = start
                return


def _squad_question(entry: dict[str, Any], document: GoldDocument, where: str) -> GoldQuestion:
    path, _, line = where.rpartition(":")
    question = entry["question"]
    if not isinstance(question, str) or not question.strip():
        raise ValueError("the question is not a string with words")
    if not is_text(json.dumps([question, entry["id"], entry.get("answers")], ensure_ascii=False)):
        raise ValueError("it holds half of a surrogate pair")
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
