"""Other answers to the same question: values brought to one form, grouped, and what sets each apart from the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa.reader.composing import PassagesOf
from qa.reader.expects import Expectation, Kind, candidates, expect
from qa.reader.numbers import IN_WORDS, POWERS, in_words
from qa.reader.tables import look_up, same_table
from qa.schema import Apart, Query, Span
from qa.text import fold, words

WorkOf = Callable[[str], str]
"""The work that the document of that id restates: documents of one work are one source."""

RELEVANT = 0.5
"""Relevance from which words other than the answer's are an answer of their own."""

NAMED_SHARE = 0.05
"""The same for a value of the form asked for in a quote that holds all names of the question, as a share of the best."""

LEAST = 0.04
"""Relevance below which nothing is another answer."""

COUNTED = 0.6
"""Weighted share of the question's terms around a bare number from which it counts the same thing."""

MOST = 5
"""Other values that are shown."""

_MONTHS = {name: i for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_UNITS: dict[str, tuple[str, float]] = {
    "mcg": ("mg", 1e-3), "mug": ("mg", 1e-3), "ug": ("mg", 1e-3), "mg": ("mg", 1), "g": ("mg", 1e3),
    "kg": ("mg", 1e6), "ml": ("ml", 1), "l": ("ml", 1e3), "second": ("hour", 1 / 3600), "minute": ("hour", 1 / 60),
    "min": ("hour", 1 / 60), "hour": ("hour", 1), "hr": ("hour", 1), "h": ("hour", 1), "day": ("hour", 24), "d": ("hour", 24),
    "week": ("hour", 168), "wk": ("hour", 168), "month": ("month", 1), "year": ("month", 12), "decade": ("month", 120),
    "milligram": ("mg", 1), "microgram": ("mg", 1e-3), "gram": ("mg", 1e3), "kilogram": ("mg", 1e6), "ton": ("mg", 1e9),
    "tonne": ("mg", 1e9), "liter": ("ml", 1e3), "litre": ("ml", 1e3), "milliliter": ("ml", 1), "millilitre": ("ml", 1),
    "%": ("%", 1), "percent": ("%", 1),
    "tablet": ("tablet", 1), "capsule": ("capsule", 1), "puff": ("puff", 1), "drop": ("drop", 1), "vial": ("vial", 1),
    "iu": ("IU", 1), "unit": ("IU", 1), "u": ("IU", 1), "mmol": ("mmol", 1), "gy": ("Gy", 1),
}  # fmt: skip
_QUANTITY = re.compile(
    rf"(?<![\w.])(\d{{1,3}}(?:[,\s]\d{{3}})+(?!\d)(?:\.\d+)?|\d*\.?\d+|{IN_WORDS})(?:\s({'|'.join(POWERS)})\b)?"
    r"(?:[\s-]?(%|per ?cent|[a-z]+))?(?:/((?:\d+\s?)?[a-z0-9]+))?"
)
"""A number, what multiplies it, its unit, and what that is per, in folded text, in which µ is "mu"."""
HOURS = 730.5
"""Hours of a month, as a mean over four years."""
_SPANS = {"hour", "month"}
"""Units of time that compare as far as months do, to a tenth."""
_A_DAY = frozenset(["day", "d"])
_RAISED_DOT = re.compile(r"(?<=\d)·(?=\d)")
_TIMES = (
    (re.compile(r"\b(?:twice|two times|2 times|bd|bid)\b"), "twice"),
    (re.compile(r"\b(?:thrice|three times|3 times|tid)\b"), "three times"),
    (re.compile(r"\b(?:once|one time|od|qd|daily|(?:per|a|each|every) day)\b"), "once"),
)
_POPULATION = re.compile(
    r"\b(?:in|among)\s+(?:the\s+|both\s+)?((?:(?!(?:the|a|an|which|that|in|of|and|was|were|is|are)\b)[a-z-]+\s){0,2}(?:patients|adults|children|people"
    r"|women|men|participants|individuals|infants|volunteers|controls|\w+(?:itis|osis|emia|aemia|fibrosis)|vera|cancer|disease|syndrome)\b"
    r"(?:\s+with\s+[\w-]+(?:\s(?:disease|pneumonia|infection|arthritis|syndrome|failure))?)?)"
)

ROW_WORDS = 5
"""Words of a cell up to which it tells rows apart; longer ones say something of their own."""

COVERED = 0.7
"""Weighted share of the question's terms that two quotes must each hold to contradict each other, and that one of another value
without a form must hold."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value in one form: numbers in a base unit (mg, ml, hours, months, %), how often a day, or a date or folded words."""

    numbers: tuple[float, ...] = ()
    unit: str = ""
    times: str = ""
    words: str = ""

    def same(self, other: Value) -> bool:
        """Whether both say the same, as far as both say it: 4 mg and 4 mg per day, 14 days and 2 weeks."""
        often = not self.times or not other.times or self.times == other.times
        if {self.unit, other.unit} == _SPANS:
            hours = [[n * (HOURS if v.unit == "month" else 1) for n in v.numbers] for v in (self, other)]
            return len(hours[0]) == len(hours[1]) and all(
                abs(a - b) <= 0.1 * max(a, b) for a, b in zip(*hours, strict=True)
            )
        return (self.numbers, self.unit, self.words) == (other.numbers, other.unit, other.words) and often

    def __str__(self) -> str:
        numbers = "-".join(f"{number:.9g}" for number in self.numbers)
        return self.words or " ".join(filter(None, (numbers, self.unit, self.times)))


def value_of(text: str, kind: Kind) -> Value:
    """The value that words of a kind give.

    >>> str(value_of("2 weeks", Kind.DURATION)), str(value_of("4 mg twice daily", Kind.DOSE)), str(value_of("1,033", Kind.COUNT))
    ('336 hour', '4 mg twice', '1033')
    >>> str(value_of("November 19, 2020", Kind.DATE)), str(value_of("Eli  Lilly", Kind.WHO))
    ('2020-11-19', 'eli lilli')
    """
    folded = fold(_RAISED_DOT.sub(".", text))
    if kind is Kind.DATE:
        return Value(words=_date(folded))
    if kind not in (Kind.DOSE, Kind.DURATION, Kind.PERCENTAGE, Kind.COUNT, Kind.RATIO, Kind.LIMIT):
        return Value(words=" ".join(word.stem for word in words(text)))
    often = next((name for pattern, name in _TIMES if pattern.search(folded)), "") if kind is Kind.DOSE else ""
    measures: list[tuple[float, str, float]] = []
    per = ""
    for match in _QUANTITY.finditer(folded):
        digits, power, unit, each = match[1], match[2], (match[3] or "").replace(" ", ""), match[4]
        if unit == "times":
            continue
        base, factor = _UNITS.get(unit, _UNITS.get(unit.rstrip("s"), ("", 1.0)))
        spelt = in_words(digits)
        number = float(re.sub(r"[,\s]", "", digits)) if spelt is None else spelt
        measures.append((number * POWERS.get(power, 1.0), base, factor))
        if each in _A_DAY:
            often = often or "once"
        elif each and base:
            per = f"/{each}"
    if not measures:
        return Value(words=" ".join(folded.split()))
    unit, factor = next(((base, factor) for _, base, factor in reversed(measures) if base), ("", 1.0))
    # "5 to 20 g": both are grams.
    scaled = (number * (own if base else factor) for number, base, own in measures)
    return Value(tuple(round(number, 9) for number in scaled), unit + per if unit else "", often)


def other_values(
    query: Query, chosen: Sequence[Span], rest: Sequence[Span], passages_of: PassagesOf, work_of: WorkOf
) -> tuple[tuple[Span, Apart], ...]:
    """Spans that answer with another value than the chosen ones, the best of each value, and what sets them apart.

    None beside several spans, nor beside a list of things: what it does not name was no member.
    """
    expectation = expect(query.text)
    best = chosen[0]
    if len(chosen) > 1 or (expectation.several and not expectation.typed):
        return ()
    answer = value_of(best.text, expectation.kind)
    groups: list[tuple[Value, list[Span]]] = []
    for span in (*_in_rows(query, expectation, best, passages_of), *rest):
        if not _answers_too(query, expectation, span, best):
            continue
        value = value_of(span.text, expectation.kind)
        if value.same(answer) or not _comparable(value, answer, expectation.kind):
            continue
        group = next((spans for known, spans in groups if known.same(value)), None)
        if group is None:
            groups.append((value, [span]))
        elif all((s.passage.doc_id, s.start) != (span.passage.doc_id, span.start) for s in group):
            group.append(span)
    return tuple((spans[0], _apart(query, expectation, best, value, spans, work_of)) for value, spans in groups[:MOST])


def _in_rows(query: Query, expectation: Expectation, best: Span, passages_of: PassagesOf) -> list[Span]:
    """The values in those rows of the answer's table that the question names just as well."""
    if not best.passage.cells or not expectation.typed:
        return []
    rows = same_table(best.passage, passages_of(best.passage.doc_id))
    found = look_up(query, expectation, rows) if rows else None
    if found is None or all(row.passage_id != best.passage.passage_id for row, _ in found.cells):
        return []
    spans = []
    for row, cell in found.cells:
        quote = next((s for s in row.sentences if s.start <= cell.start and cell.end <= s.end), None)
        if quote is None or row.passage_id == best.passage.passage_id:
            continue
        for start, end in candidates(expectation.kind, row.slice(cell.start, cell.end))[:1]:
            a, b = cell.start + start, cell.start + end
            spans.append(Span(row, a, b, row.slice(a, b), best.score, quote.start, quote.end))
    return spans


def _answers_too(query: Query, expectation: Expectation, span: Span, best: Span) -> bool:
    """Whether a span is relevant enough to be an answer, and a value: words of the form asked for, no whole sentence."""
    if expectation.kind in (Kind.YES_NO, Kind.REASON) or (span.start, span.end) == (span.quote_start, span.quote_end):
        return False
    if not expectation.typed:
        same_kind = bool(span.passage.cells) == bool(best.passage.cells)
        return span.score >= RELEVANT and same_kind and _covered(query, span) >= COVERED
    if expectation.kind in (Kind.TRIAL, Kind.FREQUENCY) or not candidates(expectation.kind, span.text):
        return False
    if expectation.kind in (Kind.COUNT, Kind.PERCENTAGE, Kind.RATIO) and _covered(query, span) < COUNTED:
        return False  # a number of something else
    return span.score >= max(LEAST, NAMED_SHARE * best.score) and _holds_names(query, span)


def _comparable(value: Value, answer: Value, kind: Kind) -> bool:
    """Whether two values are answers to one question: of one unit, and as many numbers, but for the ranges of a dose."""
    units = {value.unit, answer.unit}
    return (len(units) == 1 or units == _SPANS) and (kind is Kind.DOSE or len(value.numbers) == len(answer.numbers))


def _holds_names(query: Query, span: Span) -> bool:
    """Whether the quote with its headings holds every name of the question."""
    stems = _stems(span)
    return all(term.within(stems) for term in query.terms if term.named)


def _covered(query: Query, span: Span) -> float:
    """Weighted share of the question's terms that the quote holds with its headings, in [0, 1]."""
    return query.share_within(_stems(span))


def _stems(span: Span) -> frozenset[str]:
    passage = span.passage
    headers = " ".join(cell.header for cell in passage.cells)
    text = " ".join((span.quote, *passage.section[-1:], passage.caption, passage.group, headers))
    return frozenset(word.stem for word in words(text))


def _apart(
    query: Query, expectation: Expectation, best: Span, value: Value, spans: Sequence[Span], work_of: WorkOf
) -> Apart:
    """What the place of another value has that the answer's place has not."""
    span, passage = spans[0], spans[0].passage
    quote, other = span.quote, best.quote
    row = tuple(cell for cell in _row(span) if cell not in _row(best) and len(cell.split()) <= ROW_WORDS)
    dates = tuple(d for d in _dates(quote, span) if d not in other)
    population = next((m[1] for m in _POPULATION.finditer(quote) if m[1] not in other and m[1] not in span.text), "")
    section = (
        passage.section if (passage.doc_id, passage.section) != (best.passage.doc_id, best.passage.section) else ()
    )
    contradicts = (
        expectation.typed
        and work_of(passage.doc_id) != work_of(best.passage.doc_id)
        and not (dates or population)
        and all(_covered(query, each) >= COVERED for each in (span, best))
    )
    return Apart(str(value), section, row, dates, population, contradicts, tuple(spans[1:]))


def _row(span: Span) -> list[str]:
    """The cells of the quoted row but for the one that the span stands in."""
    return [
        span.passage.slice(cell.start, cell.end)
        for cell in span.passage.cells
        if cell.end > cell.start and not (cell.start <= span.start and span.end <= cell.end)
    ]


def _dates(quote: str, span: Span) -> list[str]:
    return [quote[a:b] for a, b in candidates(Kind.DATE, quote) if quote[a:b] not in span.text]


def _date(folded: str) -> str:
    """Year, months and days of a date, as far as it has them; the folded words where it is no date that is known."""
    year = re.search(r"\b(?:1\d|20)\d\d\b", folded)
    if re.fullmatch(r"\s*(?:1\d|20)\d\d-\d\d-\d\d\s*", folded) or not year:
        return " ".join(folded.split())
    months = dict.fromkeys(_MONTHS[name] for name in re.findall(rf"\b({'|'.join(_MONTHS)})", folded))
    days = re.findall(r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?!\d)", folded.replace(year[0], ""))
    if not months:
        return year[0] if not days else " ".join(folded.split())
    return "-".join((year[0], *(f"{number:02d}" for number in (*months, *map(int, days)))))
