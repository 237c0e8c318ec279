"""What a question asks for, decided in one place, and the patterns of words that can be that thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from qa.reader.numbers import IN_WORDS, POWERS
from qa.text import fold, words


class Kind(StrEnum):
    """What the answer to a question is made of."""

    TRIAL = "trial"
    DATE = "date"
    DURATION = "duration"
    FREQUENCY = "frequency"
    DOSE = "dose"
    RATIO = "ratio"
    PERCENTAGE = "percentage"
    LIMIT = "limit"
    COUNT = "count"
    DEFINITION = "definition"
    REASON = "reason"
    YES_NO = "yes/no"
    WHO = "who"
    OTHER = "other"


_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
_NUMBER = r"\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3})+(?:[.·]\d+)?|\d{1,9}(?:[.·]\d{1,6})?|(?<![\d.·])[.·]\d{1,6}"
"""Digits, in groups of three between commas or narrow blanks; some journals print a raised dot for the decimal point."""
_POWER = rf"(?:\s(?:{'|'.join(POWERS)})\b)?"
_YEAR = r"(?:1\d|20)\d\d"
_RANGE = rf"(?:{_NUMBER})(?:\s*(?:-|–|—|to|or|and)\s*(?:{_NUMBER}))?"
_PIECES = r"(?:tablets?|capsules?|puffs?|drops?|vials?)"
_MASS = (
    rf"(?:mg|µg|μg|mcg|ug|g|kg|ml|mL|L|IU|units?|U|mmol|nmol|ng|Gy|{_PIECES}|(?:milli|micro|kilo)?grams?|(?:milli)?lit(?:er|re)s?"
    r"|tons?|tonnes?)"
)
_EACH = r"(?:/(?:kg|m2|m²|day|d|h|hour|week|dose|\d+\s?m[lL]))"
_TIME = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|hrs?|h|d|wks?)"
_TIMES_A_DAY = (
    r"(?:(?i:(?:once|twice|thrice|(?:two|three|four|\d)\s+times)\s*(?:-|\s)?(?:daily|weekly|monthly|yearly|(?:a|per|each|every)\s+(?:day|week|month|year))"
    r"|daily|weekly|monthly|yearly|annually|hourly|(?:per|a|each|every)\s+(?:day|week|month|year)"
    r"|every\s+\w+\s+(?:minutes?|hours?|days?|weeks?|months?|years?))|OD|BD|BID|QD|TID)"
)

# Patterns of what can answer each kind; the longest match at a place is taken.
_PATTERNS: dict[Kind, tuple[str, ...]] = {
    Kind.TRIAL: (r"\bNCT\d{8}\b(?:[\s,;]+(?:and\s+)?NCT\d{8}\b)*", r"\bEudraCT(?:\s+(?:number|no\.?))?[\s:]*\d{4}-\d{6}-\d\d\b|\b(?:ISRCTN|ChiCTR|CTRI/)[\w/-]{4,20}"),
    Kind.DATE: (
        rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:\s*(?:-|–|to)\s*(?:{_MONTH}\s+)?\d{{1,2}})?,?\s+{_YEAR}\b",
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}\b",
        rf"\b{_MONTH}\s+\d{{1,2}}\s*(?:-|–|to)\s*(?:{_MONTH}\s+)?\d{{1,2}},?\s+{_YEAR}\b",
        rf"\b{_MONTH},?\s+{_YEAR}\b",
        rf"\b\d{{1,2}}/\d{{1,2}}/{_YEAR}\b",
        rf"\b{_YEAR}-\d\d-\d\d\b",
        r"\b(?:19|20)\d\d\b(?!\s*(?:patients|mg|cells))",
        # A bare number before 1900 is a year behind a word of time, and counts where a plural follows.
        r"(?:(?<=\b[Ii]n )|(?<=\b[Ss]ince )|(?<=\bby )|(?<=\b[Uu]ntil )|(?<=\b[Ff]rom )|(?<=\b[Bb]efore )|(?<=\b[Aa]fter ))"
        r"1[0-8]\d\d\b(?!\s+[a-z]+s\b|\s*[%/])",
    ),
    Kind.DURATION: (
        rf"\b(?:{_RANGE}|{IN_WORDS})(?:\s|-){_TIME}\b",
        rf"\b(?i:several|a few|some)\s+{_TIME}\b",
    ),
    Kind.FREQUENCY: (
        rf"\b{_TIMES_A_DAY}\b",
        r"(?i:\bonce or twice\b(?:\s+(?:daily|a day))?)",
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:-|–|to)\s*(?:{_NUMBER})\s*(?:/|per)\s*\d+[\w\s-]{{0,20}}",
        rf"(?<![\w.])(?:{_NUMBER})\s*%",
        r"(?i:\b(?:often|rarely|seldom|frequently|commonly|infrequent|rare|common)\b)",
    ),
    Kind.DOSE: (
        rf"(?<![\w.])(?:{_RANGE})\s*{_MASS}{_EACH}{{0,2}}\b(?!/)(?:\s*(?:orally|oral|by mouth|intravenously|,)?\s*{_TIMES_A_DAY}\b)?",
        rf"\b{IN_WORDS}\s+{_PIECES}\b(?:\s*{_TIMES_A_DAY}\b)?",
        r"(?<![\w.])(?i:low|high|standard|intermediate|therapeutic|prophylactic)(?:-|\s)dose\b",
        rf"[$€£]\s?(?:{_NUMBER}){_POWER}|(?<![\w.])(?:{_NUMBER}){_POWER}\s(?:dollars|euros|pounds|cents)\b",
    ),
    Kind.RATIO: (
        rf"(?<![\w.])(?:P|p)\s*[<>=≤≥]\s*(?:{_NUMBER})",
        rf"(?<![\w.])(?:{_NUMBER})(?![\d.·]*\s*%)(?:\s*[(,;]\s*95\s?%\s*(?:CI|confidence interval)[^)]{{0,40}})?",
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:-|–|to)\s*(?:{_NUMBER})",
        r"(?i:\b(?:\w+-fold|(?:two|three|four|five|six|ten)fold|(?:\d+|two|three|four|five|ten) times)\b)",
    ),
    Kind.PERCENTAGE: (
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:%|percent|per cent)(?:\s*(?:-|–|to|or|and)\s*(?:{_NUMBER})\s*(?:%|percent|per cent))?",
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:-|–|to)\s*(?:{_NUMBER})\s*(?:%|percent|per cent)",
        rf"\b(?:{_NUMBER})\s*(?:of|out of|/)\s*(?:the\s+)?(?:{_NUMBER})\b",
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:-|–|to)\s*(?:{_NUMBER})\s*(?:/|per)\s*\d+[\w\s-]{{0,20}}",
        r"(?i:\b(?:half|a third|two thirds|a quarter|three quarters|one in \w+)\b)",
    ),
    Kind.LIMIT: (
        rf"(?:[<>≤≥]\s*|\b(?i:below|under|above|over|less than|more than|fewer than|at least|at most|lower than)\s+)"
        rf"(?:{_NUMBER})(?:\s*(?:×|x)\s*10\S{{1,3}})?(?:\s*(?:%|/mm[3³]|[µμ]?[A-Za-z]{{1,7}}(?:/[A-Za-z³\d]{{1,6}})?))?",
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:g/dL|g/L|mg/dL|/mm3|/mm³|cells/\S{{1,6}}|mL/min|%)",
        rf"\b(?:{_RANGE}|{IN_WORDS})(?:\s|-)(?:years?|months?|weeks?)(?:\s+(?:of age|old|or older))?\b",
    ),
    Kind.COUNT: (
        rf"(?:\b(?i:more than|over|about|approximately|around|nearly|almost|at least|fewer than|less than|up to)\s+|[<>≥≤~]\s?)?(?<![\w./–-])(?:{_NUMBER})\b{_POWER}(?:\s+of\s+(?:the\s+)?(?:{_NUMBER})\b)?(?!\s*%)",
        rf"(?<![\w./–-])(?:{_NUMBER})(?:\s?[–-]\s?|\sto\s)(?:{_NUMBER})\b{_POWER}(?!\s*%)",
        rf"\b{IN_WORDS}(?:\s+of\s+(?:the\s+)?(?:{_NUMBER}|{IN_WORDS}))?\b",
        r"(?i:\b(?:both|several|many|dozens|hundreds|thousands|millions)\b)",
    ),
}  # fmt: skip

_LABEL = re.compile(
    r"\b(?:phase|grade|stage|type|table|figure|fig\.|day|week|month|group|class|level|part|section|step|version)[\s-]\Z",
    re.IGNORECASE,
)
"""What makes of the number behind it a name."""

LABEL = 12
"""Characters before a number within which its label stands."""

_COMPILED = {kind: [re.compile(pattern) for pattern in patterns] for kind, patterns in _PATTERNS.items()}

_SHARES = r"(?:mortality|death|response|survival|event|incidence|infection|improvement)"
# These words ask for a rate ("what was the mortality", "mortality of X") unless another thing is asked for: "which event".
_OF_A_SHARE = (
    rf"^(?!\W*(?:(?:which|what)\s+(?!(?:was|were|is|are|the|mortality|{_SHARES} rates?)\b)|how (?:do|does|did|can|could|is|are|was|were)\b))"
    rf".*\b{_SHARES}(?: rates?)?\b(?! (?:review|preprint|finding|paper|study)\w*)(?<!on mortality)"
)

# The first rule that matches decides; the question is folded to lower case without accents.
_RULES: tuple[tuple[Kind, str], ...] = (
    (Kind.REASON, r"^\W*(?:(?:and|but|so|then) )?(?:why|how come)\b"),
    (Kind.DEFINITION, r"\b(?:stands? for|abbreviat\w*|acronym|full form|full name of|short for|spell(?:ed)? out|meaning of|what does \S+ mean|meant by|defined?|definition)\b"),
    (Kind.YES_NO, r"^\W*(?:whether|(?:is|are|was|were|do|does|did|can|could|should|has|have|had|will|would|may|might|must)(?:n['’]?t)?)\b"),
    (Kind.WHO, r"^\W*who(?:se|m)?\b"),
    (Kind.OTHER, r"^\W*where\b"),
    (Kind.TRIAL, r"\bnct\b|\b(?:trial|registration|registry|study|clinicaltrials\.gov) (?:id|ids|number|numbers|identifier|identifiers|code|codes)\b|\bidentifiers?\b"),
    (Kind.FREQUENCY, r"\bhow (?:often|frequently|many times(?! (?:more|higher|greater|larger|likelier|as)\b))\b"),
    (Kind.DATE, r"^\W*when\b|\b(?:what|which|on what|in what|in which) (?:date|day|month|year)\b|\bdates?\b(?! of birth)|\bsince when\b|\bwhen (?:was|were|did|is|has|had)\b"),
    (Kind.DURATION, r"\bhow long\b|\bduration\b|\bhow many (?:days|weeks|months|years|hours|minutes)\b|\bfor how many\b|\bnumber of (?:days|weeks|months|years)\b|\brecovery time\b|\bhalf.li(?:fe|ves)\b"),
    (Kind.LIMIT, r"\b(?:threshold|cut.?off|minimum age|how old|below (?:what|which)|under (?:what|which)|above (?:what|which)|at what (?:level|age|value|count|h\w+globin)|what (?:level|count|age|h\w+globin|lymphocyte|neutrophil|platelet)\b)|\bhow (?:low|high)\b|\b(?:youngest|lowest|minimum|minimal|maximum|highest)\b"),
    (Kind.RATIO, r"\b(?:hazard|odds|risk|rate) ratio\b|\bhr\b|\bconfidence interval\b|\bci\b|\bp.?value\b|\bfold\b|\bhow many times (?:more|higher|greater)\b|\bhow much (?:higher|greater|more|bigger|larger|like\w+|lower|less)\b"),
    (Kind.PERCENTAGE, rf"\bpercent\w*\b|\bper cent\b|%|\b(?:what|which) (?:proportion|share|fraction|rate|part)\b|\b(?:proportion|fraction|incidence) of\b|{_OF_A_SHARE}|\brates? of\b|\bhow (?:common|likely|frequent)\b"),
    (Kind.DOSE, r"\bdos(?:e|es|age|ages|ing)\b|\bhow (?:much|many m\w*g)\b(?!.*\b(?:higher|longer|faster|shorter|sooner|quicker)\b)|\bposology\b|\bstrengths?\b|\b(?:amount|quantity|regimens?)\b|\bhow many (?:mg|milligrams|tablets)\b"),
    (Kind.COUNT, r"\bhow many\b|\bnumber of\b|\bhow large\b|\bhow big\b|\bcount of\b|\bsample size\b|\btotal (?:number|of)\b"),
    (Kind.REASON, r"\breasons?\b|\brationale\b|\bwhat (?:causes|explains|is the cause)\b"),
    (Kind.WHO, r"\b(?:which|what) (?:company|companies|firm|manufacturer|agency|regulator|organi[sz]ation)\b|\b(?:manufacturer|company|maker)\b|\bwho (?:makes|sells|made)\b"),
    (Kind.DEFINITION, r"^\W*what(?:'?s| is| are) (?:an? |the )?(?:[\w-]+(?: [\w-]+)?)\W*$"),
)  # fmt: skip

_COMPILED_RULES = tuple((kind, re.compile(pattern)) for kind, pattern in _RULES)

# A plural behind "which" or "what"; a verb of the third person looks the same ("which company makes it", "which lab count decides").
_PLURAL = re.compile(
    r"^\W*(?:list|name all|give all|show all)\b|^\W*what (?:are|were)\b|\blist of\b|\bwhich of\b"
    r"|(?<!, )\b(?:which|what)\s+(?!(?:was|is|are|were|does|do|did|has|had)\b)(?:(?:other|two|three|four|five|low|high) )?"
    r"(?:(?!\w*(?:ss|us|is)\b|(?:does|has|happens|makes|means|helps|keeps)\b)[\w-]{3,}s\b"
    r"|(?:(?!(?:is|are|was|were|does|do|did|has|had|have|can|may|must|should)\b)[\w-]+\s+){1,2}?"
    r"(?!\w*(?:ss|us|is)\b|(?:does|has|acts|works|relies|depends|belongs|comes|makes|lies|stands|falls|runs|goes)\b)[\w-]{3,}s"
    r"(?=\s+(?:is|are|was|were|do|does|did|have|has|had|can|could|may|might|must|should|will|would|of|in|on|for|with|under|that|which|get|got|call|qualify|occur)\b|\W*$))"
)
# A question that begins with the plural of what it wants: "side effects of X", "trial numbers in the letter".
_BARE_PLURAL = re.compile(
    r"^\W*(?:all |the |all the )?(?:(?!(?:how|who|why|when|where|whose|what|which|is|are|was|were|do|does|did|can|has|have)\b)[\w-]+ ){0,3}?"
    r"(?!\w*(?:ss|us|is)\b)[\w-]{3,}s (?:of|in|on|for|with|to|under|from|against|among|that|which|combined|used|given|listed|named|linked|caused|called|you)\b"
)
# Words for a search engine rather than a question: "jakafi metabolic side effects".
_SENTENCE = re.compile(
    r"\b(?:how|who|whom|whose|why|when|where|what|which|is|are|was|were|do|does|did|can|should|has|have)\b"
)
_KEYWORDS = re.compile(
    r"\b(?!(?:days|weeks|months|years|hours|minutes|patients|controls|adults|stands|means)\b)(?!\w*(?:ss|us|is)\b)[a-z-]{3,}s\b(?! (?:number|count|total))"
)
# Plurals without an "s" behind "which" or "what", and people who are asked for as such.
_IRREGULAR = re.compile(
    r"\b(?:which|what)\s+(?:[\w-]+\s+){0,2}?(?:people|children|women|men|mice|bacteria|fungi|viri|criteria|phenomena|genera|loci|stimuli"
    r"|nuclei|alveoli)\b|^\W*who (?:are|were)\b"
)
_VERB = re.compile(r"(?!\w*(?:ss|us|is)$)\w{3,}s$|\w{3,}ed$")
"""How a verb in the third person or the past may look that stands behind a singular: "which enzyme degrades proteins"."""

_SUBORDINATE = re.compile(
    r"(?<=\w),? (?:if|when|while|because|although|unless|until|once)\b(?! (?:was|were|did|is|has|had)\b).*"
)
"""What is said of the case asked about, and tells nothing of the kind: "what happens if a dose is missed"."""

_SOME = re.compile(r"\bname (?:a few|some|several|two|three|four|the)\b|\b(?:what|which|who) (?:all|else)\b")

_ASKED = re.compile(r"\b(?:which|what)\s+(?:(?:is|are|was|were)\s+)?|^\W*(?:(?:list|name|give|show)(?: me)?\s+)?")
_NO_THING = re.compile(
    r"(?:the|a|an|all|other|some|few|two|three|of|kinds?|types?|sorts?|forms?|classes|low|high|main|different|various)$"
)
_GRAMMAR = re.compile(
    r"(?:is|are|was|were|be|do|does|did|can|could|should|has|have|had|will|would|may|might|must|in|on|at|for|with|to|from|by|of|that|which|who"
    r"|through|under|after|before|during|against|among|and|or|not|you|we|i|it|they|there)$"
)

_MEASURE = re.compile(
    r"(?:dates?|years?|months?|days|dos\w+|strengths?|rates?|numbers?|percent\w*|proportions?|ratios?|counts?|regimens?)$"
)

# What stands before the question proper: "In ACTT-2, which …", "According to the letter, how …".
_INTRODUCTION = re.compile(
    r"^\W*(?:in|on|at|of|for|among|under|with|during|from|after|before|according to|as of|outside|within)\b[^,?]{2,60}, "
    r"(?=(?:in |on |at |for |from |to )?(?:how|who|whom|whose|why|when|where|what|which|is|are|was|were|do|does|did|can|should|has|have|list|name)\b)"
)

# A question in the form of a request: "Can you tell me …".
_REQUEST = re.compile(
    r"^\W*(?:please,? )?(?:(?:can|could|would|will) you (?:please )?(?:(?:tell|show|give|explain to|remind) me\b|(?=list|name|compare|define))"
    r"|do you know\b|i(?:'d| would) like to know\b)[\s,:]*"
)

# Two things set against each other; each pattern has them as its groups.
_THING = r"((?:[\w/+-]+ ){0,4}?[\w/+-]+)"
_COMPARED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\bhow (?:do|does|did) (?:the )?{_THING} (?:compare|differ) (?:with|to|from|against) (?:the )?([\w/+-]+(?: [\w/+-]+){{0,3}})",
        rf"\bhow (?:is|are|was|were) (?:the )?{_THING} different (?:from|to|than) (?:the )?([\w/+-]+(?: [\w/+-]+){{0,3}})",
        rf"\b(?:differ(?:ed|s|ences?)?|comparison|contrast) between (?:the )?{_THING} and (?:the )?([\w/+-]+(?: [\w/+-]+){{0,3}})",
        rf"\bcompare (?:the )?{_THING} (?:and|with|to|versus|vs\.?|against) (?:the )?([\w/+-]+(?: [\w/+-]+){{0,3}})",
        rf"\b{_THING} (?:compared (?:with|to)|in comparison (?:with|to)|versus|vs\.?|as opposed to|differ from|relative to) (?:the )?([\w/+-]+(?: [\w/+-]+){{0,3}})",
        r"\bhow (?:do|does|did) (?:the )?([\w/+-]+(?: [\w/+-]+){0,3}?) and (?:the )?([\w/+-]+(?: [\w/+-]+){0,2}?) (?:differ|compare)\b",
        r"\b(?:\w{3,}er|more|less|worse)\b.*?[,:] (?:the )?([\w/+-]+(?: [\w/+-]+){0,3}) or (?:the )?([\w/+-]+(?: [\w/+-]+){0,3})\W*$",
    )
)  # fmt: skip


_WHAT_ARE = re.compile(r"^\W*what are (?!the\b)[\w-]+\W*$")
"""Of one word in the plural: "what are hernias" asks for what they are, "what are common symptoms" for a list."""

_ONE = frozenset({Kind.YES_NO, Kind.REASON, Kind.RATIO, Kind.FREQUENCY})
"""Kinds of which one is asked for whatever the number of the noun."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The kind of answer, whether several are asked for, the words for the thing asked for, two things compared."""

    kind: Kind
    several: bool = False
    focus: tuple[str, ...] = ()
    """Folded words of the noun that is asked for: "which low blood counts fall" wants blood counts."""
    compared: tuple[str, ...] = ()
    """The folded names of two things that the question sets against each other, or none."""

    @property
    def names(self) -> frozenset[str]:
        """Stems of `focus`, as those of the words of a document are made: side and effect of "side-effects"."""
        return _stems_of(self.focus)

    @property
    def head(self) -> frozenset[str]:
        """Stems of the last word of `focus`."""
        return _stems_of(self.focus[-1:])

    @property
    def measured(self) -> bool:
        """Whether several values of one form are asked for, not things: which dates, not which infections."""
        return self.typed and any(_MEASURE.match(word) for word in self.focus)

    @property
    def typed(self) -> bool:
        """Whether the answer must have a form that a pattern can find."""
        return self.kind in _COMPILED


@lru_cache(maxsize=64)
def _stems_of(focus: tuple[str, ...]) -> frozenset[str]:
    """The same for each of the hundred sentences that a question is put to."""
    return frozenset(word.stem for word in words(" ".join(focus)))


def expect(question: str) -> Expectation:
    """What the question asks for.

    >>> expect("how long was baricitinib given?").kind.value, expect("Which cytokines signal through JAK2?").several
    ('duration', True)
    >>> expect("Which kinds of infection are named?").focus, expect("Difference between a hernia and a rupture?").compared
    (('infection',), ('a hernia', 'a rupture'))
    """
    asked = _INTRODUCTION.sub("", _REQUEST.sub("", fold(question)))
    main = _SUBORDINATE.sub("", asked)
    kind = next((kind for kind, pattern in _COMPILED_RULES if pattern.search(main)), Kind.OTHER)
    several = kind not in _ONE and not (kind is Kind.DEFINITION and _WHAT_ARE.match(asked)) and _several(asked)
    return Expectation(kind, several, _focus(asked, several), _compared(asked))


def _several(asked: str) -> bool:
    """Whether more than one thing is asked for."""
    named = _PLURAL.search(asked)
    if (named and not _has_verb(named.group().split())) or any(
        p.search(asked) for p in (_IRREGULAR, _BARE_PLURAL, _SOME)
    ):
        return True
    return bool(not _SENTENCE.search(asked) and _KEYWORDS.search(asked))


def _has_verb(noun: Sequence[str]) -> bool:
    """Whether what seems a noun in the plural is a noun with its verb and an object: "which enzyme degrades proteins"."""
    asking = next((i for i, word in enumerate(noun) if word in ("which", "what")), len(noun))
    return any(
        _VERB.match(word) and not noun[i - 1].endswith("ly") for i, word in enumerate(noun[:-1]) if i > asking + 1
    )


def _focus(asked: str, several: bool) -> tuple[str, ...]:
    """The noun behind "which", "what" or at the beginning, up to its plural or to a word of grammar."""
    found: list[str] = []
    matches = list(_ASKED.finditer(asked))  # the second of its patterns matches at the head at least
    match = next((m for m in matches if m.group().strip()), matches[0])
    for word in re.findall(r"[\w-]+", asked[match.end() :]):
        if _NO_THING.match(word):
            continue
        if _GRAMMAR.match(word):
            break
        found.append(word)
        if len(found) == 4 or (several and re.search(r"(?<!s)(?<!u)(?<!i)s$", word)):
            break
    return tuple(found)


def _compared(asked: str) -> tuple[str, ...]:
    for pattern in _COMPARED:
        match = pattern.search(asked)
        if match and match[1] != match[2]:
            one, other = match[1].split(), match[2].split()
            return " ".join(_named(one, other, last=True)), " ".join(_named(other, one, last=False))
    return ()


def _named(words_of_one: list[str], words_of_other: list[str], *, last: bool) -> list[str]:
    """The name of one of two things without what leads to it or follows it: words of grammar that the other has not.

    Of "mortality with baricitinib" versus "placebo" the last, of "tofacitinib in arthritis" the first part is the name.
    """
    cuts = [i for i, word in enumerate(words_of_one) if _GRAMMAR.match(word) and word not in words_of_other]
    if not cuts:
        return words_of_one
    return (words_of_one[cuts[-1] + 1 :] if last else words_of_one[: cuts[0]]) or words_of_one


def is_one_of(thing: str, key: str) -> bool:
    """Whether a stem is the name of one of its kind, the kind with a number behind it.

    >>> is_one_of("jak", "jak2"), is_one_of("jak", "jakob")
    (True, False)
    """
    return key.startswith(thing) and key.removeprefix(thing)[:1].isdecimal()


def candidates(kind: Kind, text: str) -> list[tuple[int, int]]:
    """Offsets of all words of the text that can be an answer of this kind, the longest at each place, in order.

    >>> [("4 mg per day for 14 days"[a:b]) for a, b in candidates(Kind.DOSE, "4 mg per day for 14 days")]
    ['4 mg per day']
    """
    found = sorted(
        (match.span() for pattern in _COMPILED.get(kind, ()) for match in pattern.finditer(text)),
        key=lambda span: (span[0], -span[1]),
    )
    spans: list[tuple[int, int]] = []
    for start, end in found:
        if not spans or start >= spans[-1][1]:
            spans.append((start, start + len(text[start:end].rstrip(" ,;"))))
    return _counts(text, spans) if kind is Kind.COUNT else spans


def _counts(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The numbers that count something: none that is part of a date or of a name ("Phase 2")."""
    kept, dates = [], candidates(Kind.DATE, text)
    i = 0
    for start, end in spans:
        while i < len(dates) and dates[i][1] <= start:
            i += 1
        dated = i < len(dates) and dates[i][0] < end and dates[i] != (start, end)
        if not dated and not _LABEL.search(text[max(0, start - LABEL) : start]):
            kept.append((start, end))
    return kept
