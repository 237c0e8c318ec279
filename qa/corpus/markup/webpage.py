"""HTML to a document: the main part of a web page, its headings, text, lists and tables.

Left out, each run with its reason: what stands outside the main part, navigation, headers and footers, asides, scripts,
forms, banners, what is hidden, lists of references and the marks that lead to them. Not done here: scripts are not run, so
a page that they write holds no text.
"""

from __future__ import annotations

import re

from qa.corpus.markup.inline import NUMBERS
from qa.corpus.markup.reader import MarkupReader
from qa.corpus.markup.table import MarkupTable
from qa.corpus.markup.tree import HEADINGS, Node, parse_html
from qa.corpus.markup.webpage_furniture import Page, find_page, find_references
from qa.corpus.markup.webpage_source import webpage_source
from qa.corpus.parts import Part, assemble, plain
from qa.errors import CorpusError
from qa.schema import BlockKind, Document

_BLOCKS = frozenset(
    """address article blockquote body caption center dd details div dl dt fieldset figure form header hgroup hr html
    legend li main ol option p section summary table tbody td tfoot th thead tr ul footer""".split()
)
_CITATION = re.compile(
    r"#(?:[\w.:-]{0,80}[-_.])?(?:cite|cit|ref|bib|reference|note|fn|en|cr|rf|b|r)[\w.:-]{0,3}\d", re.IGNORECASE
)
_CAPTION = re.compile(r"(?:supplementary\s)?(?:table|tab\.)\s{0,3}[A-Z]?\d{1,3}\b", re.IGNORECASE)
_LABEL = re.compile(r"(?:table|tab\.)\s{0,3}[A-Z]?\d{1,3}\s?[.:]?\Z", re.IGNORECASE)
_CAPTIONED = re.compile(r"(?:^|[\s_-])captions?(?:$|\s)", re.IGNORECASE)
_LABELLED = re.compile(r"(?:fig\.|figure|scheme|chart|box)\s{0,3}[A-Z]?\d{1,3}\s?[.:]?\Z", re.IGNORECASE)
_PICTURED = re.compile(r"(?:supplementary\s)?(?:fig\.|figure|scheme|chart)\s{0,3}[A-Z]?\d", re.IGNORECASE)
_NOTES = frozenset(("ltx_note_outer", "footnote-content", "sidenote", "marginnote"))
_LONGEST_CAPTION = 400
_LONGEST_MARK = 80


def read_html(data: bytes, *, doc_id: str, path: str) -> Document:
    """Read the bytes of a web page. Raises CorpusError for what is no text, too large, or a page without text."""
    root = parse_html(data, path)
    page = find_page(root)
    reader = _Reader(path, page)
    heading = next((node for node in [page.main, *page.main.all()] if node.name == "h1" and node.size), None)
    source = webpage_source(root, path, plain(reader.flat_runs(heading)) if heading else "")
    reader.title = source.title
    reader.page(root)
    if not any(part.cells or plain(part.words) for part in reader.parts if not part.dropped):
        raise CorpusError("holds no text", path=path)
    return assemble(reader.parts, doc_id=doc_id, source=source)


class _Reader(MarkupReader):
    def __init__(self, path: str, page: Page) -> None:
        super().__init__(path)
        self._page = page
        self._references = find_references(page)
        self.title = ""
        self._break = 0
        self._notes: list[Node] = []

    def page(self, node: Node) -> None:
        """Read the main part, and leave out what stands before, around and behind it."""
        if node is self._page.main:
            self.block(node)
            return
        for child in node.children:
            if isinstance(child, str):
                self.drop(child, "outside the main part")
            elif child is self._page.main or id(child) in self._page.around:
                self.page(child)
            else:
                header = "page header" if child.name == "header" else ""
                self.drop(child.text, self._page.reason(child) or header or "outside the main part")

    def element(self, node: Node, after: str) -> None:
        reason = self._references.get(id(node)) or self._page.reason(node)
        if not reason and (self.inline.size or self.flat) and _is_note(node):
            self._notes.append(node)
        elif reason:
            if node.name in _BLOCKS:
                self.pause()
            self.drop(node.text, reason)
        elif not self.common(node, after):
            self._other(node)

    def block(self, node: Node, kind: BlockKind | None = None) -> None:
        """Read a block, and behind it the notes that stand in its sentences."""
        super().block(node, kind)
        while self._notes and not self.flat:
            waiting, self._notes = self._notes, []
            for note in waiting:
                super().block(note, "paragraph")

    def _other(self, node: Node) -> None:
        match node.name:
            case name if name in HEADINGS and not self.flat:
                self._heading(node)
            case "br" | "hr" | "wbr":
                self._line_break(node.name)
            case "a":
                self._link(node)
            case "table":
                self._table(node)
            case "li":
                self.block(node, "list_item")
            case "dt":
                self.lead(node)
            case "dd":
                self.block(node, "list_item")
            case "figcaption":
                self.block(node, "caption")
            case "header" if "caption" in node.get("class").lower() or _CAPTION.match(node.words[:80]):
                self.block(node, "caption")
            case "div" if _CAPTIONED.search(node.get("class")):
                self.block(node, "caption")
            case "figure" if "table" in node.holds and (below := node.first("figcaption")):
                self.pause()
                self.block(below, "caption")
                self.children(node, without=[below])
                self.pause()
            case "header" if self._page.main.name in {"main", "article"} or "h1" in node.holds:
                self._header(node)
            case "header":
                self.pause()
                self.drop(node.text, "page header")
            case name if name in _BLOCKS or (name in HEADINGS and self.flat):
                self.block(node)
            case _:
                self.children(node)

    def _heading(self, node: Node) -> None:
        self.pause()
        self.flush()
        level = int(node.name[1])
        words = self.flat_runs(node)
        if _CAPTION.match(plain(words)) or _LABELLED.match(plain(words)):
            # What is over a table or figure is no section of the text behind it.
            self.parts.append(Part("caption", words, self.section))
            return
        is_title = level == 1 and plain(words).casefold() == self.title.casefold()
        self.heading(words, level, in_path=not is_title)

    def _header(self, node: Node) -> None:
        """The header of an article: its headings; names, dates and buttons beside them are metadata."""
        self.pause()
        for child in node.children:
            if isinstance(child, str):
                self.drop(child, "page header")
            elif child.name in HEADINGS:
                self.element(child, "")
            elif not child.holds.isdisjoint(HEADINGS):
                self._header(child)
            else:
                self.drop(child.text, "page header")

    def _line_break(self, name: str) -> None:
        """A line's end is a space, two are the end of a paragraph."""
        if name == "wbr":
            return
        if name == "hr" or (self.inline.size and self._break == self.inline.size):
            self.pause()
        else:
            self.inline.write(" ")
        self._break = self.inline.size

    def _link(self, node: Node) -> None:
        address = node.get("href")[:300]
        if "#" in address and NUMBERS.match(node.text[:_LONGEST_MARK]):
            # A page that was saved has the whole address where it had but the name of the place.
            address = address[address.index("#") :]
        if address.startswith("#") and 0 < node.size <= _LONGEST_MARK:
            text = node.text
            numbered = NUMBERS.match(text) and (text.strip()[:1] in "[(" or _CITATION.match(address))
            if numbered or (_CITATION.match(address) and re.search(r"\d{4}", text)):
                self.inline.mark(text, raised=node.first("sup") is not None)
                return
        self.children(node)

    def _table(self, node: Node) -> None:
        table = MarkupTable(node)
        if self.flat or table.is_flow():
            self.block(node)
            return
        self.pause()
        self.flush()
        own = node.first("caption")
        words = self.flat_runs(own) if own is not None else []
        if words:
            self.parts.append(Part("caption", words, self.section))
        caption = plain(words) or self._caption_before()
        self.table(table, caption, follows=bool(caption))

    def _caption_before(self) -> str:
        """The words of the blocks right above a table where they are its caption: "Table 1. …", also under a bare label."""
        last = self.parts[-2:]
        if not last or last[-1].dropped or last[-1].kind not in {"paragraph", "caption", "heading"}:
            return ""
        words = plain(last[-1].words)
        if len(words) > _LONGEST_CAPTION:
            return ""
        if _CAPTION.match(words) or (last[-1].kind == "caption" and not last[-1].cells and not _is_label(last, words)):
            last[-1].kind = "caption" if last[-1].kind == "paragraph" else last[-1].kind
            return words
        label = plain(last[0].words) if len(last) == 2 and not last[0].dropped else ""
        if label and _LABEL.match(label) and last[0].kind != "table_row":
            last[-1].kind = "caption" if last[-1].kind == "paragraph" else last[-1].kind
            return f"{label} {words}"
        return ""


def _is_label(last: list[Part], words: str) -> bool:
    """Whether what stands above a table belongs to a figure, or to a table whose label stands alone above it."""
    above = plain(last[0].words) if len(last) == 2 and not last[0].dropped else ""
    return bool(_PICTURED.match(words) or _LABEL.match(above))


def _is_note(node: Node) -> bool:
    """Whether an element is a footnote that stands where its mark does."""
    return node.get("role") == "doc-footnote" or not _NOTES.isdisjoint(node.get("class").split())
