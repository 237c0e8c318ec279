"""Enumerations in a sentence or cell: "A, B (the b) and C" → the places of A, B and C.

Where the first member begins and the last one ends is told by words that carry grammar (prepositions, verbs, relative pronouns)
and by what stands in brackets; there is no parser. Nothing here knows a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Range = tuple[int, int]
_Chunk = tuple[int, int, str]
"""A stretch between two separators, and the separator before it."""

MOST_WORDS = 9
"""Words of a member; what is longer between two commas is a clause."""

_SEPARATOR = re.compile(
    r"\s*(?:;|[,،](?!\d))\s*(?:(?:and/or|and|or|but also|as well as|nor)\b\s*)?"
    r"|\s+(?:and/or|and|or|but also|as well as|nor|&|plus|versus)(?:\s*,)?\s+",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[^\s,;]+")
_BOUND = re.compile(
    r"(?:more|less|fewer|older|younger|over|under|above|below|higher|lower|greater|later|earlier|longer|shorter)(?![\w-])",
    re.IGNORECASE,
)
_NUMBER_BEFORE = re.compile(r"\d\S*(?:\s[^\W\d]+)?\Z")
"""What stands behind and before the "or" of a limit: 50% or more, 3 years or over."""

LIMIT = 30
"""Characters before such an "or" within which its number stands."""

_YEAR = re.compile(r"[,،]\s*(?:19|20)\d\d\b")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")

# Words that no member holds: it begins behind them or ends before them.
_HARD = frozenset(
    """
    is are was were be been being am has have had having do does did can could may might must shall should will would
    which who whom whose that because although though while whereas when where if unless until since whether but than
    not namely including include includes included such like e.g. i.e. viz following both either neither also then
    thus among between through via within during after before against under over into onto upon towards toward across
    per comprise comprises comprised contain contains contained concern concerns involve involves involved inhibit
    inhibits target targets targeted block blocks blocked cause causes caused show shows showed shown use uses used
    using need needs receive receives received get gets got give gives gave given take takes took taken reduce reduces
    reduced treat treats increase increases increased affect affects affected improve improves improved encode encodes
    encoded express expresses expressed produce produces produced become becomes became remain remains remained exist
    occur occurs occurred see saw seen find finds found observe observed report reports reported detect detected
    identify identified cover covers covered compare compares compared associated list lists listed name names named
    call called known there here it they we this these those them together respectively suggest suggests consist
    consists require requires required avoid limit prevent develop developed belong belongs share shares shared bind
    binds exert exerts as only
    """.split()
)
# Words that a member can hold inside ("failure of end organs") but at its outer edge ends it.
_SOFT = frozenset("in on at by for from with without to about due around".split())
# What stands before a member again, and belongs to none: "by touch, and then by coughing".
_REPEATABLE = _SOFT | frozenset("of and or then also".split())
_LEADING = frozenset("the a an of any some other all its their his her our further more most".split())
_ARTICLES = frozenset("the its their his her our".split())


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Places of two or more members, in order."""

    members: tuple[Range, ...]

    @property
    def start(self) -> int:
        return self.members[0][0]

    @property
    def end(self) -> int:
        return self.members[-1][1]


def enumerations(text: str) -> list[Enumeration]:
    """Every enumeration of a sentence, those in brackets too, in order of their place.

    >>> text = "Its effects are infectious (cough, fever, sepsis) and metabolic, and it may cause weight gain or gout in men."
    >>> [[text[a:b] for a, b in found.members] for found in enumerations(text)]
    [['infectious', 'metabolic'], ['cough', 'fever', 'sepsis'], ['weight gain', 'gout']]
    """
    found: list[Enumeration] = []
    flat, inner = _without_brackets(text)
    for start, end in _clauses(flat):
        found += _runs(flat, start, end)
    for start, end in inner:
        listed = members_of(text, start, end)
        if len(listed) > 2 or (len(listed) == 2 and not re.search(r"\d\s*%|=|±|[<>]", text[start:end])):
            found.append(Enumeration(tuple(listed)))
    return sorted(found, key=lambda item: (item.start, -item.end))


def members_of(text: str, start: int = 0, end: int | None = None) -> list[Range]:
    """The members of a cell or bracket that is nothing but an enumeration; a single one where it is none.

    Where there are semicolons these separate, and commas belong to the members; "or" belongs to one where a comma with a
    conjunction of its own comes last.

    >>> text = "anemia < 8 g/dL; low platelets, rarely; 1,000 cells"
    >>> [text[a:b] for a, b in members_of(text)]
    ['anemia < 8 g/dL', 'low platelets, rarely', '1,000 cells']
    >>> text = "none, high flow or mask, and a tube for 3 days or more"
    >>> [text[a:b] for a, b in members_of(text)]
    ['none', 'high flow or mask', 'a tube for 3 days or more']
    """
    end = len(text) if end is None else end
    flat = _without_brackets(text[start:end])[0]
    cuts = list(_separators(flat))
    if any(";" in cut.group() for cut in cuts):
        cuts = [cut for cut in cuts if ";" in cut.group()]
    elif cuts and re.match(r"\s*[,،]\s*\w", cuts[-1].group()):
        cuts = [cut for cut in cuts if cut.group().strip().lower() != "or"]
    places, begin = [], 0
    for cut in [*cuts, None]:
        stop = cut.start() if cut else len(flat)
        place = _stripped(flat, begin, stop)
        if place and flat[place[0] : place[1]].lower() not in _HARD:
            places.append((start + place[0], start + place[1]))
        begin = cut.end() if cut else stop
    return places


def members_within(text: str, start: int, end: int) -> list[Range]:
    """The members of a stretch of a sentence that was pointed at, without the prepositions and articles that they repeat.

    Empty where it is no enumeration: one name, or clauses.

    >>> text = "It spreads by coughing, by the touch (of hands) or in water from wells."
    >>> [text[a:b] for a, b in members_within(text, 11, len(text) - 1)]
    ['coughing', 'touch', 'water from wells']
    """
    found: list[Range] = []
    for begin, stop in members_of(text, start, end):
        place: Range | None = (begin, stop)
        while place and (token := _TOKEN.match(text, *place)) and token.group().lower() in _REPEATABLE:
            place = _stripped(text, token.end(), stop)
        if place and len(text[slice(*place)].split()) > MOST_WORDS:
            return []
        found += [place] if place else []
    return found if len(found) > 1 and not _one_name(text, found) else []


def _without_brackets(text: str) -> tuple[str, list[Range]]:
    """The text with blanks for what is in brackets, of the same length, and the places of the innermost contents."""
    inner: list[Range] = []

    def blank(match: re.Match[str]) -> str:
        inner.append((match.start() + 1, match.end() - 1))
        return " " * len(match.group())

    return _BRACKETS.sub(blank, text), inner


def _clauses(flat: str) -> Iterator[Range]:
    """The stretches between colons, dashes and ends of cells, which no enumeration crosses; a cell goes on behind a comma."""
    begin = 0
    for match in re.finditer(r":\s|\s[-–—]\s|—|(?<![,;])(?<!\band)(?<!\bor)\n", flat):
        yield begin, match.start()
        begin = match.end()
    yield begin, len(flat)


def _separators(flat: str) -> Iterator[re.Match[str]]:
    for match in _SEPARATOR.finditer(flat):
        year = _YEAR.match(flat, match.start()) and flat[: match.start()][-1:].isdigit()
        if not (year or _tells_a_limit(flat, match) or _within_name(flat, match)):
            yield match


def _tells_a_limit(flat: str, match: re.Match[str]) -> bool:
    """Whether "or" stands between a number and what makes a limit of it."""
    if match.group().strip().lower() != "or" or not _BOUND.match(flat, match.end()):
        return False
    return bool(_NUMBER_BEFORE.search(flat[max(0, match.start() - LIMIT) : match.start()]))


def _within_name(flat: str, match: re.Match[str]) -> bool:
    """Whether "and" stands in a proper name: the Food and Drug Administration."""
    joined = match.group().strip().lower() in ("and", "&")
    before = re.search(r"(?<!\w)[A-Z][a-z]+\Z", flat[max(0, match.start() - 40) : match.start()])
    return joined and bool(before) and bool(re.match(r"[A-Z][a-z]+ [A-Z][a-z]+", flat[match.end() : match.end() + 60]))


def _runs(flat: str, start: int, end: int) -> Iterator[Enumeration]:
    """The enumerations of a clause: chunks between separators, the first one's tail to the last one's head."""
    chunks: list[_Chunk] = []
    begin, separator = start, ""
    for match in _separators(flat[:end]):
        if match.start() >= start:
            chunks.append((begin, match.start(), separator))
            begin, separator = match.end(), match.group().strip().lower()
    chunks.append((begin, end, separator))
    i = 0
    while i < len(chunks) - 1:
        members, conjoined, used = _run_from(flat, chunks, i)
        if len(members) > 2 or (len(members) == 2 and conjoined):
            told = conjoined or start > 0  # "A, B, C" alone is an enumeration only behind a colon or dash
            if told and not _one_name(flat, members) and not _described(flat, members):
                yield Enumeration(_parallel(flat, members))
            i = used
        else:
            i += 1


def _run_from(flat: str, chunks: list[_Chunk], i: int) -> tuple[list[Range], bool, int]:
    """The members from chunk i on, whether a conjunction joins them, and the chunk at which a next run can begin."""
    first = _tail(flat, *chunks[i][:2])
    if first is None:
        return [], False, i + 1
    members, led, conjunction = [first[0]], first[1], ""
    repeated = bool(led)
    for k in range(i + 1, len(chunks)):
        begin, stop, separator = chunks[k]
        if conjunction and separator != conjunction:
            return members, True, k
        joined = separator not in (",", ";", "،")
        opening = _TOKEN.search(flat, begin, stop)
        if opening and opening.group().lower() in _SOFT | _HARD:
            if not (repeated and opening.group().lower() == led):
                return members, bool(conjunction), k
            begin = opening.end()
        else:
            repeated = False
        head, whole = _head(flat, begin, stop, last=k == len(chunks) - 1 or joined)
        if head is None or (conjunction and not whole):
            return members, bool(conjunction), k
        members.append(head)
        conjunction = conjunction or (separator.lstrip(",; ") if joined else "")
        if not whole:
            return members, bool(conjunction), k
    return members, bool(conjunction), len(chunks)


def _tail(flat: str, start: int, end: int) -> tuple[Range, str] | None:
    """The end of a chunk, behind its last word of grammar, and that word; None where nothing is left."""
    begin, led = start, ""
    tokens = list(_TOKEN.finditer(flat, start, end))
    for n, token in enumerate(tokens):
        word = token.group().lower()
        after_to = n and tokens[n - 1].group().lower() == "to" and word.isalpha() and word not in _LEADING
        gap = n and token.start() - tokens[n - 1].end() > 2  # a bracket stood there
        if word in _HARD or word in _SOFT or word == "of" or after_to:
            begin, led = token.end(), word
        elif gap:
            begin = token.start()
    place = _stripped(flat, begin, end)
    if place is None or len(flat[place[0] : place[1]].split()) > MOST_WORDS:
        return None
    return place, led


def _head(flat: str, start: int, end: int, *, last: bool) -> tuple[Range | None, bool]:
    """The beginning of a chunk, before its first word of grammar, and whether that is all of it."""
    stop, previous = end, start
    for n, token in enumerate(_TOKEN.finditer(flat, start, end)):
        word = token.group().lower()
        participle = n > 0 and re.fullmatch(r"[a-z]{3,}(?:ed|ing)", token.group()) and last
        gap = n > 0 and token.start() - previous > 2
        if word in _HARD or (word in _SOFT and last) or participle or gap:
            stop = token.start()
            break
        previous = token.end()
    place = _stripped(flat, start, stop)
    if place is None or len(flat[place[0] : place[1]].split()) > MOST_WORDS:
        return None, False
    return place, stop == end


def _stripped(flat: str, start: int, end: int) -> Range | None:
    """[start, end) without white space, a final stop and articles at its edges; None where nothing is left."""
    while True:
        while start < end and not (flat[start].isalnum() or flat[start] in "<>≥≤=~+±'‘“\"«$€£-"):
            start += 1
        token = _TOKEN.match(flat, start, end)
        if token and token.group().lower() in _ARTICLES:
            start = token.end()
            continue
        break
    while end > start and (flat[end - 1].isspace() or flat[end - 1] in ".,;:?!|"):
        end -= 1
    return (start, end) if end > start else None


def _one_name(flat: str, members: list[Range]) -> bool:
    """Whether two members are one proper name: the Food and Drug Administration."""
    first, last = (flat[a:b].split() for a, b in (members[0], members[-1]))
    titled = all(re.fullmatch(r"[A-Z][a-z]+", word) for word in (*first, *last))
    return len(members) == 2 and titled and len(first) == 1 < len(last)


def _described(flat: str, members: list[Range]) -> bool:
    """Whether it is one name with what is said of it: "Ibuprofen, kind to joints and sold everywhere"."""
    first, *rest = (flat[a:b].split() for a, b in members)
    return (
        len(first) == 1 and first[0][0].isupper() and any(_SOFT & set(words) and words[0].islower() for words in rest)
    )


def _parallel(flat: str, members: list[Range]) -> tuple[Range, ...]:
    """Where all inner members are single names (JAK1, STAT3), the outer ones are cut to theirs."""

    def name(word: str) -> bool:
        return bool(re.search(r"\d|[A-Z].*[A-Z]", word))

    words = [flat[a:b].split() for a, b in members]
    if len(words[0]) > 1 and name(words[0][-1]) and all(len(w) == 1 and name(w[0]) for w in words[1:]):
        members = [(members[0][1] - len(words[0][-1]), members[0][1]), *members[1:]]
    if (
        len(words[-1]) > 1
        and name(words[-1][0])
        and all(len(w) == 1 and name(w[0]) for w in words[1:-1])
        and len(words) > 2
    ):
        members = [*members[:-1], (members[-1][0], members[-1][0] + len(words[-1][0]))]
    return tuple(members)
