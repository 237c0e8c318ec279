"""Keeps the outcomes of a run as they come, so that one that was stopped goes on where it was."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TextIO

from qa.evaluation.outcome import Outcome


class Journal:
    """A file of outcomes, a line each, below a line that says of which run; without a path it keeps nothing."""

    def __init__(self, path: Path | None, kept: dict[str, Outcome], stream: TextIO | None) -> None:
        self._path = path
        self._kept = kept
        self._stream = stream

    @classmethod
    def open(cls, path: Path | None, key: str) -> Journal:
        """The journal of the run that `key` names; one of another run, or one that cannot be read, is begun anew."""
        if path is None:
            return cls(None, {}, None)
        path.parent.mkdir(parents=True, exist_ok=True)
        kept: dict[str, Outcome] = {}
        with suppress(OSError, ValueError, TypeError, LookupError):  # the last line may have been cut off
            lines = path.read_text(encoding="utf-8").split("\n")
            if json.loads(lines[0]) == {"run": key}:
                for line in filter(None, lines[1:]):
                    outcome = Outcome.from_json(json.loads(line))
                    kept[outcome.query_id] = outcome
        temporary = path.with_name(path.name + ".tmp")
        journal = cls(path, {}, temporary.open("w", encoding="utf-8"))
        journal._write({"run": key})
        for outcome in kept.values():
            journal.add(outcome)
        temporary.replace(path)
        return journal

    def get(self, query_id: str) -> Outcome | None:
        """The outcome of a question, where the run got so far."""
        return self._kept.get(query_id)

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome."""
        if outcome.query_id not in self._kept:
            self._kept[outcome.query_id] = outcome
            self._write(asdict(outcome))

    def complete(self) -> None:
        """The run is done: the journal has served."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def _write(self, item: object) -> None:
        if self._stream is not None:
            self._stream.write(json.dumps(item, ensure_ascii=False) + "\n")
            self._stream.flush()
