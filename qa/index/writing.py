"""Documents → a new generation: passages and vectors of what is unchanged are taken from the generation before."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from qa import bm25, chunking, dense
from qa.errors import IndexStateError
from qa.index import disk, generations
from qa.index.generations import FORMAT, Manifest
from qa.index.loading import LoadedIndex, Lost
from qa.index.store import Contents, StoredDocument, StoredFailure, write_store
from qa.query import Vocabulary
from qa.schema import Embedder, Passage, Vectors

Progress = Callable[[str, int, int], None]
"""Called with what is done, how many of it are done, and how many there are."""


def write(
    folder: Path,
    documents: Iterable[StoredDocument],
    embedder: Embedder,
    *,
    failures: Iterable[StoredFailure] = (),
    lost: Iterable[Lost] = (),
    previous: LoadedIndex | None = None,
    settings: chunking.ChunkSettings | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Write a new generation of exactly these documents and make it the current one; returns its manifest.

    What `previous` holds alike is taken from there. The caller holds `lock(folder)`. Raises IndexStateError where it cannot be
    written; what was current then stays so.
    """
    generations.make_way(folder)  # before the work of embedding
    report = progress or _silent
    settings = settings or chunking.ChunkSettings()
    stored = tuple(sorted(documents, key=lambda item: item.document.doc_id))
    chunker = {"version": chunking.CHUNKER_VERSION, **asdict(settings)}
    passages = _passages(stored, embedder, settings, previous if _same(previous, embedder, chunker) else None, report)
    usable = previous if _same(previous, embedder) else None
    vectors = _vectors(passages, embedder, usable, lambda done: report("embedding passages", done, len(passages)))
    manifest: Manifest = {
        "format": FORMAT,
        "embedder": _identity(embedder),
        "chunker": chunker,
        "counts": {"documents": len(stored), "passages": len(passages), "sentences": len(vectors)},
        "documents": {item.document.doc_id: {"file": item.file, "sha256": item.sha256} for item in stored},
        "lost": [asdict(item) for item in lost],
    }
    report("writing the index", 0, 0)
    contents = Contents(stored, tuple(passages), tuple(sorted(failures, key=lambda failure: failure.file)))
    _write(folder, manifest, contents, vectors)
    generations.delete_all_but(folder, {manifest["generation"], previous.generation if previous else ""})
    return manifest


def _write(folder: Path, manifest: Manifest, contents: Contents, vectors: Vectors) -> None:
    name = ""
    try:
        generations.clear(folder)
        name = generations.next_name(folder)
        temporary = folder / f"{name}{disk.TEMPORARY}"
        temporary.mkdir()
        write_store(temporary / "store.sqlite", contents)
        dense.write_index(dense.make_index(vectors), temporary / "vectors.faiss")
        bm25.BM25Scorer.build(contents.passages).save(temporary / "lexical")
        vocabulary = json.dumps(Vocabulary.of(contents.passages).to_json(), ensure_ascii=False, indent=1)
        (temporary / "vocabulary.json").write_text(vocabulary, encoding="utf-8")
        generations.publish(temporary, manifest)
    except (OSError, sqlite3.Error) as error:
        if name and generations.is_current(folder, name):
            raise IndexStateError(
                f"the index in {folder} was written, but the disk does not confirm it ({error}): check it with: "
                f"qa verify --index {folder}"
            ) from error
        raise IndexStateError(
            f"cannot write the index in {folder} ({error}); the one that was there is unchanged: make room or choose "
            "another folder with --index"
        ) from error
    finally:
        if name and not generations.is_current(folder, name):
            generations.clear(folder)
            disk.delete_folder(folder / name)


def _identity(embedder: Embedder) -> dict[str, str | int]:
    return {**embedder.identity, "dimension": embedder.dimension}


def _same(previous: LoadedIndex | None, embedder: Embedder, chunker: dict[str, int] | None = None) -> bool:
    """Whether vectors of the generation before, and with a chunker its passages, are what they would be now."""
    if previous is None or previous.manifest["embedder"] != _identity(embedder):
        return False
    return chunker is None or previous.manifest["chunker"] == chunker


def _passages(
    stored: Sequence[StoredDocument],
    embedder: Embedder,
    settings: chunking.ChunkSettings,
    previous: LoadedIndex | None,
    report: Progress,
) -> list[Passage]:
    """The passages of the documents in order: those of the generation before where the document is the same."""
    known: dict[str, list[Passage]] = {}
    for passage in previous.passages if previous else ():
        known.setdefault(passage.doc_id, []).append(passage)
    before = {item.document.doc_id: item.document for item in previous.documents} if previous else {}
    passages: list[Passage] = []
    for i, item in enumerate(stored, start=1):
        document = item.document
        if before.get(document.doc_id) == document:
            passages += known.get(document.doc_id, [])
        else:
            passages += chunking.chunk(document, embedder.count_pieces, settings)
        report("cutting documents into passages", i, len(stored))
    return passages


def _vectors(
    passages: Sequence[Passage], embedder: Embedder, previous: LoadedIndex | None, progress: Callable[[int], None]
) -> Vectors:
    """A row for each sentence: kept from the generation before where text and context are the same, else computed."""
    known: dict[str, Vectors] = {}
    if previous is not None:
        starts, rows = dense.sentence_starts(previous.passages), dense.vectors_of(previous.vectors)
        known = {_vector_key(p): rows[starts[i] : starts[i + 1]] for i, p in enumerate(previous.passages)}
    keys = [_vector_key(passage) for passage in passages]
    missing = list({key: p for key, p in zip(keys, passages, strict=True) if key not in known}.values())
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
    parts = [known[key] for key in keys]
    return np.concatenate(parts) if parts else np.zeros((0, embedder.dimension), np.float32)


def _vector_key(passage: Passage) -> str:
    return hashlib.sha256(repr((passage.index_text, chunking.index_spans(passage))).encode()).hexdigest()


def _silent(what: str, done: int, total: int) -> None:
    """Report nothing."""
