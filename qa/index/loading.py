"""The index in memory: the current generation, or where that is damaged the newest one that is not."""

from __future__ import annotations

import json
import shlex
import sqlite3
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from qa import bm25, dense
from qa.errors import IndexStateError
from qa.index import generations, locks
from qa.index.generations import FORMAT, DamageError, Manifest
from qa.index.store import Contents, StoredDocument, StoredFailure, read_store
from qa.query import Vocabulary
from qa.schema import Document, Embedder, Passage

_UNREADABLE = (IndexStateError, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, sqlite3.Error)


@dataclass(frozen=True, slots=True)
class Lost:
    """A document that damage has taken or set back, or of which nothing but the generation is known, until it is mended."""

    doc_id: str
    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.doc_id} {self.what}"


@dataclass(frozen=True)
class LoadedIndex:
    """One generation in memory; nothing of it is read from the disk later.

    `vectors` has a row for each sentence of `passages`, in order. `warnings` say what is damaged, `lost` names the documents that
    are missing or old because of it.
    """

    folder: Path
    generation: str
    manifest: Manifest
    documents: tuple[StoredDocument, ...]
    passages: tuple[Passage, ...]
    vectors: Any
    lexical: bm25.BM25Scorer
    vocabulary: Vocabulary
    failures: tuple[StoredFailure, ...] = ()
    damaged: tuple[str, ...] = ()
    """Names of newer generations that could not be used."""
    damage: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()
    stamp: bytes = b""
    """What `stamp(folder)` gave before: another stamp means another generation."""

    def document(self, doc_id: str) -> Document:
        """The document of that id; raises IndexStateError where there is none."""
        if doc_id not in self._by_id:
            raise IndexStateError(f"no document {doc_id!r} in {self.folder}: see qa list --index {self.folder}")
        return self._by_id[doc_id]

    @cached_property
    def _by_id(self) -> dict[str, Document]:
        return {stored.document.doc_id: stored.document for stored in self.documents}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know: which generation is used instead of which, and what is missing from it."""
        used = (f"{'; '.join(self.damage)}: {self.folder / self.generation} is used",) if self.damage else ()
        return used + tuple(map(str, self.lost))


def load(folder: Path, embedder: Embedder) -> LoadedIndex:
    """The current generation, or the newest sound one where it is damaged: then `warnings` say so.

    Raises IndexStateError where there is no index, it is of another model or format, or no generation is sound.
    """
    if not generations.exists(folder):
        raise IndexStateError(f"no index in {folder}: build one with: qa index --index {folder}")
    try:
        return _load(folder, embedder)
    except DamageError as error:
        raise IndexStateError(f"{error}; rebuild the index with: qa index --index {folder}") from error


def _load(folder: Path, embedder: Embedder) -> LoadedIndex:
    while True:
        before = generations.stamp(folder)
        try:
            loaded = _newest_sound(folder, embedder)
        except DamageError:
            if generations.stamp(folder) == before:
                raise
        else:
            if not loaded.damage or generations.stamp(folder) == before:
                return replace(loaded, stamp=before)
        # A writer has published meanwhile, and may have deleted what was being read: that is no damage.


def _newest_sound(folder: Path, embedder: Embedder) -> LoadedIndex:
    problems: list[str] = []
    damaged: list[str] = []
    names = [f"gen-{number}" for number in generations.numbers(folder)]
    pointer = None
    try:
        pointer = generations.read_pointer(folder)
        names = list(dict.fromkeys([pointer.generation, *names]))
    except DamageError as error:
        problems.append(str(error))
    for name in names:
        try:
            with locks.reading(folder / name):
                manifest = generations.read_manifest(folder / name, pointer)
                loaded = _open(folder, name, manifest, embedder)
                digest = generations.digest(folder / name)
        except OSError:
            problems.append(f"{folder / name} is missing")
        except DamageError as error:
            problems.append(str(error))
        except IndexStateError as error:
            if not damaged:
                raise
            problems.append(str(error))
        else:
            if pointer and name == pointer.generation and digest != pointer.manifest_sha256:
                problems.append(f"{folder / 'CURRENT'} is damaged (it gives another hash for {name})")
            lost = _compare(folder / damaged[0], loaded) if damaged else ()
            return replace(loaded, damage=tuple(problems), damaged=tuple(damaged), lost=(*loaded.lost, *lost))
        damaged.append(name)
    raise DamageError("; ".join(problems) or f"{folder} holds no generation")


def _open(folder: Path, name: str, manifest: Manifest, embedder: Embedder) -> LoadedIndex:
    place = folder / name
    check_format(folder, manifest)
    check_model(folder, manifest, embedder)
    generations.check_files(place, manifest)
    try:
        contents = read_store(place / "store.sqlite")
        counts, passages = manifest["counts"], contents.passages
        found = (len(contents.documents), len(passages), int(dense.sentence_starts(passages)[-1]))
        if found != (counts["documents"], counts["passages"], counts["sentences"]):
            raise ValueError(f"its store holds {found} documents, passages and sentences, its manifest counts {counts}")
        vectors = dense.read_index(place / "vectors.faiss")
        if vectors.ntotal != counts["sentences"]:
            raise ValueError(f"it holds {vectors.ntotal} vectors for {counts['sentences']} sentences")
        lexical = bm25.BM25Scorer.load(place / "lexical", len(passages))
        vocabulary = json.loads((place / "vocabulary.json").read_text(encoding="utf-8"))
        words = Vocabulary.from_json(vocabulary, embedder.common_words)
    except _UNREADABLE as error:
        raise DamageError(f"{place} is damaged ({error})") from error
    lost = tuple(Lost(**item) for item in manifest["lost"])
    documents, failures = contents.documents, contents.failures
    return LoadedIndex(folder, name, manifest, documents, passages, vectors, lexical, words, failures, lost=lost)


def check_format(folder: Path, manifest: Manifest) -> None:
    """Raise IndexStateError where the generation is of another format than this program reads."""
    if manifest.get("format") != FORMAT:
        raise IndexStateError(
            f"the index in {folder} has format {manifest.get('format')}, this version reads {FORMAT}; "
            f"rebuild it with: qa index --index {folder}"
        )


def check_model(folder: Path, manifest: Manifest, embedder: Embedder) -> None:
    """Raise IndexStateError where the generation was built with another model."""
    built, asked = manifest["embedder"], embedder.identity
    if (built["name"], built["sha256"]) != (asked["name"], asked["sha256"]):
        raise IndexStateError(
            f"the index in {folder} was built with the model {built['name']} (weights {built['sha256'][:12]}), not with "
            f"{asked['name']} ({asked['sha256'][:12]}); use that model with --embedder or VERBATIM_EMBEDDER, or rebuild "
            f"with: qa index --index {folder}"
        )


def _compare(damaged: Path, loaded: LoadedIndex) -> tuple[Lost, ...]:
    """What the damaged generation held otherwise than the one that is used in its place."""
    listed = _listed(damaged)
    if listed is None:
        what = f"cannot be read: add again what was added last, then forget it with: qa remove {damaged.name}"
        return (Lost(damaged.name, "", what),)
    here = {item.document.doc_id: item for item in loaded.documents}
    lost = []
    for doc_id, (file, sha256) in listed.items():
        mend = f"{damaged.name} was damaged; add it again with: qa add {shlex.quote(file)}"
        if doc_id not in here:
            lost.append(Lost(doc_id, file, f"is missing since {mend}"))
        elif here[doc_id].sha256 != sha256:
            lost.append(Lost(doc_id, file, f"is an older version since {mend}"))
    back = (f"was removed and is back; remove it with: qa remove {shlex.quote(doc_id)}" for doc_id in here)
    lost += [Lost(doc_id, "", what) for doc_id, what in zip(here, back, strict=True) if doc_id not in listed]
    return tuple(lost)


def _listed(place: Path) -> dict[str, tuple[str, str]] | None:
    """File and hash of each document of a damaged generation, from its manifest or else its store."""
    try:
        documents = generations.read_manifest(place)["documents"]
        return {doc_id: (item["file"], item["sha256"]) for doc_id, item in documents.items()}
    except DamageError:
        pass
    try:
        return {item.document.doc_id: (item.file, item.sha256) for item in read_store(place / "store.sqlite").documents}
    except _UNREADABLE:
        return None


def salvage(folder: Path, embedder: Embedder) -> tuple[Contents, tuple[Lost, ...]] | None:
    """What the store of the newest generation holds, if that file at least is sound, so that nothing is lost."""
    try:
        pointer = generations.read_pointer(folder)
        name = pointer.generation
    except DamageError:
        pointer, name = None, next((f"gen-{number}" for number in generations.numbers(folder)), "")
    try:
        manifest = generations.read_manifest(folder / name, pointer)
        check_format(folder, manifest)
        check_model(folder, manifest, embedder)
        generations.check_file(folder / name, manifest, "store.sqlite")
        return read_store(folder / name / "store.sqlite"), tuple(Lost(**item) for item in manifest["lost"])
    except (DamageError, *_UNREADABLE):
        return None
