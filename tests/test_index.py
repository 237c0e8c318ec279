"""The index on disk: changes, what is kept, and what every kind of damage says."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import FakeEmbedder, make_query

from qa import dense, index
from qa.assistant import Assistant
from qa.bm25 import BM25Scorer
from qa.chunking import index_spans
from qa.errors import CorpusError, IndexStateError
from qa.index import disk, generations
from qa.index.store import Contents, StoredDocument, read_store, write_store

FILES = {
    "a.md": "---\ntitle: Café 😀\n---\n\n# Doses\n\nBaricitinib was given at 4 mg. It was safe.\n\n"
    "Table 1. Doses\n\n| Drug | Dose |\n|---|---|\n| Baricitinib | 4 mg |\n| Ruxolitinib | 5 mg |\n",
    "sub/b.md": "# B\r\n\r\nRuxolitinib (Jakafi) was given. Cafe\u0301 \u200frtl\u200e was open.\r\n\r\n"
    "## Part\r\n\r\nThe end 😀.\r\n",
    "c.txt": "TITLE\n\nTofacitinib was given at 10 mg\ntwice daily. It was not\nsafe.\n\n"
    "TABLE 1 Doses\n\nDrug Dose\n\nX 1 mg\n",
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return tmp_path / "corpus"


@pytest.fixture
def folder(tmp_path: Path, corpus: Path, embedder: FakeEmbedder) -> Path:
    """An index of the three documents."""
    index.build(tmp_path / "index", [corpus], embedder)
    embedder.embedded.clear()
    return tmp_path / "index"


def ids(folder: Path, embedder: FakeEmbedder) -> list[str]:
    return [item.document.doc_id for item in index.load(folder, embedder).documents]


def generations_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("gen-*"))


def check_rows(folder: Path, embedder: FakeEmbedder) -> None:
    """Row i of the store is row i of the words, and its sentences have the rows that `starts` gives."""
    loaded = index.load(folder, embedder)
    starts = dense.sentence_starts(loaded.passages)
    vectors = dense.vectors_of(loaded.vectors)
    assert len(vectors) == starts[-1] == loaded.manifest["counts"]["sentences"]
    fresh = FakeEmbedder(embedder.name, dimension=embedder.dimension)
    lexical = BM25Scorer.build(loaded.passages)
    for i, passage in enumerate(loaded.passages):
        expected = fresh.embed_passages([passage.index_text], [index_spans(passage)])
        np.testing.assert_allclose(vectors[starts[i] : starts[i + 1]], expected, atol=1e-6)
    for word in ("baricitinib", "ruxolitinib 5 mg", "café", "end"):
        np.testing.assert_array_equal(loaded.lexical.scores(make_query(word)), lexical.scores(make_query(word)))
    assert [p.doc_id for p in loaded.passages] == sorted(p.doc_id for p in loaded.passages)


def test_an_index_is_built_of_all_documents(tmp_path: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    steps: list[tuple[str, int, int]] = []
    changes = index.build(tmp_path / "new" / "index", [corpus], embedder, progress=lambda *step: steps.append(step))
    assert sorted(changes.added) == ["a", "c", "sub/b"]
    assert ids(tmp_path / "new" / "index", embedder) == ["a", "c", "sub/b"]
    check_rows(tmp_path / "new" / "index", embedder)
    assert ("reading documents", 3, 3) in steps
    last = {what: (done, total) for what, done, total in steps}
    assert all(done == total for done, total in last.values())
    for what in last:
        counts = [done for name, done, _ in steps if name == what]
        assert counts == sorted(counts)


def test_documents_and_passages_survive_the_disk_exactly(
    folder: Path, corpus: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    from qa.corpus import find_files, read_document

    loaded = index.load(folder, embedder)
    documents = {d.doc_id: d for d in (read_document(path, corpus) for path in find_files(corpus))}
    assert {item.document.doc_id: item.document for item in loaded.documents} == documents
    stored = [StoredDocument(d, "f", "0") for _, d in sorted(documents.items())]
    contents = Contents(tuple(stored), loaded.passages)
    write_store(tmp_path / "again.sqlite", contents)
    assert read_store(tmp_path / "again.sqlite") == contents
    text = documents["sub/b"].text
    assert "Cafe\u0301" in text
    assert "\u200f" in text


def test_the_line_of_a_file_with_carriage_returns_is_the_right_one(folder: Path, embedder: FakeEmbedder) -> None:
    document = index.load(folder, embedder).document("sub/b")
    assert document.line(document.text.index("Ruxolitinib")) == 3
    assert document.line(document.text.index("The end")) == 7


def test_a_document_is_added_and_only_it_is_embedded(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    (corpus / "d.md").write_text("# D\n\nUpadacitinib was given.\n", encoding="utf-8")
    changes = index.add(folder, [corpus / "d.md"], embedder)
    assert changes.added == ("d",)
    assert embedder.embedded == ["D. Upadacitinib was given."]
    assert ids(folder, embedder) == ["a", "c", "d", "sub/b"]
    check_rows(folder, embedder)


def test_an_unchanged_document_changes_nothing(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    before = (folder / "CURRENT").read_bytes()
    changes = index.add(folder, [corpus], embedder)
    assert sorted(changes.unchanged) == ["a", "c", "sub/b"]
    assert (changes.added, changes.replaced, changes.failed) == ((), (), ())
    assert (folder / "CURRENT").read_bytes() == before
    assert embedder.embedded == []


def test_a_changed_document_is_replaced_and_its_other_passages_keep_their_vectors(
    folder: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    text = FILES["a.md"].replace("| Ruxolitinib | 5 mg |", "| Ruxolitinib | 15 mg |")
    (corpus / "a.md").write_text(text, encoding="utf-8")
    changes = index.add(folder, [corpus / "a.md"], embedder)
    assert changes.replaced == ("a",)
    assert [text.rpartition(". ")[2] for text in embedder.embedded] == ["Drug: Ruxolitinib; Dose: 15 mg"]
    assert ids(folder, embedder) == ["a", "c", "sub/b"]
    assert "15 mg" in index.load(folder, embedder).document("a").text
    check_rows(folder, embedder)


def test_building_again_embeds_nothing_again(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    (corpus / "c.txt").unlink()
    index.build(folder, [corpus], embedder)
    assert embedder.embedded == []
    assert ids(folder, embedder) == ["a", "sub/b"]
    check_rows(folder, embedder)


def test_another_precision_embeds_anew(folder: Path, corpus: Path) -> None:
    other = FakeEmbedder(precision="bfloat16")
    index.build(folder, [corpus], other)
    assert len(other.embedded) == len(index.load(folder, other).passages)


def test_a_document_is_removed_and_nothing_is_embedded(folder: Path, embedder: FakeEmbedder) -> None:
    assert index.remove(folder, ["sub/b"], embedder).removed == ("sub/b",)
    assert ids(folder, embedder) == ["a", "c"]
    assert embedder.embedded == []
    check_rows(folder, embedder)


def test_removing_what_is_not_there_removes_none(folder: Path, embedder: FakeEmbedder) -> None:
    with pytest.raises(IndexStateError, match=r"no document 'x'.*qa list"):
        index.remove(folder, ["a", "x"], embedder)
    assert ids(folder, embedder) == ["a", "c", "sub/b"]


def test_the_last_document_can_be_removed_and_others_added(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    index.remove(folder, ["a", "c", "sub/b"], embedder)
    assert ids(folder, embedder) == []
    assistant = Assistant.open(folder, embedder=embedder)
    assert assistant.retrieve("baricitinib dose") == []
    answer = assistant.ask("baricitinib dose", force=True)
    assert (answer.answered, answer.text) == (False, "")
    index.add(folder, [corpus / "a.md"], embedder)
    assert ids(folder, embedder) == ["a"]
    check_rows(folder, embedder)


def test_a_bad_file_is_named_and_the_others_are_added(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    (corpus / "bad.md").write_bytes(b"\x00\x01\xff\xfe" * 50)
    (corpus / "broken.md").write_text("---\ntitle: [\n---\n\nText.\n", encoding="utf-8")
    (corpus / "new.md").write_text("# N\n\nFilgotinib.\n", encoding="utf-8")
    for changes in (index.add(folder, [corpus], embedder), index.build(folder, [corpus], embedder)):
        assert "new" in changes.added
        assert sorted(str(error).split(":")[0] for error in changes.failed) == ["bad.md", "broken.md"]
        assert any(error.line for error in changes.failed)
    assert ids(folder, embedder) == ["a", "c", "new", "sub/b"]


def test_nothing_but_bad_files_leaves_the_index_as_it_was(folder: Path, tmp_path: Path, embedder: FakeEmbedder) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "bad.md").write_bytes(b"\x00" * 50)
    before = (folder / "CURRENT").read_bytes()
    with pytest.raises(CorpusError, match=r"bad\.md"):
        index.build(folder, [tmp_path / "bad"], embedder)
    with pytest.raises(CorpusError, match="no such file or folder"):
        index.build(folder, [tmp_path / "nowhere"], embedder)
    assert (folder / "CURRENT").read_bytes() == before
    assert len(index.add(folder, [tmp_path / "bad", tmp_path / "nowhere"], embedder).failed) == 2
    assert len(ids(folder, embedder)) == 3


def test_adding_makes_an_index_where_there_is_none(tmp_path: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    assert not index.exists(tmp_path / "other")
    assert index.add(tmp_path / "other", [corpus / "sub" / "b.md"], embedder).added == ("b",)
    assert ids(tmp_path / "other", embedder) == ["b"]


def test_only_bad_files_make_no_index(tmp_path: Path, embedder: FakeEmbedder) -> None:
    changes = index.add(tmp_path / "other", [tmp_path / "nowhere.md"], embedder)
    assert len(changes.failed) == 1
    assert not index.exists(tmp_path / "other")


@pytest.mark.parametrize("names", [["a.md", "a.md"], ["", "a.md"], ["sub", ""], ["sub/../a.md", "a.md"]])
def test_a_file_that_is_named_twice_is_one_document(
    names: list[str], tmp_path: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    paths = [corpus / name for name in names]
    for change in (index.add, index.build):
        change(tmp_path / "other", paths, embedder)
        files = [item.file for item in index.load(tmp_path / "other", embedder).documents]
        assert len(files) == len(set(files))


def test_two_files_of_one_name_are_two_documents(tmp_path: Path, embedder: FakeEmbedder) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "note.md").write_text(f"# N\n\nText {name}.\n", encoding="utf-8")
    index.add(tmp_path / "i", [tmp_path / "one"], embedder)
    index.add(tmp_path / "i", [tmp_path / "two" / "note.md"], embedder)
    assert ids(tmp_path / "i", embedder) == ["note", "note-2"]
    assert len(index.add(tmp_path / "i", [tmp_path / "two"], embedder).unchanged) == 1
    check_rows(tmp_path / "i", embedder)


def test_no_index_says_how_to_build_one(tmp_path: Path, embedder: FakeEmbedder) -> None:
    for call in (
        lambda: index.load(tmp_path / "none", embedder),
        lambda: index.remove(tmp_path / "none", ["a"], embedder),
        lambda: Assistant.open(tmp_path / "none", embedder=embedder),
    ):
        with pytest.raises(IndexStateError, match=r"no index in .*none: build one with: qa index"):
            call()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for place in (tmp_path / "file", tmp_path / "file" / "index"):
        with pytest.raises(IndexStateError, match=r"cannot write to .*file.*--index"):
            index.add(place, [corpus], embedder)


def test_names_that_no_file_can_be_written_under_are_refused(
    tmp_path: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    bytes_of_no_text = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    for folder, reason in ((bytes_of_no_text, "is not UTF-8"), (tmp_path / ("n" * 300), "name too long")):
        for change in (index.build, index.add):
            with pytest.raises(IndexStateError, match=reason) as caught:
                change(folder, [corpus], embedder)
            str(caught.value).encode()
    with pytest.raises(IndexStateError, match="name too long"):
        index.load(tmp_path / ("n" * 300), embedder)


def test_a_file_named_like_a_generation_is_none(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    (folder / "gen-9").write_text("no generation", encoding="utf-8")
    (corpus / "d.md").write_text("# D\n\nUpadacitinib was given.\n", encoding="utf-8")
    assert index.add(folder, [corpus], embedder).added == ("d",)
    assert index.load(folder, embedder).generation == "gen-10"
    assert index.verify(folder).sound


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_without_the_right_to_write_is_named(tmp_path: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    (tmp_path / "locked").mkdir(mode=0o555)
    with pytest.raises(IndexStateError, match=r"cannot write to .*locked: Permission denied"):
        index.add(tmp_path / "locked", [corpus], embedder)


def test_a_full_disk_is_an_error_with_a_message(
    folder: Path, corpus: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "sync", full)
    (corpus / "d.md").write_text("# D\n\nUpadacitinib.\n", encoding="utf-8")
    with pytest.raises(IndexStateError, match="No space left on device"):
        index.add(folder, [corpus], embedder)
    monkeypatch.undo()
    assert ids(folder, embedder) == ["a", "c", "sub/b"]


def test_another_model_is_refused_and_both_are_named(folder: Path, corpus: Path) -> None:
    other = FakeEmbedder("other-model")
    for call in (
        lambda: index.load(folder, other),
        lambda: index.add(folder, [corpus], other),
        lambda: index.remove(folder, ["a"], other),
    ):
        with pytest.raises(IndexStateError, match=r"model fake .*other-model.*rebuild with: qa index --index"):
            call()
    index.build(folder, [corpus], other)
    assert len(ids(folder, other)) == 3


def test_other_weights_of_one_name_are_refused(folder: Path) -> None:
    with pytest.raises(IndexStateError, match="rebuild"):
        index.load(folder, FakeEmbedder(dimension=32))


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest and make its seal and CURRENT agree with it."""
    name = generations.read_pointer(folder).generation
    path = folder / name / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    del manifest["seal"]
    change(manifest)
    path.write_bytes(generations.seal(manifest))
    (folder / "CURRENT").write_bytes(generations.Pointer(name, generations.digest(folder / name)).to_bytes())


@pytest.mark.parametrize("version", [0, 1, None, "2"])
def test_another_format_is_refused_and_both_are_named(
    folder: Path, embedder: FakeEmbedder, corpus: Path, version: object
) -> None:
    change_manifest(folder, lambda manifest: manifest.update(format=version))
    with pytest.raises(
        IndexStateError, match=rf"format {version}, this version reads 2; rebuild it with: qa index --index"
    ):
        index.load(folder, embedder)
    index.build(folder, [corpus], embedder)
    assert len(ids(folder, embedder)) == 3


def test_counts_that_do_not_agree_are_noticed(folder: Path, embedder: FakeEmbedder) -> None:
    change_manifest(folder, lambda manifest: manifest.update(counts={"documents": 3, "passages": 1, "sentences": 1}))
    with pytest.raises(IndexStateError, match="qa index --index"):
        index.load(folder, embedder)


def damage(path: Path) -> None:
    """Turn a bit in the middle."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])


def test_an_index_of_one_damaged_generation_is_refused_and_can_be_rebuilt(
    folder: Path, corpus: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.parent != folder]
    assert len(names) >= 8
    for name in names:
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        damage(copy / name)
        with pytest.raises(IndexStateError, match=f"{name.name}.*; rebuild the index with: qa index --index"):
            index.load(copy, embedder)
            pytest.fail(f"{name} was not noticed")
        report = index.verify(copy)
        assert (report.sound, report.generation) == (False, "")
        assert "rebuild the index with: qa index --index" in report.remedy
        index.build(copy, [corpus], embedder)
        assert index.verify(copy).sound
        assert len(ids(copy, embedder)) == 3, name


def test_a_damaged_generation_falls_back_says_so_and_nothing_is_lost_in_silence(
    folder: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    (corpus / "d.md").write_text("# D\n\nUpadacitinib was given.\n", encoding="utf-8")
    (corpus / "c.txt").write_text(FILES["c.txt"].replace("10 mg", "12 mg"), encoding="utf-8")
    (corpus / "sub" / "b.md").unlink()
    index.build(folder, [corpus], embedder)
    damage(folder / "gen-2" / "store.sqlite")
    loaded = index.load(folder, embedder)
    assert (loaded.generation, [d.document.doc_id for d in loaded.documents]) == ("gen-1", ["a", "c", "sub/b"])
    used, old, missing, back = loaded.warnings
    assert "store.sqlite is not what was written" in used and used.endswith("gen-1 is used")
    assert old.startswith("c is an older version since gen-2 was damaged; add it again with: qa add ")
    assert missing.startswith("d is missing since gen-2 was damaged; add it again with: qa add ")
    assert back == "sub/b was removed and is back; remove it with: qa remove sub/b"
    assert Assistant.open(folder, embedder=embedder).warnings == loaded.warnings
    (corpus / "e.md").write_text("# E\n\nFilgotinib was given.\n", encoding="utf-8")
    changes = index.add(folder, [corpus / "e.md"], embedder)
    assert changes.added == ("e",)
    assert changes.warnings[1:] == (old, missing, back)
    assert generations_in(folder) == ["gen-1", "gen-3"]
    assert index.load(folder, embedder).warnings == index.verify(folder).problems == (old, missing, back)
    assert index.add(folder, [corpus / "c.txt"], embedder).warnings == (missing, back)
    assert index.remove(folder, ["sub/b"], embedder).warnings == (missing,)
    last = index.add(folder, [corpus], embedder)
    assert (last.added, last.warnings) == (("d",), ())
    assert index.verify(folder).sound
    check_rows(folder, embedder)


def test_a_document_that_damage_took_keeps_its_id_or_can_be_forgotten(
    folder: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    for name in ("e", "f"):
        (corpus / "sub" / f"{name}.md").write_text(f"# {name}\n\nUpadacitinib.\n", encoding="utf-8")
    index.add(folder, [corpus], embedder)
    damage(folder / "gen-2" / "store.sqlite")
    assert index.add(folder, [corpus / "sub" / "e.md"], embedder).added == ("sub/e",)
    assert [lost.doc_id for lost in index.load(folder, embedder).lost] == ["sub/f"]
    assert index.remove(folder, ["sub/f"], embedder).warnings == ()
    assert index.verify(folder).sound


@pytest.mark.parametrize("name", ["vectors.faiss", "vocabulary.json", "lexical/vocab.index.json"])
def test_a_write_keeps_the_documents_of_a_damaged_generation_whose_store_is_sound(
    name: str, folder: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    (corpus / "d.md").write_text("# D\n\nUpadacitinib was given.\n", encoding="utf-8")
    index.add(folder, [corpus], embedder)
    damage(folder / "gen-2" / name)
    assert ids(folder, embedder) == ["a", "c", "sub/b"]
    changes = index.add(folder, [corpus], embedder)
    assert sorted(changes.unchanged) == ["a", "c", "d", "sub/b"]
    assert "its documents are sound and were kept" in changes.warnings[0]
    assert ids(folder, embedder) == ["a", "c", "d", "sub/b"]
    assert index.verify(folder).sound
    check_rows(folder, embedder)


def test_two_damaged_files_name_at_least_the_generation(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    (corpus / "d.md").write_text("# D\n\nUpadacitinib was given.\n", encoding="utf-8")
    index.add(folder, [corpus], embedder)
    (folder / "gen-2" / "manifest.json").unlink()
    (folder / "gen-2" / "store.sqlite").unlink()
    index.add(folder, [corpus], embedder)
    assert [lost.doc_id for lost in index.load(folder, embedder).lost] == ["gen-2"]
    index.remove(folder, ["gen-2"], embedder)
    assert index.verify(folder).sound


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"generation": "gen-1"}',
        b'{"generation": "gen-9", "manifest_sha256": ""}',
    ],
)
def test_a_pointer_that_makes_no_sense_is_damage(
    content: bytes, folder: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    (folder / "CURRENT").write_bytes(content)
    loaded = index.load(folder, embedder)
    assert len(loaded.documents) == 3
    assert "is damaged" in loaded.warnings[0] or "gen-9 is missing" in loaded.warnings[0]
    assert not index.verify(folder).sound
    index.add(folder, [corpus], embedder)
    assert index.verify(folder).sound


def test_a_folder_in_the_place_of_the_pointer_is_mended_or_named(
    folder: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    (folder / "CURRENT").unlink()
    (folder / "CURRENT" / "Café 😀").mkdir(parents=True)
    assert len(index.load(folder, embedder).documents) == 3
    assert "CURRENT is damaged" in index.verify(folder).problems[0]
    for change in (index.add, index.build):
        with pytest.raises(IndexStateError, match=r"CURRENT is a folder where a file belongs.*move it elsewhere"):
            change(folder, [corpus], embedder)
        assert generations_in(folder) == ["gen-1"]
    (folder / "CURRENT" / "Café 😀").rmdir()
    assert index.add(folder, [corpus], embedder).warnings
    assert index.verify(folder).sound


def test_at_most_two_generations_are_kept(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    for n in range(4):
        (corpus / "a.md").write_text(f"# A\n\nNumber {n}.\n", encoding="utf-8")
        index.add(folder, [corpus], embedder)
        assert len(generations_in(folder)) == 2
    assert index.load(folder, embedder).generation == "gen-5" == generations_in(folder)[-1]


def test_what_a_crash_left_is_cleared_away(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    (folder / "gen-2.tmp").mkdir()
    (folder / "gen-2.tmp" / "store.sqlite").write_bytes(b"half")
    (folder / "gen-7").mkdir()
    (folder / "CURRENT.tmp").write_bytes(b"half")
    assert len(ids(folder, embedder)) == 3
    report = index.verify(folder)
    assert report.sound and len(report.leftovers) == 3
    index.remove(folder, ["a"], embedder)
    assert not index.verify(folder).leftovers
    assert index.load(folder, embedder).generation == "gen-8"
    assert not list(folder.glob("*.tmp"))
    index.remove(folder, ["c"], embedder)
    assert generations_in(folder) == ["gen-8", "gen-9"]


def test_one_writer_at_a_time_and_the_other_is_told_who(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    script = (
        "import sys; from pathlib import Path; from qa import index\n"
        "with index.lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for call in (
            lambda: index.add(folder, [corpus], embedder),
            lambda: index.build(folder, [corpus], embedder),
            lambda: index.remove(folder, ["a"], embedder),
        ):
            with pytest.raises(
                IndexStateError, match=rf"being written by process {holder.pid} since [-0-9]+ [:0-9]+ UTC; try again"
            ):
                call()
        assert len(ids(folder, embedder)) == 3
    finally:
        holder.kill()
        holder.communicate()
    index.remove(folder, ["a"], embedder)
    assert ids(folder, embedder) == ["c", "sub/b"]


def test_a_reader_keeps_its_generation_while_others_are_written(
    folder: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    assistant = Assistant.open(folder, embedder=embedder)
    before = assistant.ask("baricitinib dose", force=True)
    for n in range(3):
        (corpus / "a.md").write_text(f"# A\n\nNumber {n}.\n", encoding="utf-8")
        index.add(folder, [corpus], embedder)
    assert assistant.ask("baricitinib dose", force=True) == before
    assert [hit.passage.text for hit in Assistant.open(folder, embedder=embedder).retrieve("number", 1)] == [
        "Number 2."
    ]


def test_a_missing_pointer_is_mended_by_the_next_write(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    (folder / "CURRENT").unlink()
    assert index.exists(folder)
    assert "CURRENT is missing" in index.load(folder, embedder).warnings[0]
    embedder.embedded.clear()
    changes = index.add(folder, [corpus], embedder)
    assert (len(changes.unchanged), embedder.embedded) == (3, [])
    assert index.verify(folder).sound
    (folder / "CURRENT").unlink()
    index.build(folder, [corpus], embedder)
    assert embedder.embedded == []
    assert index.verify(folder).sound


def test_a_generation_that_is_being_read_is_not_deleted(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    from qa.index.locks import reading

    with reading(folder / "gen-1"):
        for n in range(3):
            (corpus / "a.md").write_text(f"# A\n\nNumber {n}.\n", encoding="utf-8")
            index.add(folder, [corpus], embedder)
        assert generations_in(folder) == ["gen-1", "gen-3", "gen-4"]
    index.remove(folder, ["a"], embedder)
    assert generations_in(folder) == ["gen-4", "gen-5"]


def test_unchanged_documents_are_neither_read_nor_cut_again(
    folder: Path, corpus: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qa import chunking
    from qa import corpus as corpora

    (corpus / "d.md").write_text("# D\n\nUpadacitinib was given.\n", encoding="utf-8")
    read, cut, chunk, read_document = [], [], chunking.chunk, corpora.read_document
    monkeypatch.setattr(chunking, "chunk", lambda d, *rest: [cut.append(d.doc_id), chunk(d, *rest)][1])
    monkeypatch.setattr(corpora, "read_document", lambda f, *rest: [read.append(f.name), read_document(f, *rest)][1])
    changes = index.add(folder, [corpus], embedder)
    assert (read, cut) == (["d.md"], ["d"])
    assert changes.counts["documents"] == 4
    check_rows(folder, embedder)
    monkeypatch.setattr(chunking, "CHUNKER_VERSION", chunking.CHUNKER_VERSION + 1)
    index.remove(folder, ["a"], embedder)
    assert sorted(cut[1:]) == ["c", "d", "sub/b"]


def test_a_moved_file_takes_the_place_of_the_document_that_it_was(
    folder: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    (corpus / "a.md").rename(corpus / "new.md")
    changes = index.add(folder, [corpus], embedder)
    assert (changes.added, changes.replaced, changes.removed) == (("new",), (), ("a",))
    assert ids(folder, embedder) == ["c", "new", "sub/b"]
    corpus.rename(corpus.with_name("elsewhere"))
    changes = index.add(folder, [corpus.with_name("elsewhere")], embedder)
    assert (changes.added, changes.replaced, changes.removed) == ((), ("c", "new", "sub/b"), ())
    check_rows(folder, embedder)
    copy = corpus.with_name("elsewhere") / "copy.md"
    copy.write_bytes((copy.with_name("new.md")).read_bytes())  # nothing is gone: a document of its own
    assert index.add(folder, [copy], embedder).removed == ()
    assert ids(folder, embedder) == ["c", "copy", "new", "sub/b"]


def test_what_cannot_be_read_is_kept_with_its_reason_until_it_can(
    folder: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    bad = corpus / "broken.md"
    bad.write_text("---\ntitle: [\n---\n\nText.\n", encoding="utf-8")
    for _ in range(2):  # an unchanged file is tried again and reported again, and only news is written
        assert [error.line for error in index.add(folder, [corpus], embedder).failed] == [2]
        (failure,) = index.load(folder, embedder).failures
        assert (failure.file, failure.name, failure.line) == (str(bad), "broken.md", 2)
        assert failure.reason and "broken.md" not in failure.reason
        assert str(failure.error).startswith("broken.md:2: ")
    assert index.load(folder, embedder).generation == "gen-2"
    index.remove(folder, ["a"], embedder)
    assert index.verify(folder).failures == 1
    bad.write_text("# Good\n\nText.\n", encoding="utf-8")
    assert "broken" in index.add(folder, [corpus], embedder).added
    assert index.load(folder, embedder).failures == ()
    bad.write_bytes(b"\0")
    index.add(folder, [bad], embedder)
    assert "broken" in ids(folder, embedder)
    bad.unlink()
    index.add(folder, [corpus], embedder)
    assert index.load(folder, embedder).failures == ()


def test_a_document_is_in_one_collection_until_it_is_put_into_another(
    folder: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    def collections() -> dict[str, tuple[str, ...]]:
        return Assistant.open(folder, embedder=embedder).collections

    assert collections() == {}
    changes = index.add(folder, [corpus / "a.md"], embedder, collection=" Trials ")
    assert (changes.replaced, changes.unchanged, collections()) == (("a",), (), {"Trials": ("a",)})
    assert embedder.embedded == []
    assert index.add(folder, [corpus / "a.md"], embedder, collection="Trials").unchanged == ("a",)
    assert index.add(folder, [corpus / "a.md"], embedder).unchanged == ("a",)
    (corpus / "a.md").write_text("# A\n\nAnother number, 9 mg.\n", encoding="utf-8")
    assert index.add(folder, [corpus / "a.md"], embedder).replaced == ("a",)
    assert collections() == {"Trials": ("a",)}
    (corpus / "a.md").rename(corpus / "z.md")
    index.add(folder, [corpus / "z.md"], embedder)
    assert collections() == {"Trials": ("z",)}
    index.build(folder, [corpus], embedder)
    assert collections() == {"Trials": ("z",)}
    index.add(folder, [corpus / "z.md"], embedder, collection="")
    assert collections() == {}
    for name in ("two\nlines", "x" * 61):
        with pytest.raises(CorpusError, match="collection"):
            index.add(folder, [corpus / "z.md"], embedder, collection=name)


def test_a_question_can_be_put_to_one_collection(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    index.add(folder, [corpus / "a.md"], embedder, collection="Trials")
    assistant = Assistant.open(folder, embedder=embedder)
    assert {hit.passage.doc_id for hit in assistant.retrieve("number", 20, collection="Trials")} == {"a"}
    assert {hit.passage.doc_id for hit in assistant.ask("number", collection="Trials").hits} == {"a"}
    with pytest.raises(IndexStateError, match="'Trials'"):
        assistant.ask("number", collection="Trails")


def test_readers_swap_to_the_new_generation_by_themselves(folder: Path, corpus: Path, embedder: FakeEmbedder) -> None:
    from qa.shared import Following

    following = Following(Assistant.open(folder, embedder=embedder))
    first = following.latest()
    assert following.latest() is first
    (corpus / "a.md").write_text("# A\n\nThe number was 7 mg.\n", encoding="utf-8")
    index.add(folder, [corpus], embedder)
    assert following.current().document("a").text == "A\n\nThe number was 7 mg."
    assert following.latest() is not first
    assert following.current().ask("number").hits[0].passage.text == "The number was 7 mg."
    index.build(folder, [corpus], FakeEmbedder("other"))
    assert following.current().document("a").text == "A\n\nThe number was 7 mg."
    with pytest.raises(IndexStateError, match="other"):
        following.latest()


def test_answers_go_on_while_the_index_changes_and_each_is_of_one_generation(
    folder: Path, corpus: Path, embedder: FakeEmbedder
) -> None:
    from qa.shared import Following

    following = Following(Assistant.open(folder, embedder=embedder))
    stop, wrong, seen = threading.Event(), list[object](), set[str]()

    def asking() -> None:
        while not stop.is_set():
            try:
                texts = [hit.passage.text for hit in following.current().ask("which number is it").hits]
            except Exception as error:
                wrong.append(error)
                return
            numbers = {text.split()[1] for text in texts if text.startswith("Number")}
            seen.update(numbers)
            if len(numbers) > 1:
                wrong.append(numbers)

    threads = [threading.Thread(target=asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(12):
        for name in ("a", "e"):
            (corpus / f"{name}.md").write_text(f"# {name}\n\nNumber {n} it is.\n", encoding="utf-8")
        index.add(folder, [corpus], embedder)
    stop.set()
    for thread in threads:
        thread.join()
    last = following.latest()  # while a thread opens a generation, the others are still given the one before
    assert wrong == []
    assert len(seen) > 2
    assert "Number 11" in last.document("a").text


BROKEN = {
    "a passage that is not in its document": lambda rows: rows["passages"][0].update(start=1),
    "a sentence outside of its passage": lambda rows: rows["passages"][0]["sentences"][0].__setitem__(1, 10**6),
    "a passage of no document": lambda rows: rows["passages"][0].update(doc_id="zz"),
    "two passages of one id": lambda rows: rows["passages"][0].update(passage_id=rows["passages"][1]["passage_id"]),
    "words that were not counted": lambda rows: rows["passages"][0].update(index_text="entirely other words"),
    "a document that the manifest lacks": lambda rows: rows["documents"][0].update(sha256="0"),
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_verify_checks_what_no_hash_does(
    change: Callable[[dict[str, Any]], object], folder: Path, embedder: FakeEmbedder
) -> None:
    path = folder / "gen-1" / "store.sqlite"
    with closing(sqlite3.connect(path)) as store, store:
        tables = ("documents", "passages")
        rows = {name: [json.loads(row) for (row,) in store.execute(f"SELECT data FROM {name}")] for name in tables}
        change(rows)
        for name in tables:
            data = ((json.dumps(row), i) for i, row in enumerate(rows[name]))
            store.executemany(f"UPDATE {name} SET data = ? WHERE row = ?", data)
    reseal(folder, "store.sqlite")
    assert not index.verify(folder).sound


def test_verify_checks_lengths_of_vectors_and_the_vocabulary(folder: Path, embedder: FakeEmbedder) -> None:
    path = folder / "gen-1" / "vocabulary.json"
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"baricitinib", b"baricitinab"))
    reseal(folder, "vocabulary.json")
    assert "vocabulary is not that of the passages" in index.verify(folder).problems[0]
    path.write_bytes(kept)
    reseal(folder, "vocabulary.json")
    assert index.verify(folder).sound
    stored = dense.read_index(folder / "gen-1" / "vectors.faiss")
    vectors = dense.vectors_of(stored).copy()
    for wrong in (2.0, np.nan, 0.0):
        vectors[1] *= np.float32(wrong)
        dense.write_index(dense.make_index(vectors), folder / "gen-1" / "vectors.faiss")
        reseal(folder, "vectors.faiss")
        assert "1 vectors have not the length 1" in index.verify(folder).problems[0]
    (folder / "gen-1" / "more").write_bytes(b"")
    assert "more does not belong there" in index.verify(folder).problems[0]


def reseal(folder: Path, name: str) -> None:
    """Make the manifest agree with a file that was changed."""
    path = folder / "gen-1" / name
    entry = {"size": path.stat().st_size, "sha256": disk.sha256(path)}
    change_manifest(folder, lambda manifest: manifest["files"].update({name: entry}))
