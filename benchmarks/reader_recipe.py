"""Train the reader that is shipped, part after part: `make train-reader`, or `python benchmarks/reader_recipe.py --out FOLDER`.

Each part goes on from the weights of the one before and lies in a folder of its own name; the last two both go on from the same
part, and the mean of the three is what is shipped (a "model soup", Wortsman et al. 2022, arXiv 2203.05482). Parts that are done
are not trained again, and one that was stopped goes on at its last checkpoint: give the same command again.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import train_reader
from reader_papers import FOLDS
from reader_written import QUESTIONS
from safetensors.torch import load_file, save_file
from torch import Tensor

from qa.reader.trained import WEIGHTS

PARTS = {
    "first": "--plain 0",
    "second": "--plain 0 --shares 1.85 1.85 --seed 11",
    "general": "--shares 0.3 0.8 --plain 1.0 0.3 --seed 31",
    "papers": "--shares 0.3 0.3 --plain 0.3 0.3 --papers 1 --most 4000 --rate 1e-4 --seed 41",
    "written": "--shares 0.1 --plain 0.1 --papers 1 --most 1500 --written 1 --seed 61",
    "invented": "--shares 0.05 --plain 0.05 --papers 1 --most 700 --written 0.25 --invented 1 --seed 81",
    "more": "--shares 0.05 --plain 0.05 --papers 1 --most 700 --written 0.8 --invented 0.8 --seed 91",
}
"""The options of `train_reader.py` by part, in their order."""

AVERAGED = {
    "eighth": "--shares 0.05 --plain 0.05 --papers 1 --most 700 --written 0.25 --invented 0.5 --seed 101",
    "ninth": "--shares 0.03 --plain 0.03 --papers 1 --most 400 --written 0.5 --invented 0.5 --seed 111",
}
"""The same for parts that each go on from the last of PARTS; the mean of their weights and its is what is shipped."""

TRAINED, MADE_OF = "reader.safetensors", "made-of"
"""The weights of a part, and the hash of what they were trained with."""


def train_parts(out: Path, *, fold: int | None = None, until: str | None = None) -> Path:
    """Train the parts that are not done yet, the last one `until`; returns the file of the weights of that one, or of the mean.

    With a fold, the parts that see papers leave its papers out and lie in `out/fold-K`, as do the weights of all.
    Raises ValueError where a part is there that was trained with other options, questions or weights to begin with.
    """
    place = out if fold is None else out / f"fold-{fold}"
    start: Path | None = None
    for name, options in PARTS.items():
        start = _train_part(out, name, options, start, fold)
        if name == until:
            break
    assert start is not None
    if until is None:
        whole = [start, *(_train_part(out, name, options, start, fold) for name, options in AVERAGED.items())]
        save_file(mean_of([load_file(file) for file in whole]), place / TRAINED)
    elif fold is not None:
        shutil.copyfile(start, place / TRAINED)
    else:
        return start
    return place / TRAINED


def _train_part(out: Path, name: str, options: str, start: Path | None, fold: int | None) -> Path:
    """The weights of a part, which is trained where it is not done yet."""
    apart = fold is not None and "--papers" in options
    place = (out / f"fold-{fold}" if apart else out) / name
    made_of = _digest(options, fold if apart else None, start)
    if (place / MADE_OF).exists() and (place / MADE_OF).read_text("ascii") != made_of:
        raise ValueError(
            f"{place} was trained with other options or questions: remove it, or train into another folder"
        )
    if not (place / TRAINED).exists():
        print(f"part {name}", flush=True)
        place.mkdir(parents=True, exist_ok=True)
        (place / MADE_OF).write_text(made_of, "ascii")
        train_reader.main(
            [*options.split(), "--out", str(place)]
            + (["--start", str(start)] if start else [])
            + (["--fold", str(fold)] if apart else [])
        )
    return place / TRAINED


def mean_of(weights: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of each tensor over networks that were trained from the same one."""
    return {name: torch.stack([each[name].float() for each in weights]).mean(0).contiguous() for name in weights[0]}


def _digest(options: str, fold: int | None, start: Path | None) -> str:
    """Hash of what a part is trained with, but for the shared data, which do not change."""
    digest = hashlib.sha256(f"{options} {fold}".encode())
    questions = (path for path in QUESTIONS.rglob("*") if path.is_file())
    for path in [*([start] if start else []), *sorted(questions)]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path.home() / ".cache/verbatim/reader")
    parser.add_argument("--until", choices=PARTS, help="stop behind this part")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), help="leave out the papers of this fold")
    parser.add_argument("--ship", action="store_true", help=f"then put the weights into the package: {WEIGHTS.name}")
    arguments = parser.parse_args()
    if arguments.ship and (arguments.fold is not None or arguments.until):
        parser.error("only what all parts made over all papers is shipped: leave out --fold and --until")
    trained = train_parts(arguments.out, fold=arguments.fold, until=arguments.until)
    if arguments.ship:
        train_reader.ship(trained, WEIGHTS)


if __name__ == "__main__":
    main()
