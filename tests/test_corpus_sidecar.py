"""The file beside a document: what it says stands in place of what was found, and its mistakes are named with their line."""

from __future__ import annotations

from pathlib import Path

import make_markup
import make_pdf
import pytest
from make_cord19 import make_json
from make_docx import all_notes, make_package, paragraph

from qa.corpus import read_document
from qa.corpus.sidecar import KEYS, with_sidecar
from qa.corpus.word.reader import read_docx
from qa.errors import CorpusError
from qa.schema import Document, Source


@pytest.fixture
def document() -> Document:
    found = read_docx(
        make_package(paragraph("Café 😀"), title="Found", creator="Ann Ash"), doc_id="a", path="papers/a.docx"
    )
    assert (found.source.title, found.source.authors) == ("Found", "Ann Ash")
    return found


def beside(tmp_path: Path, text: str | bytes) -> Path:
    (tmp_path / "a.docx.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
    return tmp_path / "a.docx"


def test_all_of_it_stands_in_place_of_what_was_found(document: Document, tmp_path: Path) -> None:
    text = """
# What the publisher says.
title: "The Café guide 😀"
authors: [Bo Birch, Cy Cod]
year: 2021
journal: Guides
doi: https://doi.org/10.1234/cafe.5
url: https://cafe.example/guide
licence: CC BY 4.0
section: Table 2
as_of: 2020-05-18
"""
    changed = with_sidecar(document, beside(tmp_path, text))
    assert changed.source == Source(
        path="papers/a.docx", title="The Café guide 😀", authors="Bo Birch; Cy Cod", year="2021", container="Guides",
        doi="10.1234/cafe.5", url="https://cafe.example/guide", licence="CC BY 4.0", section="Table 2", as_of="2020-05-18",
    )  # fmt: skip
    assert (changed.text, changed.blocks, changed.pieces) == (document.text, document.blocks, document.pieces)


def test_what_it_does_not_speak_of_stays_and_an_empty_key_takes_away(document: Document, tmp_path: Path) -> None:
    assert with_sidecar(document, beside(tmp_path, "year: '1999'\nauthors:\n")).source == Source(
        path="papers/a.docx", title="Found", year="1999"
    )
    assert with_sidecar(document, beside(tmp_path, "\ufefflicense: CC0\ncontainer: Tea\nauthor: Bo")).source == Source(
        path="papers/a.docx", title="Found", authors="Bo", licence="CC0", container="Tea"
    )


def test_a_title_taken_away_leaves_the_name_and_authors_that_are_nothing_are_none(
    document: Document, tmp_path: Path
) -> None:
    source = with_sidecar(document, beside(tmp_path, "title:\nauthors: [Bo Birch, ~, null, '', Cy Cod]\n")).source
    assert (source.title, source.authors) == ("a", "Bo Birch; Cy Cod")
    assert with_sidecar(document, beside(tmp_path, "authors: []\n")).source.authors == ""


@pytest.mark.parametrize("suffix", [".md", ".txt", ".pdf", ".docx", ".html", ".xml", ".json"])
def test_each_format_has_one(tmp_path: Path, suffix: str) -> None:
    note = make_markup.notes()[0]
    data = {
        ".md": note.encode(), ".txt": b"A study of tea\n\nSome words of a study.\n", ".html": make_markup.make_html(note),
        ".xml": make_markup.make_jats(note), ".docx": make_package(paragraph("words")), ".json": make_json(all_notes()[0]),
        ".pdf": make_pdf.make_paper([note.split("\n---\n", 1)[1].strip()]),
    }[suffix]  # fmt: skip
    file, sidecar = tmp_path / f"a{suffix}", tmp_path / f"a{suffix}.yaml"
    file.write_bytes(data)
    found = read_document(file, tmp_path)
    sidecar.write_text("title: Café 😀\nauthors:\n- Bo Birch\n- Cy Cod\nyear: 1999\n", "utf-8")
    changed = read_document(file, tmp_path)
    assert (changed.source.title, changed.source.authors, changed.source.year) == (
        "Café 😀",
        "Bo Birch; Cy Cod",
        "1999",
    )
    assert (changed.text, changed.source.doi) == (found.text, found.source.doi)
    for text, reason in (
        ("title: a\ntitel: b\n", ":2: unknown key 'titel'"),
        ("title: a\nyear: [\n", ":2: is not valid YAML"),
    ):
        sidecar.write_text(text, "utf-8")
        with pytest.raises(CorpusError, match=f"^a{suffix}.yaml{reason}"):
            read_document(file, tmp_path)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n...\n"])
def test_an_empty_one_changes_nothing(document: Document, tmp_path: Path, text: str) -> None:
    assert with_sidecar(document, beside(tmp_path, text)) == document


def test_without_one_nothing_changes_and_other_names_are_not_read(document: Document, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("title: Not this")
    (tmp_path / "a.docx.yml").write_text("title: Nor this")
    assert with_sidecar(document, tmp_path / "a.docx") is document
    (tmp_path / "a.docx.yaml").mkdir()
    assert with_sidecar(document, tmp_path / "a.docx") is document


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("title: a\ntitel: b\n", 2, "unknown key 'titel'; the keys are title, authors,"),
        ("title: a\nyear: soon\n", 2, "year is not a year such as 2021"),
        ("year: 20211\n", 1, "year is not a year such as 2021"),
        ("doi: café\n", 1, "doi is not a DOI such as"),
        ("\n\nurl: javascript:alert(1)\n", 3, "url is not an address such as"),
        ("title: [a, b]\n", 1, "title must be a text"),
        ("year: 2020\ntitle:\n  a: b\n", 3, "title must be a text"),
        ("authors:\n- Ash\n- {a: b}\n", 3, "authors must be a text or a list of texts"),
        ("authors: {a: b}\n", 1, "authors must be a text or a list of texts"),
        ("title: a\ntitle: b\n", 2, "title stands here twice; keep one of them"),
        ("journal: a\ncontainer: b\n", 2, "container says the same as journal; keep one of them"),
        ("[a]: b\n", 1, "a key must be one word"),
        ("- title: a\n", 1, "must be a mapping of keys to values"),
        ("words\n", 1, "must be a mapping of keys to values"),
        ('title: a\nyear: "20\n', 2, "is not valid YAML"),
        ("title: a: b\n", 1, "is not valid YAML"),
        ("title: a\n---\ntitle: b\n", 2, "is not valid YAML: but found another document"),
        ("title: *a\n", 1, "is not valid YAML: found undefined alias"),
        (b"title: a\nyear: \xff\n", 2, "is not UTF-8 text"),
        ("title: \x00\n", 1, "is not valid YAML"),
    ],
)
def test_mistakes_are_named_with_their_line(
    document: Document, tmp_path: Path, text: str | bytes, line: int, reason: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        with_sidecar(document, beside(tmp_path, text))
    assert str(caught.value).startswith(f"papers/a.docx.yaml:{line}: {reason}")
    assert caught.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "title: " + "a" * 200_000,
        "authors: " + "[" * 40_000,
        "a: &a [x]\n" + "".join(f"k{i}: [*a,*a]\n" for i in range(3000)),
        "authors: [" + "&a b, *a, " * 5000 + "]",
    ],
)
def test_large_and_deep_ones_are_refused_or_read(document: Document, tmp_path: Path, text: str) -> None:
    try:
        with_sidecar(document, beside(tmp_path, text))
    except CorpusError as error:
        assert str(error).startswith("papers/a.docx.yaml")


def test_the_keys_are_fields_of_a_source() -> None:
    assert set(KEYS.values()) <= set(Source.__dataclass_fields__)
