"""What the server can be told at its start."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How the chat is served."""

    host: str = "127.0.0.1"
    port: int = 7860
