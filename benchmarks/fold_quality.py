"""Answers over the 60 papers by networks that have not seen the paper: `python benchmarks/fold_quality.py --weights FOLDER`.

FOLDER holds `fold-0` to `fold-4`, what `reader_recipe.py --out FOLDER --part fold-K` wrote. Each question is put to
all papers together, read by the network that was trained without its own; the shipped one has seen them all.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from reader_network import make_network
from reader_papers import FOLDS, PAPERS, fold_of
from reader_quality import Item, answers, covid, interval, scores
from safetensors.torch import load_file

from qa import index as indexes
from qa.assistant import Assistant
from qa.embedding import SentenceTransformerEmbedder
from qa.evaluation import Evaluation, evaluate, own_corpus, read_gold
from qa.reader import TrainedReader

SHOWN = ("success@1", "success@5", "mrr@10", "answer_in_quote", "exact_match", "f1", "refused_answerable")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="file for the outcomes, to be compared with `qa compare`")
    options = parser.parse_args()
    embedder = SentenceTransformerEmbedder()
    own = own_corpus.index_documents(read_gold(PAPERS), embedder, work=own_corpus.cache_folder())
    loaded = indexes.load(own.folder, embedder)
    folds = [fold_of(question.evidence[0].doc_id) for question in own.gold.questions]
    windows = list(zip(covid(), folds, strict=True))
    runs: list[Evaluation] = []
    read: list[Item] = []
    said: list[str] = []
    for fold in range(FOLDS):
        file = options.weights / f"fold-{fold}" / "reader.safetensors"
        items = [item for item, own_fold in windows if own_fold == fold]
        read += items
        said += answers(make_network(embedder.folder, load_file(file)), embedder.folder, items)
        questions = tuple(q for q, own_fold in zip(own.gold.questions, folds, strict=True) if own_fold == fold)
        network = TrainedReader(embedder.folder, file, embedder.precision)
        assistant = Assistant(loaded, embedder, network=network.read)
        runs.append(evaluate(replace(own.gold, questions=questions), assistant))
        print(f"fold {fold}: {len(questions)} questions, f1 {runs[-1].metrics['f1']:.3f}", flush=True)
    whole = Evaluation(tuple(outcome for run in runs for outcome in run.outcomes), runs[0].about)
    for name in SHOWN:
        low, high = whole.intervals[name]
        print(f"{name:20} {whole.metrics[name]:.3f} [{low:.3f}, {high:.3f}]")
    exact, words = scores(said, read)
    print(f"window of 120 words given: exact_match {interval(exact)}, f1 {interval(words)}")
    if options.out:
        options.out.write_text(json.dumps(whole.to_json(), ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
