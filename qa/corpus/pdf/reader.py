"""PDF to a document: running text in reading order, sections, tables row by row, and the place of every word.

Words are read with pypdfium2 (Apache-2.0 or BSD-3-Clause; PDFium itself BSD): on a paper of 12 pages it gave the boxes of
all characters at 167 pages a second, pdfplumber at 10. The quality of their tables was not compared: columns, lines and
tables are told here, from the words and the ruling lines. PDFium unpacks a page's whole content, so a small file can still
cost time and memory before any limit here is met: read in a child process. Not done here: text in pictures (run OCR
first), labels in drawings, formulas. A ligature is given as its letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from qa.corpus.builder import DocumentBuilder
from qa.corpus.pdf.cells import read_table
from qa.corpus.pdf.flow import LABEL, Flow
from qa.corpus.pdf.furniture import find_furniture
from qa.corpus.pdf.layout import common_gutter, order_page, page_gutter
from qa.corpus.pdf.lines import Area, Row, make_rows
from qa.corpus.pdf.numbering import find_line_numbers
from qa.corpus.pdf.pages import Page, read_pages
from qa.corpus.pdf.stream import Stream, TextLine, word_list
from qa.corpus.pdf.tables import find_ruled, find_unruled
from qa.corpus.shapes import DOI, caption_label
from qa.schema import Document, Source

_NO_TITLE = re.compile(
    r"microsoft word|untitled|\.(?:docx?|indd|tex|dvi|pdf|qxd|rtf|odt)$|^(?:slide|document|title|layout)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d./-])(?:19|20)\d\d(?![\d/]|\.\d)")
_TITLE_WORDS = 60


def read_pdf(data: bytes, *, doc_id: str, path: str) -> Document:
    """Read the bytes of a PDF file; `path` is its relative name. Raises CorpusError where there is no text to read."""
    pages, info = read_pages(data, path)
    numbers = find_line_numbers(pages)
    for page in pages:
        counted = {id(word) for word in numbers.get(page.number, ())}
        page.words = [word for word in page.words if id(word) not in counted]
    laid = [(page, make_rows(page.words, page.number)) for page in pages]
    furniture = find_furniture(laid)
    stream = Stream(word_list([row for _, rows in laid for row in rows]))
    aside = {id(row) for found in furniture.values() for row, _ in found}
    usual = common_gutter([page_gutter([row for row in rows if id(row) not in aside]) for _, rows in laid])
    for page, rows in laid:
        _add_page(stream, page, rows, furniture.get(page.number, []), usual)
        for row in make_rows(numbers.get(page.number, ()), page.number):
            stream.add_line(row, "line number")
    first = laid[0][1] if laid else []
    title = _title_lines(stream, info.get("Title", ""))
    builder = DocumentBuilder(stream.text, page_starts=stream.page_starts)
    Flow(stream, builder, title).read()
    words = " ".join(stream.lines[number].text for number in title)
    document = builder.build(doc_id, _source(info, words, first, path), rest="unread")
    scanned = tuple(page.number for page in pages if page.scanned)
    return replace(document, line_starts=(), boxes=tuple(stream.boxes), scanned_pages=scanned)


def _add_page(
    stream: Stream, page: Page, rows: list[Row], furniture: Sequence[tuple[Row, str]], usual: tuple[float, float] | None
) -> None:
    """Add a page to the stream: running heads, text and tables in reading order, footers, words set in another direction."""
    stream.begin_page()
    aside = {id(row) for row, _ in furniture}
    body = [row for row in rows if id(row) not in aside]
    for row, reason in furniture:
        if row.top < page.height / 2:
            stream.add_line(row, reason)
    areas = find_ruled(page, body)
    taken = {id(word) for area in areas for row in area.rows for word in row.words}
    left = [Row(words, page=row.page) for row in body if (words := [w for w in row.words if id(w) not in taken])]
    _add_items(stream, order_page(left, areas, usual))
    for row, reason in furniture:
        if row.top >= page.height / 2:
            stream.add_line(row, reason)
    for row in make_rows(page.aside, page.number):
        stream.add_line(row, "sideways text")


def _add_items(stream: Stream, items: Sequence[Row | Area]) -> None:
    at, label = 0, False
    while at < len(items):
        item = items[at]
        if isinstance(item, Area):
            _add_table(stream, item)
            at += 1
            continue
        stream.add_line(item)
        at += 1
        if caption_label(item.text, None) == "table":
            label = True
        start = _caption_end(items, at) if label else at
        label = False
        if start > at or caption_label(item.text, None) == "table":
            end = find_unruled(items, start)
            if end > start:
                for row in items[at:start]:
                    if isinstance(row, Row):
                        stream.add_line(row)
                rows = [row for row in items[start:end] if isinstance(row, Row)]
                left, right = min(row.left for row in rows), max(row.right for row in rows)
                _add_table(stream, Area(rows, left, right, rows[0].page))
                at = end


def _caption_end(items: Sequence[Row | Area], at: int) -> int:
    """End of the lines of one piece that go on with the caption before them."""
    start = at
    while at < len(items) and at - start < 8:
        row, before = items[at], items[at - 1]
        if not isinstance(row, Row) or not isinstance(before, Row) or len(row.parts(1.2)) > 1:
            break
        alike = 0.3 * before.size if at == start and LABEL.match(before.text) else 0.3
        if abs(row.size - before.size) > alike or not 0 < row.base - before.base <= 1.4 * before.size:
            break
        at += 1
    return at


def _add_table(stream: Stream, area: Area) -> None:
    table = read_table(area)
    if table is None:
        stream.add_flat(area)
    else:
        stream.add_table(table, area)


def _title_lines(stream: Stream, named: str) -> list[int]:
    """Lines of the title on the first page: those that spell the title which the file states, else the largest ones."""
    lines = [
        element for element in stream.elements if isinstance(element, TextLine) and element.row.page == 1
    ]  # fmt: skip
    lines = [line for line in lines if not line.reason][:60]
    wanted = _letters(named)
    for i in range(len(lines) if len(wanted) > 8 else 0):
        words = ""
        for j in range(i, min(i + 6, len(lines))):
            words += _letters(lines[j].row.text)
            if words == wanted:
                return [line.number for line in lines[i : j + 1]]
            if not wanted.startswith(words):
                break
    if len(lines) < 2:
        return []
    largest = max(line.row.size for line in lines)
    others = sorted(line.row.size for line in lines)
    run: list[TextLine] = []
    for line in lines:
        if line.row.size > largest - 0.6 and (not run or line.number == run[-1].number + 1):
            run.append(line)
        elif run:
            break
    count = sum(len(line.row.words) for line in run)
    plain = largest >= 1.12 * others[len(others) // 2] and 1 <= count <= _TITLE_WORDS
    return [line.number for line in run] if plain else []


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _source(info: dict[str, str], title: str, first: Sequence[Row], path: str) -> Source:
    """What the file states of itself, and the identifier on its first page."""
    named = " ".join(info.get("Title", "").split())
    if not title and len(named.split()) >= 2 and not _NO_TITLE.search(named):
        title = named
    doi = year = ""
    lines = [*(row.text for row in first), info.get("Subject", ""), info.get("doi", "")]
    for text in lines:
        match = DOI.search(text)
        if match and not doi:
            doi = match.group(1).rstrip(".,;:)]")
            years = set(_YEAR.findall(text[: match.start()] + " " + text[match.end() :]))
            year = years.pop() if len(years) == 1 else ""
    if not year and len(years := set(_YEAR.findall(info.get("Subject", "")))) == 1:
        year = years.pop()
    author = " ".join(info.get("Author", "").split())
    stem = PurePosixPath(path).stem.replace("_", " ").replace("-", " ").strip()
    return Source(
        path=path,
        title=title or stem[:1].upper() + stem[1:],
        authors=author if " " in author and "@" not in author and len(author) < 2000 else "",
        year=year,
        doi=doi,
    )
