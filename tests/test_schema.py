"""Offsets, clipping and the derived fields and JSON of an answer."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace

import pytest
from fakes import make_passage
from hypothesis import given
from hypothesis import strategies as st

from qa.schema import (
    MAX_ANSWER_WORDS,
    Answer,
    Apart,
    Citation,
    Correction,
    Document,
    Hit,
    Passage,
    Piece,
    Source,
    Span,
    clip,
)

FILE = "# H\r\nCafé 😀\r\nx y\fz"
TEXT = "H\n\nCafé 😀 x y z"
DOCUMENT = Document(
    doc_id="d",
    source=Source("d.md"),
    text=TEXT,
    blocks=(),
    pieces=(Piece(0, 1, 2), Piece(3, 9, 5), Piece(10, 13, 13), Piece(14, 15, 17)),
    line_starts=(0, 5, 13),
    page_starts=(0, 17),
)

# What architecture.md lists, and what is given beside it.
KEYS = set(
    "question query answered short text confidence spans citations others candidates hits elapsed_ms".split()
) | {"corrections"}
SPAN_KEYS = set("text doc_id start end score".split()) | {"quote", "section"}
CITATION_KEYS = set("number doc_id title section page line boxes quote start end source also".split())
HIT_KEYS = set("passage_id doc_id section page text score rank".split()) | {"line", "start", "end", "same"}
SOURCE_KEYS = set("path title authors year container doi url licence section as_of".split()) | {"note"}


def span_of(passage: Passage, words: str, *, quote: str = "", score: float = 0.9) -> Span:
    """The span over words of a passage, in a quote of it (the whole passage by default)."""
    start = passage.start + passage.text.index(words)
    quote_start = passage.start + passage.text.index(quote)
    quote_end = quote_start + len(quote) if quote else passage.end
    return Span(passage, start, start + len(words), words, score, quote_start, quote_end)


def answer_of(*spans: Span, **fields: object) -> Answer:
    citations = tuple(
        Citation(
            number=number,
            doc_id=span.passage.doc_id,
            source=Source("d.md", title="T"),
            section=span.passage.section,
            page=None,
            line=1,
            start=span.quote_start,
            end=span.quote_end,
            quote=span.passage.slice(span.quote_start, span.quote_end),
            context=span.passage.text,
            context_start=span.passage.start,
        )
        for number, span in enumerate(spans, start=1)
    )
    return replace(Answer("q?", "q?", spans, citations), **fields)  # type: ignore[arg-type]


def test_slice_takes_code_points_and_refuses_what_is_outside() -> None:
    assert DOCUMENT.slice(3, 9) == "Café 😀"
    assert DOCUMENT.slice(0, len(TEXT)) == TEXT
    assert DOCUMENT.slice(1, 8) == "\n\nCafé "
    assert DOCUMENT.slice(0, 0) == DOCUMENT.slice(len(TEXT), len(TEXT)) == ""
    for start, end in ((-1, 2), (3, 2), (0, len(TEXT) + 1), (-3, -1), (len(TEXT) + 1, len(TEXT) + 1)):
        with pytest.raises(ValueError, match="is outside the 15 characters of d"):
            DOCUMENT.slice(start, end)


def test_each_kept_character_leads_back_to_the_file() -> None:
    for piece in DOCUMENT.pieces:
        for offset in range(piece.start, piece.end):
            assert FILE[DOCUMENT.origin(offset)] == TEXT[offset]


def test_white_space_put_in_leads_to_the_character_before_it() -> None:
    assert DOCUMENT.origin(1) == DOCUMENT.origin(2) == DOCUMENT.origin(0) == 2
    assert DOCUMENT.origin(9) == 10
    assert DOCUMENT.origin(len(TEXT)) == DOCUMENT.origin(len(TEXT) - 1) == 17


def test_lines_and_pages_count_from_one() -> None:
    assert [DOCUMENT.line(TEXT.index(c)) for c in "HCxyz"] == [1, 2, 3, 3, 3]
    assert DOCUMENT.line(1) == 1
    assert [DOCUMENT.page(TEXT.index(c)) for c in "HCxz"] == [1, 1, 1, 2]
    assert replace(DOCUMENT, page_starts=()).page(3) is None


def test_text_that_begins_with_white_space_put_in_has_a_place() -> None:
    document = replace(DOCUMENT, text=" ab", pieces=(Piece(1, 3, 6),), line_starts=(0, 5))
    assert [document.origin(i) for i in range(3)] == [6, 6, 7]
    assert document.line(0) == 2
    empty = replace(DOCUMENT, text="", pieces=(), line_starts=(0,))
    assert (empty.origin(0), empty.line(0), empty.page(0)) == (0, 1, 1)


def test_a_passage_slices_by_document_offsets() -> None:
    passage = make_passage("Café 😀 dose", start=100)
    assert passage.slice(100, 106) == "Café 😀"
    assert passage.slice(111, 111) == ""
    for start, end in ((99, 101), (104, 103), (100, 112), (0, 4)):
        with pytest.raises(ValueError, match="is outside passage"):
            passage.slice(start, end)


def test_data_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        DOCUMENT.doc_id = "x"  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        DOCUMENT.colour = "x"  # type: ignore[attr-defined]


WORDS = st.sampled_from(["a", "dose", "Café", "😀", "4", "mg", "|", "0.5", "é"])
GAPS = st.sampled_from([" ", " ", "  ", "\n", "\t", "\u00a0"])


@given(st.lists(st.tuples(WORDS, GAPS), min_size=1, max_size=30), st.data(), st.integers(-1, 32))
def test_clip_gives_a_run_of_the_quote_that_holds_the_span(
    parts: list[tuple[str, str]], data: st.DataObject, words: int
) -> None:
    quote = "".join(word + gap for word, gap in parts).strip()
    start = data.draw(st.integers(0, len(quote)))
    end = data.draw(st.integers(start, len(quote)))
    run = clip(quote, start, end, words)
    assert run in quote
    assert len(run.split()) <= max(words, 0)
    if words > 0 and len(quote.split()) <= words:
        assert run == quote
    span = quote[start:end]
    if len(span.split()) <= words and span.strip():
        assert span.strip() in run
    elif span.strip() and words > 0:
        assert run
    if words > 0 and len(quote[:end].split()) <= words and span.strip():
        assert run.startswith(quote[:end].rstrip())


def test_clip_examples() -> None:
    row = "Baricitinib | 4 mg | once daily | 14 days or until discharge | none"
    at = row.index("14 days")
    assert clip(row, at, at + 7, 80) == row
    assert clip(row, at, at + 7, 10) == "Baricitinib | 4 mg | once daily | 14 days"
    assert clip(row, at, at + 7, 5) == "once daily | 14 days"
    assert clip(row, at, at + 7, 1) == "14"
    assert clip(row, at, at + 7, 0) == clip(row, at, at + 7, -1) == ""


def test_an_answer_without_spans_is_an_abstention() -> None:
    passage = make_passage("The dose was 4 mg.")
    answer = Answer("q", "q", candidates=(span_of(passage, "4 mg"),))
    assert (answer.answered, answer.short, answer.text) == (False, "", "")
    assert answer.to_json()["candidates"][0]["text"] == "4 mg"


def test_short_names_each_span_once_and_text_each_quote_once() -> None:
    passage = make_passage("JAK1 and JAK2 are blocked. JAK1 again.")
    first = "JAK1 and JAK2 are blocked."
    answer = answer_of(
        span_of(passage, "JAK1", quote=first),
        span_of(passage, "JAK2", quote=first),
        span_of(passage, "JAK1", quote=first),
    )
    assert answer.answered
    assert answer.short == "JAK1; JAK2"
    assert answer.text == first


@pytest.mark.parametrize("lengths", [(100,), (40, 40), (39, 40), (79, 5), (80, 3), (30, 30, 30), (1,) * 60])
def test_text_has_at_most_eighty_words_however_many_quotes(lengths: tuple[int, ...]) -> None:
    passages = [make_passage(" ".join(f"w{i}x{j}" for j in range(n)), start=1000 * i) for i, n in enumerate(lengths)]
    answer = answer_of(*(span_of(p, p.text.split()[0]) for p in passages))
    assert len(answer.text.split()) <= MAX_ANSWER_WORDS == 80
    assert answer.text.split()[0] == "w0x0"
    for part in answer.text.split(" … "):
        assert any(part in passage.text for passage in passages)


def test_a_span_at_the_end_of_a_long_quote_is_in_the_text() -> None:
    passage = make_passage(" ".join(f"w{i}" for i in range(200)))
    answer = answer_of(span_of(passage, "w150 w151"))
    assert answer.text.endswith("w150 w151")
    assert len(answer.text.split()) == MAX_ANSWER_WORDS


def test_spans_and_citations_must_pair() -> None:
    passage = make_passage("The dose was 4 mg.")
    with pytest.raises(ValueError, match="zip"):
        _ = replace(answer_of(span_of(passage, "4 mg")), citations=()).text


def test_the_json_form_has_the_keys_of_the_architecture() -> None:
    passage = make_passage("Café 😀 dose was 4 mg.", doc_id="notes/a", start=7)
    span = span_of(passage, "4 mg")
    answer = answer_of(
        span,
        confidence=0.123456,
        others=(span,),
        apart=(Apart("4 mg", ("Results",), ("gout",), ("May 2020",), "adults", True, (span,)),),
        candidates=(span,),
        hits=(Hit(passage, 1.23456, 1, "hybrid"),),
        corrections=(Correction("ruxo", "ruxolitinib"),),
        elapsed_ms=3.14159,
    )
    data = answer.to_json()
    assert set(data) == KEYS
    for name in ("spans", "candidates"):
        assert [set(item) for item in data[name]] == [SPAN_KEYS]
    assert [set(item) for item in data["others"]] == [SPAN_KEYS | {"value", "apart", "contradicts", "same"}]
    assert data["others"][0]["apart"] == {
        "section": ["Results"], "row": ["gout"], "dates": ["May 2020"], "population": "adults",
    }  # fmt: skip
    assert (data["others"][0]["value"], data["others"][0]["contradicts"]) == ("4 mg", True)
    assert data["others"][0]["same"] == data["spans"]
    assert [set(item) for item in data["citations"]] == [CITATION_KEYS]
    assert set(data["citations"][0]["source"]) == SOURCE_KEYS
    assert [set(item) for item in data["hits"]] == [HIT_KEYS]
    assert data["spans"][0] == {
        "text": "4 mg", "doc_id": "notes/a", "start": 23, "end": 27, "score": 0.9, "section": ["Results"],
        "quote": passage.text,
    }  # fmt: skip
    assert (data["confidence"], data["elapsed_ms"], data["hits"][0]["score"]) == (0.1235, 3.1, 1.2346)
    assert data["corrections"] == [{"word": "ruxo", "replacement": "ruxolitinib"}]
    assert json.loads(json.dumps(data)) == data


def test_time_taken_makes_no_answer_different() -> None:
    passage = make_passage("The dose was 4 mg.")
    answer = answer_of(span_of(passage, "4 mg"))
    assert replace(answer, elapsed_ms=5.0) == answer
