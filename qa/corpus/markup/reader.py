"""What readers of HTML and JATS share: walking a tree, collecting running text, and closing it as blocks under headings."""

from __future__ import annotations

from collections.abc import Iterable

from qa.corpus.markup.inline import Inline, math_text, raise_text
from qa.corpus.markup.table import MarkupTable
from qa.corpus.markup.tree import Node
from qa.corpus.parts import Part, Run, Words, plain, tidy
from qa.schema import BlockKind

_LONGEST_NAME = 300
_LONGEST_CAPTION = 1000


class MarkupReader:
    """Walks a tree and lists the parts of its document; `element` is what a format adds.

    `flat` counts the table cells, titles and captions around, in which blocks are set apart by a space only.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.parts: list[Part] = []
        self.headings: list[tuple[int, str]] = []
        self.inline = Inline()
        self.kind: BlockKind = "paragraph"
        self.flat = 0
        self._lead = 0

    @property
    def section(self) -> tuple[str, ...]:
        """The headings above."""
        return tuple(name for _, name in self.headings)

    def element(self, node: Node, after: str) -> None:
        """Read an element; `after` is the text right behind it."""
        raise NotImplementedError

    def children(self, node: Node, *, without: Iterable[Node | None] = ()) -> None:
        """Read what stands in an element, but for some of its elements."""
        left = {id(other) for other in without}
        for i, child in enumerate(node.children):
            if isinstance(child, str):
                self.inline.write(child)
            elif id(child) not in left:
                after = node.children[i + 1] if i + 1 < len(node.children) else ""
                self.element(child, after if isinstance(after, str) else "")

    def block(self, node: Node, kind: BlockKind | None = None) -> None:
        """Read an element that stands apart from the text around it; `kind` is that of the blocks in it."""
        self.pause()
        outer, self.kind = self.kind, kind or self.kind
        self.children(node)
        self.pause()
        self.kind = outer

    def common(self, node: Node, after: str) -> bool:
        """Read what HTML and JATS have in common; False for what is none of it."""
        match node.name:
            case "sup":
                if not raise_text(self.inline, node, after, in_cell=self.flat > 0):
                    self.children(node)
            case "math":
                self.inline.write(math_text(node))
            case "pre" | "preformat" | "code" if self.flat == 0 and (node.name != "code" or "\n" in node.text.strip()):
                self.lines(node)
            case _:
                return False
        return True

    def pause(self) -> None:
        """End the open block, but not where only a term stands in it whose definition begins here."""
        if self.flat:
            self.inline.write(" ")
        elif not self._lead or self.inline.size != self._lead:
            self.flush()

    def lead(self, node: Node) -> None:
        """Read a term, which the next block goes on from."""
        self.pause()
        self.flush()
        self.children(node)
        self.inline.write(" ")
        self._lead = self.inline.size

    def flush(self, kind: BlockKind | None = None, caption: str = "") -> str:
        """Close the open block; its words."""
        if self.flat:
            return ""
        self._lead = 0
        runs = self.inline.settled()
        if runs:
            self.parts.append(Part(kind or self.kind, runs, self.section, caption))
        return plain(runs)

    def drop(self, text: str, reason: str) -> None:
        """Leave characters out, behind the open block where they do not stand in its running text."""
        if self.inline.size or self.flat:
            self.inline.drop(text, reason)
        elif words := tidy([Run(text, reason)]):
            self.parts.append(Part("paragraph", words, dropped=reason))

    def flat_runs(self, *nodes: Node) -> list[Run]:
        """The runs of elements as one block: a title, a caption or a cell."""
        outer, self.inline = self.inline, Inline()
        self.flat += 1
        for node in nodes:
            self.children(node)
            self.inline.write(" ")
        runs = self.inline.settled()
        self.flat -= 1
        self.inline = outer
        return runs

    def heading(self, words: Words, level: int, *, in_path: bool = True) -> str:
        """Add a heading and let it stand over what follows; its words."""
        name = plain(words)
        self.headings = [above for above in self.headings if above[0] < level]
        if words:
            self.parts.append(Part("heading", words, self.section))
        if name and in_path:
            self.headings.append((level, name[:_LONGEST_NAME].rstrip(" :") or name))
        return name

    def lines(self, node: Node) -> None:
        """Read preformatted text line by line."""
        self.pause()
        lines = [line.rstrip() for line in node.text.expandtabs().split("\n")]
        while lines and not lines[0].strip():
            lines.pop(0)
        text = "\n".join(lines).strip()
        if text:
            self.parts.append(Part(self.kind, [Run(text)], self.section))

    def table(self, table: MarkupTable, caption: str, *, follows: bool) -> None:
        """Add the rows of a table; `follows`: its caption is the part before."""
        caption = caption[:_LONGEST_CAPTION]
        self.parts += table.parts(lambda cell: self.flat_runs(cell), self.section, caption, self.path, follows=follows)
