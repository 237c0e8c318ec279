"""How well the reader's network points, passages given: `python benchmarks/reader_quality.py --weights FILE xquad covid written`.

`xquad`: the paragraphs of XQuAD's English part, never trained on. `covid`: the 60 papers, a window of 120 words around the answer
(where the weights were trained on papers, give `--papers` with the numbers of those that were not). `written`: questions written
for this project over papers that it was not trained on, each put to its block of the paper and five passages of others.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from reader_examples import SHARED
from reader_network import SpanNetwork, collate, make_network
from reader_written import held_out, posed
from safetensors.torch import load_file

from qa.embedding import SentenceTransformerEmbedder
from qa.evaluation.matching import exact_match, f1
from qa.evaluation.selective import auroc
from qa.reader.spans import ReadingText, Unit, best_spans
from qa.reader.trained import TrainedReader, pair_tokenizer
from qa.text import sentences

Item = tuple[str, str, tuple[str, ...]]
"""Question, passage, accepted answers."""


def xquad() -> list[Item]:
    data = json.loads((SHARED / "reader/xquad_en.json").read_text(encoding="utf-8"))["data"]
    return [
        (item["question"], paragraph["context"], tuple(answer["text"] for answer in item["answers"]))
        for article in data
        for paragraph in article["paragraphs"]
        for item in paragraph["qas"]
    ]


def covid(papers: Sequence[int] | None = None) -> list[Item]:
    """A window of 120 words that holds the answer (of more words, where the answer has more), at a random place in it."""
    rng = random.Random(5)
    data = json.loads((SHARED / "covidqa/train.json").read_text(encoding="utf-8"))["data"]
    found = []
    for number, article in enumerate(data):
        for paragraph in article["paragraphs"]:
            context = paragraph["context"]
            for item in paragraph["qas"]:
                answer = item["answers"][0]
                start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
                room = max(0, 120 - len(answer["text"].split()))
                before = rng.randint(0, room)
                left = context[:start].split(" ")[-before:] if before else []
                right = context[end:].split(" ")[: room - before]
                window = " ".join(left) + answer["text"] + " ".join(right)
                if papers is None or number in papers:
                    found.append((item["question"], window, (answer["text"],)))
    return found


def answers(network: SpanNetwork, folder: Path, items: Sequence[Item], batch: int = 16) -> list[str]:
    """The best span of each passage."""
    tokenizer = pair_tokenizer(folder)
    encodings = tokenizer.encode_batch([(question, text) for question, text, _ in items])
    said = [""] * len(items)
    order = sorted(range(len(items)), key=lambda i: len(encodings[i].ids))
    for begin in range(0, len(order), batch):
        rows = order[begin : begin + batch]
        inputs = collate([encodings[i] for i in rows], [0] * len(rows))
        with torch.inference_mode():
            starts, ends, _ = network(inputs)
        for k, i in enumerate(rows):
            text = items[i][1]
            read = ReadingText(text, 0, tuple(Unit(a, b, a) for a, b in sentences(text)))
            allowed = inputs.words[k].numpy().copy()
            spans = best_spans(
                starts[k].numpy(),
                ends[k].numpy(),
                [o if s == 1 else (0, 0) for o, s in zip(encodings[i].offsets, encodings[i].sequence_ids, strict=True)],
                allowed,
                read,
            )
            said[i] = text[spans[0].start : spans[0].end] if spans else ""
    return said


def scores(said: Sequence[str], items: Sequence[Item]) -> tuple[list[float], list[float]]:
    """Exact match and F1 of each answer."""
    pairs = [(answer, accepted) for answer, (_, _, accepted) in zip(said, items, strict=True)]
    return [exact_match(*pair) for pair in pairs], [f1(*pair) for pair in pairs]


def written(file: Path, embedder: SentenceTransformerEmbedder, most: int | None) -> str:
    """Whether the best of all spans is right where there is an answer, and how well its odds tell that there is none."""
    reader = TrainedReader(embedder.folder, file, embedder.precision)
    right: list[float] = []
    exact: list[float] = []
    odds: list[list[float]] = [[], []]
    for asked in posed(held_out(random.Random(3), most)):
        reads = reader.read([(asked.text, passage) for passage in asked.passages])
        found = [(read.spans[0], passage) for read, passage in zip(reads, asked.passages, strict=True) if read.spans]
        span, passage = max(found, key=lambda pair: pair[0].score)
        odds[asked.item.answer is not None].append(span.score)
        if asked.item.answer:
            right.append(float(asked.item.answered_by(passage, span.start, span.end)))
            if asked.item.exact:
                exact.append(float(right[-1] and (span.start, span.end) == asked.item.answer))
    none, some = odds
    refusing = auroc([*some, *none], [True] * len(some) + [False] * len(none))
    return (
        f"{len(right)} answered, right place {interval(right)}, its very words {interval(exact)}; "
        f"{len(none)} not, AUROC {refusing:.3f}"
    )


def interval(values: Sequence[float]) -> str:
    rng = np.random.default_rng(0)
    array = np.asarray(values)
    means = array[rng.integers(0, len(array), (2000, len(array)))].mean(axis=1)
    return f"{array.mean():.3f} [{np.quantile(means, 0.025):.3f}, {np.quantile(means, 0.975):.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", choices=("xquad", "covid", "written"))
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--papers", type=int, nargs="*")
    parser.add_argument("--most", type=int, help="only so many questions, drawn at random")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--show", type=int, default=0, help="print so many wrong answers")
    arguments = parser.parse_args()
    if "written" in arguments.sets and arguments.weights.suffix == ".pt":
        parser.error("written: give weights in safetensors, not a checkpoint")
    torch.set_num_threads(arguments.threads)
    embedder = SentenceTransformerEmbedder()
    folder = embedder.folder
    if arguments.weights.suffix == ".pt":
        weights = torch.load(arguments.weights, weights_only=True)["network"]
    else:
        weights = load_file(arguments.weights)
    network = make_network(folder, weights)
    for name in arguments.sets:
        if name == "written":
            print(f"written: {written(arguments.weights, embedder, arguments.most)}", flush=True)
            continue
        items = xquad() if name == "xquad" else covid(arguments.papers)
        if arguments.most:
            items = random.Random(0).sample(items, min(arguments.most, len(items)))
        begin = time.perf_counter()
        said = answers(network, folder, items)
        seconds = time.perf_counter() - begin
        exact, words = scores(said, items)
        print(
            f"{name}: {len(items)} questions, EM {interval(exact)}, F1 {interval(words)}, {seconds:.0f} s", flush=True
        )
        wrong = [i for i, value in enumerate(words) if value < 0.5][: arguments.show]
        for i in wrong:
            print("   ", items[i][0], "|", said[i], "|", items[i][2])


if __name__ == "__main__":
    main()
