"""The trained reader over a small encoder that the test makes: what it sees, what it gives, what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from fakes import make_passage
from safetensors.torch import load_file, save_file

from qa.errors import ModelError
from qa.reader.keeping import Keeping
from qa.reader.spans import MAX_PIECES, answerable, reading_text
from qa.reader.trained import TrainedReader, best_in
from qa.schema import Passage

TEXTS = ("Zalutinib 😀 was given at 5 mg for 10 days.", "The café opened in 1999.", "Mervostat was stopped at week 4.")


@pytest.fixture(scope="module")
def folder(small_encoder: Path) -> Path:
    return small_encoder


@pytest.fixture(scope="module")
def weights(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Layers and heads of other numbers than those of the encoder."""
    torch.manual_seed(6)
    saved = load_file(folder / "model.safetensors")
    changed = {f"body.{name}": torch.randn_like(value) / 3 for name, value in saved.items() if ".layer." in name}
    for name, shape in (("span", (2, 32)), ("relevance.0", (32, 32)), ("relevance.2", (1, 32))):
        changed[f"{name}.weight"], changed[f"{name}.bias"] = torch.randn(shape), torch.randn(shape[0])
    file = tmp_path_factory.mktemp("weights") / "reader.safetensors"
    save_file(changed, file)
    return file


@pytest.fixture
def reader(folder: Path, weights: Path) -> TrainedReader:
    return TrainedReader(folder, weights)


def passages() -> list[Passage]:
    return [make_passage(text, start=40 * i, index_text=f"Title {i}. Results. {text}") for i, text in enumerate(TEXTS)]


def test_the_logits_are_those_of_the_library_with_the_weights_put_in(
    folder: Path, weights: Path, reader: TrainedReader
) -> None:
    from transformers import BertModel

    body = BertModel.from_pretrained(folder, add_pooling_layer=False)
    changed = load_file(weights)
    body.load_state_dict(
        {name.removeprefix("body."): value for name, value in changed.items() if name.startswith("body.")}, strict=False
    )
    encodings = reader._tokenizer.encode_batch([("how much?", passage.index_text) for passage in passages()])
    for encoding, (relevance, starts, ends) in zip(encodings, reader._network(encodings), strict=True):
        with torch.inference_mode():
            states = body(
                input_ids=torch.tensor([encoding.ids]), token_type_ids=torch.tensor([encoding.type_ids])
            ).last_hidden_state[0]
        spans = (states @ changed["span.weight"].T + changed["span.bias"]).T.numpy()
        inner = torch.tanh(states[0] @ changed["relevance.0.weight"].T + changed["relevance.0.bias"])
        outer = inner @ changed["relevance.2.weight"].T + changed["relevance.2.bias"]
        assert relevance == pytest.approx(float(outer), abs=1e-4)
        assert np.allclose([starts, ends], spans, atol=1e-4)


def test_only_words_of_the_passage_can_begin_or_end_an_answer(reader: TrainedReader) -> None:
    read = reading_text(passages()[0])
    encoding = reader._tokenizer.encode("How much?", read.text)
    allowed = answerable(encoding, read.text_start)
    words = {read.text[slice(*offset)] for offset, inside in zip(encoding.offsets, allowed, strict=True) if inside}
    assert {"mg", "days", "."} <= words
    assert not {"Title", "Results", "How"} & words
    assert not allowed[0]


def test_pairs_read_together_are_read_as_alone(folder: Path, weights: Path, reader: TrainedReader) -> None:
    together = reader.read([("how much zalutinib?", passage) for passage in passages()])
    for passage, read in zip(passages(), together, strict=True):
        (alone,) = TrainedReader(folder, weights).read([("how much zalutinib?", passage)])
        assert read.relevance == pytest.approx(alone.relevance, abs=1e-4)
        assert [(s.start, s.end) for s in read.spans] == [(s.start, s.end) for s in alone.spans]


def test_a_question_longer_than_the_network_reads_is_cut(reader: TrainedReader) -> None:
    question = " ".join(f"NCT0{i:07d}" for i in range(80))
    (read,) = reader.read([(question, passages()[0])])
    assert all(span.end <= len(TEXTS[0]) for span in read.spans)


def test_spans_are_slices_inside_their_sentence(reader: TrainedReader) -> None:
    for passage, read in zip(passages(), reader.read([("what opened?", p) for p in passages()]), strict=True):
        assert read.spans
        for span in read.spans:
            assert passage.start <= span.start < span.end <= passage.end
            assert passage.slice(span.start, span.end).strip()
        assert best_in(read, passage.start, passage.end) == read.spans[0]
        assert best_in(read, passage.end, passage.end + 5) is None


def test_what_was_read_is_not_read_again(reader: TrainedReader, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [("how much of it was kept?", passage) for passage in passages()]
    read = Keeping(reader.read)
    first = read(pairs)
    monkeypatch.setattr(reader, "_network", None)
    assert read(list(reversed(pairs))) == list(reversed(first))
    assert read([pairs[0], pairs[0]]) == [first[0], first[0]]


def test_no_passages_are_read_without_loading_anything(tmp_path: Path) -> None:
    assert TrainedReader(tmp_path, tmp_path / "none.safetensors").read([]) == []


def test_what_is_too_long_loses_its_end_and_the_question_stays(reader: TrainedReader) -> None:
    long = make_passage("Zalutinib was given. " * 200)
    (read,) = reader.read([("how much zalutinib?", long)])
    assert all(np.isfinite(span.score) for span in read.spans)
    encoding = reader._tokenizer.encode("how much?", long.index_text)
    assert len(encoding.ids) == MAX_PIECES
    assert encoding.tokens[1:4] == ["how", "much", "?"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda w: w.pop("span.weight"),
        lambda w: w.update({"body.encoder.layer.0.output.dense.weight": torch.zeros(2, 31)}),
    ],
    ids=["missing", "of another shape"],
)
def test_weights_that_do_not_fit_are_refused_by_name(
    folder: Path, weights: Path, tmp_path: Path, spoil: Callable[[dict[str, torch.Tensor]], object]
) -> None:
    changed = load_file(weights)
    spoil(changed)
    file = tmp_path / "reader.safetensors"
    save_file(changed, file)
    with pytest.raises(ModelError, match=r"reader\.safetensors"):
        TrainedReader(folder, file).read([("what?", passages()[0])])


def test_damaged_weights_are_named(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "reader.safetensors"
    file.write_bytes(b"no tensors")
    with pytest.raises(ModelError, match=r"reader\.safetensors"):
        TrainedReader(folder, file).read([("what?", passages()[0])])
