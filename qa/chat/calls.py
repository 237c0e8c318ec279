"""Two places where Gradio's own HTTP interface needs help, served in front of it.

Its first step of a call (`POST /gradio_api/call/ask`) answers "Internal Server Error" where a parameter is missing; here it says
what is wrong. And its settings make gradio_client take our answers for files.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qa.chat.api import OPERATIONS, RefusedError, checked
from qa.chat.queueing import CALL, inside, join
from qa.chat.rest import json_body, problem

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

ENDS = ("", "/")
"""Gradio's addresses may end with a slash."""


def call_routes() -> list[BaseRoute]:
    """The routes, for the app that Gradio's page is part of."""
    return [
        *(Route(f"{CALL}/{{name}}{end}", _call, methods=["POST"]) for end in ENDS),
        *(Route(f"{CALL}/v2/{{name}}{end}", _call_by_name, methods=["POST"]) for end in ENDS),
        *(Route(f"/config{end}", _config) for end in ENDS),
    ]


async def _call(request: Request) -> Response:
    """Takes `{"data": […]}`, the values in the order of the parameters; those at the end may be left out."""
    return await _joined(request, by_name=False)


async def _call_by_name(request: Request) -> Response:
    """Takes the parameters by name."""
    return await _joined(request, by_name=True)


async def _joined(request: Request, *, by_name: bool) -> Response:
    name = request.path_params["name"]
    try:
        if name not in OPERATIONS:
            raise RefusedError(
                HTTPStatus.NOT_FOUND, f"nothing is called {name[:60]!r}: there are {', '.join(OPERATIONS)}"
            )
        operation = OPERATIONS[name]
        values = await json_body(request)
        if not by_name:
            values = _named(values, list(operation.takes.model_fields))
        event = await join(request.scope, operation, checked(operation, values))
    except RefusedError as refused:
        return problem(refused)
    return JSONResponse({"event_id": event})


def _named(body: Any, names: list[str]) -> dict[str, Any]:
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list):
        raise RefusedError(HTTPStatus.BAD_REQUEST, f'send {{"data": [{", ".join(names)}]}}')
    if len(data) > len(names):
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"data: {len(names)} values at most, not {len(data)}")
    return dict(zip(names, data, strict=False))


async def _config(request: Request) -> JSONResponse:
    """Gradio's settings for its clients.

    gradio_client takes each object with a `path` for a file that is to be fetched, unless it speaks the protocol "sse_v2.1"; in
    later ones it has forgotten to look for the mark of a file. Our answers name the path of a source. That protocol differs
    from "sse_v3" only in who closes the stream of events, and Gradio still serves it.
    """
    passed = {name: value for name, value in request.headers.items() if name != "accept-encoding"}
    async with inside(request.scope, str(request.base_url)) as client:
        answer = await client.get("/config", params=request.query_params, headers=passed)
    content = answer.json()
    if "gradio_client" in request.headers.get("user-agent", "") and content.get("protocol") == "sse_v3":
        content["protocol"] = "sse_v2.1"
    return JSONResponse(content, answer.status_code)
