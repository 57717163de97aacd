"""Names in the billing run: on the invoice that goes out anyway, or on one of their own, each expiry once."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from nextbill.capabilities import catalog, domains, invoicing, subscriptions
from nextbill.kernel.money import Money
from nextbill.processes.renewal import commands, queries
from nextbill.processes.renewal.rules import NameDays
from nextbill.runtime.database import Role
from tests.support.keeping import ME, STAFF, YEAR
from tests.support.names import holds, invoices, renewal_of, sells_names
from tests.support.running import Running

DAYS = NameDays()
WAITERS = text("select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')")
JAN_25, FEB_1 = date(2027, 1, 25), date(2027, 2, 1)
STAFFS = commands.By("staff:test", "for a case")


async def _state(running: Running, domain_id: UUID) -> str | None:
    found = await renewal_of(running, domain_id)
    return found.state if found else None


async def _pay(running: Running, domain_id: UUID) -> None:
    """The invoice of its renewal, in full; what that sets off here has happened."""
    keeper, found = running.keeper, await renewal_of(running, domain_id)
    assert found is not None
    assert found.invoice_id is not None
    async with keeper.trade.writing() as tx:
        paper = (await invoicing.get_invoice(tx, found.invoice_id)).summary
        await keeper.trade.receive(tx, found.customer_id, paper.owed)
        await invoicing.pay_invoice(tx, found.invoice_id, amount=paper.owed, on=keeper.today, now=keeper.now)
        await commands.begin_paid(tx, found.invoice_id, now=keeper.now)


async def test_a_name_rides_along_with_the_subscription_that_is_billed_anyway(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    me, other = await keeper.customer(), await keeper.customer()
    await keeper.keeps("small", customer_id=me)
    await keeper.keeps("small", customer_id=other)
    near, far = [await holds(running, name, day, customer_id=me) for name, day in (("near.com", date(2027, 3, 20)), ("far.com", date(2027, 4, 20)))]
    await running.until(JAN_25)
    assert await invoices(running) == [
        (JAN_25, FEB_1, 1000, "Small"), (JAN_25, FEB_1, 2500, "Small + near.com, renewal for 1 year"),
    ]  # fmt: skip
    found = await renewal_of(running, near)
    assert found is not None
    assert (found.state, found.from_on, found.alone, found.collection) == ("invoiced", date(2027, 3, 20), False, "charge")
    assert await _state(running, far) is None
    assert [(run.lines, run.free, run.set_aside) for run in await running.runs()] == [(3, 0, 0)]


async def test_without_anything_else_it_has_an_invoice_of_its_own_in_time(running: Running) -> None:
    await sells_names(running)
    me = await running.keeper.customer()
    names = [await holds(running, f"{name}.com", date(2027, 2, 10), customer_id=me) for name in ("one", "two")]
    await running.until(date(2027, 1, 12))
    assert await invoices(running) == [
        (date(2027, 1, 11), date(2027, 1, 27), 3000, "one.com, renewal for 1 year + two.com, renewal for 1 year")
    ]  # fmt: skip
    assert [await _state(running, one) for one in names] == ["invoiced"] * 2
    assert [(run.state, run.lines) for run in await running.runs()] == [("done", 2)]


async def test_each_night_again_bills_each_expiry_once(running: Running) -> None:
    await sells_names(running)
    me = await running.keeper.customer()
    name = await holds(running, "once.com", date(2027, 1, 20), customer_id=me)
    for _ in range(3):
        await running.night()
    assert len(await invoices(running)) == 1
    await _pay(running, name)
    await running.until(date(2027, 1, 4))
    assert (len(await invoices(running)), await _state(running, name)) == (1, "renewing")
    steps = await running.rows("select name, state from runtime_step where name = 'domains.renew'")
    assert steps == [{"name": "domains.renew", "state": "requested"}]


async def test_two_runs_at_once_write_it_once(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    for place in range(12):
        await holds(running, f"name-{place}.com", date(2027, 1, 20), customer_id=await keeper.customer())
    run_id = await running.start()

    async def bill() -> int:
        async with keeper.trade.writing() as tx:
            dues = await domains.claim_due(tx, until=date(2027, 1, 31), limit=5)
            await commands.bill_names(tx, run_id, dues, DAYS, issuer=running.issuer, on=keeper.today, now=keeper.now)
            return len(dues)

    done = 0
    while counts := [many for many in await asyncio.gather(*(bill() for _ in range(4))) if many]:
        done += sum(counts)
    assert (done, len(await invoices(running))) == (12, 12)


async def test_other_currencies_stand_by_themselves_and_apart_is_apart(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running, "com", Money(1500, "USD"), Money(1300, "EUR"))
    me = await keeper.customer()
    await keeper.keeps("small", customer_id=me)
    await holds(running, "euro.com", date(2027, 2, 20), customer_id=me, currency="EUR")
    apart = [await holds(running, f"{name}.com", date(2027, 2, 20), customer_id=me, apart=True) for name in ("apart", "too")]
    await running.until(JAN_25)
    due = date(2027, 2, 6)
    assert await invoices(running) == [
        (date(2027, 1, 21), due, 1300, "euro.com, renewal for 1 year"),
        (date(2027, 1, 21), due, 3000, "apart.com, renewal for 1 year + too.com, renewal for 1 year"),
        (JAN_25, FEB_1, 1000, "Small"),
    ]
    found = [await renewal_of(running, one) for one in apart]
    assert [one.alone for one in found if one] == [True, True]


async def test_a_name_that_is_not_to_be_renewed_is_left_alone(running: Running) -> None:
    await sells_names(running)
    me = await running.keeper.customer()
    name = await holds(running, "let-go.com", date(2027, 1, 20), customer_id=me, renews=False)
    await running.until(date(2027, 2, 1))
    assert (await _state(running, name), await running.runs()) == (None, [])


@pytest.mark.parametrize(("included", "ends", "free"), [("while_active", None, True), ("while_active", 10, False), ("first_year", None, False)])
async def test_a_name_that_came_with_a_plan(running: Running, included: str, ends: int | None, free: bool) -> None:
    """Free as long as the plan goes on beyond the day on which the name expires; else by the price list."""
    keeper = running.keeper
    await sells_names(running)
    me = await keeper.customer()
    kept = await keeper.keeps("small", YEAR, customer_id=me)
    plan = (await keeper.look(kept)).order_line_id
    if ends is not None:
        over = "update subscriptions_subscription set cancel_on = :day, next_bill_on = null where id = :id"
        await running.sql(over, day=keeper.today + timedelta(days=ends), id=kept)
    name = await holds(running, "with-plan.com", date(2027, 1, 20), customer_id=me, included=included, plan_line=plan)
    await running.night()
    found = await renewal_of(running, name)
    assert found is not None
    assert (found.state, found.collection) == (("renewing", "free") if free else ("invoiced", "invoice"))
    assert [total for _, _, total, _ in await invoices(running)] == ([] if free else [1500])


async def test_what_cannot_be_billed_is_held_with_its_reason_and_harms_no_other(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    me = await keeper.customer()
    fine, unpriced, old = [
        await holds(running, name, day, customer_id=me)
        for name, day in (("fine.com", date(2027, 1, 20)), ("unpriced.net", date(2027, 1, 20)), ("old.com", date(2026, 11, 1)))
    ]
    unsold = await holds(running, "unsold.com", date(2027, 1, 20), customer_id=me)
    await running.sql("update domains_domain set reference_type = 'import' where id = :id", id=unsold)
    nowhere = await holds(running, "nowhere.com", date(2027, 1, 20), customer_id=await keeper.customer())
    await running.sql(
        "update customers_customer set line_1 = null, line_2 = null, city = null, state = null, postal_code = null, country = null where id = (select customer_id from domains_domain where id = :id)",
        id=nowhere,
    )
    await running.night()
    reasons = {one: found.reason for one in (fine, unpriced, old, unsold, nowhere) if (found := await renewal_of(running, one))}
    assert reasons == {
        fine: None,
        unpriced: "There is no price for renewing .net in USD.",
        old: "It expired more than 30 days ago: it may only be restored.",
        unsold: "It is not known how the name was sold, and so not in which currency it is renewed.",
        nowhere: "The customer has no address: it cannot be known how this is taxed.",
    }
    assert [(run.state, run.lines, run.set_aside) for run in await running.runs()] == [("done", 1, 4)]
    await sells_names(running, "net")
    async with keeper.trade.writing() as tx:
        await commands.try_again(tx, unpriced, by=STAFFS, now=keeper.now)
    await running.night()
    assert await _state(running, unpriced) == "invoiced"


async def test_an_ending_that_is_sold_no_more_is_renewed_by_its_price(running: Running) -> None:
    keeper = running.keeper
    tld_id = await sells_names(running)
    name = await holds(running, "former.com", date(2027, 1, 20), customer_id=await keeper.customer())
    async with keeper.trade.writing() as tx:
        await catalog.withdraw_tld(tx, tld_id, edit=STAFF, now=keeper.now)
    await running.night()
    assert await _state(running, name) == "invoiced"


async def test_what_the_database_refuses_is_held_alone(running: Running) -> None:
    """A line for this expiry stands on an invoice already, whoever wrote it."""
    keeper = running.keeper
    await sells_names(running)
    names = [await holds(running, f"row-{place}.com", date(2027, 1, 20), customer_id=await keeper.customer()) for place in range(5)]
    await running.night()
    await running.sql("delete from domains_renewal where domain_id = :id", id=names[2])
    await running.sql("update domains_domain set billed_for = null where id = :id", id=names[2])
    more = await holds(running, "more.com", date(2027, 1, 20), customer_id=await keeper.customer())
    await running.night()
    found = await renewal_of(running, names[2])
    assert found is not None
    assert (found.state, (found.reason or "").split(":")[0]) == ("held", "The database refused it")
    assert await _state(running, more) == "invoiced"


async def test_nobody_pays_and_after_the_grace_it_comes_off_the_invoice(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    me = await keeper.customer()
    name, kept = (
        await holds(running, "unpaid.com", date(2027, 1, 20), customer_id=me),
        await holds(running, "other.com", date(2027, 3, 1), customer_id=me),
    )
    await running.until(date(2027, 2, 19))
    assert await _state(running, name) == "invoiced"
    await running.until(date(2027, 2, 20))
    found = await renewal_of(running, name)
    assert found is not None
    assert (found.state, await _state(running, kept)) == ("lapsed", "invoiced")
    rows = await running.rows("select state, due_minor from invoicing_invoice where id = :id", id=found.invoice_id)
    assert rows == [{"state": "void", "due_minor": 0}]
    assert await running.one("select count(*) from invoicing_credit_note") == 1


async def test_money_in_the_grace_renews_and_later_is_credit(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    early, late = [await holds(running, f"{name}.com", date(2027, 1, 20), customer_id=await keeper.customer()) for name in ("early", "late")]
    await running.until(date(2027, 2, 10))
    await _pay(running, early)
    await running.until(date(2027, 2, 25))
    assert (await _state(running, early), await _state(running, late)) == ("renewing", "lapsed")
    found = await renewal_of(running, late)
    assert found is not None
    assert found.invoice_id is not None
    async with keeper.trade.writing() as tx:
        await keeper.trade.receive(tx, found.customer_id, Money(1500, "USD"))
        await commands.begin_paid(tx, found.invoice_id, now=keeper.now)
        assert await invoicing.free_credit(tx, found.customer_id, "USD") == Money(1500, "USD")
    assert await _state(running, late) == "lapsed"


async def test_switched_off_it_comes_off_the_invoice_and_what_is_paid_stays(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    me = await keeper.customer()
    await keeper.keeps("small", customer_id=me)
    going, paid = [await holds(running, f"{name}.com", date(2027, 2, 20), customer_id=me) for name in ("going", "paid")]
    keeper.today = JAN_25
    await running.night()
    assert [total for _, _, total, _ in await invoices(running)] == [4000]
    async with keeper.trade.writing() as tx:
        await commands.wish(tx, going, auto_renew=False, apart=None, by=STAFFS, on=keeper.today, now=keeper.now)
    assert await running.one("select due_minor from invoicing_invoice where origin_type = 'subscriptions.run'") == 2500
    await _pay(running, paid)
    async with keeper.trade.writing() as tx:
        await commands.wish(tx, paid, auto_renew=False, apart=None, by=STAFFS, on=keeper.today, now=keeper.now)
    assert [await _state(running, one) for one in (going, paid)] == ["withdrawn", "renewing"]
    async with keeper.trade.writing() as tx:
        await commands.wish(tx, going, auto_renew=True, apart=None, by=STAFFS, on=keeper.today, now=keeper.now)
    await running.night()
    assert await _state(running, going) == "invoiced"


async def test_a_line_that_staff_credited_is_not_renewed_when_the_rest_is_paid(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    me = await keeper.customer()
    credited, paid = [await holds(running, f"{name}.com", date(2027, 1, 20), customer_id=me) for name in ("credited", "paid")]
    await running.night()
    found = await renewal_of(running, credited)
    assert found is not None
    assert found.invoice_id is not None
    assert found.line_id is not None
    async with keeper.trade.writing() as tx:
        await invoicing.credit_note(tx, found.invoice_id, reason="by hand", on=keeper.today, now=keeper.now, lines=[found.line_id])
    await _pay(running, paid)
    assert [await _state(running, one) for one in (credited, paid)] == ["withdrawn", "renewing"]


async def test_given_up_the_price_is_credit(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    me = await keeper.customer()
    name = await holds(running, "parked.com", date(2027, 1, 20), customer_id=me)
    await running.night()
    await _pay(running, name)
    await running.sql("update domains_renewal set state = 'parked', reason = 'lapsed'")
    await running.sql("update runtime_step set state = 'parked', certain = true where name = 'domains.renew'")
    async with keeper.trade.writing() as tx:
        await commands.give_up(tx, name, by=STAFFS, on=keeper.today, now=keeper.now)
        assert await invoicing.free_credit(tx, me, "USD") == Money(1500, "USD")
    assert await _state(running, name) == "given_up"


async def test_the_dry_run_and_the_calendar_show_names(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    me = await keeper.customer()
    await keeper.keeps("small", customer_id=me)
    await holds(running, "rides.com", date(2027, 3, 20), customer_id=me)
    await holds(running, "alone.com", date(2027, 2, 20), customer_id=await keeper.customer())
    await holds(running, "later.com", date(2027, 3, 15), customer_id=await keeper.customer())
    keeper.today = JAN_25
    async with keeper.trade.database.reading(Role.WORK) as tx:
        would = await commands.rehearse(tx, on=keeper.today, days=DAYS)
        days = await queries.calendar(tx, first=keeper.today, last=date(2027, 2, 24), ahead=DAYS.ahead)
    assert (would.lines, would.names, [(one.invoices, one.total.minor) for one in would.sums]) == (3, 2, [(2, 4000)])
    assert [(one.day, one.count) for one in days if one.what == "name"] == [(JAN_25, 1), (date(2027, 2, 13), 1), (date(2027, 2, 18), 1)]
    await running.night()
    assert [(run.lines, [(one.invoices, one.total.minor) for one in run.sums]) for run in await running.runs()] == [(3, [(2, 4000)])]


async def test_a_run_at_its_brake_leaves_names_for_the_next(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    for place in range(3):
        await holds(running, f"brake-{place}.com", date(2027, 1, 20), customer_id=await keeper.customer())
    async with keeper.trade.writing() as tx:
        await commands.begin_run(tx, on=keeper.today, by="staff:test", now=keeper.now, max_lines=2)
    await running.night()
    assert [(run.state, run.lines) for run in await running.runs()] == [("stopped", 2)]
    async with keeper.trade.writing() as tx:
        await commands.begin_run(tx, on=keeper.today, by="staff:test", now=keeper.now)
    await running.night()
    assert [(run.state, run.lines) for run in await running.runs()] == [("stopped", 2), ("done", 1)]


async def test_names_ride_with_a_subscription_that_is_billed_late_and_not_with_one_that_is_set_aside(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    me = await keeper.customer()
    kept = await keeper.keeps("small", customer_id=me)
    name = await holds(running, "rider.com", date(2027, 4, 1), customer_id=me)
    keeper.today = date(2027, 2, 20)
    await running.night()
    assert (await keeper.look(kept)).billing_error is not None
    assert await _state(running, name) is None
    async with keeper.trade.writing() as tx:
        await subscriptions.allow_late(tx, kept, by=ME, today=keeper.today, now=keeper.now)
    await running.night()
    assert await _state(running, name) == "invoiced"


async def test_switched_off_while_the_run_is_billing_it_comes_off_all_the_same(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    name = await holds(running, "crossing.com", date(2027, 1, 20), customer_id=await keeper.customer())
    run_id, billed = await running.start(), asyncio.Event()

    async def bill() -> None:
        async with keeper.trade.writing() as tx:
            dues = await domains.claim_due(tx, until=date(2027, 1, 31), limit=5)
            await commands.bill_names(tx, run_id, dues, DAYS, issuer=running.issuer, on=keeper.today, now=keeper.now)
            billed.set()
            while not (await tx.execute(WAITERS)).scalar_one():
                await tx.execute(text("select pg_stat_clear_snapshot()"))
                await asyncio.sleep(0.02)

    async def switch_off() -> None:
        await billed.wait()
        async with keeper.trade.writing() as tx:
            await commands.wish(tx, name, auto_renew=False, apart=None, by=STAFFS, on=keeper.today, now=keeper.now)

    await asyncio.gather(bill(), switch_off())
    assert await _state(running, name) == "withdrawn"
    assert await running.one("select state from invoicing_invoice where origin_type = 'subscriptions.run'") == "void"
    async with keeper.trade.writing() as tx:
        await subscriptions.finish_run(tx, run_id, now=keeper.now)
