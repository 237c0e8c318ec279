"""Compares the words of an answer with those that a gold question accepts."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence

from qa.schema import GoldQuestion
from qa.text import fold, words

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_SAME = str.maketrans("‐‑’", "--'")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_NO_ZERO = re.compile(r"(?<![\w.])\.(?=\d)")
_SIGNS = re.compile(r"[%<>=≤≥±]")
_MEMBERS = re.compile(r"\s*(?:[;•]|,(?!\d{3}(?!\d))|\band\b|\bor\b)\s*", re.IGNORECASE)


def normalize(text: str) -> str:
    """The normalisation of the SQuAD evaluation script: lower case, no ASCII punctuation, no articles, single spaces.

    Rajpurkar et al., 2016, https://arxiv.org/abs/1606.05250.

    >>> normalize("The  U.S.A., in a word")
    'usa in word'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, gold: Iterable[str]) -> float:
    """1 where the answer is one of the gold answers once both are normalised, else 0."""
    return float(any(normalize(answer) == normalize(accepted) for accepted in gold))


def f1(answer: str, gold: Iterable[str]) -> float:
    """The largest F1 of the answer's words against those of a gold answer, as bags, once both are normalised.

    Where either has no word left it is 1 if neither has, else 0 (the rule of SQuAD 2.0).

    >>> f1("4 mg per day", ["4 mg", "four mg"])
    0.666...
    """
    return max((_f1(normalize(answer).split(), normalize(accepted).split()) for accepted in gold), default=0.0)


def set_f1(answers: Iterable[str], members: Iterable[str]) -> float:
    """F1 of the things that a list answer names against the gold members, each normalised; both are split at , ; and, or.

    >>> set_f1(["nausea, headache and rash"], ["nausea", "headache"])
    0.8
    """
    said = {normalize(part) for answer in answers for part in _MEMBERS.split(answer)} - {""}
    wanted = {normalize(part) for member in members for part in _MEMBERS.split(member)} - {""}
    return 2 * len(said & wanted) / (len(said) + len(wanted)) if said or wanted else 1.0


def holds(text: str, accepted: str) -> bool:
    """Whether the words of `accepted` stand in `text` in a row.

    Compared without case, accents, articles and punctuation, but numbers and the signs % < > = ≤ ≥ ± stay what they are:
    SQuAD's normalisation would take "5.1%" for "51". An accepted answer without a word is never held.

    >>> holds("Mortality was 5.1% (the placebo group: 7.8%).", "7.8 %")
    True
    >>> holds("JAK1 and JAK 2", "1"), holds("5.1% of them", "51%"), holds("1,033 patients", "1033")
    (False, False, True)
    """
    wanted, said = tokens(accepted), tokens(text)
    if not wanted:
        return False
    return any(said[i : i + len(wanted)] == wanted for i in range(len(said) - len(wanted) + 1))


def in_quotes(quotes: Sequence[str], gold: GoldQuestion) -> bool:
    """Whether the quotes answer: the first holds an accepted answer; for a list, all of them together hold every member."""
    if gold.answers_all:
        return all(any(holds(quote, member) for quote in quotes) for member in gold.answers_all)
    return bool(quotes) and any(holds(quotes[0], accepted) for accepted in gold.answers)


def accepted_answers(gold: GoldQuestion) -> tuple[str, ...]:
    """What the short answer is compared with: the alternatives; of a list, its members in a row."""
    return ("; ".join(gold.answers_all),) if gold.answers_all else gold.answers


def tokens(text: str) -> list[str]:
    """Words, numbers and telling signs of a text in order, folded; thousands without commas, no articles.

    A capital A inside a sentence is a name: vitamin A.
    """
    text = _NO_ZERO.sub("0.", text.translate(_SAME))
    found: list[str] = []
    end = 0
    for word in words(text):
        found += _SIGNS.findall(text[end : word.start])
        named = word.text == "A" and bool(re.search(r"[\w,;(]\s*$", text[: word.start]))
        if named or not _ARTICLES.fullmatch(word.text.lower()):
            folded = fold(word.text)
            if _THOUSANDS.fullmatch(folded):
                folded = folded.replace(",", "")
            found += [folded] if folded[-1:].isdigit() else folded.split("-")  # "IFN-γ" is "IFN-gamma", two words
        end = word.end
    return found + _SIGNS.findall(text[end:])


def _f1(said: Sequence[str], wanted: Sequence[str]) -> float:
    if not said or not wanted:
        return float(said == wanted)
    common = sum((Counter(said) & Counter(wanted)).values())
    if not common:
        return 0.0
    precision, recall = common / len(said), common / len(wanted)
    return 2 * precision * recall / (precision + recall)
