"""What both sides say when all is over: ours by the routes of staff and customers, theirs by the simulators' own records."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nextbill_lab.chaos.desk import Desk
from nextbill_lab.chaos.misdeeds import Vendors
from nextbill_lab.chaos.shopper import Purchase, Shopper
from nextbill_lab.customer import listed
from nextbill_lab.trouble import Missing, Refused

Row = dict[str, Any]


@dataclass
class Ours:
    """`attempts`: order id → ids of the tries at paying it. `licenses`: customer's e-mail → what the customer sees."""

    orders: list[Row] = field(default_factory=list)
    attempts: dict[str, list[str]] = field(default_factory=dict)
    invoices: list[Row] = field(default_factory=list)
    licenses: dict[str, list[Row]] = field(default_factory=dict)
    accounts: list[Row] = field(default_factory=list)
    domains: list[Row] = field(default_factory=list)
    servers: list[Row] = field(default_factory=list)
    balances: dict[str, int] = field(default_factory=dict)
    invariants: list[Row] = field(default_factory=list)

    @property
    def paid(self) -> list[Row]:
        return [order for order in self.orders if order["state"] in ("paid", "completed")]

    @property
    def unpaid(self) -> list[Row]:
        return [order for order in self.orders if order["state"] not in ("paid", "completed")]


@dataclass
class Theirs:
    """`accounts`: by the panel's address; `deleted`: accounts that a panel had once."""

    payments: list[Row] = field(default_factory=list)
    names: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)
    accounts: dict[str, list[Row]] = field(default_factory=dict)
    deleted: list[Row] = field(default_factory=list)
    mails: list[Row] = field(default_factory=list)


@dataclass
class Evidence:
    purchases: Sequence[Purchase]
    ours: Ours
    theirs: Theirs
    still_open: Sequence[str] = ()
    nameless: Sequence[str] = ()


async def collect_ours(desk: Desk, shoppers: Sequence[Shopper], environment: Mapping[str, str]) -> Ours:
    found = Ours(
        orders=await desk.all("/orders"),
        invoices=await desk.all("/admin/invoices"),
        accounts=await desk.all("/nextpanel/accounts"),
        domains=await desk.all("/admin/domains"),
        servers=listed(await desk.get("/nextpanel/servers")),
        balances={str(name): int(value) for name, value in (await desk.get("/admin/ledger/trial-balance"))["balances"].items()},
        invariants=await _check(environment),
    )
    for order in found.orders:
        entries = (await desk.get(f"/admin/orders/{order['id']}/timeline"))["entries"]
        found.attempts[order["id"]] = [entry["subject_id"] for entry in entries if entry["kind"] == "payment"]
    for shopper in shoppers:
        found.licenses[shopper.person.email] = await _licenses(shopper)
    return found


async def _licenses(shopper: Shopper) -> list[Row]:
    """None where the customer never came to have a login."""
    try:
        return listed(await shopper.ask("list the licenses", "/licenses", query={"limit": 200}))
    except (Refused, Missing):
        return []


async def _check(environment: Mapping[str, str]) -> list[Row]:
    """`nextbill check --json`: its findings."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "nextbill", "check", "--json", env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    told, words = await process.communicate()
    try:
        found: list[Row] = json.loads(told)
    except ValueError:
        raise Missing(f"nextbill check said nothing: {words.decode(errors='replace')[-300:]}") from None
    return found


async def collect_theirs(vendors: Vendors) -> Theirs:
    found = Theirs(
        payments=(await vendors.call("stripe", "GET", "/_sim/stripe/summary"))["payments"],
        names=await vendors.call("registrar", "GET", "/_sim/resellerclub/domains"),
        charges=await vendors.call("registrar", "GET", "/_sim/resellerclub/charges"),
        mails=await vendors.outside.json("GET", f"{vendors.system.mailbox}/api/mails", params={"limit": "100000"}),
    )
    for name, url in vendors.system.panels.items():
        found.accounts[url] = await vendors.call(f"panel {name}", "GET", "/_sim/nextpanel/accounts")
        found.deleted += await vendors.call(f"panel {name}", "GET", "/_sim/nextpanel/accounts?deleted=true")
    return found
