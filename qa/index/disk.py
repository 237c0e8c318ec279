"""Files and folders that are on the disk when the call returns, whatever happens to the machine afterwards."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

TEMPORARY = ".tmp"
"""Ends the name of what is not complete yet, or is being deleted."""


def sync(path: Path) -> None:
    """Force a file, or the names in a folder, onto the disk. One that failed is never tried again: its data may be gone."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Force all that stands in a folder onto the disk: files first, then the folders from the inside out."""
    paths = sorted(folder.rglob("*"), key=lambda path: (path.is_dir(), -len(path.parts), path))
    for path in [*paths, folder]:
        sync(path)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that their names survive too."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in reversed(new):
        sync(path.parent)


def replace_file(path: Path, data: bytes) -> None:
    """Put a file in the place of another at once: whoever reads meets the old bytes or the new ones."""
    temporary = path.with_name(path.name + TEMPORARY)
    temporary.write_bytes(data)
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def sha256(path: Path) -> str:
    """The hash of a file in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def delete_folder(folder: Path) -> None:
    """Delete a folder under a name that says so, as far as that can be done; what is left then is a leftover."""
    doomed = folder if folder.name.endswith(TEMPORARY) else folder.with_name(folder.name + TEMPORARY)
    try:
        if doomed != folder:
            shutil.rmtree(doomed, ignore_errors=True)
            folder.rename(doomed)
            sync(folder.parent)  # else a power cut could bring back the old name with half of what it held
    except OSError:
        return
    shutil.rmtree(doomed, ignore_errors=True)
