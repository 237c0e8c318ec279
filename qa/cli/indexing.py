"""The commands that make the index and tell what it holds: `index`, `add`, `remove`, `list`, `verify`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.output import ERROR, Index, Json, Model, Progress, note, open_assistant, open_embedder, print_json, say
from qa.errors import CorpusError, VerbatimError

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.index import Changes


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


def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of files.")],
    collection: Annotated[
        str | None,
        typer.Option(
            "--collection", metavar="NAME", help="Put them into this collection, which can be asked by itself."
        ),
    ] = None,
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
) -> None:
    """Add documents to the index.

    It is made where there is none; documents whose file has changed are replaced.
    """
    _change("add", index, paths, embedder, as_json, collection=collection)


def remove(
    doc_ids: Annotated[list[str], typer.Argument(metavar="DOC_ID...", help="Ids as `qa list` gives them.")],
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
) -> None:
    """Take documents out of the index."""
    _change("remove", index, doc_ids, embedder, as_json)


def list_command(
    failed: Annotated[bool, typer.Option("--failed", help="List the files that could not be read instead.")] = False,
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
) -> None:
    """List the documents of the index."""
    assistant = open_assistant(index, embedder)
    rows = _failures(assistant) if failed else _documents(assistant)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        if failed:
            line = "" if row["line"] is None else f", line {row['line']}"
            say(f"{row['file']}{line}\n    {row['reason']}")
            continue
        year = f" ({row['year']})" if row["year"] else ""
        where = f"collection {row['collection']}, " if row["collection"] else ""
        say(
            f"{row['doc_id']}\n    {row['title'] or 'no title'}{year}\n    {where}{row['passages']} passages, {row['file']}"
        )


def verify(index: Index = None, as_json: Json = False, embedder: Model = None) -> None:
    """Check that the index is sound.

    Every file, every hash and what must hold between them; exit status 2 where anything is to be mended, and how.
    """
    from qa import index as indexes
    from qa.assistant import index_folder

    folder = index_folder(index)
    with Progress("checking the index"):
        report = indexes.verify(folder, open_embedder(embedder) if embedder else None)
    for problem in report.problems:
        note(f"damaged: {problem}")
    if report.remedy:
        note(report.remedy)
    for path in report.leftovers:
        note(f"left by an interrupted write: {path}; the next write clears it away")
    if report.failures:
        note(f"{report.failures} files could not be read: see qa list --failed --index {folder}")
    if as_json:
        print_json({"sound": report.sound, **asdict(report)})
    elif report.sound:
        counts = ", ".join(f"{count} {name}" for name, count in report.counts.items())
        say(f"{folder / report.generation} is sound: {counts}")
    if not report.sound:
        raise typer.Exit(ERROR)


def _documents(assistant: Assistant) -> list[dict[str, Any]]:
    passages = assistant.passage_counts
    return [
        {
            "doc_id": stored.document.doc_id,
            "title": stored.document.source.note or stored.document.source.title,
            "year": stored.document.source.year,
            "container": stored.document.source.container,
            "doi": stored.document.source.doi,
            "collection": stored.collection,
            "passages": passages.get(stored.document.doc_id, 0),
            "file": stored.file,
        }
        for stored in assistant.documents
    ]


def _failures(assistant: Assistant) -> list[dict[str, Any]]:
    return [
        {"file": failure.file, "line": failure.line, "reason": failure.reason, "sha256": failure.sha256}
        for failure in assistant.index.failures
    ]


def _change(
    kind: str, index: Path | None, what: Sequence[Any], model: str | None, as_json: bool, **options: str | None
) -> None:
    """Build, add or remove, then say what changed; exit status 2 where a file could not be read."""
    from qa import index as indexes
    from qa.assistant import index_folder
    from qa.corpus import skipped_files

    folder = index_folder(index)
    if kind == "remove" and not indexes.exists(folder):
        raise VerbatimError(f"no index in {folder}: build one with: qa index --index {folder}")
    with Progress("opening the model") as progress:
        embedder = open_embedder(model)
        changes: Changes = getattr(indexes, kind)(folder, what, embedder, progress=progress, **options)
    for path in what if kind != "remove" else ():
        for file in skipped_files(path):
            note(f"{file}: left out, files of this format are not read")
    _report(changes)
    documents, passages = changes.counts.get("documents", 0), changes.counts.get("passages", 0)
    if as_json:
        failed = [{"file": str(error.path), "line": error.line, "reason": _reason(error)} for error in changes.failed]
        names = ("added", "replaced", "unchanged", "removed")
        done = {name: list(getattr(changes, name)) for name in names}
        print_json({**done, "failed": failed, "documents": documents, "passages": passages})
    else:
        for name in ("added", "replaced", "unchanged", "removed"):
            for doc_id in getattr(changes, name):
                say(f"{name} {doc_id}")
        if changes.unchanged and not (changes.added or changes.replaced):
            say("nothing to do: every document that could be read is indexed as it is")
        say(f"{documents} documents, {passages} passages in {folder}")
    if changes.failed:
        raise typer.Exit(ERROR)


def _report(changes: Changes) -> None:
    for warning in changes.warnings:
        note(f"warning: {warning}")
    for error in changes.failed:
        note(str(error))


def _reason(error: CorpusError) -> str:
    """The message without the place that it begins with."""
    place = f"{error.path}: " if error.line is None else f"{error.path}:{error.line}: "
    return str(error).removeprefix(place)
