"""Fixtures that several test files share; what needs the real model loads it once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
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
def make_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Saves a Sentence Transformers model of a few small random layers with the default tokenizer, and gives its folder."""

    def make(
        pooling: str = "mean",
        prompts: dict[str, str] | None = None,
        *,
        layers: int = 2,
        positions: int = 128,
        spread: float = 0.5,
    ) -> Path:
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
        from transformers import BertConfig, BertModel

        from qa.embedding import DEFAULT_MODEL, _find_model

        folder = tmp_path_factory.mktemp("model")
        torch.manual_seed(3)
        config = BertConfig(
            vocab_size=30522, hidden_size=32, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=48,
            max_position_embeddings=positions, initializer_range=spread,
        )  # fmt: skip
        BertModel(config).save_pretrained(folder / "base")
        for file in _find_model(DEFAULT_MODEL).iterdir():
            if file.name.startswith(("tokenizer", "vocab", "special_tokens")):
                shutil.copy(file, folder / "base" / file.name)
        modules = [
            Transformer(str(folder / "base"), max_seq_length=100),
            Pooling(32, pooling_mode=pooling),
            Normalize(),
        ]
        SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save(str(folder / "model"))
        return folder / "model"

    return make


@pytest.fixture(scope="session")
def small_encoder(make_model: Callable[..., Path]) -> Path:
    """The folder of a model on which the reader can be trained: of its three layers one changes."""
    return make_model(layers=3, positions=512, spread=0.3)
