"""When periods begin and end, and what a change costs: over all dates, cycles and prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nextbill.capabilities.subscriptions.rules import (
    Discount,
    Item,
    Schedule,
    Situation,
    Terms,
    charges,
    days_ahead,
    excess,
    first_period,
    moved,
    preview,
    recycled,
    rolled,
    started,
    unused_lines,
)
from nextbill.kernel.clock import business_date
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle, Period

cycles = st.builds(Cycle, unit=st.sampled_from(["day", "week", "month", "year"]), count=st.integers(1, 12))
some_days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
MONTH, YEAR = Cycle("month"), Cycle("year")


def item(minor: int, *, n: int = 1, quantity: int = 1, kind: str = "plan", currency: str = "USD") -> Item:
    return Item(kind, UUID(int=n), f"p{n}", f"P{n}", quantity, Money(minor, currency), None, 1)


def terms(*items: Item, cycle: Cycle = MONTH, n: int = 1) -> Terms:
    return Terms(UUID(int=n), f"p{n}", f"P{n}", "hosting", None, 1, cycle, items, {}, (), 7)


def running(on: date, cycle: Cycle = MONTH) -> Schedule:
    return started(cycle, on, trial_days=0, days_ahead=days_ahead(cycle, None))


@given(cycles, some_days, st.integers(0, 24))
def test_the_first_period_joins_the_following_ones(cycle: Cycle, on: date, n: int) -> None:
    first = first_period(cycle, on)
    assert first.start == on
    assert first.end == Period.nth(cycle, on, 1).start
    assert Period.nth(cycle, on, n).end == Period.nth(cycle, on, n + 1).start


def test_the_end_of_january() -> None:
    assert first_period(MONTH, date(2027, 1, 31)) == Period(date(2027, 1, 31), date(2027, 2, 28))


@given(cycles, some_days, st.integers(0, 200))
def test_an_invoice_is_made_before_its_period_and_after_the_one_before_began(cycle: Cycle, on: date, wanted: int) -> None:
    schedule = started(cycle, on, trial_days=0, days_ahead=days_ahead(cycle, wanted))
    for _ in range(5):
        begins = schedule.nth(schedule.next_index).start
        assert schedule.period.start <= schedule.next_bill_on <= begins
        assert (begins - schedule.next_bill_on).days <= wanted
        schedule = rolled(replace(schedule, billed_index=schedule.next_index), begins)
        assert schedule.period.start == begins


def test_an_open_change_holds_the_invoice_up_until_it_is_settled() -> None:
    schedule = running(date(2027, 1, 1))
    assert schedule.next_bill_on == date(2027, 1, 25)
    held = {day: replace(schedule, change_on=date(2027, *day)).next_bill_on for day in ((1, 10), (1, 28), (2, 1), (3, 1))}
    assert held == {(1, 10): date(2027, 1, 25), (1, 28): date(2027, 1, 28), (2, 1): date(2027, 2, 1), (3, 1): date(2027, 1, 25)}


@given(cycles, some_days, st.integers(0, 400))
def test_a_pause_lengthens_what_was_paid_by_its_days_and_nothing_else(cycle: Cycle, on: date, pause: int) -> None:
    before, after = running(on, cycle), moved(running(on, cycle), days=pause)
    assert after.period.days == before.period.days + pause
    assert after.nth(after.next_index).start == after.period.end
    assert after.nth(3).start == cycle.nth_boundary(after.period.end, 2)


@given(cycles, cycles, some_days, st.integers(0, 27))
def test_another_cycle_begins_on_its_day_with_an_index_of_its_own(old: Cycle, new: Cycle, on: date, later: int) -> None:
    schedule = recycled(running(on, old), new, on + timedelta(days=later), days_ahead=0)
    assert (schedule.index, schedule.billed_index, schedule.period.start) == (1, 1, on + timedelta(days=later))
    assert schedule.nth(2).start == schedule.period.end


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        (datetime(2027, 3, 27, 22, 59, tzinfo=UTC), "Europe/Berlin", date(2027, 3, 27)),
        (datetime(2027, 3, 28, 21, 59, tzinfo=UTC), "Europe/Berlin", date(2027, 3, 28)),
        (datetime(2027, 3, 28, 22, 0, tzinfo=UTC), "Europe/Berlin", date(2027, 3, 29)),
        (datetime(2027, 10, 31, 22, 59, tzinfo=UTC), "Europe/Berlin", date(2027, 10, 31)),
        (datetime(2027, 10, 31, 23, 0, tzinfo=UTC), "Europe/Berlin", date(2027, 11, 1)),
        (datetime(2027, 1, 31, 10, 0, tzinfo=UTC), "Pacific/Kiritimati", date(2027, 2, 1)),
        (datetime(2027, 2, 1, 10, 59, tzinfo=UTC), "Pacific/Pago_Pago", date(2027, 1, 31)),
        (datetime(2027, 11, 7, 4, 59, tzinfo=UTC), "America/New_York", date(2027, 11, 7)),
        (datetime(2027, 11, 8, 4, 59, tzinfo=UTC), "America/New_York", date(2027, 11, 7)),
    ],
)
def test_a_day_is_the_sellers_whatever_the_clocks_do(moment: datetime, zone: str, day: date) -> None:
    """The day that loses an hour ends an hour earlier, the one that gains one an hour later; a period counts both as one day."""
    assert business_date(moment, zone) == day


@given(some_days, st.integers(0, 30), st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(["USD", "JPY", "KWD"]))
def test_up_and_down_on_one_day_costs_nothing(on: date, later: int, low: int, high: int, currency: str) -> None:
    """What is charged for the days that are left is what comes back for them."""
    today = on + timedelta(days=later)
    schedule = running(on)
    assume(today < schedule.period.end and low != high)
    first, second = terms(item(low, currency=currency)), terms(item(high, n=2, currency=currency), n=2)
    there = preview("plan", Situation(first, schedule, None, today, staff_at_once=True), second)
    back = preview("plan", Situation(second, schedule, None, today, staff_at_once=True), first)
    assert (there.now, there.credit) == (back.credit, back.now)
    assert there.now.minor - there.credit.minor == sum(line.net.minor if line.kind == "charge" else -line.net.minor for line in there.lines)


@given(some_days, st.integers(0, 27), st.lists(st.integers(1, 10**5), min_size=1, max_size=4), st.integers(1, 10**6))
def test_unused_days_never_come_to_more_than_was_charged(on: date, later: int, prices: list[int], ppm: int) -> None:
    discount = Discount(UUID(int=9), "TEST", ppm, None, (), None)
    items = tuple(item(price, n=n, kind="plan" if n == 1 else "addon") for n, price in enumerate(prices, 1))
    unused = unused_lines(Situation(terms(*items), running(on), discount, on + timedelta(days=later)))
    charged = sum(one.net.minor for one in charges(items, plan_code="p1", discount=discount, index=0))
    assert sum(line.net.minor for line in unused) <= charged
    assert later or sum(line.net.minor for line in unused) == charged


def test_a_coupon_is_for_the_plans_that_it_names_and_for_its_periods() -> None:
    plan, addon = item(1000), item(500, n=2, kind="addon")
    of_addon = Discount(UUID(int=9), "TEST", 500_000, None, ("p2",), 2)
    assert [one.off.minor for one in charges([plan, addon], plan_code="p1", discount=of_addon, index=1)] == [0, 250]
    assert [one.off.minor for one in charges([plan, addon], plan_code="p1", discount=of_addon, index=2)] == [0, 0]
    amount = Discount(UUID(int=9), "TEST", None, Money(4000, "USD"), (), None)
    assert [one.net.minor for one in charges([plan, addon], plan_code="p1", discount=amount, index=7)] == [0, 0]


def test_the_same_price_is_neither_up_nor_down() -> None:
    shown = preview("plan", Situation(terms(item(1000)), running(date(2027, 1, 1)), None, date(2027, 1, 12)), terms(item(1000, n=2), n=2))
    assert (shown.direction, shown.when, shown.lines, shown.now.minor) == ("same", "at_once", (), 0)


def test_a_longer_cycle_is_an_upgrade_though_it_costs_less_a_day() -> None:
    situation = Situation(terms(item(1000)), running(date(2027, 1, 1)), None, date(2027, 1, 12))
    assert preview("cycle", situation, terms(item(9000), cycle=YEAR)).direction == "upgrade"
    yearly = Situation(terms(item(9000), cycle=YEAR), running(date(2027, 1, 1), YEAR), None, date(2027, 1, 12), staff_at_once=True)
    back = preview("cycle", yearly, terms(item(1000)))
    assert (back.direction, back.when, back.effective_on) == ("downgrade", "at_period_end", date(2028, 1, 1))


def test_what_does_not_fit_is_named() -> None:
    assert [(one.resource, one.to_remove) for one in excess({"domains": 5, "emails": 1, "sites": 2}, {"domains": 3, "emails": None})] == [
        ("domains", 2), ("sites", 2),
    ]  # fmt: skip
