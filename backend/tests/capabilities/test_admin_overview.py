"""The first page's figures, against the gateway's own record and the books."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from nextbill.kernel.clock import business_date
from nextbill.runtime import jobs
from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support.buyer import register
from tests.support.staff import charged, staff


def _usd(amounts: list[dict[str, Any]]) -> int:
    (found,) = amounts
    assert found["currency"] == "USD"
    return int(found["amount"])


async def _overview(shop: Any) -> dict[str, Any]:
    """A new session each time: the clock moves here."""
    answer = await (await staff(shop)).get("/admin/overview")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_empty_shop_has_its_own_currency_and_every_day(shop: Any) -> None:
    told = await _overview(shop)
    today = business_date(shop.clock.now(), "UTC")
    money = told["money"]
    assert [_usd(money[span][side]) for span in ("today", "this_month", "last_month") for side in ("paid", "refunded")] == [0] * 6
    days = [date.fromisoformat(entry["day"]) for entry in money["revenue_by_day"]]
    assert days == [today - timedelta(days=n) for n in range(29, -1, -1)]
    assert {_usd(entry["revenue"]) for entry in money["revenue_by_day"]} == {0}
    assert (money["today"]["first"], money["today"]["last"]) == (str(today), str(today))
    last = money["last_month"]
    assert date.fromisoformat(last["last"]) + timedelta(days=1) == date.fromisoformat(money["this_month"]["first"]) == today.replace(day=1)
    assert last["first"].endswith("-01")
    assert told["orders"] == {"pending": 0, "paid": 0, "completed": 0, "cancelled": 0}
    assert (told["parked"], told["failed_jobs"]) == (0, 0)


async def test_money_is_the_books_and_stays_in_its_month(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("figures.com")
    pending = await buyer.order("not-paid.com")
    await buyer.pay(order["id"])
    await shop.drain()
    total = (await charged(shop))["captured"]
    assert total == order["total"]["amount"] > 0

    told = await _overview(shop)
    money = told["money"]
    assert [_usd(money[span]["paid"]) for span in ("today", "this_month", "last_month")] == [total, total, 0]
    assert _usd(money["revenue_by_day"][-1]["revenue"]) == order["net"]["amount"]
    assert sum(_usd(entry["revenue"]) for entry in money["revenue_by_day"]) == order["net"]["amount"]
    assert told["orders"] == {"pending": 1, "paid": 0, "completed": 1, "cancelled": 0}
    assert pending["state"] == "pending"
    fleet = told["fleet"]
    servers = await till.rows(shop, "select sum(capacity) as capacity, sum(used) as used from hosting_server")
    assert (fleet["servers"], fleet["accepting"], fleet["capacity"], fleet["used"]) == (2, 2, servers[0]["capacity"], 1)
    assert fleet["free"] == fleet["capacity"] - 1

    bought = business_date(shop.clock.now(), "UTC")
    following = (bought.replace(day=1) + timedelta(days=32)).replace(day=1)
    shop.advance(timedelta(days=(following - bought).days))
    later = (await _overview(shop))["money"]
    assert [_usd(later[span]["paid"]) for span in ("today", "this_month", "last_month")] == [0, 0, total]
    by_day = {entry["day"]: _usd(entry["revenue"]) for entry in later["revenue_by_day"]}
    assert by_day.get(str(bought), order["net"]["amount"]) == order["net"]["amount"]
    assert by_day[str(following)] == 0


async def test_what_went_back_is_told_beside_what_came_in(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("back-again.com")
    await buyer.pay(order["id"])
    await shop.drain()
    desk = await staff(shop)
    (payment,) = (await desk.get("/admin/payments")).json()["items"]
    (invoice,) = (await desk.get("/invoices")).json()["items"]
    favor = {"reason": "as a favor", "amount": {"amount": 500, "currency": "USD"}}
    assert (await desk.post(f"/invoices/{invoice['id']}/credit-notes", json=favor)).status_code == 201
    asked = await desk.post(f"/payments/{payment['id']}/refund", json=favor)
    assert asked.status_code in (200, 201, 202), asked.text
    await shop.drain()
    money = (await _overview(shop))["money"]
    assert (await charged(shop))["refunded"] == 500
    assert (_usd(money["today"]["paid"]), _usd(money["today"]["refunded"])) == (order["total"]["amount"], 500)


async def test_what_waits_for_staff_is_counted(shop: Any) -> None:
    buyer = await register(shop)
    order = await buyer.order("waits-for-staff.com")
    payment_id = (await buyer.checkout(order["id"]))["payment_id"]
    async with shop.database.writing(Role.WORK) as tx:
        await jobs.enqueue(tx, "payments.settle", {"attempt_id": payment_id})
        await tx.execute(text("update pgqueuer.pgqueuer set attempts = :last"), {"last": jobs.MAX_ATTEMPTS - 1})
        parking = "update runtime_step set state = 'parked', reason = 'timeout', next_at = null where name = 'payments.open_checkout'"
        await tx.execute(text(parking))
    await shop.fault("stripe", effect="lost_before", pattern="GET /v1/checkout/sessions", times=3)
    await shop.drain()
    told, desk = await _overview(shop), await staff(shop)
    assert (told["parked"], len((await desk.get("/admin/parked")).json()["items"])) == (1, 1)
    assert (told["failed_jobs"], len((await desk.get("/admin/jobs/failed")).json()["items"])) == (1, 1)


async def test_support_sees_the_work_and_not_the_money(shop: Any) -> None:
    support, billing = await till.staff(shop, "support"), await till.staff(shop, "billing")
    seen = (await support.get("/api/v1/admin/overview")).json()
    assert (seen["money"], seen["fleet"]["servers"]) == (None, 2)
    assert (await billing.get("/api/v1/admin/overview")).json()["money"] is not None
