"""The Stripe simulator as a merchant meets it: the official SDK, a payer's browser, and a webhook endpoint that keeps what it is sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import stripe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import listening_socket, serve
from nextbill_simulators.stripe.app import create_app

SECRET = "whsec_bench"
FAST = {"settle_seconds": "0", "refund_seconds": "0", "dispute_seconds": "0"}
DAY = 24 * 3600


@dataclass
class Inbox:
    """Answers with `statuses` in turn, then 200."""

    received: list[tuple[bytes, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def app(self) -> Starlette:
        async def take(request: Request) -> Response:
            self.received.append((await request.body(), request.headers["stripe-signature"]))
            return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

        return Starlette(routes=[Route("/hook", take, methods=["POST"])])

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.received]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]


@dataclass
class Bench:
    world: World
    client: stripe.StripeClient
    browser: httpx.AsyncClient
    inbox: Inbox
    answers: list[dict[str, Any]]

    @property
    def v1(self) -> Any:
        return self.client.v1

    async def customer(self, **params: Any) -> Any:
        return await self.v1.customers.create_async(params={"email": "ann@example.com", "name": "Ann", **params})

    async def session(self, **params: Any) -> Any:
        price = {"currency": "usd", "unit_amount": 1500, "product_data": {"name": "Pro hosting"}}
        basics = {"mode": "payment", "success_url": "https://shop.test/done?s={CHECKOUT_SESSION_ID}", "cancel_url": "https://shop.test/back"}
        return await self.v1.checkout.sessions.create_async(params={**basics, "line_items": [{"price_data": price, "quantity": 2}], **params})

    async def pay(self, session: Any, number: str = "4242424242424242", **fields: str) -> httpx.Response:
        return await self.browser.post(f"/c/pay/{session.id}", data={"card_number": number, **fields})

    async def paid(self, number: str = "4242424242424242", **params: Any) -> Any:
        """The payment intent of a fresh session paid with this card."""
        session = await self.session(**params)
        assert (await self.pay(session, number)).status_code == 303
        session = await self.v1.checkout.sessions.retrieve_async(session.id, params={"expand": ["payment_intent"]})
        return session.payment_intent

    async def control(self, path: str, body: dict[str, Any] | None = None, **query: str) -> Any:
        answer = await (self.browser.get(f"/_sim/{path}", params=query) if body is None else self.browser.post(f"/_sim/{path}", json=body))
        answer.raise_for_status()
        return answer.json()

    async def time_passes(self, seconds: float) -> None:
        await self.control("clock", {"advance_seconds": seconds})

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for what the simulator does in the background; the test's own timeout ends a wait in vain."""
        while not condition():
            await asyncio.sleep(0.02)


class Recorder:
    """Keeps every JSON body the API answers, as an outside witness."""

    def __init__(self, app: ASGIApp, answers: list[dict[str, Any]]) -> None:
        self._app, self._answers = app, answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        body = b""

        async def noting(message: Message) -> None:
            nonlocal body
            body += message.get("body", b"")
            await send(message)

        await self._app(scope, receive, noting)
        if body:
            self._answers.append(json.loads(body))


@asynccontextmanager
async def open_bench(folder: Path, *, inbox: Inbox | None = None, **options: str) -> AsyncIterator[Bench]:
    """A bench over the store in `folder`, so that opening it twice is a restart."""
    inbox = inbox or Inbox()
    answers: list[dict[str, Any]] = []
    store = Store(folder / "stripe.sqlite")
    listener = listening_socket()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        async with serve(inbox.app()) as hooks:
            settings = {"webhook_url": f"{hooks}/hook", "webhook_secret": SECRET, **FAST, **options}
            world = World("stripe", url, store, SharedClock(folder / "clock.json"), Faults(1), settings)
            async with serve(Recorder(create_app(world), answers), listener=listener), httpx.AsyncClient(base_url=url, trust_env=False) as browser:
                transport = stripe.HTTPXClient(timeout=10)
                client = stripe.StripeClient("sk_test_bench", base_addresses={"api": url}, http_client=transport)
                yield Bench(world, client, browser, inbox, answers)
                await transport.close_async()  # type: ignore[no-untyped-call]  # the SDK gives it no types
    finally:
        store.close()
