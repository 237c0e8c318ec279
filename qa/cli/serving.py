"""The commands around the web chat: `serve`, and `user` for who may log in."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from qa.cli.output import Index, Json, Model, ReaderModel, note, print_json, use_reader

AuthFile = typer.Option("--auth", metavar="FILE", help="File of users; make entries with: qa user NAME --auth FILE.")


def serve_command(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; 0.0.0.0 is reachable from outside.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")] = 7860,
    auth: Annotated[Path | None, AuthFile] = None,
    root_path: Annotated[
        str,
        typer.Option("--root-path", metavar="PATH", help="Path or address at which a reverse proxy shows the chat."),
    ] = "",
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", metavar="NAME", help="Another name of this server; repeatable.")
    ] = None,
    queue: Annotated[int, typer.Option("--queue", min=1, help="Questions that may wait; later ones are refused.")] = 64,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, help="Requests of a kind worked on at once; questions: one.")
    ] = 1,
    mcp: Annotated[bool, typer.Option("--mcp", help="Offer ask, retrieve and documents as MCP tools at /mcp.")] = False,
    allow_uploads: Annotated[
        bool, typer.Option("--allow-uploads", help="Let everybody who reaches the page add documents and remove them.")
    ] = False,
    index: Index = None,
    as_json: Json = False,
    embedder: Model = None,
    reader: ReaderModel = None,
) -> None:
    """Serve the web chat.

    An index of the default corpus is built where there is none.
    """
    from qa.chat.options import ServeOptions
    from qa.chat.serving import serve

    use_reader(reader)
    if embedder:
        os.environ["VERBATIM_EMBEDDER"] = embedder
    options = ServeOptions(
        host=host,
        port=port,
        auth=auth,
        root_path=root_path,
        allow_hosts=tuple(allow_host or ()),
        queue=queue,
        concurrency=concurrency,
        mcp=mcp,
        allow_uploads=allow_uploads,
    )

    def announce(address: str) -> None:
        if as_json:
            print_json({"address": address})
        else:
            print(f"Verbatim is at {address}", flush=True)

    serve(index, options, announce=announce, note=note)


def user(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who logs in.")],
    auth: Annotated[Path, AuthFile],
    remove: Annotated[bool, typer.Option("--remove", help="Remove the user.")] = False,
) -> None:
    """Add a user of the web chat, or change a password.

    The password is asked for twice, or read from the first line of standard input where that is no terminal.
    """
    from qa.chat.users import remove_user, write_user

    if remove:
        remove_user(auth, name)
        note(f"{name!r} is removed from {auth}")
        return
    known = write_user(auth, name, _password())
    note(f"{name!r} has another password in {auth}" if known else f"{name!r} is added to {auth}")


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True))
    return sys.stdin.readline().rstrip("\r\n")
