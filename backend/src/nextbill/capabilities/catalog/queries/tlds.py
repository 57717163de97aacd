"""Endings on sale, and what a name of them costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.catalog.errors import NotOnSale, PriceNotInCurrency, YearsNotOffered
from nextbill.capabilities.catalog.models import TldPriceRow, TldRow
from nextbill.capabilities.catalog.queries.prices import newest
from nextbill.capabilities.catalog.queries.shop import ON_SALE
from nextbill.capabilities.catalog.rules import DOMAIN, OPERATIONS, DomainOperation, domain_price
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class DomainOffer:
    """`price` is for all the years together; `cost` what the registrar takes for them, in its currency."""

    name: DomainName
    tld: str
    operation: DomainOperation
    years: int
    price: Money
    price_version: int
    product_class: str = DOMAIN
    price_id: UUID | None = None
    cost: Money | None = None


@dataclass(frozen=True, slots=True)
class TldPrice:
    """Prices are for one year; `prices` has an entry for each operation on sale."""

    tld: str
    min_years: int
    max_years: int
    prices: Mapping[DomainOperation, Money]


async def price_domain(tx: ReadTx, *, name: DomainName, years: int, operation: DomainOperation, currency: str, on: date) -> DomainOffer:
    """NotOnSale, YearsNotOffered or PriceNotInCurrency where it is not sold so. Says nothing of whether the name is free."""
    row = (await tx.execute(select(TldRow).where(TldRow.tld == name.tld, TldRow.state == ON_SALE))).scalar_one_or_none()
    if row is None:
        raise NotOnSale(name.tld)
    if not row.min_years <= years <= row.max_years:
        raise YearsNotOffered(row.tld, least=row.min_years, most=row.max_years)
    of_this = (TldPriceRow.tld_id == row.id, TldPriceRow.operation == operation, TldPriceRow.currency == currency)
    found = (await tx.execute(newest(TldPriceRow, on=on).where(*of_this, TldPriceRow.years.in_({1, years})))).scalars().all()
    price = next((price for price in found if price.years == years), None) or next(iter(found), None)
    if price is None:
        raise PriceNotInCurrency(currency)
    times = years // price.years
    whole = domain_price(Money(price.price_minor, price.currency), years=times)
    cost = Money(price.cost_minor, price.cost_currency) * times if price.cost_minor is not None and price.cost_currency else None
    return DomainOffer(name, row.tld, operation, years, whole, price.version, price_id=price.id, cost=cost)


async def list_tlds(tx: ReadTx, currency: str, *, on: date) -> list[TldPrice]:
    """Endings on sale with their yearly prices in this currency; one without a price to register is left out."""
    rows = (await tx.execute(select(TldRow).where(TldRow.state == ON_SALE).order_by(TldRow.position, TldRow.tld))).scalars().all()
    statement = newest(TldPriceRow, on=on).where(
        TldPriceRow.tld_id.in_([row.id for row in rows]), TldPriceRow.currency == currency, TldPriceRow.years == 1
    )
    found: dict[UUID, dict[DomainOperation, Money]] = {}
    for price in (await tx.execute(statement)).scalars():
        operation = cast("DomainOperation", price.operation)
        found.setdefault(price.tld_id, {}).setdefault(operation, Money(price.price_minor, price.currency))
    return [TldPrice(row.tld, row.min_years, row.max_years, _in_order(found[row.id])) for row in rows if "register" in found.get(row.id, {})]


def _in_order(prices: Mapping[DomainOperation, Money]) -> dict[DomainOperation, Money]:
    return {operation: prices[operation] for operation in OPERATIONS if operation in prices}


@dataclass(frozen=True, slots=True)
class RenewalPrice:
    """For one year."""

    price: Money
    version: int
    price_id: UUID


async def renewal_prices(tx: ReadTx, wanted: Collection[tuple[str, str]], *, on: date) -> dict[tuple[str, str], RenewalPrice]:
    """What a further year costs by (ending, currency); without an entry there is no price. An ending that is sold no more is renewed all the same."""
    if not wanted:
        return {}
    by_year = TldPriceRow.operation == "renew", TldPriceRow.years == 1
    of_these = TldRow.tld.in_({tld for tld, _ in wanted}), TldPriceRow.currency.in_({currency for _, currency in wanted})
    statement = newest(TldPriceRow, on=on).add_columns(TldRow.tld).join(TldRow, TldRow.id == TldPriceRow.tld_id).where(*by_year, *of_these)
    found: dict[tuple[str, str], RenewalPrice] = {}
    for price, tld in await tx.execute(statement):
        found.setdefault((tld, price.currency), RenewalPrice(Money(price.price_minor, price.currency), price.version, price.id))
    return found
