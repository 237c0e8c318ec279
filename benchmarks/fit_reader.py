"""Fit the reader's linear models: `python benchmarks/fit_reader.py --index NOTES ARTICLES`.

Every sentence that the reader sees for a development question is an example: right when its quote (80 words at most) holds an
accepted answer. Logistic regressions over the standardised features give FIRST (all sentences), and for the reader with and
without the trained network the second model (sentences that get a second look) and trust (the sentence put first: is it
right?). Prints figures out of fold, a question never in two folds, and with `--write` puts the weights into
qa/reader/fitted.py.
"""

from __future__ import annotations

import argparse
import random
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from qa import Assistant
from qa.assistant import PROJECT, READ_DEPTH
from qa.evaluation import half, read_gold
from qa.evaluation.matching import in_quotes
from qa.query import understand
from qa.reader import fitted
from qa.reader.evidence import Evidence, EvidenceReader, trust_features
from qa.reader.features import TELLING
from qa.schema import MAX_ANSWER_WORDS, GoldQuestion, Query, clip
from qa.text import stems

GOLD = PROJECT / "corpus" / "gold"
FOLDS = 5
EXCHANGES = 1
"""Questions with another name that are made of each question that names something with rivals."""

C = 0.3
"""Inverse strength of the ridge."""

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
    return in_quotes([clip(quote, item.span[0] - start, item.span[1] - start, MAX_ANSWER_WORDS)], gold)


def examples(assistant: Assistant, reader: EvidenceReader, number: int, golds: list[GoldQuestion]) -> list[Question]:
    questions = []
    for gold in golds:
        query = understand(gold.question, assistant.index.vocabulary)
        found = reader.evidence(query, assistant.ranker.search(query, READ_DEPTH))
        read = reader.second_look(query, found)
        questions.append(
            Question(gold, number, found, [is_right(e, gold) for e in found], read, [is_right(e, gold) for e in read])
        )
        for text, name in exchanges(query, assistant, random.Random(gold.query_id)):
            other = understand(text, assistant.index.vocabulary)
            found = reader.evidence(other, assistant.ranker.search(other, READ_DEPTH))
            read = [e for e in reader.second_look(other, found) if name not in stems(e.hit.passage.index_text)]
            found = [e for e in found if name not in stems(e.hit.passage.index_text)]
            none = replace(gold, answers=(), answers_all=())
            questions.append(Question(none, number, found, [False] * len(found), read, [False] * len(read), True))
    return questions


def exchanges(query: Query, assistant: Assistant, rng: random.Random) -> Iterator[tuple[str, str]]:
    """The question about other things of the same class, each with the stem of the name put in; at most EXCHANGES.

    What does not hold that name does not answer it.
    """
    spelt = {key: word for word, key in assistant.index.vocabulary.spellings.items()}
    found = [
        (query.text.replace(term.surface, spelt.get(key, key)), key)
        for term in query.terms
        if term.weight > TELLING
        for key in sorted(term.rivals - query.stems)
    ]
    yield from rng.sample(found, min(EXCHANGES, len(found)))


def logistic(features: list[tuple[float, ...]], right: list[bool]) -> Weights:
    """Weights of the raw features, and the bias."""
    x, y = np.array(features), np.array(right)
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=C, max_iter=5000).fit(scaler.transform(x), y)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)


def first_choice(question: Question, second: Weights) -> tuple[tuple[float, ...], bool]:
    """Features for the third model of the sentence that the second puts first, and whether it is right."""
    odds = [float(second[0] @ np.array(item.features) + second[1]) for item in question.read]
    best = int(np.argmax(odds))
    return trust_features(question.read, odds)[best], question.read_right[best]


def fit(questions: list[Question]) -> tuple[Weights, Weights, Weights]:
    first = logistic([e.features for q in questions for e in q.found], [r for q in questions for r in q.found_right])
    second = logistic([e.features for q in questions for e in q.read], [r for q in questions for r in q.read_right])
    chosen = [first_choice(q, second) for q in questions if q.read]
    return first, second, logistic([features for features, _ in chosen], [right for _, right in chosen])


def cross_validate(questions: list[Question]) -> None:
    """Print right first answers and refusals out of fold, for several shares of unanswerable questions refused."""
    ids = sorted({q.gold.query_id for q in questions})
    fold = {ids[i]: k % FOLDS for k, i in enumerate(np.random.default_rng(0).permutation(len(ids)))}
    outcomes: list[tuple[Question, float, bool]] = []
    for k in range(FOLDS):
        _, second, third = fit([q for q in questions if fold[q.gold.query_id] != k])
        for q in questions:
            if fold[q.gold.query_id] == k and q.read:
                features, right = first_choice(q, second)
                outcomes.append((q, 1 / (1 + np.exp(-third[0] @ np.array(features) - third[1])), right))
    for corpus in sorted({q.corpus for q in questions}):
        rows = [(p, right) for q, p, right in outcomes if q.corpus == corpus and q.gold.answerable]
        none = np.array([p for q, p, _ in outcomes if q.corpus == corpus and not q.gold.answerable and not q.exchanged])
        other = np.array([p for q, p, _ in outcomes if q.corpus == corpus and q.exchanged])
        said = np.array([right for p, right in rows if p > 0.5])
        print(
            f"at .5: {len(said) / len(rows):.3f} answered, {said.mean():.3f} of them rightly; refused: unanswerable "
            f"{np.mean(none <= 0.5):.3f}, names exchanged {np.mean(other <= 0.5):.3f} of {len(other)}"
        )
        good = np.array([p for p, right in rows if right])
        print(
            f"corpus {corpus}: first right {len(good) / len(rows):.3f}, AUROC {np.mean(good[:, None] > none[None]):.3f}"
        )
        for refused in (0.95, 0.9, 0.85, 0.8, 0.7):
            threshold = np.quantile(none, refused)
            answered = np.mean([right and p > threshold for p, right in rows])
            print(
                f"  threshold {threshold:.2f} refuses {refused:.2f} of the unanswerable, answers {answered:.3f} rightly"
            )


def written(name: str, **models: Weights) -> str:
    """A constant of qa/reader/fitted.py that holds the models by the names of its fields."""
    parts = [
        f"    {part}=(\n{_numbers(weights, 8)}\n    ),\n    {part}_bias={bias:.2f},"
        for part, (weights, bias) in models.items()
    ]
    return "\n".join((f"{name} = Fitted(", *parts, ")  # fmt: skip"))


def _numbers(weights: NDArray[np.float64], indent: int = 4) -> str:
    return textwrap.fill(
        ", ".join(f"{w:.2f}" for w in weights) + ",", 110, initial_indent=" " * indent, subsequent_indent=" " * indent
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--index", nargs="+", type=Path, required=True)
    parser.add_argument("--gold", nargs="+", type=Path, default=[GOLD / "facts.jsonl", GOLD / "unanswerable.jsonl"])
    parser.add_argument("--only", choices=("PLAIN", "TRAINED"), help="fit only the reader without or with the network")
    parser.add_argument("--write", action="store_true", help="put the weights into qa/reader/fitted.py")
    options = parser.parse_args()
    golds = [question for question in read_gold(options.gold).questions if half(question) == "dev"]
    assistants = [Assistant.open(index) for index in options.index]
    constants: dict[str, str] = {}
    for name in (options.only,) if options.only else ("PLAIN", "TRAINED"):
        questions: list[Question] = []
        for i, assistant in enumerate(assistants):
            reader = assistant.reader
            assert isinstance(reader, EvidenceReader)
            questions += examples(assistant, reader if name == "TRAINED" else reader.plain(), i, golds)
        print(name)
        cross_validate(questions)
        first, second, trust = fit(questions)
        if name == "PLAIN":
            constants["FIRST"] = f"FIRST = (\n{_numbers(first[0])}\n)  # fmt: skip"
        constants[name] = written(name, second=second, trust=trust)
    print("\n\n".join(constants.values()))
    if options.write:
        path = Path(fitted.__file__)
        text = path.read_text(encoding="utf-8")
        for name, constant in constants.items():
            text = re.sub(rf"^{name} = .*?^\)  # fmt: skip$", lambda _, new=constant: new, text, flags=re.M | re.S)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
