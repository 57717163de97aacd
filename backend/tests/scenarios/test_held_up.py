"""Paid, and a partner or a place is missing: nothing is lost, staff and customer are told, the period starts at delivery, and who does not want to wait cancels."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from nextbill.runtime.database import Role
from tests.support.buyer import Buyer, register
from tests.support.staff import Staff, accounts, again, balance_sheet, charged, credit_of, hurry, registered, staff, violations

HOSTING, NAME = 9900, 1499


async def _order(buyer: Buyer, order_id: str) -> dict[str, Any]:
    return (await buyer.get(f"/api/v1/orders/{order_id}")).json()


async def _rows(shop: Any, query: str) -> list[Any]:
    async with shop.database.reading(Role.WORK) as tx:
        return list((await tx.execute(text(query))).all())


async def _doors(shop: Any, desk: Staff, *, status: str) -> None:
    for server in (await desk.get("/nextpanel/servers")).json()["items"]:
        answer = await desk.shop.client.put(
            f"/api/v1/nextpanel/servers/{server['id']}/status",
            json={"status": status},
            headers={"Authorization": f"Bearer {desk.token}"},
        )
        assert answer.status_code == 200, answer.text


async def _panels(shop: Any, *, down: bool) -> None:
    for name, url in shop.sims.items():
        if name.startswith("nextpanel"):
            (await shop.outside.post(f"{url}/_sim/nextpanel/down", json={"down": down})).raise_for_status()


async def _subjects(shop: Any, address: str) -> list[str]:
    return [mail["subject"] for mail in await shop.mails(address)]


async def test_no_room_waits_and_is_delivered_when_there_is(shop: Any) -> None:
    desk, buyer = await staff(shop), await register(shop)
    await _doors(shop, desk, status="draining")
    order = await buyer.order("patient.com")
    await buyer.pay(order["id"])
    await shop.drain()
    found = await _order(buyer, order["id"])
    assert [(line["state"], line["reason"]) for line in found["lines"]] == [("delayed", "no_room"), ("delayed", "waits_for_server")]
    assert await accounts(shop) == await registered(shop) == []
    assert [told for told in await _subjects(shop, buyer.email) if "longer" in told] == ["Order ORD-2026-000001: a step takes longer"]
    assert await _subjects(shop, shop.settings.company_email) == ["Needs a hand: order ORD-2026-000001, Professional for patient.com"]
    assert (await desk.timeline(order["id"]))["next"][0] == {
        "who": "staff",
        "what": "Professional for patient.com: no server has room; add one, and it goes on by itself",
    }

    shop.advance(timedelta(days=3))
    desk, buyer = await staff(shop), await again(buyer)
    await _doors(shop, desk, status="active")
    await shop.drain()
    assert (await _order(buyer, order["id"]))["state"] == "completed"
    assert len(await accounts(shop)) == 1
    assert await registered(shop) == ["patient.com"]
    assert [row.period_start for row in await _rows(shop, "select period_start from subscriptions_subscription")] == [shop.clock.now().date()]
    assert await violations(shop) == []


async def test_after_a_day_without_room_the_customer_is_told_once_and_may_cancel_in_full(shop: Any) -> None:
    desk, buyer = await staff(shop), await register(shop)
    await _doors(shop, desk, status="draining")
    order = await buyer.order("impatient.com")
    await buyer.pay(order["id"])
    await shop.drain()
    early = await buyer.post(f"/api/v1/orders/{order['id']}/cancel", json={})
    assert (early.status_code, early.json()["code"]) == (409, "too_early_to_cancel")
    assert early.json()["possible_from"] > shop.clock.now().isoformat()

    shop.advance(timedelta(hours=25))
    buyer = await again(buyer)
    await shop.drain()
    await shop.drain()
    late = "Order ORD-2026-000001 is late: you may cancel it"
    assert (await _subjects(shop, buyer.email)).count(late) == 1
    for _ in range(2):
        answer = await buyer.post(f"/api/v1/orders/{order['id']}/cancel", json={"reason": "it takes too long"})
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    await _doors(shop, await staff(shop), status="active")
    await shop.drain()

    assert await charged(shop) == {"captured": HOSTING + NAME, "refunded": HOSTING + NAME, "charges": 1}
    assert await balance_sheet(shop) == {}
    assert await credit_of(shop, buyer.email) == {}
    assert await accounts(shop) == await registered(shop) == []
    assert {row.state for row in await _rows(shop, "select state from licensing_license union select state from subscriptions_subscription")} == {
        "cancelled"
    }
    assert await violations(shop) == []


async def test_a_panel_that_is_down_parks_and_staffs_retry_delivers(shop: Any) -> None:
    buyer = await register(shop)
    await _panels(shop, down=True)
    order = await buyer.order("panel-down.com")
    await buyer.pay(order["id"])
    await shop.drain()
    await hurry(shop)
    found = await _order(buyer, order["id"])
    assert found["lines"][0]["state"] == "parked"
    assert await registered(shop) == ["panel-down.com"]
    desk = await staff(shop)
    (parked,) = await desk.parked()
    assert (parked["step"], parked["subject_type"], parked["subject"], parked["email"]) == (
        "hosting.create_account",
        "hosting account",
        "panel-down.com",
        buyer.email,
    )
    assert parked["order_id"] == order["id"]
    assert parked["cause"]
    assert parked["retry_would"]
    assert f"Needs a hand: order {found['number']}, Professional for panel-down.com" in await _subjects(shop, shop.settings.company_email)
    assert (await desk.timeline(order["id"]))["next"][0]["who"] == "staff"
    assert (await desk.post(f"/admin/steps/{parked['step_id']}/retry", json={})).status_code == 422

    await _panels(shop, down=False)
    assert await desk.retry_all("the panel is up again") == 1
    again_now = await desk.post(f"/admin/steps/{parked['step_id']}/retry", json={"reason": "twice"})
    assert (again_now.status_code, again_now.json()["code"]) == (409, "step_not_parked")
    await shop.drain()
    assert (await _order(buyer, order["id"]))["state"] == "completed"
    assert len(await accounts(shop)) == 1
    audited = [entry for entry in (await desk.timeline(order["id"]))["entries"] if entry["kind"] == "staff"]
    assert [(entry["what"], entry["reason"]) for entry in audited] == [("step.retried", "the panel is up again")]
    assert await violations(shop) == []


async def test_an_account_that_may_exist_is_not_cancelled_by_assumption(shop: Any) -> None:
    """The panel made it, the answer was lost, and then the panel went down: whoever cancels now must look first."""
    buyer = await register(shop)
    for name in ("nextpanel:alpha", "nextpanel:beta"):
        await shop.fault(name, effect="lost_after", pattern="POST /api/v1/billing/accounts", times=1)
        await shop.fault(name, effect="error_before", pattern="GET /api/v1/billing/accounts", status=503, times=-1)
    order = await buyer.order("maybe.com")
    await buyer.pay(order["id"])
    await shop.drain()
    await hurry(shop, turns=16)
    line = (await _order(buyer, order["id"]))["lines"][0]
    assert line["state"] == "parked"
    desk = await staff(shop)
    path = f"/admin/orders/{order['id']}/lines/{line['id']}/cancel"
    refused = await desk.post(path, json={"reason": "the customer does not want to wait"})
    assert (refused.status_code, refused.json()["code"]) == (409, "may_exist_already")
    assert (await charged(shop))["refunded"] == 0
    for url in (shop.sims["nextpanel:alpha"], shop.sims["nextpanel:beta"]):
        await shop.outside.delete(f"{url}/_sim/faults")
    await desk.retry_all()
    await shop.drain()
    assert (await _order(buyer, order["id"]))["state"] == "completed"
    assert len(await accounts(shop)) == 1
    assert await violations(shop) == []


async def test_staff_cancels_the_parked_hosting_and_the_name_is_kept(shop: Any) -> None:
    buyer = await register(shop)
    for name in ("nextpanel:alpha", "nextpanel:beta"):
        await shop.fault(name, effect="throttled", pattern="POST /api/v1/billing/accounts", times=-1)
    order = await buyer.order("name-only.com")
    await buyer.pay(order["id"])
    await shop.drain()
    await hurry(shop)
    line = (await _order(buyer, order["id"]))["lines"][0]
    whole = await (await staff(shop)).post(f"/admin/orders/{order['id']}/cancel", json={"reason": "the panel is gone"})
    assert (whole.status_code, whole.json()["code"]) == (409, "order_not_cancellable")
    answer = await (await staff(shop)).post(f"/admin/orders/{order['id']}/lines/{line['id']}/cancel", json={"reason": "the panel is gone"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], [line["state"] for line in answer.json()["lines"]]) == ("completed", ["cancelled", "delivered"])
    await shop.drain()
    assert (await charged(shop))["refunded"] == HOSTING
    assert await balance_sheet(shop) == {"gateway_clearing": NAME, "revenue_domains": -NAME}
    await hurry(shop, turns=2)
    assert await accounts(shop) == []
    assert await violations(shop) == []


async def test_a_panel_that_never_comes_back_is_looked_at_by_hand_and_then_cancelled(shop: Any) -> None:
    buyer = await register(shop)
    await _panels(shop, down=True)
    order = await buyer.order("gone-for-good.com", plan="professional")
    await buyer.pay(order["id"])
    await shop.drain()
    await hurry(shop)
    shop.advance(timedelta(hours=25))
    buyer, desk = await again(buyer), await staff(shop)
    line = (await _order(buyer, order["id"]))["lines"][0]
    path = f"/api/v1/orders/{order['id']}/lines/{line['id']}/cancel"
    assert (await buyer.post(path, json={})).json()["code"] == "may_exist_already"
    (parked,) = await desk.parked()
    declare = f"/admin/steps/{parked['step_id']}/declare-undone"
    answers = [await desk.post(declare, json={"reason": "its disks are here, nothing on them"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 409]
    answer = await buyer.post(path, json={})
    assert [line["state"] for line in answer.json()["lines"]] == ["cancelled", "delivered"]
    await shop.drain()
    assert (await charged(shop))["refunded"] == HOSTING
    assert await violations(shop) == []


async def test_a_name_that_waited_for_a_cancelled_site_is_registered_all_the_same(shop: Any) -> None:
    desk, buyer = await staff(shop), await register(shop)
    await _doors(shop, desk, status="draining")
    order = await buyer.order("site-less.com")
    await buyer.pay(order["id"])
    await shop.drain()
    await _doors(shop, desk, status="active")
    path = f"/admin/orders/{order['id']}/lines/{order['lines'][0]['id']}/cancel"
    answer = await desk.post(path, json={"reason": "wants the name only"})
    assert [line["state"] for line in answer.json()["lines"]] == ["cancelled", "requested"]
    await shop.drain()
    assert (await _order(buyer, order["id"]))["state"] == "completed"
    assert await registered(shop) == ["site-less.com"]
    assert await accounts(shop) == []
    assert await violations(shop) == []


async def test_no_money_at_the_registrar_is_not_the_customers_problem(shop: Any) -> None:
    buyer = await register(shop)
    balance = f"{shop.sims['resellerclub']}/_sim/resellerclub/balance"
    await shop.outside.post(balance, json={"set": "0.00"})
    order = await buyer.order("no-funds.com")
    await buyer.pay(order["id"])
    await shop.drain()
    await hurry(shop)
    desk = await staff(shop)
    (parked,) = await desk.parked()
    assert (parked["reason"], parked["cause"]) == ("no_funds", "The balance at the registrar does not cover it. Top up there, then retry.")
    assert (await charged(shop))["refunded"] == 0
    await shop.outside.post(balance, json={"set": "500.00"})
    await desk.retry_all("topped up")
    await shop.drain()
    await hurry(shop, turns=3)
    assert (await _order(buyer, order["id"]))["state"] == "completed"
    domains = (await shop.outside.get(f"{shop.sims['resellerclub']}/_sim/resellerclub/domains")).json()
    assert [entry["registrations"] for entry in domains if entry["live"]] == [1]
    assert await violations(shop) == []


async def test_a_mail_server_that_is_down_gets_the_mail_later_and_once(shop: Any) -> None:
    buyer = await register(shop)
    control = f"{shop.sims['mailbox']}/_sim/mailbox/smtp"
    await shop.outside.post(control, json={"mode": "down"})
    order = await buyer.order("mail-later.com")
    await buyer.pay(order["id"])
    await shop.drain()
    assert (await _order(buyer, order["id"]))["state"] == "completed"
    assert "mail-later.com is ready" not in await _subjects(shop, buyer.email)
    await shop.outside.post(control, json={"mode": "ok"})
    await hurry(shop, turns=3)
    told = await _subjects(shop, buyer.email)
    assert sorted(told[1:]) == ["Receipt for invoice INV-2026-000001: $113.99", "mail-later.com is ready"]
    assert await violations(shop) == []


async def test_an_unpaid_order_is_cancelled_at_any_time_and_its_page_closes(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("never-mind.com")
    opened = await buyer.checkout(order["id"])
    for _ in range(2):
        answer = await buyer.post(f"/api/v1/orders/{order['id']}/cancel", json={})
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    await shop.drain()
    page = await shop.outside.post(opened["checkout_url"], data={"card_number": "4242424242424242"})
    assert page.status_code == 410
    assert (await buyer.post(f"/api/v1/orders/{order['id']}/pay", json={})).status_code == 409
    assert await charged(shop) == {"captured": 0, "refunded": 0, "charges": 0}
    assert await violations(shop) == []


async def test_a_delivered_order_is_not_cancelled_and_staff_may_refund_a_line_once(shop: Any) -> None:
    desk, buyer = await staff(shop), await register(shop)
    order = await buyer.order("all-well.com")
    await buyer.pay(order["id"])
    await shop.drain()
    refused = await buyer.post(f"/api/v1/orders/{order['id']}/cancel", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "order_not_cancellable")
    path = f"/admin/orders/{order['id']}/lines/{order['lines'][1]['id']}/refund"
    answers = [await desk.post(path, json={"reason": "goodwill"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["code"] == "nothing_to_credit"
    await shop.drain()
    assert (await charged(shop))["refunded"] == NAME
    assert await balance_sheet(shop) == {"gateway_clearing": HOSTING, "revenue_hosting": -HOSTING}
    assert [line["state"] for line in (await _order(buyer, order["id"]))["lines"]] == ["delivered", "delivered"]
    assert await violations(shop) == []
