"""Idempotency, faults, events and webhooks of the Stripe simulator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import stripe

from tests.simulators.stripe_bench import DAY, SECRET, Bench, Inbox, open_bench

# The SDK itself hands raw bytes to httpx under the old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
KEY = {"idempotency_key": "attempt-1"}
CHARGE = {"amount": 900, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as found:
        yield found


async def refused(call: Any) -> Any:
    with pytest.raises(stripe.StripeError) as caught:
        await call
    return caught.value


async def charge(bench: Bench, **changes: Any) -> Any:
    return await bench.v1.payment_intents.create_async(params={**CHARGE, **changes}, options=KEY)


async def charges(bench: Bench) -> int:
    return len((await bench.v1.charges.list_async()).data)


async def test_a_key_replays_its_first_answer(bench: Bench) -> None:
    first, again = await charge(bench), await charge(bench)
    assert first.id == again.id
    assert (await charges(bench)) == 1
    assert "Idempotent-Replayed" not in first.last_response.headers
    headers = {name.lower(): value for name, value in again.last_response.headers.items()}
    assert headers["idempotent-replayed"] == "true"
    assert headers["original-request"] == first.last_response.request_id
    assert headers["idempotency-key"] == "attempt-1"


async def test_a_key_replays_a_decline_too(bench: Bench) -> None:
    errors = [await refused(charge(bench, payment_method="pm_card_chargeDeclinedInsufficientFunds")) for _ in range(2)]
    assert [error.code for error in errors] == ["card_declined", "card_declined"]
    assert errors[0].error.payment_intent.id == errors[1].error.payment_intent.id
    assert (await charges(bench)) == 1


async def test_a_key_is_bound_to_its_parameters_and_endpoint(bench: Bench) -> None:
    await charge(bench)
    assert isinstance(await refused(charge(bench, amount=901)), stripe.IdempotencyError)
    assert isinstance(await refused(bench.v1.customers.create_async(params={}, options=KEY)), stripe.IdempotencyError)


async def test_a_key_is_not_spent_by_a_request_that_never_began(bench: Bench) -> None:
    assert (await refused(charge(bench, amount="nine"))).code == "parameter_invalid_integer"
    assert (await charge(bench)).status == "succeeded"


async def test_a_key_is_forgotten_after_a_day(bench: Bench) -> None:
    first = await charge(bench)
    await bench.time_passes(DAY - 60)
    assert (await charge(bench)).id == first.id
    await bench.time_passes(120)
    assert (await charge(bench)).id != first.id
    assert (await charges(bench)) == 2


async def test_a_key_in_use_is_a_conflict(bench: Bench) -> None:
    await bench.control("stripe/faults", {"kind": "slow_execution", "pattern": "POST /v1/payment_intents$", "seconds": 0.5})
    outcomes = await asyncio.gather(charge(bench), charge(bench), return_exceptions=True)
    problems: list[Any] = [outcome for outcome in outcomes if isinstance(outcome, stripe.StripeError)]
    assert [(problem.http_status, problem.error.code) for problem in problems] == [(409, "idempotency_key_in_use")]
    assert (await charges(bench)) == 1


@pytest.mark.parametrize(("executed", "made"), [(True, 1), (False, 0)])
async def test_a_stored_500_is_replayed_whatever_was_done(bench: Bench, executed: bool, made: int) -> None:
    await bench.control("stripe/faults", {"kind": "stored_500", "pattern": "POST /v1/payment_intents$", "executed": executed})
    errors = [await refused(charge(bench)) for _ in range(2)]
    assert [error.http_status for error in errors] == [500, 500]
    assert (await charges(bench)) == made


async def test_an_answer_lost_after_the_deed_is_found_again_by_its_key(bench: Bench) -> None:
    await bench.control("faults", {"effect": "lost_after", "pattern": "POST /v1/payment_intents$"})
    assert isinstance(await refused(charge(bench)), stripe.APIConnectionError)
    assert (await charge(bench)).status == "succeeded"
    assert (await charges(bench)) == 1


async def test_planned_refusals_are_not_stored(bench: Bench) -> None:
    for kind, status in (("conflict_409", 409), ("rate_limit_429", 429)):
        await bench.control("stripe/faults", {"kind": kind, "pattern": "POST /v1/payment_intents$"})
        assert (await refused(charge(bench))).http_status == status
    assert (await charge(bench)).status == "succeeded"


async def test_webhooks_are_signed_over_the_raw_body(bench: Bench) -> None:
    customer = await bench.customer()
    await bench.until(lambda: bool(bench.inbox.received))
    body, signature = bench.inbox.received[0]
    event = bench.client.construct_event(body, signature, SECRET)
    assert (event.type, event.data.object.id, event.api_version) == ("customer.created", customer.id, stripe.api_version)
    with pytest.raises(stripe.SignatureVerificationError):
        bench.client.construct_event(body + b" ", signature, SECRET)


async def test_webhooks_are_tried_again_until_accepted_with_a_fresh_time(tmp_path: Path) -> None:
    async with open_bench(tmp_path, inbox=Inbox(statuses=[500, 302])) as bench:
        await bench.customer()
        await bench.time_passes(600)
        await bench.until(lambda: len(bench.inbox.received) == 3)
        bodies = {body for body, _ in bench.inbox.received}
        assert len(bodies) == 1
        bench.client.construct_event(*bench.inbox.received[2], SECRET)
        stamps = [int(signature.split(",")[0].removeprefix("t=")) for _, signature in bench.inbox.received]
        assert stamps == sorted(stamps)
        assert stamps[2] - json.loads(bodies.pop())["created"] >= 600
        deliveries = await bench.control("stripe/deliveries")
        assert [(entry["attempt"], entry["status"], entry["outcome"]) for entry in deliveries][:2] == [(1, 500, "will retry"), (2, 302, "will retry")]


async def test_webhooks_waiting_at_a_restart_are_still_sent(tmp_path: Path) -> None:
    inbox = Inbox()
    async with open_bench(tmp_path, inbox=inbox) as bench:
        await bench.control("stripe/webhooks", {"hold": True})
        await bench.customer()
        assert (await bench.control("stripe/webhooks"))["waiting"] == 1
    assert inbox.received == []
    async with open_bench(tmp_path, inbox=inbox) as bench:
        await bench.control("stripe/webhooks", {"hold": False})
        await bench.until(lambda: bench.inbox.types() == ["customer.created"])


async def test_webhooks_come_twice_by_plan(bench: Bench) -> None:
    await bench.control("stripe/webhooks", {"duplicate": 1})
    await bench.customer()
    await bench.until(lambda: len(bench.inbox.received) == 2)
    first, second = bench.inbox.events()
    assert first == second


async def test_a_dropped_webhook_is_found_in_the_list_only(bench: Bench) -> None:
    await bench.control("stripe/webhooks", {"drop": 1, "types": "customer.created"})
    lost = await bench.customer()
    await bench.v1.customers.update_async(lost.id, params={"name": "Zoe"})
    await bench.until(lambda: bench.inbox.types() == ["customer.updated"])
    found = await bench.v1.events.list_async(params={"types": ["customer.created"], "delivery_success": False})
    assert [event.data.object.id for event in found.data] == [lost.id]
    await bench.control(f"stripe/events/{found.data[0].id}/resend", {})
    await bench.until(lambda: len(bench.inbox.received) == 2)


async def test_a_forged_signature_comes_first_and_the_true_one_after_its_refusal(tmp_path: Path) -> None:
    async with open_bench(tmp_path, inbox=Inbox(statuses=[400])) as bench:
        await bench.control("stripe/webhooks", {"bad_signature": 1})
        await bench.customer()
        await bench.until(lambda: len(bench.inbox.received) == 2)
        with pytest.raises(stripe.SignatureVerificationError):
            bench.client.construct_event(*bench.inbox.received[0], SECRET)
        bench.client.construct_event(*bench.inbox.received[1], SECRET)


async def test_late_webhooks_may_overtake_each_other(bench: Bench) -> None:
    await bench.control("stripe/webhooks", {"shuffle": True, "delay_seconds": 0.3})
    intent = await bench.paid()
    told = {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed", "charge.updated"}
    await bench.until(lambda: set(bench.inbox.types()) == told)
    assert intent.status == "succeeded"


async def test_endpoints_are_registered_with_a_secret_of_their_own(bench: Bench) -> None:
    url = (await bench.v1.webhook_endpoints.list_async()).data[0].url
    made = await bench.v1.webhook_endpoints.create_async(params={"url": url, "enabled_events": ["customer.*"]})
    assert made.secret.startswith("whsec_")
    assert "secret" not in await bench.v1.webhook_endpoints.retrieve_async(made.id)
    await bench.customer()
    await bench.until(lambda: len(bench.inbox.received) == 2)
    verified = [_verifies(bench, delivery, made.secret) for delivery in bench.inbox.received]
    assert sorted(verified) == [False, True]
    assert (await bench.v1.webhook_endpoints.delete_async(made.id)).deleted
    assert len((await bench.v1.webhook_endpoints.list_async()).data) == 1


def _verifies(bench: Bench, delivery: tuple[bytes, str], secret: str) -> bool:
    try:
        bench.client.construct_event(*delivery, secret)
    except stripe.SignatureVerificationError:
        return False
    return True


async def test_events_are_filtered_by_type_and_time(bench: Bench) -> None:
    first = await bench.customer()
    await bench.time_passes(3600)
    second = await bench.customer()
    since = bench.world.clock.timestamp() - 60
    found = await bench.v1.events.list_async(params={"type": "customer.*", "created": {"gte": since}})
    assert [event.data.object.id for event in found.data] == [second.id]
    assert (await bench.v1.events.retrieve_async(found.data[0].id)).request.id.startswith("req_")
    everything = await bench.v1.events.list_async(params={"types": ["customer.created", "charge.failed"]})
    assert [event.data.object.id for event in everything.data] == [second.id, first.id]
    await bench.time_passes(31 * DAY)
    assert (await bench.v1.events.list_async()).data == []


async def test_expansions_are_checked(bench: Bench) -> None:
    intent = await charge(bench)
    found = await bench.v1.payment_intents.list_async(params={"expand": ["data.latest_charge.balance_transaction"]})
    assert found.data[0].latest_charge.id == intent.latest_charge
    assert (await refused(bench.v1.payment_intents.retrieve_async(intent.id, params={"expand": ["amount"]}))).param == "expand"


async def test_another_api_version_is_refused_openly(bench: Bench) -> None:
    headers = {"authorization": "Bearer sk_test_bench", "stripe-version": "2020-08-27"}
    answer: httpx.Response = await bench.browser.get("/v1/account", headers=headers)
    assert (answer.status_code, answer.headers["stripe-version"]) == (400, stripe.api_version)
