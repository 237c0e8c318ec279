"""Train the reader that is shipped, part after part: `make train-reader`, or `python benchmarks/reader_recipe.py --out FOLDER`.

Five networks are trained from the same weights, each without a fifth of the papers, by which it is measured (`fold_quality.py`).
Their mean (a "model soup", Wortsman et al. 2022, arXiv 2203.05482) then learns what the five together make of each pair, and of
pairs that nobody judged ("distillation", Hinton et al. 2015, arXiv 1503.02531). From it five branches are trained over all
papers, on the questions in other orders; their mean is what is shipped. Each part lies in a folder of its own name. Parts that
are done are not trained again, and one that was stopped goes on at its last checkpoint: give the same command again.

All of it is some twenty minutes of one H100. Without a GPU, `--part quick` trains a reader overnight: two epochs, one network.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import train_reader
from reader_papers import FOLDS
from reader_written import QUESTIONS
from safetensors.torch import load_file, save_file
from torch import Tensor

from qa.reader.trained import WEIGHTS


@dataclass(frozen=True, slots=True)
class Part:
    """Options of `train_reader.py`, and the parts whose weights it starts from and learns from; or parts to take the mean of."""

    options: str = ""
    start: str | None = None
    teachers: tuple[str, ...] = ()
    mean: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[str, ...]:
        """The parts that come before this one."""
        return (*((self.start,) if self.start else ()), *self.teachers, *self.mean)


_FOLDS = tuple(f"fold-{k}" for k in range(FOLDS))
_BRANCHES = tuple(f"branch-{k}" for k in range(5))

PARTS = {
    "general": Part("--seed 3"),
    **{
        name: Part(f"--general 0.24 0.16 0.08 0.08 --field --fold {k} --seed {20 + 10 * k}", "general")
        for k, name in enumerate(_FOLDS)
    },
    "mean": Part(mean=_FOLDS),
    "taught": Part("--general 0 --field --ranked 0.1 --rate 2e-4 --seed 70", "mean", _FOLDS),
    **{
        name: Part(f"--general 0.16 0.08 0 0.08 --field --rate 3e-4 --seed {80 + 10 * k}", "taught")
        for k, name in enumerate(_BRANCHES)
    },
    "shipped": Part(mean=_BRANCHES),
    "quick": Part("--general 0.4 0.08 --field --seed 140", "general"),
}
"""What is trained, by name."""

SHIPPED = "shipped"
TRAINED, MADE_OF = "reader.safetensors", "made-of"
"""The weights of a part, and the hash of what they were trained with."""


def train_part(out: Path, name: str = SHIPPED) -> Path:
    """Train a part, and those before it, where they are not done yet; returns the file of its weights.

    Raises ValueError where a part is there that was trained with other options, questions or weights to begin with.
    """
    wanted = {name}
    for each, part in reversed(PARTS.items()):  # a part stands behind those that it needs
        wanted |= set(part.needed) if each in wanted else set()
    done: dict[str, Path] = {}
    for each in PARTS:
        if each in wanted:
            done[each] = _train(out, each, {needed: done[needed] for needed in PARTS[each].needed})
    return done[name]


def _train(out: Path, name: str, before: Mapping[str, Path]) -> Path:
    """The weights of a part, given those that it needs by their names; trained where it is not done yet."""
    part, place = PARTS[name], out / name
    made_of = _digest(part.options, list(before.values()))
    if (place / MADE_OF).exists() and (place / MADE_OF).read_text("ascii") != made_of:
        raise ValueError(
            f"{place} was trained with other options or questions: remove it, or train into another folder"
        )
    if (place / TRAINED).exists():
        return place / TRAINED
    print(f"part {name}", flush=True)
    place.mkdir(parents=True, exist_ok=True)
    (place / MADE_OF).write_text(made_of, "ascii")
    if part.mean:
        save_file(mean_of([load_file(before[each]) for each in part.mean]), place / "reader.new")
        (place / "reader.new").replace(place / TRAINED)
    else:
        train_reader.main(
            [*part.options.split(), "--out", str(place)]
            + (["--start", str(before[part.start])] if part.start else [])
            + (["--teachers", *(str(before[each]) for each in part.teachers)] if part.teachers else [])
        )
    return place / TRAINED


def mean_of(weights: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of each tensor over networks that were trained from the same one."""
    return {name: torch.stack([each[name].float() for each in weights]).mean(0).contiguous() for name in weights[0]}


def _digest(options: str, before: Sequence[Path]) -> str:
    """Hash of what a part is trained with, but for the shared data, which do not change."""
    digest = hashlib.sha256(options.encode())
    questions = (path for path in QUESTIONS.rglob("*") if path.is_file())
    for path in [*before, *sorted(questions)]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path.home() / ".cache/verbatim/reader")
    parser.add_argument("--part", choices=PARTS, default=SHIPPED, help="train this part and those that it needs")
    parser.add_argument("--ship", action="store_true", help=f"then put the weights into the package: {WEIGHTS.name}")
    arguments = parser.parse_args()
    if arguments.ship and arguments.part not in (SHIPPED, "quick"):
        parser.error(f"what is shipped has seen everything: --part {SHIPPED} or quick")
    trained = train_part(arguments.out, arguments.part)
    if arguments.ship:
        train_reader.ship(trained, WEIGHTS)


if __name__ == "__main__":
    main()
