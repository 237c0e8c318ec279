"""Word documents (.docx): headings by their style, paragraphs, list items, captions, text boxes, notes, tables row by row.

The stream of characters is the text as it reads with all tracked changes accepted; a footnote or endnote stands behind the
paragraph, or the table, that refers to it. Not done here: pages, which Word reckons out only when it shows a document;
numbers that Word puts before headings, list items and notes; comments, headers and footers; text inside of pictures and
charts.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from qa.corpus.parts import Part, Run, Table, assemble, plain, table_parts, tidy
from qa.corpus.shapes import caption_label
from qa.corpus.word.notes import NotePart, Notes, join_and_order
from qa.corpus.word.package import child, is_on, name, open_package, value
from qa.corpus.word.styles import Kind, Role, Styles, is_numbered, outline_level
from qa.corpus.word.tables import cells_of, read_table, rows_of
from qa.corpus.word.words import Paragraphs, chosen_content
from qa.errors import CorpusError
from qa.schema import BlockKind, Document, Source

if TYPE_CHECKING:
    from lxml import etree

_INSIDE = frozenset(("customXml", "ins", "moveTo", "smartTag", "sdtContent"))
_REFERENCES = re.compile(
    r"(?:\d{1,2}\.?\s+)?(?:references?|references and notes|bibliography|literature cited|works cited|reference list|"
    r"cited literature|literature references)\s*:?",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"\[?\d{1,3}[.\])]|.*\b(?:1[89]|20)\d\d\b|.*\b10\.\d{4}", re.DOTALL)
_NO_AUTHOR = frozenset("""
python-docx|user|users|author|admin|administrator|owner|microsoft office user|microsoft user|windows user|unknown|
anonymous|anonym|utilisateur|benutzer|apache poi|docx4j|microsoft|guest
""".replace("\n", "").split("|"))  # fmt: skip
_NO_TITLE = re.compile(
    r"(?:microsoft word\b.*|word document|untitled.*|document\s?\d*|.*\.(?:docx?|dotx?|rtf|tex|pdf)|powerpoint .*|"
    r"titel?|title|template|normal)",
    re.IGNORECASE,
)
_LONG_HEADING = 300
_LONGEST_DROP_CAP = 20
_LISTS = {"table of contents": "contents", "bibliographies": "reference list"}
"""What Word calls the lists that it makes itself, and why they are left out."""


def read_docx(data: bytes, *, doc_id: str, path: str) -> Document:
    """Read the bytes of a Word document; `path` is its relative name.

    Raises CorpusError for what is no such document, is encrypted or damaged, or unpacks to more than is read.
    """
    package = open_package(data, path)
    try:
        body = child(package.document, "body")
        reader = _Reader(Styles(package.styles), Notes(package.footnotes, package.endnotes), path)
        if body is not None:
            reader.blocks(body)
            reader.flush()
        properties = _properties(package.core)
        title = reader.name_sections(properties.get("title", ""))
        parts = reader.parts()
    except RecursionError as error:
        raise CorpusError("is nested too deeply to be read", path=path) from error
    source = Source(path=path, title=title or PurePosixPath(path).stem, authors=properties.get("creator", ""))
    document = assemble(parts, doc_id=doc_id, source=source)
    if not document.blocks:
        raise CorpusError("holds no text", path=path)
    return document


def _properties(core: etree._Element | None) -> dict[str, str]:
    """Title and authors that the file states; the names that programs put in by themselves are none."""
    found: dict[str, str] = {}
    for element in core if core is not None else ():
        kind = name(element)
        text = plain(tidy([Run(element.text or "")]))[:1000]
        if kind == "title" and text and not _NO_TITLE.fullmatch(text):
            found[kind] = text
        if kind == "creator":
            people = [person.strip() for person in text.split(";")]
            found[kind] = ", ".join(person for person in people if person and person.casefold() not in _NO_AUTHOR)
    return found


class _Reader:
    """Walks the body and lists its parts; `levels` are those of the headings above."""

    def __init__(self, styles: Styles, notes: Notes, path: str) -> None:
        self.styles = styles
        self.notes = notes
        self.path = path
        self.paragraphs = Paragraphs()
        self.items: list[Part | Table] = []
        self.levels: list[tuple[int, str]] = []
        self.references: int | None = None
        self.loose = False
        self.held: list[Run] = []
        self.title = ""
        self.title_end: Part | None = None

    def blocks(self, parent: etree._Element) -> None:
        """Read what stands in the body, a text box or a content control, one after another."""
        for element in parent:
            kind = name(element)
            if kind == "p":
                self._paragraph(element)
            elif kind == "tbl":
                self._table(element)
            elif kind == "sdt":
                self._control(element)
            elif kind == "AlternateContent":
                for chosen in chosen_content(element):
                    self.blocks(chosen)
            elif kind in _INSIDE:
                self.blocks(element)

    def flush(self) -> None:
        """Let words that wait for the paragraph that they go on in be one of their own."""
        held, self.held = tidy(self.held), []
        self._add(held, Role(), False)
        self._read_notes()

    def name_sections(self, stated: str) -> str:
        """The title: that of the paragraph styled so, as stated in the properties, or a heading that begins the text.

        Takes the heading that repeats it out of the section paths.
        """
        first = next((item for item in self.items if isinstance(item, Table) or not item.dropped), None)
        begins = plain(first.words) if isinstance(first, Part) and first.kind == "heading" else ""
        title = self.title or stated or begins
        for item in self.items:
            if item.section and item.section[0].casefold() == title.casefold():
                item.section = item.section[1:]
        return title

    def parts(self) -> list[Part]:
        """All parts in order, tables as their rows."""
        parts: list[Part] = []
        for item in join_and_order(self.items):
            parts += table_parts(item) if isinstance(item, Table) else [item]
        return parts

    @property
    def section(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.levels)

    def _control(self, control: etree._Element) -> None:
        properties = child(control, "sdtPr")
        gallery = value(child(properties, "docPartObj", "docPartGallery"))
        content = child(control, "sdtContent")
        if content is None or is_on(child(properties, "showingPlcHdr")):
            return
        start = len(self.items)
        levels, references = list(self.levels), self.references
        self.blocks(content)
        reason = _LISTS.get(gallery.casefold(), "")
        if value(child(properties, "tag")).startswith("MENDELEY_BIBLIOGRAPHY"):
            reason = "reference list"
        if reason:
            self.levels, self.references = levels, references
            for item in self.items[start:]:
                if isinstance(item, Part):
                    item.dropped, item.section = reason, self.section

    def _paragraph(self, paragraph: etree._Element) -> None:
        properties = child(paragraph, "pPr")
        was_references = self.paragraphs.in_references
        runs, boxes = self.paragraphs.read(paragraph)
        in_field = was_references or self.paragraphs.in_references
        self.held += runs
        if child(properties, "rPr", "del") is None and not _is_drop_cap(properties, self.held):
            # Where the end of the paragraph is deleted, or a large first letter stands in a frame, it goes on in the next.
            words, self.held = tidy(self.held), []
            self._add(words, self._role(properties, plain(words)), in_field)
            self._read_notes()
        for box in boxes:
            self.blocks(box)

    def _read_notes(self) -> None:
        """Put the notes that the paragraph or table just read refers to behind it."""
        marks, self.paragraphs.notes = self.paragraphs.notes, []
        if marks:
            host = self.items[-1] if self.items else None
            self.items += self.notes.read(marks, self.section, host.dropped if isinstance(host, Part) else "")

    def _role(self, properties: etree._Element | None, text: str) -> Role:
        role = self.styles.role(value(child(properties, "pStyle")))
        level = outline_level(properties)
        if role.kind in {"", "list"}:
            numbered = is_numbered(properties)
            if level is not None and level < 9:
                role = Role("heading", level + 1)
            elif numbered is not None:
                role = Role("list") if numbered else Role()
        if role.kind == "heading" and len(text) > _LONG_HEADING:
            return Role()
        return role

    def _add(self, words: list[Run], role: Role, in_field: bool) -> None:
        text = plain(words)
        if not text:
            self.items += [Part("paragraph", words, self.section)] if words else []
            return
        if role.kind in {"title", "heading"}:
            self._heading(words, text, role)
            return
        label = caption_label(text[:300], None)
        caption = role.kind == "caption" or bool(label)
        kinds: dict[Kind, BlockKind] = {"list": "list_item", "caption": "caption"}
        kind = kinds.get(role.kind, "caption" if label == "figure" else "paragraph")
        part = Part(kind, words, self.section)
        if role.kind == "contents":
            part.dropped = "contents"
        elif role.kind == "reference" or in_field or self._is_entry(text, caption):
            part.dropped = "reference list"
        self.items.append(part)

    def _is_entry(self, text: str, caption: bool) -> bool:
        """Whether a paragraph belongs to the list of references that a heading, or a line like one, has begun."""
        if self.references is not None:
            return not caption
        if _REFERENCES.fullmatch(text):
            self.loose = True
            return True
        self.loose = self.loose and not caption and bool(_ENTRY.match(text))
        return self.loose

    def _heading(self, words: list[Run], text: str, role: Role) -> None:
        level = role.level if role.kind == "heading" else 0
        last = next((item for item in reversed(self.items) if not isinstance(item, NotePart)), None)
        of_title = role.kind == "title" and (not self.title or last is self.title_end)
        self.loose = False
        self.paragraphs.fields.clear()
        if self.references is not None and level <= self.references:
            self.references = None
        while self.levels and self.levels[-1][0] >= level:
            self.levels.pop()
        if self.references is None and _REFERENCES.fullmatch(text):
            self.references = level
        dropped = "reference list" if self.references is not None else ""
        part = Part("heading", words, self.section, dropped=dropped)
        self.items.append(part)
        if of_title:
            self.title, self.title_end = f"{self.title} {text}".strip(), part
        elif not dropped:
            self.levels.append((level, text))

    def _table(self, table: etree._Element) -> None:
        self.flush()
        rows = rows_of(table)
        cells = [cell for row in rows for cell in cells_of(row)] if len(rows) == 1 else []
        if len(cells) == 1:
            # A frame around text, not a table.
            self.blocks(cells[0])
        else:
            self.items.append(read_table(table, self.paragraphs, self.section, self.path))
            self._read_notes()


def _is_drop_cap(properties: etree._Element | None, words: list[Run]) -> bool:
    """Whether a paragraph is the large letter, or word, with which the next one begins."""
    framed = value(child(properties, "framePr"), "dropCap") in {"drop", "margin"}
    return framed and 0 < len(plain(words)) <= _LONGEST_DROP_CAP
