"""HTML and XML as a small tree of our own, built while lxml parses: bounded in depth, elements and bytes.

Nothing is fetched: no network, no document type, no entity but the names of characters. Comments and processing
instructions are left out, and names lose their namespace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qa.corpus.markup.text import check_size, decode_html, decode_xml, safe_xml
from qa.errors import CorpusError

MAX_NODES = 500_000
MAX_DEPTH = 120
"""Levels of elements; a reader of the tree calls itself some five times a level."""
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_DECISIVE = frozenset((*HEADINGS, "table"))
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")


@dataclass(slots=True, eq=False)
class Node:
    """An element: what it holds in order, and how many characters that are no white space stand in it.

    `holds` names which of the elements that decide how it is read (tables, headings) are inside, at any depth.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    size: int = 0
    holds: frozenset[str] = frozenset()

    def get(self, key: str) -> str:
        """An attribute, "" where it is not set."""
        return self.attributes.get(key, "")

    def nodes(self, *names: str) -> list[Node]:
        """The elements directly inside, those of the given names if any are given."""
        return [child for child in self.children if isinstance(child, Node) and (not names or child.name in names)]

    def first(self, *names: str) -> Node | None:
        """The first element directly inside with one of the names."""
        return next(iter(self.nodes(*names)), None)

    def all(self, *names: str) -> Iterator[Node]:
        """All elements inside, at any depth, in order; those of the given names if any are given."""
        stack = self.nodes()[::-1]
        while stack:
            node = stack.pop()
            if not names or node.name in names:
                yield node
            stack += node.nodes()[::-1]

    def outermost(self, name: str) -> Iterator[Node]:
        """The elements of a name inside, in order, but for those inside another."""
        stack = self.nodes()[::-1]
        while stack:
            node = stack.pop()
            if node.name == name:
                yield node
            else:
                stack += node.nodes()[::-1]

    @property
    def text(self) -> str:
        """All characters inside, as they are."""
        parts: list[str] = []
        stack: list[Node | str] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                parts.append(item)
            else:
                stack += item.children[::-1]
        return "".join(parts)

    @property
    def words(self) -> str:
        """All characters inside, on one line."""
        return " ".join(self.text.split())


def parse_html(data: bytes, path: str) -> Node:
    """The tree of a web page, however badly written; elements nested beyond reason stand beside each other.

    Raises CorpusError for a file that is empty, too large or no text.
    """
    check_size(data, path)
    text = decode_html(data, path)
    if text.lstrip()[:5] == "<?xml":
        # Only XML knows that <script/> or <a id="x"/> is over where it stands.
        try:
            return _parse(safe_xml(text), path, as_html=False)
        except CorpusError:
            text = re.sub(r"\A\s*<\?xml\b[^<>]{0,500}>", "", text)
    return _parse(_CONTROLS.sub("", text), path, as_html=True)


def parse_xml(data: bytes, path: str) -> Node:
    """The tree of an XML file: a node without a name that holds its root. Raises CorpusError where it is malformed."""
    check_size(data, path)
    text = decode_xml(data, path)
    if not text.lstrip().startswith("<"):
        raise CorpusError("is not XML", path=path)
    return _parse(safe_xml(text), path, as_html=False)


def _parse(text: str, path: str, *, as_html: bool) -> Node:
    from lxml import etree

    builder = _Builder(path, flatten=as_html)
    target: Any = builder
    parser: Any
    data = text.encode("utf-8", "replace")
    try:
        if as_html:
            parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, target=target)
        else:
            parser = etree.XMLParser(
                encoding="utf-8",
                no_network=True,
                huge_tree=False,
                resolve_entities=False,
                load_dtd=False,
                target=target,
            )
        etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        reason = re.sub(r", line \d+, column \d+.*", "", error.msg or "it cannot be parsed", flags=re.DOTALL)
        if "depth" in reason:
            raise CorpusError("is nested too deeply to be read", path=path) from error
        raise CorpusError(f"is not well-formed XML: {reason}", path=path, line=error.lineno or None) from error
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise CorpusError(f"cannot be parsed: {error}", path=path) from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise CorpusError("holds a run of characters that is too long to be read", path=path)
    return builder.root


class _Builder:
    """Receives what the parser finds. `flatten`: what is nested too deeply goes beside its parent, else it is an error."""

    def __init__(self, path: str, *, flatten: bool) -> None:
        self.path = path
        self.flatten = flatten
        self.root = Node("")
        self.stack = [self.root]
        self.extra: list[Node] = []
        self.count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise CorpusError(f"has more than {MAX_NODES:,} elements", path=self.path)
        named: dict[str, str] = {}
        for key, value in attributes.items():
            named.setdefault(_local(key), value)
        node = Node(_local(tag), named)
        self.stack[-1].children.append(node)
        if len(self.stack) <= MAX_DEPTH:
            self.stack.append(node)
        elif self.flatten:
            self.extra.append(node)
        else:
            raise CorpusError("is nested too deeply to be read", path=self.path)

    def data(self, text: str) -> None:
        node = self.extra[-1] if self.extra else self.stack[-1]
        if node.children and isinstance(node.children[-1], str) and len(node.children[-1]) < 1 << 16:
            node.children[-1] += text
        else:
            node.children.append(text)

    def end(self, _tag: str | bytes) -> None:
        if self.extra:
            node = self.extra.pop()
        elif len(self.stack) > 1:
            node = self.stack.pop()
        else:
            return
        node.size = sum(
            child.size if isinstance(child, Node) else len("".join(child.split())) for child in node.children
        )

        inner = [{child.name} & _DECISIVE | child.holds for child in node.nodes()]
        node.holds = frozenset().union(*inner) if any(inner) else node.holds

    def close(self) -> Node:
        while len(self.stack) > 1:
            self.end("")
        return self.root


def _local(name: str) -> str:
    """A name without its namespace; the prefix of one that HTML keeps is left out too.

    >>> _local("{http://www.w3.org/1999/xlink}href"), _local("mml:math"), _local("P")
    ('href', 'math', 'p')
    """
    return name.rpartition("}")[2].rpartition(":")[2].lower()
