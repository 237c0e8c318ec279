"""The way from plain HTTP and MCP into Gradio's queue.

A call goes to Gradio's own endpoint of the same process, without a socket, so that there is one queue with one limit for the
chat and for programs: who cannot be served is told so, and nobody is served past those who wait.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx
from starlette.routing import Mount

from qa.chat.api import Operation, RefusedError
from qa.chat.conversing import FAILED

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qa.chat.objects import Request

CALL = "/gradio_api/call"
OUTER = "verbatim.outer"
"""Where the scope of a mounted app keeps the app that Gradio's page is part of."""

BUSY = "too many questions are waiting: try again in a few seconds"
_STATUS = {status.phrase: status for status in HTTPStatus}


async def through_queue(scope: Scope, operation: Operation, request: Request) -> dict[str, Any]:
    """The result of an operation once its turn has come, for who sent the request of that scope; raises RefusedError."""
    event = await join(scope, operation, request)
    async with inside(scope) as client:
        events = await client.get(f"{CALL}/{operation.name}/{event}")
    return _result(events.text)


async def join(scope: Scope, operation: Operation, request: Request) -> str:
    """Let an operation wait for its turn; the name under which Gradio will give its result. Raises RefusedError."""
    values = [getattr(request, name) for name in operation.takes.model_fields]
    async with inside(scope) as client:
        joined = await client.post(f"{CALL}/{operation.name}", json={"data": values})
    if joined.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, BUSY)
    if joined.status_code != HTTPStatus.OK:
        raise RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, FAILED)
    return str(joined.json()["event_id"])


def inside(scope: Scope, base_url: str = "http://127.0.0.1") -> httpx.AsyncClient:
    """Sends to Gradio itself, behind guards and routes, as whoever they let in with the request of that scope."""
    outer = scope.get(OUTER) or scope["app"]
    app: ASGIApp = next(route.app for route in outer.routes if isinstance(route, Mount) and not route.path)
    user = scope.get("state", {}).get("user", "")

    async def as_user(inner: Scope, receive: Receive, send: Send) -> None:
        inner["state"] = {"user": user}
        await app(inner, receive, send)

    transport = httpx.ASGITransport(app=as_user, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=base_url, timeout=None)


def _result(events: str) -> dict[str, Any]:
    """The result in the last of the server-sent events."""
    kind, _, data = events.strip().rpartition("\n\n")[2].partition("\n")
    content = json.loads(data.removeprefix("data: ") or "null")
    if kind == "event: complete" and isinstance(content, list) and isinstance(content[0], dict):
        return dict(content[0])
    told = content if isinstance(content, dict) else {}
    status = _STATUS.get(told.get("title", ""), HTTPStatus.INTERNAL_SERVER_ERROR)
    raise RefusedError(status, told.get("error") or FAILED)
