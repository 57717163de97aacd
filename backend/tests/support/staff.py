"""The owner's colleague at the desk, over HTTP; and what must hold afterwards, asked of both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import text

from nextbill.capabilities import customers, identity, ledger
from nextbill.entrypoints.seeding import DEMO_ADMIN, DEMO_PASSWORD
from nextbill.runtime import invariants
from nextbill.runtime.database import Role
from tests.support.buyer import PASSWORD, Buyer


@dataclass
class Staff:
    shop: Any
    token: str

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self._send("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx.Response:
        return await self._send("POST", path, **options)

    async def put(self, path: str, **options: Any) -> httpx.Response:
        return await self._send("PUT", path, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        return await self._send("DELETE", path, **options)

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return await self.shop.client.request(method, f"/api/v1{path}", headers=headers, **options)

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


async def again(buyer: Buyer) -> Buyer:
    """A new session: the old one's ran out as the clock moved."""
    tokens = (await buyer.shop.client.post("/api/v1/auth/login", json={"email": buyer.email, "password": PASSWORD})).json()
    return Buyer(buyer.shop, buyer.email, tokens["access_token"])


async def hurry(shop: Any, *, turns: int = 14) -> None:
    """Plays the pauses between tries, which are technical time: every open step is due at once, again and again."""
    for _ in range(turns):
        async with shop.database.writing(Role.WORK) as tx:
            await tx.execute(text("update runtime_step set next_at = clock_timestamp() where state in ('requested','pending','in_doubt')"))
        await shop.drain(patience=0.05)


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


async def balance_sheet(shop: Any) -> dict[str, int]:
    """Every account's balance in cents, debit positive, without those at zero."""
    async with shop.database.reading(Role.WORK) as tx:
        assert set((await ledger.trial_balance(tx)).values()) <= {0}
        found = {account.value: (await ledger.balance(tx, account)).get("USD", 0) for account in ledger.Account}
    return {account: amount for account, amount in found.items() if amount}


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
            found += [
                account["billing_id"] for account in (await shop.outside.get(f"{shop.sims[name]}/_sim/state", params={"kind": "account"})).json()
            ]
    return found
