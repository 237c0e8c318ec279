"""Which of the questions that may be meant is: the one that the corpus answers best, for what was done to the question."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from qa.conversation.leaning import Leaning
from qa.conversation.rewriting import Candidate, How
from qa.schema import Hit, Query, Span
from qa.text import stems

WEIGHTS: dict[str, float] = {
    # What was done to the question, ...
    How.AS_IS: 0.0,
    How.NAMES: 0.1,
    How.TOPIC: 0.3,
    How.PLACED: 0.3,
    How.ANSWER: 0.0,
    How.REPLACED: 0.6,
    How.ADDED: 0.2,
    How.EARLIER: -0.5,
    "fit": 0.3,
    # ... that it was left as it is, where its words show that something is left out, or added to, where they do not; ...
    "left alone": -1.2,
    "uncalled": -1.2,
    # ... and once the corpus was asked: log odds of the best span, ...
    "trust": 1.0,
    # ... the share of the question's own things that its passage holds, and of what the question before was about, ...
    "own": 1.5,
    "context": 1.5,
    # ... whether it stands in a document that the last answer came from, and whether it is only what was answered before.
    "same place": 0.7,
    "repeated": -1.0,
}
"""What a rewriting is judged by, and its weight, set by hand on the development dialogues.

Fitted ones (benchmarks/fit_conversation.py) gain 4 of 136 follow-ups over invented notes and 1 of 97 over the notes, but behind a
dose "who makes it?" becomes "who makes EUA?".
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate as it was put to the corpus, with the spans that were read, best first."""

    candidate: Candidate
    query: Query
    hits: tuple[Hit, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What a candidate is judged by: the question as typed and how it leans, the question before, where that was answered."""

    asked: Query
    lean: Leaning
    topic: Query
    doc_ids: tuple[str, ...]
    said: str = ""
    """The words that answered it."""


def prior(candidate: Candidate, lean: Leaning) -> float:
    """How likely a rewriting is before the corpus is asked, in log odds."""
    return _weighed(_before(candidate, lean))


def score(tried: Tried, context: Context) -> float:
    """How well the corpus answers a candidate in its context, in log odds; minus infinity where nothing was read."""
    return _weighed(features(tried, context)) if tried.spans else -math.inf


def features(tried: Tried, context: Context) -> dict[str, float]:
    """What speaks for a candidate of which something was read, by the names of WEIGHTS; what is not there is 0."""
    best = tried.spans[0]
    trust = min(max(best.score, 1e-6), 1 - 1e-6)
    inside = frozenset(stems(best.passage.index_text))
    called = context.lean.surely and not context.lean.returns
    about = tried.query if tried.candidate.how is How.REPLACED else context.topic
    return {
        **_before(tried.candidate, context.lean),
        "trust": math.log(trust / (1 - trust)),
        "own": _share(context.asked, inside),
        "context": _share(about, inside) if called else 0.0,
        "same place": float(best.passage.doc_id in context.doc_ids),
        "repeated": float(best.text == context.said),
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


def _share(query: Query, inside: frozenset[str]) -> float:
    """Weighted share of the question's terms among the stems, in [0, 1]."""
    total = sum(term.weight for term in query.terms)
    return query.weight_within(inside) / total if total else 0.0
