"""Plans, add-ons and products: made, changed, priced, stocked, withdrawn. Nothing that was sold is ever removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from nextbill.capabilities.catalog.commands.edits import Edit, add, audited, expect
from nextbill.capabilities.catalog.errors import NotForThisKind, PriceForYesterday, UnknownAddon, UnknownOption, UnknownPlan
from nextbill.capabilities.catalog.models import OptionRow, PlanAddonRow, PlanOptionRow, PlanPriceRow, PlanRow
from nextbill.capabilities.catalog.queries.prices import columns_of, of_cycle
from nextbill.capabilities.catalog.queries.staff import lock
from nextbill.capabilities.catalog.rules import HOSTING, Included, PlanKind
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import Tx

Changes = Mapping[str, Any]
"""Field → value, of those that were sent: name, tagline, description, features, limits, trial_days, invoice_days_ahead, position, state,
`included` (Included or None),
`addons` and `options` (codes). What is left out stays."""


@dataclass(frozen=True, slots=True)
class NewPrice:
    """`cycle` None: charged once. `cost`: what a cycle costs the shop itself, in the price's currency."""

    cycle: Cycle | None
    price: Money
    setup: Money | None = None
    cost: Money | None = None


async def create_plan(tx: Tx, *, code: str, kind: PlanKind, name: str, changes: Changes, edit: Edit, now: datetime) -> UUID:
    """A draft until its state says otherwise. CodeTaken, NotForThisKind, UnknownAddon, UnknownOption."""
    last = (await tx.execute(select(func.coalesce(func.max(PlanRow.position), -1)).where(PlanRow.kind == kind))).scalar_one()
    row = PlanRow(
        id=new_id(), code=code, kind=kind, product_class=HOSTING, name=name, tagline="", description="", features=[], limits={}, trial_days=0,
        included_domains=0, included_tlds=[], position=last + 1, state="draft", version=1, created_at=now,
    )  # fmt: skip
    _put(row, changes)
    await add(tx, row)
    await _link(tx, row, changes)
    await audited(tx, edit, "plan_created", row.id, detail={"code": code, "kind": kind}, now=now)
    return row.id


async def change_plan(tx: Tx, plan_id: UUID, *, changes: Changes, edit: Edit, now: datetime) -> None:
    """For what is sold from now on: orders and subscriptions keep their copies. CatalogNotFound, VersionOutdated, NotForThisKind."""
    row = await lock(tx, PlanRow, plan_id)
    expect(row, edit)
    _put(row, changes)
    await tx.flush()
    await _link(tx, row, changes)
    await audited(tx, edit, "plan_changed", row.id, detail={"fields": sorted(changes), "version": row.version}, now=now)


async def withdraw_plan(tx: Tx, plan_id: UUID, *, edit: Edit, now: datetime) -> None:
    """Not for sale any more; whoever has it keeps it. Withdrawn twice is withdrawn."""
    row = await lock(tx, PlanRow, plan_id)
    if row.state == "withdrawn":
        return
    expect(row, edit)
    row.state = "withdrawn"
    await tx.flush()
    await audited(tx, edit, "plan_withdrawn", row.id, detail={"code": row.code}, now=now)


async def set_stock(tx: Tx, plan_id: UUID, *, left: int | None, edit: Edit, now: datetime) -> None:
    """So many can be ordered from now on, beyond what orders hold already; None: no end of it."""
    row = await lock(tx, PlanRow, plan_id)
    expect(row, edit)
    before, row.stock_left = row.stock_left, left
    await tx.flush()
    await audited(tx, edit, "plan_stocked", row.id, detail={"before": before, "left": left}, now=now)


async def add_plan_price(tx: Tx, plan_id: UUID, *, price: NewPrice, valid_from: date, today: date, edit: Edit, now: datetime) -> int:
    """A new version from that day on; what was sold keeps its own. Returns the version. PriceForYesterday, NotForThisKind."""
    row = await lock(tx, PlanRow, plan_id)
    if valid_from < today:
        raise PriceForYesterday
    if row.kind == "hosting" and price.cycle is None:
        raise NotForThisKind(fields={"cycle": "hosting is sold by cycle; what is charged once is a product or an add-on"})
    expect(row, edit)
    version = await insert_price(tx, row.id, price=price, valid_from=valid_from, now=now)
    unit, count = columns_of(price.cycle).values()
    told = {"cycle": f"{count} {unit}", "price": str(price.price), "version": version, "valid_from": valid_from.isoformat()}
    await audited(tx, edit, "plan_priced", row.id, detail=told, now=now)
    return version


async def set_plan_price(tx: Tx, *, plan_code: str, cycle: Cycle, price: Money, valid_from: date, now: datetime) -> int:
    """A new version of the price, in force from a day on; the old one stays for whoever bought at it. Returns the version."""
    plan = (await tx.execute(select(PlanRow).where(PlanRow.code == plan_code).with_for_update())).scalar_one_or_none()
    if plan is None:
        raise UnknownPlan(plan_code)
    return await insert_price(tx, plan.id, price=NewPrice(cycle, price), valid_from=valid_from, now=now)


async def insert_price(tx: Tx, plan_id: UUID, *, price: NewPrice, valid_from: date, now: datetime) -> int:
    """The caller holds the plan's row."""
    same = (PlanPriceRow.plan_id == plan_id, *of_cycle(PlanPriceRow, price.cycle), PlanPriceRow.currency == price.price.currency)
    version = (await tx.execute(select(func.coalesce(func.max(PlanPriceRow.version), 0)).where(*same))).scalar_one() + 1
    await tx.execute(
        insert(PlanPriceRow).values(
            id=new_id(),
            plan_id=plan_id,
            **columns_of(price.cycle),
            price_minor=price.price.minor,
            setup_minor=price.setup.minor if price.setup else 0,
            cost_minor=price.cost.minor if price.cost else None,
            currency=price.price.currency,
            version=version,
            valid_from=valid_from,
            created_at=now,
        )
    )
    return version


def _put(row: PlanRow, changes: Changes) -> None:
    for name in ("name", "tagline", "description", "features", "limits", "trial_days", "invoice_days_ahead", "position", "state"):
        if name in changes:
            setattr(row, name, changes[name])
    if "included" in changes:
        _include(row, changes["included"])
    if row.kind != "hosting" and (row.trial_days or row.included_domains or changes.get("addons") or changes.get("options")):
        raise NotForThisKind(fields={"kind": "trial, included domains, add-ons and options belong to hosting plans"})


def _include(row: PlanRow, included: Included | None) -> None:
    row.included_domains = included.names if included else 0
    row.included_tlds = list(included.tlds) if included else []
    row.included_for = included.lasts if included else None
    minimum = included.minimum if included else None
    row.included_unit, row.included_count = (minimum.unit, minimum.count) if minimum else (None, None)


async def _link(tx: Tx, row: PlanRow, changes: Changes) -> None:
    if "addons" in changes:
        ids = await _ids(tx, select(PlanRow.code, PlanRow.id).where(PlanRow.kind == "addon", PlanRow.code.in_(changes["addons"])))
        _all_known(changes["addons"], ids, UnknownAddon, "addons")
        await tx.execute(delete(PlanAddonRow).where(PlanAddonRow.plan_id == row.id))
        for place, code in enumerate(changes["addons"]):
            await tx.execute(insert(PlanAddonRow).values(plan_id=row.id, addon_id=ids[code], position=place))
    if "options" in changes:
        ids = await _ids(tx, select(OptionRow.code, OptionRow.id).where(OptionRow.code.in_(changes["options"])))
        _all_known(changes["options"], ids, UnknownOption, "options")
        await tx.execute(delete(PlanOptionRow).where(PlanOptionRow.plan_id == row.id))
        for place, code in enumerate(changes["options"]):
            await tx.execute(insert(PlanOptionRow).values(plan_id=row.id, option_id=ids[code], position=place))


async def _ids(tx: Tx, statement: Any) -> dict[str, UUID]:
    return dict((await tx.execute(statement)).all())


def _all_known(codes: Sequence[str], known: Mapping[str, UUID], refusal: type[UnknownAddon | UnknownOption], field: str) -> None:
    for place, code in enumerate(codes):
        if code not in known or code in codes[:place]:
            raise refusal(fields={f"{field}.{place}": "not one of the catalog's, or named twice"})
