"""The index on disk: build it, change it, load it.

    index/
      write.lock        held by the one process that writes, whose number stands in it
      CURRENT           JSON: name of the generation that is read, SHA-256 of its manifest
      gen-N/            never changed once it is there
        manifest.json   format, embedder, chunker, counts, documents, size and SHA-256 of every other file
        store.sqlite    documents, passages, files that could not be read
        vectors.faiss   row j: sentence j of the store
        lexical/        bm25s; row i: passage i of the store
        vocabulary.json words and abbreviations of the corpus

A generation is written beside the others, synced to disk and only then named in CURRENT, so that a reader meets either the
old state or the new one. Two generations are kept; where the newer one is damaged the older one is used, and says so.

`disk` forces files onto the disk, `locks` says who writes and what is read, `generations` names and publishes, `store` is the
SQLite file, `loading` and `writing` are the two ways, `changes` what users do, `checking` whether all is sound.
"""

from qa.index.changes import Changes, add, build, remove
from qa.index.checking import Report, verify
from qa.index.generations import exists, stamp
from qa.index.loading import LoadedIndex, Lost, load
from qa.index.locks import lock
from qa.index.store import StoredDocument, StoredFailure
from qa.index.writing import Progress, write

__all__ = [
    "Changes", "LoadedIndex", "Lost", "Progress", "Report", "StoredDocument", "StoredFailure", "add", "build", "exists",
    "load", "lock", "remove", "stamp", "verify", "write",
]  # fmt: skip
