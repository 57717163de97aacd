"""Filling the catalog."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.catalog.errors import UnknownPlan
from nextbill.capabilities.catalog.models import PlanPriceRow, PlanRow, TldPriceRow, TldRow
from nextbill.capabilities.catalog.queries import ON_SALE
from nextbill.capabilities.catalog.rules import OPERATIONS, SEED_PLANS, SEED_TLDS, SINCE_EVER, SeedPlan, seed_prices
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import Tx

MAX_YEARS = 10


async def seed_catalog(tx: Tx, *, now: datetime) -> None:
    """The three plans and the nine endings that a new shop starts with. What is there already stays as it is."""
    for position, plan in enumerate(SEED_PLANS):
        await _seed_plan(tx, plan, position=position, now=now)
    for position, (tld, cents) in enumerate(SEED_TLDS.items()):
        await _seed_tld(tx, tld, price=Money(cents, "USD"), position=position, now=now)


async def set_plan_price(tx: Tx, *, plan_code: str, cycle: Cycle, price: Money, valid_from: date, now: datetime) -> int:
    """A new version of the price, in force from a day on; the old one stays for whoever bought at it. Returns the version."""
    plan = (await tx.execute(select(PlanRow).where(PlanRow.code == plan_code).with_for_update())).scalar_one_or_none()
    if plan is None:
        raise UnknownPlan(plan_code)
    same = (
        PlanPriceRow.plan_id == plan.id,
        PlanPriceRow.cycle_unit == cycle.unit,
        PlanPriceRow.cycle_count == cycle.count,
        PlanPriceRow.currency == price.currency,
    )
    version = (await tx.execute(select(func.coalesce(func.max(PlanPriceRow.version), 0)).where(*same))).scalar_one() + 1
    await _insert_plan_price(tx, plan.id, cycle=cycle, price=price, version=version, valid_from=valid_from, now=now)
    return version


async def _seed_plan(tx: Tx, plan: SeedPlan, *, position: int, now: datetime) -> None:
    row = upsert(PlanRow).values(
        id=new_id(),
        code=plan.code,
        name=plan.name,
        tagline=plan.tagline,
        features=list(plan.features),
        limits=dict(plan.limits),
        position=position,
        state=ON_SALE,
        created_at=now,
    )
    created = (await tx.execute(row.on_conflict_do_nothing(index_elements=["code"]).returning(PlanRow.id))).scalar_one_or_none()
    if created is not None:
        for cycle, price in seed_prices(plan).items():
            await _insert_plan_price(tx, created, cycle=cycle, price=price, version=1, valid_from=SINCE_EVER, now=now)


async def _insert_plan_price(tx: Tx, plan_id: UUID, *, cycle: Cycle, price: Money, version: int, valid_from: date, now: datetime) -> None:
    await tx.execute(
        insert(PlanPriceRow).values(
            id=new_id(),
            plan_id=plan_id,
            cycle_unit=cycle.unit,
            cycle_count=cycle.count,
            price_minor=price.minor,
            currency=price.currency,
            version=version,
            valid_from=valid_from,
            created_at=now,
        )
    )


async def _seed_tld(tx: Tx, tld: str, *, price: Money, position: int, now: datetime) -> None:
    row = upsert(TldRow).values(id=new_id(), tld=tld, min_years=1, max_years=MAX_YEARS, position=position, state=ON_SALE, created_at=now)
    created = (await tx.execute(row.on_conflict_do_nothing(index_elements=["tld"]).returning(TldRow.id))).scalar_one_or_none()
    if created is not None:
        same = {"tld_id": created, "price_minor": price.minor, "currency": price.currency, "version": 1, "valid_from": SINCE_EVER, "created_at": now}
        await tx.execute(insert(TldPriceRow).values([{"id": new_id(), "operation": operation, **same} for operation in OPERATIONS]))
