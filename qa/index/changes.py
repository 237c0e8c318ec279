"""What users do to an index: build it from a folder, add files, remove documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qa import corpus
from qa.errors import CorpusError, IndexStateError
from qa.index.generations import LoadedIndex, Progress, exists, load, lock, write
from qa.index.store import StoredDocument
from qa.schema import Embedder


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of the documents that a change touched, and the files that could not be read, each with its reason."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[CorpusError, ...] = ()


def build(folder: Path, paths: Sequence[Path], embedder: Embedder, *, progress: Progress | None = None) -> Changes:
    """Make the index in `folder` hold exactly the documents under `paths`.

    Files that cannot be read are named in the result. Raises CorpusError where none can, IndexStateError where the folder is
    being written; an index that is there then stays as it was.
    """
    with lock(folder):
        read, failed = _read(paths, progress)
        if not read:
            raise failed[0] if failed else CorpusError("no document to index", path=paths[0] if paths else None)
        previous = _load_if_usable(folder, embedder)
        write(folder, read, embedder, previous=previous, progress=progress)
        return Changes(added=tuple(item.document.doc_id for item in read), failed=tuple(failed))


def add(folder: Path, paths: Sequence[Path], embedder: Embedder, *, progress: Progress | None = None) -> Changes:
    """Add files, or the files of folders, to the index, which is made where there is none.

    A file that was added before is replaced where its content changed. Raises IndexStateError as `load` does.
    """
    with lock(folder):
        previous = load(folder, embedder) if exists(folder) else None
        read, failed = _read(paths, progress)
        kept = {item.document.doc_id: item for item in previous.documents} if previous else {}
        by_file = {item.file: doc_id for doc_id, item in kept.items()}
        added: list[str] = []
        replaced: list[str] = []
        unchanged: list[str] = []
        for item in read:
            before = by_file.get(item.file)
            if before is not None and kept[before].sha256 == item.sha256:
                unchanged.append(before)
                continue
            doc_id = before or _free_id(item.document.doc_id, kept)
            kept[doc_id] = replace(item, document=replace(item.document, doc_id=doc_id))
            (replaced if before else added).append(doc_id)
        if added or replaced:
            write(folder, kept.values(), embedder, previous=previous, progress=progress)
        return Changes(tuple(added), tuple(replaced), tuple(unchanged), failed=tuple(failed))


def remove(folder: Path, doc_ids: Sequence[str], embedder: Embedder, *, progress: Progress | None = None) -> Changes:
    """Take documents out of the index; raises IndexStateError where one of them is not there, and then removes none."""
    with lock(folder):
        previous = load(folder, embedder)
        kept = {item.document.doc_id: item for item in previous.documents}
        for doc_id in doc_ids:
            if kept.pop(doc_id, None) is None:
                raise IndexStateError(f"no document {doc_id!r} in {folder}: see qa list --index {folder}")
        write(folder, kept.values(), embedder, previous=previous, progress=progress)
        return Changes(removed=tuple(doc_ids))


def _read(paths: Iterable[Path], progress: Progress | None) -> tuple[list[StoredDocument], list[CorpusError]]:
    files: list[tuple[Path, Path]] = []
    failed: list[CorpusError] = []
    for path in paths:
        try:
            root = path if path.is_dir() else path.parent
            files += [(file, root) for file in corpus.find_files(path)]
        except CorpusError as error:
            failed.append(error)
    files = list({file.resolve(): (file, root) for file, root in files}.values())
    read: dict[str, StoredDocument] = {}
    for i, (file, root) in enumerate(files, start=1):
        try:
            document = corpus.read_document(file, root)
            doc_id = _free_id(document.doc_id, read)
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            read[doc_id] = StoredDocument(replace(document, doc_id=doc_id), str(file.resolve()), digest)
        except CorpusError as error:
            failed.append(error)
        if progress:
            progress("reading documents", i, len(files))
    return list(read.values()), failed


def _free_id(doc_id: str, taken: object) -> str:
    name, n = doc_id, 1
    while name in taken:  # type: ignore[operator]
        n += 1
        name = f"{doc_id}-{n}"
    return name


def _load_if_usable(folder: Path, embedder: Embedder) -> LoadedIndex | None:
    """The index that is there, for its vectors; None where it cannot be used, as it is about to be replaced."""
    try:
        return load(folder, embedder)
    except IndexStateError:
        return None
