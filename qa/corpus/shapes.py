"""What a single line of plain text looks like: heading, caption, list item, legend, page furniture."""

from __future__ import annotations

import re

from qa.corpus.lines import ends_open, ends_sentence, starts_lower

HEADING_MARK = re.compile(r"[■□▪◆●▶►❖]\s*(?=\S)")
BULLET = re.compile(r"[•◦‣∙·▪●○\uf0b7\uf0a7]\s*(?=\S)")
ITEM = re.compile(r"(?:[-–*+]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|\[\d{1,3}\])\s+(?=\S)")
DASH = re.compile(r"[-–*+]\s+(?=\S)")
RULE = re.compile(r"([=\-–—_*~#.+])(?:\s?\1){2,}$")
NUMBER_DOT = re.compile(r"(?:\d{1,3}\.|\[\d{1,3}\])$")
NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=[A-Z])")
_CAPTION = re.compile(
    r"(?P<label>(?:supplementary |supplemental |extended data )?(?:table|tab\.|figure|fig\.|box|scheme|chart))"
    r"\s?(?P<number>S?\d{1,3}[A-Za-z]?|[IVX]{1,5})(?P<mark>[.:|—–]|\s-)?(?P<rest>\s+\S|$)?",
    re.IGNORECASE,
)
_LEGEND = re.compile(
    r"(?:source|sources|abbreviations?|notes?|data from|adapted from|reproduced from|key)\b\s?[:.]|data from |"
    r"adapted from |reproduced from |[*†‡§¶]\s?\S",
    re.IGNORECASE,
)
_DEFINES = re.compile(r"[\w)]{1,40} = \w")
_NAME_LIST = """
abstract | summary | introduction | background | objective | objectives | aim | aims | purpose | methods |
method | materials and methods | patients and methods | methods and materials | subjects and methods | study
design | study population | statistical analysis | statistical analyses | results | findings | discussion |
conclusion | conclusions | results and discussion | interpretation | limitations | strengths and limitations |
references | bibliography | literature cited | acknowledgements | acknowledgments | acknowledgement |
acknowledgment | funding | competing interests | conflict of interest | conflicts of interest | disclosures |
author contributions | data availability | ethics statement | supplementary material | supporting information
| case report | case presentation | case description | keywords | key points | key messages | appendix |
abbreviations | concluding remarks | future directions
"""
_NAMES = frozenset(" ".join(name.split()) for name in _NAME_LIST.split("|"))
_SENTENCES = re.compile(r"\w{2}[.!?]\s|\bdoi\b|https?:", re.IGNORECASE)
_IDENTIFIER = r"10\.\d{4,9}/[^\s\"<>]{1,200}"
DOI = re.compile(rf"(?:https?://(?:dx\.)?doi\.org/|doi\s?:?\s?)?({_IDENTIFIER})", re.IGNORECASE)
_FURNITURE = re.compile(
    rf"(?:https?://(?:dx\.)?doi\.org/|doi\s?:?\s?){_IDENTIFIER}$|(?:page|p\.)\s?\d{{1,4}}(?:\s?(?:of|/)\s?\d{{1,4}})?$|"
    r"\d{1,4}\s?\|\s?p\s?a\s?g\s?e$|downloaded from \S|(?:©|\(c\)|copyright ©?)\s?\d{4}\b|all rights reserved\.?$|"
    r"[^|]{1,80}\|.{0,80}\b(?:www\.|doi\b)",
    re.IGNORECASE,
)


def is_furniture(text: str) -> bool:
    """A line that belongs to the page: an identifier alone, "Page 3 of 9", a notice of copyright.

    >>> is_furniture("doi:10.1234/abc.5"), is_furniture("see doi:10.1234/abc.5 there")
    (True, False)
    """
    return len(text) <= 200 and bool(_FURNITURE.match(text))


def is_name(text: str) -> bool:
    """A customary heading of a paper, alone on its line."""
    return len(text) <= 40 and text[:1].isupper() and text.rstrip(":. ").casefold() in _NAMES


def is_capitals(text: str) -> bool:
    """Words in capital letters, not a row of identifiers.

    >>> is_capitals("MATERIALS AND METHODS"), is_capitals("JAK1, TYK2 CHAIN"), is_capitals("IL-6")
    (True, False, False)
    """
    if len(text) > 100 or not text.isupper() or text[-1] in ".,;" or "  " in text:
        return False
    words = text.split()
    plain = [word for word in (word.strip("()[],:;–-/&") for word in words) if word.replace("-", "").isalpha()]
    return 5 * len(plain) >= 3 * len(words) and any(len(word) >= 5 for word in plain)


def is_capitals_rest(text: str) -> bool:
    """Whether a line in capital letters can be the rest of a heading that began on the line above."""
    return len(text) <= 100 and text.isupper() and text[-1] not in ".;" and not HEADING_MARK.match(text)


def is_numbered(text: str) -> bool:
    """A heading with its number: "2.1 Study design"."""
    return len(text) <= 90 and bool(NUMBERED.match(text)) and text[-1] not in ".,;:" and not ends_open(text)


def is_title_like(text: str) -> bool:
    """A short line that begins in upper case and is no sentence."""
    return (
        len(text) <= 90
        and not _SENTENCES.search(text)
        and len(text.split()) <= 12
        and text[:1].isupper()
        and text[-1] not in ".,;:!?"
        and (not ends_open(text))
    )


def caption_label(text: str, before: str | None) -> str:
    """ "table" or "figure" where a line begins a caption, else "".

    `before` is the line above when nothing sets the two apart: a sentence may break just before "Table 2 shows …".
    """
    match = _CAPTION.match(text)
    if match is None or (match["rest"] is None and not match["mark"]):
        return ""
    label = match["label"].lower()
    rest = text[match.end("mark") if match["mark"] else match.end("number") :].strip()
    kind = "table" if "tab" in label or label == "box" else "figure"
    if match["label"].isupper():
        return kind
    if before is not None and (ends_open(before) or before.lower().endswith((" see", "(see"))):
        return ""
    if not rest or (match["mark"] and not starts_lower(rest)):
        return kind
    if before is not None and not ends_sentence(before):
        return ""
    words = rest.split(None, 2)
    return kind if words[0][:1].isupper() and match["label"][0].isupper() and not text.endswith(".") else ""


def is_legend(text: str) -> bool:
    """A line that explains a table: "X = …; Y = …", "Source: …", "* not measured"."""
    return bool(_LEGEND.match(text)) or (len(_DEFINES.findall(text[:400])) >= 2 and ";" in text)
