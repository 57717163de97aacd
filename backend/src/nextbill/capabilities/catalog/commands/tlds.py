"""Endings: made, changed, priced, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from nextbill.capabilities.catalog.commands.edits import Edit, add, audited, expect
from nextbill.capabilities.catalog.errors import PriceForYesterday, YearsNotOffered
from nextbill.capabilities.catalog.models import TldPriceRow, TldRow
from nextbill.capabilities.catalog.queries.staff import lock
from nextbill.capabilities.catalog.rules import DomainOperation
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class NewTldPrice:
    """`price` is for all the years together, and so is `cost`, in the registrar's currency."""

    operation: DomainOperation
    years: int
    price: Money
    cost: Money | None = None


async def create_tld(tx: Tx, *, tld: str, changes: Mapping[str, Any], edit: Edit, now: datetime) -> UUID:
    """`changes`: min_years, max_years, position, state. CodeTaken."""
    last = (await tx.execute(select(func.coalesce(func.max(TldRow.position), -1)))).scalar_one()
    row = TldRow(id=new_id(), tld=tld, min_years=1, max_years=10, position=last + 1, state="on_sale", version=1, created_at=now)
    _put(row, changes)
    await add(tx, row)
    await audited(tx, edit, "tld_created", row.id, detail={"tld": tld}, now=now)
    return row.id


async def change_tld(tx: Tx, tld_id: UUID, *, changes: Mapping[str, Any], edit: Edit, now: datetime) -> None:
    row = await lock(tx, TldRow, tld_id)
    expect(row, edit)
    _put(row, changes)
    await tx.flush()
    await audited(tx, edit, "tld_changed", row.id, detail={"fields": sorted(changes), "version": row.version}, now=now)


async def withdraw_tld(tx: Tx, tld_id: UUID, *, edit: Edit, now: datetime) -> None:
    """No new names of it; those that are held renew by their own prices."""
    row = await lock(tx, TldRow, tld_id)
    if row.state == "withdrawn":
        return
    expect(row, edit)
    row.state = "withdrawn"
    await tx.flush()
    await audited(tx, edit, "tld_withdrawn", row.id, detail={"tld": row.tld}, now=now)


async def add_tld_price(tx: Tx, tld_id: UUID, *, price: NewTldPrice, valid_from: date, today: date, edit: Edit, now: datetime) -> int:
    """A new version from that day on. Returns the version. PriceForYesterday."""
    row = await lock(tx, TldRow, tld_id)
    if valid_from < today:
        raise PriceForYesterday
    expect(row, edit)
    version = await insert_tld_price(tx, tld_id, price=price, valid_from=valid_from, now=now)
    told = {"operation": price.operation, "years": price.years, "price": str(price.price), "version": version, "valid_from": valid_from.isoformat()}
    await audited(tx, edit, "tld_priced", row.id, detail=told, now=now)
    return version


async def insert_tld_price(tx: Tx, tld_id: UUID, *, price: NewTldPrice, valid_from: date, now: datetime) -> int:
    """The caller holds the ending's row."""
    same = TldPriceRow.tld_id == tld_id, TldPriceRow.operation == price.operation, TldPriceRow.years == price.years
    known = select(func.coalesce(func.max(TldPriceRow.version), 0)).where(*same, TldPriceRow.currency == price.price.currency)
    version = (await tx.execute(known)).scalar_one() + 1
    await tx.execute(
        insert(TldPriceRow).values(
            id=new_id(),
            tld_id=tld_id,
            operation=price.operation,
            years=price.years,
            price_minor=price.price.minor,
            currency=price.price.currency,
            cost_minor=price.cost.minor if price.cost else None,
            cost_currency=price.cost.currency if price.cost else None,
            version=version,
            valid_from=valid_from,
            created_at=now,
        )
    )
    return version


def _put(row: TldRow, changes: Mapping[str, Any]) -> None:
    for name in ("min_years", "max_years", "position", "state"):
        if name in changes:
            setattr(row, name, changes[name])
    if row.min_years > row.max_years:
        raise YearsNotOffered(row.tld, least=row.min_years, most=row.max_years)
