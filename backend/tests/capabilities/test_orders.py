"""Carts and orders, over HTTP: what cannot be ordered is named field by field; what is ordered is priced by us, once."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from nextbill.capabilities import orders
from nextbill.capabilities.orders.invariants import INVARIANTS as ORDERS
from nextbill.capabilities.orders.rules import LINE_MOVES, ORDER_MOVES
from nextbill.runtime import invariants
from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support.buyer import cart, register

HOSTING: dict[str, Any] = cart("shopfoo.com")["items"][0]
CONSENT: dict[str, Any] = cart("shopfoo.com")["consent"]


def hosting(**changes: Any) -> dict[str, Any]:
    return {**HOSTING, **changes}


def register_(name: str, years: int = 1) -> dict[str, Any]:
    return {"kind": "register", "name": name, "years": years}


def domain(name: str, years: int = 1) -> dict[str, Any]:
    return {"kind": "domain", "name": name, "years": years}


WRONG: list[tuple[dict[str, Any], str, set[str]]] = [
    ({"items": []}, "empty_cart", {"items"}),
    ({"items": [hosting(plan="platinum")]}, "unknown_plan", {"items.0.plan"}),
    ({"items": [hosting(cycle={"unit": "week", "count": 1})]}, "cycle_not_offered", {"items.0.cycle"}),
    ({"items": [hosting(domain=register_("shop foo.com"))]}, "bad_domain_name", {"items.0.domain.name"}),
    ({"items": [domain("192.168.0.1")]}, "bad_domain_name", {"items.0.name"}),
    ({"items": [domain("-foo.com"), domain("noending")]}, "bad_domain_name", {"items.0.name", "items.1.name"}),
    ({"items": [domain("shopfoo.zz")]}, "tld_not_on_sale", {"items.0.name"}),
    ({"items": [hosting(domain=register_("shopfoo.zz"))]}, "tld_not_on_sale", {"items.0.domain.name"}),
    ({"items": [hosting(), domain("SHOPFOO.com.")]}, "duplicate_domain", {"items.1.name"}),
    ({"items": [domain("bücher.com"), domain("xn--bcher-kva.com")]}, "duplicate_domain", {"items.1.name"}),
    ({"items": [hosting()], "currency": "CHF"}, "price_not_in_currency", {"currency"}),
    ({"items": [hosting()], "currency": "QQQ"}, "price_not_in_currency", {"currency"}),
    ({"items": [hosting(plan="platinum", domain=register_("a b.com")), domain("x.zz")]}, "cart_invalid", {"items.0.domain.name", "items.1.name"}),
    ({"items": [domain("shopfoo.com", 11)]}, "invalid", {"items.0.domain.years"}),
    ({"items": [hosting(price=1)]}, "invalid", {"items.0.hosting.price"}),
    ({"items": [{"kind": "yacht"}]}, "invalid", {"items.0"}),
    ({"items": [hosting()] * 21}, "invalid", {"items"}),
]


async def test_what_cannot_be_ordered_is_named(shop: Any) -> None:
    buyer = await register(shop)
    for body, code, fields in WRONG:
        for path in ("/api/v1/orders", "/api/v1/orders/quote"):
            sent = {"currency": "USD", **body, **({"consent": CONSENT} if path.endswith("orders") else {})}
            answer = await buyer.post(path, json=sent)
            assert (answer.status_code, answer.json()["code"]) == (422, code), (body, answer.text)
            named = {field["field"] for field in answer.json()["fields"]}
            assert named == fields or (code == "invalid" and any(name.startswith("items") for name in named)), (body, named)
    assert await till.rows(shop, "select 1 from orders_order union all select 1 from payments_payable") == []


async def test_a_quote_tells_what_the_order_will_cost(shop: Any) -> None:
    buyer = await register(shop, address=False)
    body = {
        "items": [hosting(), domain("bücher.shop", 2), hosting(plan="starter", domain={"kind": "own", "name": "mine.example.org"})],
        "currency": "USD",
    }
    quote = (await buyer.post("/api/v1/orders/quote", json=body)).json()
    assert [(line["kind"], line["net"]["amount"]) for line in quote["lines"]] == [
        ("hosting", 9900),
        ("domain", 1499),
        ("domain", 2 * 2999),
        ("hosting", 2900),
    ]
    assert quote["lines"][2]["description"] == "bücher.shop, 2 years"
    assert (quote["total"]["amount"], quote["tax_final"]) == (9900 + 1499 + 5998 + 2900, False)
    assert await till.rows(shop, "select 1 from orders_order") == []


async def test_an_order_is_placed_once_for_its_key(shop: Any) -> None:
    buyer = await register(shop)
    answers = await asyncio.gather(*(buyer.post("/api/v1/orders", json=cart("twice.com"), headers={"Idempotency-Key": "k-1"}) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    first = await buyer.order("twice.com", key="k-1")
    again = await buyer.order("twice.com", key="k-1")
    assert first == again
    other = await buyer.post("/api/v1/orders", json=cart("other.com"), headers={"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    # The web's memory of the key is lost (a day has passed, or a process died): the order's own key still finds it.
    await _set(shop, "delete from runtime_idempotency")
    other = await buyer.post("/api/v1/orders", json=cart("other.com"), headers={"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (await buyer.order("twice.com", key="k-1"))["id"] == first["id"]
    assert await till.one(shop, "select count(*) from orders_order") == 1
    neighbor = await register(shop)
    assert (await neighbor.order("twice-too.com", key="k-1"))["id"] != first["id"]


async def test_an_order_says_what_it_is_and_what_comes_next(shop: Any) -> None:
    buyer = await register(shop)
    placed = await buyer.order("münchen.com", "second.net")
    assert placed["number"].startswith("ORD-")
    assert (placed["state"], placed["total"]) == ("pending", {"amount": 9900 + 1499 + 1599, "currency": "USD"})
    assert [(line["kind"], line["domain_name"], line["domain_choice"]) for line in placed["lines"]] == [
        ("hosting", "xn--mnchen-3ya.com", "register"),
        ("domain", "xn--mnchen-3ya.com", "register"),
        ("domain", "second.net", "register"),
    ]
    assert [(step["name"], step["state"]) for step in placed["steps"]] == [
        ("placed", "done"), ("paid", "current"), ("hosting", "waiting"), ("domain", "waiting"), ("domain", "waiting"), ("completed", "waiting"),
    ]  # fmt: skip
    lines = await till.rows(shop, "select id, hosting_line_id from orders_line order by position")
    assert [line["hosting_line_id"] for line in lines] == [None, lines[0]["id"], None]
    (consent,) = await till.rows(shop, "select terms_version, customer_status, immediate_start, registrar_terms, consent_address from orders_order")
    assert consent == {
        "terms_version": "2026-11",
        "customer_status": "consumer",
        "immediate_start": True,
        "registrar_terms": True,
        "consent_address": "127.0.0.1",
    }
    second = await buyer.order("third.com", plan=None)
    assert int(second["number"][-6:]) == int(placed["number"][-6:]) + 1


async def test_everything_that_delivery_needs_is_asked_for_before_paying(shop: Any) -> None:
    nowhere = await register(shop, address=False)
    answer = await nowhere.post("/api/v1/orders", json=cart("needs.com"))
    assert (answer.status_code, answer.json()["code"]) == (422, "incomplete_contact")
    assert "address.line_1" in {field["field"] for field in answer.json()["fields"]}
    own = {**cart("needs.com"), "items": [hosting(domain={"kind": "own", "name": "mine.com"})]}
    answer = await nowhere.post("/api/v1/orders", json=own)
    assert (answer.status_code, answer.json()["code"], answer.json()["fields"][0]["field"]) == (422, "address_needed", "address.country")
    buyer = await register(shop)
    for consent, field in (
        ({"registrar_terms": False}, "consent.registrar_terms"),
        ({"status": "business"}, "consent.status"),
        ({"terms_version": " "}, "consent.terms_version"),
    ):
        answer = await buyer.post("/api/v1/orders", json={**cart("needs.com"), "consent": {**CONSENT, **consent}})
        assert (answer.status_code, [found["field"] for found in answer.json()["fields"]]) == (422, [field])
    assert (await buyer.post("/api/v1/orders", json={**own, "consent": {**CONSENT, "registrar_terms": False}})).status_code == 201


async def test_an_order_belongs_to_its_customer(shop: Any) -> None:
    owner, other = await register(shop), await register(shop)
    placed = await owner.order("mine-alone.com")
    assert (await other.get(f"/api/v1/orders/{placed['id']}")).json()["code"] == "order_not_found"
    assert (await other.get("/api/v1/orders/")).json()["items"] == []
    later = await owner.order("mine-too.com")
    first = (await owner.get("/api/v1/orders?limit=1")).json()
    assert [item["id"] for item in first["items"]] == [later["id"]]
    assert [item["id"] for item in (await owner.get(f"/api/v1/orders?limit=1&cursor={first['next_cursor']}")).json()["items"]] == [placed["id"]]
    staff = await till.staff(shop, "support")
    assert (await staff.get(f"/api/v1/orders/{placed['id']}")).status_code == 200
    assert len((await staff.get("/api/v1/orders?state=pending")).json()["items"]) == 2
    assert (await staff.post("/api/v1/orders", json=cart("staff.com"))).status_code == 403
    assert (await shop.client.get("/api/v1/orders")).status_code == 401


async def test_lines_go_their_way_and_the_order_completes_once(shop: Any) -> None:
    buyer = await register(shop)
    placed = await buyer.order("course.com")
    order_id, (hosting_line, domain_line) = UUID(placed["id"]), [UUID(line["id"]) for line in placed["lines"]]
    now = shop.clock.now()
    async with shop.database.writing(Role.WORK) as tx:
        assert await orders.mark_paid(tx, order_id, now=now)
        assert not await orders.mark_paid(tx, order_id, now=now)
        assert await orders.mark_line(tx, hosting_line, state="requested", ref={"account_id": order_id}, now=now)
        assert await orders.mark_line(tx, domain_line, state="parked", reason="no_funds", now=now)
        assert not await orders.mark_line(tx, domain_line, state="parked", reason="no_funds", now=now)
        assert await orders.mark_line(tx, domain_line, state="refused", reason="taken", now=now)
        assert await orders.mark_line(tx, hosting_line, state="delivered", ref={"license_id": "x"}, now=now)
        assert not await orders.complete_if_delivered(tx, order_id, now=now)
        assert not await orders.mark_line(tx, hosting_line, state="parked", now=now)
        with pytest.raises(orders.OrderNotCancellable):
            await orders.cancel_order(tx, order_id, reason="no", now=now)
        assert await orders.mark_line(tx, domain_line, state="cancelled", now=now)
        assert await orders.complete_if_delivered(tx, order_id, now=now)
        assert not await orders.complete_if_delivered(tx, order_id, now=now)
        found = await orders.get_order(tx, order_id)
    assert found.lines[0].result == {"account_id": str(order_id), "license_id": "x"}
    assert await till.events(shop, "orders") == ["OrderPlaced", "OrderPaid", "LineHeldUp", "LineRefused", "OrderCompleted"]


async def test_planted_violations_are_found(shop: Any) -> None:
    buyer = await register(shop)
    placed = await buyer.order("planted.com")
    assert await _violations(shop) == set()
    await _set(shop, "update orders_order set net_minor = 1")
    assert await _violations(shop) == {"order_totals_agree"}
    await _set(shop, "update orders_order set net_minor = 11399, state = 'paid', paid_at = now() - interval '2 days'")
    assert await _violations(shop) == {"paid_orders_fulfilled"}
    await _set(shop, "update orders_order set state = 'completed'")
    assert await _violations(shop) == {"order_states_agree"}
    assert (await buyer.get(f"/api/v1/orders/{placed['id']}")).json()["state"] == "completed"


async def test_the_machines_in_the_database_are_those_of_the_rules(shop: Any) -> None:
    for machine, moves in (("orders_order", ORDER_MOVES), ("orders_line", LINE_MOVES)):
        found = await till.rows(shop, "select from_state, to_state from runtime_transition where machine = :machine", machine=machine)
        assert {(row["from_state"], row["to_state"]) for row in found} == {(start, end) for start, ends in moves.items() for end in ends}


async def _violations(shop: Any) -> set[str]:
    return {finding.invariant for finding in await invariants.check(shop.database, shop.clock, ORDERS) if finding.violations}


async def _set(shop: Any, statement: str) -> None:
    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(text(statement))
