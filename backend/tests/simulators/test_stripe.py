"""The Stripe simulator's purchases, refusals, challenges, expiry and refunds, driven by the official SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import stripe

from tests.simulators.stripe_bench import DAY, Bench, open_bench

# The SDK itself hands raw bytes to httpx under the old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as found:
        yield found


async def refused(call: Any) -> Any:
    with pytest.raises(stripe.StripeError) as caught:
        await call
    return caught.value


async def test_a_purchase_is_charged_once_and_told_by_events(bench: Bench) -> None:
    customer = await bench.customer()
    wishes = {"metadata": {"invoice": "INV-1"}}
    session = await bench.session(customer=customer.id, client_reference_id="order-1", metadata={"order": "1"}, payment_intent_data=wishes)
    assert (session.status, session.payment_status, session.payment_intent, session.amount_total) == ("open", "unpaid", None, 3000)

    answer = await bench.pay(session)

    assert (answer.status_code, answer.headers["location"]) == (303, f"https://shop.test/done?s={session.id}")
    session = await bench.v1.checkout.sessions.retrieve_async(session.id, params={"expand": ["payment_intent.latest_charge"]})
    intent = session.payment_intent
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert session.customer_details.email == "ann@example.com"
    assert (intent.status, intent.amount_received, intent.metadata["invoice"], intent.customer) == ("succeeded", 3000, "INV-1", customer.id)
    assert intent.latest_charge.metadata["invoice"] == "INV-1"
    told = {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed", "charge.updated"}
    await bench.until(lambda: told <= set(bench.inbox.types()))
    summary = await bench.control("stripe/summary", metadata="invoice")
    assert summary["by_metadata"] == {"INV-1": {"usd": {"captured": 3000, "refunded": 0, "charges": 1}}}


async def test_the_fee_is_known_only_after_charge_updated(tmp_path: Path) -> None:
    async with open_bench(tmp_path, settle_seconds="60") as bench:
        intent = await bench.paid()
        charge = await bench.v1.charges.retrieve_async(intent.latest_charge)
        assert charge.balance_transaction is None

        await bench.time_passes(61)

        charge = await bench.v1.charges.retrieve_async(charge.id, params={"expand": ["balance_transaction"]})
        assert (charge.balance_transaction.fee, charge.balance_transaction.net) == (117, 2883)
        await bench.until(lambda: "charge.updated" in bench.inbox.types())
        events = {event["type"]: event for event in bench.inbox.events()}
        assert events["charge.succeeded"]["data"]["object"]["balance_transaction"] is None
        assert events["charge.updated"]["data"]["previous_attributes"] == {"balance_transaction": None}


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("4000000000000002", "generic_decline"),
        ("4000 0000 0000 9995", "insufficient_funds"),
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "incorrect_cvc"),
        ("4242424242424241", "incorrect_number"),
        ("4111111111111111", "test_mode_live_card"),
    ],
)
async def test_a_declined_card_says_why_and_lets_another_pay(bench: Bench, number: str, reason: str) -> None:
    session = await bench.session()
    answer = await bench.pay(session, number)
    assert answer.status_code == 402
    assert f'data-decline-code="{reason}"' in answer.text
    assert (await bench.pay(session)).status_code == 303
    listed = await bench.v1.payment_intents.list_async()
    assert [intent.status for intent in listed.data] == ["succeeded"]


async def test_a_second_submit_charges_nothing(bench: Bench) -> None:
    session = await bench.session()
    first, second = await bench.pay(session), await bench.pay(session)
    assert first.headers["location"] == second.headers["location"]
    assert len((await bench.v1.charges.list_async()).data) == 1
    assert "Already paid" in (await bench.browser.get(f"/c/pay/{session.id}")).text


async def test_a_challenge_is_approved(bench: Bench) -> None:
    session = await bench.session()
    challenge = (await bench.pay(session, "4000002760003184")).headers["location"]
    assert challenge.startswith("/3ds/pi_")
    assert (await bench.browser.get(f"/c/pay/{session.id}")).headers["location"] == challenge
    assert "SANDBOX" in (await bench.browser.get(challenge)).text
    answer = await bench.browser.post(challenge, data={"result": "approve"})
    assert answer.headers["location"] == f"https://shop.test/done?s={session.id}"
    session = await bench.v1.checkout.sessions.retrieve_async(session.id, params={"expand": ["payment_intent.latest_charge"]})
    assert session.payment_status == "paid"
    assert session.payment_intent.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"


async def test_a_failed_challenge_charges_nothing_and_leads_back(bench: Bench) -> None:
    session = await bench.session()
    challenge = (await bench.pay(session, "4000002500003155")).headers["location"]
    back = await bench.browser.post(challenge, data={"result": "fail"})
    assert back.headers["location"] == f"/c/pay/{session.id}"
    page = await bench.browser.get(f"/c/pay/{session.id}")
    assert 'data-decline-code="payment_intent_authentication_failure"' in page.text
    assert (await bench.v1.charges.list_async()).data == []
    await bench.until(lambda: "payment_intent.payment_failed" in bench.inbox.types())


async def test_a_challenge_may_end_in_a_decline(bench: Bench) -> None:
    session = await bench.session()
    challenge = (await bench.pay(session, "4000008260003178")).headers["location"]
    await bench.browser.post(challenge, data={"result": "approve"})
    assert 'data-decline-code="insufficient_funds"' in (await bench.browser.get(f"/c/pay/{session.id}")).text


async def test_a_challenge_without_a_session_returns_to_the_merchant(bench: Bench) -> None:
    params = {
        "amount": 900,
        "currency": "usd",
        "payment_method": "pm_card_authenticationRequired",
        "confirm": True,
        "return_url": "https://shop.test/r?a=1",
    }
    intent = await bench.v1.payment_intents.create_async(params=params)
    assert (intent.status, intent.next_action.redirect_to_url.return_url) == ("requires_action", "https://shop.test/r?a=1")
    answer = await bench.browser.post(intent.next_action.redirect_to_url.url, data={"result": "approve"})
    assert answer.headers["location"].startswith(f"https://shop.test/r?a=1&payment_intent={intent.id}&")
    assert answer.headers["location"].endswith("redirect_status=succeeded")
    assert (await bench.v1.payment_intents.retrieve_async(intent.id)).status == "succeeded"


async def test_cancel_goes_back_and_leaves_the_session_open(bench: Bench) -> None:
    session = await bench.session()
    answer = await bench.browser.post(f"/c/pay/{session.id}", data={"action": "cancel"})
    assert answer.headers["location"] == "https://shop.test/back"
    assert (await bench.v1.checkout.sessions.retrieve_async(session.id)).status == "open"


async def test_a_session_expires_by_the_shared_clock(bench: Bench) -> None:
    session = await bench.session()
    assert (await bench.pay(session, "4000000000000002")).status_code == 402
    await bench.time_passes(DAY + 1)
    expired = await bench.v1.checkout.sessions.retrieve_async(session.id, params={"expand": ["payment_intent"]})
    assert (expired.status, expired.url, expired.payment_intent.status) == ("expired", None, "canceled")
    assert (await bench.pay(session)).status_code == 410
    await bench.until(lambda: "checkout.session.expired" in bench.inbox.types())
    assert "status of `expired`" in str(await refused(bench.v1.checkout.sessions.expire_async(session.id)))


async def test_a_session_is_expired_by_its_merchant(bench: Bench) -> None:
    session = await bench.v1.checkout.sessions.expire_async((await bench.session()).id)
    assert (session.status, session.url) == ("expired", None)


@pytest.mark.parametrize(("seconds", "allowed"), [(1790, False), (1900, True), (DAY - 60, True), (DAY + 60, False)])
async def test_expires_at_lies_between_half_an_hour_and_a_day(bench: Bench, seconds: int, allowed: bool) -> None:
    moment = bench.world.clock.timestamp() + seconds
    if allowed:
        assert (await bench.session(expires_at=moment)).expires_at == moment
    else:
        assert (await refused(bench.session(expires_at=moment))).param == "expires_at"


async def test_sessions_are_found_by_customer_intent_and_status(bench: Bench) -> None:
    customer = await bench.customer()
    paid, still_open = await bench.session(customer=customer.id), await bench.session(customer=customer.id)
    await bench.session()
    await bench.pay(paid)
    found = await bench.v1.checkout.sessions.list_async(params={"customer": customer.id})
    assert [session.id for session in found.data] == [still_open.id, paid.id]
    found = await bench.v1.checkout.sessions.list_async(params={"customer": customer.id, "status": "complete"})
    assert [session.id for session in found.data] == [paid.id]
    found = await bench.v1.checkout.sessions.list_async(params={"payment_intent": found.data[0].payment_intent})
    assert [session.id for session in found.data] == [paid.id]
    items = await bench.v1.checkout.sessions.line_items.list_async(paid.id)
    assert [(item.description, item.quantity, item.amount_total) for item in items.data] == [("Pro hosting", 2, 3000)]


async def test_a_session_s_intent_belongs_to_the_session(bench: Bench) -> None:
    session = await bench.session()
    await bench.pay(session, "4000000000000002")
    intent = (await bench.v1.payment_intents.list_async()).data[0]
    assert "Checkout" in str(await refused(bench.v1.payment_intents.cancel_async(intent.id)))


async def test_refunds_stop_at_what_was_charged(bench: Bench) -> None:
    intent = await bench.paid()
    refund = await bench.v1.refunds.create_async(params={"payment_intent": intent.id, "amount": 1000, "metadata": {"credit": "7"}})
    assert (refund.status, refund.amount, refund.charge) == ("succeeded", 1000, intent.latest_charge)
    error = await refused(bench.v1.refunds.create_async(params={"payment_intent": intent.id, "amount": 2001}))
    assert (error.http_status, error.param) == (400, "amount")
    await bench.v1.refunds.create_async(params={"charge": intent.latest_charge})
    error = await refused(bench.v1.refunds.create_async(params={"charge": intent.latest_charge, "amount": 1}))
    assert error.code == "charge_already_refunded"
    charge = await bench.v1.charges.retrieve_async(intent.latest_charge, params={"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded, [found.amount for found in charge.refunds.data]) == (3000, True, [2000, 1000])
    await bench.until(lambda: bench.inbox.types().count("charge.refunded") == 2)
    changes = [event["data"]["previous_attributes"] for event in bench.inbox.events() if event["type"] == "charge.refunded"]
    assert sorted(change["amount_refunded"] for change in changes) == [0, 1000]


async def test_a_refund_may_fail_later(tmp_path: Path) -> None:
    async with open_bench(tmp_path, refund_seconds="3600") as bench:
        intent = await bench.paid("4000000000005126")
        refund = await bench.v1.refunds.create_async(params={"payment_intent": intent.id})
        assert refund.status == "succeeded"
        await bench.time_passes(3601)
        assert (await bench.v1.refunds.retrieve_async(refund.id)).status == "failed"
        assert (await bench.v1.charges.retrieve_async(intent.latest_charge)).amount_refunded == 0
        await bench.until(lambda: "refund.failed" in bench.inbox.types())


async def test_a_refund_may_stay_pending_first(tmp_path: Path) -> None:
    async with open_bench(tmp_path, refund_seconds="3600") as bench:
        intent = await bench.paid("4000000000007726")
        refund = await bench.v1.refunds.create_async(params={"payment_intent": intent.id})
        assert (refund.status, refund.balance_transaction) == ("pending", None)
        await bench.time_passes(3601)
        refund = await bench.v1.refunds.retrieve_async(refund.id, params={"expand": ["balance_transaction"]})
        assert (refund.status, refund.balance_transaction.amount) == ("succeeded", -3000)


async def test_a_refund_is_failed_by_hand(bench: Bench) -> None:
    intent = await bench.paid()
    refund = await bench.v1.refunds.create_async(params={"payment_intent": intent.id, "amount": 500})
    failed = await bench.control(f"stripe/refunds/{refund.id}/fail", {})
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert (await bench.control("stripe/summary"))["totals"]["usd"] == {"captured": 3000, "refunded": 0, "charges": 1}


async def test_a_disputed_charge_can_t_be_refunded(bench: Bench) -> None:
    intent = await bench.paid("4000000000000259")
    disputes = (await bench.v1.disputes.list_async(params={"payment_intent": intent.id})).data
    assert [(found.status, found.reason, found.amount) for found in disputes] == [("needs_response", "fraudulent", 3000)]
    assert (await refused(bench.v1.refunds.create_async(params={"payment_intent": intent.id}))).code == "charge_disputed"
    decided = await bench.control("stripe/disputes", {"dispute": disputes[0].id, "outcome": "won"})
    assert len(decided["balance_transactions"]) == 2
    await bench.until(lambda: "charge.dispute.funds_reinstated" in bench.inbox.types())


async def test_saved_cards_pay_without_their_holder(bench: Bench) -> None:
    customer = await bench.customer()
    intent = await bench.paid(customer=customer.id, payment_intent_data={"setup_future_usage": "off_session"})
    saved = (await bench.v1.customers.payment_methods.list_async(customer.id)).data
    assert [method.id for method in saved] == [intent.payment_method]
    params = {"amount": 900, "currency": "usd", "customer": customer.id, "payment_method": saved[0].id, "confirm": True, "off_session": True}
    assert (await bench.v1.payment_intents.create_async(params=params)).status == "succeeded"
    error = await refused(bench.v1.payment_intents.create_async(params={**params, "payment_method": "pm_card_authenticationRequired"}))
    assert error.http_status == 402
    assert (error.code, error.error.decline_code) == ("authentication_required", "authentication_required")
    assert error.error.payment_intent.status == "requires_payment_method"
    found = await bench.v1.payment_intents.list_async(params={"customer": customer.id, "created": {"gte": intent.created}})
    assert [entry.status for entry in found.data] == ["requires_payment_method", "succeeded", "succeeded"]


async def test_customers_are_written_read_listed_and_deleted(bench: Bench) -> None:
    first = await bench.customer(metadata={"a": "1", "b": "2"})
    changed = await bench.v1.customers.update_async(first.id, params={"name": "Zoe", "metadata": {"a": "", "c": "3"}})
    assert (changed.name, changed.metadata.to_dict()) == ("Zoe", {"b": "2", "c": "3"})
    second = await bench.customer(email="bob@example.com")
    assert [found.id for found in (await bench.v1.customers.list_async(params={"email": "bob@example.com"})).data] == [second.id]
    assert (await bench.v1.customers.delete_async(second.id)).deleted
    assert (await bench.v1.customers.retrieve_async(second.id)).deleted
    assert (await refused(bench.v1.customers.update_async(second.id, params={"name": "x"}))).code == "resource_missing"
    error = await refused(bench.session(customer=second.id))
    assert (error.http_status, error.code, error.param) == (400, "resource_missing", "customer")


async def test_lists_are_paged_by_cursor(bench: Bench) -> None:
    made = [(await bench.customer(name=str(number))).id for number in range(5)]
    page = await bench.v1.customers.list_async(params={"limit": 2})
    assert ([entry.id for entry in page.data], page.has_more) == ([made[4], made[3]], True)
    assert [entry.id async for entry in page.auto_paging_iter()] == made[::-1]
    page = await bench.v1.customers.list_async(params={"limit": 2, "ending_before": made[1]})
    assert ([entry.id for entry in page.data], page.has_more) == ([made[3], made[2]], True)
    assert (await refused(bench.v1.customers.list_async(params={"limit": 101}))).param == "limit"
    assert (await refused(bench.v1.customers.list_async(params={"starting_after": "cus_none"}))).code == "resource_missing"


async def test_the_account_answers_a_health_check(bench: Bench) -> None:
    assert (await bench.v1.accounts.retrieve_current_async()).charges_enabled


async def test_only_test_keys_enter(bench: Bench) -> None:
    error = await refused(bench.v1.accounts.retrieve_current_async(options={"api_key": "sk_live_1234567890"}))
    assert isinstance(error, stripe.AuthenticationError)
    answer = await bench.browser.get("/v1/customers")
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")


async def test_wrong_parameters_are_named(bench: Bench) -> None:
    error = await refused(bench.customer(nmae="x"))
    assert (error.code, error.param, error.http_status) == ("parameter_unknown", "nmae", 400)
    error = await refused(bench.session(payment_intent_data={"metdata": {"a": "b"}}))
    assert (error.code, error.param) == ("parameter_unknown", "payment_intent_data[metdata]")
    error = await refused(bench.v1.payment_intents.create_async(params={"currency": "usd"}))
    assert (error.code, error.param) == ("parameter_missing", "amount")
    error = await refused(bench.v1.payment_intents.create_async(params={"currency": "usd", "amount": 49}))
    assert error.code == "amount_too_small"
    error = await refused(bench.v1.payment_intents.retrieve_async("pi_none"))
    assert (error.http_status, error.code, error.request_id.startswith("req_")) == (404, "resource_missing", True)
    answer = await bench.browser.post("/v1/subscriptions", headers={"authorization": "Bearer sk_test_bench"})
    assert (answer.status_code, "Unrecognized request URL" in answer.text) == (404, True)


async def test_pages_are_marked_as_a_sandbox_and_need_no_script(bench: Bench) -> None:
    page = await bench.browser.get(f"/c/pay/{(await bench.session()).id}")
    assert "SANDBOX – no real money moves here" in page.text
    assert "30.00 USD" in page.text
    assert "<script" not in page.text
    assert (await bench.browser.get("/c/pay/cs_none")).status_code == 404
