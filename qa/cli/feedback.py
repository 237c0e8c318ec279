"""The commands for what users say of answers: `feedback list`, `feedback export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.output import ABSTAINED, Index, Json, Model, note, open_assistant, print_json, say

if TYPE_CHECKING:
    from qa.feedback import Entry, FeedbackStore

app = typer.Typer(
    help="List or export what users say of answers.",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("list")
def list_command(index: Index = None, as_json: Json = False) -> None:
    """List what users said of answers, oldest first."""
    entries = _store(index).entries()
    if as_json:
        print_json([entry.to_json() for entry in entries])
        return
    for entry in entries:
        say(_lines(entry))
    if not entries:
        note("no feedback yet: it is given in the chat, under each answer")


@app.command("export")
def export(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="File to write (default: print the lines).")
    ] = None,
    index: Index = None,
    embedder: Model = None,
) -> int:
    """Export feedback as a gold set (JSONL) that `qa eval` reads; exit status 1 where there is none.

    A thumb up makes the answer gold, a correction the passage that was named. Of several verdicts on a question the last counts.
    Quotes that the documents do not hold any more are left out.
    """
    from qa.feedback import gold_line, gold_of

    entries = _store(index).entries()
    gold = None
    if entries:
        documents = {stored.document.doc_id: stored.document for stored in open_assistant(index, embedder).documents}
        gold = gold_of(entries, documents)
        for warning in gold.warnings:
            note(f"warning: {warning}")
        for reason, count in gold.left_out:
            note(f"left out: {count} × {reason}")
    if gold is None or not gold.questions:
        note("no gold question: " + ("none of the feedback can be used" if entries else "there is no feedback yet"))
        return ABSTAINED
    lines = "".join(json.dumps(gold_line(q), ensure_ascii=False) + "\n" for q in gold.questions)
    if out is None:
        print(lines, end="", flush=True)
        return 0
    from qa.index.disk import replace_file

    replace_file(out, lines.encode())
    note(f"{len(gold.questions)} gold questions of {len(entries)} verdicts in {out}; measure with: qa eval {out}")
    return 0


def _store(index: Path | None) -> FeedbackStore:
    from qa.assistant import index_folder
    from qa.feedback import FILE_NAME, FeedbackStore

    return FeedbackStore(index_folder(index) / FILE_NAME)


def _lines(entry: Entry) -> str:
    """A verdict for people: when, what was asked and answered, what would be right."""
    verdict = {"up": "right", "down": "wrong", "": "no verdict"}[entry.verdict]
    answer = "; ".join(dict.fromkeys(quoted.text for quoted in entry.answer)) or "(the documents do not answer)"
    lines = [f"{entry.at[:16].replace('T', ' ')}  {verdict}", f"    question: {entry.question}"]
    if entry.query and entry.query != entry.question:
        lines.append(f"    asked as: {entry.query}")
    if entry.collection:
        lines.append(f"    collection: {entry.collection}")
    lines.append(f"    answer: {answer}")
    if entry.corrected:
        place = entry.corrected.place
        right = f"{place.text or place.quote}  ({place.doc_id})" if place else "(the documents do not answer)"
        lines.append(f"    right: {right}")
    if entry.comment:
        lines.append(f"    comment: {' '.join(entry.comment.split())}")
    if entry.user:
        lines.append(f"    user: {entry.user}")
    return "\n".join(lines)
