"""Text and file never disagree: each kept character leads back, each other one is listed with its reason."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.corpus import find_files, read_document
from qa.corpus.builder import DocumentBuilder
from qa.corpus.files import read_text
from qa.corpus.markdown import read_markdown
from qa.corpus.plaintext import read_plaintext
from qa.errors import CorpusError
from qa.schema import Document, Source

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("VERBATIM_SHARED", ROOT.parent / "shared"))
NOTES = ROOT / "corpus" / "documents"
REASONS = {
    "front matter", "heading mark", "label", "line-end hyphen", "list mark", "markup", "metadata", "missing value",
    "page furniture", "page number", "reference mark", "rule", "running head", "table rule",
}  # fmt: skip


def check(document: Document, file: str) -> None:
    """Assert every invariant of a document against the characters of its file."""
    times = [0] * len(file)
    last = 0
    for piece in document.pieces:
        size = piece.end - piece.start
        assert size > 0
        assert not document.text[last : piece.start].strip()
        assert document.text[piece.start : piece.end] == file[piece.origin : piece.origin + size]
        assert last <= piece.start
        last = piece.end
        for at in range(piece.origin, piece.origin + size):
            times[at] += 1
    assert not document.text[last:].strip()
    for run in document.dropped:
        assert run.reason in REASONS
        for at in range(run.origin, run.end):
            times[at] += 1
    lost = [at for at, char in enumerate(file) if not char.isspace() and times[at] != 1]
    assert not lost, file[max(0, lost[0] - 40) : lost[0] + 40]
    end = 0
    for block in document.blocks:
        assert end <= block.start < block.end
        end = block.end
        words = document.slice(block.start, block.end)
        assert words == words.strip()
        for cell in block.cells:
            assert block.start <= cell.start <= cell.end <= block.end
    for offset in range(0, len(document.text), 7):
        if not document.text[offset].isspace():
            assert file[document.origin(offset)] == document.text[offset]
            number = document.line(offset)
            ends = [*document.line_starts, len(file) + 1]
            assert ends[number - 1] <= document.origin(offset) < ends[number]


def test_every_note_of_the_project_keeps_its_places() -> None:
    if not NOTES.is_dir():
        pytest.skip("corpus/documents is not there yet")
    for path in find_files(NOTES):
        document = read_document(path, NOTES)
        check(document, read_text(path, path.name))
        assert document.source.title
        assert document.blocks


def test_the_shared_articles_keep_their_places() -> None:
    seeds = SHARED / "seeds"
    if not seeds.is_dir():
        pytest.skip(f"the real articles are not at {seeds}; set VERBATIM_SHARED to the folder that holds seeds/")
    for path in find_files(seeds):
        check(read_document(path, seeds), read_text(path, path.name))


def test_shared_full_papers_keep_their_places_and_their_references() -> None:
    data = SHARED / "data" / "covidqa" / "train.json"
    if not data.is_file():
        pytest.skip(f"the full papers are not at {data}; set VERBATIM_SHARED to the folder that holds data/")
    papers = [article["paragraphs"][0]["context"] for article in json.loads(data.read_text("utf-8"))["data"]]
    documents = [read_plaintext(paper, doc_id="paper", path="paper.txt") for paper in papers]
    for document, paper in zip(documents, papers, strict=True):
        check(document, paper)
        assert document.source.title != "Paper"
        assert document.source.doi.startswith("10.")
    assert sum(bool(document.source.authors) for document in documents) >= 50
    assert sum(document.source.year.isdigit() for document in documents) == len(documents)


_WORD_LIST = """
Café 😀 dose doses of the 4 mg in 12 IL-6 anti- con- tinued viral storm”2 Table 1 TABLE 1. 2 Figure 3. ABSTRACT Methods
■ • 1. 2.1 well. end.3 care.12 (see ) , . ; : “q” 0.3- 0.7 doi:10.1234/x.y https://a.example/b X = y; Y Source: Page
Abstract: Text: Authors: nan A, 2020-01-02 4 ß İ \ufeff
"""
_WORDS = st.sampled_from([*_WORD_LIST.split(), "\u00ad", "so\u00ad", "===", "- - -", "\u2028", "\x85"])
_PLAIN = st.lists(
    st.tuples(
        st.lists(_WORDS, max_size=12), st.sampled_from(["\n", "\n\n", "\n\n\n", "\r\n", "\r", " ", "\f", "\t", "  \n"])
    ),
    max_size=40,
)
_BLOCK_MARKS = [
    "# ",
    "## ",
    "- ",
    "1. ",
    "> ",
    "    ",
    "```",
    "~~~\n",
    "| ",
    " | ",
    "|---|",
    "|\n",
    "|:-:|-|\n",
    "---\n",
]
_INLINE_MARKS = ["**", "*", "_", "`", "``", "[", "](", ")", "![", "][", "]: ", "<", ">", "<b>", "</b>", "<!--", "-->"]
_OTHERS = ["<div>", "&amp;", "&nbsp;", "&beta;", "\\", "\\|", "\n", "\n\n", "\r\n", "\r", "\t", " ", "  \n", "===\n"]
_MARKS = st.sampled_from(
    [*_BLOCK_MARKS, *_INLINE_MARKS, *_OTHERS, "Table 1. ", "Café 😀", "dose", "4 mg", "a", "(", "\u00a0", '"']
)


@settings(max_examples=400, deadline=None)
@given(_PLAIN)
def test_any_plain_text_keeps_its_places(lines: list[tuple[list[str], str]]) -> None:
    file = "".join(" ".join(words) + end for words, end in lines)
    check(read_plaintext(file, doc_id="x", path="x.txt"), file)


@settings(max_examples=400, deadline=None)
@given(st.lists(_MARKS, max_size=60).map("".join) | st.text(max_size=200))
def test_any_markdown_keeps_its_places_or_has_bad_front_matter(file: str) -> None:
    file = file.replace("\0", "")
    try:
        document = read_markdown(file, doc_id="x", path="x.md")
    except CorpusError as error:
        assert error.line is not None
        assert file.startswith("---")
        return
    check(document, file)


@given(st.lists(st.sampled_from(["Café", "😀", "dose", "4", "mg", "\n", "\n\n", "\r\n"]), max_size=60))
def test_no_word_of_plain_markdown_is_lost(words: list[str]) -> None:
    file = " ".join(words)
    document = read_markdown(file, doc_id="x", path="x.md")
    assert document.text.split() == file.split()


def test_a_builder_owes_whitespace_until_the_next_character() -> None:
    builder = DocumentBuilder("Café 😀  bar")
    builder.begin()
    builder.copy(0, 4)
    builder.space()
    builder.space("\n")
    builder.copy(5, 6)
    builder.space()
    builder.end("paragraph")
    document = builder.build("x", Source("x"))
    assert document.text == "Café\n😀"
    assert [(run.origin, run.end, run.reason) for run in document.dropped] == [(8, 11, "unread")]
