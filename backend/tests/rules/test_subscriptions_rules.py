"""Periods are anchored to the day of delivery."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.subscriptions.rules import first_period
from nextbill.kernel.period import Cycle, Period

cycles = st.builds(Cycle, unit=st.sampled_from(["day", "week", "month", "year"]), count=st.integers(1, 12))


@given(cycles, st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 24))
def test_the_first_period_joins_the_following_ones(cycle: Cycle, on: date, n: int) -> None:
    first = first_period(cycle, on)
    assert first.start == on
    assert first.end == Period.nth(cycle, on, 1).start
    assert Period.nth(cycle, on, n).end == Period.nth(cycle, on, n + 1).start


def test_the_end_of_january() -> None:
    assert first_period(Cycle("month"), date(2027, 1, 31)) == Period(date(2027, 1, 31), date(2027, 2, 28))
