"""The invariants of ARCHITECTURE.md, over every document, passage and answer there is."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import NOTES, ROOT
from fakes import FakeEmbedder, make_document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_chunking import check_passages

from qa import index
from qa.assistant import Assistant
from qa.corpus import find_files, read_document
from qa.corpus.files import read_text
from qa.errors import IndexStateError, QuestionError
from qa.schema import MAX_ANSWER_WORDS, Answer, Document, Span

SHARED = Path(os.environ.get("VERBATIM_SHARED", ROOT.parent / "shared"))
PAPERS = SHARED / "seeds"
QUESTIONS = [
    "what is the baricitinib EUA dose",
    "when was the emergency use authorization issued?",
    "which cytokines signal through JAK2?",
    "how many days shorter was the recovery time",
    "P value for the hazard ratio",
    "what does EUA stand for",
    "list the side effects of tofacitinib",
    "blood clots with ruxo",
    "why are JAK inhibitors tried in covid-19?",
    "NCT number of the baricitinib trial",
    "is ruxolitnib safe for kids",
    "what percentage had thrombosis",
    "how much",
    "what is the capital of France",
    "asdf qwer",
    "who is it",
    "Café 😀",
]

GENERATED = {
    "café.md": "---\ntitle: Café 😀 trial\nyear: 2020\n---\n\n# Results\n\n"
    "Baricitinib (4 mg) was given; 😀 P < .001. Cafe\u0301 vs. tea, e.g. in 2020. Zhang et al. saw \u200fit\u200e.\n\n"
    "## Doses\n\nTable 1. Doses 😀\n\n| Drug | Dose | Note |\n|---|---|---|\n"
    "| Baricitinib 😀 | 4 mg | 14 days |\n| Ruxolitinib |  | 5 mg twice daily |\n\n- first item 😀\n- second item\n",
    "crlf.md": "# Über\r\n\r\nThe emergency use authorization (EUA) was issued\r\non November 19, 2020. It names 2 mg.\r\n"
    "\r\n## B\r\n\r\n" + "A sentence with IL-6 and 4.5 mg in it, of some length, follows here. " * 40 + "\r\n",
    "flat.txt": "A TITLE OF A PAPER\n\nABSTRACT\n\nTofacitinib was given at 10 mg\ntwice daily to pa-\ntients. It was not\n"
    "safe (P = .04).\n\nTABLE 1 Doses of drugs\n\nDrug Dose\n\nTofacitinib 10 mg\n\nCafé 😀 1 mg\n\n"
    "■ RESULTS\n\nThrombosis was seen in 12% of 45 patients. Then 😀.\n",
    "long.md": "# Long\n\n" + "word 😀 " * 400 + ".\n\n| a | b |\n|---|---|\n| " + "cell " * 60 + " | 5 mg |\n",
}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """An assistant over the texts above, with the fake embedder."""
    folder = tmp_path_factory.mktemp("generated")
    for name, text in GENERATED.items():
        make_document(folder / "corpus", name, text)
    index.build(folder / "index", [folder / "corpus"], FakeEmbedder())
    return Assistant.open(folder / "index", embedder=FakeEmbedder())


@pytest.fixture(scope="module")
def fake_notes(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """An assistant over the documents of the project, with the fake embedder."""
    folder = tmp_path_factory.mktemp("notes")
    index.build(folder, [NOTES], FakeEmbedder())
    return Assistant.open(folder, embedder=FakeEmbedder())


@pytest.fixture(params=["generated", "fake_notes", pytest.param("notes", marks=pytest.mark.model)])
def assistant(request: pytest.FixtureRequest) -> Assistant:
    found: Assistant = request.getfixturevalue(request.param)
    return found


def questions_for(assistant: Assistant) -> list[str]:
    """All questions, or a few of each sort where a real model answers."""
    return QUESTIONS if isinstance(assistant.embedder, FakeEmbedder) else QUESTIONS[::6]


def squeezed(text: str) -> str:
    return "".join(text.split())


def texts_of_files(assistant: Assistant) -> dict[str, str]:
    """The file of each document, without its white space."""
    return {item.document.doc_id: squeezed(read_text(Path(item.file), item.file)) for item in assistant.documents}


def words_at(document: Document, start: int, end: int) -> Iterator[tuple[int, str]]:
    """The kept characters of a range with their offsets in the file."""
    for piece in document.pieces:
        for at in range(max(start, piece.start), min(end, piece.end)):
            yield piece.origin + at - piece.start, document.text[at]


def check_span(assistant: Assistant, span: Span) -> None:
    document = assistant.document(span.passage.doc_id)
    assert document.text[span.start : span.end] == span.text
    assert span.text.strip()
    assert span.passage.start <= span.quote_start <= span.start < span.end <= span.quote_end <= span.passage.end
    assert (span.quote_start, span.quote_end) in {(s.start, s.end) for s in span.passage.sentences}
    assert 0 <= span.score <= 1


def check_answer(assistant: Assistant, answer: Answer, files: dict[str, str]) -> None:
    """Assert what holds for the answer to any question."""
    assert answer.answered == bool(answer.spans)
    assert len(answer.spans) == len(answer.citations)
    for span in (*answer.spans, *answer.others, *answer.candidates):
        check_span(assistant, span)
    assert len(answer.others) == len(answer.apart)
    for other, apart in zip(answer.others, answer.apart, strict=True):
        for span in apart.same:
            check_span(assistant, span)
        text = assistant.document(other.passage.doc_id).text
        assert all(words in text for words in (*apart.row, *apart.dates, apart.population))
    numbers: dict[tuple[str, int, int], int] = {}
    for span, citation in zip(answer.spans, answer.citations, strict=True):
        document = assistant.document(citation.doc_id)
        place = (citation.doc_id, citation.start, citation.end)
        assert citation.number == numbers.setdefault(place, len(numbers) + 1)
        assert citation.doc_id == span.passage.doc_id
        assert document.text[citation.start : citation.end] == citation.quote
        assert (citation.start, citation.end) == (span.quote_start, span.quote_end)
        assert document.text[citation.context_start :].startswith(citation.context)
        assert citation.quote in citation.context
        assert citation.line == document.line(citation.start)
        assert citation.source == document.source
    assert len(answer.text.split()) <= MAX_ANSWER_WORDS
    assert bool(answer.text) == answer.answered == bool(answer.short)
    if answer.answered:
        for part in answer.text.split(" … "):
            assert any(part in citation.quote for citation in answer.citations)
        assert not answer.candidates
    for hit in answer.hits:
        assert assistant.document(hit.passage.doc_id).text[hit.passage.start : hit.passage.end] == hit.passage.text
    check_verbatim(answer, files)
    data = answer.to_json()
    assert json.loads(json.dumps(data)) == data


def check_verbatim(answer: Answer, files: dict[str, str]) -> None:
    """Assert that each piece of each quote stands in the file, but for white space."""
    for citation in answer.citations:
        file = files[citation.doc_id]
        for piece in citation.quote.split():
            assert piece in file, piece


def answer_json(answer: Answer) -> dict[str, Any]:
    data = answer.to_json()
    del data["elapsed_ms"]
    return data


def test_every_passage_of_every_document(assistant: Assistant) -> None:
    count = assistant.embedder.count_pieces
    total = 0
    for item in assistant.documents:
        passages = [p for p in assistant.index.passages if p.doc_id == item.document.doc_id]
        check_passages(item.document, passages, count)
        total += len(passages)
    assert total == len(assistant.index.passages) > 0


def test_every_word_of_every_document_leads_back_to_its_file(assistant: Assistant) -> None:
    for item in assistant.documents:
        document, file = item.document, read_text(Path(item.file), item.file)
        kept = list(words_at(document, 0, len(document.text)))
        assert "".join(file[at] for at, _ in kept) == "".join(char for _, char in kept)
        assert squeezed("".join(char for _, char in kept)) == squeezed(document.text)
        for passage in assistant.index.passages:
            if passage.doc_id == document.doc_id:
                first = document.origin(passage.start)
                assert file[first] == passage.text[0]
                assert passage.line == file.count("\n", 0, first) + 1


@pytest.mark.parametrize("force", [False, True])
def test_every_answer_is_made_of_words_that_stand_in_a_document(assistant: Assistant, force: bool) -> None:
    files = texts_of_files(assistant)
    for question in questions_for(assistant):
        answer = assistant.ask(question, force=force)
        check_answer(assistant, answer, files)
        assert answer.question == question
        assert not force or answer.answered or not answer.hits


def test_a_question_asked_again_has_the_same_answer(assistant: Assistant) -> None:
    questions = questions_for(assistant)
    first = [answer_json(assistant.ask(question)) for question in questions]
    fresh = Assistant(assistant.index, assistant.embedder)
    backwards = [answer_json(fresh.ask(question)) for question in questions[::-1]][::-1]
    assert first == backwards
    assert first == [answer_json(assistant.ask(question)) for question in questions]


def test_hits_are_ranked_and_the_first_ones_do_not_depend_on_their_number(assistant: Assistant) -> None:
    for question in questions_for(assistant):
        hits = assistant.retrieve(question, 10)
        assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
        assert all(a.score >= b.score - 1.1e-5 for a, b in itertools.pairwise(hits))
        assert assistant.retrieve(question, 3) == hits[:3]
        assert list(assistant.ask(question).hits) == hits
        assert len(assistant.retrieve(question, 10_000)) <= len(assistant.index.passages)


def test_a_limit_to_documents_holds(assistant: Assistant) -> None:
    files = texts_of_files(assistant)
    for item in assistant.documents[: 3 if isinstance(assistant.embedder, FakeEmbedder) else 1]:
        doc_id = item.document.doc_id
        for question in questions_for(assistant)[:4]:
            assert {hit.passage.doc_id for hit in assistant.retrieve(question, 50, documents=[doc_id])} == {doc_id}
            answer = assistant.ask(question, documents=[doc_id], force=True)
            check_answer(assistant, answer, files)
            assert {citation.doc_id for citation in answer.citations} == {doc_id}
            assert answer_json(assistant.ask(question, documents=doc_id, force=True)) == answer_json(answer)
    assert assistant.retrieve("dose", documents=[]) == []
    for call in (assistant.retrieve, assistant.ask):
        with pytest.raises(IndexStateError, match=r"no document 'nowhere'.*qa list"):
            call("dose", documents=["nowhere"])


def test_bad_questions_are_errors_and_lose_nothing(generated: Assistant) -> None:
    before = answer_json(generated.ask(QUESTIONS[0]))
    for question in ("", "  ", "?!", "доза барицитиниба", "x" * 1001):
        for call in (generated.retrieve, generated.ask):
            with pytest.raises(QuestionError):
                call(question)
    with pytest.raises(ValueError, match="at least 1, not 0"):
        generated.retrieve("dose", 0)
    assert answer_json(generated.ask(QUESTIONS[0])) == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80) | st.lists(st.sampled_from(" ".join(QUESTIONS).split()), max_size=20).map(" ".join))
def test_any_question_has_an_answer_or_a_question_error(generated: Assistant, question: str) -> None:
    try:
        answer = generated.ask(question, force=True)
    except QuestionError:
        return
    check_answer(generated, answer, texts_of_files(generated))


def test_the_real_articles_keep_the_invariants(tmp_path: Path) -> None:
    if not PAPERS.is_dir():
        pytest.skip(f"the real articles are not at {PAPERS}; set VERBATIM_SHARED to the folder that holds seeds/")
    embedder = FakeEmbedder()
    index.build(tmp_path, [PAPERS], embedder)
    assistant = Assistant.open(tmp_path, embedder=embedder)
    for path in find_files(PAPERS):
        document = read_document(path, PAPERS)
        assert assistant.document(document.doc_id) == document
    test_every_passage_of_every_document(assistant)
    for question in questions_for(assistant):
        answer = assistant.ask(question, force=True)
        for span in answer.spans:
            check_span(assistant, span)
        assert len(answer.text.split()) <= MAX_ANSWER_WORDS
        for citation in answer.citations:
            document = assistant.document(citation.doc_id)
            assert document.text[citation.start : citation.end] == citation.quote
