"""What is sold beyond a plan and a name, told like accounting cases: quoted, ordered, paid, delivered, booked, and what it will cost again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from nextbill.capabilities import catalog
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support import stall
from tests.support.buyer import Buyer, register
from tests.support.staff import Staff, balance_sheet, registered, staff, violations

YEAR = {"unit": "year", "count": 1}


@pytest.fixture
async def desk(shop: Any) -> Staff:
    return await staff(shop)


@pytest.fixture
async def buyer(shop: Any) -> Buyer:
    return await register(shop)


async def _delivered(shop: Any, buyer: Buyer, order_id: str) -> dict[str, Any]:
    await shop.drain()
    found = (await buyer.get(f"/api/v1/orders/{order_id}")).json()
    assert found["state"] == "completed", found
    return found


async def test_setup_coupon_addon_option_and_an_included_name(shop: Any, buyer: Buyer, desk: Staff) -> None:
    """A whole cart: 12 % off three months of everything but the setup; the name comes with the yearly plan."""
    plan = next(one for one in (await desk.get("/admin/plans?search=professional")).json()["items"] if one["code"] == "professional")
    dearer = {"cycle": YEAR, "price": stall.usd(100000), "setup_fee": stall.usd(2500)}
    assert (await desk.post(f"/admin/plans/{plan['id']}/prices", json=dearer)).status_code == 201
    await stall.offer_coupon(desk, "TWELVE", percent_ppm=120_000, periods=3, plan_codes=["*"], max_uses=1)
    extras = {"addons": [{"code": "dedicated-ip", "quantity": 2}], "options": [{"code": "extra-disk", "quantity": 3}]}
    item = stall.hosting("professional", "whole-cart.com", own=False, cycle=YEAR, **extras)
    told = (await stall.quote(buyer, item, coupon="twelve")).json()
    assert [(part["kind"], part["quantity"], part["unit"]["amount"], part["discount"]["amount"]) for part in told["lines"][0]["parts"]] == [
        ("plan", 1, 100000, 12000), ("setup", 1, 2500, 0), ("addon", 2, 4000, 960), ("addon_setup", 2, 1000, 0), ("option", 3, 2000, 720),
    ]  # fmt: skip
    name = told["lines"][1]
    assert (name["list_price"]["amount"], name["net"]["amount"], name["discount_note"]) == (1499, 0, "Included in Professional")
    assert told["total"]["amount"] == 100000 + 2500 + 8000 + 2000 + 6000 - 13680
    assert told["coupon"] == {"code": "TWELVE", "name": "TWELVE", "discount": stall.usd(13680), "periods": 3}
    again = told["lines"][0]["renewal"]
    assert [again[field]["amount"] for field in ("net", "discount", "once", "regular")] == [114000 - 13680, 13680, 0, 114000]
    assert name["renewal"]["net"]["amount"] == 1499

    placed = await stall.order(buyer, item, coupon="TWELVE", expected_total=told["total"])
    assert placed.status_code == 201, placed.text
    await buyer.pay(placed.json()["id"])
    found = await _delivered(shop, buyer, placed.json()["id"])
    assert (found["coupon"], [line["state"] for line in found["lines"]]) == ("TWELVE", ["delivered", "delivered"])
    license_ = (await buyer.get("/api/v1/licenses")).json()["items"][0]
    limits = await till.rows(shop, "select resource, limit_count from licensing_quota")
    assert {row["resource"]: row["limit_count"] for row in limits} == {
        "accounts": 5, "domains": 25, "databases": 50, "emails": 100, "addresses": 2, "disk_gb": 30,
    }  # fmt: skip
    assert "dedicated_ip" in license_["features"]
    await _what_it_left(shop, buyer, found)


async def _what_it_left(shop: Any, buyer: Buyer, found: dict[str, Any]) -> None:
    """The books, the paper, the subscription's items at list price, the coupon's periods."""
    books = await balance_sheet(shop)
    assert (books["revenue_hosting"], books["gateway_clearing"], books.get("revenue_domains", 0)) == (-104820, 104820, 0)
    paper = (await buyer.get("/api/v1/invoices")).json()["items"][0]
    lines = (await buyer.get(f"/api/v1/invoices/{paper['id']}")).json()["lines"]
    assert [(line["quantity"], line["unit_net"]["amount"], line["discount"]["amount"], line["net"]["amount"]) for line in lines] == [
        (1, 100000, 12000, 88000), (1, 2500, 0, 2500), (2, 4000, 960, 7040), (2, 1000, 0, 2000), (3, 2000, 720, 5280), (1, 1499, 1499, 0),
    ]  # fmt: skip
    kept = (await buyer.get("/api/v1/subscriptions")).json()["items"][0]
    assert (kept["price"]["amount"], [item["kind"] for item in kept["items"]]) == (114000, ["plan", "addon", "option"])
    line_id, nets = UUID(found["lines"][0]["id"]), [Money(item["unit"]["amount"] * item["quantity"], "USD") for item in kept["items"]]
    async with shop.database.writing(Role.WORK) as tx:
        for index in (1, 2):
            used = await catalog.renewal_discount(tx, line_id=line_id, period_index=index, nets=nets)
            assert used is not None
            assert (used.code, used.off) == ("TWELVE", Money(13680, "USD"))
            for _ in range(2):
                await catalog.count_period(
                    tx, used, line_id=line_id, customer_id=UUID(found["customer_id"]), period_index=index, now=shop.clock.now()
                )
        assert await catalog.renewal_discount(tx, line_id=line_id, period_index=3, nets=nets) is None
    counted = await till.rows(shop, "select period_index, discount_minor from catalog_redemption_period order by period_index")
    assert [(row["period_index"], row["discount_minor"]) for row in counted] == [(0, 13680), (1, 13680), (2, 13680)]
    assert await till.one(shop, "select state from catalog_redemption") == "redeemed"
    assert await violations(shop) == []


async def test_a_trial_is_confirmed_without_a_charge_and_given_once(shop: Any, buyer: Buyer, desk: Staff) -> None:
    await stall.put_on_sale(desk, "basic", 1200, setup=500, trial_days=14, limits={"accounts": 1})
    await stall.offer_coupon(desk, "HALF", percent_ppm=500_000)
    item = stall.hosting("basic", "try-me.example.org")
    told = (await stall.quote(buyer, item, coupon="half")).json()
    assert (told["total"]["amount"], told["lines"][0]["trial_days"], told["coupon"]["discount"]["amount"]) == (0, 14, 0)
    renewal = told["lines"][0]["renewal"]
    assert [renewal[field]["amount"] for field in ("net", "discount", "once", "regular")] == [1100, 600, 500, 1200]
    assert renewal["on"] == (shop.clock.now().date() + timedelta(days=14)).isoformat()
    placed = (await stall.order(buyer, item, coupon="HALF")).json()
    assert (placed["state"], placed["proforma_id"], placed["total"]["amount"]) == ("paid", None, 0)
    found = await _delivered(shop, buyer, placed["id"])
    kept = (await buyer.get("/api/v1/subscriptions")).json()["items"][0]
    assert (kept["trial_ends_on"], kept["next_due_on"], kept["current_period_end"]) == (renewal["on"],) * 3
    assert [(one["kind"], one["unit"]["amount"], one["billing"]) for one in kept["items"]] == [
        ("plan", 1200, "each_period"), ("setup", 500, "first_period"),
    ]  # fmt: skip
    assert (
        await till.rows(shop, "select 1 from invoicing_proforma union all select 1 from invoicing_invoice union all select 1 from ledger_entry") == []
    )
    async with shop.database.reading(Role.WORK) as tx:
        first = await catalog.renewal_discount(tx, line_id=UUID(found["lines"][0]["id"]), period_index=0, nets=[Money(1200, "USD")])
        assert first is not None
        assert first.off == Money(600, "USD")
    assert await violations(shop) == []
    again = (await stall.quote(buyer, stall.hosting("basic", "try-again.example.org"))).json()
    assert (again["total"]["amount"], again["lines"][0]["trial_days"]) == (1700, 0)


async def test_a_product_that_is_charged_once(shop: Any, buyer: Buyer) -> None:
    placed = (await stall.order(buyer, stall.product("site-move", 2))).json()
    assert (placed["total"]["amount"], placed["lines"][0]["kind"], placed["lines"][0]["cycle"]) == (9800, "product", None)
    await buyer.pay(placed["id"])
    await _delivered(shop, buyer, placed["id"])
    assert (await buyer.get("/api/v1/subscriptions")).json()["items"] == []
    assert (await shop.mails(buyer.email))[-1]["subject"] == "Site move: your order is complete"
    assert (await balance_sheet(shop))["revenue_hosting"] == -9800
    assert await violations(shop) == []


async def test_a_price_raised_between_quote_and_order(shop: Any, buyer: Buyer, desk: Staff) -> None:
    """What the customer was shown is what is ordered, or nothing is; who bought before keeps the old price, and staff see who that is."""
    made = await stall.put_on_sale(desk, "solo", 1000)
    item = stall.hosting("solo", "raised.example.org")
    old = (await stall.order(buyer, item)).json()
    await buyer.pay(old["id"])
    await _delivered(shop, buyer, old["id"])
    shown = (await stall.quote(buyer, stall.hosting("solo", "later.example.org"))).json()["total"]
    raised = await desk.post(f"/admin/plans/{made['id']}/prices", json={"cycle": stall.MONTH, "price": stall.usd(1300)})
    (row,) = raised.json()["impact"]["rows"]
    assert (raised.json()["price_version"], row["version"], row["subscriptions"]) == (2, 1, 1)
    assert (row["before"], row["after"], row["change"]) == (stall.usd(1000), stall.usd(1300), stall.usd(300))
    refused = await stall.order(buyer, stall.hosting("solo", "later.example.org"), expected_total=shown)
    assert (refused.status_code, refused.json()["code"], refused.json()["total_minor"]) == (409, "price_changed", 1300)
    later = await stall.order(buyer, stall.hosting("solo", "later.example.org"), expected_total=stall.usd(1300))
    assert later.json()["lines"][0]["parts"][0]["price_version"] == 2
    kept = (await buyer.get("/api/v1/subscriptions")).json()["items"][0]
    assert (kept["price"]["amount"], kept["price_version"]) == (1000, 1)
    thought = (await desk.get(f"/admin/plans/{made['id']}/impact?amount=900&currency=USD")).json()["rows"][0]
    assert (thought["newest_version"], thought["change"]) == (None, stall.usd(-100))


async def test_an_order_that_is_not_paid_gives_back_what_it_held(shop: Any, buyer: Buyer, desk: Staff) -> None:
    made = await stall.put_on_sale(desk, "rare", 1000)
    await desk.put(f"/admin/plans/{made['id']}/stock", json={"left": 1})
    await stall.offer_coupon(desk, "ONCE", percent_ppm=100_000, max_uses=1)
    placed = await stall.order(buyer, stall.hosting("rare", "held.example.org"), coupon="once")
    assert placed.status_code == 201, placed.text
    other = await register(shop)
    sold_out = await stall.order(other, stall.hosting("rare", "too-late.example.org"))
    assert (sold_out.status_code, sold_out.json()["code"]) == (422, "out_of_stock")
    used_up = await stall.quote(other, stall.hosting("starter", "too-late.example.org"), coupon="once")
    assert (used_up.status_code, used_up.json()["code"]) == (422, "coupon_used_up")
    shop.advance(timedelta(hours=25))
    await shop.drain()
    order_id = placed.json()["id"]
    assert await till.one(shop, "select state from orders_order where id = :id", id=UUID(order_id)) == "cancelled"
    found = await till.rows(
        shop, "select stock_left, used_count from catalog_plan, catalog_coupon where catalog_plan.code = 'rare' and catalog_coupon.code = 'ONCE'"
    )
    assert [(row["stock_left"], row["used_count"]) for row in found] == [(1, 0)]
    assert await till.rows(shop, "select state from catalog_stock_hold union all select state from catalog_redemption") == [{"state": "released"}] * 2
    assert await violations(shop) == []


async def test_what_is_paid_is_taken_and_a_cancelled_trial_leaves_nothing(shop: Any, buyer: Buyer, desk: Staff) -> None:
    made = await stall.put_on_sale(desk, "rare", 1000, trial_days=7)
    await desk.put(f"/admin/plans/{made['id']}/stock", json={"left": 2})
    unverified = await register(shop, verified=False)
    waiting = (await stall.order(unverified, stall.hosting("rare", "waits.example.org"))).json()
    await shop.drain()
    shown = (await desk.get(f"/admin/plans/{made['id']}")).json()
    assert (shown["stock_left"], shown["stock_held"], shown["stock_taken"]) == (1, 0, 1)
    cancelled = await desk.post(f"/admin/orders/{waiting['id']}/cancel", json={"reason": "never confirmed"})
    assert cancelled.status_code == 200, cancelled.text
    shown = (await desk.get(f"/admin/plans/{made['id']}")).json()
    assert (shown["stock_left"], shown["stock_taken"]) == (2, 0)
    assert await violations(shop) == []


async def test_an_included_name_goes_with_the_plan_that_it_came_with(shop: Any, buyer: Buyer, desk: Staff) -> None:
    """Without room the plan is cancelled before delivery: its free name is not registered, and the whole goes back."""
    for server in (await desk.get("/nextpanel/servers")).json()["items"]:
        await desk.put(f"/nextpanel/servers/{server['id']}/status", json={"status": "draining"})
    placed = (await stall.order(buyer, stall.hosting("professional", "came-with.com", own=False, cycle=YEAR))).json()
    assert placed["total"]["amount"] == 99000
    await buyer.pay(placed["id"])
    await shop.drain()
    cancelled = await desk.post(f"/admin/orders/{placed['id']}/lines/{placed['lines'][0]['id']}/cancel", json={"reason": "no room"})
    assert cancelled.status_code == 200, cancelled.text
    await shop.drain()
    found = (await buyer.get(f"/api/v1/orders/{placed['id']}")).json()
    assert (found["state"], [line["state"] for line in found["lines"]]) == ("cancelled", ["cancelled", "cancelled"])
    assert await registered(shop) == []
    assert await balance_sheet(shop) == {}
    assert await violations(shop) == []


async def test_trials_asked_for_at_once_are_one(shop: Any, buyer: Buyer, desk: Staff) -> None:
    await stall.put_on_sale(desk, "basic", 1200, trial_days=14, limits={"accounts": 1})
    asked = (stall.order(buyer, stall.hosting("basic", f"try-{place}.example.org")) for place in range(4))
    totals = [answer.json()["total"]["amount"] for answer in await asyncio.gather(*asked)]
    assert sorted(totals) == [0, 1200, 1200, 1200]
