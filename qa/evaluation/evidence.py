"""Finds the evidence of gold questions in the documents of an index, and the passages that hold it.

A passage is relevant to a question when it shares at least one character with a place of its evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qa.errors import GoldError
from qa.schema import Document, Evidence, GoldQuestion, Passage, Span
from qa.text import sentences


def resolve(
    questions: Sequence[GoldQuestion], documents: Mapping[str, Document]
) -> tuple[tuple[GoldQuestion, ...], int]:
    """The questions with every place of their evidence in the documents, and the number of quotes that are not there.

    A quote is found as it stands, or with other white space between its words; where it stands several times, each place
    is evidence. Evidence with an `origin` is carried over from that place of the file, and is lost where reading dropped
    it: nothing can find it then. A quote of no particular document that none holds is
    left out, so that retrieval is not judged by it. Raises GoldError for any other quote that is not found.
    """
    resolved, lost = [], 0
    for question in questions:
        places: list[Evidence] = []
        for evidence in question.evidence:
            found = _places(evidence, question, documents)
            lost += not found
            places += found or ([evidence] if evidence.doc_id else [])
        resolved.append(replace(question, evidence=tuple(places)))
    return tuple(resolved), lost


def relevant_passages(question: GoldQuestion, passages: Iterable[Passage]) -> dict[str, int]:
    """The ids of the passages that overlap evidence, each with its grade, 1."""
    return {p.passage_id: 1 for p in passages if overlaps(question.evidence, p.doc_id, p.start, p.end)}


def overlaps(evidence: Iterable[Evidence], doc_id: str, start: int, end: int) -> bool:
    """Whether [start, end) of the document shares a character with a place of the evidence."""
    return any(
        e.doc_id == doc_id and e.start is not None and e.end is not None and e.start < end and start < e.end
        for e in evidence
    )


def citation_scores(question: GoldQuestion, spans: Sequence[Span]) -> tuple[float, float]:
    """Precision and recall of the citations against the evidence.

    Precision is the share of the quotes cited that overlap evidence. Recall is, for a list, the share of the evidence's
    quotes that are cited; for other questions, whose quotes are alternatives, 1 where any is.
    """
    if not spans:
        return 0.0, 0.0
    cited = [overlaps(question.evidence, *s.quoted) for s in spans]
    quotes: dict[tuple[str, str], bool] = {}
    for evidence in question.evidence:
        hit = any(overlaps([evidence], *s.quoted) for s in spans)
        key = (evidence.doc_id, evidence.quote)
        quotes[key] = quotes.get(key, False) or hit
    found = sum(quotes.values()) / len(quotes) if question.answers_all else float(any(quotes.values()))
    return sum(cited) / len(cited), found


def in_any_document(questions: Sequence[GoldQuestion], contexts: Mapping[str, str]) -> tuple[GoldQuestion, ...]:
    """Evidence that is a place in a context of its own becomes the sentence there, to be looked for in any document."""
    bounds = {doc_id: sentences(text) for doc_id, text in contexts.items()}

    def quoted(evidence: Evidence) -> Evidence:
        if evidence.origin is None:
            return evidence
        first, last = evidence.origin, evidence.origin + len(evidence.quote)
        around = [(start, end) for start, end in bounds[evidence.doc_id] if start < last and first < end]
        text = contexts[evidence.doc_id]
        quote = text[around[0][0] : around[-1][1]] if around else evidence.quote
        return Evidence("", quote)

    return tuple(replace(q, evidence=tuple(quoted(evidence) for evidence in q.evidence)) for q in questions)


def _places(evidence: Evidence, question: GoldQuestion, documents: Mapping[str, Document]) -> list[Evidence]:
    if not evidence.doc_id:
        return [place for document in documents.values() for place in _find(evidence, document)]
    document = documents.get(evidence.doc_id)
    if document is None:
        if evidence.origin is not None:  # a context of the set in which nothing could be read
            return []
        raise _error(question, f"the index holds no document {evidence.doc_id!r}")
    if evidence.origin is not None:
        place = document.place(evidence.origin, evidence.origin + len(evidence.quote))
        return [replace(evidence, start=place[0], end=place[1])] if place else []
    found = _find(evidence, document)
    if not found:
        raise _error(question, f"{evidence.doc_id} does not hold the quote {evidence.quote[:60]!r}")
    return found


def _find(evidence: Evidence, document: Document) -> list[Evidence]:
    pattern = r"\s+".join(re.escape(word) for word in evidence.quote.split())
    return [
        replace(evidence, doc_id=document.doc_id, start=match.start(), end=match.end())
        for match in re.finditer(pattern, document.text)
    ]


def _error(question: GoldQuestion, message: str) -> GoldError:
    message += "; to measure the answers alone: --no-evidence"
    path, _, line = question.where.rpartition(":")
    if path and line.isdigit():
        return GoldError(message, path=path, line=int(line))
    return GoldError(f"question {question.query_id!r}: {message}")
