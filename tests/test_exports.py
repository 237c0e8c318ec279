"""What is taken along and what is said of answers, without a browser."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from chat_fake import DOSE, HOSTILE, NOTE, PAYLOADS, ROWS, TABLE, FakeAssistant
from markdown_it import MarkdownIt

pytest.importorskip("gradio", reason="gradio is not installed")

from qa.chat.conversing import answer
from qa.chat.exports import EMPTY, UNCITED, export, markdown
from qa.chat.feedback import NOT_KEPT, judge
from qa.errors import IndexStateError
from qa.feedback import Corrected, Entry, FeedbackStore, Quoted
from qa.references.works import one_line
from qa.rendering import Turn
from qa.rendering.actions import link_to

TODAY = date(2026, 11, 24)
ASSISTANT = FakeAssistant()


def turns_of(*questions: str) -> list[Turn]:
    turns: list[Turn] = []
    for question in questions:
        turns.append(answer(ASSISTANT, question, turns))
    return turns


TRICKS = [
    *PAYLOADS,
    "- an item",
    "1. numbered",
    "12) numbered",
    "# heading",
    "=== line",
    "> quote",
    "+ plus",
    "    code",
    "| a | b |",
    "www.evil.example and http://evil.example",
    "me@evil.example",
    "a\n\n<script>x</script>\n\n***",
    "[ref]: https://evil.example",
    "$x^2$ ~~gone~~ **bold** __bold__ `code` \\* &copy; &#60;",
    "<https://evil.example>",
    "[^1]: foot",
]


@pytest.mark.parametrize("text", TRICKS)
def test_markdown_shows_what_was_there_and_makes_nothing_of_it(text: str) -> None:
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": False}).disable("linkify")
    for before, after in (("", ""), ("> ", ""), ("- ", ""), ("1. ", ""), ("## ", ""), ("**", "**")):
        inline = [token for token in parser.parse(before + markdown(text) + after) if token.type == "inline"]
        assert len(inline) == 1
        kinds = {child.type for child in inline[0].children or ()}
        assert kinds <= {"text", "text_special", "strong_open", "strong_close"}
        shown = "".join(child.content for child in inline[0].children or ())
        assert shown == one_line(text)
        block = [token.type for token in parser.parse(before + markdown(text) + after)]
        assert not {"html_block", "fence", "code_block", "table_open", "hr"} & set(block)
        assert not re.search(r"(?i)https?:|www\.", markdown(text))


def test_conversation_as_markdown() -> None:
    turns = turns_of("EUA dose", "and which drugs?", "what does it cost?", "please break", " ")
    file = export("markdown", turns, TODAY)
    assert (file.name, file.media_type, file.problem) == ("verbatim-2026-11-24.md", "text/markdown", "")
    shown = MarkdownIt().render(file.text)
    assert "<h2>EUA dose</h2>" in shown and "<h2>(no question)</h2>" in shown
    assert "<strong>4 mg of baricitinib once daily for 14 days</strong> [1]" in shown
    assert f"<blockquote>\n<p>{DOSE} [1]</p>" in shown
    assert "Asked as: EUA dose which drugs?" in shown
    assert "<p>The documents do not answer this.</p>" in shown and "Baricitinib holds back" in shown
    assert "Not answered: Something went wrong" in shown
    assert "A. Example, B. Sample. Kinase inhibitors at the bedside" in shown
    assert shown.count("<ol>") == 2


def test_hostile_conversation_as_markdown_has_no_live_part() -> None:
    turns = [replace(turn, collection=PAYLOADS[1]) for turn in turns_of(*PAYLOADS, "payload")]
    text = export("markdown", turns, TODAY).text
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": False}).disable("linkify")
    tokens = [child for token in parser.parse(text) for child in [token, *(token.children or ())]]
    kinds = {token.type for token in tokens}
    assert not kinds & {"html_block", "html_inline", "image", "fence", "code_block", "table_open"}
    links = {token.attrGet("href") for token in tokens if token.type == "link_open"}
    assert links == {"https://doi.org/10.5555/%22onmouseover%3D%22alert(1)"}


def test_references_name_each_work_once() -> None:
    turns = turns_of("EUA dose", "which drugs?", "payload", "what does it cost?")
    for kind, ending in (("bibtex", "bib"), ("ris", "ris"), ("csl", "json")):
        file = export(kind, turns, TODAY)
        assert file.name == f"verbatim-references-2026-11-24.{ending}"
        assert file.text.count("10.5555/jim.2021.0042") == 1
        assert "Baricitinib: doses" not in file.text


def test_nothing_to_export_is_told() -> None:
    assert export("markdown", [], TODAY).problem == EMPTY == export("ris", [Turn("still open")], TODAY).problem
    assert export("bibtex", turns_of("what does it cost?"), TODAY).problem == UNCITED
    assert export("exe", turns_of("EUA dose"), TODAY).problem and not export("exe", [], TODAY).text


def test_link_stands_alone() -> None:
    first, second = turns_of("EUA dose & more?", "and which drugs?")
    assert first.answer and second.answer
    assert parse_qs(link_to(first.answer)[1:]) == {"q": ["EUA dose & more?"]}
    asked = parse_qs(link_to(second.answer, "A & B")[1:])
    assert asked == {"q": ["EUA dose & more? which drugs?"], "collection": ["A & B"]}
    (typo,) = turns_of("usual ruxolitnib dose")
    assert typo.answer and parse_qs(link_to(typo.answer)[1:]) == {"q": ["usual ruxolitnib dose"]}


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    return FeedbackStore(tmp_path / "feedback.sqlite")


def sent(store: FeedbackStore, turns: list[Turn], **data: Any) -> str:
    """What the user is told."""
    said = judge(store, ASSISTANT, turns, {"turn": "0", "seq": "7", **data}, "session")
    assert 'data-seq="7"' in said
    match = re.search(r'data-said="([^"]*)"', said)
    assert match is not None
    return html.unescape(match[1])


def one(store: FeedbackStore) -> Entry:
    (entry,) = store.entries()
    return entry


def test_a_verdict_is_kept_with_what_it_is_about(store: FeedbackStore) -> None:
    turns = turns_of("EUA dose", "and which drugs?")
    assert sent(store, turns, verdict="up", turn="1", comment=" fine ") == "Thank you: noted as right."
    entry = one(store)
    assert (entry.question, entry.history) == ("and which drugs?", ("EUA dose",))
    assert entry.query == "EUA dose which drugs?"
    assert (entry.verdict, entry.comment, entry.turn) == ("up", "fine", 1)
    assert entry.answer[0].text in entry.answer[0].quote
    assert "session" not in entry.conversation
    assert sent(store, turns, verdict="", turn="1") == "Taken back."
    assert store.entries() == ()


def test_a_question_that_leans_on_nothing_has_no_history(store: FeedbackStore) -> None:
    sent(store, turns_of("EUA dose", "usual ruxolitinib dose"), verdict="up", turn="1")
    assert one(store).history == ()


def test_the_right_passage(store: FeedbackStore) -> None:
    turns = turns_of("what does it cost?")
    passage = turns[0].answer.hits[1].passage  # type: ignore[union-attr]
    where = {"doc": passage.doc_id, "start": str(passage.start), "end": str(passage.end)}
    sent(store, turns, verdict="down", right="passage", **where)
    assert one(store).corrected == Corrected(Quoted(TABLE.doc_id, passage.start, passage.end, ROWS[2]))
    sent(store, turns, verdict="down", right="passage", words="5 mg  twice daily", **where)
    corrected = one(store).corrected
    assert (
        corrected and corrected.place and (corrected.place.text, corrected.place.quote) == ("5 mg twice daily", ROWS[2])
    )
    said = sent(store, turns, verdict="down", right="passage", words="6 mg", **where)
    assert "does not stand in this passage" in said and one(store).corrected == corrected
    assert "noted that the documents do not answer" in sent(store, turns, verdict="down", right="none")
    assert one(store).corrected == Corrected(None)


def test_selected_words(store: FeedbackStore) -> None:
    turns = turns_of("what does it cost?")

    def right(words: str, before: str = "", after: str = "", doc: str = NOTE.doc_id) -> Quoted | None:
        sent(store, turns, verdict="down", right="words", doc=doc, words=words, before=before, after=after)
        corrected = one(store).corrected
        return corrected.place if corrected else None

    place = right("given together with remdesivir")
    assert place and place.quote == "The tablet is given together with remdesivir."
    assert NOTE.slice(place.start, place.end) == place.quote
    place = right("once daily", before="the label names 2 mg ", after=". The higher dose")
    assert place and place.quote.endswith("the label names 2 mg once daily.")
    place = right("once daily", before="take 4 mg of baricitinib ", after=" for 14 days")
    assert place and place.quote == DOSE
    place = right("JAK1, JAK3\t5 mg twice daily", doc=TABLE.doc_id)
    assert place and (place.quote, place.text) == (ROWS[2], "JAK1, JAK3 | 5 mg twice daily")
    assert "do not stand together" in sent(store, turns, right="words", doc=NOTE.doc_id, words="invented words")
    assert "Fewer words" in sent(store, turns, right="words", doc=NOTE.doc_id, words="x" * 601)


def test_words_that_stand_everywhere_are_asked_for_again(store: FeedbackStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.chat.feedback.MAX_PLACES", 2)
    data = {"verdict": "down", "right": "words", "doc": NOTE.doc_id}
    assert "select a few more" in sent(store, turns_of("EUA dose"), words="the", **data)
    assert store.entries() == ()
    assert "noted as right" in sent(store, turns_of("EUA dose"), words="once daily", before="names 2 mg ", **data)


def test_forged_feedback_is_refused(store: FeedbackStore) -> None:
    turns = [*turns_of("EUA dose", "please break"), Turn("still open")]
    good = {"doc": NOTE.doc_id, "start": "5", "end": "50", "right": "passage", "verdict": "down"}
    for data in (
        {"turn": "9"}, {"turn": "-1"}, {"turn": "x"}, {"verdict": "maybe"}, {"turn": "1"}, {"turn": "2"}, {"comment": "x" * 1001},
        {"doc": "../../etc/passwd"}, {"end": "99999999"}, {"start": "60"}, {"start": "<b>"}, {"doc": ["a"]}, {"doc": 3},
    ):  # fmt: skip
        assert sent(store, turns, **{**good, **data})
        assert store.entries() == ()
    assert "&lt;b&gt;" in judge(store, ASSISTANT, turns, {**good, "words": '"<b>', "turn": "0"}, "s")


def test_a_passage_is_not_a_whole_book(store: FeedbackStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.chat.feedback.MAX_QUOTE", 40)
    data = {"doc": NOTE.doc_id, "start": "5", "end": "46", "right": "passage"}
    assert "has changed" in sent(store, turns_of("EUA dose"), **data) and store.entries() == ()
    sent(store, turns_of("EUA dose"), **{**data, "end": "45"})
    assert len(store.entries()) == 1


def test_failures_of_the_file_never_reach_the_chat(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "feedback.sqlite"
    path.write_bytes(b"broken" * 1000)
    assert sent(FeedbackStore(path), turns_of("EUA dose"), verdict="up") == NOT_KEPT
    assert "is damaged" in caplog.text and str(tmp_path) not in NOT_KEPT

    class Gone(FakeAssistant):
        def current(self) -> FakeAssistant:
            raise IndexStateError("the index is gone")

    said = judge(FeedbackStore(tmp_path / "other.sqlite"), Gone(), turns_of("EUA dose"), {"turn": "0"}, "s")
    assert NOT_KEPT in html.unescape(said)


def test_hostile_answers_can_be_judged(store: FeedbackStore) -> None:
    turns = turns_of("payload")
    sent(store, turns, verdict="up", comment=PAYLOADS[0])
    assert one(store).answer[0].doc_id == HOSTILE.doc_id and one(store).comment == PAYLOADS[0]
