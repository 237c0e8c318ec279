"""A question that names two things of one kind together, put to each of them: "the doses of A and B"."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from qa.reader.expects import Kind, expect
from qa.schema import Query, Term

SameKind = Callable[[Term, Term], bool]

_JOINED = re.compile(
    r"\s*,?\s*(?:and|or|vs\.?|versus|with|to|than|from|against)\s+(?:(?:the|that|those|of|in|for|with)\s+){0,2}",
    re.IGNORECASE,
)
"""What may stand between two things that are named together."""

_COMPARE = re.compile(r"^\W*(?:please\s+)?compare\s+|\b(?:differences?|comparison)\s+(?:between|of)\s+", re.IGNORECASE)
"""What cannot be said of one thing."""


def sides(query: Query, same_kind: SameKind) -> tuple[tuple[Term, str], ...]:
    """Two things that the question names together, each with the question as it would be asked of that one; else none.

    `same_kind` tells whether two terms name things of one kind: a drug and a drug.
    """
    if expect(query.text).kind is Kind.YES_NO:
        return ()
    named = [term for term in query.terms if term.named]
    places = sorted((match.span(), i) for i, term in enumerate(named) if (match := _find(term, query.text)))
    for (first, i), (second, j) in pairwise(places):
        if _JOINED.fullmatch(query.text, first[1], second[0]) and same_kind(named[i], named[j]):
            head, tail = query.text[: first[0]], query.text[second[1] :]
            texts = (head + query.text[slice(*place)] + tail for place in (first, second))
            return tuple((named[k], _COMPARE.sub("", text)) for k, text in zip((i, j), texts, strict=True))
    return ()


def _find(term: Term, text: str) -> re.Match[str] | None:
    return re.search(rf"(?<!\w){re.escape(term.surface)}(?!\w)", text)
