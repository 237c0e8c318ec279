"""What one user says of one answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Verdict = Literal["", "up", "down"]
MAX_COMMENT = 1000
MAX_QUOTE = 5000


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of a document that answer, and the quote [start, end) that they stand in.

    `sha256` is that of the document's file as it was indexed then; `text` is empty where only the passage is known.
    """

    doc_id: str
    start: int
    end: int
    quote: str
    text: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What would have been right: a place in the documents, or None where they do not answer."""

    place: Quoted | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer with what a user says of it; `conversation` and `turn` tell whose it is without telling who that is.

    `history` are the earlier questions that it leans on; `at` is UTC in ISO form; `answer` is empty for an abstention.
    """

    conversation: str
    turn: int
    question: str
    query: str = ""
    history: tuple[str, ...] = ()
    collection: str = ""
    verdict: Verdict = ""
    answer: tuple[Quoted, ...] = ()
    corrected: Corrected | None = None
    comment: str = ""
    at: str = ""
    user: str = ""
    version: str = ""

    def to_json(self) -> dict[str, Any]:
        """All of it as an object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Entry:
        """What `to_json` gave; raises ValueError, KeyError or TypeError where it is something else."""
        if data["verdict"] not in get_args(Verdict):
            raise ValueError(f"{data['verdict']!r} is no verdict")
        corrected = data["corrected"]
        place = corrected["place"] if corrected else None
        return cls(
            **{
                **data,
                "history": tuple(data["history"]),
                "answer": tuple(Quoted(**quoted) for quoted in data["answer"]),
                "corrected": Corrected(Quoted(**place) if place else None) if corrected else None,
            }
        )
