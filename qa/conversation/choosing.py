"""Which of the questions that may be meant is: the one that the corpus answers best, for what was done to the question."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qa.conversation.leaning import Leaning
from qa.conversation.rewriting import Candidate, How
from qa.schema import Hit, Query, Span
from qa.text import stems

# Log odds throughout, set by hand on the development dialogues: a rewriting before the corpus is asked, ...
PRIOR = {
    How.AS_IS: 0.0,
    How.REPLACED: 0.6,
    How.PLACED: 0.3,
    How.TOPIC: 0.3,
    How.ADDED: 0.2,
    How.NAMES: 0.1,
    How.ANSWER: 0.0,
    How.EARLIER: -0.5,
}
FIT = 0.3
LEFT_ALONE = 1.2
"""What leaving a question as it is costs where its words show that something is left out."""
UNCALLED = 1.2
"""What adding to a question costs where its words do not show that."""
OWN = 1.5
"""... the share of the question's own things that the passage of the best span holds, ..."""
CONTEXT = 1.5
"""... the share of what the question before was about, so that leaving context out gains nothing, ..."""
SAME_PLACE = 0.7
"""... whether it stands in a document that the last answer came from, ..."""
REPEATED = 1.0
"""... and whether it is only what was answered before."""


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
    value = PRIOR[candidate.how] + FIT * candidate.fit
    if lean.surely and not lean.returns:
        return value - LEFT_ALONE * (candidate.how is How.AS_IS)
    return value - UNCALLED * (candidate.how is not How.AS_IS and not lean.returns)


def score(tried: Tried, context: Context) -> float:
    """How well the corpus answers a candidate in its context, in log odds; minus infinity where nothing was read."""
    if not tried.spans:
        return -math.inf
    best = tried.spans[0]
    trust = min(max(best.score, 1e-6), 1 - 1e-6)
    value = prior(tried.candidate, context.lean) + math.log(trust / (1 - trust))
    inside = frozenset(stems(best.passage.index_text))
    value += OWN * _share(context.asked, inside)
    if context.lean.surely and not context.lean.returns:
        replaced = tried.candidate.how is How.REPLACED
        value += CONTEXT * _share(tried.query if replaced else context.topic, inside)
    value -= REPEATED * (best.text == context.said)
    return value + SAME_PLACE * (best.passage.doc_id in context.doc_ids)


def _share(query: Query, inside: frozenset[str]) -> float:
    """Weighted share of the question's terms among the stems, in [0, 1]."""
    total = sum(term.weight for term in query.terms)
    return query.weight_within(inside) / total if total else 0.0
