"""API keys of panels."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from nextbill.capabilities import hosting, identity
from nextbill.entrypoints.cli.output import fail, report, tell
from nextbill.entrypoints.cli.wired import with_system
from nextbill.runtime.database import Role
from nextbill.wiring import Wired

app = typer.Typer(help="API keys with which panels ask: create, list, revoke.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="what it is for, such as fra1")],
    permission: Annotated[list[str] | None, typer.Option(help="validate, reservations, usage, leases; repeatable")] = None,
    server: Annotated[str | None, typer.Option(help="bind it to a server by name: it then asks for that server's licenses only")] = None,
    address: Annotated[list[str] | None, typer.Option(help="an address or range that may use it; repeatable")] = None,
    days: Annotated[int | None, typer.Option(help="expires after so many days", min=1)] = None,
    as_json: Json = False,
) -> None:
    """Create a key. Its secret is shown now and never again.

    Example: `nextbill panel-keys create fra1 --permission validate --server fra1 --address 203.0.113.7`
    """

    async def use(wired: Wired) -> identity.NewPanelKey:
        now = wired.context.clock.now()
        async with wired.database.writing(Role.WORK) as tx:
            bound = next((known.id for known in await hosting.list_servers(tx) if known.name == server), None)
            if server is not None and bound is None:
                fail(f"There is no server called {server}; `nextbill servers list` shows them.")
            return await identity.create_panel_key(
                tx, name=name, permissions=permission or ["validate"], server_id=bound, addresses=address or [], cipher=wired.context.cipher,
                expires_at=now + timedelta(days=days) if days else None, actor="cli", now=now,
            )  # fmt: skip

    made = with_system(use)
    tell({"key": made.key_id, "secret": made.secret}, as_json=as_json, after="Keep the secret now: it is not shown again.")


@app.command("list")
def list_keys(as_json: Json = False) -> None:
    """Keys with their rights and last use; no secrets.

    Example: `nextbill panel-keys list`
    """

    async def use(wired: Wired) -> list[dict[str, Any]]:
        async with wired.database.reading(Role.WORK) as tx:
            found = await identity.list_panel_keys(tx)
        return [_shown(key) for key in found]

    report(with_system(use), as_json=as_json, empty="There is no key yet: `nextbill panel-keys create` makes one.")


@app.command("revoke")
def revoke(key: Annotated[str, typer.Argument(help="npk_…")], as_json: Json = False) -> None:
    """Revoke a key: it is refused from the next call on.

    Example: `nextbill panel-keys revoke npk_…`
    """

    async def use(wired: Wired) -> None:
        async with wired.database.writing(Role.WORK) as tx:
            await identity.revoke_panel_key(tx, key_id=key, actor="cli", now=wired.context.clock.now())

    with_system(use)
    tell({"revoked": key}, as_json=as_json)


def _shown(key: identity.PanelKey) -> dict[str, Any]:
    rights = {"permissions": list(key.permissions), "addresses": list(key.addresses)}
    return {"key": key.key_id, "name": key.name, **rights, "expires": key.expires_at, "revoked": key.revoked_at, "last_used": key.last_used_at}
