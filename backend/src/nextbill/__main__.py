"""`python -m nextbill`: the command line."""

from nextbill.entrypoints.cli.main import run

run()
