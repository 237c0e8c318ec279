"""The command line `qa`: reads arguments and files, calls the library, prints.

Answers go to stdout; progress, notes and errors go to stderr. Exit status: 0 done or answered, 1 abstained, 2 error.
"""

from __future__ import annotations

import json
import os
import sys
import textwrap
import threading
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

import qa
from qa.errors import CorpusError, QuestionError, VerbatimError

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.index import Changes
    from qa.schema import Answer, Citation, Embedder, Hit

ABSTAINED, ERROR, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141
NEAREST = 3
NEAREST_WORDS = 60
PATIENCE = 1.0
"""Seconds after which progress is shown."""

LINE_INTERVAL = 5.0
"""Seconds between lines of progress where stderr is no terminal."""

app = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})
Index = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="Index folder (default: $VERBATIM_INDEX, else index/).")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--embedder",
        metavar="NAME",
        help="Embedding model: a name or a folder (default: $VERBATIM_EMBEDDER, else MiniLM).",
    ),
]
Within = Annotated[list[str] | None, typer.Option("--document", metavar="ID", help="Only this document; repeatable.")]


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Answer questions over documents in words that stand in them."""
    if version:
        print(f"qa {qa.__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(ERROR)


@app.command("index")
def index_command(
    corpus: Annotated[
        list[Path] | None,
        typer.Option(
            "--corpus", metavar="PATH", help="File or folder to index (default: corpus/documents/); repeatable."
        ),
    ] = None,
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
) -> None:
    """Build the index anew, of exactly the documents of the corpus."""
    from qa.assistant import DEFAULT_CORPUS

    _change("build", index, corpus or [DEFAULT_CORPUS], embedder, as_json)


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of files.")],
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
) -> None:
    """Add documents to the index.

    It is made where there is none; documents whose file has changed are replaced.
    """
    _change("add", index, paths, embedder, as_json)


@app.command()
def remove(
    doc_ids: Annotated[list[str], typer.Argument(metavar="DOC_ID...", help="Ids as `qa list` gives them.")],
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
) -> None:
    """Take documents out of the index."""
    _change("remove", index, doc_ids, embedder, as_json)


@app.command("list")
def list_command(index: Index = None, as_json: Json = False, embedder: Model = None) -> None:
    """List the documents of the index."""
    assistant = _open(index, embedder)
    passages = [passage.doc_id for passage in assistant.index.passages]
    rows = []
    for stored in assistant.documents:
        source = stored.document.source
        rows.append(
            {
                "doc_id": stored.document.doc_id,
                "title": source.note or source.title,
                "year": source.year,
                "container": source.container,
                "doi": source.doi,
                "passages": passages.count(stored.document.doc_id),
                "file": stored.file,
            }
        )
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        year = f" ({row['year']})" if row["year"] else ""
        print(f"{row['doc_id']}\n    {row['title'] or 'no title'}{year}\n    {row['passages']} passages, {row['file']}")


@app.command()
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
    force: Annotated[
        bool, typer.Option("--force", help="Give the best candidate also where it is not good enough.")
    ] = False,
    k: Annotated[int, typer.Option("-k", min=1, help="Number of passages in the answer.")] = 10,
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
) -> int:
    """Answer a question with the words of a document.

    Exit status: 0 answered, 1 abstained, 2 error; of a batch 0.
    """
    if (question is None) == (batch is None):
        raise VerbatimError("give a question or --batch FILE, not both" if batch else 'give a question: qa ask "..."')
    if batch is not None:
        lines, total = _read_lines(batch)
        _ask_batch(_open(index, embedder, document), lines, total, k=k, documents=document, force=force)
        return 0
    _check(question or "")
    answer = _open(index, embedder, document).ask(question or "", k=k, documents=document, force=force)
    if as_json:
        _print_json(answer.to_json())
    else:
        _print_answer(answer)
    return 0 if answer.answered else ABSTAINED


@app.command()
def retrieve(
    question: Annotated[str, typer.Argument(help="The question.")],
    k: Annotated[int, typer.Option("-k", min=1, help="Number of passages.")] = 5,
    document: Within = None,
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
) -> None:
    """Print the passages that fit a question best."""
    from qa.query import understand
    from qa.schema import hit_json

    _check(question)
    assistant = _open(index, embedder, document)
    query = understand(question, assistant.index.vocabulary)
    hits = assistant.retrieve(question, k, documents=document)
    if as_json:
        _print_json({"question": question, "query": query.text, "hits": [hit_json(hit) for hit in hits]})
        return
    for hit in hits:
        _print_hit(hit)


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")] = 7860,
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
) -> None:
    """Serve the web chat.

    An index of the default corpus is built where there is none.
    """
    import app as chat

    if embedder:
        os.environ["VERBATIM_EMBEDDER"] = embedder
    if not as_json:
        chat.serve(index, host=host, port=port)
        return
    _print_json({"address": f"http://{host}:{port}"})
    with redirect_stdout(sys.stderr):
        chat.serve(index, host=host, port=port)


def main() -> None:
    """Entry point of the command `qa`."""
    if not os.environ.get("VERBATIM_DEBUG"):
        warnings.simplefilter("ignore")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        status = BROKEN_PIPE
    if status == BROKEN_PIPE:  # Python flushes once more when it ends, which must not fail either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; every failure becomes a line on stderr and the exit status that is returned."""
    try:
        return int(app(list(arguments), prog_name="qa", standalone_mode=False) or 0)
    except VerbatimError as error:
        _note(f"error: {error}")
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        message = error.format_message().rstrip(".")
        _note(f"error: {message}; see: {context.command_path if context else 'qa'} --help")
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # typer ends the process where the reader of stdout has gone
        return BROKEN_PIPE
    except OSError as error:
        _trace()
        _note(f"error: {f'{error.filename}: ' if error.filename else ''}{error.strerror or error}")
    except Exception as error:
        _note(_internal(error))
    return ERROR


def _change(kind: str, index: Path | None, what: Sequence[Any], model: str | None, as_json: bool) -> None:
    """Build, add or remove, then say what changed; exit status 2 where a file could not be read."""
    from qa import index as indexes
    from qa.assistant import index_folder
    from qa.corpus import skipped_files

    folder = index_folder(index)
    if kind == "remove" and not indexes.exists(folder):
        raise VerbatimError(f"no index in {folder}: build one with: qa index --index {folder}")
    with _Progress("opening the model") as progress:
        embedder = _embedder(model)
        changes: Changes = getattr(indexes, kind)(folder, what, embedder, progress=progress)
        counts = indexes.load(folder, embedder).manifest["counts"] if indexes.exists(folder) else {}
    for path in what if kind != "remove" else ():
        for file in skipped_files(path):
            _note(f"{file}: left out, files of this format are not read")
    _report(changes)
    documents, passages = counts.get("documents", 0), counts.get("passages", 0)
    if as_json:
        failed = [{"file": str(error.path), "line": error.line, "reason": _reason(error)} for error in changes.failed]
        names = ("added", "replaced", "unchanged", "removed")
        done = {name: list(getattr(changes, name)) for name in names}
        _print_json({**done, "failed": failed, "documents": documents, "passages": passages})
    else:
        for name in ("added", "replaced", "unchanged", "removed"):
            for doc_id in getattr(changes, name):
                print(f"{name} {doc_id}")
        print(f"{documents} documents, {passages} passages in {folder}")
    if changes.failed:
        raise typer.Exit(ERROR)


def _report(changes: Changes) -> None:
    for error in changes.failed:
        _note(str(error))


def _reason(error: CorpusError) -> str:
    """The message without the place that it begins with."""
    place = f"{error.path}: " if error.line is None else f"{error.path}:{error.line}: "
    return str(error).removeprefix(place)


def _embedder(name: str | None) -> Embedder:
    from qa.embedding import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(name)


def _open(index: Path | None, model: str | None, documents: Sequence[str] | None = None) -> Assistant:
    """The assistant over the index; raises IndexStateError where there is none, or a document is not in it."""
    from qa.assistant import Assistant

    with _Progress("opening the index"):
        assistant = Assistant.open(index, embedder=_embedder(model) if model else None)
    for doc_id in documents or ():
        assistant.document(doc_id)
    return assistant


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
    with _Progress("answering questions", shown=not sys.stdout.isatty()) as progress:
        for number, line in enumerate(lines, start=1):
            item: dict[str, Any] = {}
            try:
                item = _parse(line)
                question, history = _asked(item)
                result = assistant.ask(question, history=history, **options).to_json()
            except VerbatimError as error:
                result = {"error": str(error)}
            except Exception as error:
                result = {"error": _internal(error)}
            _print_json({"id": item.get("id"), **result}, compact=True)
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


def _print_json(data: Any, *, compact: bool = False) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=None if compact else 2), flush=True)


def _print_answer(answer: Answer) -> None:
    from qa.rendering import ABSTENTION
    from qa.schema import MAX_ANSWER_WORDS, clip

    for correction in answer.corrections:
        print(f"searched for {correction.replacement} (for {correction.word})")
    if not answer.answered:
        print(ABSTENTION)
        if answer.hits:
            print("\nNearest passages:")
        for hit in answer.hits[:NEAREST]:
            _print_hit(hit)
        return
    print(answer.short)
    for span, citation in zip(answer.spans, answer.citations, strict=True):
        start, end = span.start - citation.start, span.end - citation.start
        quote = clip(citation.quote, start, end, MAX_ANSWER_WORDS)
        mark = f"[{citation.number}] "
        print("\n" + mark + textwrap.indent(f"“{quote}”", " " * len(mark)).lstrip())
        print(textwrap.indent(_reference(citation), " " * len(mark)))


def _reference(citation: Citation) -> str:
    """The work, and on a second line the place in the file."""
    from qa.rendering.markup import trail, work_title

    source = citation.source
    doi = f"doi:{source.doi}" if source.doi else ""
    published = ", ".join(filter(None, (work_title(source), source.container, source.year, source.section, doi)))
    place = ", ".join(
        filter(None, (source.path, f"page {citation.page}" if citation.page else "", f"line {citation.line}"))
    )
    return "\n".join((published, ": ".join(filter(None, (place, trail(citation.section, source.title, source.note))))))


def _print_hit(hit: Hit) -> None:
    passage = hit.passage
    words = passage.text.split()
    text = " ".join(words[:NEAREST_WORDS]) + (" …" if len(words) > NEAREST_WORDS else "")
    section = " › ".join(passage.section)
    print(f"\n{hit.rank}. {text}\n   {passage.doc_id}, line {passage.line}{f': {section}' if section else ''}")


class _Progress:
    """Shows on stderr what takes longer than a second: a bar on a terminal, elsewhere a line every few seconds."""

    def __init__(self, what: str, *, shown: bool = True) -> None:
        self._state = (what, 0, 0)
        self._bar: Any = None
        self._terminal = sys.stderr.isatty() and shown
        self._next_line = time.monotonic() + PATIENCE
        self._timer = threading.Timer(PATIENCE, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if self._terminal:
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._terminal:
            self._timer.join()
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Say that `done` of `total` are done; a total of 0 is not known."""
        self._state = (what, done, total)
        if self._bar is not None:
            self._bar.update(0, **self._shown())
        elif not self._terminal and time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + LINE_INTERVAL
            _note(f"{what}: {done} of {total}" if total else f"{what}: {done}")

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
        )
        console = Console(stderr=True)
        bar = Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
        bar.add_task(**self._shown())
        bar.start()
        self._bar = bar

    def _shown(self) -> dict[str, Any]:
        what, done, total = self._state
        count = f"{done}/{total}" if total else str(done or "")
        return {"description": what, "completed": done, "total": total or None, "count": count}


def _internal(error: Exception) -> str:
    _trace()
    message = " ".join(str(error).split())
    return f"internal error: {type(error).__name__}: {message}; run with VERBATIM_DEBUG=1 for the traceback"


def _trace() -> None:
    if os.environ.get("VERBATIM_DEBUG"):
        traceback.print_exc()


def _note(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
