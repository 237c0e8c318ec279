"""The words of one paragraph of a Word document, as a reader of the page sees them.

Insertions are kept and deletions left out, as if all changes were accepted. Numbers of citations and the author's own marks
of notes become runs that are left out; text boxes are handed back, to be read after the paragraph, and so are the marks
that lead to notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from qa.corpus.parts import Run
from qa.corpus.word.package import child, is_on, name, value

if TYPE_CHECKING:
    from lxml import etree

_THROUGH = frozenset((
    "hyperlink", "ins", "moveTo", "smartTag", "customXml", "fldSimple", "dir", "bdo", "sdtContent",
    "oMathPara", "oMath", "e", "num", "den", "sup", "sub", "deg", "fName", "lim", "box", "borderBox", "d", "func", "m",
    "mr", "nary", "rad", "limLow", "limUpp", "acc", "bar", "eqArr", "groupChr", "phant", "sSub", "sSubSup", "sPre",
    "rubyBase",
))  # fmt: skip
_SPACES = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\u00ad"}
_NOTE = "footnote mark"
_DRAWN = frozenset(("drawing", "pict", "object"))
_CITATION = re.compile(
    r"\s*(?:ADDIN\s+(?:ZOTERO_ITEM|EN\.CITE|CSL_CITATION|Mendeley Citation)|CITATION)\b", re.IGNORECASE
)
_REFERENCES = re.compile(
    r"\s*(?:ADDIN\s+(?:ZOTERO_BIBL|EN\.REFLIST|CSL_BIBLIOGRAPHY|Mendeley Bibliography)|BIBLIOGRAPHY)\b", re.IGNORECASE
)
_MARK = re.compile(r"[\[(][^\[\]()]{1,400}[\])]|[\d\s,;–—-]{1,80}")
_RAISED = re.compile(r"\s?\d{1,3}(?:\s?[,–-]\s?\d{1,3}){0,20},?\s?")
_RAISES = re.compile(r"(?:[^\W\d_]{3}|[.,;:)\]”’\"])$")
# What the font "Symbol" shows for the letters of its own alphabet: Greek, and the signs that papers use.
_LATIN = "abgdezhqiklmnxoprstufcywABGDEZHQIKLMNXOPRSTUFCYWVJj"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςϑϕ"
_SIGNS = {0xA3: "≤", 0xB3: "≥", 0xB1: "±", 0xB0: "°", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xA5: "∞",
          0xAE: "→", 0xAC: "←", 0xAD: "↑", 0xAF: "↓", 0xAB: "↔", 0xD7: "⋅", 0xA2: "′", 0xB2: "″", 0x2D: "−", 0x7E: "∼",
          0xD6: "√", 0xE5: "∑", 0xCE: "∈", 0xB6: "∂", 0xC7: "∩", 0xC8: "∪"}  # fmt: skip
SYMBOLS = {ord(a): b for a, b in zip(_LATIN, _GREEK, strict=True)} | _SIGNS
_SAME = frozenset(" !#%&()+,./0123456789:;<=>?[]_{|}")
"""Signs that the font "Symbol" shows as they are."""
_PRIVATE = re.compile("[\uf020-\uf0ff]")


@dataclass(slots=True)
class Field:
    """A field that is open: its code, and once its result has begun the number of runs that stood before it."""

    code: str = ""
    begun: int | None = None


@dataclass(frozen=True, slots=True)
class NoteMark:
    """What leads to a note: its kind ("footnote" or "endnote") and id, and the author's own mark ("" for a number)."""

    kind: str
    key: str
    own: str = ""


@dataclass(slots=True)
class Paragraphs:
    """Reads paragraphs one by one; fields may run over several of them. `notes` gathers marks until they are taken away."""

    fields: list[Field] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    notes: list[NoteMark] = field(default_factory=list)

    def read(self, paragraph: etree._Element) -> tuple[list[Run], list[etree._Element]]:
        """The runs of a paragraph, and the contents of the text boxes that are anchored in it."""
        self.runs, self.boxes = [], []
        self.fields = [Field(open_.code, 0) for open_ in self.fields if open_.begun is not None]
        self._inside(paragraph)
        for open_ in self.fields:
            self._mark(open_)
        return self.runs, self.boxes

    @property
    def in_references(self) -> bool:
        """Whether the list of references that a program for citations wrote has begun and not ended."""
        return any(open_.begun is not None and _REFERENCES.match(open_.code) for open_ in self.fields)

    def _inside(self, parent: etree._Element) -> None:
        for element in parent:
            kind = name(element)
            if kind == "r":
                self._run(element)
            elif kind in _THROUGH:
                self._inside(element)
            elif kind == "sdt":
                self._control(element)
            elif kind == "AlternateContent":
                for chosen in chosen_content(element):
                    self._inside(chosen)
            elif kind in {"f", "sSup"}:
                first, *rest = [part for part in element if name(part) in _THROUGH] or [element]
                if rest:
                    self._inside(first)
                    self._add("/" if kind == "f" else "^")
                    for part in rest:
                        self._inside(part)

    def _control(self, control: etree._Element) -> None:
        """A content control: text as it stands, no hint at what to write there, and in some programs a citation."""
        properties = child(control, "sdtPr")
        if is_on(child(properties, "showingPlcHdr")):
            return
        before = len(self.runs)
        self._inside(control)
        if value(child(properties, "tag")).startswith("MENDELEY_CITATION"):
            self._mark(Field("CITATION", before))

    def _run(self, run: etree._Element) -> None:
        properties = child(run, "rPr")
        hidden = is_on(child(properties, "vanish"))
        raised = value(child(properties, "vertAlign")) == "superscript"
        before = len(self.runs)
        own_mark = False
        notes: list[NoteMark] = []
        for element in run:
            kind = name(element)
            if kind == "fldChar":
                self._field(value(element, "fldCharType"))
            elif kind == "instrText" and self.fields:
                self.fields[-1].code = (self.fields[-1].code + (element.text or ""))[:200]
            elif kind in {"footnoteReference", "endnoteReference"}:
                own_mark = is_on_value(value(element, "customMarkFollows"))
                notes.append(NoteMark(kind.removesuffix("Reference"), value(element, "id")))
            elif not hidden:
                self._content(element, kind, _NOTE if own_mark else "")
        if notes and not hidden and self._shows:
            own = "".join(run.text for run in self.runs[before:] if run.reason == _NOTE)
            self.notes += [*notes[:-1], replace(notes[-1], own=own)]
        if raised and len(self.runs) > before:
            self._raise(before)

    def _content(self, element: etree._Element, kind: str, reason: str) -> None:
        """What a run shows: text, blanks, signs, and text boxes, which are only noted."""
        if kind == "t":
            self._add(_PRIVATE.sub(_symbol, element.text or ""), reason)
        elif kind in _SPACES:
            self._add(_SPACES[kind])
        elif kind in {"sym", "symEx"}:
            self._add(_sign(value(element, "char"), value(element, "font")), reason)
        elif kind == "ruby":
            self._inside(element)
        elif kind == "AlternateContent":
            for chosen in chosen_content(element):
                for part in chosen:
                    self._content(part, name(part), reason)
        elif kind in _DRAWN:
            self.boxes += text_boxes(element)

    @property
    def _shows(self) -> bool:
        """Whether what comes is shown, and no part of the code of a field."""
        return all(open_.begun is not None for open_ in self.fields)

    def _add(self, text: str, reason: str = "") -> None:
        if text and self._shows:
            self.runs.append(Run(text, reason))

    def _raise(self, before: int) -> None:
        """Leave out numbers that are raised behind a word or a mark: those of references. Units and powers stay."""
        text = "".join(run.text for run in self.runs[before:] if not run.reason)
        ahead = "".join(run.text[-20:] for run in self.runs[max(0, before - 4) : before] if not run.reason)
        if _RAISED.fullmatch(text) and _RAISES.search(ahead.rstrip()):
            self.runs[before:] = [Run(text, "reference mark")]

    def _field(self, kind: str) -> None:
        if kind == "begin" and len(self.fields) < 100:
            self.fields.append(Field())
        elif kind == "separate" and self.fields:
            self.fields[-1].begun = len(self.runs)
        elif kind == "end" and self.fields:
            self._mark(self.fields.pop())

    def _mark(self, ended: Field) -> None:
        """Leave out what a citation field shows where it is a number or stands in brackets."""
        if ended.begun is None or not _CITATION.match(ended.code):
            return
        shown = self.runs[ended.begun :]
        text = "".join(run.text for run in shown)
        if 0 < len(text) <= 500 and _MARK.fullmatch(text.strip()):
            self.runs[ended.begun :] = [Run(text, "reference mark")]


def chosen_content(alternates: etree._Element) -> list[etree._Element]:
    """The first of the alternatives of a drawing: programs write the same text once more for older ones."""
    choices = [part for part in alternates if name(part) == "Choice"]
    return choices[:1] or [part for part in alternates if name(part) == "Fallback"][:1]


def text_boxes(parent: etree._Element) -> list[etree._Element]:
    """The contents of the text boxes in a drawing, not those inside one of them."""
    return list(_boxes(parent))


def _boxes(parent: etree._Element) -> Iterator[etree._Element]:
    for element in parent:
        kind = name(element)
        if kind == "txbxContent":
            yield element
        elif kind == "AlternateContent":
            for chosen in chosen_content(element):
                yield from _boxes(chosen)
        else:
            yield from _boxes(element)


def is_on_value(text: str) -> bool:
    """Whether the value of a switch turns it on."""
    return text in {"1", "true", "on"}


def _symbol(match: re.Match[str]) -> str:
    return SYMBOLS.get(ord(match[0]) - 0xF000, "")


def _sign(code: str, font: str) -> str:
    """What <w:sym> shows: a sign of the font "Symbol", or the character itself in fonts of the usual alphabet."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    if font.casefold() == "symbol":
        low = number & 0xFF
        return SYMBOLS.get(low) or (chr(low) if chr(low) in _SAME else "")
    if 0xF000 <= number <= 0xF0FF:
        return ""
    return chr(number) if 0x20 <= number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else ""
