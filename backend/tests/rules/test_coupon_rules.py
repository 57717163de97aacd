"""Coupons: never below zero, exact to the last unit, in any currency; every refusal has its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.catalog.rules import (
    Basket,
    Coupon,
    Discountable,
    Included,
    Share,
    added_up,
    coupon_refusal,
    discounts,
    period_discounts,
    times,
)
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money, total
from nextbill.kernel.period import Cycle

TODAY = date(2026, 7, 1)
TEN = Coupon(
    new_id(), "TEN", "Ten", "percent", 100_000, {}, {}, 1, (), (), covers_setup=False, new_customers_only=False, per_customer=None, max_uses=None,
    used_count=0, valid_from=None, valid_until=None, state="active", version=1,
)  # fmt: skip
FIVE_OFF = replace(TEN, kind="amount", percent_ppm=None, amounts={"USD": 500, "JPY": 500, "KWD": 500})
currencies = st.sampled_from(["JPY", "USD", "KWD"])
amounts = st.integers(0, 10**9)


def items_in(currency: str, nets: list[int], setups: list[bool]) -> list[Discountable]:
    return [Discountable(Money(net, currency), plan_code="a", setup=setup) for net, setup in zip(nets, setups, strict=True)]


@given(currencies, st.lists(st.tuples(amounts, st.booleans()), min_size=1, max_size=12), st.integers(1, 1_000_000), st.booleans())
def test_a_percentage_takes_off_each_item_its_share(currency: str, parts: list[tuple[int, bool]], ppm: int, covers_setup: bool) -> None:
    items = items_in(currency, [net for net, _ in parts], [setup for _, setup in parts])
    offs = discounts(replace(TEN, percent_ppm=ppm, covers_setup=covers_setup), items, currency)
    for item, off in zip(items, offs, strict=True):
        assert 0 <= off.minor <= item.net.minor
        wanted = 0 if item.setup and not covers_setup else item.net.minor * ppm
        assert abs(2 * off.minor * 1_000_000 - 2 * wanted) <= 1_000_000


@given(currencies, st.lists(st.tuples(amounts, st.booleans()), min_size=1, max_size=12), st.integers(1, 10**10))
def test_an_amount_is_split_to_the_last_unit(currency: str, parts: list[tuple[int, bool]], amount: int) -> None:
    items = items_in(currency, [net for net, _ in parts], [setup for _, setup in parts])
    offs = discounts(replace(FIVE_OFF, amounts={currency: amount}), items, currency)
    eligible = total([item.net for item in items if not item.setup], currency)
    assert total(offs, currency) == min(Money(amount, currency), eligible)
    assert all(0 <= off.minor <= item.net.minor and not (item.setup and off) for item, off in zip(items, offs, strict=True))


@given(currencies, st.lists(amounts, min_size=1, max_size=6), st.integers(0, 10**9), st.integers(1, 4), st.integers(0, 6))
def test_the_first_periods_are_the_only_ones(currency: str, nets: list[int], again: int, periods: int, index: int) -> None:
    money = [Money(net, currency) for net in nets]
    offs = period_discounts(money, percent_ppm=None, again=Money(again, currency), periods=periods, period_index=index)
    whole = total(money, currency)
    assert total(offs, currency) == (min(Money(again, currency), whole) if index < periods else Money.zero(currency))
    for_ever = period_discounts(money, percent_ppm=500_000, again=None, periods=None, period_index=index)
    assert all(0 <= 2 * off.minor - net.minor <= 1 for off, net in zip(for_ever, money, strict=True))


CART = Basket([Discountable(Money(1000, "USD"), plan_code="starter")], "USD", new_customer=True, used_before=0, on=TODAY)


@pytest.mark.parametrize(
    ("coupon", "basket", "refusal"),
    [
        (TEN, CART, None),
        (replace(TEN, state="withdrawn"), CART, "coupon_unknown"),
        (replace(TEN, valid_from=TODAY + timedelta(days=1)), CART, "coupon_not_yet"),
        (replace(TEN, valid_until=TODAY), CART, "coupon_expired"),
        (replace(TEN, valid_from=TODAY, valid_until=TODAY + timedelta(days=1)), CART, None),
        (replace(TEN, max_uses=3, used_count=3), CART, "coupon_used_up"),
        (replace(TEN, max_uses=3, used_count=2), CART, None),
        (replace(TEN, per_customer=1), replace(CART, used_before=1), "coupon_used_before"),
        (replace(TEN, new_customers_only=True), replace(CART, new_customer=False), "coupon_for_new_customers"),
        (replace(TEN, new_customers_only=True), replace(CART, used_before=1), "coupon_used_before"),
        (replace(TEN, plan_codes=("enterprise",)), CART, "coupon_not_for_this"),
        (replace(TEN, tlds=("*",)), CART, "coupon_not_for_this"),
        (replace(TEN, plan_codes=("*",)), replace(CART, items=[Discountable(Money(9, "USD"), tld="com")]), "coupon_not_for_this"),
        (replace(TEN, tlds=("com",)), replace(CART, items=[Discountable(Money(9, "USD"), tld="com")]), None),
        (TEN, replace(CART, items=[Discountable(Money(9, "USD"), plan_code="starter", setup=True)]), "coupon_not_for_this"),
        (replace(TEN, minimums={"USD": 1001}), CART, "coupon_below_minimum"),
        (replace(TEN, minimums={"USD": 1000}), CART, None),
        (replace(TEN, minimums={"EUR": 1}), CART, "coupon_not_in_currency"),
        (replace(FIVE_OFF, amounts={"EUR": 5}), CART, "coupon_not_in_currency"),
    ],
)
def test_every_refusal_has_its_reason(coupon: Coupon, basket: Basket, refusal: str | None) -> None:
    assert coupon_refusal(coupon, basket) == refusal


def test_limits_add_up_and_unlimited_stays_so() -> None:
    plan = {"accounts": 5, "emails": None, "databases": 2}
    extras = [times(Share({"accounts": 1, "disk_gb": 10}, ("burst",)), 3), Share({"emails": 50, "databases": None}, ("burst", "staging"))]
    assert added_up(plan, ("staging",), extras) == ({"accounts": 8, "emails": None, "databases": None, "disk_gb": 30}, ("staging", "burst"))
    assert plan == {"accounts": 5, "emails": None, "databases": 2}


@pytest.mark.parametrize(
    ("cycle", "tld", "covered"),
    [
        (Cycle("year"), "com", True),
        (Cycle("month", 12), "com", True),
        (Cycle("month", 11), "com", False),
        (Cycle("week", 53), "com", True),
        (Cycle("year", 2), "com", True),
        (Cycle("year"), "io", False),
        (None, "com", False),
    ],
)
def test_a_name_is_included_from_the_minimum_cycle_on(cycle: Cycle | None, tld: str, covered: bool) -> None:
    assert Included(1, ("com", "net"), Cycle("year"), "first_year").covers(tld, cycle=cycle) is covered
