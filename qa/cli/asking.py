"""The commands that put questions to the index: `ask`, of one question or of a batch, and `retrieve`."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.output import (
    ABSTAINED,
    Collection,
    Index,
    Json,
    Model,
    Progress,
    ReaderModel,
    Within,
    internal_error,
    open_assistant,
    print_json,
    say,
    use_reader,
)
from qa.errors import QuestionError, VerbatimError

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.schema import Answer, Citation, Hit

NEAREST = 3
NEAREST_WORDS = 60


def ask(
    question: Annotated[str | None, typer.Argument(help="The question.", show_default=False)] = None,
    batch: Annotated[
        str | None,
        typer.Option(
            "--batch",
            metavar="FILE",
            help="Answer the questions of a file (- for stdin), a JSON object a line: id, question and, if there are "
            "any, earlier questions as history. One JSON object comes out for each; empty lines are passed over.",
        ),
    ] = None,
    document: Within = None,
    collection: Collection = None,
    force: Annotated[
        bool, typer.Option("--force", help="Give the best candidate also where it is not good enough.")
    ] = False,
    k: Annotated[int, typer.Option("-k", min=1, help="Number of passages in the answer.")] = 10,
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
    reader: ReaderModel = None,
) -> int:
    """Answer a question with the words of a document.

    Exit status: 0 answered, 1 abstained, 2 error; of a batch 0.
    """
    use_reader(reader)
    if (question is None) == (batch is None):
        raise VerbatimError("give a question or --batch FILE, not both" if batch else 'give a question: qa ask "..."')
    if batch is not None:
        lines, total = _read_lines(batch)
        assistant = open_assistant(index, embedder, document)
        _ask_batch(assistant, lines, total, k=k, documents=document, collection=collection, force=force)
        return 0
    _check(question or "")
    assistant = open_assistant(index, embedder, document)
    answer = assistant.ask(question or "", k=k, documents=document, collection=collection, force=force)
    if as_json:
        print_json(answer.to_json())
    else:
        _print_answer(answer)
    return 0 if answer.answered else ABSTAINED


def retrieve(
    question: Annotated[str, typer.Argument(help="The question.")],
    k: Annotated[int, typer.Option("-k", min=1, help="Number of passages.")] = 5,
    document: Within = None,
    collection: Collection = None,
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
    reader: ReaderModel = None,
) -> None:
    """Print the passages that fit a question best."""
    from qa.query import understand
    from qa.schema import hit_json

    use_reader(reader)
    _check(question)
    assistant = open_assistant(index, embedder, document)
    query = understand(question, assistant.index.vocabulary)
    hits = assistant.retrieve(question, k, documents=document, collection=collection)
    if as_json:
        print_json({"question": question, "query": query.text, "hits": [hit_json(hit) for hit in hits]})
        return
    for hit in hits:
        _print_hit(hit)


def _check(question: str) -> None:
    """Refuse a question that cannot be put before anything is loaded."""
    from qa.query import check_question

    check_question(question)


def _read_lines(file: str) -> tuple[Iterator[bytes], int]:
    """The lines of a batch that are not empty, as they come in, and their number (0: not known).

    Raises VerbatimError at once for a file that cannot be read.
    """
    try:
        stream = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115 (closed by the generator)
        total = 0
        if stream.seekable() and file != "-":
            total = sum(1 for line in stream if line.strip())
            stream.seek(0)
    except OSError as error:
        raise VerbatimError(f"{file}: cannot be read: {error.strerror}") from error

    def lines() -> Iterator[bytes]:
        with stream:
            for number, line in enumerate(stream):
                line = line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line
                if line.strip():
                    yield line

    return lines(), total


def _ask_batch(assistant: Assistant, lines: Iterator[bytes], total: int, **options: Any) -> None:
    """Write one line for each line, as soon as it is answered."""
    with Progress("answering questions", shown=not sys.stdout.isatty()) as progress:
        for number, line in enumerate(lines, start=1):
            item: dict[str, Any] = {}
            try:
                item = _parse(line)
                question, history = _asked(item)
                result = assistant.ask(question, history=history, **options).to_json()
            except VerbatimError as error:
                result = {"error": str(error)}
            except Exception as error:
                result = {"error": internal_error(error)}
            print_json({"id": item.get("id"), **result}, compact=True)
            progress("answering questions", number, total)


def _parse(line: bytes) -> dict[str, Any]:
    """The object of one line; raises QuestionError where it is not one."""

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    try:
        item = json.loads(line.decode("utf-8"), parse_constant=refuse)
    except UnicodeDecodeError as error:
        raise QuestionError(f"the line is not UTF-8: {error.reason} at byte {error.start + 1}") from error
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"the line is not JSON: {error}") from error
    if not isinstance(item, dict):
        raise QuestionError('the line is not a JSON object such as {"id": 1, "question": "..."}')
    name = item.get("id")
    if isinstance(name, list | dict) or name in (float("inf"), float("-inf")):
        raise QuestionError("the id is not a string or a number")
    return item


def _asked(item: dict[str, Any]) -> tuple[str, list[str]]:
    """The question of a line and those before it; raises QuestionError where one is of another type."""
    if "question" not in item:
        raise QuestionError("the line has no question")
    question, history = item["question"], item.get("history")
    if not isinstance(question, str):
        raise QuestionError("the question is not a string")
    if history is not None and not (isinstance(history, list) and all(isinstance(asked, str) for asked in history)):
        raise QuestionError("the history is not a list of strings")
    return question, history or []


def _print_answer(answer: Answer) -> None:
    from qa.rendering import ABSTENTION
    from qa.schema import MAX_ANSWER_WORDS, clip

    for correction in answer.corrections:
        say(f"searched for {correction.replacement} (for {correction.word})")
    if not answer.answered:
        say(ABSTENTION)
        if answer.hits:
            say("\nNearest passages:")
        for hit in answer.hits[:NEAREST]:
            _print_hit(hit)
        return
    say(answer.short)
    quoted: set[int] = set()
    for span, citation in zip(answer.spans, answer.citations, strict=True):
        if citation.number in quoted:
            continue
        quoted.add(citation.number)
        start, end = span.start - citation.start, span.end - citation.start
        quote = clip(citation.quote, start, end, MAX_ANSWER_WORDS)
        mark = f"[{citation.number}] "
        say("\n" + mark + textwrap.indent(f"“{quote}”", " " * len(mark)).lstrip())
        say(textwrap.indent(_reference(citation), " " * len(mark)))
        for other in citation.also:
            say(textwrap.indent(f"also in {_place(other.doc_id, other.page, other.line)}", " " * len(mark)))
    _print_others(answer)


def _print_others(answer: Answer) -> None:
    """Other values, a line each: the value, what sets it apart, and the place."""
    if answer.others:
        say("\nAlso in the documents:")
    for span, apart in zip(answer.others, answer.apart, strict=True):
        passage = span.passage
        against = "disagrees with the answer" if apart.contradicts else ""
        told = dict.fromkeys((against, *apart.row, apart.population, *apart.dates, *apart.section[-1:]))
        place = _place(passage.doc_id, passage.page, passage.line)
        say(f"  {span.text} ({'; '.join(filter(None, (*told, place)))})")


def _reference(citation: Citation) -> str:
    """The work, and on a second line the place in the file."""
    from qa.rendering.markup import trail, work_title

    source = citation.source
    doi = f"doi:{source.doi}" if source.doi else ""
    published = ", ".join(filter(None, (work_title(source), source.container, source.year, source.section, doi)))
    place = _place(source.path, citation.page, citation.line)
    return "\n".join((published, ": ".join(filter(None, (place, trail(citation.section, source.title, source.note))))))


def _print_hit(hit: Hit) -> None:
    passage = hit.passage
    words = passage.text.split()
    text = " ".join(words[:NEAREST_WORDS]) + (" …" if len(words) > NEAREST_WORDS else "")
    section = " › ".join(passage.section)
    say(
        f"\n{hit.rank}. {text}\n   {_place(passage.doc_id, passage.page, passage.line)}{f': {section}' if section else ''}"
    )


def _place(name: str, page: int | None, line: int | None) -> str:
    """The document with the page or line, as far as its format has them."""
    return ", ".join(filter(None, (name, f"page {page}" if page else "", f"line {line}" if line else "")))
