"""How long adding papers takes: `python benchmarks/adding.py [SQUAD.json]`; the texts of the file are the papers.

Each step runs in a process of its own, as a command would: all papers into a new index, one more paper to them, the same paper
again. Start-up is what a process takes until it has embedded one word. Processor time tells more than the clock where other
programs run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reader_examples import SHARED

from qa import index
from qa.embedding import SentenceTransformerEmbedder
from qa.schema import Vectors

PAPERS = SHARED / "covidqa" / "train.json"


@dataclass(frozen=True)
class Moment:
    """The clock, and the processor time of this process and of those that it waited for, in seconds."""

    clock: float
    processor: float

    @classmethod
    def now(cls) -> Moment:
        return cls(time.perf_counter(), sum(os.times()[:4]))

    def __sub__(self, other: Moment) -> Moment:
        return Moment(self.clock - other.clock, self.processor - other.processor)

    def __add__(self, other: Moment) -> Moment:
        return Moment(self.clock + other.clock, self.processor + other.processor)

    def __str__(self) -> str:
        return f"{self.clock:6.2f} s ({self.processor:6.2f} s of processor time)"


class Timed(SentenceTransformerEmbedder):
    """The default model, which notes how long passages take it."""

    spent = Moment(0, 0)

    def embed_passages(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[tuple[int, int]]] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Vectors:
        begin = Moment.now()
        vectors = super().embed_passages(texts, spans, progress)
        self.spent += Moment.now() - begin
        return vectors


def step(folder: Path, paths: list[Path]) -> None:
    """Add the paths and print what that took as JSON."""
    embedder = Timed()
    embedder.embed_queries(["warm"])
    begin = Moment.now()
    changes = index.add(folder, paths, embedder)
    whole = Moment.now() - begin
    print(json.dumps({
        "passages": changes.counts["passages"],
        "unchanged": len(changes.unchanged),
        "whole": vars(whole),
        "embedding": vars(embedder.spent),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "precision": embedder.precision,
    }))  # fmt: skip


def run(folder: Path, *paths: Path) -> tuple[dict[str, Any], Moment]:
    """What a process of its own says of the step, and what it took with start-up."""
    begin = Moment.now()
    command = [sys.executable, __file__, "--step", str(folder), *map(str, paths)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said, Moment.now() - begin


def write_papers(squad: Path, folder: Path) -> Path:
    """The texts of a SQuAD file as text files; gives one more, of the lines of the first two in turn."""
    texts = [p["context"] for article in json.loads(squad.read_text("utf-8"))["data"] for p in article["paragraphs"]]
    folder.mkdir()
    for i, text in enumerate(texts):
        (folder / f"paper-{i:02d}.txt").write_text(text, encoding="utf-8")
    more = folder.parent / "one-more.txt"
    pairs = zip(texts[0].split("\n\n"), texts[1].split("\n\n"), strict=False)
    more.write_text("\n\n".join(part for pair in pairs for part in pair), encoding="utf-8")
    return more


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("squad", type=Path, nargs="?", default=PAPERS)
    parser.add_argument("--step", type=Path, nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        step(options.step[0], options.step[1:])
        return
    with tempfile.TemporaryDirectory() as place:
        folder, papers = Path(place) / "index", Path(place) / "papers"
        more = write_papers(options.squad, papers)
        said, total = run(folder, papers)
        whole, embedding = Moment(**said["whole"]), Moment(**said["embedding"])
        print(f"{len(os.sched_getaffinity(0))} cores, {said['precision']}, {said['passages']} passages")
        print(f"all papers      {total}: {said['passages'] / total.clock:.1f} passages a second, start-up included")
        print(f"  start-up      {total - whole}")
        print(f"  embedding     {embedding}: {said['passages'] / embedding.clock:.1f} passages a second")
        print(f"  all else      {whole - embedding}")
        print(f"  peak memory   {said['memory'] / 1024:.0f} MiB")
        said, _ = run(folder, more)
        beyond = Moment(**said["whole"]) - Moment(**said["embedding"])
        print(f"one paper more  {beyond} beyond start-up and its embedding")
        said, _ = run(folder, more)
        assert said["unchanged"] == 1
        print(f"the same again  {Moment(**said['whole'])} beyond start-up")


if __name__ == "__main__":
    main()
