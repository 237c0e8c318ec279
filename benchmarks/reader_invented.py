"""Training questions over invented notes: collections about drugs, trials, places and machines that do not exist.

`questions/invented/documents` holds some eight documents of each collection, which tell of the same few things and can be
confused; `questions/invented/gold` what was asked about them, as a gold set. All are in one index, so that what this project's
retriever takes for an answer is what the network learns to turn down: the sibling's value, the other group, another collection.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from reader_examples import Example
from reader_papers import DEPTH, passages_by_document, put_to_passage
from reader_written import FEW_WORDS, NEAREST, QUESTIONS, taken_up

from qa import index as indexes
from qa.assistant import Assistant
from qa.embedding import SentenceTransformerEmbedder
from qa.evaluation import evidence, own_corpus, read_gold
from qa.query import understand
from qa.reader.wording import worded
from qa.schema import GoldQuestion, Passage

INVENTED = QUESTIONS / "invented"

HELD_OUT = 8
"""Collections whose number this divides are for measuring and for the linear models, never for the network."""


class Invented:
    """The invented documents as they are indexed, with what was asked about them."""

    def __init__(self) -> None:
        embedder = SentenceTransformerEmbedder()
        folder = own_corpus.cache_folder() / "invented"
        indexes.build(folder, [INVENTED / "documents"], embedder)
        self.assistant = Assistant.open(folder, embedder=embedder)
        questions = read_gold(INVENTED / "gold").questions
        named = {item.doc_id for question in questions for item in question.evidence}
        self.questions, _ = evidence.resolve(questions, {name: self.assistant.document(name) for name in sorted(named)})
        self.passages = passages_by_document(self.assistant)

    def held_out(self) -> list[GoldQuestion]:
        """The questions that no network is trained on."""
        return [question for question in self.questions if is_held_out(question)]


def is_held_out(question: GoldQuestion) -> bool:
    return int(question.query_id[:2]) % HELD_OUT == 0


def on_invented(invented: Invented, rng: random.Random) -> Iterator[Example]:
    """The questions of the collections that are not held out.

    Each is put to a passage that answers, to the highest-ranked one that does not, and half of them to another such.
    """
    for question in invented.questions:
        if not is_held_out(question):
            yield from _asked(question, invented, rng)


def alone(question: GoldQuestion) -> GoldQuestion:
    """A follow-up with what the questions before were about; any other question as it is."""
    if not question.history:
        return question
    return replace(question, question=taken_up(question.question, " ".join(question.history)), history=())


def _asked(question: GoldQuestion, invented: Invented, rng: random.Random) -> Iterator[Example]:
    query = understand(alone(question).question, invented.assistant.index.vocabulary)
    hits = [hit.passage for hit in invented.assistant.ranker.search(query, DEPTH)]
    right = {p.passage_id for p in _holding(question, invented)}
    said = [words.lower() for words in question.answers_all or question.answers]
    if right:
        ranked = [passage for passage in hits if passage.passage_id in right]
        passage = ranked[0] if ranked else next(p for p in _holding(question, invented))
        place = _place(question, passage)
        if place is not None:
            start, end, exact = place
            yield put_to_passage(worded(query, passage), passage, (start, end), origin="invented", exact=exact)
    short = bool(said) and all(len(words.split()) <= FEW_WORDS for words in said)
    wrong = [
        passage
        for passage in hits
        if passage.passage_id not in right and not (short and any(words in passage.text.lower() for words in said))
    ]
    others = wrong[1:NEAREST]
    for passage in [*wrong[:1], *rng.sample(others, min(rng.randint(0, 1), len(others)))]:
        yield put_to_passage(worded(query, passage), passage, None, origin="invented")


def _holding(question: GoldQuestion, invented: Invented) -> list[Passage]:
    """The passages that share words with the evidence."""
    return [
        passage
        for doc_id in dict.fromkeys(item.doc_id for item in question.evidence)
        for passage in invented.passages[doc_id]
        if evidence.overlaps(question.evidence, doc_id, passage.start, passage.end)
    ]


def _place(question: GoldQuestion, passage: Passage) -> tuple[int, int, bool] | None:
    """Where in the document the answer stands, inside the passage, and whether it is these very words.

    Of a list whose members stand in one sentence, from the first to the last of them.
    """
    for item in question.evidence:
        if item.doc_id != passage.doc_id or item.start is None or item.end is None:
            continue
        start, end = max(item.start, passage.start), min(item.end, passage.end)
        if start >= end:
            continue
        text = passage.slice(start, end)
        found = [text.find(words) for words in question.answers_all or question.answers]
        if any(at >= 0 for at in found):
            ends = [
                at + len(words)
                for at, words in zip(found, question.answers_all or question.answers, strict=True)
                if at >= 0
            ]
            return start + min(at for at in found if at >= 0), start + max(ends), not question.answers_all
    return None
