"""Fit the reader's linear models: `python benchmarks/fit_reader.py --index NOTES ARTICLES`.

Every sentence that the reader sees for a development question, or for a question over invented notes that the network was not
trained on (`--invented`), is an example: right when its quote (80 words at most) holds an accepted answer; so is every one that
it sees for a question written over papers (`--papers`), right when the answer stands there.
Conditional logits over the standardised features give FIRST (all sentences), and for the reader with and
without the trained network the second model (sentences that get a second look): each raises the right sentences over the
others of their question. Logistic regressions over the sentence put first give trust, of few features, and the probability
that it is right, of all of them. Prints figures out of fold, a question never in two folds, and with `--write` puts the
weights into qa/reader/fitted.py; fit and write twice where FIRST has changed, as it picks the sentences for the others.
"""

from __future__ import annotations

import argparse
import random
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from reader_invented import Invented
from reader_written import Papers, Written, held_out
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from qa import Assistant
from qa.assistant import PROJECT, READ_DEPTH
from qa.evaluation import half, read_gold
from qa.evaluation.evidence import overlaps
from qa.evaluation.matching import in_quotes
from qa.evaluation.selective import auroc
from qa.networks import OWN_READER
from qa.query import understand
from qa.reader import fitted
from qa.reader.evidence import (
    SEEN,
    Evidence,
    EvidenceReader,
    confidence,
    sure_features,
    trust,
    trust_features,
)
from qa.reader.fitted import Fitted
from qa.schema import MAX_ANSWER_WORDS, GoldQuestion, Query, clip
from qa.text import stems

GOLD = PROJECT / "corpus" / "gold"
FOLDS = 5
EXCHANGES = 1
"""Questions with another name that are made of each question that names something with rivals."""

EXCHANGED = 0.3
"""What such a question counts where probabilities are fitted: people ask few of them."""

C_TRUST, C_SURE = 0.3, 0.03
"""Inverse strengths of the ridges of the logistic regressions."""

RIDGE = 0.01
"""Strength of the ridge of the conditional logits."""

Weights = tuple[NDArray[np.float64], float]


@dataclass(frozen=True)
class Question:
    """A gold question with all evidence, that which got a second look, and which of each is right.

    `exchanged`: with a name in the place of another of its class, and only evidence that does not hold that name.
    """

    gold: GoldQuestion
    corpus: int
    found: list[Evidence]
    found_right: list[bool]
    read: list[Evidence]
    read_right: list[bool]
    exchanged: bool = False


def is_right(item: Evidence, gold: GoldQuestion) -> bool:
    quote, start = item.hit.passage.slice(item.sentence.start, item.sentence.end), item.sentence.start
    said = clip(quote, item.span[0] - start, item.span[1] - start, MAX_ANSWER_WORDS)
    return answers(gold, said, item.hit.passage.doc_id, start, item.sentence.end)


def answers(gold: GoldQuestion, quote: str, doc_id: str, start: int, end: int) -> bool:
    """Whether a quote at [start, end) holds an accepted answer, and some of the evidence where its places are known: siblings
    say the same.
    """
    known = any(place.start is not None for place in gold.evidence)
    return in_quotes([quote], gold) and (not known or overlaps(gold.evidence, doc_id, start, end))


def examples(assistant: Assistant, number: int, golds: list[GoldQuestion]) -> list[Question]:
    """The questions with what the reader and its network see of them."""
    reader = assistant.reader
    assert isinstance(reader, EvidenceReader)
    questions = []
    for gold in golds:
        query = understand(gold.question, assistant.index.vocabulary)
        found = reader.evidence(query, assistant.retrieve(gold.question, READ_DEPTH))
        questions.append(
            seen(gold, number, found, reader.second_look(query, found), lambda e, own=gold: is_right(e, own))
        )
        for text, name in exchanges(query, assistant, random.Random(gold.query_id)):
            other = understand(text, assistant.index.vocabulary)
            found = reader.evidence(other, assistant.retrieve(text, READ_DEPTH))
            none = replace(gold, answers=(), answers_all=())
            read = reader.second_look(other, found)

            def kept(item: Evidence, name: str = name) -> bool:
                return name not in stems(item.hit.passage.index_text)

            questions.append(seen(none, number, found, read, lambda _: False, kept, exchanged=True))
    return questions


def seen(
    gold: GoldQuestion,
    corpus: int,
    found: list[Evidence],
    read: list[Evidence],
    right: Callable[[Evidence], bool],
    kept: Callable[[Evidence], bool] = lambda _: True,
    *,
    exchanged: bool = False,
) -> Question:
    """A question with the evidence that is kept: all, and that which got the second look."""
    found, read = ([e for e in part if kept(e)] for part in (found, read))
    found_right, read_right = ([right(e) for e in part] for part in (found, read))
    return Question(gold, corpus, found, found_right, read, read_right, exchanged)


def on_papers(number: int, most: int) -> list[Question]:
    """Questions written over papers, none of which the network was trained on, with what the reader sees of them.

    Who wrote them knew a block of the paper: other passages of it may answer as well and are left out.
    """
    papers = Papers()
    reader = papers.assistant.reader
    assert isinstance(reader, EvidenceReader)
    questions = []
    for item in held_out(random.Random(7), most):
        query = understand(item.question, papers.assistant.index.vocabulary)
        block = {passage.passage_id for passage in papers.block(item)}
        hits = [
            hit
            for hit in papers.assistant.retrieve(item.question, READ_DEPTH)
            if hit.passage.doc_id != item.source or hit.passage.passage_id in block
        ]
        found = reader.evidence(query, hits)
        read = reader.second_look(query, found)
        words = papers.words(item)
        gold = GoldQuestion(f"{item.source} {item.begin} {item.answer}", item.question, (words,) if words else ())
        questions.append(seen(gold, number, found, read, lambda e, own=item: holds(e, own)))
    return questions


def holds(found: Evidence, item: Written) -> bool:
    """Whether the answer begins in the sentence."""
    return (
        item.answer is not None
        and found.hit.passage.doc_id == item.source
        and found.sentence.start <= item.answer[0] < found.sentence.end
    )


def plain(question: Question) -> Question:
    """The question as it is without the network."""
    return replace(question, read=[replace(e, features=e.features[: -len(SEEN)]) for e in question.read])


def exchanges(query: Query, assistant: Assistant, rng: random.Random) -> Iterator[tuple[str, str]]:
    """The question about other things of the same class, each with the stem of the name put in; at most EXCHANGES.

    What does not hold that name does not answer it.
    """
    spelt = {key: word for word, key in assistant.index.vocabulary.spellings.items()}
    found = [
        (query.text.replace(term.surface, spelt.get(key, key)), key)
        for term in query.terms
        if term.telling
        for key in sorted(term.rivals - query.stems)
    ]
    yield from rng.sample(found, min(EXCHANGES, len(found)))


def logistic(
    features: list[tuple[float, ...]], right: list[bool], strength: float, counts: list[float] | None = None
) -> Weights:
    """Weights of the raw features, and the bias."""
    x, y = np.array(features), np.array(right)
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=strength, max_iter=5000).fit(scaler.transform(x), y, counts)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)


def conditional_logit(questions: list[tuple[list[tuple[float, ...]], list[bool]]]) -> Weights:
    """Weights of the raw features under which the right sentences of a question have most of the softmax over all of it."""
    answered = [(features, right) for features, right in questions if any(right)]
    scaler = StandardScaler().fit(np.concatenate([np.array(features) for features, _ in answered]))
    standardised = [(scaler.transform(np.array(features)), right) for features, right in answered]
    weights = most_of_softmax(standardised, RIDGE, np.zeros(scaler.scale_.shape))
    found = weights / scaler.scale_
    return found, float(-found @ scaler.mean_)


def most_of_softmax(
    groups: Sequence[tuple[NDArray[np.float64], Sequence[bool]]], ridge: float, towards: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights under which the right rows of each group, at least one, have most of the softmax over all of it.

    McFadden 1974, "Conditional logit analysis of qualitative choice behavior"; here with several right ones and a ridge that
    pulls towards given weights. Features have shape (rows, features).
    """
    x = torch.from_numpy(np.concatenate([features for features, _ in groups]))
    right = torch.tensor([bool(value) for _, values in groups for value in values])
    group = torch.tensor([i for i, (_, values) in enumerate(groups) for _ in values])
    start = torch.from_numpy(towards)
    weights = start.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        odds = (x @ weights).exp()
        none = torch.zeros(len(groups), dtype=x.dtype)
        share = none.index_add(0, group[right], odds[right]) / none.index_add(0, group, odds)
        value = -share.log().mean() + ridge * (weights - start).square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[arg-type]
    return weights.detach().numpy()


def fit(questions: list[Question]) -> tuple[Weights, Fitted]:
    """The first model, and the others with their weights."""
    first = conditional_logit([([e.features for e in q.found], q.found_right) for q in questions])
    second = conditional_logit([([e.features for e in q.read], q.read_right) for q in questions])
    models = Fitted(tuple(second[0]), second[1], (), 0.0, (), 0.0)
    known = [q for q in questions if q.read]
    # Their first feature is what the second model gives: the sentence that it puts first has the most of it.
    most = [
        max(zip(trust_features(q.read, models), q.read_right, strict=True), key=lambda pair: pair[0][0]) for q in known
    ]
    third = logistic([features for features, _ in most], [right for _, right in most], C_TRUST)
    models = replace(models, trust=tuple(third[0]), trust_bias=third[1])
    chosen = [first_choice(q, models) for q in known]
    fourth = logistic(
        [sure_features(q.read, models)[i] for q, i in zip(known, chosen, strict=True)],
        [q.read_right[i] for q, i in zip(known, chosen, strict=True)],
        C_SURE,
        [EXCHANGED if q.exchanged else 1.0 for q in known],
    )
    return first, replace(models, sure=tuple(fourth[0]), sure_bias=fourth[1])


def first_choice(question: Question, models: Fitted) -> int:
    """The sentence that is trusted most."""
    return int(np.argmax(trust(question.read, models)))


def cross_validate(questions: list[Question]) -> None:
    """Print right first answers, refusals, and how well confidence tells answerable questions, and those that are answered
    rightly, from the others; out of fold, for several shares of unanswerable questions refused.
    """
    ids = sorted({q.gold.query_id for q in questions})
    fold = {ids[i]: k % FOLDS for k, i in enumerate(np.random.default_rng(0).permutation(len(ids)))}
    outcomes: list[tuple[Question, float, bool]] = []
    for k in range(FOLDS):
        _, models = fit([q for q in questions if fold[q.gold.query_id] != k])
        for q in questions:
            if fold[q.gold.query_id] == k and q.read:
                best = first_choice(q, models)
                outcomes.append((q, confidence(q.read, models)[best], q.read_right[best]))
    for corpus in sorted({q.corpus for q in questions}):
        rows = [(p, right) for q, p, right in outcomes if q.corpus == corpus and q.gold.answerable]
        none = np.array([p for q, p, _ in outcomes if q.corpus == corpus and not q.gold.answerable and not q.exchanged])
        other = np.array([p for q, p, _ in outcomes if q.corpus == corpus and q.exchanged])
        said = np.array([right for p, right in rows if p > 0.5])
        print(
            f"at .5: {len(said) / len(rows):.3f} answered, {said.mean():.3f} of them rightly; refused: unanswerable "
            f"{np.mean(none <= 0.5):.3f}, names exchanged {np.sum(other <= 0.5)} of {len(other)}"
        )
        good = [p for p, right in rows if right]
        sure = [
            auroc([*some, *none], [True] * len(some) + [False] * len(none)) for some in ([p for p, _ in rows], good)
        ]
        print(
            f"corpus {corpus}: first right {len(good) / len(rows):.3f}, AUROC {sure[0]:.3f}, of the right ones {sure[1]:.3f}"
        )
        for refused in (0.95, 0.9, 0.85, 0.8, 0.7):
            threshold = np.quantile(none, refused)
            answered = np.mean([right and p > threshold for p, right in rows])
            print(
                f"  threshold {threshold:.2f} refuses {refused:.2f} of the unanswerable, answers {answered:.3f} rightly"
            )


def written(name: str, models: Fitted) -> str:
    """A constant of qa/reader/fitted.py that holds the models."""
    parts = [
        f"    {part}=(\n{_numbers(getattr(models, part), 8)}\n    ),\n    {part}_bias={getattr(models, part + '_bias'):.2f},"
        for part in ("second", "trust", "sure")
    ]
    return "\n".join((f"{name} = Fitted(", *parts, ")  # fmt: skip"))


def _numbers(weights: Iterable[float], indent: int = 4) -> str:
    return textwrap.fill(
        ", ".join(f"{w:.2f}" for w in weights) + ",", 110, initial_indent=" " * indent, subsequent_indent=" " * indent
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--index", nargs="+", type=Path, required=True)
    parser.add_argument("--gold", nargs="+", type=Path, default=[GOLD])
    parser.add_argument("--papers", type=int, default=500, help="so many questions that were written over papers")
    parser.add_argument("--invented", type=int, default=600, help="so many over invented notes")
    parser.add_argument("--write", action="store_true", help="put the weights into qa/reader/fitted.py")
    options = parser.parse_args()
    golds = [
        question for question in read_gold(options.gold).questions if half(question) == "dev" and not question.history
    ]
    assistants = [Assistant.open(index) for index in options.index]
    if any(assistant.network != OWN_READER for assistant in assistants):
        parser.error("the models are fitted on what the project's own network reads: unset VERBATIM_READER")
    constants: dict[str, str] = {}
    questions = [question for i, assistant in enumerate(assistants) for question in examples(assistant, i, golds)]
    if options.invented:
        invented = Invented()
        unseen = [question for question in invented.held_out() if not question.history]
        drawn = random.Random(7).sample(unseen, min(options.invented, len(unseen)))
        questions += examples(invented.assistant, len(assistants), drawn)
    questions += on_papers(len(assistants) + 1, options.papers)
    for name, known in (("PLAIN", [plain(question) for question in questions]), ("TRAINED", questions)):
        print(name)
        cross_validate(known)
        first, models = fit(known)
        constants["FIRST"] = f"FIRST = (\n{_numbers(first[0])}\n)  # fmt: skip"
        constants[name] = written(name, models)
    print("\n\n".join(constants.values()))
    if options.write:
        path = Path(fitted.__file__)
        text = path.read_text(encoding="utf-8")
        for name, constant in constants.items():
            text = re.sub(rf"^{name} = .*?^\)  # fmt: skip$", lambda _, new=constant: new, text, flags=re.M | re.S)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
