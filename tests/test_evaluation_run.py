"""Whole runs: questions asked and judged, stopped and gone on with, saved and compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from fakes import FakeEmbedder, make_document, make_passage

from qa import assistant as assistants
from qa import index
from qa.assistant import Assistant
from qa.errors import GoldError, IndexStateError
from qa.evaluation import (
    METRICS,
    Evaluation,
    Outcome,
    evaluate,
    evaluate_files,
    own_corpus,
    read_gold,
)
from qa.evaluation import run as runs
from qa.evaluation.evidence import citation_scores, relevant_passages, resolve
from qa.evaluation.outcome import Loss
from qa.schema import Evidence, GoldQuestion, Hit, Passage, Query, Reading, Span

# 40 sections, each a passage of its own, so that a passage can stand below the 20 that are read.
SITES = "".join(
    f"## Site {i}\n\nThe dose of baricitinib was {i} mg at site {i}, the Café 😀. Of site {i} nobody fell ill.\n\n"
    for i in range(1, 41)
)
DOCUMENTS = {
    "doses.md": f"# Doses\n\n{SITES}## Weather\n\nRain fell\non the town. Snow fell on the hills.\n",
    "sub/notes.txt": "NOTES\n\nThrombosis was seen in 3% of the patients of Müller.\n\nRain fell on the café 😀 as well.\n",
}
Found = Mapping[str, Sequence[tuple[str, str, float]]]


def asked(site: int) -> str:
    return f"What was the dose of baricitinib at site {site}?"


def dose(site: int) -> str:
    return f"The dose of baricitinib was {site} mg at site {site}, the Café 😀."


def health(site: int) -> str:
    return f"Of site {site} nobody fell ill."


class Reader:
    """Finds for a question what is set down for it: quotes, each with the words in it that answer and a score."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.asked: list[str] = []

    def read(self, query: Query, hits: Sequence[Hit]) -> list[Reading]:
        self.asked.append(query.question)
        return [Reading(hit, 0.5, tuple(self._spans(query, hit.passage))) for hit in hits]

    def _spans(self, query: Query, passage: Passage) -> list[Span]:
        spans = []
        for quote, words, score in self.found.get(query.question, ()):
            at = passage.text.find(quote)
            if at >= 0:
                begin = passage.start + at
                start = begin + quote.index(words)
                spans.append(Span(passage, start, start + len(words), words, score, begin, begin + len(quote)))
        return spans


@pytest.fixture
def folder(tmp_path: Path, embedder: FakeEmbedder) -> Path:
    """An index of the two documents."""
    for name, text in DOCUMENTS.items():
        make_document(tmp_path / "corpus", name, text)
    index.build(tmp_path / "index", [tmp_path / "corpus"], embedder)
    return tmp_path / "index"


@pytest.fixture
def over(folder: Path, embedder: FakeEmbedder) -> Callable[[Found], Assistant]:
    """The assistant over the two documents whose reader finds what it is given."""
    return lambda found: Assistant.open(folder, embedder=embedder, reader=Reader(found))


@pytest.fixture(autouse=True)
def _no_cache_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def quoting(quote: str, doc_id: str = "doses") -> tuple[Evidence, ...]:
    return (Evidence(doc_id, quote),)


def write_jsonl(path: Path, *items: object) -> Path:
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
    return path


def timeless(evaluation: Evaluation) -> list[Outcome]:
    """The outcomes without how long they took."""
    return [replace(outcome, elapsed_ms=0) for outcome in evaluation.outcomes]


class Stop:
    """Progress that stops the run, as Ctrl-C does, when so many are done."""

    def __init__(self, what: str, done: int) -> None:
        self.what, self.done = what, done

    def __call__(self, what: str, done: int, total: int) -> None:
        if what == self.what and done >= self.done:
            raise KeyboardInterrupt


# evidence


def test_a_quote_is_found_with_other_white_space_and_at_every_place(tmp_path: Path) -> None:
    text = "At the Café 😀 it was 4 mg.\n\nSo  said\nMüller: it\n was 4\u00a0mg. It Was 4 mg."
    document = replace(make_document(tmp_path, "d.md", "# D\n\nx\n"), text=text)
    question = GoldQuestion("q", "What was it?", ("4 mg",), evidence=quoting(" it\twas\n4  mg.", "d"))
    (resolved,), lost = resolve([question], {"d": document})
    assert lost == 0
    assert [text[e.start : e.end] for e in resolved.evidence] == ["it was 4 mg.", "it\n was 4\u00a0mg."]


def test_marks_in_a_quote_are_taken_as_they_are(tmp_path: Path) -> None:
    document = make_document(tmp_path, "d.md", "# D\n\nIt rose (P < .05) by 3.5* [see 2]; 345 did not.\n")
    for quote in ("(P < .05)", "3.5*", "[see 2]"):
        (resolved,), _ = resolve([GoldQuestion("q", "?", ("x",), evidence=quoting(quote, "d"))], {"d": document})
        assert [document.text[e.start : e.end] for e in resolved.evidence] == [quote]


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ({"doc_id": "doses", "quote": "Rain fell on the moon"}, ("doses does not hold", "'Rain fell on the moon'")),
        ({"doc_id": "sub/notes", "quote": "Snow fell on the hills"}, ("sub/notes does not hold",)),
        ({"doc_id": "doses", "quote": "rain fell"}, ("does not hold",)),
        ({"doc_id": "notes", "quote": "Rain fell"}, ("no document 'notes'",)),
    ],
)
def test_evidence_that_is_not_there_is_named_with_its_line(
    tmp_path: Path, folder: Path, embedder: FakeEmbedder, evidence: object, words: Sequence[str]
) -> None:
    good = {"id": 1, "question": asked(1), "answers": ["1 mg"], "evidence": [{"doc_id": "doses", "quote": dose(1)}]}
    path = write_jsonl(
        tmp_path / "gold.jsonl", good, {"id": 2, "question": "x", "answers": ["y"], "evidence": [evidence]}
    )
    with pytest.raises(GoldError) as caught:
        evaluate_files(path, index=folder, embedder=embedder)
    assert str(caught.value).startswith(f"{path}:2: ")
    assert all(word in str(caught.value) for word in (*words, "--no-evidence"))
    alone = evaluate_files(path, index=folder, embedder=embedder, use_evidence=False)
    assert "success@1" not in alone.metrics
    assert "answer_in_quote" in alone.metrics


def test_evidence_of_questions_that_stand_in_no_file_is_named_by_the_question(
    over: Callable[[Found], Assistant],
) -> None:
    with pytest.raises(GoldError, match="'the id'"):
        evaluate([GoldQuestion("the id", "x", ("y",), evidence=quoting("nowhere"))], over({}))


def test_a_passage_is_relevant_that_shares_a_character_with_the_evidence() -> None:
    passages = [
        make_passage("Café 😀", start=0),  # [0, 6)
        make_passage("was it", start=7),  # [7, 13)
        make_passage("there.", start=13),  # [13, 19)
        make_passage("Café 😀", doc_id="other", start=0),
    ]

    def relevant(*places: tuple[int, int]) -> list[int]:
        evidence = tuple(Evidence("d", "…", start, end) for start, end in places)
        found = relevant_passages(GoldQuestion("q", "?", ("x",), evidence=evidence), passages)
        assert set(found.values()) <= {1}
        return [i for i, passage in enumerate(passages) if passage.passage_id in found]

    assert relevant((0, 6)) == [0]
    assert relevant((5, 6)) == [0]
    assert relevant((5, 8)) == [0, 1]
    assert relevant((6, 7)) == []
    assert relevant((12, 14)) == [1, 2]
    assert relevant((7, 13)) == [1]
    assert relevant((0, 100)) == [0, 1, 2]
    assert relevant((0, 1), (18, 19)) == [0, 2]
    assert relevant_passages(GoldQuestion("q", "?", evidence=quoting("Café 😀", "d")), passages) == {}


def test_precision_and_recall_of_citations_by_hand() -> None:
    def span(start: int, end: int, doc_id: str = "d") -> Span:
        return Span(make_passage("x" * 100, doc_id=doc_id), start, end, "x", 0.9, start, end)

    # The quote "a" stands at two places, "b" at one.
    evidence = (Evidence("d", "a", 0, 10), Evidence("d", "a", 50, 60), Evidence("d", "b", 20, 30))
    several = GoldQuestion("q", "Which?", answers_all=("a", "b"), evidence=evidence)
    one = replace(several, answers=("a", "b"), answers_all=())
    for spans, precision, recall_of_all, recall_of_any in [
        ([span(0, 10)], 1, 1 / 2, 1),
        ([span(9, 15), span(29, 40)], 1, 1, 1),
        ([span(10, 20)], 0, 0, 0),
        ([span(0, 10), span(10, 20), span(70, 80)], 1 / 3, 1 / 2, 1),
        ([span(0, 10), span(50, 60)], 1, 1 / 2, 1),
        ([span(0, 10, "other")], 0, 0, 0),
        ([], 0, 0, 0),
    ]:
        assert citation_scores(several, spans) == pytest.approx((precision, recall_of_all))
        assert citation_scores(one, spans) == pytest.approx((precision, recall_of_any))


# one run


def test_a_run_over_documents_with_the_reader_proper(tmp_path: Path, folder: Path, embedder: FakeEmbedder) -> None:
    path = write_jsonl(
        tmp_path / "gold.jsonl",
        {
            "id": "dose",
            "question": "what was the dose of baricitinib at site 7?",
            "answers": ["7 mg"],
            "evidence": [{"doc_id": "doses", "quote": "dose  of baricitinib\nwas 7 mg"}],
            "kind": "fact",
        },
        {"id": "rate", "question": "how many patients of Müller had thrombosis?", "answers": ["3%"], "kind": "fact"},
        {"id": "france", "question": "what is the capital of France?", "answers": [], "kind": "unanswerable"},
    )
    steps: list[tuple[str, int, int]] = []
    run = evaluate(
        read_gold(path), Assistant.open(folder, embedder=embedder), progress=lambda *step: steps.append(step)
    )
    assert steps == [("answering questions", n, 3) for n in (1, 2, 3)]
    found, rate, france = run.outcomes
    assert (found.query_id, found.kind, found.accepted, found.evidence) == (
        "dose",
        "fact",
        ("7 mg",),
        ("dose  of baricitinib\nwas 7 mg",),
    )
    assert "7 mg" in found.short
    assert found.quotes == (dose(7),)
    assert found.place == "doses, line 29"  # the heading of site 7 is on line 3 + 4 · 6
    assert found.correct
    assert len(found.ranking) == 10
    assert found.ranking[0] in found.relevant
    assert found.elapsed_ms > 0
    perfect = ("success@1", "mrr@10", "ndcg@10", "recall@1", "citation_precision", "citation_recall", "answer_in_quote")
    assert [found.metrics[name] for name in perfect] == [1] * 7
    assert "success@1" not in rate.metrics
    assert rate.quotes == ("Thrombosis was seen in 3% of the patients of Müller.",)
    assert (france.answerable, france.correct, france.answered, france.lost) == (False, False, False, "")
    assert france.metrics == {"refused_unanswerable": 1}
    assert list(run.by_kind()) == ["fact", "unanswerable"]
    assert len(run.by_kind()["fact"].outcomes) == 2


def test_what_is_told_about_a_run(tmp_path: Path, folder: Path, embedder: FakeEmbedder) -> None:
    path = write_jsonl(
        tmp_path / "gold.jsonl",
        {"id": 1, "question": asked(1), "answers": ["1 mg"], "evidence": [{"doc_id": "doses", "quote": dose(1)}]},
        {"id": 2, "question": "and?", "answers": []},
    )
    about = evaluate_files(path, index=folder, embedder=embedder).about
    assert about["gold"] == {
        "name": "gold",
        "format": "JSONL",
        "sha256": read_gold(path).sha256,
        "questions": 2,
        "unanswerable": 1,
        "words_in_evidence": 1.0,
        "evidence_not_in_documents": 0,
        "half": "all",
        "documents_unread": 0,
        "corpus_from_gold": False,
    }
    assert (about["index"]["documents"], about["model"]) == (2, embedder.identity)
    assert about["threshold"] == assistants.THRESHOLD
    assert str(tmp_path) not in json.dumps(about)


# name → question, what the reader finds, whether the best candidate is right, whether it is given, and where it was lost
STAGES: dict[str, tuple[GoldQuestion, Sequence[tuple[str, str, float]], bool, bool, Loss]] = {
    "right": (
        GoldQuestion("right", asked(3), ("3 mg",), evidence=quoting(dose(3))),
        [(dose(3), "3 mg", 0.9)],
        True,
        True,
        "",
    ),
    "wrongly refused": (
        GoldQuestion("refused", asked(4), ("4 mg",), evidence=quoting(dose(4))),
        [(dose(4), "4 mg", 0.34)],
        True,
        False,
        "wrongly refused",
    ),
    "chosen but incomplete": (
        GoldQuestion("incomplete", asked(5), ("5 mg twice daily",), evidence=quoting(dose(5))),
        [(dose(5), "5 mg", 0.9)],
        False,
        True,
        "chosen but incomplete",
    ),
    "read but not chosen": (
        GoldQuestion("chosen", asked(6), ("6 mg",), evidence=quoting(dose(6))),
        [(health(6), "nobody", 0.9), (dose(6), "6 mg", 0.8)],
        False,
        True,
        "read but not chosen",
    ),
    "retrieved but not read": (
        GoldQuestion("read", asked(7), ("7 mg",), evidence=quoting(dose(7))),
        [(health(7), "nobody", 0.3)],
        False,
        False,
        "retrieved but not read",
    ),
    "not retrieved": (
        GoldQuestion("retrieved", asked(8), ("rain",), evidence=quoting("Rain fell on the town")),
        [(dose(8), "8 mg", 0.9)],
        False,
        True,
        "not retrieved",
    ),
    "nothing read at all": (
        GoldQuestion("nothing", asked(9), ("9 mg",), evidence=quoting(dose(9))),
        [],
        False,
        False,
        "retrieved but not read",
    ),
    "wrongly answered": (
        GoldQuestion("unanswerable", asked(10)),
        [(dose(10), "10 mg", 0.5)],
        False,
        True,
        "wrongly answered",
    ),
    "rightly refused": (GoldQuestion("nowhere", asked(11)), [(dose(11), "11 mg", 0.3)], False, False, ""),
    "cannot be put": (GoldQuestion("marks", "?!… 😀", ("12 mg",)), [], False, False, "wrongly refused"),
    "cannot be put and has no answer": (GoldQuestion("script", "какова доза?"), [], False, False, ""),
    "answer without evidence": (
        GoldQuestion("alone", asked(13), ("13 mg",)),
        [(health(13), "nobody", 0.9), (dose(13), "13 mg", 0.8)],
        False,
        True,
        "read but not chosen",
    ),
    "answer without evidence, not read": (
        GoldQuestion("unread", asked(14), ("14 mg",)),
        [(health(14), "nobody", 0.9)],
        False,
        True,
        "retrieved but not read",
    ),
    "answer without evidence, not retrieved": (
        GoldQuestion("missing", asked(15), ("snow",)),
        [(dose(15), "15 mg", 0.9)],
        False,
        True,
        "not retrieved",
    ),
    "part of a list": (
        GoldQuestion("list", asked(16), answers_all=("16 mg", "17 mg"), evidence=quoting(dose(16))),
        [(dose(16), "16 mg", 0.9)],
        False,
        True,
        "chosen but incomplete",
    ),
}


@pytest.mark.parametrize(("gold", "found", "correct", "answered", "lost"), STAGES.values(), ids=STAGES)
def test_where_a_question_is_lost(
    over: Callable[[Found], Assistant],
    gold: GoldQuestion,
    found: Sequence[tuple[str, str, float]],
    correct: bool,
    answered: bool,
    lost: Loss,
) -> None:
    (outcome,) = evaluate([gold], over({gold.question: found})).outcomes
    assert (outcome.correct, outcome.answered, outcome.lost) == (correct, answered, lost)
    if gold.answerable:
        assert outcome.metrics["answer_in_quote"] == correct
        assert outcome.metrics["answered_right"] == (correct and answered)
        assert outcome.metrics["refused_answerable"] == (not answered)
    else:
        assert outcome.metrics == {"refused_unanswerable": not answered}


def test_passages_that_were_read_below_the_ten_are_retrieved(over: Callable[[Found], Assistant]) -> None:
    assistant = over({})
    hits = assistant.retrieve(asked(8), assistants.READ_DEPTH + 1)
    for hit, lost in (
        (hits[10], "retrieved but not read"),
        (hits[19], "retrieved but not read"),
        (hits[20], "not retrieved"),
    ):
        gold = GoldQuestion("q", asked(8), ("no such words",), evidence=quoting(hit.passage.text, hit.passage.doc_id))
        (outcome,) = evaluate([gold], assistant).outcomes
        assert outcome.relevant == {hit.passage.passage_id: 1}
        assert (outcome.lost, outcome.metrics["success@10"]) == (lost, 0)


def test_every_place_to_be_lost_at_is_reached_above() -> None:
    assert {stage[-1] for stage in STAGES.values()} == set(get_args(Loss))


def test_the_figures_of_a_run_by_hand(over: Callable[[Found], Assistant]) -> None:
    stages = [STAGES[name] for name in ("right", "wrongly refused", "read but not chosen", "not retrieved")]
    stages += [STAGES[name] for name in ("wrongly answered", "rightly refused", "cannot be put and has no answer")]
    run = evaluate([stage[0] for stage in stages], over({stage[0].question: stage[1] for stage in stages}))
    # Four questions can be answered: the best candidates of two are right, of which one is given. "nobody" and "8 mg" are
    # the short answers of the other two: of "rain" and "6 mg" neither has a word.
    assert run.metrics["answer_in_quote"] == run.metrics["exact_match"] == run.metrics["f1"] == pytest.approx(2 / 4)
    assert run.metrics["answered_right"] == run.metrics["refused_answerable"] == pytest.approx(1 / 4)
    assert run.metrics["refused_unanswerable"] == pytest.approx(2 / 3)
    # The evidence of the fourth is not among the ten.
    assert run.metrics["success@10"] == pytest.approx(3 / 4)
    assert run.metrics["citation_precision"] == run.metrics["citation_recall"] == pytest.approx(2 / 4)
    # Confidences of the answerable .9 .34 .9 .9, of the others .5 .3 0: .34 is below .5, all other pairs are above.
    assert run.metrics["auroc"] == pytest.approx(11 / 12)
    assert [outcome.confidence for outcome in run.outcomes] == [0.9, 0.34, 0.9, 0.9, 0.5, 0.3, 0]
    # In order: two of three wrong at .9; wrong at .5; right at .34; wrong at .3 and 0.
    risks = [2 / 3, 2 / 3, 2 / 3, 3 / 4, 3 / 5, 4 / 6, 5 / 7]
    assert run.metrics["aurc"] == pytest.approx(sum(risks) / 7)


def test_a_list_is_judged_by_all_its_members(over: Callable[[Found], Assistant]) -> None:
    question = "Which things were given at site 20?"  # asks for several things, of no form
    gold = GoldQuestion(
        "q", question, answers_all=("20 mg", "21 mg", "22 mg"), evidence=(*quoting(dose(20)), *quoting(dose(22)))
    )
    found = [(dose(20), "20 mg", 0.9), (health(20), "nobody", 0.8)]
    (outcome,) = evaluate([gold], over({question: found})).outcomes
    assert outcome.accepted == ("20 mg", "21 mg", "22 mg")
    assert outcome.short == "20 mg; nobody"
    assert outcome.metrics["list_f1"] == pytest.approx(2 * 1 / (2 + 3))
    # Words: 20 mg nobody against 20 mg 21 mg 22 mg; common 20 mg.
    assert outcome.metrics["f1"] == pytest.approx(2 * 2 / (3 + 6))
    assert (outcome.metrics["citation_precision"], outcome.metrics["citation_recall"]) == (1 / 2, 1 / 2)
    assert not outcome.correct


def test_a_follow_up_is_put_with_its_history(over: Callable[[Found], Assistant]) -> None:
    assistant = over({})
    evaluate([GoldQuestion("q", "and at site 3?", ("3 mg",), history=(asked(1),))], assistant)
    # The question before is answered once; what the follow-up may stand for is put after it.
    before, *put = assistant.reader.asked  # type: ignore[attr-defined]
    assert before == asked(1)
    assert any("site 3" in question and "baricitinib" in question for question in put)


def test_nothing_to_ask(
    over: Callable[[Found], Assistant], tmp_path: Path, folder: Path, embedder: FakeEmbedder
) -> None:
    with pytest.raises(GoldError, match="no question"):
        evaluate([], over({}))
    # "who was seen?" is a question of the half test (see test_evaluation_gold.py).
    path = write_jsonl(tmp_path / "gold.jsonl", {"id": 1, "question": "who was seen?", "answers": []})
    with pytest.raises(GoldError, match="no question"):
        evaluate_files(path, index=folder, embedder=embedder, only="dev")


def test_a_half_holds_its_questions_only(tmp_path: Path, folder: Path, embedder: FakeEmbedder) -> None:
    path = write_jsonl(
        tmp_path / "gold.jsonl", *({"id": i, "question": asked(i), "answers": [f"{i} mg"]} for i in range(1, 21))
    )
    parts = {name: evaluate_files(path, index=folder, embedder=embedder, only=name) for name in ("dev", "test")}
    for name, part in parts.items():
        assert {outcome.half for outcome in part.outcomes} == {name}
        assert part.about["gold"]["half"] == name
    ids = [outcome.query_id for part in parts.values() for outcome in part.outcomes]
    assert sorted(map(int, ids)) == list(range(1, 21))


def test_a_malformed_set_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(GoldError, match=r"gold\.jsonl:1: "):
        evaluate_files(tmp_path / "gold.jsonl", index=tmp_path / "none", work=tmp_path / "work")
    with pytest.raises(IndexStateError, match="no index"):
        path = write_jsonl(tmp_path / "good.jsonl", {"id": 1, "question": "x", "answers": []})
        evaluate_files(path, index=tmp_path / "none", embedder=FakeEmbedder(), work=tmp_path / "work")
    assert sorted(tmp_path.iterdir()) == [tmp_path / "gold.jsonl", tmp_path / "good.jsonl"]


# stopped runs

QUESTIONS = [GoldQuestion(f"q{i}", asked(i), (f"{i} mg",), evidence=quoting(dose(i)), kind="é") for i in range(1, 7)]
FOUND: Found = {asked(i): [(dose(i), f"{i} mg", i / 10)] for i in range(1, 7)}


def asked_by(assistant: Assistant) -> list[str]:
    return assistant.reader.asked  # type: ignore[attr-defined, no-any-return]


def stop_after(done: int, over: Callable[[Found], Assistant], journal: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        evaluate(QUESTIONS, over(FOUND), journal=journal, progress=Stop("answering questions", done))


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path, over: Callable[[Found], Assistant]) -> None:
    whole = evaluate(QUESTIONS, over(FOUND))
    journal = tmp_path / "new" / "journal"
    stop_after(3, over, journal)
    second = over(FOUND)
    steps: list[int] = []
    run = evaluate(QUESTIONS, second, journal=journal, progress=lambda what, done, total: steps.append(done))
    assert asked_by(second) == [asked(4), asked(5), asked(6)]
    assert steps == [1, 2, 3, 4, 5, 6]
    assert timeless(run) == timeless(whole)
    for name, value in whole.metrics.items():
        if not name.startswith("latency"):
            assert run.metrics[name] == value
            assert run.intervals[name] == whole.intervals[name]
    assert not journal.exists()
    again = over(FOUND)
    evaluate(QUESTIONS, again, journal=journal)
    assert len(asked_by(again)) == 6


def test_a_run_that_is_stopped_twice_loses_nothing(tmp_path: Path, over: Callable[[Found], Assistant]) -> None:
    for done in (2, 5):
        stop_after(done, over, tmp_path / "journal")
    last = over(FOUND)
    assert timeless(evaluate(QUESTIONS, last, journal=tmp_path / "journal")) == timeless(
        evaluate(QUESTIONS, over(FOUND))
    )
    assert asked_by(last) == [asked(6)]


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_last_line_that_was_cut_off_is_asked_anew(
    tmp_path: Path, over: Callable[[Found], Assistant], cut: int
) -> None:
    journal = tmp_path / "journal"
    stop_after(3, over, journal)
    data = journal.read_bytes()
    assert data.count(b"\n") == 4
    journal.write_bytes(data.rstrip()[:-cut])
    second = over(FOUND)
    run = evaluate(QUESTIONS, second, journal=journal)
    assert asked_by(second) == [asked(3), asked(4), asked(5), asked(6)]
    assert timeless(run) == timeless(evaluate(QUESTIONS, over(FOUND)))


def test_a_line_that_was_cut_within_a_letter_is_asked_anew(tmp_path: Path, over: Callable[[Found], Assistant]) -> None:
    journal = tmp_path / "journal"
    stop_after(2, over, journal)
    data = journal.read_bytes()
    journal.write_bytes(data[: data.rindex("😀".encode()) + 2])
    run = evaluate(QUESTIONS, over(FOUND), journal=journal)
    assert timeless(run) == timeless(evaluate(QUESTIONS, over(FOUND)))


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"{}\n", b"no JSON\n", b"\xff\xfe\n", b'{"run": 1}\n{"query_id": "q1"}\n', b"[]\n[]"]
)
def test_a_journal_that_cannot_be_read_is_begun_anew(
    tmp_path: Path, over: Callable[[Found], Assistant], data: bytes
) -> None:
    (tmp_path / "journal").write_bytes(data)
    run = over(FOUND)
    assert len(evaluate(QUESTIONS, run, journal=tmp_path / "journal").outcomes) == len(asked_by(run)) == 6


OTHERS: dict[str, Callable[[list[GoldQuestion]], list[GoldQuestion]]] = {
    "other gold answers": lambda gold: [replace(gold[0], answers=("2 mg",)), *gold[1:]],
    "other evidence": lambda gold: [replace(gold[0], evidence=quoting(health(1))), *gold[1:]],
    "fewer questions": lambda gold: gold[:-1],
}


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_the_journal_of_another_run_is_not_used(
    tmp_path: Path, over: Callable[[Found], Assistant], change: Callable[[list[GoldQuestion]], list[GoldQuestion]]
) -> None:
    stop_after(5, over, tmp_path / "journal")
    other = over(FOUND)
    assert len(evaluate(change(QUESTIONS), other, journal=tmp_path / "journal").outcomes) == len(asked_by(other))


def test_the_journal_of_other_code_or_another_index_is_not_used(
    tmp_path: Path, over: Callable[[Found], Assistant], embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after(5, over, tmp_path / "journal")
    make_document(tmp_path / "corpus", "sub/notes.txt", DOCUMENTS["sub/notes.txt"].replace("Müller", "Meyer"))
    assert index.add(tmp_path / "index", [tmp_path / "corpus"], embedder).replaced == ("sub/notes",)
    other = over(FOUND)
    with pytest.raises(KeyboardInterrupt):
        evaluate(QUESTIONS, other, journal=tmp_path / "journal", progress=Stop("answering questions", 5))
    assert len(asked_by(other)) == 5
    monkeypatch.setattr(runs, "code_sha256", lambda: "another")
    newer = over(FOUND)
    evaluate(QUESTIONS, newer, journal=tmp_path / "journal")
    assert len(asked_by(newer)) == 6


@pytest.mark.parametrize("mark", ["\u2028", "\u0085"])
def test_a_journal_keeps_marks_that_look_like_line_ends(
    tmp_path: Path, over: Callable[[Found], Assistant], mark: str
) -> None:
    gold = [replace(QUESTIONS[0], kind=mark), *QUESTIONS[1:]]
    with pytest.raises(KeyboardInterrupt):
        evaluate(gold, over(FOUND), journal=tmp_path / "journal", progress=Stop("answering questions", 3))
    second = over(FOUND)
    evaluate(gold, second, journal=tmp_path / "journal")
    assert len(asked_by(second)) == 3


# documents that a gold set brings along


def site_squad(path: Path, sites: int = 16) -> Path:
    """A SQuAD set of one context and one question a site; the last question has no answer."""
    paragraphs = []
    for i in range(1, sites + 1):
        context = f"{dose(i)}\n {health(i)}"
        answer = {"text": f"{i} mg", "answer_start": context.index(f"{i} mg")}
        paragraphs.append({"context": context, "qas": [{"id": f"q{i}", "question": asked(i), "answers": [answer]}]})
    paragraphs[-1]["qas"] = [{"id": "last", "question": "capital of France?", "answers": [], "is_impossible": True}]
    data = {"version": "v2.0", "data": [{"title": "Café 😀/..", "paragraphs": paragraphs}]}
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path


def site_beir(folder: Path, **documents: str) -> Path:
    texts = {"doses": dose(3), "snow": "Snow fell on the hills of Müller.", "ill": health(3), **documents}
    (folder / "qrels").mkdir(parents=True)
    write_jsonl(folder / "corpus.jsonl", *({"_id": k, "title": f"{k} 😀", "text": v} for k, v in texts.items()))
    write_jsonl(
        folder / "queries.jsonl", {"_id": 1, "text": asked(3)}, {"_id": 2, "text": "snow"}, {"_id": 3, "text": "?!"}
    )
    qrels = "query-id\tcorpus-id\tscore\n1\till\t1\n1\tdoses\t2\n2\tsnow\t1\n3\tsnow\t1\n"
    (folder / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_squad_over_its_own_contexts(tmp_path: Path, embedder: FakeEmbedder) -> None:
    path = site_squad(tmp_path / "sites.json")
    run = evaluate_files(path, embedder=embedder, corpus_from_gold=True, work=tmp_path / "work")
    assert [outcome.query_id for outcome in run.outcomes] == [f"q{i}" for i in range(1, 16)] + ["last"]
    assert (run.about["index"]["documents"], run.about["gold"]["format"]) == (16, "SQuAD")
    assert run.about["gold"]["evidence_not_in_documents"] == run.about["gold"]["documents_unread"] == 0
    for outcome in run.outcomes[:-1]:
        assert len(outcome.relevant) == 1
        assert outcome.relevant.keys() <= set(outcome.ranking)
    assert run.metrics["recall@10"] == 1
    assert run.outcomes[2].quotes == (dose(3),)
    assert run.outcomes[-1].metrics == {"refused_unanswerable": 1}


ODD_CONTEXTS = {
    "\ufeffAt the Café 😀 it was 4 mg.": ("\ufeffAt", "Café 😀", "4 mg"),
    "  Leading space, then 5 mg.  ": ("Leading", "5 mg"),
    "First line.\r\nSecond line, 6 mg.\r\n\r\nThird 7 mg.": ("6 mg", "7 mg", "line.\r\nSecond"),
    "A lone\rcarriage return, 8 mg": ("8 mg",),
    "Results\n\nIt was 9 mg.\x0cThe next page, 10 mg.": ("Results", "9 mg", "10 mg"),
    "Abstract: it was 11 mg [1].¹ Then 12 mg.": ("11 mg", "12 mg"),
    "# No heading, 13 mg\n\n- no list, 14 mg\n| no table | 15 mg |": ("13 mg", "14 mg", "15 mg"),
    "Tab\tand\u00a0space\u2028and line, 16 mg": ("16 mg", "Tab\tand"),
    "---\ntitle: no front matter\n---\n17 mg": ("17 mg",),
    "Half a pair \ud800 before 18 mg": ("18 mg",),
    "short": ("short",),
}


def test_answers_are_found_at_their_place_whatever_reading_does_to_a_context(
    tmp_path: Path, embedder: FakeEmbedder
) -> None:
    paragraphs = [
        {
            "context": context,
            "qas": [
                {
                    "id": f"{i} {word}",
                    "question": "What?",
                    "answers": [{"text": word, "answer_start": context.index(word)}],
                }
                for word in words
            ],
        }
        for i, (context, words) in enumerate(ODD_CONTEXTS.items())
    ]
    path = tmp_path / "odd.json"
    path.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    own = own_corpus.index_documents(read_gold(path), embedder, work=tmp_path / "work")
    assert own.unread == ()
    documents = {stored.document.doc_id: stored.document for stored in index.load(own.folder, embedder).documents}
    questions, lost = resolve(own.gold.questions, documents)
    assert lost == 0
    for question in questions:
        (place,) = question.evidence
        assert documents[place.doc_id].text[place.start : place.end].split() == place.quote.split()


def test_squad_over_another_index_is_looked_for_in_any_document(
    tmp_path: Path, folder: Path, embedder: FakeEmbedder
) -> None:
    path = site_squad(tmp_path / "sites.json", sites=4)
    text = (
        path.read_text("utf-8")
        .replace("Of site 2 nobody", "Of site 2 everybody")
        .replace(f"{dose(3)[:-1]}.", "It was 3 mg.")
    )
    data = json.loads(text)
    for paragraph in data["data"][0]["paragraphs"][:3]:
        answer = paragraph["qas"][0]["answers"][0]
        answer["answer_start"] = paragraph["context"].index(answer["text"])
    path.write_text(json.dumps(data), encoding="utf-8")
    run = evaluate_files(path, index=folder, embedder=embedder, work=tmp_path / "work")
    # The sentences of sites 1 and 2 stand in doses.md; that of site 3 was changed and stands nowhere.
    assert [outcome.evidence for outcome in run.outcomes] == [(dose(1),), (dose(2),), (), ()]
    assert [len(outcome.relevant) for outcome in run.outcomes] == [1, 1, 0, 0]
    assert run.about["gold"]["evidence_not_in_documents"] == 1
    assert run.about["index"]["documents"] == 2
    assert [outcome.metrics.get("success@10") for outcome in run.outcomes[:3]] == [1, 1, None]
    assert not list((tmp_path / "work").glob("*/index"))


def test_beir_judges_the_ranking_of_its_documents(tmp_path: Path, embedder: FakeEmbedder) -> None:
    run = evaluate_files(site_beir(tmp_path / "mini"), embedder=embedder, work=tmp_path / "work")
    both, snow, marks = run.outcomes
    # The documents are named in the index by their number and title.
    assert both.relevant == {"00003-ill": 1, "00001-doses": 2}
    assert both.ranking[:2] == ("00001-doses", "00003-ill")
    assert (both.metrics["ndcg@10"], both.metrics["recall@1"], both.metrics["recall@3"]) == (1, 0.5, 1)
    assert snow.ranking[0] == "00002-snow"
    assert (snow.metrics["success@1"], snow.lost) == (1, "")
    assert (marks.ranking, marks.metrics["mrr@10"], marks.lost) == ((), 0, "not retrieved")
    assert "answered_right" not in run.metrics
    assert "aurc" not in run.metrics
    assert run.metrics["mrr@10"] == pytest.approx(2 / 3)
    assert sorted(set(run.metrics) - set(both.metrics)) == ["latency_p50_ms", "latency_p95_ms", "latency_p99_ms"]


def test_a_document_stands_where_its_best_passage_does_and_once(tmp_path: Path, embedder: FakeEmbedder) -> None:
    long = "\n\n".join(f"The dose of baricitinib at site 3 of wing {i}: {'it was so ' * 60}." for i in range(5))
    run = evaluate_files(site_beir(tmp_path / "mini", long=long), embedder=embedder, work=tmp_path / "work")
    ranking = run.outcomes[0].ranking
    assert sorted(ranking) == ["00001-doses", "00002-snow", "00003-ill", "00004-long"]


def test_what_a_beir_set_holds_that_cannot_be_read_is_counted(tmp_path: Path, embedder: FakeEmbedder) -> None:
    folder = site_beir(tmp_path / "mini")
    with (folder / "corpus.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"_id": "empty", "title": "", "text": ""}\n')
    with (folder / "qrels" / "test.tsv").open("a", encoding="utf-8") as stream:
        stream.write("2\tempty\t1\n")
    run = evaluate_files(folder, embedder=embedder, work=tmp_path / "work")
    assert run.about["gold"]["documents_unread"] == 1
    assert run.outcomes[1].metrics["recall@10"] == 1 / 2  # it counts as not found


def test_what_a_squad_set_holds_that_cannot_be_read_is_counted(tmp_path: Path, embedder: FakeEmbedder) -> None:
    path = site_squad(tmp_path / "sites.json", sites=3)
    data = json.loads(path.read_text("utf-8"))
    answers = [{"text": "1", "answer_start": 0}]
    questions = [{"id": "numbers", "question": "Which?", "answers": answers}]
    data["data"][0]["paragraphs"].append({"context": "1\n\n2\n\n3", "qas": questions})
    path.write_text(json.dumps(data), encoding="utf-8")
    run = evaluate_files(path, embedder=embedder, corpus_from_gold=True, work=tmp_path / "work")
    assert run.about["gold"]["documents_unread"] == run.about["gold"]["evidence_not_in_documents"] == 1


def test_a_set_of_which_nothing_can_be_read_is_an_error_of_the_set(tmp_path: Path, embedder: FakeEmbedder) -> None:
    answers = [{"text": "1", "answer_start": 0}]
    paragraph = {"context": "1\n\n2\n\n3", "qas": [{"id": "q", "question": "Which?", "answers": answers}]}
    path = tmp_path / "sites.json"
    path.write_text(json.dumps({"data": [{"paragraphs": [paragraph]}]}), encoding="utf-8")
    with pytest.raises(GoldError):
        evaluate_files(path, embedder=embedder, corpus_from_gold=True, work=tmp_path / "work")


def test_the_overlap_of_squad_is_the_same_over_its_own_contexts_and_elsewhere(
    tmp_path: Path, folder: Path, embedder: FakeEmbedder
) -> None:
    path = site_squad(tmp_path / "sites.json", sites=4)
    own = evaluate_files(path, embedder=embedder, corpus_from_gold=True, work=tmp_path / "work")
    elsewhere = evaluate_files(path, index=folder, embedder=embedder, work=tmp_path / "work")
    assert elsewhere.about["gold"]["words_in_evidence"] == 1
    assert own.about["gold"]["words_in_evidence"] == 1


def test_documents_of_its_own_need_a_set_that_brings_some_and_no_index(
    tmp_path: Path, folder: Path, embedder: FakeEmbedder
) -> None:
    path = write_jsonl(tmp_path / "gold.jsonl", {"id": 1, "question": "x", "answers": []})
    with pytest.raises(GoldError, match="brings no documents"):
        evaluate_files(path, embedder=embedder, corpus_from_gold=True)
    for gold, own in ((site_squad(tmp_path / "s.json"), True), (site_beir(tmp_path / "beir"), False)):
        with pytest.raises(GoldError, match="no --index"):
            evaluate_files(gold, index=folder, embedder=embedder, corpus_from_gold=own)


def test_indexing_that_was_stopped_goes_on_where_it_was(tmp_path: Path, embedder: FakeEmbedder) -> None:
    path = site_squad(tmp_path / "sites.json")
    options = {"corpus_from_gold": True, "work": tmp_path / "work"}
    with pytest.raises(KeyboardInterrupt):
        evaluate_files(path, embedder=embedder, progress=Stop("indexing documents", 8), **options)  # type: ignore[arg-type]
    first = set(embedder.embedded)
    assert sum("😀" in text for text in first) >= 8
    second = FakeEmbedder()
    steps: list[tuple[str, int, int]] = []
    own = own_corpus.index_documents(
        read_gold(path), second, work=tmp_path / "work", progress=lambda *step: steps.append(step)
    )
    # Two documents a part: at most one part is embedded twice, and no document is left out.
    assert len(first & set(second.embedded)) <= 2
    assert len(first | set(second.embedded)) == 16
    assert len(second.embedded) <= 16 - 8 + 2
    assert {(what, total) for what, _, total in steps} == {("indexing documents", 16)}
    assert [done for _, done, _ in steps] == sorted(done for _, done, _ in steps)
    third = FakeEmbedder()
    assert own_corpus.index_documents(read_gold(path), third, work=tmp_path / "work").folder == own.folder
    assert third.embedded == []
    again = evaluate_files(path, embedder=FakeEmbedder(), **options)  # type: ignore[arg-type]
    fresh = evaluate_files(path, embedder=FakeEmbedder(), corpus_from_gold=True, work=tmp_path / "other")
    assert timeless(again) == timeless(fresh)


def test_answering_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    consider = Assistant.consider
    put: list[str] = []

    def counted(self: Assistant, question: str, **options: Any) -> Any:
        put.append(question)
        return consider(self, question, **options)

    monkeypatch.setattr(Assistant, "consider", counted)
    path = site_squad(tmp_path / "sites.json")
    options: dict[str, Any] = {"embedder": embedder, "corpus_from_gold": True, "work": tmp_path / "work"}
    with pytest.raises(KeyboardInterrupt):
        evaluate_files(path, progress=Stop("answering questions", 10), **options)
    assert len(put) == 10
    kept = list((tmp_path / "work").glob("*.run"))
    assert len(kept) == 1
    run = evaluate_files(path, **options)
    assert put[10:] == [asked(i) for i in range(11, 16)] + ["capital of France?"]
    assert not kept[0].exists()
    assert timeless(run) == timeless(evaluate_files(path, **options))


def test_an_own_index_of_other_code_or_that_is_damaged_is_made_anew(tmp_path: Path, embedder: FakeEmbedder) -> None:
    gold = read_gold(site_squad(tmp_path / "sites.json", sites=4))
    own = own_corpus.index_documents(gold, embedder, work=tmp_path / "work")
    whole = len(embedder.embedded)
    code = own.folder.parent / "code"
    code.write_text("of another version", encoding="ascii")
    again = FakeEmbedder()
    assert own_corpus.index_documents(gold, again, work=tmp_path / "work").folder == own.folder
    assert len(again.embedded) == whole == 4
    for store in own.folder.glob("gen-*/store.sqlite"):
        store.write_bytes(b"damaged")
    mended = FakeEmbedder()
    own_corpus.index_documents(gold, mended, work=tmp_path / "work")
    assert len(mended.embedded) == whole
    assert len(index.load(own.folder, mended).documents) == 4


def test_an_own_index_belongs_to_its_documents_and_its_model(tmp_path: Path, embedder: FakeEmbedder) -> None:
    small = read_gold(site_squad(tmp_path / "sites.json", sites=3))
    large = read_gold(site_squad(tmp_path / "sites.json", sites=4))
    folders = {
        own_corpus.index_documents(gold, model, work=tmp_path / "work").folder
        for gold in (small, large)
        for model in (embedder, FakeEmbedder("other"))
    }
    assert len(folders) == 4


def test_the_index_of_the_user_is_left_as_it_is(
    tmp_path: Path, folder: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistants, "PROJECT", tmp_path)
    assert assistants.index_folder() == folder
    before = contents(folder)
    squad, beir = site_squad(tmp_path / "sites.json", sites=3), site_beir(tmp_path / "beir")
    evaluate_files(squad, embedder=embedder, corpus_from_gold=True)
    evaluate_files(beir, embedder=embedder)
    assert evaluate_files(squad, embedder=embedder).about["index"]["documents"] == 2  # the default index is that one
    assert contents(folder) == before
    kept = sorted(path.name.rpartition("-")[0] for path in (tmp_path / "cache" / "verbatim").iterdir())
    assert kept == ["beir", "sites"]


# saved runs


@pytest.fixture
def saved(over: Callable[[Found], Assistant]) -> Evaluation:
    gold = [stage[0] for stage in STAGES.values()]
    return evaluate(gold, over({stage[0].question: stage[1] for stage in STAGES.values()}))


def test_a_run_is_the_same_once_it_was_saved(tmp_path: Path, saved: Evaluation) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps(saved.to_json(), ensure_ascii=False), encoding="utf-8")
    read = Evaluation.read(path)
    assert read == saved
    assert (read.metrics, read.intervals, read.counts) == (saved.metrics, saved.intervals, saved.counts)
    assert json.dumps(read.to_json()) == json.dumps(saved.to_json())
    assert set(saved.metrics) <= set(METRICS)


def test_figures_are_worked_out_anew_from_the_outcomes(saved: Evaluation) -> None:
    data = json.loads(json.dumps(saved.to_json()))
    assert sorted(data) == ["about", "counts", "format", "intervals", "kinds", "metrics", "questions"]
    data["metrics"]["f1"] = 99
    data["questions"] = data["questions"][:1]
    data["questions"][0]["a later version"] = "adds this"
    read = Evaluation.from_json(data)
    assert len(read.outcomes) == 1
    assert read.metrics["f1"] == 1


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"", ":1: is not JSON"),
        (b'{\n"format": 1,\n', ":3: is not JSON"),
        (b"[]", ": is not what qa eval"),
        (b"null", ": is not what qa eval"),
        (b"{}", ": is not what qa eval"),
        (b'{"format": 1}', ": is not what qa eval"),
        (b'{"format": 1, "questions": null}', ": is not what qa eval"),
        (b'{"format": 1, "questions": [{}]}', ": is not what qa eval"),
        (b'{"format": 2, "questions": []}', ": is of format 2"),
        (b"\xff\xfe", ": is not what qa eval"),
    ],
)
def test_a_file_that_is_no_run(tmp_path: Path, data: bytes, place: str) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(data)
    with pytest.raises(GoldError) as caught:
        Evaluation.read(path)
    assert str(caught.value).startswith(f"{path}{place}")


def test_a_run_of_which_a_question_is_no_object(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text('{"format": 1, "questions": ["q1"]}', encoding="utf-8")
    with pytest.raises(GoldError, match="is not what qa eval"):
        Evaluation.read(path)


def test_a_run_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"no\.json: cannot be read"):
        Evaluation.read(tmp_path / "no.json")


def test_what_is_no_gold_set_is_refused(over: Callable[[Found], Assistant]) -> None:
    same = [QUESTIONS[0], replace(QUESTIONS[1], query_id=QUESTIONS[0].query_id)]
    for gold, words in ((same, "two questions have the id"), (["x"], "not of str"), ([], "no question")):
        with pytest.raises(GoldError, match=words):
            evaluate(gold, over(FOUND))  # type: ignore[arg-type]
    with pytest.raises(GoldError, match="is empty"):
        evaluate([replace(QUESTIONS[0], question=" ")], over(FOUND))
