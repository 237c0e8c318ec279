"""Is the index what was written, and does it hold together? Every byte and every invariant, without a model."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qa import bm25, dense
from qa.errors import IndexStateError
from qa.index import generations, locks
from qa.index.generations import DamageError, Manifest, Pointer
from qa.index.loading import Lost, check_format, check_model
from qa.index.store import Contents, read_store
from qa.query import Vocabulary
from qa.schema import Document, Embedder, Passage, Query

UNIT = 1e-3
"""Greatest distance of a vector's length from 1."""


@dataclass(frozen=True, slots=True)
class Report:
    """What `verify` found: the generation that is read and its counts, what is wrong with what to do, and what is harmless."""

    generation: str
    counts: dict[str, int]
    problems: tuple[str, ...]
    remedy: str
    leftovers: tuple[str, ...]
    failures: int

    @property
    def sound(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.problems


def verify(folder: Path, embedder: Embedder | None = None) -> Report:
    """Check every generation, and with an embedder also that it is of that model.

    Raises IndexStateError where there is no index, or one of another format or model.
    """
    if not generations.exists(folder):
        raise IndexStateError(f"no index in {folder}: build one with: qa index --index {folder}")
    while True:
        before = generations.stamp(folder)
        report = _verify(folder, embedder)
        if report.sound or generations.stamp(folder) == before:
            return report


def _verify(folder: Path, embedder: Embedder | None) -> Report:
    problems: list[str] = []
    pointer = None
    try:
        pointer = generations.read_pointer(folder)
    except DamageError as error:
        problems.append(str(error))
    names = [f"gen-{number}" for number in generations.numbers(folder)]
    if pointer and pointer.generation not in names:
        problems.append(f"{folder / pointer.generation} is missing")
    sound: dict[str, tuple[Manifest, Contents]] = {}
    left = [str(path) for path in generations.leftovers(folder)]
    for name in names:
        unpublished = pointer is not None and _later(name, pointer.generation)
        try:
            with locks.reading(folder / name):
                found = _generation(folder, name, pointer, embedder)
        except (DamageError, OSError) as error:
            if not unpublished:
                problems.append(str(error))
        else:
            if not unpublished:
                sound[name] = found
        if unpublished:
            left.append(f"{folder / name} (never became current)")
    used = pointer.generation if pointer and pointer.generation in sound else next(iter(sound), "")
    manifest, contents = sound.get(used, ({"counts": {}, "lost": []}, Contents(())))
    remedy = _remedy(folder, used, pointer) if problems else ""
    problems += [str(Lost(**item)) for item in manifest["lost"]]
    return Report(used, manifest["counts"], tuple(problems), remedy, tuple(left), len(contents.failures))


def _remedy(folder: Path, used: str, pointer: Pointer | None) -> str:
    if not used:
        return f"nothing can be read: rebuild the index with: qa index --index {folder} --corpus PATH"
    if pointer and used == pointer.generation:
        return f"questions are answered as before; the next qa add, remove or index --index {folder} mends it"
    return (
        f"{folder / used} is used: mend it with: qa add --index {folder} PATH, which says what is missing, "
        f"or rebuild it with: qa index --index {folder} --corpus PATH"
    )


def _later(name: str, current: str) -> bool:
    return int(name.removeprefix("gen-")) > int(current.removeprefix("gen-"))


def _generation(
    folder: Path, name: str, pointer: Pointer | None, embedder: Embedder | None
) -> tuple[Manifest, Contents]:
    """The manifest and what the store holds; raises DamageError that names everything wrong with the generation."""
    place = folder / name
    manifest = generations.read_manifest(place, pointer)
    check_format(folder, manifest)
    if embedder:
        check_model(folder, manifest, embedder)
    current = pointer is not None and pointer.generation == name
    if pointer and current and generations.digest(place) != pointer.manifest_sha256:
        raise DamageError(f"{folder / 'CURRENT'} is damaged (it gives another hash for {name})")
    generations.check_files(place, manifest)
    unknown = sorted(_files(place) - manifest["files"].keys() - {"manifest.json"})
    problems = [f"{file} does not belong there" for file in unknown]
    contents = Contents(())
    try:
        contents = read_store(place / "store.sqlite")
        for check in (_documents, _passages, _vectors, _lexical, _vocabulary):
            problems += check(place, manifest, contents)
    except (IndexStateError, OSError, ValueError, KeyError, TypeError, AttributeError, sqlite3.Error) as error:
        problems.append(f"{type(error).__name__}: {error}")
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise DamageError(f"{place} is damaged: {'; '.join(problems[:5])}{more}")
    return manifest, contents


def _files(place: Path) -> set[str]:
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}


def _documents(_place: Path, manifest: Manifest, contents: Contents) -> Iterator[str]:
    listed = {item.document.doc_id: {"file": item.file, "sha256": item.sha256} for item in contents.documents}
    if listed != manifest["documents"] or len(contents.documents) != len(listed):
        yield "the store does not hold the documents that the manifest lists"
    sentences = sum(len(passage.sentences) for passage in contents.passages)
    found = {"documents": len(contents.documents), "passages": len(contents.passages), "sentences": sentences}
    if found != manifest["counts"]:
        yield f"the store holds {found}, the manifest counts {manifest['counts']}"


def _passages(_place: Path, _manifest: Manifest, contents: Contents) -> Iterator[str]:
    documents = {item.document.doc_id: item.document for item in contents.documents}
    seen: set[str] = set()
    for row, passage in enumerate(contents.passages):
        document = documents.get(passage.doc_id)
        if document is None:
            yield f"passage {row} is of no document ({passage.doc_id})"
        elif not _stands(passage, document):
            yield f"passage {row} ({passage.passage_id}) does not stand at its place in {passage.doc_id}"
        if passage.passage_id in seen:
            yield f"passage {row} has the id of another ({passage.passage_id})"
        seen.add(passage.passage_id)
    order = [passage.doc_id for passage in contents.passages]
    if order != sorted(order):
        yield "the passages are not in the order of their documents"


def _stands(passage: Passage, document: Document) -> bool:
    """Whether the passage is a slice of the document, and its sentences and cells are slices of the passage."""
    if not 0 <= passage.start < passage.end <= len(document.text) or not passage.sentences:
        return False
    parts = [(sentence.start, sentence.end) for sentence in passage.sentences]
    parts += [(cell.start, cell.end) for cell in passage.cells]
    return document.text[passage.start : passage.end] == passage.text and all(
        passage.start <= start <= end <= passage.end and document.slice(start, end) == passage.slice(start, end)
        for start, end in parts
    )


def _vectors(place: Path, manifest: Manifest, contents: Contents) -> Iterator[str]:
    index = dense.read_index(place / "vectors.faiss")
    rows = dense.vectors_of(index)
    expected = (int(dense.sentence_starts(contents.passages)[-1]), manifest["embedder"]["dimension"])
    if rows.shape != expected:
        yield f"there are {rows.shape[0]} vectors of {rows.shape[1]} numbers, not {expected[0]} of {expected[1]}"
    with np.errstate(over="ignore", invalid="ignore"):
        wrong = np.flatnonzero(~(np.abs(np.linalg.norm(rows, axis=1) - 1) < UNIT))
    if len(wrong):
        yield f"{len(wrong)} vectors have not the length 1, the first that of sentence {wrong[0]}"


def _lexical(place: Path, _manifest: Manifest, contents: Contents) -> Iterator[str]:
    size = len(contents.passages)
    stored, fresh = bm25.BM25Scorer.load(place / "lexical", size), bm25.BM25Scorer.build(contents.passages)
    for passage in contents.passages[:: max(1, size // 20)]:
        query = Query("", passage.index_text)
        if not np.array_equal(stored.scores(query), fresh.scores(query)):
            yield "the lexical index does not count the words of the passages"
            return


def _vocabulary(place: Path, _manifest: Manifest, contents: Contents) -> Iterator[str]:
    stored = json.loads((place / "vocabulary.json").read_text(encoding="utf-8"))
    if stored != json.loads(json.dumps(Vocabulary.of(contents.passages).to_json())):
        yield "the vocabulary is not that of the passages"
