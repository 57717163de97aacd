"""The owner's colleague at the desk, over HTTP; and what must hold afterwards, asked of both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from nextbill.capabilities import customers, identity, ledger
from nextbill.entrypoints.seeding import DEMO_ADMIN, DEMO_PASSWORD
from nextbill.runtime import invariants
from nextbill.runtime.database import Role


@dataclass
class Staff:
    shop: Any
    token: str

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self._send("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx.Response:
        return await self._send("POST", path, **options)

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self.shop.client.request(method, f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"}, **options)

    async def parked(self) -> list[dict[str, Any]]:
        return (await self.get("/admin/parked")).json()["items"]

    async def timeline(self, order_id: str) -> dict[str, Any]:
        answer = await self.get(f"/admin/orders/{order_id}/timeline")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def retry_all(self, reason: str = "the cause is mended") -> int:
        waiting = await self.parked()
        for step in waiting:
            answer = await self.post(f"/admin/steps/{step['step_id']}/retry", json={"reason": reason})
            assert answer.status_code == 202, answer.text
        return len(waiting)


async def staff(shop: Any) -> Staff:
    answer = await shop.client.post("/api/v1/auth/login", json={"email": DEMO_ADMIN, "password": DEMO_PASSWORD})
    return Staff(shop, answer.json()["access_token"])


async def violations(shop: Any) -> list[str]:
    found = await invariants.check(shop.database, shop.clock, shop.wired.invariants)
    return [f"{finding.invariant}: {line}" for finding in found for line in finding.violations]


async def credit_of(shop: Any, email: str) -> dict[str, int]:
    """What we owe the customer beyond invoices, by currency; empty where nothing."""
    async with shop.database.reading(Role.WORK) as tx:
        login = await identity.find_login(tx, email)
        customer = await customers.get_customer(tx, login.customer_id)
        found = await ledger.balance(tx, ledger.Account.CUSTOMER_CREDIT, customer_id=customer.id)
    return {currency: amount for currency, amount in found.items() if amount}


async def balance(shop: Any, account: ledger.Account) -> int:
    async with shop.database.reading(Role.WORK) as tx:
        return (await ledger.balance(tx, account)).get("USD", 0)


async def charged(shop: Any) -> dict[str, int]:
    """The gateway's own record: captured, refunded, charges."""
    summary = (await shop.outside.get(f"{shop.sims['stripe']}/_sim/stripe/summary")).json()
    return summary["totals"].get("usd", {"captured": 0, "refunded": 0, "charges": 0})


async def registered(shop: Any) -> list[str]:
    """The registrar's own record: live names."""
    found = (await shop.outside.get(f"{shop.sims['resellerclub']}/_sim/resellerclub/domains")).json()
    return sorted(entry["name"] for entry in found if entry["live"])


async def accounts(shop: Any) -> list[str]:
    """The panels' own records: billing ids of accounts."""
    found = []
    for name in shop.sims:
        if name.startswith("nextpanel"):
            found += [account["billing_id"] for account in (await shop.outside.get(f"{shop.sims[name]}/_sim/state", params={"kind": "account"})).json()]
    return found
