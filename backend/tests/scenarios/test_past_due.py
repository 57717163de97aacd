"""What is overdue makes its subscriptions past due, what is settled makes them active again, whoever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from nextbill.capabilities import invoicing, subscriptions
from nextbill.kernel.money import Money
from nextbill.processes.dunning import commands
from nextbill.processes.dunning.jobs import Dunning
from nextbill.runtime.worker import Worker
from tests.support.keeping import ME
from tests.support.running import KeptClock, Running

DUE, LATE = date(2027, 2, 1), date(2027, 2, 2)


def _watch(running: Running, *, at_once: int = 200) -> Worker:
    keeper = running.keeper
    dunning = Dunning(keeper.trade.database, "UTC", at_once=at_once)
    return Worker(keeper.trade.database, KeptClock(keeper), dunning.handlers(), dunning.ticks(), heartbeat=timedelta(seconds=30))


async def _look(running: Running, *, at_once: int = 200) -> int:
    return await _watch(running, at_once=at_once).drain(patience=timedelta())


async def _states(running: Running, ids: Sequence[UUID]) -> list[str]:
    return [(await running.keeper.look(id_)).state for id_ in ids]


async def _invoices(running: Running, subscription_id: UUID) -> list[UUID]:
    """Of the periods that a run has billed, oldest first."""
    rows = await running.rows(
        "select invoice_id from subscriptions_period where subscription_id = :id and chunk_id is not null order by period_index", id=subscription_id
    )
    return [row["invoice_id"] for row in rows]


async def _pay(running: Running, invoice_id: UUID) -> None:
    keeper = running.keeper
    async with keeper.trade.writing() as tx:
        invoice = await invoicing.get_invoice(tx, invoice_id)
        await keeper.trade.receive(tx, invoice.summary.customer_id, invoice.summary.total)
        await invoicing.pay_invoice(tx, invoice_id, amount=invoice.summary.total, on=keeper.today, now=keeper.now)


async def _settled(running: Running, invoice_id: UUID) -> None:
    """What follows when something was paid, credited or written off."""
    keeper = running.keeper
    async with keeper.trade.writing() as tx:
        await commands.catch_up(tx, invoice_id, today=keeper.today, now=keeper.now)


async def _one_overdue(running: Running) -> tuple[UUID, UUID]:
    """A subscription that nobody has marked yet, and the invoice of its that is overdue."""
    kept = await running.keeper.keeps("small")
    await running.until(LATE)
    [paper] = await _invoices(running, kept)
    return kept, paper


async def test_past_due_from_the_day_after_until_nothing_is_overdue(running: Running) -> None:
    keeper = running.keeper
    kept = await keeper.keeps("small")
    await running.until(DUE)
    assert await _look(running) == 0
    assert await _states(running, [kept]) == ["active"]
    await running.until(LATE)
    assert await _look(running) == 1
    assert await _states(running, [kept]) == ["past_due"]
    assert await _look(running) == 2, "what is overdue and what is past due are looked at again, and nothing is done twice"
    await running.until(date(2027, 3, 2))
    await _look(running)
    first, second = await _invoices(running, kept)
    await _pay(running, first)
    await _settled(running, first)
    assert await _states(running, [kept]) == ["past_due"], "the second is overdue, too"
    await _pay(running, second)
    await _settled(running, second)
    assert await _states(running, [kept]) == ["active"]
    told = await running.rows("select kind, actor, on_day from subscriptions_history where subscription_id = :id order by id", id=kept)
    assert [tuple(row.values()) for row in told] == [
        ("started", "system", date(2027, 1, 1)), ("past_due", "system", LATE), ("active", "system", date(2027, 3, 2)),
    ]  # fmt: skip


async def test_one_invoice_for_forty_and_another_customer_who_owes_nothing(running: Running) -> None:
    keeper = running.keeper
    me = await keeper.customer()
    mine = [await keeper.keeps("small", customer_id=me) for _ in range(4)]
    other = await keeper.keeps("small")
    await running.until(DUE)
    [paper] = await _invoices(running, other)
    await _pay(running, paper)
    await running.until(LATE)
    await _look(running)
    assert await _states(running, [*mine, other]) == ["past_due"] * 4 + ["active"]


async def test_all_pages_are_looked_at(running: Running) -> None:
    keeper = running.keeper
    kept = [await keeper.keeps("small") for _ in range(5)]
    await running.until(LATE)
    assert await _look(running, at_once=2) == 3
    assert await _states(running, kept) == ["past_due"] * 5
    for id_ in kept:
        [paper] = await _invoices(running, id_)
        await _pay(running, paper)
    assert await _look(running, at_once=2) == 3
    assert await _states(running, kept) == ["active"] * 5, "also where the reaction was lost"


async def test_who_rests_or_is_suspended_stays_so(running: Running) -> None:
    keeper = running.keeper
    off, rests = await keeper.keeps("small"), await keeper.keeps("small")
    await running.until(LATE)
    async with keeper.trade.writing() as tx:
        await subscriptions.mark_standing(tx, off, "suspended", by=ME, today=keeper.today, now=keeper.now)
        await subscriptions.pause(tx, rests, by=ME, today=keeper.today, now=keeper.now)
    await _look(running)
    assert await _states(running, [off, rests]) == ["suspended", "paused"]
    [paper] = await _invoices(running, off)
    await _pay(running, paper)
    await _settled(running, paper)
    assert await _states(running, [off, rests]) == ["suspended", "paused"]


async def test_credited_or_written_off_is_not_overdue(running: Running) -> None:
    keeper = running.keeper
    kept = [await keeper.keeps("small") for _ in range(2)]
    await running.until(LATE)
    await _look(running)
    (credited,), (given_up,) = [await _invoices(running, id_) for id_ in kept]
    async with keeper.trade.writing() as tx:
        await invoicing.credit_note(tx, credited, on=keeper.today, now=keeper.now, reason="a favour")
        await invoicing.write_off(tx, given_up, on=keeper.today, now=keeper.now)
    await _settled(running, credited)
    await _settled(running, given_up)
    assert await _states(running, kept) == ["active", "active"]


async def test_one_that_refuses_keeps_its_state_and_holds_up_nobody(running: Running) -> None:
    keeper = running.keeper
    kept = [await keeper.keeps("small") for _ in range(5)]
    await running.until(LATE)
    with keeper.trade.sql() as owner:
        owner.execute(
            "create function refuse_it() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = 'check_violation'; end $$"
        )
        owner.execute(
            "create trigger refuse_it before update on subscriptions_subscription for each row when (old.id = '{}') "
            "execute function refuse_it()".format(kept[0])
        )
    assert await _look(running, at_once=2) == 3
    assert await _states(running, kept) == ["active", *["past_due"] * 4]


async def test_papers_that_moved_owe_where_they_are(running: Running) -> None:
    """The invoice has another in its place, which is paid: the reaction to the first one's credit note finds nobody, and the next look does."""
    keeper = running.keeper
    kept = await keeper.keeps("small")
    await running.until(LATE)
    await _look(running)
    [paper] = await _invoices(running, kept)
    found = await keeper.look(kept)
    replacement = await keeper.trade.paid(found.customer_id, keeper._line(Money(1, "USD"), "orders.line", found.order_line_id))
    async with keeper.trade.writing() as tx:
        await subscriptions.move_papers(tx, paper, {}, replacement_id=replacement)
    await _settled(running, paper)
    assert await _states(running, [kept]) == ["past_due"]
    await _look(running)
    assert await _states(running, [kept]) == ["active"]


async def test_a_payment_that_comes_while_it_is_marked_is_seen(running: Running) -> None:
    """The mark is made and not committed; the payment is, and what follows it waits for the mark."""
    keeper = running.keeper
    kept, paper = await _one_overdue(running)
    async with keeper.trade.writing() as tx:
        await commands.fall_behind(tx, [paper], today=keeper.today, now=keeper.now)
        await _pay(running, paper)
        following = asyncio.create_task(_settled(running, paper))
        await _waits(running)
    await following
    assert await _states(running, [kept]) == ["active"]


async def test_a_payment_that_came_since_the_look_is_seen(running: Running) -> None:
    keeper = running.keeper
    kept, paper = await _one_overdue(running)
    async with keeper.trade.writing() as looking:
        seen = await invoicing.overdue_page(looking, today=keeper.today, after=None, limit=10)
        await _pay(running, paper)
        await _settled(running, paper)
        await commands.fall_behind(looking, [id_ for _, id_ in seen], today=keeper.today, now=keeper.now)
    assert await _states(running, [kept]) == ["active"]


async def _waits(running: Running) -> None:
    """Until somebody waits for a lock."""
    for _ in range(500):
        if await running.one("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")
