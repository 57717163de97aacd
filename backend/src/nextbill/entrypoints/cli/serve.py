"""The product's two processes, each alone."""

from __future__ import annotations

from typing import Annotated

import typer

from nextbill.entrypoints import http, worker
from nextbill.entrypoints.cli.environment import settings


def api() -> None:
    """Run the API alone (API_HOST, API_PORT)."""
    settings()
    http.serve()


def work(
    seed_first: Annotated[bool, typer.Option("--seed", help="first do what `nextbill seed` does; /metrics answers when that is done")] = False,
) -> None:
    """Run a worker alone; any number may run."""
    settings()
    worker.serve(seed_first=seed_first)
