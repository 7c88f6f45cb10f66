"""adrs: `python -m adrs` is the command line."""

from adrs.faces.cli import main

main()
