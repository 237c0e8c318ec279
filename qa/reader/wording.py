"""A question with the names of a passage: "Olumiant" becomes "baricitinib" where the passage says only that.

The rankers match all variants of a term at once; a network reads words, and knows few brand names and abbreviations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from qa.schema import Passage, Query
from qa.text import STOP_WORDS, stems, words


def put_to(query: Query, passages: Iterable[Passage]) -> list[tuple[str, Passage]]:
    """The question as it is put to each of the passages: pairs for a network to read."""
    return [(worded(query, passage), passage) for passage in passages]


def worded(query: Query, passage: Passage) -> str:
    """The text of the question, where each name that the passage gives only otherwise is the passage's."""
    text = query.text
    named = [(term, tuple(stems(term.surface))) for term in query.terms if term.named]
    named = [(term, asked) for term, asked in named if any(variant != asked for variant in term.variants)]
    if not named:
        return text
    inside = [word for word in words(passage.index_text) if word.stem not in STOP_WORDS]
    keys = tuple(word.stem for word in inside)
    for term, asked in named:
        if _place(asked, keys) is not None:
            continue
        for variant in term.variants:
            first = _place(variant, keys)
            if first is not None:
                name = passage.index_text[inside[first].start : inside[first + len(variant) - 1].end]
                place = re.search(rf"(?<!\w){re.escape(term.surface)}(?!\w)", text)
                if place:
                    text = text[: place.start()] + name + text[place.end() :]
                break
    return text


def _place(variant: tuple[str, ...], keys: tuple[str, ...]) -> int | None:
    """Where the stems first stand in a row."""
    size = len(variant)
    return next((i for i in range(len(keys) - size + 1) if keys[i : i + size] == variant), None)
