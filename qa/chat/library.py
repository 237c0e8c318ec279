"""Changes to the documents from the chat: one after the other, in a thread of its own, so that questions go on meanwhile.

Who asks for a change gets it queued at once; a file that was received is on the disk for good by then. `jobs` tells how far
each is. What was received and not yet indexed when the server ended is taken up again at the next start.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qa import index as indexes
from qa.chat.answering import Answering, Assistants
from qa.chat.tasks import Task, Tasks
from qa.chat.uploads import Uploads
from qa.errors import CorpusError, IndexBusyError, VerbatimError
from qa.index import Changes, LoadedIndex, StoredDocument, disk
from qa.index.changes import check_collection
from qa.rendering import Job

logger = logging.getLogger(__name__)

PATIENCE = 600.0
"""Seconds to wait for another process that writes to the index."""

STEPS = {
    "reading documents": "Reading",
    "cutting documents into passages": "Cutting into passages",
    "embedding passages": "Embedding passage",
    "writing the index": "Writing the index",
}


@dataclass(slots=True)
class Library:
    """The documents of the index that the assistants answer from, to be changed."""

    assistants: Assistants
    patience: float = PATIENCE
    tasks: Tasks = field(default_factory=Tasks)

    @property
    def uploads(self) -> Uploads:
        """Where uploaded files are kept."""
        return Uploads(self.assistants.current().index.folder)

    def jobs(self) -> list[Job]:
        """The changes, oldest first."""
        return self.tasks.jobs()

    def take(self, temporary: Path, name: str, *, token: str = "", collection: str = "") -> None:
        """Keep an uploaded file, queue it to be read and delete `temporary`; one that is not taken is told of among the jobs."""
        job = Job(0, name, token=token)
        try:
            collection = check_collection(collection)
            uploads = self.uploads
            uploads.check(name, temporary.stat().st_size)
            digest = disk.sha256(temporary)
            if told := self._same(digest):
                self.tasks.note(replace(job, state="same", note=told))
                return
            file = uploads.receive(temporary, name, digest)
            self._add(job, file, collection)
        except VerbatimError as error:
            self.tasks.note(replace(job, state="failed", note=str(error)))
        except OSError as error:
            logger.warning("%r could not be kept: %s", name, error)
            self.tasks.note(replace(job, state="failed", note="the file did not arrive whole: add it again"))
        finally:
            temporary.unlink(missing_ok=True)

    def resume(self) -> None:
        """Queue what was received before the server ended and is neither indexed nor known to be unreadable."""
        index = self.assistants.current().index
        known = {stored.file for stored in index.documents} | {failure.file for failure in index.failures}
        for file in self.uploads.files():
            if str(file) not in known:
                self._add(Job(0, file.name), file, "")

    def remove(self, doc_id: str) -> None:
        """Queue the removal of a document; its file is moved aside where it was uploaded, and else not touched."""
        stored = self._stored(doc_id)
        job = Job(0, stored.document.source.title or doc_id, step="Waiting to be removed")
        self.tasks.add(Task(job, lambda task: self._remove(task, doc_id), key=f"remove {doc_id}"))

    def move(self, doc_ids: Sequence[str], collection: str) -> None:
        """Queue that documents are put into a collection ("" for none); raises CorpusError where that can be no name."""
        collection = check_collection(collection)
        stored = [self._stored(doc_id) for doc_id in doc_ids]
        name = stored[0].document.source.title or doc_ids[0] if len(stored) == 1 else f"{len(stored)} documents"
        files = [Path(item.file) for item in stored]
        self.tasks.add(Task(Job(0, name, step="Waiting to be moved"), lambda task: self._move(task, files, collection)))

    def rename(self, collection: str, new: str) -> None:
        """Queue that all documents of a collection are put into another one."""
        ids = self.assistants.current().collections.get(collection, ())
        if not ids:
            raise CorpusError(f"there is no collection “{collection}” any more")
        self.move(ids, new)

    def retry(self, file: str) -> None:
        """Queue that a file that could not be read is read again."""
        failure = next((f for f in self.assistants.current().index.failures if f.file == file), None)
        if failure is None:
            raise CorpusError("that file is no longer among those that could not be read")
        self._add(Job(0, failure.name or Path(file).name), Path(file), None)

    def dismiss(self, file: str) -> None:
        """Queue that an uploaded file that cannot be read is moved aside and forgotten."""
        if not self.uploads.holds(file):
            raise CorpusError("that file was not uploaded here, so it is left alone")
        job = Job(0, Path(file).name, step="Waiting to be dismissed")
        self.tasks.add(Task(job, lambda task: self._dismiss(task, Path(file)), key=f"dismiss {file}"))

    def again(self, number: int) -> None:
        """Queue a failed job again."""
        for task in self.tasks.forget(lambda job: job.number == number and job.state == "failed"):
            if task.file is not None:
                self._add(replace(task.job, state="waiting", note="", file=""), task.file, task.collection)

    def forget(self, number: int) -> None:
        """Take a failed job out of the list; the uploaded file that it could not read is moved aside."""
        for task in self.tasks.forget(lambda job: job.number == number and job.state == "failed"):
            if task.file is not None and self.uploads.holds(task.file) and task.file.exists():
                self.dismiss(str(task.file))

    def clear(self) -> None:
        """Take what has ended well out of the list."""
        self.tasks.forget(lambda job: job.state in ("done", "same"))

    # What the worker does.

    def _add(self, job: Job, file: Path, collection: str | None) -> None:
        where = collection or ""
        self.tasks.add(
            Task(
                job, lambda task: self._read(task, file, where or None), file=file, collection=where, key=f"add {file}"
            )
        )

    def _read(self, task: Task, file: Path, collection: str | None) -> str:
        changes = self._change(
            task,
            lambda folder, assistant: indexes.add(
                folder, [file], assistant.embedder, collection=collection, progress=self._progress(task)
            ),
        )
        if changes.failed:
            raise changes.failed[0]
        index = self._now()
        ids = {stored.document.doc_id for stored in index.documents if stored.file == str(file)}
        count = sum(passage.doc_id in ids for passage in index.passages)
        unread = [warning for warning in changes.warnings if "without a text layer" in warning]
        told = f"Done: {count:,} passage{'' if count == 1 else 's'}"
        return f"{told}; {unread[0]}" if unread else told

    def _remove(self, task: Task, doc_id: str) -> str:
        self.tasks.tell(task, state="working", step="Removing")
        file = Path(self._stored(doc_id).file)
        uploads = self.uploads
        aside = uploads.withdraw(file) if uploads.holds(file) and file.exists() else None
        try:
            self._change(task, lambda folder, assistant: indexes.remove(folder, [doc_id], assistant.embedder))
        except BaseException:
            if aside:
                uploads.restore(aside, file)
            raise
        return "Removed" if aside else "Removed; its file was not added here and stays where it is"

    def _move(self, task: Task, files: Sequence[Path], collection: str) -> str:
        self.tasks.tell(task, state="working", step="Moving")
        changes = self._change(
            task, lambda folder, assistant: indexes.add(folder, files, assistant.embedder, collection=collection)
        )
        if changes.failed:
            raise changes.failed[0]
        return f"Now in the collection “{collection}”" if collection else "Now in no collection"

    def _dismiss(self, task: Task, file: Path) -> str:
        self.tasks.tell(task, state="working", step="Dismissing")
        if file.exists():
            self.uploads.withdraw(file)
        self._change(task, lambda folder, assistant: indexes.add(folder, [], assistant.embedder))
        return "Dismissed; the file is kept aside"

    def _change(self, task: Task, change: Callable[[Path, Answering], Changes]) -> Changes:
        """Make a change, waiting for another process that writes to the index; the assistants follow it afterwards."""
        assistant = self.assistants.current()
        end = time.monotonic() + self.patience
        while True:
            try:
                changes = change(assistant.index.folder, assistant)
                self._now()  # opened here, so that no question has to wait for it
                return changes
            except IndexBusyError as error:
                if time.monotonic() > end:
                    raise
                self.tasks.tell(task, state="working", step=f"Waiting: {error}", total=0)
                time.sleep(min(1.0, self.patience / 5))

    def _now(self) -> LoadedIndex:
        """The index as it is now, for which this waits a little where another thread is opening it at this moment."""
        for _ in range(100):
            index = self.assistants.current().index
            if index.stamp == indexes.stamp(index.folder):
                break
            time.sleep(0.05)
        return index

    def _progress(self, task: Task) -> indexes.Progress:
        def show(what: str, done: int, total: int) -> None:
            self.tasks.tell(task, state="working", step=STEPS.get(what, what), done=done, total=total)

        return show

    def _stored(self, doc_id: str) -> StoredDocument:
        for stored in self.assistants.current().index.documents:
            if stored.document.doc_id == doc_id:
                return stored
        raise CorpusError("that document is no longer there")

    def _same(self, digest: str) -> str:
        """What is to be said of a file that is there already; "" where it is not."""
        for stored in self.assistants.current().index.documents:
            if stored.sha256 == digest:
                return f"Already there as “{stored.document.source.title or stored.document.doc_id}”"
        return ""
