"""Good files of every format, and damaged copies of them."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable, Sequence

import make_cord19
import make_docx
import make_markup
import make_pdf
from crafted_word import stored


def good_files() -> dict[str, bytes]:
    """Files that are read, by name."""
    note = make_docx.all_notes()[0]
    text = make_markup.CAFE
    pages = "<p>Words.</p>" * 30
    rich = "".join((
        make_docx.paragraph("Title words", "Titel"), make_docx.paragraph("Methods", "Heading1"),
        make_docx.paragraph(make_docx.run("A dose") + make_docx.raised("12") + make_docx.run(" of 4 mg.")),
        make_docx.paragraph(make_docx.complex_field("PAGE", "4")),
        make_docx.table(make_docx.row("Drug", "Dose"), make_docx.row("Tea", make_docx.cell("4 mg", span=2))),
    ))  # fmt: skip
    return {
        "note.md": text.encode(),
        "real.md": make_markup.notes()[1].encode(),
        "note.txt": text.replace("|", "   ").encode(),
        "utf16.txt": text.encode("utf-16"),
        "paper.pdf": make_pdf.make_paper([text]),
        "wide.pdf": make_pdf.make_paper(
            [make_markup.notes()[1]], make_pdf.Look(columns=1, ruled="none", hyphens=False)
        ),
        "locked.pdf": make_pdf.make_encrypted([text]),
        "note.docx": make_docx.make_paper(note),
        "rich.docx": make_docx.make_package(rich),
        "stored.docx": stored(make_docx.make_package(rich)),
        "page.html": make_markup.make_html(text, after=pages),
        "real.htm": make_markup.make_html(make_markup.notes()[1]),
        "article.xml": make_markup.make_jats(text),
        "real.nxml": make_markup.make_jats(make_markup.notes()[1]),
        "paper.json": make_cord19.make_json(note),
        "small.json": json.dumps(make_cord19.make_object(note)).encode(),
    }


def mutate(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """A damaged copy; of a zip archive half the time one of its parts is damaged and the archive is sound."""
    if data.startswith(b"PK") and rng.random() < 0.6:
        return _mutate_part(data, rng)
    kinds: list[Callable[[bytes, Sequence[bytes], random.Random], bytes]] = [
        _flip, _flip, _flip, _truncate, _splice, _double, _delete, _insert, _numbers, _numbers, _swap,
    ]  # fmt: skip
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = rng.choice(kinds)(data, others, rng)
    return data


def _mutate_part(data: bytes, rng: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice([name for name in parts if name.endswith((".xml", ".rels"))])
    parts[name] = mutate(parts[name], [part for part in parts.values() if part], rng)
    if rng.random() < 0.1:
        parts.pop(rng.choice(list(parts)))
    return make_docx.make_zip(parts)


def _flip(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _i in range(rng.choice((1, 3, 10, 100))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.choice((0, 255, 60, 62, 38, 34, 124, 91, 92, rng.randrange(256)))
    return bytes(changed)


def _truncate(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)] if rng.random() < 0.7 else data[rng.randrange(len(data) + 1) :]


def _chunk(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.choice((1, 16, 200, 5000)))


def _splice(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    other = rng.choice(others)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _double(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    start, end = _chunk(data, rng)
    times = rng.choice((1, 2, 50)) if end - start < 5000 else 3
    return data[:end] + data[start:end] * times + data[end:]


def _delete(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    start, end = _chunk(data, rng)
    return data[:start] + data[end:]


def _insert(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    words = (
        b"\0" * 50,
        b"<" * 99,
        b"&#xD800;",
        b"]]>",
        b"\xff\xfe",
        b"</p>" * 40,
        b"-1",
        b"[" * 300,
        b"{" * 300,
        rng.randbytes(64),
    )
    return data[:at] + rng.choice(words) + data[at:]


def _numbers(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    """A number of the file, as lengths and offsets are, becomes another."""
    places = [i for i in range(1, len(data)) if data[i : i + 1].isdigit() and not data[i - 1 : i].isdigit()]
    if not places:
        return data
    at = rng.choice(places)
    end = at
    while end < len(data) and data[end : end + 1].isdigit():
        end += 1
    value = rng.choice(
        (b"0", b"-1", b"1", b"65536", b"2147483647", b"4294967296", b"9" * 30, b"1e99", b"%d" % rng.randrange(999))
    )
    return data[:at] + value + data[end:]


def _swap(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    """Two chunks change places."""
    (a, b), (c, d) = sorted((_chunk(data, rng), _chunk(data, rng)))
    b = min(b, c)
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]
