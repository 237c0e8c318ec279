"""Fit the reader's linear models: `python benchmarks/fit_reader.py --index NOTES ARTICLES --gold corpus/gold/*-dev.jsonl`.

Every sentence that the reader sees for a development question is an example: right when its quote (80 words at most) holds an
accepted answer. Logistic regressions over the standardised features give FIRST (before the relevance model has read) and
SECOND (after). Prints cross-validated figures, questions never split between folds, then the weights to be put into
qa/reader/evidence.py, and the threshold that refuses nine in ten unanswerable questions out of fold.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from answers import holds
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from qa import Assistant
from qa.assistant import READ_DEPTH
from qa.query import understand
from qa.reader.evidence import FEATURES, NOT_READ, EvidenceReader
from qa.schema import clip

FOLDS = 5
C = 0.3
"""Inverse strength of the ridge."""


@dataclass(frozen=True)
class Question:
    gold: dict[str, Any]
    corpus: int
    features: NDArray[np.float64]
    """Shape (sentences, features + 1); the last column is the relevance."""
    right: NDArray[np.bool_]


def examples(index: Path, number: int, golds: list[dict[str, Any]]) -> list[Question]:
    assistant = Assistant.open(index)
    assert isinstance(assistant.reader, EvidenceReader)
    found = []
    for gold in golds:
        query = understand(gold["question"], assistant.index.vocabulary)
        evidence = assistant.reader.evidence(query, assistant.ranker.search(query, READ_DEPTH))
        right = []
        for item in evidence:
            quote, start = item.hit.passage.slice(item.sentence.start, item.sentence.end), item.sentence.start
            right.append(
                bool(gold["answers"]) and holds(clip(quote, item.span[0] - start, item.span[1] - start, 80), gold)
            )
        features = np.array([(*item.features, item.relevance) for item in evidence])
        found.append(Question(gold, number, features, np.array(right)))
    return found


def fit(questions: list[Question], columns: int, *, read_only: bool) -> tuple[NDArray[np.float64], float]:
    """Weights of the raw features, and the bias."""
    x = np.concatenate([q.features for q in questions])
    y = np.concatenate([q.right for q in questions])
    if read_only:
        keep = x[:, -1] > NOT_READ
        x, y = x[keep], y[keep]
    scaler = StandardScaler().fit(x[:, :columns])
    model = LogisticRegression(C=C, max_iter=5000).fit(scaler.transform(x[:, :columns]), y)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)


def cross_validate(questions: list[Question], columns: int, *, read_only: bool) -> float:
    """Print right first answers and refusals out of fold; returns the threshold."""
    ids = sorted({q.gold["id"] for q in questions})
    order = np.random.default_rng(0).permutation(len(ids))
    fold = {ids[i]: k % FOLDS for k, i in enumerate(order)}
    best: list[tuple[Question, float, bool]] = []
    for k in range(FOLDS):
        weights, bias = fit([q for q in questions if fold[q.gold["id"]] != k], columns, read_only=read_only)
        for q in questions:
            if fold[q.gold["id"]] == k:
                score = q.features[:, :columns] @ weights + bias
                if read_only:
                    score[q.features[:, -1] <= NOT_READ] = -np.inf
                i = int(np.argmax(score))
                best.append((q, 1 / (1 + np.exp(-score[i])), bool(q.right[i])))
    refused = np.array([score for q, score, _ in best if not q.gold["answers"]])
    threshold = float(np.quantile(refused, 0.9))
    for corpus in sorted({q.corpus for q in questions}):
        rows = [(score, right) for q, score, right in best if q.corpus == corpus and q.gold["answers"]]
        none = np.array([score for q, score, _ in best if q.corpus == corpus and not q.gold["answers"]])
        good = np.array([score for score, right in rows if right])
        print(
            f"  corpus {corpus}: first sentence right {len(good) / len(rows):.3f}, right and not refused "
            f"{np.mean([right and score >= threshold for score, right in rows]):.3f}, unanswerable refused "
            f"{np.mean(none < threshold):.3f}, AUROC {np.mean(good[:, None] > none[None]):.3f}"
        )
    return threshold


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--index", nargs="+", type=Path, required=True)
    parser.add_argument("--gold", nargs="+", type=Path, required=True)
    options = parser.parse_args()
    golds = [json.loads(line) for path in options.gold for line in path.read_text(encoding="utf-8").splitlines()]
    questions = [q for i, index in enumerate(options.index) for q in examples(index, i, golds)]
    for name, columns, read_only in (("FIRST", len(FEATURES), False), ("SECOND", len(FEATURES) + 1, True)):
        if read_only and all((q.features[:, -1] <= NOT_READ).all() for q in questions):
            continue
        print(name)
        threshold = cross_validate(questions, columns, read_only=read_only)
        weights, bias = fit(questions, columns, read_only=read_only)
        print("  " + ", ".join(f"{n} {w:.2f}" for n, w in zip((*FEATURES, "relevance"), weights, strict=False)))
        print(
            f"{name} = ({', '.join(f'{w:.2f}' for w in weights)})\n{name}_BIAS = {bias:.2f}\nthreshold {threshold:.2f}"
        )


if __name__ == "__main__":
    main()
