"""Which of the questions that may be meant is: the one that the corpus answers best, for what was done to the question."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from qa.conversation.leaning import Leaning
from qa.conversation.rewriting import Candidate, How
from qa.schema import Exchange, Hit, Query, Span
from qa.text import stems

WEIGHTS: dict[str, float] = {
    # What was done to the question, ...
    How.AS_IS: 0.25,
    How.NAMES: -0.2,
    How.TOPIC: 0.9,
    How.PLACED: -0.25,
    How.ANSWER: 0.15,
    How.REPLACED: 0.4,
    How.ADDED: 0.2,
    How.EARLIER: -0.5,
    "fit": 0.1,
    # ... that it was left as it is, where its words show that something is left out, or added to, where they do not; ...
    "left alone": -0.8,
    "uncalled": -1.05,
    # ... and once the corpus was asked: log odds of the span, the same where they are for it, and how many spans of the same
    # candidate were trusted more, ...
    "trust": 0.2,
    "trusted": 0.7,
    "behind": -0.5,
    # ... the share of the question's own things that its passage holds, and its quote, and of what the question before was
    # about, ...
    "own": 0.45,
    "own quoted": 0.95,
    "context": 1.0,
    # ... whether it stands in a document that the last answer came from, in the very sentence or row, or close to it, and
    # whether it is only what was answered before.
    "same place": 0.7,
    "same quote": 1.3,
    "beside": 0.65,
    "repeated": -0.6,
}
"""What a span is judged by as the answer to a candidate, and its weight, fitted by benchmarks/fit_conversation.py."""

BESIDE = 1000
"""Characters between the beginnings of two quotes that stand close to each other: of one passage, or of the next."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate as it was put to the corpus, with the spans that were read, best first."""

    candidate: Candidate
    query: Query
    hits: tuple[Hit, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What a candidate is judged by: the question as typed and how it leans, the question before as understood, its answer."""

    asked: Query
    lean: Leaning
    topic: Query
    last: Exchange


def log_odds(chance: float) -> float:
    """Of a trust in [0, 1], which stays within what a float can tell from 0 and 1."""
    kept = min(max(chance, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


def prior(candidate: Candidate, lean: Leaning) -> float:
    """How likely a rewriting is before the corpus is asked, in log odds."""
    return _weighed(_before(candidate, lean))


def score(tried: Tried, rank: int, context: Context) -> float:
    """How well a candidate is answered, in its context, by the span of that rank among its own, from 0; in log odds."""
    return _weighed(features(tried, rank, context))


def features(tried: Tried, rank: int, context: Context) -> dict[str, float]:
    """What speaks for a span as the answer to a candidate, by the names of WEIGHTS; what is not there is 0."""
    span, last = tried.spans[rank], context.last
    trust = log_odds(span.score)
    inside = frozenset(stems(span.passage.index_text))
    back = context.lean.returns  # behind the last question, whose places then say nothing
    # Where a name was put into its place, or alone stands for what was said, the question says itself what it is about.
    how, lean = tried.candidate.how, context.lean
    itself = how in (How.REPLACED, How.PLACED) or (how is How.NAMES and lean.fragment)
    about = tried.query if itself else context.topic
    there = not back and span.passage.doc_id in last.doc_ids
    same = there and span.quote == last.quote
    close = there and span.passage.doc_id == last.doc_ids[0] and abs(span.quote_start - last.start) <= BESIDE
    return {
        **_before(tried.candidate, context.lean),
        "trust": trust,
        "trusted": max(trust, 0.0),
        "behind": float(rank),
        "own": context.asked.share_within(inside),
        "own quoted": context.asked.share_within(frozenset(stems(span.quote))),
        "context": about.share_within(inside) if context.lean.surely and not back else 0.0,
        "same place": float(there),
        "same quote": float(same),
        "beside": float(close and not same),
        "repeated": float(span.text == last.short),
    }


def _before(candidate: Candidate, lean: Leaning) -> dict[str, float]:
    as_is = candidate.how is How.AS_IS
    return {
        candidate.how: 1.0,
        "fit": candidate.fit,
        "left alone": float(lean.surely and not lean.returns and as_is),
        "uncalled": float(not lean.surely and not lean.returns and not as_is),
    }


def _weighed(values: Mapping[str, float]) -> float:
    return sum(WEIGHTS[name] * value for name, value in values.items())
