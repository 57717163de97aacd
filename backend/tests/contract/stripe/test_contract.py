"""The behaviours of Stripe on which exactly-once rests, on both sides (see conftest.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nextbill.capabilities.payments.ports import GatewayEvent, OurCustomer, Refund, RefundState
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable, VendorUnknown
from tests.contract.stripe.conftest import Side


async def test_a_customer_is_made_once_and_found_again(side: Side) -> None:
    stranger = OurCustomer(new_id(), side.customer.email, "Another")
    made = await side.gateway.ensure_customer(side.customer, key="first")
    assert await side.eventually(lambda: side.gateway.find_customer(side.customer)) == made
    assert await side.gateway.ensure_customer(side.customer, key="second") == made
    assert await side.gateway.find_customer(stranger) is None


async def test_one_key_opens_one_page_which_is_found_by_our_id(side: Side) -> None:
    order = await side.order()
    opened = await side.gateway.open_checkout(order)
    assert (opened.status, opened.expires_at) == ("open", order.expires_at)
    assert opened.url
    assert await side.gateway.open_checkout(order) == opened
    found = await side.eventually(lambda: side.gateway.find_checkout(order.attempt_id, order.gateway_customer))
    assert found.session_ref == opened.session_ref
    assert await side.gateway.find_checkout(new_id(), order.gateway_customer) is None
    seen = await side.gateway.read_checkout(opened.session_ref)
    assert (seen.status, seen.attempt_id, seen.amount, seen.customer, seen.live) == (
        "open",
        order.attempt_id,
        order.amount,
        order.gateway_customer,
        False,
    )


async def test_one_key_with_another_amount_is_refused_and_opens_nothing(side: Side) -> None:
    order = await side.order()
    opened = await side.gateway.open_checkout(order)
    with pytest.raises(VendorUnknown) as refused:
        await side.gateway.open_checkout(replace(order, amount=Money(9900, "USD")))
    assert refused.value.reason == "idempotency_mismatch"
    assert (await side.gateway.read_checkout(opened.session_ref)).amount == order.amount


async def test_a_page_is_closed_once_and_closing_it_again_says_so(side: Side) -> None:
    opened = await side.gateway.open_checkout(await side.order())
    assert (await side.gateway.expire_checkout(opened.session_ref)).status == "expired"
    assert (await side.gateway.expire_checkout(opened.session_ref)).status == "expired"
    assert (await side.gateway.read_checkout(opened.session_ref)).status == "expired"


@pytest.mark.parametrize("amount", [Money(11399, "USD"), Money(5000, "JPY"), Money(1990, "EUR")])
async def test_an_amount_comes_back_as_it_went(side: Side, amount: Money) -> None:
    opened = await side.gateway.open_checkout(await side.order(amount))
    assert (await side.gateway.read_checkout(opened.session_ref)).amount == amount


async def test_refusals_name_their_reason_and_the_request(side: Side) -> None:
    with pytest.raises(VendorRejected) as small:
        await side.gateway.open_checkout(await side.order(Money(10, "USD")))
    assert small.value.reason == "amount_too_small"
    with pytest.raises(VendorRejected) as unknown:
        await side.gateway.read_checkout("cs_test_none")
    assert unknown.value.reason == "resource_missing"
    assert unknown.value.request_id


async def test_a_wrong_key_is_our_fault_and_not_the_customers(side: Side) -> None:
    stranger = side.stranger()
    with pytest.raises(VendorUnavailable) as refused:
        await stranger.find_customer(side.customer)
    assert refused.value.reason == "auth_failed"
    await stranger.close()


async def test_a_refund_is_made_once_for_one_key_found_by_our_id_and_never_beyond_what_was_paid(side: Side) -> None:
    payment = await side.paid(Money(5000, "USD"))
    refund = Refund(new_id(), payment, Money(2000, "USD"), str(new_id()))
    first = await side.gateway.refund(refund)
    assert (first.status, first.amount) == ("succeeded", refund.amount)
    assert (await side.gateway.refund(refund)).refund_ref == first.refund_ref

    async def look() -> RefundState | None:
        return await side.gateway.find_refund(refund.refund_id, payment)

    assert (await side.eventually(look)).refund_ref == first.refund_ref
    assert await side.gateway.find_refund(new_id(), payment) is None
    with pytest.raises(VendorRejected):
        await side.gateway.refund(Refund(new_id(), payment, Money(3001, "USD"), str(new_id())))
    rest = await side.gateway.refund(Refund(new_id(), payment, Money(3000, "USD"), str(new_id())))
    assert rest.status == "succeeded"
    with pytest.raises(VendorRejected) as spent:
        await side.gateway.refund(Refund(new_id(), payment, Money(1, "USD"), str(new_id())))
    assert spent.value.reason == "charge_already_refunded"


async def test_what_happened_is_told_again_when_asked(side: Side) -> None:
    since = datetime.now(UTC) - timedelta(minutes=2)
    order = await side.order()
    opened = await side.gateway.open_checkout(order)
    await side.gateway.expire_checkout(opened.session_ref)

    async def told() -> GatewayEvent | None:
        events = await side.gateway.events_since(since, limit=500)
        return next((event for event in events if event.kind == "checkout" and event.attempt_id == order.attempt_id), None)

    event = await side.eventually(told)
    assert (event.live, event.installation) == (False, side.gateway.installation)
