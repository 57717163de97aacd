"""What a crowd reads of the shop window is never older than its question."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.staff import staff


async def test_who_asks_after_a_price_was_changed_never_sees_the_old_one_however_many_ask(shop) -> None:
    desk = await staff(shop)
    listed = (await desk.get("/admin/plans?limit=200")).json()["items"]
    plan_id = next(plan["id"] for plan in listed if plan["code"] == "starter")
    over = asyncio.Event()

    async def crowd() -> None:
        while not over.is_set():
            assert (await shop.client.get("/api/v1/plans")).status_code == 200

    crowds = [asyncio.create_task(crowd()) for _ in range(12)]
    try:
        for amount in (3101, 3102, 3103, 3104, 3105):
            price = {"cycle": {"unit": "month", "count": 1}, "price": {"amount": amount, "currency": "USD"}}
            changed = await desk.post(f"/admin/plans/{plan_id}/prices", json=price)
            assert changed.status_code == 201, changed.text
            seen = await asyncio.gather(*(_monthly(shop) for _ in range(5)))
            assert set(seen) == {amount}
    finally:
        over.set()
        await asyncio.gather(*crowds)


async def _monthly(shop: Any) -> int:
    (starter,) = [plan for plan in (await shop.client.get("/api/v1/plans")).json()["items"] if plan["code"] == "starter"]
    (found,) = [price["price"]["amount"] for price in starter["prices"] if price["cycle"] == {"unit": "month", "count": 1}]
    return int(found)
