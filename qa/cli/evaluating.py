"""The commands that measure: `eval` over a gold set, `compare` of two runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.output import Index, Json, Model, Progress, ReaderModel, note, open_embedder, print_json, use_reader
from qa.errors import VerbatimError

if TYPE_CHECKING:
    from qa.evaluation import Comparison, Evaluation

BY_KIND = ("success@5", "answer_in_quote", "f1", "answered_right", "refused_unanswerable")
SHOWN = 10
"""Questions that are listed each way where two runs differ."""


def evaluate(
    gold: Annotated[
        list[Path],
        typer.Argument(
            metavar="GOLD...", help="Gold set: JSONL files or a folder of them, SQuAD JSON, or a BEIR folder."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write figures and every outcome as JSON.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write a page with plots and every question.")
    ] = None,
    corpus_from_gold: Annotated[
        bool, typer.Option("--corpus-from-gold", help="Index and search the documents that the gold set brings along.")
    ] = False,
    half: Annotated[
        str | None, typer.Option("--half", metavar="dev|test", help="Only that half of the questions.")
    ] = None,
    no_evidence: Annotated[
        bool, typer.Option("--no-evidence", help="Judge the answers alone, not where they were found.")
    ] = False,
    work: Annotated[
        Path | None,
        typer.Option(
            "--work", metavar="DIR", help="Keeps indexes of gold sets and stopped runs (default: ~/.cache/verbatim)."
        ),
    ] = None,
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
    reader: ReaderModel = None,
) -> None:
    """Measure the answers on a gold set of questions.

    A run that was stopped goes on where it was when the same command is given again.
    """
    from qa.evaluation import HALVES, evaluate_files

    use_reader(reader)
    chosen = next((name for name in HALVES if name == half), None)
    if half is not None and chosen is None:
        raise VerbatimError(f"--half is dev or test, not {half!r}")
    for path in filter(None, (out, report)):
        _check_writable(path)
    if out and report and out.absolute() == report.absolute():
        raise VerbatimError(f"{out}: is given for both --out and --report")
    try:
        with Progress("evaluating") as progress:
            evaluation = evaluate_files(
                list(gold),
                index=index,
                embedder=open_embedder(embedder) if embedder else None,
                corpus_from_gold=corpus_from_gold,
                only=chosen,
                use_evidence=not no_evidence,
                work=work,
                progress=progress,
            )
    except KeyboardInterrupt:
        note("stopped; the same command goes on where this one was")
        raise
    if out:
        _write(out, json.dumps(evaluation.to_json(), ensure_ascii=False, indent=1) + "\n")
    if report:
        from qa.evaluation.report import render

        _write(report, render(evaluation))
    if as_json:
        print_json(evaluation.to_json())
    else:
        _print_evaluation(evaluation)


def compare(
    a: Annotated[Path, typer.Argument(metavar="A.json", help="The run to compare with, as `qa eval --out` wrote it.")],
    b: Annotated[Path, typer.Argument(metavar="B.json", help="The run that may be better.")],
    half: Annotated[
        str | None, typer.Option("--half", metavar="dev|test", help="Only that half of the questions.")
    ] = None,
    gate: Annotated[
        float | None,
        typer.Option(
            "--gate", metavar="P", help="Exit status 1 if a headline figure is worse at p below P, or is missing."
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Test whether one run is better than another.

    Exit status 0, with --gate 1 where B is worse; 2 on an error.
    """
    from qa.evaluation import HALVES, Evaluation
    from qa.evaluation import compare as compared

    if half is not None and half not in HALVES:
        raise VerbatimError(f"--half is dev or test, not {half!r}")
    if gate is not None and not 0 < gate <= 1:
        raise VerbatimError(f"--gate is a probability, above 0 and at most 1, not {gate}")
    runs = [Evaluation.read(path) for path in (a, b)]
    if half:
        runs = [run.where(lambda outcome: outcome.half == half) for run in runs]
    comparison = compared(*runs)
    worse = comparison.worse(gate) if gate is not None else ()
    gaps = comparison.gaps() if gate is not None else ()
    if as_json:
        print_json({**comparison.to_json(), "worse": [difference.name for difference in worse]})
    else:
        _print_comparison(comparison)
    for difference in worse:
        note(f"worse: {difference.name} {difference.a:.3f} → {difference.b:.3f}, p = {difference.p:.4f}")
    for gap in gaps:
        note(f"cannot be compared: {gap}")
    return 1 if worse or gaps else 0


def _check_writable(path: Path) -> None:
    """Refuse a file that cannot be written before the questions are asked."""
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise VerbatimError(f"{path}: {'is a folder' if path.is_dir() else 'the folder is not there'}")


def _write(path: Path, text: str) -> None:
    """Replace the file at once, so that what was there stays whole until the new one is."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise VerbatimError(f"{path}: cannot be written: {error.strerror}") from error


def _print_evaluation(evaluation: Evaluation) -> None:
    from collections import Counter

    from qa.evaluation import METRICS

    about = evaluation.about["gold"]
    print(f"{about['name']} ({about['format']}): {len(evaluation.outcomes)} questions, {_overlap(about)}")
    for count, what in (
        (about["evidence_not_in_documents"], "quotes of evidence are not in the documents that were read"),
        (about["documents_unread"], "documents of the gold set hold nothing that can be read"),
    ):
        if count:
            note(f"{count} {what}")
    if about["format"] == "SQuAD" and about["evidence_not_in_documents"] and not about["corpus_from_gold"]:
        note("to index and search the documents that the set brings along: --corpus-from-gold")
    rows = [("", "", "95 % interval", "questions", "")]
    for name, value in evaluation.metrics.items():
        unit = METRICS[name].unit
        between = evaluation.intervals.get(name)
        interval = f"[{_number(between[0], unit)}, {_number(between[1], unit)}]" if between else ""
        rows.append((name, _number(value, unit), interval, str(evaluation.counts[name]), METRICS[name].label))
    _print_table(rows)
    kinds = evaluation.by_kind()
    if len(kinds) > 1:
        shown = [name for name in BY_KIND if name in evaluation.metrics]
        print()
        table = [("kind", "questions", *shown)]
        for kind, part in kinds.items():
            values = (_number(part.metrics[name], "") if name in part.metrics else "" for name in shown)
            table.append((kind, str(len(part.outcomes)), *values))
        _print_table(table)
    lost = Counter(outcome.lost for outcome in evaluation.outcomes if outcome.lost)
    if lost:
        print("\nlost: " + ", ".join(f"{count} {where}" for where, count in lost.most_common()))


def _overlap(about: dict[str, Any]) -> str:
    share = about["words_in_evidence"]
    return "no evidence given" if share is None else f"{share:.0%} of their content words stand in the evidence"


def _print_comparison(comparison: Comparison) -> None:
    from qa.evaluation import METRICS

    print(f"{comparison.common} questions in both runs")
    for names, what in (
        (comparison.only_a, "only in A"),
        (comparison.only_b, "only in B"),
        (comparison.altered, "with other words or gold answers, left out"),
    ):
        if names:
            print(f"{len(names)} {what}")
    rows = [("", "A", "B", "B - A", "95 % interval", "p", "test", "")]
    for d in comparison.differences:
        unit = METRICS[d.name].unit
        interval = f"[{_signed(d.interval[0], unit)}, {_signed(d.interval[1], unit)}]" if d.interval else ""
        verdict = "" if d.p >= 0.05 or d.better is None else "better" if d.better else "worse"
        values = (_number(d.a, unit), _number(d.b, unit), _signed(d.difference, unit))
        rows.append((d.name, *values, interval, f"{d.p:.4f}", d.test, verdict))
    _print_table(rows)
    for changes, title in ((comparison.improved, "improved"), (comparison.worsened, "worsened")):
        if changes:
            print(f"\n{title}: {len(changes)}")
        for change in changes[:SHOWN]:
            print(f"  {change.a.query_id}: {change.a.question}")
            print(f"      A {_said(change.a)}\n      B {_said(change.b)}")


def _said(outcome: Any) -> str:
    said = outcome.short if outcome.answered else f"refused ({outcome.short})"
    return f"{said[:100]}{f' [{outcome.lost}]' if outcome.lost else ''}"


def _number(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}" if unit else f"{value:.3f}"


def _signed(value: float, unit: str) -> str:
    return f"{value:+.1f} {unit}" if unit else f"{value:+.3f}"


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Columns with two spaces between them; the first is aligned left, numbers right, a last column of words left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    numeric = [all(not row[i] or row[i][0] in "0123456789+-[" for row in rows[1:]) for i in range(len(widths))]
    for row in rows:
        cells = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        print("  ".join(cells).rstrip())
