"""Routes of our own, in front of Gradio's: plain HTTP for what is no page and no event.

To add one, write a function in a module of yours that takes what it needs and gives a Starlette route,

    def original_route(assistants: Assistants) -> Route:
        async def original(request: Request) -> Response: ...
        return Route("/original/{doc_id}", original)

and name it in `own_routes`. The path is that below the root path, whatever `--root-path` says; `request.state.user` is who
logged in ("" without `--auth`). Everything here stands behind the same guards as the page (`qa.chat.guarding`): a log-in
where there is `--auth`, no foreign Host or Origin. Work that takes longer than a few milliseconds, and everything that waits for
`assistants.current()`, belongs into a plain `def` handler, which Starlette runs in a thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.chat.answering import Assistants
from qa.chat.calls import call_routes
from qa.chat.files import file_route
from qa.chat.health import health_route
from qa.chat.options import ServeOptions
from qa.chat.rest import api_routes

if TYPE_CHECKING:
    from starlette.routing import BaseRoute


def own_routes(assistants: Assistants, options: ServeOptions) -> list[BaseRoute]:  # noqa: ARG001  # for routes to come
    """What is served besides Gradio's page; the first that matches answers."""
    return [health_route(assistants), file_route(assistants), *api_routes(), *call_routes()]
