"""Paying, over HTTP: one open attempt, one charge, whatever tells us of it and however often."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from nextbill.kernel.ids import new_id
from tests.capabilities import till
from tests.support.buyer import register

TOTAL = 9900 + 1499
STORY = ["RefundRequested", "RefundSucceeded"]


async def test_a_payment_is_opened_paid_and_booked_once(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("till-one.com")
    opened = await buyer.checkout(order["id"])
    assert (opened["status"], opened["amount"]) == ("open", {"amount": TOTAL, "currency": "USD"})
    again = await asyncio.gather(*(buyer.checkout(order["id"]) for _ in range(4)))
    assert {(found["payment_id"], found["checkout_url"]) for found in again} == {(opened["payment_id"], opened["checkout_url"])}
    assert len(till.kept(shop, "checkout.session")) == 1

    answer = await till.submit(shop, opened["checkout_url"])
    back = await till.come_back(shop, answer)
    assert back.status_code == 303
    assert back.headers["location"] == f"{shop.settings.portal_url}/payments?payment={opened['payment_id']}&status=succeeded"
    await till.delivered(shop)
    for _ in range(2):
        confirmed = (await buyer.post(f"/api/v1/payments/{opened['payment_id']}/confirm")).json()
        assert (confirmed["status"], confirmed["paid"]["amount"], confirmed["checkout_url"]) == ("succeeded", TOTAL, None)
    assert await till.events(shop, "payments") == ["PaymentSucceeded"]
    assert await till.one(shop, "select state from payments_payable") == "settled"
    assert await till.books(shop, "gateway_clearing") == TOTAL
    assert (await buyer.get(f"/api/v1/orders/{order['id']}")).json()["paid_at"] is not None
    refused = await buyer.post(f"/api/v1/orders/{order['id']}/pay")
    assert (refused.status_code, refused.json()["code"]) == (409, "payable_not_open")
    assert await till.violations(shop) == []


async def test_the_webhook_alone_settles(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("till-two.com")
    opened = await buyer.checkout(order["id"])
    await till.webhooks(shop, duplicate=-1, shuffle=True)
    await till.submit(shop, opened["checkout_url"])
    await till.delivered(shop)
    assert (await till.attempt(shop, opened["payment_id"]))["state"] == "succeeded"
    assert await till.events(shop, "payments") == ["PaymentSucceeded"]
    inbox = await till.rows(shop, "select kind, outcome from runtime_inbox where source = 'payments.gateway'")
    assert {row["outcome"] for row in inbox} == {"asked"}


async def test_a_lost_webhook_is_found_by_the_sweeper(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("till-three.com")
    await till.webhooks(shop, drop=-1)
    opened = await buyer.checkout(order["id"])
    await till.submit(shop, opened["checkout_url"])
    shop.advance(timedelta(minutes=2))
    await shop.drain()
    assert (await till.attempt(shop, opened["payment_id"]))["state"] == "succeeded"
    assert await till.one(shop, "select paid_at is not null from orders_order") is True


async def test_a_decline_is_told_and_the_same_page_can_be_used_again(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("till-four.com")
    opened = await buyer.checkout(order["id"])
    declined = await till.submit(shop, opened["checkout_url"], till.BROKE)
    assert declined.status_code == 402
    await till.delivered(shop)
    seen = (await buyer.get(f"/api/v1/payments/{opened['payment_id']}")).json()
    assert (seen["status"], seen["failure"], seen["failure_message"]) == ("open", "insufficient_funds", "Your card has insufficient funds.")
    assert await till.events(shop, "payments") == ["PaymentFailed"]
    assert (await buyer.get(f"/api/v1/orders/{order['id']}")).json()["state"] == "pending"
    retried = await buyer.checkout(order["id"])
    assert retried["payment_id"] == opened["payment_id"]
    await till.submit(shop, retried["checkout_url"])
    await till.delivered(shop)
    assert await till.events(shop, "payments") == ["PaymentFailed", "PaymentSucceeded"]
    seen = (await buyer.get(f"/api/v1/payments/{opened['payment_id']}")).json()
    assert (seen["status"], seen["failure"]) == ("succeeded", None)


async def test_news_of_an_old_decline_never_undoes_a_success(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("till-five.com")
    opened = await buyer.checkout(order["id"])
    await till.webhooks(shop, hold=True)
    await till.submit(shop, opened["checkout_url"], till.DECLINED)
    await till.come_back(shop, await till.submit(shop, opened["checkout_url"]))
    await till.webhooks(shop, hold=False)
    await till.delivered(shop)
    assert (await till.attempt(shop, opened["payment_id"]))["state"] == "succeeded"
    assert await till.events(shop, "payments") == ["PaymentSucceeded"]


async def test_an_expired_checkout_makes_room_for_another(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("till-six.com")
    first = await buyer.checkout(order["id"])
    shop.advance(timedelta(hours=13))
    buyer = await _again(shop, buyer)
    second = await buyer.checkout(order["id"])
    assert second["payment_id"] != first["payment_id"]
    await shop.drain()
    assert (await till.attempt(shop, first["payment_id"]))["state"] == "expired"
    assert (await till.attempt(shop, second["payment_id"]))["state"] == "open"
    assert "PaymentExpired" in await till.events(shop, "payments")


async def test_money_that_comes_late_pays_and_a_second_payment_goes_back(shop: Any) -> None:
    """The first page was paid in its last second; we thought it expired and opened another, which is paid too."""
    buyer = await register(shop)
    order = await buyer.order("till-seven.com")
    await till.webhooks(shop, drop=-1)
    first = await buyer.checkout(order["id"])
    await till.submit(shop, first["checkout_url"])
    await _believe(shop, first["payment_id"], "expired")
    second = await buyer.checkout(order["id"])
    assert second["payment_id"] != first["payment_id"]
    await till.submit(shop, second["checkout_url"])
    await buyer.post(f"/api/v1/payments/{second['payment_id']}/confirm")
    late = (await buyer.post(f"/api/v1/payments/{first['payment_id']}/confirm")).json()
    assert (late["status"], late["surplus"]) == ("succeeded", True)
    await till.delivered(shop)
    assert sorted(await till.events(shop, "payments")) == sorted(["PaymentSucceeded", "SurplusReceived", *STORY])
    assert [refund["amount"] for refund in till.kept(shop, "refund")] == [TOTAL]
    assert await till.books(shop, "gateway_clearing") == TOTAL
    assert await till.books(shop, "refunds_pending") == 0
    assert await till.violations(shop) == []


async def test_late_money_with_nothing_else_paid_closes_the_rival_page(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("till-eight.com")
    await till.webhooks(shop, drop=-1)
    first = await buyer.checkout(order["id"])
    await till.submit(shop, first["checkout_url"])
    await _believe(shop, first["payment_id"], "expired")
    second = await buyer.checkout(order["id"])
    late = (await buyer.post(f"/api/v1/payments/{first['payment_id']}/confirm")).json()
    assert (late["status"], late["surplus"]) == ("succeeded", False)
    await shop.drain()
    assert (await till.attempt(shop, second["payment_id"]))["state"] == "expired"
    assert {session["status"] for session in till.kept(shop, "checkout.session")} == {"complete", "expired"}
    assert await till.violations(shop) == []


async def test_money_for_a_cancelled_payable_goes_back(shop: Any) -> None:
    from nextbill.capabilities import orders
    from nextbill.runtime.database import Role

    buyer = await register(shop)
    order = await buyer.order("till-nine.com")
    opened = await buyer.checkout(order["id"])
    async with shop.database.writing(Role.WORK) as tx:
        assert await orders.cancel_order(tx, UUID(order["id"]), reason="changed my mind", now=shop.clock.now())
    await till.submit(shop, opened["checkout_url"])
    await till.delivered(shop)
    seen = await till.attempt(shop, opened["payment_id"])
    assert (seen["state"], seen["surplus"], seen["refunded_minor"]) == ("succeeded", True, TOTAL)
    assert (await buyer.get(f"/api/v1/orders/{order['id']}")).json()["state"] == "cancelled"
    assert await till.books(shop, "gateway_clearing") == 0
    assert await till.violations(shop) == []


async def test_cancelling_closes_the_page(shop: Any) -> None:
    from nextbill.capabilities import orders
    from nextbill.runtime.database import Role

    buyer = await register(shop)
    order = await buyer.order("till-ten.com")
    await buyer.checkout(order["id"])
    async with shop.database.writing(Role.WORK) as tx:
        await orders.cancel_order(tx, UUID(order["id"]), reason="changed my mind", now=shop.clock.now())
    await till.delivered(shop)
    assert [session["status"] for session in till.kept(shop, "checkout.session")] == ["expired"]
    assert await till.one(shop, "select state from payments_attempt") == "expired"


async def test_money_that_is_not_what_was_asked_for_is_quarantined(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("till-eleven.com")
    await till.webhooks(shop, drop=-1)
    opened = await buyer.checkout(order["id"])
    await till.submit(shop, opened["checkout_url"])
    (intent,) = till.kept(shop, "payment_intent")
    till.tamper(shop, "payment_intent", intent["id"], amount_received=100, customer="cus_somebody_else")
    seen = (await buyer.post(f"/api/v1/payments/{opened['payment_id']}/confirm")).json()
    assert (seen["status"], seen["failure"]) == ("quarantined", "mismatch:amount,customer")
    await shop.drain()
    assert await till.events(shop, "payments") == ["PaymentQuarantined"]
    assert await till.books(shop, "gateway_clearing") == 0
    assert (await buyer.get(f"/api/v1/orders/{order['id']}")).json()["state"] == "pending"


async def test_the_return_page_believes_nobody(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("till-twelve.com")
    opened = await buyer.checkout(order["id"])
    forged = await shop.client.get(
        "/api/v1/payments/return", params={"attempt": opened["payment_id"], "status": "succeeded", "redirect_status": "succeeded"}
    )
    assert forged.headers["location"].endswith("status=open")
    assert (await till.attempt(shop, opened["payment_id"]))["state"] == "open"
    unknown = await shop.client.get("/api/v1/payments/return", params={"attempt": str(new_id())})
    assert (unknown.status_code, unknown.headers["location"]) == (303, shop.settings.portal_url)
    assert (await shop.client.get("/api/v1/payments/return", params={"attempt": "https://evil.example"})).status_code == 422


async def test_what_is_not_mine_does_not_exist(shop: Any) -> None:
    owner, other = await register(shop), await register(shop)
    order = await owner.order("till-thirteen.com")
    opened = await owner.checkout(order["id"])
    answers = [
        await other.get(f"/api/v1/payments/{opened['payment_id']}"),
        await other.post(f"/api/v1/payments/{opened['payment_id']}/confirm"),
        await other.post("/api/v1/payments/intent", json={"payable_id": opened["payable_id"]}),
        await other.post("/api/v1/payments/intent", json={"order_id": order["id"]}),
        await other.post(f"/api/v1/orders/{order['id']}/pay"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert (await other.get("/api/v1/payments/")).json()["items"] == []
    assert [item["id"] for item in (await owner.get("/api/v1/payments")).json()["items"]] == [opened["payment_id"]]
    assert (await shop.client.get("/api/v1/payments/")).status_code == 401


async def test_an_intent_takes_no_amount_and_one_reference(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("till-fourteen.com")
    priced = await buyer.post("/api/v1/payments/intent", json={"order_id": order["id"], "amount": 1})
    assert (priced.status_code, priced.json()["fields"][0]["field"]) == (422, "amount")
    for body in ({}, {"order_id": order["id"], "payable_id": str(new_id())}):
        assert (await buyer.post("/api/v1/payments/intent", json=body)).status_code == 422
    for path in ("https://evil.example", "//evil.example", "/\\evil.example", "orders"):
        answer = await buyer.post("/api/v1/payments/intent", json={"order_id": order["id"], "return_path": path})
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "return_path"), path
    good = await buyer.post("/api/v1/payments/intent", json={"order_id": order["id"], "return_path": f"/orders/{order['id']}?tab=1"})
    assert good.status_code == 200
    back = await till.come_back(shop, await till.submit(shop, good.json()["checkout_url"]))
    assert back.headers["location"].startswith(f"{shop.settings.portal_url}/orders/{order['id']}?tab=1&payment=")


async def _again(shop: Any, buyer: Any) -> Any:
    """A new session: the old one's token ran out as the clock moved."""
    from tests.support.buyer import PASSWORD, Buyer

    tokens = (await shop.client.post("/api/v1/auth/login", json={"email": buyer.email, "password": PASSWORD})).json()
    return Buyer(shop, buyer.email, tokens["access_token"])


async def _believe(shop: Any, payment_id: str, state: str) -> None:
    from sqlalchemy import text

    from nextbill.runtime.database import Role

    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(
            text("update payments_attempt set state = :state, next_check_at = null where id = :id"), {"state": state, "id": UUID(payment_id)}
        )
