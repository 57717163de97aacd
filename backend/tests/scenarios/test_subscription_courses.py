"""What time does to subscriptions, literal to the unit and the day: cycles, trials, pauses, coupons, price rises, endings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import pytest

from nextbill.capabilities import invoicing, subscriptions, tax
from nextbill.capabilities.customers import Address
from nextbill.capabilities.subscriptions.commands import ProductPrice
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import Role
from tests.support.keeping import ME, MONTH, YEAR, Keeper, open_keeper


@pytest.fixture
async def keeper(dsn: str) -> AsyncIterator[Keeper]:
    async with open_keeper(dsn) as opened:
        yield opened
        assert await opened.violations() == []


async def test_31_january_is_followed_by_28_february_and_31_march(keeper: Keeper) -> None:
    keeper.today = date(2027, 1, 31)
    kept = await keeper.keeps("small")
    await keeper.until(date(2027, 5, 1))
    assert await keeper.billed(kept) == [
        "02-21: 02-28..03-31 1000", "03-24: 03-31..04-30 1000", "04-23: 04-30..05-31 1000",
    ]  # fmt: skip


async def test_a_year_from_a_leap_day(keeper: Keeper) -> None:
    keeper.today = date(2028, 2, 29)
    kept = await keeper.keeps("small", YEAR)
    await keeper.until(date(2032, 2, 29))
    assert await keeper.billed(kept) == [
        "02-21: 02-28..02-28 10000", "02-21: 02-28..02-28 10000", "02-21: 02-28..02-29 10000", "02-22: 02-29..02-28 10000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cycle", "course"),
    [
        (Cycle("day"), ["01-02: 01-02..01-03 100", "01-03: 01-03..01-04 100"]),
        (Cycle("week"), ["01-05: 01-08..01-15 100"]),
        (Cycle("month", 3), ["03-25: 04-01..07-01 100"]),
        (Cycle("month", 6), ["06-24: 07-01..01-01 100"]),
        (Cycle("year", 2), ["12-25: 01-01..01-01 100"]),
    ],
)
async def test_each_cycle_is_invoiced_a_week_ahead_and_never_more_than_half_of_it(keeper: Keeper, cycle: Cycle, course: list[str]) -> None:
    await keeper.sells("rhythm", (cycle, Money(100, "USD")))
    kept = await keeper.keeps("rhythm", cycle)
    ends = {"day": date(2027, 1, 3), "week": date(2027, 1, 11), "month": date(2027, 7, 1), "year": date(2029, 1, 1)}
    await keeper.until(date(2027, 4, 1) if cycle.count == 3 else ends[cycle.unit])
    assert (await keeper.billed(kept))[: len(course)] == course


async def test_a_trial_is_charged_when_it_ends_and_the_setup_with_it(keeper: Keeper) -> None:
    kept = await keeper.keeps("small", trial_days=14, once=500)
    assert ((await keeper.look(kept)).state, (await keeper.look(kept)).next_bill_on) == ("trialing", date(2027, 1, 15))
    await keeper.until(date(2027, 1, 14))
    assert await keeper.billed(kept) == []
    await keeper.until(date(2027, 2, 14))
    assert (await keeper.look(kept)).state == "active"
    assert await keeper.billed(kept) == ["01-15: 01-15..02-15 1500", "02-08: 02-15..03-15 1000"]


async def test_on_trial_a_change_costs_nothing_and_holds_at_once(keeper: Keeper) -> None:
    kept = await keeper.keeps("small", trial_days=14)
    keeper.today = date(2027, 1, 8)
    change = await keeper.change(kept, plan="large", cycle=YEAR)
    assert (change.state, change.now.minor, change.next.minor) == ("applied", 0, 90000)
    assert (await keeper.change(kept, plan="medium", cycle=MONTH)).state == "applied"
    await keeper.until(date(2027, 1, 15))
    assert await keeper.billed(kept) == ["01-15: 01-15..02-15 3000"]


async def test_a_trial_that_is_called_off_is_never_charged(keeper: Keeper) -> None:
    kept = await keeper.keeps("small", trial_days=14)
    await _cancel(keeper, kept)
    assert (await keeper.look(kept)).cancel_on == date(2027, 1, 15)
    await keeper.until(date(2027, 2, 20))
    assert ((await keeper.look(kept)).state, await keeper.billed(kept)) == ("cancelled", [])


async def test_a_pause_over_a_renewal_moves_everything_by_its_days(keeper: Keeper) -> None:
    """21 days from 20 January on: the month that was paid ends on 22 February, and that is the anchor."""
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 20)
    await _pause(keeper, kept)
    await keeper.until(date(2027, 2, 10))
    assert ((await keeper.look(kept)).state, await keeper.billed(kept)) == ("paused", [])
    async with keeper.trade.writing() as tx:
        await subscriptions.resume(tx, kept, by=ME, today=keeper.today, now=keeper.now)
    found = await keeper.look(kept)
    assert (found.state, found.period.end, found.next_bill_on) == ("active", date(2027, 2, 22), date(2027, 2, 15))
    await keeper.until(date(2027, 3, 20))
    assert await keeper.billed(kept) == ["02-15: 02-22..03-22 1000", "03-15: 03-22..04-22 1000"]


async def test_a_pause_ends_by_itself_and_an_unpaid_renewal_is_voided(keeper: Keeper) -> None:
    keeper.pays = False
    kept = await keeper.keeps("small")
    await keeper.until(date(2027, 1, 27))
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 1000"]
    await _pause(keeper, kept, resume_on=date(2027, 2, 6))
    assert (await keeper.billed(kept), await keeper.notes(kept)) == ([], [1000])
    await keeper.until(date(2027, 2, 10))
    assert ((await keeper.look(kept)).period.end, await keeper.billed(kept)) == (date(2027, 2, 11), ["02-06: 02-11..03-11 1000"])


async def test_a_pause_after_the_renewal_was_paid_moves_that_too(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    await keeper.until(date(2027, 1, 27))
    await _pause(keeper, kept, resume_on=date(2027, 2, 6))
    await keeper.until(date(2027, 3, 10))
    found = await keeper.look(kept)
    assert (found.period.start, found.period.end) == (date(2027, 2, 11), date(2027, 3, 11))
    assert len(await keeper.billed(kept)) == 2


async def test_a_paused_trial_goes_on_as_a_trial(keeper: Keeper) -> None:
    kept = await keeper.keeps("small", trial_days=14)
    keeper.today = date(2027, 1, 5)
    await _pause(keeper, kept, resume_on=date(2027, 1, 10))
    await keeper.until(date(2027, 1, 19))
    assert (await keeper.look(kept)).state == "trialing"
    await keeper.until(date(2027, 1, 20))
    assert await keeper.billed(kept) == ["01-20: 01-20..02-20 1000"]


async def test_cancelled_for_the_end_it_runs_until_then(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    await _cancel(keeper, kept)
    await keeper.until(date(2027, 1, 31))
    assert (await keeper.look(kept)).state == "active"
    await keeper.until(date(2027, 2, 1))
    found = await keeper.look(kept)
    assert (found.state, found.ended_at is not None, await keeper.billed(kept)) == ("ended", True, [])
    assert await keeper.history(kept) == ["started", "cancel_asked", "ended"]


async def test_a_cancellation_is_taken_back(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    await _cancel(keeper, kept)
    await keeper.until(date(2027, 1, 30))
    async with keeper.trade.writing() as tx:
        await subscriptions.reactivate(tx, kept, by=ME, today=keeper.today, now=keeper.now)
    await keeper.until(date(2027, 2, 2))
    assert await keeper.billed(kept) == ["01-30: 02-01..03-01 1000"]
    with pytest.raises(subscriptions.NotEnding):
        async with keeper.trade.writing() as tx:
            await subscriptions.reactivate(tx, kept, by=ME, today=keeper.today, now=keeper.now)


async def test_a_cancellation_voids_the_renewal_that_nobody_has_paid(keeper: Keeper) -> None:
    keeper.pays = False
    kept = await keeper.keeps("small")
    await keeper.until(date(2027, 1, 27))
    await _cancel(keeper, kept)
    assert ((await keeper.look(kept)).cancel_on, await keeper.notes(kept), await keeper.billed(kept)) == (date(2027, 2, 1), [1000], [])


async def test_a_cancellation_after_the_renewal_was_paid_holds_when_that_is_used_up(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    await keeper.until(date(2027, 1, 27))
    await _cancel(keeper, kept)
    assert ((await keeper.look(kept)).cancel_on, await keeper.notes(kept)) == (date(2027, 3, 1), [])
    await keeper.until(date(2027, 3, 1))
    assert ((await keeper.look(kept)).state, len(await keeper.billed(kept))) == ("ended", 1)


async def test_cancelled_now_the_unused_days_are_credit(keeper: Keeper) -> None:
    """20 of 31 days of 30.00, and the renewal that was paid ahead."""
    kept, ahead = await keeper.keeps("medium"), await keeper.keeps("medium")
    keeper.today = date(2027, 1, 12)
    async with keeper.trade.writing() as tx:
        back = await subscriptions.cancel_now(tx, kept, by=ME, today=keeper.today, now=keeper.now)
    assert (back.minor, await keeper.notes(kept), await keeper.credit(kept), (await keeper.look(kept)).state) == (1935, [1935], 1935, "ended")
    await keeper.until(date(2027, 1, 27))
    async with keeper.trade.writing() as tx:
        back = await subscriptions.cancel_now(tx, ahead, by=ME, today=keeper.today, now=keeper.now)
    assert (back.minor, await keeper.notes(ahead)) == (484 + 3000, [3000, 484])


async def test_cancelled_after_a_long_rest_the_days_before_it_are_all_that_was_used(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    await _pause(keeper, kept)
    keeper.today = date(2027, 3, 10)
    async with keeper.trade.writing() as tx:
        back = await subscriptions.cancel_now(tx, kept, by=ME, today=keeper.today, now=keeper.now)
    assert (back.minor, await keeper.notes(kept), await keeper.credit(kept)) == (645, [645], 645)


async def test_cancelled_now_after_an_upgrade_both_invoices_are_credited(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    await keeper.pay(await keeper.change(kept, plan="medium"))
    keeper.today = date(2027, 1, 22)
    async with keeper.trade.writing() as tx:
        back = await subscriptions.cancel_now(tx, kept, by=ME, today=keeper.today, now=keeper.now)
    assert (back.minor, sum(await keeper.notes(kept))) == (968, 968)


async def test_a_coupon_for_three_periods_is_used_three_times(keeper: Keeper) -> None:
    kept = await keeper.keeps("small", coupon={"percent_ppm": 500_000, "until_index": 3})
    await keeper.until(date(2027, 5, 1))
    assert [line.rpartition(" ")[2] for line in await keeper.billed(kept)] == ["500", "500", "1000", "1000"]


async def test_an_amount_off_for_ever(keeper: Keeper) -> None:
    kept = await keeper.keeps("small", addons=[("backups", 1)], coupon={"amount_minor": 300})
    await keeper.until(date(2027, 3, 1))
    assert [line.rpartition(" ")[2] for line in await keeper.billed(kept)] == ["1200", "1200"]


async def test_a_coupon_halves_what_an_upgrade_costs(keeper: Keeper) -> None:
    """15.00 less 5.00 for 20 of 31 days, each rounded by itself: 9.68 less 3.23."""
    kept = await keeper.keeps("small", coupon={"percent_ppm": 500_000})
    keeper.today = date(2027, 1, 12)
    shown = (await keeper.preview(kept, plan="medium")).preview
    assert (shown.now.minor, shown.next_net.minor, shown.regular.minor) == (968 - 323, 1500, 3000)
    assert "coupon_goes_on" in shown.why


async def test_a_coupon_for_some_months_does_not_halve_a_year(keeper: Keeper) -> None:
    kept = await keeper.keeps("small", coupon={"percent_ppm": 500_000, "until_index": 3})
    keeper.today = date(2027, 1, 12)
    change = await keeper.pay(await keeper.change(kept, cycle=YEAR))
    assert change.now.minor == 10000 - 323
    await keeper.until(date(2028, 1, 6))
    assert await keeper.billed(kept) == ["01-05: 01-12..01-12 10000"]


async def test_free_for_ever_makes_no_invoice_and_still_goes_on(keeper: Keeper) -> None:
    kept = await keeper.keeps("small", coupon={"percent_ppm": 1_000_000})
    await keeper.until(date(2027, 3, 1))
    assert (await keeper.billed(kept), (await keeper.look(kept)).period.start) == ([], date(2027, 3, 1))


async def test_what_was_sold_keeps_its_price(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    await keeper.reprices("small", MONTH, Money(1500, "USD"))
    await keeper.until(date(2027, 3, 1))
    assert [line.rpartition(" ")[2] for line in await keeper.billed(kept)] == ["1000", "1000"]


async def test_a_price_rise_is_announced_and_holds_from_the_first_period_after_it(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    change_id = await _raised(keeper, kept, 1500, not_before=date(2027, 2, 10))
    assert (await keeper.change_of(change_id)).effective_on == date(2027, 3, 1)
    await keeper.until(date(2027, 4, 1))
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 1000", "03-01: 03-01..04-01 1500", "03-25: 04-01..05-01 1500"]
    assert (await keeper.look(kept)).price_version == 2


async def test_a_price_rise_waits_for_the_end_of_a_pause(keeper: Keeper) -> None:
    """What rests was paid at the old price: at that its unused days are given back, however long it has rested."""
    kept, resting = await keeper.keeps("small"), await keeper.keeps("small")
    change_id = await _raised(keeper, resting, 1500, not_before=date(2027, 2, 1))
    await _raised(keeper, kept, 1500, not_before=date(2027, 2, 1))
    keeper.today = date(2027, 1, 12)
    await _pause(keeper, kept)
    await _pause(keeper, resting)
    for keeper.today in (date(2027, 2, 1), date(2027, 3, 10)):
        await keeper.run()
    async with keeper.trade.writing() as tx:
        await subscriptions.resume(tx, resting, by=ME, today=keeper.today, now=keeper.now)
        back = await subscriptions.cancel_now(tx, kept, by=ME, today=keeper.today, now=keeper.now)
    assert (back.minor, (await keeper.look(resting)).price.minor) == (645, 1000)
    await keeper.until(date(2027, 3, 30))
    assert ((await keeper.look(resting)).price.minor, (await keeper.change_of(change_id)).effective_on) == (1500, date(2027, 3, 30))
    assert await keeper.billed(resting) == ["03-30: 03-30..04-30 1500"]


async def test_a_price_rise_is_escaped_by_cancelling(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    await _raised(keeper, kept, 1500, not_before=date(2027, 2, 1))
    keeper.today = date(2027, 1, 20)
    await _cancel(keeper, kept)
    await keeper.until(date(2027, 2, 1))
    assert ((await keeper.look(kept)).state, await keeper.billed(kept)) == ("ended", [])


async def test_a_price_rise_means_nothing_for_another_plan(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    rise = await _raised(keeper, kept, 1500, not_before=date(2027, 2, 1))
    await keeper.pay(await keeper.change(kept, plan="medium"))
    assert (await keeper.change_of(rise)).state == "withdrawn"
    await keeper.until(date(2027, 2, 1))
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 3000"]


async def test_too_early_a_rise_is_refused(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    with pytest.raises(subscriptions.PriceTooEarly):
        await _raised(keeper, kept, 1500, not_before=date(2027, 1, 30))


@pytest.mark.parametrize(("currency", "old", "new", "now"), [("JPY", 1200, 3000, 1935 - 774), ("KWD", 9_900, 29_900, 19_290 - 6_387)])
async def test_currencies_without_and_with_three_decimals(keeper: Keeper, currency: str, old: int, new: int, now: int) -> None:
    await keeper.sells("basic", (MONTH, Money(old, currency)))
    await keeper.sells("better", (MONTH, Money(new, currency)))
    kept = await keeper.keeps("basic", currency=currency)
    keeper.today = date(2027, 1, 12)
    change = await keeper.pay(await keeper.change(kept, plan="better"))
    assert (change.now.minor, change.now.currency) == (now, currency)


async def test_what_is_shown_is_what_is_invoiced_tax_included(keeper: Keeper) -> None:
    """19 % on the difference."""
    keeper.address = Address("Invalidenstr. 1", "", "Berlin", "", "10115", "DE")
    async with keeper.trade.writing() as tx:
        await tax.add_rule(tx, country="DE", rate_ppm=190_000, name="VAT", valid_from=date(2020, 1, 1), now=keeper.now)
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    shown = await keeper.preview(kept, plan="medium")
    assert (shown.asked.net.minor, shown.asked.tax.minor, shown.asked.total.minor) == (1290, 245, 1535)
    change = await keeper.pay(await keeper.change(kept, plan="medium", quote=shown.preview.fingerprint))
    async with keeper.trade.database.reading(Role.WORK) as tx:
        summary = (await invoicing.get_invoice(tx, change.invoice_id)).summary
    assert (summary.net.minor, summary.tax.minor, summary.total.minor) == (1290, 245, 1535)


async def test_no_new_period_is_billed_while_it_is_suspended(keeper: Keeper) -> None:
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 20)
    await _stands(keeper, kept, "past_due")
    await _stands(keeper, kept, "suspended")
    with pytest.raises(subscriptions.NotInThisState):
        await keeper.change(kept, plan="medium")
    await keeper.until(date(2027, 1, 29))
    await keeper.run()
    assert await keeper.billed(kept) == []
    await _stands(keeper, kept, "active")
    await keeper.run()
    assert await keeper.billed(kept) == ["01-29: 02-01..03-01 1000"]


async def _stands(keeper: Keeper, kept: UUID, standing: subscriptions.Standing) -> None:
    async with keeper.trade.writing() as tx:
        await subscriptions.mark_standing(tx, kept, standing, by=ME, today=keeper.today, now=keeper.now)


async def _cancel(keeper: Keeper, kept: UUID) -> None:
    async with keeper.trade.writing() as tx:
        await subscriptions.cancel_at_end(tx, kept, by=ME, today=keeper.today, now=keeper.now)


async def _pause(keeper: Keeper, kept: UUID, *, resume_on: date | None = None) -> None:
    async with keeper.trade.writing() as tx:
        await subscriptions.pause(tx, kept, by=ME, today=keeper.today, now=keeper.now, resume_on=resume_on)


async def _raised(keeper: Keeper, kept: UUID, minor: int, *, not_before: date) -> UUID:
    new = await keeper.reprices("small", MONTH, Money(minor, "USD"))
    prices = {keeper.plans["small"]: ProductPrice(new.price, new.id, new.version)}
    async with keeper.trade.writing() as tx:
        return await subscriptions.announce_price(tx, kept, prices=prices, not_before=not_before, by=ME, today=keeper.today, now=keeper.now)
