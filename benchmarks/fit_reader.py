"""Fit the reader's linear models: `python benchmarks/fit_reader.py --index NOTES ARTICLES`.

Every sentence that the reader sees for a development question is an example: right when its quote (80 words at most) holds an
accepted answer. Logistic regressions over the standardised features give FIRST (all sentences), and for the reader with and
without the trained network the second model (sentences that get a second look) and trust (the sentence put first: is it
right?). Prints figures out of fold, a question never in two folds, and with `--write` puts the weights into
qa/reader/fitted.py.
"""

from __future__ import annotations

import argparse
import os
import textwrap
from dataclasses import dataclass
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
from qa.schema import MAX_ANSWER_WORDS, GoldQuestion, clip

GOLD = PROJECT / "corpus" / "gold"
FOLDS = 5
C = 0.3
"""Inverse strength of the ridge."""

Weights = tuple[NDArray[np.float64], float]


@dataclass(frozen=True)
class Question:
    """A gold question with all evidence, that which got a second look, and which of each is right."""

    gold: GoldQuestion
    corpus: int
    found: list[Evidence]
    found_right: list[bool]
    read: list[Evidence]
    read_right: list[bool]


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
    return questions


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
        none = np.array([p for q, p, _ in outcomes if q.corpus == corpus and not q.gold.answerable])
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
    parser.add_argument("--write", action="store_true", help="put the weights into qa/reader/fitted.py")
    options = parser.parse_args()
    golds = [question for question in read_gold(options.gold).questions if half(question) == "dev"]
    os.environ["VERBATIM_READER"] = "trained"  # without it the network would not read along
    assistants = [Assistant.open(index) for index in options.index]
    constants: dict[str, str] = {}
    for name in ("PLAIN", "TRAINED"):
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
        path.write_text(text[: text.index("FIRST = (")] + "\n\n".join(constants.values()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
