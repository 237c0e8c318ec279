"""Lists that a document sets item under item, as answers: the items under the line that leads to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.reader.expects import Expectation, Kind
from qa.schema import Passage, Query, Span
from qa.text import stems

LED = 0.5
"""Weighted share of the question that the leading line and the headings must hold for all items to answer it where one was
pointed at."""

ITEM_WORDS = 20
"""Words of an item; a longer one is a statement of its own."""


@dataclass(frozen=True, slots=True)
class _Line:
    """What stands between two line breaks, at [start, end) of the document; it begins with the sentence number `first`."""

    passage: Passage
    first: int
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.slice(self.start, self.end)


def items(query: Query, expectation: Expectation, span: Span, passages: Sequence[Passage]) -> list[Span]:
    """The items of the list that the span stands in or leads to, each quoted by itself; none where that does not answer.

    `passages` are all of the document, in order. Items follow each other after one line break, paragraphs after more, so the
    list may go on in the next passage. Where the reader pointed at items together, they answer.
    """
    if _is_table(span.passage) or expectation.typed or expectation.kind is Kind.YES_NO:
        return []
    lines = [line for passage in passages if not _is_table(passage) for line in _lines(passage)]
    if span.listed:
        return [_item(span, line) for line in _pointed_at(span.listed, lines)]
    if expectation.kind is Kind.REASON:
        return []
    own = next((i for i, line in enumerate(lines) if line.start <= span.quote_start < line.end), None)
    if own is None:
        return []
    leads = own
    while leads > 0 and not _leads(lines[leads]) and (leads == own or _follows(lines[leads], lines[leads + 1])):
        leads -= 1
    last = first = leads + 1
    while last < len(lines) and (last == first or _follows(lines[last - 1], lines[last])):
        last += 1
    listed = lines[first:last]
    inside = own == leads or first <= own < last
    if not _leads(lines[leads]) or not inside or len(listed) < 2:
        return []
    if any(len(line.text.split()) > ITEM_WORDS for line in listed):
        return []
    around = (lines[leads].text, listed[0].passage.title, *listed[0].passage.section)
    if leads != own and query.share_within(frozenset(stems(" ".join(around)))) < LED:
        return []
    return [_item(span, line) for line in listed]


def _pointed_at(listed: tuple[int, int], lines: Sequence[_Line]) -> list[_Line]:
    """The items that hold some of [start, end), or all of their list where these are most of it; lines that lead are none."""
    inside = [i for i, line in enumerate(lines) if line.start < listed[1] and listed[0] < line.end and not _leads(line)]
    if not inside:
        return []
    first, last = inside[0], inside[-1] + 1
    while last < len(lines) and not _leads(lines[last]) and _follows(lines[last - 1], lines[last]):
        last += 1
    while first > 0 and not _leads(lines[first - 1]) and _follows(lines[first - 1], lines[first]):
        first -= 1
    whole = [i for i in range(first, last) if not _leads(lines[i])]
    return [lines[i] for i in (whole if 2 * len(inside) > len(whole) else inside)]


def _is_table(passage: Passage) -> bool:
    return passage.kind in ("table", "table_row")


def _lines(passage: Passage) -> list[_Line]:
    found: list[_Line] = []
    for i, sentence in enumerate(passage.sentences):
        if found and "\n" not in passage.slice(found[-1].end, sentence.start):
            found[-1] = replace(found[-1], end=sentence.end)
        else:
            found.append(_Line(passage, i, sentence.start, sentence.end))
    return found


def _leads(line: _Line) -> bool:
    return line.text.endswith(":")


def _follows(line: _Line, other: _Line) -> bool:
    """Whether nothing but one line break stands between two lines."""
    same_section = line.passage.section == other.passage.section
    return same_section and other.start == line.end + 1


def _item(span: Span, line: _Line) -> Span:
    """The first sentence of an item, without the mark at its end."""
    sentence = line.passage.sentences[line.first]
    text = line.passage.slice(sentence.start, sentence.end)
    end = sentence.start + len(text.rstrip(" ;,."))
    words = line.passage.slice(sentence.start, end)
    return Span(line.passage, sentence.start, end, words, span.score, sentence.start, sentence.end, span.confidence)
