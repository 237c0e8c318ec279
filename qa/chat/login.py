"""The log-in: every request without one is refused, but for the health endpoint and the log-in page itself.

A browser gets a form and a cookie, `curl -u` HTTP Basic, and gradio_client posts the form as it does to Gradio's own log-in. What
Gradio has guards only its own routes, keeps tokens for ever and sends them without SameSite.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from qa.chat.credentials import WAITING, Credentials, Refusal
from qa.chat.health import PATH as HEALTH
from qa.chat.options import ServeOptions
from qa.chat.sessions import IDLE, Sessions
from qa.chat.users import Entry
from qa.rendering.login import login_page

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LOGIN, LOGOUT = "/login", "/logout"
WRONG = "The name or the password is wrong."
ENDED = "You are not logged in, or your log-in has ended: log in again."
LARGEST_FORM = 8192
_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\\x7f]*")


class LoginGuard:
    """ASGI middleware; puts the name of who is logged in into `scope["state"]["user"]`."""

    def __init__(self, app: ASGIApp, options: ServeOptions, credentials: Credentials) -> None:
        self.app = app
        self._credentials = credentials
        self._sessions = Sessions()
        self._limiter: CapacityLimiter | None = None
        self._root = options.root
        self._secure = options.root_path.startswith("https:")
        self._cookie = f"verbatim-{options.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, answer it where it is about logging in, or refuse it."""
        if scope["type"] == "lifespan" or scope["path"] == HEALTH:
            await self.app(scope, receive, send)
            return
        request = Request({**scope, "type": "http", "method": scope.get("method", "GET")}, receive)
        if scope["type"] == "http" and scope["path"] == LOGIN:
            await (await self._login(request))(scope, receive, send)
            return
        user = await self._user(request)
        if not isinstance(user, str) or not user:
            await self._refuse(request, user, scope, send)
        elif scope["path"] == LOGOUT:
            await self._logout(request)(scope, receive, send)
        else:
            scope.setdefault("state", {})["user"] = user
            await self.app(scope, receive, send)

    async def _user(self, request: Request) -> str | Refusal:
        """Who sends the request, "" for nobody."""
        token = _cookies(request.headers).get(self._cookie, "")
        user = self._sessions.user(token, self._credentials.entry) if token else ""
        basic = _basic(request.headers)
        if user or basic is None:
            return user
        found = await self._check(*basic, request)
        return found if isinstance(found, Refusal) else found.name

    async def _check(self, name: str, password: str, request: Request) -> Entry | Refusal:
        if self._limiter is None:
            self._limiter = CapacityLimiter(WAITING + 4)
        address = request.client.host if request.client else ""
        return await to_thread.run_sync(self._credentials.check, name, password, address, limiter=self._limiter)

    async def _refuse(self, request: Request, user: str | Refusal, scope: Scope, send: Send) -> None:
        if scope["type"] == "websocket":
            await request.receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = user if isinstance(user, Refusal) else None
        await self._refusal(request, refusal)(scope, request.receive, send)

    def _refusal(self, request: Request, refusal: Refusal | None) -> Response:
        """What is sent in the place of what was asked for: the way to the form for a page, else 401 or 429."""
        if refusal is None and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            query = f"?{request.url.query}" if request.url.query else ""
            path = request.scope["path"]
            after = "" if (path, query) == ("/", "") else f"?next={quote(path + query, safe='')}"
            return RedirectResponse(f"{self._root}{LOGIN}{after}", 303)
        message, status, headers = _told(refusal) if refusal else (ENDED, 401, {})
        if status == 401 and "mozilla" not in request.headers.get("user-agent", "").lower():
            headers["www-authenticate"] = (
                'Basic realm="Verbatim", charset="UTF-8"'  # a browser would ask in its own way
            )
        return JSONResponse({"detail": message}, status, headers)

    async def _login(self, request: Request) -> Response:
        """The form, or what comes of sending it."""
        page = "text/html" in request.headers.get("accept", "")
        after = _after(request.query_params.get("next", ""))
        if request.method in ("GET", "HEAD"):
            if await self._user_by_cookie(request):
                return RedirectResponse(self._root + after, 303)
            return self._page(after)
        if request.method != "POST":
            return JSONResponse({"detail": "log in with POST"}, 405, {"allow": "GET, POST"})
        form = await _form(request)
        if form is None:
            return JSONResponse({"detail": "send username and password as a form"}, 413)
        name = form.get("username", "").strip()
        found = await self._check(name, form.get("password", ""), request)
        if isinstance(found, Refusal):
            message, status, headers = _told(found)
            if page:
                return self._page(after, name, message, status, headers)
            return JSONResponse({"detail": message}, status, headers)
        done: Response = RedirectResponse(self._root + after, 303) if page else JSONResponse({"success": True})
        self._set(done, request, self._sessions.begin(found))
        return done

    async def _user_by_cookie(self, request: Request) -> str:
        return self._sessions.user(_cookies(request.headers).get(self._cookie, ""), self._credentials.entry)

    def _page(
        self, after: str, name: str = "", problem: str = "", status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        action = f"{self._root}{LOGIN}" + ("" if after == "/" else f"?next={quote(after, safe='')}")
        return HTMLResponse(login_page(action, name, problem), status, {"cache-control": "no-store", **(headers or {})})

    def _logout(self, request: Request) -> Response:
        """End the log-in; a link cannot do it, since another site could have it followed."""
        if request.method != "POST":
            return JSONResponse({"detail": "log out with POST"}, 405, {"allow": "POST"})
        self._sessions.end(_cookies(request.headers).get(self._cookie, ""))
        done = RedirectResponse(f"{self._root}{LOGIN}", 303)
        done.delete_cookie(self._cookie, path=f"{self._root}/")
        return done

    def _set(self, response: Response, request: Request, token: str) -> None:
        response.set_cookie(
            self._cookie,
            token,
            max_age=round(IDLE),
            path=f"{self._root}/",
            secure=self._secure or request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )


def _told(refusal: Refusal) -> tuple[str, int, dict[str, str]]:
    """Message, status and headers for who is not let in."""
    if refusal.wait <= 0:
        return WRONG, 401, {}
    seconds = math.ceil(refusal.wait)
    unit = "second" if seconds == 1 else "seconds"
    return f"Too many tries: wait {seconds} {unit}, then try again.", 429, {"retry-after": str(seconds)}


def _after(path: str) -> str:
    """Where to go after the log-in: a path of this server, else its page."""
    return path if _OWN_PATH.fullmatch(path) and not path.startswith((LOGIN, LOGOUT)) else "/"


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _basic(headers: Headers) -> tuple[str, str] | None:
    """Name and password of HTTP Basic, where they were sent."""
    scheme, _, coded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(coded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return name, password


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a form that is not larger than a log-in needs."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return None
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=16))
    except ValueError:
        return {}
