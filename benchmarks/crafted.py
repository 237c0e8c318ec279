"""Files made to do harm, and odd ones, of every format: (name, what makes its bytes; None where the file is there already)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from crafted_json import json_files
from crafted_markup import html_files, jats_files
from crafted_pdf import pdf_files
from crafted_text import markdown_files, noise_files, sidecar_files, text_files
from crafted_word import word_files

Make = Callable[[], bytes | None]
SUFFIXES = {
    ".md": markdown_files,
    ".txt": text_files,
    ".pdf": pdf_files,
    ".docx": word_files,
    ".html": html_files,
    ".xml": jats_files,
    ".json": json_files,
}


def crafted_files(folder: Path) -> Iterator[tuple[str, Make]]:
    """All of them; those of the file system and the sidecars are put into the folder."""
    for suffix, files in SUFFIXES.items():
        for name, make in files().items():
            yield name.replace(" ", "-") + suffix, make
        for name, data in noise_files().items():
            yield f"{name.replace(' ', '-')}{suffix}", lambda data=data: data  # type: ignore[misc]
    for name, text in sidecar_files().items():
        file = folder / f"sidecar-{name}.txt"
        yield file.name, lambda file=file, text=text: _with_sidecar(file, text)  # type: ignore[misc]
    yield from _places(folder)


def _with_sidecar(file: Path, text: bytes) -> bytes:
    file.with_name(file.name + ".yaml").write_bytes(text)
    return b"Title\n\nThe dose is 4 mg.\n"


def _places(folder: Path) -> Iterator[tuple[str, Make]]:
    """What stands in a folder under the name of a file and is none."""
    for name in ("pipe.txt", "pipe.pdf"):
        os.mkfifo(folder / name)
        yield name, lambda: None
    for name, target in {"zero.txt": "/dev/zero", "tty.pdf": "/dev/null", "proc.txt": "/proc/kmsg", "round.md": "round.md",
                         "gone.docx": "nothing", "self.txt": "/proc/self/mem", "folder.html": "/tmp"}.items():  # fmt: skip
        (folder / name).symlink_to(target)
        yield name, lambda: None
    (folder / "folder.pdf").mkdir()
    yield "folder.pdf", lambda: None
    with (folder / "holes.pdf").open("wb") as file:
        file.truncate(10 * 2**30)
    yield "holes.pdf", lambda: None
    for name in ("holes.txt", "small-holes.json"):
        with (folder / name).open("wb") as file:
            file.truncate(150 * 2**20)
        yield name, lambda: None
    for raw in (b"caf\xe9.txt", b"new\nline.md", b"semi;rm -rf.txt", b"..%2f.md", b"\x1b[31m.txt", "‮fdp.txt".encode()):
        path = os.fsdecode(os.fsencode(folder) + b"/" + raw)
        Path(path).write_bytes(b"Title\n\nThe dose is 4 mg.\n")
        yield Path(path).name, lambda: None
