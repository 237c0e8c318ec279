"""Fixtures that several test files share; what needs the real model loads it once."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def small_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a Sentence Transformers model of three small random layers with the default tokenizer."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel

    from qa.embedding import DEFAULT_MODEL, _find_model

    place = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=30522, hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=48,
        max_position_embeddings=512, initializer_range=0.3,
    )  # fmt: skip
    BertModel(config).save_pretrained(place / "base")
    for file in _find_model(DEFAULT_MODEL).iterdir():
        if file.name.startswith(("tokenizer", "vocab", "special_tokens")):
            shutil.copy(file, place / "base")
    modules = [Transformer(str(place / "base"), max_seq_length=100), Pooling(32, pooling_mode="mean"), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save(str(place / "model"))
    return place / "model"
