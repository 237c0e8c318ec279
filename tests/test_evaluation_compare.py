"""Two runs against each other: what differs, what is proved by it, and which questions changed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from qa.errors import GoldError
from qa.evaluation import Evaluation, Outcome, compare, significance


@pytest.fixture(autouse=True)
def _few_permutations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of the whole set take long; p is then at least 1/200."""
    monkeypatch.setattr(significance, "SLOW_PERMUTATIONS", 199)
    monkeypatch.setattr(significance, "RESAMPLES", 50)


def judged(number: int, *, rank: int, right: bool, f1: float, **values: Any) -> Outcome:
    """A question that can be answered; its passage stands at that rank."""
    options = {
        "answered": True,
        "correct": right,
        "confidence": 0.9 if right else 0.6,
        "short": "4 mg" if right else "2 mg",
        "ranking": tuple(f"p{i}" for i in range(1, 11)) if rank == 1 else tuple(f"x{rank}{i}" for i in range(10)),
        "metrics": {
            "success@1": float(rank == 1),
            "mrr@10": 1 / rank,
            "f1": f1,
            "answer_in_quote": float(right),
            "answered_right": float(right),
        },
        **values,
    }
    return Outcome(f"q{number}", f"Café 😀 {number}?", "", "dev", True, accepted=("4 mg",), **options)


def refused_one(number: int, **values: Any) -> Outcome:
    options = {"confidence": 0.1, "metrics": {"refused_unanswerable": 1.0}, **values}
    return Outcome(f"u{number}", f"France {number}?", "", "test", False, **options)


A = Evaluation(
    tuple(judged(i, rank=1, right=True, f1=1.0) for i in range(20)) + tuple(refused_one(i) for i in range(5))
)


def test_a_run_is_no_better_than_itself() -> None:
    found = compare(A, Evaluation.from_json(json.loads(json.dumps(A.to_json()))))
    assert {d.name for d in found.differences} == set(A.metrics)
    for difference in found.differences:
        assert (difference.difference, difference.p, difference.better) == (0, 1, None)
        assert difference.a == difference.b == pytest.approx(A.metrics[difference.name])
        assert difference.interval == (0, 0)
    assert (found.improved, found.worsened, found.only_a, found.only_b, found.altered) == ((), (), (), (), ())
    assert found.common == 25
    assert found.worse(1.1) == ()


def test_a_worse_ranking_is_found_and_nothing_else() -> None:
    # Half of the passages stand second: mean reciprocal rank 3/4; McNemar for success@1 0:10, p = 2/1024.
    worse = tuple(judged(i, rank=2 if i < 10 else 1, right=True, f1=1.0) for i in range(20))
    found = compare(A, Evaluation(worse + A.outcomes[20:]))
    by_name = {d.name: d for d in found.differences}
    assert (by_name["mrr@10"].a, by_name["mrr@10"].b) == (1, 0.75)
    assert by_name["mrr@10"].difference == pytest.approx(-0.25)
    assert by_name["mrr@10"].p == pytest.approx(2 / 1024)  # ten pairs: every exchange is tried
    assert (by_name["success@1"].test, by_name["success@1"].p) == ("McNemar", pytest.approx(2 / 1024))
    assert by_name["success@1"].interval is not None
    assert by_name["success@1"].interval[1] < 0
    assert {d.name for d in found.worse(0.05)} == {"mrr@10", "success@1"}
    assert found.worse(0.001) == ()
    assert [change.a.query_id for change in found.worsened] == [f"q{i}" for i in range(10)]
    assert all(change.gain == pytest.approx(-0.5) for change in found.worsened)
    assert found.improved == ()
    back = compare(Evaluation(worse + A.outcomes[20:]), A)
    assert back.worse(0.05) == ()
    assert len(back.improved) == 10


def test_less_is_better_of_some_figures() -> None:
    ten = tuple(refused_one(i) for i in range(10))
    answered = tuple(replace(o, answered=True, metrics={"refused_unanswerable": 0.0}, confidence=0.95) for o in ten)
    found = compare(Evaluation(A.outcomes[:20] + ten), Evaluation(A.outcomes[:20] + answered))
    by_name = {d.name: d for d in found.differences}
    assert by_name["aurc"].difference > 0
    assert by_name["aurc"].better is False
    assert by_name["auroc"].difference < 0
    assert by_name["auroc"].better is False
    assert {"aurc", "auroc"} <= {d.name for d in found.worse(0.05)}
    faster = Evaluation(tuple(replace(o, elapsed_ms=1.0) for o in A.outcomes))
    slower = compare(faster, Evaluation(tuple(replace(o, elapsed_ms=2.0) for o in A.outcomes)))
    latency = next(d for d in slower.differences if d.name == "latency_p50_ms")
    assert (latency.difference, latency.better) == (1, False)
    assert slower.worse(0.05) == ()  # times differ between machines: the gate does not watch them


def test_one_answer_that_differs_is_shown_and_proves_nothing() -> None:
    other = (judged(0, rank=1, right=True, f1=0.5), *A.outcomes[1:])
    found = compare(A, Evaluation(other))
    difference = next(d for d in found.differences if d.name == "f1")
    assert difference.difference == pytest.approx(-0.5 / 20)
    assert difference.p == 1
    # What a user sees is the same.
    assert found.worsened == ()


def test_changes_are_listed_by_their_size() -> None:
    quiet = (
        judged(0, rank=2, right=True, f1=1.0),
        judged(1, rank=1, right=False, f1=0.0),
        judged(2, rank=1, right=True, f1=0.5, short="4 mg daily"),
        *A.outcomes[3:24],
        refused_one(4, answered=True, short="Paris", metrics={"refused_unanswerable": 0.0}),
    )
    found = compare(A, Evaluation(quiet))
    assert [change.a.query_id for change in found.worsened] == ["q1", "u4", "q2", "q0"]
    assert [change.gain for change in found.worsened] == sorted(change.gain for change in found.worsened)
    data = json.loads(json.dumps(found.to_json()))
    assert data["worsened"][0] == {
        "id": "q1",
        "question": "Café 😀 1?",
        "accepted": ["4 mg"],
        "gain": found.worsened[0].gain,
        "a": {"answered": True, "short": "4 mg", "quote": "", "lost": ""},
        "b": {"answered": True, "short": "2 mg", "quote": "", "lost": ""},
    }
    assert [change["id"] for change in compare(Evaluation(quiet), A).to_json()["improved"]] == ["q1", "u4", "q2", "q0"]


def test_questions_that_are_not_the_same_are_left_out() -> None:
    changed = (
        replace(A.outcomes[0], accepted=("5 mg",)),
        replace(A.outcomes[1], question="Another?"),
        replace(A.outcomes[2], history=("before",)),
        replace(A.outcomes[24], answerable=True, metrics=A.outcomes[0].metrics),
        replace(A.outcomes[3], evidence=("moved",), relevant={"p9": 1}),  # an index may hold other documents
        *A.outcomes[5:24],
        judged(100, rank=5, right=False, f1=0.0),
    )
    found = compare(A, Evaluation(changed))
    assert found.altered == ("q0", "q1", "q2", "u4")
    assert (found.only_a, found.only_b) == (("q4",), ("q100",))
    assert found.common == 20
    assert {(d.difference, d.p) for d in found.differences} == {(0, 1)}
    by_name = {d.name: d.n for d in found.differences}
    assert (by_name["f1"], by_name["refused_unanswerable"], by_name["auroc"]) == (16, 4, 20)


def test_figures_that_one_run_does_not_have_are_left_out() -> None:
    bare = tuple(
        replace(o, metrics={name: value for name, value in o.metrics.items() if name != "mrr@10"}) for o in A.outcomes
    )
    for found in (compare(A, Evaluation(bare)), compare(Evaluation(bare), A)):
        assert "mrr@10" not in {d.name for d in found.differences}
        assert "f1" in {d.name for d in found.differences}


def test_runs_without_a_common_question_are_refused() -> None:
    others = (judged(99, rank=1, right=True, f1=1.0), replace(A.outcomes[0], accepted=("5 mg",)))
    for outcomes in (others, ()):
        with pytest.raises(GoldError, match="no question in common"):
            compare(A, Evaluation(outcomes))


def test_what_is_missing_from_the_other_run_is_a_gap() -> None:
    """A gate must not pass because questions or figures have gone."""
    assert compare(A, A).gaps() == ()
    assert compare(A, A.where(lambda outcome: outcome.query_id != "q3")).gaps() == ("1 questions are missing",)
    other = replace(A, outcomes=(replace(A.outcomes[0], accepted=("5 mg",)), *A.outcomes[1:]))
    assert compare(A, other).gaps() == ("1 questions have changed",)
    bare = replace(A, outcomes=tuple(replace(o, metrics={**o.metrics, "f1": 1.0}) for o in A.outcomes))
    for outcome in bare.outcomes:
        outcome.metrics.pop("mrr@10", None)
    assert compare(A, bare).gaps() == ("mrr@10 is missing",)
