"""Training questions made of plain text: a sentence with a name, number, date or phrase taken out and asked for.

Nobody wrote these questions, so they are rough, but they come from thousands of sentences where the written ones come from
hundreds. A question is put to the text around its sentence, or to other sentences of the section that hold the same words, so
that the answer cannot be found by the question's own words alone (Lewis et al. 2019, arXiv 1906.04980; Fabbri et al. 2020,
arXiv 2004.11892).
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from reader_examples import Example, run_of, squad, untokenised

from qa.text import STOP_WORDS, sentences

Section = tuple[str, tuple[str, ...]]
"""Title and headings, and the sentences."""

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(rf"\b(?:\d{{1,2}} (?:{MONTHS}) \d{{4}}|(?:{MONTHS})(?: \d{{1,2}},?)? \d{{4}}|(?:1[5-9]|20)\d\d)\b")
_SHARE = re.compile(r"\b\d+(?:\.\d+)?(?:%| percent| per cent)")
_COUNT = re.compile(
    r"\b(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|two|three|four|five|six|seven|eight|nine|ten)(?= [a-z]{3,})"
)
_NAME = re.compile(r"(?<=[\w,] )[A-Z][\w'.-]*\w(?: (?:(?:of|de|the|and) )?[A-Z][\w'-]+)*")
_QUOTED = re.compile(r'(?<=")[^"]{3,60}(?=")')
_REASON = re.compile(r"\b(?:because|due to|in order to|so that) [^,;.]{10,120}")
_PHRASE = re.compile(
    r"\b(?:the|an|of|by|as|in|to) (?P<answer>(?:[a-z][a-z-]{2,} ){0,3}[a-z][a-z-]{3,})"
    r"(?=[,.;)]| (?:of|in|to|by|for|and|is|are|was|were|that|which|with|from|on|at)\b)"
)

_ASKS = {
    "date": ("when", "in what year", "what year", "on what date", "since when"),
    "share": ("what percentage", "how much", "what share", "what proportion"),
    "count": ("how many",),
    "quoted": ("what", "which"),
    "reason": ("why",),
    "phrase": ("what", "what", "what", "what kind of thing", "which"),
}  # fmt: skip
_KINDS = (
    ("date", _DATE, 1.0),
    ("share", _SHARE, 1.5),
    ("count", _COUNT, 1.0),
    ("name", _NAME, 1.2),
    ("quoted", _QUOTED, 0.5),
    ("reason", _REASON, 1.5),
    ("phrase", _PHRASE, 1.0),
)
_AUXILIARY = re.compile(
    r"^(?P<subject>(?:[\w'-]+ ){1,6}?)(?P<verb>was|were|is|are|had|has|have|can|could|will|would|may|must|did|does) "
)
_CLAUSE = re.compile(r"[;:]|, (?:which|who|and|but|while|where|although|because|with)\b| - ")

ELSEWHERE = 0.3
"""Share of the questions that are put to other sentences than their own, where there are some that hold the words."""

WITHOUT = 0.12
"""Share put to a text of the same section that does not hold the words."""


def wikipedia(folder: Path) -> list[Section]:
    """The sections and paragraphs of the two data sets that are from Wikipedia; their own questions play no part."""
    found: dict[Section, None] = {}
    for name in ("dev", "test"):
        for item in json.loads((folder / f"reader/selqa_ass_{name}.json").read_text(encoding="utf-8")):
            found[f"{item['article']}. {item['section']}. ", tuple(item["candidates"])] = None
    for title, context, *_ in squad(folder / "reader/qed.json"):
        text, _ = untokenised(context, [])
        found[f"{title}. ", tuple(text[a:b] for a, b in sentences(text))] = None
    return list(found)


def clozes(sections: Sequence[Section], rng: random.Random) -> Iterator[Example]:
    """For each sentence one question, where one can be made of it."""
    for head, told in sections:
        for i, sentence in enumerate(told):
            if 6 <= len(sentence.split()) <= 45:
                yield from _of(head if rng.random() < 0.7 else "", told, i, rng)


def _of(head: str, told: Sequence[str], i: int, rng: random.Random) -> Iterator[Example]:
    found = [
        (kind, *match.span("answer" if "answer" in pattern.groupindex else 0), weight)
        for kind, pattern, weight in _KINDS
        for match in pattern.finditer(told[i])
        if not (kind == "name" and match.group() in MONTHS)
    ]
    if not found:
        return
    kind, start, end, _ = rng.choices(found, [item[3] for item in found])[0]
    answer = told[i][start:end]
    question = asked(told[i], start, end, kind, rng)
    if len(question.split()) < 4:
        return
    elsewhere = [j for j, other in enumerate(told) if j != i and answer in other]
    without = [j for j, other in enumerate(told) if answer not in other]
    draw = rng.random()
    if draw < WITHOUT and len(without) > 1:
        begin, stop = run_of(told, rng.choice(without), rng, rng.randint(30, 110))
        text = " ".join(told[j] for j in range(begin, stop) if j in without)
        yield Example(question, head + text, None, text_start=len(head), origin="cloze")
        return
    right = rng.choice(elsewhere) if elsewhere and draw < WITHOUT + ELSEWHERE else i
    begin, stop = run_of(told, right, rng, rng.randint(30, 130))
    kept = [j for j in range(begin, stop) if j == right or right == i or j != i]
    first = len(head) + sum(len(told[j]) + 1 for j in kept if j < right)
    place = start if right == i else told[right].index(answer)
    yield Example(
        question,
        head + " ".join(told[j] for j in kept),
        (first + place, first + place + len(answer)),
        text_start=len(head),
        origin="cloze",
    )


def asked(sentence: str, start: int, end: int, kind: str, rng: random.Random) -> str:
    """A question for the characters [start, end) of a sentence, in one of several orders of its words."""
    cuts = [0, *(m.start() for m in _CLAUSE.finditer(sentence)), len(sentence)]
    begin = max(c for c in cuts if c <= start)
    stop = min(c for c in cuts if c >= end)
    if len(sentence[begin:stop].split()) < 6 or rng.random() < 0.3:
        begin, stop = 0, len(sentence)
    before = sentence[begin:start].strip(' ,;:-"(')
    after = sentence[end:stop].strip(' .,;:-")')
    before = re.sub(r"^(?:which|who|and|but|while|where|although|because|with) ", "", before)
    word = _word(kind, before, rng)
    before = re.sub(r"\b(?:the|a|an)$", "", before).strip()
    if rng.random() < 0.6:
        before = re.sub(r"\b(?:in|on|at|by|of|to|for|since|from)$", "", before).strip()
    before = _thinned(before, rng)
    after = _thinned(after, rng)
    moved = _AUXILIARY.match(before + " ")
    draw = rng.random()
    if not before:
        parts = (word, after)
    elif moved and draw < 0.6:
        parts = (word, moved["verb"], moved["subject"].strip(), before[moved.end() :], after)
    elif draw < 0.75:
        parts = (word, "did" if rng.random() < 0.4 else "", before, after)
    elif draw < 0.9:
        parts = (word, after, before)
    else:
        parts = (before, word, after)
    question = " ".join(part for part in parts if part)
    if rng.random() < 0.4:
        question = question.lower()
    return question[:1].upper() + question[1:] + ("?" if rng.random() < 0.8 else "")


def _word(kind: str, before: str, rng: random.Random) -> str:
    if kind != "name":
        return rng.choice(_ASKS[kind])
    last = before.rsplit(" ", 1)[-1].lower()
    if last in ("in", "at", "near", "from"):
        return rng.choice(("where", "where", "in which place", "what", "which country", "which city"))
    return rng.choice(("who", "who", "what", "what", "which one", "what company", "which person", "what name"))


def _thinned(text: str, rng: random.Random) -> str:
    """The text without some of its words, and at most the 14 that stand nearest: people do not ask in whole sentences."""
    lost = rng.choice((0.0, 0.0, 0.1, 0.25))
    kept = [w for w in text.split() if rng.random() >= (lost if w.lower() in STOP_WORDS or rng.random() < 0.6 else 0.0)]
    return " ".join(kept[-14:])
