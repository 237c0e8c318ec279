"""What do files that are broken, odd or made to do harm do to the readers? `python benchmarks/hostile.py [--mutations N]`.

Crafted files of every format (`crafted.py`, `crafted_pdf.py`) and N damaged copies of good ones are read one after another
through `read_document`, with a good file after each that ends the reading process. Each must give a document whose
offsets hold, or a CorpusError, within 10.5 s, with the reading process within 512 MB and this one within its own bound.
Exit status 1 where one does not. Prints trials and failures by format, the slowest files and the largest memory.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from qa import corpus
from qa.errors import CorpusError
from qa.schema import Document

sys.path += [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent / "tests")]

from crafted import crafted_files
from crafted_mutations import good_files, mutate

MAX_SECONDS = 10.5
MAX_CHILD = 512 * 2**20
MAX_PARENT_GROWTH = 300 * 2**20
"""Bytes by which this process may grow while it takes over one document."""
GOOD = "# Fine\n\nThe dose is 4 mg.\n"


@dataclass
class Tally:
    """What became of the files; `failures` are those that broke a rule."""

    trials: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str]] = field(default_factory=list)
    slowest: list[tuple[float, str]] = field(default_factory=list)
    child: tuple[int, str] = (0, "")
    reasons: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, kind: str, name: str, seconds: float, outcome: str, problems: list[str]) -> None:
        self.trials[kind] += 1
        self.read[kind] += outcome == "read"
        self.reasons[kind][outcome[:100]] += 1
        self.failures += [(name, problem) for problem in problems]
        self.slowest = sorted([*self.slowest, (seconds, f"{name}: {outcome[:90]}")], reverse=True)[:12]


class TooSlowError(Exception):
    """The alarm went off: the library did not come back."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="part of the names of the crafted files to read")
    parser.add_argument("--keep", type=Path, help="folder for the files that break a rule")
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, _alarm)
    tally = Tally()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        good = folder / "good.md"
        good.write_text(GOOD, encoding="utf-8")
        corpus.read_document(good)
        for name, make in crafted_files(folder):
            if options.only in name:
                path = folder / name
                try_file(path, make(), good, tally, "crafted", options.keep)
        pool = good_files() if options.mutations else {}
        names = sorted(pool)
        for number in range(options.mutations):
            rng = random.Random(f"{options.seed} {number}")
            base = names[number % len(names)]
            same = [pool[other] for other in names if Path(other).suffix == Path(base).suffix]
            path = folder / f"m{number}-{base}"
            try_file(path, mutate(pool[base], same, rng), good, tally, "mutated", options.keep)
    return report(tally)


def try_file(path: Path, data: bytes | None, good: Path, tally: Tally, how: str, keep: Path | None) -> None:
    """Read one file (None: it is there already) and judge what came of it."""
    if data is not None:
        path.write_bytes(data)
    kind = f"{how} {path.suffix.lower()}"
    before = _process()
    if before:
        _reset_peak("self")
        _reset_peak(str(before))
    resident = _memory("self", "VmRSS")
    problems: list[str] = []
    begin = time.monotonic()
    signal.alarm(40)
    try:
        document = corpus.read_document(path)
        outcome = "read"
    except CorpusError as error:
        outcome, document = str(error).removeprefix(f"{error.path}: "), None
        if not str(error).strip() or error.path is None:
            problems.append(f"error without reason or file: {error!r}")
        if "gave no document" in outcome:
            problems.append(outcome)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        outcome, document = f"UNNAMED {type(error).__name__}: {error}", None
        problems.append(outcome[:300])
    finally:
        signal.alarm(0)
    seconds = time.monotonic() - begin
    if seconds > MAX_SECONDS:
        problems.append(f"took {seconds:.1f} s")
    grown = _memory("self", "VmHWM") - resident
    if grown > MAX_PARENT_GROWTH:
        problems.append(f"this process grew by {grown >> 20} MB")
    if document is not None:
        problems += check(document)
    del document
    now = _process()
    if now:
        peak = _memory(str(now), "VmHWM")
        tally.child = max(tally.child, (peak, path.name))
    if now != before:
        tally.reasons["processes"]["started"] += 1
        try:
            assert "4 mg" in corpus.read_document(good).text
        except Exception as error:
            problems.append(f"the next file was not read: {error!r}")
    tally.add(kind, path.name, seconds, outcome, problems)
    if tally.trials.total() % 250 == 0:
        print(f"{tally.trials.total()} files, {len(tally.failures)} failures", flush=True)
    for problem in problems:
        print(f"FAILED {path.name}: {problem}", flush=True)
    if problems and keep and path.is_file():
        keep.mkdir(parents=True, exist_ok=True)
        (keep / path.name).write_bytes(path.read_bytes())
    if data is not None:
        path.unlink()


def check(document: Document) -> list[str]:
    """What is wrong with a document: offsets out of order or outside, characters that no file can hold, no words."""
    size, problems, last = len(document.text), [], 0
    if not document.text.strip() or not document.blocks:
        problems.append("a document without words")
    for block in document.blocks:
        if not last <= block.start < block.end <= size:
            problems.append(f"block {block.start}-{block.end} is out of order or outside of {size} characters")
            break
        if any(not block.start <= cell.start <= cell.end <= block.end for cell in block.cells):
            problems.append(f"a cell is outside of its row: {block}"[:300])
            break
        last = block.end
    last = 0
    for piece in document.pieces:
        if not last <= piece.start < piece.end <= size:
            problems.append(f"piece {piece} is out of order or outside")
            break
        last = piece.end
    for word in document.boxes:
        box = word.box
        if not all(-1e6 < value < 1e6 for value in (box.left, box.top, box.right, box.bottom)):
            problems.append(f"box {box} is no place on a page")
            break
    words = {document.text, repr(document.source), *(b.caption for b in document.blocks)}
    try:
        for text in words | {c.header for b in document.blocks for c in b.cells}:
            text.encode()
    except UnicodeEncodeError as error:
        problems.append(f"characters that cannot be written: {error.reason}")
    return problems


def report(tally: Tally) -> int:
    print(f"\n{'':16} {'trials':>7} {'read':>6} {'refused':>8}")
    for kind, count in sorted(tally.trials.items()):
        print(f"{kind:16} {count:7} {tally.read[kind]:6} {count - tally.read[kind]:8}")
    print(f"{'all':16} {tally.trials.total():7} {tally.read.total():6} {(tally.trials - tally.read).total():8}")
    print("\nslowest:")
    for seconds, name in tally.slowest:
        print(f"  {seconds:5.1f} s  {name}")
    ended: Counter[str] = Counter()
    for counts in tally.reasons.values():
        for reason, count in counts.items():
            if any(word in reason for word in ("ended", "takes more", "512 MB", "cannot be read: ", "started")):
                ended[reason] += count
    print("\nlimits met, crashes of readers and errors of libraries:")
    for reason, count in ended.most_common(40):
        print(f"  {count:5}  {reason}")
    print(f"\nlargest process of those that lived: {tally.child[0] >> 20} MB, {tally.child[1]}")
    corpus._child().close()
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"largest process of all: {children >> 10} MB; this process: {own >> 10} MB")
    if children * 1024 > MAX_CHILD * 1.02:
        tally.failures.append(("all", f"a process had {children >> 10} MB"))
    print(f"failures: {len(tally.failures)} in {tally.trials.total()}")
    for name, problem in tally.failures[:50]:
        print(f"  {name}: {problem}")
    return 1 if tally.failures else 0


def _process() -> int | None:
    process = corpus._child()._process
    return process.pid if process else None


def _memory(pid: str, key: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
    return 0


def _reset_peak(pid: str) -> None:
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def _alarm(*_: object) -> None:
    raise TooSlowError("did not come back within 40 s")


if __name__ == "__main__":
    sys.exit(main())
