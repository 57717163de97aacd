"""Which invoice a name stands on, what it costs with a plan, what is told of it: without a database."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from nextbill.capabilities.domains import Renewing
from nextbill.capabilities.domains.rules import later, notice_due, outlook
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.money import Money
from nextbill.processes.renewal.rules import GroupKey, NameDays, PricedName, name_key, stays_included

ME, OTHER = UUID(int=1), UUID(int=2)
ON, DAYS = date(2027, 1, 1), NameDays()
SERIES = (30, 14, 7, 1)


def _name(expires_on: date, *, apart: bool = False, collection: str = "charge") -> PricedName:
    due = Renewing(UUID(int=9), ME, DomainName("shopfoo.com"), "com", expires_on, "orders.line", UUID(int=8), apart)
    return PricedName(due, Money(1500, "USD"), 1, collection)  # type: ignore[arg-type]  # one of the three words


def _other(due_on: date = date(2027, 1, 8), **changes: object) -> GroupKey:
    values = {"customer": ME, "currency": "USD", "due_on": due_on, "collection": "charge", "apart": False} | changes
    return tuple(values.values())  # type: ignore[return-value]  # in the order of the key


@pytest.mark.parametrize(
    ("others", "rides"),
    [
        ([_other()], 0),
        ([_other(date(2027, 1, 20)), _other()], 1),
        ([_other(collection="invoice"), _other(date(2027, 1, 20))], 1),
        ([_other(collection="invoice")], 0),
        ([_other(currency="EUR")], None),
        ([_other(customer=OTHER)], None),
        ([_other(apart=True)], None),
        ([_other(date(2027, 2, 20))], None),
        ([], None),
    ],
)
def test_it_rides_on_what_is_paid_in_time_by_the_same_customer_in_the_same_currency(others: list[GroupKey], rides: int | None) -> None:
    assert name_key(_name(date(2027, 2, 20)), others, ON, DAYS) == (None if rides is None else others[rides])


@pytest.mark.parametrize(
    ("expires_on", "due_on"),
    [
        (date(2027, 2, 1), None),
        (date(2027, 1, 31), date(2027, 1, 17)),
        (date(2027, 1, 10), date(2027, 1, 8)),
        (date(2027, 1, 4), date(2027, 1, 3)),
        (date(2026, 12, 20), ON),
    ],
)
def test_alone_it_is_paid_two_weeks_before_it_expires_a_week_after_it_is_told_and_never_before_today(expires_on: date, due_on: date | None) -> None:
    found = name_key(_name(expires_on), [], ON, DAYS)
    assert (found[2] if found else None) == due_on


def test_apart_it_does_not_ride_and_stands_with_others_that_are() -> None:
    assert name_key(_name(date(2027, 1, 20), apart=True), [_other()], ON, DAYS) == (ME, "USD", date(2027, 1, 8), "charge", True)


@pytest.mark.parametrize(
    ("sold", "plan", "free"),
    [
        ("while_active", ("active", None), True),
        ("while_active", ("trialing", None), True),
        ("while_active", ("active", date(2027, 1, 21)), True),
        ("while_active", ("active", date(2027, 1, 20)), False),
        ("while_active", ("past_due", None), True),
        ("while_active", ("suspended", None), False),
        ("while_active", ("ended", None), False),
        ("while_active", None, False),
        ("first_year", ("active", None), False),
        (None, ("active", None), False),
    ],
)
def test_what_came_with_a_plan_is_free_as_long_as_that_goes_on(sold: str | None, plan: tuple[str, date | None] | None, free: bool) -> None:
    assert stays_included(sold, plan, from_on=date(2027, 1, 20)) is free


@pytest.mark.parametrize(
    ("wanted", "collection", "state", "left", "expected"),
    [
        (True, None, None, 30, "automatic"),
        (False, None, None, 30, "off"),
        (True, "charge", "invoiced", 14, "automatic"),
        (True, "charge", "invoiced", 13, "unpaid"),
        (True, "invoice", "invoiced", 30, "unpaid"),
        (False, "invoice", "renewing", 1, "automatic"),
        (True, "invoice", "parked", 1, "automatic"),
        (True, "invoice", "held", 30, "off"),
    ],
)
def test_what_becomes_of_it_by_itself(wanted: bool, collection: str | None, state: str | None, left: int, expected: str) -> None:
    assert outlook(auto_renew=wanted, collection=collection, state=state, left=left) == expected


@pytest.mark.parametrize(
    ("tld", "left", "told"), [("com", 30, 30), ("com", 14, 30), ("com", 7, 7), ("com", 1, 7), ("com", -1, -1), ("de", 30, None), ("de", 1, None)]
)
def test_what_renews_by_itself_is_told_what_icann_wants_and_no_more(tld: str, left: int, told: int | None) -> None:
    assert notice_due(tld, SERIES, left=left, by_itself=True) == told


def test_a_leap_day_becomes_the_28th() -> None:
    assert [later(date(2028, 2, 29), years) for years in (1, 4)] == [date(2029, 2, 28), date(2032, 2, 28)]
