"""What follows from a subscription elsewhere: the account on the panel, the license, how it is collected, and what the customer hears of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support import cards
from tests.support.buyer import Buyer, register
from tests.support.staff import again, hurry


async def _kept(shop: Any, name: str) -> tuple[Buyer, str]:
    buyer = await register(shop)
    order = await buyer.order(name, plan="starter")
    await buyer.pay(order["id"])
    await till.delivered(shop)
    (found,) = (await buyer.get("/api/v1/subscriptions/")).json()["items"]
    assert found["status"] == "active", found
    return buyer, found["id"]


async def _on_panel(shop: Any) -> tuple[str, str | None]:
    """The panels' own word: the one account's status, and why."""
    found = []
    for name in ("nextpanel:alpha", "nextpanel:beta"):
        found += (await shop.outside.get(f"{shop.sims[name]}/_sim/state", params={"kind": "account"})).json()
    (account,) = found
    return account["status"], account["suspend_reason"]


async def _license(shop: Any) -> tuple[str, list[str]]:
    (row,) = await till.rows(shop, "select state, suspension_reasons from licensing_license")
    return row["state"], row["suspension_reasons"]


async def _subjects(shop: Any, buyer: Buyer) -> list[str]:
    return [mail["subject"] for mail in await shop.mails(buyer.email)]


async def test_a_pause_rests_the_account_and_the_license_and_its_end_brings_them_back(shop: Any) -> None:
    buyer, kept = await _kept(shop, "at-rest.com")
    staff, desk = await till.staff(shop, "billing"), f"/api/v1/admin/subscriptions/{kept}"
    assert (await _on_panel(shop), await _license(shop)) == (("active", None), ("active", []))
    assert (await staff.post(f"{desk}/pause", json={"reason": "Asked by phone"})).json()["status"] == "paused"
    await shop.drain()
    assert (await _on_panel(shop), await _license(shop)) == (("suspended", "paused"), ("suspended", ["paused"]))
    until = await till.one(shop, "select expires_at from licensing_license")
    shop.advance(timedelta(days=5))
    staff = await till.staff(shop, "billing")
    assert (await staff.post(f"{desk}/resume", json={})).json()["status"] == "active"
    await shop.drain()
    assert (await _on_panel(shop), await _license(shop)) == (("active", None), ("active", []))
    assert await till.one(shop, "select expires_at from licensing_license") == until + timedelta(days=5)
    told = await _subjects(shop, buyer)
    assert "Starter for at-rest.com rests" in told
    assert "Starter for at-rest.com goes on" in told
    assert await till.violations(shop) == []


async def test_resumed_before_the_panel_heard_of_the_pause_it_runs(shop: Any) -> None:
    """Both at once, and the panel's answer to the first is lost: the last word is the newest one's."""
    _buyer, kept = await _kept(shop, "twice-quickly.com")
    staff, desk = await till.staff(shop, "billing"), f"/api/v1/admin/subscriptions/{kept}"
    for name in ("nextpanel:alpha", "nextpanel:beta"):
        await shop.fault(name, effect="lost_after", pattern="POST .*suspend", times=1)
    await staff.post(f"{desk}/pause", json={})
    await shop.drain(patience=0.1)
    await staff.post(f"{desk}/resume", json={})
    await hurry(shop, turns=4)
    assert (await _on_panel(shop), await _license(shop)) == (("active", None), ("active", []))
    assert await till.violations(shop) == []


async def test_an_end_cancels_the_license_and_suspends_the_account_and_deletes_nothing(shop: Any) -> None:
    buyer, kept = await _kept(shop, "moved-away.com")
    assert (await buyer.post(f"/api/v1/subscriptions/{kept}/cancel", json={})).json()["status"] == "active"
    await shop.drain()
    assert await _on_panel(shop) == ("active", None), "until its last day it runs"
    assert (await buyer.post(f"/api/v1/subscriptions/{kept}/reactivate")).status_code == 200
    assert (await buyer.post(f"/api/v1/subscriptions/{kept}/cancel", json={"at": "now"})).json()["status"] == "ended"
    await shop.drain()
    assert (await _on_panel(shop), (await _license(shop))[0]) == (("suspended", "ended"), "cancelled")
    told = await _subjects(shop, buyer)
    assert sum("Starter for moved-away.com is cancelled and runs until" in subject for subject in told) == 1
    assert "Starter for moved-away.com has ended" in told
    assert await till.violations(shop) == []


async def test_what_is_kept_is_charged_while_a_card_is_on_file_and_invoiced_after_the_last(shop: Any) -> None:
    buyer, kept = await _kept(shop, "card-and-invoice.com")

    async def collection() -> str:
        await shop.drain()
        return (await buyer.get(f"/api/v1/subscriptions/{kept}")).json()["collection"]

    assert await collection() == "invoice", "bought without a card that is kept"
    first = await cards.save_card(shop, buyer)
    assert await collection() == "charge"
    second = await cards.save_card(shop, buyer, "5555555555554444")
    await buyer.delete(f"/api/v1/payments/methods/{first['id']}")
    assert await collection() == "charge", "another card is left"
    assert not any("you pay by invoice" in subject for subject in await _subjects(shop, buyer))
    await buyer.delete(f"/api/v1/payments/methods/{second['id']}?confirm_last=true")
    assert await collection() == "invoice"
    assert sum("you pay by invoice" in subject for subject in await _subjects(shop, buyer)) == 1
    await cards.save_card(shop, buyer)
    assert await collection() == "charge"
    history = (await buyer.get(f"/api/v1/subscriptions/{kept}/history")).json()["items"]
    assert [entry["detail"]["collection"] for entry in history if entry["kind"] == "collection"] == ["charge", "invoice", "charge"]
    assert await till.violations(shop) == []


async def test_the_notice_names_what_will_be_charged_when_on_which_card_and_how_to_stop_it(shop: Any) -> None:
    buyer, kept = await _kept(shop, "told-ahead.com")
    await cards.save_card(shop, buyer)
    await shop.drain()
    found = (await buyer.get(f"/api/v1/subscriptions/{kept}")).json()
    ends = found["current_period_end"]
    left = (cards.date.fromisoformat(ends) - cards.today(shop)).days
    shop.advance(timedelta(days=left - 8))
    await shop.drain(patience=0.1)
    assert not any("will be charged on" in subject for subject in await _subjects(shop, buyer))
    for _ in range(2):
        shop.advance(timedelta(days=1))
        await shop.drain(patience=0.1)
    (mail,) = [mail for mail in await shop.mails(buyer.email) if "will be charged on" in mail["subject"]]
    assert mail["subject"].startswith("$29.00 will be charged on")
    for words in ("Visa •••• 4242", "Starter for told-ahead.com (Invoice INV-", "cancel by", f"/subscriptions/{kept}"):
        assert words in mail["text"], words
    assert not any("is due" in subject or "are due" in subject for subject in await _subjects(shop, await again(buyer)))


async def test_a_change_is_told_from_the_wish_to_the_day_and_a_refusal_names_what_to_remove(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("changing.com")
    await buyer.pay(order["id"])
    await till.delivered(shop)
    (found,) = (await buyer.get("/api/v1/subscriptions/")).json()["items"]
    path = f"/api/v1/subscriptions/{found['id']}"
    asked = (await buyer.request("PUT", path, json={"plan": "starter"})).json()["change"]
    assert asked["state"] == "scheduled"
    await buyer.post(f"{path}/changes/{asked['id']}/withdraw")
    waiting = (await buyer.request("PUT", path, json={"plan": "enterprise"})).json()["change"]
    assert waiting["state"] == "waiting_payment"
    await buyer.post(f"{path}/changes/{waiting['id']}/withdraw")
    again_asked = (await buyer.request("PUT", path, json={"plan": "starter"})).json()["change"]
    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(text("update licensing_quota set used_count = 40 where resource = 'databases'"))
    shop.advance(timedelta(days=(cards.date.fromisoformat(again_asked["effective_on"]) - cards.today(shop)).days))
    await shop.drain(patience=0.1)
    mails = await shop.mails(buyer.email)
    told = [mail["subject"] for mail in mails if "Professional for changing.com" in mail["subject"]]
    assert sum(" changes on " in subject for subject in told) == 2
    assert sum(subject == "Professional for changing.com stays as it is" for subject in told) == 2
    assert sum(": pay $" in subject and "and your change holds" in subject for subject in told) == 1
    (refused,) = [mail for mail in mails if "more is in use than would fit" in mail["subject"]]
    assert "databases: remove " in refused["text"]
    assert await till.violations(shop) == []


async def test_a_price_that_rises_is_told_with_both_prices_and_the_right_to_cancel(shop: Any) -> None:
    buyer, _kept_id = await _kept(shop, "dearer.com")
    staff = await till.staff(shop, "billing")
    plan_id = str(await till.one(shop, "select id from catalog_plan where code = 'starter'"))
    month = {"unit": "month", "count": 1}
    answer = await staff.post(f"/api/v1/admin/plans/{plan_id}/prices", json={"cycle": month, "price": {"amount": 3500, "currency": "USD"}})
    assert answer.status_code < 300, answer.text
    versions = (await staff.get(f"/api/v1/admin/plans/{plan_id}/prices")).json()
    listed = versions["items"] if isinstance(versions, dict) else versions
    newest = max((one for one in listed if one["price"] == {"amount": 3500, "currency": "USD"}), key=lambda one: one["version"])
    rise = {"plan_id": plan_id, "price_id": newest["id"], "not_before": (cards.today(shop) + timedelta(days=40)).isoformat()}
    assert (await staff.post("/api/v1/admin/subscriptions/price-rises", json=rise)).json() == {"announced": 1, "more": False}
    await shop.drain()
    (mail,) = [mail for mail in await shop.mails(buyer.email) if " costs $35.00 from " in mail["subject"]]
    for words in ("$35.00 instead of $29.00", "cancel by", "without a charge at the new price"):
        assert words in mail["text"].replace("\n", " "), words
