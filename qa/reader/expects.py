"""What a question asks for, decided in one place, and the patterns of words that can be that thing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from qa.text import fold


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
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,9}(?:\.\d{1,6})?|(?<![\d.])\.\d{1,6}"
_WORD_NUMBER = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|no|none|a dozen)"
)
_RANGE = rf"(?:{_NUMBER})(?:\s*(?:-|–|—|to|or|and)\s*(?:{_NUMBER}))?"
_MASS = r"(?:mg|µg|μg|mcg|ug|g|kg|ml|mL|IU|units?|U|mmol|nmol|ng|tablets?|capsules?|puffs?|drops?)"
_TIME = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|hrs?|h|d|wks?)"
_TIMES_A_DAY = (
    r"(?:(?:once|twice|thrice|(?:two|three|four|\d)\s+times)\s*(?:-|\s)?(?:daily|weekly|monthly|(?:a|per|each|every)\s+(?:day|week|month))"
    r"|daily|weekly|monthly|(?:per|a|each|every)\s+(?:day|week|month)|OD|BD|BID|QD|TID|every\s+\w+\s+(?:hours?|days?|weeks?|months?))"
)

# Patterns of what can answer each kind; the longest match at a place is taken.
_PATTERNS: dict[Kind, tuple[str, ...]] = {
    Kind.TRIAL: (r"\bNCT\d{8}\b(?:[\s,;]+(?:and\s+)?NCT\d{8}\b)*", r"\b(?:ISRCTN|EudraCT\s?|ChiCTR|CTRI/)[\w/-]{4,20}"),
    Kind.DATE: (
        rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:\s*(?:-|–|to)\s*(?:{_MONTH}\s+)?\d{{1,2}})?,?\s+(?:19|20)\d\d\b",
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+(?:19|20)\d\d\b",
        rf"\b{_MONTH}\s+\d{{1,2}}\s*(?:-|–|to)\s*(?:{_MONTH}\s+)?\d{{1,2}},?\s+(?:19|20)\d\d\b",
        rf"\b{_MONTH},?\s+(?:19|20)\d\d\b",
        r"\b\d{1,2}/\d{1,2}/(?:19|20)\d\d\b",
        r"\b(?:19|20)\d\d-\d\d-\d\d\b",
        r"\b(?:19|20)\d\d\b(?!\s*(?:patients|mg|cells))",
    ),
    Kind.DURATION: (
        rf"\b(?:{_RANGE}|{_WORD_NUMBER})(?:\s|-){_TIME}\b",
        rf"\b(?:several|a few|some)\s+{_TIME}\b",
    ),
    Kind.FREQUENCY: (
        rf"\b{_TIMES_A_DAY}\b",
        r"\bonce or twice\b(?:\s+(?:daily|a day))?",
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:-|–|to)\s*(?:{_NUMBER})\s*(?:/|per)\s*\d+[\w\s-]{{0,20}}",
        rf"(?<![\w.])(?:{_NUMBER})\s*%",
        r"\b(?:often|rarely|seldom|frequently|commonly|infrequent|rare|common)\b",
    ),
    Kind.DOSE: (
        rf"(?<![\w.])(?:{_RANGE})\s*{_MASS}(?:/(?:kg|m2|m²|day|d|h))?\b(?!/)(?:\s*(?:orally|oral|by mouth|intravenously|,)?\s*{_TIMES_A_DAY}\b)?",
        r"(?<![\w.])(?:low|high|standard|intermediate|therapeutic|prophylactic)(?:-|\s)dose\b",
    ),
    Kind.RATIO: (
        rf"(?<![\w.])(?:P|p)\s*[<>=≤≥]\s*(?:{_NUMBER})",
        rf"(?<![\w.])(?:{_NUMBER})(?![\d.]*\s*%)(?:\s*[(,;]\s*95\s?%\s*(?:CI|confidence interval)[^)]{{0,40}})?",
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:-|–|to)\s*(?:{_NUMBER})",
        r"\b(?:\w+-fold|(?:two|three|four|five|six|ten)fold|(?:\d+|two|three|four|five|ten) times)\b",
    ),
    Kind.PERCENTAGE: (
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:%|percent|per cent)(?:\s*(?:-|–|to|or|and)\s*(?:{_NUMBER})\s*(?:%|percent|per cent))?",
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:-|–|to)\s*(?:{_NUMBER})\s*(?:%|percent|per cent)",
        rf"\b(?:{_NUMBER})\s*(?:of|out of|/)\s*(?:the\s+)?(?:{_NUMBER})\b",
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:-|–|to)\s*(?:{_NUMBER})\s*(?:/|per)\s*\d+[\w\s-]{{0,20}}",
        r"\b(?:half|a third|two thirds|a quarter|three quarters|one in \w+)\b",
    ),
    Kind.LIMIT: (
        rf"(?:[<>≤≥]\s*|\b(?:below|under|above|over|less than|more than|fewer than|at least|at most|lower than)\s+)"
        rf"(?:{_NUMBER})(?:\s*(?:×|x)\s*10\S{{1,3}})?(?:\s*(?:%|/mm[3³]|[µμ]?[A-Za-z]{{1,7}}(?:/[A-Za-z³\d]{{1,6}})?))?",
        rf"(?<![\w.])(?:{_NUMBER})\s*(?:g/dL|g/L|mg/dL|/mm3|/mm³|cells/\S{{1,6}}|mL/min|%)",
        rf"\b(?:{_RANGE}|{_WORD_NUMBER})(?:\s|-)(?:years?|months?|weeks?)(?:\s+(?:of age|old|or older))?\b",
    ),
    Kind.COUNT: (
        rf"(?:\b(?:more than|over|about|approximately|around|nearly|almost|at least|fewer than|less than|up to)\s+|[<>≥≤~]\s?)?(?<![\w./–-])(?:{_NUMBER})\b(?:\s+of\s+(?:the\s+)?(?:{_NUMBER})\b)?(?!\s*%)",
        rf"\b{_WORD_NUMBER}(?:\s+of\s+(?:the\s+)?(?:{_NUMBER}|{_WORD_NUMBER}))?\b",
        r"\b(?:both|several|many|dozens|hundreds|thousands|millions)\b",
    ),
}  # fmt: skip

_COMPILED = {kind: [re.compile(pattern) for pattern in patterns] for kind, patterns in _PATTERNS.items()}

# The first rule that matches decides; the question is folded to lower case without accents.
_RULES: tuple[tuple[Kind, str], ...] = (
    (Kind.DEFINITION, r"\b(?:stands? for|abbreviat\w*|acronym|full form|full name of|short for|spell(?:ed)? out|meaning of|what does \S+ mean|define|definition)\b"),
    (Kind.YES_NO, r"^\W*(?:is|are|was|were|do|does|did|can|could|should|has|have|had|will|would|may|might|must)\b"),
    (Kind.TRIAL, r"\bnct\b|\b(?:trial|registration|registry|study|clinicaltrials\.gov) (?:id|ids|number|numbers|identifier|identifiers|code|codes)\b|\bidentifiers?\b"),
    (Kind.FREQUENCY, r"\bhow (?:often|frequently|many times)\b"),
    (Kind.DATE, r"^\W*when\b|\b(?:what|which|on what|in what|in which) (?:date|day|month|year)\b|\bdates?\b(?! of birth)|\bsince when\b|\bwhen (?:was|were|did|is|has|had)\b"),
    (Kind.DURATION, r"\bhow long\b|\bduration\b|\bhow many (?:days|weeks|months|years|hours|minutes)\b|\bfor how many\b|\bnumber of (?:days|weeks|months|years)\b|\brecovery time\b|\bhalf.li(?:fe|ves)\b"),
    (Kind.LIMIT, r"\b(?:threshold|cut.?off|minimum age|how old|below (?:what|which)|under (?:what|which)|above (?:what|which)|at what (?:level|age|value|count|h\w+globin)|what (?:level|count|age|h\w+globin|lymphocyte|neutrophil|platelet)\b)|\bhow (?:low|high)\b|\b(?:youngest|lowest|minimum|minimal|maximum|highest)\b"),
    (Kind.RATIO, r"\b(?:hazard|odds|risk|rate) ratio\b|\bhr\b|\bconfidence interval\b|\bci\b|\bp.?value\b|\bfold\b|\bhow many times (?:more|higher|greater)\b|\bhow much (?:higher|greater|more|bigger|larger|like\w+|lower|less)\b"),
    (Kind.PERCENTAGE, r"\bpercent\w*\b|\bper cent\b|%|\b(?:what|which) (?:proportion|share|fraction|rate|part)\b|\b(?:proportion|fraction|incidence) of\b|\b(?:mortality|death|response|survival|event|incidence|infection|improvement)(?: rates?)?\b(?! (?:review|preprint|finding|paper|study)\w*)(?<!on mortality)|\brates? of\b|\bhow (?:common|likely|frequent)\b"),
    (Kind.DOSE, r"\bdos(?:e|es|age|ages|ing)\b|\bhow (?:much|many m\w*g)\b(?!.*\b(?:higher|longer|faster|shorter|sooner|quicker)\b)|\bposology\b|\bstrengths?\b|\b(?:amount|quantity|regimens?)\b|\bhow many (?:mg|milligrams|tablets)\b"),
    (Kind.COUNT, r"\bhow many\b|\bnumber of\b|\bhow large\b|\bhow big\b|\bcount of\b|\bsample size\b|\btotal (?:number|of)\b"),
    (Kind.REASON, r"^\W*(?:why|how come)\b|\breasons?\b|\brationale\b|\bwhat (?:causes|explains|is the cause)\b"),
    (Kind.WHO, r"^\W*who(?:se|m)?\b|\b(?:which|what) (?:company|companies|firm|manufacturer|agency|regulator|organi[sz]ation)\b|\b(?:manufacturer|company|maker)\b|\bwho (?:makes|sells|made)\b"),
    (Kind.DEFINITION, r"^\W*what(?:'?s| is| are) (?:an? |the )?(?:[\w-]+(?: [\w-]+)?)\W*$"),
)  # fmt: skip

_COMPILED_RULES = tuple((kind, re.compile(pattern)) for kind, pattern in _RULES)

_PLURAL = re.compile(
    r"^\W*(?:list|name all|give all|show all)\b|^\W*(?:which|what)\s+(?!(?:was|is|are|were|does|do|did|has|had)\b)(?:[\w-]+\s+){0,2}?"
    r"(?!\w*(?:ss|us|is)\b|does\b|has\b)[\w-]{3,}s\b|^\W*what (?:are|were)\b|\blist of\b|\bwhich of\b"
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """The kind of answer, and whether several are asked for."""

    kind: Kind
    several: bool = False

    @property
    def typed(self) -> bool:
        """Whether the answer must have a form that a pattern can find."""
        return self.kind in _COMPILED


def expect(question: str) -> Expectation:
    """What the question asks for.

    >>> expect("how long was baricitinib given?").kind.value, expect("Which cytokines signal through JAK2?").several
    ('duration', True)
    """
    asked = fold(question)
    kind = next((kind for kind, pattern in _COMPILED_RULES if pattern.search(asked)), Kind.OTHER)
    return Expectation(kind, bool(_PLURAL.search(asked)))


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
    return spans
