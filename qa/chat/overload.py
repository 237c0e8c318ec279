"""What a program or a page is told where more questions wait than may, or where the server is not the one that it was.

Gradio answers 503 with the size of its queue, and a page that lost its connection reloads itself, and loses the conversation,
as soon as the server is back. Here the first is put into plain words with `Retry-After`; reloading is left to the user, who
can still read and copy; and a page from before a restart is told so instead of going on without its history.
"""

from __future__ import annotations

import secrets
from collections.abc import MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

API = "/gradio_api/"
BUSY = "The server is busy: too many questions are waiting. Wait a few seconds and try again."
RESTARTED = "The server was restarted since this page was opened. Reload the page to go on; what you typed is kept."
RETRY_AFTER = 5
"""Seconds."""


class Overload:
    """ASGI middleware; `port` keeps servers of one machine apart, as cookies belong to all of its ports."""

    def __init__(self, app: ASGIApp, port: int, root: str) -> None:
        self.app = app
        self._cookie = f"verbatim-start-{port}"
        self._start = secrets.token_urlsafe(9)
        self._path = f"{root}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and put a refusal for want of room into words."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == f"{API}app_id":
            await JSONResponse({"detail": "pages are not reloaded by themselves"}, 404)(scope, receive, send)
        elif scope["method"] == "POST" and scope["path"].startswith((f"{API}queue/join", f"{API}call/")):
            if self._before_restart(scope):
                await JSONResponse({"detail": RESTARTED}, 409)(scope, receive, send)
            else:
                await self.app(scope, receive, _in_words(send))
        else:
            await self.app(scope, receive, self._marking(send) if scope["path"] == "/" else send)

    def _before_restart(self, scope: Scope) -> bool:
        """Whether a page sends this that another run of the server gave out; programs have no mark."""
        try:
            mark = SimpleCookie(Headers(scope=scope).get("cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return mark is not None and mark.value != self._start

    def _marking(self, send: Send) -> Send:
        """Leave a mark of this run of the server with who gets the page."""

        async def marked(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                cookie = f"{self._cookie}={self._start}; Path={self._path}; HttpOnly; SameSite=Lax"
                message["headers"] = [*message.get("headers", []), (b"set-cookie", cookie.encode())]
            await send(message)

        return marked


def _in_words(send: Send) -> Send:
    """Replace a 503, whose body is about Gradio's queue, with ours."""
    refused = False

    async def told(message: MutableMapping[str, Any]) -> None:
        nonlocal refused
        if message["type"] == "http.response.start" and message["status"] == 503:
            refused = True
            await JSONResponse({"detail": BUSY}, 503, {"retry-after": str(RETRY_AFTER)})(
                {"type": "http"}, _nothing, send
            )
        elif not refused:
            await send(message)

    return told


async def _nothing() -> MutableMapping[str, Any]:
    return {"type": "http.disconnect"}
