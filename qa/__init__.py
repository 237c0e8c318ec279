"""Verbatim: answers to questions over documents, in words that stand in them.

>>> from qa import ask, retrieve                                # doctest: +SKIP
>>> ask("what is the baricitinib EUA dose").short               # doctest: +SKIP
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.shared import ask, retrieve

__all__ = ["Assistant", "ask", "retrieve"]
__version__ = "0.1.0"

# Before torch or FAISS load OpenMP: threads that wait for each other in a loop make a question ten times as slow on a machine
# that has other work to do.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def __getattr__(name: str) -> Any:
    # Loaded when first used, so that `import qa` and `qa --help` are quick.
    if name == "Assistant":
        from qa.assistant import Assistant

        return Assistant
    if name in __all__:
        from qa import shared

        return getattr(shared, name)
    raise AttributeError(f"module 'qa' has no attribute {name!r}")
