"""What every request passes before a route or the page sees it, from the outside to the inside.

Root path off → headers for the browser → Host and Origin → log-in → overload in words → uploads → our routes and Gradio's page.
All of it is plain ASGI around the whole application, so that nothing, a route of Gradio's to come included, is outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.chat.credentials import Credentials
from qa.chat.login import LoginGuard
from qa.chat.options import ServeOptions
from qa.chat.origins import OriginGuard
from qa.chat.overload import Overload
from qa.chat.security import SecurityHeaders
from qa.chat.uploads import Limits, UploadGuard

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


def guarded(app: ASGIApp, options: ServeOptions, credentials: Credentials | None) -> ASGIApp:
    """The app behind its guards."""
    app = UploadGuard(app, Limits() if options.allow_uploads else None)
    app = Overload(app, options.port, options.root)
    if credentials is not None:
        app = LoginGuard(app, options, credentials)
    app = SecurityHeaders(OriginGuard(app, options))
    return BelowRoot(app, options.root) if options.root else app


class BelowRoot:
    """ASGI middleware for reverse proxies that pass the path on with the root path in front, as well as for those that do not."""

    def __init__(self, app: ASGIApp, root: str) -> None:
        self.app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the root path off."""
        path = scope.get("path", "")
        if path == self._root or path.startswith(f"{self._root}/"):
            path = path[len(self._root) :] or "/"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)
