"""A refund whose answer was lost is asked for again with the same key: the money goes back once."""

from __future__ import annotations

from sqlalchemy import text

from nextbill.entrypoints.seeding import DEMO_ADMIN, DEMO_PASSWORD
from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support.buyer import Buyer, register


async def test_the_same_key_after_a_crash_finds_the_first_refund(shop) -> None:
    buyer = await register(shop)
    order = await buyer.order("refund-once.com")
    await buyer.pay(order["id"])
    await shop.drain()
    token = (await shop.client.post("/api/v1/auth/login", json={"email": DEMO_ADMIN, "password": DEMO_PASSWORD})).json()["access_token"]
    staff = Buyer(shop, DEMO_ADMIN, token)
    payment = (await buyer.get("/api/v1/payments")).json()["items"][0]["id"]
    await till.credited(shop, 500)
    ask = {"json": {"amount": {"amount": 500, "currency": "USD"}, "reason": "goodwill"}, "headers": {"Idempotency-Key": "refund-1"}}
    first = await staff.post(f"/api/v1/payments/{payment}/refund", **ask)
    assert first.status_code == 202, first.text
    async with shop.database.writing(Role.WORK) as tx:  # as if the process had died before the answer was kept
        await tx.execute(text("delete from runtime_idempotency"))
    again = await staff.post(f"/api/v1/payments/{payment}/refund", **ask)
    assert again.json()["id"] == first.json()["id"]
    await shop.drain()
    refunds = shop.worlds["stripe"].store.find("refund")
    assert [refund["amount"] for refund in refunds] == [500]


async def test_amounts_that_are_no_amounts_are_refused(shop) -> None:
    token = (await shop.client.post("/api/v1/auth/login", json={"email": DEMO_ADMIN, "password": DEMO_PASSWORD})).json()["access_token"]
    staff = Buyer(shop, DEMO_ADMIN, token)
    for amount in (True, 2**63, 10**30, "5", 1.5):
        body = {"amount": {"amount": amount, "currency": "USD"}, "reason": "goodwill"}
        answer = await staff.post("/api/v1/payments/0199d3a0-7a50-7c44-9d52-1f2f6a3c9b10/refund", json=body)
        assert answer.status_code == 422, (amount, answer.text)
