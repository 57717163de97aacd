"""What our Stripe adapter relies on, checked against the simulator always, and against a real test account when STRIPE_TEST_KEY names its key.

Both sides run the same tests: where they differ, the simulator is wrong, or Stripe has changed.
"""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from nextbill.adapters.stripe import StripeGateway
from nextbill.capabilities.payments.ports import OpenCheckout, OurCustomer
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import listening_socket, serve
from nextbill_simulators.stripe.app import create_app
from tests.support.machine import reaching_out

KEY = "STRIPE_TEST_KEY"
REAL = "https://api.stripe.com"
PATIENCE = 30
PAUSE_SECONDS = 1.0
T = TypeVar("T")


class Side(ABC):
    """A Stripe account as our adapter sees it, and the one thing that the adapter leaves to a person: paying."""

    def __init__(self, gateway: StripeGateway, http: httpx.AsyncClient) -> None:
        self.gateway, self.http = gateway, http
        self.customer = OurCustomer(new_id(), f"contract-{new_id().hex[:12]}@example.com", "Ada Byron")

    async def order(self, amount: Money = Money(11399, "USD")) -> OpenCheckout:
        return OpenCheckout(
            attempt_id=new_id(),
            payable_id=new_id(),
            customer_id=self.customer.customer_id,
            gateway_customer=await self.gateway.ensure_customer(self.customer, key=str(self.customer.customer_id)),
            amount=amount,
            description="PRO-2026-000001",
            success_url="https://shop.example.com/return",
            cancel_url="https://shop.example.com/return",
            expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(hours=12),
            key=str(new_id()),
        )

    async def eventually(self, look: Callable[[], Awaitable[T | None]]) -> T:
        """Stripe's lists follow its objects by a moment."""
        for _ in range(PATIENCE):
            found = await look()
            if found is not None:
                return found
            await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError("it never came")

    @abstractmethod
    async def paid(self, amount: Money) -> str:
        """The reference of a payment that came."""

    @abstractmethod
    def stranger(self) -> StripeGateway:
        """With a key that opens nothing."""


class Simulated(Side):
    async def paid(self, amount: Money) -> str:
        opened = await self.gateway.open_checkout(await self.order(amount))
        assert opened.url is not None
        await self.http.post(opened.url, data={"card_number": "4242424242424242", "exp": "12/34", "cvc": "123", "name": "Ada"})
        seen = await self.gateway.read_checkout(opened.session_ref)
        assert seen.payment_ref is not None
        return seen.payment_ref

    def stranger(self) -> StripeGateway:
        return _gateway(str(self.http.base_url), "sk_test_wrong")


class Account(Side):
    async def paid(self, amount: Money) -> str:
        """Without a browser the hosted page can't be filled in: the same kind of payment, made by its own call."""
        words = {"amount": str(amount.minor), "currency": amount.currency.lower(), "payment_method": "pm_card_visa", "confirm": "true"}
        answer = await self.http.post(
            "/v1/payment_intents", data=words | {"automatic_payment_methods[enabled]": "true", "return_url": "https://shop.example.com"}
        )
        answer.raise_for_status()
        made: dict[str, Any] = answer.json()
        assert made["status"] == "succeeded"
        return str(made["id"])

    def stranger(self) -> StripeGateway:
        return _gateway(REAL, "sk_test_wrong")


@pytest.fixture(params=["simulator", "account"])
async def side(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Side]:
    async with AsyncExitStack() as stack:
        if request.param == "account":
            key = os.environ.get(KEY, "")
            if not key.startswith(("sk_test_", "rk_test_")):
                pytest.skip(f"no real Stripe account: set {KEY} to the secret key of a test account (sk_test_…)")
            stack.enter_context(reaching_out())
            gateway = _gateway(REAL, key)
            stack.push_async_callback(gateway.close)
            yield Account(gateway, await stack.enter_async_context(httpx.AsyncClient(base_url=REAL, auth=(key, ""), timeout=30)))
            return
        url = await _simulator(stack, tmp_path)
        gateway = _gateway(url, "sk_test_desk")
        stack.push_async_callback(gateway.close)
        yield Simulated(gateway, await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30)))


async def _simulator(stack: AsyncExitStack, folder: Path) -> str:
    bound, store = listening_socket(), Store(folder / "stripe.sqlite")
    stack.callback(store.close)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    world = World("stripe", url, store, SharedClock(folder / "clock.json"), Faults(1), {"api_key": "sk_test_desk"})
    return await stack.enter_async_context(serve(create_app(world), listener=bound))


def _gateway(url: str, key: str) -> StripeGateway:
    return StripeGateway(secret_key=key, webhook_secrets="whsec_contract", base=url, timeout=20, installation=f"contract-{new_id().hex[:8]}")
