"""Puts the questions that a follow-up may stand for to retriever and reader, and takes the one that they answer best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from qa.conversation.choosing import Context, Tried, prior, score
from qa.conversation.kinds import Kinds
from qa.conversation.leaning import Leaning
from qa.conversation.rewriting import Candidate, Understand, candidates
from qa.schema import Exchange, Hit, Query, Span

MAX_TRIED = 4
"""Candidates that are searched for and read, the likeliest first: what a follow-up may cost against a question alone."""

SAID = 0.35
"""What the odds of the last answer's own words are multiplied by."""

FOCUS = 0.15
"""What a passage gains where it stands in a document that the last answer came from, as a share of its score."""


@dataclass(frozen=True)
class Parts:
    """What is asked: how a question is understood, searched for and read, and what the corpus says of kinds."""

    understand: Understand
    search: Callable[[Query, int], Sequence[Hit]]
    read: Callable[[Query, Sequence[Hit]], Sequence[Span]]
    kinds: Kinds


def follow(query: Query, lean: Leaning, before: Sequence[Exchange], parts: Parts, depth: int) -> Tried:
    """The question that is meant, with `depth` hits and its spans; `before` are the earlier turns, oldest first, at least one."""
    tried, context = tries(query, lean, before, parts, depth)
    return max(tried, key=lambda t: score(t, context))


def tries(
    query: Query, lean: Leaning, before: Sequence[Exchange], parts: Parts, depth: int
) -> tuple[list[Tried], Context]:
    """The likeliest of the questions that may be meant, each put to the corpus, and what they are judged by."""
    last = before[-1]
    made = candidates(query, lean, before, parts.understand, parts.kinds) or [Candidate(query.text)]
    likely = sorted(made, key=lambda candidate: -prior(candidate, lean))[:MAX_TRIED]
    tried = [_try(candidate, last, parts, depth) for candidate in likely]
    return tried, Context(query, lean, parts.understand(last.query), last.doc_ids, last.short)


def _try(candidate: Candidate, last: Exchange, parts: Parts, depth: int) -> Tried:
    query = parts.understand(candidate.text)
    hits = tuple(_focused(parts.search(query, 2 * depth), last.doc_ids)[:depth])
    return Tried(candidate, query, hits, _said_once(parts.read(query, hits), last))


def _said_once(spans: Sequence[Span], last: Exchange) -> tuple[Span, ...]:
    """The spans, best first, with less trust in the very words that answered the question before.

    The words that are carried over stand beside them; but who asks on wants to know something else.
    """

    def trusted(span: Span) -> Span:
        quote = span.passage.slice(span.quote_start, span.quote_end)
        if span.text != last.short or quote != last.quote or span.text == quote:
            return span
        odds = SAID * span.score / max(1 - span.score, 1e-6)
        return replace(span, score=odds / (1 + odds))

    return tuple(sorted(map(trusted, spans), key=lambda span: -span.score))


def _focused(hits: Sequence[Hit], doc_ids: Sequence[str]) -> list[Hit]:
    """The hits with those of the given documents moved up."""
    scored = [replace(h, score=h.score * (1 + FOCUS * (h.passage.doc_id in doc_ids))) for h in hits]
    ordered = sorted(scored, key=lambda hit: (-hit.score, hit.rank))
    return [replace(hit, rank=rank) for rank, hit in enumerate(ordered, start=1)]
