"""Billing runs over HTTP: looked at first, started, read, stopped; what waits for staff, and the calendar."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from nextbill.kernel.clock import business_date
from tests.capabilities import till


async def test_staff_looks_first_starts_a_run_and_reads_what_it_did(shop: Any) -> None:
    staff = await till.staff(shop, "billing")
    would = (await staff.request("POST", "/api/v1/admin/billing-runs", json={"dry_run": True})).json()
    assert would == {"run": None, "would": {"lines": 0, "free": 0, "set_aside": 0, "sums": [], "asides": [], "more": False, "names": 0}}
    started = await staff.request("POST", "/api/v1/admin/billing-runs", json={"max_lines": 10})
    assert started.status_code == 201, started.text
    run = started.json()["run"]
    assert (run["status"], run["max_lines"], run["started_by"].partition(":")[0]) == ("running", 10, "staff")
    again = await staff.request("POST", "/api/v1/admin/billing-runs", json={})
    assert (again.status_code, again.json()["code"]) == (409, "billing_run_under_way")
    await shop.drain()
    read = (await staff.get(f"/api/v1/admin/billing-runs/{run['id']}")).json()
    assert (read["status"], read["lines"], read["set_aside"]) == ("done", 0, 0)
    assert (await staff.get(f"/api/v1/admin/billing-runs/{run['id']}/lines")).json() == {"items": [], "next_cursor": None}
    assert [one["id"] for one in (await staff.get("/api/v1/admin/billing-runs")).json()["items"]] == [run["id"]]
    stopped = await staff.request("POST", f"/api/v1/admin/billing-runs/{run['id']}/stop", json={"reason": "too late"})
    assert (stopped.status_code, stopped.json()["code"]) == (409, "billing_run_not_running")


async def test_what_is_not_there_is_said(shop: Any) -> None:
    staff = await till.staff(shop, "billing")
    for method, path, body in (
        ("GET", f"/api/v1/admin/billing-runs/{uuid4()}", None),
        ("GET", f"/api/v1/admin/billing-runs/{uuid4()}/lines", None),
        ("POST", f"/api/v1/admin/billing-runs/{uuid4()}/stop", {"reason": "a reason"}),
        ("POST", f"/api/v1/admin/billing-runs/set-aside/{uuid4()}/bill", {"reason": "a reason"}),
    ):
        answer = await staff.request(method, path, json=body)
        assert answer.status_code == 404, f"{method} {path}: {answer.text}"
    assert (await staff.get("/api/v1/admin/billing-runs/set-aside")).json()["items"] == []
    today = business_date(shop.clock.now(), "UTC")
    span = f"from={today}&to={today + timedelta(days=200)}"
    assert (await staff.get(f"/api/v1/admin/billing-calendar?{span}")).status_code == 422
    assert (await staff.get("/api/v1/admin/billing-calendar")).json() == {"days": []}
