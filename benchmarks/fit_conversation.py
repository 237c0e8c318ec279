"""Fit the choice among the questions that a follow-up may stand for: `python benchmarks/fit_conversation.py --index NOTES`.

Every span that the chat judges in the rewritings of a follow-up is an example, right when its quote holds an accepted answer: of
the development dialogues over the notes, of follow-ups over papers and invented notes that the network was not trained on, and of
questions over these notes that follow one about something else and, by their words, might lean on it. A conditional logit, pulled
towards the weights in use, raises the right spans over the others of their question. Prints how often the choice is right out of
fold, and how often any that was judged is, and the weights for qa/conversation/choosing.py.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from fit_reader import GOLD, answers, most_of_softmax
from numpy.typing import NDArray
from reader_invented import Invented
from reader_written import Papers, Written, held_out

from qa import Assistant
from qa.assistant import READ_DEPTH
from qa.conversation.choosing import WEIGHTS, features
from qa.conversation.following import judged, tries
from qa.conversation.leaning import leaning
from qa.evaluation import half, read_gold
from qa.schema import GoldQuestion, Span

FOLDS = 5
RIDGE = 0.02
"""Strength of the pull towards the weights in use."""

Rows = NDArray[np.float64]

NOW: Rows = np.array(list(WEIGHTS.values()))
"""The weights in use."""


@dataclass(frozen=True)
class Asked:
    """A question behind others that can be answered, and by which spans it is."""

    question: str
    history: tuple[str, ...]
    right: Callable[[Span], bool]


@dataclass(frozen=True)
class FollowUp:
    """What was judged for a follow-up: features, shape (spans, len(WEIGHTS)), and which of it is right."""

    conversation: str
    rows: Rows
    right: NDArray[np.bool_]


def follow_ups(assistant: Assistant, asked: Iterable[Asked]) -> Iterator[FollowUp]:
    """Those of the questions that lean on what was said before them, with what was judged for each."""
    parts = assistant.parts()
    for item in asked:
        query = assistant.understand(item.question)
        lean = leaning(query)
        if not lean.any:
            continue
        tried, context = tries(query, lean, assistant.remembered(item.history), parts, READ_DEPTH)
        pairs = judged(tried)
        if pairs:
            seen = [features(t, rank, context) for t, rank in pairs]
            rows = np.array([[values.get(name, 0.0) for name in WEIGHTS] for values in seen])
            yield FollowUp(item.history[0], rows, np.array([item.right(t.spans[rank]) for t, rank in pairs]))


def over_gold(golds: Iterable[GoldQuestion]) -> Iterator[Asked]:
    """The questions of a gold set that are asked behind others."""
    for gold in golds:
        if gold.history and gold.answerable:
            yield Asked(gold.question, gold.history, partial(_holds_answer, gold))


def _holds_answer(gold: GoldQuestion, span: Span) -> bool:
    return answers(gold, span.quote, *span.quoted)


def over_papers(written: Iterable[Written]) -> Iterator[Asked]:
    """Those of the questions written over papers that were typed behind others."""
    for item in written:
        if item.typed and item.answer:
            yield Asked(item.typed, (item.before,), partial(_holds_place, item))


def _holds_place(item: Written, span: Span) -> bool:
    return item.answered_by(span.passage, span.quote_start, span.quote_end)


def new_topics(golds: Iterable[GoldQuestion], most: int, rng: random.Random) -> Iterator[Asked]:
    """Questions that stand alone, each behind one about another document: what was said before is nothing to them."""
    alone = [gold for gold in golds if not gold.history and gold.answerable]
    for gold in rng.sample(alone, min(most, len(alone))):
        before = rng.choice([other for other in alone if other.evidence[0].doc_id != gold.evidence[0].doc_id])
        yield Asked(gold.question, (before.question,), partial(_holds_answer, gold))


def fit(items: Sequence[FollowUp]) -> Rows:
    """Weights under which the right spans have most of the softmax over all that were judged."""
    told = [(item.rows, item.right) for item in items if item.right.any() and not item.right.all()]
    return most_of_softmax(told, RIDGE, NOW)


def chosen(items: Sequence[FollowUp], weights: Rows) -> list[bool]:
    """Whether the span with the most odds is right."""
    return [bool(item.right[int(np.argmax(item.rows @ weights))]) for item in items]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--topics", type=int, default=400, help="so many questions behind one about something else")
    options = parser.parse_args()
    notes, invented = Assistant.open(options.index), Invented()
    dialogues = over_gold(gold for gold in read_gold(GOLD).questions if half(gold) == "dev")
    unseen, rng = invented.held_out(), random.Random(1)
    parts = {
        "notes": list(follow_ups(notes, dialogues)),
        "papers": list(follow_ups(Papers().assistant, over_papers(held_out(rng)))),
        "invented": list(follow_ups(invented.assistant, over_gold(unseen))),
        "invented, another topic": list(follow_ups(invented.assistant, new_topics(unseen, options.topics, rng))),
    }
    items = [item for part in parts.values() for item in part]
    names = sorted({item.conversation for item in items})
    fold = {names[i]: k % FOLDS for k, i in enumerate(np.random.default_rng(0).permutation(len(names)))}
    fits = [fit([item for item in items if fold[item.conversation] != k]) for k in range(FOLDS)]
    for name, part in parts.items():
        now = chosen(part, NOW)
        then = [chosen([item], fits[fold[item.conversation]])[0] for item in part]
        any_right = np.mean([item.right.any() for item in part])
        print(f"{name}: {len(part)}, right now {np.mean(now):.3f}, fitted {np.mean(then):.3f}, any {any_right:.3f}")
        print(f"   mended {sum(b and not a for a, b in zip(now, then, strict=True))}, "
              f"spoilt {sum(a and not b for a, b in zip(now, then, strict=True))}")  # fmt: skip
    for (feature, before), after in zip(WEIGHTS.items(), fit(items), strict=True):
        print(f"{after:6.2f} ({before:.2f}) {feature}")


if __name__ == "__main__":
    main()
