"""The gate of `make gate`: it lets an unchanged system pass and stops a worse one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.assistant import Assistant
from qa.evaluation import Evaluation
from qa.retrieval import HybridRanker

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "benchmarks"))

import quality  # noqa: E402

pytestmark = [pytest.mark.model, pytest.mark.timeout(900)]  # 600 questions each; a slow processor answers two a second


@pytest.fixture
def assistant(notes: Assistant) -> Iterator[Assistant]:
    ranker = notes.ranker
    yield notes
    notes.ranker = ranker


def test_an_unchanged_system_passes(assistant: Assistant, capsys: pytest.CaptureFixture[str]) -> None:
    assert quality.gate(assistant) == 0
    assert "WORSE" not in capsys.readouterr().out


@pytest.mark.parametrize("weights", [{"dense_weight": 0.0}, {"lexical_weight": 0.0}])
def test_worse_fusion_weights_are_stopped(
    assistant: Assistant, weights: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    index = assistant.index
    assistant.ranker = HybridRanker(index.passages, index.lexical, assistant.dense, **weights)
    assert quality.gate(assistant) == 1
    assert "mrr@10" in "".join(line for line in capsys.readouterr().out.splitlines() if "WORSE" in line)


def test_the_committed_run_is_whole() -> None:
    committed = json.loads(quality.OUTCOMES.read_text(encoding="utf-8"))
    run = Evaluation.read(quality.OUTCOMES)
    assert run.metrics == pytest.approx(committed["metrics"])
    assert {o.query_id for o in run.outcomes} == {gold.query_id for gold in quality.read_gold(quality.GOLD).questions}
