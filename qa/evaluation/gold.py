"""Reads gold sets: this project's JSONL, SQuAD 1.1 and 2.0, BEIR. What a file is, is told from its content.

Nothing here opens an index: a set is read, checked and refused (GoldError, `file:line`) before anything is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from qa.errors import GoldError
from qa.evaluation.beir import read_beir
from qa.evaluation.files import check_id, decode, objects, read_bytes
from qa.evaluation.model import BEIR_FILES, GoldSet
from qa.evaluation.squad import is_squad, read_squad
from qa.schema import Evidence, GoldQuestion

KEYS = frozenset({"id", "question", "answers", "answers_all", "evidence", "kind", "history"})


def read_gold(paths: Path | str | Sequence[Path | str]) -> GoldSet:
    """The gold set in a file, or in several files or folders of JSONL that are read as one.

    A folder is a BEIR set, or holds JSONL files. Raises GoldError, with `file:line`, for what is missing or malformed.
    """
    given = [Path(paths)] if isinstance(paths, Path | str) else [Path(path) for path in paths]
    sets = [_read(path) for path in given]
    if not sets:
        raise GoldError("no gold set given")
    if len(sets) == 1:
        return sets[0]
    return _joined("+".join(gold.name for gold in sets), given, sets)


def _read(path: Path) -> GoldSet:
    if path.is_dir():
        return _read_folder(path)
    data = read_bytes(path)
    text = decode(data, path)
    digest = hashlib.sha256(data).hexdigest()
    if is_squad(text):
        questions, documents = read_squad(text, path)
        return GoldSet(path.stem, "SQuAD", _checked(questions), documents, digest)
    return GoldSet(path.stem, "JSONL", _checked(_jsonl(text, path)), (), digest)


def _read_folder(folder: Path) -> GoldSet:
    if all((folder / name).is_file() for name in BEIR_FILES[:2]):
        return read_beir(folder)
    files = sorted(file for file in folder.glob("*.jsonl") if file.is_file())
    if not files:
        raise GoldError(f"no gold set in this folder: neither *.jsonl nor BEIR's {', '.join(BEIR_FILES)}", path=folder)
    return _joined(folder.resolve().name, files, [_read(file) for file in files])


def _joined(name: str, paths: Sequence[Path], sets: Sequence[GoldSet]) -> GoldSet:
    """Several sets of JSONL as one."""
    for path, gold in zip(paths, sets, strict=True):
        if gold.format != "JSONL":
            raise GoldError(f"a {gold.format} set is evaluated by itself", path=path)
    digest = hashlib.sha256("".join(gold.sha256 for gold in sets).encode()).hexdigest()
    questions = _checked([question for gold in sets for question in gold.questions])
    return GoldSet(name, "JSONL", questions, (), sets[0].sha256 if len(sets) == 1 else digest)


def _checked(questions: Sequence[GoldQuestion]) -> tuple[GoldQuestion, ...]:
    """The questions, of which no two may have the same id."""
    seen: dict[str, GoldQuestion] = {}
    for question in questions:
        if question.query_id in seen:
            raise _error(question.where, f"the id {question.query_id!r} is that of {seen[question.query_id].where} too")
        seen[question.query_id] = question
    return tuple(questions)


def _error(where: str, message: str) -> GoldError:
    path, _, line = where.rpartition(":")
    return GoldError(message, path=path, line=int(line))


def _jsonl(text: str, path: Path) -> list[GoldQuestion]:
    questions = [_question(item, path, line) for line, item in objects(text, path)]
    if not questions:
        raise GoldError("holds no question", path=path)
    return questions


def _question(item: dict[str, Any], path: Path, line: int) -> GoldQuestion:
    if {"_id", "text"} <= item.keys():
        raise GoldError("is part of a BEIR set: give its folder instead", path=path)

    def fail(message: str) -> NoReturn:
        raise GoldError(message, path=path, line=line)

    for key in ("id", "question", "answers"):
        if key not in item and not (key == "answers" and item.get("answers_all")):
            fail(
                f'has no "{key}"; a line is {{"id": "q1", "question": "…", "answers": ["…"]}}, with [] where nothing answers'
            )
    if unknown := sorted(item.keys() - KEYS):
        fail(f"has the unknown key {unknown[0]!r}; known are {', '.join(sorted(KEYS))}")
    question = item["question"]
    if not isinstance(question, str) or not question.strip():
        fail('"question" is not a string with words')
    texts = {}
    for key in ("answers", "answers_all", "history"):
        texts[key] = [] if item.get(key) is None else item[key]
        if not isinstance(texts[key], list) or not all(isinstance(t, str) and t.strip() for t in texts[key]):
            fail(f'"{key}" is not a list of strings with words')
    if not isinstance(item.get("kind", ""), str):
        fail('"kind" is not a string')
    evidence = [] if item.get("evidence") is None else item["evidence"]
    if not isinstance(evidence, list) or not all(_is_evidence(entry) for entry in evidence):
        fail('"evidence" is not a list of {"doc_id": "…", "quote": "…"}')
    if evidence and not (texts["answers"] or texts["answers_all"]):
        fail('has "evidence" but no answer: one of the two is wrong')
    return GoldQuestion(
        query_id=check_id(item["id"], path, line),
        question=question,
        answers=tuple(texts["answers"]),
        history=tuple(texts["history"]),
        evidence=tuple(Evidence(entry["doc_id"], entry["quote"]) for entry in evidence),
        kind=item.get("kind", ""),
        answers_all=tuple(texts["answers_all"]),
        where=f"{path}:{line}",
    )


def _is_evidence(entry: object) -> bool:
    return isinstance(entry, dict) and all(
        isinstance(entry.get(key), str) and entry[key].strip() for key in ("doc_id", "quote")
    )
