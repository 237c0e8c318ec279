"""Markdown to a document: headings, paragraphs, list items, code, and tables row by row.

Marks of inline markup are dropped, so that a quote reads cleanly. A table's body rows and its header line keep their
pipes as the file has them. Not done here: footnotes, definition lists and other extensions stay as they are written.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from markdown_it import MarkdownIt
from markdown_it.token import Token

from qa.corpus.builder import DocumentBuilder, line_starts
from qa.corpus.frontmatter import read_front_matter, source_of
from qa.corpus.inline import kept_runs
from qa.schema import Block, BlockKind, Cell, Document

_CAPTION = re.compile(r"(?:table|tab\.|figure|fig\.)\s*\d{1,3}", re.IGNORECASE)
_PREFIX = re.compile(r"(?:[ \t]|>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))*")
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)>|\Z)|<[/!?a-zA-Z][^<>]*>", re.DOTALL | re.IGNORECASE
)
_BARE = re.compile(r"[*_`]*")


def read_markdown(text: str, *, doc_id: str, path: str) -> Document:
    """Read the characters of a Markdown file; `path` is its relative name. Raises CorpusError for bad front matter."""
    starts = line_starts(text)
    matter = read_front_matter(text, starts, path)
    body_start = starts[matter.lines] if matter.lines < len(starts) else len(text)
    parser = MarkdownIt("commonmark").enable("table").disable("text_join")
    tokens = parser.parse(text[body_start:])
    title = _title_of(tokens) or PurePosixPath(path).stem
    source = source_of(matter.fields, path, title)
    reader = _Reader(text, starts, matter.lines, source.note or source.title)
    if body_start:
        end = len(text[:body_start].rstrip())
        reader.builder.drop(0, end, "front matter")
    reader.read(tokens)
    return reader.builder.build(doc_id, source, rest="markup")


def _title_of(tokens: Sequence[Token]) -> str:
    """Words of the first heading."""
    for token, inner in pairwise(tokens):
        if token.type == "heading_open":
            return " ".join(_words(inner).split())
    return ""


def _words(token: Token) -> str:
    """The words of an inline token as the parser has them, without marks."""
    parts = []
    for child in token.children or []:
        if child.type == "image":
            parts.append(_words(child))
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif child.type != "html_inline":
            parts.append(child.content)
    return "".join(parts)


class _Reader:
    """Walks the parser's tokens and copies what they cover; `first` is the line on which the parsed part begins."""

    def __init__(self, text: str, starts: tuple[int, ...], first: int, title: str) -> None:
        self.text = text
        self.bounds = [*starts, len(text)]
        self.first = first
        self.title = title
        self.builder = DocumentBuilder(text)
        self.path: list[tuple[int, str]] = []
        self.caption = ""
        self.last_list = False

    def read(self, tokens: Sequence[Token]) -> None:
        i = 0
        depth = 0
        while i < len(tokens):
            token = tokens[i]
            depth += token.nesting if token.type in {"bullet_list_open", "ordered_list_open"} else 0
            depth += token.nesting if token.type in {"bullet_list_close", "ordered_list_close"} else 0
            match token.type:
                case "heading_open":
                    self._heading(tokens[i + 1], int(token.tag[1:]))
                case "paragraph_open":
                    after = tokens[i + 3] if i + 3 < len(tokens) else None
                    self._paragraph(tokens[i + 1], depth > 0, after is not None and after.type == "table_open")
                case "fence" | "code_block":
                    self._code(token)
                case "html_block":
                    self._html(token)
                case "table_open":
                    end = next(j for j in range(i, len(tokens)) if tokens[j].type == "table_close")
                    self._table(tokens[i:end])
                    i = end
                case _:
                    pass
            i += 1

    @property
    def section(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.path)

    def _line(self, number: int) -> tuple[int, int]:
        """Bounds of a line of the parsed part, without its line break and surrounding blanks."""
        index = min(self.first + number, len(self.bounds) - 2)
        start, end = self.bounds[index], self.bounds[index + 1]
        line = self.text[start:end]
        return start + len(line) - len(line.lstrip()), start + len(line.rstrip())

    def _heading(self, inline: Token, level: int) -> None:
        self.caption = ""
        self.builder.begin()
        self._inline(inline)
        while self.path and self.path[-1][0] >= level:
            self.path.pop()
        block = self.builder.end("heading", section=self.section)
        if block is None:
            return
        name = self.builder.words(block)
        if _CAPTION.match(name):
            self.caption = name
        if level > 1 or name.casefold() != self.title.casefold():
            self.path.append((level, name))
        self.last_list = False

    def _paragraph(self, inline: Token, in_list: bool, before_table: bool) -> None:
        self.builder.begin("\n" if in_list and self.last_list else "\n\n")
        self._inline(inline)
        is_caption = before_table and bool(_CAPTION.match(_words(inline).lstrip()))
        kind: BlockKind = "caption" if is_caption else "list_item" if in_list else "paragraph"
        block = self.builder.end(kind, section=self.section)
        self.caption = self.builder.words(block) if block and is_caption else ""
        self.last_list = in_list

    def _inline(self, token: Token) -> None:
        """Copy the words of an inline token, finding its lines again in the file."""
        if not token.map or not token.content:
            return
        content = token.content
        origins = self._origins(content, token.map[0], token.map[1])
        if origins is None:
            for number in range(token.map[0], token.map[1]):
                start, end = self._line(number)
                self.builder.space()
                self.builder.copy(start, end)
            return
        for run in kept_runs(content, token.children or []):
            if run.start == run.end:
                self.builder.space()
                continue
            at = bisect.bisect_right(origins, run.start, key=lambda line: line[1])
            for begin, end, origin in origins[at : at + 1 + content.count("\n", run.start, run.end)]:
                low, high = max(run.start, begin), min(run.end, end)
                if low < high:
                    self.builder.copy(origin + low - begin, origin + high - begin)

    def _origins(self, content: str, first: int, last: int) -> list[tuple[int, int, int]] | None:
        """(start, end, file offset) of each line of a parsed run; None where a line is not found in the file."""
        found: list[tuple[int, int, int]] = []
        at = 0
        for number, line in enumerate(content.split("\n"), first):
            start, end = self._line(number)
            place = self.text.rfind(line.strip(), start, end) if number < last else -1
            if place < 0:
                return None
            lead = len(line) - len(line.lstrip())
            found.append((at + lead, at + lead + len(line.strip()), place))
            at += len(line) + 1
        return found

    def _code(self, token: Token) -> None:
        """Code and preformatted lines, each on a line of its own."""
        if not token.map:
            return
        first, last = token.map
        if token.type == "fence":
            first += 1
            start, end = self._line(last - 1)
            last -= last > first and self.text[start:end].lstrip("> \t").startswith(token.markup)
        self._copy_lines(first, last)

    def _copy_lines(self, first: int, last: int) -> None:
        self.caption = ""
        self.builder.begin()
        for number in range(first, last):
            start, end = self._line(number)
            self.builder.copy(start, end)
            self.builder.space("\n")
        self.builder.end("paragraph", section=self.section)
        self.last_list = False

    def _html(self, token: Token) -> None:
        """The words between the tags of an HTML block; comments, scripts and styles are left out."""
        if not token.map:
            return
        first, last = token.map
        start, end = self._line(first)[0], self._line(last - 1)[1]
        self.builder.begin()
        at = start
        for match in [*_TAG.finditer(self.text, start, end), None]:
            words = self.text[at : match.start() if match else end]
            for word in re.finditer(r"[^\s>]\S*", words):
                self.builder.space()
                self.builder.copy(at + word.start(), at + word.end())
            self.builder.space()
            at = match.end() if match else end
        self.builder.end("paragraph", section=self.section)
        self.last_list = False

    def _table(self, tokens: Sequence[Token]) -> None:
        caption, self.caption = self.caption, ""
        headers = [" ".join(_words(inner).split()) for token, inner in pairwise(tokens) if token.type == "th_open"]
        first = tokens[0].map[0] if tokens[0].map else 0
        nested = tokens[0].level > 0
        for token in tokens:
            if token.type == "tr_open" and token.map:
                self._row(token.map[0], headers, caption, nested, header=token.map[0] == first)
        start, end = self._line(first + 1)
        self.builder.drop(start, end, "table rule")
        self.last_list = False

    def _row(self, number: int, headers: list[str], caption: str, nested: bool, *, header: bool) -> Block | None:
        start, end = self._line(number)
        if nested:
            prefix = _PREFIX.match(self.text, start, end)
            start = prefix.end() if prefix else start
        self.builder.begin("\n\n" if header and not caption else "\n")
        self.builder.copy(start, end)
        if header:
            return self.builder.end("caption", section=self.section)
        shift = self.builder.block_start - start
        cells = [
            Cell(name, low + shift, high + shift)
            for name, (low, high) in zip(headers, _cells(self.text, start, end), strict=False)
        ]
        return self.builder.end("table_row", section=self.section, cells=cells, caption=caption)


def _cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Bounds of the trimmed content of each cell of the table row [start, end), emphasis around it left out."""
    bars = [i for i in range(start, end) if text[i] == "|" and (i == start or text[i - 1] != "\\")]
    edges = [start - 1, *bars, end]
    if bars and bars[0] == start:
        edges.pop(0)
    if bars and bars[-1] == end - 1 and len(edges) > 2:
        edges.pop()
    return [_trim(text, low + 1, high) for low, high in pairwise(edges)]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    cell = text[start:end]
    if not cell.strip():
        return start, start
    start, end = start + len(cell) - len(cell.lstrip()), start + len(cell.rstrip())
    marks = _BARE.match(text, start, end)
    width = marks.end() - start if marks else 0
    if width and end - start > 2 * width and text[end - width : end] == text[start : start + width][::-1]:
        inner = text[start + width : end - width]
        if not any(mark in inner for mark in text[start : start + width]) and inner == inner.strip():
            return start + width, end - width
    return start, end
