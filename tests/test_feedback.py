"""Feedback: kept whatever happens around it, and given out as a gold set that says only what the documents say."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEmbedder

from qa import assistant as assistants
from qa import embedding
from qa import index as indexes
from qa.assistant import Assistant
from qa.cli.root import run
from qa.errors import FeedbackError
from qa.evaluation import evaluate, read_gold
from qa.feedback import FILE_NAME, Corrected, Entry, FeedbackStore, Quoted, gold_line, gold_of
from qa.schema import Document

NOTE = """# Doses

## Baricitinib

The dose of baricitinib is 4 mg once daily. Café 😀 is served to all patients at noon.

## Ruxolitinib

The dose of ruxolitinib is 10 mg twice daily. Platelets are counted every week.
"""
RIGHT = "The dose of baricitinib is 4 mg once daily."
OTHER = "The dose of ruxolitinib is 10 mg twice daily."


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    return FeedbackStore(tmp_path / "index" / FILE_NAME)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small index."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "doses.md").write_text(NOTE, encoding="utf-8")
    indexes.build(tmp_path / "index", [corpus], FakeEmbedder())
    return tmp_path / "index"


@pytest.fixture
def documents(folder: Path) -> dict[str, Document]:
    return {stored.document.doc_id: stored.document for stored in opened(folder).documents}


def opened(folder: Path) -> Assistant:
    return Assistant.open(folder, embedder=FakeEmbedder())


def place(document: Document, quote: str, text: str = "") -> Quoted:
    start = document.text.index(quote)
    return Quoted(document.doc_id, start, start + len(quote), quote, text, "abc")


def entry(turn: int = 0, question: str = "dose of baricitinib?", **fields: object) -> Entry:
    return replace(Entry("c1", turn, question, verdict="up"), **fields)  # type: ignore[arg-type]


def test_kept_changed_and_taken_back(store: FeedbackStore) -> None:
    assert store.entries() == ()
    store.take_back("c1", 0)
    assert not store.path.exists()
    full = entry(
        history=("earlier",),
        collection="Tables",
        answer=(Quoted("d", 1, 5, "4 mg", "4", "abc"),),
        corrected=Corrected(Quoted("d", 7, 9, "xy")),
        comment="Café 😀 '; DROP TABLE feedback; --",
        user="ada",
        version="0.1.0",
    )
    kept = store.put(full)
    assert kept == replace(full, at=kept.at) and kept.at.endswith("+00:00")
    assert store.entries() == (kept,)
    changed = store.put(entry(verdict="down", corrected=Corrected()))
    other = store.put(entry(turn=1))
    assert store.entries() == (changed, other)
    store.take_back("c1", 0)
    assert store.entries() == (other,)
    assert [path.name for path in store.path.parent.iterdir()] == [FILE_NAME]
    assert store.path.stat().st_mode & 0o077 == 0


def test_halves_of_surrogate_pairs_do_no_harm(store: FeedbackStore) -> None:
    store.put(entry(question="dose \ud83d?", comment="\udc00"))
    assert store.entries()[0].comment == "?"


def _put_many(path: Path, name: str, count: int) -> None:
    for turn in range(count):
        FeedbackStore(path).put(Entry(name, turn, f"question {turn}", verdict="up"))


def test_threads_and_processes_write_at_the_same_time(store: FeedbackStore) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_put_many, args=(store.path, f"p{i}", 10)) for i in range(2)]
    threads = [threading.Thread(target=_put_many, args=(store.path, f"t{i}", 10)) for i in range(6)]
    for worker in [*processes, *threads]:
        worker.start()
    for worker in [*processes, *threads]:
        worker.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert len({(kept.conversation, kept.turn) for kept in store.entries()}) == 80


def test_locked_file_is_told(store: FeedbackStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.feedback.store.PATIENCE", 0.1)
    kept = store.put(entry())
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(FeedbackError, match="another program holds it"):
        store.put(entry(turn=1))
    with pytest.raises(FeedbackError, match="another program holds it"):
        store.entries()
    holder.execute("ROLLBACK")
    holder.close()
    assert store.entries() == (kept,)


def test_damaged_foreign_and_later_files_are_told_and_left_as_they_are(store: FeedbackStore) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(b"no database at all " * 100)
    for call in (store.entries, lambda: store.put(entry())):
        with pytest.raises(FeedbackError, match=r"damaged.*move it elsewhere"):
            call()
    assert store.path.read_bytes().startswith(b"no database")
    store.path.unlink()
    with sqlite3.connect(store.path) as foreign:
        foreign.execute("CREATE TABLE guests (name TEXT)")
    foreign.close()
    with pytest.raises(FeedbackError, match="not a file of feedback"):
        store.put(entry())
    with sqlite3.connect(store.path) as later:
        later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(FeedbackError, match="later version"):
        store.entries()


def test_rows_that_were_not_written_here_are_told(store: FeedbackStore) -> None:
    store.put(entry())
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE feedback SET data = '{}'")
    connection.close()
    with pytest.raises(FeedbackError, match="not written here"):
        store.entries()


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FeedbackError, match="cannot be written"):
        FeedbackStore(tmp_path / "file" / FILE_NAME).put(entry())


def test_index_and_verify_leave_the_file_alone(folder: Path) -> None:
    store = FeedbackStore(folder / FILE_NAME)
    kept = store.put(entry())
    report = indexes.verify(folder, FakeEmbedder())
    assert report.sound and report.leftovers == ()
    indexes.build(folder, [folder.parent / "corpus"], FakeEmbedder())
    indexes.remove(folder, [], FakeEmbedder())
    assert store.entries() == (kept,)


def test_gold_of_each_verdict(documents: dict[str, Document]) -> None:
    (note,) = documents.values()
    right, other = place(note, RIGHT, "4 mg"), place(note, OTHER, "10 mg")
    export = gold_of(
        [
            entry(0, "confirmed", answer=(right,)),
            entry(1, "list", answer=(right, other), history=("before",)),
            entry(2, "corrected", verdict="down", answer=(other,), corrected=Corrected(right)),
            entry(3, "passage only", verdict="down", corrected=Corrected(replace(right, text=""))),
            entry(4, "nothing answers", verdict="down", answer=(other,), corrected=Corrected()),
            entry(5, "rightly refused"),
            entry(6, "only wrong", verdict="down", answer=(other,)),
            entry(7, "only a comment", verdict="", comment="hm"),
        ],
        documents,
    )
    evidence = [{"doc_id": note.doc_id, "quote": RIGHT}]
    lines = [{key: value for key, value in gold_line(q).items() if key != "id"} for q in export.questions]
    assert lines == [
        {"question": "confirmed", "answers": ["4 mg"], "evidence": evidence, "kind": "confirmed"},
        {
            "question": "list",
            "answers": [],
            "answers_all": ["4 mg", "10 mg"],
            "history": ["before"],
            "evidence": [*evidence, {"doc_id": note.doc_id, "quote": OTHER}],
            "kind": "confirmed",
        },
        {"question": "corrected", "answers": ["4 mg"], "evidence": evidence, "kind": "corrected"},
        {"question": "passage only", "answers": [RIGHT], "evidence": evidence, "kind": "corrected"},
        {"question": "nothing answers", "answers": [], "kind": "unanswerable"},
        {"question": "rightly refused", "answers": [], "kind": "unanswerable"},
    ]
    assert dict(export.left_out) == {"wrong, without what would be right": 1, "a comment without a verdict": 1}
    assert export.warnings == ()


def test_last_verdict_wins_and_contradictions_are_told(documents: dict[str, Document]) -> None:
    (note,) = documents.values()
    right, other = place(note, RIGHT, "4 mg"), place(note, OTHER, "10 mg")
    export = gold_of(
        [
            entry(0, "Dose?", answer=(right,)),
            entry(0, " dose? ", answer=(other,), conversation="c2"),
            entry(1, "Agreed?", answer=(right,)),
            entry(1, "agreed?", answer=(right,), conversation="c2"),
            entry(2, "Dose?", answer=(right,), history=("another",)),
        ],
        documents,
    )
    assert [q.answers for q in export.questions] == [("10 mg",), ("4 mg",), ("4 mg",)]
    assert len({q.query_id for q in export.questions}) == 3
    assert dict(export.left_out) == {"an earlier verdict on the same question": 2}
    (warning,) = export.warnings
    assert "“4 mg” is right" in warning and "“10 mg” is right" in warning and "last one counts" in warning


def test_what_the_documents_do_not_hold_any_more_is_left_out(documents: dict[str, Document]) -> None:
    (note,) = documents.values()
    moved = replace(note, text="A new first line.\n" + note.text)
    changed = replace(note, text=note.text.replace("4 mg", "5 mg"))
    said = [entry(answer=(place(note, RIGHT, "4 mg"),))]
    assert len(gold_of(said, {note.doc_id: moved}).questions) == 1
    for now in ({note.doc_id: changed}, {}):
        export = gold_of(said, now)
        assert export.questions == () and len(export.warnings) == 1 and note.doc_id in export.warnings[0]
        assert dict(export.left_out) == {"its evidence is no longer in the documents": 1}
    forged = [entry(answer=(replace(place(note, RIGHT), text="5 mg"),))]
    assert gold_of(forged, documents).questions == ()


class StandIn(FakeEmbedder):
    """The fake embedder, made like the real one."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__()


@pytest.fixture
def _fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistants, "SentenceTransformerEmbedder", StandIn)
    monkeypatch.setattr(embedding, "SentenceTransformerEmbedder", StandIn)
    monkeypatch.setenv("VERBATIM_READER", "plain")  # the network reads beside a real model only


@pytest.mark.usefixtures("_fake_model")
def test_round_trip_over_the_commands(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], documents: dict[str, Document]
) -> None:
    (note,) = documents.values()
    out = tmp_path / "gold.jsonl"
    assert run(["feedback", "export", "--index", str(folder), "--out", str(out)]) == 1
    assert "no feedback yet" in capsys.readouterr().err and not out.exists()
    assert run(["feedback", "list", "--index", str(folder)]) == 0
    assert "no feedback yet" in capsys.readouterr().err
    store = FeedbackStore(folder / FILE_NAME)
    store.put(entry(0, "what is the dose of baricitinib?", answer=(place(note, RIGHT, "4 mg once daily"),)))
    store.put(
        entry(1, "and of ruxolitinib?", verdict="down", corrected=Corrected(place(note, OTHER, "10 mg twice daily")))
    )
    store.put(entry(2, "who won the hotel play?", comment="rightly\x1b[31m refused"))
    store.put(entry(3, "how long?", verdict="down"))
    assert run(["feedback", "list", "--index", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "right: 10 mg twice daily  (doses" in shown and "\x1b" not in shown and "comment: rightly" in shown
    assert run(["feedback", "list", "--index", str(folder), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 4
    assert run(["feedback", "export", "--index", str(folder)]) == 0
    printed = capsys.readouterr()
    assert "left out: 1 × wrong, without what would be right" in printed.err
    assert run(["feedback", "export", "--index", str(folder), "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == printed.out
    assert "3 gold questions of 4 verdicts" in capsys.readouterr().err
    gold = read_gold(out)
    assert [question.answerable for question in gold.questions] == [True, True, False]
    result = evaluate(gold, opened(folder))
    assert result.metrics["success@1"] == 1.0
    assert result.metrics["answer_in_quote"] == 1.0


@pytest.mark.usefixtures("_fake_model")
def test_unusable_file_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / FILE_NAME).write_bytes(b"x" * 5000)
    assert run(["feedback", "export", "--index", str(folder)]) == 2
    assert "is damaged" in capsys.readouterr().err


def test_feedback_loads_nothing_heavy() -> None:
    import subprocess

    code = "import sys, qa.feedback, qa.references; print(sorted({'torch', 'faiss', 'gradio', 'rispy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
