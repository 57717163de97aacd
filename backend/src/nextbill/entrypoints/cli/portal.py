"""`nextbill portal`: build the web pages and serve them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from nextbill.entrypoints.embedded import layout, portal, ports
from nextbill.entrypoints.embedded.errors import StartRefused

app = typer.Typer(no_args_is_help=True, help="Build the portal and serve it, each alone.")


@app.command()
def build() -> None:
    """Install the portal's packages and build it, as far as that was not done for these sources.

    Needs Node 20.9 or newer; a first build takes a minute or two. Exit codes: 0 built, 2 could not.
    """
    with _refusing_clearly():
        sys.stdout.write(f"{portal.build()}\n")


@app.command()
def serve(
    *,
    hot: Annotated[bool, typer.Option("--hot", help="From the sources, following every change: for work on the portal.")] = False,
    behind_proxy: Annotated[
        bool,
        typer.Option("--behind-proxy", help="Believe X-Forwarded-For: a reverse proxy in front overwrites it, and nobody else reaches this port."),
    ] = False,
) -> None:
    """Serve the portal on 127.0.0.1 (PORTAL_PORT, default 3001), in front of the API (API_ORIGIN, default http://127.0.0.1:API_PORT)."""
    settings = layout.users_settings()
    port = settings.get("PORTAL_PORT") or str(ports.FIXED["portal"][1])
    api = f"http://{ports.LOOPBACK}:{settings.get('API_PORT') or ports.FIXED['api'][1]}"
    with _refusing_clearly():
        if not port.isdigit():
            raise StartRefused(f"PORTAL_PORT={port} is not a port: a number from 1 to 65535.")
        portal.serve(
            environment={"API_ORIGIN": api, "PORTAL_URL": f"http://localhost:{port}"} | settings, port=int(port), hot=hot, behind_proxy=behind_proxy
        )


@contextmanager
def _refusing_clearly() -> Iterator[None]:
    try:
        yield
    except StartRefused as refusal:
        sys.stderr.write(f"nextbill: {refusal}\n")
        raise typer.Exit(2) from refusal
