"""adrs: `python -m adrs` is the command line."""

from adrs.cli.main import main

main()
