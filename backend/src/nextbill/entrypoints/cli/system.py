"""Commands that fill, examine and describe the system."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import text

from nextbill.entrypoints import http, seeding
from nextbill.entrypoints.cli.output import fail, report, stderr, tell
from nextbill.entrypoints.cli.wired import failing_clearly, with_system
from nextbill.runtime import invariants
from nextbill.runtime.database import Role
from nextbill.runtime.settings import REPOSITORY
from nextbill.wiring import Wired

OPENAPI = REPOSITORY / "docs" / "api" / "openapi.json"
Json = Annotated[bool, typer.Option("--json", help="print JSON")]


def seed(as_json: Json = False) -> None:
    """Fill in plans, prices and (sandbox) demo logins and servers. What is there already stays as it is."""

    async def use(wired: Wired) -> dict[str, Any]:
        return await seeding.seed(wired)

    tell(with_system(use), as_json=as_json, after="Next: `nextbill demo` buys a plan and a domain.")


def check(as_json: Json = False) -> None:
    """Check the invariants: the rules that must hold between money and machines. Exit code 1 if one is violated."""

    async def use(wired: Wired) -> list[invariants.Finding]:
        return await invariants.check(wired.database, wired.context.clock, wired.invariants)

    findings = with_system(use)
    rows = [
        {"invariant": found.invariant, "state": f"{len(found.violations)} wrong" if found.violations else "holds", "promise": found.promise}
        for found in findings
    ]
    if as_json:
        print(json.dumps([dataclasses.asdict(found) for found in findings]))
    else:
        report(rows, as_json=False, empty="No invariant is wired.")
        for found in findings:
            for line in found.violations[: invariants.SHOWN]:
                stderr.print(f"{found.invariant}: {line}", style="red", markup=False, highlight=False, soft_wrap=True)
    if any(found.violations for found in findings):
        raise typer.Exit(1)


def openapi(
    path: Annotated[Path, typer.Option("--write", help="the file to write")] = OPENAPI,
    only_check: Annotated[bool, typer.Option("--check", help="compare, write nothing; exit code 1 if it differs")] = False,
) -> None:
    """Write the API's OpenAPI document, from which clients are generated."""
    document = http.openapi_document()
    if only_check:
        if not path.exists() or path.read_text(encoding="utf-8") != document:
            fail(f"{path.name} is not what the API says: run `nextbill openapi` and look at the difference.")
        return
    with failing_clearly():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document, encoding="utf-8")
    stderr.print(f"Wrote {path.name}: {len(json.loads(document)['paths'])} paths.")


def doctor(as_json: Json = False) -> None:
    """Examine this installation: settings, database, schema, roles, vendors. Exit code 1 if something is wrong."""

    async def use(wired: Wired) -> list[dict[str, Any]]:
        rows = [{"part": "settings", "state": "ok", "detail": f"mode {wired.settings.nextbill_mode}, company {wired.settings.company_name}"}]
        rows.append(await _database(wired))
        if rows[-1]["state"] != "ok":
            return rows
        rows.append(await _roles(wired))
        return rows + await seeding.examine_vendors(wired)

    rows = with_system(use)
    report(rows, as_json=as_json, empty="")
    if any(row["state"] == "wrong" for row in rows):
        raise typer.Exit(1)


async def _database(wired: Wired) -> dict[str, Any]:
    checks = await http.readiness(wired)
    fine = all(value == "ok" for value in checks.values())
    return {"part": "database", "state": "ok" if fine else "wrong", "detail": ", ".join(f"{name} {value}" for name, value in checks.items())}


async def _roles(wired: Wired) -> dict[str, Any]:
    """The application's roles must not be able to bypass row-level security."""
    async with wired.database.reading(Role.WORK) as tx:
        found = (
            (await tx.execute(text("select rolname from pg_roles where rolname like 'nextbill\\_%' and (rolsuper or rolbypassrls)"))).scalars().all()
        )
    detail = f"{', '.join(found)} may bypass row-level security" if found else "no application role may bypass row-level security"
    return {"part": "roles", "state": "wrong" if found else "ok", "detail": detail}
