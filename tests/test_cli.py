"""The command line: every command, its exit status, and that only answers reach stdout."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fakes import FakeEmbedder

import qa
from qa import assistant, cli, embedding
from qa.chat import ServeOptions
from qa.cli import output
from qa.cli.output import ABSTAINED, BROKEN_PIPE, ERROR, INTERRUPTED

ROOT = Path(__file__).resolve().parent.parent
DOSING = """---
title: Doses at the Café 😀
year: 2021
container: Journal of Tests
doi: 10.1000/test
---

# Dosing

Baricitinib was given at a dose of 4 mg per day for 14 days. Naïve patients waited in the café 😀 until they were seen.

## Ruxolitinib

The dose of ruxolitinib was 10 mg twice daily, as the trial of Müller et al. says.

Table: Other drugs

| Drug | Route | Dose |
|---|---|---|
| Tofacitinib | oral | 5 mg |
| Fedratinib | oral | 400 mg |
"""
NOTES = (
    "Thrombosis was seen in 3% of the patients of the second trial.\n\nThe key message is that vigilance is needed.\n"
)
ASKED = "what is the dose of baricitinib"
UNANSWERABLE = "what is the capital of France"
WITH_FAKE = """
import sys
sys.path.insert(0, "tests")
import qa.assistant, qa.embedding
from test_cli import StandIn
qa.assistant.SentenceTransformerEmbedder = qa.embedding.SentenceTransformerEmbedder = StandIn
from qa.cli import main
main()
"""


class StandIn:
    """In the place of the class of the real embedder; what it makes is a fake, and no instance of it."""

    def __new__(cls, name: str | None = None) -> FakeEmbedder:  # type: ignore[misc]
        return FakeEmbedder(name or os.environ.get("VERBATIM_EMBEDDER") or "fake")


class Result(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        assert not self.out or self.out.endswith("\n")
        return [json.loads(line) for line in self.out.split("\n")[:-1]]


Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant, "SentenceTransformerEmbedder", StandIn)
    monkeypatch.setattr(embedding, "SentenceTransformerEmbedder", StandIn)
    monkeypatch.delenv("VERBATIM_DEBUG", raising=False)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    (folder / "sub").mkdir(parents=True)
    (folder / "dosing.md").write_text(DOSING, encoding="utf-8")
    (folder / "sub" / "notes.txt").write_text(NOTES, encoding="utf-8")
    return folder


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Carry out a command on the index of this test; `stdin` are the bytes that come in."""

    def run_command(command: str, *arguments: object, stdin: bytes = b"", index: object = tmp_path / "index") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        status = cli.run([command, "--index", str(index), *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Result(status, out, err)

    return run_command


@pytest.fixture
def indexed(run: Run, corpus: Path) -> Run:
    assert run("index", "--corpus", corpus).status == 0
    return run


def batch(run: Run, *lines: object, end: str = "\n") -> Result:
    """The batch of these objects, each as JSON unless it is bytes."""
    data = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + end.encode() for line in lines)
    return run("ask", "--batch", "-", "--json", stdin=data)


# index, add, remove, list


def test_index_says_what_it_holds(run: Run, corpus: Path, tmp_path: Path) -> None:
    result = run("index", "--corpus", corpus)
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines()[:2] == ["added dosing", "added sub/notes"]
    assert re.fullmatch(r"2 documents, \d+ passages in .*", result.out.splitlines()[2])
    data = run("index", "--json", "--corpus", corpus / "dosing.md", "--corpus", corpus / "sub").json
    assert sorted(data) == ["added", "documents", "failed", "passages", "removed", "replaced", "unchanged"]
    assert (data["added"], data["failed"], data["documents"]) == (["dosing", "notes"], [], 2)
    assert data["passages"] == sum(row["passages"] for row in run("list", "--json").json)


def test_index_without_corpus_takes_the_default_one(run: Run, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant, "DEFAULT_CORPUS", corpus)
    assert run("index", "--json").json["added"] == ["dosing", "sub/notes"]


def test_add_creates_then_says_unchanged_replaced_and_added(run: Run, corpus: Path) -> None:
    first = run("add", corpus / "dosing.md", "--json")
    assert (first.status, first.json["added"]) == (0, ["dosing"])
    (corpus / "dosing.md").write_text(DOSING.replace("4 mg", "2 mg"), encoding="utf-8")
    second = run("add", corpus, "--json").json
    assert (second["replaced"], second["added"]) == (["dosing"], ["sub/notes"])
    assert run("add", corpus, "--json").json["unchanged"] == ["dosing", "sub/notes"]
    assert run("ask", ASKED, "--json").json["short"].startswith("2 mg")


def test_a_bad_file_is_named_with_its_line_and_the_others_are_added(run: Run, corpus: Path) -> None:
    (corpus / "bad.md").write_text("---\ntitle: [broken\n---\nText.\n", encoding="utf-8")
    (corpus / "binary.txt").write_bytes(b"\x00\x01\x02")
    (corpus / "figure.png").write_bytes(b"PNG")
    for command in (["index", "--corpus"], ["add"]):
        result = run(*command, corpus)
        assert result.status == ERROR
        assert re.search(r"^bad\.md:2: \S", result.err, re.M)
        assert re.search(r"^binary\.txt: \S", result.err, re.M)
        assert re.search(r"figure\.png: left out", result.err)
        assert "2 documents" in result.out
    failed = run("add", corpus, "--json").json["failed"]
    assert [(item["file"], item["line"]) for item in failed] == [("bad.md", 2), ("binary.txt", None)]
    assert all(item["reason"] and item["file"] not in item["reason"] for item in failed)


def test_index_of_nothing_readable_keeps_the_index_that_is_there(indexed: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "missing"):
        result = indexed("index", "--corpus", path, "--json")
        assert (result.status, result.out) == (ERROR, "")
        assert result.err.startswith(f"error: {path}: ")
    assert len(indexed("list", "--json").json) == 2


def test_remove(indexed: Run) -> None:
    refused = indexed("remove", "dosing", "nope", "--json")
    assert (refused.status, refused.out) == (ERROR, "")
    assert "no document 'nope'" in refused.err
    done = indexed("remove", "dosing", "--json")
    assert (done.status, done.json["removed"], done.json["documents"]) == (0, ["dosing"], 1)
    assert [row["doc_id"] for row in indexed("list", "--json").json] == ["sub/notes"]


def test_list(indexed: Run, corpus: Path) -> None:
    row = indexed("list", "--json").json[0]
    assert sorted(row) == ["collection", "container", "doc_id", "doi", "file", "passages", "title", "year"]
    assert (row["title"], row["year"], row["file"]) == ("Doses at the Café 😀", "2021", str(corpus / "dosing.md"))
    result = indexed("list")
    assert "dosing\n    Doses at the Café 😀 (2021)\n" in result.out
    assert result.err == ""


# ask, retrieve


def test_ask_prints_answer_quote_and_place(indexed: Run) -> None:
    result = indexed("ask", ASKED)
    assert (result.status, result.err) == (0, "")
    short, _, quote, reference, place = result.out.splitlines()
    assert short.startswith("4 mg")
    assert quote == "[1] “Baricitinib was given at a dose of 4 mg per day for 14 days.”"
    assert reference.strip() == "Doses at the Café 😀, Journal of Tests, 2021, doi:10.1000/test"
    assert place.strip() == "dosing.md, line 10: Dosing"


def test_ask_json_is_the_answer_object(indexed: Run) -> None:
    data = indexed("ask", ASKED, "--json", "-k", 2).json
    assert data["answered"] is True
    assert data["short"] in data["text"] == data["citations"][0]["quote"]
    assert len(data["hits"]) == 2
    assert data["question"] == ASKED


def test_abstention_shows_the_nearest_passages_and_exits_1(indexed: Run) -> None:
    result = indexed("ask", UNANSWERABLE)
    assert (result.status, result.err) == (ABSTAINED, "")
    assert result.out.startswith("The documents do not answer this.\n\nNearest passages:\n\n1. ")
    result = indexed("ask", UNANSWERABLE, "--json")
    assert (result.status, result.json["answered"], result.json["text"]) == (ABSTAINED, False, "")


def test_force_answers_all_the_same(indexed: Run) -> None:
    result = indexed("ask", UNANSWERABLE + " dose", "--force", "--json")
    assert (result.status, result.json["answered"]) == (0, True)


def test_corrections_are_told(indexed: Run) -> None:
    assert indexed("ask", "ruxolitnib dose").out.startswith("searched for ruxolitinib (for ruxolitnib)\n10 mg")


def test_document_limits_the_search(indexed: Run) -> None:
    hits = indexed("ask", ASKED, "--document", "sub/notes", "--json").json["hits"]
    assert {hit["doc_id"] for hit in hits} == {"sub/notes"}
    hits = indexed("retrieve", ASKED, "--document", "sub/notes", "--document", "dosing", "-k", 50, "--json").json[
        "hits"
    ]
    assert {hit["doc_id"] for hit in hits} == {"sub/notes", "dosing"}
    for command in ("ask", "retrieve"):
        result = indexed(command, ASKED, "--document", "nope", "--json")
        assert (result.status, result.out) == (ERROR, "")
        assert "no document 'nope'" in result.err


def test_retrieve(indexed: Run) -> None:
    data = indexed("retrieve", "ruxolitnib dose", "-k", 3, "--json").json
    assert sorted(data) == ["hits", "query", "question"]
    assert (data["question"], data["query"]) == ("ruxolitnib dose", "ruxolitinib dose")
    assert [hit["rank"] for hit in data["hits"]] == [1, 2, 3]
    assert "ruxolitinib" in data["hits"][0]["text"]
    result = indexed("retrieve", "ruxolitinib dose", "-k", 1)
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("\n1. The dose of ruxolitinib was 10 mg")
    assert "dosing, line 14: Dosing › Ruxolitinib" in result.out


BAD_QUESTIONS = {
    "empty": "",
    "blank": " \t ",
    "too long": "dose " * 250,
    "only symbols": "?!… 😀",
    "another script": "какова доза барицитиниба",
}


@pytest.mark.parametrize("question", BAD_QUESTIONS.values(), ids=BAD_QUESTIONS)
@pytest.mark.parametrize("command", ["ask", "retrieve"])
def test_bad_questions_are_errors(indexed: Run, command: str, question: str) -> None:
    for options in ([], ["--json"]):
        result = indexed(command, *options, "--", question)
        assert (result.status, result.out) == (ERROR, "")
        assert re.fullmatch(r"error: the question .+\n", result.err)


def test_words_that_mean_nothing_here_are_no_error(indexed: Run) -> None:
    assert indexed("ask", "asdf qwer").status == ABSTAINED


def test_long_quotes_are_cut_around_the_answer(run: Run, tmp_path: Path) -> None:
    filler = ", ".join(f"site {i} of the study" for i in range(60))
    (tmp_path / "long.md").write_text(f"# Long\n\nThe dose of baricitinib was 4 mg at {filler}.\n", encoding="utf-8")
    run("add", tmp_path / "long.md")
    quote = run("ask", ASKED).out.splitlines()[2]
    assert "4 mg" in quote
    assert len(quote.split()) <= 81


# ask --batch


def test_batch_gives_one_line_for_each_in_order(indexed: Run) -> None:
    result = batch(
        indexed,
        {"id": "a", "question": ASKED},
        {"id": 2, "question": UNANSWERABLE, "history": [ASKED]},
        {"id": "a", "question": ASKED, "history": None},
        {"question": ASKED},
    )
    assert (result.status, result.err) == (0, "")
    assert [line["id"] for line in result.lines] == ["a", 2, "a", None]
    assert [line["answered"] for line in result.lines] == [True, False, True, True]
    assert all(next(iter(line)) == "id" for line in result.lines)
    single = indexed("ask", ASKED, "--json").json
    first = {key: value for key, value in result.lines[0].items() if key != "id"}
    assert {**first, "elapsed_ms": 0} == {**single, "elapsed_ms": 0}


BAD_LINES: dict[str, tuple[object, object]] = {
    "not JSON": (b"what is the dose", None),
    "cut off": (b'{"id": 1, "question": "what', None),
    "a list": ([1, 2], None),
    "a string": ("what is the dose", None),
    "no question": ({"id": 1}, 1),
    "question is a number": ({"id": 1, "question": 5}, 1),
    "question is null": ({"id": "x", "question": None}, "x"),
    "history is a string": ({"id": 1, "question": ASKED, "history": ASKED}, 1),
    "history holds a number": ({"id": 1, "question": ASKED, "history": [1]}, 1),
    "invalid UTF-8": (b'{"id": 1, "question": "caf\xe9"}', None),
    "NaN": (b'{"id": NaN, "question": "dose"}', None),
    "infinite id": (b'{"id": 1e999, "question": "dose"}', None),
    "id is an object": ({"id": {}, "question": ASKED}, None),
    "huge number": (b'{"id": ' + b"1" * 5000 + b"}", None),
    "deep": (b"[" * 100_000, None),
    **{name: ({"id": name, "question": question}, name) for name, question in BAD_QUESTIONS.items()},
    "half a surrogate pair": (b'{"id": "\\ud800", "question": "dose \\ud800"}', "\ud800"),
}


@pytest.mark.parametrize(("line", "name"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_of_a_batch_is_one_error_object(
    indexed: Run, line: object, name: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace"))
    out = sys.stdout
    assert batch(indexed, line, {"id": "next", "question": ASKED}).status == 0
    out.flush()
    bad, good = (json.loads(text) for text in out.buffer.getvalue().decode().splitlines())  # type: ignore[attr-defined]
    assert sorted(bad) == ["error", "id"]
    assert bad["id"] == name
    assert "internal error" not in bad["error"]
    assert (good["id"], good["answered"]) == ("next", True)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n \r\n"])
def test_line_ends_and_empty_lines(indexed: Run, end: str) -> None:
    questions = [{"id": i, "question": ASKED} for i in range(3)]
    assert [line["id"] for line in batch(indexed, *questions, end=end).lines] == [0, 1, 2]


def test_batch_from_a_file_without_last_line_end_with_byte_order_mark(indexed: Run, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_bytes(
        b'\xef\xbb\xbf{"id": 1, "question": "dose"}\n{"id": 2, "question": "\xc3\xa9 dose \xe2\x80\xa8 of what"}'
    )
    assert [line["id"] for line in indexed("ask", "--batch", file, "--json").lines] == [1, 2]
    assert [line["id"] for line in indexed("ask", "--batch", file).lines] == [1, 2]


def test_batch_takes_the_options_of_ask(indexed: Run) -> None:
    line = b'{"id": 1, "question": "capital of France dose"}\n'
    result = indexed("ask", "--batch", "-", "--force", "-k", 1, "--document", "dosing", stdin=line)
    assert (result.lines[0]["answered"], len(result.lines[0]["hits"])) == (True, 1)


def test_history_makes_a_follow_up_question_whole(indexed: Run) -> None:
    alone, following = batch(
        indexed,
        {"id": 1, "question": "and ruxolitinib?"},
        {"id": 2, "question": "and ruxolitinib?", "history": [ASKED]},
    ).lines
    assert following["query"] != alone["query"]
    assert "dose" in following["query"]
    assert "ruxolitinib" in following["query"]


def test_batch_of_nothing(indexed: Run) -> None:
    assert batch(indexed) == Result(0, "", "")


def test_batch_file_that_cannot_be_read(indexed: Run, tmp_path: Path) -> None:
    for file in (tmp_path / "missing.jsonl", tmp_path):
        result = indexed("ask", "--batch", file, "--json")
        assert (result.status, result.out) == (ERROR, "")
        assert result.err.startswith(f"error: {file}: cannot be read: ")


def test_batch_needs_an_index(run: Run) -> None:
    result = batch(run, {"id": 1, "question": ASKED})
    assert (result.status, result.out) == (ERROR, "")
    assert "no index in" in result.err


def test_a_crash_on_one_question_is_told_and_the_batch_goes_on(indexed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = assistant.Assistant.ask

    def broken(self: assistant.Assistant, question: str, **options: Any) -> Any:
        if "crash" in question:
            raise RuntimeError("two\nlines")
        return ask(self, question, **options)

    monkeypatch.setattr(assistant.Assistant, "ask", broken)
    result = batch(indexed, {"id": 1, "question": "crash"}, {"id": 2, "question": ASKED})
    assert result.status == 0
    assert result.lines[0] == {
        "id": 1,
        "error": "internal error: RuntimeError: two lines; run with VERBATIM_DEBUG=1 for the traceback",
    }
    assert result.lines[1]["answered"]
    single = indexed("ask", "crash", "--json")
    assert (single.status, single.out) == (ERROR, "")
    assert single.err == "internal error: RuntimeError: two lines; run with VERBATIM_DEBUG=1 for the traceback\n"


def spawn(arguments: Sequence[object], **options: Any) -> subprocess.Popen[bytes]:
    """The command in a process of its own, with the fake model."""
    command = [sys.executable, "-c", WITH_FAKE, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def test_each_line_of_a_batch_is_written_before_the_next_is_read(indexed: Run, tmp_path: Path) -> None:
    with spawn(["ask", "--batch", "-", "--json", "--index", tmp_path / "index"], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for i in range(3):
            process.stdin.write(json.dumps({"id": i, "question": f"{ASKED} é"}, ensure_ascii=False).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == i
        assert process.communicate() == (b"", b"")
    assert process.returncode == 0


def test_a_closed_pipe_is_quiet(indexed: Run, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"id": 1, "question": ASKED}) + "\n", encoding="utf-8")
    with spawn(["ask", "--batch", file, "--index", tmp_path / "index"]) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == BROKEN_PIPE


# errors, settings, help


@pytest.mark.parametrize(
    "arguments", [["ask", ASKED], ["retrieve", ASKED], ["list"], ["remove", "x"]], ids=lambda arguments: arguments[0]
)
def test_no_index(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    for options in ([], ["--json"]):
        result = run(*arguments, *options)
        assert (result.status, result.out) == (ERROR, "")
        assert re.fullmatch(r"error: no index in .+: build one with: qa index --index .+\n", result.err)
    assert not (tmp_path / "index").exists()


def test_an_index_of_another_model_is_refused_with_the_remedy(indexed: Run) -> None:
    result = indexed("ask", ASKED, "--embedder", "other")
    assert (result.status, result.out) == (ERROR, "")
    assert "built with the model fake" in result.err
    assert "qa index --index" in result.err
    assert indexed("add", ROOT / "tests", "--embedder", "other").status == ERROR


def test_settings_come_from_the_environment(
    run: Run, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VERBATIM_INDEX", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("VERBATIM_EMBEDDER", "other")
    assert cli.run(["index", "--corpus", str(corpus)]) == 0
    capsys.readouterr()
    assert cli.run(["list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    monkeypatch.delenv("VERBATIM_EMBEDDER")
    assert "other" in run("list", index=tmp_path / "elsewhere").err


@pytest.mark.parametrize(
    "arguments",
    [["frob"], ["ask"], ["ask", "a", "b"], ["ask", "a", "--batch", "-"], ["ask", "a", "-k", "0"], ["retrieve"], ["add"],
     ["ask", "a", "--frob"], ["serve", "--port", "x"], ["remove"], ["eval"], ["eval", "a", "--half", "b"], ["compare"],
     ["compare", "a"], ["compare", "a", "b", "c"], ["compare", "a", "b", "--gate", "c"], ["compare", "a", "b", "--half", "c"],
     ["compare", "a", "b", "--index", "c"], ["compare", "a", "b", "--embedder", "c"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(arguments) == ERROR
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"error: .+\n", err)


def test_no_command_prints_help_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == ERROR
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: qa")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"qa {qa.__version__}\n"


def test_python_m_runs_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "qa.cli", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"qa {qa.__version__}\n", "")


COMMANDS = ("index", "add", "remove", "list", "verify", "ask", "retrieve", "eval", "compare", "serve", "user")
GROUPS = ("feedback",)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_json_and_what_uses_an_index_takes_it_and_the_embedder(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert ("--json" in text) == (command != "user")  # it gives nothing
    for option in ("--index DIR", "--embedder NAME"):
        assert (option in text) == (
            command not in ("compare", "user")
        )  # they read what two runs or `user` have written


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    text = capsys.readouterr().out
    assert tuple(re.findall(r"^  ([a-z]+) {2,}", text.split("Commands:")[1], re.M)) == (*COMMANDS, *GROUPS)
    assert "..." not in text.split("Commands:")[1]


def test_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [command for command in (*COMMANDS, *GROUPS) if f"qa {command}" not in readme]
    assert not missing


def test_interrupt(indexed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(assistant.Assistant, "ask", interrupted)
    result = indexed("ask", ASKED)
    assert (result.status, result.out) == (INTERRUPTED, "")


def test_debug_shows_the_traceback(
    indexed: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("why")

    monkeypatch.setattr(assistant.Assistant, "ask", broken)
    monkeypatch.setenv("VERBATIM_DEBUG", "1")
    with pytest.raises(AssertionError, match="Traceback"):
        indexed("ask", ASKED)


def test_progress_is_told_in_lines_where_there_is_no_terminal(
    run: Run, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "PATIENCE", 0.0)
    monkeypatch.setattr(output, "LINE_INTERVAL", 0.0)
    result = run("index", "--corpus", corpus, "--json")
    assert "reading documents: 1 of 2\n" in result.err
    assert re.search(r"^embedding passages: \d+ of \d+$", result.err, re.M)
    assert result.json["documents"] == 2


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(output, "PATIENCE", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    with output.Progress("opening the model") as progress:
        progress._timer.join()
        progress("embedding passages", 3, 7)
    shown = sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert "opening the model" in shown
    assert "3/7" in shown


def test_serve_hands_over_to_the_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chat = pytest.importorskip("qa.chat.serving", reason="gradio is not installed")
    calls = []

    def serve(
        index: Path | None, options: ServeOptions, *, announce: Callable[[str], None], note: Callable[[str], None]
    ) -> None:
        calls.append((index, options))
        note("opening the documents")
        announce("http://127.0.0.1:7860")

    monkeypatch.setattr(chat, "serve", serve)
    monkeypatch.setenv("VERBATIM_EMBEDDER", "before")
    assert cli.run(["serve", "--index", str(tmp_path), "--port", "7999", "--embedder", "other"]) == 0
    told = capsys.readouterr()
    assert told.out == "Verbatim is at http://127.0.0.1:7860\n" and "opening the documents" in told.err
    assert os.environ["VERBATIM_EMBEDDER"] == "other"
    assert cli.run(["serve", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"address": "http://127.0.0.1:7860"}
    assert calls == [(tmp_path, ServeOptions(port=7999)), (None, ServeOptions())]
