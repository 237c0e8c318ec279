"""What the commands say of an index that is damaged, of files that could not be read, and of one that is sound."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from test_cli import StandIn

from qa import assistant, cli, embedding, index
from qa.cli.output import ERROR
from tests.make_pdf import draw_picture, make_canvas

TEXT = "# Doses\n\nBaricitinib was given at 4 mg.\n"


@pytest.fixture(autouse=True)
def _fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant, "SentenceTransformerEmbedder", StandIn)
    monkeypatch.setattr(embedding, "SentenceTransformerEmbedder", StandIn)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An index of two generations, the newer of which also holds b."""
    (tmp_path / "a.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "b.md").write_text(TEXT.replace("Baric", "Fedra"), encoding="utf-8")
    monkeypatch.setenv("VERBATIM_INDEX", str(tmp_path / "index"))
    for name in ("a", "b"):
        assert cli.run(["add", str(tmp_path / f"{name}.md")]) == 0
    capsys.readouterr()
    return tmp_path / "index"


def test_verify_says_that_an_index_is_sound(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify"]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (f"{folder / 'gen-2'} is sound: 2 documents, 2 passages, 2 sentences\n", "")
    (folder / "gen-3.tmp").mkdir()
    assert cli.run(["verify", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["sound"] is True
    assert "left by an interrupted write" in err and "gen-3.tmp" in err


def test_verify_says_what_is_damaged_and_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = folder / "gen-2" / "store.sqlite"
    store.write_bytes(store.read_bytes()[:-1])
    assert cli.run(["verify"]) == ERROR
    out, err = capsys.readouterr()
    assert out == ""
    assert f"damaged: {store} has " in err and "mend it with: qa add" in err
    assert cli.run(["verify", "--json"]) == ERROR
    data = json.loads(capsys.readouterr().out)
    assert (data["sound"], data["generation"], len(data["problems"])) == (False, "gen-1", 1)


def test_adding_tells_which_pages_are_pictures_without_text(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def text(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Baricitinib was given at the Café at 4 mg.")

    file = tmp_path / "scan.pdf"
    for pages, said in (
        ((text, draw_picture, text, draw_picture, draw_picture), "pages 2, 4–5 are pictures without a text layer"),
        ((text, draw_picture), "page 2 is a picture without a text layer"),
    ):
        file.write_bytes(make_canvas(*pages))
        assert cli.run(["add", str(file)]) == 0
        assert f"warning: scan.pdf: {said} and could not be read: run OCR" in capsys.readouterr().err
    (document,) = (item.document for item in index.load(folder, StandIn()).documents if item.document.doc_id == "scan")
    assert document.scanned_pages == (2,)
    assert cli.run(["add", str(file)]) == 0
    file.write_bytes(make_canvas(text, text))
    assert cli.run(["add", str(file)]) == 0
    assert "warning" not in capsys.readouterr().err


def test_verify_of_nothing_and_of_another_model(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", "--index", str(folder / "none")]) == ERROR
    assert "no index in" in capsys.readouterr().err
    assert cli.run(["verify", "--embedder", "other"]) == ERROR
    assert "built with the model fake" in capsys.readouterr().err


def test_every_command_warns_of_a_fallback_until_nothing_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "gen-2" / "store.sqlite").unlink()
    missing = "warning: b is missing since gen-2 was damaged; add it again with: qa add "
    for command in (["list"], ["ask", "baricitinib dose"], ["retrieve", "dose"], ["add", str(folder.parent / "a.md")]):
        cli.run(command)
        out, err = capsys.readouterr()
        assert missing in err
        assert "warning" not in out
    assert cli.run(["verify"]) == ERROR
    assert "damaged: b is missing" in capsys.readouterr().err
    assert cli.run(["add", str(folder.parent / "b.md")]) == 0
    assert cli.run(["list"]) == 0
    assert cli.run(["verify"]) == 0
    assert "warning" not in capsys.readouterr().err


def test_adding_the_same_again_says_that_there_is_nothing_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "CURRENT").read_bytes()
    assert cli.run(["add", str(folder.parent / "a.md")]) == 0
    assert "unchanged a\nnothing to do" in capsys.readouterr().out
    assert (folder / "CURRENT").read_bytes() == before


def test_files_that_could_not_be_read_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = folder.parent / "bad.md"
    bad.write_text("---\ntitle: [broken\n---\nText.\n", encoding="utf-8")
    for _ in range(2):
        assert cli.run(["add", str(bad)]) == ERROR
        assert "bad.md:2: " in capsys.readouterr().err
    assert cli.run(["list", "--failed"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{bad}, line 2\n    ")
    assert cli.run(["list", "--failed", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["file"], row["line"], sorted(row)) == (str(bad), 2, ["file", "line", "reason", "sha256"])
    assert cli.run(["verify"]) == 0
    assert "1 files could not be read: see qa list --failed" in capsys.readouterr().err
    bad.write_text(TEXT, encoding="utf-8")
    assert cli.run(["add", str(bad)]) == 0
    assert cli.run(["list", "--failed"]) == 0
    assert "bad.md" not in capsys.readouterr().out.split("documents")[-1].split("passages in")[-1].partition("\n")[2]


def test_words_of_documents_do_not_move_the_cursor(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder.parent / "trap.txt"
    path.write_text(
        "\x1b]0;owned\x07Tofacitinib was given at \x1b[8m10 mg \u202egm 4.\n" + "It was taken with water. " * 20,
        encoding="utf-8",
    )
    assert cli.run(["add", str(path)]) == 0
    assert cli.run(["retrieve", "tofacitinib given"]) == 0
    out, err = capsys.readouterr()
    assert "\\x1b[8m10 mg \\u202egm 4" in out
    assert all(char.isprintable() or char == "\n" for char in out + err)
