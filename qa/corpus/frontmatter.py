"""The YAML block at the head of a Markdown document: what its author says of it and of its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from qa.errors import CorpusError
from qa.schema import Source

_OPEN = re.compile(r"---[ \t]*(?:\r\n?|\n|\Z)")
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*$")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """`fields` as written, all values text, lists or mappings; the document goes on at line `lines`, counted from 0."""

    fields: dict[str, Any]
    lines: int


def read_front_matter(text: str, starts: tuple[int, ...], path: str) -> FrontMatter:
    """Parse the front matter; a document without one has no fields and begins at line 0.

    Raises CorpusError with the line where it never closes, is not valid YAML or is not a mapping.
    """
    if not _OPEN.match(text):
        return FrontMatter({}, 0)
    bounds = [*starts, len(text)]
    for number in range(1, len(starts)):
        if _CLOSE.match(text[bounds[number] : bounds[number + 1]].rstrip("\r\n")):
            break
    else:
        raise CorpusError("front matter opens with --- but never closes; end it with a line ---", path=path, line=1)
    block = text[bounds[1] : bounds[number]]
    try:
        # Every scalar stays the text that was written: `as_of: 2020-05-18` is no date, `year: 2021` no number.
        fields = yaml.load(block, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = 2 + (min(mark.line, number - 2) if mark is not None else 0)
        reason = getattr(error, "problem", None) or "it cannot be parsed"
        raise CorpusError(f"front matter is not valid YAML: {reason}", path=path, line=max(1, line)) from error
    if fields is None or fields == "":
        fields = {}
    if not isinstance(fields, dict):
        raise CorpusError("front matter must be a mapping of keys to values, such as title: …", path=path, line=2)
    source = fields.get("source", {})
    if not isinstance(source, dict | str):
        at = next((i for i in range(1, number) if text[bounds[i] :].startswith("source")), 1)
        raise CorpusError("source in the front matter must be a mapping, such as {title: …}", path=path, line=at + 1)
    return FrontMatter(fields, number + 1)


def source_of(fields: dict[str, Any], path: str, title: str) -> Source:
    """What the front matter gives for a reference.

    `source` describes the work that the document restates; a document that is itself the work may have the same keys at
    the top. `title` stands in where neither has one.
    """
    inner = fields.get("source") or {}
    work: dict[str, Any] = {"title": inner} if isinstance(inner, str) else inner
    note = _text(fields.get("title")) or title

    def field(*keys: str) -> str:
        return next((found for place in (work, fields) for key in keys if (found := _text(place.get(key)))), "")

    work_title = _text(work.get("title"))
    return Source(
        path=path,
        title=work_title or note,
        note=note if work_title else "",
        authors=field("authors", "author"),
        year=field("year"),
        container=field("container", "journal"),
        doi=re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", field("doi"), flags=re.IGNORECASE),
        url=field("url"),
        licence=_text(fields.get("licence")) or _text(fields.get("license")) or field("licence", "license"),
        section=field("section"),
        as_of=field("as_of"),
    )


def _text(value: object) -> str:
    """A scalar or a list of scalars as one line; anything else is not understood and stays empty."""
    if isinstance(value, str):
        return "" if value.strip().lower() in {"null", "~"} else " ".join(value.split())
    if isinstance(value, list):
        return "; ".join(" ".join(item.split()) for item in value if isinstance(item, str) and item.strip())
    return ""
