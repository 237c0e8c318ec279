"""Words and ruling lines of the pages of a PDF file, each with its place.

Places are points from the upper left corner of the page as its text is read: a page whose text runs upward is turned. The
box of a word is that of the page as it is shown. Read with pypdfium2, which no two threads may use at once.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from qa.corpus.pdf.runs import DESCENT, RunReader
from qa.errors import CorpusError
from qa.schema import Box

MAX_PAGES = 2000
MAX_CHARACTERS = 2_500_000
MAX_PAGE_CHARACTERS = 60_000
MAX_OBJECTS = 4000
"""Drawn things of a page that are looked at for ruling lines and pictures."""
_THIN = 3.0


@dataclass(slots=True)
class Word:
    """Characters without a space; `raised` are [start, end) of those that are set as superscripts."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool
    box: Box
    raised: list[tuple[int, int]] = field(default_factory=list)

    @property
    def is_raised(self) -> bool:
        """Whether all of it is set as a superscript."""
        return self.raised == [(0, len(self.text))]

    @property
    def base(self) -> float:
        """Height of the line that the letters stand on."""
        return self.bottom - DESCENT * self.size


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, level or upright, or an edge of a drawn rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def level(self) -> bool:
        return self.right - self.left >= self.bottom - self.top


@dataclass(slots=True)
class Page:
    """A page as its text is read; `aside` are the few words on it that run in another direction.

    `scanned`: it shows a picture and has no text.
    """

    number: int
    width: float
    height: float
    words: list[Word]
    aside: list[Word]
    rules: list[Rule]
    scanned: bool


@dataclass(frozen=True, slots=True)
class _Frame:
    """The visible part of a page in its own units, seen after `turns` quarter turns clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    def place(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) from the upper left corner."""
        match self.turns:
            case 0:
                return left - self.left, self.top - top, right - self.left, self.top - bottom
            case 1:
                return bottom - self.bottom, left - self.left, top - self.bottom, right - self.left
            case 2:
                return self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
            case _:
                return self.top - top, self.right - right, self.top - bottom, self.right - left

    @property
    def size(self) -> tuple[float, float]:
        wide, high = self.right - self.left, self.top - self.bottom
        return (high, wide) if self.turns % 2 else (wide, high)


def read_pages(data: bytes, path: str) -> tuple[list[Page], dict[str, str]]:
    """The pages of a file, and what it says of itself. Raises CorpusError where it cannot be opened or has no text."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD or "assword" in str(error):
            raise CorpusError("is encrypted: save it without a password first", path=path) from error
        raise CorpusError("is not a PDF file that can be read, or is damaged", path=path) from error
    try:
        if not len(document):
            raise CorpusError("has no pages", path=path)
        if len(document) > MAX_PAGES:
            raise CorpusError(f"has more than {MAX_PAGES} pages: split it first", path=path)
        info = _info(document)
        pages = _all_pages(document, path)
    except pypdfium2.PdfiumError as error:
        raise CorpusError("is damaged: a page cannot be read", path=path) from error
    finally:
        document.close()
    if not any(page.words or page.aside for page in pages):
        raise CorpusError("has no text layer: run OCR first", path=path)
    return pages, info


def _info(document: Any) -> dict[str, str]:
    """What the file states of itself, but for what is no text."""
    found: dict[str, str] = {}
    for key in document.METADATA_KEYS:
        with suppress(UnicodeDecodeError):
            found[key] = document.get_metadata_value(key)
    return {key: text for key, text in found.items() if text}


def _all_pages(document: Any, path: str) -> list[Page]:
    pages, total = [], 0
    for index in range(len(document)):
        page = document[index]
        turned = page.get_rotation()
        page.set_rotation(0)  # else words are put together as they look when the page is not turned
        text = page.get_textpage()
        total += text.count_chars()
        if total > MAX_CHARACTERS or text.count_chars() > MAX_PAGE_CHARACTERS:
            raise CorpusError("holds too many characters to be a paper: split it first", path=path)
        pages.append(_page(page, text, index + 1, turned))
        text.close()
        page.close()
    return pages


def _page(page: Any, text: Any, number: int, turned: int) -> Page:
    import pypdfium2.raw as pdfium

    left, bottom, right, top = page.get_bbox()
    runs = RunReader(pdfium, text.raw).read()
    weight: Counter[int] = Counter()
    for run in runs:
        weight[run.turns] += len(run.text)
    turns = max(weight, key=lambda key: (key >= 0, weight[key]), default=0) if weight else 0
    frame = _Frame(left, bottom, right, top, max(turns, 0))
    shown = _Frame(left, bottom, right, top, turned // 90 % 4)
    words: list[Word] = []
    aside: list[Word] = []
    for run in runs:
        x, y = (run.bounds[0] + run.bounds[2]) / 2, (run.bounds[1] + run.bounds[3]) / 2
        if not (left <= x <= right and bottom <= y <= top):
            continue  # outside of the page that is shown
        a, b, c, d = frame.place(*run.bounds)
        box = Box(number, *(round(value, 2) for value in shown.place(*run.bounds)))
        word = Word("".join(run.text), a, b, c, d, run.size, run.bold, box, run.raised)
        (words if run.turns == turns else aside).append(word)
    rules = [Rule(*frame.place(*bounds)) for bounds in _drawn(pdfium, page.raw)]
    rules = [rule for rule in rules if rule.right > 0 and rule.bottom > 0]
    return Page(number, *frame.size, words, aside, rules, not (words or aside) and _has_picture(pdfium, page.raw))


def _has_picture(pdfium: Any, raw: Any) -> bool:
    """Whether an image stands on a page, or a form, in which scanners put theirs."""
    kinds = {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM}
    count = min(pdfium.FPDFPage_CountObjects(raw), MAX_OBJECTS)
    return any(pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(raw, at)) in kinds for at in range(count))


def _drawn(pdfium: Any, raw: Any) -> list[tuple[float, float, float, float]]:
    """Bounds (left, bottom, right, top) of the thin lines of a page and of the edges of its rectangles."""
    found: list[tuple[float, float, float, float]] = []
    values = [ctypes.c_float() for _ in range(4)]
    count = pdfium.FPDFPage_CountObjects(raw)
    for at in range(min(count, MAX_OBJECTS)):
        thing = pdfium.FPDFPage_GetObject(raw, at)
        if pdfium.FPDFPageObj_GetType(thing) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        if not pdfium.FPDFPageObj_GetBounds(thing, *values):
            continue
        left, bottom, right, top = (value.value for value in values)
        if min(right - left, top - bottom) <= _THIN:
            if max(right - left, top - bottom) >= 2 * _THIN:
                found.append((left, bottom, right, top))
        elif 4 <= pdfium.FPDFPath_CountSegments(thing) <= 6:
            found += [(left, top, right, top), (left, bottom, right, bottom)]
            found += [(left, bottom, left, top), (right, bottom, right, top)]
    return found
