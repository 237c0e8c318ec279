"""Word documents for the tests: whole notes set by python-docx, and small packages with XML written by hand."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import docx
from docx.oxml import parse_xml

from qa.corpus import parts
from qa.corpus.builder import DocumentBuilder
from qa.schema import Document

NOTES = Path(__file__).resolve().parent.parent / "corpus" / "documents"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_SPACES = (
    f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:w16se="http://schemas.microsoft.com/office/word/2015/wordml/symex"'
)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass
class Note:
    """A note in Markdown as its title and its blocks: (level, words) of headings, paragraphs, captions, tables."""

    title: str
    blocks: list[tuple[str, str | list[list[str]]]] = field(default_factory=list)

    def words(self, kind: str) -> list[str]:
        return [words for found, words in self.blocks if found.startswith(kind) and isinstance(words, str)]

    @property
    def tables(self) -> list[list[list[str]]]:
        return [rows for _, rows in self.blocks if isinstance(rows, list)]


def read_note(path: Path) -> Note:
    """The few forms of Markdown that the notes have."""
    body = path.read_text("utf-8").split("\n---\n", 1)[1]
    note = Note("")
    for block in filter(None, (part.strip() for part in body.split("\n\n"))):
        if match := re.fullmatch(r"(#+) (.*)", block):
            if len(match[1]) == 1:
                note.title = match[2]
            else:
                note.blocks.append((f"heading {len(match[1]) - 1}", match[2]))
        elif block.startswith("|"):
            lines = [line.strip("| ").split(" | ") for line in block.splitlines()]
            note.blocks.append(("table", [lines[0], *lines[2:]]))
        else:
            note.blocks.append(("caption" if re.match(r"Table \d", block) else "paragraph", block))
    return note


def all_notes() -> list[Note]:
    return [read_note(path) for path in sorted(NOTES.glob("*.md"))]


def make_paper(note: Note, *, author: str = "Ann Ash; Bo Birch", core_title: str = "", below: bool = False) -> bytes:
    """The note as python-docx writes it; `below`: captions stand below their tables."""
    file = docx.Document()
    file.core_properties.author, file.core_properties.title = author, core_title
    file.add_heading(note.title, 0)
    held = ""
    for kind, words in note.blocks:
        if isinstance(words, list):
            table = file.add_table(rows=0, cols=len(words[0]))
            table.style = "Table Grid"
            for row in words:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
            if held:
                file.add_paragraph(held)
            held = ""
        elif kind.startswith("heading"):
            file.add_heading(words, int(kind[-1]))
        elif kind == "caption" and below:
            held = words
        else:
            file.add_paragraph(words, style="Caption" if kind == "caption" else None)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def paragraph(text: str, style: str = "", properties: str = "") -> str:
    """One paragraph; `text` may hold runs of its own."""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    inner = text if text.startswith("<") else run(text)
    return f"<w:p><w:pPr>{styled}{properties}</w:pPr>{inner}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def raised(text: str) -> str:
    return run(text, '<w:vertAlign w:val="superscript"/>')


def complex_field(code: str, shown: str) -> str:
    """A field with its code and what it shows."""
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return f"{marks[0]}<w:r><w:instrText>{code}</w:instrText></w:r>{marks[1]}{run(shown)}{marks[2]}"


def cell(*inner: str, span: int = 1, merge: str | None = None) -> str:
    """A cell; `merge`: "restart" or "" (goes on from above)."""
    merged = "" if merge is None else f'<w:vMerge w:val="{merge}"/>' if merge else "<w:vMerge/>"
    content = "".join(part if part.startswith("<") else paragraph(part) for part in inner) or "<w:p/>"
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/>{merged}</w:tcPr>{content}</w:tc>'


def row(*cells: str, properties: str = "") -> str:
    made = "".join(part if part.startswith("<w:tc>") else cell(part) for part in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{made}</w:tr>"


HEADER = "<w:tblHeader/>"


def table(*rows: str, look: str = "") -> str:
    return f"<w:tbl><w:tblPr>{look}</w:tblPr>{''.join(rows)}</w:tbl>"


def style(identity: str, name: str, inner: str = "", based: str = "") -> str:
    on = f'<w:basedOn w:val="{based}"/>' if based else ""
    return f'<w:style w:type="paragraph" w:styleId="{identity}"><w:name w:val="{name}"/>{on}<w:pPr>{inner}</w:pPr></w:style>'


STYLES = "".join((
    style("Heading1", "heading 1"), style("berschrift2", "heading 2"), style("Titel", "Title"), style("Beschriftung", "caption"),
    style("Mine", "My own", based="Heading1"), style("Outlined", "Outlined", '<w:outlineLvl w:val="1"/>'),
    style("Verzeichnis1", "toc 1"), style("Aufzhlung", "List Bullet"),
    style("Numbered", "Numbered words", '<w:numPr><w:numId w:val="3"/></w:numPr>'),
    style("Bib", "Bibliography"), style("TOC", "TOC Heading", based="Heading1"),
))  # fmt: skip


def make_package(
    body: str,
    *,
    styles: str = STYLES,
    title: str = "",
    creator: str = "",
    head: str = "",
    space: str = W,
    extra: Mapping[str, bytes] | None = None,
    relations: str = "",
) -> bytes:
    """A package of the parts that matter, with `body` as its XML; `head` stands before the root element."""
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        f"<dc:title>{title}</dc:title><dc:creator>{creator}</dc:creator>"
        "<dcterms:created>2013-12-23T23:15:00Z</dcterms:created></cp:coreProperties>"
    )
    files = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="b" Type="{_RELATIONS}/metadata/core-properties" Target="docProps/core.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}'
        f'<Relationship Id="c" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "word/document.xml": f"{head}<w:document {_SPACES}><w:body>{body}</w:body></w:document>".replace(W, space),
        "word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>'.replace(W, space),
        "docProps/core.xml": core,
    }
    return make_zip({**{name: text.encode() for name, text in files.items()}, **(extra or {})})


def note_mark(kind: str, identity: int, own: str = "") -> str:
    """What leads to a note: a number that Word makes, or a mark of the author's own."""
    custom = ' w:customMarkFollows="1"' if own else ""
    shown = f"<w:t>{own}</w:t>" if own else ""
    return f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:{kind}Reference{custom} w:id="{identity}"/>{shown}</w:r>'


def notes_part(kind: str, *notes: str) -> dict[str, bytes]:
    """The part with the notes of a kind, numbered from 1 behind those of the lines above them, as Word writes them."""
    lines = "".join(
        f'<w:{kind} w:type="{line}" w:id="{i - 1}">{paragraph(run("line"))}</w:{kind}>'
        for i, line in enumerate(("separator", "continuationSeparator"))
    )
    made = "".join(f'<w:{kind} w:id="{i}">{note}</w:{kind}>' for i, note in enumerate(notes, 1))
    return {f"word/{kind}s.xml": f"<w:{kind}s {_SPACES}>{lines}{made}</w:{kind}s>".encode()}


def make_zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tracked_paper(words: Sequence[str]) -> bytes:
    """A document of python-docx with each second word inserted, and a deleted one behind it."""
    file = docx.Document()
    body = "".join(
        f'<w:ins w:id="1" w:author="A">{run(word + " ")}</w:ins><w:del w:id="2" w:author="A"><w:r><w:delText>gone </w:delText>'
        f"</w:r></w:del>" if i % 2 else run(word + " ")
        for i, word in enumerate(words)
    )  # fmt: skip
    file.element.body.insert(0, parse_xml(f"<w:p {_SPACES}>{body}</w:p>"))
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def read_with_stream(read: Callable[[], Document]) -> tuple[Document, str]:
    """What a reader makes of a file, and the stream of characters that it took out of it."""
    streams: list[str] = []

    class Watched(DocumentBuilder):
        def __init__(self, file: str) -> None:
            streams.append(file)
            super().__init__(file)

    with patch.object(parts, "DocumentBuilder", Watched):
        document = read()
    return document, streams[-1]


def check_stream(document: Document, stream: str, reasons: frozenset[str]) -> None:
    """Assert that each character of the stream is in the text or left out with a reason, and the text is all of it."""
    times = [0] * len(stream)
    last = 0
    for piece in document.pieces:
        size = piece.end - piece.start
        assert size > 0
        assert last <= piece.start
        assert not document.text[last : piece.start].strip()
        assert document.text[piece.start : piece.end] == stream[piece.origin : piece.origin + size]
        last = piece.end
        for at in range(piece.origin, piece.origin + size):
            times[at] += 1
    assert not document.text[last:].strip()
    for gone in document.dropped:
        assert gone.reason in reasons
        for at in range(gone.origin, gone.end):
            times[at] += 1
    assert [at for at, char in enumerate(stream) if not char.isspace() and times[at] != 1] == []
    end = 0
    for block in document.blocks:
        assert end <= block.start < block.end
        end = block.end
        words = document.slice(block.start, block.end)
        assert words == words.strip()
        assert "  " not in words
        for place in block.cells:
            assert block.start < place.start <= place.end < block.end
            text = document.slice(place.start, place.end)
            assert text == text.strip()
            assert "|" not in text or "|" in stream
    assert document.line_starts == () == document.page_starts
