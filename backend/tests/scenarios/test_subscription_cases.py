"""Subscriptions as accounting cases, literal to the unit. Small costs 10, medium 30, large 90 dollars a month; a year costs ten months."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest

from nextbill.capabilities import invoicing, subscriptions
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from tests.support.keeping import ME, MONTH, YEAR, Keeper, open_keeper


@pytest.fixture
async def keeper(dsn: str) -> AsyncIterator[Keeper]:
    async with open_keeper(dsn) as opened:
        yield opened
        assert await opened.violations() == []


async def test_an_upgrade_in_mid_month_costs_the_days_that_are_left_and_waits_for_its_payment(keeper: Keeper) -> None:
    """20 of 31 days: 30.00 makes 19.35, 10.00 makes 6.45."""
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    shown = (await keeper.preview(kept, plan="medium")).preview
    assert [(line.kind, line.name, line.net.minor, line.days, line.of_days) for line in shown.lines] == [
        ("credit", "Small", 645, 20, 31), ("charge", "Medium", 1935, 20, 31),
    ]  # fmt: skip
    assert (shown.direction, shown.when, shown.now.minor, shown.next_net.minor) == ("upgrade", "when_paid", 1290, 3000)
    assert (shown.next_on, shown.next_bill_on, shown.valid_until) == (date(2027, 2, 1), date(2027, 1, 25), date(2027, 1, 15))
    change = await keeper.change(kept, plan="medium", quote=shown.fingerprint)
    assert (change.state, (await keeper.look(kept)).plan_code) == ("waiting_payment", "small")
    paid = await keeper.pay(change)
    assert (paid.state, (await keeper.look(kept)).plan_code, (await keeper.look(kept)).price.minor) == ("applied", "medium", 3000)
    async with keeper.trade.database.reading(Role.WORK) as tx:
        invoice = await invoicing.get_invoice(tx, paid.invoice_id)
    assert [(line.unit_net.minor, line.discount.minor, line.net.minor, line.discount_note) for line in invoice.lines] == [
        (1935, 645, 1290, "Unused: Small, 20 of 31 days")
    ]
    await keeper.until(date(2027, 3, 2))
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 3000", "02-22: 03-01..04-01 3000"]
    assert await keeper.history(kept) == ["started", "change_waiting_payment", "changed"]


async def _upgraded(keeper: Keeper, kept: object, **wish: object) -> subscriptions.Change:
    return await keeper.pay(await keeper.change(kept, **wish))  # type: ignore[arg-type]  # ids and wishes as the case names them


async def test_an_upgrade_on_the_last_day_costs_one_day(keeper: Keeper) -> None:
    """1 of 31 days: 2.90 less 0.32. The renewal was billed at the old price and its difference is asked for too."""
    kept = await keeper.keeps("small")
    await keeper.until(date(2027, 1, 31))
    shown = (await keeper.preview(kept, plan="large")).preview
    assert [(line.kind, line.net.minor, line.days, line.of_days) for line in shown.lines] == [
        ("credit", 32, 1, 31), ("charge", 290, 1, 31), ("credit", 1000, 28, 28), ("charge", 9000, 28, 28),
    ]  # fmt: skip
    assert shown.now.minor == 8258
    assert "next_period_is_billed" in shown.why
    await _upgraded(keeper, kept, plan="large")
    await keeper.until(date(2027, 3, 1))
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 1000", "02-22: 03-01..04-01 9000"]


async def test_two_upgrades_on_one_day_cost_what_one_would(keeper: Keeper) -> None:
    first, second = await keeper.keeps("small"), await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    steps = [(await _upgraded(keeper, first, plan=plan)).now.minor for plan in ("medium", "large")]
    at_once = (await _upgraded(keeper, second, plan="large")).now.minor
    assert (steps, at_once) == ([1290, 3871], 5161)


async def test_an_upgrade_that_nobody_pays_is_off_after_three_days(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    change = await keeper.change(kept, plan="medium")
    await keeper.until(date(2027, 1, 14))
    assert (await keeper.change_of(change.id)).state == "waiting_payment"
    with pytest.raises(subscriptions.ChangePending):
        await keeper.change(kept, plan="large")
    await keeper.until(date(2027, 1, 15))
    off = await keeper.change_of(change.id)
    assert (off.state, off.outcome) == ("expired", "It was not paid in time.")
    async with keeper.trade.database.reading(Role.WORK) as tx:
        assert (await invoicing.get_proforma(tx, off.proforma_id)).state == "cancelled"
    await keeper.until(date(2027, 2, 1))
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 1000"]


async def test_nothing_is_billed_while_an_upgrade_waits(keeper: Keeper) -> None:
    """Asked for on the day of the invoice: that waits until the upgrade is paid or off, and has then the right price."""
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 24)
    change = await keeper.change(kept, plan="medium")
    await keeper.until(date(2027, 1, 26))
    assert await keeper.billed(kept) == []
    await keeper.pay(change)
    await keeper.until(date(2027, 1, 26))
    await keeper.run()
    assert await keeper.billed(kept) == ["01-26: 02-01..03-01 3000"]


async def test_an_upgrade_is_taken_back_before_it_is_paid(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    change = await keeper.change(kept, plan="medium")
    for _ in range(2):
        async with keeper.trade.writing() as tx:
            await subscriptions.withdraw_change(tx, change.id, by=ME, on=keeper.today, now=keeper.now)
    assert (await keeper.change_of(change.id)).state == "withdrawn"
    assert (await keeper.look(kept)).next_bill_on == date(2027, 1, 25)


async def test_a_downgrade_holds_from_the_end_of_the_period(keeper: Keeper) -> None:
    kept = await keeper.keeps("medium")
    keeper.today = date(2027, 1, 12)
    shown = (await keeper.preview(kept, plan="small")).preview
    assert (shown.direction, shown.when, shown.lines, shown.now.minor) == ("downgrade", "at_period_end", (), 0)
    assert (shown.effective_on, shown.next_on, shown.next_bill_on, shown.next_net.minor) == (date(2027, 2, 1),) * 3 + (1000,)
    change = await keeper.change(kept, plan="small")
    await keeper.until(date(2027, 1, 31))
    assert ((await keeper.look(kept)).plan_code, await keeper.billed(kept)) == ("medium", [])
    await keeper.until(date(2027, 2, 28))
    assert ((await keeper.change_of(change.id)).state, (await keeper.look(kept)).plan_code) == ("applied", "small")
    assert await keeper.billed(kept) == ["02-01: 02-01..03-01 1000", "02-22: 03-01..04-01 1000"]


async def test_a_downgrade_after_the_renewal_was_billed_holds_one_period_later(keeper: Keeper) -> None:
    kept = await keeper.keeps("medium")
    await keeper.until(date(2027, 1, 27))
    change = await keeper.change(kept, plan="small")
    assert change.effective_on == date(2027, 3, 1)
    await keeper.until(date(2027, 3, 1))
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 3000", "03-01: 03-01..04-01 1000"]


async def test_a_downgrade_below_what_is_in_use_is_refused_with_what_to_remove(keeper: Keeper) -> None:
    kept = await keeper.keeps("medium")
    await keeper.uses(kept, domains=5)
    shown = await keeper.preview(kept, plan="small")
    assert [(one.resource, one.used, one.limit, one.to_remove) for one in shown.too_much] == [("domains", 5, 3, 2)]
    with pytest.raises(subscriptions.DoesNotFit) as refused:
        await keeper.change(kept, plan="small")
    assert refused.value.fields == {"usage.domains": "remove 2 of 5: 3 are allowed then"}


async def test_a_downgrade_that_does_not_fit_on_its_day_is_refused_and_everything_stays(keeper: Keeper) -> None:
    kept = await keeper.keeps("medium")
    change = await keeper.change(kept, plan="small")
    await keeper.uses(kept, domains=4)
    await keeper.until(date(2027, 2, 1))
    off = await keeper.change_of(change.id)
    assert (off.state, off.outcome) == ("refused", "domains: 4 of 3")
    assert ((await keeper.look(kept)).plan_code, await keeper.billed(kept)) == ("medium", ["02-01: 02-01..03-01 3000"])


async def test_staff_downgrades_at_once_and_the_difference_is_credit(keeper: Keeper) -> None:
    kept = await keeper.keeps("medium")
    keeper.today = date(2027, 1, 12)
    change = await keeper.change(kept, plan="small", at_once=True)
    assert (change.state, change.credit.minor) == ("applied", 1290)
    assert (await keeper.notes(kept), await keeper.credit(kept)) == ([1290], 1290)
    await keeper.until(date(2027, 1, 25))
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 1000"]


async def test_credit_for_a_downgrade_is_taken_off_the_upgrade_of_the_same_period_first(keeper: Keeper) -> None:
    """Up and down on one day gives back exactly what the upgrade cost."""
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    up = await _upgraded(keeper, kept, plan="medium")
    down = await keeper.change(kept, plan="small", at_once=True)
    assert (up.now.minor, down.credit.minor, await keeper.notes(kept), await keeper.credit(kept)) == (1290, 1290, [1290], 1290)


async def test_from_month_to_year_begins_a_new_anchor_on_its_day(keeper: Keeper) -> None:
    """100.00 for the year less 6.45 for 20 unused days; the year runs from the day on which it was asked for, though paid two days later."""
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    change = await keeper.change(kept, cycle=YEAR)
    assert (change.kind, change.direction, change.now.minor) == ("cycle", "upgrade", 10000 - 645)
    keeper.today = date(2027, 1, 14)
    await keeper.pay(change)
    found = await keeper.look(kept)
    assert (found.period.start, found.period.end, found.price.minor) == (date(2027, 1, 12), date(2028, 1, 12), 10000)
    assert found.next_bill_on == date(2028, 1, 5)
    await keeper.until(date(2028, 1, 20))
    assert await keeper.billed(kept) == ["01-05: 01-12..01-12 10000"]


async def test_from_month_to_year_on_the_first_day_of_a_billed_period(keeper: Keeper) -> None:
    """The month that was paid and not used comes off whole; both periods begin on one day and the key still holds."""
    kept = await keeper.keeps("small")
    change = await _upgraded(keeper, kept, cycle=YEAR)
    assert change.now.minor == 9000
    async with keeper.trade.database.reading(Role.WORK) as tx:
        periods = await subscriptions.billed_periods(tx, kept)
    assert [(one.index, one.period.start, one.period.end, one.closed_by) for one in periods] == [
        (0, date(2027, 1, 1), date(2027, 2, 1), change.id), (1, date(2027, 1, 1), date(2028, 1, 1), None),
    ]  # fmt: skip


async def test_from_year_to_month_waits_for_the_end_of_the_year(keeper: Keeper) -> None:
    kept = await keeper.keeps("small", YEAR)
    keeper.today = date(2027, 1, 12)
    change = await keeper.change(kept, cycle=MONTH)
    assert (change.direction, change.state, change.effective_on) == ("downgrade", "scheduled", date(2028, 1, 1))
    await keeper.until(date(2028, 2, 1))
    assert await keeper.billed(kept) == ["01-01: 01-01..02-01 1000", "01-25: 02-01..03-01 1000"]


async def test_a_scheduled_downgrade_is_taken_back(keeper: Keeper) -> None:
    kept = await keeper.keeps("medium")
    change = await keeper.change(kept, plan="small")
    async with keeper.trade.writing() as tx:
        await subscriptions.withdraw_change(tx, change.id, by=ME, on=keeper.today, now=keeper.now)
    await keeper.until(date(2027, 2, 1))
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 3000"]


async def test_a_preview_that_has_aged_is_refused(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    quote = (await keeper.preview(kept, plan="medium")).preview.fingerprint
    keeper.today = date(2027, 1, 2)
    with pytest.raises(subscriptions.PreviewOutdated):
        await keeper.change(kept, plan="medium", quote=quote)
    with pytest.raises(subscriptions.NothingChanges):
        await keeper.change(kept, plan="small")


async def test_more_pieces_at_the_price_that_was_sold(keeper: Keeper) -> None:
    """Three more for 20 of 31 days: 21.00 makes 13.55. The list costs more meanwhile; what is had keeps its price."""
    kept = await keeper.keeps("seat", quantity=2)
    await keeper.reprices("seat", MONTH, Money(900, "USD"))
    keeper.today = date(2027, 1, 12)
    change = await _upgraded(keeper, kept, quantity=5)
    assert (change.kind, change.now.minor, [(line["quantity"], line["net_minor"]) for line in change.lines]) == ("quantity", 1355, [(3, 1355)])
    fewer = await keeper.change(kept, quantity=1)
    assert (fewer.direction, fewer.state) == ("downgrade", "scheduled")
    await keeper.until(date(2027, 2, 1))
    assert await keeper.billed(kept) == ["02-01: 02-01..03-01 700"]


async def test_an_addon_comes_at_once_and_goes_at_the_end(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    assert (await _upgraded(keeper, kept, addons=[("backups", 2)])).now.minor == 645
    found = await keeper.look(kept)
    assert (found.price.minor, found.limits["backups"], found.features) == (2000, 20, ("hourly",))
    await keeper.change(kept, addons=[])
    await keeper.until(date(2027, 2, 1))
    found = await keeper.look(kept)
    assert (found.price.minor, found.limits["backups"], found.features) == (1000, 0, ())
    assert await keeper.billed(kept) == ["02-01: 02-01..03-01 1000"]


async def test_another_plan_takes_its_addons_along(keeper: Keeper) -> None:
    """Only the plan's difference is charged: the add-on costs what it cost."""
    kept = await keeper.keeps("small", addons=[("backups", 1)])
    keeper.today = date(2027, 1, 12)
    assert (await _upgraded(keeper, kept, plan="medium")).now.minor == 1290
    found = await keeper.look(kept)
    assert (found.price.minor, dict(found.limits)) == (3500, {"domains": 10, "accounts": 1, "backups": 10})
    await keeper.until(date(2027, 1, 25))
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 3500"]
