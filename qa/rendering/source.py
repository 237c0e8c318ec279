"""The panel that shows where a citation stands: the page of a PDF file, or the text of a document."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote as percent_encode

from qa.rendering.body import Part, body
from qa.rendering.markup import doi_link, dotted, escape, trail, work_title
from qa.rendering.place import Place, place_attributes
from qa.rendering.sheet import Sheet, sheet_view
from qa.schema import Document


@dataclass(frozen=True, slots=True)
class View:
    """What of a document is shown: a `sheet`, or else a part of its text, the one around the place if none is named.

    `paged`: pages can be shown, or could if nothing was wrong. `problem` says in words what is wrong with the file.
    `link` is how the link to the file is called, empty where there is none.
    """

    sheet: Sheet | None = None
    part: Part | None = None
    paged: bool = False
    problem: str = ""
    link: str = ""
    end: bool = False
    """Whether to begin reading at the end of the part."""


def no_source() -> str:
    """What the panel beside the chat holds before a citation is opened."""
    return '<article class="vb-source"></article>'


def lost_source(reason: str, place: Place | None = None) -> str:
    """What the panel says where a source cannot be opened."""
    named = place_attributes(place) if place else ""
    return (
        f'<article class="vb-source" {named} data-lost aria-label="Source">{_CLOSE}<header>{_STEPS}</header>'
        f'<p class="vb-lost" role="status">{escape(reason)}</p></article>'
    )


def file_link(doc_id: str, page: int | None = None) -> str:
    """Address of the file of a document, below that of the chat."""
    return f"file/{percent_encode(doc_id, safe='/')}" + (f"#page={page}" if page else "")


def source_panel(document: Document, place: Place, view: View | None = None) -> str:
    """The page or the text with the quote and the span highlighted, under the reference and the place of the quote."""
    view = view or View()
    title = work_title(document.source) or document.doc_id
    problem = f'<p class="vb-trouble" role="status">{escape(view.problem)}</p>' if view.problem else ""
    home = view.sheet.picture.number == view.sheet.home if view.sheet else view.part is None
    if view.sheet is not None:
        shown = sheet_view(view.sheet, title, document.slice(place.quote_start, place.quote_end))
    else:
        shown = _text_view(document, place, view)
    return (
        f'<article class="vb-source" {place_attributes(place)} data-view="{"page" if view.sheet else "text"}"'
        f'{" data-home" if home else ""}{" data-end" if view.end else ""} aria-label="Source">'
        f"{_header(document, place, view, title)}{problem}{shown}</article>"
    )


_CLOSE = '<button type="button" class="vb-close" aria-label="Close the source" title="Close (Esc)">&times;</button>'
_STEPS = (
    '<nav class="vb-steps" aria-label="Citations" hidden>'
    '<button type="button" class="vb-tool" data-step="-1" data-focus="step-back" aria-label="Previous citation"'
    ' aria-keyshortcuts="p" title="Previous citation (p)">‹</button><span class="vb-step"></span>'
    '<button type="button" class="vb-tool" data-step="1" data-focus="step-on" aria-label="Next citation"'
    ' aria-keyshortcuts="n" title="Next citation (n)">›</button>'
    '<span class="vb-keys" aria-hidden="true"><kbd>n</kbd> next <kbd>p</kbd> previous <kbd>Esc</kbd> close</span></nav>'
)


def _header(document: Document, place: Place, view: View, title: str) -> str:
    """What is cited, where in it, and the ways to look at it."""
    source = document.source
    whole = place.quote_start == place.quote_end  # the document was opened, not a place in it
    page, line = (None, None) if whole else (document.page(place.start), document.line(place.start))
    section = next((block.section for block in document.blocks if block.start <= place.start < block.end), ())
    heading = trail(section, source.title, source.note)
    published = (source.authors, source.container, source.year, source.section)
    where = filter(None, (heading, f"page {page}" if page else "", f"line {line}" if line else ""))
    notes = (
        f"Restated in “{source.note}”" if source.note and source.note != source.title else "",
        f"as of {source.as_of}" if source.as_of else "",
        source.path,
        source.licence,
    )
    return (
        f"<header>{_STEPS}{_CLOSE}<h2>{escape(title)}</h2>"
        f"{dotted(*map(escape, published), doi_link(source.doi))}"
        f'<p class="vb-where">{escape(" · ".join(where))}</p>'
        f'<div class="vb-ways">{_switch(view)}{_file(document, view, page)}'
        f'<details class="vb-about"><summary>About this document</summary>{dotted(*map(escape, notes))}</details></div></header>'
    )


def _switch(view: View) -> str:
    """The two ways to look at a document that has pages."""
    if not view.paged:
        return ""
    buttons = "".join(
        f'<button type="button" data-turn data-view="{name}" data-focus="{name}" aria-pressed="{str(on).lower()}">'
        f"{label}</button>"
        for name, label, on in (("page", "Page", view.sheet is not None), ("text", "Text", view.sheet is None))
    )
    return f'<div class="vb-switch" role="group" aria-label="Shown as">{buttons}</div>'


def _file(document: Document, view: View, page: int | None) -> str:
    if not view.link:
        return ""
    address = escape(file_link(document.doc_id, page))
    return f'<a class="vb-file" href="{address}" target="_blank" rel="noopener">{escape(view.link)}</a>'


def _text_view(document: Document, place: Place, view: View) -> str:
    """The part of the text, with ways to those before and after it."""
    part = view.part or Part.around(document, place)
    before = after = ""
    if part.first > 0:
        before = _more("before", part.first, "Show the text before this")
    if part.last < part.count:
        after = _more("after", part.last, "Show the text after this")
    return (
        '<div class="vb-text" tabindex="0" role="region" aria-label="Text of the document" data-focus="view">'
        f"{before}{body(document, place, part)}{after}</div>"
    )


def _more(way: str, block: int, words: str) -> str:
    return (
        f'<p class="vb-more"><button type="button" class="vb-tool" data-turn data-view="text" data-{way}="{block}"'
        f' data-focus="{way}">{words}</button></p>'
    )
