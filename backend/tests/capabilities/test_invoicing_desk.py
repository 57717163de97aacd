"""What staff does with invoices, over HTTP: written, changed, issued, paid in parts, sent, given up, credited, listed, explained, closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from nextbill.capabilities import customers
from nextbill.runtime.database import Role
from tests.support.buyer import Buyer, register
from tests.support.staff import Staff, staff, violations

LINES = [
    {"plan": {"plan": "professional"}, "quantity": 2},
    {
        "description": "Moving a site",
        "unit_net": {"amount": 12050, "currency": "USD"},
        "discount": {"amount": 50, "currency": "USD"},
        "discount_note": "Loyal",
    },
]


@dataclass
class Desk:
    shop: Any
    buyer: Buyer
    staff: Staff
    customer_id: str

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.staff.token}", **options.pop("headers", {})}
        return await self.shop.client.request(method, f"/api/v1{path}", headers=headers, **options)

    async def draft(self, lines: list[dict[str, Any]] | None = None, **more: Any) -> httpx.Response:
        body = {"customer_id": self.customer_id, "currency": "USD", "lines": lines or LINES, **more}
        return await self.send("POST", "/invoices/", json=body)

    async def issued(self, minor: int = 10000) -> dict[str, Any]:
        lines = [{"description": "Work", "unit_net": {"amount": minor, "currency": "USD"}}]
        made = (await self.draft(lines)).json()
        answer = await self.send("POST", f"/invoices/{made['id']}/issue", json={})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def pay(self, invoice_id: str, minor: int, reference: str, **more: Any) -> httpx.Response:
        body = {"method": "bank_transfer", "amount": {"amount": minor, "currency": "USD"}, "reference": reference, **more}
        return await self.send("POST", f"/invoices/{invoice_id}/pay", json=body)


@pytest.fixture
async def desk(shop: Any) -> Desk:
    buyer = await register(shop)
    customer_id = (await buyer.get("/api/v1/customers/me")).json()["id"]
    return Desk(shop, buyer, await staff(shop), customer_id)


async def test_a_draft_is_written_changed_and_issued(desk: Desk) -> None:
    made = await desk.draft(order_number="PO-1")
    assert made.status_code == 201, made.text
    draft = made.json()
    assert (draft["state"], draft["number"], draft["payable_id"], made.headers["etag"]) == ("draft", None, None, '"1"')
    plan, work = draft["lines"]
    assert work["net"]["amount"] == 12000
    assert work["discount"]["amount"] == 50
    path = f"/invoices/{draft['id']}"
    assert (await desk.buyer.get(f"/api/v1{path}")).status_code == 404, "a draft is staff's"
    assert (await desk.buyer.get("/api/v1/invoices/")).json()["items"] == []
    cheaper = {"plan": {"plan": "professional"}, "quantity": 2, "unit_net": {"amount": plan["unit_net"]["amount"] - 100, "currency": "USD"}}
    change = {"currency": "USD", "lines": [cheaper], "terms_days": 30}
    assert (await desk.send("PUT", path, json=change)).status_code == 428
    refused = await desk.send("PUT", path, json=change, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (422, "price_reason_needed")
    change["lines"] = [cheaper | {"price_reason": "Agreed by phone"}]
    assert (await desk.send("PUT", path, json=change, headers={"If-Match": '"7"'})).status_code == 412
    changed = await desk.send("PUT", path, json=change, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"'), changed.text
    assert (await desk.send("POST", f"{path}/issue", json={}, headers={"If-Match": '"1"'})).status_code == 412
    issued = (await desk.send("POST", f"{path}/issue", json={}, headers={"If-Match": '"2"'})).json()
    assert (issued["state"], issued["terms_days"], issued["due"]) == ("open", 30, issued["total"])
    assert (date.fromisoformat(issued["due_on"]) - date.fromisoformat(issued["issued_on"])).days == 30
    assert (await desk.send("PUT", path, json=change, headers={"If-Match": '"3"'})).json()["code"] == "not_a_draft"
    assert (await desk.send("DELETE", path)).json()["code"] == "not_a_draft"
    assert (await desk.buyer.get(f"/api/v1{path}")).json()["number"] == issued["number"]
    explained = (await desk.send("GET", f"/admin{path}/explain")).json()
    (line,) = explained["lines"]
    assert line["details"]["override"]["reason"] == "Agreed by phone"
    assert "Agreed by phone" in line["words"][0]
    assert {entry["account"] for entry in explained["journals"][0]["entries"]} >= {"receivable", "revenue_hosting"}
    booked = explained["journals"][0]
    entry = booked["entries"][0]
    why = f"/admin/ledger/journals/{booked['id']}/entries"
    told = (await desk.send("GET", f"{why}/{entry['position']}/explain")).json()
    assert (told["reference_id"], told["entry"]["amount"]) == (draft["id"], entry["amount"])
    nowhere = [f"{why}/99/explain", f"/admin/ledger/journals/{uuid4()}/entries/1/explain"]
    assert [(await desk.send("GET", path)).json()["code"] for path in nowhere] == ["entry_not_found"] * 2
    assert await violations(desk.shop) == []


async def test_a_draft_is_discarded_without_a_trace_in_the_numbers(desk: Desk) -> None:
    made = (await desk.draft()).json()
    assert (await desk.send("DELETE", f"/invoices/{made['id']}", headers={"If-Match": '"9"'})).status_code == 412
    assert (await desk.send("DELETE", f"/invoices/{made['id']}")).status_code == 204
    assert (await desk.send("GET", f"/invoices/{made['id']}")).status_code == 404
    assert (await desk.issued())["number"].endswith("-000001")


async def test_a_free_line_says_what_it_is(desk: Desk) -> None:
    refused = await desk.draft([{"quantity": 1}])
    assert (refused.status_code, {field["field"] for field in refused.json()["fields"]}) == (422, {"lines.0.description", "lines.0.unit_net"})
    over = await desk.draft([LINES[1] | {"discount": {"amount": 99999, "currency": "USD"}}])
    assert over.status_code == 422
    other = await desk.draft([LINES[1] | {"unit_net": {"amount": 1, "currency": "EUR"}, "discount": None, "discount_note": None}])
    assert other.status_code == 422


async def test_paid_in_parts_too_much_and_from_credit(desk: Desk) -> None:
    first = await desk.issued(10000)
    half = await desk.pay(first["id"], 4000, "T-1")
    assert half.status_code == 200, half.text
    assert (half.json()["state"], half.json()["due"]["amount"]) == ("open", 6000)
    assert (await desk.pay(first["id"], 4000, "T-1")).json()["code"] == "payment_already_recorded"
    whole = (await desk.pay(first["id"], 9000, "T-2")).json()
    assert (whole["state"], [payment["amount"]["amount"] for payment in whole["payments"]]) == ("paid", [4000, 6000])
    credit = (await desk.buyer.get("/api/v1/credit")).json()
    assert [(one["credit"]["amount"], one["free"]["amount"]) for one in credit["balances"]] == [(3000, 3000)]
    assert [entry["amount"]["amount"] for entry in credit["items"]] == [-6000, 9000, -4000, 4000]
    second = await desk.issued(5000)
    assert (second["due"]["amount"], second["payments"][0]["source"]) == (2000, "credit"), "credit is applied by itself"
    refused = await desk.buyer.post(f"/api/v1/invoices/{second['id']}/pay", json={"method": "credit"})
    assert refused.json()["code"] == "nothing_to_apply"
    gift = {"amount": {"amount": 500, "currency": "USD"}, "reason": "Sorry for the outage"}
    assert (await desk.send("POST", f"/admin/customers/{desk.customer_id}/credit/adjustments", json=gift)).status_code == 201
    used = (await desk.buyer.post(f"/api/v1/invoices/{second['id']}/pay", json={"method": "credit"})).json()
    assert used["due"]["amount"] == 1500
    taken = gift | {"amount": {"amount": -1, "currency": "USD"}}
    answer = await desk.send("POST", f"/admin/customers/{desk.customer_id}/credit/adjustments", json=taken)
    assert answer.json()["code"] == "not_enough_credit"
    by_hand = {"method": "cash", "amount": {"amount": 1500, "currency": "USD"}, "reference": "x"}
    assert (await desk.buyer.post(f"/api/v1/invoices/{second['id']}/pay", json=by_hand)).status_code == 403
    assert await violations(desk.shop) == []


async def test_others_reach_neither_invoice_nor_credit(desk: Desk) -> None:
    invoice = await desk.issued()
    eve = await register(desk.shop)
    assert (await eve.post(f"/api/v1/invoices/{invoice['id']}/pay", json={"method": "credit"})).status_code == 404
    assert (await eve.post(f"/api/v1/invoices/{invoice['id']}/pay-link", json={})).status_code == 404
    assert (await eve.get("/api/v1/credit")).json()["items"] == []


async def test_given_up_and_paid_after_all(desk: Desk) -> None:
    invoice = await desk.issued(10000)
    await desk.pay(invoice["id"], 1000, "T-1")
    lost = (await desk.send("POST", f"/invoices/{invoice['id']}/write-off", json={"reason": "Insolvent"})).json()
    assert (lost["state"], lost["due"]["amount"], lost["written_off"]["amount"]) == ("uncollectible", 0, 9000)
    assert await violations(desk.shop) == []
    part = (await desk.pay(invoice["id"], 2000, "quota")).json()
    assert (part["state"], part["written_off"]["amount"]) == ("uncollectible", 7000)
    rest = (await desk.pay(invoice["id"], 7000, "all the same")).json()
    assert (rest["state"], rest["written_off"]["amount"], rest["paid"]["amount"]) == ("paid", 0, 10000)
    assert await violations(desk.shop) == []


async def test_credit_notes_by_amount_and_by_line(desk: Desk) -> None:
    invoice = await desk.issued(10000)
    path = f"/invoices/{invoice['id']}/credit-notes"
    assert (await desk.send("POST", f"{path}/preview", json={"amount": {"amount": 10001, "currency": "USD"}})).json()["code"] == "wrong_amount"
    shown = (await desk.send("POST", f"{path}/preview", json={"amount": {"amount": 2500, "currency": "USD"}})).json()
    told = [shown[name]["amount"] for name in ("total", "off_due", "off_written_off", "to_credit")]
    assert (told, [line["line_id"] for line in shown["lines"]]) == ([2500, 2500, 0, 0], [invoice["lines"][0]["id"]])
    assert (await desk.send("GET", f"/admin/invoices/{invoice['id']}")).json()["credit_notes"] == []
    over = await desk.send("POST", path, json={"reason": "x", "amount": {"amount": 10001, "currency": "USD"}})
    assert over.json()["code"] == "wrong_amount"
    part = (await desk.send("POST", path, json={"reason": "Late", "amount": {"amount": 2500, "currency": "USD"}})).json()
    assert (part["state"], part["due"]["amount"], part["credit_notes"][0]["total"]["amount"]) == ("open", 7500, 2500)
    by_line = [{"id": invoice["lines"][0]["id"], "amount": {"amount": 500, "currency": "USD"}}]
    again = (await desk.send("POST", path, json={"reason": "Later", "by_line": by_line})).json()
    assert again["due"]["amount"] == 7000
    both = await desk.send("POST", path, json={"reason": "x", "by_line": by_line, "amount": {"amount": 1, "currency": "USD"}})
    assert both.status_code == 422
    void = (await desk.send("POST", f"/invoices/{invoice['id']}/void", json={"reason": "All of it"})).json()
    assert (void["state"], [note["total"]["amount"] for note in void["credit_notes"]]) == ("void", [2500, 500, 7000])
    assert await violations(desk.shop) == []


async def test_a_link_pays_one_invoice_and_shows_nothing_else(desk: Desk) -> None:
    invoice = await desk.issued(10000)
    sent = await desk.send("POST", f"/invoices/{invoice['id']}/send", json={})
    assert (sent.status_code, sent.json()["recipient"]) == (202, desk.buyer.email)
    await desk.shop.drain()
    (link,) = {link for mail in await desk.shop.mails(desk.buyer.email) for link in mail["links"] if "/pay/" in link}
    token = link.rpartition("/")[2]
    shown = await desk.shop.client.get(f"/api/v1/pay/{token}")
    assert (shown.json()["number"], shown.json()["due"]["amount"], shown.json()["payable"]) == (invoice["number"], 10000, True)
    assert set(shown.json()) == {"number", "seller", "state", "total", "due", "due_on", "payable"}
    page = await desk.shop.client.get(f"/pay/{token}")
    assert page.status_code == 200
    assert invoice["number"] in page.text
    assert desk.buyer.email not in page.text
    assert (await desk.shop.client.get(f"/pay/{token[:-3]}AAA")).status_code == 404
    for way in ("/api/v1/invoices/", f"/api/v1/invoices/{invoice['id']}"):
        assert (await desk.shop.client.get(way, headers={"Authorization": f"Bearer {token}"})).status_code == 401
    await desk.pay(invoice["id"], 4000, "T-1")
    opened = (await desk.shop.client.post(f"/api/v1/pay/{token}/checkout")).json()
    card = {"card_number": "4242424242424242", "exp": "12/34", "cvc": "123", "name": "Colleague"}
    sent_back = await desk.shop.outside.post(opened["checkout_url"], data=card)
    landed = await desk.shop.client.get(sent_back.headers["location"])
    assert (landed.status_code, landed.headers["location"].partition("?")[0]) == (303, link)
    await desk.shop.drain()
    paid = (await desk.send("GET", f"/invoices/{invoice['id']}")).json()
    assert (paid["state"], [payment["source"] for payment in paid["payments"]]) == ("paid", ["manual", "gateway"])
    assert (await desk.shop.client.get(f"/api/v1/pay/{token}")).json()["payable"] is False
    assert (await desk.shop.client.post(f"/api/v1/pay/{token}/checkout")).status_code == 409
    assert (await desk.shop.client.get(f"/pay/{token}")).status_code == 200
    assert await violations(desk.shop) == []


async def test_lists_ageing_export_and_figures(desk: Desk) -> None:
    made = [await desk.issued(minor) for minor in (3000, 1000, 2000)]
    async with desk.shop.database.writing(Role.WORK) as tx:
        await customers.update_profile(tx, customer_id=desk.customer_id, changes={"name": '=HYPERLINK("x")'}, now=desk.shop.clock.now())
    await desk.issued(500)
    listed = (await desk.send("GET", "/admin/invoices", params={"sort": "largest", "limit": 2})).json()
    assert [item["total"]["amount"] for item in listed["items"]] == [3000, 2000]
    following = await desk.send("GET", "/admin/invoices", params={"sort": "largest", "limit": 2, "cursor": listed["next_cursor"]})
    assert [item["total"]["amount"] for item in following.json()["items"]] == [1000, 500]
    found = (await desk.send("GET", "/admin/invoices", params={"q": made[1]["number"]})).json()["items"]
    assert [item["id"] for item in found] == [made[1]["id"]]
    assert len((await desk.send("GET", "/admin/invoices", params={"q": "test bu"})).json()["items"]) == 3
    assert (await desk.send("GET", "/admin/invoices", params={"overdue": True})).json()["items"] == []
    desk.shop.advance(timedelta(days=14 + 45))
    fresh = Desk(desk.shop, desk.buyer, await staff(desk.shop), desk.customer_id)
    assert len((await fresh.send("GET", "/admin/invoices", params={"overdue": True, "sort": "due"})).json()["items"]) == 4
    for path in ("/admin/invoices", "/admin/invoices/export"):
        for sort in ("due", "largest"):
            refused = await fresh.send("GET", path, params={"state": "paid", "sort": sort})
            assert (refused.status_code, [field["field"] for field in refused.json()["fields"]]) == (422, ["sort"])
    ageing = (await fresh.send("GET", "/admin/invoices/ageing")).json()
    assert (ageing["totals"][0]["days_31_60"]["amount"], ageing["totals"][0]["due"]["amount"]) == (6500, 6500)
    assert [(item["customer_id"], item["customer_name"]) for item in ageing["items"]] == [(desk.customer_id, '=HYPERLINK("x")')]
    export = await fresh.send("GET", "/admin/invoices/export", params={"sort": "oldest"})
    rows = export.text.removeprefix("\ufeff").splitlines()
    assert (len(rows), rows[0].split(",")[0], export.headers["content-type"]) == (5, "number", "text/csv; charset=utf-8")
    assert "'=HYPERLINK" in rows[4]
    figures = (await fresh.send("GET", "/invoices/stats/summary")).json()
    assert figures["overdue"] == [{"count": 4, "due": {"amount": 6500, "currency": "USD"}}]


async def test_a_month_is_closed_and_opened_with_a_reason(desk: Desk) -> None:
    invoice = await desk.issued()
    now = desk.shop.clock.now()
    desk.shop.advance(timedelta(days=40))
    fresh = Desk(desk.shop, desk.buyer, await staff(desk.shop), desk.customer_id)
    month = f"{now:%Y-%m}"
    closed = await fresh.send("POST", f"/admin/ledger/months/{month}/close", json={"reason": "VAT filed"})
    assert [item["month"] for item in closed.json()["items"]] == [month], closed.text
    late = await fresh.pay(invoice["id"], 10000, "T-9", received_on=now.date().isoformat())
    assert late.json()["code"] == "month_closed"
    assert (await fresh.send("POST", f"/admin/ledger/months/{month}/reopen", json={"reason": "Forgot one"})).json()["items"] == []
    assert (await fresh.pay(invoice["id"], 10000, "T-9", received_on=now.date().isoformat())).json()["state"] == "paid"
    present = await fresh.send("POST", f"/admin/ledger/months/{desk.shop.clock.now():%Y-%m}/close", json={"reason": "Too early"})
    assert present.json()["code"] == "month_not_over"


async def test_rates_and_costs_are_kept_by_staff(desk: Desk) -> None:
    rate = {"currency": "EUR", "day": "2026-01-01", "ppm": 1085000, "source": "ECB"}
    assert (await desk.send("PUT", "/admin/ledger/rates", json=rate)).json()["items"][0]["ppm"] == 1085000
    assert (await desk.send("PUT", "/admin/ledger/rates", json=rate | {"currency": "USD"})).status_code == 422
    cost = {"tld": "com", "operation": "register", "valid_from": "2026-01-01", "price": {"amount": 899, "currency": "USD"}}
    assert (await desk.send("PUT", "/admin/domains/costs", json=cost)).json()["items"] == [cost]
    assert (await desk.send("GET", "/admin/domains/costs")).json()["items"] == [cost]


async def test_a_proforma_is_invoiced_before_it_is_paid(desk: Desk) -> None:
    order = await desk.buyer.order("on-terms.com")
    proforma = order["proforma_id"]
    issued = await desk.send("POST", f"/invoices/proformas/{proforma}/issue", json={})
    assert (issued.status_code, issued.json()["state"]) == (201, "open"), issued.text
    await desk.buyer.pay(order["id"])
    await desk.shop.drain()
    paid = (await desk.send("GET", f"/invoices/{issued.json()['id']}")).json()
    assert (paid["state"], paid["due"]["amount"]) == ("paid", 0)
    assert (await desk.buyer.get(f"/api/v1/orders/{order['id']}")).json()["state"] in ("paid", "completed")
    assert await violations(desk.shop) == []
