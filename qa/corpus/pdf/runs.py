"""The characters of a PDF page put together to words, in the page's own units."""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_T1 = str.maketrans("\x10\x11\x12\x13\x14\x15\x16\x1b\x1c\x1d\x1e\x1f", "“”„«»–—ﬀﬁﬂﬃﬄ")
_OT1 = str.maketrans("\x0b\x0c\x0e\x0f", "ﬀﬁﬃﬄ")
"""What fonts of TeX have at the places of control characters, which are all that some of its files say."""
_T1_INSIDE = re.compile("[a-z][\x1b-\x1f]|[\x1b-\x1f][a-z]")
_OT1_INSIDE = re.compile("[a-z][\x0b\x0c\x0e\x0f]|[\x0b\x0c\x0e\x0f][a-z]")
_ACCENTS = dict(
    zip("`´ˆ^˜¯˘˙¨˚˝ˇ¸", "\u0300\u0301\u0302\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327", strict=True)
)
_HYPHENS = "\x02\ufffe"
"""What the library puts for a hyphen at the end of a line."""
_WORD = re.compile(r"\S+")
_PLAIN = re.compile(r"[(\[“]?[^\W\d_]+(?:[-’'][^\W\d_]+)*[.,;:)\]?!”]?|\d{2,6}")
DESCENT = 0.2
"""Share of a letter's size that is below the line it stands on."""
_POWER = re.compile(r"(?:(?:^|[^\d.])10|(?:^|[/×·(])(?:[kcmµμ]?m|s|kg|L|[a-zA-Zχη]))$")
"""What raised digits behind it are a power of, and no mark."""
_EXPONENT = re.compile(r"[-−–+]?\d{1,3}")
_RAISED = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_UNFIT = re.compile(
    "[\0\1\3-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffc\ufffd\uffff]"
)


Bounds = tuple[float, float, float, float]


@dataclass(slots=True)
class Run:
    """A word as it is collected: its characters, and its bounds in the units of the page."""

    text: list[str]
    bounds: list[float]
    size: float
    bold: bool
    turns: int
    raised: list[tuple[int, int]] = field(default_factory=list)


class RunReader:
    """Collects the characters of a page into words."""

    def __init__(self, pdfium: Any, raw: Any) -> None:
        self.pdfium = pdfium
        self.raw = raw
        self.runs: list[Run] = []
        self.open: Run | None = None
        self.bold: dict[int, bool] = {}
        self.rect = pdfium.FS_RECTF()
        self.reference = ctypes.byref(self.rect)
        self.matrix = pdfium.FS_MATRIX()
        self.settings: dict[int, tuple[int, float]] = {}
        self.turns = 0
        self.origin = (ctypes.c_double(), ctypes.c_double())

    def read(self) -> list[Run]:
        """All words, in the order of the file. Of a word of letters only its first and last character are measured."""
        text = self._text()
        for match in _WORD.finditer(text):
            start, end = match.span()
            self.open = None
            if end - start > 2 and _PLAIN.fullmatch(match.group()) and self._whole(match.group(), start, end):
                continue
            for at in range(start, end):
                self._add(text[at], at)
        for run in self.runs:
            _write_powers(run)
            left, bottom, right, top = run.bounds
            run.bounds = list(_turned((left, bottom, right, top), -max(run.turns, 0)))
        return self.runs

    def _text(self) -> str:
        """One character of a string for each character of the page, a space for what is none."""
        count = self.pdfium.FPDFText_CountChars(self.raw)
        buffer = ctypes.create_string_buffer(2 * count + 2)
        units = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
        written = self.pdfium.FPDFText_GetText(self.raw, 0, count, units)
        units_read = buffer.raw[: 2 * max(written - 1, 0)]
        text = units_read.decode("utf-16-le", "replace")
        if len(text) != count and len(units_read) == 2 * count:
            text = "".join(char if char <= "\uffff" else char + " " for char in text)
        if len(text) != count:
            code = self.pdfium.FPDFText_GetUnicode
            values = [code(self.raw, at) for at in range(count)]
            text = "".join(chr(value) if value <= 0x10FFFF else " " for value in _pairs(values))
        return _UNFIT.sub(" ", _tex_letters(text))

    def _whole(self, word: str, start: int, end: int) -> bool:
        """Take a word by its first and last character, if these stand level on one line; False where they do not."""
        left, bottom, right, top = self._box(start)
        turns = self.turns
        _, low, far, high = self._box(end - 1)
        size = top - bottom
        if self.turns != turns or abs(low - bottom) > 0.1 * size or abs(high - top) > 0.15 * size or far <= right:
            return False
        if far - left > 1.1 * size * (end - start):
            return False
        self._begin(_expanded(word), start, [left, min(bottom, low), far, max(top, high)])
        return True

    def _box(self, at: int) -> Bounds:
        """The box of a character, as high as its font's size and on the line it stands on, turned upright; sets `turns`.

        What the library says of its height hangs on what the font says of itself: signs of a font for formulas would seem
        to stand on another line, and in files of some makers each letter is as high as its ink.
        """
        self.turns, size = self._setting(at)
        self.pdfium.FPDFText_GetLooseCharBox(self.raw, at, self.reference)
        rect = self.rect
        left, bottom, right, top = _turned((rect.left, rect.bottom, rect.right, rect.top), max(self.turns, 0))
        if self.turns < 0 or not size or not self.pdfium.FPDFText_GetCharOrigin(self.raw, at, *self.origin):
            return left, bottom, right, top
        x, y = (value.value for value in self.origin)
        low = _turned((x, y, x, y), self.turns)[1] - DESCENT * size
        return left, low, right, low + size

    def _setting(self, at: int) -> tuple[int, float]:
        """Quarter turns clockwise in which a character is set (-1 where it slants) and its size in points."""
        thing = self.pdfium.FPDFText_GetTextObject(self.raw, at)
        key = ctypes.cast(thing, ctypes.c_void_p).value or -1 - at
        if key not in self.settings:
            angle = math.degrees(self.pdfium.FPDFText_GetCharAngle(self.raw, at)) / 90
            size = 0.0
            if self.pdfium.FPDFText_GetMatrix(self.raw, at, ctypes.byref(self.matrix)):
                size = self.pdfium.FPDFText_GetFontSize(self.raw, at) * math.hypot(self.matrix.c, self.matrix.d)
            turns = -round(angle) % 4 if abs(angle - round(angle)) < 0.06 else -1
            self.settings[key] = turns, abs(size) if 0.5 < abs(size) < 2000 else 0.0
        return self.settings[key]

    def _add(self, char: str, at: int) -> None:
        hyphen = char in _HYPHENS
        char = "-" if hyphen else _LIGATURES.get(char, char)
        box = self._box(at)
        if not self._joined(self.open, char, box):
            self._begin(char, at, list(box))
        if hyphen:
            self.open = None

    def _begin(self, char: str, at: int, bounds: list[float]) -> None:
        run = Run(list(char), bounds, max(bounds[3] - bounds[1], 1.0), self._is_bold(at), self.turns)
        before = self.runs[-1] if self.runs else None
        if before is not None and self.turns == before.turns >= 0:
            if _is_raised(before, bounds):
                self._raise(before, char, bounds)
                self.open = before
                return
            if _goes_on(before, run):
                before.text.append(char)
                before.bounds[2] = bounds[2]
                self.open = before
                return
        self.open = run
        self.runs.append(run)

    def _joined(self, run: Run | None, char: str, box: Bounds) -> bool:
        """Add a character to the open word where it stands beside it: on its line, or raised."""
        if run is None or run.turns < 0 or run.turns != self.turns:
            return False
        if _is_raised(run, box):
            self._raise(run, char, box)
            return True
        bounds, size = run.bounds, run.size
        left, bottom, right, top = box
        if abs(bottom - bounds[1]) > 0.3 * size or not -size < left - bounds[2] < 0.2 * size:
            return False
        if left - bounds[2] < -0.2 * size and (letter := _accented(run.text[-1], char)):
            run.text[-1] = letter
        else:
            run.text.append(char)
        run.bounds = [min(bounds[0], left), min(bounds[1], bottom), max(bounds[2], right), max(bounds[3], top)]
        return True

    def _raise(self, run: Run, char: str, bounds: Sequence[float]) -> None:
        at = len("".join(run.text))
        run.text.append(char)
        if run.raised and run.raised[-1][1] == at:
            run.raised[-1] = (run.raised[-1][0], at + len(char))
        else:
            run.raised.append((at, at + len(char)))
        run.bounds[2] = max(run.bounds[2], bounds[2])

    def _is_bold(self, at: int) -> bool:
        thing = self.pdfium.FPDFText_GetTextObject(self.raw, at)
        font = self.pdfium.FPDFTextObj_GetFont(thing) if thing else None
        if not font:
            return False
        key = ctypes.cast(font, ctypes.c_void_p).value or 0
        if key not in self.bold:
            buffer = ctypes.create_string_buffer(256)
            self.pdfium.FPDFFont_GetBaseFontName(font, buffer, 256)
            name = buffer.value.decode("utf-8", "replace").lower()
            plain = any(part in name for part in ("bold", "black", "heavy", "-bd", "demi", "cmbx"))
            self.bold[key] = plain or self.pdfium.FPDFText_GetFontWeight(self.raw, at) >= 650
        return self.bold[key]


def _tex_letters(text: str) -> str:
    r"""The characters of a page, with the ligatures that a file of TeX gives as control characters.

    >>> _tex_letters("a con\x1crmed 0.41\x150.78"), _tex_letters("\x1c 12 \x15")
    ('a conﬁrmed 0.41–0.78', '\x1c 12 \x15')
    """
    if _T1_INSIDE.search(text):
        return text.translate(_T1)
    return text.translate(_OT1) if _OT1_INSIDE.search(text) else text


def _write_powers(run: Run) -> None:
    """Write the raised digits of a power as such ("10⁹"): on the line they would be those of another number ("109")."""
    text = "".join(run.text)
    for start, end in run.raised:
        if _EXPONENT.fullmatch(text, start, end) and _POWER.search(text[:start]):
            text = text[:start] + text[start:end].translate(_RAISED) + text[end:]
    run.text = [text]


def _pairs(values: Sequence[int]) -> Iterator[int]:
    """Code points, one for each value: where two values are the halves of one, it stands for the first."""
    skip = False
    for value, after in zip(values, [*values[1:], 0], strict=True):
        if skip:
            skip = False
            yield 0
        elif 0xD800 <= value < 0xDC00 <= after < 0xE000:
            skip = True
            yield 0x10000 + ((value - 0xD800) << 10) + after - 0xDC00
        else:
            yield value


def _accented(accent: str, letter: str) -> str:
    """The letter below an accent that was drawn over it, as one character; "" where there is none.

    >>> _accented("¨", "u"), _accented("a", "u")
    ('ü', '')
    """
    if accent not in _ACCENTS or not letter.isalpha():
        return ""
    both = unicodedata.normalize("NFC", letter + _ACCENTS[accent])
    return both if len(both) == 1 else ""


def _turned(box: Bounds, turns: int) -> Bounds:
    """A box after quarter turns clockwise about the corner of the page.

    >>> _turned((1, 2, 3, 5), 1), _turned(_turned((1, 2, 3, 5), 1), -1)
    ((2, -3, 5, -1), (1, 2, 3, 5))
    """
    left, bottom, right, top = box
    match turns % 4:
        case 0:
            return box
        case 1:
            return bottom, -right, top, -left
        case 2:
            return -right, -top, -left, -bottom
        case _:
            return -top, left, -bottom, right


def _is_raised(run: Run, bounds: Sequence[float]) -> bool:
    """Whether a smaller character stands right behind a word and higher than its line."""
    size = bounds[3] - bounds[1]
    if not 0.3 * run.size <= size <= 0.85 * run.size:
        return False
    rise = bounds[1] - run.bounds[1]
    return 0.15 * run.size < rise < 0.9 * run.size and -0.3 * run.size < bounds[0] - run.bounds[2] < 0.3 * run.size


def _goes_on(before: Run, run: Run) -> bool:
    """Whether a sign on the line stands close behind raised ones, as "/L" behind "10⁹": the library sees a gap there."""
    if not before.raised or run.text[0].isalnum():
        return False
    level = abs(run.bounds[1] - before.bounds[1]) < 0.1 * run.size and abs(run.size - before.size) < 0.1 * run.size
    return level and -0.3 * run.size < run.bounds[0] - before.bounds[2] < 0.12 * run.size


def _expanded(word: str) -> str:
    return word if word.isascii() else "".join(_LIGATURES.get(char, char) for char in word)
