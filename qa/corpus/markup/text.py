"""Bytes of a markup file to characters, and XML made safe to parse: no document type, no entities of its own.

A document type declaration is all that entity bombs, external entities and external DTDs hang on, so it is taken out before
the parser sees the file. Names of characters that HTML knows (`&nbsp;`, `&beta;`) are turned into these characters; any
other entity stays in the text as it is written.
"""

from __future__ import annotations

import codecs
import html.entities
import re

from qa.errors import CorpusError

MAX_BYTES = 32 << 20

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD = 4096
_DECLARED = re.compile(rb"""<\?xml\s[^<>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{1,40})["']""")
_META = re.compile(rb"""<meta\s[^<>]{0,300}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{1,40})""", re.IGNORECASE)
_READABLE = re.compile(
    r"(?:utf|iso-?8859|cp\d|windows|ascii|latin|koi8|gb|big5|euc|shift_jis|iso2022|mac)", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z_][\w.-]{0,60});")
_DECLARATION = re.compile(r"\s*<\?xml\b[^<>]{0,500}\?>")
_DOCTYPE_PART = re.compile(r"""<!--|-->|["'\[\]>]""")


def check_size(data: bytes, path: str) -> None:
    """Raise CorpusError for a file without bytes or with too many."""
    if not data.strip():
        raise CorpusError("is empty", path=path)
    if len(data) > MAX_BYTES:
        raise CorpusError(f"is larger than the {MAX_BYTES >> 20} MB that are read of such a file", path=path)


def decode_html(data: bytes, path: str) -> str:
    """The characters of a web page: by its byte order mark, by what it declares, else UTF-8, else Windows-1252.

    UTF-8 with a few damaged bytes stays UTF-8. Raises CorpusError for what is no text.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(codecs.BOM_UTF8) if encoding == "utf-8" else 0 :].decode(encoding, "replace")
    if b"\0" in data:
        raise CorpusError("is not a web page: it is not text", path=path)
    declared = _META.search(data[:_HEAD]) or _DECLARED.match(data[:_HEAD].lstrip())
    name = _codec(declared.group(1).decode("ascii")) if declared else ""
    if name in {"iso8859-1", "ascii", "latin-1"}:
        name = "cp1252"
    for encoding in dict.fromkeys((name, "utf-8")):
        try:
            # A page that speaks of UTF-16 in single bytes is wrong about itself, as browsers know too.
            if encoding and not encoding.startswith(("utf-16", "utf-32")):
                return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    mended = data.decode("utf-8", "replace")
    bad = mended.count("\ufffd")
    good = sum(char > "\x7f" for char in mended) - bad
    return mended if bad < good else data.decode("cp1252", "replace")


def decode_xml(data: bytes, path: str) -> str:
    """The characters of an XML file, by its byte order mark or declaration, else UTF-8. Raises CorpusError for others."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    if not encoding:
        declared = _DECLARED.match(data[:_HEAD].lstrip())
        encoding = _codec(declared.group(1).decode("ascii")) if declared else "utf-8"
        if not encoding:
            raise CorpusError("is in an encoding that is not known", path=path)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise CorpusError(f"is not valid {encoding.upper()}", path=path, line=line) from error


def safe_xml(text: str) -> str:
    """XML without its declaration and document type, line by line as before, with the named characters of HTML in place.

    >>> safe_xml('<!DOCTYPE a [<!ENTITY x "y">]><a>4&nbsp;mg &x; &lt;</a>').strip()
    '<a>4\\xa0mg &amp;x; &lt;</a>'
    """
    declaration = _DECLARATION.match(text)
    if declaration:
        text = _blank(text, 0, declaration.end())
    start = text.find("<!DOCTYPE", 0, _first_element(text))
    if start >= 0:
        text = _blank(text, start, _doctype_end(text, start))
    parts = []
    at = 0
    while (start := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", start)) >= 0:
        parts += [_ENTITY.sub(_character, text[at:start]), text[start:end]]
        at = end
    return "".join([*parts, _ENTITY.sub(_character, text[at:])])


def _codec(name: str) -> str:
    """The name by which Python knows an encoding of text; "" for others."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return ""
    return found if _READABLE.match(found) else ""


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _first_element(text: str) -> int:
    match = re.search(r"<[^\s!?<>/]", text)
    return match.start() if match else len(text)


def _doctype_end(text: str, start: int) -> int:
    """Where a document type declaration ends: past quoted words, comments and the subset in square brackets."""
    at, inside, until = start + len("<!DOCTYPE"), False, ""
    for match in _DOCTYPE_PART.finditer(text, at):
        sign = match.group()
        if until:
            until = "" if sign == until else until
        elif sign == "<!--":
            until = "-->"
        elif sign in "\"'":
            until = sign
        elif sign in "[]":
            inside = sign == "["
        elif sign == ">" and not inside:
            return match.end()
    return len(text)


def _character(match: re.Match[str]) -> str:
    found = html.entities.html5.get(match.group(1) + ";")
    if found is None:
        return "&amp;" + match.group()[1:]
    return "".join({"<": "&lt;", "&": "&amp;", ">": "&gt;"}.get(char, char) for char in found)
