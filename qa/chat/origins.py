"""Which addresses the server answers to, and whose pages may send to it.

A page of another site can make a browser post here, and its owner can let a name of theirs point here (DNS rebinding). So the
Host must be an IP address, localhost, a name of this machine or one that was given, and what says that it comes from
another origin is refused. Programs send no Origin and are not concerned.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from qa.chat.health import PATH as HEALTH
from qa.chat.options import ServeOptions

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

SAFE = {"GET", "HEAD", "OPTIONS"}


class OriginGuard:
    """ASGI middleware that refuses requests to other names and from other origins."""

    def __init__(self, app: ASGIApp, options: ServeOptions) -> None:
        self.app = app
        public = urlsplit(options.root_path)
        own = socket.gethostname().lower()
        names = [own, f"{own}.local", options.host, public.hostname or "", *options.allow_hosts]
        self._names = {name.lower().rstrip(".") for name in names if name}
        self._public = _netloc(public.netloc)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or answer 403 with what to do."""
        refusal = "" if scope["type"] == "lifespan" or scope["path"] == HEALTH else self.refusal(scope)
        if not refusal:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await JSONResponse({"detail": refusal}, 403)(scope, receive, send)

    def refusal(self, scope: Scope) -> str:
        """Why the request is refused, or ""."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._known(host):
            name = _hostname(host) or host
            return f"this server is not known as {name[:80]!r}: start it with --allow-host NAME if it should be"
        forwarded = headers.get("x-forwarded-host", "").split(",")[0]
        if self._foreign(headers, scope.get("method", ""), {_netloc(host), _netloc(forwarded), self._public} - {""}):
            return "the request comes from a page of another site; only this server's own pages may send here"
        return ""

    def _known(self, host: str) -> bool:
        name = _hostname(host)
        if name in self._names or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            return bool(ipaddress.ip_address(name))
        except ValueError:
            return False

    def _foreign(self, headers: Headers, method: str, own: set[str]) -> bool:
        """Whether a page of another site sent this; a browser says so in headers that no page can set.

        `Sec-Fetch-Site` is missing in old browsers and where the chat is shown over plain HTTP from another machine.
        """
        origin = headers.get("origin", "")
        site = headers.get("sec-fetch-site", "")
        if site in ("same-origin", "none"):
            return False
        if origin:
            return origin == "null" or _netloc_of(origin) not in own
        return bool(site) and (method not in SAFE or headers.get("sec-fetch-mode") != "navigate")


def _netloc_of(address: str) -> str:
    """Host and port of an address, something that no host is where it is malformed."""
    try:
        return _netloc(urlsplit(address).netloc) or "?"
    except ValueError:
        return "?"


def _hostname(host: str) -> str:
    """The name in a Host header, "" where it is malformed."""
    try:
        return (urlsplit(f"//{host.strip()}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _netloc(netloc: str) -> str:
    """Host and port in one form, without a port that http or https imply."""
    netloc = netloc.strip().lower()
    for port in (":80", ":443"):
        netloc = netloc.removesuffix(port)
    return netloc
