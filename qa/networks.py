"""Which network reads along: this project's own, another one of the hub, or none."""

from __future__ import annotations

import os
from functools import lru_cache

from qa.embedding import DEFAULT_MODEL, SentenceTransformerEmbedder
from qa.reader import HubReader, ReadPairs, TrainedReader
from qa.schema import Embedder

PLAIN_READER = "plain"
"""What VERBATIM_READER is for no network to read along."""

OWN_READER = "its own"
"""The project's own network, which reads along where VERBATIM_READER names none."""


def chosen(embedder: Embedder) -> str:
    """The network that VERBATIM_READER names, else this project's own beside a model, else none."""
    own = OWN_READER if isinstance(embedder, SentenceTransformerEmbedder) else PLAIN_READER
    return os.environ.get("VERBATIM_READER") or own


def named(name: str, embedder: Embedder) -> ReadPairs | None:
    """How the network of that name reads; None where there is none.

    It is loaded when it first reads; what cannot be loaded raises ModelError then, the encoder's folder here.
    """
    if name == OWN_READER and isinstance(embedder, SentenceTransformerEmbedder):
        return _own(embedder.precision).read
    return None if name in (OWN_READER, PLAIN_READER) else _other(name).read


@lru_cache(maxsize=2)
def _own(precision: str) -> TrainedReader:
    """The trained reader over the default encoder, shared by all assistants."""
    return TrainedReader(SentenceTransformerEmbedder(DEFAULT_MODEL).folder, precision=precision)


@lru_cache(maxsize=2)
def _other(name: str) -> HubReader:
    return HubReader(name)
