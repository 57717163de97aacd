"""NextPanel servers."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

import typer

from nextbill.capabilities import hosting
from nextbill.entrypoints.cli.output import USAGE, fail, report, tell
from nextbill.entrypoints.cli.wired import with_system
from nextbill.entrypoints.seeding import test_server
from nextbill.runtime.database import Role
from nextbill.wiring import Wired

app = typer.Typer(help="NextPanel servers: add, list, test the connection.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="a short name, such as fra1")],
    url: Annotated[str, typer.Argument(help="the panel's address, such as https://fra1.example.net:9000")],
    api_key: Annotated[str, typer.Option(help="npk_…", prompt=True, envvar="NEXTPANEL_API_KEY")],
    api_secret: Annotated[str, typer.Option(help="nps_…", prompt=True, hide_input=True, envvar="NEXTPANEL_API_SECRET")],
    nameserver: Annotated[list[str], typer.Option(help="at least two, each with --nameserver")],
    capacity: Annotated[int, typer.Option(help="how many accounts it takes", min=1)] = 200,
    as_json: Json = False,
) -> None:
    """Add a server. Its secrets are stored encrypted.

    Example: `nextbill servers add fra1 https://fra1.example.net:9000 --nameserver ns1.example.net --nameserver ns2.example.net`
    """
    if len(nameserver) < 2:
        fail("A domain needs two name servers: give --nameserver twice.", code=USAGE)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        fail(f"{url} is not an address such as https://fra1.example.net:9000", code=USAGE)

    async def use(wired: Wired) -> UUID:
        async with wired.database.writing(Role.WORK) as tx:
            return await hosting.add_server(
                tx, name=name, base_url=url, api_key=api_key, api_secret=api_secret, nameservers=nameserver, capacity=capacity,
                cipher=wired.context.cipher, actor="cli", now=wired.context.clock.now(),
            )  # fmt: skip

    server_id = with_system(use)
    tell({"server": server_id, "name": name}, as_json=as_json, after="Next: `nextbill servers test` asks it what it can do.")


@app.command("list")
def list_servers(as_json: Json = False) -> None:
    """Servers with their load and health.

    Example: `nextbill servers list`
    """

    async def use(wired: Wired) -> list[hosting.Server]:
        async with wired.database.reading(Role.WORK) as tx:
            return list(await hosting.list_servers(tx))

    rows = [_shown(server) for server in with_system(use)]
    report(rows, as_json=as_json, empty="There is no server yet: `nextbill servers add` adds one.")


@app.command("test")
def test(
    name: Annotated[str | None, typer.Argument(help="one server; all without it")] = None,
    as_json: Json = False,
) -> None:
    """Ask servers what they can do; writes nothing there. Exit code 1 if one can't be used.

    Example: `nextbill servers test fra1`
    """

    async def use(wired: Wired) -> list[dict[str, Any]]:
        async with wired.database.reading(Role.WORK) as tx:
            chosen = [server for server in await hosting.list_servers(tx) if name in (None, server.name)]
        return await asyncio.gather(*(test_server(wired, server.id) for server in chosen))

    rows = with_system(use)
    if name is not None and not rows:
        fail(f"There is no server called {name}; `nextbill servers list` shows them.")
    report(rows, as_json=as_json, empty="There is no server yet.")
    if any(row["problem"] for row in rows):
        raise typer.Exit(1)


def _shown(server: hosting.Server) -> dict[str, Any]:
    return {
        "name": server.name,
        "state": server.state,
        "health": server.health,
        "used": server.used,
        "capacity": server.capacity,
        "url": server.base_url,
        "problem": server.problem,
    }
