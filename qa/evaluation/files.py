"""Lines and objects of gold files; whatever is wrong with them is a GoldError with `file:line`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from qa.errors import GoldError


def read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise GoldError("no such file", path=path) from error
    except OSError as error:
        raise GoldError(f"cannot be read: {error.strerror or error}", path=path) from error


def decode(data: bytes, path: Path) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise GoldError(f"is not UTF-8: {error.reason}", path=path, line=line) from error
    if not text.strip():
        raise GoldError("is empty", path=path, line=1)
    return text


def is_text(text: str) -> bool:
    """Whether the characters are those of a text: none is half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def objects(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The line number and the object of each line that is not empty."""
    for line, row in enumerate(text.split("\n"), start=1):
        if not row.strip():
            continue
        try:
            item = json.loads(row, parse_constant=refuse_constant)
        except (ValueError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            raise GoldError(f"is not JSON: {reason}", path=path, line=line) from error
        if not is_text(row_text := json.dumps(item, ensure_ascii=False)):
            raise GoldError(f"holds half of a surrogate pair: {row_text[:60]!a}", path=path, line=line)
        if not isinstance(item, dict):
            raise GoldError("is not a JSON object", path=path, line=line)
        yield line, item


def check_id(value: object, path: Path, line: int) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise GoldError("the id is neither a string nor a whole number", path=path, line=line)
    return str(value)


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
