"""Follow-up questions lean on what was said; others do not, and cost nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from qa.assistant import Assistant
from qa.conversation import Candidate, Context, How, Kinds, Parts, Tried, candidates, follow, leaning, score
from qa.conversation.following import MAX_TRIED, tries
from qa.query import Vocabulary, understand
from qa.schema import Cell, Exchange, Hit, Passage, Query, Span

TEXTS = (
    "Café 😀 notes: zanubrutinib is given at 160 mg twice daily in Waldenström disease.",
    "Ibrutinib is made by Pharmacyclics. Its side effects are bruising and rash.",
    "In the RESONATE-2 trial ibrutinib was compared with chlorambucil; RESONATE-1 had 391 patients.",
    "Why treatment was stopped: adverse events. Children were left out.",
)
COMMON = dict.fromkeys(
    "the who makes what about dose company given patients disease trial children made twice daily side effects how many were "
    "is in of with compared had stopped why treatment events left out which it its does work adults back women same".split(),
    0.5,
)


def passage(i: int, text: str) -> Passage:
    return Passage(f"p{i}", f"d{i}", 0, len(text), text, (), None, 1, "paragraph", text)


PASSAGES = [passage(i, text) for i, text in enumerate(TEXTS)]
WORDS = Vocabulary.of(PASSAGES)
VOCABULARY = Vocabulary.from_json(WORDS.to_json(), COMMON)


def ask(text: str) -> Query:
    return understand(text, VOCABULARY)


def made(question: str, *before: Exchange, kinds: Kinds | None = None) -> list[Candidate]:
    query = ask(question)
    return candidates(query, leaning(query), before, ask, kinds or Kinds())


def texts(found: Sequence[Candidate], how: How) -> list[str]:
    return [candidate.text for candidate in found if candidate.how is how]


@pytest.mark.parametrize(
    "question",
    ["and without rash?", "since when?", "what about its side effects?", "which of them is given daily?",
     "how many of those were women?", "why?", "did that work?", "what is that one made of?", "in children?"],
)  # fmt: skip
def test_a_follow_up_is_seen(question: str) -> None:
    assert leaning(ask(question)).surely


@pytest.mark.parametrize(
    "question",
    ["who makes zanubrutinib?", "how many patients with Waldenström disease were given zanubrutinib?",
     "is zanubrutinib stopped before it does work?"],
)  # fmt: skip
def test_a_question_with_a_subject_of_its_own_stands_alone(question: str) -> None:
    assert not leaning(ask(question)).any


def test_a_thing_takes_the_place_of_one_of_its_kind() -> None:
    found = made("and zanubrutinib?", Exchange("", "which company makes ibrutinib for adults?"))
    assert texts(found, How.REPLACED)[0] == "which company makes zanubrutinib for adults?"
    found = made("and RESONATE-2?", Exchange("", "how many patients were in RESONATE-1 with ibrutinib?"))
    assert texts(found, How.REPLACED)[0] == "how many patients were in RESONATE-2 with ibrutinib?"


def test_only_what_has_a_preposition_or_no_kin_is_added() -> None:
    """ "In children" can be added to what was asked; another drug takes the place of the drug."""
    before = Exchange("", "which dose of zanubrutinib is given?")
    assert texts(made("and in children?", before), How.ADDED) == ["which dose of zanubrutinib is given in children?"]
    assert not texts(made("and ibrutinib?", before), How.ADDED)


def test_proper_names_that_everybody_knows_take_each_others_place() -> None:
    before = Exchange("", "what is the capital of France?", "Paris")
    assert texts(made("what about Spain?", before), How.REPLACED)[0] == "what is the capital of Spain?"
    assert "what about France's population?" in texts(made("what about its population?", before), How.PLACED)


def test_what_was_asked_of_a_thing_may_give_way_to_another_side_of_it() -> None:
    before = Exchange("", "which dose of zanubrutinib is given?")
    assert texts(made("and the side effects?", before), How.NAMES) == ["and the side effects? (zanubrutinib)"]
    assert not texts(made("and in children?", before), How.NAMES)


def test_several_things_of_the_answer_before_are_carried_over() -> None:
    before = Exchange("", "which drugs were given to adults?", "ibrutinib; zanubrutinib; chlorambucil")
    assert texts(made("which of them is stopped?", before), How.ANSWER) == [
        "which of them is stopped? (ibrutinib zanubrutinib chlorambucil)"
    ]


def test_with_becomes_without() -> None:
    before = Exchange("", "how many were stopped with zanubrutinib plus ibrutinib?")
    found = texts(made("and without ibrutinib?", before), How.REPLACED)
    assert found == ["how many were stopped with zanubrutinib without ibrutinib?"]
    found = texts(made("and without it?", Exchange("", "how many were stopped with ibrutinib?")), How.REPLACED)
    assert found == ["how many were stopped without ibrutinib?"]


def test_a_possessive_is_no_verb() -> None:
    before = Exchange("", "what is ibrutinib's dose?")
    assert texts(made("and zanubrutinib's?", before), How.REPLACED)[0] == "what is zanubrutinib's dose?"


def test_kinds_come_from_the_columns_of_tables() -> None:
    def row(name: str) -> Passage:
        cells = (Cell("Effect", 0, len(name)),)
        return Passage(name, "t", 0, len(name), name, (), None, 1, "table_row", name, cells=cells)

    kinds = Kinds.of([row("bruising"), row("rash")])
    bruising, rash, company = ask("bruising").terms[0], ask("rash").terms[0], ask("company").terms[0]
    assert kinds.alike(bruising, rash) >= 2.0 > kinds.alike(bruising, company)
    assert Kinds().alike(bruising, rash) < 1.0


def test_a_pronoun_gets_the_name_or_the_answer_before() -> None:
    found = made("what about its side effects?", Exchange("", "who makes ibrutinib?", short="Pharmacyclics"))
    assert texts(found, How.PLACED) == ["what about ibrutinib's side effects?"]
    assert "what about Pharmacyclics's side effects?" in texts(found, How.ANSWER)


@pytest.mark.parametrize("short", ["November 19, 2020", "about 4 mg per day", "14 days", "< 9 g/dL"])
def test_no_pronoun_stands_for_a_date_or_an_amount(short: str) -> None:
    found = made("is it given with treatment?", Exchange("", "when or how much ibrutinib?", short=short))
    assert not any(short in text for text in texts(found, How.ANSWER))
    assert texts(found, How.PLACED) == ["is ibrutinib given with treatment?"]


def test_a_pronoun_may_stand_for_a_name_that_begins_with_a_number() -> None:
    found = made("is it given with treatment?", Exchange("", "what does ibrutinib block?", short="5-lipoxygenase"))
    assert "is 5-lipoxygenase given with treatment?" in texts(found, How.ANSWER)


@pytest.mark.parametrize("question", ["what is the capital of Mongolia?", "hello", "many thanks"])
def test_what_the_corpus_does_not_speak_of_leans_on_nothing(question: str) -> None:
    assert not leaning(ask(question)).any


def test_a_named_thing_stands_for_the_word_of_its_kind() -> None:
    found = made("who makes that drug?", Exchange("", "when was ibrutinib withdrawn in 2019?"))
    assert texts(found, How.PLACED) == ["who makes ibrutinib?"]
    assert not texts(found, How.NAMES)
    assert not texts(made("how many of these drugs work?", Exchange("", "when was ibrutinib sold?")), How.PLACED)


@pytest.mark.parametrize("question", ["isn't ibrutinib made?", "how much zanubrutinib?"])
def test_a_short_question_about_a_name_stands_alone(question: str) -> None:
    assert not leaning(ask(question)).surely


def test_the_same_for_another_thing_is_asked_anew() -> None:
    found = made("same for zanubrutinib?", Exchange("", "which company makes ibrutinib for adults?"))
    assert texts(found, How.REPLACED)[0] == "which company makes zanubrutinib for adults?"


@pytest.mark.parametrize(
    "question", ["how many with rash?", "wasn't it made?", "how many patients were given treatment twice daily?"]
)
def test_a_question_that_names_nothing_may_lean(question: str) -> None:
    assert leaning(ask(question)).any


@pytest.mark.parametrize(
    "question",
    ["Right bruising: how common is ibrutinib?", "Well-being was compared with ibrutinib in adults",
     "OR of events with ibrutinib", "Return to treatment with ibrutinib"],
)  # fmt: skip
def test_words_of_the_field_open_no_follow_up(question: str) -> None:
    lean = leaning(ask(question))
    assert not lean.opened
    assert not lean.returns


@pytest.mark.parametrize("question", ["right, and the rash?", "or in children?", "returning to the rash, how many?"])
def test_such_words_open_one_where_people_use_them_so(question: str) -> None:
    assert leaning(ask(question)).opened


def test_a_question_that_names_its_own_thing_is_always_tried_as_typed() -> None:
    """However many rewritings there are: an old topic is not to crowd out a new one."""
    put: list[str] = []

    def search(query: Query, _k: int) -> list[Hit]:
        put.append(query.text)
        return []

    asked = ask("is it given with chlorambucil in children or adults?")
    before = [Exchange("", "was zanubrutinib compared with ibrutinib in RESONATE-2 or RESONATE-1?", "RESONATE-2")]
    follow(asked, leaning(asked), before, Parts(ask, search, lambda _query, _hits: [], Kinds()), 5)
    assert asked.text in put
    assert len(put) <= MAX_TRIED


def test_words_for_a_search_engine_with_a_name_may_be_all_that_is_meant() -> None:
    found = made("ibrutinib rash", Exchange("", "who makes zanubrutinib for adults?"))
    assert texts(found, How.AS_IS) == ["ibrutinib rash"]


@pytest.mark.parametrize("question", ["and rash " + "in adults " * 99, "back to", "and so?"])
def test_what_cannot_be_put_with_all_that_it_carries_is_put_as_typed(question: str) -> None:
    asked = ask(question)
    before = [Exchange("", "which company makes zanubrutinib " + "for adults " * 60 + "?")]
    found = follow(asked, leaning(asked), before, Parts(ask, lambda _q, _k: [], lambda _q, _h: [], Kinds()), 5)
    assert len(found.query.text) <= 1000


def test_several_things_are_not_one_name() -> None:
    found = made("how many of them were women?", Exchange("", "which patients were given ibrutinib?"))
    assert not texts(found, How.PLACED)
    assert texts(found, How.TOPIC) == ["how many of them were women? (patients given ibrutinib)"]


def test_a_bare_question_is_about_all_that_was_said() -> None:
    assert [c.text for c in made("why?", Exchange("", "who stopped treatment with ibrutinib?"))] == [
        "why? (stopped treatment ibrutinib)"
    ]


def test_another_thing_of_the_kind_drives_out_the_one_before() -> None:
    found = made("what about zanubrutinib, does it work?", Exchange("", "who makes ibrutinib?"))
    assert not any("ibrutinib" in c.text.replace("zanubrutinib", "") for c in found)


def test_a_return_goes_behind_the_last_question() -> None:
    before = [Exchange("", "which patients had rash with zanubrutinib?"), Exchange("", "who makes ibrutinib?")]
    found = made("back to the rash, how many?", *before)
    assert found[0] == Candidate("the rash, how many?")
    assert any("zanubrutinib" in text for text in texts(found, How.EARLIER))


def test_dropping_context_gains_nothing() -> None:
    """Of two candidates with the same trust that wins whose passage holds what the question before was about."""
    asked, topic = ask("what about its side effects?"), ask("who makes ibrutinib?")
    context = Context(asked, leaning(asked), topic, Exchange("", topic.text))

    def tried(place: Passage) -> Tried:
        span = Span(place, 0, 4, place.text[:4], 0.6, 0, 4)
        return Tried(Candidate("", How.TOPIC), asked, (), (span,))

    assert score(tried(PASSAGES[1]), 0, context) > score(tried(PASSAGES[0]), 0, context)


def test_what_fits_the_conversation_is_first_though_another_span_is_trusted_more() -> None:
    """Of the spans of one rewriting that wins which stands beside what was said; behind a return it does not."""
    place, other = PASSAGES[1], PASSAGES[0]
    beside = Span(place, 0, 4, place.text[:4], 0.5, 0, len(place.text))
    strange = Span(other, 0, 4, other.text[:4], 0.6, 0, len(other.text))
    parts = Parts(ask, lambda _query, _k: [], lambda _query, _hits: [strange, beside], Kinds())
    last = Exchange("who makes ibrutinib?", "who makes ibrutinib?", "Pharmacyclics", place.text, (place.doc_id,))

    def first(question: str) -> Span:
        asked = ask(question)
        return follow(asked, leaning(asked), [last], parts, 5).spans[0]

    assert first("and since when?") == beside
    assert first("back to the disease, since when?").text == strange.text


def test_of_the_readings_that_one_quote_answers_the_surest_is_meant() -> None:
    place = PASSAGES[1]

    def read(query: Query, _hits: Sequence[Hit]) -> list[Span]:
        sure = 0.9 if query.text == "does ibrutinib work?" else 0.4
        return [Span(place, 0, 9, place.text[:9], sure, 0, len(place.text))]

    asked = ask("does it work?")
    found = follow(
        asked, leaning(asked), [Exchange("", "who makes ibrutinib?")], Parts(ask, lambda _q, _k: [], read, Kinds()), 5
    )
    assert found.query.text == "does ibrutinib work?"
    assert found.spans[0].score == 0.9


def test_the_kind_of_a_thing_that_was_named_is_no_thing_of_the_question() -> None:
    asked = ask("is that drug given to children?")
    parts = Parts(ask, lambda _query, _k: [], lambda _query, _hits: [], Kinds())
    _, context = tries(asked, leaning(asked), [Exchange("", "who makes ibrutinib?")], parts, 5)
    assert [term.surface for term in asked.terms] == ["drug", "given", "children"]
    assert [term.surface for term in context.asked.terms] == ["given", "children"]


def test_who_asks_on_wants_something_else_than_was_just_said() -> None:
    """The words that answered the last question are trusted less, and a reading that gives nothing else is put back."""
    place, other = PASSAGES[0], PASSAGES[1]
    said = Span(place, 0, 4, place.text[:4], 0.8, 0, len(place.text))
    new = Span(other, 0, 4, other.text[:4], 0.7, 0, len(other.text))
    last = Exchange("who makes ibrutinib?", "who makes ibrutinib?", said.text, place.text, ())
    parts = Parts(ask, lambda _query, _k: [], lambda _query, _hits: [said, new], Kinds())
    asked = ask("and why?")
    found = follow(asked, leaning(asked), [last], parts, 5)
    assert [span.text for span in found.spans] == [new.text, said.text]
    assert found.spans[1].score < 0.7
    context = Context(asked, leaning(asked), ask(last.query), last)
    twice, once = (Tried(Candidate("", How.TOPIC), asked, (), (replace(s, passage=place),)) for s in (said, new))
    assert score(twice, 0, context) < score(once, 0, context)


def test_a_pronoun_may_stand_for_either_of_two_names() -> None:
    found = made("what are its side effects?", Exchange("", "was ibrutinib compared with zanubrutinib?"))
    assert sorted(texts(found, How.PLACED)) == [
        "what are ibrutinib's side effects?",
        "what are zanubrutinib's side effects?",
    ]


def test_nothing_before_changes_nothing() -> None:
    assert made("why?", Exchange("", "why?"))[0] == Candidate("why?")


@pytest.mark.model
class TestOverTheNotes:
    def test_the_question_as_understood_is_told(self, notes: Assistant) -> None:
        answer = notes.ask("and for GVHD?", history=["How much Jakafi in polycythaemia?"], force=True)
        assert answer.query == "How much Jakafi in GVHD?"
        assert "5 mg twice daily" in answer.text

    def test_a_kept_answer_is_as_good_as_its_question(self, notes: Assistant) -> None:
        first = "which company makes upadacitinib?"
        kept = Exchange.of(notes.ask(first))
        question = "when did it get a safety alert?"
        assert notes.ask(question, history=[kept]).query == notes.ask(question, history=[first]).query

    def test_a_question_that_stands_alone_is_not_touched_by_history(
        self, notes: Assistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        question = "what is the baricitinib EUA dose"
        alone = notes.ask(question)
        monkeypatch.setattr(notes, "remembered", None)
        assert notes.ask(question, history=["who makes fedratinib", "why?"]) == alone
