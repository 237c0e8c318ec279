"""The encoder's own forward pass: its states are those of transformers, and it leaves alone what it does not know."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from qa.embedding import DEFAULT_MODEL, _find_model
from qa.encoder import read_encoder

pytestmark = pytest.mark.model

IDS = [[101, 2023, 102], [101, 1996, 13004, 2003, 1018, 11460, 102], [101, 102], [101, *range(2000, 2200), 102]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the default model's files."""
    return Path(shutil.copytree(_find_model(DEFAULT_MODEL), tmp_path / "model"))


def test_texts_set_end_to_end_have_the_states_that_transformers_gives_each_alone() -> None:
    from transformers import BertModel

    place = _find_model(DEFAULT_MODEL)
    encoder = read_encoder(place, "float32")
    assert encoder is not None
    assert (encoder.dimension, encoder.longest) == (384, 256)
    body = BertModel.from_pretrained(str(place), local_files_only=True).eval()
    found = encoder.states(IDS)
    assert [len(states) for states in found] == [len(ids) for ids in IDS]
    for ids, states in zip(IDS, found, strict=True):
        with torch.inference_mode():
            expected = body(torch.tensor([ids])).last_hidden_state[0]
        np.testing.assert_allclose(states.numpy(), expected.numpy(), atol=2e-5)


def test_bfloat16_is_near_and_gives_float32() -> None:
    exact, rough = (read_encoder(_find_model(DEFAULT_MODEL), precision) for precision in ("float32", "bfloat16"))
    assert exact and rough
    for a, b in zip(exact.states(IDS), rough.states(IDS), strict=True):
        assert b.dtype == torch.float32
        assert not torch.equal(a, b)
        assert torch.nn.functional.cosine_similarity(a, b).min() > 0.99


OTHER: list[tuple[str, dict[str, Any]]] = [
    ("config.json", {"model_type": "roberta"}),
    ("config.json", {"hidden_act": "gelu_new"}),
    ("config.json", {"position_embedding_type": "relative_key"}),
    ("config.json", {"is_decoder": True}),
    ("config.json", {"num_hidden_layers": 7}),
    ("1_Pooling/config.json", {"pooling_mode_cls_token": True}),
    ("1_Pooling/config.json", {"pooling_mode": "cls"}),
    ("config_sentence_transformers.json", {"prompts": {"query": "query: "}}),
    ("sentence_bert_config.json", {"do_lower_case": True}),
]


@pytest.mark.parametrize(("file", "change"), OTHER, ids=[f"{name}-{next(iter(change))}" for name, change in OTHER])
def test_other_models_are_left_to_the_library(folder: Path, file: str, change: dict[str, Any]) -> None:
    assert read_encoder(folder, "float32")
    settings = json.loads((folder / file).read_text("utf-8"))
    (folder / file).write_text(json.dumps(settings | change), encoding="utf-8")
    assert read_encoder(folder, "float32") is None


@pytest.mark.parametrize(
    "file", ["config.json", "modules.json", "model.safetensors", "1_Pooling/config.json", "tokenizer.json"]
)
def test_a_model_with_a_file_missing_or_damaged_is_left_to_the_library(folder: Path, file: str) -> None:
    data = (folder / file).read_bytes()
    if file != "tokenizer.json":
        (folder / file).write_bytes(data[: len(data) // 2])
        assert read_encoder(folder, "float32") is None
    (folder / file).unlink()
    assert read_encoder(folder, "float32") is None


def test_a_module_beyond_pooling_is_left_to_the_library(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text("utf-8"))
    modules[2]["type"] = "sentence_transformers.models.Dense"
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    assert read_encoder(folder, "float32") is None


def test_the_default_model_needs_only_torch() -> None:
    code = (
        "import sys; from qa.embedding import SentenceTransformerEmbedder as E; e = E(); e.embed_queries(['x']);"
        "e.embed_passages(['a b', 'c d']); e.dimension;"
        "print([m for m in ('transformers', 'sentence_transformers') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent
    )
    assert run.stdout.strip() == "[]"
