"""Every object and event the Stripe simulator hands out, held against the types Stripe itself publishes.

The schema is built from npm `stripe` by tools/stripe_schema; without npm, or with nowhere to fetch from, the tests report themselves as skipped.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from nextbill_simulators.stripe import checkout_routes, customers, intent_routes, refunds
from nextbill_simulators.stripe.cards import CARDS
from nextbill_simulators.stripe.sandbox import API_VERSION
from tests.simulators.stripe_bench import Bench, open_bench

# The SDK itself hands raw bytes to httpx under the old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
TOOL = Path(__file__).parents[2] / "tools" / "stripe_schema"


class Oracle:
    def __init__(self, schema: dict[str, Any]) -> None:
        self.version = schema["x-api-version"]
        self._roots, self._definitions = schema["roots"], schema["$defs"]
        self._validators = {name: Draft202012Validator({"$ref": root, "$defs": schema["$defs"]}) for name, root in self._roots.items()}

    def problems(self, thing: dict[str, Any]) -> Iterator[str]:
        """What is wrong with this object, with the objects in its list or its event."""
        if thing.get("deleted"):
            return
        if thing.get("object") == "list":
            assert set(thing) == {"object", "data", "has_more", "url"}
            for item in thing["data"]:
                yield from self.problems(item)
            return
        for error in self._validators[thing["object"]].iter_errors(thing):
            deepest = best_match([error]) or error
            yield f"{thing['object']} {deepest.json_path}: {deepest.message[-200:]}"
        if thing["object"] == "event":
            yield from self.problems(thing["data"]["object"])

    def strangers(self, root: str, shape: Any) -> Iterator[str]:
        """Parameters the simulator takes and Stripe doesn't know."""
        yield from self._strangers({"$ref": self._roots[root]}, shape, root)

    def _strangers(self, schema: dict[str, Any], shape: Any, path: str) -> Iterator[str]:
        branches = list(self._branches(schema))
        if isinstance(shape, list):
            for branch in branches:
                if branch.get("type") == "array":
                    yield from self._strangers(branch["items"], shape[0], f"{path}[]")
        if isinstance(shape, dict):
            known = {name: part for branch in branches for name, part in branch.get("properties", {}).items()}
            for name, part in shape.items():
                plain = name.rstrip("!")
                if plain not in known:
                    yield f"{path}.{plain}"
                else:
                    yield from self._strangers(known[plain], part, f"{path}.{plain}")

    def _branches(self, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "$ref" in schema:
            yield from self._branches(self._definitions[schema["$ref"].removeprefix("#/$defs/")])
        elif "anyOf" in schema:
            for branch in schema["anyOf"]:
                yield from self._branches(branch)
        else:
            yield schema


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed, so Stripe's types can't be read")
    folder = tmp_path_factory.mktemp("stripe_schema")
    for name in ("package.json", "package-lock.json", "generate.cjs"):
        shutil.copy(TOOL / name, folder / name)
    fetched = subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, check=False, capture_output=True, text=True)
    if fetched.returncode:
        pytest.skip(f"npm could not fetch Stripe's types: {fetched.stderr[-300:]}")
    subprocess.run(["node", "generate.cjs", "schema.json"], cwd=folder, check=True)
    return Oracle(json.loads((folder / "schema.json").read_text()))


async def grand_tour(bench: Bench) -> None:
    """Each operation and each card, so that every kind of object and event is seen."""
    customer = await bench.customer(address={"line1": "1 Main St", "country": "US"}, description="x", preferred_locales=["en"])
    await bench.v1.customers.update_async(customer.id, params={"phone": "+1555"})
    await bench.v1.accounts.retrieve_current_async()
    for card in CARDS:
        session = await bench.session(customer=customer.id, payment_intent_data={"setup_future_usage": "off_session", "metadata": {"a": "b"}})
        answer = await bench.pay(session, card.number, name="Ann", exp="12/40", cvc="123")
        if answer.headers.get("location", "").startswith("/3ds/"):
            await bench.v1.payment_intents.list_async(params={"limit": 1})
            await bench.browser.post(answer.headers["location"], data={"result": "approve"})
        params = {"amount": 700, "currency": "eur", "payment_method": card.template, "confirm": True, "return_url": "https://shop.test/back"}
        try:
            await bench.v1.payment_intents.create_async(params=params)
        except stripe.CardError as error:
            refusal: Any = error.error
            assert refusal.payment_intent.last_payment_error.code == error.code
    failed = await bench.session(customer=customer.id)
    challenge = (await bench.pay(failed, "4000002760003184")).headers["location"]
    await bench.browser.post(challenge, data={"result": "fail"})
    await bench.v1.checkout.sessions.expire_async(failed.id)
    await save_cards(bench, customer.id)
    await refund_everything(bench)
    await read_everything(bench, customer.id)
    await bench.v1.customers.delete_async(customer.id)


async def save_cards(bench: Bench, customer: str) -> None:
    """Each card left on a page, or refused there; one page is left unused."""
    wishes = {
        "mode": "setup",
        "currency": "usd",
        "customer": customer,
        "success_url": "https://shop.test/back",
        "setup_intent_data": {"metadata": {"a": "b"}},
    }
    for card in CARDS:
        session = await bench.v1.checkout.sessions.create_async(params=wishes)
        answer = await bench.pay(session, card.number, name="Ann", exp="12/40", cvc="123")
        if answer.headers.get("location", "").startswith("/3ds/"):
            await bench.browser.post(answer.headers["location"], data={"result": "approve" if card.set_up else "fail"})
        await bench.v1.checkout.sessions.retrieve_async(session.id, params={"expand": ["setup_intent.payment_method"]})
    await bench.v1.checkout.sessions.expire_async((await bench.v1.checkout.sessions.create_async(params=wishes)).id)
    for intent in (await bench.v1.setup_intents.list_async(params={"limit": 100})).data:
        await bench.v1.setup_intents.retrieve_async(intent.id)


async def refund_everything(bench: Bench) -> None:
    for dispute in (await bench.v1.disputes.list_async()).data:
        await bench.v1.disputes.update_async(dispute.id, params={"evidence": {"uncategorized_text": "winning_evidence"}})
    async for charge in (await bench.v1.charges.list_async(params={"limit": 100})).auto_paging_iter():
        if charge.status == "succeeded" and not charge.disputed:
            await bench.v1.refunds.create_async(params={"charge": charge.id, "amount": 100, "reason": "requested_by_customer"})
            await bench.v1.refunds.create_async(params={"charge": charge.id})
    await bench.time_passes(5)
    intent = await bench.v1.payment_intents.create_async(params={"amount": 999, "currency": "usd"})
    await bench.v1.payment_intents.cancel_async(intent.id, params={"cancellation_reason": "abandoned"})
    endpoint = await bench.v1.webhook_endpoints.create_async(params={"url": "http://127.0.0.1:9/", "enabled_events": ["payout.paid"]})
    await bench.v1.webhook_endpoints.delete_async(endpoint.id)


async def read_everything(bench: Bench, customer: str) -> None:
    v1, all_of_it = bench.v1, {"limit": 100}
    lists = (v1.charges, v1.refunds, v1.payment_intents, v1.disputes, v1.balance_transactions, v1.customers, v1.events, v1.webhook_endpoints)
    for resource in lists:
        await resource.list_async(params=all_of_it)
    for session in (await v1.checkout.sessions.list_async(params={**all_of_it, "expand": ["data.payment_intent", "data.line_items"]})).data:
        await v1.checkout.sessions.line_items.list_async(session.id)
    await v1.charges.list_async(params={**all_of_it, "expand": ["data.balance_transaction", "data.refunds", "data.payment_intent", "data.customer"]})
    for method in (await v1.customers.payment_methods.list_async(customer, params=all_of_it)).data:
        await v1.payment_methods.detach_async(method.id)


async def test_every_object_and_event_has_stripe_s_own_shape(oracle: Oracle, tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await grand_tour(bench)
        types = {event["type"] for event in bench.world.store.find("event")}
        await bench.until(lambda: set(bench.inbox.types()) >= types)
        events = bench.inbox.events()
    objects = [answer for answer in bench.answers if "error" not in answer]
    problems = {problem for thing in [*objects, *events] for problem in oracle.problems(thing)}
    assert not problems, "\n".join(sorted(problems)[:40])
    assert {
        "charge.dispute.closed",
        "refund.failed",
        "payment_method.attached",
        "setup_intent.succeeded",
        "setup_intent.setup_failed",
        "payment_intent.requires_action",
        "checkout.session.expired",
    } <= types
    assert all(
        answer["error"]["payment_intent"]["object"] == "payment_intent" for answer in bench.answers if "decline_code" in answer.get("error", {})
    )


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("checkout.session.create", checkout_routes.CREATE),
        ("customer.create", customers.WRITABLE),
        ("payment_intent.create", intent_routes.CREATE),
        ("payment_intent.confirm", intent_routes.CONFIRM),
        ("refund.create", refunds.CREATE),
    ],
)
def test_every_parameter_taken_is_one_of_stripe_s(oracle: Oracle, name: str, shape: dict[str, Any]) -> None:
    assert list(oracle.strangers(f"params.{name}", shape)) == []


async def test_the_oracle_bites(oracle: Oracle, tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.paid()
        charge = bench.world.store.find("charge")[0]
    assert list(oracle.problems(charge)) == []
    assert list(oracle.problems({**charge, "amount": "3000"})) != []
    assert list(oracle.problems({**charge, "refnded": True})) != []
    assert list(oracle.problems({name: value for name, value in charge.items() if name != "paid"})) != []


def test_the_sdk_the_types_and_the_simulator_speak_one_version(oracle: Oracle) -> None:
    assert oracle.version == stripe.api_version == API_VERSION
