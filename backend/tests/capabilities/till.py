"""What tests of payments and orders look at: rows as the worker sees them, the gateway's own records, staff at the desk."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from nextbill.capabilities import identity, ledger
from nextbill.capabilities.payments.invariants import INVARIANTS as PAYMENTS
from nextbill.runtime import invariants
from nextbill.runtime.database import Role
from tests.support.buyer import PASSWORD, Buyer

GOOD, DECLINED, BROKE = "4242424242424242", "4000000000000002", "4000000000009995"


async def rows(shop: Any, statement: str, **values: Any) -> list[dict[str, Any]]:
    async with shop.database.reading(Role.WORK) as tx:
        return [dict(row) for row in (await tx.execute(text(statement), values)).mappings()]


async def one(shop: Any, statement: str, **values: Any) -> Any:
    (row,) = await rows(shop, statement, **values)
    (value,) = row.values()
    return value


async def attempt(shop: Any, payment_id: str) -> dict[str, Any]:
    (row,) = await rows(shop, "select * from payments_attempt where id = :id", id=UUID(payment_id))
    return row


async def events(shop: Any, capability: str) -> list[str]:
    """Names of what was published, in order."""
    found = await rows(shop, "select name from runtime_event where name like :name order by seq", name=f"{capability}.%")
    return [row["name"].partition(".")[2] for row in found]


async def violations(shop: Any) -> list[str]:
    found = await invariants.check(shop.database, shop.clock, shop.wired.invariants)
    return [f"{finding.invariant}: {line}" for finding in found for line in finding.violations]


async def own_violations(shop: Any) -> dict[str, list[str]]:
    return {finding.invariant: finding.violations for finding in await invariants.check(shop.database, shop.clock, PAYMENTS)}


async def books(shop: Any, account: str) -> int:
    """The account's balance in cents, debit positive."""
    async with shop.database.reading(Role.WORK) as tx:
        assert set((await ledger.trial_balance(tx)).values()) <= {0}
        found = await tx.execute(text("select coalesce(sum(amount_minor), 0) from ledger_entry where account = :account"), {"account": account})
        return int(found.scalar_one())


async def staff(shop: Any, role: identity.RoleName = "billing") -> Buyer:
    email = f"{role}-{secrets.token_hex(4)}@example.com"
    hashed = await identity.hash_password(PASSWORD)
    async with shop.database.writing(Role.WORK) as tx:
        await identity.create_admin(tx, email=email, password_hash=hashed, role=role, now=shop.clock.now())
    tokens = (await shop.client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})).json()
    return Buyer(shop, email, tokens["access_token"])


async def credited(shop: Any, minor: int | None = None) -> None:
    """The shop's only invoice is taken back, or so much of it: what a refund is sent from."""
    desk = await staff(shop)
    (invoice,) = (await desk.get("/api/v1/invoices")).json()["items"]
    scope = {} if minor is None else {"amount": {"amount": minor, "currency": "USD"}}
    answer = await desk.post(f"/api/v1/invoices/{invoice['id']}/credit-notes", json={"reason": "Taken back", **scope})
    assert answer.status_code == 201, answer.text


async def submit(shop: Any, checkout_url: str, card: str = GOOD) -> httpx.Response:
    return await shop.outside.post(checkout_url, data={"card_number": card, "exp": "12/34", "cvc": "123", "name": "Test Buyer"})


async def come_back(shop: Any, answer: httpx.Response) -> httpx.Response:
    """The browser follows the gateway's redirect to our return page."""
    assert answer.status_code == 303, answer.text
    return await shop.outside.get(answer.headers["location"])


async def webhooks(shop: Any, **plan: Any) -> None:
    (await shop.outside.post(f"{shop.sims['stripe']}/_sim/stripe/webhooks", json=plan)).raise_for_status()


async def misbehave(shop: Any, kind: str, pattern: str, **more: Any) -> None:
    (await shop.outside.post(f"{shop.sims['stripe']}/_sim/stripe/faults", json={"kind": kind, "pattern": pattern, **more})).raise_for_status()


async def delivered(shop: Any) -> None:
    """Until the gateway has nothing left to deliver; then all that followed from it has run."""
    for _ in range(200):
        waiting = (await shop.outside.get(f"{shop.sims['stripe']}/_sim/stripe/webhooks")).json()["waiting"]
        if waiting == 0:
            break
        await asyncio.sleep(0.05)
    assert waiting == 0
    await shop.drain()


def kept(shop: Any, kind: str) -> list[dict[str, Any]]:
    """The gateway's own records."""
    return shop.worlds["stripe"].store.find(kind)


def tamper(shop: Any, kind: str, key: str, **changes: Any) -> None:
    """The gateway says something else than what was asked for."""
    store = shop.worlds["stripe"].store
    store.put(kind, key, {**store.get(kind, key), **changes})
