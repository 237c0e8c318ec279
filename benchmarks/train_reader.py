"""Train one part of the reader's training: `python benchmarks/train_reader.py --out FOLDER`; all: `reader_recipe.py`.

One cross-encoder over the default encoder: question and passage in; where the answer begins and ends, and whether there is
one, out. The embeddings and the two lowest layers stay as they are. A run that was stopped goes on at its last checkpoint when
the same command is given again. A CPU is enough.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from reader_clozes import clozes, wikipedia
from reader_examples import SHARED, Example, policyqa, qamr, qed, selqa
from reader_invented import Invented, on_invented
from reader_near_misses import mined, other_names
from reader_network import Batch, SpanNetwork, collate, make_network
from reader_papers import FOLDS, PAPERS, fold_of, paper_examples, paper_questions
from reader_prose import prose
from reader_tables import tables
from reader_written import Papers, written_on_papers, written_on_wikipedia
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from qa.embedding import SentenceTransformerEmbedder
from qa.reader.trained import pair_tokenizer

PIECES = 5000
"""Word pieces of a batch, padding included; about 48 pairs of a sentence, 24 of a passage."""

WARM_UP = 0.06
RELEVANCE_WEIGHT = 0.5

PROSE = 500
"""Invented passages beside the papers, in each epoch."""

NEAR_MISSES = 0.12
"""Share of the questions with a name that are asked about another one, and that are put to sentences which rank high."""

FROZEN = ("body.embeddings.", "body.encoder.layer.0.", "body.encoder.layer.1.")


def general_examples(seed: int, share: float, plain: float) -> list[Example]:
    """The data sets that are not of the field, invented tables and prose, and for a share `plain` of Wikipedia's sentences a
    question made of it; another seed draws other neighbours and negatives.
    """
    rng = random.Random(seed)
    sections = wikipedia(SHARED)
    written = [
        *qamr(SHARED, rng, most=max(1, round(20 * share))),
        *policyqa(SHARED, rng, most=max(1, round(6 * share))),
        *qed(SHARED, rng),
        *selqa(SHARED, rng),
    ]
    made = list(clozes(sections, rng, plain))
    found = [
        *written,
        *made,
        *other_names([*written, *made], rng, NEAR_MISSES),
        *mined([*written, *made], [sentence for _, told in sections for sentence in told], rng, NEAR_MISSES),
        *tables(rng, round(3000 * share)),
        *prose(rng, round(3000 * share)),
    ]
    rng.shuffle(found)
    return found


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


def loss_of(network: SpanNetwork, batch: Batch, begins: Tensor, ends: Tensor) -> Tensor:
    """Marginal log loss of begin and end (over all pieces that are right), and log loss of relevance."""
    starts, stops, relevance = network(batch)
    answered = (~begins[:, 0]).float()
    span = sum(
        (logits.logsumexp(-1) - logits.masked_fill(~right, -torch.inf).logsumexp(-1)).mean()
        for logits, right in ((starts, begins), (stops, ends))
    )
    return span / 2 + RELEVANCE_WEIGHT * binary_cross_entropy_with_logits(relevance, answered)


def train(
    network: SpanNetwork,
    tokenizer: Tokenizer,
    plan: Sequence[Sequence[Example]],
    out: Path,
    *,
    rate: float,
    seed: int,
    precision: str = "float32",
    every: int = 150,
) -> None:
    """Train over the parts of the plan one after the other; writes checkpoints and, at the end, `reader.safetensors`.

    On a GPU where there is one. With `precision` "bfloat16" the products are computed in it; weights and optimizer stay in
    float32. Raises ValueError where the checkpoint in `out` is of other examples or another seed.
    """
    made_of = _digest(plan, seed)
    parts = [(examples, list(batches(tokenizer, examples, seed + i))) for i, examples in enumerate(plan)]
    steps = [(examples, batch) for examples, groups in parts for batch in groups]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network.to(device)
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
        chosen = [examples[i] for i in numbers]
        encodings = encode(tokenizer, chosen)
        batch = collate(encodings, [example.text_start for example in chosen])
        begins, ends = (places.to(device) for places in targets(chosen, encodings, batch))
        with torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
            loss = loss_of(network, batch.to(device), begins, ends)
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
    parser.add_argument("--shares", type=float, nargs="+", default=[1.0, 0.6], help="share of the data in each epoch")
    parser.add_argument(
        "--most", type=int, help="of the data that is not of the field, at most so many examples an epoch"
    )
    parser.add_argument(
        "--plain", type=float, nargs="+", default=[1.0, 0.3], help="share of Wikipedia's sentences made a question of"
    )
    parser.add_argument(
        "--papers", type=int, default=0, help="how often the questions of the 60 papers come in an epoch"
    )
    parser.add_argument("--written", type=float, default=0, help="share of the written questions, in each epoch")
    parser.add_argument("--invented", type=float, default=0, help="share of the questions over invented notes")
    parser.add_argument("--fold", type=int, help=f"leave out the papers of this fold, 0 to {FOLDS - 1}")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args(options)
    if max(arguments.written, arguments.invented) > 1:
        parser.error("--written and --invented are shares, at most 1")
    torch.manual_seed(arguments.seed)
    embedder = SentenceTransformerEmbedder()
    folder = embedder.folder
    tokenizer = pair_tokenizer(folder)
    network = make_network(folder, load_file(arguments.start) if arguments.start else None)
    plan = [
        general_examples(arguments.seed + i, share, arguments.plain[min(i, len(arguments.plain) - 1)])[: arguments.most]
        for i, share in enumerate(arguments.shares)
    ]
    if arguments.papers:
        questions = [q for q in paper_questions(PAPERS) if arguments.fold is None or fold_of(q.paper) != arguments.fold]
        for i, part in enumerate(plan):
            rng = random.Random(arguments.seed + i)
            part += [e for _ in range(arguments.papers) for e in paper_examples(questions, rng, negatives=3)]
            part += prose(rng, PROSE)
            rng.shuffle(part)
    if arguments.written:
        papers = Papers()
        for i, part in enumerate(plan):
            rng = random.Random(arguments.seed + i)
            part += written_on_papers(papers, rng, arguments.written, without=arguments.fold)
            part += written_on_wikipedia(rng, arguments.written)
            rng.shuffle(part)
    if arguments.invented:
        invented = Invented()
        for i, part in enumerate(plan):
            rng = random.Random(arguments.seed + i)
            part += on_invented(invented, rng, arguments.invented)
            rng.shuffle(part)
    print(json.dumps({"examples": [len(part) for part in plan]}), flush=True)
    torch.set_num_threads(arguments.threads)  # behind the examples: who indexes and searches leaves torch with one
    train(
        network, tokenizer, plan, arguments.out, rate=arguments.rate, seed=arguments.seed, precision=embedder.precision
    )


def ship(trained: Path, file: Path) -> None:
    """Write trained weights in bfloat16, half as large; the reader computes in whatever the processor is quick at."""
    new = file.with_suffix(".new")
    save_file({name: value.to(torch.bfloat16).contiguous() for name, value in load_file(trained).items()}, new)
    new.replace(file)


if __name__ == "__main__":
    main()
