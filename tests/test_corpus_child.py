"""Reading in a process of its own: whatever a file does to its reader becomes a named error, and the next file is read."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from unittest import mock

import pytest

from qa.corpus import content_sha256, read_document
from qa.corpus.child import Child
from qa.corpus.plaintext import read_plaintext
from qa.corpus.wire import pack, unpack
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
        ("abort", "more than 512 MB of memory"),
        ("killed", "ended from outside .signal 9."),
        ("vast", "holds more than is read of one file"),
        ("flood", "holds more than is read of one file"),
        ("forge", "gave no document"),
        ("surrogate", "cannot be read: ValueError"),
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


def test_a_swollen_process_is_replaced_and_a_full_document_costs_little(child: Child, tmp_path: Path) -> None:
    child.read(put(tmp_path, GOOD), doc_id="a", name="a.txt")
    first = child._process
    assert child.read(put(tmp_path, "leak words"), doc_id="b", name="b.txt").text
    assert first is not None
    assert first.poll() is not None
    assert child._process is None
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(child.read(put(tmp_path, "huge"), doc_id="c", name="c.txt").pieces) == 300_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 2**10


def test_ctrl_c_leaves_no_reply_for_the_next_file(child: Child, tmp_path: Path) -> None:
    child.read(put(tmp_path, GOOD), doc_id="a", name="a.txt")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            child.read(put(tmp_path, "hang"), doc_id="b", name="b.txt")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert child.read(put(tmp_path, GOOD), doc_id="c", name="c.txt").doc_id == "c"


def test_ctrl_c_in_the_terminal_does_not_end_the_process(child: Child, tmp_path: Path) -> None:
    child.read(put(tmp_path, GOOD), doc_id="a", name="a.txt")
    first = child._process
    assert first is not None
    os.kill(first.pid, signal.SIGINT)
    assert child.read(put(tmp_path, GOOD), doc_id="b", name="b.txt").text
    assert child._process is first


def test_a_process_that_ended_between_two_files_is_no_fault_of_the_next(child: Child, tmp_path: Path) -> None:
    child.read(put(tmp_path, GOOD), doc_id="a", name="a.txt")
    first = child._process
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    os.waitid(os.P_PID, first.pid, os.WEXITED | os.WNOWAIT)
    with mock.patch.object(subprocess.Popen, "poll", return_value=None):
        assert child.read(put(tmp_path, GOOD), doc_id="b", name="b.txt").text


def test_threads_take_turns_and_get_their_own_documents(child: Child, tmp_path: Path) -> None:
    files = [put(tmp_path, f"w{i}\n\nThe dose of drug {i} is {i} mg.\n") for i in range(12)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda file: child.read(file, doc_id=file.stem, name=file.name), files))
    for i, document in enumerate(found):
        assert f"drug {i} is" in document.text
        assert document.doc_id == f"w{i}"


def test_no_file_descriptor_and_no_zombie_stays(child: Child, tmp_path: Path) -> None:
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = count()
    for word in ("crash", "exit", "flood", "leak words"):
        with suppress(CorpusError):
            child.read(put(tmp_path, word), doc_id="x", name="x.txt")
        assert count() == before
    with suppress(ChildProcessError):  # raised where there are no processes at all
        assert os.waitpid(-1, os.WNOHANG) == (0, 0)


def test_a_fork_starts_a_process_of_its_own(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom qa.corpus import _child, read_document\n"
        f"p = Path({str(put(tmp_path, GOOD))!r})\n"
        "read_document(p)\npid = _child()._process.pid\n"
        "if not os.fork():\n"
        "    read_document(p)\n    assert _child()._process.pid != pid\n    sys.exit(7)\n"
        "assert os.waitstatus_to_exitcode(os.wait()[1]) == 7\n"
        "read_document(p)\nassert _child()._process.pid == pid\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, cwd=TESTS.parent
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_is_imported_from_the_folder_that_one_stands_in(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken over')\n")
    note = put(tmp_path, GOOD)
    script = f"from pathlib import Path\nfrom qa.corpus import read_document\nprint(read_document(Path({str(note)!r})).text[:4])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env={**os.environ, "PYTHONPATH": str(TESTS.parent)},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.stdout == "Fine\n", done.stderr


def test_no_process_to_be_had_is_a_named_error(child: Child, tmp_path: Path) -> None:
    with (
        mock.patch.object(subprocess, "Popen", side_effect=OSError(11, "Resource temporarily unavailable")),
        pytest.raises(CorpusError, match="Resource temporarily unavailable"),
    ):
        child.read(put(tmp_path, GOOD), doc_id="d", name="d.txt")


def test_what_is_no_packed_document_is_a_value_error() -> None:
    note = read_plaintext(GOOD, doc_id="d", path="d.txt")
    assert unpack(pack(note)) == note
    for line in (b"", b"{}", b"[]", b"5", b"null", b'{"names":[]}', b"[" * 100_000, b"\xff", pack(note)[:-9]):
        with pytest.raises(ValueError):
            unpack(line)


def test_a_bomb_in_a_pdf_is_reported_as_memory(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b"0 " * 2**19) for _ in range(614)) + packer.flush()
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(data), data),
    )
    objects = b"".join(b"%d 0 obj\n%s\nendobj\n" % (i, part) for i, part in enumerate(parts, 1))
    path = tmp_path / "bomb.pdf"
    path.write_bytes(b"%PDF-1.7\n" + objects + b"trailer\n<</Root 1 0 R/Size 5>>\n%%EOF\n")
    with pytest.raises(CorpusError, match=r"bomb\.pdf: needs more than 512 MB of memory"):
        read_document(path)


@pytest.mark.parametrize("name", ["x.md", "x.pdf"])
def test_what_is_no_regular_file_is_named(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(CorpusError, match="a device or a pipe, not a file"):
        read_document(tmp_path / name)
    with pytest.raises(OSError, match="no file that is read"):
        content_sha256(tmp_path / name)


def test_a_name_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text(GOOD, encoding="utf-8")
    with pytest.raises(CorpusError, match="a name that is not UTF-8") as caught:
        read_document(path)
    str(caught.value).encode()


def test_a_source_is_bounded_and_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text('---\ntitle: "\\ud800 ' + "a" * 50_000 + '"\n---\n\nWords.\n', encoding="utf-8")
    title = read_document(path).source.title
    assert title.startswith("? a")
    assert len(title) == 2000


@pytest.mark.parametrize("text", ["![" * 200_000, "[" * 100_000 + "](a)" * 100_000], ids=["images", "brackets"])
def test_markdown_that_takes_too_long_is_ended(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.md"
    path.write_text(text, encoding="utf-8")
    begin = time.monotonic()
    with suppress(CorpusError):
        read_document(path)
    assert time.monotonic() - begin < 10.5
