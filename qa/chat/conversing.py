"""What happens to a question that is put in the chat."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa.chat.answering import Assistants
from qa.chat.scope import Within
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

    A `fresh` question leans on no earlier one; it is put to one collection where that is named.
    """
    within = Within(assistants, collection)
    yield [*turns, Turn(question, collection=collection)]
    turn = replace(answer(within, question, () if fresh else turns), collection=collection)
    yield [*turns, turn]
    if turn.answer is not None and not turn.answer.answered:
        instead = _instead(within, suggestions, turn.answer)
        if instead:
            yield [*turns, replace(turn, suggestions=instead)]


def _instead(within: Within, suggestions: Suggestions, given: Answer) -> tuple[str, ...]:
    """What to ask instead; nothing where that fails, as the answer stands without it."""
    try:
        return suggestions.instead(within.current(), given, within.collection)
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
