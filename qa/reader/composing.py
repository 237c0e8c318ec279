"""Ranked spans → the spans of the answer: one, the members of a list, the rows of a table, or one for each of two things."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from qa.reader.bullets import items
from qa.reader.enumerations import enumerations, members_of, members_within
from qa.reader.expects import Expectation, Kind, candidates, expect, is_one_of
from qa.reader.pointing import new_spans, says
from qa.reader.tables import LookedUp, look_up, names_of, same_table, tables_of
from qa.schema import Passage, Query, Span
from qa.text import STOP_WORDS, fold, stems, words

PassagesOf = Callable[[str], Sequence[Passage]]
"""All passages of the document of that id, in order."""

SHARE = 0.35
"""In a list, the least relevance of a sentence against the best one's for its enumeration to be preferred."""

NEARLY = 0.8
"""In an answer of several sentences, the least relevance of each against the best."""

MOST_SENTENCES = 5
"""Sentences of such an answer."""

MAYBE_MEMBERS = 3
"""Members from which an enumeration answers a question that asks for neither one thing nor several ("who is at risk")."""

_LEADS = re.compile(r"(?:\b(?:with|includ\w+|namely|such as|among them|are|were|comprise\w*)|:)\s*$")

_SUCH_AS = re.compile(r"[^,;]*,?\s+(?:such as|namely|including)\s+")
"""What leads from the one thing that members are examples of to the members."""

_WHAT = re.compile(
    r"^\W*what\s+(?:(?:has|have|must|should|do|does|can|else)\b|(?:is|are|was|were)\s+(?!the\b|an?\b))", re.IGNORECASE
)
"""A question that leaves open whether one thing answers it or several."""

_NEGATED = re.compile(r"\b(?:no|not|none|never|without)\b", re.IGNORECASE)

_MAKER = re.compile(
    r"\bwho\s+(?:\w+\s+)?(?:ma[dk]es?|develop|produc|manufactur|sells?|sold|market|discover|invent|wrote|writes?)", re.I
)
"""Somebody who did something, not a group of people."""

HELD = 0.75
"""Weighted share of the question that a table must hold to answer though none of its rows was read as the best."""

_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_RANGE = re.compile(r"(\S.*?\d)(?: ?[-–—] ?| (?:to|and) )(\S.*)")
_BETWEEN = re.compile(r"\bbetween\b", re.IGNORECASE)
_JOINED = re.compile(r"[\s,;]*(?:(?:and|or|to|until|through|[-–—])\s+)?(?:either\s+|both\s+)?", re.IGNORECASE)
"""What may stand between two values of a row."""

BEFORE = 90
"""Characters before an enumeration within which a word of the question leads to it."""

CLEAR_WORDS = 3
"""Words of each of two members up to which they are surely members; longer ones may be halves of a sentence."""

ROWS_HELD, ROWS_FIT = 0.35, 0.7
"""The least share of the question that rows must hold for their keys to be listed where a sentence tells of one of them only,
and how well they fit then: better than any enumeration in that sentence."""

MOST_MEMBERS = 40
"""Members of a list; more are no answer that anyone reads."""


@dataclass(frozen=True, slots=True)
class _List:
    """Members found from one span, and how well they fit: members at all, and of the name that is asked for."""

    spans: tuple[Span, ...]
    fit: float


def compose(query: Query, spans: Sequence[Span], passages_of: PassagesOf) -> list[Span]:
    """The spans that answer, best first (of two things compared in the order of the question).

    `spans` are not empty; the first is the one that was chosen, which in a conversation is not always that of the highest score.
    Members of a list are spans of their own with the quote in common; a table is looked up in all of its rows, retrieved or not.
    """
    expectation = expect(query.text)
    if expectation.compared:
        pair = _of_two(query, expectation, spans)
        if pair:
            return pair
    if spans[0].listed:
        pointed = items(query, expectation, spans[0], passages_of(spans[0].passage.doc_id))
        if pointed:
            return pointed[:MOST_MEMBERS]
    if not expectation.several:
        open_ = spans[0].quote.endswith(":") or bool(_WHAT.match(query.text))
        below = items(query, expectation, spans[0], passages_of(spans[0].passage.doc_id)) if open_ else []
        return below or _one_or_its_members(query, expectation, spans[0])
    if _is_value(expectation, spans[0]):
        return list(_listed(query, expectation, spans[0], passages_of).spans) if expectation.measured else [spans[0]]
    found = []
    for span in spans:
        if span.score >= SHARE * spans[0].score:
            listed = _listed(query, expectation, span, passages_of)
            found.append((listed.fit + min(1.0, span.score / (spans[0].score or 1.0)), listed))
    found += [(listed.fit + 1.0, listed) for listed in _in_tables_of(query, expectation, spans[0], passages_of)]
    best = max(found, key=lambda pair: pair[0])[1]
    return list(best.spans[:MOST_MEMBERS]) if best.fit > 0 else _sentences(spans)


def _is_value(expectation: Expectation, span: Span) -> bool:
    """Whether the span is a number, date or the like that was asked for, not a sentence or row without one."""
    whole = (span.start, span.end) == (span.quote_start, span.quote_end)
    listable = expectation.kind is Kind.TRIAL or not expectation.typed or bool(span.passage.cells)
    return not listable and not whole and bool(candidates(expectation.kind, span.text))


def _one_or_its_members(query: Query, expectation: Expectation, span: Span) -> list[Span]:
    """The span, or the members where what it points at is an enumeration and no single value is asked for."""
    if expectation.typed or expectation.kind in (Kind.YES_NO, Kind.REASON, Kind.DEFINITION):
        return [span]
    if span.passage.cells:
        cell = next((c for c in span.passage.cells if (c.start, c.end) == (span.start, span.end)), None)
        members = _cell_members(span.text) if cell else []
        if len(members) > 1 and (
            ";" in span.text or all(len(span.text[a:b].split()) <= CLEAR_WORDS for a, b in members)
        ):
            return [_in_row(span, span.passage, span.start + a, span.start + b) for a, b in members]
        return [span]
    if expectation.kind is Kind.WHO and _MAKER.search(query.text):
        return [span]
    text = span.quote
    members = _members(query, expectation, span, text)
    if len(members) < MAYBE_MEMBERS:  # what was pointed at may be a part
        members = _enumerated(query, expectation, span, text)
    first, last = span.start - span.quote_start, span.end - span.quote_start
    pointed = any(a < last and first < b for a, b in members)
    return [_at(span, a, b) for a, b in members] if len(members) >= MAYBE_MEMBERS and pointed else [span]


def _sentences(spans: Sequence[Span]) -> list[Span]:
    """The best span, and those of the same document and kind of block that are nearly as good; each text once."""
    best = spans[0]
    kept = {best.text.casefold(): best}
    for span in spans[1:]:
        near = span.passage.doc_id == best.passage.doc_id and span.passage.kind == best.passage.kind
        if near and len(kept) < MOST_SENTENCES and NEARLY * best.score <= span.score <= best.score:
            kept.setdefault(span.text.casefold(), span)
    return list(kept.values())


def _listed(query: Query, expectation: Expectation, span: Span, passages_of: PassagesOf) -> _List:
    """What a span is a member of: rows of a table, an enumeration, or all words of the form that is asked for."""
    if span.passage.cells:
        ids = _identifiers(span.text) if expectation.kind is Kind.TRIAL else []
        if ids:
            return _List(tuple(_in_row(span, span.passage, span.start + a, span.start + b) for a, b in ids), 0.6)
        return _in_table(query, expectation, span, passages_of)
    below = items(query, expectation, span, passages_of(span.passage.doc_id))
    if below:
        return _List(tuple(below), ROWS_FIT)
    text = span.quote
    if expectation.kind is Kind.TRIAL:
        ids = _identifiers(text)
        return _List(tuple(_at(span, a, b) for a, b in ids), 0.5) if ids else _List((span,), 0.0)
    if expectation.measured:
        values = _values(query, expectation, span, text)
        return _List(tuple(_at(span, a, b) for a, b in values), 0.5) if len(values) > 1 else _List((span,), 0.0)
    members = _members(query, expectation, span, text)
    if not members:
        return _List((span,), 0.0)
    while len(members) > MAYBE_MEMBERS and says(query, set(stems(text[slice(*members[-1])]))):
        members = members[:-1]  # "…, recent surgery or a previous DVT or PE": what the question said, at the end
    if any(says(query, set(stems(text[a:b]))) for a, b in members):
        return _List((span,), 0.0)  # what the question names itself is not what it asks for
    named = _named(expectation, text, members)
    clear = len(members) > 2 or named == 1 or all(len(text[a:b].split()) <= CLEAR_WORDS for a, b in members)
    if not clear:
        return _List((span,), 0.0)
    return _List(tuple(_at(span, a, b) for a, b in members), 0.3 + 0.3 * named)


def _values(query: Query, expectation: Expectation, span: Span, text: str) -> list[tuple[int, int]]:
    """The values that stand in a row with the one pointed at; the two ends of a range where one asks between which."""
    first, last = span.start - span.quote_start, span.end - span.quote_start
    ends = None if _ISO_DATE.fullmatch(span.text) else _RANGE.fullmatch(span.text)
    if ends and _BETWEEN.search(query.text):
        return [(first + ends.start(i), first + ends.end(i)) for i in (1, 2)]
    found = new_spans(query, expectation, text)
    groups: list[list[tuple[int, int]]] = []
    for place in found:
        if groups and _JOINED.fullmatch(text, groups[-1][-1][1], place[0]):
            groups[-1].append(place)
        else:
            groups.append([place])
    return next((group for group in groups if any(a < last and first < b for a, b in group)), [])


def _in_table(query: Query, expectation: Expectation, span: Span, passages_of: PassagesOf) -> _List:
    """What the table that the span is of lists: the cells of the rows that the question names, or else the one pointed at."""
    row = span.passage
    rows = same_table(row, passages_of(row.doc_id))
    pointed = next((i for i, c in enumerate(row.cells) if c.start <= span.start and span.end <= c.end), None)
    found = look_up(query, expectation, rows, pointed) if rows else None
    if found is None and pointed is not None:
        cells = tuple((same, same.cells[pointed]) for same in _rows_that_say_it(query, row, pointed, rows))
        found = LookedUp(cells, share=0.0, sure=len(cells) > 1)
    return _of_cells(query, expectation, span, found) if found else _List((span,), 0.0)


def _of_cells(query: Query, expectation: Expectation, span: Span, found: LookedUp) -> _List:
    """The members of the cells that were looked up, each value once."""
    members: dict[str, Span] = {}
    for passage, cell in found.cells:
        text = passage.slice(cell.start, cell.end)
        values = candidates(expectation.kind, text) if expectation.measured else []
        for a, b in values or _identifiers(text) or _cell_members(text):
            member = _in_row(span, passage, cell.start + a, cell.start + b)
            members.setdefault(member.text.casefold(), member)
    if not members:
        return _List((span,), 0.0)
    named = _of_the_name(expectation, [member.text for member in members.values()])
    header = {word.stem for word in words(found.cells[0][1].header)}
    asked = bool(header & names_of(query, expectation))
    sure = found.sure or (named == 1 and found.share > 0)  # a cell that was only pointed at has no share
    fit = 0.3 * (len(members) > 1) + 0.3 * max(named, float(asked)) + 0.3 * (found.share - 0.5) - 0.3 * (not sure)
    return _List(tuple(members.values()), fit)


def _rows_that_say_it(query: Query, row: Passage, pointed: int, rows: Sequence[Passage]) -> list[Passage]:
    """The row, and where a cell of it denies something that the question speaks of, the others that say the same there.

    "No alert for clots" answers "which have no alert", which cannot be looked up by what rows hold.
    """

    def said(passage: Passage, column: int) -> str:
        return passage.slice(passage.cells[column].start, passage.cells[column].end).casefold()

    told = [
        column
        for column in range(len(row.cells))
        if column != pointed and query.weight_within(set(stems(said(row, column)))) > 0
    ]
    if not any(_NEGATED.search(said(row, column)) for column in told):
        return [row]
    return [passage for passage in rows if all(said(passage, column) == said(row, column) for column in told)] or [row]


def _cell_members(text: str) -> list[tuple[int, int]]:
    """The members of a cell; of one that says a sentence the enumeration in it ("warning for X, Y and Z")."""
    listed = members_of(text)
    told = enumerations(text)
    if len(told) == 1 and len(listed) > 1 and len(told[0].members) >= len(listed) and ";" not in text:
        return list(told[0].members)
    return listed


def _in_tables_of(query: Query, expectation: Expectation, span: Span, passages_of: PassagesOf) -> list[_List]:
    """What the tables of the span's document list, where that is more than its own sentence does."""
    found = []
    for rows in tables_of(passages_of(span.passage.doc_id)):
        headed = _headed(query, expectation, rows)
        if headed:
            found.append(_of_cells(query, expectation, span, headed))
        keys = _keys(query, expectation, span, rows)
        if keys:
            found.append(replace(_of_cells(query, expectation, span, keys), fit=ROWS_FIT))
    own = _own_members(query, expectation, span) if found else set[str]()
    return [listed for listed in found if _says_more(listed, own)]


def _headed(query: Query, expectation: Expectation, rows: Sequence[Passage]) -> LookedUp | None:
    """The cells of the column that is headed by what is asked for, where the rows hold most of the rest."""
    names = names_of(query, expectation)
    if not names & {word.stem for cell in rows[0].cells for word in words(cell.header)}:
        return None
    looked = look_up(query, expectation, rows)
    if looked is None or looked.whole or looked.share < HELD:
        return None
    header = {word.stem for word in words(looked.cells[0][1].header)}
    return replace(looked, sure=True) if names & header else None


def _keys(query: Query, expectation: Expectation, span: Span, rows: Sequence[Passage]) -> LookedUp | None:
    """The keys of all rows that say what the question asks of several and the span's sentence tells of one of them.

    "Which drugs target KAP2?" is read in "Mervostat targets KAP2", and the table beside it knows the others.
    """
    if span.passage.cells or expectation.typed:
        return None
    quote = set(stems(span.quote))

    def told(row: Passage) -> bool:
        key = set(stems(row.slice(row.cells[0].start, row.cells[0].end)))
        return bool(key) and key <= quote

    if not any(map(told, rows)):
        return None
    looked = look_up(query, expectation, rows, 0)
    if looked is None or looked.whole or len(looked.cells) == len(rows) or looked.share < ROWS_HELD:
        return None
    row, cell = looked.cells[0]
    return looked if cell is row.cells[0] and any(told(row) for row, _ in looked.cells) else None


def _own_members(query: Query, expectation: Expectation, span: Span) -> set[str]:
    """The folded members that the span's own sentence lists; none of a row."""
    if span.passage.cells:
        return set()
    text = span.quote
    return {text[a:b].casefold() for a, b in _members(query, expectation, span, text)}


def _says_more(listed: _List, own: AbstractSet[str]) -> bool:
    """Whether a table lists several things, and more of them than the sentence that lists some of the same."""
    found = {member.text.casefold() for member in listed.spans}
    return len(found) > (len(own) if found & own else 1)


def _enumerated(query: Query, expectation: Expectation, span: Span, text: str) -> list[tuple[int, int]]:
    """The enumeration of the sentence that is meant: the one the span points into, else the one that fits best."""
    asked = {word.stem for word in words(query.text)}
    asked |= query.stems
    variants = [variant for term in query.terms for variant in term.variants]
    first, last = span.start - span.quote_start, span.end - span.quote_start
    whole = (span.start, span.end) == (span.quote_start, span.quote_end)
    best: tuple[float, list[tuple[int, int]]] | None = None
    for number, found in enumerate(enumerations(text)):
        members = list(found.members)
        inside = [{word.stem for word in words(text[a:b])} for a, b in members]
        told = sum(len(keys & asked) / (len(keys) or 1) for keys in inside) / len(members)
        if told > 0.6 or all(re.fullmatch(r"[\d/.,]+", text[a:b]) for a, b in members):
            continue
        overlap = max(0, min(last, found.end) - max(first, found.start)) / max(1, last - first)
        named = _named(expectation, text, members)
        score = 4.0 * named - told + 0.15 * len(members)
        score += 0.0 if whole else 3.0 * overlap
        before = {word.stem for word in words(text[max(0, found.start - BEFORE) : found.start])}
        led = sum(all(key in before for key in variant) for variant in variants)
        led += bool(_LEADS.search(text[: found.start]))
        if len(members) == 2 and not led and not named and (whole or not overlap):
            continue  # two words with "and" between them are no list by themselves
        score += min(0.3, 0.15 * led) - 0.01 * number
        if best is None or score > best[0]:
            best = score, members
    return best[1] if best else []


def _members(query: Query, expectation: Expectation, span: Span, text: str) -> list[tuple[int, int]]:
    """The members of what was pointed at in the sentence, with those of the enumeration that it is a part of.

    One whose members carry the name asked for (JAK1 and JAK2 where JAKs are) goes before what was pointed at and does not.
    """
    listed = _enumerated(query, expectation, span, text)
    if (span.start, span.end) == (span.quote_start, span.quote_end):
        return listed
    first, last = span.start - span.quote_start, span.end - span.quote_start
    pointed = members_within(text, first, last)
    if listed and first < listed[0][0] < last and _SUCH_AS.fullmatch(text, first, listed[0][0]):
        return listed  # "risk factors, such as A and B": these are members, and the risk factors are not
    if _named(expectation, text, listed) > _named(expectation, text, pointed):
        return listed
    if not pointed:
        return listed
    # The enumeration goes on before or behind what was pointed at where both agree on the member at that edge.
    before = [place for place in listed if place[1] <= pointed[0][0]]
    after = [place for place in listed if place[0] >= pointed[-1][1]]
    goes_on = any(a == pointed[0][0] for a, _ in listed), any(b == pointed[-1][1] for _, b in listed)
    return [*(before if goes_on[0] else []), *pointed, *(after if goes_on[1] else [])]


def _named(expectation: Expectation, text: str, places: Sequence[tuple[int, int]]) -> float:
    """`_of_the_name` of the members at some places of a text."""
    return _of_the_name(expectation, [text[a:b] for a, b in places])


def _of_the_name(expectation: Expectation, members: Sequence[str]) -> float:
    """Share of the members that carry the name asked for: JAK1 and JAK3 where JAKs are asked for."""
    names = expectation.names | {name.rstrip("s") for name in expectation.names if len(name) > 2}
    head = expectation.head
    hits = 0
    for member in members:
        keys = {word.stem for word in words(member)}
        hits += bool(head & keys) or any(is_one_of(name, key) for name in names for key in keys)
    return hits / len(members) if members else 0.0


def _identifiers(text: str) -> list[tuple[int, int]]:
    """Each registration number of a trial, where the text is a row of them."""
    found = []
    for start, end in candidates(Kind.TRIAL, text):
        found += [(start + m.start(), start + m.end()) for m in re.finditer(r"[^\s,;]*\d[^\s,;]*", text[start:end])]
    return found


def _at(span: Span, start: int, end: int) -> Span:
    """The span at [start, end) of the quote."""
    begin, stop = span.quote_start + start, span.quote_start + end
    return replace(span, start=begin, end=stop, text=span.passage.slice(begin, stop))


def _in_row(span: Span, passage: Passage, start: int, end: int) -> Span:
    """The span at [start, end) of a row, quoted with the part of the row that it stands in."""
    quote = next((s for s in passage.sentences if s.start <= start and end <= s.end), None)
    first, last = (quote.start, quote.end) if quote else (passage.start, passage.end)
    return Span(passage, start, end, passage.slice(start, end), span.score, first, last)


def _of_two(query: Query, expectation: Expectation, spans: Sequence[Span]) -> list[Span]:
    """The best span about each of the two things compared; one where one quote tells of both, none where one is missing."""
    spelt = {fold(word.text): word.stem for word in words(query.text)}  # the folded "ifn-gamma" has other stems
    one, other = (
        {key for part in name.split() for key in ([spelt[part]] if part in spelt else stems(part))} - STOP_WORDS
        for name in expectation.compared
    )
    one, other = one - other, other - one
    if not one or not other:
        return []
    meaning = {keys[0]: term.variants for term in query.terms if len(keys := stems(term.surface)) == 1}

    def named(name: AbstractSet[str], text: AbstractSet[str]) -> bool:
        return all(key in text or any(set(variant) <= text for variant in meaning.get(key, ())) for key in name)

    sides: list[Span | None] = [None, None]
    for span in spans:
        passage = span.passage
        own = {word.stem for word in words(span.quote)}
        near = own | {word.stem for word in words(" ".join((*passage.section[-1:], passage.lead)))}
        about = [named(one, own), named(other, own)]
        if all(about) and span is spans[0]:
            return [span]
        if not any(about):
            about = [named(one, near), named(other, near)]
        if span.score < SHARE * spans[0].score:
            continue
        for side in (0, 1):
            if about[side] and not about[1 - side] and sides[side] is None:
                sides[side] = span
    found = [side for side in sides if side is not None]
    return found if len(found) == 2 else []
