"""Money never loses or makes a unit, never mixes currencies, and rounds as it is told."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nextbill.kernel.money import Money, MoneyError, Rounding, exponent, total

CURRENCIES = ("USD", "EUR", "JPY", "KWD", "CLF")
currencies = st.sampled_from(CURRENCIES)
minors = st.integers(-(10**15), 10**15)
amounts = st.builds(Money, minors, currencies)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any)


@given(amounts, weights)
def test_allocation_gives_out_everything_and_no_more(money: Money, shares: list[int]) -> None:
    parts = money.allocate(shares)
    assert total(parts, money.currency) == money
    assert [part.minor for part, share in zip(parts, shares, strict=True) if share == 0] == [0] * shares.count(0)


@given(amounts, weights)
def test_no_part_is_a_unit_away_from_its_share(money: Money, shares: list[int]) -> None:
    for part, share in zip(money.allocate(shares), shares, strict=True):
        assert abs(part.minor - Decimal(money.minor) * share / sum(shares)) < 1


@given(amounts, st.integers(1, 30))
def test_equal_shares_differ_by_a_unit_at_most(money: Money, people: int) -> None:
    parts = [part.minor for part in money.allocate([1] * people)]
    assert max(parts) - min(parts) <= 1


@pytest.mark.parametrize("shares", [[], [0, 0], [1, -1]])
def test_weights_that_divide_nothing(shares: list[int]) -> None:
    with pytest.raises((MoneyError, ValueError)):
        Money(1, "USD").allocate(shares)


@given(amounts, amounts)
def test_currencies_do_not_mix(one: Money, other: Money) -> None:
    assume(one.currency != other.currency)
    for deed in (lambda: one + other, lambda: one - other, lambda: one < other, lambda: one <= other, lambda: one > other, lambda: one >= other):
        with pytest.raises(MoneyError):
            deed()
    with pytest.raises(MoneyError):
        total([one, other], one.currency)


@given(currencies, minors, minors, minors)
def test_sums(currency: str, a: int, b: int, c: int) -> None:
    x, y, z = (Money(minor, currency) for minor in (a, b, c))
    assert (x + y) + z == x + (y + z) == total([z, y, x], currency)
    assert x - x == Money.zero(currency) == x + -x
    assert x * 3 == x + x + x
    assert (x < y) == (a < b)
    assert bool(x) == (a != 0)


@pytest.mark.parametrize("wrong", [1.5, 1.0, Decimal(1), "1", True, None])
def test_only_whole_numbers_are_minor_units(wrong: object) -> None:
    with pytest.raises(MoneyError):
        Money(wrong, "USD")  # type: ignore[arg-type]  # that is the point
    with pytest.raises(MoneyError):
        Money(1, "USD") * wrong  # type: ignore[operator]  # that is the point


@pytest.mark.parametrize("wrong", ["usd", "", "US", "XXXX", "ABC"])
def test_unknown_currencies(wrong: str) -> None:
    with pytest.raises(MoneyError):
        Money(1, wrong)


@given(amounts)
def test_text_and_back(money: Money) -> None:
    assert Money.parse(f"{money.decimal:f}", money.currency) == money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.89", "USD", 1289), ("-14.990", "EUR", -1499), ("12", "JPY", 12), ("12.345", "KWD", 12345), ("1E+2", "USD", 10000), ("0", "CLF", 0)],
)
def test_amounts_as_text(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"), [("12.899", "USD"), ("0.5", "JPY"), ("12,89", "USD"), ("", "USD"), ("NaN", "USD"), ("Infinity", "USD"), ("1 000", "USD")]
)
def test_text_that_is_no_amount(text: str, currency: str) -> None:
    with pytest.raises(MoneyError):
        Money.parse(text, currency)


@given(st.text(max_size=12), currencies)
def test_any_text_is_an_amount_or_refused(text: str, currency: str) -> None:
    try:
        found = Money.parse(text, currency)
    except MoneyError:
        return
    assert found.decimal == Decimal(text)


@given(amounts, st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from(Rounding))
def test_a_share_is_less_than_a_unit_off(money: Money, numerator: int, denominator: int, rounding: Rounding) -> None:
    """Compared as whole numbers, so that the check itself rounds nothing."""
    share = money.share(numerator, denominator, rounding).minor
    off = share * denominator - money.minor * numerator
    assert abs(off) < denominator
    if rounding is not Rounding.DOWN:
        assert 2 * abs(off) <= denominator
    else:
        assert abs(share) * denominator <= abs(money.minor) * numerator


@pytest.mark.parametrize(("rounding", "up", "down"), [(Rounding.HALF_UP, 3, -3), (Rounding.HALF_EVEN, 2, -2), (Rounding.DOWN, 2, -2)])
def test_a_half_goes_where_the_rounding_says(rounding: Rounding, up: int, down: int) -> None:
    assert Money(5, "USD").share(1, 2, rounding) == Money(up, "USD")
    assert Money(-5, "USD").share(1, 2, rounding) == Money(down, "USD")


@pytest.mark.parametrize(("currency", "decimals"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
def test_exponents(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals
    assert str(Money(1, currency)) == f"{Decimal(1).scaleb(-decimals):f} {currency}"
