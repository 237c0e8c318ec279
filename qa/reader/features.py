"""What is plain to see of a sentence and a question: which of the question's things it holds, and where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.reader.expects import Expectation, Kind, is_one_of
from qa.reader.pointing import long_form
from qa.schema import Passage, Query, Term
from qa.text import STOP_WORDS, Word, words

KEY_WORDS = 6
"""Words at the head of a row within which its key stands."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence made ready for matching: its words, its stems, those of what stands around it, and of the headers."""

    words: tuple[Word, ...]
    stems: frozenset[str]
    around: frozenset[str]
    before: frozenset[str]
    headers: frozenset[str]


def units_of(passage: Passage) -> list[Unit]:
    """The sentences of a passage, made ready."""
    headers = frozenset(word.stem for cell in passage.cells for word in words(cell.header))
    named = " ".join(cell.header for cell in passage.cells)
    context = " ".join((passage.title, *passage.section, passage.caption, passage.group, named))
    around = frozenset(word.stem for word in words(context))
    units, before = [], frozenset(word.stem for word in words(passage.lead))
    for sentence in passage.sentences:
        inside = tuple(words(passage.slice(sentence.start, sentence.end)))
        stems = frozenset(word.stem for word in inside)
        units.append(Unit(inside, stems, around, before, headers))
        before = stems
    return units


def held(terms: Sequence[Term], unit: Unit, whole: frozenset[str]) -> list[list[float]]:
    """How far each term is held by the sentence, with its headings, with the sentence before, and with the passage; shape
    (4, number of terms). Each of the four holds the one before.
    """
    places = (unit.stems, unit.stems | unit.around, unit.stems | unit.around | unit.before, whole | unit.around)
    return [[_found(term, place) for term in terms] for place in places]


def _found(term: Term, stems: frozenset[str]) -> float:
    """1 where the words as asked stand there, 0.85 where a variant does, else 0."""
    for i, variant in enumerate(term.variants):
        if all(key in stems for key in variant):
            return 1.0 if i == 0 else 0.85
    return 0.0


def names(terms: Sequence[Term], places: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Share of the question's names in the sentence itself, in what stands before and around it, and nowhere near."""
    named = [i for i, term in enumerate(terms) if term.named]
    if not named:
        return 0.0, 0.0, 0.0
    total = sum(terms[i].weight for i in named)
    own, before, passage = (sum(terms[i].weight * places[k][i] for i in named) / total for k in (0, 2, 3))
    return own, before - own, 1 - passage


def lost(terms: Sequence[Term], places: Sequence[Sequence[float]]) -> tuple[float, float]:
    """1 where a name that tells passages apart is nowhere in the passage; where it is not in or just before the sentence."""
    named = [i for i, term in enumerate(terms) if term.named and term.telling]
    lost, far = (float(any(not places[k][i] for i in named)) for k in (3, 2))
    return lost, far


def rivals(terms: Sequence[Term], places: Sequence[Sequence[float]], unit: Unit) -> tuple[float, float]:
    """1 where another name of its class stands in the place of a name of the question: in the sentence, and near it."""
    own = far = 0.0
    for i, term in enumerate(terms):
        if term.rivals and not places[0][i]:
            own = max(own, float(bool(term.rivals & unit.stems)))
            if not places[2][i]:
                far = max(far, float(bool(term.rivals & (unit.stems | unit.around))))
    return own, far


def told(
    terms: Sequence[Term], places: Sequence[Sequence[float]], unit: Unit, total: float, asked: frozenset[str]
) -> tuple[float, float]:
    """Share of the question that only the headings hold; share of the sentence's content that is not among `asked`."""
    headed = sum(t.weight * (b - a) for t, a, b in zip(terms, places[0], places[1], strict=True)) / total
    content = unit.stems - STOP_WORDS
    return headed, len(content - asked) / max(1, len(content))


def leads(terms: Sequence[Term], passage: Passage, unit: Unit) -> float:
    """Share of the question's names at the head of a table row or window, where the key of a row stands."""
    named = [term for term in terms if term.named]
    if not named or passage.kind not in ("table", "table_row"):
        return 0.0
    head = frozenset(word.stem for word in unit.words[:KEY_WORDS])
    return sum(term.weight * _found(term, head) for term in named) / sum(term.weight for term in named)


def order(terms: Sequence[Term], unit: Unit) -> float:
    """Share of the neighbouring terms of the question that stand within four words of each other in the sentence."""
    if len(terms) < 2:
        return 0.0
    places = [
        [i for i, word in enumerate(unit.words) if any(word.stem in variant for variant in term.variants)]
        for term in terms
    ]
    pairs = pairwise(places)
    return sum(any(abs(i - j) <= 4 for i in a for j in b) for a, b in pairs) / (len(terms) - 1)


def defines(query: Query, expectation: Expectation, text: str) -> tuple[float, float]:
    """Where a definition is asked for: 1 if the text spells a term out ("… (X)", "X stands for …"); 1 if it says "X is a …"."""
    if expectation.kind is not Kind.DEFINITION:
        return 0.0, 0.0
    spelt, told = bool(long_form(query, text)), False
    for term in query.terms:
        name = re.escape(term.surface)
        spelt = spelt or bool(
            re.search(rf"\b{name}\s*(?:=|,? (?:means|stands? for|refers? to|denotes?)\b)", text, re.I)
        )
        told = told or bool(re.search(rf"\b{name}\b(?: \([^)]*\))?,? (?:is|are|was|were) (?:an?|the)\b", text, re.I))
    return float(spelt), float(told)


def of_the_thing(query: Query, expectation: Expectation, unit: Unit) -> tuple[float, float]:
    """1 where the thing asked for ("which JAK") is named, or one of its kind (JAK2), or it heads a cell; 1 where it is not."""
    if not expectation.focus:
        return 0.0, 0.0
    things = expectation.head
    here = unit.stems | unit.headers
    meant = next((term for term in query.terms if things & set(term.variants[0])), None)
    held = (
        things <= here
        or (meant is not None and meant.within(here))
        or any(is_one_of(thing.rstrip("s") or thing, key) for thing in things for key in here)
    )
    return float(held), float(not held)
