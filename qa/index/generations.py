"""Generations of the index: write one so that it survives whatever happens, load the current one."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qa import bm25, chunking, dense
from qa.errors import IndexStateError
from qa.index.store import StoredDocument, read_store, write_store
from qa.query import Vocabulary
from qa.schema import Document, Embedder, Passage, Vectors

FORMAT = 2
GENERATIONS_KEPT = 2
Progress = Callable[[str, int, int], None]
"""Called with what is done, how many of it are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class LoadedIndex:
    """One generation in memory; `vectors` has a row for each sentence of `passages`, in order."""

    folder: Path
    generation: str
    manifest: dict[str, Any]
    documents: tuple[StoredDocument, ...]
    passages: tuple[Passage, ...]
    vectors: Any
    lexical: bm25.BM25Scorer
    vocabulary: Vocabulary

    def document(self, doc_id: str) -> Document:
        """The document of that id; raises IndexStateError where there is none."""
        for stored in self.documents:
            if stored.document.doc_id == doc_id:
                return stored.document
        raise IndexStateError(f"no document {doc_id!r} in {self.folder}: see qa list")


def exists(folder: Path) -> bool:
    """Whether the folder holds an index, damaged or not."""
    return (folder / "CURRENT").exists()


def load(folder: Path, embedder: Embedder) -> LoadedIndex:
    """The current generation; raises IndexStateError where there is none, or it is damaged, or of another model or format."""
    generation, manifest = _manifest(folder)
    place = folder / generation
    if manifest.get("format") != FORMAT:
        raise IndexStateError(
            f"the index in {folder} has format {manifest.get('format')}, this version reads {FORMAT}; "
            f"rebuild it with: qa index --index {folder}"
        )
    built, asked = manifest["embedder"], embedder.identity
    if (built["name"], built["sha256"]) != (asked["name"], asked["sha256"]):
        raise IndexStateError(
            f"the index in {folder} was built with the model {built['name']} (weights {built['sha256'][:12]}), not with "
            f"{asked['name']} ({asked['sha256'][:12]}); use that model with --embedder or VERBATIM_EMBEDDER, or rebuild "
            f"with: qa index --index {folder}"
        )
    for name, expected in manifest["files"].items():
        path = place / name
        if not path.is_file() or path.stat().st_size != expected["size"] or _sha256(path) != expected["sha256"]:
            raise IndexStateError(f"{path} is damaged or missing; rebuild the index with: qa index --index {folder}")
    documents, passages = read_store(place / "store.sqlite")
    counts = manifest["counts"]
    if (len(documents), len(passages)) != (counts["documents"], counts["passages"]):
        raise IndexStateError(f"{place} does not hold what its manifest counts; rebuild: qa index --index {folder}")
    vocabulary = json.loads((place / "vocabulary.json").read_text(encoding="utf-8"))
    return LoadedIndex(
        folder,
        generation,
        manifest,
        documents,
        passages,
        dense.read_index(place / "vectors.faiss"),
        bm25.BM25Scorer.load(place / "lexical", len(passages)),
        Vocabulary.from_json(vocabulary, embedder.common_words),
    )


def write(
    folder: Path,
    documents: Iterable[StoredDocument],
    embedder: Embedder,
    *,
    previous: LoadedIndex | None = None,
    settings: chunking.ChunkSettings | None = None,
    progress: Progress | None = None,
) -> str:
    """Write a new generation of exactly these documents and make it the current one; returns its name.

    Sentences that `previous` holds in the same words and context keep their vectors. The caller holds `lock(folder)`.
    """
    settings = settings or chunking.ChunkSettings()
    report = progress or _silent
    stored = sorted(documents, key=lambda item: item.document.doc_id)
    passages: list[Passage] = []
    for i, item in enumerate(stored, start=1):
        passages += chunking.chunk(item.document, embedder.count_pieces, settings)
        report("cutting documents into passages", i, len(stored))
    vectors = _vectors(passages, embedder, previous, lambda done: report("embedding passages", done, len(passages)))
    number = 1 + max((_number(path) for path in folder.glob("gen-*")), default=0)
    temporary = folder / f"gen-{number}.tmp"
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "embedder": {**embedder.identity, "dimension": embedder.dimension},
        "chunker": {"version": chunking.CHUNKER_VERSION, **asdict(settings)},
        "counts": {"documents": len(stored), "passages": len(passages), "sentences": len(vectors)},
    }
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        write_store(temporary / "store.sqlite", stored, passages)
        dense.write_index(dense.make_index(vectors), temporary / "vectors.faiss")
        bm25.BM25Scorer.build(passages).save(temporary / "lexical")
        _write_json(temporary / "vocabulary.json", Vocabulary.of(passages).to_json())
        _publish(temporary, manifest)
    except (OSError, sqlite3.Error, RuntimeError) as error:  # RuntimeError: how FAISS reports a failed write
        raise IndexStateError(
            f"cannot write the index in {folder} ({error}); the one that was there is unchanged: make room or choose "
            "another folder with --index"
        ) from error
    _remove_old(folder, number)
    return f"gen-{number}"


def _publish(temporary: Path, manifest: dict[str, Any]) -> None:
    """Complete the manifest, force all onto the disk, and only then make the generation the current one."""
    folder, name = temporary.parent, temporary.name.removesuffix(".tmp")
    files = sorted(path for path in temporary.rglob("*") if path.is_file())
    manifest["files"] = {
        path.relative_to(temporary).as_posix(): {"size": path.stat().st_size, "sha256": _sha256(path)} for path in files
    }
    _write_json(temporary / "manifest.json", manifest)
    for path in [*files, temporary / "manifest.json", temporary / "lexical", temporary]:
        _sync(path)
    temporary.rename(folder / name)
    _sync(folder)
    pointer = folder / "CURRENT.tmp"
    _write_json(pointer, {"generation": name, "manifest_sha256": _sha256(folder / name / "manifest.json")})
    _sync(pointer)
    pointer.replace(folder / "CURRENT")
    _sync(folder)


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the right to write; raises IndexStateError at once where another process holds it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / "write.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise IndexStateError(f"cannot write to {folder}: {error.strerror}; choose another with --index") from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            stream.seek(0)
            holder = stream.read().strip() or "another process"
            raise IndexStateError(f"{folder} is being written by {holder}; try again when it has ended") from error
        stream.truncate(0)
        stream.write(f"process {os.getpid()}")
        stream.flush()
        yield


def _manifest(folder: Path) -> tuple[str, dict[str, Any]]:
    pointer = folder / "CURRENT"
    if not pointer.exists():
        raise IndexStateError(f"no index in {folder}: build one with: qa index --index {folder}")
    try:
        current = json.loads(pointer.read_text(encoding="utf-8"))
        name = str(current["generation"])
        path = folder / name / "manifest.json"
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != current["manifest_sha256"]:
            raise ValueError("its hash is not the one that CURRENT gives")
        return name, dict(json.loads(data))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexStateError(
            f"the index in {folder} is damaged ({error}); rebuild it with: qa index --index {folder}"
        ) from error


def _vectors(
    passages: Sequence[Passage], embedder: Embedder, previous: LoadedIndex | None, progress: Callable[[int], None]
) -> Vectors:
    """A row for each sentence: kept from the generation before where text and context are the same, else computed."""
    known: dict[str, Vectors] = {}
    if previous is not None and previous.manifest["embedder"] == {**embedder.identity, "dimension": embedder.dimension}:
        starts, rows = dense.sentence_starts(previous.passages), dense.vectors_of(previous.vectors)
        known = {_vector_key(p): rows[starts[i] : starts[i + 1]] for i, p in enumerate(previous.passages)}
    missing = list({_vector_key(p): p for p in passages if _vector_key(p) not in known}.values())
    done = len(passages) - len(missing)
    progress(done)

    def step(count: int) -> None:
        nonlocal done
        done += count
        progress(done)

    spans = [chunking.index_spans(passage) for passage in missing]
    fresh = embedder.embed_passages([passage.index_text for passage in missing], spans, step)
    position = 0
    for passage, ranges in zip(missing, spans, strict=True):
        known[_vector_key(passage)] = fresh[position : position + len(ranges)]
        position += len(ranges)
    progress(len(passages))
    parts = [known[_vector_key(passage)] for passage in passages]
    return np.concatenate(parts) if parts else np.zeros((0, embedder.dimension), np.float32)


def _vector_key(passage: Passage) -> str:
    return hashlib.sha256(repr((passage.index_text, chunking.index_spans(passage))).encode()).hexdigest()


def _silent(what: str, done: int, total: int) -> None:
    """Report nothing."""


def _number(path: Path) -> int:
    digits = path.name.removeprefix("gen-").removesuffix(".tmp")
    return int(digits) if digits.isdigit() else 0


def _remove_old(folder: Path, newest: int) -> None:
    for path in folder.glob("gen-*"):
        if path.name.endswith(".tmp") or _number(path) <= newest - GENERATIONS_KEPT:
            shutil.rmtree(path, ignore_errors=True)


def _write_json(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Force a file or folder onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
