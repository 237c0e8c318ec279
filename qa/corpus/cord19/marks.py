"""Which of the citations in a text of CORD-19 are mere marks: numbers, and names that stand in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BETWEEN = re.compile(r"(?:[\s,;–—\-\[\]()]|&|\band\b)*")
_NUMBERS = re.compile(r"[\s,;–—\-\[\]()Ss]*\d[\s,;–—\-\[\]()Ss\d]*")
_SENTENCE_NEEDS = re.compile(r"\b(?:refs?\.?|references?|citations?|no\.)\s*\[?$", re.IGNORECASE)
_PAIRS = {"[": "]", "(": ")"}


def find_citations(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The runs [start, end) of a text to leave out, given the places of its citations, in order.

    Neighbours are taken together with what stands between them and the brackets around them. A citation by name that is
    part of its sentence is kept, and a number that the word before speaks of.

    >>> find_citations("seen [1, 2] by Ash (2020).", [(6, 7), (9, 10), (15, 25)])
    [(5, 11)]
    """
    found: list[tuple[int, int]] = []
    for start, end in _joined(text, spans):
        start, end = _within_brackets(text, start, end)
        if found and start < found[-1][1]:
            continue
        whole = text[start] in _PAIRS and text[end - 1] == _PAIRS[text[start]]
        numbers = _NUMBERS.fullmatch(text[start:end])
        if (whole or numbers) and not (numbers and _SENTENCE_NEEDS.search(text[max(0, start - 20) : start])):
            found.append((start, end))
    return found


def _joined(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those joined between which nothing but marks stands."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if not text[start:end].strip():
            continue
        if joined and (start <= joined[-1][1] or _BETWEEN.fullmatch(text, joined[-1][1], start)):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _within_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without blanks at its ends, and with the brackets around it where it stands in them by itself."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    inner = text[start:end]
    for left, right in _PAIRS.items():
        missing_left, missing_right = inner.count(right) - inner.count(left), inner.count(left) - inner.count(right)
        before = text[:start][-3:].rstrip()
        after = text[end : end + 3].lstrip()
        opens, closes = before.endswith(left), after.startswith(right)
        if missing_left == 0 and opens and closes:
            return text.rindex(left, 0, start), text.index(right, end) + 1
        if missing_left == 1 and opens:
            return text.rindex(left, 0, start), end
        if missing_right == 1 and closes:
            return start, text.index(right, end) + 1
    return start, end
