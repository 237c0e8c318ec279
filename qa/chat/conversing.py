"""What happens to a question that is put in the chat."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from qa.chat.answering import Assistants
from qa.errors import VerbatimError
from qa.rendering import Turn
from qa.schema import Exchange

logger = logging.getLogger(__name__)

FAILED = "Something went wrong while looking for an answer. The server's log says what; other questions may still work."


def converse(
    assistants: Assistants, question: str, turns: Sequence[Turn], *, fresh: bool = False
) -> Iterator[list[Turn]]:
    """The conversation with the question still open, then with its answer; a `fresh` question leans on no earlier one."""
    asked = [*turns, Turn(question)]
    yield asked
    yield [*turns, answer(assistants, question, () if fresh else turns)]


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
