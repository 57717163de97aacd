"""A name is taken between the check and the payment: another one, or the money back; and the rest is delivered."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from tests.support.buyer import Buyer, register
from tests.support.staff import again, balance_sheet, charged, credit_of, registered, staff, violations

HOSTING, NAME = 9900, 1499


async def _order(buyer: Buyer, order_id: str) -> dict[str, Any]:
    return (await buyer.get(f"/api/v1/orders/{order_id}")).json()


async def _refused(shop: Any, *names: str, taken: str, plan: str | None = "professional") -> tuple[Buyer, dict[str, Any], str]:
    """A paid order of which somebody else got one name. The buyer, the order, the line's id."""
    buyer = await register(shop)
    order = await buyer.order(*names, plan=plan)
    answer = await shop.outside.post(f"{shop.sims['resellerclub']}/_sim/resellerclub/take", json={"name": taken})
    assert answer.status_code == 200, answer.text
    await buyer.pay(order["id"])
    await shop.drain()
    order = await _order(buyer, order["id"])
    line = next(line for line in order["lines"] if line["kind"] == "domain" and line["domain_name"] == taken)
    assert (order["state"], line["state"], line["reason"]) == ("paid", "refused", "taken")
    return buyer, order, line["id"]


def _states(order: dict[str, Any]) -> dict[str, str]:
    return {f"{line['kind']} {line['domain_name']}": line["state"] for line in order["lines"]}


async def test_the_customer_picks_another_name(shop: Any) -> None:
    buyer, order, line_id = await _refused(shop, "gone.com", taken="gone.com")
    assert "Order ORD-2026-000001: gone.com could not be registered" in [mail["subject"] for mail in await shop.mails(buyer.email)]
    desk = await staff(shop)
    assert [item["who"] for item in (await desk.timeline(order["id"]))["next"]] == ["customer"]

    path = f"/api/v1/orders/{order['id']}/lines/{line_id}/domain"
    answers = [(name, await buyer.post(path, json={"name": name})) for name in ("dear.io", "nonsense", "nothing.zzz")]
    assert [(name, answer.status_code) for name, answer in answers] == [("dear.io", 409), ("nonsense", 422), ("nothing.zzz", 422)]
    assert answers[0][1].json()["code"] == "dearer_name"
    assert "49.00 USD" in answers[0][1].json()["detail"]
    assert {problem["field"] for _, answer in answers[1:] for problem in answer.json()["fields"]} == {"name"}

    chosen = await buyer.post(path, json={"name": "still-free.com"})
    assert chosen.status_code == 200, chosen.text
    assert [line["state"] for line in chosen.json()["lines"]] == ["delivered", "requested"]
    await shop.drain()
    found = await _order(buyer, order["id"])
    assert found["state"] == "completed"
    assert await registered(shop) == ["still-free.com"]
    late = await buyer.post(path, json={"name": "too-late.com"})
    assert (late.status_code, late.json()["code"]) == (409, "line_not_refused")
    assert await charged(shop) == {"captured": HOSTING + NAME, "refunded": 0, "charges": 1}
    assert await violations(shop) == []


async def test_another_name_of_the_same_price_where_prices_hold_the_tax(shop: Any) -> None:
    policy = await (await staff(shop)).post("/admin/tax/policies", json={"inclusive": True, "reason": "we sell to consumers"})
    assert policy.status_code == 201, policy.text
    buyer, order, line_id = await _refused(shop, "with-tax.com", taken="with-tax.com")
    path = f"/api/v1/orders/{order['id']}/lines/{line_id}/domain"
    chosen = await buyer.post(path, json={"name": "with-tax-too.com"})
    assert chosen.status_code == 200, chosen.text
    dearer = next(line for line in order["lines"] if line["kind"] == "domain")
    assert dearer["list_price"]["amount"] < NAME


async def test_a_second_name_may_be_refused_too_and_one_that_is_held_here_is_not_sent(shop: Any) -> None:
    other = await register(shop)
    theirs = await other.order("held-here.com")
    await other.pay(theirs["id"])
    await shop.drain()
    buyer, order, line_id = await _refused(shop, "first.com", taken="first.com")
    path = f"/api/v1/orders/{order['id']}/lines/{line_id}/domain"
    held = await buyer.post(path, json={"name": "held-here.com"})
    assert (held.status_code, held.json()["code"]) == (409, "domain_taken")
    await shop.outside.post(f"{shop.sims['resellerclub']}/_sim/resellerclub/take", json={"name": "second.com"})
    assert (await buyer.post(path, json={"name": "second.com"})).status_code == 200
    await shop.drain()
    found = await _order(buyer, order["id"])
    assert _states(found) == {"hosting first.com": "delivered", "domain second.com": "refused"}
    told = [mail["subject"] for mail in await shop.mails(buyer.email) if "could not be registered" in mail["subject"]]
    assert told == ["Order ORD-2026-000002: first.com could not be registered", "Order ORD-2026-000002: second.com could not be registered"]
    assert (await buyer.post(path, json={"name": "third.com"})).status_code == 200
    await shop.drain()
    assert (await _order(buyer, order["id"]))["state"] == "completed"
    assert await registered(shop) == ["held-here.com", "third.com"]


async def test_the_customer_cancels_the_line_and_gets_its_price_back(shop: Any) -> None:
    buyer, order, line_id = await _refused(shop, "unlucky.com", taken="unlucky.com")
    path = f"/api/v1/orders/{order['id']}/lines/{line_id}/cancel"
    for _ in range(2):
        answer = await buyer.post(path, json={})
        assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "completed"
    await shop.drain()

    assert await charged(shop) == {"captured": HOSTING + NAME, "refunded": NAME, "charges": 1}
    assert await balance_sheet(shop) == {"gateway_clearing": HOSTING, "revenue_hosting": -HOSTING}
    assert await credit_of(shop, buyer.email) == {}
    invoice = (await buyer.get("/api/v1/invoices")).json()["items"][0]
    whole = (await buyer.get(f"/api/v1/invoices/{invoice['id']}")).json()
    assert [(note["number"], note["total"]["amount"]) for note in whole["credit_notes"]] == [("CN-2026-000001", NAME)]
    subjects = [mail["subject"] for mail in await shop.mails(buyer.email)]
    assert "Credit note CN-2026-000001: $14.99" in subjects
    assert "$14.99 is on its way back to you" in subjects
    assert "unlucky.com is ready" in subjects
    assert await violations(shop) == []
    timeline = await (await staff(shop)).timeline(order["id"])
    assert timeline["next"] == []
    kinds = {entry["kind"] for entry in timeline["entries"]}
    assert {"event", "payment", "refund", "webhook", "step", "call", "mail", "staff"} <= kinds


async def test_seventy_two_hours_without_an_answer_refund_by_themselves(shop: Any) -> None:
    buyer, order, _ = await _refused(shop, "silent.com", taken="silent.com")
    shop.advance(timedelta(hours=71))
    await shop.drain()
    assert _states(await _order(await again(buyer), order["id"]))["domain silent.com"] == "refused"
    shop.advance(timedelta(hours=1, minutes=1))
    await shop.drain()
    found = await _order(await again(buyer), order["id"])
    assert (found["state"], _states(found)["domain silent.com"]) == ("completed", "cancelled")
    assert (await charged(shop))["refunded"] == NAME
    assert await credit_of(shop, buyer.email) == {}
    shop.advance(timedelta(hours=80))
    await shop.drain()
    assert (await charged(shop))["refunded"] == NAME
    assert await violations(shop) == []


async def test_the_last_line_cancelled_ends_the_order(shop: Any) -> None:
    buyer, order, line_id = await _refused(shop, "only-one.com", taken="only-one.com", plan=None)
    answer = await buyer.post(f"/api/v1/orders/{order['id']}/lines/{line_id}/cancel", json={"reason": "I have another one now"})
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    await shop.drain()
    assert await charged(shop) == {"captured": NAME, "refunded": NAME, "charges": 1}
    assert await balance_sheet(shop) == {}
    assert await violations(shop) == []


async def test_a_refund_whose_answer_is_lost_is_sent_once(shop: Any) -> None:
    buyer, order, line_id = await _refused(shop, "lost-refund.com", taken="lost-refund.com")
    await shop.fault("stripe", effect="lost_after", pattern="POST /v1/refunds")
    assert (await buyer.post(f"/api/v1/orders/{order['id']}/lines/{line_id}/cancel", json={})).status_code == 200
    await shop.drain()
    assert (await charged(shop))["refunded"] == NAME
    assert await balance_sheet(shop) == {"gateway_clearing": HOSTING, "revenue_hosting": -HOSTING}
    assert await violations(shop) == []


async def test_nobody_acts_on_anothers_order(shop: Any) -> None:
    _, order, line_id = await _refused(shop, "mine.com", taken="mine.com")
    stranger = await register(shop)
    base = f"/api/v1/orders/{order['id']}"
    answers = [
        await stranger.post(f"{base}/lines/{line_id}/domain", json={"name": "theirs.com"}),
        await stranger.post(f"{base}/lines/{line_id}/cancel", json={}),
        await stranger.post(f"{base}/cancel", json={}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert (await stranger.post(f"/api/v1/admin/orders/{order['id']}/cancel", json={"reason": "because"})).status_code == 403
    assert (await stranger.get(f"/api/v1/admin/orders/{order['id']}/timeline")).status_code == 403


async def test_many_clicks_on_cancel_are_one_credit_note_and_one_refund(shop: Any) -> None:
    buyer, order, line_id = await _refused(shop, "clicks.com", taken="clicks.com")
    path = f"/api/v1/orders/{order['id']}/lines/{line_id}/cancel"
    answers = await asyncio.gather(*(buyer.post(path, json={}) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    await shop.drain()
    assert await charged(shop) == {"captured": HOSTING + NAME, "refunded": NAME, "charges": 1}
    assert await credit_of(shop, buyer.email) == {}
    assert await violations(shop) == []
