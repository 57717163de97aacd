"""What tests of the catalog put on sale, by staff's own routes, and carts that choose it."""

from __future__ import annotations

import secrets
from typing import Any

import httpx

from tests.support.buyer import Buyer, cart

MONTH: dict[str, Any] = {"unit": "month", "count": 1}
CONSENT: dict[str, Any] = cart("a.com")["consent"]


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


async def put_on_sale(staff: Any, code: str, price: int, *, kind: str = "hosting", setup: int = 0, cycle: Any = None, **facts: Any) -> dict[str, Any]:
    """A plan, add-on or product with one price in dollars."""
    made = await staff.post("/admin/plans", json={"code": code, "kind": kind, "name": code.title(), "state": "on_sale", **facts})
    assert made.status_code == 201, made.text
    priced = {"cycle": cycle or MONTH, "price": usd(price), "setup_fee": usd(setup)}
    answer = await staff.post(f"/admin/plans/{made.json()['id']}/prices", json=priced)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def offer_coupon(staff: Any, code: str, **facts: Any) -> dict[str, Any]:
    answer = await staff.post("/admin/coupons", json={"code": code, "name": code, **facts})
    assert answer.status_code == 201, answer.text
    return answer.json()


def hosting(plan: str, name: str, *, own: bool = True, cycle: Any = None, **more: Any) -> dict[str, Any]:
    """`more`: addons, options."""
    domain = {"kind": "own" if own else "register", "name": name, "years": 1}
    return {"kind": "hosting", "plan": plan, "cycle": cycle or MONTH, "domain": domain, **more}


def product(code: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"kind": "product", "product": code, "quantity": quantity, **more}


def basket(*items: dict[str, Any], coupon: str | None = None, currency: str = "USD", **more: Any) -> dict[str, Any]:
    return {"items": list(items), "currency": currency, "consent": CONSENT, **({"coupon": coupon} if coupon else {}), **more}


async def quote(buyer: Buyer, *items: dict[str, Any], coupon: str | None = None, currency: str = "USD") -> httpx.Response:
    sent = basket(*items, coupon=coupon, currency=currency)
    return await buyer.post("/api/v1/orders/quote", json={name: value for name, value in sent.items() if name != "consent"})


async def order(buyer: Buyer, *items: dict[str, Any], coupon: str | None = None, key: str | None = None, **more: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key or secrets.token_hex(8)}
    return await buyer.post("/api/v1/orders", json=basket(*items, coupon=coupon, **more), headers=headers)
