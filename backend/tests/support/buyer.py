"""A customer of the shop, over HTTP."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import httpx

PASSWORD = "a long enough password"
ADDRESS = {"line_1": "1 Main Street", "line_2": "", "city": "Springfield", "state": "IL", "postal_code": "62701", "country": "US"}


@dataclass
class Buyer:
    shop: Any
    email: str
    token: str

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("POST", path, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("DELETE", path, **options)

    async def request(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        return await self.shop.client.request(method, path, headers={"Authorization": f"Bearer {self.token}", **(headers or {})}, **options)

    async def order(self, *names: str, plan: str | None = "professional", key: str | None = None) -> dict[str, Any]:
        answer = await self.post("/api/v1/orders", json=cart(*names, plan=plan), headers={"Idempotency-Key": key or secrets.token_hex(8)})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def checkout(self, order_id: str) -> dict[str, Any]:
        answer = await self.post(f"/api/v1/orders/{order_id}/pay", json={})
        assert answer.status_code in (200, 201, 202), answer.text
        return answer.json()

    async def pay(self, order_id: str, card: str = "4242424242424242") -> httpx.Response:
        """Opens the hosted page and pays on it, as a browser would."""
        opened = await self.checkout(order_id)
        return await self.shop.outside.post(opened["checkout_url"], data={"card_number": card, "exp": "12/34", "cvc": "123", "name": "Test Buyer"})


def cart(*names: str, plan: str | None = "professional") -> dict[str, Any]:
    """The plan with the first name bought along, further names by themselves."""
    items: list[dict[str, Any]] = []
    rest = list(names)
    if plan is not None:
        items.append(
            {"kind": "hosting", "plan": plan, "cycle": {"unit": "month", "count": 1}, "domain": {"kind": "register", "name": rest.pop(0), "years": 1}}
        )
    items += [{"kind": "domain", "name": name, "years": 1} for name in rest]
    consent = {"terms_version": "2026-11", "status": "consumer", "immediate_start": True, "registrar_terms": True}
    return {"items": items, "currency": "USD", "consent": consent}


async def register(shop: Any, *, verified: bool = True, address: bool = True) -> Buyer:
    email = f"buyer-{secrets.token_hex(5)}@example.com"
    answer = await shop.client.post(
        "/api/v1/auth/register", json={"email": email, "password": PASSWORD, "name": "Test Buyer", "phone": "+12175550123"}
    )
    assert answer.status_code in (200, 201, 202), answer.text
    tokens = (await shop.client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})).json()
    buyer = Buyer(shop, email, tokens["access_token"])
    if address:
        put = await buyer.request("PUT", "/api/v1/customers/me/address", json=ADDRESS)
        assert put.status_code == 200, put.text
    if verified:
        await verify(shop, email)
    return buyer


async def verify(shop: Any, email: str) -> None:
    await shop.drain()
    token = next(link for mail in await shop.mails(email) for link in mail["links"] if "verify-email" in link).partition("token=")[2]
    answer = await shop.client.post("/api/v1/auth/verify-email", json={"token": token})
    assert answer.status_code in (200, 204), answer.text
