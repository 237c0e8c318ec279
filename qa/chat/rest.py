"""Plain HTTP for programs: `POST /api/ask`, `POST /api/retrieve`, `GET /api/documents`, described at `/api/openapi.json`.

One call, one JSON object; what goes wrong is `{"detail": "…"}` with a status that says whose fault it is.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Mount

import qa
from qa.chat.api import ASK, DOCUMENTS, RETRIEVE, Operation, RefusedError, checked
from qa.chat.conversing import FAILED
from qa.chat.objects import ProblemObject, schema_of
from qa.chat.queueing import OUTER, through_queue

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

PATH = "/api"
MAX_BODY = 1 << 20
"""Bytes of a request's body."""

RETRY_SECONDS = "5"
_ROUTES = {ASK: "POST", RETRIEVE: "POST", DOCUMENTS: "GET"}
_FAILURES = {
    HTTPStatus.BAD_REQUEST: "The request is wrong; the message says what about it.",
    HTTPStatus.NOT_FOUND: "There is no such document or collection.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too many questions are waiting, or the documents cannot be opened.",
}


def api_routes() -> list[BaseRoute]:
    """The routes, for the app that Gradio's page is part of."""
    return [Mount(PATH, _Api())]


class _Api:
    """The app of the routes, which keeps hold of the app that it is mounted in."""

    def __init__(self) -> None:
        self.app = _make_app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[OUTER] = scope["app"]
        await self.app(scope, receive, send)


def _make_app() -> FastAPI:
    # Its pages of documentation would load scripts from elsewhere.
    app = FastAPI(
        title="Verbatim",
        version=qa.__version__,
        description="Answers in words that stand in the documents",
        docs_url=None,
        redoc_url=None,
        exception_handlers={StarletteHTTPException: _unknown, Exception: _failure},
    )
    for operation, method in _ROUTES.items():
        body: dict[str, Any] = {
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema_of(operation.takes)}}}
        }
        app.add_api_route(
            f"/{operation.name}",
            _route(operation),
            methods=[method],
            operation_id=operation.name,
            summary=operation.name,
            description=operation.description,
            response_model=None,
            responses={
                HTTPStatus.OK: {"model": operation.gives},
                **{s: {"model": ProblemObject, "description": why} for s, why in _FAILURES.items()},
            },
            openapi_extra=body if method == "POST" else None,
        )
    return app


def _route(operation: Operation) -> Any:
    async def answer(request: Request) -> JSONResponse:
        try:
            values = {} if request.method == "GET" else await json_body(request)
            asked = checked(operation, values)
            result = await through_queue(request.scope, operation, asked)
        except RefusedError as refused:
            return problem(refused)
        return JSONResponse(result, headers={"cache-control": "no-store"})

    return answer


async def json_body(request: Request) -> Any:
    """What the body says as JSON; raises RefusedError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send JSON, with the header Content-Type: application/json"
        )
    return parsed(await body_of(request))


async def body_of(request: Request) -> bytes:
    """The body, unless it is too long: raises RefusedError."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has {MAX_BODY} bytes at most")
    return bytes(body)


def parsed(body: bytes) -> Any:
    """What it says as JSON; raises RefusedError."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the body is not JSON") from error


def problem(refused: RefusedError) -> JSONResponse:
    """What is wrong, as a response."""
    headers = {"retry-after": RETRY_SECONDS} if refused.status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return JSONResponse({"detail": str(refused)}, refused.status, headers)


async def _unknown(_: Request, error: Exception) -> JSONResponse:
    """A path or method that is not there."""
    assert isinstance(error, StarletteHTTPException)
    there = ", ".join(f"{method} {PATH}/{operation.name}" for operation, method in _ROUTES.items())
    return JSONResponse({"detail": f"{error.detail}: there are {there}"}, error.status_code, error.headers)


async def _failure(*_: object) -> JSONResponse:
    return JSONResponse({"detail": FAILED}, HTTPStatus.INTERNAL_SERVER_ERROR)
