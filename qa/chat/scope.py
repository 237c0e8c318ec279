"""Which documents a question is put to: all of them, or one collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qa.chat.answering import Answering, Assistants
from qa.errors import QuestionError
from qa.schema import Answer


@dataclass(frozen=True, slots=True)
class Within:
    """Assistants whose questions are put to one collection; to all documents where that is ""."""

    assistants: Assistants
    collection: str

    @property
    def ready(self) -> bool:
        """As that of the assistants."""
        return self.assistants.ready

    def current(self) -> Answering:
        """The assistant that asks the collection; raises QuestionError where the collection is no longer there."""
        assistant = self.assistants.current()
        return _Asking(assistant, self.collection) if self.collection else assistant


class _Asking:
    """An assistant that asks one collection unless told otherwise, and is the assistant in all else."""

    def __init__(self, assistant: Answering, collection: str) -> None:
        self._assistant = assistant
        self._collection = collection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assistant, name)

    def ask(self, question: str, **options: Any) -> Answer:
        """The answer from the collection."""
        if self._collection not in self._assistant.collections:
            raise QuestionError(
                f"there is no collection “{self._collection}” any more: choose another one or all documents, and ask again"
            )
        return self._assistant.ask(question, **{"collection": self._collection, **options})
