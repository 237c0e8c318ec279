"""How long a question takes: `python benchmarks/latency.py [--index DIR] [--gold FILE]`.

Warm, each question of a gold file once, in one process. Start-up is measured in fresh processes against a bare interpreter.
Memory is the peak resident size of this process.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from qa import Assistant
from qa.evaluation import half, read_gold


def percentiles(function: Callable[[str], object], questions: list[str]) -> str:
    times = []
    for question in questions:
        begin = time.perf_counter()
        function(question)
        times.append(1000 * (time.perf_counter() - begin))
    cuts = statistics.quantiles(times, n=100)
    return f"p50 {cuts[49]:6.1f} ms   p95 {cuts[94]:6.1f} ms   max {max(times):6.1f} ms"


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
    assistant = Assistant.open(options.index)
    assistant.ask(questions[0])
    print(f"open and first answer  {time.perf_counter() - begin:.2f} s")
    print(f"retrieve               {percentiles(assistant.retrieve, questions[::-1])}")
    print(f"ask                    {percentiles(assistant.ask, questions)}")
    bare = start_up(["-c", "pass"])
    print(f"import qa              {start_up(['-c', 'import qa']) - bare:.2f} s over a bare interpreter")
    print(f"qa --help              {start_up(['-m', 'qa.cli', '--help']) - bare:.2f} s over a bare interpreter")
    print(f"peak memory            {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
