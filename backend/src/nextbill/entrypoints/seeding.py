"""What a new shop starts with: plans and prices; in sandbox also demo logins, servers and a panel key. Safe at every start."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from nextbill.capabilities import catalog, customers, hosting, identity, ledger, tax
from nextbill.kernel.clock import business_date
from nextbill.runtime.database import Role, Tx
from nextbill.runtime.vendors import VendorError
from nextbill.wiring import Wired

DEMO_ADMIN, DEMO_CUSTOMER = "owner@example.com", "customer@example.com"
DEMO_PASSWORD = "sandbox-only-password"  # noqa: S105 - shown on the start page; live mode refuses to start beside it
SERVER_CAPACITY = 2_000
DEMO_RATES: Final[Mapping[str, Mapping[str, int]]] = {"USD": {"EUR": 1_085_000}, "EUR": {"USD": 921_659}}
"""By home currency: its units for a million units of the other one."""


class DemoDataInLive(Exception):
    """Live mode beside what only a sandbox has."""


async def seed(wired: Wired) -> dict[str, Any]:
    """What was made now, and what was there. Demo logins are written to DATA/logins.json (0600), where the start page finds them."""
    now = wired.context.clock.now()
    async with wired.database.writing(Role.WORK) as tx:
        await catalog.seed_catalog(tx, now=now)
        await _tax(tx, wired)
        if not wired.settings.live:
            await catalog.seed_demo_catalog(tx, now=now)
            await _rates(tx, wired)
        plans = [plan.code for plan in await catalog.list_plans(tx, wired.settings.currency, on=now.date())]
    facts: dict[str, Any] = {"plans": ", ".join(plans)}
    if wired.settings.live:
        return facts
    await _demo_logins(wired)
    facts["servers"] = ", ".join(await asyncio.gather(*(_server(wired, panel) for panel in json.loads(wired.settings.nextbill_sandbox_panels))))
    told = {"logins": [_login("admin", DEMO_ADMIN), _login("customer", DEMO_CUSTOMER)], "panel_key": await _panel_key(wired)}
    _write(wired.settings.nextbill_data / "logins.json", told)
    return facts | {"logins": f"{DEMO_ADMIN}, {DEMO_CUSTOMER}"}


async def refuse_demo_data(wired: Wired) -> None:
    """Before a live process serves anything: no demo login, no server on this machine."""
    if not wired.settings.live:
        return
    async with wired.database.reading(Role.WORK) as tx:
        found = [email for email in (DEMO_ADMIN, DEMO_CUSTOMER) if await identity.find_login(tx, email)]
        found += [server.name for server in await hosting.list_servers(tx) if not server.base_url.startswith("https://")]
    if found:
        raise DemoDataInLive(f"Live mode refuses to start with demo data: {', '.join(found)}. Start live on a database of its own.")


async def test_server(wired: Wired, server_id: UUID) -> dict[str, Any]:
    """Asks a server what it can do, and notes it; the call is made with no transaction open."""
    async with wired.database.reading(Role.WORK) as tx:
        server = await hosting.get_server(tx, server_id)
        access = await hosting.server_access(tx, server_id, cipher=wired.context.cipher)
    try:
        found = await wired.adapters.panel.probe(access)
    except VendorError as error:
        return {"name": server.name, "reachable": False, "provisioning": None, "problem": str(error)}
    async with wired.database.writing(Role.WORK) as tx:
        shown = await hosting.record_probe(tx, server_id=server_id, found=found, now=wired.context.clock.now())
    return {"name": shown.name, "reachable": found.reachable, "provisioning": shown.provisioning, "problem": found.problem}


async def examine_vendors(wired: Wired) -> list[dict[str, Any]]:
    """A read at each vendor: are we known there, does it answer?"""
    rows = [await _registrar(wired), await _vies(wired)]
    async with wired.database.reading(Role.WORK) as tx:
        servers = [server.id for server in await hosting.list_servers(tx)]
    for found in await asyncio.gather(*(test_server(wired, server_id) for server_id in servers)):
        detail = found["problem"] or f"answers; provisioning by {found['provisioning']}"
        rows.append({"part": f"server {found['name']}", "state": "wrong" if found["problem"] else "ok", "detail": detail})
    return rows


async def _registrar(wired: Wired) -> dict[str, Any]:
    try:
        balance = await wired.adapters.registrar.balance()
    except VendorError as error:
        return {"part": "registrar", "state": "wrong", "detail": str(error)}
    return {"part": "registrar", "state": "ok", "detail": f"balance {balance}"}


async def _vies(wired: Wired) -> dict[str, Any]:
    if await wired.adapters.id_register.is_up():
        return {"part": "VIES", "state": "ok", "detail": "answers"}
    return {"part": "VIES", "state": "wrong", "detail": f"{wired.settings.vies_url} does not answer; VAT is charged until it does"}


async def _tax(tx: Tx, wired: Wired) -> None:
    """A shop in the Union charges VAT from its first sale; staff refines the policy."""
    settings, now = wired.settings, wired.context.clock.now()
    await tax.seed_tax(
        tx,
        seller_country=settings.company_country,
        home_currency=settings.currency,
        requester_id=settings.company_tax_id,
        today=business_date(now, settings.company_time_zone),
        now=now,
    )


async def _rates(tx: Tx, wired: Wired) -> None:
    """The demo sells in euro and dollars: what is sold must be told in the currency of the books. A rate that somebody set stays."""
    now, home = wired.context.clock.now(), wired.settings.currency
    today = business_date(now, wired.settings.company_time_zone)
    for currency, ppm in DEMO_RATES.get(home, {}).items():
        if await ledger.rate_on(tx, currency=currency, home=home, on=today) is None:
            await ledger.set_rate(tx, currency=currency, day=today, ppm=ppm, source="demo", now=now)


async def _demo_logins(wired: Wired) -> None:
    now = wired.context.clock.now()
    async with wired.database.reading(Role.WORK) as tx:
        missing = [email for email in (DEMO_ADMIN, DEMO_CUSTOMER) if await identity.find_login(tx, email) is None]
    if not missing:
        return
    hashed = await identity.hash_password(DEMO_PASSWORD)
    async with wired.database.writing(Role.WORK) as tx:
        if DEMO_ADMIN in missing:
            await identity.create_admin(tx, email=DEMO_ADMIN, password_hash=hashed, now=now)
        if DEMO_CUSTOMER in missing:
            await _demo_customer(tx, hashed, wired)


async def _demo_customer(tx: Tx, hashed: identity.PasswordHash, wired: Wired) -> None:
    now = wired.context.clock.now()
    customer_id = await customers.register_customer(
        tx, email=DEMO_CUSTOMER, password_hash=hashed, name="Casey Customer", phone="+493012345678", now=now
    )
    address = customers.Address("Musterstraße 1", "", "Berlin", "", "10115", "DE")
    await customers.set_address(tx, customer_id=customer_id, address=address, now=now)
    login = await identity.login_of_customer(tx, customer_id)
    await identity.verify_email(tx, token=await identity.issue_token(tx, login_id=login.id, purpose="verify_email", now=now), now=now)


async def _server(wired: Wired, panel: dict[str, Any]) -> str:
    name = str(panel["name"])
    async with wired.database.writing(Role.WORK) as tx:
        known = next((server for server in await hosting.list_servers(tx) if server.name == name), None)
        if known is None:
            server_id = await hosting.add_server(
                tx, name=name, base_url=panel["url"], api_key=panel["api_key"], api_secret=panel["api_secret"], nameservers=panel["nameservers"],
                capacity=SERVER_CAPACITY, cipher=wired.context.cipher, actor="system", now=wired.context.clock.now(),
            )  # fmt: skip
        elif known.base_url != panel["url"].rstrip("/"):  # the simulators were given other ports since
            await hosting.move_server(tx, server_id=known.id, base_url=panel["url"], actor="system", now=wired.context.clock.now())
    await test_server(wired, known.id if known else server_id)
    return name


async def _panel_key(wired: Wired) -> dict[str, str]:
    """The key of the demo's panel: kept from the last start where it still holds, else a new one."""
    path = wired.settings.nextbill_data / "logins.json"
    kept: dict[str, str] = (json.loads(path.read_text()).get("panel_key") or {}) if path.exists() else {}
    async with wired.database.writing(Role.WORK) as tx:
        alive = {key.key_id for key in await identity.list_panel_keys(tx) if key.revoked_at is None}
        if kept.get("key_id") in alive:
            return kept
        made = await identity.create_panel_key(
            tx, name="demo panel", permissions=["validate", "usage"], cipher=wired.context.cipher, actor="system", now=wired.context.clock.now()
        )
    return {"key_id": made.key_id, "secret": made.secret}


def _login(role: str, email: str) -> dict[str, str]:
    return {"role": role, "email": email, "password": DEMO_PASSWORD}


def _write(path: Path, document: dict[str, Any]) -> None:
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as handle:
        json.dump(document, handle)
    draft.replace(path)
