"""The command that opens the web chat: `serve`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from qa.cli.output import Index, Json, Model, note, print_json


def serve_command(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")] = 7860,
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
) -> None:
    """Serve the web chat.

    An index of the default corpus is built where there is none.
    """
    from qa.chat.options import ServeOptions
    from qa.chat.serving import serve

    if embedder:
        os.environ["VERBATIM_EMBEDDER"] = embedder
    options = ServeOptions(host=host, port=port)

    def announce(address: str) -> None:
        if as_json:
            print_json({"address": address})
        else:
            print(f"Verbatim is at {address}", flush=True)

    serve(index, options, announce=announce, note=note)
