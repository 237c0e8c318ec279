"""JATS XML (PubMed Central's format) to a document: abstract, body and back matter, tables row by row.

Left out, each run with its reason: references and the marks that lead to them, metadata, translations of the abstract,
reviews and replies (sub-articles), supplementary material. Kept of the back matter are acknowledgements, notes, appendices
and abbreviations; of the front who paid and what interests are declared. Of several articles in a file the first is read.
"""

from __future__ import annotations

from qa.corpus.markup.inline import SIGNS, tex_text
from qa.corpus.markup.jats_source import jats_source
from qa.corpus.markup.reader import MarkupReader
from qa.corpus.markup.table import MarkupTable
from qa.corpus.markup.tree import Node, parse_xml
from qa.corpus.parts import Part, assemble, plain
from qa.errors import CorpusError
from qa.schema import Document

_DROPPED = {
    "ref-list": "reference list",
    "ref": "reference list",
    "supplementary-material": "supplementary material",
    "sub-article": "sub-article",
    "response": "sub-article",
    "trans-abstract": "translated abstract",
    "bio": "biography",
    "alt-text": "alternative text",
    "long-desc": "alternative text",
}
_META = frozenset(
    """object-id permissions sec-meta graphic inline-graphic media inline-media related-object related-article
    custom-meta-group self-uri milestone-start milestone-end""".split()
)
_SECTIONS = {
    "sec": "",
    "ack": "Acknowledgements",
    "app": "Appendix",
    "notes": "Notes",
    "fn-group": "Notes",
    "glossary": "Abbreviations",
    "boxed-text": "",
    "app-group": "",
}
_INTERESTS = ("conflict", "coi", "financial-disclosure")
_DEFERRED = frozenset(("table-wrap", "fig", "table-wrap-group", "fig-group", "fn", "boxed-text", "chem-struct-wrap"))
_BLOCKS = frozenset(
    """p disp-quote verse-group verse-line statement list def-list def-item def speech question answer title subtitle
    attrib address floats-group body back table-wrap-foot fig-group table-wrap-group array sig-block sig
    disp-formula-group license explanation""".split()
)
_CITED = frozenset(("bibr", "ref", "citation"))
_LONGEST_MARK = 200
_NOTED = frozenset(("fn", "table-fn", "author-notes", "aff", "corresp", "contrib"))


def read_jats(data: bytes, *, doc_id: str, path: str) -> Document:
    """Read the bytes of a JATS file, also one that wraps articles as PubMed Central hands them out.

    Raises CorpusError, with the line where it can, for what is not well-formed XML, no JATS article, or without any text.
    """
    article = _article(parse_xml(data, path), path)
    source = jats_source(article, path)
    reader = _Reader(path)
    reader.article(article)
    if not any(part.cells or plain(part.words) for part in reader.parts if not part.dropped):
        raise CorpusError("holds no text", path=path)
    return assemble(reader.parts, doc_id=doc_id, source=source)


def _article(tree: Node, path: str) -> Node:
    root = next(iter(tree.nodes()), Node("nothing"))
    for node in [root, *root.all("article")]:
        if node.name == "article" and node.first("item-info", "head", "bibrecord"):
            raise CorpusError(
                "is an article in a publisher's own XML, not JATS; its PDF or web page can be read", path=path
            )
        if node.name == "article" and node.first("front", "body", "front-stub"):
            return node
    within = " without <front> or <body>" if root.name == "article" else ""
    raise CorpusError(f"is XML, but not a JATS article: its root is <{root.name}>{within}", path=path)


def _declarations(node: Node) -> list[tuple[str, Node]]:
    """What the front says of who paid and of interests, each with the name of the section that it becomes."""
    if node.name == "funding-group":
        return [("Funding", statement) for statement in node.outermost("funding-statement")]
    if node.name == "author-notes":
        notes = [note for note in node.outermost("fn") if note.get("fn-type").lower().startswith(_INTERESTS)]
        return [("Conflicts of interest", note) for note in notes]
    return []


class _Reader(MarkupReader):
    """Holds back tables, figures and footnotes that stand inside a paragraph until it is over."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._paragraphs = 0
        self._deferred: list[Node] = []
        self._floats: dict[str, Node] = {}

    def article(self, article: Node) -> None:
        """Read the parts of an article in their order, tables and figures at its end behind what first refers to them."""
        floats = [node for group in article.nodes("floats-group", "floats-wrap") for node in group.nodes()]
        self._floats = {node.get("id"): node for node in floats if node.get("id") and node.name in _DEFERRED}
        for node in article.nodes():
            self.headings = []
            if node.name in {"front", "front-stub"}:
                self._front(node)
            elif node.name in {"floats-group", "floats-wrap"}:
                left = {id(float_) for float_ in self._floats.values()}
                self.children(
                    node, without=[float_ for float_ in floats if id(float_) not in left and float_.get("id")]
                )
            elif node.name in {"body", "back"}:
                self.block(node)
            else:
                self.drop(node.text, _DROPPED.get(node.name, "metadata"))
            self._release()

    def element(self, node: Node, after: str) -> None:
        if (reason := "metadata" if node.name in _META else _DROPPED.get(node.name)) is not None:
            self.drop(node.text, reason)
        elif node.name in _DEFERRED and (self._paragraphs or self.flat):
            self._deferred.append(node)
        elif not self.common(node, after):
            self._other(node)

    def _other(self, node: Node) -> None:
        match node.name:
            case "p":
                self._paragraph(node)
            case name if name in _SECTIONS:
                self._section(node, _SECTIONS[name])
            case "xref":
                self._reference(node)
            case "list-item":
                self._item(node)
            case "term":
                self.lead(node)
            case "table-wrap" | "fig" | "chem-struct-wrap":
                self._captioned(node)
            case "fn":
                self._footnote(node)
            case "table":
                self.table(MarkupTable(node), "", follows=False)
            case "alternatives":
                self._alternative(node)
            case "tex-math":
                self.inline.write(tex_text(node.text))
            case "break" | "hr" | "disp-formula" | "label":
                self.inline.write(" ")
                self.children(node)
                self.inline.write(" ")
            case name if name in _BLOCKS:
                self.block(node)
            case _:
                self.children(node)

    def _front(self, front: Node) -> None:
        """The title and the abstracts; who paid and what interests are declared; the rest is metadata."""
        meta = front.first("article-meta") or front
        declared: list[tuple[str, Node]] = []
        for node in front.nodes():
            if node is not meta:
                self.drop(node.text, "metadata")
        for node in meta.nodes():
            if node.name == "title-group":
                self._title(node)
            elif node.name == "abstract":
                self._section(node, "Abstract")
            else:
                kept = _declarations(node)
                self._metadata(node, {id(inner) for _, inner in kept})
                declared += kept
        for name, node in declared:
            self.headings = [(1, name)]
            self.block(node)
            self.headings = []

    def _metadata(self, node: Node, kept: set[int]) -> None:
        """Leave an element of the front out, but for what is kept inside it."""
        text: list[str] = []
        stack: list[Node | str] = [node]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                text.append(item)
            elif id(item) not in kept:
                stack += item.children[::-1]
        self.drop(" ".join(text), _DROPPED.get(node.name, "metadata"))

    def _title(self, group: Node) -> None:
        shown = [node for node in (group.first("article-title"), group.first("subtitle")) if node and node.size]
        self.heading(self.flat_runs(*shown), 0, in_path=False)
        for node in group.nodes():
            if node not in shown:
                self.drop(node.text, "metadata")

    def _section(self, node: Node, name: str) -> None:
        """A part of the article under its own title, or under `name` where it has none."""
        self.pause()
        outer, level = self.headings, len(self.headings) + 1
        holder = node.first("caption") if node.name == "boxed-text" else node
        shown = [part for part in [node.first("label"), *(holder.nodes("title") if holder else [])] if part]
        if any(part.name == "title" and part.size for part in shown):
            self.heading(self.flat_runs(*shown), level)
        elif name:
            self.headings = [*outer, (level, name)]
        titles = shown if self.headings is not outer else [part for part in shown if part.name == "title"]
        if holder is not None and holder is not node:
            self.children(node, without=[*titles, holder])
            self.children(holder, without=titles)
        else:
            self.children(node, without=titles)
        self.pause()
        self._release()
        self.headings = outer

    def _paragraph(self, node: Node) -> None:
        self._paragraphs += 1
        self.block(node)
        self._paragraphs -= 1
        self._release()

    def _release(self) -> None:
        """Read what was held back, now that no paragraph is open."""
        while self._deferred and not self._paragraphs and not self.flat:
            self.flush()
            waiting, self._deferred = self._deferred, []
            for node in waiting:
                self.element(node, "")

    def _item(self, node: Node) -> None:
        """An item of a list, without the number or sign that stands before it."""
        self.pause()
        label = node.first("label")
        if label is not None:
            self.drop(label.text, "list mark")
        outer, self.kind = self.kind, "list_item"
        self.children(node, without=[label])
        self.pause()
        self.kind = outer

    def _reference(self, node: Node) -> None:
        kind = node.get("ref-type")
        if self._floats and self.section[:1] != ("Abstract",):
            self._deferred += [self._floats.pop(key) for key in node.get("rid").split() if key in self._floats]
        text = node.text if node.size <= _LONGEST_MARK else ""
        if kind in _CITED and text:
            self.inline.mark(text, raised=node.first("sup") is not None)
        elif kind in _NOTED and (SIGNS.match(text) or 0 < len(text.strip()) <= 3):
            self.inline.mark(text, raised=True)
        else:
            self.children(node)

    def _alternative(self, node: Node) -> None:
        """One of several forms of the same thing: a table or a formula in symbols rather than in TeX or a picture."""
        order = ("table", "math", "textual-form", "tex-math", "preformat")
        found = next((child for name in order for child in node.nodes(name)), None)
        if found is not None:
            self.element(found, "")
        for child in node.nodes():
            if child is not found:
                self.drop(child.text, "other form of the same")

    def _captioned(self, node: Node) -> None:
        """A table or figure: label and title as its caption, further paragraphs of the caption, rows, notes below."""
        self.pause()
        self.flush()
        label, holder = node.first("label"), node.first("caption")
        inner = holder.nodes() if holder else []
        first = [part for part in [label, *inner[:1]] if part is not None]
        caption = self._caption(first)
        for part in inner[1:]:
            self._caption([part])
        shown = [part for part in (label, holder) if part is not None]
        for child in node.nodes():
            if any(child is other for other in shown):
                continue
            tables = child.nodes("table") if child.name == "alternatives" else [child] if child.name == "table" else []
            for table in tables[:1]:
                self.table(MarkupTable(table), caption, follows=bool(caption))
            for other in child.nodes() if child.name == "alternatives" else []:
                if not any(other is table for table in tables[:1]):
                    self.drop(other.text, "other form of the same")
            if not tables:
                self.element(child, "")
        self.pause()
        self._release()

    def _caption(self, nodes: list[Node]) -> str:
        runs = self.flat_runs(*nodes)
        if runs:
            self.parts.append(Part("caption", runs, self.section, tight=False))
        return plain(runs)

    def _footnote(self, node: Node) -> None:
        """A note, without the mark before it that its text had."""
        self.pause()
        label = node.first("label")
        if label is not None:
            self.drop(label.text, "reference mark")
        self.children(node, without=[label])
        self.pause()
