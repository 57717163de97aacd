"""Saved cards at the simulated vendor over HTTP: left on a page, read, taken off, and charged while nobody is at the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from nextbill.adapters.stripe import StripeGateway
from nextbill.capabilities.payments.ports import ChargeOrder, Checkout, OpenSetup, OurCustomer, SavedCard
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.vendors import VendorRejected, VendorUnknown
from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import listening_socket, serve
from nextbill_simulators.stripe.app import create_app

ADA = OurCustomer(new_id(), "ada@example.test", "Ada Byron")
GOOD, REFUSED, FAILS_LATER, ALWAYS_ASKED, ASKED_ONCE = (
    "4242424242424242",
    "4000000000000002",
    "4000000000000341",
    "4000002760003184",
    "4000002500003155",
)
KEY = "sk_test_vault"
CHARGES = "POST /v1/payment_intents$"


@dataclass
class Vault:
    gateway: StripeGateway
    control: httpx.AsyncClient
    world: World
    url: str
    customer: str = ""

    def setup(self, **changes: Any) -> OpenSetup:
        order = OpenSetup(
            setup_id=new_id(),
            customer_id=ADA.customer_id,
            gateway_customer=self.customer,
            currency="USD",
            success_url="http://127.0.0.1/return?setup=1",
            cancel_url="http://127.0.0.1/return?setup=1",
            expires_at=self.world.clock.now().replace(microsecond=0) + timedelta(hours=12),
            key=str(new_id()),
        )
        return replace(order, **changes)

    async def leave(self, page: Checkout, card: str = GOOD) -> httpx.Response:
        assert page.url is not None
        return await self.control.post(page.url, data={"card_number": card, "exp": "12/34", "cvc": "123", "name": "Ada"})

    async def saved(self, card: str = GOOD) -> SavedCard:
        page = await self.gateway.open_setup(self.setup())
        answer = await self.leave(page, card)
        if "/3ds/" in answer.headers["location"]:
            await self.control.post(f"{self.url}{answer.headers['location']}", data={"result": "approve"})
        found = (await self.gateway.read_setup(page.session_ref)).card
        assert found is not None
        return found

    def order(self, card: SavedCard, **changes: Any) -> ChargeOrder:
        order = ChargeOrder(
            attempt_id=new_id(),
            payable_id=new_id(),
            customer_id=ADA.customer_id,
            gateway_customer=self.customer,
            method_ref=card.method_ref,
            amount=Money(1999, "USD"),
            description="INV-2026-000001",
            key=str(new_id()),
        )
        return replace(order, **changes)

    async def bank_says(self, **rule: Any) -> None:
        (await self.control.post(f"{self.url}/_sim/stripe/issuers", json=rule)).raise_for_status()

    def charges(self) -> list[dict[str, Any]]:
        return self.world.store.find("charge", status="succeeded")


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    store, bound = Store(tmp_path / "stripe.sqlite"), listening_socket()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    world = World("stripe", url, store, SharedClock(tmp_path / "clock.json"), Faults(1), {"api_key": KEY})
    async with serve(create_app(world), listener=bound), httpx.AsyncClient() as control:
        gateway = StripeGateway(secret_key=KEY, webhook_secrets="whsec", base=url, timeout=3, installation="here")
        found = Vault(gateway, control, world, url)
        found.customer = await gateway.ensure_customer(ADA, key="test")
        yield found
        await gateway.close()
    store.close()


async def test_a_card_is_left_on_a_page(vault: Vault) -> None:
    order = vault.setup()
    page = await vault.gateway.open_setup(order)
    assert (await vault.gateway.read_setup(page.session_ref)).status == "open"
    assert (await vault.leave(page)).status_code == 303
    seen = await vault.gateway.read_setup(page.session_ref)
    assert (seen.status, seen.setup_id, seen.customer, seen.live) == ("saved", order.setup_id, vault.customer, False)
    assert seen.card is not None
    assert (seen.card.brand, seen.card.last4, seen.card.exp_month, seen.card.exp_year) == ("visa", "4242", 12, 2034)
    assert seen.card.holder == vault.customer
    assert vault.charges() == []


async def test_the_same_page_is_opened_once_and_found_again(vault: Vault) -> None:
    order = vault.setup()
    await vault.control.post(f"{vault.url}/_sim/faults", json={"effect": "lost_after", "pattern": "POST /v1/checkout/sessions$", "times": 1})
    with pytest.raises(VendorUnknown):
        await vault.gateway.open_setup(order)
    found = await vault.gateway.find_setup(order.setup_id, vault.customer)
    assert found == await vault.gateway.open_setup(order)
    assert await vault.gateway.find_setup(new_id(), vault.customer) is None


async def test_a_bank_may_refuse_or_ask_before_a_card_is_kept(vault: Vault) -> None:
    page = await vault.gateway.open_setup(vault.setup())
    assert (await vault.leave(page, REFUSED)).status_code == 402
    assert (await vault.gateway.read_setup(page.session_ref)).status == "open"
    asked = await vault.leave(page, ASKED_ONCE)
    challenge = f"{vault.url}{asked.headers['location']}"
    back = await vault.control.post(challenge, data={"result": "fail"})
    assert "/c/pay/" in back.headers["location"]
    assert (await vault.gateway.read_setup(page.session_ref)).status == "open"
    asked = await vault.leave(page, ASKED_ONCE)
    await vault.control.post(f"{vault.url}{asked.headers['location']}", data={"result": "approve"})
    assert (await vault.gateway.read_setup(page.session_ref)).status == "saved"


async def test_a_saved_card_is_charged_once_for_each_key(vault: Vault) -> None:
    order = vault.order(await vault.saved())
    seen = await vault.gateway.charge(order)
    assert (seen.status, seen.attempt_id, seen.amount, seen.customer, seen.session_ref) == (
        "paid",
        order.attempt_id,
        order.amount,
        vault.customer,
        None,
    )
    assert await vault.gateway.charge(order) == seen
    assert await vault.gateway.read_charge(seen.payment_ref or "") == seen
    assert len(vault.charges()) == 1


@pytest.mark.parametrize("effect", ["lost_after", "lost_before"])
async def test_a_charge_whose_answer_is_lost_is_found_or_was_not_made(vault: Vault, effect: str) -> None:
    order, began = vault.order(await vault.saved()), vault.world.clock.now()
    await vault.control.post(f"{vault.url}/_sim/faults", json={"effect": effect, "pattern": CHARGES, "times": 1})
    with pytest.raises(VendorUnknown):
        await vault.gateway.charge(order)
    found = await vault.gateway.find_charge(order.attempt_id, vault.customer, since=began)
    assert (found.status if found else None) == ("paid" if effect == "lost_after" else None)


async def test_a_decline_is_an_answer_with_its_reason_and_advice(vault: Vault) -> None:
    card = await vault.saved(FAILS_LATER)
    seen = await vault.gateway.charge(vault.order(card))
    assert seen.last_error is not None
    assert (seen.status, seen.last_error.reason, seen.last_error.advice) == ("failed", "generic_decline", "try_again_later")
    await vault.bank_says(number=FAILS_LATER, reason="stolen_card", advice="do_not_try_again")
    again = await vault.gateway.charge(vault.order(card))
    assert again.last_error is not None
    assert (again.last_error.reason, again.last_error.advice) == ("stolen_card", "do_not_try_again")
    assert again.last_error.ref != seen.last_error.ref


async def test_a_bank_that_wants_a_confirmation_says_so_in_either_code(vault: Vault) -> None:
    seen = await vault.gateway.charge(vault.order(await vault.saved(ALWAYS_ASKED)))
    card = await vault.saved()
    await vault.bank_says(number=GOOD, code="card_declined", reason="authentication_required")
    other = await vault.gateway.charge(vault.order(card))
    await vault.bank_says(number=GOOD, code="authentication_required", reason="generic_decline")
    third = await vault.gateway.charge(vault.order(card))
    for found in (seen, other, third):
        assert found.last_error is not None
        assert (found.status, found.last_error.reason) == ("failed", "authentication_required")


async def test_a_card_that_was_asked_about_once_is_charged_without_its_holder(vault: Vault) -> None:
    assert (await vault.gateway.charge(vault.order(await vault.saved(ASKED_ONCE)))).status == "paid"


async def test_an_expired_card_is_declined(vault: Vault) -> None:
    card = await vault.saved()
    vault.world.clock.advance(timedelta(days=366 * 9).total_seconds())
    seen = await vault.gateway.charge(vault.order(card))
    assert seen.last_error is not None
    assert seen.last_error.reason == "expired_card"


async def test_a_card_is_taken_off_for_good(vault: Vault) -> None:
    card = await vault.saved()
    for _ in range(2):
        await vault.gateway.detach_card(card.method_ref)
    seen = await vault.gateway.read_card(card.method_ref)
    assert seen is not None
    assert seen.holder is None
    assert await vault.gateway.read_card("pm_unknown") is None


async def test_what_no_bank_was_asked_about_is_a_refusal(vault: Vault) -> None:
    card = await vault.saved()
    with pytest.raises(VendorRejected) as refusal:
        await vault.gateway.charge(vault.order(card, amount=Money(1, "USD")))
    assert refusal.value.reason == "amount_too_small"
    with pytest.raises(VendorRejected) as unknown:
        await vault.gateway.charge(vault.order(card, method_ref="pm_gone"))
    assert unknown.value.reason == "resource_missing"
