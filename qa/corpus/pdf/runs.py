"""The characters of a PDF page put together to words, in the page's own units."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_HYPHENS = "\x02\ufffe"
"""What the library puts for a hyphen at the end of a line."""
_WORD = re.compile(r"\S+")
_PLAIN = re.compile(r"[(\[“]?[^\W\d_]+(?:[-’'][^\W\d_]+)*[.,;:)\]?!”]?|\d{2,6}")
_UNFIT = re.compile(
    "[\0\1\3-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffc\ufffd\uffff]"
)


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
        return _UNFIT.sub(" ", text)

    def _whole(self, word: str, start: int, end: int) -> bool:
        """Take a word by its first and last character, if these stand level on one line; False where they do not."""
        left, bottom, right, top = self._box(start)
        _, low, far, high = self._box(end - 1)
        size = top - bottom
        if abs(low - bottom) > 0.1 * size or abs(high - top) > 0.15 * size or far <= right:
            return False
        if far - left > 1.1 * size * (end - start):
            return False
        self._begin(_expanded(word), start, [left, min(bottom, low), far, max(top, high)])
        return True

    def _box(self, at: int) -> tuple[float, float, float, float]:
        self.pdfium.FPDFText_GetLooseCharBox(self.raw, at, self.reference)
        rect = self.rect
        return rect.left, rect.bottom, rect.right, rect.top

    def _add(self, char: str, at: int) -> None:
        hyphen = char in _HYPHENS
        char = "-" if hyphen else _LIGATURES.get(char, char)
        box = self._box(at)
        if not self._joined(self.open, char, box):
            self._begin(char, at, list(box))
        if hyphen:
            self.open = None

    def _begin(self, char: str, at: int, bounds: list[float]) -> None:
        angle = math.degrees(self.pdfium.FPDFText_GetCharAngle(self.raw, at)) / 90
        turns = -round(angle) % 4 if abs(angle - round(angle)) < 0.06 else -1
        size = bounds[2] - bounds[0] if turns % 2 and turns > 0 else bounds[3] - bounds[1]
        run = Run(list(char), bounds, max(size, 1.0), self._is_bold(at), turns)
        before = self.runs[-1] if self.runs else None
        self.open = run
        if before is not None and self._is_raised(before, run.size, run.turns, bounds, 0.3):
            self._raise(before, char, bounds)
            self.open = before
            return
        self.runs.append(run)

    def _joined(self, run: Run | None, char: str, box: tuple[float, float, float, float]) -> bool:
        """Add a character to the open word where it stands beside it: on its line, or raised."""
        if run is None or run.turns < 0:
            return False
        bounds, size = run.bounds, run.size
        left, bottom, right, top = box
        if run.turns == 0:
            if self._is_raised(run, top - bottom, 0, list(box), 0.3):
                self._raise(run, char, list(box))
                return True
            shift, gap = abs(bottom - bounds[1]), left - bounds[2]
        else:
            across = run.turns % 2
            shift = abs(left - bounds[0]) if across else abs(bottom - bounds[1])
            gap = max(bottom - bounds[3], bounds[1] - top) if across else bounds[0] - right
        if shift > 0.3 * size or not -size < gap < 0.2 * size:
            return False
        run.text.append(char)
        run.bounds = [min(bounds[0], left), min(bounds[1], bottom), max(bounds[2], right), max(bounds[3], top)]
        return True

    def _is_raised(self, run: Run, size: float, turns: int, bounds: list[float], gap: float) -> bool:
        """Whether a smaller character stands right behind a word and higher than its line."""
        if run.turns != 0 or turns != 0 or size > 0.85 * run.size or size < 0.3 * run.size:
            return False
        rise = bounds[1] - run.bounds[1]
        return 0.15 * run.size < rise < 0.9 * run.size and -0.3 * run.size < bounds[0] - run.bounds[2] < gap * run.size

    def _raise(self, run: Run, char: str, bounds: list[float]) -> None:
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


def _expanded(word: str) -> str:
    return word if word.isascii() else "".join(_LIGATURES.get(char, char) for char in word)
