"""Fit the choice among the questions that a follow-up may stand for: `python benchmarks/fit_conversation.py --index NOTES`.

Every rewriting that the chat tries for a follow-up is an example, right when the quote of its best span holds an accepted answer:
of the development dialogues over the notes, and of conversations over invented notes that the network was not trained on. A
conditional logit, pulled towards the weights that are in use, raises the right rewritings over the others of their question.
Prints how often the choice is right out of fold, and how often any that was tried is, and the weights for
qa/conversation/choosing.py.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fit_reader import GOLD, answers, most_of_softmax
from numpy.typing import NDArray
from reader_invented import Invented

from qa import Assistant
from qa.assistant import READ_DEPTH
from qa.conversation.choosing import WEIGHTS, features
from qa.conversation.following import tries
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
class FollowUp:
    """What was tried for a follow-up: features, shape (tried, len(WEIGHTS)), and which of it is right."""

    conversation: str
    rows: Rows
    right: NDArray[np.bool_]


def follow_ups(assistant: Assistant, golds: Sequence[GoldQuestion]) -> Iterator[FollowUp]:
    """The follow-ups that lean on what was said before and can be answered, with what was tried for each."""
    parts = assistant.parts()
    for gold in golds:
        query = assistant.understand(gold.question)
        lean = leaning(query)
        if not gold.answerable or not lean.any:
            continue
        tried, context = tries(query, lean, assistant.remembered(gold.history), parts, READ_DEPTH)
        tried = [t for t in tried if t.spans]
        if tried:
            seen = [features(t, context) for t in tried]
            rows = np.array([[values.get(name, 0.0) for name in WEIGHTS] for values in seen])
            yield FollowUp(gold.history[0], rows, np.array([is_right(t.spans[0], gold) for t in tried]))


def is_right(span: Span, gold: GoldQuestion) -> bool:
    quote = span.passage.slice(span.quote_start, span.quote_end)
    return answers(gold, quote, span.passage.doc_id, span.quote_start, span.quote_end)


def fit(items: Sequence[FollowUp]) -> Rows:
    """Weights under which the right rewritings have most of the softmax over all that were tried."""
    told = [(item.rows, item.right) for item in items if item.right.any() and not item.right.all()]
    return most_of_softmax(told, RIDGE, NOW)


def chosen(items: Sequence[FollowUp], weights: Rows) -> list[bool]:
    """Whether the rewriting with the most odds is right."""
    return [bool(item.right[int(np.argmax(item.rows @ weights))]) for item in items]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--most", type=int, default=400, help="at most so many over invented notes")
    parser.add_argument("--seen", action="store_true", help="also those that the network may have been trained on")
    options = parser.parse_args()
    dialogues = [q for q in read_gold(GOLD).questions if half(q) == "dev" and q.history]
    invented = Invented()
    others = [q for q in (invented.questions if options.seen else invented.held_out()) if q.history]
    others = random.Random(1).sample(others, min(options.most, len(others)))
    parts = [
        list(follow_ups(Assistant.open(options.index), dialogues)),
        list(follow_ups(invented.assistant, others)),
    ]
    items = [item for part in parts for item in part]
    names = sorted({item.conversation for item in items})
    fold = {names[i]: k % FOLDS for k, i in enumerate(np.random.default_rng(0).permutation(len(names)))}
    fits = [fit([item for item in items if fold[item.conversation] != k]) for k in range(FOLDS)]
    for name, part in zip(("notes", "invented"), parts, strict=True):
        now = chosen(part, NOW)
        then = [chosen([item], fits[fold[item.conversation]])[0] for item in part]
        any_right = np.mean([item.right.any() for item in part])
        print(f"{name}: {len(part)}, right now {np.mean(now):.3f}, fitted {np.mean(then):.3f}, any {any_right:.3f}")
        print(f"   mended {sum(b and not a for a, b in zip(now, then, strict=True))}, "
              f"spoilt {sum(a and not b for a, b in zip(now, then, strict=True))}")  # fmt: skip
    for (feature, before), after in zip(WEIGHTS.items(), fit(items), strict=True):
        print(f"{after:6.2f} ({before:.1f}) {feature}")


if __name__ == "__main__":
    main()
