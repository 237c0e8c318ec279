"""Which characters of a run of inline Markdown are words, and which are marks around them.

The parser gives the words of a run without their places, so its tokens are walked along the raw run from left to right.
Where the two no longer meet, the rest of the run is kept as it stands: a stray mark reads badly, a lost word misleads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.helpers import parseLinkDestination, parseLinkTitle
from markdown_it.token import Token

_BREAKS = ("<br>", "<br/>", "<br />")


@dataclass(frozen=True, slots=True)
class Kept:
    """Characters [start, end) of the raw run that are words; an empty run stands for a space."""

    start: int
    end: int


def kept_runs(raw: str, children: Sequence[Token]) -> list[Kept]:
    """The words of `raw`, in order, as the parser's `children` have them."""
    walk = _Walk(raw)
    for child in _flat(children):
        if not walk.take(child):
            return [*walk.kept, *_lines(raw, walk.at)]
    return walk.kept


def _flat(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "image":
            yield Token("image_open", "", 1)
            yield from _flat(token.children or [])
            yield Token("link_close", "", -1)
        else:
            yield token


def _lines(raw: str, start: int) -> list[Kept]:
    """The rest of `raw` from `start`, line breaks as spaces."""
    runs: list[Kept] = []
    for line in raw[start:].split("\n"):
        first = start + len(line) - len(line.lstrip())
        runs += [Kept(start, start), Kept(first, start + len(line.rstrip()))]
        start += len(line) + 1
    return runs[1:]


class _Walk:
    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.at = 0
        self.kept: list[Kept] = []

    def take(self, token: Token) -> bool:
        """Move past one token; False where it is not found at this place."""
        match token.type:
            case "text":
                return self._text(token.content)
            case "text_special":
                return self._special(token)
            case "softbreak" | "hardbreak":
                return self._line_break()
            case "code_inline":
                return self._code(token.markup)
            case "html_inline":
                if token.content.lower() in _BREAKS:
                    self._space()
                return self._past(token.content)
            case "link_open":
                return self._past("<" if token.markup == "autolink" else "[")
            case "link_close":
                return self._past(">") if token.markup == "autolink" else self._link_end()
            case "image_open":
                return self._past("![")
            case _:
                return self._past(token.markup)

    def _past(self, mark: str) -> bool:
        found = self.raw.startswith(mark, self.at)
        self.at += len(mark) if found else 0
        return found

    def _keep(self, length: int) -> None:
        if length:
            self.kept.append(Kept(self.at, self.at + length))
            self.at += length

    def _space(self) -> None:
        self.kept.append(Kept(self.at, self.at))

    def _text(self, words: str) -> bool:
        if not self.raw.startswith(words, self.at):
            # A line's leading spaces are not part of the parsed words.
            blank = len(self.raw) - len(self.raw[self.at :].lstrip(" \t"))
            if not self.raw.startswith(words, blank):
                return False
            self.at = blank
        self._keep(len(words))
        return True

    def _special(self, token: Token) -> bool:
        if not self.raw.startswith(token.markup, self.at):
            return False
        if token.info == "escape":
            self.at += 1
            self._keep(len(token.markup) - 1)
        elif token.content.isspace():
            self._space()
            self.at += len(token.markup)
        elif token.content == "&":
            self._keep(1)
            self.at += len(token.markup) - 1
        else:
            self._keep(len(token.markup))
        return True

    def _line_break(self) -> bool:
        end = self.raw.find("\n", self.at)
        if end < 0 or self.raw[self.at : end].strip(" \t\\"):
            return False
        self._space()
        self.at = end + 1
        return True

    def _code(self, ticks: str) -> bool:
        if not self._past(ticks):
            return False
        end = self.at
        while (end := self.raw.find(ticks, end)) >= 0:
            stop = end
            while stop < len(self.raw) and self.raw[stop] == "`":
                stop += 1
            if stop - end == len(ticks):
                break
            end = stop
        if end < 0:
            return False
        inner = self.raw[self.at : end]
        stripped = inner.strip()
        self.kept += _lines(self.raw[: self.at + len(inner.rstrip())], self.at + len(inner) - len(inner.lstrip()))
        if not stripped:
            self._space()
        self.at = end + len(ticks)
        return True

    def _link_end(self) -> bool:
        """Past `](target "title")`, `][reference]`, `][]` or `]`."""
        if not self._past("]"):
            return False
        raw, at, size = self.raw, self.at, len(self.raw)
        if raw.startswith("(", at):
            pos = _skip(raw, at + 1)
            target = parseLinkDestination(raw, pos, size)
            if target.ok:
                pos = _skip(raw, target.pos)
                title = parseLinkTitle(raw, pos, size) if pos > target.pos or not target.str else None
                if title is not None and title.ok:
                    pos = _skip(raw, title.pos)
            if raw.startswith(")", pos):
                self.at = pos + 1
        elif raw.startswith("[", at):
            end = raw.find("]", at)
            while end > 0 and raw[end - 1] == "\\":
                end = raw.find("]", end + 1)
            if end > 0:
                self.at = end + 1
        return True


def _skip(raw: str, at: int) -> int:
    while at < len(raw) and raw[at] in " \t\n":
        at += 1
    return at
