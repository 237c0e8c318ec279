"""What became of each question, and a whole run of them, as it is saved and compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from qa.errors import GoldError
from qa.evaluation import measures
from qa.evaluation.model import Half

Loss = Literal[
    "",
    "not retrieved",
    "retrieved but not read",
    "read but not chosen",
    "chosen but incomplete",
    "wrongly refused",
    "wrongly answered",
]
"""Where a question was lost on the way; empty where it came out right."""

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question with its best candidate, whether that was given, and its figures.

    `correct` says whether the best candidate is right, whatever the threshold (never, where nothing answers). `ranking` are
    the ids of the ten best passages (documents, where documents are judged), `relevant` those that hold the evidence.
    """

    query_id: str
    question: str
    kind: str
    half: Half
    answerable: bool
    history: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    answered: bool = False
    correct: bool = False
    confidence: float = 0.0
    lost: Loss = ""
    short: str = ""
    quotes: tuple[str, ...] = ()
    place: str = ""
    """Document and line of the first quote."""
    ranking: tuple[str, ...] = ()
    relevant: dict[str, int] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    elapsed_ms: float = 0.0

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Outcome:
        """The outcome that `asdict` gave; unknown keys are passed over."""
        known = {f.name for f in fields(cls)}
        values: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known}
        return cls(**values)


@dataclass(frozen=True)
class Evaluation:
    """The outcomes of a gold set, and what they were measured with (`about`)."""

    outcomes: tuple[Outcome, ...]
    about: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def metrics(self) -> dict[str, float]:
        """One number for each figure that applies; see `measures.METRICS`."""
        return measures.summary(self.outcomes)

    @cached_property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % bootstrap intervals of `metrics`, for those over at least two questions."""
        return measures.intervals(self.outcomes)

    @cached_property
    def mean_intervals(self) -> dict[str, tuple[float, float]]:
        """`intervals` without the figures of a whole set, which take long."""
        return measures.intervals(self.outcomes, means_only=True)

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of questions that each figure is taken over."""
        return measures.counts(self.outcomes)

    def by_kind(self) -> dict[str, Evaluation]:
        """The evaluation of each kind of question, in the order of the names."""
        kinds = sorted({outcome.kind for outcome in self.outcomes} - {""})
        return {kind: self.where(lambda outcome, kind=kind: outcome.kind == kind) for kind in kinds}  # type: ignore[misc]

    def where(self, keep: Callable[[Outcome], bool]) -> Evaluation:
        """The evaluation of those outcomes alone."""
        return replace(self, outcomes=tuple(outcome for outcome in self.outcomes if keep(outcome)))

    def to_json(self) -> dict[str, Any]:
        """What is written to a file: about, figures, intervals, figures by kind, and every outcome."""
        return {
            "format": FORMAT,
            "about": self.about,
            "metrics": self.metrics,
            "intervals": self.intervals,
            "counts": self.counts,
            "kinds": {
                kind: {"metrics": part.metrics, "intervals": part.mean_intervals, "counts": part.counts}
                for kind, part in self.by_kind().items()
            },
            "questions": [asdict(outcome) for outcome in self.outcomes],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Evaluation:
        """The evaluation that `to_json` gave; figures are worked out anew from the outcomes."""
        return cls(tuple(Outcome.from_json(item) for item in data["questions"]), data.get("about", {}))

    @classmethod
    def read(cls, path: Path | str) -> Evaluation:
        """The evaluation in a file that `qa eval --out` wrote; raises GoldError where it is none."""
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
            if data["format"] != FORMAT:
                raise GoldError(f"is of format {data['format']}, not {FORMAT}: evaluate anew", path=path)
            return cls.from_json(data)
        except OSError as error:
            raise GoldError(f"cannot be read: {error.strerror or error}", path=path) from error
        except json.JSONDecodeError as error:
            raise GoldError(f"is not JSON: {error.msg}", path=path, line=error.lineno) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise GoldError("is not what qa eval --out writes", path=path) from error
