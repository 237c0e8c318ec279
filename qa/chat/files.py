"""The original file of a document, for the link beside its text.

Only what was indexed is served: the file is found by the id of its document, never by a path, and only while its content is
that of the document. Formats that can hold scripts are downloaded, never shown, as they would run with the rights of the chat.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from qa.chat.answering import Assistants
from qa.chat.originals import Originals, shared_originals, stored_document
from qa.errors import VerbatimError
from qa.rendering.markup import escape

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

_SHOWN = {
    ".pdf": "application/pdf",
    **dict.fromkeys((".txt", ".text", ".md", ".markdown"), "text/plain; charset=utf-8"),
}
"""The formats that a browser may show, with their type: none of them runs anything on our pages."""

_POLICIES = {
    # No sandbox: a viewer that is made of scripts may not run in one. What the file holds runs in the viewer's own origin.
    ".pdf": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
}
_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\\u202a-\u202e\u2066-\u2069]")

_WHY = {
    "none": "There is no such document. It may have been removed or renamed since the answer was given.",
    "gone": "The file is no longer where it was when it was indexed. Its text can still be read beside the chat.",
    "changed": "The file has changed since it was indexed, so it is not the one that was quoted. "
    "Its text as it was read can still be seen beside the chat.",
    "unreadable": "The file cannot be read any more. Its text can still be seen beside the chat.",
}


def link_name(file: str) -> str:
    """What the link to a file is called."""
    suffix = Path(file).suffix.lower()
    return "Open PDF" if suffix == ".pdf" else "Open file" if suffix in _SHOWN else "Download file"


def file_route(assistants: Assistants, originals: Originals | None = None) -> Route:
    """`GET /file/DOC_ID`: the file that the document was read from."""
    from starlette.convertors import Convertor, register_url_convertor
    from starlette.routing import Route

    class AnyId(Convertor[str]):
        """An id as it is: "path" would match no line breaks, which names of files may have."""

        regex = r"[\s\S]*"

        def convert(self, value: str) -> str:
            return value

        def to_string(self, value: str) -> str:
            return value

    register_url_convertor("document", AnyId())
    kept = originals or shared_originals()

    def original(request: Request) -> Response:
        return serve_file(assistants, str(request.path_params["doc_id"]), kept)

    return Route("/file/{doc_id:document}", original, methods=["GET"])


def serve_file(assistants: Assistants, doc_id: str, originals: Originals) -> Response:
    """The file of the document with that id, or a page that says why there is none."""
    from starlette.responses import FileResponse

    try:
        stored = stored_document(assistants.current(), doc_id)
    except VerbatimError as error:
        return _refusal(503, str(error))
    if stored is None:
        return _refusal(404, _WHY["none"])
    state = originals.state(stored)
    if state != "same":
        return _refusal(404, _WHY[state])
    path = Path(stored.file)
    suffix = path.suffix.lower()
    return FileResponse(
        path,
        media_type=_SHOWN.get(suffix, "application/octet-stream"),
        filename=_UNSAFE.sub("_", path.name).encode("utf-8", "replace").decode() or "document",
        content_disposition_type="inline" if suffix in _SHOWN else "attachment",
        headers=_headers(suffix),
    )


def _headers(suffix: str) -> dict[str, str]:
    return {
        "content-security-policy": _POLICIES.get(suffix, _POLICY),
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-cache",
    }


def _refusal(status: int, why: str) -> Response:
    """A page of words."""
    from starlette.responses import HTMLResponse

    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>No file</title><style>body{font:17px/1.6 system-ui,sans-serif;max-width:34em;margin:12vh auto;padding:0 20px}"
        ":root{color-scheme:light dark}</style>"
        f"<h1>This file cannot be opened</h1><p>{escape(why)}</p></html>"
    )
    return HTMLResponse(page, status, headers=_headers(""))
