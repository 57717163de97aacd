"""The shop window: what is on sale on a day, in one currency, with its add-ons and options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.catalog.errors import PriceNotInCurrency
from nextbill.capabilities.catalog.models import OptionPriceRow, OptionRow, OptionValueRow, PlanAddonRow, PlanOptionRow, PlanPriceRow, PlanRow
from nextbill.capabilities.catalog.queries.prices import cycle_of, newest
from nextbill.capabilities.catalog.rules import Included, IncludedFor, OptionKind, PlanKind
from nextbill.kernel.errors import NotFound
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import ReadTx

ON_SALE = "on_sale"


@dataclass(frozen=True, slots=True)
class PlanPrice:
    """`cycle` None: charged once. `setup` comes once on top of the first period."""

    cycle: Cycle | None
    price: Money
    version: int
    id: UUID
    setup: Money
    valid_from: date


@dataclass(frozen=True, slots=True)
class ValuePrice:
    """Of one piece, for one cycle."""

    cycle: Cycle | None
    price: Money
    version: int
    id: UUID


@dataclass(frozen=True, slots=True)
class OptionValue:
    id: UUID
    code: str
    name: str
    limits: Mapping[str, int | None]
    features: tuple[str, ...]
    state: str
    prices: tuple[ValuePrice, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """`choice`: one of the values; `quantity`: `minimum` to `maximum` pieces of its one value."""

    id: UUID
    code: str
    name: str
    description: str
    kind: OptionKind
    required: bool
    minimum: int
    maximum: int
    state: str
    version: int
    values: tuple[OptionValue, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`limits`: resource → how many, None where unlimited. `features`: codes that the plan names beside its limits. `stock_left` None: no end of it."""

    id: UUID
    code: str
    kind: PlanKind
    product_class: str
    name: str
    tagline: str
    description: str
    features: tuple[str, ...]
    limits: Mapping[str, int | None]
    trial_days: int
    included: Included | None
    stock_left: int | None
    position: int
    state: str
    version: int
    prices: tuple[PlanPrice, ...]
    addons: tuple[Plan, ...] = ()
    options: tuple[Option, ...] = ()
    invoice_days_ahead: int | None = None

    @property
    def in_stock(self) -> bool:
        return self.stock_left is None or self.stock_left > 0


async def list_plans(tx: ReadTx, currency: str, *, on: date, kind: PlanKind = "hosting") -> list[Plan]:
    """On sale with their prices in this currency, in the shop's order. What has no price in it is left out."""
    found = select(PlanRow).where(PlanRow.state == ON_SALE, PlanRow.kind == kind).order_by(PlanRow.position, PlanRow.code)
    rows = (await tx.execute(found)).scalars().all()
    plans = [plan for plan in await with_prices(tx, rows, currency=currency, on=on) if plan.prices]
    return await _with_extras(tx, plans, currency=currency, on=on)


async def get_plan(tx: ReadTx, code: str, *, currency: str, on: date) -> Plan:
    row = (await tx.execute(select(PlanRow).where(PlanRow.code == code, PlanRow.state == ON_SALE))).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such plan on sale.")
    return await shown(tx, row, currency=currency, on=on)


async def shown(tx: ReadTx, row: PlanRow, *, currency: str, on: date) -> Plan:
    """As customers see it on that day, whatever its state is today. PriceNotInCurrency."""
    (plan,) = await with_prices(tx, [row], currency=currency, on=on)
    if not plan.prices:
        raise PriceNotInCurrency(currency)
    return (await _with_extras(tx, [plan], currency=currency, on=on))[0]


async def with_prices(tx: ReadTx, rows: Sequence[PlanRow], *, currency: str, on: date) -> list[Plan]:
    ids = [row.id for row in rows]
    statement = newest(PlanPriceRow, on=on).where(PlanPriceRow.plan_id.in_(ids), PlanPriceRow.currency == currency)
    found: dict[UUID, dict[Cycle | None, PlanPrice]] = {row.id: {} for row in rows}
    for price in (await tx.execute(statement)).scalars() if rows else ():
        seen = price_view(price)
        found[price.plan_id].setdefault(seen.cycle, seen)
    return [plan_view(row, tuple(sorted(found[row.id].values(), key=lambda item: item.price.minor))) for row in rows]


async def _with_extras(tx: ReadTx, plans: Sequence[Plan], *, currency: str, on: date) -> list[Plan]:
    ids = [plan.id for plan in plans]
    addons = await _addons(tx, ids, currency=currency, on=on)
    options = await _options(tx, ids, currency=currency, on=on)
    return [replace(plan, addons=addons.get(plan.id, ()), options=options.get(plan.id, ())) for plan in plans]


async def _addons(tx: ReadTx, plans: Sequence[UUID], *, currency: str, on: date) -> dict[UUID, tuple[Plan, ...]]:
    found = select(PlanAddonRow.plan_id, PlanRow).join(PlanRow, PlanRow.id == PlanAddonRow.addon_id)
    found = found.where(PlanAddonRow.plan_id.in_(plans), PlanRow.state == ON_SALE).order_by(PlanAddonRow.position)
    pairs = [(plan_id, row) for plan_id, row in (await tx.execute(found)).all()] if plans else []
    distinct = {row.id: row for _, row in pairs}
    priced = {plan.id: plan for plan in await with_prices(tx, list(distinct.values()), currency=currency, on=on)}
    return {plan: tuple(priced[row.id] for of, row in pairs if of == plan and priced[row.id].prices) for plan in plans}


async def _options(tx: ReadTx, plans: Sequence[UUID], *, currency: str, on: date) -> dict[UUID, tuple[Option, ...]]:
    found = select(PlanOptionRow.plan_id, OptionRow).join(OptionRow, OptionRow.id == PlanOptionRow.option_id)
    found = found.where(PlanOptionRow.plan_id.in_(plans), OptionRow.state == ON_SALE).order_by(PlanOptionRow.position)
    pairs = [(plan_id, row) for plan_id, row in (await tx.execute(found)).all()] if plans else []
    whole = {option.id: option for option in await options_of(tx, list({row.id: row for _, row in pairs}.values()), currency=currency, on=on)}
    sold = {id_: _sold(option) for id_, option in whole.items()}
    return {plan: tuple(sold[row.id] for of, row in pairs if of == plan and sold[row.id].values) for plan in plans}


async def options_of(tx: ReadTx, rows: Sequence[OptionRow], *, currency: str | None, on: date) -> list[Option]:
    """With all their values; prices in one currency, or in all where None is asked for."""
    ids = [row.id for row in rows]
    values = (
        (await tx.execute(select(OptionValueRow).where(OptionValueRow.option_id.in_(ids)).order_by(OptionValueRow.position))).scalars().all()
        if ids
        else []
    )
    statement = newest(OptionPriceRow, on=on).where(OptionPriceRow.value_id.in_([value.id for value in values]))
    if currency is not None:
        statement = statement.where(OptionPriceRow.currency == currency)
    prices: dict[UUID, dict[tuple[Cycle | None, str], ValuePrice]] = {value.id: {} for value in values}
    for row in (await tx.execute(statement)).scalars() if values else ():
        price = ValuePrice(cycle_of(row.cycle_unit, row.cycle_count), Money(row.price_minor, row.currency), row.version, row.id)
        prices[row.value_id].setdefault((price.cycle, row.currency), price)
    return [_option(row, [value for value in values if value.option_id == row.id], prices) for row in rows]


def _option(row: OptionRow, values: Sequence[OptionValueRow], prices: Mapping[UUID, Mapping[tuple[Cycle | None, str], ValuePrice]]) -> Option:
    known = tuple(
        OptionValue(value.id, value.code, value.name, value.limits, tuple(value.features), value.state, tuple(prices[value.id].values()))
        for value in values
    )
    facts = (row.id, row.code, row.name, row.description, cast("OptionKind", row.kind))
    return Option(*facts, row.required, row.minimum, row.maximum, row.state, row.version, known)


def _sold(option: Option) -> Option:
    return replace(option, values=tuple(value for value in option.values if value.state == ON_SALE and value.prices))


def price_view(row: PlanPriceRow) -> PlanPrice:
    cycle = cycle_of(row.cycle_unit, row.cycle_count)
    return PlanPrice(cycle, Money(row.price_minor, row.currency), row.version, row.id, Money(row.setup_minor, row.currency), row.valid_from)


def included_in(row: PlanRow) -> Included | None:
    if not row.included_domains or row.included_for is None:
        return None
    minimum = cycle_of(row.included_unit, row.included_count or 1) if row.included_unit else None
    return Included(row.included_domains, tuple(row.included_tlds), minimum, cast("IncludedFor", row.included_for))


def plan_view(row: PlanRow, prices: tuple[PlanPrice, ...] = ()) -> Plan:
    return Plan(
        id=row.id,
        code=row.code,
        kind=cast("PlanKind", row.kind),
        product_class=row.product_class,
        name=row.name,
        tagline=row.tagline,
        description=row.description,
        features=tuple(row.features),
        limits=row.limits,
        trial_days=row.trial_days,
        included=included_in(row),
        stock_left=row.stock_left,
        position=row.position,
        state=row.state,
        version=row.version,
        prices=prices,
        invoice_days_ahead=row.invoice_days_ahead,
    )
