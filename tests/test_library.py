"""Documents that are listed, added, moved and removed in the chat: over a real index, with the embedder of the fakes."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chat_fake import PAYLOADS, FakeAssistant
from chat_server import ROOT, running
from fakes import FakeEmbedder

pytest.importorskip("gradio", reason="gradio is not installed")

import httpx

from qa import index
from qa.assistant import Assistant
from qa.chat.conversing import answer, converse
from qa.chat.documents import carry_out, received, show
from qa.chat.library import Library
from qa.chat.scope import Within
from qa.chat.shelf import listing, wanted
from qa.chat.suggesting import Suggestions
from qa.chat.uploads import LONGEST, MB, Limits, UploadGuard, Uploads, safe_name
from qa.errors import CorpusError, IndexStateError
from qa.index import StoredDocument, StoredFailure, locks
from qa.rendering import Entry, Job, Listing, Place, Trouble, Turn, job_list, library_list, source_panel
from qa.schema import Source
from qa.shared import Following

ALPHA = "---\ntitle: Baricitinib at the bedside\nauthors: A. Sample\nyear: 2021\n---\nThe dose of baricitinib is 4 mg. Café 😀.\n"
BETA = "# Ruxolitinib doses\n\nThe dose of ruxolitinib is 10 mg twice daily.\n"
GAMMA = "# Tofacitinib doses\n\nThe dose of tofacitinib is 5 mg twice daily. Café 😀.\n"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "alpha.md").write_text(ALPHA)
    (notes / "beta.md").write_text(BETA)
    index.build(tmp_path / "index", [notes], FakeEmbedder())
    return Library(Following(Assistant.open(tmp_path / "index", embedder=FakeEmbedder())), patience=5)


def sent(tmp_path: Path, content: str | bytes, name: str = "blob") -> Path:
    """A file as it was received."""
    folder = tmp_path / "received"
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def take(library: Library, tmp_path: Path, content: str | bytes, name: str, **options: str) -> Job:
    """What became of a file that was added."""
    library.take(sent(tmp_path, content), name, **options)
    library.tasks.wait()
    return library.jobs()[-1]


def ids(library: Library) -> list[str]:
    return [stored.document.doc_id for stored in library.assistants.current().documents]


def test_an_added_file_is_kept_and_found(library: Library, tmp_path: Path) -> None:
    job = take(library, tmp_path, GAMMA, "gamma.md", collection="New")
    assert (job.state, job.note) == ("done", "Done: 1 passage")
    assert not (tmp_path / "received" / "blob").exists()
    kept = tmp_path / "index-uploads" / hashlib.sha256(GAMMA.encode()).hexdigest() / "gamma.md"
    assert kept.read_text() == GAMMA
    found = library.assistants.current().retrieve("tofacitinib dose", 1)[0].passage
    assert "5 mg" in found.text
    stored = next(s for s in library.assistants.current().documents if s.document.doc_id == found.doc_id)
    assert (stored.file, stored.collection) == (str(kept), "New")
    assert index.verify(tmp_path / "index").sound
    again = index.add(tmp_path / "index", [kept], FakeEmbedder())
    assert again.unchanged == (found.doc_id,)


def test_the_file_is_on_the_disk_before_it_is_indexed(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    seen: list[bool] = []
    real_sync, real_add = index.disk.sync, index.add

    def sync(path: Path) -> None:
        synced.append(path.name)
        real_sync(path)

    def add(folder: Path, paths: list[Path], *args: Any, **options: Any) -> Any:
        seen.append(paths[0].read_text() == GAMMA and "gamma.md" in synced and "index-uploads" in synced)
        return real_add(folder, paths, *args, **options)

    monkeypatch.setattr(index.disk, "sync", sync)
    monkeypatch.setattr(index, "add", add)
    assert take(library, tmp_path, GAMMA, "gamma.md").state == "done"
    assert seen == [True]


def test_the_same_file_again_does_nothing_and_says_so(library: Library, tmp_path: Path) -> None:
    take(library, tmp_path, GAMMA, "gamma.md")
    before = index.stamp(tmp_path / "index")
    job = take(library, tmp_path, GAMMA, "another name.md")
    assert (job.state, job.note) == ("same", "Already there as “Tofacitinib doses”")
    job = take(library, tmp_path, ALPHA, "alpha.md")
    assert (job.state, job.note) == ("same", "Already there as “Baricitinib at the bedside”")
    assert index.stamp(tmp_path / "index") == before
    assert len(list((tmp_path / "index-uploads").glob("*/*"))) == 1


def test_equal_names_do_not_overwrite(library: Library, tmp_path: Path) -> None:
    take(library, tmp_path, GAMMA, "beta.md")
    take(library, tmp_path, GAMMA.replace("5 mg", "11 mg"), "beta.md")
    assert len(ids(library)) == 4 and len(set(ids(library))) == 4
    texts = {file.read_text() for file in (tmp_path / "index-uploads").glob("*/beta.md")}
    assert texts == {GAMMA, GAMMA.replace("5 mg", "11 mg")}


def test_a_file_that_fails_stops_no_other(library: Library, tmp_path: Path) -> None:
    for number, (content, name) in enumerate([(b"%PDF-1.4 no", "broken.pdf"), (GAMMA, "gamma.md")]):
        library.take(sent(tmp_path, content, str(number)), name)
    library.tasks.wait()
    broken, good = library.jobs()
    assert (broken.state, good.state) == ("failed", "done")
    assert "PDF" in broken.note and "broken.pdf" not in broken.note and broken.file
    (failure,) = library.assistants.current().index.failures
    assert failure.file == broken.file
    assert "broken.pdf" not in show(library.assistants, library, {})  # it is told of among the jobs
    fresh = Library(library.assistants)
    assert "broken.pdf" in show(library.assistants, fresh, {})
    fresh.retry(failure.file)
    fresh.tasks.wait()
    assert fresh.jobs()[-1].state == "failed"
    library.forget(broken.number)
    library.tasks.wait()
    assert library.assistants.current().index.failures == ()
    assert [file.name for file in (tmp_path / "index-removed").glob("*/*")] == ["broken.pdf"]
    assert ids(library) == ["alpha", "beta", "gamma"]


def test_what_cannot_be_dismissed(library: Library, tmp_path: Path) -> None:
    outside = tmp_path / "notes" / "alpha.md"
    with pytest.raises(CorpusError, match="left alone"):
        library.dismiss(str(outside))
    assert outside.exists()
    assert "left alone" in carry_out(library, {"do": "dismiss", "file": str(outside)})


@pytest.mark.parametrize(
    "name",
    [
        "; rm -rf.md", "..%2f..%2fetc.md", "=cmd|' /C calc'!A0.md", "é" * 300 + ".md", "\u202efdp.exe.md", "a\nb\x00.md",
        "../../evil.md", "C:\\temp\\x.md", "-rf.md", ".hidden.md", ".md.md", "<script>alert(1)</script>.md", "Café 😀.md",
        "\udce9.md", "CON.md", "  .md",
    ],
)  # fmt: skip
def test_hostile_names_are_kept_safely_and_shown_escaped(library: Library, tmp_path: Path, name: str) -> None:
    job = take(library, tmp_path, GAMMA, name)
    assert job.state == "done", job.note
    (kept,) = (tmp_path / "index-uploads").glob("*/*")
    assert kept.read_text() == GAMMA
    assert re.fullmatch(r"[^/\\:*?\"<>|;&$`'%=\x00-\x1f\u202e-]+.*\.md", kept.name)
    assert not kept.name.startswith((".", "-")) and len(kept.name.encode()) <= LONGEST + 4
    assert list((tmp_path / "index-uploads").iterdir()) == [kept.parent]
    assert "<script>" not in job_list(library.jobs())
    assert str(kept) in {stored.file for stored in library.assistants.current().documents}


def test_names_stay_readable() -> None:
    assert safe_name("Café 😀 (final).PDF") == "Café 😀 _final_.pdf"
    assert safe_name("///") == "_" or safe_name("///")
    assert safe_name("") == "document"


def test_limits(library: Library, tmp_path: Path) -> None:
    job = take(library, tmp_path, "MZ", "run.exe")
    assert job.state == "failed" and ".exe" in job.note and "PDF" in job.note
    assert "ending" in take(library, tmp_path, "words", "README").note
    assert "empty" in take(library, tmp_path, "", "a.md").note
    uploads = Uploads(tmp_path / "index", Limits(file=10, quota=15))
    with pytest.raises(CorpusError, match="larger than"):
        uploads.check("a.md", 11)
    sent_here = sent(tmp_path, "0123456789")
    uploads.check("a.md", 10)
    uploads.withdraw(uploads.receive(sent_here, "a.md", hashlib.sha256(b"0123456789").hexdigest()))
    with pytest.raises(CorpusError, match="no room"):
        uploads.check("b.md", 6)
    assert "characters" in take(library, tmp_path, GAMMA, "g.md", collection="x" * 61).note
    assert len(ids(library)) == 2


def test_remove_moves_uploads_aside_and_touches_no_other_file(library: Library, tmp_path: Path) -> None:
    take(library, tmp_path, GAMMA, "gamma.md")
    library.remove("gamma")
    library.remove("alpha")
    library.tasks.wait()
    assert ids(library) == ["beta"]
    assert (tmp_path / "notes" / "alpha.md").read_text() == ALPHA
    assert [file.read_text() for file in (tmp_path / "index-removed").glob("*/gamma.md")] == [GAMMA]
    assert not list((tmp_path / "index-uploads").glob("*"))
    assert [job.note for job in library.jobs()][-2:] == [
        "Removed",
        "Removed; its file was not added here and stays where it is",
    ]
    library.resume()
    library.tasks.wait()
    assert ids(library) == ["beta"]
    assert take(library, tmp_path, GAMMA, "gamma.md").state == "done"


def test_a_removal_that_fails_leaves_the_file(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(library, tmp_path, GAMMA, "gamma.md")

    def full(*_: object, **__: object) -> None:
        raise IndexStateError("the disk is full")

    monkeypatch.setattr(index, "remove", full)
    library.remove("gamma")
    library.tasks.wait()
    assert library.jobs()[-1].note == "the disk is full"
    assert [file.read_text() for file in (tmp_path / "index-uploads").glob("*/gamma.md")] == [GAMMA]
    assert "no longer there" in carry_out(library, {"do": "remove", "doc": "nothing"})


def test_another_writer_is_waited_for_and_named(library: Library, tmp_path: Path) -> None:
    with locks.lock(tmp_path / "index"):
        library.take(sent(tmp_path, GAMMA), "gamma.md")
        for _ in range(100):
            if library.jobs()[-1].step.startswith("Waiting: "):
                break
            threading.Event().wait(0.05)
        assert f"process {os.getpid()}" in library.jobs()[-1].step
    library.tasks.wait()
    assert library.jobs()[-1].state == "done"
    library.patience = 0.05
    with locks.lock(tmp_path / "index"):
        job = take(library, tmp_path, GAMMA.replace("5", "6"), "delta.md")
    assert job.state == "failed" and "is being written by" in job.note
    assert job.file and Path(job.file).exists()
    library.again(job.number)
    library.tasks.wait()
    assert library.jobs()[-1].state == "done" and len(ids(library)) == 4


def test_what_was_received_is_indexed_after_a_restart(library: Library, tmp_path: Path) -> None:
    uploads = library.uploads
    uploads.receive(sent(tmp_path, GAMMA), "gamma.md", hashlib.sha256(GAMMA.encode()).hexdigest())
    (uploads.folder / f".{'0' * 64}.incoming").mkdir()
    library.resume()
    library.tasks.wait()
    assert "gamma" in ids(library) and len(library.jobs()) == 1
    library.resume()
    assert len(library.jobs()) == 1


def test_collections_are_moved_renamed_and_asked(library: Library, tmp_path: Path) -> None:
    library.move(["alpha"], "JAK")
    library.tasks.wait()
    assert library.jobs()[-1].note == "Now in the collection “JAK”"
    turn = answer(Within(library.assistants, "JAK"), "what is the dose")
    assert turn.answer is not None
    assert {hit.passage.doc_id for hit in turn.answer.hits} == {"alpha"}
    *_, shown = converse(library.assistants, Suggestions(), "what is the dose", [Turn("before")], collection="JAK")
    assert (shown[0].collection, shown[1].collection) == ("", "JAK")
    library.rename("JAK", "Kinases")
    library.tasks.wait()
    assert library.assistants.current().collections == {"Kinases": ("alpha",)}
    gone = answer(Within(library.assistants, "JAK"), "what is the dose")
    assert gone.answer is None and "no collection “JAK” any more" in gone.problem
    everywhere = answer(Within(library.assistants, ""), "what is the dose").answer
    assert everywhere is not None and len({hit.passage.doc_id for hit in everywhere.hits}) == 2
    assert "no collection" in carry_out(library, {"do": "rename", "name": "JAK", "collection": "x"})


def test_changes_are_refused_without_a_library() -> None:
    assert "--allow-uploads" in carry_out(None, {"do": "remove", "doc": "x"})
    html = show(FakeAssistant(), None, {})
    assert "data-ask" not in html and 'data-do="' not in html and html.count("<tr>") == 4


@pytest.mark.parametrize(
    "data", [{}, {"do": "nothing"}, {"do": "again", "number": "x"}, {"do": "forget", "number": "-1"}]
)
def test_nonsense_from_a_browser_changes_nothing(library: Library, data: dict[str, str]) -> None:
    assert carry_out(library, data) == ""
    assert library.jobs() == []


def test_only_what_was_uploaded_is_taken(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    good = tmp_path / "gradio" / ("a" * 64) / "upload"
    good.parent.mkdir(parents=True)
    good.write_text(GAMMA)
    assert received(str(good)) == good
    link = good.with_name("link")
    link.symlink_to(tmp_path / "notes" / "alpha.md")
    bad = (
        "/etc/passwd",
        f"{good.parent}/../../../notes/alpha.md",
        "",
        "upload",
        str(tmp_path / "gradio"),
        str(link),
        "a\0b",
    )
    for path in bad:
        assert not received(path).exists()
        assert carry_out(library, {"do": "take", "path": path, "name": "x.md"}) == ""
        assert library.jobs()[-1].state == "failed"
    assert (tmp_path / "notes" / "alpha.md").exists() and link.is_symlink()
    carry_out(library, {"do": "take", "path": str(good), "name": "gamma.md"})
    library.tasks.wait()
    assert library.jobs()[-1].state == "done" and not good.exists()


def test_the_list_is_searched_sorted_and_paged() -> None:
    base = FakeAssistant()
    stored = base.documents[0]

    def numbered(n: int) -> StoredDocument:
        source = Source(path=f"{n}.pdf", title=f"Title {n:04}", authors=f"Author {n % 7}")
        document = replace(stored.document, doc_id=f"d{n}", source=source)
        return replace(stored, document=document, file=__file__, collection="Odd" if n % 2 else "")

    documents = tuple(map(numbered, range(2000)))
    collections = {"Odd": tuple(f"d{n}" for n in range(1, 2000, 2))}
    many: Any = SimpleNamespace(index=replace(base.index, documents=documents), collections=collections)
    first = listing(many, wanted({}))
    assert (first.total, first.found, len(first.entries), first.entries[0].title) == (2000, 2000, 50, "Title 0000")
    last = listing(many, wanted({"page": "999", "sort": "title"}))
    assert last.entries[-1].title == "Title 1999" and last.wanted.page == 39
    assert listing(many, wanted({"sort": "title", "descending": True})).entries[0].title == "Title 1999"
    found = listing(many, wanted({"search": "AUTHOR 3 title 0010"}))
    assert [entry.doc_id for entry in found.entries] == ["d10"]
    odd = listing(many, wanted({"collection": "Odd"}))
    assert odd.found == 1000 and odd.collections == {"Odd": 1000}
    assert listing(many, wanted({"collection": "gone"})).found == 2000
    assert listing(many, wanted({"search": "nothing like it"})).found == 0
    html = library_list(first)
    assert "1\u201350 of 2,000" in html and len(html) < 100_000
    empty: Any = SimpleNamespace(index=replace(base.index, documents=(), passages=()), collections={})
    assert "No documents yet" in library_list(listing(empty, wanted({})))


def test_what_the_list_says_is_true(library: Library, tmp_path: Path) -> None:
    (tmp_path / "notes" / "beta.md").unlink()
    found = listing(library.assistants.current(), wanted({"sort": "dated"}))
    gone, there = found.entries
    assert gone.dated is None and "file is gone" in gone.note
    assert there.dated == (tmp_path / "notes" / "alpha.md").stat().st_mtime and there.note == ""
    assert (there.passages, found.passages) == (1, 2)
    lost = index.Lost("old.md", "", "is missing since gen-3 was damaged")
    failure = StoredFailure("/x/bad.pdf", "", "bad.pdf", None, "holds no text")
    broken = replace(library.assistants.current().index, lost=(lost,), failures=(failure,))
    shelf: Any = SimpleNamespace(index=broken, collections={})
    html = library_list(listing(shelf, wanted({}), changing=True))
    assert "is missing since gen-3" in html and "holds no text" in html and 'data-do="retry"' in html
    assert 'data-do="dismiss"' not in html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_everything_shown_is_escaped(payload: str) -> None:
    source = Source(
        path=payload, title=payload, authors=payload, container=payload, year=payload, doi=payload, note=payload + "x"
    )
    entry = Entry(payload, source, payload, 1, collection=payload, note=payload)
    shown = Listing(
        [entry], 1, 1, collections={payload: 1}, troubles=[Trouble(payload, payload, payload, True)], changing=True,
        wanted=wanted({"collection": payload}),
    )  # fmt: skip
    html = library_list(shown) + job_list(
        [Job(1, payload, "failed", note=payload, token=payload, file=payload)], payload
    )
    for tag in ("<script", "<img", "<svg", "<iframe", "<a href='java", "</textarea", "<b>&lt"):
        assert tag not in html
    assert not re.search(r"""<[a-z]+[^<>]*\s(on[a-z]+)=""", re.sub(r'"[^"]*"', '""', html))


def test_a_document_opens_at_its_beginning() -> None:
    document = FakeAssistant().sources[0]
    place = Place.whole(document.doc_id)
    assert place.within(document)
    html = source_panel(document, place)
    assert "<mark" not in html and "vb-quoted" not in html and "line 1" not in html


def test_the_guard_before_uploads() -> None:
    async def ask(guard: UploadGuard, path: str, **headers: str) -> int:
        statuses: list[int] = []

        async def send(message: Any) -> None:
            if "status" in message:
                statuses.append(message["status"])

        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await guard({"type": "http", "method": "POST", "path": path, "headers": raw}, lambda: None, send)  # type: ignore[arg-type]
        return statuses[0]

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    def status(limits: Limits | None, path: str = "/gradio_api/upload", **headers: str) -> int:
        return asyncio.run(ask(UploadGuard(app, limits), path, **headers))

    limits = Limits(file=2 * MB)
    assert status(None, content_length="5") == 403
    assert status(None, "/gradio_api/queue/join") == 200
    assert status(limits, content_length="5") == 200
    assert status(limits, "/gradio_api/upload/", content_length=str(4 * MB)) == 413
    assert status(limits) == 411
    assert status(limits, content_length="-5") == 411
    assert status(limits, content_length="5", sec_fetch_site="cross-site") == 403
    assert status(limits, "/gradio_api/process_recording", content_length="5") == 403


def test_the_server_takes_files_only_where_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "beta.md").write_text(BETA)
    with running(folder=str(tmp_path / "index")) as address:
        url = f"{address}/gradio_api/upload"
        taken = httpx.post(url, files={"files": ("upload", GAMMA.encode())})
        assert taken.status_code == 200
        assert received(taken.json()[0]).read_text() == GAMMA
        assert httpx.get(f"{address}/gradio_api/file={taken.json()[0]}").headers.get("content-type", "") != "text/html"
        big = httpx.post(url, files={"files": ("upload", b"x" * (Limits().file + 2 * MB))})
        assert big.status_code == 413
        received(taken.json()[0]).unlink()
    with running() as address:
        refused = httpx.post(f"{address}/gradio_api/upload", files={"files": ("upload", b"words")})
        assert refused.status_code == 403


def test_changes_are_taken_one_after_the_other() -> None:
    code = (
        "from chat_fake import FakeAssistant; from qa.chat.page import build_page; from qa.chat.library import Library\n"
        "fake = FakeAssistant(); page = build_page(fake, library=Library(fake))\n"
        "print({f.concurrency_limit for f in page.fns.values() if f.concurrency_id == 'library'})"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = {**os.environ, "PYTHONPATH": paths}
    made = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert made.stdout == "{1}\n", made.stderr
