"""How the chat holds many users: `python benchmarks/load.py --users 20 --minutes 5`.

The real server is started over the default corpus, indexed into a temporary folder unless `--index` names one, and simulated
users do what a browser does: join Gradio's queue, read the events of their session, think for 5 to 10 s, ask again in the
same conversation. Only 127.0.0.1 is spoken to; the run ends after `--minutes` and at most a minute more for the last answers.
Server and users share the cores, so that the figures are worse than with users elsewhere; the load average tells what else ran.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
THINK = (5.0, 10.0)
"""Seconds between an answer and the next question."""

HUNG = 60.0
"""Seconds without an answer after which a question counts as hung."""


@dataclass
class Tally:
    """What came of the questions of all users."""

    seconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, outcome: str, seconds: float = 0.0, example: str = "") -> None:
        """Count one question."""
        self.outcomes[outcome] += 1
        if outcome == "answered":
            self.seconds.append(seconds)
        elif example:
            self.examples.setdefault(outcome, example[:300])

    def at(self, share: float) -> float:
        """The latency that this share of the answered questions did not exceed."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


@dataclass
class Event:
    """The event of the page that puts a question: its number, and what goes with the question."""

    number: int
    trigger: int
    rest: list[Any]

    @classmethod
    def of(cls, config: dict[str, Any]) -> Event:
        """The event that Enter in the question box triggers."""
        values = {part["id"]: part.get("props", {}).get("value") for part in config["components"]}
        for dependency in config["dependencies"]:
            for target, name in dependency["targets"]:
                if name == "submit":
                    return cls(dependency["id"], target, [values.get(part) for part in dependency["inputs"][1:]])
        raise SystemExit("the page has no event for a question")


async def ask(client: httpx.AsyncClient, session: str, event: Event, question: str) -> tuple[str, str]:
    """Put one question as the page does: what came of it, and an example of what was said."""
    body = {
        "data": [question, *event.rest],
        "fn_index": event.number,
        "trigger_id": event.trigger,
        "session_hash": session,
    }
    joined = await client.post("/gradio_api/queue/join", json=body)
    if joined.status_code == 503:
        return "refused", joined.text
    if joined.status_code != 200:
        return "error", f"{joined.status_code}: {joined.text}"
    number = joined.json()["event_id"]
    async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        shown = ""
        async for line in stream.aiter_lines():
            if not line.startswith("data: "):
                continue
            message = json.loads(line[6:])
            if message.get("msg") in ("unexpected_error", "server_stopped"):
                return "error", str(message)
            if message.get("event_id") != number:
                continue
            shown += json.dumps(message.get("output", ""))
            if message["msg"] == "process_completed":
                if not message["success"]:
                    return "error", str(message["output"])
                return ("error", "a problem on the page") if "vb-problem" in shown else ("answered", "")
    return "error", "the stream ended without an answer"


async def user(address: str, event: Event, questions: list[str], tally: Tally, ends: float, seed: int) -> None:
    """One user, who asks until the time is over."""
    chance = random.Random(seed)
    await asyncio.sleep(chance.uniform(0, THINK[1]))
    session = uuid.uuid4().hex[:11]
    async with httpx.AsyncClient(base_url=address, timeout=httpx.Timeout(HUNG)) as client:
        while time.monotonic() < ends:
            began = time.monotonic()
            try:
                outcome, example = await asyncio.wait_for(ask(client, session, event, chance.choice(questions)), HUNG)
            except (TimeoutError, httpx.TimeoutException):
                outcome, example = "hung", ""
            except httpx.HTTPError as error:
                outcome, example = "error", repr(error)
            tally.add(outcome, time.monotonic() - began, example)
            await asyncio.sleep(chance.uniform(*THINK))


async def simulate(address: str, users: int, minutes: float, questions: list[str]) -> Tally:
    """Let the users ask for that long."""
    async with httpx.AsyncClient(base_url=address, timeout=HUNG) as client:
        event = Event.of((await client.get("/config")).json())
    tally = Tally()
    ends = time.monotonic() + 60 * minutes
    await asyncio.gather(*(user(address, event, questions, tally, ends, seed) for seed in range(users)))
    return tally


def start(index: Path, options: list[str]) -> tuple[subprocess.Popen[bytes], str]:
    """The server, as soon as it answers, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port), "--index", str(index), *options]
    began = time.monotonic()
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    listening = 0.0
    for _ in range(6000):
        if server.poll() is not None:
            raise SystemExit(f"the server ended with status {server.returncode}")
        try:
            state = httpx.get(f"{address}/health", timeout=30)
            listening = listening or time.monotonic() - began
            if state.status_code == 200:
                print(f"listens after {listening:.1f} s, answers after {time.monotonic() - began:.1f} s")
                return server, address
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    server.terminate()
    raise SystemExit("the server did not open its documents within ten minutes")


def main() -> None:
    """Run and print; status 1 where a question failed or hung."""
    parser = argparse.ArgumentParser(description="Simulate users of the chat.")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--index", type=Path, help="index folder (default: a new one over the default corpus)")
    parser.add_argument("options", nargs="*", help="options of the server, after --, such as --queue 32")
    chosen = parser.parse_args()
    gold = [file.read_text(encoding="utf-8") for file in sorted((ROOT / "corpus/gold").glob("*.jsonl"))]
    questions = [json.loads(line)["question"] for text in gold for line in text.splitlines() if line.strip()]
    with tempfile.TemporaryDirectory(prefix="verbatim-load-") as folder:
        server, address = start(chosen.index or Path(folder) / "index", chosen.options)
        try:
            tally = asyncio.run(simulate(address, chosen.users, chosen.minutes, questions))
            memory = Path(f"/proc/{server.pid}/statm").read_text().split()[1]
        finally:
            server.terminate()
            server.wait(30)
    asked = sum(tally.outcomes.values())
    counts = ", ".join(f"{tally.outcomes[name]} {name}" for name in ("answered", "refused", "error", "hung"))
    print(
        f"{chosen.users} users, {chosen.minutes:g} minutes: {asked} questions, {asked / chosen.minutes / 60:.1f} a second"
    )
    print(counts)
    print(f"seconds: p50 {tally.at(0.5):.2f}, p95 {tally.at(0.95):.2f}, max {tally.at(1.0):.2f}")
    megabytes = int(memory) * os.sysconf("SC_PAGE_SIZE") >> 20
    print(f"memory {megabytes} MB; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for outcome, example in tally.examples.items():
        print(f"{outcome}: {example}")
    sys.exit(1 if tally.outcomes["error"] or tally.outcomes["hung"] else 0)


if __name__ == "__main__":
    main()
