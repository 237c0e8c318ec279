"""Generations on the disk: their names and manifests, which one is current, how a new one is published."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import IndexStateError
from qa.index import disk, locks

FORMAT = 2
Manifest = dict[str, Any]


class DamageError(Exception):
    """A part of the index that is not as it was written; the message says which and how."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What CURRENT says: the generation that is read, and the hash of its manifest."""

    generation: str
    manifest_sha256: str

    def to_bytes(self) -> bytes:
        """The file, byte for byte."""
        return _json({"generation": self.generation, "manifest_sha256": self.manifest_sha256})


def exists(folder: Path) -> bool:
    """Whether the folder holds an index, damaged or not; raises IndexStateError where that cannot be told."""
    try:
        return (folder / "CURRENT").exists() or bool(numbers(folder))
    except OSError as error:
        raise IndexStateError(f"cannot read {folder}: {error.strerror}; choose another with --index") from error


def stamp(folder: Path) -> bytes:
    """What changes whenever another generation becomes the current one; cheap to ask."""
    try:
        return (folder / "CURRENT").read_bytes()
    except OSError:
        return b""


def numbers(folder: Path) -> list[int]:
    """The numbers of the generations that are there, newest first."""
    return sorted((n for path in folder.glob("gen-*/") if (n := _number(path.name)) is not None), reverse=True)


def next_name(folder: Path) -> str:
    """A name that no generation has, nor what is left of one."""
    taken = (_number(path.name.removesuffix(disk.TEMPORARY)) or 0 for path in folder.glob("gen-*"))
    return f"gen-{1 + max(taken, default=0)}"


def read_pointer(folder: Path) -> Pointer:
    """What CURRENT says; raises DamageError where it is missing or says nothing that was ever written."""
    path = folder / "CURRENT"
    try:
        data = path.read_bytes()
        found = json.loads(data.decode())
        pointer = Pointer(found["generation"], found["manifest_sha256"])
        if data != pointer.to_bytes() or _number(pointer.generation) is None:
            raise ValueError("it is not what was written")
        return pointer
    except FileNotFoundError as error:
        raise DamageError(f"{path} is missing") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamageError(f"{path} is damaged ({error})") from error


def read_manifest(place: Path, pointer: Pointer | None = None) -> Manifest:
    """The manifest of a generation; raises DamageError where it is not byte for byte what was written for this generation.

    A manifest of another format is given as it is where CURRENT vouches for it: its seal may be another.
    """
    path = place / "manifest.json"
    try:
        data = path.read_bytes()
        manifest = dict(json.loads(data.decode()))
        if manifest.get("format") != FORMAT:
            if pointer and (pointer.generation, pointer.manifest_sha256) == (place.name, _sha256(data)):
                return manifest
            raise ValueError(f"format {manifest.get('format')}")
        if manifest.get("generation") != place.name:
            raise ValueError(f"it is that of {manifest.get('generation')}")
        if data != seal({name: value for name, value in manifest.items() if name != "seal"}):
            raise ValueError("it is not what was written")
        return manifest
    except FileNotFoundError as error:
        raise DamageError(f"{path} is missing") from error
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise DamageError(f"{path} is damaged ({error})") from error


def digest(place: Path) -> str:
    """The hash of the manifest of a generation, which CURRENT gives too."""
    return disk.sha256(place / "manifest.json")


def check_files(place: Path, manifest: Manifest) -> None:
    """Raise DamageError unless every file of the generation has the size and hash that its manifest gives."""
    for name in manifest["files"]:
        check_file(place, manifest, name)


def check_file(place: Path, manifest: Manifest, name: str) -> None:
    """As `check_files`, of one file."""
    path, expected = place / name, manifest["files"][name]
    try:
        if path.stat().st_size != expected["size"]:
            raise DamageError(f"{path} has {path.stat().st_size} bytes, not {expected['size']}")
        if disk.sha256(path) != expected["sha256"]:
            raise DamageError(f"{path} is not what was written (its SHA-256 differs)")
    except FileNotFoundError as error:
        raise DamageError(f"{path} is missing") from error
    except OSError as error:
        raise DamageError(f"{path} cannot be read ({error.strerror or error})") from error


def seal(manifest: Manifest) -> bytes:
    """The manifest as a file, with the hash of all the rest of it, so that it can be checked without CURRENT."""
    return _json({**manifest, "seal": _sha256(_json(manifest))})


def publish(temporary: Path, manifest: Manifest) -> None:
    """Complete the manifest, force everything onto the disk, and only then make the generation the current one."""
    folder, name = temporary.parent, temporary.name.removesuffix(disk.TEMPORARY)
    files = sorted(path for path in temporary.rglob("*") if path.is_file())
    manifest["generation"] = name
    manifest["files"] = {
        path.relative_to(temporary).as_posix(): {"size": path.stat().st_size, "sha256": disk.sha256(path)}
        for path in files
    }
    data = seal(manifest)
    (temporary / "manifest.json").write_bytes(data)
    disk.sync_tree(temporary)
    temporary.rename(folder / name)
    disk.sync(folder)
    disk.replace_file(folder / "CURRENT", Pointer(name, _sha256(data)).to_bytes())


def is_current(folder: Path, name: str) -> bool:
    """Whether CURRENT names this generation, or may: it cannot be read."""
    try:
        return read_pointer(folder).generation == name
    except DamageError:
        return (folder / "CURRENT").is_file()


def make_way(folder: Path) -> None:
    """Take away an empty folder in the place of CURRENT, which no file can replace.

    Raises IndexStateError where it holds anything: that was not written here.
    """
    path = folder / "CURRENT"
    if not path.is_dir() or path.is_symlink():
        return
    try:
        path.rmdir()
    except OSError as error:
        raise IndexStateError(
            f"{path} is a folder where a file belongs, and cannot be taken away ({error.strerror or error}): move it "
            "elsewhere, then try again"
        ) from error


def leftovers(folder: Path) -> list[Path]:
    """What an interrupted write has left behind."""
    return sorted(path for path in folder.glob(f"*{disk.TEMPORARY}") if path.name.startswith(("gen-", "CURRENT")))


def clear(folder: Path) -> None:
    """Delete what an interrupted write has left behind."""
    for path in leftovers(folder):
        if path.is_dir():
            disk.delete_folder(path)
        else:
            path.unlink(missing_ok=True)


def delete_all_but(folder: Path, keep: set[str]) -> None:
    """Delete the other generations, but for those that are being read at this moment."""
    for number in numbers(folder):
        if f"gen-{number}" not in keep:
            locks.delete_unread(folder / f"gen-{number}")


def _number(name: str) -> int | None:
    digits = str(name).removeprefix("gen-")
    return int(digits) if digits.isdecimal() and digits.isascii() and name == f"gen-{int(digits)}" else None


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
