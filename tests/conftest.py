"""Fixtures that several test files share; what needs the real model loads it once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import FakeEmbedder

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.embedding import SentenceTransformerEmbedder

ROOT = Path(__file__).resolve().parent.parent
NOTES = ROOT / "corpus" / "documents"


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests see neither the index nor the model that whoever runs them has chosen."""
    monkeypatch.delenv("VERBATIM_INDEX", raising=False)
    monkeypatch.delenv("VERBATIM_EMBEDDER", raising=False)
    monkeypatch.delenv("VERBATIM_READER", raising=False)


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture(scope="session")
def real_embedder() -> Iterator[SentenceTransformerEmbedder]:
    """The default model."""
    from qa.embedding import DEFAULT_MODEL, SentenceTransformerEmbedder

    yield SentenceTransformerEmbedder(DEFAULT_MODEL)


@pytest.fixture(scope="session")
def notes(real_embedder: SentenceTransformerEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """An assistant over the documents of the project, by the default model."""
    from qa import index
    from qa.assistant import Assistant

    folder = tmp_path_factory.mktemp("notes") / "index"
    index.build(folder, [NOTES], real_embedder)
    return Assistant.open(folder, embedder=real_embedder)
