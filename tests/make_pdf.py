"""PDF files for the tests, set from notes in Markdown: papers in one or two columns, tables, and files that cannot be read."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from matplotlib import get_data_path
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

_FONTS = Path(get_data_path()) / "fonts" / "ttf"
_PLAIN_MAP = ttfonts.makeToUnicodeCMap
_NAMES = {"Text": "DejaVuSerif.ttf", "TextBold": "DejaVuSerif-Bold.ttf", "Signs": "DejaVuSans.ttf"}
MARGIN = 54.0
HEAD = 110.0
"""Height of the frame over both columns of the first page."""


@dataclass(frozen=True)
class Look:
    """How a paper is set. `indent`: paragraphs begin with one and have no space between them."""

    columns: int = 2
    hyphens: bool = True
    indent: bool = False
    ruled: str = "grid"
    running: bool = True
    justify: bool = True
    size: float = 9.0
    rotate: int = 0
    numbers: bool = False
    bold_headings: bool = True


def make_paper(notes: Sequence[str], look: Look | None = None, *, title: str = "", **extra: Any) -> bytes:
    """The notes (Markdown) one after the other as one paper: title over both columns, sections, tables under captions."""
    look = look or Look()
    _register()
    story: list[Flowable] = []
    title = title or _title(notes[0])
    story.append(Paragraph(escape(title), _style(look, size=look.size * 2, font="TextBold", after=8)))
    story += [Paragraph(line, _style(look, after=4)) for line in extra.get("front", ())]
    if look.columns > 1:
        story += [FrameBreak(), NextPageTemplate("later")]
    for note in notes:
        story += _story(note, look, first=note is notes[0])
    for line in extra.get("back", ()):
        kind = "heading" if line.startswith("#") else "text"
        story.append(Paragraph(line.lstrip("# "), _style(look, kind)))
    out = io.BytesIO()
    document = BaseDocTemplate(
        out, pagesize=A4[::-1] if look.rotate % 180 else A4, title=extra.get("info", title), author=extra.get("author", ""),
        invariant=1,
        encrypt=extra.get("encrypt"), leftMargin=0, rightMargin=0,
    )  # fmt: skip
    document.rotation = look.rotate
    document.addPageTemplates(_templates(look, extra.get("running", "The Café Journal of Tests 😀"), extra))
    document.build(story)
    return out.getvalue()


def make_encrypted(notes: Sequence[str]) -> bytes:
    """A paper that cannot be opened without a password."""
    return make_paper(notes, encrypt=StandardEncryption("secret", "owner", canPrint=0))


def make_scan(pages: int = 2) -> bytes:
    """Pages that hold a picture and no text."""
    return make_canvas(*[draw_picture] * pages)


def draw_picture(canvas: Canvas) -> None:
    """Draw what a scanned page holds."""
    from PIL import Image

    canvas.drawInlineImage(Image.new("L", (80, 120), 200), 60, 200, 400, 500)


def make_canvas(*draws: Callable[[Canvas], None], size: tuple[float, float] = A4, rotate: int = 0) -> bytes:
    """A file of one page for each function, which draws it."""
    _register()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1)
    for draw in draws:
        if rotate:
            canvas.setPageRotation(rotate)
        canvas.setFont("Text", 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def make_bitmap_font(lines: Sequence[bytes]) -> bytes:
    """A page in a font of which nothing is known but the codes of its glyphs, as TeX makes without outline fonts."""
    glyph = b"500 0 0 0 400 700 d1 0 0 400 700 re f"
    names = b" ".join(b"/a%d" % code for code in range(256))
    text = (
        b"BT /F 10 Tf 14 TL 60 700 Td " + b"".join(b"<" + line.hex().encode() + b"> Tj T* " for line in lines) + b"ET"
    )
    procs = b" ".join(b"/a%d 6 0 R" % code for code in range(256))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n" % len(text) + text + b"\nendstream",
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 500 700]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 0/LastChar 255"
        b"/Widths[" + b"500 " * 256 + b"]/Encoding<</Type/Encoding/Differences[0 " + names + b"]>>/CharProcs<<" + procs + b">>>>",
        b"<</Length %d>>stream\n" % len(glyph) + glyph + b"\nendstream",
    ]  # fmt: skip
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return out + head + table + b"trailer<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(out)


def draw_lines(
    canvas: Canvas, x: float, y: float, lines: Sequence[str], *, step: float = 12, font: str = "Text"
) -> float:
    """Draw lines one below the other, `# ` in bold; the height at which the next would stand."""
    for line in lines:
        canvas.setFont("TextBold" if line.startswith("# ") else font, 10)
        canvas.drawString(x, y, line.removeprefix("# "))
        y -= step
    return y


def make_sideways(rows: Sequence[Sequence[str]], caption: str) -> bytes:
    """A table set sideways on an upright page, as wide tables are."""

    def draw(canvas: Canvas) -> None:
        canvas.translate(A4[0], 0)
        canvas.rotate(90)
        wide = landscape(A4)
        paragraph = Paragraph(escape(caption), _style(Look()))
        _, height = paragraph.wrapOn(canvas, wide[0] - 2 * MARGIN, wide[1])
        paragraph.drawOn(canvas, MARGIN, wide[1] - MARGIN - height)
        table = make_table(rows, Look(columns=1), wide[0] - 2 * MARGIN)
        _, depth = table.wrapOn(canvas, wide[0] - 2 * MARGIN, wide[1])
        table.drawOn(canvas, MARGIN, wide[1] - MARGIN - height - 8 - depth)

    return make_canvas(draw)


def make_table(rows: Sequence[Sequence[str]], look: Look, width: float, spans: Sequence[Any] = ()) -> Table:
    """A table whose first row is its header; `look.ruled` is grid, book (three rules), or none."""
    size, least = look.size * 0.8, [width + 1]
    while sum(least) > width and size > 4:
        least = [
            max(pdfmetrics.stringWidth(word, "TextBold", size) for row in rows for word in row[i].split()) + 8.5
            for i in range(len(rows[0]))
        ]
        size -= 0.25
    longest = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    spare = width - sum(least)
    widths = [low + spare * part / sum(longest) for low, part in zip(least, longest, strict=True)]
    body = _style(look, "cell", size=size)
    head = _style(look, "cell", size=size, font="TextBold")
    data = [[Paragraph(_signs(cell), head if i == 0 else body) for cell in row] for i, row in enumerate(rows)]
    style: list[Any] = [("VALIGN", (0, 0), (-1, -1), "TOP"), *spans]
    style += [("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4)]
    if look.ruled == "grid":
        style.append(("GRID", (0, 0), (-1, -1), 0.5, colors.black))
    elif look.ruled == "book":
        for edge, row in (("LINEABOVE", 0), ("LINEBELOW", 0), ("LINEBELOW", -1)):
            style.append((edge, (0, row), (-1, row), 0.7, colors.black))
    return Table(data, colWidths=widths, repeatRows=1, style=TableStyle(style), spaceAfter=10, spaceBefore=2)


def split_note(note: str) -> list[tuple[str, list[str]]]:
    """The blocks of a note: (kind, lines), where the kind is heading, caption, table, item or text."""
    body = re.sub(r"\A---\n.*?\n---\n", "", note, flags=re.DOTALL)
    found: list[tuple[str, list[str]]] = []
    for block in re.split(r"\n\s*\n", body.strip()):
        lines = [line.strip() for line in block.splitlines()]
        if lines[0].startswith("|"):
            found.append(("table", [line for line in lines if not re.fullmatch(r"[|\s:-]+", line)]))
        elif lines[0].startswith("#"):
            found.append(("heading", lines))
        elif re.match(r"(?:Table|Figure) \d+\. ", lines[0]):
            found.append(("caption", lines))
        elif lines[0].startswith("- "):
            found += [("item", [line.removeprefix("- ")]) for line in lines]
        else:
            found.append(("text", [" ".join(lines)]))
    return found


def table_rows(lines: Sequence[str]) -> list[list[str]]:
    """The cells of the rows of a Markdown table, header first."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _story(note: str, look: Look, *, first: bool) -> list[Flowable]:
    width = (A4[0] - 2 * MARGIN - 20) / 2 if look.columns > 1 else A4[0] - 2 * MARGIN
    found: list[Flowable] = []
    count = 0
    for kind, lines in split_note(note):
        if kind == "heading":
            level = len(lines[0]) - len(lines[0].lstrip("#"))
            if level == 1 and first:
                continue
            count += 1
            number = f"{count} " if look.numbers else ""
            found.append(Paragraph(number + escape(lines[0].lstrip("# ")), _style(look, "heading" + str(level))))
        elif kind == "table":
            found.append(make_table(table_rows(lines), look, width))
        elif kind == "item":
            found.append(Paragraph("• " + _set(lines[0], look), _style(look, "item")))
        else:
            found.append(Paragraph(_set(lines[0], look), _style(look, kind)))
    return found


def _set(text: str, look: Look) -> str:
    """Markup for a paragraph: places at which long words may break, and signs from a font that has them."""
    if look.hyphens:
        text = re.sub(r"(?<![\w-])[a-z]{7,}(?![\w-]| [<>])", lambda match: _soft(match.group()), text)
    return _signs(text)


def _signs(text: str) -> str:
    return escape(text).replace("😀", '<font face="Signs">😀</font>')


def _soft(word: str) -> str:
    return re.sub(r"(?<=[a-z]{3})(?=[bcdfglmnprstv][aeiou][a-z]{2})", "\u00ad", word)


def _style(look: Look, kind: str = "text", *, size: float = 0, font: str = "Text", after: float = -1) -> ParagraphStyle:
    size = size or look.size
    bold = "TextBold" if look.bold_headings else "Text"
    style = ParagraphStyle("x", fontName=font, fontSize=size, leading=size * 1.25, embeddedHyphenation=1)
    style.spaceAfter = after if after >= 0 else 0 if look.indent else 6
    if kind.startswith("heading"):
        style.fontName, style.keepWithNext, style.spaceBefore, style.spaceAfter = bold, 1, 8, 4
        style.fontSize = size * (1.35 if kind == "heading1" else 1.15)
        style.leading = style.fontSize * 1.2
    elif kind == "cell":
        style.leading = size * 1.15
    elif kind == "caption":
        style.fontSize, style.leading, style.spaceBefore, style.keepWithNext = size * 0.9, size * 1.1, 6, 1
        style.spaceAfter = 4
    elif kind == "item":
        style.leftIndent, style.firstLineIndent, style.alignment = 12, -8, 0
    elif kind == "text":
        style.alignment = 4 if look.justify else 0
        style.firstLineIndent = 10 if look.indent else 0
    return style


def _templates(look: Look, running: str, extra: dict[str, Any]) -> list[PageTemplate]:
    width, height = A4
    low, high = MARGIN + 10, height - MARGIN - 14
    head = extra.get("head", HEAD)

    def furniture(canvas: Canvas, document: BaseDocTemplate) -> None:
        if not look.running:
            return
        canvas.saveState()
        canvas.setFont("Signs", 7.5)
        if document.page > 1:
            canvas.drawString(MARGIN, height - MARGIN + 6, running)
            canvas.drawRightString(width - MARGIN, height - MARGIN + 6, f"Vol. 3, {document.page}")
        canvas.drawCentredString(width / 2, MARGIN - 20, str(document.page))
        canvas.restoreState()

    def columns(top: float, first: bool) -> list[Frame]:
        if look.columns == 1:
            return [Frame(MARGIN, low, width - 2 * MARGIN, top - low, 0, 0, 0, 0)]
        each = (width - 2 * MARGIN - 20) / 2
        frames = [Frame(MARGIN + i * (each + 20), low, each, top - low, 0, 0, 0, 0) for i in range(2)]
        return [Frame(MARGIN, top, width - 2 * MARGIN, high - top, 0, 0, 0, 0), *frames] if first else frames

    first = columns(high - head if look.columns > 1 else high, True)
    return [
        PageTemplate("first", first, onPage=furniture),
        PageTemplate("later", columns(high, False), onPage=furniture),
    ]


def _title(note: str) -> str:
    return next(lines[0].lstrip("# ") for kind, lines in split_note(note) if kind == "heading")


def _unicode_map(name: str, subset: Sequence[int]) -> str:
    """The library's map from glyphs to characters, those beyond the basic plane written as they must be."""

    def pair(match: re.Match[str]) -> str:
        return f"<{chr(int(match.group(1), 16)).encode('utf-16-be').hex().upper()}>"

    return re.sub(r"<([0-9A-F]{5})>", pair, _PLAIN_MAP(name, subset))


def _register() -> None:
    ttfonts.makeToUnicodeCMap = _unicode_map
    known = pdfmetrics.getRegisteredFontNames()
    for name, file in _NAMES.items():
        if name not in known:
            pdfmetrics.registerFont(ttfonts.TTFont(name, str(_FONTS / file)))
