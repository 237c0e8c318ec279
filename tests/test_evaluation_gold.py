"""Gold sets as they come in: three formats told apart by content, and `file:line` for whatever is wrong with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from qa.errors import GoldError
from qa.evaluation import GoldSet, half, read_gold, word_overlap
from qa.schema import Evidence, GoldQuestion

BOM = b"\xef\xbb\xbf"
ASKED = "How many patients were at the Café 😀?"
QUESTION = {
    "id": "q1",
    "question": ASKED,
    "answers": ["14", "fourteen"],
    "evidence": [{"doc_id": "café", "quote": "14 patients were at the Café 😀"}],
    "kind": "fact",
}
LIST = {"id": 2, "question": "and which drugs?", "answers": [], "answers_all": ["4 mg", "é"], "history": [ASKED]}
UNANSWERABLE = {"id": "q3", "question": "What is the capital of France?", "answers": []}

CONTEXT = "At the Café 😀 the dose was 4 mg.\nIt was taken for 14 days."
SQUAD: dict[str, Any] = {
    "version": "v2.0",
    "data": [
        {
            "title": "Doses",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "dose",
                            "question": "What was the dose?",
                            "answers": [{"text": "4 mg", "answer_start": 27}, {"text": "4 mg", "answer_start": 27}],
                        },
                        {
                            "id": "days",
                            "question": "How many days?",
                            "answers": [{"text": "14 days", "answer_start": 50}, {"text": "14", "answer_start": 50}],
                            "is_impossible": False,
                        },
                    ],
                },
                {
                    "context": "Nobody else was there.",
                    "qas": [
                        {
                            "id": "weeks",
                            "question": "How many weeks?",
                            "answers": [],
                            "plausible_answers": [{"text": "Nobody", "answer_start": 0}],
                            "is_impossible": True,
                        }
                    ],
                },
            ],
        }
    ],
}
CORPUS = (
    {"_id": "a", "title": "Café 😀", "text": "Baricitinib was given.", "metadata": {}},
    {"_id": "b", "title": "", "text": "Ruxolitinib was given."},
    {"_id": 3, "text": ""},
)
QUERIES = (
    {"_id": "one", "text": "who was given baricitinib?"},
    {"_id": 2, "text": "Naïve?"},
    {"_id": "x", "text": "x"},
)
QRELS = "query-id\tcorpus-id\tscore\none\ta\t2\none\tb\t0\n2\tb\t1\n2\t3\t-1\nx\ta\t0\n"


def as_lines(*items: object, end: bytes = b"\n") -> bytes:
    """These objects a line each, as JSON unless they are bytes."""
    rows = (item if isinstance(item, bytes) else json.dumps(item, ensure_ascii=False).encode() for item in items)
    return b"".join(row + end for row in rows)


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def write_squad(path: Path, change: Callable[[Any], object] | None = None, **options: Any) -> Path:
    """The SQuAD set above as it is after `change`, on many lines unless `indent` says other."""
    data = json.loads(json.dumps(SQUAD))
    if change:
        change(data["data"])
    return write(path, json.dumps(data, **{"indent": 1, "ensure_ascii": False, **options}).encode())


def write_beir(folder: Path, **files: bytes) -> Path:
    """The BEIR set above, with other content for `corpus`, `queries` or `qrels` where that is given."""
    write(folder / "corpus.jsonl", files.get("corpus", as_lines(*CORPUS)))
    write(folder / "queries.jsonl", files.get("queries", as_lines(*QUERIES)))
    write(folder / "qrels" / "test.tsv", files.get("qrels", QRELS.encode()))
    return folder


def refused(path: Path | list[Path], place: str, *words: str) -> None:
    """Reading is refused with an error that begins with the place and holds the words."""
    with pytest.raises(GoldError) as caught:
        read_gold(path)
    message = str(caught.value)
    assert message.startswith(f"{place}: "), message
    assert all(word in message for word in words), message


def line_of(path: Path, words: str) -> int:
    """The only line of the file that holds the words."""
    (found,) = (number for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1) if words in line)
    return found


# which format it is


@pytest.mark.parametrize("name", ["gold.jsonl", "squad.json", "corpus.jsonl", "gold", "gold.tsv", "Café 😀.txt"])
def test_the_format_is_told_from_the_content_not_from_the_name(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, as_lines(QUESTION, LIST, UNANSWERABLE))
    assert (read_gold(path).format, len(read_gold(path).questions)) == ("JSONL", 3)
    for indent in (None, 2):
        write_squad(path, indent=indent)
        assert (read_gold(path).format, len(read_gold(path).questions)) == ("SQuAD", 3)
    assert read_gold(path).name == Path(name).stem
    path.unlink()
    assert read_gold(write_beir(path)).format == "BEIR"


def test_a_question_about_squad_is_a_line_of_jsonl(tmp_path: Path) -> None:
    words = 'What do "data": and "qas": hold?'
    path = write(tmp_path / "gold.jsonl", as_lines({**QUESTION, "question": words}))
    assert [gold.question for gold in read_gold(path).questions] == [words]


def test_a_cut_off_first_line_is_told_as_jsonl(tmp_path: Path) -> None:
    refused(
        write(tmp_path / "gold.jsonl", as_lines(b'{"id": "q1", "question": "wh')), f"{tmp_path}/gold.jsonl:1", "JSON"
    )


# JSONL


def test_jsonl(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", as_lines(QUESTION, LIST, UNANSWERABLE))
    gold = read_gold(str(path))
    assert gold == GoldSet("gold", "JSONL", gold.questions, (), hashlib.sha256(path.read_bytes()).hexdigest())
    assert gold.questions == (
        GoldQuestion(
            "q1",
            ASKED,
            answers=("14", "fourteen"),
            evidence=(Evidence("café", "14 patients were at the Café 😀"),),
            kind="fact",
        ),
        GoldQuestion("2", "and which drugs?", answers_all=("4 mg", "é"), history=(ASKED,)),
        GoldQuestion("q3", "What is the capital of France?"),
    )
    assert [question.answerable for question in gold.questions] == [True, True, False]
    assert [question.where for question in gold.questions] == [f"{path}:{line}" for line in (1, 2, 3)]


@pytest.mark.parametrize("start", [b"", BOM, b"\n \r\n", BOM + b"\r\n\n"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n", b"\r\n \t\r\n"])
def test_marks_line_ends_and_blank_lines_change_nothing_but_the_lines(tmp_path: Path, start: bytes, end: bytes) -> None:
    plain = read_gold(write(tmp_path / "plain.jsonl", as_lines(QUESTION, LIST)))
    path = write(tmp_path / "gold.jsonl", start + as_lines(QUESTION, LIST, end=end))
    gold = read_gold(path)
    assert gold.questions == plain.questions
    first, step = 1 + start.count(b"\n"), end.count(b"\n")
    assert [question.where for question in gold.questions] == [f"{path}:{first}", f"{path}:{first + step}"]
    path.write_bytes(path.read_bytes().rstrip())
    assert read_gold(path).questions == plain.questions


def test_characters_that_only_look_like_line_ends_end_no_line(tmp_path: Path) -> None:
    words = "What\u2028was\u0085there\x7f?"
    path = write(tmp_path / "gold.jsonl", as_lines({**QUESTION, "question": words}, UNANSWERABLE))
    assert [question.where for question in read_gold(path).questions] == [f"{path}:1", f"{path}:2"]
    assert read_gold(path).questions[0].question == words


def without(key: str) -> dict[str, object]:
    return {name: value for name, value in QUESTION.items() if name != key}


BAD_LINES: dict[str, tuple[object, str]] = {
    "not JSON": (b"what was it?", "is not JSON"),
    "cut off": (b'{"id": "q9", "question": "wh', "is not JSON"),
    "two objects": (b'{"id": "q9"} {}', "is not JSON"),
    "single quotes": (b"{'id': 'q9'}", "is not JSON"),
    "NaN": (b'{"id": NaN, "question": "x", "answers": []}', "NaN"),
    "huge number": (b'{"id": ' + b"1" * 5000 + b"}", "is not JSON"),
    "deep": (b'{"id": ' + b"[" * 100_000, "is not JSON"),
    "a list": ([QUESTION], "not a JSON object"),
    "a string": ("what was it?", "not a JSON object"),
    "null": (None, "not a JSON object"),
    "no id": (without("id"), 'no "id"'),
    "no question": (without("question"), 'no "question"'),
    "no answers": (without("answers"), 'no "answers"'),
    "unknown key": ({**QUESTION, "answer": "14"}, "'answer'"),
    "id is null": ({**QUESTION, "id": None}, "the id"),
    "id is empty": ({**QUESTION, "id": ""}, "the id"),
    "id is a truth value": ({**QUESTION, "id": True}, "the id"),
    "id is no whole number": ({**QUESTION, "id": 1.5}, "the id"),
    "id is a list": ({**QUESTION, "id": ["q1"]}, "the id"),
    "question is null": ({**QUESTION, "question": None}, '"question"'),
    "question is a number": ({**QUESTION, "question": 5}, '"question"'),
    "question is blank": ({**QUESTION, "question": " \t"}, '"question"'),
    "answers is a string": ({**QUESTION, "answers": "14"}, '"answers"'),
    "answers is an object": ({**QUESTION, "answers": {"text": "14"}}, '"answers"'),
    "answers is a number": ({**QUESTION, "answers": 14}, '"answers"'),
    "answers holds a number": ({**QUESTION, "answers": [14]}, '"answers"'),
    "answers holds a blank": ({**QUESTION, "answers": ["14", " "]}, '"answers"'),
    "answers_all is a string": ({**QUESTION, "answers_all": "14"}, '"answers_all"'),
    "answers_all holds a list": ({**QUESTION, "answers_all": [["14"]]}, '"answers_all"'),
    "history is a string": ({**QUESTION, "history": "before"}, '"history"'),
    "history holds null": ({**QUESTION, "history": [None]}, '"history"'),
    "kind is a number": ({**QUESTION, "kind": 1}, '"kind"'),
    "kind is a list": ({**QUESTION, "kind": ["fact"]}, '"kind"'),
    "evidence is an object": ({**QUESTION, "evidence": {"doc_id": "d", "quote": "q"}}, '"evidence"'),
    "evidence is a string": ({**QUESTION, "evidence": "14 patients"}, '"evidence"'),
    "evidence holds a string": ({**QUESTION, "evidence": ["14 patients"]}, '"evidence"'),
    "evidence without document": ({**QUESTION, "evidence": [{"quote": "q"}]}, '"evidence"'),
    "evidence without quote": ({**QUESTION, "evidence": [{"doc_id": "d"}]}, '"evidence"'),
    "evidence with an empty document": ({**QUESTION, "evidence": [{"doc_id": "", "quote": "q"}]}, '"evidence"'),
    "evidence with a blank quote": ({**QUESTION, "evidence": [{"doc_id": "d", "quote": "\n"}]}, '"evidence"'),
    "evidence with a number": ({**QUESTION, "evidence": [{"doc_id": 1, "quote": "q"}]}, '"evidence"'),
    "evidence of no answer": ({**QUESTION, "answers": []}, '"evidence"'),
    "id of another line": ({**UNANSWERABLE, "id": "q0"}, "'q0'"),
}


@pytest.mark.parametrize(("line", "words"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_named(tmp_path: Path, line: object, words: str) -> None:
    good = {**UNANSWERABLE, "id": "q0"}
    path = write(tmp_path / "Café 😀.jsonl", BOM + as_lines(good, b"", line, {**good, "id": "last"}, end=b"\r\n"))
    refused(path, f"{path}:3", words)


def test_a_first_line_that_is_too_deep_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", as_lines(b'{"id": ' + b"[" * 100_000))
    refused(path, f"{path}:1", "is not JSON")


@pytest.mark.parametrize("value", ["", 0, False, {}], ids=repr)
@pytest.mark.parametrize("key", ["answers", "answers_all", "history", "evidence"])
def test_an_empty_value_of_another_type_is_no_empty_list(tmp_path: Path, key: str, value: object) -> None:
    path = write(tmp_path / "gold.jsonl", as_lines({**UNANSWERABLE, key: value}))
    refused(path, f"{path}:1", f'"{key}"')


@pytest.mark.parametrize("key", ["id", "question"])
def test_half_a_surrogate_pair_is_named(tmp_path: Path, key: str) -> None:
    path = write(tmp_path / "gold.jsonl", b'{"id": "q1", "question": "x", "answers": []}\n')
    path.write_bytes(path.read_bytes().replace(b'"q1"' if key == "id" else b'"x"', b'"dose \\ud800"'))
    refused(path, f"{path}:1")


def test_ids_are_compared_as_they_are_printed_and_both_places_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", as_lines({**UNANSWERABLE, "id": 7}, b"", {**UNANSWERABLE, "id": "7"}))
    refused(path, f"{path}:3", "'7'", f"{path}:1")


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n\t\n", BOM, BOM + b"\n"])
def test_an_empty_file_is_named(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path / "gold.jsonl", data)
    refused(path, f"{path}:1", "is empty")


@pytest.mark.parametrize("make", [lambda path: write(path, as_lines(QUESTION)), write_squad], ids=["JSONL", "SQuAD"])
def test_a_file_that_is_not_utf8_is_named_with_the_line(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / "gold")
    data = b"\n" * 4 + path.read_bytes()
    line = 1 + data.partition("é".encode())[0].count(b"\n")
    path.write_bytes(data.replace("é".encode(), b"\xe9"))
    refused(path, f"{path}:{line}", "UTF-8")
    path.write_bytes(data.decode().encode("utf-16"))
    refused(path, f"{path}:1", "UTF-8")


@pytest.mark.parametrize("data", [b"[]", json.dumps([QUESTION]).encode(), json.dumps([QUESTION], indent=1).encode()])
def test_a_list_of_questions_is_no_gold_set(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path / "gold.json", data)
    refused(path, f"{path}:1")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    refused(tmp_path / "no.jsonl", f"{tmp_path}/no.jsonl", "no such file")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", f"{tmp_path}/empty", "no gold set", "*.jsonl")
    with pytest.raises(GoldError, match="no gold set"):
        read_gold([])


# several files


def test_several_files_and_folders_of_jsonl_are_one_set(tmp_path: Path) -> None:
    a = write(tmp_path / "set" / "a.jsonl", as_lines(QUESTION))
    b = write(tmp_path / "set" / "b.jsonl", as_lines(LIST))
    c = write(tmp_path / "c.jsonl", as_lines(UNANSWERABLE))
    write(tmp_path / "set" / "notes.txt", b"no gold set")
    gold = read_gold([tmp_path / "set", str(c)])
    assert (gold.name, gold.format, gold.documents) == ("set+c", "JSONL", ())
    assert [question.query_id for question in gold.questions] == ["q1", "2", "q3"]
    assert [question.where for question in gold.questions] == [f"{a}:1", f"{b}:1", f"{c}:1"]
    assert read_gold(tmp_path / "set").questions == gold.questions[:2]
    assert len({gold.sha256, read_gold([c, tmp_path / "set"]).sha256, read_gold(tmp_path / "set").sha256}) == 3


def test_a_folder_of_one_file_is_that_file(tmp_path: Path) -> None:
    path = write(tmp_path / "set" / "a.jsonl", as_lines(QUESTION))
    assert read_gold(tmp_path / "set").sha256 == read_gold(path).sha256 == read_gold([path]).sha256


def test_an_id_in_two_files_is_named_with_both_places(tmp_path: Path) -> None:
    a = write(tmp_path / "a.jsonl", as_lines(QUESTION))
    b = write(tmp_path / "b.jsonl", as_lines(UNANSWERABLE, QUESTION))
    refused([a, b], f"{b}:2", "'q1'", f"{a}:1")
    refused([a, a], f"{a}:1", "'q1'")
    refused(tmp_path, f"{b}:2", "'q1'", f"{a}:1")


def test_squad_and_beir_stand_alone(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.jsonl", as_lines(QUESTION))
    squad, beir = write_squad(tmp_path / "squad.json"), write_beir(tmp_path / "beir")
    refused([plain, squad], f"{squad}", "SQuAD", "by itself")
    refused([beir, plain], f"{beir}", "BEIR", "by itself")


def test_squad_in_a_folder_is_refused_or_read_as_squad(tmp_path: Path) -> None:
    write_squad(tmp_path / "set" / "squad.jsonl")
    try:
        gold = read_gold(tmp_path / "set")
    except GoldError:
        return
    assert (gold.format, len(gold.documents)) == ("SQuAD", 2)


def test_the_hash_is_of_the_content_and_not_of_the_name(tmp_path: Path) -> None:
    a, b = write_squad(tmp_path / "a.json"), write_squad(tmp_path / "b.json")
    assert read_gold(a).sha256 == read_gold(b).sha256 == hashlib.sha256(a.read_bytes()).hexdigest()
    one, other = write_beir(tmp_path / "one"), write_beir(tmp_path / "other")
    assert read_gold(one).sha256 == read_gold(other).sha256
    seen = {read_gold(one).sha256}
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        (one / name).write_bytes((one / name).read_bytes() + b"\n")
        seen.add(read_gold(one).sha256)
    assert len(seen) == 4


# SQuAD


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_squad(tmp_path: Path, indent: int | None, ascii_only: bool) -> None:
    path = write_squad(tmp_path / "squad.json", indent=indent, ensure_ascii=ascii_only)
    gold = read_gold(path)
    dose, days, weeks = gold.questions
    place = gold.documents[0].doc_id
    assert [(document.text, document.title) for document in gold.documents] == [
        (CONTEXT, "Doses"),
        ("Nobody else was there.", "Doses"),
    ]
    assert (dose.query_id, dose.question, dose.answers) == ("dose", "What was the dose?", ("4 mg",))
    assert dose.evidence[0] == Evidence(place, "4 mg", origin=27)
    assert days.answers == ("14 days", "14")
    assert (weeks.answers, weeks.evidence, weeks.answerable) == ((), (), False)
    assert gold.name == "squad"


def test_a_context_that_comes_twice_is_one_document(tmp_path: Path) -> None:
    def twice(data: Any) -> None:
        data.append({"paragraphs": [{"context": CONTEXT, "qas": [qas(data)[0] | {"id": "again"}]}]})

    gold = read_gold(write_squad(tmp_path / "squad.json", twice))
    assert [document.text for document in gold.documents] == [CONTEXT, "Nobody else was there."]
    assert gold.questions[0].evidence[0] == gold.questions[-1].evidence[0]


def test_squad_with_byte_order_mark_and_carriage_returns(tmp_path: Path) -> None:
    path = write_squad(tmp_path / "squad.json")
    expected = read_gold(path)
    path.write_bytes(BOM + b"\r\n" + path.read_bytes().replace(b"\n", b"\r\n"))
    gold = read_gold(path)
    assert (gold.questions, gold.documents) == (expected.questions, expected.documents)
    line = line_of(path, '"days"')
    assert gold.questions[1].where == f"{path}:{line}"


def test_a_pretty_printed_set_gives_the_line_of_each_question(tmp_path: Path) -> None:
    for indent in (1, 4):
        path = write_squad(tmp_path / "squad.json", indent=indent)
        for question in read_gold(path).questions:
            line = line_of(path, f'"id": "{question.query_id}"')
            assert question.where == f"{path}:{line}"


def rename(first: object, second: object, third: object) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for question, name in zip(all_questions(data), (first, second, third), strict=True):
            question["id"] = name

    return change


@pytest.mark.parametrize(
    "ids",
    [
        ("café", "naïve", "é"),
        ("q", "14 days", "14"),
        (1, 2, 3),
        ("id", "text", "answers"),
    ],
    ids=str,
)
def test_the_line_is_right_for_any_id(tmp_path: Path, ids: tuple[object, object, object]) -> None:
    path = write_squad(tmp_path / "squad.json", rename(*ids))
    lines = [line_of(path, f'"id": {json.dumps(name, ensure_ascii=False)}') for name in ids]
    assert [question.where for question in read_gold(path).questions] == [f"{path}:{line}" for line in lines]


def all_questions(data: Any) -> list[Any]:
    return [question for article in data for paragraph in article["paragraphs"] for question in paragraph["qas"]]


def qas(data: Any, paragraph: int = 0) -> Any:
    return data[0]["paragraphs"][paragraph]["qas"]


def change_answer(**values: object) -> Callable[[Any], None]:
    return lambda data: qas(data)[1]["answers"][1].update(values)


BAD_QUESTIONS: dict[str, tuple[Callable[[Any], object], str]] = {
    "one character late (UTF-16)": (change_answer(answer_start=51), "'14'"),
    "in bytes": (change_answer(answer_start=54), "'14'"),
    "from the end": (change_answer(text="days", answer_start=-5), "'days'"),
    "behind the end": (change_answer(answer_start=10_000), "'14'"),
    "another case": (change_answer(text="14 Days"), "'14 Days'"),
    "start is a string": (change_answer(answer_start="50"), "answer_start"),
    "start is null": (change_answer(answer_start=None), "answer_start"),
    "text is null": (change_answer(text=None), "text"),
    "text is empty": (change_answer(text=""), "text"),
    "text is a list": (change_answer(text=["14"]), "text"),
    "no start": (lambda data: qas(data)[1]["answers"][1].pop("answer_start"), "answer_start"),
    "no text": (lambda data: qas(data)[1]["answers"][1].pop("text"), "text"),
    "no answers": (lambda data: qas(data)[1].pop("answers"), "answers"),
    "answers is null": (lambda data: qas(data)[1].update(answers=None), "qas[1]"),
    "answers is a string": (lambda data: qas(data)[1].update(answers="14"), "qas[1]"),
    "answers hold a string": (lambda data: qas(data)[1].update(answers=["14"]), "qas[1]"),
    "no question": (lambda data: qas(data)[1].pop("question"), "question"),
    "question is blank": (lambda data: qas(data)[1].update(question=" "), "question"),
    "question is a number": (lambda data: qas(data)[1].update(question=1), "question"),
}


@pytest.mark.parametrize(("change", "words"), BAD_QUESTIONS.values(), ids=BAD_QUESTIONS)
def test_a_bad_squad_question_is_named_with_its_line(
    tmp_path: Path, change: Callable[[Any], object], words: str
) -> None:
    path = write_squad(tmp_path / "squad.json", change)
    line = line_of(path, '"id": "days"')
    refused(path, f"{path}:{line}", words, "data[0].paragraphs[0].qas[1]")
    write_squad(path, change, indent=None)
    refused(path, f"{path}:1", words)


@pytest.mark.parametrize("name", [None, True, 1.5, [], ""], ids=repr)
def test_a_bad_squad_id_is_refused(tmp_path: Path, name: object) -> None:
    path = write_squad(tmp_path / "squad.json", lambda data: qas(data)[1].update(id=name), indent=None)
    refused(path, f"{path}:1", "id")


def test_an_id_of_two_squad_questions_is_refused(tmp_path: Path) -> None:
    path = write_squad(tmp_path / "squad.json", lambda data: qas(data)[1].update(id="dose"))
    with pytest.raises(GoldError, match="'dose'"):
        read_gold(path)


def test_the_second_of_two_equal_ids_is_named_with_its_line(tmp_path: Path) -> None:
    path = write_squad(tmp_path / "squad.json", lambda data: qas(data)[1].update(id="dose"))
    lines = [n for n, line in enumerate(path.read_text("utf-8").split("\n"), start=1) if '"id": "dose"' in line]
    refused(path, f"{path}:{lines[1]}", f"{path}:{lines[0]}")


BAD_SQUAD: dict[str, tuple[Callable[[Any], object], str]] = {
    "no questions": (lambda data: data.clear(), "no question"),
    "article is a list": (lambda data: data.append([]), "list"),
    "article is null": (lambda data: data.append(None), "None"),
    "no paragraphs": (lambda data: data.append({"title": "x"}), "paragraphs"),
    "paragraphs is null": (lambda data: data.append({"paragraphs": None}), "None"),
    "no context": (lambda data: data.append({"paragraphs": [{"qas": []}]}), "context"),
    "context is a number": (lambda data: data.append({"paragraphs": [{"context": 1, "qas": []}]}), "context"),
    "title is a number": (lambda data: data[0].update(title=1), "title"),
    "no qas": (lambda data: data.append({"paragraphs": [{"context": "x"}]}), "qas"),
    "qas is null": (lambda data: data.append({"paragraphs": [{"context": "x", "qas": None}]}), "None"),
    "question is a string": (lambda data: qas(data).append("what?"), "qas[2]"),
    "no id": (lambda data: qas(data).append({"question": "what?", "answers": []}), "'id'"),
}


@pytest.mark.parametrize(("change", "words"), BAD_SQUAD.values(), ids=BAD_SQUAD)
def test_a_bad_squad_set_is_refused_near_the_place(tmp_path: Path, change: Callable[[Any], object], words: str) -> None:
    path = write_squad(tmp_path / "squad.json", change)
    with pytest.raises(GoldError) as caught:
        read_gold(path)
    assert words in str(caught.value)
    assert 1 <= (caught.value.line or 0) <= path.read_bytes().count(b"\n") + 1


@pytest.mark.parametrize("article", [{"title": "x"}, {"paragraphs": None}, None], ids=str)
def test_a_bad_squad_article_is_named(tmp_path: Path, article: object) -> None:
    path = write_squad(tmp_path / "squad.json", lambda data: data.append(article))
    with pytest.raises(GoldError, match=r"data\[1\]"):
        read_gold(path)


@pytest.mark.parametrize("data", ["", "[]", "null", "{}", '"x"', "[1]"])
def test_squad_without_its_list(tmp_path: Path, data: str) -> None:
    path = write(tmp_path / "squad.json", b'{"version": "v2.0",\n "data": ' + data.encode() + b"}")
    with pytest.raises(GoldError) as caught:
        read_gold(path)
    assert str(caught.value).startswith(f"{path}:")


def test_squad_that_is_cut_off_is_named_with_the_line(tmp_path: Path) -> None:
    path = write_squad(tmp_path / "squad.json")
    head = path.read_bytes().partition(b'"days"')[0].rstrip()
    line = 1 + head.count(b"\n")
    refused(write(path, head), f"{path}:{line}", "is not JSON")


# BEIR


def test_beir(tmp_path: Path) -> None:
    gold = read_gold(write_beir(tmp_path / "nfcorpus"))
    assert (gold.name, gold.format) == ("nfcorpus", "BEIR")
    assert [(d.doc_id, d.title, d.text) for d in gold.documents] == [
        ("a", "Café 😀", "Café 😀\n\nBaricitinib was given."),
        ("b", "", "Ruxolitinib was given."),
        ("3", "", ""),
    ]
    assert gold.questions == (
        GoldQuestion("one", "who was given baricitinib?", relevant=(("a", 2), ("b", 0))),
        GoldQuestion("2", "Naïve?", relevant=(("b", 1), ("3", -1))),
    )
    assert all(question.answerable for question in gold.questions)
    assert [question.where for question in gold.questions] == [
        f"{tmp_path}/nfcorpus/queries.jsonl:{line}" for line in (1, 2)
    ]


def test_beir_without_header_with_marks_carriage_returns_and_blank_lines(tmp_path: Path) -> None:
    expected = read_gold(write_beir(tmp_path / "plain"))
    loud = {
        "corpus": BOM + b"\r\n" + as_lines(*CORPUS, end=b"\r\n\r\n"),
        "queries": BOM + as_lines(*QUERIES, end=b"\r\n"),
        "qrels": BOM + QRELS.partition("\n")[2].replace("\n", "\r\n\r\n").encode(),
    }
    gold = read_gold(write_beir(tmp_path / "loud", **loud))
    assert (gold.questions, gold.documents) == (expected.questions, expected.documents)
    headed = BOM + QRELS.replace("\n", "\r\n").encode()
    assert read_gold(write_beir(tmp_path / "headed", qrels=headed)).questions == expected.questions


BAD_QRELS = {
    "two columns": ("one\ta", "tabs"),
    "four columns (TREC)": ("one\t0\ta\t1", "tabs"),
    "spaces": ("one a 1", "tabs"),
    "unknown query": ("two\ta\t1", "'two'", "queries.jsonl"),
    "unknown document": ("one\tc\t1", "'c'", "corpus.jsonl"),
    "documents and queries exchanged": ("a\tone\t1", "'a'", "queries.jsonl"),
    "no number": ("one\ta\tyes", "'yes'"),
    "no whole number": ("one\ta\t1.0", "'1.0'"),
    "no score": ("one\ta\t", "''"),
    "header further down": ("query-id\tcorpus-id\tscore", "'score'"),
}


@pytest.mark.parametrize("row", BAD_QRELS.values(), ids=BAD_QRELS)
def test_a_bad_line_of_qrels_is_named(tmp_path: Path, row: tuple[str, ...]) -> None:
    bad, *words = row
    folder = write_beir(tmp_path / "beir", qrels=QRELS.encode() + f"\n{bad}\n".encode())
    refused(folder, f"{folder}/qrels/test.tsv:8", *words)


BAD_OBJECTS: Mapping[str, tuple[object, str]] = {
    "not JSON": (b"x", "is not JSON"),
    "a list": ([], "not a JSON object"),
    "no id": ({"text": "x"}, '"_id"'),
    "id is empty": ({"_id": "", "text": "x"}, '"_id"'),
    "id is null": ({"_id": None, "text": "x"}, '"_id"'),
    "id is a truth value": ({"_id": True, "text": "x"}, '"_id"'),
    "no text": ({"_id": "new"}, '"text"'),
    "text is a number": ({"_id": "new", "text": 1}, '"text"'),
}


@pytest.mark.parametrize(("bad", "words"), BAD_OBJECTS.values(), ids=BAD_OBJECTS)
@pytest.mark.parametrize("name", ["corpus", "queries"])
def test_a_bad_document_or_query_is_named(tmp_path: Path, name: str, bad: object, words: str) -> None:
    before = CORPUS if name == "corpus" else QUERIES
    folder = write_beir(tmp_path / "beir", **{name: as_lines(*before, b"", bad)})
    refused(folder, f"{folder}/{name}.jsonl:5", words)


def test_other_faults_of_beir(tmp_path: Path) -> None:
    folder = tmp_path / "beir"
    write_beir(folder, corpus=as_lines(*CORPUS, CORPUS[0]))
    refused(folder, f"{folder}/corpus.jsonl:4", "'a'")
    write_beir(folder, corpus=as_lines(*CORPUS, {"_id": "c", "text": "x", "title": 1}))
    refused(folder, f"{folder}/corpus.jsonl:4", '"title"')
    write_beir(folder, queries=as_lines(*QUERIES, {"_id": "2", "text": "another"}))
    refused(folder, f"{folder}/queries.jsonl:4", "'2'")
    write_beir(folder, queries=as_lines(*QUERIES, {"_id": "y", "text": " "}))
    refused(folder, f"{folder}/queries.jsonl:4", "empty")
    write_beir(folder, qrels=b"one\ta\t0\n2\tb\t-1\n")
    refused(folder, f"{folder}/qrels/test.tsv", "no query has a relevant document")
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        write(write_beir(folder) / name, b"\n")
        refused(folder, f"{folder}/{name}:1", "is empty")
        write(write_beir(folder) / name, b"\n\n\xe9")
        refused(folder, f"{folder}/{name}:3", "UTF-8")
    (write_beir(folder) / "qrels" / "test.tsv").unlink()
    refused(folder, f"{folder}/qrels/test.tsv", "no such file")


def test_a_file_of_a_beir_set_alone_says_to_give_the_folder(tmp_path: Path) -> None:
    folder = write_beir(tmp_path / "beir")
    for name in ("corpus.jsonl", "queries.jsonl"):
        refused(folder / name, f"{folder / name}", "BEIR", "folder")


# halves, overlap


def asked(question: str, *history: str) -> GoldQuestion:
    return GoldQuestion("q", question, history=history)


def test_halves_stay_what_they_are() -> None:
    # First byte of: printf '%s' "what dose of baricitinib was given?" | sha256sum, and so on; even is dev, odd is test.
    assert half(asked("What dose of baricitinib was given?")) == "test"  # 8d
    assert half(asked("How many patients were at the Café 😀?")) == "dev"  # 02
    assert half(asked("who was seen?")) == "test"  # 75
    assert half(asked("Which drug was given at 10 mg?")) == "dev"  # 34
    assert half(asked("  WHEN did\tit\n end? ")) == "test"  # c9


def test_a_dialogue_stays_together() -> None:
    first = ["What dose of baricitinib was given?", "How many patients were at the Café 😀?"]
    for opening in first:
        follow_ups = [half(asked(f"and question {i}?", opening, *["between"] * (i % 3))) for i in range(20)]
        assert set(follow_ups) == {half(asked(opening))}
    assert len({half(asked(f"and question {i}?")) for i in range(20)}) == 2


def test_the_halves_are_about_equal() -> None:
    halves = [half(asked(f"What was seen in patient {i} of the Café?")) for i in range(1000)]
    assert 450 <= halves.count("dev") <= 550  # three standard deviations


def test_overlap_of_words_by_hand() -> None:
    evidence = (Evidence("d", "Baricitinib was given"), Evidence("d", "at the Café 😀"))
    # Content words: dose, baricitinib, given; two of them stand in the evidence.
    two_thirds = GoldQuestion("1", "What dose of Baricitinib was given?", ("4 mg",), evidence=evidence)
    # Content words by their stems: café, baricitinib; both stand there, in one quote or the other.
    all_of_them = GoldQuestion("2", "Who was at the cafe for baricitinib's?", ("x",), evidence=evidence)
    nothing_asked = GoldQuestion("3", "What is it?", ("x",), evidence=evidence)
    no_evidence = GoldQuestion("4", "What dose?", ("x",))
    assert word_overlap([two_thirds]) == pytest.approx(2 / 3)
    assert word_overlap([two_thirds, all_of_them, nothing_asked, no_evidence]) == pytest.approx((2 / 3 + 1) / 2)
    assert word_overlap([no_evidence, nothing_asked]) is None
    assert word_overlap([]) is None
