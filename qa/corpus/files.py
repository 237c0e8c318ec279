"""Bytes of a file to text, and the names that a file goes by; knows nothing of what stands in it."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path
from typing import Literal

from qa.errors import CorpusError

SUFFIXES = {
    **dict.fromkeys((".md", ".markdown"), "Markdown"),
    **dict.fromkeys((".txt", ".text"), "plain text"),
    ".pdf": "PDF",
    **dict.fromkeys((".html", ".htm", ".xhtml"), "HTML"),
    ".docx": "Word",
    **dict.fromkeys((".xml", ".nxml"), "JATS XML"),
    ".json": "CORD-19 JSON",
}
"""The suffixes of the files that are read, and their format."""

FORMATS = ", ".join(
    f"{form} ({' '.join(s for s, f in SUFFIXES.items() if f == form)})" for form in dict.fromkeys(SUFFIXES.values())
)

_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = frozenset(chr(code) for code in range(32)) - frozenset("\t\n\v\f\r\x1a\x1b")


def thing_at(path: Path) -> Literal["file", "folder", "other", "nothing", "unknown"]:
    """What stands at a path, at the end of its links; "unknown" where the system does not tell, for whatever reason."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "nothing"
    except (OSError, ValueError):
        return "unknown"
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def real_path(path: Path) -> Path:
    """The path without links, as far as they lead anywhere: `Path.resolve` raises where they go round in a circle."""
    return Path(os.path.realpath(path))


def read_text(path: Path, name: str) -> str:
    """The characters of a text file, without its byte order mark.

    UTF-8, UTF-16 and UTF-32 with a byte order mark, else Windows-1252 where that reads like text. Raises CorpusError
    for a file that is missing, unreadable, empty or not text; `name` is what the message calls it.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise CorpusError("no such file", path=name) from error
    except IsADirectoryError as error:
        raise CorpusError("is a folder, not a file", path=name) from error
    except OSError as error:
        raise CorpusError(f"cannot be read: {error.strerror or error}", path=name) from error
    text = _decode(data)
    if text is None or "\0" in text:
        raise CorpusError(f"is not a text file; what is read is {FORMATS}", path=name)
    if not text.strip():
        raise CorpusError("is empty", path=name)
    return text


def _decode(data: bytes) -> str | None:
    encodings = ["utf-8-sig"]
    if data.startswith(_UTF32):
        encodings = ["utf-32"]
    elif data.startswith(_UTF16):
        encodings = ["utf-16"]
    elif b"\0" in data:
        return None
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text if _controls(text) * 100 <= len(text) else None
    if encodings != ["utf-8-sig"]:
        return None
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    plain = sum(char.isascii() and (char.isalnum() or char.isspace()) for char in text)
    return text if _controls(text) == 0 and plain * 10 >= len(text) * 6 else None


def _controls(text: str) -> int:
    return sum(text.count(char) for char in _CONTROLS)


def find_files(path: Path) -> list[Path]:
    """The files to read at `path`: the file itself, or all of a readable format in a folder and its subfolders, sorted.

    In a folder, hidden files and folders and files named README are left out (a README speaks of the folder and is no
    document of it); each is read where it is named itself. Raises CorpusError where there is nothing to read.
    """
    try:
        folder = stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise CorpusError("no such file or folder", path=path) from error
    except (OSError, ValueError) as error:
        raise CorpusError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path=path) from error
    if not folder:
        check_format(path, str(path))
        return [path]
    files = [file for file in _walk(path) if file.suffix.lower() in SUFFIXES and file.stem.lower() != "readme"]
    if not files:
        raise CorpusError(f"no documents in this folder; what is read is {FORMATS}", path=path)
    return files


def skipped_files(path: Path) -> list[Path]:
    """The files of a folder that `find_files` leaves out because of their format, sorted, for the caller to report."""
    if thing_at(path) != "folder":
        return []
    return [file for file in _walk(path) if file.suffix.lower() not in SUFFIXES and not _is_sidecar(file)]


def _is_sidecar(file: Path) -> bool:
    """Whether the file speaks of a document beside it: `paper.pdf.yaml`."""
    return (
        file.suffix == ".yaml"
        and Path(file.stem).suffix.lower() in SUFFIXES
        and thing_at(file.with_suffix("")) == "file"
    )


def check_format(path: Path, name: str) -> None:
    """Raise CorpusError unless the suffix is that of a format which is read."""
    if path.suffix.lower() not in SUFFIXES:
        kind = f"{path.suffix} files are" if path.suffix else "files without a suffix are"
        raise CorpusError(f"{kind} not read; what is read is {FORMATS}", path=name)


def _walk(folder: Path) -> list[Path]:
    """All files below a folder that are not hidden, sorted by their place in it."""
    found: list[Path] = []

    def refuse(error: OSError) -> None:
        raise CorpusError(f"cannot be read: {error.strerror or error}", path=error.filename or folder) from error

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(found, key=lambda file: file.relative_to(folder).parts)


def relative_name(path: Path, root: Path | None) -> str:
    """Place of a file below `root` in posix form; its bare name where it has no root or stands outside of it."""
    if root is not None:
        try:
            return real_path(path).relative_to(real_path(root)).as_posix()
        except ValueError:
            pass
    return path.name


def document_id(path: Path, name: str) -> str:
    """The relative name without its suffix; with it where another readable file beside it differs in nothing else.

    So no id ever means two files, whichever of them is added first.
    """
    suffixes = {form for suffix in SUFFIXES for form in (suffix, suffix.upper())} - {path.suffix}
    twins = (path.with_suffix(suffix) for suffix in suffixes)
    if any(thing_at(twin) == "file" and not twin.samefile(path) for twin in twins):
        return name
    return name.removesuffix(path.suffix)
