"""Work that is done one after the other in a thread of its own, and the list that tells how far it is."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qa.errors import CorpusError, VerbatimError
from qa.rendering import Job

logger = logging.getLogger(__name__)

KEPT = 100
"""Tasks that are told of, the newest ones; those that have not ended are never forgotten."""

FAILED = "something went wrong; the server's log says what"
OPEN = ("waiting", "working")


@dataclass(slots=True, eq=False)
class Task:
    """A change and how far it is; `run` does it and says how it ended. Two tasks of one key are the same change."""

    job: Job
    run: Callable[[Task], str] = lambda _: ""
    file: Path | None = None
    collection: str = ""
    key: str = ""


@dataclass(slots=True)
class Tasks:
    """The tasks, oldest first."""

    _tasks: list[Task] = field(default_factory=list)
    _queue: queue.Queue[Task] = field(default_factory=queue.Queue)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _worker: threading.Thread | None = None
    _number: int = 0

    def jobs(self) -> list[Job]:
        """How far each is."""
        with self._lock:
            return [task.job for task in self._tasks]

    def add(self, task: Task) -> None:
        """Queue a task, unless the same change is queued already: then that is told."""
        with self._lock:
            pending = next((t for t in self._tasks if t.key and t.key == task.key and t.job.state in OPEN), None)
            if pending is not None:
                note = f"Already under way as “{pending.job.name}”"
                self._keep(Task(replace(task.job, state="same", note=note)))
                return
            self._keep(task)
            self._queue.put(task)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="library", daemon=True)
                self._worker.start()

    def note(self, job: Job) -> None:
        """Tell of something that has ended before it began."""
        with self._lock:
            self._keep(Task(job))

    def tell(self, task: Task, **changes: Any) -> None:
        """Change what is told of a task."""
        with self._lock:
            task.job = replace(task.job, **changes)

    def forget(self, which: Callable[[Job], bool]) -> list[Task]:
        """Take tasks that have ended out of the list; those that were there."""
        with self._lock:
            gone = [task for task in self._tasks if task.job.state not in OPEN and which(task.job)]
            self._tasks = [task for task in self._tasks if task not in gone]
        return gone

    def wait(self) -> None:
        """Return when nothing is left to do."""
        self._queue.join()

    def _keep(self, task: Task) -> None:
        self._number += 1
        task.job = replace(task.job, number=self._number)
        ended = [t for t in self._tasks if t.job.state not in OPEN]
        dropped = ended[: max(0, len(self._tasks) + 1 - KEPT)] + [t for t in ended if task.file and t.file == task.file]
        self._tasks = [t for t in self._tasks if t not in dropped] + [task]

    def _work(self) -> None:
        while True:
            task = self._queue.get()
            try:
                self.tell(task, state="working")
                self.tell(task, state="done", note=task.run(task))
            except VerbatimError as error:
                self.tell(task, state="failed", note=_reason(error), file=str(task.file or ""))
            except Exception:
                logger.exception("no change for %r", task.job.name)
                self.tell(task, state="failed", note=FAILED, file=str(task.file or ""))
            finally:
                self._queue.task_done()


def _reason(error: VerbatimError) -> str:
    """What is wrong, without the name of the file, which is told beside it."""
    path = error.path if isinstance(error, CorpusError) else None
    return str(error).removeprefix(f"{path}: ")
