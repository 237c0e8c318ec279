"""Training examples of the reader: question, passage, and where in it the answer stands, from the shared data sets.

Every data set is read from `../shared/data` (`$VERBATIM_SHARED`). XQuAD is for measuring only and is not read here.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.assistant import PROJECT

SHARED = Path(os.environ.get("VERBATIM_SHARED") or PROJECT.parent / "shared") / "data"

MEASURED = "Wiki1k:wikipedia:27692:39:"
"""The sentences of QAMR that are a paragraph of XQuAD as well: for measuring only."""

NEGATIVES = 0.15
"""Share of the examples of a data set that are put once more, to a text that does not answer them."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question put to a text. An answer may stand from `text_start` on; what is before is title and section.

    `answer` are characters of the text. `exact`: the answer is these words; otherwise it lies somewhere within them. No
    answer: the text does not hold one. Not `labelled`: nobody has judged whether it does.
    """

    question: str
    text: str
    answer: tuple[int, int] | None
    exact: bool = True
    text_start: int = 0
    origin: str = ""
    labelled: bool = True


def squad(path: Path) -> Iterator[tuple[str, str, str, int, int]]:
    """Title, context, question and the first answer's characters."""
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for item in paragraph["qas"]:
                if item["answers"]:
                    answer = item["answers"][0]
                    start = answer["answer_start"]
                    yield article["title"], paragraph["context"], item["question"], start, start + len(answer["text"])


# What tokenisation put in: spaces before closing marks, behind opening ones and around hyphens, and names of brackets and quotes.
_TOKENISED = re.compile(
    r" ?(?P<close>-RRB-|-RSB-|'')| (?=[,.;:?!)\]%]|'s\b|n't\b|'(?:ll|re|ve|d|m)\b)|(?<=[(\[$]) | (?=- \w)|(?<= -) "
    r"|(?P<open>-LRB-|-LSB-|``) ?"
)
_MARKS = {"-RRB-": ")", "-RSB-": "]", "''": '"', "-LRB-": "(", "-LSB-": "[", "``": '"'}


def untokenised(text: str, spans: Iterable[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """The text without the marks of tokenisation, and the spans moved along.

    >>> untokenised("less than 1 % -LRB- per year -RRB- .", [(10, 13)])
    ('less than 1% (per year).', [(10, 12)])
    """
    changes = [
        (match.start(), match.end(), _MARKS[match["open"] or match["close"]] if match["open"] or match["close"] else "")
        for match in _TOKENISED.finditer(text)
    ]

    def moved(offset: int) -> int:
        return offset - sum(min(end, offset) - start - len(mark) for start, end, mark in changes if start < offset)

    return _TOKENISED.sub(lambda m: _MARKS[m["open"] or m["close"]] if m["open"] or m["close"] else "", text), [
        (moved(start), moved(end)) for start, end in spans
    ]


def qamr(folder: Path, rng: random.Random) -> Iterator[Example]:
    """Questions over one sentence; two in three among other sentences of the same article, so that it has to be found."""
    sentences: dict[str, str] = {}
    asked: dict[str, list[tuple[str, tuple[int, int]]]] = {}
    for title, context, question, start, end in squad(folder / "reader/qamr.json"):
        if title.startswith(MEASURED):
            continue
        sentences[title], (span,) = untokenised(context, [(start, end)])
        asked.setdefault(title, []).append((question, span))
    articles: dict[str, list[str]] = {}
    for title in sorted(sentences, key=lambda title: [int(n) if n.isdigit() else n for n in title.split(":")]):
        articles.setdefault(title.rsplit(":", 2)[0], []).append(title)
    for names in articles.values():
        for i, title in enumerate(names):
            for question, span in asked[title]:
                around = rng.choice((0, 1, 2, 3, 5))
                before = rng.randint(0, around)
                chosen = [*names[max(0, i - before) : i], title, *names[i + 1 : i + 1 + around - before]]
                if rng.random() < 0.3 and around:  # sentences of other articles, in any order
                    chosen = [title, *rng.sample(sorted(sentences), around)]
                    rng.shuffle(chosen)
                shift = sum(len(sentences[name]) + 1 for name in chosen[: chosen.index(title)])
                text = " ".join(sentences[name] for name in chosen)
                yield Example(question, text, (span[0] + shift, span[1] + shift), origin="qamr")
                others = [name for name in names if name not in chosen]
                if others and rng.random() < NEGATIVES:
                    few = rng.sample(others, min(len(others), 1 + around))
                    yield Example(question, " ".join(sentences[name] for name in few), None, origin="qamr")


def policyqa(folder: Path, rng: random.Random) -> Iterator[Example]:
    """Questions over paragraphs of privacy policies."""
    by_context: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    for title, context, question, start, end in squad(folder / "reader/policyqa.json"):
        by_context.setdefault((title, context), []).append((question, start, end))
    contexts = sorted(by_context)
    for title, context in contexts:
        for question, start, end in by_context[title, context]:
            yield Example(question, context, (start, end), origin="policyqa")
            if rng.random() < NEGATIVES:
                same = [other for other in contexts if other[0] == title and other[1] != context]
                if same and not any(question == q for other in same for q, *_ in by_context[other]):
                    yield Example(question, rng.choice(same)[1], None, origin="policyqa")


def qed(folder: Path, rng: random.Random) -> Iterator[Example]:
    """Search questions over Wikipedia paragraphs, behind their title."""
    items = list(squad(folder / "reader/qed.json"))
    for title, context, question, start, end in items:
        context, (span,) = untokenised(context, [(start, end)])
        head = f"{title}. " if rng.random() < 0.7 else ""
        span = (span[0] + len(head), span[1] + len(head))
        yield Example(question, head + context, span, text_start=len(head), origin="qed")
        if rng.random() < NEGATIVES:
            other = rng.choice(items)
            if other[0] != title:
                yield Example(question, f"{other[0]}. {other[1]}", None, text_start=len(other[0]) + 2, origin="qed")


def selqa(folder: Path, rng: random.Random) -> Iterator[Example]:
    """Questions over runs of sentences of a section, where the sentence that answers is known and the words are not.

    The same question over a run without that sentence is a hard negative.
    """
    for name in ("dev", "test"):
        for item in json.loads((folder / f"reader/selqa_ass_{name}.json").read_text(encoding="utf-8")):
            yield from _selqa(item, rng)


def _selqa(item: dict[str, Any], rng: random.Random) -> Iterator[Example]:
    sentences = item["candidates"]
    head = f"{item['article']}. {item['section']}. " if rng.random() < 0.7 else ""
    if len(item["answers"]) != 1:
        return
    right = item["answers"][0]
    begin, end = run_of(sentences, right, rng)
    start = len(head) + sum(len(sentence) + 1 for sentence in sentences[begin:right])
    text = head + " ".join(sentences[begin:end])
    span = (start, start + len(sentences[right]))
    yield Example(item["question"], text, span, exact=False, text_start=len(head), origin="selqa")
    rest = [i for i in range(len(sentences)) if not begin <= i < end]
    if rest and rng.random() < 0.6:
        begin, end = run_of(sentences, rng.choice(rest), rng)
        run = [sentences[i] for i in range(begin, end) if i != right]
        yield Example(item["question"], head + " ".join(run), None, text_start=len(head), origin="selqa")


def run_of(sentences: Sequence[str], around: int, rng: random.Random, words: int = 110) -> tuple[int, int]:
    """A run of sentences with the one at `around`, of about `words` words."""
    begin, end = around, around + 1
    size = len(sentences[around].split())
    while size < words and (begin > 0 or end < len(sentences)):
        if begin > 0 and (end == len(sentences) or rng.random() < 0.5):
            begin -= 1
            size += len(sentences[begin].split())
        else:
            size += len(sentences[end].split())
            end += 1
    return begin, end
