"""The Stripe adapter against the simulated vendor over HTTP: each call, each kind of failure, and the webhook's signature."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from nextbill.adapters.stripe import StripeGateway
from nextbill.adapters.stripe.amounts import from_stripe, to_stripe
from nextbill.adapters.stripe.gateway import VERSION
from nextbill.capabilities.payments.ports import Checkout, OpenCheckout, OurCustomer, Refund, WebhookRefused
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable, VendorUnknown
from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import serve
from nextbill_simulators.stripe.app import create_app

ADA = OurCustomer(new_id(), "ada@example.test", "Ada Byron")
OPEN = "POST /v1/checkout/sessions$"
SECRETS = "whsec_new, whsec_old"
GOOD, BROKE, CHALLENGED = "4242424242424242", "4000000000009995", "4000002760003184"


@dataclass
class Desk:
    gateway: StripeGateway
    control: httpx.AsyncClient
    world: World
    url: str

    def now(self) -> datetime:
        return self.world.clock.now()

    async def order(self, **changes: Any) -> OpenCheckout:
        customer = await self.gateway.ensure_customer(ADA, key="test")
        order = OpenCheckout(
            attempt_id=new_id(),
            payable_id=new_id(),
            customer_id=ADA.customer_id,
            gateway_customer=customer,
            amount=Money(11399, "USD"),
            description="PRO-2026-000001",
            success_url="http://127.0.0.1/return?attempt=1",
            cancel_url="http://127.0.0.1/return?attempt=1",
            expires_at=self.now().replace(microsecond=0) + timedelta(hours=12),
            key=str(new_id()),
        )
        return replace(order, **changes)

    async def paid(self, card: str = GOOD) -> tuple[OpenCheckout, Checkout, httpx.Response]:
        order = await self.order()
        opened = await self.gateway.open_checkout(order)
        return order, opened, await self.pay(opened, card)

    async def pay(self, opened: Checkout, card: str = GOOD) -> httpx.Response:
        assert opened.url is not None
        return await self.control.post(opened.url, data={"card_number": card, "exp": "12/34", "cvc": "123", "name": "Ada"})

    async def strike(self, effect: str, pattern: str = OPEN, **more: Any) -> None:
        (await self.control.post(f"{self.url}/_sim/faults", json={"effect": effect, "pattern": pattern, **more})).raise_for_status()

    async def misbehave(self, kind: str, pattern: str = OPEN, **more: Any) -> None:
        (await self.control.post(f"{self.url}/_sim/stripe/faults", json={"kind": kind, "pattern": pattern, **more})).raise_for_status()

    def kept(self, kind: str) -> list[dict[str, Any]]:
        return self.world.store.find(kind)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store = Store(tmp_path / "stripe.sqlite")
    world = World("stripe", "http://127.0.0.1:1", store, SharedClock(tmp_path / "clock.json"), Faults(1), {"api_key": "sk_test_desk"})
    async with httpx.AsyncClient() as control:
        async with _served(world) as url:
            gateway = _gateway(url)
            yield Desk(gateway, control, world, url)
            await gateway.close()
    store.close()


def _served(world: World) -> Any:
    from nextbill_simulators.chassis.serving import listening_socket

    bound = listening_socket()
    world.base_url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    return serve(create_app(world), listener=bound)


def _gateway(url: str, *, key: str = "sk_test_desk", timeout: float = 2.0) -> StripeGateway:
    return StripeGateway(secret_key=key, webhook_secrets=SECRETS, base=url, timeout=timeout, installation="here")


async def test_a_customer_is_made_once_and_found_again(desk: Desk) -> None:
    assert await desk.gateway.find_customer(ADA) is None
    first = await desk.gateway.ensure_customer(ADA, key="a")
    assert await desk.gateway.ensure_customer(ADA, key="b") == first == await desk.gateway.find_customer(ADA)
    assert len(desk.kept("customer")) == 1
    other = replace(ADA, customer_id=new_id())
    assert await desk.gateway.ensure_customer(other, key="c") != first


async def test_a_checkout_is_opened_once_for_one_key_and_carries_our_ids(desk: Desk) -> None:
    order = await desk.order()
    opened = await desk.gateway.open_checkout(order)
    assert (await desk.gateway.open_checkout(order)).session_ref == opened.session_ref
    (session,) = desk.kept("checkout.session")
    assert session["metadata"] == {
        "attempt_id": str(order.attempt_id),
        "payable_id": str(order.payable_id),
        "customer_id": str(order.customer_id),
        "installation": "here",
    }
    assert (session["amount_total"], session["currency"], session["customer"]) == (11399, "usd", order.gateway_customer)
    assert (opened.status, opened.expires_at) == ("open", order.expires_at)
    assert await desk.gateway.find_checkout(order.attempt_id, order.gateway_customer) == opened
    assert await desk.gateway.find_checkout(new_id(), order.gateway_customer) is None


async def test_a_paid_checkout_says_what_came_from_whom(desk: Desk) -> None:
    order, opened, answer = await desk.paid()
    assert answer.status_code == 303
    seen = await desk.gateway.read_checkout(opened.session_ref)
    assert (seen.status, seen.amount, seen.customer, seen.live) == ("paid", Money(11399, "USD"), order.gateway_customer, False)
    assert seen.attempt_id == order.attempt_id
    assert seen.payment_ref == desk.kept("payment_intent")[0]["id"]
    found = await desk.gateway.find_checkout(order.attempt_id, order.gateway_customer)
    assert found is not None
    assert found.status != "open"


async def test_a_decline_leaves_the_page_open_and_each_has_its_own_reference(desk: Desk) -> None:
    _order, opened, answer = await desk.paid(BROKE)
    assert answer.status_code == 402
    first = await desk.gateway.read_checkout(opened.session_ref)
    assert first.status == "open"
    assert first.last_error is not None
    assert (first.last_error.reason, first.last_error.message) == ("insufficient_funds", "Your card has insufficient funds.")
    await desk.pay(opened, BROKE)
    second = await desk.gateway.read_checkout(opened.session_ref)
    assert second.last_error is not None
    assert second.last_error.ref != first.last_error.ref
    await desk.pay(opened, GOOD)
    assert (await desk.gateway.read_checkout(opened.session_ref)).status == "paid"


async def test_an_abandoned_challenge_is_still_open(desk: Desk) -> None:
    _order, opened, answer = await desk.paid(CHALLENGED)
    assert answer.headers["location"].startswith("/3ds/")
    assert (await desk.gateway.read_checkout(opened.session_ref)).status == "open"


async def test_closing_a_page_tells_what_it_became(desk: Desk) -> None:
    opened = await desk.gateway.open_checkout(await desk.order())
    assert (await desk.gateway.expire_checkout(opened.session_ref)).status == "expired"
    assert (await desk.gateway.expire_checkout(opened.session_ref)).status == "expired"
    _order, paid, _answer = await desk.paid()
    assert (await desk.gateway.expire_checkout(paid.session_ref)).status == "paid"


async def test_refunds_are_made_once_and_found_by_our_id(desk: Desk) -> None:
    _order, opened, _answer = await desk.paid()
    seen = await desk.gateway.read_checkout(opened.session_ref)
    assert seen.payment_ref is not None
    refund = Refund(new_id(), seen.payment_ref, Money(1399, "USD"), str(new_id()))
    made = await desk.gateway.refund(refund)
    assert made == await desk.gateway.refund(refund) == await desk.gateway.find_refund(refund.refund_id, seen.payment_ref)
    assert (made.status, made.amount) == ("succeeded", Money(1399, "USD"))
    assert len(desk.kept("refund")) == 1
    assert await desk.gateway.find_refund(new_id(), seen.payment_ref) is None
    with pytest.raises(VendorRejected):
        await desk.gateway.refund(Refund(new_id(), seen.payment_ref, Money(10001, "USD"), str(new_id())))
    await desk.gateway.refund(Refund(new_id(), seen.payment_ref, Money(10000, "USD"), str(new_id())))
    with pytest.raises(VendorRejected) as refused:
        await desk.gateway.refund(Refund(new_id(), seen.payment_ref, Money(1, "USD"), str(new_id())))
    assert refused.value.reason == "charge_already_refunded"


@pytest.mark.parametrize(
    ("effect", "error", "reason", "opened"),
    [
        ("lost_after", VendorUnknown, "connection", 1),
        ("lost_before", VendorUnknown, "connection", 0),
        ("error_before", VendorUnknown, "http_500", 0),
        ("error_after", VendorUnknown, "http_500", 1),
        ("html", VendorUnknown, "http_502", 0),
        ("hang", VendorUnknown, None, 0),
    ],
)
async def test_what_may_have_been_done_is_unknown_and_sent_once(
    desk: Desk, effect: str, error: type[Exception], reason: str | None, opened: int
) -> None:
    order = await desk.order()
    await desk.strike(effect, seconds=5.0)
    with pytest.raises(error) as raised:
        await desk.gateway.open_checkout(order)
    assert reason in (None, raised.value.reason)
    assert len(desk.kept("checkout.session")) == opened
    found = await desk.gateway.find_checkout(order.attempt_id, order.gateway_customer)
    assert (found is not None) is (opened == 1)


async def test_a_stored_500_is_replayed_for_its_key_and_gone_with_a_new_one(desk: Desk) -> None:
    order = await desk.order()
    await desk.misbehave("stored_500", executed=False)
    for _ in range(2):
        with pytest.raises(VendorUnknown):
            await desk.gateway.open_checkout(order)
    assert (await desk.gateway.open_checkout(replace(order, key="another"))).status == "open"


async def test_throttled_and_refused_connections_are_certainly_not_done(desk: Desk) -> None:
    order = await desk.order()
    await desk.misbehave("rate_limit_429")
    with pytest.raises(VendorUnavailable) as throttled:
        await desk.gateway.open_checkout(order)
    assert throttled.value.reason == "rate_limited"
    nobody = _gateway("http://127.0.0.1:9")
    with pytest.raises(VendorUnavailable) as unreachable:
        await nobody.open_checkout(order)
    assert unreachable.value.reason == "connection"
    await nobody.close()


async def test_a_key_in_use_is_unknown_and_a_key_with_other_parameters_too(desk: Desk) -> None:
    order = await desk.order()
    await desk.misbehave("conflict_409")
    with pytest.raises(VendorUnknown) as busy:
        await desk.gateway.open_checkout(order)
    assert busy.value.reason == "idempotency_key_in_use"
    await desk.gateway.open_checkout(order)
    with pytest.raises(VendorUnknown) as mismatch:
        await desk.gateway.open_checkout(replace(order, amount=Money(1, "USD")))
    assert mismatch.value.reason in ("idempotency_mismatch", "amount_too_small")


async def test_our_wrong_key_is_never_the_customers_refusal(desk: Desk) -> None:
    order = await desk.order()
    stranger = _gateway(desk.url, key="sk_test_other")
    with pytest.raises(VendorUnavailable) as refused:
        await stranger.open_checkout(order)
    assert refused.value.reason == "auth_failed"
    await stranger.close()


async def test_a_refusal_names_its_reason(desk: Desk) -> None:
    with pytest.raises(VendorRejected) as small:
        await desk.gateway.open_checkout(await desk.order(amount=Money(10, "USD")))
    assert small.value.reason == "amount_too_small"
    with pytest.raises(VendorRejected) as unknown:
        await desk.gateway.read_checkout("cs_test_none")
    assert unknown.value.reason == "resource_missing"
    assert unknown.value.request_id is not None


async def test_events_come_oldest_first_and_only_those_we_listen_to(desk: Desk) -> None:
    order, _opened, _answer = await desk.paid()
    events = await desk.gateway.events_since(desk.now() - timedelta(hours=1), limit=50)
    assert {event.kind for event in events} == {"checkout"}
    assert {event.attempt_id for event in events} == {order.attempt_id}
    assert {event.installation for event in events} == {"here"}
    assert [event.happened_at for event in events] == sorted(event.happened_at for event in events)
    assert len(await desk.gateway.events_since(desk.now() - timedelta(hours=1), limit=1)) == 1
    assert await desk.gateway.events_since(desk.now() + timedelta(hours=1), limit=50) == []


# --- webhooks ---------------------------------------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ATTEMPT = new_id()
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "api_version": VERSION,
    "created": int(NOW.timestamp()),
    "livemode": False,
    "type": "checkout.session.completed",
    "data": {"object": {"id": "cs_1", "object": "checkout.session", "metadata": {"attempt_id": str(ATTEMPT), "installation": "here"}}},
}


def signed(event: object, *, secret: str = "whsec_new", at: datetime = NOW) -> tuple[bytes, Mapping[str, str]]:
    raw = event if isinstance(event, bytes) else json.dumps(event).encode()
    header = stripe.WebhookSignature.generate_signature_header(raw.decode(), secret, int(at.timestamp()))
    return raw, {"stripe-signature": header}


@pytest.fixture
async def verifier() -> AsyncIterator[StripeGateway]:
    gateway = _gateway("http://127.0.0.1:9")
    yield gateway
    await gateway.close()


@pytest.mark.parametrize("secret", ["whsec_new", "whsec_old"])
async def test_a_webhook_signed_by_either_secret_is_read(verifier: StripeGateway, secret: str) -> None:
    raw, headers = signed(EVENT, secret=secret)
    event = verifier.verify_webhook(raw, headers, now=NOW)
    assert (event.event_ref, event.kind, event.attempt_id, event.installation, event.live) == ("evt_1", "checkout", ATTEMPT, "here", False)


@pytest.mark.parametrize("seconds", [-299, 0, 299])
async def test_its_age_is_judged_by_our_clock(verifier: StripeGateway, seconds: int) -> None:
    raw, headers = signed(EVENT, at=datetime(2020, 1, 1, tzinfo=UTC))
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert verifier.verify_webhook(raw, headers, now=now).event_ref == "evt_1"


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
async def test_too_old_and_from_the_future_are_stale(verifier: StripeGateway, seconds: int) -> None:
    raw, headers = signed(EVENT)
    with pytest.raises(WebhookRefused) as refused:
        verifier.verify_webhook(raw, headers, now=NOW + timedelta(seconds=seconds))
    assert refused.value.reason == "stale"


async def test_forged_and_altered_bodies_are_refused(verifier: StripeGateway) -> None:
    raw, headers = signed(EVENT)
    forged = signed(EVENT, secret="whsec_mine")
    for body, given in ((raw + b" ", headers), forged, (raw, {}), (raw, {"stripe-signature": "t=1,v0=aa"}), (b"\xff\xfe\x00", headers)):
        with pytest.raises(WebhookRefused) as refused:
            verifier.verify_webhook(body, given, now=NOW)
        assert refused.value.reason == "signature"


@pytest.mark.parametrize("body", [b"[]", b"not json", {"object": "event"}, {**EVENT, "api_version": "2020-08-27"}])
async def test_what_is_signed_but_not_read_says_so(verifier: StripeGateway, body: object) -> None:
    raw, headers = signed(body)
    with pytest.raises(WebhookRefused) as refused:
        verifier.verify_webhook(raw, headers, now=NOW)
    assert refused.value.reason == "unreadable"


async def test_unknown_and_foreign_events_are_hints_of_nothing(verifier: StripeGateway) -> None:
    thin = {"id": "evt_2", "object": "v2.core.event", "type": "v1.charge.succeeded"}
    unknown = {**EVENT, "type": "invoice.paid"}
    for body in (thin, unknown):
        assert verifier.verify_webhook(*signed(body), now=NOW).kind is None
    foreign = {**EVENT, "data": {"object": {"metadata": {"attempt_id": "../../etc"}}}}
    event = verifier.verify_webhook(*signed(foreign), now=NOW)
    assert (event.attempt_id, event.installation) == (None, None)


def test_no_secret_no_gateway() -> None:
    with pytest.raises(ValueError, match="forge"):
        StripeGateway(secret_key="sk_test_x", webhook_secrets=" , ", base="http://127.0.0.1:9", timeout=1, installation="here")


@pytest.mark.parametrize(("money", "amount"), [(Money(11399, "USD"), 11399), (Money(500, "JPY"), 500), (Money(12340, "KWD"), 12340)])
def test_amounts_as_stripe_counts_them(money: Money, amount: int) -> None:
    assert to_stripe(money) == amount
    assert from_stripe(amount, money.currency.lower()) == money


@pytest.mark.parametrize(
    "money", [Money(100, "ISK"), Money(100, "UGX"), Money(100, "MGA"), Money(12345, "KWD"), Money(0, "USD"), Money(100_000_000, "USD")]
)
def test_amounts_that_stripe_counts_otherwise_are_refused_before_anything_is_sent(money: Money) -> None:
    with pytest.raises(VendorRejected):
        to_stripe(money)


def test_the_pinned_version_is_the_sdks() -> None:
    assert stripe.api_version == VERSION
