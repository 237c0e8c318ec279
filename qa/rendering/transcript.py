"""The conversation: questions with their answers, and what to ask before there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa.rendering.answer import answer_card
from qa.rendering.markup import escape
from qa.schema import Answer

EXAMPLES = (
    "what is the baricitinib EUA dose",
    "how long is baricitinib given under the EUA?",
    "which cytokines signal through JAK1?",
    "tofacitinib boxed warning",
    "what does JAK-STAT mean?",
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange: without an answer and a problem it is still being answered."""

    question: str
    answer: Answer | None = None
    problem: str = ""


def transcript(turns: Sequence[Turn], *, examples: Sequence[str] = EXAMPLES, waiting: str = "") -> str:
    """The conversation, or what to ask where there is none yet; `waiting` says what a pending answer waits for."""
    if not turns:
        return f'<div class="vb-log">{_welcome(examples)}</div>'
    body = "".join(_turn(turn, waiting or "Looking through the documents") for turn in turns)
    return f'<div class="vb-log" role="log" aria-live="polite" aria-label="Conversation">{body}</div>'


def _welcome(examples: Sequence[str]) -> str:
    button = '<li><button type="button" class="vb-example" data-event="example" data-question="{0}">{0}</button></li>'
    chips = "".join(button.format(escape(example)) for example in examples)
    return (
        '<section class="vb-welcome"><h2>Ask the documents</h2>'
        "<p>You get the passage that answers, word for word, and the place where it stands.</p>"
        f'<ul class="vb-examples" aria-label="Example questions">{chips}</ul></section>'
    )


def _turn(turn: Turn, waiting: str) -> str:
    asked = f'<h2 class="vb-question">{escape(turn.question)}</h2>' if turn.question.strip() else ""
    if turn.answer is not None:
        reply = answer_card(turn.answer)
    elif turn.problem:
        reply = f'<div class="vb-card vb-problem" role="status"><p>{escape(turn.problem)}</p></div>'
    else:
        dots = '<span class="vb-dots" aria-hidden="true"><i></i><i></i><i></i></span>'
        reply = f'<div class="vb-card vb-waiting" role="status">{dots}<p>{escape(waiting)}…</p></div>'
    return f'<section class="vb-turn">{asked}{reply}</section>'
