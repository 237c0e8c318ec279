"""Indexes the documents that a gold set brings along, in an index of their own."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qa import index as indexes
from qa.errors import CorpusError, GoldError, IndexStateError
from qa.evaluation.model import GoldDocument, GoldSet
from qa.schema import Embedder, Evidence, GoldQuestion

if TYPE_CHECKING:
    from qa.index import Progress

STEPS = 8
"""Parts in which documents are indexed: what an interruption costs is at most one of them."""

PACKAGE = Path(indexes.__file__).resolve().parent.parent
READS = (
    "corpus", "index", "abbreviations.py", "bm25.py", "chunking.py", "dense.py", "embedding.py", "encoder.py", "query.py",
    "schema.py", "text.py",
)  # fmt: skip
"""The code that an index depends on."""


@dataclass(frozen=True, slots=True)
class OwnCorpus:
    """The index folder, the gold set with its documents named as they are there, and what could not be read."""

    folder: Path
    gold: GoldSet
    unread: tuple[CorpusError, ...]


def cache_folder() -> Path:
    """Where indexes of gold sets and runs that were stopped are kept: `$XDG_CACHE_HOME/verbatim` or `~/.cache/verbatim`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "verbatim"


def index_documents(gold: GoldSet, embedder: Embedder, *, work: Path, progress: Progress | None = None) -> OwnCorpus:
    """Index the documents of the gold set below `work`, going on where an earlier call was stopped.

    Each document is written to a text file of its own and read as any file is. Raises GoldError where the set brings no
    documents, IndexStateError where the index cannot be written.
    """
    if not gold.documents:
        raise GoldError(f"{gold.name} brings no documents along: SQuAD and BEIR sets do")
    place = work / _folder_name(gold, embedder)
    corpus, folder = place / "corpus", place / "index"
    names = {document.doc_id: f"{i:05d}{_slug(document)}" for i, document in enumerate(gold.documents, start=1)}
    if _is_of_another_code(place):
        shutil.rmtree(place)
    corpus.mkdir(parents=True, exist_ok=True)
    (place / "code").write_text(_code(), encoding="ascii")
    files = [_write(corpus / f"{names[document.doc_id]}.txt", document) for document in gold.documents]
    unread: list[CorpusError] = []
    size = max(1, -(-len(files) // STEPS))
    for begin in range(0, len(files), size):
        part = files[begin : begin + size]
        unread += _add(folder, part, embedder, _overall(progress, begin, len(part), len(files)))
    if not indexes.exists(folder):
        raise GoldError(f"nothing in the documents of {gold.name} can be read, for instance {unread[0]}")
    return OwnCorpus(folder, _renamed(gold, names), tuple(unread))


def _add(folder: Path, files: Sequence[Path], embedder: Embedder, progress: Progress | None) -> Sequence[CorpusError]:
    """Add the files; an index that is damaged holds nothing of the user's and is begun anew."""
    try:
        return indexes.add(folder, files, embedder, progress=progress).failed
    except IndexStateError:
        if not indexes.exists(folder):
            raise
        try:
            indexes.load(folder, embedder)
        except IndexStateError:
            shutil.rmtree(folder)
            return indexes.add(folder, files, embedder, progress=progress).failed
        raise


def _write(path: Path, document: GoldDocument) -> Path:
    """Write the text behind a byte order mark, so that one of its own stays a character; lone surrogates become "?"."""
    data = document.text.encode("utf-8-sig", "replace")
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)
    return path


def _renamed(gold: GoldSet, names: dict[str, str]) -> GoldSet:
    def renamed(question: GoldQuestion) -> GoldQuestion:
        def moved(evidence: Evidence) -> Evidence:
            return replace(evidence, doc_id=names.get(evidence.doc_id, evidence.doc_id))

        return replace(
            question,
            evidence=tuple(moved(evidence) for evidence in question.evidence),
            relevant=tuple((names[doc_id], grade) for doc_id, grade in question.relevant),
        )

    return replace(gold, questions=tuple(renamed(question) for question in gold.questions))


def _overall(progress: Progress | None, before: int, size: int, total: int) -> Progress | None:
    """Progress of one part, told as progress over all documents."""
    if progress is None:
        return None

    def report(what: str, done: int, of: int) -> None:
        before_it, after_it = what.startswith(("reading", "cutting")), what.startswith("writing")
        share = 1.0 if after_it else 0.0 if before_it or not of else done / of
        progress("indexing documents", before + int(size * share), total)

    return report


def _folder_name(gold: GoldSet, embedder: Embedder) -> str:
    digest = hashlib.sha256(repr(sorted(embedder.identity.items())).encode())
    for document in gold.documents:
        digest.update(repr(document).encode("utf-8", "backslashreplace"))
    return f"{_plain(gold.name)[:40]}-{digest.hexdigest()[:12]}"


def _slug(document: GoldDocument) -> str:
    name = _plain(document.title or document.doc_id)[:60].strip("-")
    return f"-{name}" if name else ""


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name)


def _is_of_another_code(place: Path) -> bool:
    return place.exists() and not ((place / "code").is_file() and (place / "code").read_text("ascii") == _code())


def _code() -> str:
    digest = hashlib.sha256()
    for name in READS:
        path = PACKAGE / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()
