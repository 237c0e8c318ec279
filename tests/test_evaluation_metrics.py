"""The figures, each against a value worked out by hand or published, never against what the code gave."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from qa.evaluation import Evaluation, Outcome, matching, measures, selective
from qa.evaluation.measures import METRICS, retrieval_scores
from qa.evaluation.significance import paired_mean, paired_statistic
from qa.schema import GoldQuestion


def outcome(number: int, *, answerable: bool = True, **values: object) -> Outcome:
    return Outcome(f"q{number}", f"Café 😀 {number}?", "", "dev", answerable, **values)  # type: ignore[arg-type]


def floats(*values: float) -> NDArray[np.float64]:
    return np.array(values, float)


# rankings

# The example of https://en.wikipedia.org/wiki/Discounted_cumulative_gain: six documents are ranked, their grades are 3, 2,
# 3, 0, 1, 2; two that are not found have 3 and 2.
QRELS = {"D1": 3, "D2": 2, "D3": 3, "D4": 0, "D5": 1, "D6": 2, "D7": 3, "D8": 2}
RANKED = ["D1", "D2", "D3", "D4", "D5", "D6"]


def test_the_published_example_of_graded_documents() -> None:
    scores = retrieval_scores(RANKED, QRELS)
    # Published: DCG = 3/log2(2) + 2/log2(3) + 3/log2(4) + 0 + 1/log2(6) + 2/log2(7)
    #                = 3 + 1.262 + 1.5 + 0 + 0.387 + 0.712 = 6.861.
    # Published: the ideal order 3, 3, 3, 2, 2, 2 gives 8.740 over six ranks; over ten there is also the grade 1 at rank 7,
    # 1/log2(8) = 0.333, together 9.073. 6.861 / 9.073 = 0.756.
    assert scores["ndcg@10"] == pytest.approx(0.7562, abs=1e-4)
    # Seven documents have a grade above 0; D4 has none.
    assert scores["recall@1"] == pytest.approx(1 / 7)
    assert scores["recall@3"] == pytest.approx(3 / 7)
    assert scores["recall@5"] == pytest.approx(4 / 7)
    assert scores["recall@10"] == pytest.approx(5 / 7)
    assert scores["mrr@10"] == 1
    assert [scores[f"success@{k}"] for k in (1, 3, 5, 10)] == [1, 1, 1, 1]


def test_a_ranking_that_begins_with_what_is_not_relevant() -> None:
    # Grade 0, unknown, unknown, grade 2 at rank 4, grade 3 at rank 6.
    scores = retrieval_scores(["D4", "x", "Café 😀", "D2", "y", "D1"], QRELS)
    assert scores["mrr@10"] == pytest.approx(1 / 4)
    assert [scores[f"success@{k}"] for k in (1, 3, 5, 10)] == [0, 0, 1, 1]
    assert [scores[f"recall@{k}"] for k in (1, 3, 5, 10)] == pytest.approx([0, 0, 1 / 7, 2 / 7])
    # DCG = 2/log2(5) + 3/log2(7) = 0.86135 + 1.06862 = 1.92998; ideal as above 9.07359.
    assert scores["ndcg@10"] == pytest.approx(0.21270, abs=1e-4)


def test_the_order_within_equal_grades_does_not_matter_and_that_of_others_does() -> None:
    relevant = {"a": 1, "b": 1}
    # DCG of ranks 1 and 3: 1 + 1/2 = 1.5; ideal 1 + 1/log2(3) = 1.63093.
    for ranking in (["a", "x", "b"], ["b", "x", "a"]):
        assert retrieval_scores(ranking, relevant)["ndcg@10"] == pytest.approx(1.5 / 1.63093, abs=1e-5)
    assert retrieval_scores(["a", "b", "x"], relevant)["ndcg@10"] == 1


def test_only_ten_ranks_count() -> None:
    ten = [f"x{i}" for i in range(10)]
    assert set(retrieval_scores([*ten, "a"], {"a": 1}).values()) == {0.0}
    ninth = retrieval_scores([*ten[:9], "a"], {"a": 1})
    assert (ninth["mrr@10"], ninth["success@10"], ninth["success@5"]) == (pytest.approx(1 / 10), 1, 0)
    assert ninth["ndcg@10"] == pytest.approx(1 / math.log2(11))


def test_nothing_found_and_grades_below_zero() -> None:
    assert set(retrieval_scores([], QRELS).values()) == {0.0}
    scores = retrieval_scores(["bad", "a"], {"bad": -1, "a": 1})
    assert (scores["success@1"], scores["mrr@10"], scores["recall@3"]) == (0, 0.5, 1)


def test_every_score_of_a_ranking_has_a_name_in_the_table() -> None:
    assert set(retrieval_scores([], {"a": 1})) <= set(METRICS)


# exact match and F1


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        ("The Denver Broncos!", ["Denver Broncos"], 1),
        ("a  U.S.A.", ["USA"], 1),
        ("Theatre", ["atre"], 0),  # an article is a whole word
        ("the Café", ["Cafe"], 0),  # accents stay, as in the published script
        ("“Café”", ["café"], 0),  # so do marks that are not ASCII
        ("5.1%", ["51"], 1),  # a known weakness of the published script
        ("4 mg", ["2 mg", "4 mg"], 1),
        ("4 mg daily", ["4 mg"], 0),
        ("", ["4 mg"], 0),
        ("", ["the"], 1),
        ("anything", [], 0),
    ],
)
def test_exact_match_is_that_of_squad(answer: str, gold: list[str], expected: float) -> None:
    assert matching.exact_match(answer, gold) == expected


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        # 11 words without "the" (levis stadium in san francisco bay area at santa clara california), all 3 of the gold
        # answer among them: precision 3/11, recall 1, F1 = 2·3 / (11 + 3).
        (
            "Levi's Stadium in the San Francisco Bay Area at Santa Clara, California",
            ["Santa Clara, California"],
            6 / 14,
        ),
        # The better of two: 2 words of 2 among the 11 give 4/13, less than 6/14.
        (
            "Levi's Stadium in the San Francisco Bay Area at Santa Clara, California",
            ["Levi's Stadium", "Santa Clara, California"],
            6 / 14,
        ),
        ("very, very good", ["very good"], 2 * 2 / (3 + 2)),  # bags of words: one "very" too many
        ("good very", ["very good"], 1),
        ("The 4 mg.", ["4 mg"], 1),
        ("4 mg Café 😀", ["4 mg"], 2 * 2 / (4 + 2)),
        ("5 g", ["4 mg"], 0),
        ("", ["4 mg"], 0),
        ("4 mg", [""], 0),
        ("", [""], 1),
        ("the", ["..."], 1),  # neither has a word left
        ("4 mg", [], 0),
    ],
)
def test_f1_is_that_of_squad(answer: str, gold: list[str], expected: float) -> None:
    assert matching.f1(answer, gold) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("answers", "members", "expected"),
    [
        (["nausea", "headache"], ["headache", "nausea"], 1),
        (["nausea, headache and rash"], ["nausea", "headache"], 2 * 2 / (3 + 2)),
        (["Nausea; the headache"], ["nausea", "headache", "rash"], 2 * 2 / (2 + 3)),
        (["nausea • headache", "nausea"], ["nausea", "headache"], 1),  # what is named twice counts once
        (["nausea or vomiting"], ["café 😀"], 0),
        (["sandy hair"], ["sandy hair"], 1),  # "and" within a word parts nothing
        ([], ["nausea"], 0),
        (["nausea"], [], 0),
        ([], [], 1),
        ([" , and "], ["nausea"], 0),
    ],
)
def test_f1_of_lists(answers: list[str], members: list[str], expected: float) -> None:
    assert matching.set_f1(answers, members) == pytest.approx(expected)


# whether a quote holds an answer

HELD = [
    ("Mortality was 5.1% in all.", "5.1 %"),
    ("Mortality was 5.1% in all.", "5.1"),
    ("1,033 patients", "1033"),
    ("1033 patients", "1,033 Patients"),
    ("of 12,345,678 people", "12345678"),
    ("4mg of it", "4 mg"),
    ("4 mg of it", "4mg"),
    ("IL-6 rose", "il-6"),
    ("IL\u20116 rose", "IL-6"),  # non-breaking hyphen
    ("IL\u20106 rose", "IL-6"),  # hyphen proper
    ("an IFN-γ response", "IFN-gamma"),
    ("an IFN-gamma response", "IFN‑γ"),
    ("TNFα was low", "TNFalpha"),
    ("2–4 mg daily", "2-4 mg"),
    ("follow\u2011up of a year", "follow-up"),
    ("At the Café 😀 of Müller", "cafe of muller"),
    ("Cafe\u0301", "Café"),
    ("(P<.001)", "P < .001"),
    ("aged ≥ 65 years", "≥65 years"),
    ("aged ≥ 65 years", "65 years"),
    ("The dose, of 4 mg; the usual", "dose of 4 mg usual"),
    ("4 μg (Greek letter)", "4 µg"),  # Greek mu against the micro sign
    ("5 mg\u00a0daily", "5 mg daily"),
    ("5\nmg", "5 mg"),
]
NOT_HELD = [
    ("5.1% of them", "51"),
    ("5.1% of them", "51%"),
    ("51 of them", "5.1"),
    ("5.1 of them", "5.1%"),
    ("14 mg", "4 mg"),
    ("4 mg", "14 mg"),
    ("1,033 patients", "033"),
    ("1,033 patients", "1"),
    ("10333 patients", "1033"),
    ("JAK1 and JAK2", "1"),
    ("IL-6 rose", "6"),
    ("IL-6 rose", "IL-60"),
    ("COVID-19", "19"),
    ("IFN-γ", "IFN-α"),
    ("aged 65", "≥65"),
    ("aged ≤65", "≥65"),
    ("P < 0.05", "P > 0.05"),
    ("the rate was 4", "4%"),
    ("mg 4", "4 mg"),
    ("4 extra mg", "4 mg"),
    ("4", "4 mg"),
    ("", "4 mg"),
    ("4 mg", ""),
    ("the 😀", "the"),
    ("😀", "😀"),
    ("theatre", "atre"),
]


@pytest.mark.parametrize(("text", "accepted"), HELD)
def test_what_a_text_holds(text: str, accepted: str) -> None:
    assert matching.holds(text, accepted)


@pytest.mark.parametrize(("text", "accepted"), NOT_HELD)
def test_what_a_text_does_not_hold(text: str, accepted: str) -> None:
    assert not matching.holds(text, accepted)


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("Crohn’s disease", "Crohn's disease"),  # typographic apostrophe
        ("4µg of it", "4 µg"),  # "µ" is spelled out before the number is parted from its unit
        ("1,033.5 patients", "1033.5"),
        ("P < .001", "P < 0.001"),
    ],
)
def test_the_same_words_written_otherwise(text: str, accepted: str) -> None:
    assert matching.holds(text, accepted)


@pytest.mark.parametrize(("text", "accepted"), [("vitamin D was given", "vitamin A"), ("hepatitis B", "Hepatitis A")])
def test_a_letter_that_is_a_name_is_no_article(text: str, accepted: str) -> None:
    assert not matching.holds(text, accepted)


def test_the_first_quote_must_answer_and_a_list_may_be_spread() -> None:
    one = GoldQuestion("q", "What dose?", ("2 mg", "4 mg"))
    assert matching.in_quotes(["It was 4 mg.", "nothing"], one)
    assert not matching.in_quotes(["nothing", "It was 4 mg."], one)
    assert not matching.in_quotes([], one)
    several = GoldQuestion("q", "Which drugs?", answers_all=("nausea", "rash"))
    assert matching.in_quotes(["a rash", "nausea at the Café 😀"], several)
    assert not matching.in_quotes(["a rash", "a rash"], several)
    assert not matching.in_quotes([], several)
    assert matching.accepted_answers(one) == ("2 mg", "4 mg")
    assert matching.accepted_answers(several) == ("nausea; rash",)


# confidence


def test_auroc_by_hand() -> None:
    # Pairs of (answerable, not): .9 > .5, .9 > .1, .5 = .5 (a half), .5 > .1: 3.5 of 4.
    assert selective.auroc([0.9, 0.5, 0.5, 0.1], [True, True, False, False]) == pytest.approx(3.5 / 4)
    # .3 against .2, .4, .3: one more, one less, one equal; .6 above all: (1.5 + 3) / 6.
    assert selective.auroc([0.3, 0.2, 0.4, 0.3, 0.6], [True, False, False, False, True]) == pytest.approx(4.5 / 6)
    assert selective.auroc([0.5] * 4, [True, False, True, False]) == 0.5
    assert selective.auroc([0.1, 0.9], [True, False]) == 0
    assert selective.auroc([0.1, 0.9], [True, True]) is selective.auroc([0.1], [False]) is None
    assert selective.auroc([], []) is None


def test_risk_and_coverage_by_hand() -> None:
    # Wrong at ranks 2 and 4: 0/1, 1/2, 1/3, 2/4.
    curve = selective.risk_coverage([0.9, 0.8, 0.7, 0.6], [True, False, True, False])
    assert curve.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert selective.aurc([0.9, 0.8, 0.7, 0.6], [True, False, True, False]) == pytest.approx(
        (1 / 2 + 1 / 3 + 1 / 2) / 4
    )
    # The same questions in another order.
    assert selective.risk_coverage([0.6, 0.9, 0.7, 0.8], [False, True, True, False]).tolist() == curve.tolist()


def test_equally_sure_questions_share_their_risk() -> None:
    # .9 right; two at .8 of which one is wrong count a half each; .5 wrong: 0, .5/2, 1/3, 2/4.
    for order in ([True, True, False, False], [True, False, True, False]):
        curve = selective.risk_coverage([0.9, 0.8, 0.8, 0.5], order)
        assert curve.tolist() == pytest.approx([0, 1 / 4, 1 / 3, 1 / 2])
        assert selective.aurc([0.9, 0.8, 0.8, 0.5], order) == pytest.approx((1 / 4 + 1 / 3 + 1 / 2) / 4)
    # One in four is wrong and all are equally sure: nothing is known, the risk is 1/4 everywhere.
    assert selective.aurc([0.5] * 4, [False, True, True, True]) == pytest.approx(1 / 4)
    assert selective.aurc([], []) is None
    assert selective.risk_coverage([], []).tolist() == []


def test_aurc_of_the_best_order() -> None:
    # Geifman and others: with the wrong ones last it is that of the ideal order; three right, one wrong: (1/4) / 4.
    assert selective.aurc([0.9, 0.8, 0.7, 0.1], [True, True, True, False]) == pytest.approx(1 / 16)
    assert selective.aurc([0.9, 0.8, 0.7, 0.1], [False, True, True, True]) == pytest.approx(
        (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4
    )


def test_calibration_error_by_hand() -> None:
    # Twenty answers make ten bins of two; the order in which they come says nothing.
    confidence = [i / 20 for i in range(20)]
    correct = [i % 4 == 3 for i in range(20)]
    bins = selective.reliability(confidence[::-1], correct[::-1])
    assert [b.count for b in bins] == [2] * 10
    assert [b.confidence for b in bins] == pytest.approx([0.025 + i / 10 for i in range(10)])
    assert [b.right for b in bins] == [0, 0.5] * 5
    # Bins 0, 2, 4, 6, 8 are all wrong: .025 + .225 + .425 + .625 + .825 = 2.125.
    # The others are half right: .375 + .175 + .025 + .225 + .425 = 1.225.
    assert selective.ece(confidence, correct) == pytest.approx((2.125 + 1.225) / 10)


def test_calibration_error_of_few_answers() -> None:
    assert [b.count for b in selective.reliability([0.9, 0.2, 0.8], [True, False, True])] == [1, 1, 1]
    assert [b.count for b in selective.reliability([i / 25 for i in range(25)], [True] * 25)] == [3] * 5 + [2] * 5
    assert selective.ece([1.0, 1.0, 0.0], [True, True, False]) == 0
    assert selective.ece([], []) is None


def test_equally_sure_answers_share_what_is_right_of_them() -> None:
    for correct in ([True] * 5 + [False] * 15, [False] * 15 + [True] * 5):
        bins = selective.reliability([0.25] * 20, correct)
        assert [b.right for b in bins] == [0.25] * 10
        assert selective.ece([0.25] * 20, correct) == 0


# figures of a run


def test_a_figure_is_the_mean_over_the_questions_that_have_it() -> None:
    run = Evaluation(
        (
            outcome(1, metrics={"f1": 1.0, "answered_right": 1.0}, correct=True, confidence=0.9, elapsed_ms=10),
            outcome(2, metrics={"f1": 0.5, "answered_right": 0.0}, confidence=0.4, elapsed_ms=20),
            outcome(3, metrics={"refused_unanswerable": 1.0}, answerable=False, confidence=0.4, elapsed_ms=40),
        )
    )
    assert run.metrics["f1"] == pytest.approx(0.75)
    assert run.metrics["refused_unanswerable"] == 1
    # Pairs: .9 > .4, and .4 = .4 counts a half.
    assert run.metrics["auroc"] == pytest.approx(1.5 / 2)
    # Right at .9; two wrong ones at .4: 0, 1/2, 2/3.
    assert run.metrics["aurc"] == pytest.approx((1 / 2 + 2 / 3) / 3)
    # |1 - .9| once, |0 - .4| twice.
    assert run.metrics["ece"] == pytest.approx((0.1 + 0.8) / 3)
    assert run.metrics["latency_p50_ms"] == 20
    assert run.counts["f1"] == 2
    assert run.counts["refused_unanswerable"] == 1
    assert run.counts["aurc"] == run.counts["latency_p99_ms"] == 3
    assert "refused_unanswerable" not in run.intervals  # one question has no spread
    assert list(run.metrics) == [name for name in METRICS if name in run.metrics]
    assert "success@1" not in run.metrics


def test_percentiles_of_the_times() -> None:
    run = Evaluation(tuple(outcome(i, elapsed_ms=float(i)) for i in range(101)))
    assert run.metrics == {"latency_p50_ms": 50, "latency_p95_ms": 95, "latency_p99_ms": 99}


def test_of_nothing_there_are_no_figures() -> None:
    run = Evaluation(())
    assert (run.metrics, run.intervals, run.counts, run.by_kind()) == ({}, {}, {}, {})


def yes_and_no(yes: int, total: int) -> Evaluation:
    return Evaluation(tuple(outcome(i, metrics={"answered_right": float(i < yes)}) for i in range(total)))


def test_the_bootstrap_interval_is_near_the_normal_one() -> None:
    # 240 of 400: .6 ± 1.96 · sqrt(.6 · .4 / 400) = .6 ± .048
    low, high = yes_and_no(240, 400).intervals["answered_right"]
    assert low == pytest.approx(0.552, abs=0.008)
    assert high == pytest.approx(0.648, abs=0.008)
    assert yes_and_no(240, 400).intervals == yes_and_no(240, 400).intervals
    # A quarter of the questions, twice the width.
    small = yes_and_no(60, 100).intervals["answered_right"]
    assert small[1] - small[0] == pytest.approx(4 * 1.96 * math.sqrt(0.6 * 0.4 / 400), abs=0.025)


def test_the_bootstrap_leaves_out_the_questions_without_a_value() -> None:
    others = tuple(outcome(i, answerable=False, metrics={"refused_unanswerable": 1.0}) for i in range(1000, 2000))
    alone = yes_and_no(240, 400)
    low, high = Evaluation(alone.outcomes + others).intervals["answered_right"]
    assert high - low == pytest.approx(2 * 1.96 * math.sqrt(0.6 * 0.4 / 400), abs=0.015)


def test_the_interval_of_a_figure_of_the_whole_set() -> None:
    # Hanley and McNeil, 1982: the standard error of an AUROC of A = 3/4 over 100 + 100 questions is
    # sqrt((A(1-A) + 99(A/(2-A) - A²) + 99(2A²/(1+A) - A²)) / 10000) = sqrt((.1875 + 99·.0375 + 99·.080357) / 10000) = .0345.
    # Exponential confidences of rates 1 and 3 have that A: P(X > Y) = 3 / (1 + 3).
    rng = np.random.default_rng(1)
    sure = [(value, True) for value in rng.exponential(1, 100)] + [
        (value, False) for value in rng.exponential(1 / 3, 100)
    ]
    run = Evaluation(
        tuple(
            outcome(i, answerable=yes, confidence=value, metrics={"answered_right": 0.0})
            for i, (value, yes) in enumerate(sure)
        )
    )
    low, high = run.intervals["auroc"]
    assert low < run.metrics["auroc"] < high
    assert high - low == pytest.approx(2 * 1.96 * 0.0345, rel=0.25)


def test_a_resample_of_one_class_is_left_out() -> None:
    run = Evaluation(
        (
            outcome(1, confidence=0.9, metrics={"answered_right": 1.0}),
            outcome(2, answerable=False, confidence=0.1, metrics={"refused_unanswerable": 1.0}),
        )
    )
    assert run.intervals["auroc"] == (1.0, 1.0)


# paired tests


def test_mcnemar_by_hand() -> None:
    # Ten pairs differ, nine of them for the better: 2 · (C(10,0) + C(10,1)) / 2^10 = 22/1024.
    a = floats(*[0] * 9, 1, *[1] * 20, *[0] * 5)
    b = floats(*[1] * 9, 0, *[1] * 20, *[0] * 5)
    tested = paired_mean(a, b)
    assert (tested.test, tested.p) == ("McNemar", pytest.approx(22 / 1024))
    assert tested.difference == pytest.approx((9 - 1) / 35)
    assert tested.interval is not None
    assert tested.interval[0] < 8 / 35 < tested.interval[1]
    back = paired_mean(b, a)
    assert (back.p, back.difference) == (pytest.approx(22 / 1024), pytest.approx(-8 / 35))


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [(0, 0, 1), (1, 0, 1), (1, 1, 1), (5, 0, 2 / 32), (6, 0, 2 / 64), (7, 1, 2 * (1 + 8) / 256), (5, 5, 1)],
)
def test_mcnemar_for_few_pairs(gained: int, lost: int, p: float) -> None:
    a = floats(*[0] * gained, *[1] * lost, 1, 0)
    b = floats(*[1] * gained, *[0] * lost, 1, 0)
    assert paired_mean(a, b).p == pytest.approx(p)


def enumerated(changes: Sequence[float]) -> float:
    """Share of all exchanges of signs whose sum is at least as far from 0 as the one that was seen."""
    seen = abs(sum(changes))
    sums = [
        sum(s * c for s, c in zip(signs, changes, strict=True))
        for signs in itertools.product((1, -1), repeat=len(changes))
    ]
    return sum(abs(value) >= seen - 1e-9 for value in sums) / len(sums)


@pytest.mark.parametrize(
    ("changes", "p"),
    [
        # All for the better: only that and its opposite are as far from 0.
        ([0.5, 0.25, 0.125, 0.5, 0.25, 0.375], 2 / 64),
        # Also all for the better, and with the other eighth for the worse: three, and their opposites.
        ([0.5, 0.25, 0.125, 0.5, 0.25, -0.125], 6 / 64),
        ([0.5, -0.5, 0.25, -0.25, 0.125, -0.125], 1),
        ([0.5, 0.25, -0.125, -0.25, 0.375, 0.125], None),
    ],
)
def test_randomisation_of_six_pairs_is_the_full_enumeration(changes: list[float], p: float | None) -> None:
    expected = enumerated(changes)
    if p is not None:
        assert expected == pytest.approx(p)
    b = 0.5 + floats(*changes) / 2
    a = b - floats(*changes)
    tested = paired_mean(a, b)
    assert (tested.test, tested.p) == ("randomisation", pytest.approx(expected))
    assert tested.difference == pytest.approx(sum(changes) / 6)
    # Questions that do not change say nothing about which is better, but the mean is over all.
    same = floats(0.3, 0.7, 0.9)
    wider = paired_mean(np.concatenate([same, a]), np.concatenate([same, b]))
    assert (wider.p, wider.difference) == (pytest.approx(expected), pytest.approx(sum(changes) / 9))


def test_randomisation_of_many_pairs_is_near_the_full_enumeration() -> None:
    changes = [0.5, 0.4, 0.3, -0.2, 0.1, 0.6, -0.3, 0.2, 0.5, -0.4, 0.35, -0.15, 0.25, 0.05, -0.1]
    b = 0.5 + floats(*changes) / 2
    tested = paired_mean(b - floats(*changes), b)
    assert tested.p == pytest.approx(enumerated(changes), abs=0.01)
    assert paired_mean(b - floats(*changes), b) == tested


def test_pairs_without_a_difference() -> None:
    tested = paired_mean(floats(0.5, 0.25), floats(0.5, 0.25))
    assert (tested.difference, tested.interval, tested.p) == (0, (0, 0), 1)


def test_one_pair_that_differs_proves_nothing() -> None:
    for a, b in ((floats(0.5, 0.5, 0.25), floats(0.5, 0.5, 0.75)), (floats(0.5), floats(1.0))):
        tested = paired_mean(a, b)
        assert (tested.difference, tested.p) == (pytest.approx(0.5 / len(a)), 1)


def columns_of(confidence: Sequence[float], correct: Sequence[bool]) -> measures.Columns:
    return measures.columns(
        [outcome(i, confidence=c, correct=r) for i, (c, r) in enumerate(zip(confidence, correct, strict=True))]
    )


def test_randomisation_of_a_figure_of_the_whole_set_is_near_the_full_enumeration() -> None:
    right = [True, False, False, True, False, True, False, True]
    before, after = [0.9, 1, 0.5, 1, 0.3, 0.1, 0.6, 0], [0.2, 0.4, 0.6, 0.2, 0, 0.9, 0.3, 1]

    def difference(swapped: Sequence[bool]) -> float:
        pairs = [(y, x) if swap else (x, y) for x, y, swap in zip(before, after, swapped, strict=True)]
        one, other = (selective.aurc(side, right) for side in zip(*pairs, strict=True))
        assert one is not None
        assert other is not None
        return other - one

    seen = difference([False] * 8)
    every = [difference(swapped) for swapped in itertools.product((False, True), repeat=8)]
    expected = sum(abs(value) >= abs(seen) - 1e-9 for value in every) / 256
    tested = paired_statistic(columns_of(before, right), columns_of(after, right), measures.statistic_of("aurc"))
    assert tested is not None
    assert tested.difference == pytest.approx(seen)
    assert 0.4 < expected < 0.6
    assert tested.p == pytest.approx(expected, abs=0.05)  # 999 draws: a standard error is 0.016


def test_a_figure_that_one_run_does_not_have_is_not_tested() -> None:
    a, b = columns_of([0.5, 0.6], [True, False]), columns_of([0.5, 0.6], [True, False])
    assert paired_statistic(a, b, measures.statistic_of("auroc")) is None  # nothing is unanswerable
    same = paired_statistic(a, b, measures.statistic_of("aurc"))
    assert same is not None
    assert (same.difference, same.p, same.interval) == (0, 1, (0, 0))
