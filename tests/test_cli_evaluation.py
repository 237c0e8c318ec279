"""`qa eval` and `qa compare`: exit statuses, what is printed and what is written."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_cli import ASKED, DOSING, NOTES, UNANSWERABLE, Result, StandIn

from qa import assistant, cli, embedding
from qa.assistant import Assistant
from qa.cli.output import ERROR, INTERRUPTED
from qa.evaluation import Evaluation, measures, read_gold, significance
from qa.evaluation import half as half_of

GOLD: tuple[dict[str, Any], ...] = (
    {
        "id": "dose",
        "question": ASKED,
        "answers": ["4 mg"],
        "evidence": [{"doc_id": "dosing", "quote": "Baricitinib was given at a dose\nof 4 mg"}],
        "kind": "fact",
    },
    {
        "id": "café 😀",
        "question": "in which share of patients was thrombosis seen?",
        "answers": ["3%"],
        "evidence": [{"doc_id": "sub/notes", "quote": "Thrombosis was seen in 3%"}],
        "kind": "fact",
    },
    {"id": "france", "question": UNANSWERABLE, "answers": [], "kind": "unanswerable"},
)
CONTEXT = "At the Café 😀 the dose of baricitinib was 4 mg. Nobody fell ill."
SQUAD = {
    "data": [
        {
            "title": "Doses",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "s",
                            "question": ASKED,
                            "answers": [{"text": "4 mg", "answer_start": CONTEXT.index("4 mg")}],
                        }
                    ],
                }
            ],
        }
    ]
}

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _fake_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant, "SentenceTransformerEmbedder", StandIn)
    monkeypatch.setattr(embedding, "SentenceTransformerEmbedder", StandIn)
    monkeypatch.setattr(measures, "RESAMPLES", 20)  # intervals are tested in test_evaluation_metrics.py
    monkeypatch.setattr(significance, "RESAMPLES", 20)
    monkeypatch.setattr(significance, "SLOW_PERMUTATIONS", 19)
    monkeypatch.delenv("VERBATIM_DEBUG", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Carry out a command; where it takes an index it finds that of this test."""
    for name, text in (("dosing.md", DOSING), ("sub/notes.txt", NOTES)):
        (tmp_path / "corpus" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "corpus" / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("VERBATIM_INDEX", str(tmp_path / "index"))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert cli.run(["index", "--corpus", str(tmp_path / "corpus")]) == 0

    def run_command(*arguments: object) -> Result:
        capsys.readouterr()
        status = cli.run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Result(status, out, err)

    return run_command


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return write(tmp_path / "gold.jsonl", *GOLD)


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that are put from now on."""
    questions: list[str] = []
    consider = Assistant.consider

    def counted(self: Assistant, question: str, **options: Any) -> Any:
        questions.append(question)
        return consider(self, question, **options)

    monkeypatch.setattr(Assistant, "consider", counted)
    return questions


def write(path: Path, *items: object) -> Path:
    """These objects a line each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
    return path


def write_beir(folder: Path) -> Path:
    write(folder / "corpus.jsonl", {"_id": "a", "text": CONTEXT}, {"_id": "b", "title": "Snow", "text": "Snow fell."})
    write(folder / "queries.jsonl", {"_id": "q", "text": ASKED})
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n", encoding="utf-8")
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def without_times(data: dict[str, Any]) -> dict[str, Any]:
    """A run as JSON without what two runs never have in common."""
    data = json.loads(json.dumps(data))
    del data["about"]["date"]
    for question in data["questions"]:
        del question["elapsed_ms"]
    kinds = [table for kind in data["kinds"].values() for table in (kind["metrics"], kind["intervals"])]
    for table in (data["metrics"], data["intervals"], *kinds):
        for name in [name for name in table if name.startswith("latency")]:
            del table[name]
    return data


# eval


def test_eval_prints_the_figures(run: Run, gold: Path) -> None:
    result = run("eval", gold)
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert re.fullmatch(r"gold \(JSONL\): 3 questions, \d+% of their content words stand in the evidence", lines[0])
    rows = {line.split()[0]: line for line in lines[2:] if line}
    assert re.match(r"answer_in_quote +1\.000 +\[1\.000, 1\.000\] +2 +answer in the quote$", rows["answer_in_quote"])
    assert re.match(r"refused_unanswerable +1\.000 +1 +unanswerable refused$", rows["refused_unanswerable"])
    assert re.match(r"latency_p95_ms +\d+\.\d ms +\[\d+\.\d ms, \d+\.\d ms\] +3 +", rows["latency_p95_ms"])
    assert re.match(r"fact +2 +1\.000 +1\.000", rows["fact"])
    assert re.match(r"unanswerable +1 +1\.000$", rows["unanswerable"])
    assert "lost" not in rows


def test_eval_says_where_questions_were_lost(run: Run, tmp_path: Path) -> None:
    refused = {**GOLD[1], "question": "thrombosis percentage in the old and frail"}
    path = write(tmp_path / "gold.jsonl", GOLD[0] | {"answers": ["5 g"]}, refused, {**GOLD[2], "question": ASKED})
    assert "\nlost: 1 chosen but incomplete, 1 wrongly refused, 1 wrongly answered\n" in run("eval", path).out


def test_eval_json_and_out_are_the_same_run(run: Run, gold: Path, tmp_path: Path) -> None:
    out = tmp_path / "run 😀.json"
    result = run("eval", gold, "--json", "--out", out)
    assert (result.status, result.err) == (0, "")
    assert json.loads(out.read_text("utf-8")) == result.json
    assert Evaluation.read(out).to_json()["metrics"] == result.json["metrics"]
    assert [question["query_id"] for question in result.json["questions"]] == ["dose", "café 😀", "france"]
    assert "café 😀" in out.read_text("utf-8")
    plain = run("eval", gold, "--out", out)
    assert plain.out.startswith("gold (JSONL)")
    assert without_times(json.loads(out.read_text("utf-8"))) == without_times(result.json)


def test_eval_writes_a_report(run: Run, gold: Path, tmp_path: Path) -> None:
    result = run("eval", gold, "--report", tmp_path / "report.html")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("gold (JSONL)")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert ASKED in page
    assert "café 😀" in page


def test_nothing_else_is_written(run: Run, gold: Path, tmp_path: Path) -> None:
    before = files_in(tmp_path)
    run("eval", gold, "--out", tmp_path / "run.json", "--report", tmp_path / "report.html")
    after = files_in(tmp_path)
    assert sorted(set(after) - set(before)) == ["report.html", "run.json"]
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("half", ["dev", "test"])
def test_half(run: Run, tmp_path: Path, half: str) -> None:
    path = write(
        tmp_path / "gold.jsonl", *({"id": i, "question": f"{ASKED} {i}?", "answers": ["4 mg"]} for i in range(12))
    )
    data = run("eval", path, "--half", half, "--json").json
    expected = [question.query_id for question in read_gold(path).questions if half_of(question) == half]
    assert [question["query_id"] for question in data["questions"]] == expected
    assert 0 < len(expected) < 12
    assert data["about"]["gold"]["half"] == half


def test_no_evidence(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", GOLD[0] | {"evidence": [{"doc_id": "gone", "quote": "gone"}]})
    refused = run("eval", path)
    assert (refused.status, refused.out) == (ERROR, "")
    assert re.fullmatch(r"error: .*gold\.jsonl:1: .*'gone'.*--no-evidence\n", refused.err)
    done = run("eval", path, "--no-evidence", "--json")
    assert (done.status, done.json["metrics"]["answer_in_quote"]) == (0, 1)
    assert "success@1" not in done.json["metrics"]
    assert run("eval", path, "--no-evidence").out.startswith("gold (JSONL): 1 questions, no evidence given\n")


MALFORMED = {
    "gold.jsonl": (b'{"id": 1, "question": "caf\xc3\xa9?", "answers": []}\n\nnot JSON\n', 3),
    "squad.json": (json.dumps(SQUAD, indent=1).replace(f"{CONTEXT.index('4 mg')}", "7").encode(), 10),
    "latin.jsonl": (b'{"id": 1, "question": "caf\xe9?", "answers": []}\n', 1),
    "empty.jsonl": (b"", 1),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_set_is_an_error_with_its_line_and_nothing_is_written(
    run: Run, gold: Path, tmp_path: Path, put: list[str], name: str
) -> None:
    data, line = MALFORMED[name]
    path = tmp_path / "bad" / name
    path.parent.mkdir()
    path.write_bytes(data)
    (tmp_path / "old.json").write_text("old", encoding="utf-8")
    before = files_in(tmp_path)
    options = ["--out", tmp_path / "old.json", "--report", tmp_path / "new.html", "--work", tmp_path / "work"]
    for sets in ([path], [gold, path]):
        for more in ([], ["--json"], ["--corpus-from-gold"]):
            result = run("eval", *sets, *options, *more)
            assert (result.status, result.out) == (ERROR, "")
            assert re.fullmatch(rf"error: {re.escape(str(path))}:{line}: .+\n", result.err)
    assert files_in(tmp_path) == before
    assert put == []


def test_a_malformed_line_of_qrels_is_named(run: Run, tmp_path: Path) -> None:
    folder = write_beir(tmp_path / "beir")
    with (folder / "qrels" / "test.tsv").open("a", encoding="utf-8") as stream:
        stream.write("q\tnone\t1\n")
    result = run("eval", folder)
    assert (result.status, result.out) == (ERROR, "")
    assert result.err.startswith(f"error: {folder}/qrels/test.tsv:3: ")


@pytest.mark.parametrize("option", ["--out", "--report"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(
    run: Run, gold: Path, tmp_path: Path, put: list[str], option: str
) -> None:
    for place in (tmp_path / "none" / "run.json", tmp_path, tmp_path / "gold.jsonl" / "run.json"):
        result = run("eval", gold, option, place)
        assert (result.status, result.out) == (ERROR, "")
        assert result.err.startswith(f"error: {place}: ")
    assert put == []


def test_wrong_options_are_refused_before_anything_is_asked(run: Run, gold: Path, put: list[str]) -> None:
    for arguments in (["--half", "train"], ["--corpus-from-gold"], ["--frob"], ["--half"]):
        result = run("eval", gold, *arguments)
        assert (result.status, result.out) == (ERROR, "")
        assert re.fullmatch(r"error: .+\n", result.err)
    assert put == []


def test_an_index_that_is_not_there(run: Run, gold: Path, tmp_path: Path) -> None:
    result = run("eval", gold, "--index", tmp_path / "none")
    assert (result.status, result.out) == (ERROR, "")
    assert "build one with: qa index --index" in result.err


def test_an_index_of_another_model(run: Run, gold: Path) -> None:
    result = run("eval", gold, "--embedder", "other")
    assert (result.status, result.out) == (ERROR, "")
    assert "built with the model fake" in result.err


def test_several_sets_are_one(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "set" / "a.jsonl", GOLD[0])
    write(tmp_path / "set" / "b.jsonl", GOLD[1])
    other = write(tmp_path / "other.jsonl", GOLD[2])
    data = run("eval", tmp_path / "set", other, "--json").json
    assert (data["about"]["gold"]["name"], len(data["questions"])) == ("set+other", 3)


def test_a_set_with_documents_of_its_own(run: Run, tmp_path: Path) -> None:
    before = files_in(tmp_path / "index")
    path = write(tmp_path / "squad", SQUAD)
    own = run("eval", path, "--corpus-from-gold", "--work", tmp_path / "work", "--json").json
    assert (own["about"]["index"]["documents"], own["about"]["gold"]["format"]) == (1, "SQuAD")
    assert own["questions"][0]["quotes"] == [CONTEXT.partition(". ")[0] + "."]
    assert own["metrics"]["success@1"] == 1
    beir = run("eval", write_beir(tmp_path / "beir"), "--work", tmp_path / "work", "--embedder", "other", "--json").json
    assert (beir["about"]["index"]["documents"], beir["about"]["model"]["name"]) == (2, "other")
    assert beir["metrics"]["mrr@10"] == 1
    for gold in (path, tmp_path / "beir"):
        refused = run("eval", gold, "--corpus-from-gold", "--index", tmp_path / "index")
        assert (refused.status, refused.out) == (ERROR, "")
        assert "--index" in refused.err
    assert files_in(tmp_path / "index") == before
    assert not (tmp_path / "cache").exists()


def test_evidence_that_no_document_holds_is_noted(run: Run, tmp_path: Path) -> None:
    result = run("eval", write(tmp_path / "squad", SQUAD))
    assert result.status == 0
    first, hint = result.err.splitlines()
    assert first == "1 quotes of evidence are not in the documents that were read"
    assert "--corpus-from-gold" in hint
    assert result.out.startswith("squad (SQuAD): 1 questions")


def test_a_run_that_was_stopped_goes_on_with_the_same_command(
    run: Run, gold: Path, tmp_path: Path, put: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run("eval", gold, "--json").json
    (tmp_path / "run.json").write_text("old", encoding="utf-8")
    put.clear()
    with monkeypatch.context() as patch:
        counted = Assistant.consider

        def stopped(self: Assistant, question: str, **options: Any) -> Any:
            if len(put) == 2:
                raise KeyboardInterrupt
            return counted(self, question, **options)

        patch.setattr(Assistant, "consider", stopped)
        result = run("eval", gold, "--out", tmp_path / "run.json", "--json")
    assert (result.status, result.out) == (INTERRUPTED, "")
    assert result.err == "stopped; the same command goes on where this one was\n"
    assert (tmp_path / "run.json").read_text("utf-8") == "old"
    again = run("eval", gold, "--out", tmp_path / "run.json", "--json")
    assert put == [ASKED, GOLD[1]["question"], UNANSWERABLE]
    assert without_times(again.json) == without_times(whole)


# compare


@pytest.fixture
def saved(run: Run, gold: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A run in which twelve questions were answered rightly, and one in which they were answered wrongly."""
    questions = [GOLD[0] | {"id": f"é{i}", "question": f"{ASKED} {i}?", "kind": ""} for i in range(12)]
    data = run("eval", write(gold, *questions, GOLD[2]), "--json").json
    figures = ("exact_match", "f1", "answer_in_quote", "answered_right")
    right: dict[str, Any] = {"short": "4 mg", "correct": True, "answered": True, "lost": ""}
    wrong: dict[str, Any] = {"short": "2 mg 😀", "correct": False, "answered": True, "lost": "chosen but incomplete"}
    for name, outcome in (("a.json", right), ("b.json", wrong)):
        for question in data["questions"][:12]:
            question.update(outcome)
            question["metrics"] |= dict.fromkeys(figures, float(outcome["correct"]))
        write(tmp_path / name, data)
    return tmp_path / "a.json", tmp_path / "b.json"


def test_compare_prints_what_differs(run: Run, saved: tuple[Path, Path]) -> None:
    result = run("compare", *saved)
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "13 questions in both runs"
    row = next(line for line in lines if line.startswith("answer_in_quote"))
    # Twelve for the worse and none for the better: p = 2 / 2^12 = .0005
    assert re.match(r"answer_in_quote +1\.000 +0\.000 +-1\.000 +\[-1\.000, -1\.000\] +0\.0005 +McNemar +worse$", row)
    row = next(line for line in lines if line.startswith("refused_unanswerable"))
    assert re.match(r"refused_unanswerable +1\.000 +1\.000 +\+0\.000 +1\.0000 +McNemar$", row)
    shown = result.out.partition("\nworsened: 12\n")[2]
    assert shown.count("      A ") == shown.count("      B 2 mg 😀 [chosen but incomplete]") == 10
    assert "improved" not in result.out
    assert "\nimproved: 12\n" in run("compare", *reversed(saved)).out


def test_compare_json(run: Run, saved: tuple[Path, Path]) -> None:
    result = run("compare", *saved, "--json", "--gate", "0.05")
    assert result.status == 1
    assert sorted(result.json) == [
        "altered", "common", "differences", "improved", "missing", "only_a", "only_b", "worse", "worsened"
    ]  # fmt: skip
    assert {"answer_in_quote", "answered_right", "f1"} <= set(result.json["worse"])
    assert "latency_p50_ms" not in result.json["worse"]
    assert run("compare", *saved, "--json").json["worse"] == []


@pytest.mark.parametrize(
    ("order", "gate", "status"),
    [((0, 1), "0.05", 1), ((0, 1), "0.0004", 0), ((1, 0), "0.05", 0), ((0, 0), "1", 0), ((0, 1), None, 0)],
)
def test_gate(run: Run, saved: tuple[Path, Path], order: tuple[int, int], gate: str | None, status: int) -> None:
    result = run("compare", *(saved[i] for i in order), *(["--gate", gate] if gate else []))
    assert result.status == status
    assert bool(result.err) == bool(status)
    if status:
        assert "worse: answer_in_quote 1.000 → 0.000, p = 0.0005\n" in result.err
        assert all(line.startswith("worse: ") for line in result.err.splitlines())


def test_compare_of_one_half(run: Run, saved: tuple[Path, Path]) -> None:
    counts = [run("compare", *saved, "--half", half, "--json").json["common"] for half in ("dev", "test")]
    assert sum(counts) == 13
    assert min(counts) > 0
    result = run("compare", *saved, "--half", "train")
    assert (result.status, result.out) == (ERROR, "")
    assert result.err == "error: --half is dev or test, not 'train'\n"


def test_compare_tells_of_questions_that_are_left_out(run: Run, saved: tuple[Path, Path]) -> None:
    data = json.loads(saved[1].read_text("utf-8"))
    data["questions"][0]["accepted"] = ["2 mg"]
    data["questions"][1]["query_id"] = "new"
    saved[1].write_text(json.dumps(data), encoding="utf-8")
    lines = run("compare", *saved).out.splitlines()
    assert lines[:4] == [
        "11 questions in both runs",
        "1 only in A",
        "1 only in B",
        "1 with other words or gold answers, left out",
    ]


def test_compare_of_what_is_no_run(run: Run, saved: tuple[Path, Path], gold: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.json"
    cut.write_bytes(saved[0].read_bytes()[:-10])
    line = 1 + cut.read_bytes().count(b"\n")
    other = write(tmp_path / "other.json", {"format": 1, "questions": []})
    for path, words in (
        (tmp_path / "none.json", "none.json: cannot be read"),
        (cut, f"cut.json:{line}: is not JSON"),
        (write(tmp_path / "x.json", {"id": 1}), "x.json: is not what qa eval --out writes"),
        (tmp_path, "cannot be read"),
        (other, "no question in common"),
    ):
        for pair in ((saved[0], path), (path, saved[0])):
            for options in ([], ["--json", "--gate", "0.05"]):
                result = run("compare", *pair, *options)
                assert (result.status, result.out) == (ERROR, "")
                assert re.fullmatch(rf"error: .*{re.escape(words)}.*\n", result.err)


def test_compare_wants_two_runs_and_takes_no_index(run: Run, saved: tuple[Path, Path]) -> None:
    for arguments in (saved[:1], (*saved, "--index", "x"), (*saved, "--embedder", "x"), (*saved, "--gate", "often")):
        result = run("compare", *arguments)
        assert (result.status, result.out) == (ERROR, "")
        assert re.fullmatch(r"error: .+\n", result.err)
