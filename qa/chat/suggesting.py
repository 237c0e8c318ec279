"""What one could ask: questions made of the documents' own table rows and headings, of which those are kept that are answered."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qa.abbreviations import find_abbreviations
from qa.chat.answering import Answering
from qa.errors import VerbatimError
from qa.schema import Answer, Block, Document
from qa.text import stems

WELCOME = 5
INSTEAD = 3
SURE = 0.6
"""Calibrated probability from which an answer is good enough to invite the question."""

TRIES = 8
"""Questions tried for each one that is wanted at the start; instead of an answer, in all."""

NEAREST = 5
"""Passages whose documents are looked at for questions to ask instead."""

_NOUNS = re.compile(r"[A-Za-z][A-Za-z-]*(?: [A-Za-z][A-Za-z-]*){0,3}")
_TOPIC = re.compile(r"(?!(?:why|how|what|who|when|where|which|key|more|other)\b)[\w ,/-]+", re.IGNORECASE)
_NAME = re.compile(r"[A-Z][\w-]*(?: [\w-]+){0,3}")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question with the block [start, end) of a document whose words should answer it."""

    question: str
    doc_id: str
    start: int
    end: int


def candidates(document: Document) -> Iterator[Suggestion]:
    """Questions that the form of a document invites: cells of table rows, headings, abbreviations that it explains."""
    for block, following in zip(document.blocks, [*document.blocks[1:], None], strict=True):
        if block.kind == "table_row":
            yield from _of_row(document, block)
        elif block.kind == "heading" and following is not None and following.kind == "paragraph":
            yield from _of_heading(document, block, following)
        elif block.kind == "paragraph":
            for found in find_abbreviations(document.slice(block.start, block.end)):
                start, end = block.start + found.start, block.start + found.end
                yield Suggestion(f"What does {found.short} stand for?", document.doc_id, start, end)


def _of_row(document: Document, row: Block) -> Iterator[Suggestion]:
    """What is the dose of ruxolitinib? The first cell names the row, the header names what is asked."""
    if len(row.cells) < 2:
        return
    name = document.slice(row.cells[0].start, row.cells[0].end)
    if not _NAME.fullmatch(name):
        return
    for cell in row.cells[1:]:
        header = cell.header.strip()
        if cell.end - cell.start < 2 or not _NOUNS.fullmatch(header):
            continue
        verb = "are" if header.endswith("s") and not header.endswith(("ss", "us", "is")) else "is"
        yield Suggestion(
            f"What {verb} the {_lower(header)} of {_lower_first(name)}?", document.doc_id, row.start, row.end
        )


def _of_heading(document: Document, heading: Block, following: Block) -> Iterator[Suggestion]:
    """What is known about …? Headings that are questions are asked as they stand."""
    text = document.slice(heading.start, heading.end).lstrip("# ").strip()
    size = len(text.split())
    if text.endswith("?") and 3 <= size <= 12:
        yield Suggestion(text, document.doc_id, following.start, following.end)
    elif 2 <= size <= 6 and heading is not document.blocks[0] and _TOPIC.fullmatch(text):
        yield Suggestion(f"What is known about {_lower_first(text)}?", document.doc_id, following.start, following.end)


def _lower(words: str) -> str:
    return " ".join(_lower_first(word) for word in words.split())


def _lower_first(text: str) -> str:
    """Without its capital, unless more than the first letter of the first word is one, or it holds a digit."""
    first = text.split(maxsplit=1)[0] if text.split() else ""
    return text if not first[1:].islower() else text[0].lower() + text[1:]


class Suggestions:
    """What to ask over the documents as they are; worked out once for each state of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._for: object = None
        self._welcome: tuple[str, ...] = ()
        self._good: dict[tuple[str, str], bool] = {}
        """Of each collection, "" for all documents, and question: whether it is answered well."""
        self._candidates: dict[str, tuple[Suggestion, ...]] = {}

    def welcome(self, assistant: Answering) -> tuple[str, ...]:
        """What to ask first: of as many documents as there are questions."""
        with self._lock:
            self._begin(assistant)
            if not self._welcome:
                documents = [stored.document for stored in assistant.documents]
                random.Random(len(documents)).shuffle(documents)
                found = [s for document in documents[: 4 * WELCOME] for s in candidates(document)]
                self._welcome = self._answered(assistant, _mixed(found), WELCOME, WELCOME * TRIES)
            return self._welcome

    def instead(self, assistant: Answering, answer: Answer, collection: str = "") -> tuple[str, ...]:
        """What to ask instead of a question that is not answered: what shares words with it, then what stands near.

        `collection` is the one that the assistant asks.
        """
        if not self._lock.acquire(blocking=False):
            return ()  # what to ask first is being worked out; nobody who asked waits for that
        try:
            self._begin(assistant)
            found = [
                s
                for doc_id in dict.fromkeys(h.passage.doc_id for h in answer.hits[:NEAREST])
                for s in self._candidates_of(assistant, doc_id)
            ]
            asked = set(stems(answer.query))
            found.sort(key=lambda suggestion: -len(asked & set(stems(suggestion.question))))
            return self._answered(assistant, found, INSTEAD, TRIES, collection)
        finally:
            self._lock.release()

    def _begin(self, assistant: Answering) -> None:
        """Forget what was worked out for another state of the documents."""
        if self._for is not assistant.documents:
            self._for, self._welcome, self._good, self._candidates = assistant.documents, (), {}, {}

    def _candidates_of(self, assistant: Answering, doc_id: str) -> tuple[Suggestion, ...]:
        """Those of a document, worked out once."""
        if doc_id not in self._candidates:
            self._candidates[doc_id] = tuple(candidates(assistant.document(doc_id)))
        return self._candidates[doc_id]

    def _answered(
        self, assistant: Answering, found: Iterable[Suggestion], wanted: int, tries: int, collection: str = ""
    ) -> tuple[str, ...]:
        """The first `wanted` that are answered surely, and with the words that they were made of."""
        kept: dict[str, None] = {}
        for suggestion in found:
            if len(kept) == wanted or not tries:
                break
            asked = collection, suggestion.question
            if asked not in self._good:
                tries -= 1
                self._good[asked] = _is_answered(assistant, suggestion)
            if self._good[asked]:
                kept[suggestion.question] = None
        return tuple(kept)


def _is_answered(assistant: Answering, suggestion: Suggestion) -> bool:
    try:
        answer = assistant.ask(suggestion.question)
    except VerbatimError:
        return False
    return answer.confidence >= SURE and any(
        span.passage.doc_id == suggestion.doc_id and span.start < suggestion.end and suggestion.start < span.end
        for span in answer.spans
    )


def _mixed(found: Sequence[Suggestion]) -> Iterator[Suggestion]:
    """Those of different documents in turn, and of one document in an order that does not go from top to bottom."""
    queues: dict[str, list[Suggestion]] = {}
    for suggestion in found:
        queues.setdefault(suggestion.doc_id, []).append(suggestion)
    for queue in queues.values():
        random.Random(len(queue)).shuffle(queue)
    while queues:
        for doc_id in list(queues):
            yield queues[doc_id].pop()
            if not queues[doc_id]:
                del queues[doc_id]
