"""A question that names two things together, put to each of them: "the doses of A and B"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from qa.reader.expects import Kind, expect
from qa.schema import Query, Term
from qa.text import STOP_WORDS, capitalised, stem, words

_JOINED = re.compile(r"\s*,?\s*(?:and|or|vs\.?|versus|with|to|than|from|against)\b(?=\s)", re.IGNORECASE)
"""What stands between two things that are named together, before words that only lead to the second."""

_COMPARE = re.compile(r"^\W*(?:please\s+)?compare\s+|\b(?:differences?|comparison)\s+(?:between|of)\s+", re.IGNORECASE)
"""What cannot be said of one thing."""

_WITH = frozenset(["with", "to", "from", "than", "against"])
"""Words that join two things only where they are compared."""

_COMPARING = re.compile(r"\b(?:compar\w+|differ\w*|versus|vs)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Named:
    """A name of the question at [start, end) of its text, with the terms in it."""

    start: int
    end: int
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two things, by its terms, and the question as it would be asked of that one."""

    terms: tuple[Term, ...]
    text: str


def sides(query: Query) -> tuple[Side, ...]:
    """The two things that the question names together, in their order; none where it names no two, or asks yes or no."""
    if expect(query.text).kind is Kind.YES_NO:
        return ()
    text = query.text
    for one, other in pairwise(_names(query)):
        if _together(text, one, other):
            head, tail = text[: one.start], text[other.end :]
            return tuple(Side(n.terms, _COMPARE.sub("", head + text[n.start : n.end] + tail)) for n in (one, other))
    return ()


def _together(text: str, one: _Named, other: _Named) -> bool:
    """Whether only what joins two names stands between them, and words that lead to both: "who makes A and who makes B"."""
    joined = _JOINED.match(text, one.end, other.start)
    if not joined or (joined.group().split()[-1].lower() in _WITH and not _COMPARING.search(text)):
        return False
    led = {word.stem for word in words(text[: one.start])} | STOP_WORDS | {stem("that"), stem("those")}
    return all(word.stem in led for word in words(text[joined.end() : other.start]))


def _names(query: Query) -> list[_Named]:
    """The names of the question, each with the capitalised words around it: "Port Hadrel"."""
    found: list[_Named] = []
    for term in query.terms:
        place = re.search(rf"(?<!\w){re.escape(term.surface)}(?!\w)", query.text) if term.named else None
        if place is None:
            continue
        start, end = capitalised(query.text, *place.span())
        if found and start < found[-1].end:
            found[-1] = _Named(found[-1].start, max(end, found[-1].end), (*found[-1].terms, term))
        else:
            found.append(_Named(start, end, (term,)))
    return sorted(found, key=lambda name: name.start)
