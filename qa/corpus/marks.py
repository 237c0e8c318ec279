"""Numbers of references and broken words: what stands in running text only because it was printed.

A reference number that was raised in print is left glued to the word before it or alone on a line. It is told from a
figure by its place, and by the order in which references are first cited: each is little higher than all before.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from qa.corpus.lines import OPEN_WORDS, Line

_LIST = r"\d{1,3}(?:\s?[,–-]\s?\d{1,3}){0,9}"
_LONE = re.compile(rf"{_LIST}$")
_GLUED = re.compile(
    rf"(?:(?<=[^\W\d_]{{2}}[.,;!?])|(?<=[)\]”’\"][.,;:!?])|(?<=[a-z)][.,;]”)|(?<=\w[”\"])|"
    rf"(?<=[^\W\d_]-\d\d\.)|(?<=[^\W\d_]-\d\.)|(?<=[a-z]{{4}}))({_LIST})(?=[\s,;:)\]]|\.(?!\d)|$)"
)
_NAMES_NUMBER = re.compile(
    r"(?:phase|stage|type|grade|class|group|level|table|figure|part|version|channel|factor|interleukin|caspase|"
    r"kinase|protein|receptor|chapter|section|step|cycle|cohort|dose|line|week|month|year)$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"(?:mg|g|kg|µg|μg|mcg|ml|l|iu|mm|cm|m|%|°c|days?|weeks?|months?|years?|hours?|hrs?|h|min|minutes?|times?|doses?|"
    r"patients?|participants?|cases?|people|subjects|percent|per|of|or|to|and)\b|%",
    re.IGNORECASE,
)
_PUNCTUATION = re.compile(r"[.,;:)\]](?:\s|$)")
_HYPHEN = re.compile(r"([^\W_]+)[-\u2010\u00ad]$")
_PREFIXES = frozenset(("anti", "non", "self", "ex", "well", "half", "quasi", "cross"))
_HEADS = frozenset(("high", "low", "long", "short", "open", "double", "single"))
_TAIL = re.compile(r"[^\W\d_]{4,}(?<!ered)(?<!ering)(?<!ened)(?<!ening)(?<!ness)(?<!ings)(?<!ages)$")
_LAST_WORD = re.compile(r"[^\W_]+$")
_FIRST_WORD = re.compile(r"[^\W_]+")


def is_lone_number(text: str) -> bool:
    """A number or a list of numbers, alone on its line."""
    return len(text) <= 40 and bool(_LONE.match(text))


def lone_reason(line: Line, before: str, after: Line | None, *, apart: bool, paged: bool) -> str:
    """Why a number alone on a line of running text is dropped: "reference mark", "page number", or "" to keep it.

    A number that the sentence needs is kept: one after a word that cannot end a clause ("is", "of"), or before a unit.
    `apart`: a gap beyond the line spacing is beside it; `paged`: the file shows signs of numbered pages.
    """
    if after is not None and _PUNCTUATION.match(after.text):
        return "reference mark"
    last = before[-30:].rsplit(None, 1)[-1:] if before else []
    needed = bool(last and last[0].lower().lstrip("(") in OPEN_WORDS) or bool(after and _UNIT.match(after.text))
    if apart and line.text.isdigit():
        return "" if needed and not paged else "page number"
    return "" if needed or after is None else "reference mark"


def are_pages(numbers: Sequence[int]) -> bool:
    """Whether the lone numbers of a file could be those of its pages: two at least, ever higher, by small steps."""
    steps = [b - a for a, b in itertools.pairwise(numbers)]
    return bool(steps) and all(0 < step <= 10 for step in steps)


def find_marks(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """File offsets [start, end) of the reference numbers that are glued to words, in order.

    Empty unless the file evidently numbers its references so: three at least stand after punctuation or alone on a line
    that the sentence goes on from with punctuation.
    """
    found: list[tuple[int, int, int, bool]] = []
    words: dict[str, int] = {}
    for line, after in zip(lines, [*lines[1:], None], strict=False):
        if is_lone_number(line.text):
            if after is not None and _PUNCTUATION.match(after.text):
                found.append((line.start, line.start, _high(line.text), True))
            continue
        for match in _GLUED.finditer(line.text):
            before = line.text[max(0, match.start() - 30) : match.start()]
            strong = not before[-1:].isalpha()
            if strong and before[-2:-1].isdigit() and not re.match(r"\s+[A-Z]|$", line.text[match.end() :]):
                continue
            if not strong:
                token = (_LAST_WORD.search(before) or match).group() + match.group()
                words[token] = words.get(token, 0) + 1
                if _NAMES_NUMBER.search(before) or words[token] > 1:
                    continue
            found.append((line.start + match.start(), line.start + match.end(), _high(match.group()), strong))
    seen, strong_marks, marks = 0, 0, []
    for start, end, number, strong in found:
        if 0 < number <= seen + 4:
            seen = max(seen, number)
            strong_marks += strong
            if end > start:
                marks.append((start, end))
    return marks if strong_marks >= 3 else []


def _high(text: str) -> int:
    return max(int(number) for number in re.findall(r"\d+", text))


def mend(left: str, right: str, words: frozenset[str]) -> str:
    """How a line that ends in a hyphen goes on in the next: "join" (no hyphen), "keep" (no space) or "space".

    `words` are all words of the document, in lower case, hyphenated ones included.

    >>> mend("has con-", "tinued since", frozenset()), mend("an anti-", "viral effect", frozenset())
    ('join', 'keep')
    >>> mend("a high-", "flow mask", frozenset()), mend("was short-", "ened", frozenset())
    ('keep', 'join')
    """
    match, after = _HYPHEN.search(left[-60:]), _FIRST_WORD.match(right)
    if match is None or after is None:
        return "space" if left[-2:-1].isspace() else "keep"
    head, tail = match.group(1).lower(), after.group().lower()
    if left.endswith("\u00ad"):
        return "join"
    if tail in {"and", "or", "to", "but"}:
        return "space"
    if not head.isalpha() or not tail[0].islower() or not right[0].islower():
        return "keep"
    if head + tail in words:
        return "join"
    if f"{head}-{tail}" in words or head in _PREFIXES:
        return "keep"
    if head in _HEADS and _TAIL.match(tail):
        return "keep"
    if head == "pro":
        return "keep" if tail in words else "join"
    compound = min(len(head), len(tail)) >= 4 and {head, tail} <= words and not {head, tail} & OPEN_WORDS
    return "keep" if compound else "join"
