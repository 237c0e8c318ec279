"""Training examples from tables of many shapes with invented names: questions made from headers and cells.

Names are made of syllables, so that none is a fact of any document; what is learnt is how a row is read, not what stands in it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reader_examples import Example

ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kl l m n p pl pr qu r s st t tr v w x z".split()
VOWELS = "a e i o u ai ea ia io ou y".split()
CODAS = ["", "", "", "n", "r", "l", "s", "m", "x", "t"]
DRUG_ENDS = "inib umab imab ast previr cycline olol statin azole mycin idine oxacin tadine gliptin parin".split()
PLACES = "Norvale Estmark Quillan Brastow Hedemore Tirandel Castovar Ombria Velsund Karpeth".split()


def _name(rng: random.Random, syllables: int = 2) -> str:
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(syllables))


def drug(rng: random.Random) -> str:
    return _name(rng, rng.choice((1, 2))) + rng.choice(DRUG_ENDS)


def brand(rng: random.Random) -> str:
    return _name(rng).capitalize()


def company(rng: random.Random) -> str:
    return f"{brand(rng)} {rng.choice(('Pharma', 'Therapeutics', 'Biotech', 'and Co', 'Laboratories'))}"


def code(rng: random.Random) -> str:
    return rng.choice(
        (
            f"NCT{rng.randrange(10**7, 10**8)}",
            f"{_name(rng, 1).upper()}-{rng.randint(1, 40)}",
            f"{_name(rng, 1).upper()}{rng.randint(1, 9)}",
        )
    )


def dose(rng: random.Random) -> str:
    amount = rng.choice(("2", "2.5", "5", "7.5", "10", "12", "15", "20", "30", "40", "100", "150", "200", "400"))
    often = rng.choice(("once daily", "twice daily", "every 8 hours", "weekly", "daily", "every other day", ""))
    return f"{amount} {rng.choice(('mg', 'mg', 'µg', 'mL', 'IU', 'g'))} {often}".strip()


def count(rng: random.Random) -> str:
    number = rng.choice((rng.randint(8, 99), rng.randint(100, 999), rng.randint(1000, 9999)))
    return rng.choice((f"{number}", f"{number:,}", f"{number} ({rng.randint(1, 99)}%)"))


def percent(rng: random.Random) -> str:
    return rng.choice((f"{rng.randint(1, 99)}%", f"{rng.uniform(0.1, 99):.1f}%"))


def _ratio(rng: random.Random) -> str:
    value = rng.uniform(0.3, 3)
    return f"{value:.2f} ({value * 0.7:.2f}-{value * 1.4:.2f})"


def date(rng: random.Random) -> str:
    month = rng.choice("January February March April May June July August September October November December".split())
    year = rng.randint(1985, 2024)
    return rng.choice((f"{month} {rng.randint(1, 28)}, {year}", f"{month} {year}", f"{year}"))


def span_of_time(rng: random.Random) -> str:
    return f"{rng.randint(1, 30)} {rng.choice(('days', 'weeks', 'months', 'hours'))}"


def condition(rng: random.Random) -> str:
    kind = rng.choice(("syndrome", "disease", "fever", "arthritis", "anemia", "dermatitis", "carcinoma", "infection"))
    return f"{rng.choice(('acute', 'chronic', 'severe', 'juvenile', ''))} {_name(rng)} {kind}".strip()


def _several(one: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
    def cell(rng: random.Random) -> str:
        return ", ".join(one(rng) for _ in range(rng.randint(1, 4)))

    return cell


def _phase(rng: random.Random) -> str:
    return rng.choice(("1", "2", "3", "4", "1/2", "2/3", "Phase 2", "Phase 3", "II", "III"))


def _words(*choices: str) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(choices)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: headers that it may have, what its cells hold, and how people ask for a cell ({key} is the row's key)."""

    headers: tuple[str, ...]
    cell: Callable[[random.Random], str]
    asks: tuple[str, ...]


KEYS = (
    Column(("Drug", "Agent", "Medicine", "Generic name", "Compound"), drug, ("which drug", "what agent", "which medicine")),
    Column(("Trial", "Study", "Trial name", "Registration no."), code, ("which trial", "what study")),
    Column(("Marker", "Cytokine", "Gene", "Protein", "Receptor"), code, ("which marker", "which protein", "what gene")),
    Column(("Country", "Site", "Region"), _words(*PLACES), ("which country", "where", "which site")),
    Column(("Adverse event", "Condition", "Outcome"), condition, ("which event", "what condition", "which outcome")),
    Column(("Brand", "Product", "Trade name"), brand, ("which product", "what brand")),
)  # fmt: skip

COLUMNS = (
    Column(("Dose", "Dosage", "Recommended dose", "Dosing"), dose, ("what is the dose of {key}", "how much {key} is given", "dosage of {key}", "at what dose is {key} used")),
    Column(("Patients", "No. of patients", "N", "Participants", "Sample size", "Enrolled"), count, ("how many patients were there in {key}", "how many people took part in {key}", "number of patients for {key}", "how large was {key}")),
    Column(("Mortality", "Response rate", "Incidence", "Rate", "Sensitivity"), percent, ("what was the {header} for {key}", "what percentage is given for {key}", "{header} of {key}")),
    Column(("Hazard ratio (95% CI)", "Odds ratio", "Risk ratio (95% CI)"), _ratio, ("what is the {header} for {key}", "{header} of {key}")),
    Column(("Approved", "Date", "Start date", "Year", "First reported"), date, ("when was {key} approved", "what date is given for {key}", "since when has {key} been known", "{header} of {key}")),
    Column(("Duration", "Length of treatment", "Half-life", "Follow-up"), span_of_time, ("how long is {key} given", "for how long does {key} last", "{header} of {key}")),
    Column(("Indication", "Used for", "Disease"), condition, ("what is {key} used for", "what does {key} treat", "indication of {key}", "which disease is {key} for")),
    Column(("Company", "Manufacturer", "Sponsor"), company, ("who makes {key}", "which company sells {key}", "manufacturer of {key}", "who sponsors {key}")),
    Column(("Target", "Targets", "Receptor", "Pathway"), _several(code), ("what does {key} target", "which targets does {key} have", "{header} of {key}", "what does {key} act on")),
    Column(("Trade name", "Brand name"), brand, ("what is {key} sold as", "brand name of {key}", "under which name is {key} sold")),
    Column(("Phase",), _phase, ("which phase is {key} in", "what phase is {key}", "phase of {key}")),
    Column(("Trials", "Registered trials", "Identifiers"), _several(code), ("which trials study {key}", "trial identifier for {key}", "what trials are there of {key}")),
    Column(("Route", "Given by"), _words("oral", "intravenous", "subcutaneous", "inhaled", "topical"), ("how is {key} given", "by which route is {key} taken", "is {key} oral or injected")),
    Column(("Warnings", "Side effects", "Adverse effects", "Safety"), _several(condition), ("what are the side effects of {key}", "which warnings does {key} carry", "is {key} safe", "what can {key} cause")),
    Column(("Design", "Type of study"), _words("randomised, double-blind", "open-label", "single-arm", "cohort", "case series", "retrospective"), ("how was {key} designed", "what kind of study was {key}", "design of {key}")),
    Column(("Status", "Result"), _words("recruiting", "completed", "terminated", "positive", "negative", "pending", "approved", "not approved"), ("what is the status of {key}", "how did {key} end", "{header} of {key}")),
)  # fmt: skip

CAPTIONS = (
    "Overview of {}",
    "Summary of {}",
    "Characteristics of {}",
    "Table {n}. {}",
    "{} by group",
    "Current {}",
    "",
)


def tables(rng: random.Random, number: int) -> Iterator[Example]:
    """Questions over the rows of `number` invented tables: row to cell, cell to row, and rows that do not answer."""
    for _ in range(number):
        key = rng.choice(KEYS)
        columns = rng.sample(COLUMNS, rng.randint(1, 5))
        headers = [rng.choice(column.headers) for column in columns]
        if len({key.headers[0], *headers}) <= len(headers):
            continue
        key_header = rng.choice(key.headers)
        caption = rng.choice(CAPTIONS).format(f"{key_header.lower()}s", n=rng.randint(1, 9))
        head = ". ".join(part for part in (brand(rng) + " report" if rng.random() < 0.4 else "", caption) if part)
        rows = [[key.cell(rng), *(column.cell(rng) for column in columns)] for _ in range(3)]
        named = rng.random() < 0.85
        texts = [_row([key_header, *headers], row, head, named) for row in rows]
        yield from _asked(rng, columns, headers, rows, texts)
        yield from _turned(rng, key, headers, rows, texts)


def _row(headers: list[str], cells: list[str], head: str, named: bool) -> tuple[str, list[tuple[int, int]], int]:
    """The row as it is indexed (`header: cell; …` behind the caption), the characters of each cell, where cells begin."""
    text = f"{head}. " if head else ""
    begin, places = len(text), []
    for i, (header, cell) in enumerate(zip(headers, cells, strict=True)):
        text += ("; " if i else "") + (f"{header}: " if named else "")
        places.append((len(text), len(text) + len(cell)))
        text += cell
    return text, places, begin


def _asked(
    rng: random.Random,
    columns: list[Column],
    headers: list[str],
    rows: list[list[str]],
    texts: list[tuple[str, list[tuple[int, int]], int]],
) -> Iterator[Example]:
    """For a cell by the key of its row; the same of another row is not answered."""
    i = rng.randrange(len(columns))
    question = rng.choice(columns[i].asks).format(key=rows[0][0], header=headers[i].lower())
    if rng.random() < 0.3:
        question += "?"
    text, places, begin = texts[0]
    yield Example(question, text, places[1 + i], text_start=begin, origin="table")
    if rng.random() < 0.6 and rows[1][0] != rows[0][0]:
        yield Example(question, texts[1][0], None, text_start=texts[1][2], origin="table")
    absent = [column for column in COLUMNS if not set(column.headers) & set(headers) and column not in columns]
    if rng.random() < 0.3:
        column = rng.choice(absent)
        question = rng.choice(column.asks).format(key=rows[0][0], header=rng.choice(column.headers).lower())
        yield Example(question, text, None, text_start=begin, origin="table")


def _turned(
    rng: random.Random,
    key: Column,
    headers: list[str],
    rows: list[list[str]],
    texts: list[tuple[str, list[tuple[int, int]], int]],
) -> Iterator[Example]:
    """For the key of a row by one of its cells."""
    if rng.random() < 0.5:
        return
    i = rng.randrange(len(headers))
    question = f"{rng.choice(key.asks)} has {headers[i].lower()} {rows[0][1 + i]}"
    text, places, begin = texts[0]
    yield Example(question, text, places[0], text_start=begin, origin="table")
    if rng.random() < 0.4 and rows[1][1 + i] != rows[0][1 + i]:
        yield Example(question, texts[1][0], None, text_start=texts[1][2], origin="table")
