"""Numbers that are written in words: "twenty-one", "a dozen"."""

from __future__ import annotations

import re

_ONES = {w: float(i) for i, w in enumerate("one two three four five six seven eight nine".split(), start=1)}
_TEENS = {
    word: float(i)
    for i, word in enumerate(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), start=10
    )
}
_TENS = {
    word: float(10 * i)
    for i, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SINGLE = {**_TEENS, **_ONES, "no": 0.0, "none": 0.0, "a dozen": 12.0}
"""Those that stand alone; of `_TENS` one of `_ONES` may follow."""

POWERS = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
"""What multiplies the number before it, in digits or in words."""

_OF_POWERS = rf"(?:{'|'.join(POWERS)})"
IN_WORDS = (
    rf"(?i:\b(?:(?:(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_ONES)}))?|{'|'.join(_SINGLE)})(?:[-\s]{_OF_POWERS}){{0,2}}"
    rf"|(?:an?\s)?{_OF_POWERS})\b)"
)
"""Pattern of a number in words, as a word of its own."""


def in_words(text: str) -> float | None:
    """The number that the words say; None where they are not one of IN_WORDS.

    >>> in_words("Twenty-one"), in_words("two hundred thousand"), in_words("a million"), in_words("a dozen"), in_words("some")
    (21.0, 200000.0, 1000000.0, 12.0, None)
    """
    said = " ".join(re.split(r"[-\s]+", text.strip().lower()))
    before, _, power = said.rpartition(" ")
    if power in POWERS:
        number = 1.0 if before in ("", "a") else in_words(before)
        return None if number is None else number * POWERS[power]
    tens, _, ones = said.partition(" ")
    if tens in _TENS and (not ones or ones in _ONES):
        return _TENS[tens] + _ONES.get(ones, 0.0)
    return _SINGLE.get(said)
