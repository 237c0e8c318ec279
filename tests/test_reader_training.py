"""The reader's training over a small encoder that the test makes: it learns, goes on where it was stopped, part after part."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
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


@pytest.mark.usefixtures("small_batches")
def test_a_network_learns_what_its_teachers_make_of_pairs_nobody_judged(small_encoder: Path, tmp_path: Path) -> None:
    teacher = train(small_encoder, tmp_path / "teacher")
    torch.manual_seed(5)
    pupil = make_network(small_encoder)
    before = loss(small_encoder, pupil)
    unjudged = [replace(example, answer=None, labelled=False) for example in examples()]
    tokenizer = pair_tokenizer(small_encoder)
    train_reader.train(pupil, tokenizer, [unjudged] * 2, tmp_path / "pupil", rate=5e-3, seed=5, teachers=[teacher])
    assert loss(small_encoder, pupil) < 0.7 * before


def test_teachers_have_no_say_where_labels_count_all(small_encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(3)
    network, teacher = make_network(small_encoder), make_network(small_encoder)
    encodings = train_reader.encode(pair_tokenizer(small_encoder), examples()[:8])
    batch = collate(encodings, [0] * len(encodings))
    begins, ends = train_reader.targets(examples()[:8], encodings, batch)
    with torch.inference_mode():
        taught = train_reader.taught_by([teacher], batch)
        alone = train_reader.loss_of(network, batch, begins, ends)
        assert train_reader.loss_of(network, batch, begins, ends, taught) != alone
        monkeypatch.setattr(train_reader, "LABEL_WEIGHT", 1.0)
        assert torch.isclose(train_reader.loss_of(network, batch, begins, ends, taught), alone)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, list[str]]]:
    """What `train_reader` is asked for, part after part; each writes weights that hold its number."""
    found: list[dict[str, list[str]]] = []

    def main(options: Sequence[str]) -> None:
        values: dict[str, list[str]] = {}
        for option in options:
            if option.startswith("--"):
                values[option] = []
            else:
                values[list(values)[-1]].append(option)
        found.append(values)
        out = Path(values["--out"][0])
        out.mkdir(parents=True, exist_ok=True)
        save_file({"span.bias": torch.tensor([float(len(found))])}, out / "reader.safetensors")

    monkeypatch.setattr(train_reader, "main", main)
    return found


def _name(file: str) -> str:
    return Path(file).parent.name


def test_each_part_goes_on_from_the_one_it_names(asked: list[dict[str, list[str]]], tmp_path: Path) -> None:
    last = reader_recipe.train_part(tmp_path)
    assert last == tmp_path / "shipped" / "reader.safetensors"
    made = {Path(part["--out"][0]).name: part for part in asked}
    assert next(iter(made)) == "general"
    assert "--start" not in made["general"]
    for name, part in made.items():
        recipe = reader_recipe.PARTS[name]
        assert [_name(file) for file in part.get("--start", [])] == ([recipe.start] if recipe.start else [])
        assert tuple(_name(file) for file in part.get("--teachers", [])) == recipe.teachers
    folds = [i + 1 for i, name in enumerate(made) if name.startswith("fold-")]
    assert len(folds) == 5
    assert float(load_file(tmp_path / "mean" / "reader.safetensors")["span.bias"]) == sum(folds) / 5
    branches = [i + 1 for i, name in enumerate(made) if name.startswith("branch-")]
    assert float(load_file(last)["span.bias"]) == sum(branches) / 5
    assert "quick" not in made


def test_each_fold_leaves_its_own_papers_out_and_the_rest_sees_all(
    asked: list[dict[str, list[str]]], tmp_path: Path
) -> None:
    reader_recipe.train_part(tmp_path)
    left_out = {Path(part["--out"][0]).name: part["--fold"] for part in asked if "--fold" in part}
    assert left_out == {f"fold-{k}": [str(k)] for k in range(5)}


def test_parts_that_are_done_are_kept(asked: list[dict[str, list[str]]], tmp_path: Path) -> None:
    reader_recipe.train_part(tmp_path, "fold-2")
    assert [Path(part["--out"][0]).name for part in asked] == ["general", "fold-2"]
    reader_recipe.train_part(tmp_path)
    names = [Path(part["--out"][0]).name for part in asked]
    assert len(names) == len(set(names))


def test_parts_of_other_questions_are_not_taken_for_done(
    asked: list[dict[str, list[str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader_recipe.train_part(tmp_path / "out", "general")
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "papers.jsonl").write_text("{}")
    monkeypatch.setattr(reader_recipe, "QUESTIONS", tmp_path / "questions")
    with pytest.raises(ValueError, match="other options or questions: remove it"):
        reader_recipe.train_part(tmp_path / "out", "general")
    assert len(asked) == 1


def test_the_options_of_each_part_are_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They are read by the real parser, up to the folder of the encoder."""

    class UnderstoodError(Exception):
        pass

    def stop() -> None:
        raise UnderstoodError

    monkeypatch.setattr(train_reader, "SentenceTransformerEmbedder", stop)
    for part in reader_recipe.PARTS.values():
        if not part.mean:
            taught = ["--teachers", "a"] if part.teachers else []
            with pytest.raises(UnderstoodError):
                train_reader.main([*part.options.split(), "--out", str(tmp_path), *taught])


def test_a_network_for_measuring_is_not_shipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("fold-1", "general", "branch-0"):
        monkeypatch.setattr(sys, "argv", ["reader_recipe.py", "--ship", "--part", part])
        with pytest.raises(SystemExit):
            reader_recipe.main()
        assert "--part shipped or quick" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--general", "2"], ["--ranked", "0.1"], ["--fold", "1"]])
def test_options_that_make_no_sense_are_refused_before_anything_is_made(options: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        train_reader.main([*options, "--out", str(tmp_path)])
