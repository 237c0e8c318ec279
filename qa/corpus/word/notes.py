"""Footnotes and endnotes of a Word document: the words of a note, found by the mark that leads to it.

A note is read where it is first referred to. What no mark of the page leads to, such as the note of a deleted sentence,
Word does not show either: it is no part of the stream. The number of a note is not in the file; a mark of the author's own
("*") is, and is left out. Works that are cited in notes are entries of a list of references.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from qa.corpus.parts import Part, Run, Table, plain, tidy
from qa.corpus.word.package import name, value
from qa.corpus.word.tables import join_captions, read_words
from qa.corpus.word.words import NoteMark, Paragraphs

if TYPE_CHECKING:
    from lxml import etree

_AUTHOR = r"\W*(?:\d{1,3}\W+)?[^\W\d_][\w'’-]+,? (?:[^\W\d_a-zà-ÿ]\.?[- ]?){1,3}[.,;&(]"
_PAGES = r"\b(?:1[89]|20)\d\d\b.{0,12};\s?\d{1,4}\s?(?:\([^()]{1,12}\))?:\s?\w?\d+(?:[–-]\w?\d+)?"
_DOI = r"\b10\.\d{4,9}/\S+"
_CITED = re.compile(rf"{_AUTHOR}.{{0,500}}(?:{_PAGES}|{_DOI})[\s.]*")
"""A cited work by itself: a name with initials at the beginning, volume and pages or a DOI at the end."""

_LONGEST_CITED = 1000


@dataclass(slots=True)
class NotePart(Part):
    """The words of a note, which stand behind what refers to it and are no caption of a table."""


class Notes:
    """The notes of both kinds by kind and id; each is given once."""

    def __init__(self, *roots: etree._Element | None) -> None:
        self._notes: dict[tuple[str, str], etree._Element] = {}
        for root in roots:
            for note in root if root is not None else ():
                # Those of other types draw the line above the notes.
                if value(note, "type") in {"", "normal"}:
                    self._notes.setdefault((name(note), value(note, "id")), note)

    def read(self, marks: Iterable[NoteMark], section: tuple[str, ...], dropped: str) -> Iterator[NotePart]:
        """The notes that marks lead to, and those that their own marks lead to; `dropped`: why what refers to them is."""
        waiting = deque(marks)
        while waiting:
            mark = waiting.popleft()
            note = self._notes.pop((mark.kind, mark.key), None)
            if note is None:
                continue
            paragraphs = Paragraphs()
            words = tidy(_without_mark(read_words(note, paragraphs), mark.own))
            waiting += paragraphs.notes
            text = plain(words)
            cited = len(text) <= _LONGEST_CITED and _CITED.fullmatch(text)
            reason = dropped or ("reference list" if cited else "")
            if words:
                yield NotePart("paragraph", words, section, dropped=reason)


def join_and_order(items: list[Part | Table]) -> list[Part | Table]:
    """Give each table the caption beside it, and move the notes of a caption behind the table that stands under it."""
    join_captions([item for item in items if not isinstance(item, NotePart)])
    ordered: list[Part | Table] = []
    notes: list[Part | Table] = []
    for item in items:
        if isinstance(item, NotePart):
            notes.append(item)
            continue
        if not (isinstance(item, Table) and item.follows_caption):
            ordered += notes
            notes = []
        ordered.append(item)
    return ordered + notes


def _without_mark(runs: list[Run], own: str) -> list[Run]:
    """The runs of a note, the author's own mark at their beginning left out."""
    own = own.strip()
    text = "".join(run.text for run in runs)
    left = len(text) - len(text.lstrip()) + len(own)
    ends = left in accumulate(len(run.text) for run in runs) or not text[left : left + 1].isalnum()
    if not own or not ends or not text.lstrip().startswith(own):
        return runs
    out: list[Run] = []
    for run in runs:
        cut = min(left, len(run.text))
        left -= cut
        out += [Run(run.text[:cut], "footnote mark"), Run(run.text[cut:], run.reason)]
    return [run for run in out if run.text]
