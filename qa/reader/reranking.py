"""Reranking: the first passages of the ranking are read by the network, and those that it takes for relevant rise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa.reader.evidence import ReadPairs
from qa.reader.wording import put_to
from qa.schema import Hit, Query

DEPTH = 8
"""Passages that are read; each takes a few milliseconds."""

CLEAR = 0.1
"""Lead of the first passage over the second, as a share of its score, from which the order stands as it is."""

WEIGHT = 0.02
"""What a nat of the log odds of relevance is worth, as a share of the first passage's score."""


def rerank(query: Query, hits: Sequence[Hit], read: ReadPairs) -> list[Hit]:
    """The hits with the first DEPTH of them in the order of score and relevance together.

    Their scores are raised, none is lowered, so that the others stay behind them.
    """
    first, rest = hits[:DEPTH], hits[DEPTH:]
    if len(first) < 2 or first[0].score - first[1].score >= CLEAR * first[0].score:
        return list(hits)
    relevances = [item.relevance for item in read(put_to(query, [hit.passage for hit in first]))]
    step = WEIGHT * first[0].score
    scores = [
        hit.score + step * (relevance - min(relevances)) for hit, relevance in zip(first, relevances, strict=True)
    ]
    order = sorted(range(len(first)), key=lambda i: (-round(scores[i], 5), i))
    return [replace(first[i], score=scores[i], rank=rank) for rank, i in enumerate(order, start=1)] + list(rest)
