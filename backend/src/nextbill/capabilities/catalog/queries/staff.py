"""The catalog as staff edit it: drafts and withdrawn things too, every version of every price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select

from nextbill.capabilities.catalog.errors import CatalogNotFound
from nextbill.capabilities.catalog.models import (
    CouponRow,
    OptionPriceRow,
    OptionRow,
    OptionValueRow,
    PlanAddonRow,
    PlanOptionRow,
    PlanPriceRow,
    PlanRow,
    StockHoldRow,
    TldPriceRow,
    TldRow,
)
from nextbill.capabilities.catalog.queries.coupons import coupon_view
from nextbill.capabilities.catalog.queries.prices import cycle_of, money
from nextbill.capabilities.catalog.queries.shop import Option, Plan, options_of, plan_view
from nextbill.capabilities.catalog.rules import Coupon
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import ReadTx, Tx

Row = TypeVar("Row", PlanRow, OptionRow, CouponRow, TldRow)


@dataclass(frozen=True, slots=True)
class PriceVersion:
    """`subject`: the plan's, option value's or ending's. `setup` of plans, `value` (its code) of options, `operation` and `years` of endings; `cost` may be in
    another currency."""

    id: UUID
    subject: UUID
    cycle: Cycle | None
    price: Money
    version: int
    valid_from: date
    created_at: datetime
    setup: Money | None = None
    cost: Money | None = None
    operation: str | None = None
    years: int | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class ManagedPlan:
    """`held`: in orders that are not paid yet; `taken`: in paid ones."""

    plan: Plan
    addon_codes: tuple[str, ...]
    option_codes: tuple[str, ...]
    held: int
    taken: int


@dataclass(frozen=True, slots=True)
class ManagedTld:
    id: UUID
    tld: str
    min_years: int
    max_years: int
    position: int
    state: str
    version: int
    prices: tuple[PriceVersion, ...]


async def managed_plans(tx: ReadTx, *, kind: str | None, state: str | None, search: str | None) -> list[ManagedPlan]:
    """In the shop's order. A catalog is small: all of it at once."""
    found = select(PlanRow).order_by(PlanRow.kind.desc(), PlanRow.position, PlanRow.code)
    wanted = {PlanRow.kind: kind, PlanRow.state: state}
    found = found.where(*(column == value for column, value in wanted.items() if value is not None))
    if search:
        found = found.where((PlanRow.code + " " + func.lower(PlanRow.name)).contains(search.lower(), autoescape=True))
    return await _managed(tx, (await tx.execute(found)).scalars().all())


async def managed_plan(tx: ReadTx, plan_id: UUID) -> ManagedPlan:
    return (await _managed(tx, [await row_of(tx, PlanRow, plan_id)]))[0]


async def _managed(tx: ReadTx, rows: Sequence[PlanRow]) -> list[ManagedPlan]:
    ids = [row.id for row in rows]
    addons = select(PlanAddonRow.plan_id, PlanRow.code).join(PlanRow, PlanRow.id == PlanAddonRow.addon_id).order_by(PlanAddonRow.position)
    options = select(PlanOptionRow.plan_id, OptionRow.code).join(OptionRow, OptionRow.id == PlanOptionRow.option_id).order_by(PlanOptionRow.position)
    with_addons = (await tx.execute(addons.where(PlanAddonRow.plan_id.in_(ids)))).all()
    with_options = (await tx.execute(options.where(PlanOptionRow.plan_id.in_(ids)))).all()
    holds = select(StockHoldRow.plan_id, StockHoldRow.state, func.sum(StockHoldRow.quantity)).where(StockHoldRow.plan_id.in_(ids))
    held = {(plan, state): int(count) for plan, state, count in await tx.execute(holds.group_by(StockHoldRow.plan_id, StockHoldRow.state))}
    return [
        ManagedPlan(
            plan_view(row),
            tuple(code for plan, code in with_addons if plan == row.id),
            tuple(code for plan, code in with_options if plan == row.id),
            held.get((row.id, "held"), 0),
            held.get((row.id, "taken"), 0),
        )
        for row in rows
    ]


async def plan_prices(tx: ReadTx, plan_id: UUID) -> list[PriceVersion]:
    """Every version, the youngest first."""
    found = select(PlanPriceRow).where(PlanPriceRow.plan_id == plan_id).order_by(PlanPriceRow.valid_from.desc(), PlanPriceRow.id.desc())
    return [_of_plan(row) for row in (await tx.execute(found)).scalars()]


async def currencies_of(tx: ReadTx, plan_ids: Sequence[UUID], *, on: date) -> Mapping[UUID, tuple[str, ...]]:
    """In which currencies each is sold on that day."""
    found = select(PlanPriceRow.plan_id, PlanPriceRow.currency).where(PlanPriceRow.plan_id.in_(plan_ids), PlanPriceRow.valid_from <= on).distinct()
    pairs = (await tx.execute(found.order_by(PlanPriceRow.currency))).all()
    return {plan: tuple(currency for of, currency in pairs if of == plan) for plan in plan_ids}


async def managed_options(tx: ReadTx, *, on: date) -> list[Option]:
    """With prices in force on that day, in every currency."""
    rows = (await tx.execute(select(OptionRow).order_by(OptionRow.code))).scalars().all()
    return await options_of(tx, rows, currency=None, on=on)


async def managed_option(tx: ReadTx, option_id: UUID, *, on: date) -> Option:
    return (await options_of(tx, [await row_of(tx, OptionRow, option_id)], currency=None, on=on))[0]


async def option_prices(tx: ReadTx, option_id: UUID) -> list[PriceVersion]:
    """Of all its values; every version, the youngest first."""
    found = select(OptionPriceRow, OptionValueRow.code).join(OptionValueRow, OptionValueRow.id == OptionPriceRow.value_id)
    newest_first = (OptionPriceRow.valid_from.desc(), OptionPriceRow.id.desc())
    rows = await tx.execute(found.where(OptionValueRow.option_id == option_id).order_by(*newest_first))
    return [_of_value(row, code) for row, code in rows]


async def managed_coupons(tx: ReadTx, *, state: str | None, search: str | None, after: UUID | None, limit: int) -> list[Coupon]:
    """Newest first."""
    found = select(CouponRow).order_by(CouponRow.id.desc()).limit(limit)
    if state is not None:
        found = found.where(CouponRow.state == state)
    if search:
        found = found.where((CouponRow.code + " " + func.upper(CouponRow.name)).contains(search.upper(), autoescape=True))
    if after is not None:
        found = found.where(CouponRow.id < after)
    return [coupon_view(row) for row in (await tx.execute(found)).scalars()]


async def managed_coupon(tx: ReadTx, coupon_id: UUID) -> Coupon:
    return coupon_view(await row_of(tx, CouponRow, coupon_id))


async def managed_tlds(tx: ReadTx) -> list[ManagedTld]:
    rows = (await tx.execute(select(TldRow).order_by(TldRow.position, TldRow.tld))).scalars().all()
    return await _tlds(tx, rows)


async def managed_tld(tx: ReadTx, tld_id: UUID) -> ManagedTld:
    return (await _tlds(tx, [await row_of(tx, TldRow, tld_id)]))[0]


async def _tlds(tx: ReadTx, rows: Sequence[TldRow]) -> list[ManagedTld]:
    found = select(TldPriceRow).where(TldPriceRow.tld_id.in_([row.id for row in rows])).order_by(TldPriceRow.valid_from.desc(), TldPriceRow.id.desc())
    prices: dict[UUID, list[PriceVersion]] = {row.id: [] for row in rows}
    for price in (await tx.execute(found)).scalars():
        prices[price.tld_id].append(_of_tld(price))
    return [ManagedTld(row.id, row.tld, row.min_years, row.max_years, row.position, row.state, row.version, tuple(prices[row.id])) for row in rows]


async def row_of(tx: ReadTx, kind: type[Row], id_: UUID) -> Row:
    row = await tx.get(kind, id_, populate_existing=True)
    if row is None:
        raise CatalogNotFound
    return row


async def lock(tx: Tx, kind: type[Row], id_: UUID) -> Row:
    statement: Any = select(kind).where(kind.id == id_).with_for_update()
    row: Row | None = (await tx.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise CatalogNotFound
    return row


def _of_plan(row: PlanPriceRow) -> PriceVersion:
    return PriceVersion(
        id=row.id,
        subject=row.plan_id,
        cycle=cycle_of(row.cycle_unit, row.cycle_count),
        price=Money(row.price_minor, row.currency),
        version=row.version,
        valid_from=row.valid_from,
        created_at=row.created_at,
        setup=Money(row.setup_minor, row.currency),
        cost=money(row.cost_minor, row.currency),
    )


def _of_value(row: OptionPriceRow, code: str) -> PriceVersion:
    return PriceVersion(
        id=row.id,
        subject=row.value_id,
        cycle=cycle_of(row.cycle_unit, row.cycle_count),
        price=Money(row.price_minor, row.currency),
        version=row.version,
        valid_from=row.valid_from,
        created_at=row.created_at,
        value=code,
    )


def _of_tld(row: TldPriceRow) -> PriceVersion:
    return PriceVersion(
        id=row.id,
        subject=row.tld_id,
        cycle=None,
        price=Money(row.price_minor, row.currency),
        version=row.version,
        valid_from=row.valid_from,
        created_at=row.created_at,
        cost=money(row.cost_minor, row.cost_currency or row.currency),
        operation=row.operation,
        years=row.years,
    )
