"""The zip archive of a Word document: what is refused before anything is parsed, and the few parts that are read.

Read with lxml and not with python-docx, which parses every part of the package and refuses documents that name a picture
which is not there, or that Word saved as "Strict Open XML". Not read: headers, footers, comments, pictures.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa.errors import CorpusError

if TYPE_CHECKING:
    from lxml import etree

MAX_ENTRIES = 2_000
MAX_TOTAL = 200_000_000
MAX_PART = 50_000_000
MAX_RATIO = 200
"""How much smaller a large part may be in the archive; Word's own are 10 to 60 times smaller."""
MAX_MARKS = 2_000_000
"""Tags and attributes of a part; a book of 500 pages has about a million."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTRY = b"PK\x01\x02"


@dataclass(frozen=True, slots=True)
class Package:
    """The parsed parts; those but `document` are None where the file has none."""

    document: etree._Element
    styles: etree._Element | None
    core: etree._Element | None
    footnotes: etree._Element | None
    endnotes: etree._Element | None


def name(element: etree._Element) -> str:
    """The name of an element without its namespace, as "Strict" documents have others for the same names."""
    return str(element.tag).rpartition("}")[2]


def value(element: etree._Element | None, key: str = "val") -> str:
    """An attribute of an element in the element's own namespace, "" where it is not there."""
    if element is None:
        return ""
    space = str(element.tag).rpartition("}")[0]
    found = element.get(f"{space}}}{key}")
    return str(element.get(key, "") if found is None else found)


def child(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The descendant reached by the first child of each name, or None."""
    for wanted in names:
        if element is None:
            return None
        element = next((inner for inner in element if name(inner) == wanted), None)
    return element


def is_on(element: etree._Element | None) -> bool:
    """Whether a switch such as <w:vanish/> is there and not turned off."""
    return element is not None and value(element) not in {"0", "false", "off", "none"}


def open_package(data: bytes, path: str) -> Package:
    """Check the archive and parse what is read of it. Raises CorpusError with the reason for anything it refuses."""
    _check_kind(data, path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = _check_entries(archive, len(data), path)
            return _read_package(archive, entries, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, NotImplementedError) as error:
        raise CorpusError("is damaged: its zip archive cannot be read", path=path) from error


def _check_kind(data: bytes, path: str) -> None:
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise CorpusError("is encrypted: save it without a password", path=path)
        raise CorpusError("is an old Word document (.doc): save it as .docx", path=path)
    if data.lstrip()[:5].lower() == b"{\\rtf":
        raise CorpusError("is RTF, not a Word document: save it as .docx", path=path)
    if not data:
        raise CorpusError("is empty", path=path)
    if not data.startswith(b"PK"):
        raise CorpusError("is not a Word document (.docx)", path=path)
    if data.count(_ENTRY) > MAX_ENTRIES:
        raise CorpusError(f"holds more than {MAX_ENTRIES:,} parts and is not read", path=path)


def _check_entries(archive: zipfile.ZipFile, size: int, path: str) -> dict[str, zipfile.ZipInfo]:
    """The parts by name in lower case (names of parts differ in more than case)."""
    entries: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for info in archive.infolist():
        total += info.file_size
        key = info.filename.lower()
        if info.flag_bits & 0x1:
            raise CorpusError("is encrypted: save it without a password", path=path)
        if key.startswith("/") or "\\" in key or ":" in key or ".." in key.split("/"):
            raise CorpusError("holds a part whose name leads out of the archive, and is not read", path=path)
        if key in entries:
            raise CorpusError("holds two parts of the same name, and is not read", path=path)
        entries[key] = info
    if len(entries) > MAX_ENTRIES:
        raise CorpusError(f"holds more than {MAX_ENTRIES:,} parts and is not read", path=path)
    if total > MAX_TOTAL or total > max(10_000_000, size * MAX_RATIO):
        raise CorpusError(f"unpacks from {size:,} to {total:,} bytes, which is more than is read", path=path)
    return entries


def _read_package(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], path: str) -> Package:
    def part(key: str) -> etree._Element | None:
        info = entries.get(key.lower())
        return None if info is None else _parse(_unpack(archive, info, path), info.filename, path)

    top = _related(part("_rels/.rels"), "")
    main = top.get("officedocument", "word/document.xml")
    document = part(main)
    if document is None or name(document) != "document":
        raise CorpusError("is a zip archive, but holds no Word document", path=path)
    folder, file = posixpath.split(main)
    related = _related(part(posixpath.join(folder, "_rels", f"{file}.rels")), folder)

    def beside(kind: str) -> etree._Element | None:
        return part(related.get(kind, posixpath.join(folder, f"{kind}.xml")))

    core = part(top.get("core-properties", "docprops/core.xml"))
    return Package(document, beside("styles"), core, beside("footnotes"), beside("endnotes"))


def _related(root: etree._Element | None, folder: str) -> dict[str, str]:
    """Names of the parts that a part refers to, by the last word of the kind of relation; nothing external."""
    found: dict[str, str] = {}
    for relation in root if root is not None else ():
        if relation.get("TargetMode", "") != "External":
            kind = relation.get("Type", "").rpartition("/")[2].lower()
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))
            found.setdefault(kind, target.lstrip("/"))
    return found


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> bytes:
    too_dense = info.file_size > 1_000_000 and info.file_size > info.compress_size * MAX_RATIO
    if info.file_size > MAX_PART or too_dense:
        reason = f"{info.filename} unpacks from {info.compress_size:,} to {info.file_size:,} bytes"
        raise CorpusError(f"{reason}, which is more than is read", path=path)
    with archive.open(info) as file:
        return file.read(MAX_PART + 1)


def _parse(data: bytes, part: str, path: str) -> etree._Element:
    """XML without document types, entities or anything from elsewhere."""
    from lxml import etree

    if data.count(b"<") + data.count(b"=") > MAX_MARKS:
        raise CorpusError(
            f"{part} has more than {MAX_MARKS:,} tags and attributes, which is more than is read", path=path
        )
    if b"<!doctype" in data.replace(b"\0", b"").lower():
        raise CorpusError(f"{part} declares a document type, which Word never does; it is not read", path=path)
    options: dict[str, Any] = {"remove_comments": True, "remove_pis": True, "huge_tree": False}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, **options)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise CorpusError(f"is damaged: {part} is not well-formed XML ({error.msg})", path=path) from error
