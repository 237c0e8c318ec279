"""Whether the server can answer: `/health`, for programs that watch over it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import qa
from qa.chat.answering import Assistants
from qa.errors import VerbatimError

PATH = "/health"


def health(assistants: Assistants) -> dict[str, Any]:
    """The state: `status` is "loading", "ok" or "error"; counts where the documents are open, never a path or a name."""
    state: dict[str, Any] = {"status": "loading", "version": qa.__version__}
    if not assistants.ready:
        return state
    try:
        assistant = assistants.current()
    except VerbatimError:
        return {**state, "status": "error", "error": "the documents cannot be opened; the server's log says why"}
    return {**state, "status": "ok", "documents": len(assistant.documents), "passages": assistant.passage_count}


def health_route(assistants: Assistants) -> Route:
    """GET /health: 200 where questions are answered at once, else 503."""

    def answer(_: Request) -> JSONResponse:
        state = health(assistants)
        return JSONResponse(state, 200 if state["status"] == "ok" else 503, {"cache-control": "no-store"})

    return Route(PATH, answer)
