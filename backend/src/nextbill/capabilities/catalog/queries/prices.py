"""Which version of a price counts on a day."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from sqlalchemy import Select, select

from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle, Unit

ONCE = "once"


def newest(row: type[Any], *, on: date) -> Select[Any]:
    """Prices in force on that day, the one that counts first."""
    return select(row).where(row.valid_from <= on).order_by(row.valid_from.desc(), row.version.desc())


def cycle_of(unit: str, count: int) -> Cycle | None:
    """None: charged once."""
    return None if unit == ONCE else Cycle(cast("Unit", unit), count)


def columns_of(cycle: Cycle | None) -> dict[str, Any]:
    return {"cycle_unit": cycle.unit, "cycle_count": cycle.count} if cycle else {"cycle_unit": ONCE, "cycle_count": 1}


def of_cycle(row: type[Any], cycle: Cycle | None) -> tuple[Any, Any]:
    unit, count = columns_of(cycle).values()
    return row.cycle_unit == unit, row.cycle_count == count


def money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)
