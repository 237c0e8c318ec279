"""The conversation: questions with their answers, and what stands there before there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa.rendering.actions import actions
from qa.rendering.answer import answer_card, example_buttons
from qa.rendering.markup import escape
from qa.schema import Answer


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange: without an answer and a problem it is still being answered.

    `suggestions` are what to ask instead where the documents do not answer.
    """

    question: str
    answer: Answer | None = None
    problem: str = ""
    suggestions: tuple[str, ...] = ()
    collection: str = ""
    """The one that was asked, where it was not all documents."""


def transcript(turns: Sequence[Turn], *, waiting: str = "") -> str:
    """The conversation; `waiting` says what a pending answer waits for."""
    body = "".join(_turn(i, turn, waiting or "Looking through the documents") for i, turn in enumerate(turns))
    return f'<div class="vb-log" role="log" aria-live="polite" aria-label="Conversation">{body}</div>'


def welcome(examples: Sequence[str] = (), problem: str = "", waiting: str = "") -> str:
    """What stands there before the first question: what to ask, why nothing can be asked, or what is waited for."""
    trouble = f'<div class="vb-card vb-problem" role="alert"><p>{escape(problem)}</p></div>' if problem else ""
    until = f'<p class="vb-until" role="status">{escape(waiting)}…</p>' if waiting else ""
    return (
        '<div class="vb-log"><section class="vb-welcome"><h2>Ask the documents</h2>'
        "<p>You get the passage that answers, word for word, and the place where it stands.</p>"
        f"{trouble}{example_buttons(examples)}{until}</section></div>"
    )


def _turn(number: int, turn: Turn, waiting: str) -> str:
    asked = f'<h2 class="vb-question" tabindex="-1">{escape(turn.question)}</h2>' if turn.question.strip() else ""
    if turn.answer is not None:
        reply = answer_card(turn.answer, turn.suggestions) + actions(number, turn.answer, turn.collection)
    elif turn.problem:
        reply = f'<div class="vb-card vb-problem" role="status"><p>{escape(turn.problem)}</p></div>'
    else:
        dots = '<span class="vb-dots" aria-hidden="true"><i></i><i></i><i></i></span>'
        reply = f'<div class="vb-card vb-waiting" role="status">{dots}<p>{escape(waiting)}…</p></div>'
    where = f'<p class="vb-asked-of">Asked of the collection <b><bdi>{escape(turn.collection)}</bdi></b></p>'
    return f'<section class="vb-turn" data-turn="{number}">{asked}{where if turn.collection else ""}{reply}</section>'
