"""What one could ask: of table rows, headings and abbreviations, and only what is answered."""

from __future__ import annotations

from dataclasses import dataclass

from chat_fake import NOTE, TABLE, FakeAssistant, make_document

from qa.chat.conversing import converse
from qa.chat.suggesting import Suggestions, candidates
from qa.errors import IndexStateError
from qa.schema import Answer, Document, Source


def test_rows_headings_and_abbreviations_become_questions() -> None:
    questions = {s.question: TABLE.slice(s.start, s.end) for s in candidates(TABLE)}
    assert questions["What is the usual dose of ruxolitinib?"].startswith("| Ruxolitinib |")
    assert "What are the targets of tofacitinib?" in questions
    note = {s.question: NOTE.slice(s.start, s.end) for s in candidates(NOTE)}
    assert "emergency use authorization" in note["What does EUA stand for?"]
    assert note["What is known about rheumatoid arthritis?"].startswith("For rheumatoid arthritis")


def test_names_that_are_no_names_are_not_asked_about() -> None:
    rows = [
        "| Drug | IL-6 | Dose (mg) | Dose |",
        "| 12.5 | a | b | 1 mg |",
        "| <b>X</b> | a | b | 2 mg |",
        "| JAK1 | a | b | 3 mg |",
    ]
    document = make_document("t", Source(path="t"), "# T\n\n" + "\n".join(rows) + "\n")
    assert [s.question for s in candidates(document)] == ["What is the dose of JAK1?"]


@dataclass
class Counting(FakeAssistant):
    """Counts what it is asked, and is sure of nothing where told so."""

    asked: int = 0
    sure: bool = True

    def ask(self, question: str, **options: object) -> Answer:  # type: ignore[override]
        self.asked += 1
        answer = super().ask(question)
        return answer if self.sure else self._abstain(question)

    documents = property(lambda self: self.__dict__.setdefault("_documents", FakeAssistant().documents))  # type: ignore[assignment]


def test_only_what_is_answered_with_those_words_is_suggested() -> None:
    assistant = Counting()
    found = Suggestions().welcome(assistant)
    assert "What is the usual dose of ruxolitinib?" in found or "What are the targets of ruxolitinib?" in found
    assert "What is the usual dose of tofacitinib?" not in found  # the fake does not know it
    assert Suggestions().welcome(Counting(sure=False)) == ()


def test_suggestions_are_worked_out_once() -> None:
    assistant, suggestions = Counting(), Suggestions()
    first = suggestions.welcome(assistant)
    asked = assistant.asked
    assert asked and suggestions.welcome(assistant) == first and assistant.asked == asked


def test_instead_of_an_answer_what_shares_words_comes_first() -> None:
    assistant = Counting()
    answer = assistant.ask("the price of ruxolitinib tablets, the emergency")
    nothing = assistant._abstain("price of ruxolitinib")
    assert answer.answered
    found = Suggestions().instead(assistant, nothing)
    assert found and "ruxolitinib" in found[0]


def test_what_one_collection_answers_is_not_said_of_another() -> None:
    suggestions, unsure, sure = Suggestions(), Counting(sure=False), Counting()
    unsure.__dict__["_documents"] = sure.documents
    nothing = sure._abstain("price of ruxolitinib")
    assert suggestions.instead(unsure, nothing, "Trials") == ()
    assert suggestions.instead(sure, nothing)
    assert suggestions.instead(sure, nothing, "Trials") == ()


class Removed(FakeAssistant):
    """Its documents are gone by the time one wants to know what to ask instead."""

    def document(self, doc_id: str) -> Document:
        raise IndexStateError(f"no document {doc_id!r}")


def test_an_answer_stays_where_its_documents_are_removed_meanwhile() -> None:
    *_, (turn,) = converse(Removed(), Suggestions(), "what does it cost?", [])
    assert turn.answer is not None and not turn.suggestions
