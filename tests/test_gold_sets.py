"""The gold sets of the project: enough of each kind, evidence in the notes, halves apart, worded as people ask."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from qa.corpus import read_document
from qa.evaluation import half, read_gold, word_overlap
from qa.evaluation.evidence import overlaps, resolve
from qa.evaluation.matching import holds
from qa.schema import Document, GoldQuestion

ROOT = Path(__file__).resolve().parent.parent
GOLD, NOTES = ROOT / "corpus" / "gold", ROOT / "corpus" / "documents"


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    read = (read_document(path, NOTES) for path in sorted(NOTES.glob("*.md")))
    return {document.doc_id: document for document in read}


def questions(name: str) -> tuple[GoldQuestion, ...]:
    return read_gold(GOLD / f"{name}.jsonl").questions


def test_there_are_enough_questions_of_every_kind() -> None:
    facts, unanswerable = questions("facts"), questions("unanswerable")
    assert len(facts) >= 200
    assert len(unanswerable) >= 80
    assert all(gold.answers for gold in facts)
    assert not any(gold.answerable for gold in unanswerable)
    assert {"lay", "typo", "table", "list", "dose"} <= {gold.kind for gold in facts}
    assert {gold.kind for gold in unanswerable} == {
        "nearmiss",
        "wrongdrug",
        "wrongpopulation",
        "otherfield",
        "nonsense",
    }


def test_dialogues_have_two_to_five_turns_each_with_those_before_it() -> None:
    turns = questions("dialogues")
    dialogues = defaultdict(list)
    for turn in turns:
        dialogues[turn.query_id.rpartition("-")[0]].append(turn)
    assert len(dialogues) >= 30
    for dialogue in dialogues.values():
        assert 2 <= len(dialogue) <= 5
        for i, turn in enumerate(dialogue):
            assert turn.history == tuple(before.question for before in dialogue[:i])
        assert len({half(turn) for turn in dialogue}) == 1


@pytest.mark.parametrize("name", ["facts", "dialogues"])
def test_evidence_stands_in_the_notes_and_holds_the_answer(name: str, documents: dict[str, Document]) -> None:
    resolved, lost = resolve(questions(name), documents)
    assert not lost
    for gold in resolved:
        assert bool(gold.evidence) == gold.answerable, gold.query_id
        if gold.answerable:
            told = [evidence.quote for evidence in gold.evidence]
            found = [any(holds(quote, words) for quote in told) for words in gold.answers_all or gold.answers]
            assert (all if gold.answers_all else any)(found), gold.query_id


def test_every_table_row_is_asked_for(documents: dict[str, Document]) -> None:
    resolved, _ = resolve(questions("facts"), documents)
    evidence = [item for gold in resolved for item in gold.evidence]
    rows = [(d, block) for d in documents.values() for block in d.blocks if block.kind == "table_row"]
    assert len(rows) > 50
    for document, row in rows:
        assert overlaps(evidence, document.doc_id, row.start, row.end), document.slice(row.start, row.end)


@pytest.mark.parametrize("name", ["facts", "dialogues"])
def test_questions_do_not_repeat_the_wording_of_their_evidence(name: str) -> None:
    share = word_overlap(questions(name))
    assert share is not None
    assert share <= 0.5


def test_both_halves_are_large_enough_to_measure_on() -> None:
    sizes = Counter(half(gold) for gold in read_gold(GOLD).questions)
    assert min(sizes.values()) > 250


def test_no_question_is_asked_twice() -> None:
    asked = Counter((gold.history, " ".join(gold.question.casefold().split())) for gold in read_gold(GOLD).questions)
    assert asked.most_common(1)[0][1] == 1
