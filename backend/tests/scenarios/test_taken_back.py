"""Orders taken back whose invoices have a history: credited in part by hand."""

from __future__ import annotations

from typing import Any

from tests.scenarios.test_names_refused import HOSTING, NAME, _refused
from tests.support import stall
from tests.support.buyer import Buyer, register
from tests.support.staff import Staff, charged, credit_of, staff, violations


async def _invoice(buyer: Buyer) -> dict[str, Any]:
    (listed,) = (await buyer.get("/api/v1/invoices")).json()["items"]
    return (await buyer.get(f"/api/v1/invoices/{listed['id']}")).json()


async def _credited_by_hand(desk: Staff, invoice: dict[str, Any], *, of: int, minor: int) -> None:
    """`minor` of the line whose net is `of`."""
    line = next(line for line in invoice["lines"] if line["net"]["amount"] == of)
    body = {"reason": "Sorry for the wait", "by_line": [{"id": line["id"], "amount": stall.usd(minor)}]}
    answer = await desk.post(f"/invoices/{invoice['id']}/credit-notes", json=body)
    assert answer.status_code == 201, answer.text


async def test_a_line_credited_in_part_by_hand_gives_back_all_of_its_price(shop: Any) -> None:
    buyer, order, line_id = await _refused(shop, "in-parts.com", taken="in-parts.com")
    await _credited_by_hand(await staff(shop), await _invoice(buyer), of=NAME, minor=500)
    answer = await buyer.post(f"/api/v1/orders/{order['id']}/lines/{line_id}/cancel", json={})
    assert answer.status_code == 200, answer.text
    await shop.drain()
    assert [note["total"]["amount"] for note in (await _invoice(buyer))["credit_notes"]] == [500, NAME - 500]
    assert await charged(shop) == {"captured": HOSTING + NAME, "refunded": NAME, "charges": 1}
    assert await credit_of(shop, buyer.email) == {}
    assert await violations(shop) == []


async def test_goodwill_sends_what_it_credits_and_leaves_a_gift_alone(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("a-gift.com")
    await buyer.pay(order["id"])
    await shop.drain()
    desk, customer_id = await staff(shop), order["customer_id"]
    await _credited_by_hand(desk, await _invoice(buyer), of=HOSTING, minor=4000)
    taken = {"amount": stall.usd(-4000), "reason": "It was paid out in cash"}
    given = {"amount": stall.usd(4000), "reason": "Ten years with us"}
    for adjustment in (taken, given):
        answer = await desk.post(f"/admin/customers/{customer_id}/credit/adjustments", json=adjustment)
        assert answer.status_code == 201, answer.text
    line = next(line for line in order["lines"] if line["kind"] == "hosting")
    answer = await desk.post(f"/admin/orders/{order['id']}/lines/{line['id']}/refund", json={"reason": "It was slow"})
    assert answer.status_code in (200, 201, 202), answer.text
    await shop.drain()
    assert (await charged(shop))["refunded"] == HOSTING - 4000
    assert await credit_of(shop, buyer.email) == {"USD": -4000}
    assert await violations(shop) == []
