"""Running text of markup: what is a word, and what is a mark that leads to a reference or a footnote.

A raised number is a mark behind a word, but part of it in 10⁹, m² or ¹³¹I. A mark goes with the brackets and commas that
hold nothing but marks; one that its sentence is about ("in ref. 12", "as Ash (2020) showed") stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.corpus.markup.tree import Node
from qa.corpus.parts import Run, tidy

REFERENCE_MARK = "reference mark"

_RAISED = str.maketrans("0123456789+-−–=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾")
_NUMBER = r"\d{1,4}[a-z]?"
NUMBERS = re.compile(rf"\s*[\[(]?\s*{_NUMBER}(?:\s?[,;–—‐-]\s?{_NUMBER}){{0,40}}\s*[\])]?\s*\Z")
SIGNS = re.compile(r"\s*(?:[*†‡§¶#‖]{1,4}|[a-z](?:\s?,\s?[a-z]){0,8})\s*\Z")
_BETWEEN = re.compile(r"\s*(?:[,;–—‐-]|and|&)?\s*\Z")
_OPEN_END = re.compile(r"\s*[\[(]\s*\Z")
_CLOSE = re.compile(r"\s*[\])]")
_IN_BRACKET = re.compile(r"[\[(][^\[\]()]{1,200}\Z")
_SPOKEN_OF = re.compile(
    r"\b(?:(?:refs?\.?|references?|citations?)\s*[\[(]?|"
    r"(?:see(?:\salso)?|cf\.?|e\.g\.,?|in|of|by|from|to|with|than|per)(?:\s|\s*[\[(]))\s*\Z",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\s*\[.*\]\s*\Z")
_POWER = re.compile(r"\s*[+−–-]?\s?\d{1,3}\s*\Z")
_ELEMENT = re.compile(r"[A-Z][a-z]?(?![A-Za-z])|\Z")
_TAKES_POWER = re.compile(r"(?:^|[^\w])(?:[kcdmµμn]m|[^\W\d_])\Z")


@dataclass(frozen=True, slots=True)
class _Item:
    """`mark`: "" for words, "raised", "plain" or "worded" for a mark, else the reason for which it is left out."""

    text: str
    mark: str = ""


_MARKS = frozenset(("raised", "plain", "worded"))
_TAIL = 240
_LONGEST = 60


class Inline:
    """Collects the running text of one block or table cell; `settled` gives its runs."""

    def __init__(self) -> None:
        self._items: list[_Item] = []
        self._before = ""
        self.size = 0
        """Characters so far that are neither white space nor left out."""

    def write(self, text: str) -> None:
        """Words."""
        if text:
            self._items.append(_Item(text))
            self._before = (self._before + text)[-20:]
            self.size += len(text) - sum(map(str.isspace, text))

    def drop(self, text: str, reason: str) -> None:
        """Characters that are left out of the text."""
        if text.strip():
            self._items.append(_Item(text, reason))

    def mark(self, text: str, *, raised: bool = False) -> None:
        """What may be a mark: numbers and signs are one, names and years ("Ash 2020") only where brackets hold nothing else."""
        if text.strip():
            plain = NUMBERS.match(text) or SIGNS.match(text)
            self._items.append(_Item(text, "raised" if raised else "plain" if plain else "worded"))

    def before(self) -> str:
        """The last few characters that were written."""
        return self._before

    def settled(self) -> list[Run]:
        """The runs, each white space as one space; and an empty collector."""
        items = _settle(_joined(self._items))
        self._items, self._before, self.size = [], "", 0
        return tidy(Run(item.text, REFERENCE_MARK if item.mark in _MARKS else item.mark) for item in items)


def raise_text(inline: Inline, node: Node, after: str, *, in_cell: bool) -> bool:
    """Write a <sup> where it is a mark or a power; False where its content is to be written as other words are."""
    if node.size > _LONGEST:
        return False
    text = node.words
    links = [link for link in node.all("xref", "a") if link.get("rid") or link.get("href").startswith("#")]
    if links:
        rest = node.text
        for link in links:
            rest = rest.replace(link.text, "", 1)
        if not re.sub(r"[\s,;.\[\]()–—‐-]", "", rest):
            inline.mark(text, raised=True)
            return True
    before = inline.before()
    if not before and not in_cell and (SIGNS.match(text) or (NUMBERS.match(text) and not _ELEMENT.match(after))):
        # What a note begins with is the mark that leads to it, but ¹⁸F is an isotope.
        inline.mark(text, raised=True)
        return True
    if before[-1:].isdigit() and _POWER.match(text):
        inline.write(text.replace(" ", "").translate(_RAISED))
        return True
    if text[:1] in "+-−–" or not (NUMBERS.match(text) or (in_cell and before.strip() and SIGNS.match(text))):
        return False
    if _TAKES_POWER.search(before) and text in {"2", "3"}:
        return False
    if (not before or before[-1:].isspace() or before[-1:] in "([") and after[:1].isalpha():
        return False
    inline.mark(text, raised=True)
    return True


def math_text(node: Node) -> str:
    """The characters of a formula: what its author says it reads as, else its symbols in a row, fractions with a slash."""
    stated = node.get("alttext")
    if stated.strip() and "\\" not in stated:
        return stated
    return _symbols(node) or stated


def _symbols(node: Node) -> str:
    parts: list[str] = []
    for child in node.children:
        if isinstance(child, str):
            parts.append(child.strip())
        elif child.name in {"annotation", "annotation-xml"}:
            continue
        else:
            parts.append(_symbols(child))
    if node.name == "mfrac" and len(inner := [part for part in parts if part]) == 2:
        return "/".join(part if len(part) == 1 or part.isalnum() else f"({part})" for part in inner)
    if node.name == "msup" and len(inner := [part for part in parts if part]) == 2 and _POWER.match(inner[1]):
        return inner[0] + inner[1].translate(_RAISED)
    if node.name in {"mo"}:
        sign = "".join(parts)
        return f" {sign} " if sign in {"=", "<", ">", "≤", "≥", "≈", "±", "×", "≠", "∼"} else sign
    return "".join(parts)


def tex_text(text: str) -> str:
    """The formula of a TeX document of its own, without what stands around it."""
    start, end = text.find("\\begin{document}"), text.rfind("\\end{document}")
    if 0 <= start < end:
        text = text[start + len("\\begin{document}") : end]
    return " ".join(text.split()).strip("$ ")


def _joined(items: list[_Item]) -> list[_Item]:
    """Neighbours of one kind as one, but for marks."""
    out: list[_Item] = []
    parts: list[str] = []
    for item, after in zip(items, [*items[1:], None], strict=False):
        parts.append(item.text)
        if after is None or after.mark != item.mark or item.mark in _MARKS:
            out.append(_Item("".join(parts), item.mark))
            parts = []
    return out


def _settle(items: list[_Item]) -> list[_Item]:
    """Decide for each group of marks whether it stays, and take its brackets and commas with it."""
    out: list[_Item] = []
    i = 0
    while i < len(items):
        if items[i].mark not in _MARKS:
            out.append(items[i])
            i += 1
            continue
        end = _group_end(items, i)
        group, i = items[i:end], end
        before = _tail(out)
        after = items[end].text if end < len(items) and not items[end].mark else ""
        opened, closed = _OPEN_END.search(before), _CLOSE.match(after)
        text = "".join(item.text for item in group)
        if opened and closed and not _SPOKEN_OF.search(before):
            last = out.pop().text
            at = max(0, len(last) - len(opened.group()))
            out += [_Item(last[:at]), _Item(last[at:] + text + closed.group(), REFERENCE_MARK)]
            items[end] = _Item(after[closed.end() :])
        elif _stays(group, before, bool(closed)):
            out.append(_Item(text))
        else:
            out.append(_Item(text, REFERENCE_MARK))
    return [item for item in out if item.text]


def _tail(out: list[_Item]) -> str:
    """The end of the words since the last run that is left out."""
    tail = ""
    for item in reversed(out):
        if item.mark or len(tail) >= _TAIL:
            break
        tail = item.text[-_TAIL:] + tail
    return tail[-_TAIL:]


def _group_end(items: list[_Item], start: int) -> int:
    """Behind the last of the marks that follow each other with nothing but commas, dashes and spaces between."""
    end = start + 1
    while end < len(items):
        if items[end].mark in _MARKS:
            end += 1
            continue
        after = items[end + 1] if end + 1 < len(items) else _Item("")
        if items[end].mark or after.mark not in _MARKS or not _BETWEEN.match(items[end].text):
            break
        if not items[end].text.strip() and after.mark != "raised":
            break
        end += 2
    return end


def _stays(group: list[_Item], before: str, closed: bool) -> bool:
    marks = {item.mark for item in group if item.mark}
    if "raised" in marks:
        return False
    if "worded" in marks or _SPOKEN_OF.search(before):
        return True
    within = closed and bool(_IN_BRACKET.search(before))
    return within and not _BRACKETED.match("".join(item.text for item in group))
