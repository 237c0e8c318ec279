"""Words, stems and sentences: nothing is lost, nothing is changed, and no input takes long."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qa.abbreviations import find_abbreviations
from qa.text import STOP_WORDS, fold, sentences, stem, stems, words

WORDS = (
    "Café 😀 dose 4 mg 10mg 0.5 .001 1,000 IL-6 COVID-19 IFN-γ et al. vs. P < = ( ) [12] i.e. e.g. Fig. 2 Dr. The end. Then! "
    "Why? “Quoted.” ‘x’ - – ; : U.S. no. 5µg e\u0301 \u200f \u202e ß İ ﬁ 臨床 試験。"
)
GAPS = [" ", "\n", "\n\n", "\r\n", "\t", "\u00ad", "\u00a0", "\u2028"]
ANY_TEXT = st.text(max_size=200) | st.lists(st.sampled_from([*WORDS.split(), *GAPS]), max_size=60).map(" ".join)


@given(ANY_TEXT)
def test_each_word_stands_where_it_says(text: str) -> None:
    end = 0
    for word in words(text):
        assert text[word.start : word.end] == word.text
        assert end <= word.start < word.end
        assert word.stem == stem(word.text)
        end = word.end


@given(ANY_TEXT)
def test_no_letter_or_digit_is_outside_a_word(text: str) -> None:
    inside = {i for word in words(text) for i in range(word.start, word.end)}
    assert not [c for i, c in enumerate(text) if c.isalnum() and i not in inside]


@given(ANY_TEXT)
@example("A.\u2028B. C.\x85D")
@example("It fell.\r\nThen it rose. \u202eRTL\u202c. End")
def test_sentences_cover_all_text_once_and_in_order(text: str) -> None:
    end = 0
    for start, stop in sentences(text):
        assert end <= start < stop
        assert not text[end:start].strip()
        assert text[start:stop] == text[start:stop].strip()
        end = stop
    assert not text[end:].strip()


@given(ANY_TEXT)
def test_sentences_are_the_same_each_time(text: str) -> None:
    assert sentences(text) == sentences(text)


@pytest.mark.parametrize(
    "sentence",
    [
        "Zhang et al. found it in 2020.",
        "Drug A vs. Placebo was tried.",
        "It fell (P < .001) and then rose.",
        "The first, i.e. Baricitinib, was given.",
        "Some drugs, e.g. Tofacitinib, block it.",
        "See Fig. 2 and Figs. 3 and 4 for this.",
        "The ratio was 1.29 (95% CI, 1.00 to 1.66; P = .04).",
        "The dose was 4.5 mg vs. 2.0 mg.",
        "It was cleared by the U.S. Food and Drug Administration.",
        "As Dr. Smith said, it works.",
        "Ref. 12 and no. 3 say so.",
        "Half (n = 30) took 0.5 mg of IL-6 inhibitors.",
    ],
)
def test_a_sentence_is_not_cut_within(sentence: str) -> None:
    text = f"Before it. {sentence} After it."
    assert [text[a:b] for a, b in sentences(text)] == ["Before it.", sentence, "After it."]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("They took 4 mg.", "Then they left."),
        ("They took it for 14 days.", "14 of them left."),
        ("It rose (P < .05).", "It fell."),
        ("It was 0.65.", "The other was 0.7."),
        ("The trial ended in 2020.", "IL-6 fell."),
        ("It was due to COVID-19.", "JAK1 is blocked."),
        ("It is approved by the FDA.", "Baricitinib is not."),
        ("Is it safe?", "Yes."),
        ("Stop!", "It is not safe."),
        ("He said “yes.”", "Then he left."),
        ("The answer is no.", "Then he left."),
        ("It was 5%.", "12% of patients died."),
        ("The cutoff holds (i.e., 5).", "Then it was raised."),
        ("The list had ① and (b).", "Café 😀 was open."),
        ("A first paragraph without a stop", "Another paragraph"),
    ],
)
def test_two_sentences_are_not_joined(first: str, second: str) -> None:
    gap = " " if first[-1] in ".?!”" else "\n\n"
    text = first + gap + second
    assert [text[a:b] for a, b in sentences(text)] == [first, second]


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("hospitalised", "hospitalized"),
        ("randomisation", "randomization"),
        ("tumours", "tumors"),
        ("anaemia", "anemia"),
        ("haemoglobin", "hemoglobin"),
        ("oedema", "edema"),
        ("paediatric", "pediatric"),
        ("analysed", "analyzed"),
        ("centre", "center"),
        ("behavioural", "behavioral"),
        ("leukaemia", "leukemia"),
        ("labelled", "labeled"),
        ("diarrhoea", "diarrhea"),
    ],
)
def test_british_and_american_spelling_have_one_stem(british: str, american: str) -> None:
    assert stem(british) == stem(american)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10mg", ["10", "mg"]),
        ("10 mg", ["10", "mg"]),
        ("0.5mg/kg", ["0.5", "mg", "kg"]),
        ("5-10 mg", ["5", "10", "mg"]),
        ("24h 14d 1.5x", ["24", "h", "14", "d", "1.5", "x"]),
        ("IL-6", ["il6"]),
        ("IL6", ["il6"]),
        ("il‑6", ["il6"]),
        ("COVID-19", ["covid19"]),
        ("COVID19", ["covid19"]),
        ("ACTT-2", ["actt2"]),
        ("IFN-γ", ["ifngamma"]),
        ("1,000 patients", ["1000", "patient"]),
        ("Crohn’s Crohn's", ["crohn", "crohn"]),
        ("JAK1/JAK2", ["jak1", "jak2"]),
        ("m2 NCT04401579", ["m2", "nct04401579"]),
        ("The dose of the drug", ["dose", "drug"]),
        ("", []),
    ],
)
def test_what_is_compared(text: str, expected: list[str]) -> None:
    assert stems(text) == expected


def test_the_two_signs_for_micro_are_one() -> None:
    assert stems("5µg") == stems("5μg") == stems("5 μg") == stems("5 µg")


@pytest.mark.parametrize("word", ["Café", "résumé", "naïve", "Sjögren", "Ångström"])
def test_accents_make_no_difference_however_they_are_written(word: str) -> None:
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    assert stems(word) == stems(unicodedata.normalize("NFD", word)) == stems(plain.lower())


def test_folding_keeps_no_case_and_no_accent() -> None:
    assert fold("IFN-γ CAFÉ ﬁbre") == "ifn-gamma cafe fibre"
    assert all(fold(word) == word for word in STOP_WORDS)


def test_a_stop_word_is_its_own_stem() -> None:
    assert all(stem(word) == word for word in STOP_WORDS)


def _all_sentences(text: str) -> object:
    return sentences(text)


def _all_words(text: str) -> object:
    return sum(1 for _ in words(text))


HOSTILE = [
    "a",
    "1",
    "1,",
    "1.",
    "a-",
    "a-1-",
    "a'",
    "α",
    "(",
    "(A",
    "vs. ",
    "( A.",
    "A. ",
    "“",
    " ",
    "\n",
    "et al. (",
    "AB=a",
    "x (X",
]


@pytest.mark.parametrize("reader", [_all_words, _all_sentences, find_abbreviations])
@pytest.mark.parametrize("unit", HOSTILE)
def test_time_grows_with_the_length_of_hostile_text(reader: Callable[[str], object], unit: str) -> None:
    def seconds(size: int) -> float:
        best = float("inf")
        for turn in range(3):
            text = (unit * (size // len(unit) + 1))[: size - 1] + str(turn)
            begin = time.process_time()
            reader(text)
            best = min(best, time.process_time() - begin)
        return best

    short, long = seconds(8_000), seconds(32_000)
    assert long < 10 * short + 0.05, f"{short:.4f} s, four times the text {long:.4f} s"


def test_an_endless_word_is_quick() -> None:
    begin = time.process_time()
    assert len(list(words("a" * 1_000_000))) == 1
    assert len(sentences("word " * 40_000)) == 1
    assert time.process_time() - begin < 5
