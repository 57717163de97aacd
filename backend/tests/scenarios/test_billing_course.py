"""The course of a billing run: brake and stop, lost jobs, history, two at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from nextbill.capabilities import customers, identity, licensing, subscriptions
from nextbill.kernel.ids import new_id
from nextbill.processes.renewal import commands
from nextbill.processes.renewal.commands import Issuer
from nextbill.processes.renewal.reactions import Renewals
from nextbill.runtime.database import Role
from tests.support.running import Running
from tests.support.trade import SELLER


async def test_the_brake_stops_a_run_and_only_staff_starts_another(running: Running) -> None:
    keeper = running.keeper
    for _ in range(5):
        await keeper.keeps("small")
    keeper.today = date(2027, 1, 25)
    async with keeper.trade.writing() as tx:
        await commands.begin_run(tx, on=keeper.today, by="staff:test", now=keeper.now, max_lines=2)
    await running.night()
    await running.night()
    (run,) = await running.runs()
    assert (run.state, run.lines, run.stopped_because) == ("stopped", 2, "The limit of lines that this run was given is reached.")
    async with keeper.trade.writing() as tx:
        await commands.begin_run(tx, on=keeper.today, by="staff:test", now=keeper.now)
        with pytest.raises(subscriptions.RunUnderWay):
            await commands.begin_run(tx, on=keeper.today, by="staff:test", now=keeper.now)
    await running.night()
    assert [(run.state, run.lines) for run in await running.runs()] == [("stopped", 2), ("done", 3)]


async def test_the_shops_brake_holds_runs_that_start_by_themselves(running: Running) -> None:
    keeper, braked = running.keeper, replace(running, brake=1)
    for _ in range(3):
        await keeper.keeps("small")
    keeper.today = date(2027, 1, 25)
    await braked.night()
    await braked.night()
    (run,) = await braked.runs()
    assert (run.started_by, run.state, run.lines, run.max_lines) == ("system", "stopped", 1, 1)


async def test_a_run_that_is_stopped_writes_no_further_chunk(running: Running) -> None:
    keeper = running.keeper
    await keeper.keeps("small")
    keeper.today = date(2027, 1, 25)
    async with keeper.trade.writing() as tx:
        run_id = await commands.begin_run(tx, on=keeper.today, by="staff:test", now=keeper.now)
        await subscriptions.stop_run(tx, run_id, because="staff:test: wrong prices", now=keeper.now)
    await running.night()
    assert await running.one("select count(*) from invoicing_invoice where origin_type = 'subscriptions.run'") == 0
    with pytest.raises(subscriptions.RunNotRunning):
        async with keeper.trade.writing() as tx:
            await subscriptions.stop_run(tx, run_id, because="again", now=keeper.now)
    with pytest.raises(subscriptions.RunNotFound):
        async with keeper.trade.writing() as tx:
            await subscriptions.stop_run(tx, new_id(), because="none", now=keeper.now)


async def test_a_machine_with_a_wrong_clock_starts_nothing(running: Running) -> None:
    """In live mode the business clock is the machine's: compared with the database's before a run is started."""
    await running.keeper.keeps("small")
    running.keeper.today = date(2027, 1, 25)
    live = Running(running.keeper, live=True)
    await live.night()
    assert await running.runs() == []


async def test_lost_jobs_are_made_up_by_the_next_tick(running: Running) -> None:
    keeper = running.keeper
    await keeper.keeps("small")
    keeper.today = date(2027, 1, 25)
    await running.start()
    assert await running.one("select count(*) from pgqueuer.pgqueuer") == 0
    await running.night()
    (run,) = await running.runs()
    assert (run.state, run.lines) == ("done", 1)


async def test_what_a_run_did_to_whom_can_be_read_page_by_page(running: Running) -> None:
    keeper = running.keeper
    kept = [await keeper.keeps("small") for _ in range(5)]
    keeper.today = date(2027, 1, 25)
    await running.night()
    (run,) = await running.runs()
    seen, after = [], None
    async with keeper.trade.database.reading(Role.WORK) as tx:
        while lines := await subscriptions.run_lines(tx, run.id, after=after, limit=2):
            seen += [line.subscription_id for line in lines]
            after = (lines[-1].chunk_id, lines[-1].subscription_id, lines[-1].index)
    assert sorted(seen) == sorted(kept)


async def test_two_runs_of_one_minute_bill_each_customer_once(running: Running) -> None:
    """Both transactions are open at once: the second finds the first one's customers taken."""
    keeper = running.keeper
    me = await keeper.customer()
    for _ in range(3):
        await keeper.keeps("small", customer_id=me)
    keeper.today = date(2027, 1, 25)
    async with keeper.trade.writing() as first, keeper.trade.writing() as second:
        one = await subscriptions.claim_due(first, on=keeper.today, limit=2)
        two = await subscriptions.claim_due(second, on=keeper.today, limit=2)
        assert (len(one.due), len(two.due)) == (3, 0)


async def test_a_registered_customer_without_profile_is_known(running: Running) -> None:
    """The bulk read of customers leaves nobody out who has a login."""
    async with running.keeper.trade.writing() as tx:
        id_ = await customers.register_customer(
            tx, email=f"{new_id()}@example.com", password_hash=identity.PasswordHash("$2b$12$none"), name="x", now=running.keeper.now
        )
        assert set(await customers.get_customers(tx, [id_, new_id()])) == {id_}


async def test_a_license_lasts_as_long_as_what_is_billed_plus_the_grace(running: Running) -> None:
    keeper = running.keeper
    running = Running(keeper, issuer=Issuer(SELLER, "Europe/Berlin"))
    kept, over = await keeper.keeps("small"), await keeper.keeps("small")
    keeper.today += timedelta(days=1)
    later = await keeper.keeps("small")
    for one in (kept, over, later):
        await keeper.uses(one, domains=1)
    await running.sql("update licensing_license set state = 'cancelled' where reference_id = :id", id=(await keeper.look(over)).order_line_id)
    keeper.today = date(2027, 1, 25)
    await running.until(date(2027, 1, 26))
    lasting = [
        ("active", licensing.license_expiry(date(2027, 3, 1), "Europe/Berlin")),
        ("cancelled", None),
        ("active", licensing.license_expiry(date(2027, 3, 2), "Europe/Berlin")),
    ]
    assert await _licenses(running) == lasting
    # A chunk of an earlier release, whose job comes to it only now.
    await running.sql("update licensing_license set expires_at = null")
    (chunk,) = await running.rows("select distinct chunk_id from subscriptions_period where chunk_id is not null")
    told = subscriptions.PeriodsBilled(run_id=new_id(), chunk_id=chunk["chunk_id"], named=False, mailed=False)
    for _ in range(2):
        async with keeper.trade.writing() as tx:
            await Renewals("Europe/Berlin").extend_licenses(tx, told, now=keeper.now)
        assert await _licenses(running) == lasting


async def _licenses(running: Running) -> list[tuple[str, datetime | None]]:
    return [(row["state"], row["expires_at"]) for row in await running.rows("select state, expires_at from licensing_license order by id")]


async def test_of_a_customer_one_worker_takes_all_or_nothing(running: Running) -> None:
    """What is due together is on one invoice, also where another worker or somebody's change holds a part of it this moment."""
    keeper = running.keeper
    me, other = await keeper.customer(), await keeper.customer()
    mine = sorted([await keeper.keeps("small", customer_id=me), await keeper.keeps("medium", customer_id=me)])
    theirs = await keeper.keeps("small", customer_id=other)
    day = date(2027, 1, 25)
    hold = text("select id from subscriptions_subscription where id = :id for update")
    for held in mine:
        async with keeper.trade.writing() as holding:
            await holding.execute(hold, {"id": held})
            for limit in (1, 100):
                async with keeper.trade.writing() as tx:
                    claimed = await subscriptions.claim_due(tx, on=day, limit=limit)
                    assert {due.id for due in claimed.due} <= {theirs}
                    assert claimed.last is not None
    async with keeper.trade.writing() as tx:
        assert {due.id for due in (await subscriptions.claim_due(tx, on=day, limit=100)).due} == {*mine, theirs}
    await running.until(day)
    lines = "select count(*) as lines from invoicing_invoice_line l join invoicing_invoice i on i.id = l.invoice_id where i.origin_type = 'subscriptions.run' "
    assert await running.rows(lines + "and l.customer_id = :id group by i.id", id=me) == [{"lines": 2}]
