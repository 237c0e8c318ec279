"""What a gold set is, its two halves, and how much of its wording it shares with its evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa.schema import GoldQuestion
from qa.text import STOP_WORDS, words

Format = Literal["JSONL", "SQuAD", "BEIR"]
Half = Literal["dev", "test"]
HALVES: tuple[Half, ...] = ("dev", "test")

BEIR_FILES = ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv")


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A document that a gold set brings along."""

    doc_id: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class GoldSet:
    """The questions of a gold set, the documents that it brings along if any, and the hash of its files."""

    name: str
    format: Format
    questions: tuple[GoldQuestion, ...]
    documents: tuple[GoldDocument, ...]
    sha256: str


def half(gold: GoldQuestion) -> Half:
    """The half that a question belongs to, by the hash of its words; a dialogue stays together, by its first question.

    Questions in the half `dev` may be looked at and fitted on, those in `test` only measured on.
    """
    opening = (gold.history or (gold.question,))[0]
    key = " ".join(opening.casefold().split())
    return HALVES[hashlib.sha256(key.encode()).digest()[0] % 2]


def word_overlap(questions: Sequence[GoldQuestion]) -> float | None:
    """Mean share of a question's content words (stems) that stand in its evidence; None without evidence.

    It tells how far a set repeats the wording of the documents: a low share is the harder and more honest set.
    """
    shares = []
    for gold in questions:
        asked = _content(gold.question)
        if asked and gold.evidence:
            told = set().union(*(_content(evidence.quote) for evidence in gold.evidence))
            shares.append(sum(stem in told for stem in asked) / len(asked))
    return sum(shares) / len(shares) if shares else None


def _content(text: str) -> list[str]:
    return [word.stem for word in words(text) if not STOP_WORDS & {word.stem, word.text.lower()}]
