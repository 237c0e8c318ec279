"""Passages are whole sentences of one section, of limited size, and lose nothing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEmbedder, make_document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.chunking import ChunkSettings, chunk, index_spans
from qa.corpus.markdown import read_markdown
from qa.corpus.plaintext import read_plaintext
from qa.schema import Document, Passage

count = FakeEmbedder().count_pieces

NOTE = """---
title: Café 😀 trial
---

# Results

Baricitinib was given at 4 mg (P < .001). Zhang et al. saw it, e.g. in 2020. Café 😀 was open.

A second paragraph follows. It has two sentences.

- First item of a list
- Second item 😀

## Safety

Clots were rare.

Table 1. Doses of JAK inhibitors

| Drug | Dose | Café 😀 |
|---|---|---|
| Baricitinib | 4 mg | oui |
| Tofacitinib | 10 mg |  |

After the table.
"""

FLAT = "TABLE 1 Doses\n\nDrug Dose\n\nBaricitinib 4 mg\n\nTofacitinib 10 mg\n\n■ NEXT\n\nIt was so.\n"


def check_passages(
    document: Document,
    passages: Sequence[Passage],
    counter: Callable[[str], int],
    limits: ChunkSettings | None = None,
) -> None:
    """Assert what holds for the passages of any document."""
    limits = limits or ChunkSettings()
    covered = [0] * len(document.text)
    last = -1
    ids = [passage.passage_id for passage in passages]
    assert len(ids) == len(set(ids))
    for passage in passages:
        assert passage.doc_id == document.doc_id
        assert passage.text == document.text[passage.start : passage.end]
        assert passage.text.strip()
        assert last < passage.start < passage.end
        last = passage.start
        assert (passage.line, passage.page) == (document.line(passage.start), document.page(passage.start))
        inside = [block for block in document.blocks if block.start < passage.end and passage.start < block.end]
        assert {block.section for block in inside} == {passage.section}
        assert "heading" not in {block.kind for block in inside}
        if passage.kind in ("table_row", "table"):
            assert len(inside) == 1
        assert counter(passage.index_text) <= limits.pieces
        check_sentences(passage)
        for at in range(passage.start, passage.end):
            covered[at] += 1
    for block in document.blocks:
        if block.kind == "heading":
            continue
        wanted = {1, 2, 3, 4, 5, 6, 7, 8} if block.kind == "table" else {1}
        for at in range(block.start, block.end):
            assert document.text[at].isspace() or document.text[at] == "|" or covered[at] in wanted, document.text[
                max(0, at - 30) : at + 30
            ]


def check_sentences(passage: Passage) -> None:
    """Assert that the sentences stand in the passage, cover it, and are what gets vectors."""
    assert passage.sentences
    assert passage.sentences[0].start == passage.start
    assert max(sentence.end for sentence in passage.sentences) == passage.end
    spans = index_spans(passage)
    assert len(spans) == len(passage.sentences)
    end = passage.start
    for sentence, (start, stop) in zip(passage.sentences, spans, strict=True):
        words = passage.slice(sentence.start, sentence.end)
        assert words == words.strip() != ""
        assert 0 <= start < stop <= len(passage.index_text)
        if passage.kind != "table":
            assert end <= sentence.start
            assert not passage.slice(end, sentence.start).strip()
        if passage.kind != "table_row":
            assert passage.index_text[start:stop] == words
        end = sentence.end
    for cell in passage.cells:
        assert passage.start <= cell.start <= cell.end <= passage.end


@pytest.fixture
def note(tmp_path: Path) -> Document:
    return make_document(tmp_path, "note.md", NOTE)


def test_a_note_keeps_every_invariant(note: Document) -> None:
    passages = chunk(note, count)
    check_passages(note, passages, count)
    assert [passage.kind for passage in passages if passage.kind == "table_row"] == ["table_row"] * 2


def test_sentences_stay_whole(note: Document) -> None:
    first = chunk(note, count)[0]
    assert [first.slice(s.start, s.end) for s in first.sentences] == [
        "Baricitinib was given at 4 mg (P < .001).",
        "Zhang et al. saw it, e.g. in 2020.",
        "Café 😀 was open.",
        "A second paragraph follows.",
        "It has two sentences.",
        "First item of a list",
        "Second item 😀",
    ]
    assert first.index_text == "Café 😀 trial. Results. " + first.text


def test_a_row_is_indexed_with_its_headers_and_quoted_as_it_stands(note: Document) -> None:
    rows = [passage for passage in chunk(note, count) if passage.kind == "table_row"]
    context = "Café 😀 trial. Results. Safety. Table 1. Doses of JAK inhibitors. "
    assert rows[0].index_text == context + "Drug: Baricitinib; Dose: 4 mg; Café 😀: oui"
    assert rows[1].index_text == context + "Drug: Tofacitinib; Dose: 10 mg"
    assert "Baricitinib | 4 mg | oui" in rows[0].text
    assert [rows[0].slice(c.start, c.end) for c in rows[0].cells] == ["Baricitinib", "4 mg", "oui"]
    assert index_spans(rows[0]) == [(0, len(rows[0].index_text))]


def test_a_passage_does_not_cross_a_section(note: Document) -> None:
    for passage in chunk(note, count):
        assert not ("Clots" in passage.text and "Café 😀 was" in passage.text)


def test_two_sections_of_one_name_are_two_sections(tmp_path: Path) -> None:
    text = "# T\n\n## Note\n\nThe first is here.\n\n## Note\n\nThe second is here.\n"
    document = make_document(tmp_path, "twice.md", text)
    passages = chunk(document, count)
    check_passages(document, passages, count)
    assert [passage.text for passage in passages] == ["The first is here.", "The second is here."]


def test_a_change_of_section_is_enough_without_a_heading(note: Document) -> None:
    """Formats that give each paragraph its section need not have headings."""
    first, second = (replace(note.blocks[at], kind="paragraph", section=(name,)) for at, name in ((1, "A"), (2, "B")))
    document = replace(note, blocks=(first, second))
    assert [passage.section for passage in chunk(document, count)] == [("A",), ("B",)]


def test_a_table_interrupts_no_passage(note: Document) -> None:
    passages = chunk(note, count)
    assert passages[-1].text == "After the table."


def test_context_names_nothing_twice() -> None:
    text = "---\ntitle: Doses\n---\n\n# Doses\n\n## Part\n\nIt was given.\n"
    passages = chunk(read_markdown(text, doc_id="d", path="d.md"), count)
    assert [passage.index_text for passage in passages] == ["Doses. Part. It was given."]


@pytest.mark.parametrize(
    "limits", [ChunkSettings(), ChunkSettings(words=12, pieces=40), ChunkSettings(words=500, pieces=60)]
)
def test_passages_grow_as_far_as_the_limits_allow(limits: ChunkSettings) -> None:
    text = "# T\n\n" + " ".join(f"Sentence {i} of the text says Café 😀." for i in range(60)) + "\n"
    document = read_markdown(text, doc_id="d", path="d.md")
    passages = chunk(document, count, limits)
    check_passages(document, passages, count, limits)
    for passage, following in itertools.pairwise(passages):
        assert len(passage.text.split()) <= limits.words
        more = following.slice(following.sentences[0].start, following.sentences[0].end)
        assert (
            len(passage.text.split()) + len(more.split()) > limits.words
            or count(passage.index_text) + count(more) + 2 > limits.pieces
        )


@pytest.mark.parametrize(
    "sentence",
    [
        "word " * 900,
        "x" * 5_000,
        "😀" * 3_000,
        "Café " * 300 + "y" * 3_000 + " z" * 300,
        "wordthatislong" * 40 + " " + "another" * 200,
    ],
)
def test_a_sentence_of_more_than_the_limit_is_cut(sentence: str) -> None:
    document = read_markdown(f"# T\n\nBefore it. {sentence.strip()}. After it.\n", doc_id="d", path="d.md")
    passages = chunk(document, count)
    check_passages(document, passages, count)
    assert len(passages) > 1


@pytest.mark.parametrize("text", ["abcdef ghijkl mnopqr", "ab", "a b", "aaaa bbbb"])
def test_the_smallest_limits_end(text: str) -> None:
    document = read_markdown(text + "\n", doc_id="d", path="d.md")
    passages = chunk(document, len, ChunkSettings(words=1, pieces=8))
    assert "".join("".join(p.text for p in passages).split()) == "".join(text.split())


def row_document(cells: Sequence[str], caption: str = "Table 1. Doses") -> Document:
    header = "| " + " | ".join(f"H{i}" for i in range(len(cells))) + " |"
    rule = "|" + "---|" * len(cells)
    row = "| " + " | ".join(cells) + " |"
    return read_markdown(f"# T\n\n{caption}\n\n{header}\n{rule}\n{row}\n", doc_id="d", path="d.md")


def test_a_row_of_more_than_the_limit_is_cut_between_cells() -> None:
    document = row_document(["Key", *(f"cell {i} " + "value " * 20 for i in range(20))])
    passages = chunk(document, count)
    check_passages(document, passages, count)
    rows = [passage for passage in passages if passage.kind == "table_row"]
    assert len(rows) > 1
    assert all("H0: Key; " in passage.index_text for passage in rows)


@pytest.mark.parametrize(
    "cells",
    [
        ["Key", "value " * 400],
        ["key " * 400, "4 mg"],
        ["value " * 400],
        ["Key", "4 mg", "value " * 250, "", "5 mg", ""],
    ],
)
def test_a_cell_of_more_than_the_limit_is_cut(cells: list[str]) -> None:
    document = row_document(cells)
    check_passages(document, chunk(document, count), count)


@pytest.mark.parametrize("words", [60, 150, 400])
def test_a_long_caption_or_heading_leaves_room_for_the_text(words: int) -> None:
    long = "Table 1. " + "caption " * words
    row = row_document(["Key", "4 mg"], caption=long)
    check_passages(row, chunk(row, count), count)
    text = f"# {'heading ' * words}\n\n" + "A sentence of some words stands here. " * 30
    headed = read_markdown(text, doc_id="d", path="d.md")
    check_passages(headed, chunk(headed, count), count)


def test_a_flattened_table_is_windows_that_begin_at_each_line() -> None:
    rows = [f"Drug{i} {i} mg once daily" for i in range(60)]
    document = read_plaintext("TITLE\n\nTABLE 1 Doses\n\n" + "\n\n".join(rows) + "\n", doc_id="d", path="d.txt")
    tables = [block for block in document.blocks if block.kind == "table"]
    passages = chunk(document, count)
    check_passages(document, passages, count)
    for block in tables:
        begun = {s.start for p in passages if p.kind == "table" for s in p.sentences}
        for match in re.finditer(r"[^\n]*\S", document.slice(block.start, block.end)):
            assert block.start + match.start() in begun


def test_the_id_of_a_passage_follows_from_its_place_and_words(note: Document) -> None:
    again = read_markdown(NOTE, doc_id=note.doc_id, path="elsewhere.md")
    assert [p.passage_id for p in chunk(again, count)] == [p.passage_id for p in chunk(note, count)]
    other = read_markdown(NOTE, doc_id="other", path="note.md")
    assert not {p.passage_id for p in chunk(other, count)} & {p.passage_id for p in chunk(note, count)}


def test_headings_alone_make_no_passage() -> None:
    assert chunk(read_markdown("# A\n\n## B\n", doc_id="d", path="d.md"), count) == []


_LINES = st.lists(
    st.sampled_from(
        [
            "# A",
            "## B",
            "## B",
            "## Café 😀",
            "",
            "",
            "Baricitinib 4 mg was given.",
            "It fell (P < .001) vs. placebo. Zhang et al. saw it.",
            "word " * 150,
            "x" * 700,
            "- item 😀",
            "- item two. Two sentences.",
            "1. one",
            "Table 1. Doses",
            "| a | b |\n|---|---|\n| 1 | 2 mg |",
            "\n| Drug | Dose |\n|---|---|\n| Café | 😀 |\n| x | " + "long " * 260 + "|\n",
            "> quoted. Text",
            "e\u0301 \u200f",
            "no stop",
        ]
    ),
    max_size=25,
).map("\n".join)
_PARTS = [
    *FLAT.split("\n\n"),
    "TABLE 2 Legend with words",
    "ABSTRACT",
    "A sentence ends here.\nAnd another 4 mg one.",
    "x" * 400,
    "Figure 1. Café 😀",
    "Drug   Dose   Route",
    "word " * 130,
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_LINES, st.sampled_from([ChunkSettings(), ChunkSettings(words=20, pieces=60)]))
def test_any_markdown_keeps_every_invariant(text: str, limits: ChunkSettings) -> None:
    document = read_markdown(text, doc_id="d", path="d.md")
    check_passages(document, chunk(document, count, limits), count, limits)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(_PARTS), max_size=15).map("\n\n".join))
def test_any_plain_text_keeps_every_invariant(text: str) -> None:
    document = read_plaintext(text, doc_id="d", path="d.txt")
    check_passages(document, chunk(document, count), count)
