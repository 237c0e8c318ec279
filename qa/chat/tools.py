"""The same operations as tools over MCP (streamable HTTP), at `/mcp`, for assistants that call tools.

The server is that of the official library, without sessions: each call stands by itself. Only `OPERATIONS` are tools; what the
page does is none. Calls wait in the queue of the chat.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import Tool, ToolAnnotations
from starlette.requests import Request
from starlette.routing import Route

import qa
from qa.chat.api import OPERATIONS, RefusedError, checked
from qa.chat.objects import schema_of
from qa.chat.queueing import through_queue
from qa.chat.rest import body_of, parsed, problem

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Message, Receive, Scope, Send

PATH = "/mcp"
INSTRUCTIONS = (
    "Answers questions over a collection of documents in words that stand in them. Quote `short` and `text` as they are, with "
    "the citation; where `answered` is false the documents do not answer: say so."
)


def add_tools(app: FastAPI) -> None:
    """Serve the tools in this app, which Gradio's page is mounted in afterwards."""
    # Hosts and origins are checked for the whole app, by `qa.chat.guarding`.
    manager = StreamableHTTPSessionManager(_server(), json_response=True, stateless=True)
    around = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(started: FastAPI) -> AsyncIterator[Any]:
        async with around(started) as state, manager.run():
            yield state

    app.router.lifespan_context = lifespan
    app.router.routes.append(Route(PATH, _Endpoint(manager)))


class _Endpoint:
    """Hands on what can be read: the library fails, with a trace in the log, on nesting that Python's parser refuses.

    An object, as Starlette takes a function for one of requests.
    """

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await self._manager.handle_request(scope, receive, send)
            return
        try:
            body = await body_of(Request(scope, receive))
            parsed(body)
        except RefusedError as refused:
            await problem(refused)(scope, receive, send)
            return
        unread = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return unread.pop() if unread else await receive()

        await self._manager.handle_request(scope, again, send)


def _server() -> Server[Any, Any]:
    server: Server[Any, Any] = Server("verbatim", version=qa.__version__, instructions=INSTRUCTIONS)

    @server.list_tools()  # type: ignore[no-untyped-call, untyped-decorator]
    async def list_tools() -> list[Tool]:
        return [
            Tool(
                name=operation.name,
                description=operation.description,
                inputSchema=schema_of(operation.takes),
                outputSchema=schema_of(operation.gives),
                annotations=ToolAnnotations(readOnlyHint=True, idempotentHint=True, openWorldHint=False),
            )
            for operation in OPERATIONS.values()
        ]

    # The library's own check of arguments would repeat them in its message, however long they are.
    @server.call_tool(validate_input=False)  # type: ignore[untyped-decorator]
    async def call_tool(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if name not in OPERATIONS:
            raise ValueError(f"no such tool: there are {', '.join(OPERATIONS)}")
        operation = OPERATIONS[name]
        request = server.request_context.request
        assert request is not None, "calls come over HTTP"
        return await through_queue(request.scope, operation, checked(operation, arguments))

    return server
