"""How many gold questions are answered rightly: `python benchmarks/answers.py --index DIR GOLD…`.

An answer is right when its `text` holds one of the accepted answers (all members for a list), compared without case, accents
and kinds of dashes; an unanswerable question is right when it is refused. Prints shares with 95 % Wilson intervals by kind;
`--failures` prints each question that fails, with what was answered.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from qa import Assistant
from qa.schema import Answer
from qa.text import fold


def normalised(text: str) -> str:
    """Lower case, one kind of dash, no space around signs, single spaces."""
    text = re.sub(r"[‐‑–—−-]", "-", fold(text))
    text = re.sub(r"\s*([<>=≤≥/-])\s*", r"\1", text)
    return re.sub(r"\s+", " ", text).strip()


def holds(text: str, gold: dict[str, Any]) -> bool:
    """Whether the text holds what the gold question accepts, at word boundaries."""

    def found(words: str) -> bool:
        return bool(re.search(rf"(?<![\w.]){re.escape(normalised(words))}(?!\w|\.\d)", normalised(text)))

    if gold.get("answers_all"):
        return all(found(member) for member in gold["answers_all"])
    return any(found(answer) for answer in gold["answers"])


def wilson(right: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if not n:
        return 0.0, 1.0
    z, p = 1.96, right / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("--index", type=Path, default=None)
    parser.add_argument("--failures", action="store_true")
    options = parser.parse_args()
    assistant = Assistant.open(options.index)
    outcomes: dict[str, list[bool]] = defaultdict(list)
    for path in options.gold:
        for line in path.read_text(encoding="utf-8").splitlines():
            gold = json.loads(line)
            answer = assistant.ask(gold["question"])
            forced = assistant.ask(gold["question"], force=True)
            outcome, right = judge(gold, answer, forced)
            group = "answerable" if gold["answers"] else "unanswerable"
            outcomes[group].append(right)
            outcomes[f"  {group}: {gold.get('kind', '')}"].append(right)
            if gold["answers"]:
                outcomes["answerable, never refusing"].append(holds(forced.text, gold))
                outcomes["answerable, refused"].append(not answer.answered)
            if options.failures and not right:
                best = forced.spans[0].score if forced.spans else 0.0
                accepted = gold.get("answers_all") or gold["answers"]
                print(f"{gold['id']} [{gold.get('kind')}] {outcome} {best:.2f}: {gold['question']}\n   gold {accepted}")
                print(f"   said {forced.short[:80]!r} in {forced.text[:300]!r}")
    for name in sorted(outcomes):
        values = outcomes[name]
        low, high = wilson(sum(values), len(values))
        print(f"{name:40} {sum(values):4}/{len(values):<4} {sum(values) / len(values):6.1%}  [{low:.1%}, {high:.1%}]")


def judge(gold: dict[str, Any], answer: Answer, forced: Answer) -> tuple[str, bool]:
    """What became of a question, and whether that is right."""
    if not gold["answers"]:
        return ("refused", True) if not answer.answered else ("answered though unanswerable", False)
    if not answer.answered:
        return ("refused, the guess was right" if holds(forced.text, gold) else "refused"), False
    return "answered", holds(answer.text, gold)


if __name__ == "__main__":
    main()
