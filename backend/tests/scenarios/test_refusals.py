"""Payments that are refused, lost, doubled or not what was asked for: the order stays payable, or is paid exactly once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.capabilities import till
from tests.support.buyer import cart, register
from tests.support.staff import again, balance_sheet, charged, registered, staff, violations

CHALLENGED = "4000002760003184"
TOTAL = 9900 + 1499


async def _order(buyer: Any, order_id: str) -> dict[str, Any]:
    return (await buyer.get(f"/api/v1/orders/{order_id}")).json()


async def _completed_once(shop: Any, buyer: Any, order_id: str, *names: str) -> None:
    """Both sides' records of an ordinary purchase."""
    assert (await _order(buyer, order_id))["state"] == "completed"
    money = await charged(shop)
    assert money["captured"] - money["refunded"] == TOTAL
    assert await registered(shop) == sorted(names)
    assert await balance_sheet(shop) == {"gateway_clearing": TOTAL, "revenue_hosting": -9900, "revenue_domains": -1499}
    assert await violations(shop) == []


async def test_a_declined_card_leaves_the_order_payable(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("declined.com")
    declined = await buyer.pay(order["id"], till.BROKE)
    assert declined.status_code == 402
    await till.delivered(shop)
    payment = (await buyer.get("/api/v1/payments/")).json()["items"][0]
    assert (payment["status"], payment["failure"], payment["failure_message"]) == ("open", "insufficient_funds", "Your card has insufficient funds.")
    assert (await _order(buyer, order["id"]))["state"] == "pending"
    desk = await staff(shop)
    assert [item["who"] for item in (await desk.timeline(order["id"]))["next"]] == ["customer"]
    assert (await buyer.pay(order["id"])).status_code == 303
    await till.delivered(shop)
    await _completed_once(shop, buyer, order["id"], "declined.com")


async def test_three_d_secure_passed(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("passed.com")
    challenge = await buyer.pay(order["id"], CHALLENGED)
    assert "/3ds/" in challenge.headers["location"]
    await till.delivered(shop)
    assert (await _order(buyer, order["id"]))["state"] == "pending"
    back = await shop.outside.post(f"{shop.sims['stripe']}{challenge.headers['location']}", data={"result": "approve"})
    await till.come_back(shop, back)
    await till.delivered(shop)
    await _completed_once(shop, buyer, order["id"], "passed.com")


async def test_three_d_secure_failed_and_another_card_works(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("failed.com")
    challenge = await buyer.pay(order["id"], CHALLENGED)
    back = await shop.outside.post(f"{shop.sims['stripe']}{challenge.headers['location']}", data={"result": "fail"})
    assert "/c/pay/" in back.headers["location"]
    await till.delivered(shop)
    payment = (await buyer.get("/api/v1/payments/")).json()["items"][0]
    assert payment["status"] == "open"
    assert payment["failure"] is not None
    await buyer.pay(order["id"])
    await till.delivered(shop)
    await _completed_once(shop, buyer, order["id"], "failed.com")


async def test_three_d_secure_abandoned_expires_and_can_be_paid_anew(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("abandoned.com")
    await buyer.pay(order["id"], CHALLENGED)
    shop.advance(timedelta(hours=13))
    await till.delivered(shop)
    buyer = await again(buyer)
    assert (await buyer.get("/api/v1/payments/")).json()["items"][0]["status"] == "expired"
    assert (await _order(buyer, order["id"]))["state"] == "pending"
    await buyer.pay(order["id"])
    await till.delivered(shop)
    await _completed_once(shop, buyer, order["id"], "abandoned.com")


async def test_paid_on_two_open_pages_the_second_goes_back(shop: Any) -> None:
    """Paid in the first page's last minute while the gateway cannot be asked; so another is opened, and paid too."""
    buyer = await register(shop)
    order = await buyer.order("twice.com")
    await till.webhooks(shop, drop=-1)
    await buyer.pay(order["id"])
    await shop.fault("stripe", effect="lost_before", pattern="GET /v1/checkout/sessions", times=4)
    shop.advance(timedelta(hours=13))
    buyer = await again(buyer)
    second = await buyer.pay(order["id"])
    assert second.status_code == 303
    await till.come_back(shop, second)
    await till.delivered(shop)
    assert await charged(shop) == {"captured": 2 * TOTAL, "refunded": TOTAL, "charges": 2}
    await _completed_once(shop, buyer, order["id"], "twice.com")
    told = [mail["subject"] for mail in await shop.mails(buyer.email)]
    assert "Paid twice: $113.99 is on its way back to you" in told


async def test_double_clicks_two_tabs_and_reloads_are_one_order(shop: Any) -> None:
    buyer = await register(shop)
    headers = {"Idempotency-Key": "one-click"}
    answers = await asyncio.gather(*(buyer.post("/api/v1/orders", json=cart("double.com"), headers=headers) for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    later = await buyer.post("/api/v1/orders", json=cart("double.com"), headers=headers)
    placed = {answer.json()["id"] for answer in [*answers, later] if answer.status_code == 201}
    assert len(placed) == 1
    (order_id,) = placed
    tabs = await asyncio.gather(*(buyer.checkout(order_id) for _ in range(3)))
    assert len({tab["payment_id"] for tab in tabs}) == 1
    url = (await buyer.checkout(order_id))["checkout_url"]  # a tab that came while another opened the page may have been told to ask again
    assert {tab["checkout_url"] for tab in tabs} <= {url, None}
    paid = await till.submit(shop, url)
    await till.submit(shop, url)
    for _ in range(3):
        await till.come_back(shop, paid)
    await till.delivered(shop)
    assert (await charged(shop))["charges"] == 1
    await _completed_once(shop, buyer, order_id, "double.com")


async def test_news_that_is_faster_than_our_own_commit(shop: Any) -> None:
    """The page is open and paid at the gateway's while we have lost its answer and know of no page."""
    buyer = await register(shop)
    order = await buyer.order("faster.com")
    await shop.fault("stripe", effect="lost_after", pattern="POST /v1/checkout/sessions$")
    opened = await buyer.checkout(order["id"])
    assert opened["checkout_url"] is None
    (session,) = till.kept(shop, "checkout.session")
    await till.submit(shop, session["url"])
    await till.delivered(shop)
    await till.delivered(shop)
    assert (await charged(shop))["charges"] == 1
    await _completed_once(shop, buyer, order["id"], "faster.com")


async def test_a_lost_webhook_is_found_by_the_sweeper(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("lost.com")
    await till.webhooks(shop, drop=-1)
    await buyer.pay(order["id"])
    shop.advance(timedelta(minutes=3))
    await shop.drain()
    await _completed_once(shop, buyer, order["id"], "lost.com")


@pytest.mark.parametrize(
    ("kind", "changes", "named"),
    [
        ("payment_intent", {"amount_received": 100}, "amount"),
        ("payment_intent", {"currency": "eur"}, "currency"),
        ("payment_intent", {"customer": "cus_somebody_else"}, "customer"),
    ],
)
async def test_money_that_is_not_what_was_asked_for_is_never_delivered(shop: Any, kind: str, changes: dict[str, Any], named: str) -> None:
    buyer = await register(shop)
    order = await buyer.order("mismatch.com")
    await till.webhooks(shop, drop=-1)
    opened = await buyer.checkout(order["id"])
    paid = await till.submit(shop, opened["checkout_url"])
    (found,) = till.kept(shop, kind)
    till.tamper(shop, kind, found["id"], **changes)
    await till.come_back(shop, paid)
    await shop.drain()
    payment = (await buyer.get(f"/api/v1/payments/{opened['payment_id']}")).json()
    assert payment["status"] == "quarantined"
    assert named in payment["failure"]
    assert (await _order(buyer, order["id"]))["state"] == "pending"
    assert await registered(shop) == []
    desk = await staff(shop)
    told = await shop.mails(shop.settings.company_email)
    assert [mail["subject"] for mail in told] == [f"Needs a hand: payment {opened['payment_id']}"]
    assert (await desk.timeline(order["id"]))["next"][0]["who"] == "staff"
