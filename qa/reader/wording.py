"""A question with the names of a passage: "Olumiant" becomes "baricitinib" where the passage says only that.

The rankers match all variants of a term at once; a network reads words, and knows few brand names and abbreviations.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa.schema import Passage, Query
from qa.text import words


def worded(query: Query, passage: Passage) -> str:
    """The text of the question, where each name that the passage gives only otherwise is the passage's."""
    text = query.text
    named = [term for term in query.terms if term.named and len(term.variants) > 1]
    if not named:
        return text
    inside = list(words(passage.index_text))
    keys = [word.stem for word in inside]
    for term in named:
        places = [place for place in (_place(variant, keys) for variant in term.variants) if place]
        if places and not _place(term.variants[0], keys):
            first, last = places[0]
            text = text.replace(term.surface, passage.index_text[inside[first].start : inside[last].end], 1)
    return text


def _place(variant: Sequence[str], keys: Sequence[str]) -> tuple[int, int] | None:
    """The first and last word where the stems first stand in a row."""
    size = len(variant)
    first = next((i for i in range(len(keys) - size + 1) if tuple(keys[i : i + size]) == tuple(variant)), None)
    return None if first is None else (first, first + size - 1)
