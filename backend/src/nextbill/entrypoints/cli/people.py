"""Staff."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from nextbill.capabilities import identity
from nextbill.entrypoints.cli.output import USAGE, fail, tell
from nextbill.entrypoints.cli.wired import with_system
from nextbill.runtime.database import Role
from nextbill.wiring import Wired


def create_admin(
    email: Annotated[str, typer.Argument(help="the address to log in with")],
    password: Annotated[
        str | None, typer.Option(help="at least 10 characters; asked for if not given", envvar="NEXTBILL_ADMIN_PASSWORD", show_envvar=True)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Create a staff login with all rights.

    Example: `nextbill create-admin owner@example.com`
    """
    chosen = password or _ask()

    async def use(wired: Wired) -> str:
        password_hash = await identity.hash_password(chosen)
        async with wired.database.writing(Role.WORK) as tx:
            return str(await identity.create_admin(tx, email=email, password_hash=password_hash, now=wired.context.clock.now()))

    login_id = with_system(use)
    tell({"login": login_id, "email": email, "role": "admin"}, as_json=as_json, after=f"Log in with POST /api/v1/auth/login as {email}.")


def _ask() -> str:
    if not sys.stdin.isatty():
        fail("Nobody is here to type a password: give it as NEXTBILL_ADMIN_PASSWORD or with --password.", code=USAGE)
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
