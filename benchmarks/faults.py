"""How durable the index is: every trial of `tests/faults_trials.py` in full, trials and failures beside each other.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/faults.py [--kills 1000] [--flips 60] [--cuts 1000] [--races 50] [--seed 0]

Needs no model. `--papers FILE` (SQuAD form, CovidQA for instance) also measures what adding one paper to the others costs.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from fakes import FakeEmbedder  # noqa: E402
from faults import KINDS, Worker, every_fault  # noqa: E402
from faults_trials import damages, random_kills, two_generations, write_documents  # noqa: E402

from qa import index  # noqa: E402


def count(name: str, trials: Iterable[list[str]], *, show: int = 3) -> int:
    """Carry out the trials and print a line: how many, how many failed, how long it took, and the first failures."""
    begin, done, failed = time.perf_counter(), 0, list[list[str]]()
    for wrong in trials:
        done += 1
        if wrong:
            failed.append(wrong)
    print(f"{name:46} {done:6} trials {len(failed):4} failures {time.perf_counter() - begin:7.1f} s", flush=True)
    for wrong in failed[:show]:
        print(f"    {'; '.join(wrong)[:500]}")
    return len(failed)


def at_every_change(worker: Worker, work: Path) -> int:
    """A fault at each change that a first build, an add, a remove and a rebuild make to the disk."""
    failed = 0
    for change in ("first build", "add", "remove", "rebuild"):
        for fault in KINDS:
            place = Path(tempfile.mkdtemp(dir=work))
            prepared, what = place / "two" / "index", ["b"]
            if change == "first build":
                prepared.mkdir(parents=True)
            else:
                two_generations(place)
            if change != "remove":
                what = [str(path) for path in write_documents(place / "new", "xy")]
            kind = {"first build": "build", "rebuild": "build"}.get(change, change)
            steps = every_fault(worker, kind, prepared, what, fault, place)
            failed += count(
                f"{change}, {fault} at every change of the disk", ([f"{n}: {w}" for w in ws] for n, ws in steps)
            )
    return failed


def at_every_file(worker: Worker, work: Path, flips: int, seed: int) -> int:
    """Every damage of every file, with that many single bits turned in each."""
    source, chance = two_generations(work), random.Random(seed)

    def trials() -> Iterable[list[str]]:
        for path in sorted(path for path in source.rglob("*") if path.is_file() and path.name != "write.lock"):
            ways, name = damages(path.stat().st_size, flips, chance), str(path.relative_to(source))
            for begin in range(0, len(ways), 10):
                done = worker("faults_trials.damaged", str(source), name, ways[begin : begin + 10], "")
                yield from done.get("result", [[f"{name}: {done}"]])

    return count("files cut, emptied, zeroed, turned, swapped", trials())


def cuts_of_power(worker: Worker, work: Path, orders: int, seed: int) -> int:
    """What the disk may hold after the power has gone at some moment of a change."""
    failed = 0
    for change in ("build", "add", "remove"):
        folder = two_generations(work / f"cut-{change}")
        what = ["a"] if change == "remove" else [str(p) for p in write_documents(work / "new", "xyz")]

        def trials(change: str = change, folder: Path = folder, what: list[str] = what) -> Iterable[list[str]]:
            for part in range(-(-orders // 50)):
                copy = folder.with_name(f"part-{part}")
                shutil.copytree(folder, copy)
                if change == "build":
                    shutil.rmtree(copy)
                    copy.mkdir()
                done = worker("faults_trials.power_cuts", str(copy), change, what, 50, seed + part, "")
                wrong = done.get("result", [str(done)])
                yield from ([line] for line in wrong)
                yield from ([] for _ in range(50 - len(wrong)))

        failed += count(f"cut of the power during {change}", trials())
    return failed


def races(work: Path, rounds: int) -> int:
    """Two to eight writers at once, of which exactly one wins and each other is told who it is."""
    with_eight = [Worker() for _ in range(8)]

    def trials() -> Iterable[list[str]]:
        for number in range(rounds):
            place, writers = work / f"race-{number}", with_eight[: 2 + number % 7]
            index.build(place / "index", write_documents(place / "base", "z"), FakeEmbedder())
            paths = write_documents(place / "new", "abcdefgh"[: len(writers)])
            with ThreadPoolExecutor(len(writers)) as pool:
                tasks = [
                    pool.submit(
                        worker, "faults_trials.contend", str(place / "index"), str(path), str(place / "go"), 30.0
                    )
                    for worker, path in zip(writers, paths, strict=True)
                ]
                while sum(task.done() for task in tasks) < len(writers) - 1:
                    time.sleep(0.001)
                (place / "go").touch()
            answers = [task.result().get("result", "no result") for task in tasks]
            held = {item.document.doc_id for item in index.load(place / "index", FakeEmbedder()).documents}
            won = {path.stem for path, answer in zip(paths, answers, strict=True) if not answer}
            told = {answer for answer in answers if answer}
            good = len(won) == 1 and held == won | {"z"} and len(told) == 1 and "written by process" in min(told)
            yield [] if good else [f"{answers}, holds {sorted(held)}"]

    try:
        return count("races of 2 to 8 writers", trials())
    finally:
        for worker in with_eight:
            worker.__exit__()


def papers(file: Path, work: Path) -> None:
    """Seconds for adding one paper to all the others, its embedding by the fake model included."""
    data = json.loads(file.read_text(encoding="utf-8"))["data"]
    texts = list(dict.fromkeys(paragraph["context"] for entry in data for paragraph in entry["paragraphs"]))
    (work / "papers").mkdir()
    for number, text in enumerate(texts):
        (work / "papers" / f"{number:03}.txt").write_text(text, encoding="utf-8")
    new = work / "new.txt"
    new.write_text(texts[0].replace("virus", "bacterium"), encoding="utf-8")
    folder = work / "index"

    def timed(change: Callable[[], index.Changes]) -> tuple[str, index.Changes]:
        begin, work = time.perf_counter(), time.process_time()
        changes = change()
        return f"{time.perf_counter() - begin:.2f} s ({time.process_time() - work:.2f} s of the processor)", changes

    built, changes = timed(lambda: index.build(folder, [work / "papers"], FakeEmbedder()))
    added, _ = timed(lambda: index.add(folder, [new], FakeEmbedder()))
    again, same = timed(lambda: index.add(folder, [work / "papers", new], FakeEmbedder()))
    removed, _ = timed(lambda: index.remove(folder, ["new"], FakeEmbedder()))
    print(f"{len(changes.added)} papers built in {built}")
    print(f"one more added in {added}")
    print(f"all of them added again in {again}: {len(same.unchanged)} unchanged")
    print(f"one removed in {removed}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("kills", 1000), ("flips", 60), ("cuts", 1000), ("races", 50), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--papers", type=Path)
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as name, Worker() as worker:
        work = Path(name)
        for part in ("papers", "every", "files", "cuts", "kills", "races"):
            (work / part).mkdir()
        if options.papers:
            papers(options.papers, work / "papers")
        failed += count("kills at random moments", random_kills(worker, work / "kills", options.kills, options.seed))
        failed += at_every_change(worker, work / "every")
        failed += at_every_file(worker, work / "files", options.flips, options.seed)
        failed += cuts_of_power(worker, work / "cuts", options.cuts, options.seed)
        failed += races(work / "races", options.races)
    print(f"{failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
