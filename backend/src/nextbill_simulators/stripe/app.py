"""The Stripe simulator: API, pages, webhooks and control routes over one sandbox account."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from starlette.applications import Starlette

from nextbill_simulators.chassis import World, build_app
from nextbill_simulators.stripe import (
    account,
    balance,
    charges,
    checkout,
    checkout_routes,
    customers,
    disputes,
    endpoints,
    events,
    intent_routes,
    methods,
    refunds,
    setups,
)
from nextbill_simulators.stripe.control import Control
from nextbill_simulators.stripe.pages import Pages
from nextbill_simulators.stripe.sandbox import Sandbox
from nextbill_simulators.stripe.webhooks import Courier
from nextbill_simulators.stripe.wire import Wire

RESOURCES = (account, balance, charges, checkout_routes, customers, disputes, endpoints, events, intent_routes, methods, refunds, setups)
DEFERRED: dict[str, Callable[[Sandbox, str], None]] = {
    "settle_charge": charges.settle,
    "settle_refund": refunds.settle,
    "expire_session": checkout.expire_if_open,
    "open_dispute": disputes.open_automatically,
    "win_dispute": lambda sandbox, key: disputes.decide_if_open(sandbox, key, "won"),
    "lose_dispute": lambda sandbox, key: disputes.decide_if_open(sandbox, key, "lost"),
}
TICK_SECONDS = 0.2


def create_app(world: World) -> Starlette:
    """Options: webhook_url with webhook_secret, api_key (else any sk_test_…), merchant_name, public_url (of the pages).

    settle_seconds, refund_seconds and dispute_seconds say how long, by the shared clock, until a charge's fee, a refund's fate, a dispute.
    """
    sandbox = Sandbox(world)

    def catch_up() -> None:
        sandbox.catch_up(DEFERRED)

    async def tick() -> None:
        while True:
            catch_up()
            await asyncio.sleep(TICK_SECONDS)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        endpoints.ensure_default(sandbox)
        running = [asyncio.create_task(tick()), asyncio.create_task(Courier(sandbox).run())]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    wire, pages = Wire(sandbox, catch_up), Pages(sandbox, catch_up)
    routes = [wire.route(operation) for resource in RESOURCES for operation in resource.OPERATIONS]
    control = Control(sandbox, catch_up).routes()
    return build_app(world, [*routes, wire.unknown_route(), *pages.routes()], control=control, spared=("/c/", "/3ds/"), lifespan=lifespan)
