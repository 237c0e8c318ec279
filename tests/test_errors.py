"""The error tree: what users can catch, and how places are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa import errors
from qa.errors import CorpusError, GoldError, VerbatimError

TREE = [
    errors.QuestionError,
    errors.CorpusError,
    errors.IndexStateError,
    errors.IndexBusyError,
    errors.ModelError,
    errors.GoldError,
    errors.UsersError,
    errors.FeedbackError,
]


@pytest.mark.parametrize("error", TREE)
def test_every_error_is_a_verbatim_error_that_the_module_draws(error: type[VerbatimError]) -> None:
    assert issubclass(error, VerbatimError)
    assert error.__name__ in (errors.__doc__ or "")
    assert not issubclass(error, (ValueError, OSError))


def test_the_tree_is_complete() -> None:
    found = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, VerbatimError)}
    assert found == {*TREE, VerbatimError}


def test_a_corpus_error_begins_with_its_place() -> None:
    assert str(CorpusError("is empty", path=Path("a/Café.md"))) == "a/Café.md: is empty"
    assert str(CorpusError("no title", path="a.md", line=3)) == "a.md:3: no title"
    assert str(CorpusError("no document")) == "no document"
    error = GoldError("no question", path="gold.jsonl", line=1)
    assert (str(error), error.path, error.line) == ("gold.jsonl:1: no question", "gold.jsonl", 1)
