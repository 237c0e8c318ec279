"""What is tried against an index: kills at random moments, damage of every file, races of writers, cuts of the power.

Each trial returns what went wrong, as lines; none is what there should be. Functions that take `tell` run in a child of
`faults.Worker`. `broken` names a part of the code that is switched off first, to prove that a trial would notice.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from fakes import FakeEmbedder
from faults import Faults, Tell, Worker
from power import Disk

from qa import index
from qa.errors import IndexStateError
from qa.index import disk, generations

TEXT = "# Café {0} 😀\n\nBaricitinib was given to group {0} at {1} mg. It was safe.\n\nThe end of {0} was on day {1}.\n"
State = dict[str, str]


def write_documents(folder: Path, names: str, dose: int = 4) -> list[Path]:
    """A document for each letter."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}.md").write_text(TEXT.format(name, dose), encoding="utf-8")
    return [folder / f"{name}.md" for name in names]


def switch_off(part: str) -> None:
    """Break the code."""
    if part == "sync":
        disk.sync = generations.disk.sync = lambda path: None  # type: ignore[assignment]
    elif part == "hashes":
        generations.check_file = lambda place, manifest, name: None  # type: ignore[assignment]
    elif part == "publish last":
        publish = generations.publish

        def early(temporary: Path, manifest: Any) -> None:
            folder, name = temporary.parent, temporary.name.removesuffix(disk.TEMPORARY)
            disk.replace_file(folder / "CURRENT", generations.Pointer(name, "0" * 64).to_bytes())
            publish(temporary, manifest)

        generations.publish = early


# kills at random moments


def live(folder: str, state: State, seed: int, broken: str, *, tell: Tell) -> None:
    """Task: change the index again and again; tell what each change will make of it, and when it is acknowledged."""
    switch_off(broken)
    place, chance = Path(folder), random.Random(seed)
    corpus, held = place.parent / "corpus", dict(state)
    while True:
        kind = chance.choice(["add", "add", "remove", "build"]) if held else chance.choice(["add", "build"])
        names = "".join(chance.sample("abcdefgh", 1 if kind == "add" else 3))
        if kind == "remove":
            gone = [chance.choice(sorted(held))]
            after = {name: digest for name, digest in held.items() if name not in gone}
        else:
            paths = write_documents(corpus, names, chance.randrange(1000))
            new = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
            after = new if kind == "build" else {**held, **new}
        tell(["begin", after])
        if kind == "remove":
            index.remove(place, gone, FakeEmbedder())
        else:
            getattr(index, kind)(place, paths, FakeEmbedder())
        tell(["done", after])
        held = after


def random_kills(worker: Worker, work: Path, trials: int, seed: int = 0, broken: str = "") -> Iterator[list[str]]:
    """Kill a writer that never rests, and look whether all that it had acknowledged is there; now and then begin anew."""
    chance, state = random.Random(seed), State()
    for trial in range(trials):
        folder = work / f"live-{trial // 25}" / "index"
        state = {} if trial % 25 == 0 else state
        folder.mkdir(parents=True, exist_ok=True)
        task = ("faults_trials.live", str(folder), state, chance.randrange(10**9), broken)
        done = worker(*task, kill_after=chance.uniform(0.001, 0.4))
        acknowledged = [state, *(line[1] for line in done["lines"] if line[0] == "done")][-1]
        begun = [line[1] for line in done["lines"] if line[0] == "begin"][-1:]
        wrong = [str(done)] if "error" in done or done["status"] != -9 else []
        seen = worker("faults.look", str(folder)).get("result")
        if seen is None:
            yield [*wrong, "cannot be read"]
            state = {}
            continue
        if seen["documents"] not in [acknowledged, *begun]:
            wrong.append(f"acknowledged {acknowledged}, holds {seen['documents']}")
        if (seen["warnings"] or seen["problems"]) and (folder / "CURRENT").exists():
            wrong.append(f"is damaged: {seen['warnings']} {seen['problems']}")
        state = seen["documents"]
        yield wrong


# damage


def damages(size: int, flips: int, chance: random.Random) -> list[str]:
    """The ways to damage a file of that many bytes."""
    fixed = ["delete", "empty", "halve", "zero", "zero half", "one less", "one more", "swap"]
    return fixed + [f"flip {chance.randrange(8 * size)}" for _ in range(flips if size else 0)]


def damage(path: Path, how: str, twin: Path) -> bool:
    """Damage a file; False where that changes nothing. `twin` is the same file of the other generation."""
    data = path.read_bytes()
    half = len(data) // 2
    if how == "delete":
        path.unlink()
        return True
    if how == "swap":
        other = twin.read_bytes() if twin.is_file() else data
        if twin.is_file():
            twin.write_bytes(data)
    elif how.startswith("flip"):
        byte, bit = divmod(int(how.split()[1]), 8)
        other = data[:byte] + bytes([data[byte] ^ 1 << bit]) + data[byte + 1 :]
    else:
        zero = {"zero": bytes(len(data)), "zero half": data[:half] + bytes(len(data) - half)}
        cut = {"empty": b"", "halve": data[:half], "one less": data[:-1], "one more": data + b"\0"}
        other = {**zero, **cut}[how]
    path.write_bytes(other)
    return other != data


def two_generations(work: Path) -> Path:
    """An index whose older generation holds a, b, c and whose newer one a, c, d: one was added, one removed, one replaced."""
    folder = work / "two" / "index"
    index.build(folder, write_documents(work / "two" / "corpus", "abc"), FakeEmbedder())
    index.add(folder, write_documents(work / "two" / "corpus", "cd", 7), FakeEmbedder())
    return folder


def damaged(source: str, name: str, ways: list[str], broken: str, *, tell: Tell) -> list[list[str]]:
    """Task: damage one file in each way, and judge what verify, load and add make of it."""
    switch_off(broken)
    results = []
    for number, how in enumerate(ways):
        folder = Path(source).parent / f"damaged-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        twin = name.replace("gen-1", "gen-?").replace("gen-2", "gen-1").replace("gen-?", "gen-2")
        if damage(folder / name, how, folder / twin):
            results.append([f"{how} {name}: {line}" for line in _judge(folder, name)])
        shutil.rmtree(folder, ignore_errors=True)
    return results


def _judge(folder: Path, name: str) -> list[str]:
    wrong, embedder = [], FakeEmbedder()
    older = name.startswith("gen-1")
    with suppress(IndexStateError):
        if index.verify(folder).sound:
            wrong.append("verify does not notice")
    try:
        loaded = index.load(folder, embedder)
    except IndexStateError:
        return wrong
    held = {item.document.doc_id: item.document.text for item in loaded.documents}
    newest, before = {"a": "4 mg", "b": "4 mg", "c": "7 mg", "d": "7 mg"}, {"a": "4 mg", "b": "4 mg", "c": "4 mg"}
    if not any(_is(held, wanted) for wanted in (newest, before)):
        wrong.append(f"holds {held}")
    if not older and not loaded.warnings:
        wrong.append("is read without a warning")
    if older and not _is(held, newest):
        wrong.append("the newest generation is not read")
    changes = index.add(folder, write_documents(folder.parent / "more", "e"), embedder)
    after = index.load(folder, embedder)
    held = {item.document.doc_id: item.document.text for item in after.documents}
    told = {item.doc_id for item in after.lost}
    silent = [doc for doc, dose in newest.items() if dose not in held.get(doc, "") and not told & {doc, "gen-2"}]
    if silent:
        wrong.append(f"{silent} lost in silence by the next write")
    if (loaded.warnings or after.lost) and not changes.warnings:
        wrong.append("the next write says nothing")
    if any(" is damaged" in problem for problem in index.verify(folder).problems):
        wrong.append("the next write does not mend it")
    return wrong


def _is(held: State, wanted: State) -> bool:
    return held.keys() == wanted.keys() and all(dose in held[doc] for doc, dose in wanted.items())


# races


def contend(folder: str, path: str, go: str, patience: float, *, tell: Tell) -> str:
    """Task: try to add a document, and where the lock is had keep it until `go` is there; returns the refusal."""

    class Slow(FakeEmbedder):
        def embed_passages(self, *args: Any, **kwargs: Any) -> Any:
            end = time.monotonic() + patience
            while not Path(go).exists() and time.monotonic() < end:
                time.sleep(0.005)
            return super().embed_passages(*args, **kwargs)

    try:
        index.add(Path(folder), [Path(path)], Slow())
    except IndexStateError as error:
        return str(error)
    return ""


# cuts of the power


def power_cuts(
    folder: str, kind: str, what: list[str], orders: int, seed: int, broken: str, *, tell: Tell
) -> list[str]:
    """Task: one change, and then what the disk may hold if the power had gone at any moment of it; returns what is wrong."""
    switch_off(broken)
    place, chance = Path(folder), random.Random(seed)
    simulated = Disk(place)
    old = _documents(place)
    given = what if kind == "remove" else [Path(path) for path in what]
    with Faults(place, record=simulated.record).installed():
        getattr(index, kind)(place, given, FakeEmbedder())
    new = _documents(place)
    wrong = []
    for order in range(orders):
        moment = len(simulated.changes) if order % 10 == 0 else chance.randrange(len(simulated.changes) + 1)
        copy = place.parent / "after-power-cut"
        shutil.rmtree(copy, ignore_errors=True)
        simulated.after_cut(moment, chance, copy)
        try:
            held = _documents(copy)
            problems = index.verify(copy).problems if index.exists(copy) else ()
        except IndexStateError as error:
            wrong.append(f"change {moment}: {error}")
            continue
        if held not in (old, new) or (moment == len(simulated.changes) and held != new):
            wrong.append(f"change {moment} of {len(simulated.changes)}: holds {sorted(held)}")
        if problems and ((copy / "CURRENT").exists() or old):
            wrong.append(f"change {moment}: {problems}")
    return wrong


def _documents(folder: Path) -> State:
    if not index.exists(folder):
        return {}
    return {item.document.doc_id: item.sha256 for item in index.load(folder, FakeEmbedder()).documents}
