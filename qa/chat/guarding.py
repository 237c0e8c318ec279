"""What every request passes before the page or a route sees it, from the outside to the inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.chat.options import ServeOptions
from qa.chat.security import SecurityHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def guarded(app: ASGIApp, options: ServeOptions) -> ASGIApp:  # noqa: ARG001  # for guards to come
    """The app behind its guards."""
    return SecurityHeaders(app)
