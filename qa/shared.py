"""Assistants that stay open: over an index that may change, and between the calls of `ask` and `retrieve`."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from qa import index as indexes
from qa.assistant import Assistant, index_folder
from qa.errors import VerbatimError
from qa.schema import Answer, Exchange, Hit

logger = logging.getLogger(__name__)


class Following:
    """The assistant over whatever generation of an index is current: looks at each use whether there is a new one.

    Questions under way end on the generation that they began on, and questions that come while a new one is being opened are
    still answered from the old one.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._refused: bytes | None = None
        self._opening = threading.Lock()
        _log_warnings(assistant)

    def latest(self) -> Assistant:
        """The assistant over the current generation; raises as `Assistant.open` does where that cannot be opened."""
        assistant = self._assistant
        index = assistant.index
        if indexes.stamp(index.folder) != index.stamp and self._opening.acquire(blocking=False):
            try:
                self._assistant = assistant.reopened()
                _log_warnings(self._assistant)
            finally:
                self._opening.release()
        return self._assistant

    @property
    def ready(self) -> bool:
        """Whether there is an assistant: always."""
        return True

    def current(self) -> Assistant:
        """The assistant over the current generation, or over the last one that could be opened."""
        stamp = indexes.stamp(self._assistant.index.folder)
        if stamp != self._refused:
            try:
                return self.latest()
            except VerbatimError as error:
                self._refused = stamp
                logger.warning("the index has changed and cannot be opened, the one before is used: %s", error)
        return self._assistant


@lru_cache(maxsize=4)
def _kept_open(folder: Path, _embedder: str | None, _reader: str | None) -> Following:
    """Kept open between calls; models of other names make it another one."""
    return Following(Assistant.open(folder))


def _current(index: Path | str | None) -> Assistant:
    """The assistant over the current generation of an index, kept open between calls."""
    models = (os.environ.get(f"VERBATIM_{what}") for what in ("EMBEDDER", "READER"))
    return _kept_open(index_folder(index).absolute(), *models).latest()


def _log_warnings(assistant: Assistant) -> None:
    for warning in assistant.warnings:
        logger.warning("%s", warning)


def retrieve(
    question: str,
    k: int = 5,
    *,
    index: Path | str | None = None,
    documents: Sequence[str] | None = None,
    collection: str | None = None,
) -> list[Hit]:
    """`Assistant.retrieve` over the index that is meant (see `index_folder`), kept open between calls."""
    return _current(index).retrieve(question, k, documents=documents, collection=collection)


def ask(
    question: str,
    *,
    index: Path | str | None = None,
    documents: Sequence[str] | None = None,
    collection: str | None = None,
    k: int = 10,
    history: Sequence[str | Exchange] = (),
    force: bool = False,
) -> Answer:
    """`Assistant.ask` over the index that is meant (see `index_folder`), kept open between calls."""
    return _current(index).ask(question, k=k, documents=documents, collection=collection, history=history, force=force)
