"""Staff edit the catalog over HTTP: versions, previews, withdrawals, audit; and what the shop window shows of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.capabilities import till
from tests.support import stall
from tests.support.buyer import register
from tests.support.staff import Staff, staff


@pytest.fixture
async def desk(shop: Any) -> Staff:
    return await staff(shop)


async def _window(shop: Any, code: str, **query: Any) -> Any:
    return await shop.client.get(f"/api/v1/plans/{code}", params=query)


async def test_a_draft_becomes_a_plan_and_is_withdrawn(shop: Any, desk: Staff) -> None:
    addon = await stall.put_on_sale(desk, "more-mail", 300, kind="addon", limits={"emails": 50})
    option = await desk.post("/admin/options", json={"code": "region", "name": "Region", "kind": "choice", "required": True, "values": [
        {"code": "eu", "name": "Europe"}, {"code": "us", "name": "America", "features": ["far_away"]},
    ]})  # fmt: skip
    assert option.status_code == 201, option.text
    for value, amount in (("eu", 0), ("us", 150)):
        body = {"value": value, "cycle": stall.MONTH, "price": stall.usd(amount)}
        assert (await desk.post(f"/admin/options/{option.json()['id']}/prices", json=body)).status_code == 201
    versions = (await desk.get(f"/admin/options/{option.json()['id']}/prices")).json()["items"]
    assert {version["value"]: version["price"]["amount"] for version in versions} == {"eu": 0, "us": 150}
    made = await desk.post(
        "/admin/plans",
        json={
            "code": "gold", "name": "Gold", "tagline": "Shines", "limits": {"emails": 10}, "addons": ["more-mail"], "options": ["region"],
            "included_domains": {"count": 2, "tlds": ["com"], "minimum_cycle": {"unit": "year", "count": 1}}, "reason": "new season",
        },
    )  # fmt: skip
    assert (made.status_code, made.headers["etag"], made.json()["state"]) == (201, '"1"', "draft"), made.text
    plan_id = made.json()["id"]
    priced = await desk.post(f"/admin/plans/{plan_id}/prices", json={"cycle": {"unit": "week", "count": 2}, "price": stall.usd(700)})
    assert priced.status_code == 201, priced.text
    monthly = {"cycle": stall.MONTH, "price": stall.usd(1500), "setup_fee": stall.usd(99), "cost": stall.usd(600)}
    assert (await desk.post(f"/admin/plans/{plan_id}/prices", json=monthly)).json()["impact"] == {"subscriptions": 0, "rows": []}
    assert (await _window(shop, "gold")).status_code == 404
    preview = (await desk.get(f"/admin/plans/{plan_id}/preview")).json()
    on_sale = await desk.put(f"/admin/plans/{plan_id}", json={"state": "on_sale"}, headers={"If-Match": '"3"'})
    assert (on_sale.status_code, on_sale.headers["etag"]) == (200, '"4"'), on_sale.text
    shown = (await _window(shop, "gold")).json()
    assert shown == preview
    assert [(price["cycle"], price["price"]["amount"], price["setup_fee"]["amount"]) for price in shown["prices"]] == [
        ({"unit": "week", "count": 2}, 700, 0), ({"unit": "month", "count": 1}, 1500, 99),
    ]  # fmt: skip
    assert [(one["code"], one["limits"]) for one in shown["addons"]] == [("more-mail", {"emails": 50})]
    assert [value["code"] for value in shown["options"][0]["values"]] == ["eu", "us"]
    assert (shown["included_domains"]["count"], shown["in_stock"], shown["currencies"]) == (2, True, ["USD"])
    margin = next(price for price in on_sale.json()["prices"] if price["cost"])
    assert (margin["margin"]["amount"], margin["margin_ppm"]) == (900, 600_000)
    await _withdrawn(shop, desk, plan_id, addon["id"])


async def _withdrawn(shop: Any, desk: Staff, plan_id: str, addon_id: str) -> None:
    stale = await desk.put(f"/admin/plans/{plan_id}", json={"name": "Golden"}, headers={"If-Match": '"3"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_outdated")
    assert (await desk.delete(f"/admin/plans/{addon_id}")).json()["state"] == "withdrawn"
    assert (await _window(shop, "gold")).json()["addons"] == []
    gone = await desk.delete(f"/admin/plans/{plan_id}?reason=end of season")
    assert (gone.status_code, gone.json()["state"], len(gone.json()["prices"])) == (200, "withdrawn", 2)
    assert (await desk.delete(f"/admin/plans/{plan_id}")).json()["version"] == gone.json()["version"]
    assert (await _window(shop, "gold")).status_code == 404
    told = await till.rows(shop, "select action, reason from identity_audit where object_id = :id order by id", id=plan_id)
    assert [row["action"] for row in told] == [
        "catalog.plan_created", "catalog.plan_priced", "catalog.plan_priced", "catalog.plan_changed", "catalog.plan_withdrawn",
    ]  # fmt: skip
    assert (told[0]["reason"], told[-1]["reason"]) == ("new season", "end of season")


async def test_a_price_for_next_month_is_seen_next_month(shop: Any, desk: Staff) -> None:
    made = await stall.put_on_sale(desk, "gold", 1000)
    path, soon = f"/admin/plans/{made['id']}", (shop.clock.now().date() + timedelta(days=30)).isoformat()
    later = await desk.post(f"{path}/prices", json={"cycle": stall.MONTH, "price": stall.usd(1200), "valid_from": soon})
    assert (later.status_code, later.json()["price_version"]) == (201, 2)
    past = await desk.post(f"{path}/prices", json={"cycle": stall.MONTH, "price": stall.usd(1), "valid_from": date(2020, 1, 1).isoformat()})
    assert (past.status_code, past.json()["code"]) == (422, "price_in_the_past")
    assert (await _window(shop, "gold")).json()["prices"][0]["price"]["amount"] == 1000
    assert (await desk.get(f"{path}/preview?on={soon}")).json()["prices"][0]["price"]["amount"] == 1200
    assert [price["version"] for price in (await desk.get(f"{path}/prices")).json()["items"]] == [2, 1]


WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("/admin/plans", {"code": "starter", "name": "Again"}, 409, "catalog_code_taken"),
    ("/admin/plans", {"code": "Not A Code", "name": "x"}, 422, "invalid"),
    ("/admin/plans", {"code": "x", "name": "x", "addons": ["none"]}, 422, "unknown_addon"),
    ("/admin/plans", {"code": "x", "name": "x", "options": ["none"]}, 422, "unknown_option"),
    ("/admin/plans", {"code": "x", "name": "x", "kind": "addon", "trial_days": 3}, 422, "not_for_this_kind"),
    ("/admin/options", {"code": "x", "name": "x", "kind": "quantity", "values": [{"code": "a", "name": "a"}, {"code": "b", "name": "b"}]}, 422, "not_for_this_kind"),
    ("/admin/coupons", {"code": "welcome10", "name": "x", "percent_ppm": 1}, 409, "catalog_code_taken"),
    ("/admin/coupons", {"code": "NEITHER", "name": "x"}, 422, "invalid"),
    ("/admin/coupons", {"code": "BOTH", "name": "x", "percent_ppm": 1, "amounts": {"USD": 1}}, 422, "invalid"),
    ("/admin/coupons", {"code": "MONEY", "name": "x", "amounts": {"QQQ": 1}}, 422, "invalid"),
    ("/admin/coupons", {"code": "DATES", "name": "x", "percent_ppm": 1, "valid_from": "2026-02-01", "valid_until": "2026-02-01"}, 422, "invalid"),
    ("/admin/tlds", {"tld": "com"}, 409, "catalog_code_taken"),
    ("/admin/tlds", {"tld": "org.uk", "min_years": 3, "max_years": 2}, 422, "years_not_offered"),
]  # fmt: skip


async def test_what_cannot_be_is_refused(shop: Any, desk: Staff) -> None:
    for path, body, status, code in WRONG:
        answer = await desk.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (path, body, answer.text)
    plan = (await desk.get("/admin/plans?search=starter")).json()["items"][0]
    once = await desk.post(f"/admin/plans/{plan['id']}/prices", json={"cycle": {"unit": "once"}, "price": stall.usd(1)})
    assert (once.status_code, once.json()["code"]) == (422, "not_for_this_kind")
    support = await till.staff(shop, "support")
    assert (await support.post("/api/v1/admin/coupons", json={"code": "X", "name": "x", "percent_ppm": 1})).status_code == 403
    assert (await support.get("/api/v1/admin/plans")).status_code == 200


async def test_coupons_are_changed_and_told(shop: Any, desk: Staff) -> None:
    made = await stall.offer_coupon(desk, "five", amounts={"USD": 500}, periods=None, minimums={"USD": 2000}, max_uses=2)
    assert (made["code"], made["kind"], made["periods"], made["used_count"]) == ("FIVE", "amount", None, 0)
    buyer = await register(shop)
    small = await stall.quote(buyer, stall.product("site-move"), coupon="WELCOME10")
    assert small.json()["total"]["amount"] == 4410
    unknown = await stall.quote(buyer, stall.product("site-move"), coupon="nobody")
    assert (unknown.status_code, unknown.json()["code"], unknown.json()["fields"][0]["field"]) == (422, "coupon_unknown", "coupon")
    placed = (await stall.order(buyer, stall.product("site-move"), coupon="Five")).json()
    assert placed["total"]["amount"] == 4400
    (redeemed,) = (await desk.get(f"/admin/coupons/{made['id']}/redemptions")).json()["items"]
    assert (redeemed["order_id"], redeemed["discount"], redeemed["state"]) == (placed["id"], stall.usd(500), "held")
    low = await desk.put(f"/admin/coupons/{made['id']}", json={"max_uses": 1}, headers={"If-Match": '"1"'})
    assert (low.status_code, low.json()["max_uses"], low.headers["etag"]) == (200, 1, '"2"')
    assert (await desk.put(f"/admin/coupons/{made['id']}", json={"max_uses": 5}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await desk.delete(f"/admin/coupons/{made['id']}")).json()["state"] == "withdrawn"
    assert [one["code"] for one in (await desk.get("/admin/coupons?state=active")).json()["items"]] == ["WELCOME10"]


async def test_endings_have_prices_by_years_currency_and_cost(shop: Any, desk: Staff) -> None:
    made = (await desk.post("/admin/tlds", json={"tld": "Co.UK", "min_years": 1, "max_years": 5})).json()
    for years, amount in ((1, 1000), (2, 1800)):
        body = {"operation": "register", "years": years, "price": stall.usd(amount), "cost": stall.usd(amount // 2)}
        answer = await desk.post(f"/admin/tlds/{made['id']}/prices", json=body)
        assert answer.status_code == 201, answer.text
    assert (answer.json()["prices"][0]["margin"], answer.json()["prices"][0]["margin_ppm"]) == (stall.usd(900), 500_000)
    buyer = await register(shop)
    costs = [
        (await stall.quote(buyer, {"kind": "domain", "name": f"shop{years}.co.uk", "years": years})).json()["total"]["amount"] for years in (1, 2, 3)
    ]
    assert costs == [1000, 1800, 3000]
    await stall.order(buyer, {"kind": "domain", "name": "cost.co.uk", "years": 2})
    assert await till.rows(shop, "select cost_minor, cost_currency from orders_line") == [{"cost_minor": 900, "cost_currency": "USD"}]
    euro = (await shop.client.get("/api/v1/tlds?currency=EUR")).json()["items"]
    assert {"com", "de"} <= {one["tld"] for one in euro}
    assert "io" not in {one["tld"] for one in euro}
    assert (await desk.delete(f"/admin/tlds/{made['id']}")).json()["state"] == "withdrawn"
    assert (await stall.quote(buyer, {"kind": "domain", "name": "gone.co.uk"})).json()["code"] == "tld_not_on_sale"


async def test_carts_name_what_is_wrong_with_extras(shop: Any) -> None:
    buyer = await register(shop)
    wrong = [
        ({"addons": [{"code": "none"}]}, "unknown_addon", "items.0.addons.0.code"),
        ({"addons": [{"code": "extra-backups"}, {"code": "extra-backups"}]}, "unknown_addon", "items.0.addons.1.code"),
        ({"options": [{"code": "none"}]}, "unknown_option", "items.0.options.0.code"),
        ({"options": [{"code": "extra-disk", "quantity": 21}]}, "option_not_possible", "items.0.options.0.quantity"),
        ({"options": [{"code": "php-workers", "value": "nine"}]}, "option_not_possible", "items.0.options.0.value"),
    ]
    for more, code, field in wrong:
        answer = await stall.quote(buyer, stall.hosting("professional", "x.example.org", **more))
        assert (answer.status_code, answer.json()["code"], answer.json()["fields"][0]["field"]) == (422, code, field), answer.text
    unknown = await stall.quote(buyer, stall.product("starter"))
    assert (unknown.json()["code"], unknown.json()["fields"][0]["field"]) == ("unknown_plan", "items.0.product")
    euro = await stall.quote(
        buyer, stall.hosting("professional", "x.example.org", options=[{"code": "php-workers", "value": "four"}]), currency="EUR"
    )
    assert euro.json()["total"] == {"amount": 9700 + 600, "currency": "EUR"}
