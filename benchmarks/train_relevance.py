"""Train the relevance model of the reader: `python benchmarks/train_relevance.py --shared ../shared --out qa/weights`.

Pairs of a question and a sentence, labelled by whether the sentence answers: from the data sets in `shared/data` (their
README gives the licences) and from generated tables and facts about invented names. Negatives are sentences of the same
paragraph, sentences near to the question, and the right sentence with a name exchanged. The papers of COVID-QA whose number
leaves 0 when divided by 5 are held out. Nothing of the default corpus is used. Two lowest layers and the embeddings stay as
they are; only what changed is saved. Resumes from `--state` when it is there. One run is about half an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from qa.embedding import SentenceTransformerEmbedder
from qa.reader.relevance import RelevanceModel, pair_text
from qa.text import STOP_WORDS, sentences, words

SEED = 20261122
HELD_OUT = 5
LOWEST_FROZEN = 3


@dataclass(frozen=True, slots=True)
class Pair:
    question: str
    sentence: str
    context: str
    label: float


def squad(path: Path) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    for number, article in enumerate(data):
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                if question["answers"]:
                    yield number, article.get("title", ""), paragraph["context"], question


def tidy(text: str) -> str:
    """Tokenised text as it is normally written."""
    text = re.sub(r"\s+([.,;:!?%)\]’'])", r"\1", re.sub(r"\s+", " ", text))
    return re.sub(r"([(\[])\s+", r"\1", text).replace(" - ", "-").replace("``", '"').replace("''", '"').strip()


def paragraph_pairs(rng: random.Random, path: Path, *, most_negatives: int, with_title: bool) -> Iterator[Pair]:
    """The sentence with the answer against others of its paragraph."""
    cache: dict[str, list[tuple[int, int]]] = {}
    for _, title, context, question in squad(path):
        spans = cache.setdefault(context, sentences(context))
        answer = question["answers"][0]
        begin, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
        yield from labelled(
            rng, question["question"], context, spans, begin, end, most_negatives, title if with_title else ""
        )


def labelled(
    rng: random.Random,
    question: str,
    context: str,
    spans: list[tuple[int, int]],
    begin: int,
    end: int,
    most: int,
    title: str,
) -> Iterator[Pair]:
    right = [i for i, (s, e) in enumerate(spans) if min(e, end) - max(s, begin) > 0.5 * min(e - s, end - begin)]
    wrong = [i for i, (s, e) in enumerate(spans) if i not in right and not (s < end and begin < e)]
    rng.shuffle(wrong)
    for i in right[:2] + wrong[:most]:
        before = context[slice(*spans[i - 1])] if i else ""
        yield Pair(
            tidy(question),
            tidy(context[slice(*spans[i])]),
            tidy(f"{title}. {before}" if title else before),
            float(i in right),
        )


def selqa_pairs(rng: random.Random, path: Path) -> Iterator[Pair]:
    for item in json.loads(path.read_text(encoding="utf-8")):
        sents = item["candidates"]
        wrong = [i for i in range(len(sents)) if i not in item["answers"]]
        rng.shuffle(wrong)
        for i in list(item["answers"]) + wrong[:8]:
            before = sents[i - 1] if i else ""
            yield Pair(
                item["question"],
                tidy(sents[i]),
                tidy(f"{item['article']}. {item['section']}. {before}"),
                float(i in item["answers"]),
            )


def qamr_pairs(rng: random.Random, path: Path, embedder: SentenceTransformerEmbedder, many: int) -> Iterator[Pair]:
    """Questions on one sentence, against the sentences whose meaning is nearest to theirs."""
    items = [(tidy(q["question"]), context, tidy(q["answers"][0]["text"])) for _, _, context, q in squad(path)]
    rng.shuffle(items)
    items = items[:many]
    contexts = sorted({context for _, context, _ in items})
    rows = {context: i for i, context in enumerate(contexts)}
    near = embedder.embed_passages([tidy(c) for c in contexts])
    similar = np.argsort(-(near @ near.T), axis=1)[:, 1:8]
    for question, context, _ in items:
        yield Pair(question, tidy(context), "", 1.0)
        other = contexts[int(rng.choice(list(similar[rows[context]])))]
        yield Pair(question, tidy(other), "", 0.0)


def covid_pairs(rng: random.Random, path: Path, embedder: SentenceTransformerEmbedder) -> Iterator[Pair]:
    """Expert questions: the sentence with the answer against the sentences of the training papers nearest to the question."""
    contexts: dict[int, tuple[str, list[tuple[int, int]]]] = {}
    questions = [(n, c, q) for n, _, c, q in squad(path) if n % HELD_OUT]
    for number, context, _ in questions:
        if number not in contexts:
            contexts[number] = (context, [(s, e) for s, e in sentences(context) if e - s > 20])
    places = [(n, s, e) for n, (_, spans) in contexts.items() for s, e in spans]
    texts = [contexts[n][0][s:e] for n, s, e in places]
    vectors = embedder.embed_passages(texts)
    for number, context, question in questions:
        answer = question["answers"][0]
        begin, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
        asked = tidy(question["question"])
        yield from labelled(rng, asked, context, contexts[number][1], begin, end, 3, "")
        near = np.argsort(-(vectors @ embedder.embed_queries([asked])[0]))[:40]
        good = [int(i) for i in near if not (places[i][0] == number and places[i][1] < end and begin < places[i][2])]
        for i in rng.sample(good[2:], 8):
            before = texts[i - 1] if i and places[i - 1][0] == places[i][0] else ""
            yield Pair(asked, tidy(texts[i]), tidy(before), 0.0)


def exchanged(rng: random.Random, pairs: list[Pair], names: list[str]) -> Iterator[Pair]:
    """Right pairs in which a name that both hold is exchanged in the question alone (wrong) or in both (right)."""
    for pair in pairs:
        held = {w.stem for w in words(pair.sentence)}
        shared = [
            w.text for i, w in enumerate(words(pair.question))
            if i and w.stem in held and w.stem not in STOP_WORDS and (w.text[0].isupper() or any(c.isdigit() for c in w.text))
        ]  # fmt: skip
        if not shared:
            continue
        old, new = rng.choice(shared), rng.choice(names)
        swap = lambda text, a=old, b=new: re.sub(rf"\b{re.escape(a)}\b", b, text)  # noqa: E731
        if rng.random() < 0.65:
            yield Pair(swap(pair.question), pair.sentence, pair.context, 0.0)
        else:
            yield Pair(swap(pair.question), swap(pair.sentence), swap(pair.context), 1.0)


def invented_names(rng: random.Random, many: int) -> list[str]:
    """Names that nobody has, in the manner of drugs, genes, trials and firms."""
    onset = "b br c cl d dr f fl g gr l m n p pr r s st t tr v z".split()
    nucleus, ends = (
        "a e i o u ai ia".split(),
        "mab nib stat vir pril sartan zole mycin olol imab citol derin phan lux tor".split(),
    )
    found = []
    for _ in range(many):
        stem = "".join(rng.choice(onset) + rng.choice(nucleus) for _ in range(rng.randint(1, 3)))
        kind = rng.random()
        if kind < 0.6:
            name = stem + rng.choice(ends)
        elif kind < 0.8:
            name = stem[:4].upper() + rng.choice(["-", ""]) + str(rng.randint(1, 40))
        else:
            name = stem.capitalize() + rng.choice([" Pharma", " Labs", "", "ex", "on"])
        found.append(name)
    return found


def generated(rng: random.Random, many: int) -> Iterator[Pair]:
    """Facts and table rows about invented names: the right name and property, a wrong name, a wrong property."""
    names = invented_names(rng, 600)
    ills = (
        "gout,asthma,psoriasis,migraine,epilepsy,lupus,sepsis,eczema,colitis,anaemia,malaria,glaucoma,insomnia".split(
            ","
        )
    )
    units = ["mg", "mcg", "g", "mL", "units"]
    often = ["once daily", "twice daily", "every 8 hours", "weekly", "per day"]
    months = "January March April June July September October December".split()

    def value(what: str) -> str:
        number = rng.choice([1, 2, 3, 5, 8, 10, 15, 20, 40, 75, 120, 250])
        return {
            "dose": f"{number} {rng.choice(units)} {rng.choice(often)}",
            "half-life": f"{number} hours",
            "treatment duration": f"{number} {rng.choice(['days', 'weeks', 'months'])}",
            "number of patients": str(rng.randint(8, 3000)),
            "mortality": f"{rng.randint(1, 60)}.{rng.randint(0, 9)}%",
            "approval date": f"{rng.choice(months)} {rng.randint(1, 28)}, {rng.randint(1998, 2024)}",
            "manufacturer": rng.choice(names).capitalize(),
            "target": rng.choice(names).upper()[:6],
            "indication": rng.choice(ills),
            "side effects": ", ".join(
                rng.sample(["rash", "nausea", "headache", "fatigue", "fever", "dizziness", "cough"], 2)
            ),
            "trial number": f"NCT0{rng.randint(1000000, 9999999)}",
            "hazard ratio": f"0.{rng.randint(10, 99)} (95% CI 0.{rng.randint(10, 49)}–1.{rng.randint(10, 99)})",
        }[what]

    asks = {
        "dose": [
            "what is the dose of {n}",
            "{n} dose",
            "how much {n} is given",
            "which dosage of {n} is used?",
            "how many mg of {n}",
        ],
        "half-life": ["what is the half-life of {n}?", "how long does {n} stay in the body", "{n} half life"],
        "treatment duration": [
            "how long is {n} given?",
            "duration of treatment with {n}",
            "for how many days do patients take {n}",
        ],
        "number of patients": [
            "how many patients received {n}?",
            "number of people in the {n} trial",
            "{n} study size",
        ],
        "mortality": ["what share of patients died with {n}?", "mortality with {n}", "death rate on {n}"],
        "approval date": ["when was {n} approved?", "{n} approval date", "on what date did {n} get its licence"],
        "manufacturer": ["who makes {n}?", "which company sells {n}", "{n} manufacturer"],
        "target": ["what does {n} inhibit?", "which target does {n} block", "{n} target"],
        "indication": ["what is {n} used for?", "which disease is {n} licensed for", "{n} indication"],
        "side effects": ["what are the side effects of {n}?", "what harm can {n} do", "{n} adverse effects"],
        "trial number": [
            "under which number is the {n} trial registered?",
            "NCT number of {n}",
            "trial identifier for {n}",
        ],
        "hazard ratio": ["what was the hazard ratio with {n}?", "{n} hazard ratio and confidence interval"],
    }
    tells = {
        "dose": ["{n} is given at {v}.", "The recommended dose of {n} is {v}.", "Patients received {v} of {n}."],
        "half-life": ["The half-life of {n} is {v}.", "{n} is eliminated with a half-life of {v}."],
        "treatment duration": ["Treatment with {n} lasted {v}.", "{n} was given for {v}."],
        "number of patients": ["The trial of {n} enrolled {v} patients.", "{v} people were treated with {n}."],
        "mortality": ["In the {n} group {v} died.", "Mortality was {v} with {n}."],
        "approval date": ["{n} was approved on {v}.", "On {v}, regulators authorised {n}."],
        "manufacturer": ["{n} is made by {v}.", "{v} markets {n}."],
        "target": ["{n} blocks {v}.", "{n} is a selective inhibitor of {v}."],
        "indication": ["{n} is licensed for {v}.", "The indication of {n} is {v}."],
        "side effects": ["Side effects of {n} include {v}.", "Under {n}, {v} were reported."],
        "trial number": ["The trial of {n} is registered as {v}.", "{n} is studied in {v}."],
        "hazard ratio": ["The hazard ratio with {n} was {v}."],
    }  # fmt: skip

    def stated(name: str, properties: list[str]) -> str:
        if rng.random() < 0.5:
            return f"Drug: {name}; " + "; ".join(f"{p.capitalize()}: {value(p)}" for p in properties)
        return " ".join(rng.choice(tells[p]).format(n=name, v=value(p)) for p in properties[:2])

    for _ in range(many):
        name, other = rng.sample(names, 2)
        properties = rng.sample(sorted(asks), 4)
        asked = properties[0] if rng.random() < 0.5 else properties[1]
        question = rng.choice(asks[asked]).format(n=name)
        context = rng.choice(["", "", stated(other, properties[2:3]), f"{name}. {stated(other, [asked])}"])
        yield Pair(question, stated(name, properties), context, 1.0)
        yield Pair(question, stated(other, properties), context, 0.0)
        missing = [p for p in sorted(asks) if p not in properties]
        yield Pair(question, stated(name, rng.sample(missing, 2)), context, 0.0)


def make_pairs(shared: Path, embedder: SentenceTransformerEmbedder) -> list[Pair]:
    rng = random.Random(SEED)
    reader = shared / "data" / "reader"
    covid = list(covid_pairs(rng, shared / "data/covidqa/train.json", embedder))
    selqa = [p for name in ("dev", "test") for p in selqa_pairs(rng, reader / f"selqa_ass_{name}.json")]
    qed = list(paragraph_pairs(rng, reader / "qed.json", most_negatives=5, with_title=True))
    qamr = list(qamr_pairs(rng, reader / "qamr.json", embedder, 9000))
    policy = list(paragraph_pairs(rng, reader / "policyqa.json", most_negatives=2, with_title=False))
    rng.shuffle(policy)
    policy = policy[:8000]
    facts = list(generated(rng, 3000))
    right = [p for p in (*selqa, *qed, *qamr, *covid) if p.label]
    swapped = list(exchanged(rng, right, invented_names(rng, 500)))
    rng.shuffle(swapped)
    parts = {
        "covid": covid,
        "selqa": selqa,
        "qed": qed,
        "qamr": qamr,
        "policy": policy,
        "facts": facts,
        "swapped": swapped,
    }
    for name, part in parts.items():
        print(f"{name:8} {len(part):6} pairs, {sum(p.label for p in part) / len(part):.2f} right", flush=True)
    return covid + covid + selqa + qed + qed + qamr + policy + facts + swapped[:12000]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("qa/weights"))
    parser.add_argument("--state", type=Path, default=Path("relevance.state.pt"))
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    embedder = SentenceTransformerEmbedder()
    pairs = make_pairs(options.shared, embedder)
    encoder = SentenceTransformerEmbedder(precision="float32").encoder()
    model = RelevanceModel.untrained(*encoder)
    network = model.network
    network.train()
    trained = model.train_only(lowest_frozen=LOWEST_FROZEN)
    rng = random.Random(SEED)
    encoded = model.encode([pair_text(p.question, p.sentence, p.context if rng.random() < 0.8 else "") for p in pairs])
    labels = [p.label for p in pairs]
    lengths = [len(ids) for ids, _ in encoded]
    print(f"{len(pairs)} pairs, {np.mean(lengths):.0f} word pieces on average", flush=True)
    optimiser = torch.optim.AdamW(trained, lr=options.rate, weight_decay=0.01)
    loss = nn.BCEWithLogitsLoss()
    steps = options.epochs * (len(pairs) // options.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min(1.0, (s + 1) / (0.06 * steps)) * max(0.02, 1 - s / steps)
    )
    step = 0
    if options.state.exists():
        state = torch.load(options.state, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        step = state["step"]
    begin, first, running = time.time(), step, 0.0
    order = [batch for epoch in range(options.epochs) for batch in batches(lengths, options.batch, SEED + epoch)][
        :steps
    ]
    for batch in order[step:]:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model.logits([encoded[i] for i in batch])
        value = loss(logits.float(), torch.tensor([labels[i] for i in batch]))
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        schedule.step()
        step += 1
        running = 0.98 * running + 0.02 * value.item() if step > first + 1 else value.item()
        if step % 50 == 0:
            rate = (step - first) * options.batch / (time.time() - begin)
            print(f"step {step}/{len(order)} loss {running:.4f} {rate:.0f} pairs/s", flush=True)
        if step % 300 == 0 or step == len(order):
            temporary = options.state.with_suffix(".tmp")
            torch.save(
                {
                    "network": network.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "schedule": schedule.state_dict(),
                    "step": step,
                },
                temporary,
            )
            temporary.replace(options.state)
    options.out.mkdir(parents=True, exist_ok=True)
    model.save(options.out / "relevance.safetensors")


def batches(lengths: list[int], size: int, seed: int) -> list[list[int]]:
    """Batches of pairs of like length, in random order."""
    rng = random.Random(seed)
    order = sorted(range(len(lengths)), key=lambda i: (lengths[i] + rng.random() * 6, i))
    found = [order[i : i + size] for i in range(0, len(order) - size + 1, size)]
    rng.shuffle(found)
    return found


if __name__ == "__main__":
    main()
