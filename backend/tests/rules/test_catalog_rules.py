"""The price list that a new shop starts with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.catalog.rules import MONTHLY, SEED_PLANS, SEED_TLDS, YEARLY, domain_price, seed_prices
from nextbill.kernel.money import Money


def test_a_year_has_two_months_free() -> None:
    for plan in SEED_PLANS:
        prices = seed_prices(plan)
        assert prices[YEARLY] == prices[MONTHLY] * 12 - prices[MONTHLY] * 2


def test_a_dearer_plan_has_no_smaller_limit() -> None:
    by_price = sorted(SEED_PLANS, key=lambda plan: plan.monthly.minor)
    for smaller, larger in zip(by_price, by_price[1:], strict=False):
        assert smaller.limits.keys() == larger.limits.keys()
        for resource, limit in larger.limits.items():
            below = smaller.limits[resource]
            assert limit is None or (below is not None and below <= limit)


@given(st.sampled_from(sorted(SEED_TLDS)), st.integers(1, 9))
def test_every_year_costs_the_same(tld: str, years: int) -> None:
    per_year = Money(SEED_TLDS[tld], "USD")
    assert domain_price(per_year, years=years + 1) - domain_price(per_year, years=years) == per_year
