"""What a new shop starts with, and what the sandbox shows beyond it. Safe at every start: what is there stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.catalog.commands.coupons import create_coupon
from nextbill.capabilities.catalog.commands.edits import Edit
from nextbill.capabilities.catalog.commands.options import NewValue, add_option_price, create_option
from nextbill.capabilities.catalog.commands.plans import NewPrice, change_plan, create_plan, insert_price
from nextbill.capabilities.catalog.commands.tlds import NewTldPrice, insert_tld_price
from nextbill.capabilities.catalog.models import CouponRow, PlanRow, TldPriceRow, TldRow
from nextbill.capabilities.catalog.queries.shop import ON_SALE
from nextbill.capabilities.catalog.rules import (
    DEMO_COUPON,
    DEMO_TLDS_EUR,
    MONTHLY,
    MONTHS_PAID_PER_YEAR,
    OPERATIONS,
    SEED_PLANS,
    SEED_TLDS,
    SINCE_EVER,
    YEARLY,
    Included,
    SeedPlan,
    seed_prices,
)
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx

MAX_YEARS = 10
SEEDER = Edit("system", "what the sandbox shows")


async def seed_catalog(tx: Tx, *, now: datetime) -> None:
    """The three plans and the nine endings that a new shop starts with."""
    for position, plan in enumerate(SEED_PLANS):
        await _seed_plan(tx, plan, position=position, now=now)
    for position, (tld, cents) in enumerate(SEED_TLDS.items()):
        await _seed_tld(tx, tld, price=Money(cents, "USD"), position=position, now=now)


async def seed_demo_catalog(tx: Tx, *, now: datetime) -> None:
    """A coupon, an add-on, options, a product that is charged once, included names and prices in euro. Once: the coupon is the mark."""
    if (await tx.execute(select(func.count()).where(CouponRow.code == DEMO_COUPON))).scalar_one():
        return
    plans = dict((await tx.execute(select(PlanRow.code, PlanRow.id))).all())
    for seed in SEED_PLANS:
        euro = Money(seed.monthly.minor - 200, "EUR")
        for cycle, price in ((MONTHLY, euro), (YEARLY, euro * MONTHS_PAID_PER_YEAR)):
            await insert_price(tx, plans[seed.code], price=NewPrice(cycle, price), valid_from=SINCE_EVER, now=now)
    await _demo_tlds(tx, now=now)
    await _demo_extras(tx, now=now)
    await _demo_product(tx, now=now)
    names = Included(1, ("com", "net", "org", "de"), YEARLY, "first_year")
    for code, more in _demo_changes(names).items():
        await change_plan(tx, plans[code], changes=more, edit=SEEDER, now=now)
    welcome = {"name": "Ten percent off the first invoice", "percent_ppm": 100_000, "periods": 1, "per_customer": 1, "plan_codes": ["*"]}
    await create_coupon(tx, code=DEMO_COUPON, changes=welcome, edit=SEEDER, now=now)


def _demo_changes(names: Included) -> Mapping[str, Mapping[str, Any]]:
    return {
        "starter": {"addons": ["extra-backups"]},
        "professional": {"addons": ["extra-backups", "dedicated-ip"], "options": ["extra-disk", "php-workers"], "included": names},
        "enterprise": {"addons": ["dedicated-ip"], "included": Included(3, names.tlds, YEARLY, "while_active")},
    }


async def _demo_extras(tx: Tx, *, now: datetime) -> None:
    backups = {"tagline": "Every hour, kept for 30 days", "features": ["hourly_backups"], "limits": {"backups": 30}, "state": ON_SALE}
    address = {"tagline": "An address of your own", "features": ["dedicated_ip"], "limits": {"addresses": 1}, "state": ON_SALE}
    for code, name, facts, cents, setup in (
        ("extra-backups", "Hourly backups", backups, 500, 0),
        ("dedicated-ip", "Dedicated IP", address, 400, 1000),
    ):
        addon_id = await create_plan(tx, code=code, kind="addon", name=name, changes=facts, edit=SEEDER, now=now)
        for currency in ("USD", "EUR"):
            monthly = Money(cents, currency)
            for cycle, price in ((MONTHLY, monthly), (YEARLY, monthly * MONTHS_PAID_PER_YEAR)):
                priced = NewPrice(cycle, price, setup=Money(setup, currency))
                await insert_price(tx, addon_id, price=priced, valid_from=SINCE_EVER, now=now)
    step = [NewValue("10gb", "10 GB", {"disk_gb": 10})]
    disk = await create_option(
        tx, code="extra-disk", name="Extra disk, 10 GB", kind="quantity", values=step, changes={"maximum": 20}, edit=SEEDER, now=now
    )
    workers = [NewValue("two", "2 workers", {"php_workers": 2}), NewValue("four", "4 workers", {"php_workers": 4}, ["burst"])]
    php = await create_option(tx, code="php-workers", name="PHP workers", kind="choice", values=workers, changes={}, edit=SEEDER, now=now)
    for option, value, cents in ((disk, "10gb", 200), (php, "two", 300), (php, "four", 600)):
        for currency in ("USD", "EUR"):
            monthly = Money(cents, currency)
            for cycle, price in ((MONTHLY, monthly), (YEARLY, monthly * MONTHS_PAID_PER_YEAR)):
                await add_option_price(
                    tx, option, value_code=value, cycle=cycle, price=price, valid_from=SINCE_EVER, today=SINCE_EVER, edit=SEEDER, now=now
                )


async def _demo_product(tx: Tx, *, now: datetime) -> None:
    facts = {"tagline": "We bring your site over, once", "state": ON_SALE}
    product = await create_plan(tx, code="site-move", kind="product", name="Site move", changes=facts, edit=SEEDER, now=now)
    for currency in ("USD", "EUR"):
        await insert_price(tx, product, price=NewPrice(None, Money(4900, currency)), valid_from=SINCE_EVER, now=now)


async def _demo_tlds(tx: Tx, *, now: datetime) -> None:
    ids = dict((await tx.execute(select(TldRow.tld, TldRow.id))).all())
    for tld, cents in DEMO_TLDS_EUR.items():
        cost = Money(cents * 7 // 10, "EUR")
        for operation in OPERATIONS:
            await insert_tld_price(tx, ids[tld], price=NewTldPrice(operation, 1, Money(cents, "EUR"), cost), valid_from=SINCE_EVER, now=now)


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
            await insert_price(tx, created, price=NewPrice(cycle, price), valid_from=SINCE_EVER, now=now)


async def _seed_tld(tx: Tx, tld: str, *, price: Money, position: int, now: datetime) -> None:
    row = upsert(TldRow).values(id=new_id(), tld=tld, min_years=1, max_years=MAX_YEARS, position=position, state=ON_SALE, created_at=now)
    created: UUID | None = (await tx.execute(row.on_conflict_do_nothing(index_elements=["tld"]).returning(TldRow.id))).scalar_one_or_none()
    if created is not None:
        same = {"tld_id": created, "price_minor": price.minor, "currency": price.currency, "version": 1, "valid_from": SINCE_EVER, "created_at": now}
        await tx.execute(insert(TldPriceRow).values([{"id": new_id(), "operation": operation, **same} for operation in OPERATIONS]))
