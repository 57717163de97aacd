"""Subscriptions over HTTP: what their owner can do, what staff can, and what neither is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.capabilities import till
from tests.support.buyer import PASSWORD, Buyer, register


async def _kept(shop: Any, name: str) -> tuple[Buyer, str]:
    """A customer whose starter plan runs."""
    buyer = await register(shop)
    order = await buyer.order(name, plan="starter")
    await buyer.pay(order["id"])
    await till.delivered(shop)
    (found,) = (await buyer.get("/api/v1/subscriptions/")).json()["items"]
    assert found["status"] == "active", found
    return buyer, found["id"]


async def test_an_upgrade_from_its_preview_to_the_license(shop: Any) -> None:
    buyer, kept = await _kept(shop, "upgrade-me.com")
    path = f"/api/v1/subscriptions/{kept}"
    other = await register(shop)
    for method, where in (("GET", path), ("POST", f"{path}/preview"), ("PUT", path), ("POST", f"{path}/cancel"), ("GET", f"{path}/history")):
        assert (await other.request(method, where, **({} if method == "GET" else {"json": {}}))).status_code == 404
    shown = (await buyer.post(f"{path}/preview", json={"plan": "professional"})).json()
    assert (shown["when"], shown["now"], shown["too_much"]) == ("when_paid", {"amount": 7000, "currency": "USD"}, [])
    asked = await buyer.request("PUT", path, json={"plan": "professional", "quote": shown["quote"]})
    assert asked.status_code == 200, asked.text
    change = asked.json()["change"]
    assert (change["state"], asked.json()["subscription"]["plan_code"]) == ("waiting_payment", "starter")
    again = await buyer.request("PUT", path, json={"plan": "enterprise"})
    assert (again.status_code, again.json()["code"]) == (409, "change_pending")
    opened = (await buyer.post("/api/v1/payments/intent", json={"payable_id": change["payable_id"]})).json()
    await till.submit(shop, opened["checkout_url"])
    await till.delivered(shop)
    found = (await buyer.get(path)).json()
    assert (found["plan_code"], found["price"]["amount"], found["version"]) == ("professional", 9900, 2)
    (license_,) = (await buyer.get("/api/v1/licenses")).json()["items"]
    assert license_["plan"] == "professional"
    kinds = [entry["kind"] for entry in (await buyer.get(f"{path}/history")).json()["items"]]
    assert kinds == ["changed", "change_waiting_payment", "started"]
    assert [entry["state"] for entry in (await buyer.get(f"{path}/changes")).json()] == ["applied"]
    assert await till.violations(shop) == []


async def test_cancelling_and_taking_it_back_and_what_staff_does(shop: Any) -> None:
    buyer, kept = await _kept(shop, "cancel-me.com")
    path = f"/api/v1/subscriptions/{kept}"
    ending = (await buyer.post(f"{path}/cancel", json={"reason": "Moving away"})).json()
    assert (ending["status"], ending["cancel_on"], ending["next_bill_on"]) == ("active", ending["current_period_end"], None)
    assert (await buyer.post(f"{path}/cancel", json={})).json()["code"] == "subscription_ending"
    assert (await buyer.post(f"{path}/reactivate")).json()["cancel_on"] is None
    assert (await buyer.post(f"{path}/pause", json={})).status_code == 403
    staff, desk = await till.staff(shop, "billing"), f"/api/v1/admin/subscriptions/{kept}"
    assert (await (await till.staff(shop, "support")).post(f"{desk}/pause", json={})).status_code == 403
    assert (await staff.post(f"{desk}/pause", json={"reason": "Asked by phone"})).json()["status"] == "paused"
    shop.advance(timedelta(days=10))
    staff = await till.staff(shop, "billing")
    entered = await shop.client.post("/api/v1/auth/login", json={"email": buyer.email, "password": PASSWORD})
    buyer.token = entered.json()["access_token"]
    resumed = (await staff.post(f"{desk}/resume", json={})).json()
    assert resumed["status"] == "active"
    assert resumed["current_period_end"] > ending["current_period_end"]
    assert (await buyer.post(f"{path}/cancel", json={"at": "now"})).json()["status"] == "ended"
    assert (await buyer.post(f"{path}/reactivate")).json()["code"] == "subscription_not_ending"
    assert await till.violations(shop) == []


async def test_staff_begins_one_without_an_order_and_announces_a_price(shop: Any) -> None:
    buyer, staff = await register(shop), await till.staff(shop, "billing")
    customer_id = (await buyer.get("/api/v1/customers/me")).json()["id"]
    plan = await staff.post("/api/v1/admin/plans", json={"code": "care", "kind": "product", "name": "Care", "state": "on_sale"})
    plan_id = plan.json()["id"]
    month = {"unit": "month", "count": 1}
    await staff.post(f"/api/v1/admin/plans/{plan_id}/prices", json={"cycle": month, "price": {"amount": 5000, "currency": "USD"}})
    wanted = {"customer_id": customer_id, "plan": "care", "cycle": month, "currency": "USD", "quantity": 2, "reason": "A contract on paper"}
    assert (await buyer.post("/api/v1/subscriptions/", json=wanted)).status_code == 403
    made = await staff.post("/api/v1/subscriptions/", json=wanted)
    assert made.status_code == 201, made.text
    assert (made.json()["status"], made.json()["price"]["amount"], made.json()["next_bill_on"]) == (
        "trialing",
        10000,
        made.json()["current_period_end"],
    )
    await staff.post(f"/api/v1/admin/plans/{plan_id}/prices", json={"cycle": month, "price": {"amount": 6000, "currency": "USD"}})
    versions = (await staff.get(f"/api/v1/admin/plans/{plan_id}/prices")).json()
    newest = max(versions["items"] if isinstance(versions, dict) else versions, key=lambda one: one["version"])
    rise = {"plan_id": plan_id, "price_id": newest["id"], "not_before": "2099-01-01"}
    early = await staff.get("/api/v1/admin/subscriptions/price-rises", params={**rise, "not_before": made.json()["created_at"][:10]})
    assert early.json()["code"] == "price_too_early"
    foreseen = (await staff.get("/api/v1/admin/subscriptions/price-rises", params=rise)).json()
    (touched,) = foreseen["rows"]
    assert (foreseen["count"], foreseen["more"], touched["subscription_id"]) == (1, False, made.json()["id"])
    assert (touched["before"]["amount"], touched["after"]["amount"]) == (10000, 12000)
    assert (await staff.post("/api/v1/admin/subscriptions/price-rises", json=rise)).json() == {"announced": 1, "more": False}
    assert (await staff.post("/api/v1/admin/subscriptions/price-rises", json=rise)).json() == {"announced": 0, "more": False}
    (change,) = (await buyer.get(f"/api/v1/subscriptions/{made.json()['id']}/changes")).json()
    assert (change["kind"], change["state"], change["next_charge"]["amount"]) == ("price", "scheduled", 12000)
    assert (change["effective_on"], change["asked_by"]) == (touched["effective_on"], "staff")
    refused = await buyer.post(f"/api/v1/subscriptions/{made.json()['id']}/changes/{change['id']}/withdraw")
    assert refused.json()["code"] == "change_not_open"


async def test_one_whole_and_the_list_narrowed(shop: Any) -> None:
    buyer, kept = await _kept(shop, "whole-and-narrow.com")
    path = f"/api/v1/subscriptions/{kept}"
    found = (await buyer.get(path)).json()
    (period,) = found["periods"]
    assert (period["start"], period["end"], period["invoice_state"]) == (found["current_period_start"], found["current_period_end"], "paid")
    assert (await buyer.get(f"/api/v1/invoices/{period['invoice_id']}")).json()["number"] == period["invoice_number"]
    (license_,) = (await buyer.get("/api/v1/licenses")).json()["items"]
    assert (found["license_id"], found["coupon"], found["unused"], found["pause_days_max"]) == (license_["id"], None, found["price"], 0)
    assert (found["domain"], found["next_charge"]) == ("whole-and-narrow.com", found["price"])
    staff, mine = await till.staff(shop, "billing"), found["customer_id"]
    everything = {"status": "active", "plan": "starter", "collection": found["collection"], "customer_id": mine}
    days = {"bill_from": found["next_bill_on"], "bill_until": found["next_bill_on"], "set_aside": "false"}
    (row,) = (await staff.get("/api/v1/subscriptions/", params={**everything, **days})).json()["items"]
    assert (row["id"], row["domain"]) == (kept, "whole-and-narrow.com")
    other = {"status": "paused", "plan": "professional", "set_aside": "true", "bill_from": "2199-01-01", "bill_until": "2000-01-01"}
    for name, value in other.items():
        narrowed = await staff.get("/api/v1/subscriptions/", params={**everything, name: value})
        assert narrowed.json()["items"] == [], name
    await buyer.post(f"{path}/cancel", json={"at": "now"})
    assert (await buyer.get(path)).json()["unused"] is None
    told = {entry["actor"] for entry in (await buyer.get(f"{path}/history")).json()["items"]}
    whole = {entry["actor"] for entry in (await staff.get(f"{path}/history")).json()["items"]}
    assert (told, {actor.partition(":")[0] for actor in whole}) == ({"system", "customer"}, told)
    assert any(actor.startswith("customer:") for actor in whole)
