"""Training questions over invented notes: collections about drugs, trials, places and machines that do not exist.

`questions/invented/documents` holds some eight documents of each collection, which tell of the same few things and can be
confused; `questions/invented/gold` what was asked about them, as a gold set. All are in one index, so that what this project's
retriever takes for an answer is what the network learns to turn down: the sibling's value, the other group, another collection.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from reader_examples import Example
from reader_papers import Searches, passages_by_document, put_to_passage
from reader_written import FEW_WORDS, JUDGED, NEAREST, QUESTIONS, taken_up

from qa import index as indexes
from qa.assistant import Assistant
from qa.embedding import SentenceTransformerEmbedder
from qa.evaluation import evidence, own_corpus, read_gold
from qa.reader.wording import worded
from qa.schema import GoldQuestion, Passage, Query

INVENTED = QUESTIONS / "invented"

HELD_OUT = 8
"""Collections whose number this divides are for measuring and for the linear models, not for the network."""


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
        self._search = Searches(self.assistant)

    def search(self, question: GoldQuestion) -> tuple[Query, list[Passage]]:
        """The question as the chat takes it up and understands it, and the passages that rank high for it."""
        asked = taken_up(question.question, " ".join(question.history)) if question.history else question.question
        return self._search(asked)

    def trained_on(self) -> list[GoldQuestion]:
        """The questions of the collections that are not held out."""
        return [question for question in self.questions if not is_held_out(question.query_id)]

    def held_out(self) -> list[GoldQuestion]:
        """The questions that no network is trained on."""
        return [question for question in self.questions if is_held_out(question.query_id)]


def is_held_out(query_or_doc_id: str) -> bool:
    """Whether a question or document, by its id, is of a collection that is kept for measuring."""
    return int(query_or_doc_id[:2]) % HELD_OUT == 0


def on_invented(invented: Invented, rng: random.Random) -> Iterator[Example]:
    """The questions of the collections that are not held out.

    Each is put to a passage that answers, to the highest-ranked one that does not, and half of them to another such.
    """
    for question in invented.trained_on():
        yield from _asked(question, invented, rng)


def ranked_on_invented(invented: Invented) -> Iterator[tuple[str, Passage]]:
    """Each of these questions with the passages that rank highest, but for those of the collections held out."""
    for question in invented.trained_on():
        query, hits = invented.search(question)
        yield from ((worded(query, passage), passage) for passage in hits[:JUDGED] if not is_held_out(passage.doc_id))


def _asked(question: GoldQuestion, invented: Invented, rng: random.Random) -> Iterator[Example]:
    query, hits = invented.search(question)
    holding = _holding(question, invented)
    if holding:
        ranked = [passage for passage in hits if passage in holding] or holding
        passage = rng.choice(ranked) if question.answers_all else ranked[0]  # of a list in a table, any row
        place = _place(question, passage)
        if place is not None:
            yield put_to_passage(worded(query, passage), passage, place, origin="invented")
    wrong = [p for p in hits if p not in holding and _is_wrong(question, p)]
    others = wrong[1:NEAREST]
    for passage in [*wrong[:1], *rng.sample(others, min(rng.randint(0, 1), len(others)))]:
        yield put_to_passage(worded(query, passage), passage, None, origin="invented")


def _is_wrong(question: GoldQuestion, passage: Passage) -> bool:
    """Whether a passage without the evidence surely does not answer.

    What no document of a collection answers may be answered by another one, as trials of the same name come back; a long answer
    may be told in other words elsewhere in its document.
    """
    said = [words.lower() for words in question.answers_all or question.answers]
    if is_held_out(passage.doc_id):
        return False
    if not said:
        return passage.doc_id[:2] == question.query_id[:2]
    short = all(len(words.split()) <= FEW_WORDS for words in said)
    same = any(item.doc_id == passage.doc_id for item in question.evidence)
    return (short or not same) and not any(words in passage.text.lower() for words in said)


def _holding(question: GoldQuestion, invented: Invented) -> list[Passage]:
    """The passages that share words with the evidence."""
    return [
        passage
        for doc_id in dict.fromkeys(item.doc_id for item in question.evidence)
        for passage in invented.passages[doc_id]
        if evidence.overlaps(question.evidence, doc_id, passage.start, passage.end)
    ]


def _place(question: GoldQuestion, passage: Passage) -> tuple[int, int] | None:
    """Where in the document the answer stands, inside the passage: of a list from its first member to its last."""
    said = question.answers_all or question.answers
    for item in question.evidence:
        if item.doc_id != passage.doc_id or item.start is None or item.end is None:
            continue
        start, end = max(item.start, passage.start), min(item.end, passage.end)
        text = passage.slice(start, end) if start < end else ""
        found = [m.span() for words in said if (m := re.search(rf"(?<![\w.,]){re.escape(words)}(?!\w)", text))]
        if found:
            return start + min(begin for begin, _ in found), start + max(stop for _, stop in found)
    return None
