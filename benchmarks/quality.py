"""Measure the default set-up and write docs/quality.md and docs/quality.json: `python benchmarks/quality.py`, `make eval`.

Over the default corpus every gold question of `corpus/gold` is asked; every outcome is written to docs/quality.json. Where the
folder with the development data is at hand (`$VERBATIM_SHARED`, else ../shared) the articles as they came out of their PDF
files and the 60 papers are measured too, of which only figures are kept. `--gate` writes nothing: it asks the test half and
ends with status 1 where a headline figure is worse than the committed one in a paired test at p < .01.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import jinja2

from qa import index as indexes
from qa.assistant import DEFAULT_CORPUS, PROJECT, Assistant
from qa.embedding import SentenceTransformerEmbedder
from qa.evaluation import (
    HALVES,
    METRICS,
    Difference,
    Evaluation,
    Outcome,
    compare,
    evaluate,
    evaluate_files,
    half,
    own_corpus,
    read_gold,
)  # fmt: skip
from qa.networks import PLAIN_READER
from qa.retrieval import HybridRanker
from qa.schema import Hit, Query, Reading

GOLD = PROJECT / "corpus" / "gold"
PAGE, OUTCOMES = PROJECT / "docs" / "quality.md", PROJECT / "docs" / "quality.json"
GATE_P = 0.01
RETRIEVAL = ["success@1", "success@5", "mrr@10", "ndcg@10"]
BY_KIND = ["success@5", "answer_in_quote", "answered_right", "refused_unanswerable"]
ANSWERS = [
    *("answer_in_quote", "exact_match", "f1", "answered_right"),
    *("refused_answerable", "refused_unanswerable", "auroc", "aurc", "ece"),
]


class _NoReader:
    """Reads nothing, where only the ranking is measured."""

    def read(self, query: Query, hits: Sequence[Hit]) -> list[Reading]:  # noqa: ARG002
        return []


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--gate", action="store_true", help="compare the test half with the committed run; write nothing"
    )
    options = parser.parse_args()
    embedder = SentenceTransformerEmbedder()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        indexes.build(place / "notes", [DEFAULT_CORPUS], embedder)
        assistant = Assistant.open(place / "notes", embedder=embedder)
        if options.gate:
            return gate(assistant)
        notes = evaluate(read_gold(GOLD), assistant, progress=say)
        articles: dict[str, Evaluation] = {}
        papers: dict[str, Evaluation] = {}
        shared = Path(os.environ.get("VERBATIM_SHARED") or PROJECT.parent / "shared")
        if shared.is_dir():
            indexes.build(place / "articles", [shared / "seeds"], embedder)
            articles = articles_runs(Assistant.open(place / "articles", embedder=embedder))
            papers = papers_runs(shared / "data" / "covidqa" / "train.json", embedder, place)
        text = page(notes, articles=articles, papers=papers, latency=latency(place / "notes"))
        OUTCOMES.write_text(as_lines(notes), encoding="utf-8")
        PAGE.write_text(text, encoding="utf-8")
    return 0


def gate(assistant: Assistant) -> int:
    """Whether a headline figure of the test half has become worse than in the committed run."""
    gold = read_gold(GOLD)
    test = replace(gold, questions=tuple(question for question in gold.questions if half(question) == "test"))
    before = Evaluation.read(OUTCOMES).where(in_half("test"))
    comparison = compare(before, evaluate(test, assistant, progress=say))
    worse = comparison.worse(GATE_P)
    gaps = comparison.gaps()
    for gap in gaps:
        print(f"{gap} in this run: where the gold sets were changed, run make eval and commit what it writes")
    for difference in comparison.differences:
        if METRICS[difference.name].headline:
            print(told(difference) + ("   WORSE" if difference in worse else ""))
    if worse:
        print(f"{len(worse)} of the headline figures are worse than in {OUTCOMES.relative_to(PROJECT)} at p < {GATE_P}")
        print("to see which questions: qa eval corpus/gold --out new.json, then qa compare docs/quality.json new.json")
    return 1 if worse or gaps else 0


def told(d: Difference) -> str:
    return f"{d.name:22} {d.a:.3f} -> {d.b:.3f}   p = {d.p:.4f}   ({d.n} questions)"


def in_half(name: str) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome.half == name


def say(what: str, done: int, total: int) -> None:
    if done % 100 == 0 or done == total:
        print(f"{what}: {done} of {total}", file=sys.stderr, flush=True)


def as_lines(evaluation: Evaluation) -> str:
    """The run as JSON, a question a line, so that a change of one is a change of one line."""
    data = evaluation.to_json()
    questions = data.pop("questions")
    head_ = json.dumps(data, ensure_ascii=False, indent=1).removesuffix("\n}")
    return (
        head_ + ',\n "questions": [\n' + ",\n".join(json.dumps(q, ensure_ascii=False) for q in questions) + "\n ]\n}\n"
    )


def articles_runs(assistant: Assistant) -> dict[str, Evaluation]:
    """The same questions over the articles as a PDF tool left them, where the notes' evidence does not stand."""
    sets = [read_gold(GOLD / f"{name}.jsonl") for name in ("facts", "unanswerable")]
    questions = [replace(question, evidence=()) for gold in sets for question in gold.questions]
    run = evaluate(questions, assistant, progress=say)
    return {f"articles, {name}": run.where(in_half(name)) for name in HALVES}


def papers_runs(path: Path, embedder: SentenceTransformerEmbedder, place: Path) -> dict[str, Evaluation]:
    """Open retrieval and answers over the development papers without the network, which has seen them, and each half of
    the ranking by itself.
    """
    halves = {"words (BM25)": {"dense_weight": 0.0}, "sentence vectors": {"lexical_weight": 0.0}}
    with mock.patch.dict(os.environ, VERBATIM_READER=PLAIN_READER):
        runs = {"both": evaluate_files(path, embedder=embedder, corpus_from_gold=True, work=place, progress=say)}
        own = own_corpus.index_documents(read_gold(path), embedder, work=place)
        loaded = indexes.load(own.folder, embedder)
        for name, weights in halves.items():
            assistant = Assistant(loaded, embedder, _NoReader())
            assistant.ranker = HybridRanker(loaded.passages, loaded.lexical, assistant.dense, **weights)
            runs[name] = evaluate(own.gold, assistant, progress=say)
    return runs


def page(notes: Evaluation, **more: Any) -> str:
    """docs/quality.md: figures down, runs across."""
    template = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True).from_string(
        Path(__file__).with_name("quality.md.jinja").read_text(encoding="utf-8")
    )
    return template.render(
        about=notes.about,
        notes={f"notes, {name}": notes.where(in_half(name)) for name in HALVES},
        kinds=notes.where(in_half("test")).by_kind(),
        retrieval=RETRIEVAL,
        answers=ANSWERS,
        by_kind=BY_KIND,
        shown=lambda name, runs: any(name in run.metrics for run in runs),
        label=lambda name: METRICS[name].label,
        figure=figure,
        **more,
    )


def figure(run: Evaluation, name: str, *, interval: bool = True) -> str:
    if name not in run.metrics:
        return ""
    bounds = run.intervals.get(name) if interval else None
    return f"{run.metrics[name]:.3f}" + (f" [{bounds[0]:.3f}, {bounds[1]:.3f}]" if bounds else "")


def latency(index: Path) -> str:
    command = [sys.executable, str(PROJECT / "benchmarks" / "latency.py"), "--index", str(index)]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
