"""The sandbox's clock, moved: what falls due on the way is done, a day at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from nextbill.entrypoints.seeding import DEMO_ADMIN, DEMO_PASSWORD
from nextbill.runtime import travel
from nextbill.runtime.clock import SystemClock
from nextbill.runtime.database import Role
from nextbill.runtime.jobs import JobContext
from tests.support.buyer import Buyer, register
from tests.support.shop import Shop


async def admin(shop: Shop) -> Buyer:
    token = (await shop.client.post("/api/v1/auth/login", json={"email": DEMO_ADMIN, "password": DEMO_PASSWORD})).json()["access_token"]
    return Buyer(shop, DEMO_ADMIN, token)


async def arrived(shop: Shop, until: datetime) -> None:
    async with shop.database.reading(Role.WORK) as tx:
        found = await travel.journey(tx, shop.clock)
    assert (found.until, found.at_work) == (None, 0)
    assert until <= found.now < until + timedelta(minutes=10)


async def test_days_pass_for_the_product_and_its_vendors(shop: Shop) -> None:
    buyer, boss = await register(shop), await admin(shop)
    order = await buyer.order("a-checkout-left-open.com")
    session = (await buyer.checkout(order["id"]))["checkout_url"]
    before = shop.clock.now()
    answer = await boss.post("/api/v1/admin/clock/advance", json={"days": 3})
    assert answer.status_code == 202, answer.text
    until = datetime.fromisoformat(answer.json()["until"])
    assert abs(until - before - timedelta(days=3)) < timedelta(minutes=1)
    again = await boss.post("/api/v1/admin/clock/advance", json={"days": 1})
    assert (again.status_code, again.json()["code"]) == (409, "clock_moving")
    await shop.drain(patience=4)
    await arrived(shop, until)
    sessions = shop.worlds["stripe"].store.find("checkout.session")
    assert [(found["status"], found["url"]) for found in sessions] == [("expired", None)], session
    async with shop.database.reading(Role.WORK) as tx:
        assert (await tx.execute(text("select state from payments_attempt"))).scalars().all() == ["expired"]
        audited = await tx.execute(text("select count(*) from identity_audit where action = 'clock.advanced'"))
        assert audited.scalar_one() == 1


async def test_a_leg_that_runs_twice_moves_once(shop: Shop) -> None:
    boss = await admin(shop)
    await shop.drain()
    until = shop.clock.now() + timedelta(days=2)
    assert (await boss.post("/api/v1/admin/clock/advance", json={"until": until.isoformat()})).status_code == 202
    stop = until - timedelta(days=1)
    leg = {"stop": stop.isoformat(), "until": until.isoformat(), "quiet": True}
    traveller = shop.wired.handlers[travel.TRAVEL]
    for _ in range(2):  # as if it had been killed before its end was kept
        await traveller(leg, JobContext(shop.clock.now(), 0, last=False))
    assert stop <= shop.clock.now() < stop + timedelta(minutes=5)
    await shop.drain(patience=4)
    await arrived(shop, until)


async def test_it_goes_forward_only(shop: Shop) -> None:
    boss = await admin(shop)
    past = (shop.clock.now() - timedelta(days=1)).isoformat()
    for body, field in (({"until": past}, "until"), ({"days": 0}, "days"), ({"days": 1, "until": past}, ""), ({}, "")):
        answer = await boss.post("/api/v1/admin/clock/advance", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert any(field in error["field"] for error in answer.json()["fields"]), answer.text
    shown = (await boss.get("/api/v1/admin/clock")).json()
    assert (shown["ahead_seconds"], shown["until"]) == (0.0, None)


def test_live_there_is_no_such_thing() -> None:
    with pytest.raises(travel.ClockFixed):
        travel.movable(SystemClock())
