"""Reading in a process of its own: whatever a file does to its reader becomes a named error, and the next file is read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.corpus.child import Child
from qa.corpus.plaintext import read_plaintext
from qa.errors import CorpusError

TESTS = Path(__file__).resolve().parent
GOOD = "Fine\n\nThe dose at the Café 😀 is 4 mg.\n"


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    child = Child(seconds=2.0, module="hostile_reader")
    yield child
    child.close()


def put(folder: Path, text: str) -> Path:
    path = folder / f"{text.split()[0]}.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_document_comes_over_whole(child: Child, tmp_path: Path) -> None:
    document = child.read(put(tmp_path, GOOD), doc_id="d", name="d.txt")
    assert document == read_plaintext(GOOD, doc_id="d", path="d.txt")
    assert "Café 😀" in document.text


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("crash", "its reader ended .signal 11."),
        ("exit", "its reader ended .status 3."),
        ("hang", "takes more than 2 s"),
        ("loop", "takes more than 2 s"),
        ("swell", "more than 512 MB of memory"),
        ("deep", "nested too deeply"),
        ("odd", "cannot be read: KeyError"),
        ("write", "cannot be read: OSError|its reader ended"),
    ],
)
def test_a_reader_that_misbehaves_is_an_error_and_the_next_file_is_read(
    child: Child, tmp_path: Path, word: str, reason: str
) -> None:
    begin = time.monotonic()
    with pytest.raises(CorpusError, match=rf"^bad\.pdf: .*(?:{reason})") as caught:
        child.read(put(tmp_path, word), doc_id="bad", name="bad.pdf")
    assert time.monotonic() - begin < 10
    assert caught.value.path == "bad.pdf"
    assert child.read(put(tmp_path, GOOD), doc_id="d", name="d.txt").text.startswith("Fine")


def test_an_error_keeps_its_line_and_prints_are_no_replies(child: Child, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"^x\.xml:7: is not right$") as caught:
        child.read(put(tmp_path, "named"), doc_id="x", name="x.xml")
    assert caught.value.line == 7
    assert child.read(put(tmp_path, "chatty words"), doc_id="x", name="x.xml").text


def test_one_process_reads_many_files(child: Child, tmp_path: Path) -> None:
    path = put(tmp_path, GOOD)
    child.read(path, doc_id="a", name="a.txt")
    first = child._process
    child.read(path, doc_id="b", name="b.txt")
    assert child._process is first
    child.close()
    assert first is not None
    assert first.poll() is not None


def test_the_process_ends_with_the_program_that_started_it(tmp_path: Path) -> None:
    script = (
        "import os\nfrom pathlib import Path\nfrom qa.corpus.child import Child\n"
        "c = Child(module='hostile_reader')\n"
        f"c.read(Path({str(put(tmp_path, GOOD))!r}), doc_id='d', name='d')\n"
        "print(c._process.pid, flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
        cwd=TESTS.parent,
    )
    pid = int(done.stdout)
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
