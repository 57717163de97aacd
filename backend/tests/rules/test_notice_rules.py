"""Who is told ahead of what, over all days: never too early, never twice for one threshold, never a wider one than counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.domains.rules import notice_days
from nextbill.capabilities.domains.rules import notice_due as domain_notice
from nextbill.capabilities.subscriptions.rules import Ahead, Outlook, notice_due
from nextbill.kernel.thresholds import nearest, newly_come

SERIES = (30, 14, 7, 1)
AHEAD = Ahead(7, 7, SERIES)
ENDS = date(2028, 1, 1)
YEARLY = Outlook(trial=False, automatic=False, billed=False, period_end=ENDS, cycle_days=366, days_ahead=7)
DAYS = st.integers(0, 400)


def _at(outlook: Outlook, left: int) -> tuple[str, int] | None:
    found = notice_due(outlook, AHEAD, today=ENDS - timedelta(days=left))
    return (found.kind, found.days_before) if found else None


@given(left=DAYS, automatic=st.booleans(), billed=st.booleans(), trial=st.booleans())
def test_nobody_is_told_of_more_days_than_are_meant_nor_of_what_is_over(left: int, automatic: bool, billed: bool, trial: bool) -> None:
    said = _at(replace(YEARLY, automatic=automatic, billed=billed, trial=trial), left)
    if said is not None:
        kind, days = said
        assert 0 < left <= days
        closer = [each for each in SERIES if left <= each < days]
        assert not closer or kind in ("charge", "trial") or (kind == "invoice" and max(closer) <= 7) or (kind == "unpaid" and min(closer) >= 7)


@given(automatic=st.booleans(), trial=st.booleans())
def test_what_goes_on_by_itself_and_trials_are_told_once(automatic: bool, trial: bool) -> None:
    said = {_at(replace(YEARLY, automatic=automatic, trial=trial), left) for left in range(401)} - {None}
    if trial:
        assert said == {("trial", 7)}
    elif automatic:
        assert said == {("charge", 7)}
    else:
        assert said == {("invoice", 30), ("invoice", 14)}


@pytest.mark.parametrize(
    ("cycle_days", "thresholds"), [(366, {30, 14, 7, 1}), (31, {14, 7, 1}), (28, {14, 7, 1}), (14, {7, 1}), (7, {1}), (1, set())]
)
def test_no_threshold_is_wider_than_half_a_cycle(cycle_days: int, thresholds: set[int]) -> None:
    ending = replace(YEARLY, cycle_days=cycle_days, cancel_on=ENDS, cancelled_on=date(2020, 1, 1))
    assert {said[1] for left in range(1, 60) if (said := _at(ending, left))} == thresholds


@given(gone=st.integers(0, 40), left=st.integers(1, 40))
def test_a_cancellation_is_not_told_again_before_a_threshold_has_passed_since(gone: int, left: int) -> None:
    cancelled_left = left + gone
    ending = replace(YEARLY, cancel_on=ENDS, cancelled_on=ENDS - timedelta(days=cancelled_left))
    said = _at(ending, left)
    assert said is None or said[1] < cancelled_left


@given(threshold=st.integers(-5, 60), steps=st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_however_the_looks_are_spaced_each_day_is_seen_by_one_of_them(threshold: int, steps: list[int]) -> None:
    since = date(2027, 1, 1)
    seen: list[date] = []
    for step in steps:
        today = since + timedelta(days=step)
        first, last = newly_come(threshold, since=since, today=today)
        seen += [first + timedelta(days=n) for n in range((last - first).days + 1)]
        since = today
    assert seen == [date(2027, 1, 1) + timedelta(days=threshold + 1 + n) for n in range(sum(steps))]


def test_the_nearest_threshold_counts() -> None:
    assert [nearest(SERIES, left) for left in (31, 30, 15, 14, 10, 7, 2, 1, 0)] == [None, 30, 30, 14, 14, 7, 7, 1, 1]


@pytest.mark.parametrize("series", [SERIES, (1,), (60,)])
def test_generic_names_have_their_own_notices_whatever_the_shop_sets(series: tuple[int, ...]) -> None:
    """ICANN: 26 to 35 days before, 4 to 10 days before, within 5 days after. A country's names have the shop's series alone."""
    assert notice_days("de", series) == tuple(sorted(series, reverse=True))
    assert notice_days("co.uk", series) == tuple(sorted(series, reverse=True))
    for tld in ("com", "xn--p1ai", "shop"):
        days = notice_days(tld, series)
        assert any(26 <= each <= 35 for each in days)
        assert any(4 <= each <= 10 for each in days)
        assert any(-5 <= each < 0 for each in days)


def test_after_the_expiry_a_generic_name_is_told_once_and_no_later_than_five_days() -> None:
    assert {left: domain_notice("com", SERIES, left=left) for left in (0, -1, -3, -5, -6)} == {0: None, -1: -1, -3: -1, -5: -1, -6: None}
    assert domain_notice("de", SERIES, left=-1) is None
