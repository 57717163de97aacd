"""Staff's desk: finding orders, seeing what failed and why, the buttons, the rules that must hold; and who may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from nextbill.entrypoints.worker import make_worker
from nextbill.kernel.ids import new_id
from nextbill.runtime import jobs, metrics
from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support.buyer import register
from tests.support.staff import staff


async def _execute(shop: Any, statement: str, **values: Any) -> None:
    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(text(statement), values)


async def test_orders_are_found_by_number_address_and_name(shop: Any) -> None:
    desk, ann, bob = await staff(shop), await register(shop), await register(shop)
    first = await ann.order("ann-one.com")
    second = await bob.order("bob-one.com", "bob-two.net")
    await bob.pay(second["id"])
    await shop.drain()
    found = {}
    for query in (f"q={first['number']}", f"q={ann.email}", "q=BOB-TWO", "q=%25", "state=pending", "state=completed", "q=nobody"):
        answer = await desk.get(f"/admin/orders?{query}")
        assert answer.status_code == 200, answer.text
        found[query] = [item["id"] for item in answer.json()["items"]]
    assert list(found.values()) == [[first["id"]], [first["id"]], [second["id"]], [], [first["id"]], [second["id"]], []]
    whole = (await desk.get("/admin/orders?q=bob-one.com")).json()["items"][0]
    assert (whole["domains"], whole["email"], whole["attention"]) == (["bob-one.com", "bob-two.net"], bob.email, False)
    page = (await desk.get("/admin/orders?limit=1")).json()
    rest = (await desk.get("/admin/orders", params={"limit": 1, "cursor": page["next_cursor"]})).json()
    assert [page["items"][0]["id"], rest["items"][0]["id"], rest["next_cursor"]] == [second["id"], first["id"], None]
    assert (await desk.get("/admin/orders?state=nonsense")).status_code == 422


async def test_a_timeline_tells_everything_newest_first(shop: Any) -> None:
    desk, buyer = await staff(shop), await register(shop)
    order = await buyer.order("whole-story.com")
    other = await buyer.order("another-story.com")
    await buyer.pay(order["id"])
    await shop.drain()
    told = await desk.timeline(order["id"])
    entries = told["entries"]
    assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)
    calls = {entry["what"]: entry for entry in entries if entry["kind"] == "call"}
    assert set(calls) >= {"payments.open_checkout", "hosting.create_account", "domains.register", "notifications.send_mail"}
    assert calls["payments.open_checkout"]["request_id"].startswith("req_")
    assert all(entry["state"] == "done" and entry["milliseconds"] is not None for entry in calls.values())
    events = [entry["what"] for entry in reversed(entries) if entry["kind"] == "event"]
    assert [name for name in events if name.startswith("orders.")] == ["orders.OrderPlaced", "orders.OrderPaid", "orders.OrderCompleted"]
    assert {entry["kind"] for entry in entries} == {"event", "payment", "webhook", "step", "call", "mail"}
    assert other["id"] not in str(entries)
    assert (told["next"], told["jobs"], told["truncated"]) == ([], [], False)
    assert [item["who"] for item in (await desk.timeline(other["id"]))["next"]] == ["customer"]
    missing = await desk.get(f"/admin/orders/{new_id()}/timeline")
    assert (missing.status_code, missing.json()["code"]) == (404, "order_not_found")


async def test_a_failed_job_is_shown_with_its_cause_and_run_again(shop: Any) -> None:
    desk, buyer = await staff(shop), await register(shop)
    order = await buyer.order("job-failed.com")
    payment_id = (await buyer.checkout(order["id"]))["payment_id"]
    async with shop.database.writing(Role.WORK) as tx:
        await jobs.enqueue(tx, "payments.settle", {"attempt_id": payment_id})
        await jobs.enqueue(tx, "payments.settle", {"attempt_id": str(new_id())})
    await _execute(shop, "update pgqueuer.pgqueuer set attempts = :last", last=jobs.MAX_ATTEMPTS - 1)
    await shop.fault("stripe", effect="lost_before", pattern="GET /v1/checkout/sessions", times=3)
    await shop.drain()

    shown = (await desk.get("/admin/jobs/failed")).json()["items"]
    assert {(job["job"], job["status"]) for job in shown} == {("payments.settle", "failed")}
    assert len(shown) == 2
    mine = next(job for job in shown if job["payload"]["attempt_id"] == payment_id)
    assert "RetryLater" in mine["error"]
    told = await desk.timeline(order["id"])
    assert [(job["job"], job["status"]) for job in told["jobs"]] == [("payments.settle", "failed")]
    assert told["next"][0] == {"who": "staff", "what": "the job payments.settle failed: mend its cause, then requeue"}
    page = (await desk.get("/admin/jobs/failed?limit=1")).json()
    rest = (await desk.get(f"/admin/jobs/failed?limit=1&before={page['next_before']}")).json()
    assert {page["items"][0]["id"], rest["items"][0]["id"]} == {job["id"] for job in shown}

    assert (await desk.post(f"/admin/jobs/{mine['id']}/requeue", json={"reason": "x"})).status_code == 422
    answers = [await desk.post(f"/admin/jobs/{mine['id']}/requeue", json={"reason": "the gateway is back"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 404]
    await shop.drain()
    assert payment_id not in [job["payload"]["attempt_id"] for job in (await desk.get("/admin/jobs/failed")).json()["items"]]
    audited = await till.rows(shop, "select action, reason from identity_audit where object_type = 'runtime.job'")
    assert audited == [{"action": "job.requeued", "reason": "the gateway is back"}]
    assert (await desk.post(f"/admin/steps/{new_id()}/retry", json={"reason": "not there"})).json()["code"] == "step_not_found"


async def test_the_rules_are_checked_now_and_hourly(shop: Any) -> None:
    desk, buyer = await staff(shop), await register(shop)
    order = await buyer.order("rules.com")
    await buyer.pay(order["id"])
    await shop.drain()
    clean = (await desk.get("/admin/invariants")).json()
    assert clean["hold"] is True
    assert {finding["name"] for finding in clean["invariants"]} >= {"ledger_balances", "capacity_exact", "order_totals_agree"}
    await _execute(shop, "update orders_order set net_minor = net_minor + 1")
    broken = (await desk.get("/admin/invariants")).json()
    assert broken["hold"] is False
    assert [finding["name"] for finding in broken["invariants"] if finding["violations"]] == ["order_totals_agree"]

    await _execute(shop, "update orders_order set net_minor = net_minor + 1")
    metrics.violations.labels(invariant="order_totals_agree").set(0)
    shop.advance(timedelta(hours=1))
    await make_worker(shop.wired).drain()
    assert metrics.violations.labels(invariant="order_totals_agree")._value.get() == 1


async def test_only_what_can_never_be_looked_up_may_be_declared_undone(shop: Any) -> None:
    """Where money moves the vendor can always tell: nobody overrules the look before a resend."""
    desk, buyer = await staff(shop), await register(shop)
    await buyer.pay((await buyer.order("declared.com"))["id"])
    await shop.drain()
    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(text("update runtime_step set state = 'parked', certain = false"))
        steps = (await tx.execute(text("select name, id from runtime_step"))).all()
    answers = {name: await desk.post(f"/admin/steps/{step}/declare-undone", json={"reason": "nothing is there"}) for name, step in steps}
    assert {name for name, answer in answers.items() if answer.status_code == 202} == {"hosting.create_account", "domains.register"}
    assert {answer.status_code for name, answer in answers.items() if name.startswith("payments.")} == {409}
    blank = await desk.post(f"/admin/steps/{steps[0].id}/retry", json={"reason": "\u200b\u200b\u200b"})
    assert (blank.status_code, blank.json()["fields"][0]["field"]) == (422, "reason")


async def test_who_may_do_what(shop: Any) -> None:
    buyer, support = await register(shop), await till.staff(shop, "support")
    order = await buyer.order("whose.com")
    reads = (f"/api/v1/admin/orders/{order['id']}/timeline", "/api/v1/admin/orders", "/api/v1/admin/parked", "/api/v1/admin/jobs/failed")
    assert [(await support.get(path)).status_code for path in reads] == [200] * 4
    assert [(await buyer.get(path)).status_code for path in reads] == [403] * 4
    deeds = (
        f"/api/v1/admin/steps/{new_id()}/retry",
        f"/api/v1/admin/steps/{new_id()}/declare-undone",
        "/api/v1/admin/jobs/1/requeue",
        f"/api/v1/admin/orders/{order['id']}/cancel",
    )
    for who in (buyer, support):
        assert [(await who.post(path, json={"reason": "because I can"})).status_code for path in deeds] == [403] * 4
        assert (await who.get("/api/v1/admin/invariants")).status_code == 403
    assert (await shop.client.get("/api/v1/admin/parked")).status_code == 401
