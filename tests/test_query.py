"""What a question is understood to say: errors, mended words, abbreviations and synonyms."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import unicodedata
from pathlib import Path

import pytest
from fakes import COMMON, make_passage
from hypothesis import given
from hypothesis import strategies as st

import qa.query
from qa.abbreviations import find_abbreviations
from qa.errors import QuestionError
from qa.query import MAX_QUESTION, Vocabulary, check_question, understand
from qa.schema import Query, Term
from qa.text import stem, stems

TEXTS = [
    "Baricitinib got an emergency use authorization (EUA) on November 19, 2020.",
    "The EUA dose of baricitinib is 4 mg for 14 days.",
    "Ruxolitinib (Jakafi) inhibits JAK1 and JAK2; tofacitinib inhibits JAK3.",
    "Ruxolitinib was given to patients with graft-versus-host disease.",
    "Venous thromboembolism was rare. Thrombosis was seen with ruxolitinib.",
    "PE = pulmonary emboli; interleukin 6 (IL-6) was raised in COVID-19.",
    "Hospitalised patients with rheumatoid arthritis (RA) were treated in café 😀.",
]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    made = Vocabulary.of(make_passage(text, start=1000 * i) for i, text in enumerate(TEXTS))
    return Vocabulary.from_json(json.loads(json.dumps(made.to_json())), COMMON)


def term(query: Query, surface: str) -> Term:
    return next(term for term in query.terms if term.surface.lower() == surface.lower())


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        ("", "empty"),
        (" \t\n\u00a0", "empty"),
        ("x" * 1001, "1001 characters; the limit is 1000"),
        ("?!… — 😀", "no words"),
        ("12345 + 6", "no words"),
        ("какова доза барицитиниба", "script"),
        ("巴瑞替尼的剂量是多少", "script"),
        ("ما هي الجرعة", "script"),
        ("какова доза EUA", "script"),
        (None, "a question is text, not NoneType"),
        (7, "not int"),
        (b"what", "not bytes"),
    ],
)
def test_a_question_that_cannot_be_put(question: object, complaint: str, vocabulary: Vocabulary) -> None:
    with pytest.raises(QuestionError, match=complaint):
        check_question(question)
    with pytest.raises(QuestionError, match=complaint):
        understand(question, vocabulary)  # type: ignore[arg-type]


@pytest.mark.parametrize("question", ["dose \ud800", "\udfffwhat is the dose"])
def test_characters_that_are_no_text_never_reach_a_model(question: str) -> None:
    try:
        check_question(question).encode()
    except QuestionError as error:
        str(error).encode()


@pytest.mark.parametrize(
    "question",
    [
        "what is the dose",
        "dose 😀?",
        "the dose of 巴瑞 in trials",
        "IFN-γ and α levels",
        "is 5 µg enough",
        "¿dosis?",
        "x" * 1000,
        " " * 600 + "dose" + " " * 600,
        "Cafe\u0301 dose \u202e\u200f",
    ],
)
def test_a_question_that_can_be_put(question: str, vocabulary: Vocabulary) -> None:
    assert check_question(question) == question.strip()
    assert understand(question, vocabulary).question == question


def test_the_limit_is_a_thousand_characters() -> None:
    assert MAX_QUESTION == 1000


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_a_question_error(question: str) -> None:
    known = Vocabulary.of([make_passage(text) for text in TEXTS[:3]])
    try:
        query = understand(question, known)
    except QuestionError:
        return
    assert query.question == question
    for item in query.terms:
        assert item.variants
        assert all(item.variants)
        assert item.weight >= 0


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("ruxolitnib", "ruxolitinib"),
        ("ruxo", "ruxolitinib"),
        ("Ruxolitinob", "ruxolitinib"),
        ("baricitnib", "baricitinib"),
        ("barcitinib", "baricitinib"),
        ("thrombossis", "thrombosis"),
        ("emergancy", "emergency"),
        ("authorizaton", "authorization"),
    ],
)
def test_a_misspelt_word_is_mended(asked: str, meant: str, vocabulary: Vocabulary) -> None:
    query = understand(f"what is {asked}?", vocabulary)
    assert [(c.word, c.replacement) for c in query.corrections] == [(asked, meant)]
    assert query.text == f"what is {meant}?"
    assert query.question == f"what is {asked}?"
    assert term(query, meant).known


@pytest.mark.parametrize(
    "word",
    [
        "baricitinib",  # known
        "BARICITINIB",
        "inhibit",  # known in another form
        "abrocitinib",  # another drug: the first letter differs
        "upadacitinib",
        "fedratinib",
        "hotel",  # a frequent word of the language that the corpus lacks
        "weather",
        "count",
        "mended",
        "eua",
        "xyz",  # too short to be sure
        "qwerty",  # near nothing
        "NCT04401579",  # not all letters
        "JAK4",
        "clot",  # known to the lexicon
        "eczema",
    ],
)
def test_a_word_is_left_as_it_is(word: str, vocabulary: Vocabulary) -> None:
    query = understand(f"what is {word}?", vocabulary)
    assert query.corrections == ()
    assert query.text == query.question


def test_two_drugs_of_a_class_are_never_confused() -> None:
    known = Vocabulary.of([make_passage("Baricitinib, tofacitinib and fedratinib inhibit JAK.")])
    for drug in ("abrocitinib", "ruxolitinib", "upadacitinib", "filgotinib", "peficitinib", "pacritinib", "itacitinib"):
        assert understand(f"dose of {drug}", known).corrections == ()


def test_a_word_that_the_corpus_knows_is_never_mended_into_a_more_frequent_one() -> None:
    known = Vocabulary.of([make_passage("baricitinib", start=i) for i in range(9)] + [make_passage("baricitinob")])
    assert understand("dose of baricitinob", known).corrections == ()


def test_a_beginning_that_fits_several_words_is_not_completed() -> None:
    known = Vocabulary.of([make_passage("spirometry"), make_passage("spirogram"), make_passage("spirochaete")])
    assert understand("about spiro", known).corrections == ()


def test_an_abbreviation_is_searched_with_its_long_form_and_the_other_way(vocabulary: Vocabulary) -> None:
    short = term(understand("EUA dose", vocabulary), "EUA")
    long = term(understand("emergency use authorisation dose", vocabulary), "emergency use authorisation")
    assert short.variants[0] == ("eua",)
    assert tuple(stems("emergency use authorization")) in short.variants
    assert long.variants[0] == tuple(stems("emergency use authorization"))
    assert ("eua",) in long.variants
    assert ("pulmonari", "emboli") in term(understand("was PE seen", vocabulary), "PE").variants


@pytest.mark.parametrize("name", ["IL-6", "IL6", "interleukin 6", "interleukin-6"])
def test_a_numbered_name_is_found_in_each_spelling(name: str, vocabulary: Vocabulary) -> None:
    query = understand(f"was {name} raised", vocabulary)
    forms = {variant for item in query.terms for variant in item.variants}
    assert ("il6",) in forms
    assert ("interleukin", "6") in forms


def test_a_lay_word_is_searched_with_the_medical_one(vocabulary: Vocabulary) -> None:
    query = understand("can it cause a blood clot", vocabulary)
    assert (stem("thrombosis"),) in term(query, "blood clot").variants


def test_variants_that_the_corpus_lacks_are_left_out(vocabulary: Vocabulary) -> None:
    for item in understand("blood clot EUA PE ruxolitinib hotel", vocabulary).terms:
        if item.known:
            assert all(vocabulary.knows(variant) for variant in item.variants)
        else:
            assert len(item.variants) == 1
            assert not vocabulary.knows(item.variants[0])


def test_names_of_a_class_are_rivals(vocabulary: Vocabulary) -> None:
    assert term(understand("baricitinib dose", vocabulary), "baricitinib").rivals == {
        stem("ruxolitinib"),
        stem("tofacitinib"),
    }
    assert term(understand("abrocitinib dose", vocabulary), "abrocitinib").rivals >= {stem("baricitinib")}
    assert term(understand("what inhibits JAK2", vocabulary), "JAK2").rivals == {"jak1", "jak3"}
    assert not term(understand("the dose for 14 days", vocabulary), "14").rivals
    assert not term(understand("the dose of it", vocabulary), "dose").rivals


def test_a_term_asked_twice_counts_once_and_stop_words_not_at_all(vocabulary: Vocabulary) -> None:
    query = understand("what is the dose, the Dose or the doses of EUA and EUA?", vocabulary)
    assert [item.surface for item in query.terms] == ["dose", "EUA"]
    assert understand("what is it and who are they", vocabulary).terms == ()


def test_a_rare_word_weighs_more_than_a_common_one(vocabulary: Vocabulary) -> None:
    query = understand("jakafi ruxolitinib", vocabulary)
    assert term(query, "jakafi").weight > term(query, "ruxolitinib").weight > 0
    assert vocabulary.idf("jakafi") > vocabulary.idf(stem("ruxolitinib"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("an emergency use authorization (EUA) was", [("EUA", "emergency use authorization")]),
        ("interleukin 6 (IL-6)", [("IL-6", "interleukin 6")]),
        ("acute respiratory distress syndrome (ARDS; severe)", [("ARDS", "acute respiratory distress syndrome")]),
        ("VTE = venous thromboembolism; RA = rheumatoid arthritis", [
            ("VTE", "venous thromboembolism"), ("RA", "rheumatoid arthritis")]),
        ("Janus kinase (JAK) and tyrosine kinase 2 (TYK2)", [("JAK", "Janus kinase"), ("TYK2", "tyrosine kinase 2")]),
        ("the dose (see Table 2)", []),
        ("in 30 patients (45%)", []),
        ("(EUA) at the beginning", []),
        ("unrelated words here (XYZ)", []),
        ("was low (Figure)", []),
        ("", []),
    ],
)  # fmt: skip
def test_which_abbreviations_a_text_defines(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(found.short, text[found.start : found.end]) for found in find_abbreviations(text)] == expected


@given(st.text(alphabet="ABab (=;:.,-)\n1é", max_size=80))
def test_an_abbreviation_and_its_long_form_stand_in_the_text(text: str) -> None:
    for short, long in ((found.short, text[found.start : found.end]) for found in find_abbreviations(text)):
        assert short in text
        assert long in text


def test_counts_survive_the_disk(vocabulary: Vocabulary) -> None:
    again = Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json())), COMMON)
    assert again == vocabulary
    assert again.synonyms == vocabulary.synonyms
    assert vocabulary.passages == len(TEXTS)
    assert vocabulary.document_frequency[stem("ruxolitinib")] == 3
    assert all(unicodedata.is_normalized("NFKD", word) for word in vocabulary.spellings)


def test_no_passages_no_words() -> None:
    empty = Vocabulary.of([])
    assert understand("dose of baricitinib", empty).terms
    assert empty.passages == 0


def test_each_group_of_the_lexicon_holds_two_phrases_that_differ() -> None:
    path = Path(qa.query.__file__).parent / "lexicon.toml"
    groups = tomllib.loads(path.read_text(encoding="utf-8"))["groups"]
    assert len(groups) > 50
    useless = [group for group in groups if len({tuple(stems(phrase)) for phrase in group}) < 2]
    assert not useless
    empty = [phrase for group in groups for phrase in group if not stems(phrase)]
    assert not [phrase for phrase in empty if phrase not in ("%", "with")]


def test_a_thousand_characters_of_unknown_words_are_quick(vocabulary: Vocabulary) -> None:
    import time

    question = " ".join(f"rux{chr(97 + i % 26)}{chr(97 + i // 26)}tinob" for i in range(100))[:1000]
    begin = time.process_time()
    understand(question, vocabulary)
    assert time.process_time() - begin < 2


_SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from fakes import make_passage
from qa.query import Vocabulary, understand
texts = json.load(sys.stdin)
found = Vocabulary.of([make_passage(text, start=1000 * i) for i, text in enumerate(texts)])
asked = [understand(q, found) for q in ("what is ABC", "alpha beta cell", "which DEF", "rux dose", "thrombo risk")]
print(json.dumps([found.to_json(), [list(map(str, q.terms)) + [q.text] for q in asked]], sort_keys=True))
"""


def test_what_is_understood_does_not_depend_on_the_hash_seed() -> None:
    """Two long forms of one abbreviation, equally frequent, are where an unordered set would show."""
    longs = [
        "alpha beta cell",
        "acute bone cancer",
        "any big change",
        "a better cure",
        "all blood counts",
        "amber box cart",
    ]
    text = (
        " ".join(f"The {long} (ABC) and" for long in longs)
        + " deep eye fold (DEF); DEF = dull even fever; DEF = dry ear flap."
    )
    results = set()
    for seed in ("0", "1", "2", "3"):
        run = subprocess.run(
            [sys.executable, "-c", _SCRIPT, str(Path(__file__).parent)],
            input=json.dumps([text, *TEXTS]),
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        results.add(run.stdout)
    assert len(results) == 1
