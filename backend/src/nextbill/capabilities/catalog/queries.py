"""Offers: what is on sale on a day, at which version of its price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, exists, select

from nextbill.capabilities.catalog.errors import CycleNotOffered, NotOnSale, PriceNotInCurrency, UnknownPlan, YearsNotOffered
from nextbill.capabilities.catalog.models import PlanPriceRow, PlanRow, TldPriceRow, TldRow
from nextbill.capabilities.catalog.rules import DOMAIN, HOSTING, OPERATIONS, DomainOperation, domain_price
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.errors import NotFound
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle, Unit
from nextbill.runtime.database import ReadTx

ON_SALE = "on_sale"


@dataclass(frozen=True, slots=True)
class PlanPrice:
    cycle: Cycle
    price: Money
    version: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`limits`: resource → how many, None where unlimited. `features`: codes that the plan names beside its limits."""

    id: UUID
    code: str
    name: str
    tagline: str
    features: tuple[str, ...]
    limits: Mapping[str, int | None]
    prices: tuple[PlanPrice, ...]


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """A plan as sold on a day: everything that an order and a subscription copy."""

    plan_id: UUID
    plan_code: str
    plan_name: str
    price_version: int
    price: Money
    cycle: Cycle
    limits: Mapping[str, int | None]
    features: tuple[str, ...]
    product_class: str = HOSTING


@dataclass(frozen=True, slots=True)
class DomainOffer:
    """`price` is for all the years together."""

    name: DomainName
    tld: str
    operation: DomainOperation
    years: int
    price: Money
    price_version: int
    product_class: str = DOMAIN


@dataclass(frozen=True, slots=True)
class TldPrice:
    """Prices are for one year; `prices` has an entry for each operation on sale."""

    tld: str
    min_years: int
    max_years: int
    prices: Mapping[DomainOperation, Money]


async def list_plans(tx: ReadTx, currency: str, *, on: date) -> list[Plan]:
    """Plans on sale with their prices in this currency, in the shop's order. A plan without one is left out."""
    plans = (await tx.execute(select(PlanRow).where(PlanRow.state == ON_SALE).order_by(PlanRow.position, PlanRow.code))).scalars().all()
    prices = await _plan_prices(tx, [plan.id for plan in plans], currency=currency, on=on)
    return [_plan(row, prices[row.id]) for row in plans if row.id in prices]


async def get_plan(tx: ReadTx, code: str, *, currency: str, on: date) -> Plan:
    row = (await tx.execute(select(PlanRow).where(PlanRow.code == code, PlanRow.state == ON_SALE))).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such plan on sale.")
    prices = await _plan_prices(tx, [row.id], currency=currency, on=on)
    if row.id not in prices:
        raise PriceNotInCurrency(currency)
    return _plan(row, prices[row.id])


async def price_plan(tx: ReadTx, *, plan_code: str, cycle: Cycle, currency: str, on: date) -> PlanOffer:
    """UnknownPlan, CycleNotOffered or PriceNotInCurrency where it is not sold so."""
    row = (await tx.execute(select(PlanRow).where(PlanRow.code == plan_code, PlanRow.state == ON_SALE))).scalar_one_or_none()
    if row is None:
        raise UnknownPlan(plan_code)
    of_cycle = (PlanPriceRow.plan_id == row.id, PlanPriceRow.cycle_unit == cycle.unit, PlanPriceRow.cycle_count == cycle.count)
    price = (await tx.execute(_newest(PlanPriceRow, on=on).where(*of_cycle, PlanPriceRow.currency == currency))).scalars().first()
    if price is None:
        known = (await tx.execute(select(exists().where(*of_cycle)))).scalar_one()
        raise PriceNotInCurrency(currency) if known else CycleNotOffered(plan_code)
    return PlanOffer(row.id, row.code, row.name, price.version, Money(price.price_minor, price.currency), cycle, row.limits, tuple(row.features))


async def price_domain(tx: ReadTx, *, name: DomainName, years: int, operation: DomainOperation, currency: str, on: date) -> DomainOffer:
    """NotOnSale, YearsNotOffered or PriceNotInCurrency where it is not sold so. Says nothing of whether the name is free."""
    row = (await tx.execute(select(TldRow).where(TldRow.tld == name.tld, TldRow.state == ON_SALE))).scalar_one_or_none()
    if row is None:
        raise NotOnSale(name.tld)
    if not row.min_years <= years <= row.max_years:
        raise YearsNotOffered(row.tld, least=row.min_years, most=row.max_years)
    statement = _newest(TldPriceRow, on=on).where(TldPriceRow.tld_id == row.id, TldPriceRow.operation == operation, TldPriceRow.currency == currency)
    price = (await tx.execute(statement)).scalars().first()
    if price is None:
        raise PriceNotInCurrency(currency)
    whole = domain_price(Money(price.price_minor, price.currency), years=years)
    return DomainOffer(name, row.tld, operation, years, whole, price.version)


async def list_tlds(tx: ReadTx, currency: str, *, on: date) -> list[TldPrice]:
    """Endings on sale with their yearly prices in this currency; one without a price to register is left out."""
    rows = (await tx.execute(select(TldRow).where(TldRow.state == ON_SALE).order_by(TldRow.position, TldRow.tld))).scalars().all()
    statement = _newest(TldPriceRow, on=on).where(TldPriceRow.tld_id.in_([row.id for row in rows]), TldPriceRow.currency == currency)
    found: dict[UUID, dict[DomainOperation, Money]] = {}
    for price in (await tx.execute(statement)).scalars():
        operation = cast("DomainOperation", price.operation)
        found.setdefault(price.tld_id, {}).setdefault(operation, Money(price.price_minor, price.currency))
    return [TldPrice(row.tld, row.min_years, row.max_years, _in_order(found[row.id])) for row in rows if "register" in found.get(row.id, {})]


def _newest(row: type[Any], *, on: date) -> Select[Any]:
    """Prices in force on that day, the one that counts first."""
    return select(row).where(row.valid_from <= on).order_by(row.valid_from.desc(), row.version.desc())


async def _plan_prices(tx: ReadTx, plans: Sequence[UUID], *, currency: str, on: date) -> dict[UUID, tuple[PlanPrice, ...]]:
    statement = _newest(PlanPriceRow, on=on).where(PlanPriceRow.plan_id.in_(plans), PlanPriceRow.currency == currency)
    found: dict[UUID, dict[Cycle, PlanPrice]] = {}
    for row in (await tx.execute(statement)).scalars():
        cycle = Cycle(cast("Unit", row.cycle_unit), row.cycle_count)
        found.setdefault(row.plan_id, {}).setdefault(cycle, PlanPrice(cycle, Money(row.price_minor, row.currency), row.version))
    return {plan: tuple(sorted(prices.values(), key=lambda item: item.price.minor)) for plan, prices in found.items()}


def _plan(row: PlanRow, prices: tuple[PlanPrice, ...]) -> Plan:
    return Plan(row.id, row.code, row.name, row.tagline, tuple(row.features), row.limits, prices)


def _in_order(prices: Mapping[DomainOperation, Money]) -> dict[DomainOperation, Money]:
    return {operation: prices[operation] for operation in OPERATIONS if operation in prices}
