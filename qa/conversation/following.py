"""Puts the questions that a follow-up may stand for to retriever and reader, and takes the one that they answer best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from qa.conversation.choosing import Context, Tried, log_odds, prior, score
from qa.conversation.kinds import Kinds
from qa.conversation.leaning import Leaning
from qa.conversation.rewriting import Candidate, How, Understand, candidates, names_its_own
from qa.errors import QuestionError
from qa.schema import Exchange, Hit, Query, Span

MAX_TRIED = 4
"""Candidates that are searched for and read, the likeliest first: what a follow-up may cost against a question alone."""

JUDGED = 8
"""Spans of a candidate that are judged, the best first: what answers a follow-up is often read and, out of context, not first."""

SAID = 0.35
"""What the odds of the last answer's own words are multiplied by."""

CARRIED = 1.0
"""Log odds by which a quote must answer a question with the topic in brackets more surely than one in whole words: the network,
which has learnt from such, reads both as well, and people are shown which question was understood."""

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
    """The question that is meant, with `depth` hits and its spans, first the one that answers it best in its context.

    Of several questions that the same quote answers, the one is meant that it answers most surely, and rather one in whole
    words. `before` are the earlier turns, oldest first, at least one.
    """
    tried, context = tries(query, lean, before, parts, depth)
    pairs = judged(tried)
    if not pairs:
        return tried[0]
    winner, rank = max(pairs, key=lambda pair: score(pair[0], pair[1], context))
    quoted = [pair for pair in pairs if pair[0].spans[pair[1]].quoted == winner.spans[rank].quoted]
    best, first = max(quoted, key=lambda pair: _sureness(*pair))
    return replace(best, spans=(best.spans[first], *best.spans[:first], *best.spans[first + 1 :]))


def _sureness(tried: Tried, rank: int) -> float:
    """Log odds that the span of that rank answers, less CARRIED for a question with the topic in brackets."""
    return log_odds(tried.spans[rank].score) - CARRIED * (tried.candidate.how is How.TOPIC)


def judged(tried: Sequence[Tried]) -> list[tuple[Tried, int]]:
    """The candidates with the rank of each of their spans that may answer."""
    return [(t, rank) for t in tried for rank in range(min(len(t.spans), JUDGED))]


def tries(
    query: Query, lean: Leaning, before: Sequence[Exchange], parts: Parts, depth: int
) -> tuple[list[Tried], Context]:
    """The likeliest of the questions that may be meant, each put to the corpus, and what they are judged by."""
    last = before[-1]
    likely = _likely(query, lean, candidates(query, lean, before, parts.understand, parts.kinds))
    tried = [tried for candidate in likely if (tried := _try(candidate, last, parts, depth))]
    tried = tried or [_put(Candidate(query.text), query, last, parts, depth)]
    return tried, Context(_its_own(query, lean), lean, parts.understand(last.query), last)


def _its_own(query: Query, lean: Leaning) -> Query:
    """The question without the words that point back: "drug" in "that drug" is no thing of its own."""
    pointing = [query.text[start:end] for start, end in lean.pointers]
    return replace(query, terms=tuple(t for t in query.terms if not any(t.surface in words for words in pointing)))


def _likely(query: Query, lean: Leaning, made: Sequence[Candidate]) -> list[Candidate]:
    """The likeliest candidates, MAX_TRIED at most; the question as typed among them where it names something of its own."""
    ordered = sorted(made, key=lambda candidate: -prior(candidate, lean))
    likely, rest = ordered[:MAX_TRIED], ordered[MAX_TRIED:]
    as_is = next((candidate for candidate in rest if candidate.how is How.AS_IS), None)
    return [*likely[:-1], as_is] if as_is and names_its_own(query) else likely


def _try(candidate: Candidate, last: Exchange, parts: Parts, depth: int) -> Tried | None:
    """A candidate put to the corpus; None where it is no question that can be put, as with all that it carries it is too long."""
    try:
        query = parts.understand(candidate.text)
    except QuestionError:
        return None
    return _put(candidate, query, last, parts, depth)


def _put(candidate: Candidate, query: Query, last: Exchange, parts: Parts, depth: int) -> Tried:
    hits = tuple(_focused(parts.search(query, 2 * depth), last.doc_ids)[:depth])
    return Tried(candidate, query, hits, _said_once(parts.read(query, hits), last))


def _said_once(spans: Sequence[Span], last: Exchange) -> tuple[Span, ...]:
    """The spans, best first, with less trust in the very words that answered the question before.

    The words that are carried over stand beside them; but who asks on wants to know something else.
    """

    def trusted(span: Span) -> Span:
        if span.text != last.short or span.quote != last.quote or span.text == span.quote:
            return span
        odds = SAID * span.score / max(1 - span.score, 1e-6)
        return replace(span, score=odds / (1 + odds))

    return tuple(sorted(map(trusted, spans), key=lambda span: -span.score))


def _focused(hits: Sequence[Hit], doc_ids: Sequence[str]) -> list[Hit]:
    """The hits with those of the given documents moved up."""
    scored = [replace(h, score=h.score * (1 + FOCUS * (h.passage.doc_id in doc_ids))) for h in hits]
    ordered = sorted(scored, key=lambda hit: (-hit.score, hit.rank))
    return [replace(hit, rank=rank) for rank, hit in enumerate(ordered, start=1)]
