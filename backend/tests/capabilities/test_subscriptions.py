"""Subscriptions: one for each line, begun by delivery, anchored to its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from nextbill.capabilities import catalog, subscriptions
from nextbill.capabilities.subscriptions.invariants import INVARIANTS
from nextbill.capabilities.subscriptions.rules import MOVES
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime import invariants
from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support.buyer import register

PLAN = catalog.PlanOffer(
    new_id(), "professional", "Professional", 3, Money(9900, "USD"), Cycle("month"), {"accounts": 5, "emails": None}, ("free_ssl",)
)
DAY = date(2027, 1, 31)


async def test_a_subscription_begins_with_delivery_and_once(shop: Any) -> None:
    buyer = await register(shop)
    customer_id = await till.one(shop, "select id from customers_customer order by id desc limit 1")
    line, now = new_id(), shop.clock.now()
    async with shop.database.writing(Role.WORK) as tx:
        first = await subscriptions.create_subscription(tx, customer_id=customer_id, order_line_id=line, plan=PLAN, now=now)
        again = await subscriptions.create_subscription(
            tx, customer_id=customer_id, order_line_id=line, plan=replace(PLAN, plan_code="other"), now=now
        )
        assert first == again
    waiting = (await buyer.get(f"/api/v1/subscriptions/{first}")).json()
    assert (waiting["status"], waiting["plan_code"], waiting["next_due_on"]) == ("pending", "professional", None)
    for on in (DAY, date(2027, 2, 3)):
        async with shop.database.writing(Role.WORK) as tx:
            await subscriptions.start_period(tx, subscription_id=first, on=on, now=now)
    running = (await buyer.get(f"/api/v1/subscriptions/{first}")).json()
    assert (running["status"], running["current_period_start"], running["current_period_end"], running["next_due_on"]) == (
        "active", "2027-01-31", "2027-02-28", "2027-02-28",
    )  # fmt: skip
    assert (running["price"], running["limits"]) == ({"amount": 9900, "currency": "USD"}, {"accounts": 5, "emails": None})
    assert await till.events(shop, "subscriptions") == ["SubscriptionCreated", "SubscriptionStarted"]
    assert [item["id"] for item in (await buyer.get("/api/v1/subscriptions/?status=active")).json()["items"]] == [str(first)]
    other = await register(shop)
    assert (await other.get(f"/api/v1/subscriptions/{first}")).status_code == 404
    assert (await other.get("/api/v1/subscriptions")).json()["items"] == []
    staff = await till.staff(shop, "support")
    assert (await staff.get(f"/api/v1/subscriptions/{first}")).status_code == 200
    await _a_running_one_is_not_cancelled_like_an_undelivered_one(shop, first)


async def _a_running_one_is_not_cancelled_like_an_undelivered_one(shop: Any, running: UUID) -> None:
    customer_id, now = await till.one(shop, "select customer_id from subscriptions_subscription"), shop.clock.now()
    async with shop.database.writing(Role.WORK) as tx:
        assert not await subscriptions.cancel_undelivered(tx, subscription_id=running, now=now)
        fresh = await subscriptions.create_subscription(tx, customer_id=customer_id, order_line_id=new_id(), plan=PLAN, now=now)
        assert await subscriptions.cancel_undelivered(tx, subscription_id=fresh, now=now)
        with pytest.raises(subscriptions.SubscriptionNotPending):
            await subscriptions.start_period(tx, subscription_id=fresh, on=DAY, now=now)
    found = await till.rows(shop, "select from_state, to_state from runtime_transition where machine = 'subscriptions_subscription'")
    assert {(row["from_state"], row["to_state"]) for row in found} == {(start, end) for start, ends in MOVES.items() for end in ends}
    assert [finding.violations for finding in await invariants.check(shop.database, shop.clock, INVARIANTS)] == [[]] * len(INVARIANTS)
    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(text("update subscriptions_subscription set next_due_on = '2027-03-03' where state = 'active'"))
    assert [len(finding.violations) for finding in await invariants.check(shop.database, shop.clock, INVARIANTS)] == [1, *[0] * (len(INVARIANTS) - 1)]
