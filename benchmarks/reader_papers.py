"""Training examples from the 60 papers: passages that hold the answer, and those that this project's retriever takes for it.

The papers are indexed as users' files are, so the network is trained on the passages that it will read.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reader_examples import SHARED, Example

from qa.assistant import Assistant
from qa.embedding import SentenceTransformerEmbedder
from qa.evaluation import evidence, own_corpus, read_gold
from qa.query import understand
from qa.reader.spans import reading_text
from qa.schema import Evidence, GoldQuestion, Hit, Passage, Query

PAPERS = SHARED / "covidqa/train.json"
FOLDS = 5
DEPTH = 20
"""Passages of the ranking that negatives are drawn from, and that are reranked when the reader is measured."""


@dataclass(frozen=True, slots=True)
class PaperQuestion:
    """A question with its paper's id, the passages that hold evidence, and the ranking; `text` is the question as understood."""

    gold: GoldQuestion
    paper: str
    text: str
    right: tuple[Passage, ...]
    hits: tuple[Hit, ...]


def indexed(file: Path, work: Path | None = None) -> tuple[Sequence[GoldQuestion], Assistant]:
    """The questions of a SQuAD file and its documents, which are indexed below `work` first where they are not yet."""
    embedder = SentenceTransformerEmbedder()
    own = own_corpus.index_documents(read_gold(file), embedder, work=work or own_corpus.cache_folder())
    return own.gold.questions, Assistant.open(own.folder, embedder=embedder)


def paper_questions(file: Path, work: Path | None = None) -> list[PaperQuestion]:
    """The questions of a SQuAD file, each put to all its documents."""
    questions, assistant = indexed(file, work)
    ids = {item.doc_id for question in questions for item in question.evidence}
    golds, _ = evidence.resolve(questions, {doc_id: assistant.document(doc_id) for doc_id in sorted(ids)})
    by_document = passages_by_document(assistant)
    found = []
    for gold in golds:
        if not gold.evidence:
            continue
        query = understand(gold.question, assistant.index.vocabulary)
        paper = gold.evidence[0].doc_id
        right = tuple(p for p in by_document[paper] if evidence.overlaps(gold.evidence, p.doc_id, p.start, p.end))
        found.append(PaperQuestion(gold, paper, query.text, right, tuple(assistant.ranker.search(query, DEPTH))))
    return found


class Searches:
    """What ranks high for questions over an index; each is searched for once, as every epoch asks it anew."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._found: dict[str, tuple[Query, list[Passage]]] = {}

    def __call__(self, question: str) -> tuple[Query, list[Passage]]:
        """The question as understood, and the passages that rank high for it."""
        if question not in self._found:
            query = understand(question, self._assistant.index.vocabulary)
            self._found[question] = query, [hit.passage for hit in self._assistant.ranker.search(query, DEPTH)]
        return self._found[question]


def passages_by_document(assistant: Assistant) -> dict[str, list[Passage]]:
    """The passages of each document, by its id."""
    found: dict[str, list[Passage]] = {}
    for passage in assistant.index.passages:
        found.setdefault(passage.doc_id, []).append(passage)
    return found


def fold_of(paper: str) -> int:
    """The fold of a paper, by its id; its questions are never in training and test."""
    return zlib.crc32(paper.encode()) % FOLDS


def paper_examples(
    questions: Sequence[PaperQuestion], rng: random.Random, negatives: int, without: int | None = None
) -> Iterator[Example]:
    """Each question with the passages that answer it, and with `negatives` high-ranked ones that do not.

    The papers of the fold `without` are not even among those.
    """
    for question in questions:
        for passage in question.right[:2]:
            yield from _positive(question, passage)
        wrong = [
            hit.passage
            for hit in question.hits
            if fold_of(hit.passage.doc_id) != without
            and hit.passage.passage_id not in {passage.passage_id for passage in question.right}
            and not any(item.quote in hit.passage.text for item in question.gold.evidence)
        ]
        first, rest = wrong[: negatives // 2], wrong[negatives // 2 :]
        for passage in [*first, *rng.sample(rest, min(len(rest), negatives - len(first)))]:
            yield put_to_passage(question.text, passage, None, origin="papers")


def _positive(question: PaperQuestion, passage: Passage) -> Iterator[Example]:
    place = _inside(question.gold.evidence, passage)
    if passage.cells or place is None:
        return
    yield put_to_passage(question.text, passage, place, origin="papers")


def put_to_passage(
    question: str, passage: Passage, answer: tuple[int, int] | None, *, origin: str, exact: bool = True
) -> Example:
    """The question with the passage as the network reads it; `answer` are characters of the document, of a table's row those
    of one cell. Raises ValueError where the passage does not hold them.
    """
    read = reading_text(passage)
    if answer is not None:
        unit = next((u for u in read.units if answer[0] < u.origin + u.end - u.start), None)
        if unit is None:
            raise ValueError(f"{answer} is not in the passage at {passage.start} of {passage.doc_id}")
        shift = unit.start - unit.origin
        answer = (answer[0] + shift, answer[1] + shift)
    return Example(question, read.text, answer, exact, read.text_start, origin)


def _inside(places: Sequence[Evidence], passage: Passage) -> tuple[int, int] | None:
    """The part of the first evidence that stands in the passage."""
    for item in places:
        if item.doc_id == passage.doc_id and item.start is not None and item.end is not None:
            start, end = max(item.start, passage.start), min(item.end, passage.end)
            if start < end:
                return start, end
    return None
