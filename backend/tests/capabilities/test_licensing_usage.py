"""What panels report: each event once, never below zero, over the limit told and harming nothing; owners warned once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from nextbill.capabilities import licensing
from nextbill.capabilities.licensing.jobs import announce_alerts, prune
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Role
from tests.capabilities.test_licensing_reservations import allow, counts
from tests.capabilities.workshop import Workshop, open_workshop
from tests.support.panels import Panel, open_panel, panel_key_of


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


@pytest.fixture
async def panel(shop: Workshop) -> AsyncIterator[Panel]:
    async with open_panel(shop) as opened:
        yield opened


async def test_an_event_counts_once_whatever_is_repeated(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    first = await panel.use(key, "e1")
    assert first.json() == {"resource": "databases", "used": 1, "limit": 2, "remaining_quota": 1, "over_limit": False, "applied": True}
    again = await panel.use(key, "e1", count=7)
    assert again.json() == first.json() | {"applied": False}
    assert (await panel.use(key, "e2", "deleted")).json()["used"] == 0
    assert (await panel.use(key, "e1")).json()["used"] == 0
    assert await counts(shop, license_id) == (0, 0)


async def test_a_process_that_dies_between_counting_and_warning_leaves_the_warning_to_the_one_that_is_asked_again(shop: Workshop) -> None:
    license_id, key = await shop.license(await shop.customer())
    await allow(shop, license_id, databases=10)
    event = {"license_key": key, "resource": "databases", "action": "created", "count": 9, "event_id": "e1"}
    async with open_panel(shop, processes=2) as panel:
        for process, applied in ((0, True), (1, False), (1, False)):
            answer = await panel.ask("POST", "/api/v1/usage/update", event, process=process)
            assert (answer.json()["applied"], answer.json()["used"]) == (applied, 9)
            assert [row.threshold for row in await shop.rows("select threshold from licensing_alert")] == [90], "once"
            if applied:
                async with shop.database.writing(Role.WORK) as tx:  # as if it had died there
                    await tx.execute(text("delete from licensing_alert"))


async def test_events_of_many_at_once_in_any_order_and_twice_sum_up(shop: Workshop) -> None:
    license_id, key = await shop.license(await shop.customer())
    await allow(shop, license_id, databases=500)
    async with open_panel(shop, processes=3) as panel:
        events = [(f"c{n}", "created", 1 + n % 3) for n in range(40)] * 2
        random.Random(3).shuffle(events)
        answers = await asyncio.gather(*(panel.use(key, name, action, count) for name, action, count in events))
        assert {answer.status_code for answer in answers} == {200}
        assert sum(answer.json()["applied"] for answer in answers) == 40
    expected = sum(1 + n % 3 for n in range(40))
    assert await counts(shop, license_id) == (expected, 0)
    assert (await shop.rows("select count(*) as n from licensing_usage_event"))[0].n == 40


async def test_many_events_of_one_license_share_a_statement_and_still_count_one_after_the_other(shop: Workshop) -> None:
    """A batch in which sums fall below zero, counts are set and ids are repeated, from two processes at once."""
    license_id, key = await shop.license(await shop.customer())
    await allow(shop, license_id, databases=None)
    event = {"license_key": key, "resource": "databases"}
    first = [event | {"action": "created", "count": 2, "event_id": f"c{n}"} for n in range(50)]
    second = [event | {"action": "deleted", "count": 1, "event_id": f"d{n}"} for n in range(50)]
    async with open_panel(shop, processes=2) as panel:
        answers = await asyncio.gather(*(panel.ask("POST", "/api/v1/usage/batch", {"events": first + second}) for _ in range(3)))
        results = [result for answer in answers for result in answer.json()["results"]]
        missed = {result["event_id"] for result in results if result["status"] == "refused"}
        assert {result["status"] for result in results} <= {"applied", "known", "refused"}
        for name in sorted(missed):
            await panel.use(key, name, "deleted")
        assert await counts(shop, license_id) == (50, 0)
        mixed = [
            event | {"action": action, "count": count, "event_id": f"m{n}"}
            for n, (action, count) in enumerate([("set", 5), ("deleted", 9), ("created", 1)])
        ]
        answer = await panel.ask("POST", "/api/v1/usage/batch", {"events": mixed})
    assert [(result["status"], result.get("used")) for result in answer.json()["results"]] == [("applied", 5), ("refused", None), ("applied", 6)]
    applied = await shop.rows("select count(*) as n, count(distinct event_id) as ids from licensing_usage_event")
    assert (applied[0].n, applied[0].ids) == (102, 102)
    steps = await shop.rows("select used_before, used_after, action, count from licensing_usage_event order by at, id")
    assert all(step.used_after >= 0 for step in steps)


async def test_below_zero_is_refused_and_changes_nothing(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    await panel.use(key, "e1")
    refused = await panel.use(key, "e2", "deleted", 2)
    assert (refused.status_code, refused.json()["code"], refused.json()["used"]) == (409, "usage_below_zero", 1)
    assert await counts(shop, license_id) == (1, 0)
    await panel.use(key, "e3")
    assert (await panel.use(key, "e2", "deleted", 2)).json()["used"] == 0, "the same event counts once it can"


async def test_over_the_limit_is_told_and_harms_nothing(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    over = (await panel.use(key, "e1", count=5)).json()
    assert (over["used"], over["limit"], over["remaining_quota"], over["over_limit"], over["applied"]) == (5, 2, 0, True, True)
    assert (await panel.validate(key, "create_database"))["reason"] == "quota_exceeded"
    assert (await panel.validate(key, "create_account"))["valid"] is True
    async with shop.writing() as tx:
        await licensing.suspend_license(tx, license_id=license_id, reason="unpaid", now=shop.now())
    assert (await panel.use(key, "e2", "deleted")).json()["used"] == 4, "what is suspended still tells what exists"
    unlimited = (await panel.use(key, "e3", count=1000, resource="emails")).json()
    assert (unlimited["limit"], unlimited["remaining_quota"], unlimited["over_limit"]) == (None, None, False)


async def test_a_late_report_that_sets_does_not_undo_a_newer_one(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    now = shop.now()
    at = [(now - timedelta(minutes=minutes)).isoformat() for minutes in (9, 5)]
    assert (await panel.use(key, "newer", "set", 2, occurred_at=at[1])).json()["used"] == 2
    late = (await panel.use(key, "older", "set", 1, occurred_at=at[0])).json()
    assert (late["used"], late["applied"]) == (2, False)
    assert (await panel.use(key, "now", "set", 0)).json() == late | {"used": 0, "remaining_quota": 2, "applied": True}


async def test_a_batch_answers_each_event_by_itself(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    event = {"license_key": key, "resource": "databases", "action": "created"}
    events = [
        event | {"event_id": "a"},
        event | {"event_id": "b", "action": "deleted", "count": 9},
        event | {"event_id": "a"},
        event | {"event_id": "c", "license_key": "NP-2222-2222-2222"},
        event | {"event_id": "d", "resource": "unicorns"},
        event | {"event_id": "e"},
    ]
    answer = await panel.ask("POST", "/api/v1/usage/batch", {"events": events})
    found = [(result["event_id"], result["status"], result.get("code")) for result in answer.json()["results"]]
    assert found == [
        ("a", "applied", None),
        ("b", "refused", "usage_below_zero"),
        ("a", "known", None),
        ("c", "refused", "license_not_found"),
        ("d", "refused", "invalid"),
        ("e", "applied", None),
    ]
    assert await counts(shop, license_id) == (2, 0)
    many = await panel.ask("POST", "/api/v1/usage/batch", {"events": [event | {"event_id": str(n)} for n in range(501)]})
    assert (many.status_code, many.json()["fields"][0]["field"]) == (422, "events")


async def test_another_servers_license_is_not_counted(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    async with shop.writing() as tx:
        await licensing.bind_server(tx, license_id=license_id, server_id=new_id(), now=shop.now())
    elsewhere = await panel_key_of(shop, panel, server_id=new_id())
    refused = await elsewhere.use(key, "e1")
    assert (refused.status_code, refused.json()["code"], refused.json()["reason"]) == (409, "license_refused", "wrong_server")
    assert (await elsewhere.use("NP-2222-2222-2222", "e1")).json()["code"] == "license_not_found"
    assert await counts(shop, license_id) == (0, 0)


async def test_owners_are_warned_once_a_month_for_each_limit(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    await allow(shop, license_id, databases=10)

    async def alerts() -> list[tuple[int, int]]:
        async with shop.writing() as tx:
            await announce_alerts(tx, now=shop.now())
        return [(row.threshold, row.used_count) for row in await shop.rows("select * from licensing_alert order by id")]

    for n in range(7):
        await panel.use(key, f"a{n}")
    assert await alerts() == []
    await panel.use(key, "a8")
    assert await alerts() == [(80, 8)]
    for n in range(3):
        await panel.use(key, f"d{n}", "deleted")
        await panel.use(key, f"u{n}")
    assert await alerts() == [(80, 8)]
    await panel.use(key, "b1", count=4)
    assert await alerts() == [(80, 8), (100, 12)], "straight to the highest, which says all"
    await panel.use(key, "b2", "deleted", 3)
    await panel.use(key, "b3")
    assert len(await alerts()) == 2
    await allow(shop, license_id, databases=11)
    await panel.use(key, "c1", "deleted")
    await panel.use(key, "c2")
    assert (await alerts())[2:] == [(90, 10)], "another limit is another warning"
    shop.advance(days=31)
    await panel.use(key, "m1", count=0)
    await panel.use(key, "m2", "deleted")
    await panel.use(key, "m3")
    assert (await alerts())[3:] == [(90, 10)], "another month is another warning"
    facts = [name for name in await shop.facts("licensing") if name == "licensing.QuotaReached"]
    assert len(facts) == 4


async def test_a_commit_warns_as_well(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    for n in range(2):
        held = await panel.reserve(key, external_id=f"r{n}")
        assert (await panel.conclude(held.json()["id"], "commit")).status_code == 200
    assert [row.threshold for row in await shop.rows("select threshold from licensing_alert")] == [100]


async def _asked(shop: Workshop, path: str, **more: Any) -> dict[str, Any]:
    answer = await shop.ask("GET", path, **more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_history_report_and_quota_tell_the_same_story(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    await allow(shop, license_id, databases=10)
    token, first = await shop.token(), shop.now().date()
    await panel.use(key, "a", count=6)
    await panel.use(key, "b", "deleted", 2)
    shop.advance(days=40)
    await panel.use(key, "c", "set", 7)
    held = await panel.reserve(key, external_id="r")
    await panel.conclude(held.json()["id"], "commit")
    token, last = await shop.token(), shop.now().date()
    days = (await _asked(shop, f"/usage/history/{license_id}?from={first}&to={last}&resource=databases", token=token))["days"]
    assert [(day["day"], day["used"], day["peak"], day["created"], day["deleted"]) for day in days] == [
        (str(first), 4, 6, 6, 2),
        (str(last), 8, 8, 4, 0),
    ]
    report = await _asked(shop, f"/usage/report?license_id={license_id}&from={first}&to={last}", token=token)
    line = next(line for line in report["resources"] if line["resource"] == "databases")
    assert (line["used"], line["created"], line["deleted"], line["peak"], line["highest_percent"]) == (8, 10, 2, 8, 80)
    quota = await _asked(shop, f"/usage/quota?license_id={license_id}", token=token)
    found = next(found for found in quota["quotas"] if found["resource"] == "databases")
    assert (found["used"], found["limit"], found["remaining"], found["percent"], found["over_limit"]) == (8, 10, 2, 80, False)
    by_panel = await _asked(shop, "/usage/quota", headers={"X-API-Key": panel.key_id, "X-API-Secret": panel.secret, "X-License-Key": key})
    assert by_panel == quota
    alerts = await _asked(shop, f"/usage/alerts?license_id={license_id}", token=token)
    assert [(one["threshold"], one["used"], one["limit"]) for one in alerts["items"]] == [(80, 8, 10)]


async def test_what_is_used_is_its_owners_and_staffs_only(shop: Workshop, panel: Panel) -> None:
    license_id, _ = await shop.license(await shop.customer())
    await shop.customer("bob@example.com")
    bob, staff = await shop.token("bob@example.com"), await shop.staff("support")
    paths = [
        f"/usage/quota?license_id={license_id}",
        f"/usage/report?license_id={license_id}",
        f"/usage/history/{license_id}",
        f"/usage/alerts?license_id={license_id}",
    ]
    elsewhere = await panel_key_of(shop, panel, server_id=new_id())
    async with shop.writing() as tx:
        await licensing.bind_server(tx, license_id=license_id, server_id=new_id(), now=shop.now())
    for path in paths:
        assert (await shop.ask("GET", path, token=bob)).status_code == 404
        assert (await shop.ask("GET", path, token=staff)).status_code == 200
        assert (await shop.ask("GET", path)).status_code == 401
        foreign = await shop.ask("GET", path, headers={"X-API-Key": elsewhere.key_id, "X-API-Secret": elsewhere.secret})
        assert foreign.status_code == 404
    early = await shop.ask("GET", f"/usage/history/{license_id}?from=2030-01-02&to=2030-01-01", token=staff)
    assert early.json()["fields"][0]["field"] == "from"
    long = await shop.ask("GET", f"/usage/history/{license_id}?from=2020-01-02&to=2030-01-01", token=staff)
    assert long.status_code == 422


async def test_months_are_made_when_time_jumps_and_old_receipts_go(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    await panel.use(key, "before")
    held = await panel.reserve(key, external_id="r", ttl_seconds=3600)
    shop.advance(days=800)
    assert (await panel.use(key, "after")).json()["used"] == 2
    assert (await panel.conclude(held.json()["id"], "commit")).json()["state"] == "expired"
    async with shop.writing() as tx:
        await prune(tx, now=shop.now())
    assert [row.event_id for row in await shop.rows("select event_id from licensing_usage_receipt")] == ["after"]
    months = await shop.rows("select relname from pg_class where relname like 'licensing_usage_event_20%' and relkind = 'r'")
    assert f"licensing_usage_event_{shop.now():%Y%m}" in {row.relname for row in months}
    assert (await counts(shop, license_id))[0] == 2


async def test_history_is_append_only(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    await panel.use(key, "a")
    for statement in ("update licensing_usage_event set used_after = 0", "delete from licensing_usage_event"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with shop.writing() as tx:
                await tx.execute(text(statement))
    assert (await shop.rows("select used_after from licensing_usage_event"))[0].used_after == 1
