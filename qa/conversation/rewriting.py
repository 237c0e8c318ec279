"""The questions that a follow-up question may stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qa.conversation.kinds import Kinds
from qa.conversation.leaning import ASKING, PREPOSITION, THING, Leaning
from qa.schema import Exchange, Query, Term
from qa.text import STOP_WORDS, capitalised, words

Understand = Callable[[str], Query]

MAX_REFERENT = 6
"""Words that an answer may have to be put in the place of a pronoun; of a longer one the names are."""
MAX_CARRIED = 8
"""Things of earlier questions that are carried over; a long conversation would drown the question."""
SAME_KIND = 1.5
"""Likeness from which on two things are of one kind."""
MAX_PLACED = 2
"""Names of the question before that are put in the place of a pronoun, the most telling first."""
MAX_NAMES = 3
"""Names of an answer that are carried over."""
MAX_MEMBERS, MEMBER_WORDS = 6, 4
"""Members of a list that are, and the words that each of them may have."""


class How(StrEnum):
    """What was done to a question."""

    AS_IS = "as it is"
    NAMES = "with the names of the question before"
    TOPIC = "with all that the question before was about"
    PLACED = "with a name of the question before in the place of a pronoun"
    ANSWER = "with the words of the answer before"
    REPLACED = "the question before with another thing in the place of one of its kind"
    ADDED = "the question before with something added"
    EARLIER = "with the topic of an earlier question"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that may be meant, and how it came about; `fit` is how far what was replaced is of the same kind."""

    text: str
    how: How = How.AS_IS
    fit: float = 0.0


def candidates(
    query: Query, lean: Leaning, before: Sequence[Exchange], understand: Understand, kinds: Kinds
) -> list[Candidate]:
    """The questions that may be meant, each text once; `before` are the earlier turns, oldest first, at least one."""
    own = query.text[lean.opened :].strip() if lean.returns else query.text
    found: dict[str, Candidate] = {}
    for candidate in _all(query, own, lean, before, understand, kinds):
        found.setdefault(" ".join(candidate.text.casefold().split()), candidate)
    return list(found.values())


def _all(
    query: Query, own: str, lean: Leaning, before: Sequence[Exchange], understand: Understand, kinds: Kinds
) -> Iterator[Candidate]:
    last = before[-1]
    topic = understand(last.query)
    bare = lean.fragment and asks(query.text[lean.opened :])
    carried = [
        term
        for term in topic.terms
        if not _among(term, query.terms) and not _rivals(term, query, kinds) and term.surface.lower() not in _EMPTY
    ]
    if not carried or not (lean.surely and (lean.thin or lean.fragment)) or lean.returns or _by_itself(query, lean):
        yield Candidate(own, How.AS_IS)
    if lean.fragment and not bare:
        yield from _replaced(query, lean, topic, kinds)
    names = [term for term in carried if term.named] or [term for term in carried if _is_proper(term, topic)]
    pointer = query.text[slice(*lean.pointers[0])].lower() if lean.pointers else ""
    if pointer and not lean.returns and pointer not in _OF_SEVERAL:
        yield from _placed_in(query, lean, last, names)
    if carried:
        yield Candidate(_with(own, [term.surface for term in carried[-MAX_CARRIED:]]), How.TOPIC)
    # "That drug" is one of the names, not all of them; "and the maker?" keeps what was asked about, not what of it.
    another = lean.fragment and (bare or names_its_own(query) or _PREPOSITION.match(query.text[lean.opened :].strip()))
    if names and not another and pointer not in _OF_SEVERAL and not THING.fullmatch(pointer):
        yield Candidate(_with(own, [term.surface for term in names]), How.NAMES)
    said = _said(last, topic) if pointer or lean.definite else []
    if said:
        yield Candidate(_with(own, said), How.ANSWER)
    if lean.returns:
        yield from _earlier(query, own, before[:-1], understand)


_OF_SEVERAL = frozenset(["they", "them", "their", "theirs", "those", "these", "ones", "that", "this", "such"])
"""Pronouns that stand for people, several things, or all that was said, not for one named thing."""
_EMPTY = frozenset(
    ["else", "too", "another", "other", "others", "again", "instead", "one", "ones", "many", "much", "come", "same"]
)
"""Words that say nothing once they stand in another question."""


def _rivals(term: Term, query: Query, kinds: Kinds) -> bool:
    """Whether the question names another thing of the same kind, in the place of which the term does not belong."""
    return any(kinds.alike(term, own) >= SAME_KIND for own in query.terms if own.named)


def _is_proper(term: Term, topic: Query) -> bool:
    """Whether a word is written as a proper name inside the question: known to everybody, it is no name for the rankers."""
    return term.surface[:1].isupper() and not topic.text.startswith(term.surface)


def _by_itself(query: Query, lean: Leaning) -> bool:
    """Whether words for a search engine ("tofacitinib thrombosis") are a question of their own: a name, and what of it."""
    return not (lean.opened or lean.pointers) and len(query.terms) > 1 and names_its_own(query)


def names_its_own(query: Query) -> bool:
    """Whether a question holds a name that tells passages apart."""
    return any(term.named and term.telling for term in query.terms)


def asks(text: str) -> bool:
    """Whether a fragment is a question of its own ("since when?", "on what grounds?"), not a thing asked about."""
    return any(word.text.lower() in ASKING for word in words(text))


_LIMP = re.compile(r"\s*\b(?:ones?|bit|part|thing|side|then|instead|too|as well)?\W*$", re.IGNORECASE)
_PREPOSITION = re.compile(
    rf"^(?:{PREPOSITION}|versus|vs|as|when|if)\b\s*(?:the|a|an)?\s*\b",
    re.IGNORECASE,
)


def _replaced(query: Query, lean: Leaning, topic: Query, kinds: Kinds) -> Iterator[Candidate]:
    """The question before with the thing named now: in the place of what is most of its kind, and added to it."""
    piece = _LIMP.sub("", query.text[lean.opened :]).strip()
    thing = re.sub(r"^(?:the|a|an)\s+", "", _PREPOSITION.sub("", piece), flags=re.IGNORECASE)
    new = [term for term in query.terms if not _among(term, topic.terms) and term.surface in thing]
    old = [term for term in topic.terms if not _among(term, query.terms)]
    if not new:
        if thing:
            yield from _led_otherwise(piece, thing, lean, topic)
        return
    if len(new) < len([term for term in query.terms if term.surface in thing]):
        thing = " ".join(term.surface for term in new)
    fits = [(max(kinds.alike(term, other) for term in new), i, other) for i, other in enumerate(old)]
    for fit, _, other in sorted(fits, key=lambda item: (-item[0], item[1]))[:2]:
        place = re.search(rf"(?<!\w){re.escape(other.surface)}(?!\w)", topic.text)
        if place and fit > 0:
            start, end = capitalised(topic.text, *place.span())
            yield Candidate(topic.text[:start] + thing + topic.text[end:], How.REPLACED, fit)
    best = max((fit for fit, _, _ in fits), default=0.0)
    if best == 0 or (best < SAME_KIND and _PREPOSITION.match(piece)):
        yield Candidate(f"{topic.text.rstrip(' ?.!')} {piece}?", How.ADDED)


def _led_otherwise(piece: str, thing: str, lean: Leaning, topic: Query) -> Iterator[Candidate]:
    """The question before with another preposition: "and without X?", or "without it?", behind "… with X"."""
    led = _PREPOSITION.match(piece)
    for name in [term.surface for term in topic.terms if term.named] if lean.pointers else [thing]:
        place = re.search(rf"(?<!\w)(?:{PREPOSITION}|plus|and|or)\s+(?:the\s+)?{re.escape(name)}(?!\w)", topic.text)
        if led and place:
            text = f"{topic.text[: place.start()]}{led.group().strip()} {name}{topic.text[place.end() :]}"
            yield Candidate(text, How.REPLACED, SAME_KIND)
            return


_AMOUNT = re.compile(
    r"(?:(?:in|on|by|about|around|only|nearly|over|up to|at least|more than|less than)\s+)*"
    r"(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+)?\W*\d(?![\d.,]*-[a-z])",
    re.IGNORECASE,
)
"""A date or an amount, which "it" does not stand for."""


def _placed_in(query: Query, lean: Leaning, last: Exchange, names: Sequence[Term]) -> Iterator[Candidate]:
    """With what a pronoun may stand for in its place: the answer before, and the most telling names of the question before."""
    short = last.short.strip(" .;,")
    named = any(len(w.text) > 1 and w.text.isalpha() for w in words(short)) and not _AMOUNT.match(short)
    if named and len(short.split()) <= MAX_REFERENT:
        yield Candidate(_placed(query.text, lean.pointers, short), How.ANSWER)
    for name in _most_telling(names):
        yield Candidate(_placed(query.text, lean.pointers, name.surface), How.PLACED)


def _most_telling(names: Sequence[Term]) -> list[Term]:
    """The names that say most, numbers left out."""
    spelt = [term for term in names if any(map(str.isalpha, term.surface))]
    return sorted(spelt, key=lambda term: -term.weight)[:MAX_PLACED]


def _placed(text: str, pointers: Sequence[tuple[int, int]], referent: str) -> str:
    """The text with the referent in the place of the first pronoun."""
    start, end = pointers[0]
    owner = text[start:end].lower() in ("its", "their", "his", "her") and bool(re.match(r"\s*\w", text[end:]))
    return text[:start] + referent + ("'s" if owner else "") + text[end:]


def _said(last: Exchange, topic: Query) -> list[str]:
    """The members of the list that was the answer before, or the names in it; those that its question did not hold."""
    known = {word.stem for word in words(topic.text)} | {
        key for term in topic.terms for v in term.variants for key in v
    }
    members = [member for member in last.short.split("; ") if not _AMOUNT.match(member)]
    if len(members) > 1 and all(len(member.split()) <= MEMBER_WORDS for member in members):
        return [member for member in members if not {word.stem for word in words(member)} <= known][:MAX_MEMBERS]
    found: dict[str, str] = {}
    for word in words(last.short):
        name = any(c.isupper() for c in word.text[1:]) or (any(map(str.isdigit, word.text)) and word.text[0].isalpha())
        if name and word.stem not in known and word.stem not in STOP_WORDS:
            found.setdefault(word.stem, word.text)
    return list(found.values())[:MAX_NAMES]


def _earlier(query: Query, own: str, before: Sequence[Exchange], understand: Understand) -> Iterator[Candidate]:
    """With the topic of the latest earlier question that shares a thing with this one, else of the first one."""
    if not before:
        return
    topics = [understand(exchange.query) for exchange in before]
    sharing = [topic for topic in topics if any(_among(term, topic.terms) and term.telling for term in query.terms)]
    topic = (sharing or topics[:1])[-1]
    carried = [term for term in topic.terms if not _among(term, query.terms)]
    if carried:
        chosen = [term for term in carried if term.named] or carried
        yield Candidate(_with(own, [term.surface for term in chosen]), How.EARLIER)


def _among(term: Term, terms: Sequence[Term]) -> bool:
    """Whether one of the terms names the same thing."""
    return any(set(term.variants) & set(other.variants) for other in terms)


def _with(text: str, carried: Sequence[str]) -> str:
    return f"{text} ({' '.join(carried)})"
