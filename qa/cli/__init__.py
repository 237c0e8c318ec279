"""The command line `qa`: reads arguments and files, calls the library, prints.

Answers go to stdout; progress, notes and errors go to stderr. Exit status: 0 done or answered, 1 abstained, 2 error.
"""

from __future__ import annotations

from qa.cli.root import app, main, run

__all__ = ["app", "main", "run"]
