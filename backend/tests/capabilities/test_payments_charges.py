"""Charging saved cards without the customer: once, by the schedule, within the rules of banks and schemes, whoever dies or pays meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from nextbill.capabilities import payments
from nextbill.capabilities.payments.commands import begin_charges
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support import cards
from tests.support.buyer import Buyer, register
from tests.support.mortal import dies
from tests.support.staff import again, hurry, staff

TOTAL = 9900 + 1499
CHARGE = "POST /v1/payment_intents$"
MASTERCARD = "5555555555554444"


@pytest.fixture(autouse=True)
def _noon(shop: Any) -> None:
    """So that the minutes that a test lets pass end on the same day."""
    now = shop.clock.now()
    shop.advance((now + timedelta(days=1)).replace(hour=12, minute=0) - now)


async def test_what_is_due_is_charged_once_and_booked(shop: Any) -> None:
    buyer, payable = await _due(shop, "charge-one.com")
    await cards.collect(shop, *await _orders(shop))  # asked for a second time
    await shop.drain()
    (charge,) = await cards.charges(shop, payable)
    assert (charge["state"], charge["paid_minor"], charge["session_ref"]) == ("succeeded", TOTAL, None)
    assert (await cards.collection(shop, payable))["state"] == "collected"
    assert await till.books(shop, "gateway_clearing") == TOTAL
    shown = (await buyer.get(f"/api/v1/payments/{charge['id']}")).json()
    assert (shown["kind"], shown["method_id"], shown["status"]) == ("charge", str(charge["method_id"]), "succeeded")
    asked = {entry["id"] for entry in till.kept(shop, "idempotency_key") if entry["path"] == "/v1/payment_intents"}
    assert asked == {f"payments.charge:{charge['id']}:1"}
    assert len(till.kept(shop, "charge")) == 1
    await till.delivered(shop)
    await cards.days_pass(shop, 2)
    assert len(till.kept(shop, "charge")) == 1
    assert await till.violations(shop) == []


async def test_a_decline_is_tried_again_by_the_schedule_then_given_up(shop: Any) -> None:
    buyer = await register(shop)
    await cards.save_card(shop, buyer, cards.FAILS_LATER)
    payable = await _owed(shop)
    first = cards.today(shop)
    await shop.drain()
    row = await cards.collection(shop, payable)
    assert (row["state"], row["tries"], row["reason"], row["next_try_on"]) == ("due", 1, "bank_declined", first + timedelta(days=1))
    await cards.days_pass(shop, 9)
    tried = [(charge["requested_at"].date() - first).days for charge in await cards.charges(shop, payable)]
    assert tried == [0, 1, 3, 5, 7]
    assert (await cards.collection(shop, payable))["state"] == "given_up"
    mails = [mail["subject"] for mail in await shop.mails(buyer.email) if "charged" in mail["subject"] or "pay" in mail["subject"]]
    assert len([subject for subject in mails if "could not be charged" in subject]) == 4
    assert len([subject for subject in mails if "please pay" in subject]) == 1
    (card,) = await cards.cards(await again(buyer))
    assert (card["problem"], card["barred"]) == ("bank_declined", False)
    assert await till.violations(shop) == []


async def test_another_card_is_tried_at_once(shop: Any) -> None:
    buyer, payable = await _due(shop, "charge-three.com", card=cards.FAILS_LATER)
    await shop.drain()
    saved = await cards.save_card(shop, buyer)
    assert saved["is_default"], "the former one was declined"
    await shop.drain()
    assert [charge["state"] for charge in await cards.charges(shop, payable)] == ["failed", "succeeded"]
    assert (await cards.collection(shop, payable))["state"] == "collected"
    assert await till.violations(shop) == []


async def test_a_bank_that_wants_a_confirmation_gets_one_by_the_mail(shop: Any) -> None:
    buyer, payable = await _due(shop, "charge-four.com", card=cards.ALWAYS_ASKED)
    await shop.drain()
    row = await cards.collection(shop, payable)
    assert (row["state"], row["reason"], row["next_try_on"]) == ("waiting", "confirmation_needed", None)
    await cards.days_pass(shop, 4)
    assert len(await cards.charges(shop, payable)) == 1, "asking the bank again changes nothing"
    (mail,) = [mail for mail in await shop.mails(buyer.email) if "confirm" in mail["subject"] and "bank" in mail["subject"]]
    (order,) = await _orders(shop)
    assert any(link.endswith(f"/orders/{order['id']}") for link in mail["links"])
    opened = await (await again(buyer)).checkout(order["id"])
    asked = await till.submit(shop, opened["checkout_url"], cards.ALWAYS_ASKED)
    await shop.outside.post(f"{shop.sims['stripe']}{asked.headers['location']}", data={"result": "approve"})
    await till.delivered(shop)
    assert (await cards.collection(shop, payable))["state"] == "stopped"
    assert await till.one(shop, "select state from payments_payable") == "settled"
    assert await till.violations(shop) == []


@pytest.mark.parametrize(
    ("reason", "advice", "told"),
    [
        ("stolen_card", None, "bank_declined"),
        ("generic_decline", "do_not_try_again", "bank_declined"),
        ("stop_payment_order", None, "consent_withdrawn"),
    ],
)
async def test_what_must_never_be_tried_again_is_not(shop: Any, reason: str, advice: str | None, told: str) -> None:
    buyer, payable = await _due(shop, "charge-five.com")
    await cards.bank_says(shop, reason=reason, advice=advice)
    await shop.drain()
    row = await cards.collection(shop, payable)
    assert (row["state"], row["reason"]) == ("waiting", told)
    (other,) = await cards.collect(shop, await buyer.order("charge-six.com"))
    billing = await till.staff(shop)
    asked = await billing.post(f"/api/v1/payments/collections/{payable}/retry", json={"reason": "The customer called"})
    assert (asked.status_code, asked.json()["state"]) == (200, "due")
    await cards.days_pass(shop, 2)
    assert len(till.kept(shop, "charge")) == 1, "neither for this nor for anything else"
    assert [(await cards.collection(shop, each))["reason"] for each in (payable, other)] == ["card_barred", "card_barred"]
    with pytest.raises(DBAPIError, match="never charged again"):
        await _insert_charge(shop, other)
    assert not any("stolen" in mail["subject"] + mail["text"] for mail in await shop.mails(buyer.email))
    assert await till.violations(shop) == []


async def test_a_card_is_not_tried_beyond_its_schemes_cap(shop: Any) -> None:
    """Fourteen declines this month: of two that are due, one is tried; the other waits until the card has room again."""
    buyer, first = await _due(shop, "cap-one.com", card=cards.FAILS_LATER)
    (second,) = await cards.collect(shop, await buyer.order("cap-two.com"))
    await _declined_before(shop, 14)
    await shop.drain()
    tried = [len(await cards.charges(shop, each)) for each in (first, second)]
    assert sorted(tried) == [0, 1]
    held = await cards.collection(shop, first if tried[0] == 0 else second)
    assert (held["state"], held["reason"], held["tries"]) == ("due", "scheme_cap", 0)
    assert held["next_try_on"] == cards.today(shop) + timedelta(days=1)
    with pytest.raises(DBAPIError, match="the scheme allows 15 declines in 720 hours"):
        await _insert_charge(shop, held["payable_id"])
    await cards.days_pass(shop, 3)
    assert len(till.kept(shop, "charge")) == 1
    assert await till.violations(shop) == []


async def test_who_pays_on_the_page_is_left_alone_and_wins(shop: Any) -> None:
    buyer = await register(shop)
    await cards.save_card(shop, buyer)
    order = await buyer.order("meanwhile-one.com")
    opened = await buyer.checkout(order["id"])
    (payable,) = await cards.collect(shop, order)
    await shop.drain()
    assert await cards.charges(shop, payable) == [], "somebody may be typing"
    await till.submit(shop, opened["checkout_url"])
    await till.delivered(shop)
    shop.advance(timedelta(hours=1))
    await shop.drain()
    assert (await cards.collection(shop, payable))["state"] == "stopped"
    assert len(till.kept(shop, "charge")) == 1


async def test_a_page_that_was_left_open_is_closed_before_the_card_is_charged(shop: Any) -> None:
    buyer = await register(shop)
    await cards.save_card(shop, buyer)
    order = await buyer.order("meanwhile-two.com")
    opened = await buyer.checkout(order["id"])
    (payable,) = await cards.collect(shop, order)
    for minutes in (31, 3):
        shop.advance(timedelta(minutes=minutes))
        await shop.drain()
    assert (await till.attempt(shop, opened["payment_id"]))["state"] == "expired"
    assert (await cards.collection(shop, payable))["state"] == "collected"
    assert len(till.kept(shop, "charge")) == 1


async def test_a_charge_that_was_not_sent_makes_way_for_the_page(shop: Any) -> None:
    buyer, payable = await _due(shop, "meanwhile-three.com")
    (order,) = await _orders(shop)
    await _begin(shop)
    opened = await buyer.checkout(order["id"])
    assert opened["status"] == "open"
    await till.submit(shop, opened["checkout_url"])
    await till.delivered(shop)
    assert [charge["state"] for charge in await cards.charges(shop, payable)] == ["expired"]
    assert (await cards.collection(shop, payable))["state"] == "stopped"
    assert len(till.kept(shop, "charge")) == 1


async def test_a_charge_in_the_air_keeps_the_page_shut(shop: Any) -> None:
    buyer, payable = await _due(shop, "meanwhile-four.com")
    (order,) = await _orders(shop)
    await shop.fault("stripe", effect="lost_after", pattern=CHARGE, times=1)
    await shop.drain(patience=0.1)
    refused = await buyer.post(f"/api/v1/orders/{order['id']}/pay")
    assert (refused.status_code, refused.json()["code"]) == (409, "charge_under_way")
    await cards.settled(shop)
    assert (await cards.collection(shop, payable))["state"] == "collected"
    assert len(till.kept(shop, "charge")) == 1


@pytest.mark.parametrize("effect", ["lost_after", "lost_before", "error_before"])
async def test_a_lost_answer_never_charges_twice(shop: Any, effect: str) -> None:
    _buyer, payable = await _due(shop, "lost.com")
    await shop.fault("stripe", effect=effect, pattern=CHARGE, times=1)
    await shop.drain(patience=0.1)
    await cards.settled(shop)
    assert (await cards.collection(shop, payable))["state"] == "collected"
    assert len(till.kept(shop, "charge")) == 1
    assert await till.violations(shop) == []


async def test_a_decline_whose_answer_is_lost_counts_once(shop: Any) -> None:
    _buyer, payable = await _due(shop, "lost-decline.com", card=cards.FAILS_LATER)
    await shop.fault("stripe", effect="lost_after", pattern=CHARGE, times=1)
    await shop.drain(patience=0.1)
    await cards.settled(shop)
    row = await cards.collection(shop, payable)
    assert (row["state"], row["tries"]) == ("due", 1)
    assert len(await till.rows(shop, "select * from payments_decline")) == 1


async def test_what_can_not_be_found_out_waits_for_staff(shop: Any) -> None:
    """And meanwhile nothing else is charged for it; when it is found after all, it counts."""
    _buyer, payable = await _due(shop, "parked.com")
    await shop.fault("stripe", effect="lost_after", pattern=CHARGE, times=1)
    await shop.fault("stripe", effect="lost_before", pattern="GET /v1/payment_intents", times=40)
    await hurry(shop, turns=15)
    (charge,) = await cards.charges(shop, payable)
    assert (charge["state"], (await cards.collection(shop, payable))["state"]) == ("parked", "stopped")
    assert "ChargeParked" in await till.events(shop, "payments")
    await cards.days_pass(shop, 2)
    assert len(await cards.charges(shop, payable)) == 1
    (await shop.outside.delete(f"{shop.sims['stripe']}/_sim/faults")).raise_for_status()
    assert await (await staff(shop)).retry_all() == 1
    await hurry(shop, turns=2)
    assert (await cards.collection(shop, payable))["state"] == "collected"
    assert await till.violations(shop) == []


async def test_without_a_card_the_customer_is_asked_to_pay(shop: Any) -> None:
    buyer = await register(shop)
    (payable,) = await cards.collect(shop, await buyer.order("no-card.com"))
    await shop.drain()
    row = await cards.collection(shop, payable)
    assert (row["state"], row["reason"]) == ("waiting", "no_method")
    assert any("please pay" in mail["subject"] for mail in await shop.mails(buyer.email))
    await cards.save_card(shop, buyer)
    await shop.drain()
    assert (await cards.collection(shop, payable))["state"] == "collected"
    listed = (await buyer.get("/api/v1/payments/collections?state=collected")).json()["items"]
    assert [each["payable_id"] for each in listed] == [str(payable)]


async def test_two_machines_take_a_chunk_each_and_one_refused_row_harms_no_other(shop: Any) -> None:
    buyer = await register(shop)
    await cards.save_card(shop, buyer)
    payables = [await _owed(shop, minor=1 if number == 2 else 1999) for number in range(5)]
    taken = await asyncio.gather(*(_begin(shop, limit=3) for _ in range(2)))
    assert sum(taken) == 5
    await shop.drain()
    states = [(await cards.collection(shop, each))["state"] for each in payables]
    assert states == ["collected", "collected", "given_up", "collected", "collected"]
    assert (await cards.collection(shop, payables[2]))["reason"] == "amount_too_small"
    assert len(till.kept(shop, "charge")) == 4


async def test_charges_keep_to_the_gateways_rate(shop: Any) -> None:
    """Two a second: of five, the last may be sent two seconds after the first, on whatever machine."""
    buyer = await register(shop)
    await cards.save_card(shop, buyer)
    await cards.collect(shop, *[await buyer.order(f"pace-{number}.com", plan=None) for number in range(5)])
    for _ in range(2):
        await _begin(shop, limit=3, per_second=2)
    gaps = await till.rows(
        shop,
        "select round(extract(epoch from next_at - min(next_at) over ())::numeric, 1) as gap from runtime_step where name = 'payments.charge' order by 1",
    )
    assert [float(row["gap"]) for row in gaps][2:] >= [1.0, 1.5, 2.0]


async def test_killed_at_any_point_it_is_charged_once(shop: Any) -> None:
    buyer = await register(shop)
    await cards.save_card(shop, buyer)
    points = [f"payments.charge:{point}" for point in ("before_intent", "intent", "called", "before_result", "result")]
    for number, point in enumerate(["payments.charge_chunk:begun", *points], 1):
        payable = await _owed(shop)
        assert await dies(shop.settings, point), point
        await _forget_leases(shop)
        await cards.settled(shop)
        assert (await cards.collection(shop, payable))["state"] == "collected", point
        assert len(till.kept(shop, "charge")) == number, point
    assert await till.violations(shop) == []


async def _due(shop: Any, name: str, *, card: str = till.GOOD) -> tuple[Buyer, UUID]:
    """A customer with a saved card, and an order that is charged to it from today on."""
    buyer = await register(shop)
    await cards.save_card(shop, buyer, card)
    (payable,) = await cards.collect(shop, await buyer.order(name))
    return buyer, payable


async def _owed(shop: Any, *, minor: int = 1999) -> UUID:
    """Something due for as long as it takes: an order that nobody pays ends after a week."""
    async with shop.database.writing(Role.WORK) as tx:
        customer = (await tx.execute(text("select customer_id from payments_method"))).scalar_one()
        payable = await payments.open_payable(
            tx,
            customer_id=customer,
            reference_type="test",
            reference_id=new_id(),
            amount=Money(minor, "USD"),
            description="A year",
            now=shop.clock.now(),
        )
        await payments.charge_payables(tx, [payable], on=cards.today(shop), now=shop.clock.now())
    return payable


async def _orders(shop: Any) -> list[dict[str, Any]]:
    return await till.rows(shop, "select id::text as id from orders_order order by id")


async def _begin(shop: Any, *, limit: int = 10, per_second: float = 50) -> int:
    async with shop.database.writing(Role.WORK) as tx:
        return await begin_charges(tx, on=cards.today(shop), now=shop.clock.now(), limit=limit, per_second=per_second)


async def _declined_before(shop: Any, times: int) -> None:
    """On as many earlier days."""
    async with shop.database.writing(Role.WORK) as tx:
        method = (await tx.execute(text("select id, customer_id, fingerprint from payments_method"))).one()
        for day in range(1, times + 1):
            at, attempt = shop.clock.now() - timedelta(days=day), new_id()
            payable = await payments.open_payable(
                tx,
                customer_id=method.customer_id,
                reference_type="test",
                reference_id=attempt,
                amount=Money(500, "USD"),
                description="before",
                now=at,
            )
            await payments.cancel_payable(tx, payable, now=at)
            facts = {"id": attempt, "customer": method.customer_id, "payable": payable, "method": method.id, "card": method.fingerprint, "at": at}
            await tx.execute(text(_FORMER), facts)
            await tx.execute(text("insert into payments_decline values (:id, :customer, :card, 'generic_decline', null, 'retry', :at)"), facts)


_FORMER = (
    "insert into payments_attempt (id, customer_id, payable_id, kind, method_id, fingerprint, amount_minor, currency, description, state, return_url, "
    "requested_at, expires_at) values (:id, :customer, :payable, 'charge', :method, :card, 500, 'USD', 'before', 'failed', '', :at, :at)"
)


async def _insert_charge(shop: Any, payable: UUID) -> None:
    """Somebody forgets the rules: the database does not."""
    async with shop.database.writing(Role.WORK) as tx:
        method = (await tx.execute(text("select id, customer_id, fingerprint from payments_method"))).one()
        facts = {"id": new_id(), "customer": method.customer_id, "payable": payable, "method": method.id, "card": method.fingerprint}
        await tx.execute(text(_FORMER.replace("'failed'", "'requested'")), {**facts, "at": shop.clock.now()})


async def _forget_leases(shop: Any) -> None:
    """A dead worker's leases run out: technical time, which the tests do not wait for."""
    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(text("update runtime_step set claimed_until = clock_timestamp() where claimed_until is not null"))
        await tx.execute(text("update pgqueuer.pgqueuer set heartbeat = now() - interval '1 hour' where status = 'picked'"))
