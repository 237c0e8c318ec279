"""The questions written for the network to be trained on: what stands in their files, and how they are put."""

from __future__ import annotations

import json
import sys
import zlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "benchmarks"))

from reader_written import QUESTIONS, Written, read_written, taken_up  # noqa: E402


@pytest.mark.parametrize("name", ["papers", "wikipedia"])
def test_every_question_has_a_block_and_an_answer_or_none(name: str) -> None:
    questions = list(read_written(name))
    assert len(questions) > 5000
    for item in questions:
        assert item.question.strip() == item.question
        assert item.begin < item.end
        assert (item.answer is None) == (item.crc is None)
        if item.answer:
            assert 0 <= item.answer[0] < item.answer[1]
            if name == "papers":
                assert item.begin <= item.answer[0]
                assert item.answer[1] <= item.end


def test_places_are_kept_and_no_words_of_the_texts() -> None:
    for file in QUESTIONS.glob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert json.loads(line).keys() <= {
                "question",
                "source",
                "block",
                "answer",
                "exact",
                "crc",
                "typed",
                "before",
            }


def test_a_text_that_changed_is_noticed() -> None:
    text = "Zalutinib was given at 5 mg."
    item = Written("how much?", "00001", 0, len(text), (23, 27), True, zlib.crc32(b"5 mg"))
    assert item.words(text) == "5 mg"
    with pytest.raises(ValueError, match="how much"):
        item.words(" " + text)


def test_a_follow_up_carries_what_the_question_before_was_about() -> None:
    assert taken_up("and in children?", "What is the dose of zanamivir?") == "and in children? (dose zanamivir)"
    assert taken_up("why that dose?", "What is the dose of zanamivir?") == "why that dose? (zanamivir)"
