"""What the server can be told at its start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

QUEUE = 64
CONCURRENCY = 1


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How the chat is served."""

    host: str = "127.0.0.1"
    port: int = 7860
    auth: Path | None = None
    """File of users with hashed passwords; without one everybody may ask."""
    root_path: str = ""
    """Path, or whole address, under which a reverse proxy shows the chat."""
    allow_hosts: tuple[str, ...] = ()
    """Names of this server in addresses, besides localhost and its own."""
    queue: int = QUEUE
    """Questions and other requests that may wait; who comes after them is asked to try again."""
    concurrency: int = CONCURRENCY
    """Requests of each kind that are worked on at the same time; questions always one after the other."""
    mcp: bool = False
    """Whether the tools of `qa.chat.tools` are served for assistants that speak MCP."""
    allow_uploads: bool = False
    """Whether everybody who reaches the page may add documents and remove them."""

    @property
    def root(self) -> str:
        """The path of the root path, "" or beginning with a slash and ending without."""
        return urlsplit(self.root_path).path.rstrip("/")
