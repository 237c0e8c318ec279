"""A disk that forgets: what may stand on it after the power has gone, when only what was synced is sure to be there."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Node:
    """A file or folder. `sure` is what a sync has confirmed; a folder's `pending` are changes of names that none has."""

    folder: bool
    data: bytes = b""
    sure: bytes = b""
    synced: bool = False
    entries: dict[str, Node] = field(default_factory=dict)
    sure_entries: dict[str, Node] = field(default_factory=dict)
    pending: list[tuple[str, str, Node | None]] = field(default_factory=list)

    def sync(self) -> None:
        self.sure, self.synced = self.data, True
        self.sure_entries, self.pending = dict(self.entries), []

    def set(self, gone: str, name: str, node: Node | None) -> None:
        """Take the name `gone` away and give the node another one, both at once; either may be empty."""
        self.entries.pop(gone, None)
        if node is not None:
            self.entries[name] = node
        self.pending.append((gone, name, node))


class Disk:
    """Begins with what a folder holds, is told of each change (`faults.Faults(record=…)`), and can lose what was not synced."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.changes: list[tuple[str, str, object]] = []
        self.begun = {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()}
        self.folders = [path.relative_to(place) for path in sorted(place.rglob("*")) if path.is_dir()]

    def record(self, name: str, path: object, what: object = None) -> None:
        """A change was made."""
        self.changes.append((name, str(path), what))

    def after_cut(self, moment: int, chance: random.Random, target: Path) -> None:
        """Write to `target` what may be left when the power goes behind that many changes."""
        root = self._begin()
        for name, path, what in self.changes[:moment]:
            self._apply(root, name, path, what)
        self._write(root, target, chance)

    def _begin(self) -> Node:
        root = Node(folder=True)
        for path in self.folders:
            self._at(root, path.parent).entries[path.name] = Node(folder=True)
        for path, data in self.begun.items():
            self._at(root, path.parent).entries[path.name] = Node(folder=False, data=data)
        stack = [root]
        while stack:
            node = stack.pop()
            node.sync()
            stack += node.entries.values()
        return root

    def _apply(self, root: Node, name: str, path: str, what: object) -> None:
        place = self._inside(path)
        if place is None:
            return
        parent = self._at(root, place.parent)
        if name in ("create", "open"):
            if place.name not in parent.entries:
                parent.set("", place.name, Node(folder=False))
            elif name == "create":
                parent.entries[place.name].data = b""
        elif name == "write":
            assert isinstance(what, bytes)
            parent.entries[place.name].data += what
        elif name == "mkdir":
            parent.set("", place.name, Node(folder=True))
        elif name in ("unlink", "rmdir"):
            parent.set(place.name, "", None)
        elif name in ("rename", "replace"):
            target = self._inside(str(what))
            assert target is not None and target.parent == place.parent
            parent.set(place.name, target.name, parent.entries[place.name])
        elif name == "fsync":
            self._at(root, place).sync()

    def _inside(self, path: str) -> Path | None:
        try:
            return Path(path).relative_to(self.place)
        except ValueError:
            return None

    def _at(self, root: Node, place: Path) -> Node:
        node = root
        for part in place.parts:
            node = node.entries[part]
        return node

    def _write(self, node: Node, target: Path, chance: random.Random) -> None:
        if not node.folder:
            unsure = [node.data, node.data[: len(node.data) // 2], b"", bytes(len(node.data))]
            target.write_bytes(node.sure if node.data == node.sure and node.synced else chance.choice(unsure))
            return
        target.mkdir(parents=True, exist_ok=True)
        entries = dict(node.sure_entries)
        for gone, name, child in node.pending:
            if chance.random() < 0.5:
                entries.pop(gone, None)
                if child is not None:
                    entries[name] = child
        for name, child in entries.items():
            self._write(child, target / name, chance)
