"""Train one part of the reader's training: `python benchmarks/train_reader.py --out FOLDER`; all: `reader_recipe.py`.

One cross-encoder over the default encoder: question and passage in; where the answer begins and ends, and whether there is
one, out. All but the embeddings is trained, on a GPU where there is one. With teachers, networks that were trained before, it
learns what they make of a pair together (Hinton et al. 2015, arXiv 1503.02531), of pairs that nobody judged as well. A run that
was stopped goes on at its last checkpoint when the same command is given again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from reader_clozes import clozes, wikipedia
from reader_examples import SHARED, Example, policyqa, qamr, qed, selqa
from reader_invented import Invented, on_invented, ranked_on_invented
from reader_near_misses import mined, other_names
from reader_network import Batch, SpanNetwork, collate, make_network
from reader_papers import FOLDS, PAPERS, fold_of, paper_examples, paper_questions, put_to_passage
from reader_prose import prose
from reader_tables import tables
from reader_written import Papers, ranked_on_papers, written_on_papers, written_on_wikipedia
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from qa.embedding import SentenceTransformerEmbedder
from qa.reader.trained import pair_tokenizer

PIECES = 16000
"""Word pieces of a batch, padding included; about 150 pairs of a sentence, 80 of a passage."""

WARM_UP = 0.06
RELEVANCE_WEIGHT = 0.5

LABEL_WEIGHT = 0.3
"""What the label of a pair counts where there are teachers, whose probabilities have the rest."""

TABLES, PASSAGES = 5550, 5550
"""Invented tables and passages of prose, of which an epoch takes its share."""

NEAR_MISSES = 0.12
"""Share of the questions with a name that are asked about another one, and that are put to sentences which rank high."""

FROZEN = "body.embeddings."


def general_examples(rng: random.Random) -> list[Example]:
    """The data sets that are not of the field, invented tables and prose, and questions made of Wikipedia's sentences."""
    sections = wikipedia(SHARED)
    written = [*qamr(SHARED, rng), *policyqa(SHARED, rng), *qed(SHARED, rng), *selqa(SHARED, rng)]
    made = list(clozes(sections, rng))
    return [
        *written,
        *made,
        *other_names([*written, *made], rng, NEAR_MISSES),
        *mined([*written, *made], [sentence for _, told in sections for sentence in told], rng, NEAR_MISSES),
        *tables(rng, TABLES),
        *prose(rng, PASSAGES),
    ]


class Field:
    """The questions over the 60 papers, sections of Wikipedia and invented notes, but for the papers of a fold."""

    def __init__(self, fold: int | None = None) -> None:
        self._fold = fold
        self._asked = [question for question in paper_questions(PAPERS) if fold_of(question.paper) != fold]
        self._papers = Papers(fold)
        self._invented = Invented()

    def examples(self, rng: random.Random) -> Iterator[Example]:
        """Each question with what answers it and with other passages that rank high, drawn anew."""
        yield from paper_examples(self._asked, rng, negatives=3, without=self._fold)
        yield from written_on_papers(self._papers, rng)
        yield from written_on_wikipedia(rng)
        yield from on_invented(self._invented, rng)

    def ranked(self, rng: random.Random, share: float) -> Iterator[Example]:
        """A share of all pairs of a question and a passage that ranks high, for teachers to judge."""
        for question, passage in (*ranked_on_papers(self._papers), *ranked_on_invented(self._invented)):
            if rng.random() < share:
                yield replace(put_to_passage(question, passage, None, origin="ranked"), labelled=False)


def encode(tokenizer: Tokenizer, examples: Sequence[Example]):  # type: ignore[no-untyped-def]
    return tokenizer.encode_batch([(example.question, example.text) for example in examples])


def batches(tokenizer: Tokenizer, examples: Sequence[Example], seed: int) -> Iterator[list[int]]:
    """Numbers of the examples, in batches of about the same length, in an order that depends on the seed alone."""
    rng = random.Random(seed)
    lengths = [len(item.ids) for item in encode(tokenizer, examples)]
    order = sorted(range(len(examples)), key=lambda i: (lengths[i] // 8, rng.random()))
    groups: list[list[int]] = [[]]
    for i in order:
        if groups[-1] and (len(groups[-1]) + 1) * lengths[i] > PIECES:
            groups.append([])
        groups[-1].append(i)
    rng.shuffle(groups)
    yield from groups


def targets(examples: Sequence[Example], encodings, batch: Batch) -> tuple[Tensor, Tensor]:  # type: ignore[no-untyped-def]
    """Which pieces may begin and which may end the answer, shape (pairs, pieces); the first piece where there is none."""
    begins, ends = torch.zeros_like(batch.words), torch.zeros_like(batch.words)
    for i, (example, encoding) in enumerate(zip(examples, encodings, strict=True)):
        inside = []
        if example.answer is not None:
            start, end = example.answer
            inside = [
                j
                for j, (sequence, (a, b)) in enumerate(zip(encoding.sequence_ids, encoding.offsets, strict=True))
                if sequence == 1 and a < end and b > start and batch.words[i, j]
            ]
        if not inside:
            begins[i, 0] = ends[i, 0] = True
        elif example.exact:
            begins[i, inside[0]] = ends[i, inside[-1]] = True
        else:
            begins[i, inside] = ends[i, inside] = True
    return begins, ends


@dataclass(frozen=True, slots=True)
class Taught:
    """Probabilities of where the answer begins and ends, shape (pairs, pieces), and that there is one, shape (pairs,)."""

    begins: Tensor
    ends: Tensor
    relevance: Tensor


def taught_by(teachers: Sequence[SpanNetwork], batch: Batch) -> Taught:
    """The mean of what the teachers make of each pair."""
    with torch.no_grad():
        read = [teacher(batch) for teacher in teachers]
    return Taught(
        torch.stack([begins.softmax(-1) for begins, _, _ in read]).mean(0),
        torch.stack([ends.softmax(-1) for _, ends, _ in read]).mean(0),
        torch.stack([relevance.sigmoid() for _, _, relevance in read]).mean(0),
    )


def loss_of(
    network: SpanNetwork,
    batch: Batch,
    begins: Tensor,
    ends: Tensor,
    taught: Taught | None = None,
    labelled: Tensor | None = None,
) -> Tensor:
    """Marginal log loss of begin and end (over all pieces that are right), and log loss of relevance.

    With teachers' probabilities these are what most is learnt from, and all for pairs that are not `labelled`, shape (pairs,).
    """
    starts, stops, relevance = network(batch)
    span = sum(
        (logits.logsumexp(-1) - logits.masked_fill(~right, -torch.inf).logsumexp(-1))
        for logits, right in ((starts, begins), (stops, ends))
    )
    answered = (~begins[:, 0]).float()
    known = span / 2 + RELEVANCE_WEIGHT * binary_cross_entropy_with_logits(relevance, answered, reduction="none")
    if taught is None:
        return known.mean()
    span = sum(
        -(probability * logits.log_softmax(-1)).sum(-1)
        for logits, probability in ((starts, taught.begins), (stops, taught.ends))
    )
    relevant = binary_cross_entropy_with_logits(relevance, taught.relevance, reduction="none")
    weight = LABEL_WEIGHT * (torch.ones_like(answered) if labelled is None else labelled.float())
    return (weight * known + (1 - weight) * (span / 2 + RELEVANCE_WEIGHT * relevant)).mean()


def train(
    network: SpanNetwork,
    tokenizer: Tokenizer,
    plan: Sequence[Sequence[Example]],
    out: Path,
    *,
    rate: float,
    seed: int,
    teachers: Sequence[SpanNetwork] = (),
    precision: str = "float32",
    every: int | None = None,
) -> None:
    """Train over the parts of the plan one after the other; writes checkpoints and, at the end, `reader.safetensors`.

    On a GPU where there is one. With `precision` "bfloat16" the products are computed in it; weights and optimizer stay in
    float32. There is dropout (the encoder's own) where there are no teachers, whose probabilities are smooth enough. A
    checkpoint is written `every` so many steps, by default 25, and 1000 on a GPU; `reader_recipe` sees to it that a run goes on
    with the options it began with. Raises ValueError where the checkpoint in `out` is of other examples or another seed.
    """
    made_of = _digest(plan, seed)
    parts = [(examples, list(batches(tokenizer, examples, seed + i))) for i, examples in enumerate(plan)]
    steps = [(examples, batch) for examples, groups in parts for batch in groups]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    every = every or (1000 if device == "cuda" else 25)
    for each in (network, *teachers):
        each.to(device)
    network.train(not teachers)
    for name, value in network.named_parameters():
        value.requires_grad = not name.startswith(FROZEN)
    body = [v for n, v in network.named_parameters() if v.requires_grad and n.startswith("body.")]
    heads = [v for n, v in network.named_parameters() if not n.startswith("body.")]
    optimizer = torch.optim.AdamW([{"params": body, "lr": rate}, {"params": heads, "lr": 3 * rate}], weight_decay=0.01)
    warm = max(1, round(WARM_UP * len(steps)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (len(steps) - step) / max(1, len(steps) - warm)))
    )
    out.mkdir(parents=True, exist_ok=True)
    checkpoint, first = out / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        if state["plan"] != made_of:
            raise ValueError(
                f"{checkpoint} is of other examples or another seed: remove it, or train into another folder"
            )
        network.load_state_dict(state["network"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        first = state["step"]
    mean, begin, pairs, pieces = None, time.perf_counter(), 0, 0
    for step, (examples, numbers) in enumerate(steps[first:], start=first + 1):
        torch.manual_seed(1_000_000 * seed + step)  # so that dropout is the same where a run goes on
        chosen = [examples[i] for i in numbers]
        encodings = encode(tokenizer, chosen)
        batch = collate(encodings, [example.text_start for example in chosen])
        begins, ends = (places.to(device) for places in targets(chosen, encodings, batch))
        labelled = torch.tensor([example.labelled for example in chosen], device=device)
        batch = batch.to(device)
        with torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
            taught = taught_by(teachers, batch) if teachers else None
            loss = loss_of(network, batch, begins, ends, taught, labelled)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        pairs, pieces = pairs + len(chosen), pieces + batch.ids.numel()
        if step % 25 == 0:
            speed = pieces / (time.perf_counter() - begin)
            print(f"step {step}/{len(steps)} loss {mean:.3f} pairs {pairs} pieces/s {speed:.0f}", flush=True)
        if step % every == 0:
            state = {
                "network": network.changed(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "step": step,
                "plan": made_of,
            }
            torch.save(state, out / "checkpoint.new")
            (out / "checkpoint.new").replace(checkpoint)
    network.eval()
    save_file(
        {name: value.detach().float().cpu().contiguous() for name, value in network.changed().items()},
        out / "reader.new",
    )
    (out / "reader.new").replace(out / "reader.safetensors")


def _digest(plan: Sequence[Sequence[Example]], seed: int) -> str:
    """Hash of all examples and the seed."""
    digest = hashlib.sha256(str(seed).encode())
    for examples in plan:
        for example in examples:
            digest.update(repr(example).encode())
    return digest.hexdigest()


def main(options: Sequence[str] | None = None) -> None:
    """Train as the options say, those of the command line where there are none."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--teachers", type=Path, nargs="+", default=[], help="weights of networks to learn from")
    parser.add_argument(
        "--general", type=float, nargs="+", default=[1.0], help="share of what is not of the field, by epoch"
    )
    parser.add_argument("--field", action="store_true", help="the questions over papers, sections and invented notes")
    parser.add_argument("--ranked", type=float, default=0, help="share of the pairs that only teachers judge")
    parser.add_argument("--fold", type=int, help=f"leave out the papers of this fold, 0 to {FOLDS - 1}")
    parser.add_argument("--without", nargs="+", default=[], help="origins of examples to be left out")
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args(options)
    if max(*arguments.general, arguments.ranked) > 1:
        parser.error("--general and --ranked are shares, at most 1")
    if arguments.ranked and not (arguments.teachers and arguments.field):
        parser.error("--ranked: give --teachers, which judge these pairs, and --field")
    if arguments.fold is not None and not arguments.field:
        parser.error("--fold: without --field no paper is seen")
    torch.manual_seed(arguments.seed)
    embedder = SentenceTransformerEmbedder()
    folder = embedder.folder
    network = make_network(folder, load_file(arguments.start) if arguments.start else None)
    field = Field(arguments.fold) if arguments.field else None
    plan = []
    for i, share in enumerate(arguments.general):
        rng = random.Random(arguments.seed + i)
        part = general_examples(rng) if share else []
        part = rng.sample(part, round(share * len(part)))
        if field:
            part += field.examples(rng)
            part += field.ranked(rng, arguments.ranked) if arguments.ranked else []
        part = [example for example in part if example.origin not in arguments.without]
        rng.shuffle(part)
        plan.append(part)
    print(json.dumps({"examples": [len(part) for part in plan]}), flush=True)
    torch.set_num_threads(arguments.threads)  # behind the examples: who indexes and searches leaves torch with one
    train(
        network,
        pair_tokenizer(folder),
        plan,
        arguments.out,
        rate=arguments.rate,
        seed=arguments.seed,
        teachers=[make_network(folder, load_file(file)) for file in arguments.teachers],
        precision="bfloat16" if torch.cuda.is_available() else embedder.precision,
    )


def ship(trained: Path, file: Path) -> None:
    """Write trained weights in bfloat16, half as large; the reader computes in whatever the processor is quick at."""
    new = file.with_suffix(".new")
    save_file({name: value.to(torch.bfloat16).contiguous() for name, value in load_file(trained).items()}, new)
    new.replace(file)


if __name__ == "__main__":
    main()
