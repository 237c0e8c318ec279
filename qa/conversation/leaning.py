"""Whether a question leans on what was said before it, and by which of its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.schema import Query, Term
from qa.text import STOP_WORDS, words

PREPOSITION = r"(?:in|for|with|without|on|at|by|from|of|to|among|after|before|during|under|over|against)"
SAME = rf"(?:is it |is that )?(?:the )?same(?=\s+(?:{PREPOSITION}|per|when|if)\b(?!-))"
"""The question before asked again: "same for children?"."""

OPENING = re.compile(
    r"^\W*(?:(?:(?:right|well|hm+)(?=\s*,)|(?:ok(?:ay)?|and|but|(?-i:or|Or)|so|then|also|what about|how about|what of|what else"
    rf"|{SAME})\b(?!-))[\s,]*)+",
    re.IGNORECASE,
)
"""Words at the head that tie a question to the one before and say nothing themselves."""

RETURN = re.compile(
    r"^\W*(?:(?:and|but|so|ok(?:ay)?)\b[\s,]*)?(?:going|coming|getting|turning|to go|to come|let'?s go|let us go)?\s*"
    r"(?:back\s+to\b|return(?:ing)?\s+to\b(?=\s+(?:the|that|this|those|these|what|our|my)\b))\s*",
    re.IGNORECASE,
)
"""A return to something said earlier than the last question."""

_PRONOUN = re.compile(r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|ones)\b", re.IGNORECASE)
# "that" and its kin point back unless a clause follows them ("cells that …") or they are told apart by one ("those who …").
_POINTER = re.compile(
    r"(?:^|(?<=\s))(?:that|this|these|those|such)(?:\s+(?:one|same|last|first|second|latter|former))*"
    r"(?=\s*\W*$|\s+(?!who\b|which\b|that\b|with\b|without\b)[a-z])",
    re.IGNORECASE,
)
THING = re.compile(
    r"\b(?:that|this)\s+(?:same\s+|very\s+)?(?:drug|medicine|medication|agent|compound|molecule|vaccine|gene|protein|enzyme|kinase"
    r"|receptor|antibody|cytokine|company|firm|maker)\b(?!-|\s+(?:of|that|which|who|called|named)\b)",
    re.IGNORECASE,
)
"""A name that was said, by the word for its kind."""
_BEFORE_POINTER = frozenset(
    ["is", "are", "was", "were", "does", "do", "did", "has", "have", "had", "can", "could", "would", "will", "should",
     "of", "in", "on", "at", "by", "to", "from", "for", "with", "about", "than", "as", "after", "before", "during",
     "and", "or", "like", "under", "behind", "why", "how", "when", "where", "what's", "who's", "but", "so", "if",
     "what", "which", "who", "among", "between", "without", "despite"]
)  # fmt: skip
_MORE = re.compile(
    r"\b(?:else|too|as well|another|others?|instead|the same|again|the rest|the latter|the former|the other|at that)\b",
    re.IGNORECASE,
)
_DEFINITE = re.compile(
    r"\bthe\s+([a-z]+)(?:['’]s?)?(?=\s*(?:[?.,;!]|$|\b(?:and|or|is|are|was|were|do|does|did|have|has)\b))"
)

FEW = 3
"""Things that a question speaks of below which it may be short of a subject; above twice as many it hardly is."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """How a question leans on what was said.

    `opened` is where its own words begin, behind "and", "what about", "back to"; one that `returns` goes back behind the last
    question; `pointers` are the places of pronouns and of "that …"; `more` asks for what else there is, `definite` for "the"
    thing that nothing in it names; a `fragment` has no clause of its own; a `thin` one speaks of few things and of no name; a
    short question that is `unnamed` has no name in it that tells passages apart.
    """

    opened: int = 0
    returns: bool = False
    pointers: tuple[tuple[int, int], ...] = ()
    more: bool = False
    definite: bool = False
    fragment: bool = False
    thin: bool = False
    unnamed: bool = False

    @property
    def surely(self) -> bool:
        """Whether its words show that something is left out."""
        return bool(self.opened or self.pointers or self.fragment)

    @property
    def any(self) -> bool:
        """Whether something may be left out: only then are other readings tried."""
        return self.surely or self.more or self.unnamed


def leaning(query: Query) -> Leaning:
    """How the question leans on what was said before it; all false where it stands alone."""
    text = query.text
    back = RETURN.match(text)
    opening = back or OPENING.match(text)
    opened = opening.end() if opening else 0
    named = [term for term in query.terms if term.named and term.telling]
    pointers = tuple(place for place in _pointers(text, named) if place[0] >= opened)
    content = [term for term in query.terms if not _asks(term)]
    strange = _is_strange(text, content)
    if strange and not (opened or pointers):
        return Leaning()
    fragment = len(content) < FEW + 2 * bool(opened) and not _has_clause(text[opened:])
    thin = len(content) <= FEW and not any(term.named for term in content)
    short = len(content) <= 2 * FEW
    more = short and bool(_MORE.search(text))
    definite = short and bool(_DEFINITE.search(text)) and not named
    unnamed = short and not named and not strange
    return Leaning(opened, back is not None, pointers, more, definite, fragment, thin, unnamed)


def _is_strange(text: str, content: list[Term]) -> bool:
    """Whether a question speaks of what the corpus does not: of another subject, or of nothing but a greeting."""
    known = [term.known for term in content]
    if _has_clause(text):
        return not all(known)
    return bool(known) and not any(known) and not any(word.text.lower() in ASKING for word in words(text))


def _asks(term: Term) -> bool:
    return term.surface.lower() in ("many", "much", "long", "often", "come")


def _pointers(text: str, named: list[Term]) -> list[tuple[int, int]]:
    """Places of the words that stand for something said; not those that can stand for a name earlier in the question."""
    first = min((text.find(term.surface) for term in named if term.surface in text), default=len(text))
    found = [match.span() for match in _PRONOUN.finditer(text) if match.start() < first]
    things = {match.start(): match.span() for match in THING.finditer(text) if match.start() < first}
    for match in _POINTER.finditer(text):
        before = text[: match.start()].split()
        pointing = not before or before[-1].lower().strip(",") in _BEFORE_POINTER
        if pointing and match.start() < first and match.start() not in things:
            found.append(match.span())
    found.extend(things.values())
    return sorted(found)


_AUXILIARY = frozenset(
    ["is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could", "may", "might", "must", "shall",
     "should", "will", "would", "isn", "aren", "wasn", "weren", "don", "doesn", "didn"]
)  # fmt: skip
ASKING = frozenset(["what", "which", "who", "whom", "whose", "when", "where", "why", "how"])
"""Words that ask."""

_SHORTENED = re.compile(
    r"n['’]t$|['’](?:d|re|ll|ve)$|^(?:what|who|where|when|how|why|it|that|there|here|he|she)['’]s$", re.IGNORECASE
)
"""A word with its verb: "what's", not the possessive of "baricitinib's"."""

_SO_MANY = re.compile(rf"\W*how (?:many|much|long|often)\s+(?:{PREPOSITION}|per)\b(?!-)", re.IGNORECASE)
"""What has no thing of its own: "how many on placebo?"."""


def _has_clause(text: str) -> bool:
    """Whether there is a verb, as far as its auxiliaries tell, or a question word with two words of content behind it."""
    tokens = list(words(text))
    lowered = [word.text.lower() for word in tokens]
    if any(word in _AUXILIARY or _SHORTENED.search(word) for word in lowered):
        return True
    if _SO_MANY.match(text):
        return False
    asking = next((i for i, word in enumerate(lowered) if word in ASKING), None)
    return asking is not None and sum(word.stem not in STOP_WORDS for word in tokens[asking:]) > 1
