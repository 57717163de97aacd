"""The purchase, as an accountant and an engineer would tell it: what was ordered, paid, delivered, booked and mailed, in which order."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from nextbill.runtime import invariants
from nextbill.runtime.database import Role
from tests.support.buyer import Buyer, register


async def _rows(shop: Any, query: str, **values: Any) -> list[Any]:
    async with shop.database.reading(Role.WORK) as tx:
        return list((await tx.execute(text(query), values)).all())


async def _events(shop: Any) -> list[str]:
    return [row[0] for row in await _rows(shop, "select name from runtime_event order by seq")]


async def _nothing_violated(shop: Any) -> None:
    findings = await invariants.check(shop.database, shop.clock, shop.wired.invariants)
    assert [(found.invariant, found.violations) for found in findings if found.violations] == []


@pytest.fixture
async def buyer(shop) -> Buyer:
    return await register(shop)


async def test_a_plan_with_a_domain_is_bought_paid_and_delivered(shop, buyer: Buyer) -> None:
    order = await buyer.order("my-first-shop.com")
    assert (order["state"], order["total"]) == ("pending", {"amount": 11399, "currency": "USD"})
    paid = await buyer.pay(order["id"])
    assert paid.status_code == 303
    await shop.drain()

    order = (await buyer.get(f"/api/v1/orders/{order['id']}")).json()
    assert order["state"] == "completed"
    assert [(line["kind"], line["state"]) for line in order["lines"]] == [("hosting", "delivered"), ("domain", "delivered")]

    invoices = (await buyer.get("/api/v1/invoices")).json()["items"]
    assert [(one["state"], one["total"]["amount"], one["due"]["amount"]) for one in invoices] == [("paid", 11399, 0)]
    assert invoices[0]["number"].endswith("-000001")

    books = await _rows(shop, "select account, sum(amount_minor)::bigint from ledger_entry group by account order by account")
    assert dict(books) == {"gateway_clearing": 11399, "customer_credit": 0, "receivable": 0, "revenue_hosting": -9900, "revenue_domains": -1499}

    mails = await shop.mails(buyer.email)
    assert [mail["subject"] for mail in mails] == [
        "Confirm your e-mail address",
        f"Receipt for invoice {invoices[0]['number']}: $113.99",
        "my-first-shop.com is ready",
    ]
    await _both_sides_agree(shop, "my-first-shop.com")
    await _nothing_violated(shop)


async def _both_sides_agree(shop: Any, name: str) -> None:
    """The vendors' own records: one charge, one registration with the server's name servers, one account on one panel."""
    charges = [charge for charge in shop.worlds["stripe"].store.find("charge") if charge["paid"]]
    assert [charge["amount"] for charge in charges] == [11399]
    registered = (await shop.outside.get(f"{shop.sims['resellerclub']}/_sim/resellerclub/domains")).json()
    domain = next(entry for entry in (registered if isinstance(registered, list) else registered["domains"]) if entry["name"] == name)
    assert len(domain["charges"]) == 1
    accounts = {}
    for panel in ("nextpanel:alpha", "nextpanel:beta"):
        found = (await shop.outside.get(f"{shop.sims[panel]}/_sim/nextpanel/accounts")).json()
        accounts[panel] = found if isinstance(found, list) else found["accounts"]
    assert sum(len(found) for found in accounts.values()) == 1
    home = next(panel for panel, found in accounts.items() if found)
    assert domain["ns"] == [f"ns1.{home.split(':')[1]}.example.net", f"ns2.{home.split(':')[1]}.example.net"]


async def test_the_facts_come_in_order_and_once(shop, buyer: Buyer) -> None:
    order = await buyer.order("in-order.com")
    await buyer.pay(order["id"])
    await shop.drain()
    names = [name for name in await _events(shop) if not name.startswith(("identity.", "customers."))]
    told = ["orders.OrderPlaced", "payments.PaymentSucceeded", "invoicing.InvoicePaid", "orders.OrderPaid", "orders.OrderCompleted"]
    assert [name for name in names if name in told] == told
    assert len(names) == len(set(names))


async def test_the_first_login_is_shown_once_and_works_on_the_panel(shop, buyer: Buyer) -> None:
    order = await buyer.order("login-once.com")
    await buyer.pay(order["id"])
    await shop.drain()
    welcome = (await shop.mails(buyer.email))[-1]
    token = next(link for link in welcome["links"] if "/welcome/" in link).rsplit("/", 1)[1]
    shown = await shop.client.post("/api/v1/hosting/first-login", json={"token": token})
    assert shown.status_code == 200, shown.text
    assert shown.json()["username"]
    assert (await shop.client.post("/api/v1/hosting/first-login", json={"token": token})).status_code in (404, 409, 410)
    assert shown.json()["password"] not in welcome["text"] + welcome["html"]


async def test_a_panel_is_told_what_the_license_allows(shop, buyer: Buyer) -> None:
    order = await buyer.order("may-i.com")
    await buyer.pay(order["id"])
    await shop.drain()
    license_ = (await buyer.get("/api/v1/licenses")).json()["items"][0]
    key = (await buyer.post(f"/api/v1/licenses/{license_['id']}/reveal", json={})).json()["license_key"]
    told = json.loads((shop.settings.nextbill_data / "logins.json").read_text())["panel_key"]
    headers = {"X-API-Key": told["key_id"], "X-API-Secret": told["secret"]}
    answer = await shop.client.post("/api/v1/licenses/validate", json={"license_key": key, "feature": "create_database"}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["valid"], answer.json()["remaining_quota"], answer.json()["plan"]) == (True, 50, "professional")
    unknown = await shop.client.post("/api/v1/licenses/validate", json={"license_key": "NP-2222-2222-2222"}, headers=headers)
    assert (unknown.json()["valid"], unknown.json()["reason"]) == (False, "unknown_license")
    wrong = await shop.client.post("/api/v1/licenses/validate", json={"license_key": key}, headers=headers | {"X-API-Secret": "nps_wrong"})
    assert wrong.status_code == 401


async def test_paid_before_the_address_is_confirmed_is_delivered_after_the_click(shop) -> None:
    from tests.support.buyer import verify

    buyer = await register(shop, verified=False)
    order = await buyer.order("waits-for-click.com")
    await buyer.pay(order["id"])
    await shop.drain()
    assert (await buyer.get(f"/api/v1/orders/{order['id']}")).json()["state"] == "paid"
    assert "Paid: confirm your address" in " ".join(mail["subject"] for mail in await shop.mails(buyer.email))
    assert await _rows(shop, "select 1 from runtime_step where name in ('domains.register', 'hosting.create_account')") == []
    await verify(shop, buyer.email)
    await shop.drain()
    assert (await buyer.get(f"/api/v1/orders/{order['id']}")).json()["state"] == "completed"
    await _nothing_violated(shop)


async def test_a_replayed_webhook_changes_nothing(shop, buyer: Buyer) -> None:
    order = await buyer.order("replayed.com")
    await buyer.pay(order["id"])
    await shop.drain()
    before = await _events(shop)
    for event in shop.worlds["stripe"].store.find("event")[-4:]:
        again = await shop.outside.post(f"{shop.sims['stripe']}/_sim/stripe/events/{event['id']}/resend")
        assert again.status_code < 300, again.text
    await shop.drain()
    assert await _events(shop) == before
    await _nothing_violated(shop)


async def test_a_captured_webhook_is_stale_by_the_clock(shop, buyer: Buyer) -> None:
    """The signature holds, its time does not: age is checked against the business clock."""
    import stripe

    body = '{"id": "evt_captured", "object": "event", "type": "charge.succeeded"}'
    stamp = int(shop.clock.now().timestamp())
    signature = stripe.WebhookSignature.generate_signature_header(body, "whsec_tests", stamp)
    shop.advance(timedelta(minutes=6))
    answer = await shop.client.post("/api/v1/payments/webhook", content=body, headers={"stripe-signature": signature})
    assert answer.status_code == 400
    assert answer.json()["code"] != "not_found"
    assert await _rows(shop, "select 1 from runtime_inbox") == []
    assert time.time() - stamp < 120


async def test_the_period_starts_at_delivery_and_the_license_lasts_as_long_plus_grace(shop, buyer: Buyer) -> None:
    order = await buyer.order("period.com")
    await buyer.pay(order["id"])
    await shop.drain()
    subscription = (await buyer.get("/api/v1/subscriptions")).json()["items"][0]
    assert subscription["status"] == "active"
    today = shop.clock.now().date()
    [(start, end, due)] = await _rows(shop, "select period_start, period_end, next_due_on from subscriptions_subscription")
    assert start == today
    assert end == due
    [(expires,)] = await _rows(shop, "select expires_at from licensing_license")
    assert (expires.date() - end).days == 14
