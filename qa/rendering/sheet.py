"""A page of a PDF file as it looks, with the quoted words boxed and those that answer boxed more strongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa.corpus.pdf.picture import PagePicture
from qa.rendering.markup import escape
from qa.schema import Box

_PAD = 1.0
"""Points by which a box stands off its words."""

_QUOTE_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Sheet:
    """An image of a page, and where on which pages the quote and the answering words stand."""

    picture: PagePicture
    quote: tuple[Box, ...]
    words: tuple[Box, ...]
    home: int
    """The page that is shown first: where the answering words begin."""

    def on_page(self, boxes: Sequence[Box]) -> list[Box]:
        """Those of the boxes that stand on this page."""
        return [box for box in boxes if box.page == self.picture.number]

    @property
    def others(self) -> list[int]:
        """Further pages on which the quote stands."""
        return sorted({box.page for box in (*self.quote, *self.words)} - {self.picture.number})


def sheet_view(sheet: Sheet, title: str, quote: str) -> str:
    """The page with its boxes, under what turns pages and makes it larger."""
    picture = sheet.picture
    boxes = [_box(box, "vb-box", picture) for box in _joined(sheet.on_page(sheet.quote))]
    boxes += [_box(box, "vb-box vb-box-words", picture) for box in _joined(sheet.on_page(sheet.words))]
    image = (
        f'<img alt="{escape(_alternative(sheet, title, quote, bool(boxes)))}" draggable="false"'
        f' src="data:{escape(picture.mime)};base64,{escape(picture.data)}">'
    )
    return (
        f'{_tools(sheet)}<div class="vb-sheet" tabindex="0" role="region" aria-label="Page {picture.number}" data-focus="view">'
        f'{_elsewhere(sheet)}<figure class="vb-leaf" style="--vb-across:{picture.width:g};aspect-ratio:{picture.width:g}/'
        f'{picture.height:g}">{image}{"".join(boxes)}</figure></div>'
    )


def _tools(sheet: Sheet) -> str:
    number, count = sheet.picture.number, sheet.picture.count
    back = "" if sheet.picture.number == sheet.home else _turn(sheet.home, "home", "", "Back to the quote")
    return (
        '<div class="vb-tools" role="group" aria-label="Pages">'
        f"{_turn(number - 1, 'page-back', 'Previous page', '‹', off=number <= 1)}<span>Page {number} of {count}</span>"
        f"{_turn(number + 1, 'page-on', 'Next page', '›', off=number >= count)}{back}"
        '<button type="button" class="vb-tool vb-zoom" data-focus="zoom">Larger</button></div>'
    )


def _turn(page: int, name: str, label: str, words: str, *, off: bool = False) -> str:
    """A button that turns to a page."""
    named = f' aria-label="{label}" title="{label}"' if label else ""
    return (
        f'<button type="button" class="vb-tool" data-turn data-view="page" data-page="{page}" data-focus="{name}"'
        f"{named}{' disabled' if off else ''}>{words}</button>"
    )


def _elsewhere(sheet: Sheet) -> str:
    """Where the quote goes on, if that is on another page; nothing on pages that have no part of it."""
    if not sheet.on_page((*sheet.quote, *sheet.words)):
        return ""
    links = " ".join(_turn(page, f"part-{page}", "", f"Page {page}") for page in sheet.others)
    return f'<p class="vb-elsewhere">The quote also stands on {links}</p>' if links else ""


def _alternative(sheet: Sheet, title: str, quote: str, marked: bool) -> str:
    """What the image is, for those who do not see it; the words themselves are in the text view."""
    words = " ".join(quote.split())
    if len(words) > _QUOTE_SHOWN:
        words = words[:_QUOTE_SHOWN].rsplit(" ", 1)[0] + " …"
    page = f"Page {sheet.picture.number} of {sheet.picture.count} of “{title}”"
    told = f", with a box around the quote: “{words}”" if marked else ""
    return f"{page}{told}. The text view has its words."


def _joined(boxes: Sequence[Box]) -> list[Box]:
    """The boxes with those joined that follow each other on a line which runs up or down, as on a turned page."""
    found: list[Box] = []
    for box in boxes:
        last = found[-1] if found else None
        if last and abs(last.left - box.left) < 1 and abs(last.right - box.right) < 1:
            gap = max(box.top - last.bottom, last.top - box.bottom)
            if gap < box.right - box.left:
                found[-1] = last.joined(box)
                continue
        found.append(box)
    return found


def _box(box: Box, kind: str, picture: PagePicture) -> str:
    """A box in percent of the page, so that it grows with the image."""
    left, top = max(0.0, box.left - _PAD), max(0.0, box.top - _PAD)
    right, bottom = min(picture.width, box.right + _PAD), min(picture.height, box.bottom + _PAD)
    parts = {
        "left": left / picture.width,
        "top": top / picture.height,
        "width": (right - left) / picture.width,
        "height": (bottom - top) / picture.height,
    }
    style = ";".join(f"{name}:{100 * max(0.0, part):.3f}%" for name, part in parts.items())
    return f'<span class="{kind}" aria-hidden="true" style="{style}"></span>'
