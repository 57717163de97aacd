"""The gateway misbehaves, or somebody pretends to be it: still one page, one charge, one refund."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
import stripe
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from nextbill.capabilities.payments.jobs import RefundProcedure
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support.buyer import register
from tests.support.shop import WEBHOOK_SECRET
from tests.support.staff import hurry

TOTAL = 9900 + 1499
OPEN = "POST /v1/checkout/sessions$"


@pytest.mark.parametrize("effect", ["lost_after", "lost_before", "error_before"])
async def test_an_answer_lost_on_opening_leaves_one_page(shop: Any, effect: str) -> None:
    buyer = await register(shop)
    order = await buyer.order("fault-one.com")
    await shop.fault("stripe", effect=effect, pattern=OPEN, times=1)
    first = await buyer.post(f"/api/v1/orders/{order['id']}/pay")
    assert (first.status_code, first.json()["status"], first.json()["checkout_url"]) == (202, "opening", None)
    await shop.drain(patience=3)
    second = await buyer.checkout(order["id"])
    assert (second["payment_id"], second["status"]) == (first.json()["payment_id"], "open")
    assert len(till.kept(shop, "checkout.session")) == 1
    assert len(till.kept(shop, "customer")) == 1


async def test_a_stored_500_does_not_block_the_attempt_for_ever(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("fault-two.com")
    await till.misbehave(shop, "stored_500", OPEN, executed=False)
    await buyer.post(f"/api/v1/orders/{order['id']}/pay")
    await shop.drain(patience=3)
    assert (await buyer.checkout(order["id"]))["status"] == "open"


async def test_a_page_that_was_paid_before_we_knew_of_it_is_settled(shop: Any) -> None:
    """The answer was lost, the webhook comes before we have looked."""
    buyer = await register(shop)
    order = await buyer.order("fault-three.com")
    await shop.fault("stripe", effect="lost_after", pattern=OPEN, times=1)
    opening = (await buyer.post(f"/api/v1/orders/{order['id']}/pay")).json()
    (session,) = till.kept(shop, "checkout.session")
    await till.submit(shop, session["url"])
    await till.delivered(shop)
    await shop.drain(patience=3)
    assert (await till.attempt(shop, opening["payment_id"]))["state"] == "succeeded"
    assert await till.events(shop, "payments") == ["PaymentSucceeded"]
    assert await till.violations(shop) == []


async def test_a_gateway_that_will_not_take_it_says_why(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("fault-four.com")
    await _owing(shop, 10)
    refused = await buyer.post(f"/api/v1/orders/{order['id']}/pay")
    assert (refused.status_code, refused.json()["code"], refused.json()["reason"]) == (409, "payment_refused", "amount_too_small")
    assert await till.events(shop, "payments") == ["PaymentFailed"]
    await _owing(shop, TOTAL)
    assert (await buyer.checkout(order["id"]))["status"] == "open"


@pytest.mark.parametrize("effect", ["lost_after", "lost_before"])
async def test_a_refund_whose_answer_is_lost_is_sent_once(shop: Any, effect: str) -> None:
    _buyer, payment = await _paid(shop, "fault-five.com")
    staff = await till.staff(shop)
    await till.credited(shop, 1499)
    await shop.fault("stripe", effect=effect, pattern="POST /v1/refunds$", times=1)
    asked = await staff.post(f"/api/v1/payments/{payment}/refund", json={"amount": {"amount": 1499, "currency": "USD"}, "reason": "No domain"})
    assert (asked.status_code, asked.json()["status"]) == (202, "requested")
    await hurry(shop, turns=2)
    shop.advance(RefundProcedure.resend_after)
    await hurry(shop, turns=4)
    assert [refund["amount"] for refund in till.kept(shop, "refund")] == [1499]
    assert await till.one(shop, "select state from payments_refund") == "succeeded"
    assert await till.books(shop, "gateway_clearing") == TOTAL - 1499


async def test_a_refund_that_is_still_under_way_is_not_sent_again(shop: Any) -> None:
    """It times out here and is carried out there after a look has found nothing: money would go back twice."""
    _buyer, payment = await _paid(shop, "fault-slow.com")
    staff = await till.staff(shop)
    await till.credited(shop, 1499)
    await till.misbehave(shop, "slow_execution", "POST /v1/refunds$", times=1, seconds=4)
    await staff.post(f"/api/v1/payments/{payment}/refund", json={"amount": {"amount": 1499, "currency": "USD"}, "reason": "No domain"})
    await shop.drain(patience=3)
    await asyncio.sleep(4)  # the gateway has come to it
    shop.advance(RefundProcedure.resend_after)
    await hurry(shop, turns=4)
    assert [refund["amount"] for refund in till.kept(shop, "refund")] == [1499]
    assert await till.one(shop, "select state from payments_refund") == "succeeded"


async def test_a_checkout_is_asked_for_under_the_attempts_own_key(shop: Any) -> None:
    """Whoever asks once more for the same attempt, the gateway knows it again."""
    buyer = await register(shop)
    order = await buyer.order("fault-key.com")
    opened = await buyer.checkout(order["id"])
    asked = {entry["id"] for entry in till.kept(shop, "idempotency_key") if entry["path"] == "/v1/checkout/sessions"}
    assert asked == {f"payments.open_checkout:{opened['payment_id']}:1"}


async def test_refunds_stay_within_what_was_paid_however_many_ask(shop: Any) -> None:
    buyer, payment = await _paid(shop, "fault-six.com")
    staff = await till.staff(shop)
    await till.credited(shop)
    body = {"amount": {"amount": 4000, "currency": "USD"}, "reason": "Goodwill"}
    answers = await asyncio.gather(*(staff.post(f"/api/v1/payments/{payment}/refund", json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [202, 202, 409, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["code"], refused["left"]) == ("refund_too_large", TOTAL - 8000)
    rest = await staff.post(f"/api/v1/payments/{payment}/refund", json={"reason": "All of it"})
    assert rest.json()["amount"] == {"amount": TOTAL - 8000, "currency": "USD"}
    again = await staff.post(f"/api/v1/payments/{payment}/refund", json={"reason": "All of it"})
    assert (again.status_code, again.json()["code"]) == (409, "refund_too_large")
    await till.delivered(shop)
    assert sum(refund["amount"] for refund in till.kept(shop, "refund")) == TOTAL
    shown = (await buyer.get(f"/api/v1/payments/{payment}")).json()
    assert (shown["refunded"]["amount"], len(shown["refunds"])) == (TOTAL, 3)
    assert (await till.own_violations(shop))["refunds_within_paid"] == []
    audited = await till.rows(shop, "select actor, reason from identity_audit where action = 'payments.refund' order by at")
    assert [row["reason"] for row in audited] == ["Goodwill", "Goodwill", "All of it"]


async def test_money_that_was_sent_back_before_its_invoice_was_written_buys_nothing(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("fault-back.com")
    opened = await buyer.checkout(order["id"])
    await till.come_back(shop, await till.submit(shop, opened["checkout_url"]))
    refunded = await (await till.staff(shop)).post(f"/api/v1/payments/{opened['payment_id']}/refund", json={"reason": "Paid by mistake"})
    assert refunded.status_code == 202, refunded.text
    await shop.drain(patience=3)
    assert await till.books(shop, "customer_credit") == 0
    assert await till.one(shop, "select count(*) from invoicing_invoice") == 0
    cancelled = await buyer.post(f"/api/v1/orders/{order['id']}/cancel", json={})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled"), cancelled.text
    assert await till.books(shop, "refunds_pending") == 0
    assert await till.violations(shop) == []


async def test_who_may_refund_and_what(shop: Any) -> None:
    buyer, payment = await _paid(shop, "fault-seven.com")
    body = {"reason": "Because"}
    assert (await buyer.post(f"/api/v1/payments/{payment}/refund", json=body)).status_code == 403
    assert (await (await till.staff(shop, "support")).post(f"/api/v1/payments/{payment}/refund", json=body)).status_code == 403
    staff = await till.staff(shop)
    for amount, field in (
        ({"amount": 0, "currency": "USD"}, "amount.amount"),
        ({"amount": 5, "currency": "EUR"}, "amount.currency"),
        ({"amount": 5, "currency": "???"}, "amount.currency"),
    ):
        answer = await staff.post(f"/api/v1/payments/{payment}/refund", json={**body, "amount": amount})
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, field)
    assert (await staff.post(f"/api/v1/payments/{new_id()}/refund", json=body)).status_code == 404
    stats = (await staff.get("/api/v1/payments/stats/summary")).json()
    assert [(row["status"], row["count"], row["paid"]["amount"]) for row in stats["totals"]] == [("succeeded", 1, TOTAL)]
    assert (await buyer.get("/api/v1/payments/stats/summary")).status_code == 403
    assert [item["id"] for item in (await staff.get("/api/v1/payments/?state=succeeded")).json()["items"]] == [payment]


async def test_a_refund_that_fails_later_is_credit_again(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("fault-eight.com")
    opened = await buyer.checkout(order["id"])
    await till.come_back(shop, await till.submit(shop, opened["checkout_url"], "4000000000005126"))
    await till.delivered(shop)
    staff = await till.staff(shop)
    await till.credited(shop)
    await staff.post(f"/api/v1/payments/{opened['payment_id']}/refund", json={"reason": "Sent back by the bank"})
    shop.advance(timedelta(seconds=30))
    await shop.outside.get(f"{shop.sims['stripe']}/_sim/stripe/summary")  # the bank's word comes when somebody asks
    await till.delivered(shop)
    (refund,) = await till.rows(shop, "select state, error from payments_refund")
    assert refund == {"state": "failed", "error": "expired_or_canceled_card"}
    assert (await till.attempt(shop, opened["payment_id"]))["refunded_minor"] == 0
    assert await till.books(shop, "gateway_clearing") == TOTAL
    assert await till.events(shop, "payments") == ["PaymentSucceeded", "RefundRequested", "RefundSucceeded", "RefundFailed"]


# --- webhooks from strangers --------------------------------------------------------------------------------------------------------


def _signed(shop: Any, event: object, *, secret: str = WEBHOOK_SECRET, age: int = 0) -> dict[str, Any]:
    raw = event if isinstance(event, bytes) else json.dumps(event).encode()
    moment = int(shop.clock.now().timestamp()) - age
    header = stripe.WebhookSignature.generate_signature_header(raw.decode("latin-1"), secret, moment)
    return {"content": raw, "headers": {"Stripe-Signature": header}}


def _event(shop: Any, **changes: Any) -> dict[str, Any]:
    metadata = {"attempt_id": str(new_id()), "installation": shop.wired.adapters.gateway.installation}
    base = {"id": f"evt_{new_id()}", "object": "event", "api_version": stripe.api_version, "created": 1, "livemode": False}
    return {**base, "type": "checkout.session.completed", "data": {"object": {"metadata": metadata}}, **changes}


async def test_strangers_webhooks_change_nothing(shop: Any) -> None:
    url = "/api/v1/payments/webhook"
    refusals = [
        (_signed(shop, _event(shop), secret="whsec_forged"), "bad_signature"),
        ({"content": b"{}"}, "bad_signature"),
        ({"content": b"\x00\xff\xfe", "headers": {"Stripe-Signature": "t=1,v1=aa"}}, "bad_signature"),
        (_signed(shop, _event(shop), age=400), "webhook_stale"),
        (_signed(shop, _event(shop), age=-400), "webhook_stale"),
        (_signed(shop, _event(shop, api_version="2020-08-27")), "webhook_unreadable"),
        (_signed(shop, b"no json"), "webhook_unreadable"),
    ]
    for request, code in refusals:
        answer = await shop.client.post(url, **request)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    ignored = [
        _event(shop, type="invoice.paid"),
        _event(shop, livemode=True),
        _event(shop, data={"object": {"metadata": {"attempt_id": str(new_id()), "installation": "elsewhere"}}}),
        _event(shop, data={"object": {}}),
    ]
    for event in ignored:
        answer = await shop.client.post(url, **_signed(shop, event))
        assert (answer.status_code, answer.json()) == (200, {"received": True, "stored": False})
    assert await till.rows(shop, "select 1 from runtime_inbox where source = 'payments.gateway'") == []


async def test_a_replayed_webhook_is_kept_once(shop: Any) -> None:
    event = _event(shop)
    stored = [(await shop.client.post("/api/v1/payments/webhook", **_signed(shop, event))).json()["stored"] for _ in range(3)]
    assert stored == [True, False, False]
    await shop.drain()
    (row,) = await till.rows(shop, "select outcome, body from runtime_inbox where source = 'payments.gateway'")
    assert row["outcome"] == "unknown_attempt"
    assert "attempt_id" not in row["body"]


async def test_what_never_reached_us_is_read_from_the_gateways_list(shop: Any) -> None:
    """A refund that fails is told by webhook alone; the list tells it too."""
    buyer = await register(shop)
    order = await buyer.order("fault-nine.com")
    opened = await buyer.checkout(order["id"])
    await till.come_back(shop, await till.submit(shop, opened["checkout_url"], "4000000000005126"))
    await till.delivered(shop)
    await till.webhooks(shop, drop=-1)
    staff = await till.staff(shop)
    await till.credited(shop)
    await staff.post(f"/api/v1/payments/{opened['payment_id']}/refund", json={"reason": "Sent back by the bank"})
    shop.advance(timedelta(seconds=30))
    await shop.outside.get(f"{shop.sims['stripe']}/_sim/stripe/summary")
    await shop.drain()
    assert await till.one(shop, "select state from payments_refund") == "failed"


# --- the database refuses -----------------------------------------------------------------------------------------------------------


async def test_the_database_refuses_what_must_not_be(shop: Any) -> None:
    _buyer, payment = await _paid(shop, "fault-ten.com")
    key = {"id": UUID(payment)}
    copied = (
        "insert into payments_attempt (id, customer_id, payable_id, amount_minor, currency, description, state, return_url, requested_at, expires_at)"
    )
    same = "select gen_random_uuid(), customer_id, payable_id, amount_minor, currency, description, '{}', return_url, requested_at, expires_at from payments_attempt where id = :id"
    for statement in (
        "update payments_attempt set refunded_minor = paid_minor + 1 where id = :id",
        "update payments_attempt set refunded_minor = -1 where id = :id",
        "update payments_attempt set state = 'open' where id = :id",
        "update payments_payable set state = 'open' where id = (select payable_id from payments_attempt where id = :id)",
        f"{copied} {same.format('succeeded')}",
        f"{copied} {same.format('open')}; {copied} {same.format('requested')}",
    ):
        with pytest.raises(DBAPIError):
            for part in statement.split(";"):
                await _set(shop, part, **key)
        if "requested" in statement:
            await _set(shop, "delete from payments_attempt where state = 'open'")


async def test_planted_violations_are_found(shop: Any) -> None:
    buyer, payment = await _paid(shop, "fault-eleven.com")
    assert not any((await till.own_violations(shop)).values())
    await _set(shop, "update payments_attempt set surplus = true where id = :id", id=UUID(payment))
    assert len((await till.own_violations(shop))["one_net_charge_per_paid_payable"]) == 1
    await _set(shop, "update payments_attempt set surplus = false, refunded_minor = 5 where id = :id", id=UUID(payment))
    assert len((await till.own_violations(shop))["refunds_within_paid"]) == 1
    other = await buyer.order("fault-twelve.com")
    await buyer.checkout(other["id"])
    await _set(shop, "update payments_attempt set next_check_at = null where state = 'open'")
    assert len((await till.own_violations(shop))["attempts_not_stuck"]) == 1


async def _paid(shop: Any, name: str) -> tuple[Any, str]:
    buyer = await register(shop)
    order = await buyer.order(name)
    opened = await buyer.checkout(order["id"])
    await till.come_back(shop, await till.submit(shop, opened["checkout_url"]))
    await till.delivered(shop)
    return buyer, opened["payment_id"]


async def _owing(shop: Any, minor: int) -> None:
    """Past the trigger that lets a payable only shrink: as if so little had been ordered."""
    url = shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(url) as owner:
        await owner.execute("alter table payments_payable disable trigger payments_payable_guard")
        await owner.execute("update payments_payable set amount_minor = %s", (minor,))
        await owner.execute("alter table payments_payable enable trigger payments_payable_guard")


async def _set(shop: Any, statement: str, **values: Any) -> None:
    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(text(statement), values)
