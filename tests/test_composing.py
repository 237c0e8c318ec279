"""What an answer is made of: one span, members of a list, rows of a table, two sides; and the other values beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEmbedder, make_document

from qa.chunking import chunk
from qa.query import Vocabulary, understand
from qa.reader import Kind, compose, expect, other_values, sides
from qa.reader.values import value_of
from qa.schema import Apart, Passage, Query, Sentence, Span, Term
from qa.text import stem

Of = Callable[[str], list[Passage]]
Chunked = Callable[[str], list[Passage]]

NOTE = """# Zalutinib 😀

## Harms

The harms of zalutinib are hiccups, sore thumbs (SOT) and Café fever in most patients. Mervostat caused headache.

## Doses

Table 1. Drugs of the study

| Drug | Targets | Indication | Dose |
| --- | --- | --- | --- |
| Zalutinib | KAP1, KAP2 | gout | 5 mg twice daily |
| Zalutinib | KAP1, KAP2 | migraine | 20 mg once daily |
| Mervostat | KAP2 | gout | 80 mg once weekly |
| Orlinib | KAP3 | gout | 1 mg once daily |

## Recovery

Recovery took 14 days on zalutinib. Recovery took 9 days on mervostat.
"""

OTHER_WORK = """# Orlinib and zalutinib

## Recovery

Recovery took 20 days on zalutinib. Recovery took two weeks on zalutinib in children.
"""


@pytest.fixture
def passages(tmp_path: Path, embedder: FakeEmbedder) -> list[Passage]:
    documents = [make_document(tmp_path, "note.md", NOTE), make_document(tmp_path, "other.md", OTHER_WORK)]
    return [passage for document in documents for passage in chunk(document, embedder.count_pieces)]


@pytest.fixture
def of_document(passages: list[Passage]) -> Of:
    return lambda doc_id: [passage for passage in passages if passage.doc_id == doc_id]


@pytest.fixture
def chunked(tmp_path: Path, embedder: FakeEmbedder) -> Chunked:
    """The passages of a document of that text."""
    return lambda text: chunk(make_document(tmp_path, "one.md", text), embedder.count_pieces)


def ask(question: str, passages: list[Passage]) -> Query:
    return understand(question, Vocabulary.of(passages))


def spans(passages: list[Passage], *wanted: tuple[str, str]) -> list[Span]:
    """A span for each pair of words of a quote and of the span in it ("" for the whole quote), best first."""
    found = []
    for rank, (quoted, words) in enumerate(wanted):
        for passage in passages:
            for s in passage.sentences:
                text = passage.slice(s.start, s.end)
                if quoted in text:
                    a = s.start + text.index(words)
                    b = a + len(words) if words else s.end
                    found.append(Span(passage, a, b, passage.slice(a, b), 0.9 - 0.1 * rank, s.start, s.end))
                    break
            else:
                continue
            break
    assert len(found) == len(wanted)
    return found


def test_members_of_a_sentence_are_spans_of_one_quote(passages: list[Passage], of_document: Of) -> None:
    best = spans(passages, ("hiccups", ""))
    made = compose(ask("which harms does zalutinib have?", passages), best, of_document)
    assert [span.text for span in made] == ["hiccups", "sore thumbs", "Café fever"]
    assert {(span.quote_start, span.quote_end) for span in made} == {(best[0].quote_start, best[0].quote_end)}
    assert all(span.passage.slice(span.start, span.end) == span.text for span in made)


def test_two_halves_of_a_sentence_are_no_list(chunked: Chunked) -> None:
    text = "Zalutinib is given with water twice daily, and the count of platelets decides how much is enough."
    made = chunked(f"# Doses\n\n{text}\n")
    (span,) = compose(ask("which drugs were given with zalutinib", made), spans(made, (text, text)), lambda _: made)
    assert span.text == text


def test_a_list_that_holds_what_is_asked_about_is_not_the_answer(chunked: Chunked) -> None:
    text = "Zalutinib was licensed for gout, migraine and hiccups."
    made = chunked(f"# Uses\n\n{text}\n")
    (span,) = compose(ask("which drugs were licensed for gout", made), spans(made, (text, text)), lambda _: made)
    assert span.text == text


def test_from_a_cell_to_all_rows_though_one_was_retrieved(passages: list[Passage], of_document: Of) -> None:
    best = spans(passages, ("| gout | 80 mg", "Mervostat"))
    made = compose(ask("which drugs target KAP2?", passages), best, of_document)
    assert [span.text for span in made] == ["Zalutinib", "Mervostat"]
    assert len({span.passage.passage_id for span in made}) == 2


def test_what_a_sentence_tells_of_one_row_is_asked_of_all(passages: list[Passage], of_document: Of) -> None:
    best = spans(passages, ("Mervostat caused headache", "headache"))
    made = compose(ask("which medicines have KAP2 as target?", passages), best, of_document)
    assert [span.text for span in made] == ["Zalutinib", "Mervostat"]
    of_one = compose(ask("which complaints did mervostat cause?", passages), best, of_document)
    assert [span.text for span in of_one] == ["headache"]


def test_rows_that_say_the_same_answer_what_no_look_up_can(chunked: Chunked) -> None:
    table = """| Drug | Alert |
| --- | --- |
| Zalutinib | no alert for gout |
| Mervostat | alert for hiccups |
| Orlinib | no alert for gout |
"""
    made = chunked(f"# Alerts\n\n{table}")
    best = spans(made, ("Orlinib", "Orlinib"))
    chosen = compose(ask("which drugs have no alert for gout?", made), best, lambda _: made)
    assert [span.text for span in chosen] == ["Zalutinib", "Orlinib"]


def test_rows_of_the_same_cell_are_not_added_where_one_of_them_is_excluded(chunked: Chunked) -> None:
    table = "| Drug | Targets |\n| --- | --- |\n| Zalutinib | KAP2 |\n| Mervostat | KAP2 |\n| Orlinib | KAP3 |\n"
    made = chunked(f"# Targets\n\n{table}")
    best = spans(made, ("Mervostat", "Mervostat"))
    for asked in ("which drugs target KAP2 except zalutinib?", "which drugs other than zalutinib target KAP2?"):
        assert [span.text for span in compose(ask(asked, made), best, lambda _: made)] == ["Mervostat"]


def test_a_sentence_that_lists_more_than_the_table_keeps_its_list(chunked: Chunked) -> None:
    text = "Zalutinib and mervostat have KAP2 as target."
    rows = "| Zalutinib | KAP2 | gout |\n| Zalutinib | KAP2 | colds |\n| Orlinib | KAP3 | gout |\n"
    table = f"| Drug | Targets | Use |\n| --- | --- | --- |\n{rows}"
    made = chunked(f"# Targets\n\n{text}\n\n{table}")
    best = spans(made, (text, "Zalutinib and mervostat"))
    chosen = compose(ask("which medicines have KAP2 as target?", made), best, lambda _: made)
    assert [span.text for span in chosen] == ["Zalutinib", "mervostat"]


def test_a_column_is_asked_for_by_a_word_of_the_same_meaning(passages: list[Passage], of_document: Of) -> None:
    best = spans(passages, ("| gout | 5 mg", "5 mg twice daily"))
    made = compose(ask("what are the two uses of zalutinib in the dose table?", passages), best, of_document)
    assert [span.text for span in made] == ["gout", "migraine"]


def test_members_follow_such_as_and_leave_out_what_the_question_says(chunked: Chunked) -> None:
    text = "Caution holds for patients at risk of gout, such as old age, obesity, recent surgery or gout."
    made = chunked(f"# Risks\n\n{text}\n")
    best = spans(made, (text, "patients at risk of gout, such as old age, obesity, recent surgery or gout"))
    chosen = compose(ask("which characteristics call for caution because of gout?", made), best, lambda _: made)
    assert [span.text for span in chosen] == ["old age", "obesity", "recent surgery"]


@pytest.mark.parametrize(
    ("text", "pointed", "members"),
    [
        (  # grammar tells the beginning, the network the end
            "Envoys, doctors and smiths travel free of gout.",
            "doctors and smiths",
            ["Envoys", "doctors", "smiths"],
        ),
        (  # what was pointed at does not begin where a member of the enumeration does
            "At six months, 1,604 survivors were asked about gout, walking and return to work.",
            "gout, walking and return to work",
            ["gout", "walking", "return to work"],
        ),
        (
            "It was a tube, an oxygen share of 50% or more, or a score above 120.",
            "a tube, an oxygen share of 50% or more, or a score above 120",
            ["a tube", "an oxygen share of 50% or more", "a score above 120"],
        ),
        (
            "It caused rash, infections including shingles and thrush, and fever.",
            "rash, infections including shingles and thrush, and fever",
            ["rash", "infections including shingles", "thrush", "fever"],
        ),
        ("Blood groups in the study were B, AB, O and A.", "B, AB, O and A", ["B", "AB", "O", "A"]),
        (
            "It holds for obesity, diabetes or older age.",
            "obesity, diabetes or older age",
            ["obesity", "diabetes", "older age"],
        ),
    ],
)
def test_members_are_what_was_pointed_at_and_what_goes_on_from_it(
    text: str, pointed: str, members: list[str], chunked: Chunked
) -> None:
    made = chunked(f"# Members\n\n{text}\n")
    chosen = compose(ask("which topics were there?", made), spans(made, (text, pointed)), lambda _: made)
    assert [span.text for span in chosen] == members


def test_a_table_answers_though_a_sentence_of_its_document_was_read(passages: list[Passage], of_document: Of) -> None:
    best = spans(passages, ("Mervostat caused headache", ""))
    made = compose(ask("which drugs have the indication gout?", passages), best, of_document)
    assert [span.text for span in made] == ["Zalutinib", "Mervostat", "Orlinib"]


@pytest.mark.parametrize(
    ("question", "pointed", "column"),
    [
        ("name all drugs of the study", "gout", ["Zalutinib", "Mervostat", "Orlinib"]),
        ("which ailments are in the study", "gout", ["gout", "migraine"]),
    ],
)
def test_a_whole_column_where_no_row_is_named(
    question: str, pointed: str, column: list[str], passages: list[Passage], of_document: Of
) -> None:
    """That of the header asked for, else the one pointed at; a word of the caption names no row."""
    made = compose(ask(question, passages), spans(passages, ("| gout | 5 mg", pointed)), of_document)
    assert [span.text for span in made] == column


def test_a_number_of_the_caption_names_no_row_and_hides_none(passages: list[Passage], of_document: Of) -> None:
    """The 1 of "Table 1" is not that of KAP1."""
    made = compose(
        ask("which drugs target KAP1?", passages), spans(passages, ("| gout | 5 mg", "Zalutinib")), of_document
    )
    assert [span.text for span in made] == ["Zalutinib"]


@pytest.mark.parametrize(
    "question", ["which drugs help against sore thumbs", "which drugs of the study have no targets"]
)
def test_a_condition_that_no_row_was_matched_to_gets_no_whole_column(
    question: str, passages: list[Passage], of_document: Of
) -> None:
    made = compose(ask(question, passages), spans(passages, ("| gout | 1 mg", "Orlinib")), of_document)
    assert [span.text for span in made] == ["Orlinib"]


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("which drugs come without the target KAP2?", "| gout | 1 mg"),
        ("which drugs target KAP2 except zalutinib?", "| gout | 80 mg"),
        ("which drugs other than zalutinib target KAP2?", "| gout | 80 mg"),
    ],
)
def test_what_rows_are_not_or_all_but_one_is_not_looked_up(
    question: str, row: str, passages: list[Passage], of_document: Of
) -> None:
    """Every row that holds KAP2 would be the opposite of what is asked; the row that was trusted most is left."""
    drug = "Orlinib" if row.endswith("1 mg") else "Mervostat"
    made = compose(ask(question, passages), spans(passages, (row, drug)), of_document)
    assert [span.text for span in made] == [drug]


def test_a_hyphen_in_what_is_asked_for_does_not_hide_its_column(chunked: Chunked) -> None:
    table = "| Drug | Side-effects |\n| --- | --- |\n| Zalutinib | hiccups |\n| Mervostat | headache |\n"
    made = chunked(f"# Harms\n\nTable 1. Harms of the study\n\n{table}")
    for question in ("which side-effects are in the study?", "which side effects are in the study?"):
        found = compose(ask(question, made), spans(made, ("hiccups", "Zalutinib")), lambda _: made)
        assert [span.text for span in found] == ["hiccups", "headache"]


@pytest.mark.parametrize(
    ("question", "text", "pointed", "values"),
    [
        ("which doses were tested?", "The doses tested were 2 mg and 4 mg once daily.", "2 mg", ["2 mg", "4 mg once daily"]),
        ("on which dates was it approved?", "It was approved on May 8, 2020 and July 1, 2021.", "July 1, 2021",
         ["May 8, 2020", "July 1, 2021"]),
        ("between which dates was it given?", "It was given from March 16 to March 30, 2020.",
         "March 16 to March 30, 2020", ["March 16", "March 30, 2020"]),
        ("between which dates was it given?", "It was given from 2020-05-08 to 2020-07-01.", "2020-05-08",
         ["2020-05-08", "2020-07-01"]),
        ("which doses were tested?", "A dose of 2 mg was tested, and later one of 4 mg.", "2 mg", ["2 mg"]),
    ],
)  # fmt: skip
def test_values_that_stand_in_a_row(
    question: str, text: str, pointed: str, values: list[str], chunked: Chunked
) -> None:
    made = chunked(f"# Dates and doses of zalutinib\n\n{text}\n")
    found = compose(ask(question, made), spans(made, (text, pointed)), lambda _: made)
    assert [span.text for span in found] == values


def test_a_side_that_nobody_trusts_is_no_side(passages: list[Passage], of_document: Of) -> None:
    first, second = spans(passages, ("14 days", "14 days"), ("9 days", "9 days"))
    made = compose(ask("compare zalutinib with mervostat", passages), [first, replace(second, score=0.0)], of_document)
    assert made == [first]


def test_greek_letters_of_what_is_compared(chunked: Chunked) -> None:
    text = "IFN-γ signals through one receptor.\n\nIFN-α signals through another."
    made = chunked(f"# Signals\n\n{text}\n")
    ranked = spans(made, ("IFN-γ signals", "one receptor"), ("IFN-α signals", "another"))
    found = compose(ask("what is the difference between IFN-γ and IFN-α?", made), ranked, lambda _: made)
    assert [span.text for span in found] == ["one receptor", "another"]


BULLETS = """# Permits

## What to bring

You need the following papers:

- a passport;
- two photos of your face
- bank statement of the last month.

Zalutinib is not needed.
"""


@pytest.mark.parametrize("read", ["two photos", "the following papers"])
def test_items_under_a_leading_line_are_members_with_a_quote_each(chunked: Chunked, read: str) -> None:
    made = chunked(BULLETS)
    found = compose(ask("which papers are needed?", made), spans(made, (read, "")), lambda _: made)
    assert [span.text for span in found] == [
        "a passport",
        "two photos of your face",
        "bank statement of the last month",
    ]
    assert len({span.quote_start for span in found}) == 3
    assert all(span.passage.slice(span.start, span.end) == span.text for span in found)


def test_items_under_a_line_of_something_else_are_not_listed(chunked: Chunked) -> None:
    made = chunked(BULLETS)
    assert len(compose(ask("what do you need?", made), spans(made, ("two photos", "")), lambda _: made)) == 3
    assert (
        len(compose(ask("what is the list of papers?", made), spans(made, ("the following", "")), lambda _: made)) == 3
    )
    query = ask("which photos did zalutinib damage at night?", made)
    found = compose(query, spans(made, ("two photos", "")), lambda _: made)
    assert [span.text for span in found] == ["two photos of your face"]


def test_items_that_the_reader_points_at_together_are_the_answer(chunked: Chunked) -> None:
    made = chunked(BULLETS)
    text = made[0].text
    first, last = made[0].start + text.index("a passport"), made[0].start + text.index(" of your face")
    question = ask("why did they send Zoe home without her visa?", made)
    for read in ("two photos", "the following papers"):
        (span,) = spans(made, (read, ""))
        found = compose(question, [replace(span, listed=(first, last))], lambda _: made)
        assert [member.text.split()[-1] for member in found] == ["passport", "face", "month"]  # most of it: all
        assert all(member.passage.slice(member.start, member.end) == member.text for member in found)


def test_no_list_is_pointed_at_where_a_value_or_a_yes_is_asked_for(chunked: Chunked) -> None:
    made = chunked(BULLETS)
    (span,) = spans(made, ("two photos", ""))
    listed = replace(span, listed=(span.start - 5, span.end + 5))
    for question in ("how many photos of your face?", "do you need two photos?"):
        assert compose(ask(question, made), [listed], lambda _: made) == [listed]
    assert compose(ask("which papers are needed?", made), [listed], lambda _: ())


@pytest.mark.parametrize(
    ("listed", "first", "last", "members"),
    [
        pytest.param(
            "- Others:\n- a yew", "an oak", " lime", ["an oak", "an ash", "a lime"], id="up to a line that leads"
        ),
        pytest.param("- a yew", "an ash", "lime", ["an ash", "a lime"], id="less than most is no more"),
    ],
)
def test_what_of_a_list_is_pointed_at(chunked: Chunked, listed: str, first: str, last: str, members: list[str]) -> None:
    made = chunked(f"# Trees\n\nThe trees are:\n\n- an oak\n- an ash\n- a lime\n{listed}\n")
    places = made[0].start + made[0].text.index(first), made[0].start + made[0].text.index(last)
    (span,) = spans(made, ("an ash", ""))
    found = compose(ask("which trees are there?", made), [replace(span, listed=places)], lambda _: made)
    assert [member.text for member in found] == members


def test_a_flattened_table_beside_a_list_is_no_list(chunked: Chunked) -> None:
    made = chunked(BULLETS)
    prose, row = made[0], " Alpha 1 2 Beta 3 4"
    window = (Sentence(900, 910), Sentence(905, 919))  # windows over a table whose rows are not known overlap
    table = replace(prose, passage_id="t", start=900, end=919, text=row, kind="table", sentences=window)
    found = compose(ask("which papers are needed?", made), spans(made, ("two photos", "")), lambda _: [table, *made])
    assert len(found) == 3


def test_a_list_goes_on_in_the_next_passage(chunked: Chunked) -> None:
    listed = "\n".join(f"- item {i} of the {'very ' * 12}long list" for i in range(12))
    made = chunked(f"# Permits\n\nThe items are:\n\n{listed}\n")
    assert len(made) > 1
    found = compose(ask("which items are there?", made), spans(made, ("item 3", "")), lambda _: made)
    assert [span.text.split()[1] for span in found] == [str(i) for i in range(12)]


def test_each_row_whose_key_is_named_gives_its_cell(passages: list[Passage], of_document: Of) -> None:
    best = spans(passages, ("| gout | 80 mg", "80 mg once weekly"))
    made = compose(ask("which indications do mervostat and orlinib have?", passages), best, of_document)
    assert {span.quote.split("|")[1].strip() for span in made} == {"Mervostat"}  # both cells say gout, which comes once
    made = compose(ask("what are the doses of mervostat and orlinib?", passages), best, of_document)
    assert [span.text for span in made] == ["80 mg once weekly", "1 mg once daily"]


def test_what_was_chosen_for_a_follow_up_stays_first_though_another_span_scores_more(
    passages: list[Passage], of_document: Of
) -> None:
    ranked = spans(passages, ("hiccups", ""), ("Recovery took 14", ""))
    chosen = [replace(ranked[0], score=0.2), replace(ranked[1], score=0.6)]
    found = compose(ask("which harms are there?", passages), chosen, of_document)
    assert [span.text for span in found] == ["hiccups", "sore thumbs", "Café fever"]


def test_members_of_what_was_pointed_at(chunked: Chunked) -> None:
    """Where it begins and ends is not guessed anew, and a preposition that is said again belongs to no member."""
    text = "Kept out were patients with gout, with sore thumbs at entry or with a transplant from a twin."
    made = chunked(f"# Zalutinib\n\n{text}\n")
    best = spans(made, (text, "gout, with sore thumbs at entry or with a transplant from a twin"))
    found = compose(ask("which patients could not take part", made), best, lambda _: made)
    assert [span.text for span in found] == ["gout", "sore thumbs at entry", "a transplant from a twin"]


def test_from_a_row_to_the_members_of_its_cell(passages: list[Passage], of_document: Of) -> None:
    best = spans(passages, ("| gout | 5 mg", "gout"))
    made = compose(ask("which targets does zalutinib have?", passages), best, of_document)
    assert [span.text for span in made] == ["KAP1", "KAP2"]


def test_one_thing_is_one_span(passages: list[Passage], of_document: Of) -> None:
    best = spans(passages, ("14 days", "14 days"), ("9 days", "9 days"))
    assert compose(ask("how long is the recovery on zalutinib?", passages), best, of_document) == best[:1]


def test_two_things_compared_have_a_quote_each(passages: list[Passage], of_document: Of) -> None:
    ranked = spans(passages, ("14 days", "14 days"), ("20 days", "20 days"), ("9 days", "9 days"))
    made = compose(ask("compare zalutinib with mervostat", passages), ranked, of_document)
    assert [span.text for span in made] == ["14 days", "9 days"]


@pytest.mark.parametrize(
    ("question", "compared"),
    [
        ("What is the difference between zalutinib and mervostat?", ("zalutinib", "mervostat")),
        ("mortality with zalutinib versus placebo", ("zalutinib", "placebo")),
        ("compare zalutinib and mervostat in sore thumbs", ("zalutinib", "mervostat")),
        ("patients with gout versus patients with fever", ("patients with gout", "patients with fever")),
        ("How do zalutinib and mervostat differ?", ("zalutinib", "mervostat")),
        ("Which is safer, zalutinib or mervostat?", ("zalutinib", "mervostat")),
        ("How does zalutinib compare with mervostat?", ("zalutinib", "mervostat")),
        ("How is zalutinib different from mervostat?", ("zalutinib", "mervostat")),
        ("Which drug is cheaper, zalutinib or mervostat?", ("zalutinib", "mervostat")),
        ("How did survival differ between men and women?", ("men", "women")),
        ("How long was zalutinib given?", ()),
    ],
)
def test_what_is_compared(question: str, compared: tuple[str, ...]) -> None:
    assert expect(question).compared == compared


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("which company makes zalutinib?", False),
        ("which drug comes from Orex?", False),
        ("what lab count decides the dose?", False),
        ("which of the low blood counts matter", True),
        ("which blood counts should I look out for?", True),
        ("side effects of zalutinib", True),
        ("zalutinib metabolic side effects", True),
        ("why are there side effects?", False),
        ("G-CSF, which raises neutrophils: what is its family?", False),
        ("which enzyme degrades proteins?", False),
        ("which trial enrolled patients in Brazil?", False),
        ("which newly approved drugs are oral?", True),
        ("which people are at risk?", True),
        ("which criteria were used?", True),
        ("who were the members of the board?", True),
        ("what happens in summer?", False),
        ("what are hernias?", False),
        ("what are the symptoms?", True),
        ("what are common symptoms?", True),
    ],
)
def test_whether_several_are_asked_for(question: str, several: bool) -> None:
    assert expect(question).several is several


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("who makes zalutinib and orlinib?", ["who makes zalutinib?", "who makes orlinib?"]),
        ("Compare the dose of zalutinib with that of orlinib", ["the dose of zalutinib", "the dose of orlinib"]),
        ("difference between zalutinib and orlinib in gout", ["zalutinib in gout", "orlinib in gout"]),
        ("who makes zalutinib and who makes orlinib?", ["who makes zalutinib?", "who makes orlinib?"]),
        ("deaths in New Hadrel and in North Averil?", ["deaths in New Hadrel?", "deaths in North Averil?"]),
        ("is zalutinib or orlinib safer?", []),
        ("is it given with zalutinib to orlinib users?", []),
        ("who makes zalutinib for orlinib users?", []),
        ("who makes zalutinib and the placebo?", []),
    ],
)
def test_a_question_about_two_things_is_put_to_each(question: str, asked: list[str], passages: list[Passage]) -> None:
    query = ask(question, passages)
    names = ("nib", "Hadrel", "Averil")
    query = replace(query, terms=tuple(replace(term, named=term.surface.endswith(names)) for term in query.terms))
    assert [side.text for side in sides(query)] == asked


def test_values_of_a_cell_are_listed_without_what_is_said_of_them(chunked: Chunked) -> None:
    table = """| Drug | Dose |
| --- | --- |
| Zalutinib | 5 mg twice daily, or else 11 mg once daily, by mouth |
| Mervostat | 80 mg; according to weight |
"""
    made = chunked(f"# Doses\n\n{table}")
    found = compose(ask("what are the doses of zalutinib?", made), spans(made, ("Zalutinib", "")), lambda _: made)
    assert [span.text for span in found] == ["5 mg twice daily", "11 mg once daily"]


def others(question: str, ranked: list[Span], of_document: Of) -> list[tuple[str, Apart]]:
    names = [word for word in ("recovery", "zalutinib", "dose") if word in question]
    query = Query(question, question, tuple(Term(name, ((stem(name),),), 2.0, named=True) for name in names))
    chosen = compose(query, ranked, of_document)
    found = other_values(query, chosen, ranked[1:], of_document, lambda doc_id: doc_id)
    return [(span.text, apart) for span, apart in found]


def test_other_rows_are_other_values_told_apart_by_their_cells(passages: list[Passage], of_document: Of) -> None:
    ranked = spans(passages, ("| gout | 5 mg", "5 mg twice daily"))
    found = others("what is the dose of zalutinib?", ranked, of_document)
    assert [(text, apart.value, apart.row) for text, apart in found] == [
        ("20 mg once daily", "20 mg once", ("migraine",))
    ]


def test_the_same_value_in_other_words_is_no_other(passages: list[Passage], of_document: Of) -> None:
    ranked = spans(passages, ("14 days", "14 days"), ("two weeks", "two weeks"))
    assert others("how long is the recovery on zalutinib?", ranked, of_document) == []


def test_two_works_that_contradict_each_other_are_said_to(passages: list[Passage], of_document: Of) -> None:
    ranked = spans(passages, ("14 days", "14 days"), ("20 days", "20 days"))
    ((text, apart),) = others("how long is the recovery on zalutinib?", ranked, of_document)
    assert (text, apart.contradicts) == ("20 days", True)


def test_a_population_explains_the_difference(passages: list[Passage], of_document: Of) -> None:
    ranked = spans(passages, ("20 days", "20 days"), ("two weeks", "two weeks"))
    ((text, apart),) = others("how long is the recovery on zalutinib?", ranked, of_document)
    assert (text, apart.population, apart.contradicts) == ("two weeks", "children", False)


def test_another_drug_is_no_other_value(passages: list[Passage], of_document: Of) -> None:
    ranked = spans(passages, ("14 days", "14 days"), ("9 days", "9 days"))
    assert others("how long is the recovery on zalutinib?", ranked, of_document) == []


@pytest.mark.parametrize(
    ("one", "other", "kind", "same"),
    [
        ("14 days", "2 weeks", Kind.DURATION, True),
        ("14 days", "two weeks", Kind.DURATION, True),
        ("4 mg", "4 mg per day", Kind.DOSE, True),
        ("4 mg twice daily", "4 mg per day", Kind.DOSE, False),
        ("500 mcg", "0.5 mg", Kind.DOSE, True),
        ("500 µg", "0.5 mg", Kind.DOSE, True),
        ("5 to 20 g", "5000-20000 mg", Kind.DOSE, True),
        ("seventy patients", "70 patients", Kind.COUNT, True),
        ("twenty-one days", "3 weeks", Kind.DURATION, True),
        ("8·5%", "8.5%", Kind.PERCENTAGE, True),
        ("May 8 to July 1, 2020", "May 8 to June 1, 2020", Kind.DATE, False),
        ("5.1%", "5.1 percent", Kind.PERCENTAGE, True),
        ("5.1%", "51%", Kind.PERCENTAGE, False),
        ("1,033", "1033", Kind.COUNT, True),
        ("May 1, 2020", "1 May 2020", Kind.DATE, True),
        ("May 2020", "1 May 2020", Kind.DATE, False),
        ("Eli Lilly", "Eli  LILLY", Kind.WHO, True),
        ("4 mg/day", "4 mg daily", Kind.DOSE, True),
        ("8 weeks", "2 months", Kind.DURATION, True),
        ("8 weeks", "6 months", Kind.DURATION, False),
        ("8 mg/kg", "8 mg", Kind.DOSE, False),
        ("8 tablets", "8 IU", Kind.DOSE, False),
        ("4.5 million", "4,500,000", Kind.COUNT, True),
        ("two thousand", "2\u202f000", Kind.COUNT, True),
        ("12 May 1788", "May 12, 1788", Kind.DATE, True),
    ],
)
def test_values_are_compared_in_one_form(one: str, other: str, kind: Kind, same: bool) -> None:
    assert value_of(one, kind).same(value_of(other, kind)) is same
