"""What a question asks for, which words have that form, and which sentence answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder, make_document
from numpy.typing import NDArray

from qa.chunking import chunk
from qa.query import Vocabulary, understand
from qa.reader import EvidenceReader, Kind, expect
from qa.reader.evidence import ALONE, FEATURES, NO_SPAN, READ, SEEN
from qa.reader.expects import candidates
from qa.reader.spans import Candidate
from qa.reader.trained import Read
from qa.schema import Hit, Passage, Query, Span

NOTE = """# Zalutinib 😀

## Café study

The recommended dose of zalutinib is 5 mg twice daily for 10 days. It was approved on March 3, 2015, in 12 of 40 countries.

The recommended dose of mervostat is 80 mg once weekly. Mortality was 7.5% under mervostat (hazard ratio 0.81).

Table 1. Drugs of the study

| Drug | Maker | Dose | Indication |
| --- | --- | --- | --- |
| Zalutinib | Orex | 5 mg twice daily | gout |
| Mervostat | Plimco | 80 mg once weekly | migraine |
"""


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("what is the dose of zalutinib", Kind.DOSE),
        ("why was the dose reduced", Kind.REASON),
        ("why? (dose reduced)", Kind.REASON),
        ("what happens if a dose is missed", Kind.OTHER),
        ("who should not take the second dose", Kind.WHO),
        ("where did the first death occur", Kind.OTHER),
        ("what event started the war", Kind.OTHER),
        ("which organ controls the stress response", Kind.OTHER),
        ("what was the mortality in the control arm", Kind.PERCENTAGE),
        ("what response rate was seen", Kind.PERCENTAGE),
        ("isn't it toxic", Kind.YES_NO),
        ("do you know whether it is oral", Kind.YES_NO),
        ("how is remission defined", Kind.DEFINITION),
        ("how much zalutinib is given?", Kind.DOSE),
        ("zalutinib strength", Kind.DOSE),
        ("how long was it given?", Kind.DURATION),
        ("for how many weeks", Kind.DURATION),
        ("when was zalutinib approved", Kind.DATE),
        ("on what date did it get its licence", Kind.DATE),
        ("what percentage died", Kind.PERCENTAGE),
        ("28-day mortality", Kind.PERCENTAGE),
        ("what was the hazard ratio", Kind.RATIO),
        ("how much likelier is a clot", Kind.RATIO),
        ("how many patients took part?", Kind.COUNT),
        ("below what platelet count is it stopped", Kind.LIMIT),
        ("NCT number of the trial", Kind.TRIAL),
        ("how often is it taken", Kind.FREQUENCY),
        ("what does EUA stand for", Kind.DEFINITION),
        ("why was it stopped?", Kind.REASON),
        ("who makes zalutinib", Kind.WHO),
        ("is zalutinib safe?", Kind.YES_NO),
        ("are the doses the same?", Kind.YES_NO),
        ("name of the drug", Kind.OTHER),
        ("can you tell me the dose of zalutinib?", Kind.DOSE),
        ("Do you know when it was approved?", Kind.DATE),
        ("can zalutinib be crushed?", Kind.YES_NO),
        ("how many times higher was the risk?", Kind.RATIO),
        ("how many times is it given?", Kind.FREQUENCY),
    ],
)
def test_what_a_question_asks_for(question: str, kind: Kind) -> None:
    assert expect(question).kind is kind


@pytest.mark.parametrize(
    "question",
    [
        "which cytokines signal through JAK2?",
        "list the side effects",
        "what are the aims?",
        "Could you list the harms?",
    ],
)
def test_several_things_are_asked_for(question: str) -> None:
    assert expect(question).several


@pytest.mark.parametrize("question", ["what is the dose", "which drug was first", "who makes it", "what was the basis"])
def test_one_thing_is_asked_for(question: str) -> None:
    assert not expect(question).several


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        (Kind.DOSE, "5 to 20 mg orally twice daily, or 0.5 mg/kg", ["5 to 20 mg orally twice daily", "0.5 mg/kg"]),
        (
            Kind.DOSE,
            "10 mg/kg/day, 500 mg/5 mL, two tablets Twice daily",
            ["10 mg/kg/day", "500 mg/5 mL", "two tablets Twice daily"],
        ),
        (Kind.DOSE, "It cost $3 million and weighs 5 tonnes.", ["$3 million", "5 tonnes"]),
        (Kind.COUNT, "4.5 million people, 12–15 pupils, two thousand hens", ["4.5 million", "12–15", "two thousand"]),
        (Kind.COUNT, "18\u202f000 hens and three hundred eggs", ["18\u202f000", "three hundred"]),
        (Kind.DATE, "built in 1869 for 1500 men, rebuilt in 1954", ["1869", "1954"]),
        (Kind.FREQUENCY, "Every 15 minutes, later every four years", ["Every 15 minutes", "every four years"]),
        (Kind.LIMIT, "Less than 5% or At least 18 years", ["Less than 5%", "At least 18 years"]),
        (Kind.DOSE, "in COVID-19 the 8 g/dL level", []),
        (Kind.DATE, "from May 1 to May 9, 2020, and on 18 May 2020", ["May 1 to May 9, 2020", "18 May 2020"]),
        (Kind.DURATION, "4 mg per day for 14 days", ["14 days"]),
        (Kind.DURATION, "a 14-day period, 2 weeks, a median of 7 days", ["14-day", "2 weeks", "7 days"]),
        (Kind.PERCENTAGE, "5.1% against 7.8 %, in 12 of 14", ["5.1%", "7.8 %", "12 of 14"]),
        (Kind.LIMIT, "lymphocytes < 500/mm3 or at least 2 years of age", ["< 500/mm3", "at least 2 years"]),
        (Kind.COUNT, "COVID-19 struck more than 60 factors and three firms", ["more than 60", "three"]),
        (Kind.TRIAL, "NCT01234567, NCT07654321 and others", ["NCT01234567, NCT07654321"]),
        (Kind.RATIO, "a five-fold risk (P < .001)", ["five-fold", "P < .001"]),
        (Kind.RATIO, "a hazard ratio of 0·57 (95% CI 0·41–0·78)", ["0·57 (95% CI 0·41–0·78"]),
        (Kind.PERCENTAGE, "8·5% died", ["8·5%"]),
        (Kind.COUNT, "Twenty-one patients died, forty-two of 100", ["Twenty-one", "forty-two of 100"]),
        (Kind.DURATION, "Two weeks later, for twenty-one days", ["Two weeks", "twenty-one days"]),
        (
            Kind.TRIAL,
            "(EudraCT number 2020-001517-21; ISRCTN50189673)",
            ["EudraCT number 2020-001517-21", "ISRCTN50189673"],
        ),
        (Kind.TRIAL, "its EudraCT number is not told", []),
    ],
)
def test_words_of_a_form(kind: Kind, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in candidates(kind, text)] == found


@pytest.mark.parametrize("kind", list(Kind))
def test_patterns_are_quick_on_hostile_text(kind: Kind) -> None:
    for text in ("1 " * 20_000, "1-" * 20_000, "a " * 20_000, "NCT00000000," * 5_000, "May 1, " * 5_000):
        candidates(kind, text)  # the time limit of the test is the assertion


@pytest.fixture
def passages(tmp_path: Path, embedder: FakeEmbedder) -> list[Passage]:
    return chunk(make_document(tmp_path, "note.md", NOTE), embedder.count_pieces)


def best(
    question: str, passages: list[Passage], embedder: FakeEmbedder, common_words: Mapping[str, float] | None = None
) -> Span:
    query = understand(question, Vocabulary.from_json(Vocabulary.of(passages).to_json(), common_words))

    def similarity(query: Query, passage: Passage) -> NDArray[np.float32]:
        texts = [passage.slice(s.start, s.end) for s in passage.sentences]
        return np.asarray(embedder.embed_passages(texts) @ embedder.embed_queries([query.text])[0], np.float32)

    def alone(query: Query, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.asarray(embedder.embed_passages(texts) @ embedder.embed_queries([query.text])[0], np.float32)

    hits = [Hit(passage, 1.0, rank, "test") for rank, passage in enumerate(passages, start=1)]
    readings = EvidenceReader(similarity, alone).read(query, hits)
    assert len(readings) == len(hits)
    return max((span for reading in readings for span in reading.spans), key=lambda span: span.score)


def test_what_the_second_look_adds(tmp_path: Path, embedder: FakeEmbedder) -> None:
    """Of as many sentences as are looked at again: the cosine of each by itself, its gap, odds of the span, relevance."""
    text = " ".join(f"The dose of zalutinib was {i} mg in group {i}." for i in range(READ + 2))
    passages = chunk(make_document(tmp_path, "note.md", text), embedder.count_pieces)
    query = understand("what was the dose of zalutinib", Vocabulary.of(passages))

    def cosines(query: Query, passage: Passage) -> NDArray[np.float32]:
        return np.zeros(len(passage.sentences), np.float32)

    def alone(query: Query, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([0.9, *[0.5] * (len(texts) - 1)], np.float32)

    def network(pairs: Sequence[tuple[str, Passage]]) -> list[Read]:
        first = text.index("0 mg")
        return [Read(2.0, (Candidate(first, first + 4, 5.0, 0),) if p.start <= first < p.end else ()) for _, p in pairs]

    hits = [Hit(passage, 1.0, rank, "test") for rank, passage in enumerate(passages, start=1)]
    reader = EvidenceReader(cosines, alone, network)
    looked = reader.second_look(query, reader.evidence(query, hits))
    assert len(looked) == READ
    added = [item.features[len(FEATURES) :] for item in looked]
    assert all(len(values) == len(ALONE) + len(SEEN) for values in added)
    assert [values[0] for values in added] == pytest.approx([0.9, *[0.5] * (READ - 1)])
    assert [values[1] for values in added] == pytest.approx([0.0, *[-0.4] * (READ - 1)])
    odds = {item.sentence.start: values[2] for item, values in zip(looked, added, strict=True)}
    assert odds[0] == 5.0
    assert max(value for start, value in odds.items() if start) == NO_SPAN
    assert {values[3] for values in added} == {2.0}


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("what is the recommended dose of zalutinib", "5 mg twice daily"),
        ("what is the recommended dose of mervostat", "80 mg once weekly"),
        ("when was it approved", "March 3, 2015"),
        ("what was the mortality under mervostat", "7.5%"),
        ("hazard ratio under mervostat", "0.81"),
        ("maker of zalutinib", "Orex"),
        ("indication of mervostat", "migraine"),
        ("which drug has the indication gout", "Zalutinib"),
    ],
)
def test_the_words_that_answer(question: str, short: str, passages: list[Passage], embedder: FakeEmbedder) -> None:
    assert best(question, passages, embedder).text == short


def test_a_name_that_the_passage_lacks_lowers_relevance(passages: list[Passage], embedder: FakeEmbedder) -> None:
    known = best("what is the recommended dose of zalutinib", passages, embedder)
    other = best("what is the recommended dose of plurimab", passages, embedder)
    assert other.score < known.score


def test_another_drug_of_the_class_is_no_answer(tmp_path: Path, embedder: FakeEmbedder) -> None:
    """The sentence lacks the name either way; it says what another drug of the class does, or no drug at all."""

    def trust(name: str) -> float:
        note = f"# Doses\n\nThe recommended dose of {name} is 5 mg twice daily.\n\n# Others\n\nOrlinib came later.\n"
        made = chunk(make_document(tmp_path, "note.md", note), embedder.count_pieces)
        common = dict.fromkeys(["the", "recommended", "dose", "daily", "twice", "later", "doses", "tablets"], 0.5)
        return best("what is the recommended dose of orlinib", made, embedder, common).confidence or 0.0

    assert trust("zalutinib") < 0.5 * trust("tablets")


def test_a_header_row_answers_nothing(passages: list[Passage], embedder: FakeEmbedder) -> None:
    span = best("which maker, which dose, which indication of the drug", passages, embedder)
    assert not span.passage.slice(span.quote_start, span.quote_end).startswith("| Drug |")


@pytest.mark.parametrize(
    ("question", "text", "short"),
    [
        ("how many phase 3 trials are there", "It has 9 trials in Phase 2 and 5 trials in Phase 3.", "5"),
        ("how many patients were enrolled", "Those who needed no oxygen did best; 1,033 patients took part.", "1,033"),
        ("how many patients were ventilated", "Mechanical ventilation was needed by none of the patients.", "none"),
        ("how many trials are registered", "As of January 20, 2021 there were 27 registered trials.", "27"),
        ("what is orbital fever", "In orbital fever (OF) the eyes burn.", "In orbital fever (OF) the eyes burn."),
    ],
)  # fmt: skip
def test_what_counts_and_what_defines(
    question: str, text: str, short: str, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    made = chunk(make_document(tmp_path, "note.md", f"# Note\n\n{text}\n"), embedder.count_pieces)
    assert best(question, made, embedder).text == short


def test_the_cell_that_decides_and_a_header_that_is_short(passages: list[Passage], embedder: FakeEmbedder) -> None:
    assert best("is zalutinib made by Orex?", passages, embedder).text == "Orex"
    assert best("what is the maker name of zalutinib", passages, embedder).text == "Orex"
