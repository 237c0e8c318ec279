"""What the chat needs of an assistant, and what stands for one that is still being opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Protocol

from qa.errors import VerbatimError
from qa.index import LoadedIndex, StoredDocument
from qa.schema import Answer, Document, Embedder, Exchange, Hit, Query


class Answering(Protocol):
    """An assistant over one state of the documents."""

    @property
    def index(self) -> LoadedIndex:
        """What it answers from."""

    @property
    def embedder(self) -> Embedder:
        """The model that its vectors are of."""

    @property
    def documents(self) -> Sequence[StoredDocument]: ...

    @property
    def passage_count(self) -> int:
        """Passages of all documents together."""

    @property
    def passage_counts(self) -> Mapping[str, int]:
        """Passages of each document that has any, by its id."""

    @property
    def collections(self) -> Mapping[str, Sequence[str]]:
        """The collections that have a name, with the ids of their documents."""

    def document(self, doc_id: str, /) -> Document:
        """The document with that id, or a VerbatimError."""

    def understand(self, question: str, /) -> Query:
        """The question with its misspelt words mended, or QuestionError."""

    def ask(
        self,
        question: str,
        /,
        *,
        k: int = 10,
        documents: Sequence[str] | None = None,
        collection: str | None = None,
        history: Sequence[str | Exchange] = (),
        force: bool = False,
    ) -> Answer:
        """The answer, or QuestionError."""

    def retrieve(
        self, question: str, /, k: int = 5, *, documents: Sequence[str] | None = None, collection: str | None = None
    ) -> list[Hit]:
        """The k best passages, or QuestionError."""


class Assistants(Protocol):
    """Gives an assistant over the documents as they are now."""

    @property
    def ready(self) -> bool:
        """Whether `current` returns at once."""

    def current(self) -> Answering:
        """The assistant over what the index holds now; raises VerbatimError where there is none."""


class Pending:
    """Stands for assistants that are still being opened: who asks for one waits."""

    def __init__(self) -> None:
        self._assistants: Future[Assistants] = Future()

    def set(self, assistants: Assistants) -> None:
        """Pass on to these from now on, beginning with those who wait."""
        self._assistants.set_result(assistants)

    def fail(self, error: VerbatimError) -> None:
        """Tell those who wait, and all later ones, why there is no assistant."""
        self._assistants.set_exception(error)

    @property
    def ready(self) -> bool:
        """Whether questions are answered at once."""
        return self._assistants.done()

    def current(self) -> Answering:
        """The assistant, as soon as there is one."""
        return self._assistants.result().current()
