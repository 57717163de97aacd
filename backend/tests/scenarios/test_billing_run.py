"""The billing run: what falls due is on an invoice, once, and exactly what the ordinary commands would have made of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import text

from nextbill.capabilities import customers, invoicing, ledger, subscriptions, tax
from nextbill.capabilities.customers import Address
from nextbill.kernel.money import Money
from nextbill.processes.renewal import commands
from nextbill.processes.renewal.rules import NameDays
from nextbill.runtime.database import Role
from tests.support.keeping import MONTH, YEAR
from tests.support.running import Running, document_rows
from tests.support.trade import SELLER

BERLIN = Address("Unter den Linden 1", "", "Berlin", "", "10117", "DE")
PARIS = Address("1 rue de Rivoli", "", "Paris", "", "75001", "FR")
VOID = Address("1 High Street", "", "London", "", "SW1A 1AA", "GB")


async def test_what_is_due_is_invoiced_ahead_once_and_begins_on_its_day(running: Running) -> None:
    keeper = running.keeper
    monthly = await keeper.keeps("small")
    yearly = await keeper.keeps("medium", YEAR)
    await running.until(date(2027, 3, 2))
    assert await keeper.billed(monthly) == ["01-25: 02-01..03-01 1000", "02-22: 03-01..04-01 1000"]
    assert await keeper.billed(yearly) == []
    found = await keeper.look(monthly)
    assert (found.period.start, found.period_index, found.billed_index, found.next_bill_on) == (date(2027, 3, 1), 2, 2, date(2027, 3, 25))
    assert [(run.on, run.state, run.started_by, run.lines, [(one.invoices, one.total.minor) for one in run.sums]) for run in await running.runs()] == [
        (date(2027, 1, 25), "done", "system", 1, [(1, 1000)]), (date(2027, 2, 22), "done", "system", 1, [(1, 1000)]),
    ]  # fmt: skip


async def test_the_same_night_again_changes_nothing(running: Running) -> None:
    await running.keeper.keeps("small")
    running.keeper.today = date(2027, 1, 25)
    for _ in range(3):
        await running.night()
    assert await running.one("select count(*) from invoicing_invoice where origin_type = 'subscriptions.run'") == 1
    assert len(await running.runs()) == 1


async def test_forty_services_of_one_customer_are_on_one_invoice(running: Running) -> None:
    keeper = running.keeper
    me, other = await keeper.customer(), await keeper.customer()
    for _ in range(40):
        await keeper.keeps("small", customer_id=me)
    await keeper.keeps("small", customer_id=other)
    keeper.today = date(2027, 1, 25)
    await running.night()
    invoices = await running.rows(
        "select customer_id, total_minor, due_on, (select count(*) from invoicing_invoice_line l where l.invoice_id = i.id) as lines "
        "from invoicing_invoice i where origin_type = 'subscriptions.run' order by total_minor"
    )
    assert [(row["customer_id"], row["total_minor"], row["due_on"], row["lines"]) for row in invoices] == [
        (other, 1000, date(2027, 2, 1), 1), (me, 40_000, date(2027, 2, 1), 40),
    ]  # fmt: skip


async def test_other_currencies_days_and_ways_of_paying_are_on_invoices_of_their_own(running: Running) -> None:
    keeper = running.keeper
    await keeper.sells("euro", (MONTH, Money(900, "EUR")))
    await keeper.sells("early", (MONTH, Money(500, "USD")))
    me = await keeper.customer()
    kept = [await keeper.keeps("small", customer_id=me), await keeper.keeps("euro", currency="EUR", customer_id=me)]
    kept += [await keeper.keeps("small", customer_id=me), await keeper.keeps("early", customer_id=me)]
    await running.sql("update subscriptions_subscription set collection = 'invoice' where id = :id", id=kept[2])
    await running.sql("update subscriptions_subscription set days_ahead = 14, next_bill_on = '2027-01-18' where id = :id", id=kept[3])
    await running.until(date(2027, 1, 25))
    rows = await running.rows(
        "select issued_on, currency, total_minor from invoicing_invoice where origin_type = 'subscriptions.run' order by 1, 2, 3, id"
    )
    assert [tuple(row.values()) for row in rows] == [
        (date(2027, 1, 18), "USD", 500), (date(2027, 1, 25), "EUR", 900), (date(2027, 1, 25), "USD", 1000), (date(2027, 1, 25), "USD", 1000),
    ]  # fmt: skip


async def _crowd(running: Running) -> None:
    """Customers whose invoices differ in all that an invoice can differ by."""
    keeper = running.keeper
    async with keeper.trade.writing() as tx:
        await tax.add_rule(tx, country="DE", rate_ppm=190_000, name="VAT 19 %", valid_from=date(2020, 1, 1), now=keeper.now)
        await tax.add_rule(tx, country="FR", rate_ppm=200_000, name="TVA 20 %", valid_from=date(2020, 1, 1), now=keeper.now)
        policy = {"seller_country": "DE", "home_currency": "EUR", "inclusive_by_country": {"FR": True}, "oss": "auto", "rounding_scope": "invoice"}
        await tax.set_policy(tx, changes=policy, effective_on=date(2020, 1, 1), actor="test", now=keeper.now)
    await keeper.sells("yen", (MONTH, Money(1234, "JPY")))
    await keeper.sells("dinar", (MONTH, Money(9_999, "KWD")))
    homes = [keeper.address, BERLIN, PARIS, VOID]
    for place, home in enumerate(homes * 3):
        keeper.address = home
        me = await keeper.customer()
        await keeper.keeps("small", customer_id=me, quantity=1, addons=(("backups", 1 + place),), coupon={"percent_ppm": 333_333})
        await keeper.keeps("seat", customer_id=me, quantity=3, coupon={"amount_minor": 1_001, "until_index": 2})
        await keeper.keeps("medium", customer_id=me)
        await keeper.keeps("yen", customer_id=me, currency="JPY")
        await keeper.keeps("dinar", customer_id=me, currency="KWD")
        if place % 3 == 0:
            await keeper.keeps("large", customer_id=me, trial_days=14, once=777)
            await running.sql(
                "update customers_customer set company = 'A \"B\" \\ {C}, ü', buyer_reference = '04-1', status = 'business' where id = :id", id=me
            )


@pytest.mark.parametrize("day", [date(2027, 1, 15), date(2027, 1, 25)])
async def test_the_run_writes_what_the_ordinary_commands_write(running: Running, day: date) -> None:
    """The same plan by `issue_invoice`, one after the other, and by `issue_many`: every amount, tax row and posting is the same."""
    await _crowd(running)
    keeper = running.keeper
    if day > (keeper.today.replace(day=15)):
        keeper.today = keeper.today.replace(day=15)
        await running.night()
    keeper.today = day
    run_id = await running.start()
    found: list[dict[str, list[tuple[Any, ...]]]] = []
    for many in (False, True):
        async with keeper.trade.database.engine(Role.WORK).connect(), keeper.trade.database.writing(Role.WORK) as tx:
            claimed = await subscriptions.claim_due(tx, on=day, limit=1000)
            plan = await commands.make_plan(tx, claimed, on=day, origin_id=run_id)
            assert plan.asides == []
            assert len(plan.bills) == (4 if day == date(2027, 1, 15) else 36)
            bills = [group.bill for group in plan.bills]
            forms = list(dict.fromkeys(bill.form for bill in bills))  # numbers go form by form
            assert day == date(2027, 1, 15) or len({bill.form for bill in bills}) < len(bills), "some are alike"
            if many:
                await invoicing.issue_many(tx, bills, seller=SELLER, on=day, now=keeper.now)
            else:
                for bill in sorted(bills, key=lambda one: forms.index(one.form)):
                    await invoicing.issue_invoice(
                        tx, customer_id=bill.customer_id, origin_type=bill.form.origin_type, origin_id=bill.form.origin_id, lines=bill.lines, buyer=bill.buyer,
                        seller=SELLER, currency=bill.form.currency, on=day, due_on=bill.form.due_on, now=keeper.now, references=bill.form.references,
                    )  # fmt: skip
            found.append(await document_rows(tx))
            by_id = list((await tx.execute(text("select number from invoicing_invoice where origin_id = :id order by id"), {"id": run_id})).scalars())
            assert by_id == sorted(by_id), "what is made first has the first number"
            assert len(by_id) == len(bills)
            await tx.rollback()
    assert found[0].keys() == found[1].keys()
    for name, rows in found[0].items():
        assert len(rows) >= 4
        assert found[1][name] == rows, name


async def test_taxing_many_at_once_is_taxing_each(running: Running) -> None:
    await _crowd(running)
    keeper = running.keeper
    async with keeper.trade.database.reading(Role.WORK) as tx:
        ids = [row["id"] for row in await running.rows("select id from customers_customer order by id")]
        people = await customers.get_customers(tx, ids)
        sales = []
        for place, person in enumerate(people.values()):
            assert person.address is not None
            lines = [tax.TaxableLine(str(n), "hosting", Money(997 + 13 * n + place, "USD")) for n in range(3)]
            sales.append(
                tax.TaxableSale(
                    lines,
                    person.address.country,
                    person.address.state or None,
                    person.status,
                    person.tax_id,
                    person.id,
                    person.address.postal_code,
                    home_rate_ppm=920_000,
                )  # fmt: skip
            )
        together = await tax.assess_many(tx, sales, on=keeper.today)
        for sale, answer in zip(sales, together, strict=True):
            alone = await tax.assess(
                tx, lines=sale.lines, country=sale.country, state=sale.state, status=sale.status, tax_id=sale.tax_id, on=keeper.today,
                customer_id=sale.customer_id, postal_code=sale.postal_code, home_rate_ppm=sale.home_rate_ppm,
            )  # fmt: skip
            assert answer == alone
        broken = structs.replace(sales[0], country="FR")
        assert len({one.rate_ppm for answer in together if isinstance(answer, list) for one in answer}) > 1
        assert isinstance((await tax.assess_many(tx, [broken], on=keeper.today))[0], list)


async def test_a_trial_is_charged_for_with_its_setup_and_becomes_active(running: Running) -> None:
    keeper = running.keeper
    kept = await keeper.keeps("large", trial_days=14, once=777)
    await running.until(date(2027, 1, 16))
    assert await keeper.billed(kept) == ["01-15: 01-15..02-15 9777"]
    assert (await keeper.look(kept)).state == "active"


async def test_a_free_period_has_no_invoice_and_moves_on(running: Running) -> None:
    keeper = running.keeper
    kept = await keeper.keeps("small", coupon={"percent_ppm": 1_000_000, "until_index": 2})
    await running.until(date(2027, 2, 23))
    assert await keeper.billed(kept) == ["02-22: 03-01..04-01 1000"]
    assert [(run.lines, run.free) for run in await running.runs()] == [(0, 1), (1, 0)]


async def test_credit_pays_as_far_as_it_goes(running: Running) -> None:
    keeper = running.keeper
    rich, poor = await keeper.customer(), await keeper.customer()
    for me in (rich, poor):
        await keeper.keeps("small", customer_id=me)
    async with keeper.trade.writing() as tx:
        for me, amount in ((rich, 2500), (poor, 300)):
            await keeper.trade.receive(tx, me, Money(amount, "USD"))
    keeper.today = date(2027, 1, 25)
    await running.night()
    rows = await running.rows("select customer_id, state, due_minor, paid_minor from invoicing_invoice where origin_type = 'subscriptions.run'")
    assert {row["customer_id"]: (row["state"], row["due_minor"], row["paid_minor"]) for row in rows} == {
        rich: ("paid", 0, 1000),
        poor: ("open", 700, 300),
    }
    assert await keeper.trade.balance(ledger.Account.CUSTOMER_CREDIT, rich) == {"USD": -1500}


async def test_who_has_a_card_is_charged_when_the_period_begins(running: Running) -> None:
    keeper = running.keeper
    charged, sent = await keeper.keeps("small"), await keeper.keeps("small")
    await running.sql("update subscriptions_subscription set collection = 'invoice' where id = :id", id=sent)
    keeper.today = date(2027, 1, 25)
    await running.night()
    rows = await running.rows("select customer_id, state, next_try_on from payments_collection")
    assert [tuple(row.values()) for row in rows] == [((await keeper.look(charged)).customer_id, "due", date(2027, 2, 1))]


@pytest.mark.parametrize(
    ("away", "billed", "kind"),
    [(date(2027, 2, 8), 1, None), (date(2027, 2, 9), 0, "late"), (date(2027, 3, 2), 0, "late")],
    ids=["seven days overdue", "eight days", "two periods"],
)
async def test_after_an_outage_one_period_is_charged_by_itself_and_the_rest_waits(
    running: Running, away: date, billed: int, kind: str | None
) -> None:
    keeper = running.keeper
    kept = await keeper.keeps("small")
    keeper.today = away
    await running.night()
    assert len(await keeper.billed(kept)) == billed
    assert await running.one("select billing_error_kind from subscriptions_subscription where id = :id", id=kept) == kind
    if kind is None:
        return
    async with keeper.trade.writing() as tx:
        await subscriptions.allow_late(tx, kept, by=subscriptions.By("staff:test", "as agreed"), today=away, now=keeper.now)
    await running.night()
    starts = [line.split(" ")[1].split("..")[0] for line in await keeper.billed(kept)]
    assert starts == (["02-01"] if away < date(2027, 2, 22) else ["02-01", "03-01"])
    assert (await keeper.look(kept)).period.start <= away < (await keeper.look(kept)).period.end


async def test_weekly_periods_wait_when_two_are_overdue(running: Running) -> None:
    from nextbill.kernel.period import Cycle

    keeper = running.keeper
    await keeper.sells("week", (Cycle("week"), Money(300, "USD")))
    one, two = await keeper.keeps("week", Cycle("week")), None
    keeper.today = date(2027, 1, 14)
    two = await keeper.keeps("week", Cycle("week"))
    keeper.today = date(2027, 1, 16)
    await running.night()
    assert [await running.one("select billing_error_kind from subscriptions_subscription where id = :id", id=id_) for id_ in (one, two)] == [
        "late",
        None,
    ]


async def test_nothing_new_is_billed_while_suspended_paused_or_ending(running: Running) -> None:
    keeper = running.keeper
    by = subscriptions.By("staff:test", "a reason")
    off, rests, ends = [await keeper.keeps("small") for _ in range(3)]
    async with keeper.trade.writing() as tx:
        await subscriptions.mark_standing(tx, off, "past_due", by=by, today=keeper.today, now=keeper.now)
        await subscriptions.mark_standing(tx, off, "suspended", by=by, today=keeper.today, now=keeper.now)
        await subscriptions.pause(tx, rests, by=by, today=keeper.today, now=keeper.now)
        await subscriptions.cancel_at_end(tx, ends, by=by, today=keeper.today, now=keeper.now)
    await running.until(date(2027, 2, 3))
    for id_ in (off, rests, ends):
        assert await keeper.billed(id_) == []
    assert (await keeper.look(ends)).state == "ended"
    async with keeper.trade.writing() as tx:
        await subscriptions.mark_standing(tx, off, "active", by=by, today=keeper.today, now=keeper.now)
    await running.night()
    assert await keeper.billed(off) == ["02-03: 02-01..03-01 1000"]


async def test_a_change_of_the_day_comes_before_the_invoice(running: Running) -> None:
    keeper = running.keeper
    kept = await keeper.keeps("medium")
    change = await keeper.change(kept, plan="small")
    assert change.state == "scheduled"
    await running.until(date(2027, 2, 2))
    assert await keeper.billed(kept) == ["02-01: 02-01..03-01 1000"]


async def test_a_dry_run_says_what_the_run_then_does_and_writes_nothing(running: Running) -> None:
    await _crowd(running)
    keeper = running.keeper
    keeper.today = date(2027, 1, 25)
    tables = ("invoicing_invoice", "subscriptions_period", "subscriptions_run_chunk", "ledger_entry", "runtime_event")
    before = [await running.one(f"select count(*) from {table}") for table in tables]
    async with keeper.trade.database.reading(Role.WORK) as tx:
        would = await commands.rehearse(tx, on=keeper.today, days=NameDays())
    assert [await running.one(f"select count(*) from {table}") for table in tables] == before
    await running.night()
    (run,) = await running.runs()
    assert (would.lines, would.free, would.set_aside, would.sums, would.more) == (run.lines, run.free, run.set_aside, run.sums, False)
    assert len(would.sums) == 3
