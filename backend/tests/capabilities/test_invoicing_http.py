"""Documents and price list over HTTP: own ones for customers, all for staff, nothing for others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from nextbill.capabilities import identity
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Role
from tests.support.trade import Trade, line

PASSWORD = "correct horse battery"


@dataclass
class Counter:
    """The running shop with its books open: a customer, a stranger, a bookkeeper."""

    shop: Any
    trade: Trade
    customer_id: UUID
    tokens: dict[str, str]

    async def send(self, who: str | None, method: str, path: str, **options: Any) -> httpx.Response:
        headers = options.pop("headers", {}) | ({"Authorization": f"Bearer {self.tokens[who]}"} if who else {})
        return await self.shop.client.request(method, f"/api/v1{path}", headers=headers, **options)

    async def get(self, who: str | None, path: str, **params: Any) -> httpx.Response:
        return await self.send(who, "GET", path, params=params or None)


@pytest.fixture
async def counter(shop: Any) -> AsyncIterator[Counter]:
    opened = Counter(
        shop, Trade(shop.database, shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)), new_id(), {}
    )
    for name in ("ada", "eve"):
        body = {"email": f"{name}@example.com", "password": PASSWORD, "name": name}
        assert (await shop.client.post("/api/v1/auth/register", json=body)).status_code == 202
    password_hash = await identity.hash_password(PASSWORD)
    async with shop.database.writing(Role.WORK) as tx:
        for role in ("support", "billing"):
            await identity.create_admin(tx, email=f"{role}@example.com", password_hash=password_hash, role=role, now=shop.clock.now())
    for name in ("ada", "eve", "support", "billing"):
        answer = await shop.client.post("/api/v1/auth/login", json={"email": f"{name}@example.com", "password": PASSWORD})
        opened.tokens[name] = answer.json()["access_token"]
    opened.customer_id = UUID((await opened.get("ada", "/customers/me")).json()["id"])
    yield opened


async def test_a_customer_reads_its_own_invoices(counter: Counter) -> None:
    older = await counter.trade.paid(counter.customer_id, line(9900, rate_ppm=190_000))
    newer = await counter.trade.issued(counter.customer_id)
    for path in ("/invoices/", "/invoices"):
        listed = await counter.get("ada", path)
        assert (listed.status_code, [item["id"] for item in listed.json()["items"]]) == (200, [str(newer), str(older)])
    first = (await counter.get("ada", "/invoices/", limit=1)).json()
    rest = (await counter.get("ada", "/invoices/", limit=1, cursor=first["next_cursor"])).json()
    assert ([item["id"] for item in rest["items"]], rest["next_cursor"]) == ([str(older)], None)
    assert [item["id"] for item in (await counter.get("ada", "/invoices/", state="open")).json()["items"]] == [str(newer)]
    shown = (await counter.get("ada", f"/invoices/{older}")).json()
    assert (shown["number"], shown["state"], shown["total"], shown["due"]["amount"]) == (
        "INV-2026-000001",
        "paid",
        {"amount": 11781, "currency": "USD"},
        0,
    )
    assert [(item["tax_rate_ppm"], item["tax"]["amount"], item["gross"]["amount"]) for item in shown["lines"]] == [(190_000, 1881, 11781)]
    assert (shown["buyer"]["name"], shown["seller"]["tax_id"]) == ("Ada Lovelace", "DE123456789")
    proforma = (await counter.get("ada", f"/invoices/proformas/{shown['proforma_id']}")).json()
    assert (proforma["number"], proforma["state"], proforma["total"]) == ("PRO-2026-000001", "invoiced", shown["total"])


async def test_others_see_nothing_of_it(counter: Counter) -> None:
    invoice_id = await counter.trade.paid(counter.customer_id)
    proforma_id = (await counter.get("ada", f"/invoices/{invoice_id}")).json()["proforma_id"]
    assert (await counter.get("eve", "/invoices/")).json() == {"items": [], "next_cursor": None}
    for path, code in ((f"/invoices/{invoice_id}", "invoice_not_found"), (f"/invoices/proformas/{proforma_id}", "proforma_not_found")):
        assert ((answer := await counter.get("eve", path)).status_code, answer.json()["code"]) == (404, code)
        assert (await counter.get(None, path)).status_code == 401
    for method, path in (
        ("GET", "/admin/invoices"),
        ("GET", f"/admin/invoices/{invoice_id}"),
        ("GET", "/invoices/stats/summary"),
        ("POST", f"/invoices/{invoice_id}/void"),
        ("POST", f"/invoices/{invoice_id}/credit-notes"),
    ):
        assert (await counter.send("ada", method, path, json={"reason": "mine"} if method == "POST" else None)).status_code == 403, path
    assert (await counter.send("support", "POST", f"/invoices/{invoice_id}/credit-notes", json={"reason": "kind"})).status_code == 403
    assert (await counter.get("ada", f"/invoices/{invoice_id}")).json()["credit_notes"] == []


async def test_staff_take_back_what_was_invoiced(counter: Counter) -> None:
    unpaid, paid = await counter.trade.issued(counter.customer_id), await counter.trade.paid(counter.customer_id)
    key = {"Idempotency-Key": "void-1"}
    voided = [await counter.send("billing", "POST", f"/invoices/{unpaid}/void", json={"reason": "Wrong company"}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in voided] == [200, 200]
    assert voided[0].content == voided[1].content
    assert (voided[0].json()["state"], [note["reason"] for note in voided[0].json()["credit_notes"]]) == ("void", ["Wrong company"])
    again = await counter.send("billing", "POST", f"/invoices/{unpaid}/void", json={"reason": "twice"})
    assert (again.status_code, again.json()["code"]) == (409, "invoice_not_open")
    _, name = (await counter.trade.invoice(paid)).lines
    credited = await counter.send("billing", "POST", f"/invoices/{paid}/credit-notes", json={"reason": "Name taken", "lines": [str(name.id)]})
    assert (credited.status_code, credited.json()["credited"]["amount"], credited.json()["credit_notes"][0]["line_ids"]) == (
        201,
        1499,
        [str(name.id)],
    )
    wrong = await counter.send("billing", "POST", f"/invoices/{paid}/credit-notes", json={"reason": "x", "lines": [str(new_id())]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_invoice_line")
    with counter.trade.sql() as owner:
        audited = owner.execute("select action, object_id, reason from identity_audit where action like 'invoice.%' order by id").fetchall()
    assert audited == [("invoice.voided", str(unpaid), "Wrong company"), ("invoice.credited", str(paid), "Name taken")]
    assert await counter.trade.violations() == []


async def test_staff_see_all_and_the_figures(counter: Counter) -> None:
    paid, unpaid = await counter.trade.paid(counter.customer_id), await counter.trade.issued(counter.customer_id)
    assert [item["id"] for item in (await counter.get("support", "/admin/invoices")).json()["items"]] == [str(unpaid), str(paid)]
    assert (await counter.get("support", "/admin/invoices", customer_id=str(new_id()))).json()["items"] == []
    assert (await counter.get("support", f"/admin/invoices/{paid}")).json()["number"] == "INV-2026-000001"
    figures = (await counter.get("billing", "/invoices/stats/summary", start="2026-07-01", end="2026-07-02")).json()
    assert [(item["state"], item["count"], item["total"]["amount"], item["due"]["amount"]) for item in figures["totals"]] == [
        ("open", 1, 9900, 9900),
        ("paid", 1, 11399, 0),
    ]
    assert (await counter.get("billing", "/invoices/stats/summary", start="2026-07-02", end="2026-07-03")).json()["totals"] == []
    assert (await counter.get("billing", "/invoices/stats/summary", start="2026-07-02", end="2026-07-02")).status_code == 422


async def test_bad_questions(counter: Counter) -> None:
    for path in ("/invoices/not-an-id", "/invoices/?limit=0", "/invoices/?cursor=%21", "/invoices/?state=gone"):
        answer = await counter.get("ada", path)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), path


async def test_the_price_list_is_for_everybody(shop: Any) -> None:
    plans = (await shop.client.get("/api/v1/plans")).json()["items"]
    assert [(plan["code"], [price["price"]["amount"] for price in plan["prices"]]) for plan in plans] == [
        ("starter", [2900, 29000]),
        ("professional", [9900, 99000]),
        ("enterprise", [29900, 299000]),
    ]
    assert (await shop.client.get("/api/v1/plans/professional")).json() == plans[1]
    assert plans[2]["limits"]["domains"] is None
    endings = {item["tld"]: item for item in (await shop.client.get("/api/v1/tlds")).json()["items"]}
    assert endings["com"]["register_price"] == endings["com"]["renew_price"] == {"amount": 1499, "currency": "USD"}
    for path, status, code in (
        ("/plans/gold", 404, "not_found"),
        ("/plans/starter?currency=CHF", 422, "price_not_in_currency"),
        ("/plans?currency=dollars", 422, "invalid"),
    ):
        answer = await shop.client.get(f"/api/v1{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await shop.client.get("/api/v1/plans?currency=CHF")).json()["items"] == []
