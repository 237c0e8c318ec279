"""Feedback → gold questions. Nothing is taken over that the documents do not hold word for word."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.feedback.model import Entry, Quoted
from qa.schema import Document, Evidence, GoldQuestion

Key = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class GoldExport:
    """The gold questions, how much was left out and why, and where users contradict each other or documents have changed."""

    questions: tuple[GoldQuestion, ...]
    left_out: tuple[tuple[str, int], ...]
    warnings: tuple[str, ...]


def gold_of(entries: Sequence[Entry], documents: Mapping[str, Document]) -> GoldExport:
    """The gold set that feedback gives, oldest first, over the documents as they are now.

    Of several verdicts on one question (with the same earlier questions and collection) the last one counts. A question that one
    only says is answered wrongly is no gold.
    """
    by_question: dict[Key, list[Entry]] = {}
    for entry in entries:
        by_question.setdefault(_key(entry), []).append(entry)
    questions, left_out, warnings = [], Counter[str](), []
    for key, said in by_question.items():
        if len(said) > 1:
            left_out["an earlier verdict on the same question"] += len(said) - 1
        if len({_claim(entry) for entry in said}) > 1:
            claims = Counter(_claim_in_words(entry) for entry in said)
            told = ", ".join(f"{count} × {claim}" for claim, count in claims.items())
            warnings.append(f"{said[-1].question!r} is judged in several ways ({told}): the last one counts")
        question, reason = _question(key, said[-1], documents)
        if question:
            questions.append(question)
        elif reason in _UNUSABLE:
            left_out[reason] += 1
        else:
            left_out["its evidence is no longer in the documents"] += 1
            warnings.append(f"{said[-1].question!r} is left out: {reason}")
    return GoldExport(tuple(questions), tuple(left_out.items()), tuple(warnings))


def gold_line(question: GoldQuestion) -> dict[str, Any]:
    """A question as a line of a gold set, as `qa.evaluation.read_gold` reads it."""
    line: dict[str, Any] = {
        "id": question.query_id,
        "question": question.question,
        "answers": list(question.answers),
        "answers_all": list(question.answers_all),
        "history": list(question.history),
        "evidence": [{"doc_id": e.doc_id, "quote": e.quote} for e in question.evidence],
        "kind": question.kind,
    }
    return {key: value for key, value in line.items() if value or key == "answers"}


NO_CORRECTION = "wrong, without what would be right"
NO_VERDICT = "a comment without a verdict"
_UNUSABLE = (NO_CORRECTION, NO_VERDICT)


def _key(entry: Entry) -> Key:
    """What makes two questions the same."""
    history = tuple(_folded(earlier) for earlier in entry.history)
    return _folded(entry.question), history, entry.collection


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _question(key: Key, entry: Entry, documents: Mapping[str, Document]) -> tuple[GoldQuestion | None, str]:
    """The gold question, or why there is none."""
    if entry.corrected is None and entry.verdict != "up":
        return None, NO_CORRECTION if entry.verdict == "down" else NO_VERDICT
    kind = "confirmed"
    quoted: tuple[Quoted, ...] = entry.answer
    if entry.corrected is not None:
        kind = "corrected"
        quoted = (entry.corrected.place,) if entry.corrected.place else ()
    for place in quoted:
        if reason := _lost(place, documents):
            return None, reason
    texts = tuple(dict.fromkeys(place.text or place.quote for place in quoted))
    several = len(texts) > 1
    return GoldQuestion(
        query_id="feedback-" + hashlib.sha256(repr(key).encode("utf-8", "replace")).hexdigest()[:12],
        question=entry.question,
        answers=() if several else texts,
        history=entry.history,
        evidence=tuple(dict.fromkeys(Evidence(place.doc_id, place.quote) for place in quoted)),
        kind=kind if quoted else "unanswerable",
        answers_all=texts if several else (),
    ), ""


def _lost(place: Quoted, documents: Mapping[str, Document]) -> str:
    """Why the quote is no evidence any more; "" where it stands in its document, even if that has grown around it."""
    document = documents.get(place.doc_id)
    if document is None:
        return f"there is no document {place.doc_id} any more"
    if not place.quote.strip() or place.text not in place.quote:
        return f"the answer does not stand in its quote of {place.doc_id}"
    if document.text[place.start : place.end] != place.quote and place.quote not in document.text:
        return f"{place.doc_id} has changed, and does not hold the quote any more"
    return ""


def _claim(entry: Entry) -> tuple[object, ...]:
    """What a user says is right, to be compared."""
    if entry.corrected is not None:
        place = entry.corrected.place
        return ("right", frozenset([(place.doc_id, place.quote, place.text or place.quote)] if place else []))
    if entry.verdict == "up":
        return ("right", frozenset((place.doc_id, place.quote, place.text) for place in entry.answer))
    return (entry.verdict,)


def _claim_in_words(entry: Entry) -> str:
    if entry.corrected is not None:
        place = entry.corrected.place
        return f"“{_short(place.text or place.quote)}” is right" if place else "the documents do not answer"
    if entry.verdict == "up":
        told = "; ".join(place.text for place in entry.answer)
        return f"“{_short(told)}” is right" if told else "the documents do not answer"
    return "wrong" if entry.verdict else "no verdict"


def _short(text: str) -> str:
    words = text.split()
    return " ".join(words[:12]) + (" …" if len(words) > 12 else "")
