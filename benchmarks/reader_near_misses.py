"""Training examples that nearly answer: another name in the question, and what the lexical ranking takes for the right text.

Both hold what is asked for in kind, but lack a name of the question, so they do not answer it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

import bm25s
from reader_examples import Example

from qa.bm25 import K1, B, passage_tokens

NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][\w'-]+(?: (?:of |the )?[A-Z][\w'-]+)*|\d[\d,.]*\d)(?=\W|$)")
"""A name or number behind a word in small letters: the first word of a question is none."""

RANKED = 12
"""Sentences of the ranking that a near miss is drawn from."""


def names_of(question: str) -> list[str]:
    """
    >>> names_of("When did the Royal Society meet in 1842?")
    ['Royal Society', '1842']
    """
    return [match.group() for match in NAME.finditer(question)]


def other_names(examples: Sequence[Example], rng: random.Random, share: float) -> Iterator[Example]:
    """For a share of the questions that hold a name: the same text, asked about a name that it does not hold."""
    pool: dict[tuple[bool, int], list[str]] = {}
    for example in examples:
        for name in names_of(example.question):
            pool.setdefault(_shape(name), []).append(name)
    for example in examples:
        found = names_of(example.question) if example.answer else []
        if not found or rng.random() > share:
            continue
        name = rng.choice(found)
        other = rng.choice(pool[_shape(name)])
        if not _held(other, example.text):
            yield Example(
                example.question.replace(name, other), example.text, None, text_start=example.text_start, origin="name"
            )


def _shape(name: str) -> tuple[bool, int]:
    return name[0].isdigit(), min(3, len(name.split()))


def mined(examples: Sequence[Example], sentences: Sequence[str], rng: random.Random, share: float) -> Iterator[Example]:
    """For a share of the questions that hold a name: sentences that rank high by their words, and lack a name of it."""
    engine = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy")
    engine.index([passage_tokens(sentence) for sentence in sentences], show_progress=False)
    for example in examples:
        found = names_of(example.question)
        if not found or rng.random() > share:
            continue
        tokens = [token for token in passage_tokens(example.question) if token in engine.vocab_dict]
        if not tokens:
            continue
        rows = engine.retrieve([tokens], k=RANKED, show_progress=False).documents[0]
        wrong = [
            sentences[row]
            for row in rows
            if sentences[row] not in example.text and not all(_held(name, sentences[row]) for name in found)
        ]
        if wrong:
            chosen = wrong[: rng.choice((1, 1, 2, 3, 4))]
            rng.shuffle(chosen)
            yield Example(example.question, " ".join(chosen), None, origin="mined")


def _held(name: str, text: str) -> bool:
    return any(part in text for part in name.split() if len(part) > 2)
