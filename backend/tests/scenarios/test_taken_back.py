"""Orders taken back whose invoices have a history: credited in part by hand, or issued before they were paid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.capabilities import till
from tests.scenarios.test_names_refused import HOSTING, NAME, _refused
from tests.support import stall
from tests.support.buyer import Buyer, register
from tests.support.staff import Staff, again, charged, credit_of, staff, violations


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


async def _on_terms(shop: Any) -> tuple[Buyer, dict[str, Any]]:
    buyer = await register(shop)
    order = await buyer.order("on-terms.com")
    due_on = (shop.clock.now() + timedelta(days=30)).date().isoformat()
    answer = await (await staff(shop)).post(f"/invoices/proformas/{order['proforma_id']}/issue", json={"due_on": due_on})
    assert answer.status_code == 201, answer.text
    return buyer, order


async def _state(buyer: Buyer, order: dict[str, Any]) -> str:
    return (await buyer.get(f"/api/v1/orders/{order['id']}")).json()["state"]


async def test_an_order_on_terms_does_not_run_out_before_its_invoice(shop: Any) -> None:
    buyer, order = await _on_terms(shop)
    shop.advance(timedelta(days=8))
    await shop.drain()
    assert await till.rows(shop, "select 1 from orders_order where expires_at <= :now", now=shop.clock.now()) == []
    buyer = await again(buyer)
    assert await _state(buyer, order) == "pending"
    await buyer.pay(order["id"])
    await shop.drain()
    assert await _state(buyer, order) == "completed"
    assert await violations(shop) == []


async def test_an_order_on_terms_is_cancelled_with_its_invoice(shop: Any) -> None:
    buyer, order = await _on_terms(shop)
    answer = await buyer.post(f"/api/v1/orders/{order['id']}/cancel", json={})
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled"), answer.text
    invoice = await _invoice(buyer)
    assert (invoice["state"], len(invoice["credit_notes"])) == ("void", 1)
    assert await violations(shop) == []


async def test_an_order_whose_invoice_was_voided_runs_out(shop: Any) -> None:
    buyer, order = await _on_terms(shop)
    invoice = await _invoice(buyer)
    answer = await (await staff(shop)).post(f"/invoices/{invoice['id']}/void", json={"reason": "Issued to the wrong company"})
    assert answer.status_code == 200, answer.text
    shop.advance(timedelta(days=8))
    await shop.drain()
    assert await _state(await again(buyer), order) == "cancelled"
    assert await violations(shop) == []


async def test_an_order_that_is_paid_in_part_is_not_cancelled_by_itself(shop: Any) -> None:
    buyer, order = await _on_terms(shop)
    invoice = await _invoice(buyer)
    paid = {"method": "bank_transfer", "amount": stall.usd(1000), "reference": "NTRF 1"}
    assert (await (await staff(shop)).post(f"/invoices/{invoice['id']}/pay", json=paid)).status_code == 200
    answer = await buyer.post(f"/api/v1/orders/{order['id']}/cancel", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "order_not_cancellable")
    assert await _state(buyer, order) == "pending"


async def test_what_is_left_of_an_order_on_terms_is_credited_and_it_is_delivered(shop: Any) -> None:
    buyer, order = await _on_terms(shop)
    desk, invoice = await staff(shop), await _invoice(buyer)
    part = {"method": "bank_transfer", "amount": stall.usd(2000), "reference": "A part"}
    assert (await desk.post(f"/invoices/{invoice['id']}/pay", json=part)).status_code == 200
    await shop.drain()
    assert await _state(buyer, order) == "pending"
    rest = {"reason": "The rest is a gift", "amount": stall.usd(invoice["total"]["amount"] - 2000)}
    answer = await desk.post(f"/invoices/{invoice['id']}/credit-notes", json=rest)
    assert answer.status_code == 201, answer.text
    await shop.drain()
    assert (await _invoice(buyer))["state"] == "paid"
    assert await _state(buyer, order) == "completed"
    assert await credit_of(shop, buyer.email) == {}
    assert await violations(shop) == []


async def test_a_line_that_was_taken_off_before_the_rest_was_paid_is_not_delivered(shop: Any) -> None:
    buyer, order = await _on_terms(shop)
    desk, invoice = await staff(shop), await _invoice(buyer)
    named = next(line for line in invoice["lines"] if line["net"]["amount"] == NAME)
    answer = await desk.post(f"/invoices/{invoice['id']}/credit-notes", json={"reason": "The name is not wanted", "lines": [named["id"]]})
    assert answer.status_code == 201, answer.text
    await buyer.pay(order["id"])
    await shop.drain()
    found = (await buyer.get(f"/api/v1/orders/{order['id']}")).json()
    assert found["state"] == "completed"
    assert {line["kind"]: line["state"] for line in found["lines"]} == {"hosting": "delivered", "domain": "cancelled"}
    assert await till.rows(shop, "select name from domains_domain") == []
    assert (await charged(shop))["captured"] == HOSTING
    assert await credit_of(shop, buyer.email) == {}
    assert await violations(shop) == []


async def test_an_order_on_terms_that_is_credited_whole_is_not_delivered_for_the_part_that_was_paid(shop: Any) -> None:
    buyer, order = await _on_terms(shop)
    desk, invoice = await staff(shop), await _invoice(buyer)
    part = {"method": "bank_transfer", "amount": stall.usd(2000), "reference": "A part"}
    assert (await desk.post(f"/invoices/{invoice['id']}/pay", json=part)).status_code == 200
    answer = await desk.post(f"/invoices/{invoice['id']}/credit-notes", json={"reason": "It is not wanted any more"})
    assert answer.status_code == 201, answer.text
    await shop.drain()
    assert await _state(buyer, order) == "pending"
    assert await credit_of(shop, buyer.email) == {"USD": -2000}
    answer = await buyer.post(f"/api/v1/orders/{order['id']}/cancel", json={})
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled"), answer.text
    assert await credit_of(shop, buyer.email) == {"USD": -2000}
    assert await violations(shop) == []


async def test_what_was_earned_is_sent_back_with_a_credit_note_only(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("earned.com")
    await buyer.pay(order["id"])
    await shop.drain()
    desk, invoice = await staff(shop), await _invoice(buyer)
    (payment,) = (await desk.get("/admin/payments")).json()["items"]
    ask = {"reason": "Sorry", "amount": stall.usd(700)}
    refused = await desk.post(f"/payments/{payment['id']}/refund", json=ask)
    assert (refused.status_code, refused.json()["code"], refused.json()["free"]) == (409, "refund_not_covered", 0)
    assert (await desk.post(f"/invoices/{invoice['id']}/credit-notes", json={"reason": "Sorry", "amount": stall.usd(699)})).status_code == 201
    refused = await desk.post(f"/payments/{payment['id']}/refund", json=ask)
    assert (refused.status_code, refused.json()["free"]) == (409, 699)
    assert (await desk.post(f"/payments/{payment['id']}/refund", json=ask | {"amount": stall.usd(699)})).status_code == 202
    await shop.drain()
    assert (await charged(shop))["refunded"] == 699
    assert await credit_of(shop, buyer.email) == {}
    assert await violations(shop) == []
