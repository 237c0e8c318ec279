"""Finding and opening files: formats, encodings, line ends, names, and every way in which it can go wrong."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from qa.corpus import content_sha256, find_files, read_document, read_here, real_path, skipped_files
from qa.errors import CorpusError

TEXT = "Café 😀 opens at nine.\n\nThe dose is 4 mg.\n"


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def test_a_folder_gives_its_readable_files_sorted(tmp_path: Path) -> None:
    for name in ["b.txt", "a.md", "sub/c.markdown", "sub/D.TXT", "z.text"]:
        write(tmp_path / name, TEXT)
    for name in [".hidden.md", ".git/x.txt", "README.md", "sub/readme.txt", "table.xlsx"]:
        write(tmp_path / name, TEXT)
    found = [path.relative_to(tmp_path).as_posix() for path in find_files(tmp_path)]
    assert found == ["a.md", "b.txt", "sub/D.TXT", "sub/c.markdown", "z.text"]
    assert [path.name for path in skipped_files(tmp_path)] == ["table.xlsx"]


def test_a_readme_is_read_where_it_is_named(tmp_path: Path) -> None:
    readme = write(tmp_path / "README.md", TEXT)
    assert find_files(readme) == [readme]


@pytest.mark.parametrize("kind", ["missing", "empty folder", "only others", "other format"])
def test_nothing_to_find_is_an_error_that_names_the_place(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "here"
    if kind == "other format":
        place = write(tmp_path / "here.xlsx", TEXT)
    elif kind != "missing":
        place.mkdir()
        if kind == "only others":
            write(place / "x.xlsx", TEXT)
    with pytest.raises(CorpusError, match="here") as caught:
        find_files(place)
    assert kind == "missing" or ".md" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not a text file"),
        ("a\0b", "not a text file"),
        (("a" * 300 + "\0").encode("utf-16"), "not a text file"),
        (bytes(range(1, 32)) * 9, "not a text file"),
        (b"\xff\xfe\xfa", "not a text file"),
        (b"\x81\x8d" * 50, "not a text file"),
        (("äöü" * 40).encode("cp1252"), "not a text file"),
    ],
)
def test_a_file_that_holds_no_text_is_named(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = write(tmp_path / "x.txt", content)
    with pytest.raises(CorpusError, match=message) as caught:
        read_document(path)
    assert str(caught.value).startswith("x.txt: ")


def test_a_missing_file_a_folder_and_another_format_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"^gone\.txt: no such file"):
        read_document(tmp_path / "gone.txt")
    (tmp_path / "odd.txt").mkdir()
    with pytest.raises(CorpusError, match=r"^odd\.txt: is a folder"):
        read_document(tmp_path / "odd.txt")
    with pytest.raises(CorpusError, match=r"^x\.rtf: \.rtf files are not read; .*\.md.*\.txt.*\.pdf"):
        read_document(write(tmp_path / "x.rtf", b"x"))
    with pytest.raises(CorpusError, match="files without a suffix"):
        read_document(write(tmp_path / "plain", TEXT))


def test_a_file_without_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.md", TEXT)

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(CorpusError, match=r"x\.md: cannot be read: Permission denied"):
        read_here(path, "x", "x.md")


@pytest.mark.parametrize("suffix", [".md", ".pdf"])
def test_a_name_as_long_as_names_can_be_is_read_like_any_other(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / ("n" * (255 - len(suffix)) + suffix), TEXT)  # too long with .xhtml or .yaml behind
    assert find_files(tmp_path) == [path]
    assert len(content_sha256(path)) == 64
    if suffix == ".md":
        assert read_document(path).doc_id == path.stem
    else:
        with pytest.raises(CorpusError, match="not a PDF file"):
            read_document(path)
    with pytest.raises(CorpusError, match=r"nn: cannot be read: File name too long"):
        find_files(tmp_path / ("n" * 300))
    assert skipped_files(tmp_path / ("n" * 300)) == []


def test_a_link_that_leads_round_in_a_circle_is_named(tmp_path: Path) -> None:
    loop = tmp_path / "loop.md"
    loop.symlink_to(loop)
    (tmp_path / "up").symlink_to(tmp_path)
    assert find_files(tmp_path) == [loop]
    for read in (find_files, lambda path: read_document(path, tmp_path)):
        with pytest.raises(CorpusError, match=r"loop\.md: cannot be read: Too many levels"):
            read(loop)
    assert real_path(loop).name == "loop.md"


@pytest.mark.parametrize("name", ["line\nbreak.md", "\x1b[31mred.md", "c1\x9b.md"])
def test_a_name_with_control_characters_is_refused_and_shown_without_them(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorpusError, match="control character") as caught:
        read_document(write(tmp_path / name, TEXT), tmp_path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".xml", ".json"])
def test_the_source_of_a_pdf_file_is_no_text(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"x{suffix}", "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\ntrailer\n")
    with pytest.raises(CorpusError, match=r"is a PDF file by its content: give it the suffix \.pdf"):
        read_document(path)


def test_a_document_of_marks_alone_holds_no_text(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no text"):
        read_document(write(tmp_path / "x.md", "---\ntitle: Café\n---\n\n<!-- later -->\n"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_encodings_and_line_ends_keep_the_right_lines(tmp_path: Path, encoding: str, end: str, suffix: str) -> None:
    path = write(tmp_path / f"x{suffix}", TEXT.replace("\n", end).encode(encoding))
    document = read_document(path)
    assert "Café 😀 opens" in document.text
    assert document.line(document.text.index("opens")) == 1
    assert document.line(document.text.index("4 mg")) == 3
    assert len(document.line_starts) == 3


def test_single_byte_text_is_read_as_windows_1252(tmp_path: Path) -> None:
    path = write(tmp_path / "x.txt", "The café’s dose is 4 mg.".encode("cp1252"))
    assert "café’s" in read_document(path).text


def test_ids_are_places_below_the_root_without_suffix(tmp_path: Path) -> None:
    path = write(tmp_path / "sub" / "baricitinib-eua.md", TEXT)
    assert read_document(path, tmp_path).doc_id == "sub/baricitinib-eua"
    assert read_document(path, tmp_path).source.path == "sub/baricitinib-eua.md"
    assert read_document(path).doc_id == "baricitinib-eua"
    assert read_document(path, tmp_path / "elsewhere").doc_id == "baricitinib-eua"


def test_files_that_differ_in_their_suffix_alone_keep_it(tmp_path: Path) -> None:
    names = ["x.md", "x.txt", "v1.2.txt", "v1.3.txt"]
    for name in names:
        write(tmp_path / name, TEXT)
    ids = [read_document(tmp_path / name, tmp_path).doc_id for name in names]
    assert ids == ["x.md", "x.txt", "v1.2", "v1.3"]


@pytest.mark.parametrize(
    ("matter", "message"),
    [
        ("---\ntitle: Café\nsource: [\n---\ntext", r"notes/x\.md:\d: front matter is not valid YAML"),
        ("---\ntitle: Café\n  bad: 1\n---\ntext", r"notes/x\.md:3: front matter is not valid YAML"),
        ("---\ntitle: 'open\n---\ntext", r"notes/x\.md:\d: front matter is not valid YAML"),
        ("---\n- a\n- b\n---\ntext", r"notes/x\.md:2: front matter must be a mapping"),
        ("---\njust words\n---\ntext", r"notes/x\.md:2: front matter must be a mapping"),
        ("---\ntitle: Café\n\ntext", r"notes/x\.md:1: front matter opens with --- but never closes"),
        ("---\ntitle: Café\nsource: [a, b]\n---\ntext", r"notes/x\.md:3: source in the front matter must be"),
        ("---\na: " + "[" * 5000 + "\n---\ntext", r"notes/x\.md:\d: front matter is not valid YAML"),
        ("---\n? [a]\n: b\n---\ntext", r"notes/x\.md:\d: front matter is not valid YAML"),
    ],
)
def test_broken_front_matter_is_named_with_its_line(tmp_path: Path, matter: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_document(write(tmp_path / "notes" / "x.md", matter), tmp_path)
