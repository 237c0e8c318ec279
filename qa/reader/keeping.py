"""Readings that are kept for a while: reranking and reading put the same question to the same passages."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from qa.reader.evidence import ReadPairs
from qa.reader.trained import Read
from qa.schema import Passage

KEPT = 500
"""Readings that are kept."""


class Keeping:
    """A network that reads no pair of question and passage twice in a row; whatever the network. Several threads can share it."""

    def __init__(self, read: ReadPairs) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, Passage], Read] = OrderedDict()

    def __call__(self, pairs: Sequence[tuple[str, Passage]]) -> list[Read]:
        """One reading for each pair, in their order. Raises what the network raises."""
        with self._lock:
            known = {pair: self._kept[pair] for pair in pairs if pair in self._kept}
        new = [pair for pair in dict.fromkeys(pairs) if pair not in known]
        if new:
            read = dict(zip(new, self._read(new), strict=True))
            known |= read
            with self._lock:
                self._kept |= read
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return [known[pair] for pair in pairs]
