"""The file beside a document that says what the document does not say of itself: `paper.pdf.yaml` beside `paper.pdf`.

Its name is that of the document with `.yaml` behind, and nothing else: `paper.yaml` is not read. What it gives stands in
place of what was found in the document; a key without a value (`year:`) takes what was found away, and leaves the name of
the file as the title.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from qa.corpus.files import thing_at
from qa.corpus.frontmatter import source_of
from qa.errors import CorpusError
from qa.schema import Document

SUFFIX = ".yaml"
MAX_BYTES = 100_000
KEYS = {
    "title": "title", "authors": "authors", "author": "authors", "year": "year", "container": "container",
    "journal": "container", "doi": "doi", "url": "url", "licence": "licence", "license": "licence",
    "section": "section", "as_of": "as_of",
}  # fmt: skip
"""Keys of a sidecar and the fields of `Source` that they give."""

_NULLS = frozenset(("", "~", "null"))
_CHECKS = {
    "year": (re.compile(r"\d{4}"), "a year such as 2021"),
    "doi": (re.compile(r"10\.\d{3,9}/\S+"), "a DOI such as 10.1234/abc.5"),
    "url": (re.compile(r"https?://\S+", re.IGNORECASE), "an address such as https://example.org/paper"),
}


def sidecar_of(file: Path) -> Path:
    """The name that the sidecar of a file has.

    >>> sidecar_of(Path("papers/paper.pdf")).name
    'paper.pdf.yaml'
    """
    return file.with_name(file.name + SUFFIX)


def with_sidecar(document: Document, file: Path) -> Document:
    """The document with what the sidecar beside its file says; unchanged where there is none.

    Raises CorpusError with the name and line of the sidecar for one that cannot be read, is no mapping, has an unknown
    key or a value of another kind.
    """
    sidecar = sidecar_of(file)
    if thing_at(sidecar) != "file":
        return document
    name = document.source.path + SUFFIX
    fields, lines = _fields(_read(sidecar, name), name)
    stated = source_of(fields, document.source.path, "")
    changes: dict[str, Any] = {KEYS[key]: getattr(stated, KEYS[key]) for key in fields}
    for key, line in lines.items():
        pattern, wanted = _CHECKS.get(KEYS[key], (None, ""))
        text = changes[KEYS[key]]
        if pattern is not None and text and not pattern.fullmatch(text):
            raise CorpusError(f"{key} is not {wanted}", path=name, line=line)
    if changes.get("title") == "":
        changes["title"] = PurePosixPath(document.source.path).stem
    return replace(document, source=replace(document.source, **changes))


def _read(sidecar: Path, name: str) -> str:
    try:
        with sidecar.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CorpusError(f"cannot be read: {error.strerror or error}", path=name) from error
    if len(data) > MAX_BYTES:
        raise CorpusError(f"has more than {MAX_BYTES:,} bytes, too many for a few keys and values", path=name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError("is not UTF-8 text", path=name, line=data.count(b"\n", 0, error.start) + 1) from error


def _fields(text: str, name: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The values by key, text or (of authors) a list of texts, and the line of each key."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        last = max(1, len(text.splitlines()))
        line = min(mark.line + 1, last) if mark is not None else 1
        reason = getattr(error, "problem", None) or "it cannot be parsed"
        raise CorpusError(f"is not valid YAML: {reason}", path=name, line=line) from error
    if node is None or (isinstance(node, yaml.ScalarNode) and node.style is None and not node.value):
        return {}, {}
    if not isinstance(node, yaml.MappingNode):
        raise CorpusError("must be a mapping of keys to values, such as title: …", path=name, line=_line(node))
    fields: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key_node, node_value in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        if key not in KEYS:
            shown = f"unknown key {key!r}" if key is not None else "a key must be one word"
            raise CorpusError(f"{shown}; the keys are {', '.join(KEYS)}", path=name, line=_line(key_node))
        twin = next((other for other in fields if KEYS[other] == KEYS[key]), None)
        if twin is not None:
            reason = "stands here twice" if twin == key else f"says the same as {twin}"
            raise CorpusError(f"{key} {reason}; keep one of them", path=name, line=_line(key_node))
        fields[key] = _value(node_value, key, name)
        lines[key] = _line(node_value)
    return fields, lines


def _value(node: yaml.Node, key: str, name: str) -> Any:
    """A text, or for authors a list of texts; all values of YAML stay as they are written."""
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if KEYS[key] == "authors" and isinstance(node, yaml.SequenceNode):
        for item in node.value:
            if not isinstance(item, yaml.ScalarNode):
                raise CorpusError(f"{key} must be a text or a list of texts", path=name, line=_line(item))
        return [_scalar(item) for item in node.value]
    kind = "a text or a list of texts" if KEYS[key] == "authors" else "a text"
    raise CorpusError(f"{key} must be {kind}", path=name, line=_line(node))


def _scalar(node: yaml.ScalarNode) -> str:
    """What is written; "" for what YAML writes for nothing."""
    text = str(node.value)
    return "" if node.style is None and text.strip().lower() in _NULLS else text


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
