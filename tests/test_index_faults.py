"""Nothing that was acknowledged is lost, and every damage is noticed: a part of what `benchmarks/faults.py` tries in full."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from faults import KINDS, Worker, every_fault
from faults_trials import damages, random_kills, two_generations, write_documents

from qa import index


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "write.lock")


@pytest.mark.parametrize("fault", KINDS)
@pytest.mark.parametrize("change", ["first build", "add", "remove"])
def test_a_fault_at_any_change_of_the_disk_leaves_the_old_state_or_the_new(
    change: str, fault: str, worker: Worker, tmp_path: Path
) -> None:
    prepared, what = tmp_path / "two" / "index", ["b"]
    if change == "first build":
        prepared.mkdir(parents=True)
    else:
        two_generations(tmp_path)
    if change != "remove":
        what = [str(path) for path in write_documents(tmp_path / "new", "xy")]
    every = 5 if fault == "kill" else 11
    kind = change.removeprefix("first ")
    steps = list(every_fault(worker, kind, prepared, what, fault, tmp_path, every=every, begin=len(change + fault)))
    assert len(steps) * every > 70
    assert [(step, wrong) for step, wrong in steps if wrong] == []


def test_kills_at_random_moments_lose_nothing_that_was_acknowledged(worker: Worker, tmp_path: Path) -> None:
    assert [wrong for wrong in random_kills(worker, tmp_path, 20) if wrong] == []


def test_every_damage_of_every_file_is_noticed_and_nothing_is_lost_in_silence(worker: Worker, tmp_path: Path) -> None:
    source, chance, trials = two_generations(tmp_path), random.Random(1), 0
    for path in files_of(source):
        ways = damages(path.stat().st_size, 1, chance)
        results = worker("faults_trials.damaged", str(source), str(path.relative_to(source)), ways, "")["result"]
        assert [wrong for wrong in results if wrong] == []
        trials += len(results)
    assert trials > 150


@pytest.mark.parametrize("change", ["build", "add", "remove"])
def test_a_cut_of_the_power_at_any_moment_leaves_the_old_state_or_the_new(
    change: str, worker: Worker, tmp_path: Path
) -> None:
    folder = two_generations(tmp_path)
    what = ["a"] if change == "remove" else [str(path) for path in write_documents(tmp_path / "new", "xyz")]
    if change == "build":
        shutil.rmtree(folder)
        folder.mkdir()
    assert worker("faults_trials.power_cuts", str(folder), change, what, 60, 1, "")["result"] == []


def test_these_trials_notice_what_is_broken(worker: Worker, tmp_path: Path) -> None:
    folder = two_generations(tmp_path)
    what = [str(path) for path in write_documents(tmp_path / "new", "xyz")]
    cuts = worker("faults_trials.power_cuts", str(folder), "add", what, 60, 1, "sync")
    assert len(cuts["result"]) > 5
    source = two_generations(tmp_path / "more")
    name = "gen-2/vectors.faiss"
    flips = [f"flip {8 * (source / name).stat().st_size - bit}" for bit in range(1, 9)]
    results = worker("faults_trials.damaged", str(source), name, flips, "hashes")["result"]
    assert any(results)
    assert any(random_kills(worker, tmp_path / "kills", 60, broken="publish last"))


@pytest.mark.parametrize("writers", [2, 8])
def test_of_several_writers_one_wins_and_the_others_are_told_who(writers: int, tmp_path: Path) -> None:
    folder, go = tmp_path / "index", tmp_path / "go"
    index.build(folder, write_documents(tmp_path / "base", "z"), FakeEmbedder())
    names = "abcdefgh"[:writers]
    paths = write_documents(tmp_path / "new", names)
    workers = [Worker() for _ in names]
    processes = [worker.process.pid for worker in workers]
    try:
        with ThreadPoolExecutor(writers) as pool:
            tasks = [
                pool.submit(worker, "faults_trials.contend", str(folder), str(path), str(go), 20.0)
                for worker, path in zip(workers, paths, strict=True)
            ]
            while sum(task.done() for task in tasks) < writers - 1:
                pass
            go.touch()
        answers = [task.result()["result"] for task in tasks]
    finally:
        for worker in workers:
            worker.__exit__()
    (winner,) = (i for i, answer in enumerate(answers) if not answer)
    holders = {re.search(r"is being written by process (\d+) since .* UTC; try again", a) for a in answers if a}
    assert None not in holders
    assert len({found[1] for found in holders if found}) == 1
    assert not {int(found[1]) for found in holders if found} & {
        os.getpid(),
        *processes,
    }  # it is a child of the winner's
    held = [item.document.doc_id for item in index.load(folder, FakeEmbedder()).documents]
    assert held == sorted([names[winner], "z"])


def test_the_lock_of_a_killed_writer_is_free(worker: Worker, tmp_path: Path) -> None:
    folder, path = tmp_path / "index", write_documents(tmp_path / "new", "a")[0]
    done = worker("faults_trials.contend", str(folder), str(path), str(tmp_path / "never"), 20.0, kill_after=0.6)
    assert done["status"] == -9
    assert (folder / "write.lock").read_text("utf-8").startswith("process ")
    assert index.add(folder, [path], FakeEmbedder()).added == ("a",)
    assert (folder / "write.lock").read_text("utf-8") == ""
