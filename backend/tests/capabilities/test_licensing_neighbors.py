"""What one panel, or a stranger beside it, sends wrongly harms no other; and what was refused is never told to be done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from nextbill.capabilities import licensing
from nextbill.capabilities.licensing.commands.leasing import Leases
from nextbill.capabilities.licensing.jobs import Upkeep
from nextbill.kernel.ids import new_id
from nextbill.runtime.batching import Lines
from nextbill.runtime.database import Role, role_urls
from tests.capabilities.test_licensing_reservations import allow, counts
from tests.capabilities.workshop import KEYS, Workshop, open_workshop
from tests.support.panels import Panel, open_panel, panel_key_of

VALIDATE = "/api/v1/licenses/validate"
NUL = "a\0b"


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


@pytest.fixture
async def panel(shop: Workshop) -> AsyncIterator[Panel]:
    async with open_panel(shop) as opened:
        yield opened


@pytest.fixture
async def lines(shop: Workshop) -> AsyncIterator[Lines]:
    opened = Lines(role_urls(shop.settings)[Role.LICENSE])
    yield opened
    await opened.close()


async def test_what_cannot_be_stored_is_refused_and_harms_nobody_beside_it(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    await allow(shop, license_id, databases=500)
    strangers = [panel.ask("POST", VALIDATE, {"license_key": key, "feature": NUL}, headers={}) for _ in range(5)]
    wrong = [panel.reserve(key, NUL), panel.reserve(key, external_id=NUL), panel.use(key, NUL), panel.use(key, "x", resource=NUL)]
    right = [
        *(panel.reserve(key, external_id=f"r{n}") for n in range(5)),
        *(panel.use(key, f"u{n}") for n in range(5)),
        *(panel.ask("POST", VALIDATE, {"license_key": key, "feature": "create_database"}) for _ in range(5)),
    ]
    answers = await asyncio.gather(*strangers, *wrong, *right)
    refused, granted = answers[: len(strangers) + len(wrong)], answers[len(strangers) + len(wrong) :]
    assert {answer.status_code for answer in refused[len(strangers) :]} == {422}
    assert {answer.status_code for answer in refused[: len(strangers)]} == {401}
    assert {answer.status_code for answer in granted} <= {200, 201}
    assert await counts(shop, license_id) == (5, 5)
    backslash = await panel.use(key, "a\\u0000b")
    assert backslash.status_code == 200, "a written backslash is none of it"


async def test_a_moment_before_all_calendars_orders_as_the_earliest(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    early, usual = await asyncio.gather(
        panel.use(key, "e", "set", 1, occurred_at="0001-01-01T00:00:00+14:00"), panel.use(key, "u", resource="emails")
    )
    assert (early.status_code, usual.status_code) == (200, 200), early.text


async def test_strangers_at_a_panels_address_do_not_shut_it_out(shop: Workshop, panel: Panel) -> None:
    """The sites that a panel hosts call from its address."""
    _, key = await shop.license(await shop.customer())
    for _ in range(120):
        assert (await panel.ask("POST", VALIDATE, {"license_key": key}, headers={})).status_code == 401
    stopped = await panel.ask("POST", VALIDATE, {"license_key": key}, headers={})
    assert (stopped.status_code, stopped.json()["code"]) == (429, "rate_limited")
    assert (await panel.validate(key))["valid"] is True
    assert (await panel.reserve(key)).status_code == 201


async def test_a_batch_full_of_licenses_that_are_gone_still_tells_what_was_counted(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    event = {"license_key": "NP-2222-2222-2222", "resource": "databases", "action": "created"}
    events = [event | {"event_id": str(n)} for n in range(150)] + [event | {"license_key": key, "event_id": "last"}]
    answer = await panel.ask("POST", "/api/v1/usage/batch", {"events": events})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert {(one["status"], one.get("code")) for one in results[:150]} == {("refused", "license_not_found"), ("refused", "rate_limited")}
    assert results[150]["status"] == "applied"
    assert await counts(shop, license_id) == (1, 0)


async def test_an_event_that_was_refused_is_not_known_when_it_comes_twice_at_once(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    event = {"license_key": key, "resource": "databases", "action": "deleted", "count": 9, "event_id": "twice"}
    answer = await panel.ask("POST", "/api/v1/usage/batch", {"events": [event, event]})
    assert [(one["status"], one.get("code")) for one in answer.json()["results"]] == [("refused", "usage_below_zero")] * 2


async def test_an_event_that_two_processes_are_told_at_once_is_known_to_the_later(shop: Workshop, dsn: str) -> None:
    license_id, key = await shop.license(await shop.customer())
    async with open_panel(shop, processes=2) as panel:
        await panel.use(key, "first", count=5)
        async with shop.writing() as tx:
            await tx.execute(text("select from licensing_quota where license_id = :id for update"), {"id": license_id})
            asked = [asyncio.create_task(panel.use(key, "same", "deleted", 5)) for _ in range(2)]
            await _blocked(dsn, 2)
        answers: list[httpx.Response] = await asyncio.gather(*asked)
    assert [answer.status_code for answer in answers] == [200, 200], [answer.text for answer in answers]
    assert sorted(answer.json()["applied"] for answer in answers) == [False, True]
    assert await counts(shop, license_id) == (0, 0)


async def _blocked(dsn: str, sessions: int) -> None:
    """As the owner: other roles are not shown what a session waits for."""
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    owner = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(4):
            while await owner.fetchval(waiting) < sessions:
                await asyncio.sleep(0.02)
    finally:
        await owner.close()


async def test_no_lease_is_made_of_what_was_suspended_or_moved_after_the_question(shop: Workshop, lines: Lines) -> None:
    """It would bear the very revision that made those before it void, and stand for days."""
    license_id, key = await shop.license(await shop.customer())
    async with shop.writing() as tx:
        await licensing.keep_signing_keys(tx, cipher=shop.cipher, now=shop.now())
    leases, here = Leases(lines, cipher=shop.cipher, issuer="https://billing.example"), new_id()
    assert await leases.lease(KEYS.hash(key), server_id=here, now=shop.now()) is not None
    async with shop.writing() as tx:
        await licensing.move_license(tx, license_id=license_id, server_id=new_id(), now=shop.now())
    assert await leases.lease(KEYS.hash(key), server_id=here, now=shop.now()) is None
    assert await leases.lease(KEYS.hash(key), server_id=None, now=shop.now()) is not None
    async with shop.writing() as tx:
        await licensing.suspend_license(tx, license_id=license_id, reason="abuse", now=shop.now())
    assert await leases.lease(KEYS.hash(key), server_id=None, now=shop.now()) is None


async def test_all_panels_hear_when_a_license_that_was_bound_to_none_moves(shop: Workshop, panel: Panel) -> None:
    license_id, _ = await shop.license(await shop.customer())
    elsewhere = await panel_key_of(shop, panel, server_id=new_id())
    async with shop.writing() as tx:
        await licensing.move_license(tx, license_id=license_id, server_id=new_id(), now=shop.now())
    stored = await shop.rows("select server_id from licensing_revocation where reason = 'moved'")
    assert [row.server_id for row in stored] == [None]
    assert (await elsewhere.ask("GET", "/api/v1/licenses/revocations?after=0")).status_code == 200


async def test_a_database_that_was_restored_goes_on_telling_what_is_void(shop: Workshop, panel: Panel) -> None:
    """Its transactions are numbered anew, lower than those that panels remember."""
    first, _ = await shop.license(await shop.customer())
    later, _ = await shop.license(await shop.customer("bob@example.com"))
    async with shop.writing() as tx:
        await licensing.suspend_license(tx, license_id=first, reason="unpaid", now=shop.now())
    async with shop.writing() as tx:
        await tx.execute(text("update licensing_revocation set xid = xid + 1000000000"))
    remembered = (await shop.rows("select xid || '-' || seq as place from licensing_revocation"))[0].place
    async with shop.writing() as tx:
        await licensing.suspend_license(tx, license_id=later, reason="unpaid", now=shop.now())
    for after in (remembered, "0"):
        told, place = [], after
        async with asyncio.timeout(10):
            while str(later) not in told:
                page = (await panel.ask("GET", f"/api/v1/licenses/revocations?after={place}&limit=1")).json()
                told += [item["license_id"] for item in page["items"]]
                place = page["next_cursor"]
        assert told == [str(first), str(later)]
        assert (await panel.ask("GET", f"/api/v1/licenses/revocations?after={place}")).json()["items"] == []


async def test_keys_in_wrong_hands_are_replaced_while_the_next_one_waits(shop: Workshop) -> None:
    staff, path = await shop.staff(), "/admin/license-signing-keys"
    for compromised in (False, False, True):
        answer = await shop.ask("POST", path, {"reason": "as planned, then not", "compromised": compromised}, token=staff)
        assert answer.status_code == 201, answer.text
    shown = await shop.rows("select count(*) as n from licensing_signing_key where published_until is null")
    assert shown[0].n == 1


async def test_nonsense_in_the_feeds_query_is_refused(panel: Panel) -> None:
    for query in ("after=0&limit=000000001000000000", "after=0&limit=501", "&".join(f"p{n}=1" for n in range(11))):
        assert (await panel.ask("GET", f"/api/v1/licenses/revocations?{query}")).status_code == 422, query


async def test_days_beyond_the_calendar_are_refused(shop: Workshop) -> None:
    license_id, _ = await shop.license(await shop.customer())
    token = await shop.token()
    for days in ("to=9999-12-31", "to=0001-01-01", "from=9999-12-31&to=9999-12-31"):
        answer = await shop.ask("GET", f"/usage/history/{license_id}?{days}", token=token)
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "to"), days


async def test_a_tick_frees_all_that_ran_out(shop: Workshop, lines: Lines) -> None:
    license_id, _ = await shop.license(await shop.customer())
    await allow(shop, license_id, databases=5000)
    many = """
        insert into licensing_reservation (id, license_id, resource, customer_id, quantity, external_id, state, expires_at, created_at)
        select gen_random_uuid(), id, 'databases', customer_id, 1, n::text, 'held', :now, :now from licensing_license, generate_series(1, 2100) n
    """
    async with shop.writing() as tx:
        await tx.execute(text(many), {"now": shop.now()})
        await tx.execute(text("update licensing_quota set reserved_count = 2100 where resource = 'databases'"))
    async with shop.writing() as tx:
        await Upkeep(lines, cipher=shop.cipher).free_reservations(tx, now=shop.now() + timedelta(seconds=1))
    assert await counts(shop, license_id) == (0, 0)


async def test_the_license_role_cannot_run_anything_as_the_owner(shop: Workshop) -> None:
    """Who makes months does so with the owner's rights; what the caller calls `pg_class` is not looked at by it."""
    url = role_urls(shop.settings)[Role.LICENSE]
    caller = await asyncpg.connect(host=url.host, port=url.port, user=url.username, password=url.password, database=url.database)
    try:
        await caller.execute("create temp table ran (as_whom text)")
        await caller.execute("grant all on ran to public")
        await caller.execute(
            "create function pg_temp.act() returns boolean language plpgsql volatile as"
            " $$ begin insert into pg_temp.ran values (current_user); return true; end $$"
        )
        await caller.execute("create temp view pg_partitioned_table as select * from pg_catalog.pg_partitioned_table where pg_temp.act()")
        await caller.execute("grant select on pg_partitioned_table to public")
        await caller.fetchval("select runtime_ensure_months('licensing_usage_event', current_date, 1)")
        assert await caller.fetch("select as_whom from ran") == []
    finally:
        await caller.close()
