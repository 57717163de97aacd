"""Options: made, changed, priced, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from nextbill.capabilities.catalog.commands.edits import Edit, add, audited, expect
from nextbill.capabilities.catalog.errors import NotForThisKind, PriceForYesterday, UnknownOption
from nextbill.capabilities.catalog.models import OptionPriceRow, OptionRow, OptionValueRow
from nextbill.capabilities.catalog.queries.prices import columns_of, of_cycle
from nextbill.capabilities.catalog.queries.staff import lock
from nextbill.capabilities.catalog.rules import OptionKind
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class NewValue:
    """What one piece adds to the plan's limits (None: makes unlimited) and features."""

    code: str
    name: str
    limits: Mapping[str, int | None]
    features: Sequence[str] = ()


async def create_option(
    tx: Tx, *, code: str, name: str, kind: OptionKind, values: Sequence[NewValue], changes: Mapping[str, Any], edit: Edit, now: datetime
) -> UUID:
    """`changes`: description, required, minimum, maximum. CodeTaken, NotForThisKind."""
    row = OptionRow(
        id=new_id(), code=code, name=name, description="", kind=kind, required=False, minimum=1, maximum=1, state="on_sale", version=1, created_at=now
    )
    _put(row, changes)
    await add(tx, row)
    await _write_values(tx, row, values)
    await audited(tx, edit, "option_created", row.id, detail={"code": code}, now=now)
    return row.id


async def change_option(tx: Tx, option_id: UUID, *, values: Sequence[NewValue] | None, changes: Mapping[str, Any], edit: Edit, now: datetime) -> None:
    """`values` replaces all of them by code: one that is left out is withdrawn, and comes back when it is named again."""
    row = await lock(tx, OptionRow, option_id)
    expect(row, edit)
    _put(row, changes)
    await tx.flush()
    if values is not None:
        await _write_values(tx, row, values)
    await audited(tx, edit, "option_changed", row.id, detail={"fields": sorted(changes), "version": row.version}, now=now)


async def withdraw_option(tx: Tx, option_id: UUID, *, edit: Edit, now: datetime) -> None:
    row = await lock(tx, OptionRow, option_id)
    if row.state == "withdrawn":
        return
    expect(row, edit)
    row.state = "withdrawn"
    await tx.flush()
    await audited(tx, edit, "option_withdrawn", row.id, detail={"code": row.code}, now=now)


async def add_option_price(
    tx: Tx, option_id: UUID, *, value_code: str, cycle: Cycle | None, price: Money, valid_from: date, today: date, edit: Edit, now: datetime
) -> int:
    """What one piece of the value costs for a cycle, from that day on. Returns the version. UnknownOption, PriceForYesterday."""
    row = await lock(tx, OptionRow, option_id)
    if valid_from < today:
        raise PriceForYesterday
    found = select(OptionValueRow.id).where(OptionValueRow.option_id == option_id, OptionValueRow.code == value_code)
    value_id = (await tx.execute(found)).scalar_one_or_none()
    if value_id is None:
        raise UnknownOption(fields={"value": "not a value of this option"})
    expect(row, edit)
    same = (OptionPriceRow.value_id == value_id, *of_cycle(OptionPriceRow, cycle), OptionPriceRow.currency == price.currency)
    version = (await tx.execute(select(func.coalesce(func.max(OptionPriceRow.version), 0)).where(*same))).scalar_one() + 1
    values = {"price_minor": price.minor, "currency": price.currency, "version": version, "valid_from": valid_from, "created_at": now}
    await tx.execute(insert(OptionPriceRow).values(id=new_id(), value_id=value_id, **columns_of(cycle), **values))
    told = {"value": value_code, "price": str(price), "version": version, "valid_from": valid_from.isoformat()}
    await audited(tx, edit, "option_priced", row.id, detail=told, now=now)
    return version


def _put(row: OptionRow, changes: Mapping[str, Any]) -> None:
    for name in ("name", "description", "required", "minimum", "maximum", "state"):
        if name in changes:
            setattr(row, name, changes[name])
    if row.minimum > row.maximum:
        raise NotForThisKind(fields={"minimum": "not above the maximum"})


async def _write_values(tx: Tx, row: OptionRow, values: Sequence[NewValue]) -> None:
    if row.kind == "quantity" and len(values) != 1:
        raise NotForThisKind(fields={"values": "a quantity has one value: the piece that is counted"})
    known = {value.code: value for value in (await tx.execute(select(OptionValueRow).where(OptionValueRow.option_id == row.id))).scalars()}
    for gone in set(known) - {value.code for value in values}:
        known[gone].state = "withdrawn"
    for place, value in enumerate(values):
        stored = known.get(value.code) or OptionValueRow(id=new_id(), option_id=row.id, code=value.code)
        stored.name, stored.limits, stored.features = value.name, dict(value.limits), list(value.features)
        stored.position, stored.state = place, "on_sale"
        tx.add(stored)
    await tx.flush()
