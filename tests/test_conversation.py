"""Follow-up questions lean on the one before; others do not."""

from __future__ import annotations

import pytest

from qa.conversation import standalone

BEFORE = ["who makes fedratinib", "what is the baricitinib EUA dose"]


@pytest.mark.parametrize("question", ["and for how long?", "since when?", "what about its side effects?", "why?"])
def test_a_leaning_question_gets_the_subject_of_the_last_one(question: str) -> None:
    asked = standalone(question, BEFORE)
    assert asked.startswith(question)
    assert "baricitinib EUA" in asked
    assert "fedratinib" not in asked


@pytest.mark.parametrize(
    "question", ["who makes upadacitinib?", "ruxolitinib dose in polycythemia vera", "Café 😀 trial size"]
)
def test_a_new_topic_is_left_alone(question: str) -> None:
    assert standalone(question, BEFORE) == question


def test_without_history_nothing_changes() -> None:
    assert standalone("and for how long?", []) == "and for how long?"


def test_a_question_without_a_subject_is_passed_over() -> None:
    assert "baricitinib" in standalone("and since when?", ["baricitinib EUA dose", "why?"])
