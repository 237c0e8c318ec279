"""Within a sentence or row: the words that have the form asked for and stand nearest to the words of the question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from qa.abbreviations import find_abbreviations
from qa.reader.expects import Expectation, Kind, candidates
from qa.schema import Cell, Passage, Query, Sentence, Term
from qa.text import STOP_WORDS, Word, stem, stems, words

Pointed = tuple[tuple[int, int], float, bool]
"""Span in document offsets, how near it stands to the question's words in [0, 1], whether it has the form asked for."""

HALF_DISTANCE = 40
"""Characters at which a word of the question counts half."""


def point(
    query: Query, expectation: Expectation, passage: Passage, sentence: Sentence, inside: Sequence[Word]
) -> Pointed:
    """The span of the sentence or row that answers best; the whole of it where no words have the form asked for.

    `inside` are the words of the sentence, at offsets into it.
    """
    if passage.cells:
        return _in_row(query, expectation, passage, sentence)
    places = [
        (word.start, word.end, term)
        for term in query.terms
        for word in inside
        if any(word.stem in variant for variant in term.variants)
    ]
    text = passage.slice(sentence.start, sentence.end)
    if expectation.kind is Kind.DEFINITION:
        form = long_form(query, text) or _short_form(query, text)
        if form:
            return (sentence.start + form[0], sentence.start + form[1]), 1.0, True
    if expectation.kind is Kind.TRIAL and expectation.several:
        return _all_of(expectation, text, sentence)
    best: tuple[float, int, int] | None = None
    for start, end in new_spans(query, expectation, text):
        near = _nearness(start, end, places, query)
        if best is None or near > best[0] + 1e-9:
            best = (near, start, end)
    if best is None:
        return (sentence.start, sentence.end), 0.0, False
    return (sentence.start + best[1], sentence.start + best[2]), best[0], True


def long_form(query: Query, text: str) -> tuple[int, int] | None:
    """Where the text spells out a term of the question, or abbreviates it."""
    asked = {variant for term in query.terms for variant in term.variants}
    said = _asked(query.text)
    for definition in find_abbreviations(text):
        long = stems(text[definition.start : definition.end])
        if all(key in said for key in long):
            continue  # the question spells it out itself
        if (stem(definition.short),) in asked or tuple(long) in asked:
            return definition.start, definition.end
    return None


def _short_form(query: Query, text: str) -> tuple[int, int] | None:
    """Where the text abbreviates what the question spells out and asks the abbreviation of."""
    said = _asked(query.text)
    if not any(key.startswith(("abbrevi", "acronym")) or key == "short" for key in said):
        return None
    for definition in find_abbreviations(text):
        if all(key in said for key in stems(text[definition.start : definition.end])):
            places = re.finditer(rf"(?<!\w){re.escape(definition.short)}(?!\w)", text)
            place = min(places, key=lambda match: abs(match.start() - definition.end), default=None)
            if place:
                return place.span()
    return None


def _all_of(expectation: Expectation, text: str, sentence: Sentence) -> Pointed:
    """From the first to the last span of the form asked for."""
    found = candidates(expectation.kind, text)
    if not found:
        return (sentence.start, sentence.end), 0.0, False
    return (sentence.start + found[0][0], sentence.start + found[-1][1]), 0.5, True


def new_spans(query: Query, expectation: Expectation, text: str) -> list[tuple[int, int]]:
    """The spans of the form asked for that say more than the question did."""
    asked = _asked(query.text)
    return [
        (start, end)
        for start, end in candidates(expectation.kind, text)
        if not all(word.stem in asked for word in words(text[start:end]))
        and not (text[start:end].lower() in ("no", "none") and not _following(text, end) & asked)
    ]


def _following(text: str, end: int) -> set[str]:
    """Stems of the three words behind: "no" and "none" count what is asked for, or nothing."""
    behind = [word.stem for word in words(text[end : end + 60])]
    return {key for key in behind[:3] if key not in STOP_WORDS}


@lru_cache(maxsize=64)
def _asked(question: str) -> frozenset[str]:
    """Stems of the question; the same for each of the hundred sentences that it is put to."""
    return frozenset(word.stem for word in words(question))


def _in_row(query: Query, expectation: Expectation, passage: Passage, sentence: Sentence) -> Pointed:
    """The cell whose header is asked for, or that has the form asked for, and that the question does not itself name."""
    if expectation.kind is Kind.YES_NO:
        return _deciding(query, passage, sentence), 0.0, False
    best: tuple[float, int, int, bool] | None = None
    for i, cell in enumerate(passage.cells):
        if not sentence.start <= cell.start < cell.end <= sentence.end:
            continue
        text = passage.slice(cell.start, cell.end)
        spans = new_spans(query, expectation, text)
        score = _cell_score(query, cell, text) + 4.0 * bool(spans) + 0.1 * (i == 0)
        if says(query, set(stems(text))):
            score -= 4.0  # what the question says itself is no answer to it
        start, end = cell.start, cell.end
        if spans and (len(spans) == 1 or expectation.kind is Kind.TRIAL):
            start, end = cell.start + spans[0][0], cell.start + spans[-1][1]
        if best is None or score > best[0]:
            best = (score, start, end, bool(spans))
    if best is None:
        return (sentence.start, sentence.end), 0.0, False
    return (best[1], best[2]), max(0.0, min(1.0, best[0] / 8)), best[3]


def _deciding(query: Query, passage: Passage, sentence: Sentence) -> tuple[int, int]:
    """The cell behind the first that holds most of a yes/no question, or the whole row where none holds any of it."""

    def held(cell: Cell) -> float:
        return query.weight_within(set(stems(passage.slice(cell.start, cell.end))))

    best = max(
        (c for c in passage.cells[1:] if c.start >= sentence.start and c.end <= sentence.end), key=held, default=None
    )
    return (best.start, best.end) if best and held(best) > 0 else (sentence.start, sentence.end)


def says(query: Query, said: AbstractSet[str]) -> bool:
    """Whether the question names all that some words say, by their stems, words of grammar aside; not of such words alone."""
    content = said - STOP_WORDS
    return bool(content) and content <= query.stems


def _cell_score(query: Query, cell: Cell, text: str) -> float:
    """Weight of the question's terms in the cell's header, less that of the terms in the cell itself."""
    header = {stem(word.text) for word in words(cell.header)}
    inside = {word.stem for word in words(text)}
    # A header may say in one word what the question says in two: "Brand" and "brand name".
    part = sum(t.weight for t in query.terms if any(header and header < set(variant) for variant in t.variants))
    return query.weight_within(header) + part - 0.7 * query.weight_within(inside)


def _nearness(start: int, end: int, places: Sequence[tuple[int, int, Term]], query: Query) -> float:
    """Weighted share of the question's terms, each counting less the further from [start, end) it stands, in [0, 1]."""
    total = sum(term.weight for term in query.terms) or 1.0
    nearest: dict[int, float] = {}
    for place_start, place_end, term in places:
        if place_start < end and start < place_end:
            continue
        gap = max(place_start - end, start - place_end, 0)
        nearest[id(term)] = max(nearest.get(id(term), 0.0), term.weight / (1 + gap / HALF_DISTANCE))
    return sum(nearest.values()) / total
