"""Authors as one text → names. Nothing is made up: what does not plainly have a family name stays whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """A person with a family name, or in `literal` a group or what cannot be told apart."""

    family: str = ""
    given: str = ""
    literal: str = ""

    @property
    def text(self) -> str:
        """The name with the family name first."""
        return self.literal or ", ".join(filter(None, (self.family, self.given)))


@dataclass(frozen=True, slots=True)
class Names:
    """The authors that are named, and what is said of others ("3 others", "et al.")."""

    names: tuple[Name, ...] = ()
    others: str = ""


_OTHERS = re.compile(
    r"(?:,|;|\band\b|&)*\s*((?:\d+\s+)?(?:(?:more|further)\s+)?others?|\d+\s+more(?:\s+authors?)?|et\s+al\.?)\s*$",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*,?\s+(?:and|&)\s+")
_UPPER = r"[^\W\d_a-z]"
_INITIALS = rf"{_UPPER}{{1,2}}\.(?:[ -]?{_UPPER}{{1,2}}\.)*"
_PARTICLES = r"(?:(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|el|al|ter|ten|zu|bin|ibn)\s+){0,3}"
_FAMILY = rf"{_PARTICLES}[^\W\d_][^\W\d_'’-]+(?:[-'’ ][^\W\d_]+)?"
_INITIALS_FIRST = re.compile(rf"({_INITIALS})\s*({_FAMILY})")
_INITIALS_LAST = re.compile(rf"({_FAMILY})\s+({_UPPER}{{1,3}}|{_INITIALS})")
_FULL = re.compile(
    rf"({_UPPER}[^\W\d_]+(?:[-'’][^\W\d_]+)?(?:\s+{_UPPER}\.?)*)\s+"
    rf"({_PARTICLES}[^\W\d_][^\W\d_'’-]+(?:[-'’][^\W\d_]+)*)"
)
_ONLY_INITIALS = re.compile(rf"{_UPPER}{{1,3}}|{_INITIALS}")
_GROUP = re.compile(
    r"\b(?:agency|administration|alliance|association|authors|board|cent(?:er|re)s?|collaborat\w+|college|commission|committee|"
    r"consortium|council|department|foundation|group|hospital|initiative|institutes?|investigators|ministry|network|office|"
    r"organi[sz]ation|panel|programme|program|registry|service|society|study|task force|team|trial|union|university|unit)\b",
    re.IGNORECASE,
)


def split_names(authors: str) -> Names:
    """The names in a text such as "A. Example, B. Sample", "Example A, Sample B and 3 others" or "WHO Working Group".

    Where a part is neither plainly a person nor a group, the whole is one literal name.

    >>> [name.text for name in split_names("A. Example, B. van Sample and WHO Working Group").names]
    ['Example, A.', 'van Sample, B.', 'WHO Working Group']
    >>> split_names("Example A, Sample B and 3 others").others
    '3 others'
    """
    text = " ".join(authors.split())
    others = ""
    if match := _OTHERS.search(text):
        others, text = match[1], text[: match.start()].rstrip(" ,;&")
    if not text:
        return Names((), others)
    for parts in (_parts(text, split_and=True), _parts(text, split_and=False)):
        found = [_name(part) for part in parts]
        names = tuple(name for name in found if name is not None)
        if names and len(names) == len(found):
            return Names(names, others)
    return Names((Name(literal=text),), others)


def _parts(text: str, *, split_and: bool) -> Sequence[str]:
    """The texts of single names: between semicolons where there are any, else between commas."""
    if ";" in text:
        pieces = text.split(";")
        pieces = [part for piece in pieces for part in (_AND.split(piece) if split_and else [piece])]
        return [piece.strip() for piece in pieces if piece.strip()]
    whole = _AND.split(text) if split_and else [text]
    if len(whole) > 1 and all(piece.count(",") == 1 for piece in whole):  # Example, Ada and Sample, Ben
        return whole
    pieces = [part.strip() for piece in whole for part in piece.split(",")]
    if len(pieces) % 2 == 0 and all(_ONLY_INITIALS.fullmatch(initials) for initials in pieces[1::2]):
        return [f"{family}, {initials}" for family, initials in zip(pieces[::2], pieces[1::2], strict=True)]
    return [piece for piece in pieces if piece]


def _name(part: str) -> Name | None:
    """The name, or None where it is neither plainly a person nor a group."""
    if part.count(",") == 1:
        family, given = (piece.strip() for piece in part.split(","))
        return Name(family, given) if family and given and not _GROUP.search(part) else None
    if _GROUP.search(part):
        return Name(literal=part)
    if match := _INITIALS_FIRST.fullmatch(part):
        return Name(match[2], match[1])
    if match := _INITIALS_LAST.fullmatch(part):
        return Name(match[1], match[2])
    if match := _FULL.fullmatch(part):
        return Name(match[2], match[1])
    return None
