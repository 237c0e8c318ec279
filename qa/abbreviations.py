"""Abbreviations that a text defines, and where the words stand that they are short for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.text import fold

# "emergency use authorization (EUA)": the words before the bracket are compared with its letters.
_BRACKET = re.compile(r"\(\s*([A-Za-z][A-Za-z0-9/&+-]{1,11}?)\s*(?:[;,:][^()]{0,60})?\)")
# "EUA (emergency use authorization)": the other way round.
_SPELT = re.compile(r"\b([A-Z][A-Za-z0-9/+-]{1,11})\s{0,2}\(\s{0,2}([a-zA-Z][^;=:.|()\n]{3,80}?)\s{0,2}\)")
# "EUA = emergency use authorization": how legends of tables and figures put it.
_EQUATION = re.compile(r"\b([A-Z][A-Za-z0-9/+-]{1,11})\s*(?:=|:)\s*([a-zA-Z][^;=:.|()\n]{3,80})(?=[;.\n|]|$)")
# "EUA emergency use authorization; PE pulmonary emboli": the same without a sign, told by the semicolons.
_LISTED = re.compile(
    r"(?:^|;)[ \t]{0,4}([A-Z][A-Za-z]{1,11})[ \t]{1,4}"
    r"([a-zA-Z][^;=:.|()\n]{3,80}?)[ \t]{0,4}(?=;|\.?$)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Definition:
    """A short form; the words that it stands for are at text[start:end]."""

    short: str
    start: int
    end: int


def find_abbreviations(text: str) -> list[Definition]:
    """Every definition of the text, those in brackets first.

    Long forms are found as Schwartz and Hearst (2003, "A simple algorithm for identifying abbreviation definitions") do:
    from the end, each letter of the short form must be met in the words before the bracket, the first at a word's start.

    >>> text = "It got an emergency use authorization (EUA); PE = pulmonary emboli; SVR (sustained virologic response)"
    >>> [(d.short, text[d.start : d.end]) for d in find_abbreviations(text)]
    [('EUA', 'emergency use authorization'), ('SVR', 'sustained virologic response'), ('PE', 'pulmonary emboli')]
    """
    found = []
    for match in _BRACKET.finditer(text):
        short = match.group(1)
        if any(c.isupper() for c in short):
            begin = max(0, match.start() - 120)
            place = _long_form(short, text[begin : match.start()].rstrip())
            if place:
                found.append(Definition(short, begin + place[0], begin + place[1]))
    for pattern in (_SPELT, _EQUATION, _LISTED):
        for match in pattern.finditer(text):
            short, rest = match.group(1), match.group(2)
            capitals = sum(c.isupper() for c in short) >= 2
            if capitals and fold(rest)[:1] == fold(short)[:1] and (pattern is _EQUATION or _fits(short, rest)):
                found.append(Definition(short, match.start(2), match.start(2) + len(rest.rstrip())))
    return found


def _fits(short: str, long: str) -> bool:
    """Whether the letters of the short form come in the long form in their order, within as many words or few more."""
    folded = fold(long)
    place = 0
    for letter in fold(short):
        place = folded.find(letter, place) + 1
        if not place:
            return False
    return len(long.split()) <= len(short) + 3


def _long_form(short: str, before: str) -> tuple[int, int] | None:
    """Where in `before`, which ends at the bracket, the long form stands."""
    letters = [c for c in fold(short) if c.isalnum()]
    limit = min(len(letters) + 5, len(letters) * 2)
    starts = [m.start() for m in re.finditer(r"[^\s()]+", before)][-limit:]
    if not starts:
        return None
    window, shift = before[starts[0] :], starts[0]
    lower = window.lower()
    s, i = len(letters) - 1, len(lower) - 1
    while s >= 0:
        while i >= 0 and (
            lower[i] != letters[s] or (s == 0 and i > 0 and (lower[i - 1].isalnum() or lower[i - 1] in "-/"))
        ):
            i -= 1
        if i < 0:
            return None
        s, i = s - 1, i - 1
    long = window[i + 1 :]
    if "(" in long or "." in long or len(long) <= len(short) or fold(short) in fold(long).split():
        return None
    start = i + 1 + len(long) - len(long.lstrip(" \"'“”‘’"))
    return shift + start, shift + len(window.rstrip(" \"'“”‘’"))
