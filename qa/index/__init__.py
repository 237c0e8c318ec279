"""The index on disk: build it, change it, load it.

    index/
      write.lock        held by the one process that writes
      CURRENT           JSON: name of the generation that is read, SHA-256 of its manifest
      gen-N/            never changed once it is there
        manifest.json   format, embedder, chunker, counts, size and SHA-256 of every other file
        store.sqlite    documents and passages
        vectors.faiss   row j: sentence j of the store
        lexical/        bm25s; row i: passage i of the store
        vocabulary.json words and abbreviations of the corpus

A generation is written beside the others, synced to disk and only then named in CURRENT, so that a reader meets either the
old state or the new one. Two generations are kept.
"""

from qa.index.changes import Changes, add, build, remove
from qa.index.generations import LoadedIndex, Progress, exists, load, lock, write
from qa.index.store import StoredDocument

__all__ = [
    "Changes", "LoadedIndex", "Progress", "StoredDocument", "add", "build", "exists", "load", "lock", "remove", "write",
]  # fmt: skip
