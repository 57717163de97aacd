"""What is on sale: seeds, versions of prices, refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import psycopg
import pytest

from nextbill.capabilities import catalog
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import Role
from tests.support.trade import NOW, TODAY, Trade, open_trade


@pytest.fixture
async def trade(dsn: str) -> AsyncIterator[Trade]:
    async with open_trade(dsn) as opened:
        async with opened.writing() as tx:
            await catalog.seed_catalog(tx, now=NOW)
        yield opened


async def test_the_three_plans_with_monthly_and_yearly_prices(trade: Trade) -> None:
    async with trade.database.reading(Role.APP) as tx:
        plans = await catalog.list_plans(tx, "USD", on=TODAY)
    assert [(plan.code, [(item.cycle.unit, item.price.minor) for item in plan.prices]) for plan in plans] == [
        ("starter", [("month", 2900), ("year", 29000)]),
        ("professional", [("month", 9900), ("year", 99000)]),
        ("enterprise", [("month", 29900), ("year", 299000)]),
    ]
    assert plans[1].limits == {"accounts": 5, "domains": 25, "databases": 50, "emails": 100}
    assert set(plans[2].limits.values()) == {None}


async def test_seeding_again_changes_nothing(trade: Trade) -> None:
    count = "select (select count(*) from catalog_plan_price), (select count(*) from catalog_tld_price)"
    with trade.sql() as owner:
        before = owner.execute(count).fetchone()
        async with trade.writing() as tx:
            await catalog.seed_catalog(tx, now=NOW)
        assert owner.execute(count).fetchone() == before == (6, 27)


async def test_a_new_price_is_a_new_version_from_its_day(trade: Trade) -> None:
    async with trade.writing() as tx:
        version = await catalog.set_plan_price(
            tx, plan_code="starter", cycle=catalog.MONTHLY, price=Money(3500, "USD"), valid_from=date(2026, 8, 1), now=NOW
        )
    assert version == 2
    async with trade.database.reading(Role.APP) as tx:
        before = await catalog.price_plan(tx, plan_code="starter", cycle=catalog.MONTHLY, currency="USD", on=date(2026, 7, 31))
        after = await catalog.price_plan(tx, plan_code="starter", cycle=catalog.MONTHLY, currency="USD", on=date(2026, 8, 1))
    assert (before.price, before.price_version) == (Money(2900, "USD"), 1)
    assert (after.price, after.price_version) == (Money(3500, "USD"), 2)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"plan_code": "gold", "cycle": catalog.MONTHLY, "currency": "USD"}, catalog.UnknownPlan),
        ({"plan_code": "starter", "cycle": Cycle("week"), "currency": "USD"}, catalog.CycleNotOffered),
        ({"plan_code": "starter", "cycle": catalog.MONTHLY, "currency": "CHF"}, catalog.PriceNotInCurrency),
    ],
)
async def test_a_plan_that_is_not_sold_so(trade: Trade, asked: dict[str, object], refusal: type[Exception]) -> None:
    async with trade.database.reading(Role.APP) as tx:
        with pytest.raises(refusal):
            await catalog.price_plan(tx, **asked, on=TODAY)  # type: ignore[arg-type]  # the table above


@pytest.mark.parametrize("operation", ["register", "renew", "transfer"])
async def test_a_name_costs_its_years(trade: Trade, operation: catalog.DomainOperation) -> None:
    async with trade.database.reading(Role.APP) as tx:
        offer = await catalog.price_domain(tx, name=DomainName.parse("shopfoo.io"), years=3, operation=operation, currency="USD", on=TODAY)
    assert (offer.tld, offer.years, offer.price) == ("io", 3, Money(14700, "USD"))


@pytest.mark.parametrize(
    ("name", "years", "currency", "refusal"),
    [
        ("shopfoo.zip", 1, "USD", catalog.NotOnSale),
        ("www.shopfoo.com", 1, "USD", catalog.NotOnSale),
        ("shopfoo.com", 11, "USD", catalog.YearsNotOffered),
        ("shopfoo.com", 0, "USD", catalog.YearsNotOffered),
        ("shopfoo.com", 1, "EUR", catalog.PriceNotInCurrency),
    ],
)
async def test_a_name_that_is_not_sold_so(trade: Trade, name: str, years: int, currency: str, refusal: type[Exception]) -> None:
    async with trade.database.reading(Role.APP) as tx:
        with pytest.raises(refusal):
            await catalog.price_domain(tx, name=DomainName.parse(name), years=years, operation="register", currency=currency, on=TODAY)


async def test_endings_with_their_yearly_prices(trade: Trade) -> None:
    async with trade.database.reading(Role.APP) as tx:
        tlds = {tld.tld: tld for tld in await catalog.list_tlds(tx, "USD", on=TODAY)}
        assert await catalog.list_tlds(tx, "EUR", on=TODAY) == []
    assert {name: tld.prices["register"].minor for name, tld in tlds.items()} == {
        "com": 1499, "net": 1599, "org": 1499, "io": 4900, "de": 999, "shop": 2999, "dev": 1599, "co": 2999, "info": 1999,
    }  # fmt: skip


@pytest.mark.parametrize("deed", ["update catalog_plan_price set price_minor = 1", "delete from catalog_tld_price"])
async def test_prices_are_never_changed(trade: Trade, deed: str) -> None:
    with trade.sql() as owner, pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute(deed)
    with trade.sql(Role.APP) as stolen, pytest.raises(psycopg.errors.InsufficientPrivilege):
        stolen.execute(deed)
