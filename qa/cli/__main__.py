"""`python -m qa.cli` is the command `qa`."""

from qa.cli import main

main()
