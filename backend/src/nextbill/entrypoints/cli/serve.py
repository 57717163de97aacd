"""The product's processes, each alone."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from nextbill.entrypoints import http, license_http, turns, worker
from nextbill.entrypoints.cli.environment import settings
from nextbill.entrypoints.cli.output import fail
from nextbill.entrypoints.cli.wired import failing_clearly


def api() -> None:
    """Run the API alone (API_HOST, API_PORT)."""
    settings()
    with failing_clearly(), _naming_ports("API_PORT and METRICS_PORT"):
        http.serve()


def license_api() -> None:
    """Run the license path alone (API_HOST, API_PORT): what panels ask, and nothing else of the product. Any number may run."""
    settings()
    with failing_clearly(), _naming_ports("API_PORT and METRICS_PORT"):
        license_http.serve()


def work(
    seed_first: Annotated[bool, typer.Option("--seed", help="first do what `nextbill seed` does; /metrics answers when that is done")] = False,
    in_turns: Annotated[
        bool, typer.Option("--in-turns", help="sandbox: stand still, and do all that is due for each line of JSON on standard input")
    ] = False,
) -> None:
    """Run a worker alone; any number may run."""
    settings()
    with failing_clearly(), _naming_ports("METRICS_PORT"):
        if in_turns:
            turns.serve()
        else:
            worker.serve(seed_first=seed_first)


@contextmanager
def _naming_ports(names: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        fail(f"A port is taken: is this running already? {names} move it.")
