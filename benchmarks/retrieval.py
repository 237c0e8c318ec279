"""How often the right passage is found: `python benchmarks/retrieval.py --shared ../shared --work DIR`.

The 60 papers of `data/covidqa/train.json` are written to DIR as text files and indexed there (once); each of the 563 questions
is searched over all of them. A passage is right when it overlaps the answer's place. Prints Success@1, Success@5 and MRR@10
with 95 % bootstrap intervals over papers: words alone, sentence vectors alone, and both.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from qa import index
from qa.assistant import Assistant
from qa.embedding import SentenceTransformerEmbedder
from qa.query import understand
from qa.retrieval import HybridRanker
from qa.schema import Document, Hit, Query

Search = Callable[[Query], list[Hit]]


def place(document: Document, start: int, end: int) -> tuple[int, int]:
    """Document offsets of the characters that stand at [start, end) of the file."""
    inside = [
        (piece.start + max(0, start - piece.origin), piece.end - max(0, piece.origin + piece.end - piece.start - end))
        for piece in document.pieces
        if piece.origin < end and start < piece.origin + piece.end - piece.start
    ]
    return (min(s for s, _ in inside), max(e for _, e in inside)) if inside else (0, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    papers = json.loads((options.shared / "data/covidqa/train.json").read_text(encoding="utf-8"))["data"]
    corpus, folder = options.work / "papers", options.work / "index"
    corpus.mkdir(parents=True, exist_ok=True)
    for i, paper in enumerate(papers):
        (corpus / f"p{i:02d}.txt").write_text(paper["paragraphs"][0]["context"], encoding="utf-8")
    embedder = SentenceTransformerEmbedder()
    if not index.exists(folder):
        index.build(folder, [corpus], embedder)
    assistant = Assistant.open(folder, embedder=embedder)
    loaded = assistant.index
    rankers: dict[str, Search] = {
        "words (BM25)": HybridRanker(loaded.passages, loaded.lexical, assistant.dense, dense_weight=0.0).search,
        "sentence vectors": HybridRanker(loaded.passages, loaded.lexical, assistant.dense, lexical_weight=0.0).search,
        "both": assistant.ranker.search,
    }  # fmt: skip
    found: dict[str, list[list[tuple[float, float, float]]]] = {name: [] for name in rankers}
    for i, paper in enumerate(papers):
        document = assistant.document(f"p{i:02d}")
        scores: dict[str, list[tuple[float, float, float]]] = {name: [] for name in rankers}
        for question in paper["paragraphs"][0]["qas"]:
            answer = question["answers"][0]
            begin, end = place(document, answer["answer_start"], answer["answer_start"] + len(answer["text"]))
            query = understand(question["question"], loaded.vocabulary)
            for name, search in rankers.items():
                ranks = [
                    hit.rank for hit in search(query, 10)
                    if hit.passage.doc_id == document.doc_id and hit.passage.start < end and begin < hit.passage.end
                ]  # fmt: skip
                first = ranks[0] if ranks else 0
                scores[name].append((float(first == 1), float(0 < first <= 5), 1 / first if first else 0.0))
        for name, values in scores.items():
            found[name].append(values)
    rng = np.random.default_rng(0)
    print(f"{len(loaded.passages)} passages, {sum(len(v) for v in found['both'])} questions")
    print(f"{'':18} Success@1            Success@5            MRR@10")
    for name, by_paper in found.items():
        means = np.mean([v for values in by_paper for v in values], axis=0)
        drawn = []
        for _ in range(1000):
            picked = rng.integers(0, len(by_paper), len(by_paper))
            drawn.append(np.mean([v for j in picked for v in by_paper[j]], axis=0))
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        print(
            f"{name:18} " + "  ".join(f"{m:.3f} [{a:.3f}, {b:.3f}]" for m, a, b in zip(means, low, high, strict=True))
        )


if __name__ == "__main__":
    main()
