"""The HTTP server: a socket that is taken before anything is loaded, and uvicorn in a thread of its own.

The main thread is left to open the documents and to wait for Ctrl-C. Gradio's own server is not used: it looks for the port on
127.0.0.1 alone, tells a slow start from a taken port by waiting five seconds, and puts its middleware around ours.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

from qa.errors import VerbatimError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

BACKLOG = 512
"""Connections that may wait while the page is being built."""

LAST_WORDS = 1.0
"""Seconds in which requests may end after the server was told to stop."""


def listen(host: str, port: int) -> socket.socket:
    """A socket on which requests wait until they are served; raises VerbatimError where it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        remedy = "choose another with --port" if not isinstance(error, socket.gaierror) else "is --host right?"
        raise VerbatimError(f"cannot listen on {host}:{port}: {error.strerror or error}; {remedy}") from error
    return listener


class Listening:
    """A server at work; `stop` ends it."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        import uvicorn

        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=round(LAST_WORDS),
        )
        self.address = address_of(listener)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="server", daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise VerbatimError("the server did not start; its log says why")
            time.sleep(0.005)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take no more requests and end those under way, within about two seconds and without a word."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
        self._server.should_exit = True
        self._thread.join(2 * LAST_WORDS)


def address_of(listener: socket.socket) -> str:
    """What to type into a browser on this machine."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
