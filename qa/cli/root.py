"""The command `qa` as a whole: its subcommands in the order of the help, and what becomes of a failure.

A command is a function of a module beside this one, named in `COMMANDS`: its parameters are its options, its docstring is
its help, and an int that it returns is the exit status. Those modules load the library inside the functions.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from typing import Annotated, Any

import typer

import qa
from qa.cli import asking, evaluating, feedback, indexing, serving
from qa.cli.output import BROKEN_PIPE, ERROR, INTERRUPTED, internal_error, note, show_traceback
from qa.errors import VerbatimError

COMMANDS: dict[str, Callable[..., Any]] = {
    "index": indexing.index_command,
    "add": indexing.add,
    "remove": indexing.remove,
    "list": indexing.list_command,
    "verify": indexing.verify,
    "ask": asking.ask,
    "retrieve": asking.retrieve,
    "eval": evaluating.evaluate,
    "compare": evaluating.compare,
    "serve": serving.serve_command,
    "user": serving.user,
}

app = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)
app.add_typer(feedback.app, name="feedback")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Answer questions over documents in words that stand in them."""
    if version:
        print(f"qa {qa.__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(ERROR)


def main() -> None:
    """Entry point of the command `qa`."""
    if not os.environ.get("VERBATIM_DEBUG"):
        warnings.simplefilter("ignore")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        status = BROKEN_PIPE
    if status == BROKEN_PIPE:  # Python flushes once more when it ends, which must not fail either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; every failure becomes a line on stderr and the exit status that is returned."""
    try:
        return int(app(list(arguments), prog_name="qa", standalone_mode=False) or 0)
    except VerbatimError as error:
        note(f"error: {error}")
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        message = error.format_message().rstrip(".")
        note(f"error: {message}; see: {context.command_path if context else 'qa'} --help")
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # typer ends the process where the reader of stdout has gone
        return BROKEN_PIPE
    except OSError as error:
        show_traceback()
        note(f"error: {f'{error.filename}: ' if error.filename else ''}{error.strerror or error}")
    except Exception as error:
        note(internal_error(error))
    return ERROR
