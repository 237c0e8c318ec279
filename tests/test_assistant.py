"""The assistant as a user meets it, over the notes with the real models."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FakeEmbedder

import qa
from qa import index
from qa.assistant import Assistant, index_folder
from qa.errors import IndexStateError, QuestionError

QUESTION = "what is the baricitinib EUA dose"


def test_the_index_that_is_meant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert index_folder().name == "index"
    monkeypatch.setenv("VERBATIM_INDEX", str(tmp_path / "other"))
    assert index_folder() == tmp_path / "other"
    assert index_folder(tmp_path / "given") == tmp_path / "given"


def test_no_index_says_how_to_build_one(tmp_path: Path, embedder: FakeEmbedder) -> None:
    with pytest.raises(IndexStateError, match="qa index"):
        Assistant.open(tmp_path / "none", embedder=embedder)
    with pytest.raises(IndexStateError, match="qa index"):
        qa.ask(QUESTION, index=tmp_path / "none")


@pytest.mark.model
class TestOverTheNotes:
    def test_the_question_of_the_readme(self, notes: Assistant) -> None:
        answer = notes.ask(QUESTION)
        assert answer.answered
        assert "4 mg" in answer.short
        assert "14 days" in answer.text
        citation = answer.citations[0]
        assert citation.source.doi == "10.3949/ccjm.87a.ccc060"
        assert citation.source.year == "2021"
        assert citation.source.section
        assert answer.elapsed_ms > 0

    @pytest.mark.parametrize("question", ["asdf qwer", "what is the capital of France", "who won the football match"])
    def test_what_is_not_there_is_refused_with_the_nearest_passages(self, notes: Assistant, question: str) -> None:
        answer = notes.ask(question)
        assert not answer.answered
        assert answer.short == answer.text == ""
        assert answer.hits

    def test_the_best_guess_can_be_forced(self, notes: Assistant) -> None:
        assert notes.ask("what is the capital of France", force=True).answered

    def test_a_misspelt_name_is_mended_and_shown(self, notes: Assistant) -> None:
        answer = notes.ask("ruxolitnib dose in polycythemia vera")
        assert [c.replacement for c in answer.corrections] == ["ruxolitinib"]
        assert "10 mg" in answer.text

    def test_documents_limit_where_is_searched(self, notes: Assistant) -> None:
        only = "laboratory-monitoring"
        assert {hit.passage.doc_id for hit in notes.retrieve(QUESTION, 50, documents=[only])} == {only}
        assert {hit.passage.doc_id for hit in notes.ask(QUESTION, documents=only).hits} == {only}
        with pytest.raises(IndexStateError, match="qa list"):
            notes.ask(QUESTION, documents=["no such document"])

    def test_history_is_leaned_on(self, notes: Assistant) -> None:
        answer = notes.ask("and for how many days?", history=[QUESTION])
        assert "14 days" in answer.text or "14 days" in "".join(span.text for span in answer.candidates)
        assert "baricitinib" in answer.query

    def test_two_things_named_together_get_a_quote_each(self, notes: Assistant) -> None:
        answer = notes.ask("who makes baricitinib and tofacitinib?")
        assert [span.text for span in answer.spans] == ["Eli Lilly", "Pfizer"]
        assert [citation.number for citation in answer.citations] == [1, 2]
        assert answer.confidence == min(span.confidence or 0.0 for span in answer.spans)

    def test_history_without_a_question_is_no_history(self, notes: Assistant) -> None:
        assert notes.ask("what about it?", history=["???"]).query == "what about it?"

    def test_bad_arguments(self, notes: Assistant) -> None:
        with pytest.raises(ValueError, match="k is the number"):
            notes.retrieve(QUESTION, 0)
        with pytest.raises(QuestionError):
            notes.ask("   ")


def test_passages_of_the_same_words_come_once_and_cite_each_document(tmp_path: Path, embedder: FakeEmbedder) -> None:
    """A preprint and its article, say: one hit, one answer, both places."""
    same = "The dose of baricitinib at the Café 😀 was 4 mg a day for all patients.\n"
    for name, text in {"a": same, "b": same, "c": "The weather at the hotel was fine.\n"}.items():
        (tmp_path / f"{name}.md").write_text(f"# Title of {name}\n\n{text}", encoding="utf-8")
    index.build(tmp_path / "index", [tmp_path], embedder)
    assistant = Assistant.open(tmp_path / "index", embedder=embedder)
    hits = assistant.retrieve("dose of baricitinib", k=5)
    assert [hit.passage.text for hit in hits].count(hits[0].passage.text) == 1
    assert {p.doc_id for p in (hits[0].passage, *hits[0].same)} == {"a", "b"}
    answer = assistant.ask("dose of baricitinib", force=True)
    first, (other,) = answer.citations[0], answer.citations[0].also
    assert {first.doc_id, other.doc_id} == {"a", "b"}
    assert assistant.document(other.doc_id).slice(other.start, other.end) == other.quote == first.quote
    assert assistant.retrieve("dose of baricitinib", k=5, documents=["b"])[0].same == ()
