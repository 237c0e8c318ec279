"""A follow-up question and the questions before it → a question that stands alone.

First form: a question that leans on what was said ("and for how long?", "what are its side effects?") gets the subject of the
question before it. A question with a subject of its own is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.text import STOP_WORDS, words

_LEANING = re.compile(
    r"^\W*(?:and|but|or|also|then|so|what about|how about|what of|what else|why|since when|how so|really)\b"
    r"|\b(?:it|its|they|them|their|theirs|this|that|those|these|he|she|his|her|him|one|ones|same|there)\b",
    re.IGNORECASE,
)
SHORT = 3
"""Words with a meaning of their own below which a question is taken to lean on the one before."""


def standalone(question: str, history: Sequence[str]) -> str:
    """The question, with the words of the last question that has a subject appended where it leans on one.

    >>> standalone("and for how long?", ["what is the baricitinib EUA dose"])
    'and for how long? (baricitinib EUA dose)'
    >>> standalone("who makes upadacitinib?", ["what is the baricitinib EUA dose"])
    'who makes upadacitinib?'
    """
    own = _content(question)
    if not history or not (_LEANING.search(question) or len(own) < 1):
        return question
    if len(own) > SHORT and not re.search(r"^\W*(?:and|what about|how about)\b", question, re.IGNORECASE):
        return question
    for before in reversed(history):
        if len(_content(before)) >= 2:
            carried = [word for word in _content(before) if word.casefold() not in {w.casefold() for w in own}]
            return f"{question} ({' '.join(carried)})" if carried else question
    return question


def _content(question: str) -> list[str]:
    return [
        word.text
        for word in words(question)
        if word.stem not in STOP_WORDS and word.stem not in ("long", "many", "much")
    ]
