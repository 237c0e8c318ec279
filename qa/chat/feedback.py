"""What becomes of feedback that the browser sends: checked against the conversation and the documents, then kept."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast

import qa
from qa.chat.answering import Answering, Assistants
from qa.errors import VerbatimError
from qa.feedback import Corrected, Entry, FeedbackStore, Quoted, Verdict
from qa.feedback.model import MAX_COMMENT, MAX_QUOTE
from qa.rendering import Turn
from qa.rendering.actions import outcome
from qa.rendering.answer import understood_otherwise
from qa.schema import Document
from qa.text import sentences

logger = logging.getLogger(__name__)

MAX_WORDS = 600
MAX_PLACES = 2000
"""Places of selected words that are looked at, as each costs time."""

NOT_KEPT = "Your feedback could not be kept on the server; the answer is not affected. The server's log says why."
_GAP = r"[\s|]+"


class UnusableError(Exception):
    """Feedback that cannot be used; the message tells the user what to do."""


def judge(
    store: FeedbackStore,
    assistants: Assistants,
    turns: Sequence[Turn],
    data: Mapping[str, Any],
    conversation: str,
    user: str = "",
) -> str:
    """Keep what the browser sends of one answer, and tell the script what to show; never raises.

    `conversation` is what the session is called; only a hash is kept, of the question too, as a session may begin anew.
    """
    number = str(data.get("turn", ""))
    try:
        entry = _entry(assistants.current(), turns, data, conversation, user)
        if entry.verdict or entry.corrected or entry.comment:
            store.put(entry)
        else:
            store.take_back(entry.conversation, entry.turn)
        return outcome("judged", turn=number, ok=1, said=_thanks(entry), seq=data.get("seq", ""))
    except UnusableError as error:
        said = str(error)
    except VerbatimError as error:
        logger.warning("feedback was not kept: %s", error)
        said = NOT_KEPT
    except Exception:
        logger.exception("feedback was not kept")
        said = NOT_KEPT
    return outcome("judged", turn=number, ok=0, said=said, seq=data.get("seq", ""))


def _entry(assistant: Answering, turns: Sequence[Turn], data: Mapping[str, Any], session: str, user: str) -> Entry:
    number, verdict, comment = str(data.get("turn", "")), data.get("verdict", ""), str(data.get("comment", "")).strip()
    if not re.fullmatch(r"\d{1,6}", number) or int(number) >= len(turns) or verdict not in ("", "up", "down"):
        raise UnusableError("This answer is not in the conversation any more: reload the page.")
    if len(comment) > MAX_COMMENT:
        raise UnusableError(f"The comment has {len(comment)} characters; {MAX_COMMENT} are kept at most.")
    turn, before = turns[int(number)], turns[: int(number)]
    answer = turn.answer
    if answer is None:
        raise UnusableError("There is no answer to judge yet.")
    hashes = {stored.document.doc_id: stored.sha256 for stored in assistant.documents}
    return Entry(
        conversation=hashlib.sha256(f"{session}\0{turn.question}".encode("utf-8", "replace")).hexdigest()[:24],
        turn=int(number),
        question=turn.question.strip(),
        query=answer.query,
        history=tuple(earlier.question.strip() for earlier in before if earlier.answer)
        if understood_otherwise(answer)
        else (),
        collection=turn.collection,
        verdict=cast(Verdict, verdict),
        answer=tuple(
            Quoted(c.doc_id, c.start, c.end, c.quote, span.text, hashes.get(c.doc_id, ""))
            for span, c in zip(answer.spans, answer.citations, strict=True)
        ),
        corrected=_corrected(assistant, data, hashes),
        comment=comment,
        user=user,
        version=qa.__version__,
    )


def _corrected(assistant: Answering, data: Mapping[str, Any], hashes: Mapping[str, str]) -> Corrected | None:
    """What the user says would be right, found in the documents word for word."""
    right, words = data.get("right", ""), " ".join(str(data.get("words", "")).split())
    if right not in ("passage", "words"):
        return Corrected() if right == "none" else None
    if len(words) > MAX_WORDS:
        raise UnusableError(f"Fewer words, please: {MAX_WORDS} characters are kept at most.")
    try:
        document = assistant.document(str(data.get("doc", "")))
    except VerbatimError as error:
        raise UnusableError("This document is not there any more.") from error
    if right == "passage":
        start, end = _offsets(data, document)
        if not words:
            return Corrected(_quoted(document, start, end, "", hashes))
        found = next(_found(document.slice(start, end), words), None)
        if found is None:
            raise UnusableError(f"“{words}” does not stand in this passage: copy the words as they are there.")
        begin, stop = start + found[0], start + found[1]
    else:
        begin, stop = _nearest(document, words, str(data.get("before", ""))[-80:], str(data.get("after", ""))[:80])
        start, end = _unit(document, begin, stop)
    quote = _sentence(document, start, end, begin, stop)
    return Corrected(_quoted(document, *quote, document.slice(begin, stop), hashes))


def _offsets(data: Mapping[str, Any], document: Document) -> tuple[int, int]:
    offsets = [str(data.get(key, "")) for key in ("start", "end")]
    if not all(re.fullmatch(r"\d{1,9}", offset) for offset in offsets):
        raise UnusableError("This is no passage of the documents.")
    start, end = map(int, offsets)
    if not start < end <= len(document.text) or end - start > MAX_QUOTE:
        raise UnusableError("This document has changed since the answer was given: ask again.")
    return start, end


def _quoted(document: Document, start: int, end: int, text: str, hashes: Mapping[str, str]) -> Quoted:
    return Quoted(document.doc_id, start, end, document.slice(start, end), text, hashes.get(document.doc_id, ""))


def _found(text: str, words: str) -> Iterator[tuple[int, int]]:
    """Where the words stand, whatever is between them: white space, or the strokes between cells of a table."""
    pieces = [re.escape(word) for word in words.replace("|", " ").split()]
    if pieces:
        yield from (match.span() for match in re.finditer(_GAP.join(pieces), text))


def _nearest(document: Document, words: str, before: str, after: str) -> tuple[int, int]:
    """The place of selected words: of several, the one with most of what stood around the selection."""
    places = list(islice(_found(document.text, words), MAX_PLACES + 1))
    if not places:
        raise UnusableError("These words do not stand together in the document: select them in one paragraph or row.")
    if len(places) > MAX_PLACES:
        raise UnusableError(f"These words stand in the document more than {MAX_PLACES:,} times: select a few more.")
    left, right = _bare(before), _bare(after)

    def likeness(place: tuple[int, int]) -> int:
        a = _bare(document.text[max(0, place[0] - 200) : place[0]])[::-1]
        b = _bare(document.text[place[1] : place[1] + 200])
        return _common(a, left[::-1]) + _common(b, right)

    return max(places, key=likeness)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _common(one: str, other: str) -> int:
    """Characters that two texts begin with in common."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _unit(document: Document, start: int, end: int) -> tuple[int, int]:
    """The blocks that hold [start, end)."""
    held = [block for block in document.blocks if block.start < end and start < block.end]
    if not held:
        return start, end
    return min(start, held[0].start), max(end, held[-1].end)


def _sentence(document: Document, start: int, end: int, begin: int, stop: int) -> tuple[int, int]:
    """The sentences in [start, end) that hold [begin, stop); a table row is one, and so is what has no sentences."""
    if any(
        block.kind in ("table_row", "table") and block.start < stop and begin < block.end for block in document.blocks
    ):
        return start, end
    held = [
        (start + a, start + b)
        for a, b in sentences(document.slice(start, end))
        if start + a < stop and begin < start + b
    ]
    return (min(begin, held[0][0]), max(stop, held[-1][1])) if held else (start, end)


def _thanks(entry: Entry) -> str:
    """What the user is told."""
    if entry.corrected:
        place = entry.corrected.place
        if place is None:
            return "Thank you: noted that the documents do not answer this."
        words = (place.text or place.quote).split()
        shown = " ".join(words[:14]) + (" …" if len(words) > 14 else "")
        return f"Thank you: noted as right: “{shown}”."
    told = {"up": "Thank you: noted as right.", "down": "Thank you: noted as wrong.", "": "Thank you for the comment."}
    return told[entry.verdict] if entry.verdict or entry.comment else "Taken back."
