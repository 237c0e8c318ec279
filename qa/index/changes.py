"""What users do to an index: build it from a folder, add files, remove documents."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qa import corpus
from qa.errors import CorpusError, IndexStateError
from qa.index.generations import Manifest, exists
from qa.index.loading import LoadedIndex, Lost, load, salvage
from qa.index.locks import lock
from qa.index.store import Contents, StoredDocument, StoredFailure
from qa.index.writing import Progress, write
from qa.schema import Document, Embedder

MAX_COLLECTION = 60
"""Characters of the name of a collection."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of the documents that a change touched, and the files that could not be read, each with its reason.

    `counts` are those of the index afterwards (none where there is none), `warnings` tell of damage that was met, and of
    pages that have no text.
    """

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[CorpusError, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _State:
    """What the index is to hold: begun with what it holds, changed, and then written."""

    folder: Path
    embedder: Embedder
    previous: LoadedIndex | None = None
    documents: dict[str, StoredDocument] = field(default_factory=dict)
    failures: dict[str, StoredFailure] = field(default_factory=dict)
    lost: dict[str, Lost] = field(default_factory=dict)
    damage: tuple[str, ...] = ()

    @classmethod
    def begin(cls, folder: Path, embedder: Embedder) -> _State:
        """The state of the index that is there, with as much of it as damage has left. Raises as `load` does."""
        if not exists(folder):
            return cls(folder, embedder)
        loaded: LoadedIndex | None = None
        problem = ""
        try:
            loaded = load(folder, embedder)
        except IndexStateError as error:
            saved = salvage(folder, embedder)
            if saved is None:
                raise
            problem = str(error)
        else:
            saved = salvage(folder, embedder) if loaded.damaged else None
            problem = "; ".join(loaded.damage)
        state = cls(folder, embedder, loaded, damage=(problem,) if problem else ())
        if saved is not None:
            state.hold(*saved)
            state.damage = (f"{problem}; its documents are sound and were kept",)
        elif loaded is not None:
            state.hold(loaded, loaded.lost)
        return state

    def hold(self, contents: LoadedIndex | Contents, lost: Iterable[Lost]) -> None:
        self.documents = {item.document.doc_id: item for item in contents.documents}
        self.failures = {failure.file: failure for failure in contents.failures}
        self.lost = {item.doc_id: item for item in lost}

    def forget_moved(self, read: Iterable[StoredDocument]) -> list[str]:
        """Take out the documents whose file is gone where one of the same content was read now; their ids."""
        new = {item.sha256 for item in read if item.sha256}
        old = [doc_id for doc_id, item in self.documents.items() if item.sha256 in new and _is_gone(item.file)]
        for doc_id in old:
            del self.documents[doc_id]
        return old

    def found(self, doc_ids: Iterable[str]) -> None:
        """Documents that are as the user wants them are not lost any more."""
        for doc_id in doc_ids:
            self.lost.pop(doc_id, None)

    def write(self, progress: Progress | None) -> Manifest:
        """Make it the index."""
        return write(
            self.folder,
            self.documents.values(),
            self.embedder,
            failures=self.failures.values(),
            lost=self.lost.values(),
            previous=self.previous,
            progress=progress,
        )

    def changes(self, manifest: Manifest | None, done: Changes) -> Changes:
        """What was done, with what there is now; without a new generation that is what there was before."""
        now = manifest or (self.previous.manifest if self.previous else {"counts": {}})
        unread = [_unread(self.documents[doc_id].document) for doc_id in (*done.added, *done.replaced)]
        warnings = (*self.damage, *map(str, self.lost.values()), *filter(None, unread))
        return replace(done, counts=now["counts"], warnings=warnings)


def build(folder: Path, paths: Sequence[Path], embedder: Embedder, *, progress: Progress | None = None) -> Changes:
    """Make the index in `folder` hold exactly the documents under `paths`.

    Documents stay in their collections. Files that cannot be read are named in the result. Raises CorpusError where none can,
    IndexStateError where the folder is being written; an index that is there then stays as it was.
    """
    with lock(folder):
        read = _read(paths, {}, progress)
        if not read.documents:
            raise (
                read.errors[0] if read.errors else CorpusError("no document to index", path=paths[0] if paths else None)
            )
        state = _State(folder, embedder, _load_if_usable(folder, embedder))
        where = _collections(state.previous.documents if state.previous else ())
        for item in read.documents:
            doc_id = _free_id(item.document.doc_id, state.documents)
            state.documents[doc_id] = replace(_named(item, doc_id), collection=where(doc_id, item))
        state.failures = {failure.file: failure for failure in read.failures}
        done = Changes(added=tuple(state.documents), failed=tuple(read.errors))
        return state.changes(state.write(progress), done)


def add(
    folder: Path,
    paths: Sequence[Path],
    embedder: Embedder,
    *,
    collection: str | None = None,
    progress: Progress | None = None,
) -> Changes:
    """Add files, or the files of folders, to the index, which is made where there is none.

    A file that was added before is read again where its content has changed, or could not be read; one that has been moved
    takes the place of the document that it was. Where nothing has changed nothing is written, unless the index is damaged:
    then it is mended. Raises IndexStateError as `load` does.

    `collection` is the one that the documents are to be in ("" for that without a name), unchanged ones too; without it new
    ones are in that without a name, and the others stay where they are. Raises CorpusError where it is no name.
    """
    if collection is not None:
        collection = check_collection(collection)
    with lock(folder):
        state = _State.begin(folder, embedder)
        where = _collections(state.documents.values())
        ids = {item.file: doc_id for doc_id, item in state.documents.items()}
        read = _read(paths, {item.file: item.sha256 for item in state.documents.values()}, progress)
        unchanged = tuple(ids[file] for file in read.unchanged)
        ids |= {item.file: item.doc_id for item in state.lost.values() if item.file and item.file not in ids}
        added: list[str] = []
        replaced: list[str] = []
        moved = state.forget_moved(read.documents)
        for item in read.documents:
            doc_id = ids.get(item.file) or _free_id(item.document.doc_id, state.documents.keys() | state.lost.keys())
            (replaced if doc_id in state.documents or doc_id in moved else added).append(doc_id)
            named = where(doc_id, item) if collection is None else collection
            state.documents[doc_id] = replace(_named(item, doc_id), collection=named)
        for doc_id in unchanged:
            if collection is not None and state.documents[doc_id].collection != collection:
                state.documents[doc_id] = replace(state.documents[doc_id], collection=collection)
                replaced.append(doc_id)
        unchanged = tuple(doc_id for doc_id in unchanged if doc_id not in replaced)
        failures = state.failures
        state.failures = _failures_now(failures, read)
        state.found([*added, *replaced])
        removed = tuple(doc_id for doc_id in moved if doc_id not in replaced)
        done = Changes(tuple(added), tuple(replaced), unchanged, removed, failed=tuple(read.errors))
        changed = added or replaced or (exists(folder) and (state.damage or state.failures != failures))
        return state.changes(state.write(progress) if changed else None, done)


def remove(folder: Path, doc_ids: Sequence[str], embedder: Embedder, *, progress: Progress | None = None) -> Changes:
    """Take documents out of the index; raises IndexStateError where one of them is not there, and then removes none."""
    if not exists(folder):
        raise IndexStateError(f"no index in {folder}: build one with: qa index --index {folder}")
    with lock(folder):
        state = _State.begin(folder, embedder)
        for doc_id in dict.fromkeys(doc_ids):
            if state.documents.pop(doc_id, None) is None and doc_id not in state.lost:
                raise IndexStateError(f"no document {doc_id!r} in {folder}: see qa list --index {folder}")
        state.found(doc_ids)
        return state.changes(state.write(progress), Changes(removed=tuple(dict.fromkeys(doc_ids))))


def _collections(documents: Iterable[StoredDocument]) -> Callable[[str, StoredDocument], str]:
    """The collection that a document of that id, or of the same content, is in."""
    known = {key: item.collection for item in documents for key in (item.sha256, item.document.doc_id)}
    return lambda doc_id, item: known.get(doc_id, known.get(item.sha256, ""))


def check_collection(name: str) -> str:
    """The name of a collection without the white space around it; raises CorpusError where it cannot be one."""
    name = name.strip()
    if len(name) > MAX_COLLECTION or not name.isprintable():
        raise CorpusError(
            f"a collection has a name of at most {MAX_COLLECTION} characters on one line, not {name[:80]!r}"
        )
    return name


@dataclass(slots=True)
class _Read:
    """What became of the files that were named."""

    documents: list[StoredDocument] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failures: list[StoredFailure] = field(default_factory=list)
    errors: list[CorpusError] = field(default_factory=list)


def _read(paths: Iterable[Path], known: Mapping[str, str], progress: Progress | None) -> _Read:
    """Read the files, but for those of which `known` gives the hash that they have."""
    files: dict[Path, tuple[Path, Path]] = {}
    read = _Read()
    for path in paths:
        try:
            root = path if corpus.thing_at(path) == "folder" else path.parent
            for file in corpus.find_files(path):
                files.setdefault(corpus.real_path(file), (file, root))
        except CorpusError as error:
            read.errors.append(error)
            if corpus.thing_at(path) == "file":
                read.failures.append(_failure(corpus.real_path(path), _hash(path), error))
    for i, (resolved, (file, root)) in enumerate(files.items(), start=1):
        digest = _hash(file)  # before it is read: a file that changes in between is read again next time
        if digest and known.get(str(resolved)) == digest:
            read.unchanged.append(str(resolved))
        else:
            try:
                document = corpus.read_document(file, root)
                read.documents.append(StoredDocument(document, str(resolved), digest))
            except CorpusError as error:
                read.errors.append(error)
                read.failures.append(_failure(resolved, digest, error))
        if progress:
            progress("reading documents", i, len(files))
    return read


def _unread(document: Document) -> str:
    """What is to be said of the pages of a document that have no text; "" where there are none."""
    pages = document.scanned_pages
    if not pages:
        return ""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    which = ", ".join(f"{run[0]}" if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
    kind = f"page {which} is a picture" if len(pages) == 1 else f"pages {which} are pictures"
    return f"{document.source.path}: {kind} without a text layer and could not be read: run OCR, then add it again"


def _failures_now(before: Mapping[str, StoredFailure], read: _Read) -> dict[str, StoredFailure]:
    """The failures so far without those of files that are gone or were read now, and with the new ones."""
    good = {item.file for item in read.documents} | set(read.unchanged)
    kept = {file: failure for file, failure in before.items() if file not in good and not _is_gone(file)}
    return kept | {failure.file: failure for failure in read.failures}


def _is_gone(file: str) -> bool:
    return corpus.thing_at(Path(file)) == "nothing"


def _failure(file: Path, digest: str, error: CorpusError) -> StoredFailure:
    name = "" if error.path is None else str(error.path)
    place = name if error.line is None else f"{name}:{error.line}"
    return StoredFailure(str(file), digest, name, error.line, str(error).removeprefix(f"{place}: "))


def _hash(file: Path) -> str:
    """Of all that the document is read from; empty where that cannot be read."""
    try:
        return corpus.content_sha256(file)
    except OSError:
        return ""


def _named(item: StoredDocument, doc_id: str) -> StoredDocument:
    return item if item.document.doc_id == doc_id else replace(item, document=replace(item.document, doc_id=doc_id))


def _free_id(doc_id: str, taken: Container[str]) -> str:
    name, n = doc_id, 1
    while name in taken:
        n += 1
        name = f"{doc_id}-{n}"
    return name


def _load_if_usable(folder: Path, embedder: Embedder) -> LoadedIndex | None:
    """The index that is there, for its vectors; None where it cannot be used, as it is about to be replaced."""
    try:
        return load(folder, embedder)
    except IndexStateError:
        return None
