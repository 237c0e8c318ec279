"""The report of an evaluation: one HTML page without anything from elsewhere, by `report.html.jinja` beside this file.

Everything that comes from questions, documents and settings is escaped by the template; only the plots go in as they are.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from qa.evaluation import plots
from qa.evaluation.measures import DEPTH, METRICS
from qa.evaluation.outcome import Evaluation, Loss, Outcome

RIGHT = "right"
"""Stands where a stage would, for questions that were not lost."""

STAGES: dict[str, str] = {
    "not retrieved": "nothing that answers was among what was found",
    "retrieved but not read": "a passage that answers was found, but none of its words were pointed at",
    "read but not chosen": "the right words were pointed at, but others were preferred",
    "chosen but incomplete": "the right place was quoted, but not the whole answer",
    "wrongly refused": "the best candidate was right, but not trusted enough, or the question could not be put",
    "wrongly answered": "nothing answers the question, and an answer was given",
}
"""What each `Loss` means, in the order of the way."""

DIGITS = 12
"""Digits of a hash that are shown."""

Pieces = tuple[tuple[str, bool], ...]
"""A text in parts, and of each whether it is marked."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is shown: value and 95 % interval in words; `low`, `at`, `high` are percent of a scale from 0 to 1."""

    name: str
    label: str
    value: str
    interval: str
    count: int
    headline: bool
    higher_is_better: bool
    scale: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where questions were lost, what that means, and how many they are."""

    name: str
    meaning: str
    count: int
    percent: float


@dataclass(frozen=True, slots=True)
class Row:
    """A question as it is shown: its outcome, quotes with the answer marked, and where a right passage stands."""

    outcome: Outcome
    stage: str
    quotes: tuple[Pieces, ...]
    is_quote: bool
    """Whether the answer is the whole quote, so that it need not be said twice."""
    rank: int | None
    ranked: bool
    """Whether the ranking was judged."""


def render(evaluation: Evaluation) -> str:
    """The page: figures with intervals, plots where they apply, where questions were lost, and every question.

    The same evaluation gives the same page.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        loader=PackageLoader("qa.evaluation", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    curves = (plots.risk_coverage(evaluation), plots.reliability(evaluation), plots.depth(evaluation))
    rows = [_row(outcome) for outcome in evaluation.outcomes]
    page = environment.get_template("report.html.jinja").render(
        name=_name(evaluation.about),
        summary=_summary(evaluation),
        facts=_facts(evaluation.about),
        cautions=_cautions(evaluation.about),
        figures=_figures(evaluation),
        curves=[plot for plot in curves if plot],
        kinds=plots.kinds(evaluation),
        stages=_stages(evaluation.outcomes),
        rows=rows,
        answers="aurc" in evaluation.metrics,
        choices=_choices(rows),
        depth=DEPTH,
        right=RIGHT,
    )
    return page.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be written to a file


def marked(quote: str, short: str) -> Pieces:
    """The quote in parts, the words of the answer marked: all of them in a row, or each member of a list where it stands.

    Whole words are preferred: a "4" is not the one in "14".

    >>> marked("for 14 days: 4 mg", "4 mg")
    (('for 14 days: ', False), ('4 mg', True))
    """
    found = [_place(quote, short)] if _place(quote, short) else [_place(quote, part) for part in short.split("; ")]
    pieces = []
    end = 0
    for start, stop in sorted(place for place in found if place):
        if start >= end:
            pieces += [(quote[end:start], False), (quote[start:stop], True)]
            end = stop
    return tuple((text, mark) for text, mark in [*pieces, (quote[end:], False)] if text)


def _place(text: str, words: str) -> tuple[int, int] | None:
    if not words:
        return None
    match = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) or re.search(re.escape(words), text)
    return match.span() if match else None


def _row(outcome: Outcome) -> Row:
    return Row(
        outcome,
        outcome.lost or RIGHT,
        tuple(marked(quote, outcome.short) for quote in outcome.quotes),
        outcome.short in outcome.quotes,
        plots.rank_of_relevant(outcome),
        "success@1" in outcome.metrics,
    )


def _figures(evaluation: Evaluation) -> list[Figure]:
    """Every figure that applies, in the order of `METRICS`."""
    figures = []
    for name, value in evaluation.metrics.items():
        metric = METRICS[name]
        between = evaluation.intervals.get(name)
        ends = [_number(end, metric.unit) for end in between] if between else []
        scale = (100 * between[0], 100 * value, 100 * between[1]) if between and not metric.unit else None
        figures.append(
            Figure(
                name,
                metric.label,
                f"{_number(value, metric.unit)} {metric.unit}".rstrip(),
                "–".join(ends),
                evaluation.counts[name],
                metric.headline,
                metric.higher_is_better,
                scale,
            )
        )
    return figures


def _number(value: float, unit: str) -> str:
    return f"{value:.1f}" if unit else f"{value:.3f}"


def _stages(outcomes: Sequence[Outcome]) -> list[Stage]:
    """Each stage at which questions were lost."""
    lost = Counter(outcome.lost for outcome in outcomes)
    return [
        Stage(name, STAGES[name], lost[name], 100 * lost[name] / len(outcomes))
        for name in get_args(Loss)
        if name and lost[name]
    ]


def _choices(rows: Sequence[Row]) -> dict[str, list[str]]:
    """What the list of questions can be narrowed to, where that leaves any out."""
    order = [*get_args(Loss), RIGHT]
    found: dict[str, list[str]] = {
        "stage": sorted({row.stage for row in rows}, key=order.index),
        "kind": sorted({row.outcome.kind for row in rows} - {""}),
        "half": sorted({row.outcome.half for row in rows}),
    }
    return {name: values for name, values in found.items() if len(values) > 1}


def _name(about: Mapping[str, Any]) -> str:
    return str(_part(about, "gold").get("name") or "questions")


def _summary(evaluation: Evaluation) -> list[str]:
    """Number and half of the questions, and when they were asked."""
    gold = _part(evaluation.about, "gold")
    count = len(evaluation.outcomes)
    unanswerable = sum(not outcome.answerable for outcome in evaluation.outcomes)
    parts = [f"{count} question{'s' if count != 1 else ''}"]
    if unanswerable:
        parts[0] += f", {unanswerable} of them unanswerable"
    if gold.get("half", "all") != "all":
        parts.append(f"half {gold['half']}")
    return [*parts, *([_date(evaluation.about["date"])] if evaluation.about.get("date") else [])]


def _date(text: object) -> str:
    """An ISO date and time for readers; anything else as it is.

    >>> _date("2026-11-23T03:36:28+00:00")
    '2026-11-23, 03:36 UTC'
    """
    try:
        return dt.datetime.fromisoformat(str(text)).astimezone(dt.UTC).strftime("%Y-%m-%d, %H:%M UTC")
    except ValueError:
        return str(text)


def _facts(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the figures were measured with, as names and values, as far as it is known."""
    gold, index, model, machine = (_part(about, name) for name in ("gold", "index", "model", "machine"))
    counts = [f"{index[name]} {name}" for name in ("documents", "passages", "sentences") if name in index]
    hashes = (
        ("gold", gold.get("sha256")),
        ("passages", index.get("passages_sha256")),
        ("model", model.get("sha256")),
        ("code", about.get("code_sha256")),
    )
    facts = (
        ("Index", ", ".join(counts)),
        ("Model", _joined(model.get("name"), model.get("precision"))),
        ("Machine", _joined(machine.get("cpu"), *_counted(machine))),
        ("Version", _joined(about.get("version"), *_named("threshold", about.get("threshold")))),
        ("Gold set", _joined(gold.get("format"), _shared_words(gold.get("words_in_evidence")))),
        ("Hashes", ", ".join(f"{name} {str(value)[:DIGITS]}" for name, value in hashes if value)),
    )
    return [(name, value) for name, value in facts if value]


def _shared_words(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} % of the content words asked with stand in the evidence"


def _cautions(about: Mapping[str, Any]) -> list[str]:
    """What makes the figures worth less than they seem."""
    gold = _part(about, "gold")
    told = (
        ("evidence_not_in_documents", "quotes of evidence are not in the documents that were read"),
        ("documents_unread", "documents of the gold set hold nothing that can be read"),
    )
    return [f"{gold[key]} {what}" for key, what in told if gold.get(key)]


def _part(about: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = about.get(name)
    return part if isinstance(part, Mapping) else {}


def _counted(machine: Mapping[str, Any]) -> tuple[str, ...]:
    cores, python = machine.get("cores"), machine.get("python")
    return (f"{cores} core{'s' if cores != 1 else ''}" if cores else "", *_named("Python", python))


def _named(name: str, value: object) -> tuple[str, ...]:
    return () if value is None else (f"{name} {value}",)


def _joined(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)
