"""What the styles of a Word document say of a paragraph: heading, caption, list item, entry of a list of references."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qa.corpus.word.package import child, name, value

if TYPE_CHECKING:
    from lxml import etree

Kind = Literal["title", "heading", "caption", "list", "contents", "reference", ""]

# Word writes the names of its own styles in English whatever its language; other programs write theirs, and so do ids.
_HEADING = re.compile(
    r"(?:heading|überschrift|berschrift|titre|t[ií]?tulo|titolo|kop|rubrik|otsikko|overskrift|nagł?[óo]?wek|nadpis|"
    r"címsor|başlık|заголовок|見出し|标题|標題|제목)[ _-]{0,2}([1-9])"
)
_TITLE = re.compile(r"title|titel|titre|t[ií]?tulo|titolo|tittel|tytuł|název|otsikko|cím|标题|標題|表題|제목")
_CAPTION = re.compile(
    r"caption|beschriftung|légende|lgende|didascalia|leyenda|legenda|bijschrift|bildtext|题注|図表番号"
)
_LIST = re.compile(r"list[ _-]?(?:bullet|number)[ _-]?\d?|(?:aufzählung|listen)zeichen.{0,6}|listen?nummer.{0,6}")
_CONTENTS = re.compile(
    r"toc[ _-]?(?:\d|heading)|table[ _-]?of[ _-]?(?:figures|authorities)|verzeichnis\d|index[ _-]?\d"
)
_REFERENCE = re.compile(r"bibliography|literaturverzeichnis|bibliographie|endnote bibliography|references?(?: list)?")
_PUBLISHER = re.compile(r"mdpi_[\d.]{1,5}_(?:(?:table|figure)_(?=caption))?")


@dataclass(frozen=True, slots=True)
class Role:
    """What a paragraph is; `level` is that of a heading, from 1."""

    kind: Kind = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    parent: str
    outline: int | None
    numbered: bool


class Styles:
    """Roles of paragraph styles by their id; `default` is the style of paragraphs that name none."""

    def __init__(self, root: etree._Element | None) -> None:
        self._styles: dict[str, _Style] = {}
        self._roles: dict[str, Role] = {}
        self.default = ""
        for style in root if root is not None else ():
            if name(style) == "style" and value(style, "type") == "paragraph":
                key = value(style, "styleId")
                self._styles[key] = _read(style)
                if value(style, "default") in {"1", "true", "on"}:
                    self.default = key

    def role(self, key: str) -> Role:
        """What a style makes of its paragraphs, by its own name or that of a style that it is based on."""
        key = key or self.default
        if key not in self._roles:
            self._roles[key] = self._find(key)
        return self._roles[key]

    def _find(self, key: str) -> Role:
        seen: set[str] = set()
        numbered = False
        while key and key not in seen and len(seen) < 20:
            seen.add(key)
            style = self._styles.get(key)
            role = _named(style.name if style else "") or _named(key)
            if role:
                return role
            if style is None:
                break
            if style.outline is not None and style.outline > 8:
                break
            if style.outline is not None:
                return Role("heading", style.outline + 1)
            numbered = numbered or style.numbered
            key = style.parent
        return Role("list") if numbered else Role()


def outline_level(properties: etree._Element | None) -> int | None:
    """The outline level of paragraph properties, from 0 (9: running text), None where they give none."""
    text = value(child(properties, "outlineLvl"))
    return int(text) if text.isdecimal() and len(text) == 1 else None


def is_numbered(properties: etree._Element | None) -> bool | None:
    """Whether paragraph properties make it an item of a list; None where they say nothing."""
    number = child(properties, "numPr")
    if number is None:
        return None
    identity = child(number, "numId")
    return identity is None or value(identity) != "0"


def _read(style: etree._Element) -> _Style:
    properties = child(style, "pPr")
    return _Style(
        name=value(child(style, "name")),
        parent=value(child(style, "basedOn")),
        outline=outline_level(properties),
        numbered=bool(is_numbered(properties)),
    )


def _named(text: str) -> Role | None:
    """The role that the name or id of a style tells."""
    text = _PUBLISHER.sub("", " ".join(text.split()).casefold())
    if match := _HEADING.fullmatch(text):
        return Role("heading", int(match[1]))
    kinds: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("title", _TITLE), ("caption", _CAPTION), ("list", _LIST), ("contents", _CONTENTS), ("reference", _REFERENCE),
    )  # fmt: skip
    return next((Role(kind) for kind, pattern in kinds if pattern.fullmatch(text)), None)
