"""What fails in the billing run: by one row, which is set aside alone, or by what all need, which sets nobody aside."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from nextbill.capabilities import subscriptions
from nextbill.kernel.money import Money
from nextbill.processes.renewal import commands
from nextbill.processes.renewal.commands.isolating import FEW
from nextbill.processes.renewal.rules import NameDays
from nextbill.runtime.database import Role
from tests.support.running import Running

GOOD = 6


async def test_one_bad_row_is_set_aside_with_its_reason_and_harms_no_other(running: Running) -> None:
    """An address that is missing, a price without a rate at home, and a line that the database refuses: it is on an invoice already."""
    keeper = running.keeper
    kept = [await keeper.keeps("small") for _ in range(7)]
    lost, billed, twin = kept[1], kept[3], await keeper.keeps("small", customer_id=(await keeper.look(kept[3])).customer_id)
    nowhere = (await keeper.look(lost)).customer_id
    await running.sql(
        "update customers_customer set line_1 = null, line_2 = null, city = null, state = null, postal_code = null, country = null where id = :id",
        id=nowhere,
    )
    ready = (await keeper.look(billed)).schedule.nth(1)
    line = keeper._line(Money(1, "USD"), subscriptions.SUBSCRIPTION, billed, ready)
    await keeper.trade.paid((await keeper.look(billed)).customer_id, line)
    keeper.today = date(2027, 1, 25)
    await running.night()
    for good in (*kept[:1], kept[2], *kept[4:], twin):
        assert await keeper.billed(good) == ["01-25: 02-01..03-01 1000"]
    errors = {id_: (await keeper.look(id_)).billing_error for id_ in (lost, billed)}
    assert errors[lost] == "The customer has no address: it cannot be known how this is taxed."
    assert "uq_invoicing_invoice_line_period" in str(errors[billed])
    (run,) = await running.runs()
    assert (run.state, run.lines, run.set_aside) == ("done", 6, 2)
    await _mended(running, lost, nowhere)


async def test_figures_that_cannot_be_are_set_aside_and_harm_no_other(running: Running) -> None:
    """A currency that nobody knows, and a period that ends with the calendar: the rules cannot even read them."""
    keeper = running.keeper
    kept = [await keeper.keeps("small") for _ in range(6)]
    foreign, endless = kept[1], kept[4]
    await running.sql("update subscriptions_subscription set currency = 'XQQ' where id = :id", id=foreign)
    await running.sql("update subscriptions_item set currency = 'XQQ' where subscription_id = :id", id=foreign)
    await running.sql("update subscriptions_subscription set anchor_on = '9999-12-20' where id = :id", id=endless)
    keeper.today = date(2027, 1, 25)
    async with keeper.trade.database.reading(Role.WORK) as tx:
        would = await commands.rehearse(tx, on=keeper.today, days=NameDays())
    assert (would.lines, {one.subscription_id for one in would.asides}) == (4, {foreign, endless})
    await running.night()
    for good in (kept[0], *kept[2:4], kept[5]):
        assert await keeper.billed(good) == ["01-25: 02-01..03-01 1000"]
    errors = await running.rows("select id, billing_error from subscriptions_subscription where billing_error is not null")
    told = {row["id"]: row["billing_error"] for row in errors}
    assert told[foreign] == "'XQQ' is not an ISO 4217 currency"
    assert "out of range" in told[endless] or "cannot be worked out" in told[endless]
    (run,) = await running.runs()
    assert (run.state, run.lines, run.set_aside) == ("done", 4, 2)
    await running.sql("update subscriptions_subscription set anchor_on = period_start where id = :id", id=endless)


@pytest.mark.parametrize("many", [1, 3])
async def test_what_nobody_can_be_billed_for_sets_nobody_aside(running: Running, many: int) -> None:
    """Somebody has closed the month on the database: the run waits and says so, and goes on when the month is open."""
    keeper = running.keeper
    kept = [await keeper.keeps("small") for _ in range(many)]
    keeper.today = date(2027, 1, 25)
    await keeper.keeps("small", coupon={"percent_ppm": 1_000_000})
    await running.sql("insert into ledger_closed_month (month, closed_by, closed_at) values ('2027-01-01', 'somebody', now())")
    await running.night()
    assert not await running.rows("select id from subscriptions_subscription where billing_error is not null or billed_index > 0")
    assert [run.state for run in await running.runs()] == ["running"]
    await running.sql("delete from ledger_closed_month")
    await running.night()
    for one in kept:
        assert await keeper.billed(one) == ["01-25: 02-01..03-01 1000"]


async def test_a_privilege_that_is_missing_sets_nobody_aside(running: Running, dsn: str) -> None:
    keeper = running.keeper
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 25)
    role = keeper.trade.database.url(Role.WORK).username
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as owner:
        await owner.execute(f'revoke insert on ledger_entry from "{role}"')
        await running.night()
        assert not await running.rows("select id from subscriptions_subscription where billing_error is not null or billed_index > 0")
        await owner.execute(f'grant insert on ledger_entry to "{role}"')
    await running.night()
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 1000"]


async def test_when_all_of_many_fail_nobody_is_set_aside_until_somebody_is_billed(running: Running) -> None:
    """Each is on an invoice already: as many as that look like a fault of ours. As soon as others are billed they are what is wrong. Some good ones: they
    are looked at in no order, and one might come after too many bad."""
    keeper = running.keeper
    for _ in range(FEW + 2):
        bad = await keeper.keeps("small")
        found = await keeper.look(bad)
        await keeper.trade.paid(found.customer_id, keeper._line(Money(1, "USD"), subscriptions.SUBSCRIPTION, bad, found.schedule.nth(1)))
    keeper.today = date(2027, 1, 25)
    await running.night()
    assert [(run.state, run.set_aside) for run in await running.runs()] == [("running", 0)]
    for _ in range(GOOD):
        good = await keeper.keeps("small")
        await running.sql("update subscriptions_subscription set next_bill_on = '2027-01-25' where id = :id", id=good)
    keeper.today = date(2027, 1, 26)
    await running.night()
    assert [(run.state, run.lines, run.set_aside) for run in await running.runs()] == [("done", GOOD, FEW + 2)]


async def _mended(running: Running, lost: Any, nowhere: Any) -> None:
    """The same row is billed when staff has mended what was wrong."""
    keeper = running.keeper
    await running.sql(
        "update customers_customer set line_1 = 'x', line_2 = '', city = 'x', state = 'IL', postal_code = '62701', country = 'US' where id = :id",
        id=nowhere,
    )
    async with keeper.trade.writing() as tx:
        await subscriptions.mend(tx, lost, by=subscriptions.By("staff:test", "mended"), today=keeper.today, now=keeper.now)
    await running.night()
    assert await keeper.billed(lost) == ["01-25: 02-01..03-01 1000"]
    assert await keeper.history(lost) == ["started", "set_aside", "mended"]
