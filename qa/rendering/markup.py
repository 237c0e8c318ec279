"""Small pieces of HTML: escaped words, marked words, lines of reference."""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from qa.references import doi_address, doi_of
from qa.schema import Source

Range = tuple[int, int]

_STEP = " \u203a "


def escape(text: str) -> str:
    """The text as HTML that shows it, whatever it holds; also within double quotes."""
    return html.escape(text, quote=True)


def marked(text: str, start: int, marks: Sequence[Range], quote: Range | None = None) -> str:
    """`text`, which stands at offset `start`, escaped, with what lies inside a mark in <mark> and the quote in a span.

    >>> marked("4 mg & more", 10, [(10, 14)])
    '<mark>4 mg</mark> &amp; more'
    """
    end = start + len(text)
    ranges = [*marks, *([quote] if quote else [])]
    cuts = sorted({start, end, *(cut for pair in ranges for cut in pair if start < cut < end)})
    parts = []
    for begin, stop in pairwise(cuts):
        part = escape(text[begin - start : stop - start])
        if any(a <= begin and stop <= b for a, b in marks):
            part = f"<mark>{part}</mark>"
        if quote and quote[0] <= begin and stop <= quote[1]:
            part = f'<span class="vb-quoted">{part}</span>'
        parts.append(part)
    return "".join(parts)


def work_title(source: Source) -> str:
    """The title of the work that is cited, or what comes nearest to one."""
    return source.title or source.note or Path(source.path).stem


def trail(section: Sequence[str], *titles: str) -> str:
    """The heading path without a first heading that is the title anyway.

    >>> trail(("Dosing note", "Adults", "Dose"), "Dosing note").split(_STEP)
    ['Adults', 'Dose']
    """
    return _STEP.join(section[1:] if section and section[0] in titles else section)


def doi_link(doi: str) -> str:
    """A link to the DOI, as text where it is not one."""
    found = doi_of(doi)
    if not found:
        return escape(doi)
    link = f'href="{escape(doi_address(found))}" target="_blank" rel="noopener noreferrer"'
    return f"<a {link}>doi:{escape(found)}</a>"


def dotted(*parts: str) -> str:
    """The parts that there are, already escaped, as one line with dots between them."""
    spans = "".join(f"<span>{part}</span>" for part in parts if part)
    return f'<span class="vb-reference">{spans}</span>' if spans else ""


def action(words: str, told: str = "", **data: str) -> str:
    """A quiet button with `data-` attributes; `told` is what a screen reader says in place of its words."""
    attributes = "".join(f' data-{key}="{escape(value)}"' for key, value in data.items())
    label = f' aria-label="{escape(told)}"' if told else ""
    return f'<button type="button" class="vb-quiet"{attributes}{label}>{escape(words)}</button>'
