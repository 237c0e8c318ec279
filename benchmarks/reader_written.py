"""Training questions that were written for this project: over the 60 papers, and over sections of Wikipedia.

`questions/papers.jsonl` and `questions/wikipedia.jsonl` hold what is asked and where the answer stands, not the texts. One in
four is a near miss: of the same subject and in the same words, and not answered by the block of sentences it was written for.
The writers asked in other words than the text's where there are any, as paraphrase is what the other data teach least.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reader_clozes import wikipedia
from reader_examples import SHARED, Example, run_of
from reader_papers import DEPTH, PAPERS, Searches, fold_of, indexed, passages_by_document, put_to_passage

from qa.conversation.rewriting import MAX_CARRIED
from qa.reader.wording import worded
from qa.schema import Passage, Query
from qa.text import STOP_WORDS, stems, words

QUESTIONS = Path(__file__).with_name("questions")

HELD_OUT = 0
"""The fold of papers whose written questions are for measuring and for the linear models, never for the network."""

FEW_WORDS = 4
"""An answer of at most so many words stands in every passage of its paper that answers; a longer one may be put otherwise."""

NEAREST = 5
"""High-ranked passages of which one is put to each question as a negative."""

JUDGED = 8
"""High-ranked passages that teachers judge."""


@dataclass(frozen=True, slots=True)
class Written:
    """A question written for the block [begin, end) of a source; `answer` are characters, `exact` as in `Example`.

    Papers: the id of the document, and characters of it. Wikipedia: the number of a section, sentences of it, and characters of
    these sentences joined by blanks. `crc` is the checksum of the answer's words. What was `typed` behind another question,
    `before`, is the question as the chat takes it up.
    """

    question: str
    source: str
    begin: int
    end: int
    answer: tuple[int, int] | None
    exact: bool
    crc: int | None
    typed: str = ""
    before: str = ""

    def words(self, text: str) -> str:
        """The words of the answer in the source's text; raises ValueError where they are no longer those that were meant."""
        found = text[slice(*self.answer)] if self.answer else ""
        if self.answer and zlib.crc32(found.encode()) != self.crc:
            raise ValueError(f"the text of {self.question!r} has changed: its answer's place now holds {found!r}")
        return found

    def answered_by(self, passage: Passage, start: int, end: int) -> bool:
        """Whether characters [start, end) of the paper that a passage is of hold some of the answer."""
        return (
            self.answer is not None
            and passage.doc_id == self.source
            and start < self.answer[1]
            and end > self.answer[0]
        )


def read_written(name: str) -> Iterator[Written]:
    """The questions of a file; one that was typed behind another (`typed`, `before`) also as the chat takes it up."""
    for line in (QUESTIONS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        answer = (item["answer"][0], item["answer"][1]) if item["answer"] else None
        exact, crc = item.get("exact", True), item.get("crc")
        written = Written(item["question"], item["source"], *item["block"], answer, exact, crc)
        yield written
        if "typed" in item:
            typed, before = item["typed"], item["before"]
            yield replace(written, question=taken_up(typed, before), typed=typed, before=before)


def taken_up(typed: str, before: str) -> str:
    """A follow-up with what the question before was about, much as `qa.conversation.rewriting` carries it over.

    >>> taken_up("and in children?", "What is the dose of zanamivir in adults?")
    'and in children? (dose zanamivir adults)'
    """
    own = {word.stem for word in words(typed)} | STOP_WORDS
    carried = [word.text for word in words(before) if word.stem not in own]
    return f"{typed} ({' '.join(carried[-MAX_CARRIED:])})"


class Papers:
    """The 60 papers as they are indexed, with what was asked about them; without those of a fold, if one is given."""

    def __init__(self, without: int | None = None) -> None:
        _, self.assistant = indexed(PAPERS)
        self._passages = passages_by_document(self.assistant)
        self._without = without
        self._search = Searches(self.assistant)

    def trained_on(self) -> Iterator[Written]:
        """The questions that the network is trained on: neither of the fold HELD_OUT nor of the one left out."""
        return (item for item in read_written("papers") if fold_of(item.source) not in (HELD_OUT, self._without))

    def block(self, item: Written) -> list[Passage]:
        """The passages of prose that a question was written for."""
        return [p for p in self._passages[item.source] if p.start < item.end and p.end > item.begin and not p.cells]

    def words(self, item: Written) -> str:
        """The words that answer; "" where the block does not. Raises ValueError where the paper's text has changed."""
        return item.words(self.assistant.document(item.source).text)

    def search(self, item: Written) -> tuple[Query, list[Passage]]:
        """The question as understood, and the passages of papers not left out that rank high for it."""
        query, hits = self._search(item.question)
        return query, [hit for hit in hits if fold_of(hit.doc_id) != self._without]


def written_on_papers(papers: Papers, rng: random.Random) -> Iterator[Example]:
    """The questions over papers that the network is trained on.

    Each is put to the passage that answers, to another of its block, and to a high-ranked one without the answer's words.
    """
    for item in papers.trained_on():
        yield from _on_paper(item, papers, rng)


def ranked_on_papers(papers: Papers) -> Iterator[tuple[str, Passage]]:
    """Each of these questions with the passages that rank highest."""
    for item in papers.trained_on():
        query, hits = papers.search(item)
        yield from ((worded(query, passage), passage) for passage in hits[:JUDGED])


@dataclass(frozen=True, slots=True)
class Posed:
    """A question of the fold HELD_OUT, put to its block's passages and to high-ranked ones of other papers."""

    item: Written
    text: str
    passages: tuple[Passage, ...]


def held_out(rng: random.Random, most: int | None = None) -> list[Written]:
    """The questions for measuring, at most so many, drawn at random."""
    items = [item for item in read_written("papers") if fold_of(item.source) == HELD_OUT]
    return items if most is None else rng.sample(items, min(most, len(items)))


def posed(items: Sequence[Written], depth: int = 5) -> Iterator[Posed]:
    """The questions over papers as they are measured.

    Other passages of the same paper are left out: they may answer what the block does not.
    """
    papers = Papers()
    for item in items:
        papers.words(item)
        query, hits = papers.search(item)
        others = [passage for passage in hits if passage.doc_id != item.source][:depth]
        yield Posed(item, query.text, (*papers.block(item), *others))


def _on_paper(item: Written, papers: Papers, rng: random.Random) -> Iterator[Example]:
    own, said = papers.block(item), papers.words(item)
    query, hits = papers.search(item)
    place = {passage.passage_id: i for i, passage in enumerate(hits)}
    nearest = sorted(own, key=lambda passage: place.get(passage.passage_id, DEPTH))
    if item.answer is None:
        chosen = nearest[: rng.choice((1, 1, 2))]
    else:
        start, end = item.answer
        for passage in own:
            if passage.start <= start and end <= passage.end:
                asked = worded(query, passage)
                yield put_to_passage(asked, passage, item.answer, origin="written", exact=item.exact)
                break
        short = item.exact and len(said.split()) <= FEW_WORDS
        other = [
            passage
            for passage in hits
            if passage not in own
            and (passage.doc_id != item.source or short)
            and said.lower() not in passage.text.lower()
        ]
        chosen = [
            *[passage for passage in nearest if passage.start >= end or passage.end <= start][:1],
            *rng.sample(other[:NEAREST], min(1, len(other))),
        ]
    for passage in chosen:
        yield put_to_passage(worded(query, passage), passage, None, origin="written")


def written_on_wikipedia(rng: random.Random) -> Iterator[Example]:
    """The questions over sections, each put to a run of its block, half of them to a run that does not answer."""
    sections = wikipedia(SHARED)
    for item in read_written("wikipedia"):
        head, sentences = sections[int(item.source)]
        told = sentences[item.begin : item.end]
        head = head if rng.random() < 0.7 else ""
        if item.answer is None:
            asked = set(stems(item.question))
            nearest = max(range(len(told)), key=lambda i: (len(asked.intersection(stems(told[i]))), rng.random()))
            yield _on_run(item, head, told, nearest, None, rng)
            continue
        item.words(" ".join(told))
        ends = [sum(len(sentence) + 1 for sentence in told[: i + 1]) for i in range(len(told))]
        right = next(i for i, end in enumerate(ends) if item.answer[0] < end)
        yield _on_run(item, head, told, right, item.answer, rng)
        others = [i for i in range(len(told)) if i != right]
        if others and rng.random() < 0.5:
            yield _on_run(item, head, [told[i] for i in others], rng.randrange(len(others)), None, rng)


def _on_run(
    item: Written, head: str, told: Sequence[str], around: int, answer: tuple[int, int] | None, rng: random.Random
) -> Example:
    """The question put to a run of sentences around one, which holds the answer if there is any: characters of all."""
    begin, end = run_of(told, around, rng, rng.randint(40, 110))
    text = head + " ".join(told[begin:end])
    if answer is None:
        return Example(item.question, text, None, text_start=len(head), origin="written")
    shift = len(head) - sum(len(sentence) + 1 for sentence in told[:begin])
    answer = (answer[0] + shift, answer[1] + shift)
    return Example(item.question, text, answer, item.exact, len(head), "written")
