"""The reader's training over a small encoder that the test makes: it learns, goes on where it was stopped, part after part."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "benchmarks"))

import reader_recipe  # noqa: E402
import train_reader  # noqa: E402
from reader_examples import Example  # noqa: E402
from reader_network import SpanNetwork, collate, make_network  # noqa: E402

from qa.reader.trained import pair_tokenizer  # noqa: E402

DRUGS = ("zalutinib", "mervostat", "ombrasa", "dormelutant", "rimexigant", "veltrasinib", "solvarin", "pelcunarib")


def examples() -> list[Example]:
    """A dose asked for, of the drug that the text speaks of and of another."""
    made = []
    for i, drug in enumerate(DRUGS * 40):
        text = f"{drug} is given at {i % 7 + 2} mg by mouth."
        start = text.index(" at ") + 4
        other = i % 2 == 1
        asked = f"dose of {DRUGS[(i + 3) % len(DRUGS)] if other else drug}"
        made.append(Example(asked, text, None if other else (start, text.index(" by"))))
    return made


def train(folder: Path, out: Path, seed: int = 3) -> SpanNetwork:
    torch.manual_seed(seed)
    network = make_network(folder)
    train_reader.train(network, pair_tokenizer(folder), [examples()] * 2, out, rate=5e-3, seed=seed, every=2)
    return network


def loss(folder: Path, network: SpanNetwork) -> float:
    tokenizer = pair_tokenizer(folder)
    encodings = train_reader.encode(tokenizer, examples())
    batch = collate(encodings, [0] * len(encodings))
    with torch.inference_mode():
        return float(train_reader.loss_of(network, batch, *train_reader.targets(examples(), encodings, batch)))


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_reader, "PIECES", 800)


@pytest.mark.usefixtures("small_batches")
def test_the_network_learns_and_the_encoder_stays(small_encoder: Path, tmp_path: Path) -> None:
    torch.manual_seed(3)
    fresh = make_network(small_encoder)
    before = {name: value.clone() for name, value in fresh.state_dict().items()}
    trained = train(small_encoder, tmp_path)
    assert loss(small_encoder, trained) < 0.7 * loss(small_encoder, fresh)
    for name, value in trained.state_dict().items():
        assert torch.equal(value, before[name]) == name.startswith(train_reader.FROZEN), name
    written = load_file(tmp_path / "reader.safetensors")
    assert written.keys() == trained.changed().keys()
    assert all(torch.equal(written[name], value) for name, value in trained.changed().items())


@pytest.mark.usefixtures("small_batches")
def test_what_was_stopped_goes_on_as_if_it_had_not_been(
    small_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(small_encoder, tmp_path / "whole")
    real = train_reader.loss_of
    monkeypatch.setattr(train_reader, "loss_of", _stops_at(7, real))
    with pytest.raises(KeyboardInterrupt):
        train(small_encoder, tmp_path / "stopped")
    assert not (tmp_path / "stopped" / "reader.safetensors").exists()
    monkeypatch.setattr(train_reader, "loss_of", real)
    gone_on = train(small_encoder, tmp_path / "stopped")
    for name, value in whole.changed().items():
        assert torch.allclose(value, gone_on.changed()[name], atol=1e-5), name


@pytest.mark.usefixtures("small_batches")
def test_a_checkpoint_of_another_plan_is_refused(small_encoder: Path, tmp_path: Path) -> None:
    train(small_encoder, tmp_path)
    with pytest.raises(ValueError, match="other examples or another seed: remove it"):
        train(small_encoder, tmp_path, seed=4)


def _stops_at(call: int, real: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    calls = 0

    def stopping(*arguments: object) -> torch.Tensor:
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        return real(*arguments)

    return stopping


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What `train_reader` is asked for, part after part; each writes weights that hold its number."""
    found: list[dict[str, str]] = []

    def main(options: Sequence[str]) -> None:
        values = {name: value for name, value in zip(options, [*options[1:], ""], strict=True) if name.startswith("--")}
        found.append(values)
        out = Path(values["--out"])
        out.mkdir(parents=True, exist_ok=True)
        save_file({"span.bias": torch.tensor([float(len(found))])}, out / "reader.safetensors")

    monkeypatch.setattr(train_reader, "main", main)
    return found


def test_each_part_goes_on_from_the_one_before(asked: list[dict[str, str]], tmp_path: Path) -> None:
    last = reader_recipe.train_parts(tmp_path)
    assert [Path(part["--out"]).name for part in asked] == [*reader_recipe.PARTS, *reader_recipe.AVERAGED]
    assert "--start" not in asked[0]
    parts = len(reader_recipe.PARTS)
    for before, part in itertools.pairwise(asked[:parts]):
        assert Path(part["--start"]) == Path(before["--out"]) / "reader.safetensors"
    for part in asked[parts:]:
        assert Path(part["--start"]) == Path(asked[parts - 1]["--out"]) / "reader.safetensors"
    assert float(load_file(last)["span.bias"]) == sum(range(parts, len(asked) + 1)) / (len(asked) - parts + 1)


def test_parts_that_are_done_are_kept(asked: list[dict[str, str]], tmp_path: Path) -> None:
    reader_recipe.train_parts(tmp_path, until="general")
    assert len(asked) == list(reader_recipe.PARTS).index("general") + 1
    reader_recipe.train_parts(tmp_path)
    assert len(asked) == len(reader_recipe.PARTS) + len(reader_recipe.AVERAGED)


def test_parts_of_other_questions_are_not_taken_for_done(
    asked: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader_recipe.train_parts(tmp_path / "out")
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "papers.jsonl").write_text("{}")
    monkeypatch.setattr(reader_recipe, "QUESTIONS", tmp_path / "questions")
    with pytest.raises(ValueError, match="other options or questions: remove it"):
        reader_recipe.train_parts(tmp_path / "out")


def test_a_fold_leaves_its_papers_out_of_every_part_that_sees_any(asked: list[dict[str, str]], tmp_path: Path) -> None:
    reader_recipe.train_parts(tmp_path)
    whole = len(asked)
    last = reader_recipe.train_parts(tmp_path, fold=2)
    parts = reader_recipe.PARTS | reader_recipe.AVERAGED
    seeing = [name for name, options in parts.items() if "--papers" in options]
    assert [Path(part["--out"]) for part in asked[whole:]] == [tmp_path / "fold-2" / name for name in seeing]
    assert {part["--fold"] for part in asked[whole:]} == {"2"}
    assert Path(asked[whole]["--start"]).parent.name not in seeing
    assert last == tmp_path / "fold-2" / "reader.safetensors"
    shorter = reader_recipe.train_parts(tmp_path, fold=2, until="papers")
    assert load_file(shorter) == load_file(tmp_path / "fold-2" / "papers" / "reader.safetensors")


def test_only_the_whole_recipe_is_shipped(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for options in (["--fold", "1"], ["--until", "papers"]):
        monkeypatch.setattr(sys, "argv", ["reader_recipe.py", "--ship", *options])
        with pytest.raises(SystemExit):
            reader_recipe.main()
        assert "leave out --fold and --until" in capsys.readouterr().err
