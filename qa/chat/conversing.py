"""What happens to a question that is put in the chat."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa.chat.answering import Assistants
from qa.chat.suggesting import Suggestions
from qa.errors import VerbatimError
from qa.rendering import Turn
from qa.schema import Answer, Exchange

logger = logging.getLogger(__name__)

FAILED = "Something went wrong while looking for an answer. The server's log says what; other questions may still work."


def converse(
    assistants: Assistants,
    suggestions: Suggestions,
    question: str,
    turns: Sequence[Turn],
    *,
    fresh: bool = False,
    collection: str = "",
) -> Iterator[list[Turn]]:
    """The conversation with the question still open, with its answer, and with what to ask where there is none.

    A `fresh` question leans on no earlier one; `collection` is the one that the assistants ask.
    """
    yield [*turns, Turn(question)]
    turn = answer(assistants, question, () if fresh else turns)
    yield [*turns, turn]
    if turn.answer is not None and not turn.answer.answered:
        instead = _instead(assistants, suggestions, turn.answer, collection)
        if instead:
            yield [*turns, replace(turn, suggestions=instead)]


def _instead(assistants: Assistants, suggestions: Suggestions, given: Answer, collection: str) -> tuple[str, ...]:
    """What to ask instead; nothing where that fails, as the answer stands without it."""
    try:
        return suggestions.instead(assistants.current(), given, collection)
    except VerbatimError as error:  # the documents have changed since the answer
        logger.info("no questions to ask instead of %r: %s", given.question, error)
    except Exception:
        logger.exception("no questions to ask instead of %r", given.question)
    return ()


def answer(assistants: Assistants, question: str, turns: Sequence[Turn] = ()) -> Turn:
    """The question with its answer, which may lean on earlier turns, or with what is wrong in words for the user."""
    history = [Exchange.of(turn.answer) for turn in turns if turn.answer is not None]
    try:
        return Turn(question, assistants.current().ask(question, history=history))
    except VerbatimError as error:
        return Turn(question, problem=str(error))
    except Exception:
        logger.exception("no answer to %r", question)
        return Turn(question, problem=FAILED)
