"""How long a question takes: `python benchmarks/latency.py [--index DIR] [--gold FILE]`.

Warm, each question of a gold file once, in one process; with the network and without it. Reading alone: ten pairs of question
and passage that have 200 word pieces each, the median of several runs. Start-up is measured in fresh processes against a bare
interpreter. Memory is the peak resident size of this process while it asked.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from qa import Assistant
from qa.embedding import SentenceTransformerEmbedder
from qa.evaluation import half, read_gold
from qa.networks import PLAIN_READER
from qa.reader import TrainedReader
from qa.schema import Passage, Sentence

PIECES = 200
ASKED = ("how", "much", "drug")
MARKS = 4
"""The full stop, and what the tokenizer puts around question and passage."""


def percentiles(function: Callable[[str], object], questions: list[str]) -> str:
    times = []
    for question in questions:
        begin = time.perf_counter()
        function(question)
        times.append(1000 * (time.perf_counter() - begin))
    cuts = statistics.quantiles(times, n=100)
    return f"p50 {cuts[49]:6.1f} ms   p95 {cuts[94]:6.1f} ms   max {max(times):6.1f} ms"


def reading(embedder: SentenceTransformerEmbedder, runs: int = 20) -> float:
    """Milliseconds in which ten pairs of 200 word pieces are read, the median of several runs."""
    network = TrainedReader(embedder.folder, precision=embedder.precision)
    text = " ".join(["drug"] * (PIECES - len(ASKED) - MARKS)) + "."
    passage = Passage("p", "d", 0, len(text), text, (), None, 1, "paragraph", text, (Sentence(0, len(text)),))
    times = []
    for _ in range(runs + 1):
        begin = time.perf_counter()
        network.read([(" ".join(ASKED), passage)] * 10)
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times[1:])


def start_up(code: list[str], runs: int = 7) -> float:
    """Seconds of the quickest of several fresh processes."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        subprocess.run([sys.executable, *code], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--index", type=Path, default=None)
    parser.add_argument("--gold", type=Path, default=Path("corpus/gold/facts.jsonl"))
    options = parser.parse_args()
    questions = [gold.question for gold in read_gold(options.gold).questions if half(gold) == "dev"]
    begin = time.perf_counter()
    embedder = SentenceTransformerEmbedder()
    assistant = Assistant.open(options.index, embedder=embedder)
    assistant.ask(questions[0])
    print(f"open and first answer  {time.perf_counter() - begin:.2f} s")
    print(f"retrieve               {percentiles(assistant.retrieve, questions[::-1])}")
    print(f"ask                    {percentiles(assistant.ask, questions)}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # before what only this script opens
    with mock.patch.dict(os.environ, VERBATIM_READER=PLAIN_READER):
        plain = Assistant(assistant.index, embedder)
    print(f"ask, without network   {percentiles(plain.ask, questions)}")
    print(f"read 10 x {PIECES} pieces    {reading(embedder):6.1f} ms")
    bare = start_up(["-c", "pass"])
    print(f"import qa              {start_up(['-c', 'import qa']) - bare:.2f} s over a bare interpreter")
    print(f"qa --help              {start_up(['-m', 'qa.cli', '--help']) - bare:.2f} s over a bare interpreter")
    print(f"peak memory            {peak:.0f} MiB")


if __name__ == "__main__":
    main()
