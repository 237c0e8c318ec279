"""The error tree: every failure that a user can cause or mend.

VerbatimError
├── QuestionError      the question is empty, too long or in a script that is not read here
├── CorpusError        a document or a folder of documents cannot be read
├── IndexStateError    an index is missing, damaged or was built in another way
│   └── IndexBusyError the index is being written by another process
├── ModelError         a model is missing, altered or cannot be loaded safely
├── FeedbackError      what users say of answers cannot be kept or read
├── GoldError          a gold set is malformed
└── UsersError         the file of users is missing or malformed, or a name or password will not do

A message names the thing and the remedy. Errors of other libraries are turned into these where they enter.
"""

from __future__ import annotations

from pathlib import Path


class VerbatimError(Exception):
    """Base of all errors that carry a message for the user."""


class QuestionError(VerbatimError):
    """A question that cannot be put: empty, too long, only symbols or in another script."""


class CorpusError(VerbatimError):
    """A document that cannot be read; the message begins with `file` or `file:line`."""

    def __init__(self, message: str, *, path: Path | str | None = None, line: int | None = None) -> None:
        self.path = path
        self.line = line
        super().__init__(_place(path, line) + message)


class IndexStateError(VerbatimError):
    """An index that is missing, damaged, busy or of another format or model."""


class IndexBusyError(IndexStateError):
    """An index that is being written by another process: to try again later is all that is needed."""


class ModelError(VerbatimError):
    """A model that is missing, altered or not loadable without running foreign code."""


class FeedbackError(VerbatimError):
    """A file of feedback that is damaged, held by others, full or of a later version."""


class GoldError(CorpusError):
    """A malformed line of a gold set; the message begins with `file:line`."""


class UsersError(VerbatimError):
    """A file of users that cannot be used, beginning with `file` or `file:line`, or an entry that cannot be made."""

    def __init__(self, message: str, *, path: Path | str | None = None, line: int | None = None) -> None:
        self.path = path
        self.line = line
        super().__init__(_place(path, line) + message)


def _place(path: Path | str | None, line: int | None) -> str:
    """The beginning of a message about a file."""
    return "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
