"""The web chat: `python app.py` is `qa serve`."""

from __future__ import annotations

import sys

from qa.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "serve")
    main()
