"""Coupons: made, changed, withdrawn. What was redeemed keeps the terms that it was redeemed at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from nextbill.capabilities.catalog.commands.edits import Edit, add, audited, expect
from nextbill.capabilities.catalog.models import CouponRow
from nextbill.capabilities.catalog.queries.staff import lock
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx

_FIELDS = (
    "name",
    "percent_ppm",
    "amounts",
    "minimums",
    "periods",
    "plan_codes",
    "tlds",
    "covers_setup",
    "new_customers_only",
    "per_customer",
    "max_uses",
    "valid_from",
    "valid_until",
    "state",
)


async def create_coupon(tx: Tx, *, code: str, changes: Mapping[str, Any], edit: Edit, now: datetime) -> UUID:
    """`changes`: the fields of the coupon's row; a percentage or amounts decides its kind. CodeTaken, Invalid."""
    row = CouponRow(
        id=new_id(), code=code.strip().upper(), name="", kind="percent", percent_ppm=None, amounts={}, minimums={}, periods=1, plan_codes=[], tlds=[],
        covers_setup=False, new_customers_only=False, per_customer=1, max_uses=None, used_count=0, state="active", version=1, created_at=now,
    )  # fmt: skip
    _put(row, changes)
    await add(tx, row)
    await audited(tx, edit, "coupon_created", row.id, detail={"code": row.code}, now=now)
    return row.id


async def change_coupon(tx: Tx, coupon_id: UUID, *, changes: Mapping[str, Any], edit: Edit, now: datetime) -> None:
    """What is left out stays. VersionOutdated, Invalid where the limit is below what was used."""
    row = await lock(tx, CouponRow, coupon_id)
    expect(row, edit)
    _put(row, changes)
    await tx.flush()
    await audited(tx, edit, "coupon_changed", row.id, detail={"fields": sorted(changes), "version": row.version}, now=now)


async def withdraw_coupon(tx: Tx, coupon_id: UUID, *, edit: Edit, now: datetime) -> None:
    """Nobody redeems it any more; running discounts go on as they were promised."""
    row = await lock(tx, CouponRow, coupon_id)
    if row.state == "withdrawn":
        return
    expect(row, edit)
    row.state = "withdrawn"
    await tx.flush()
    await audited(tx, edit, "coupon_withdrawn", row.id, detail={"code": row.code}, now=now)


def _put(row: CouponRow, changes: Mapping[str, Any]) -> None:
    for name in _FIELDS:
        if name in changes:
            setattr(row, name, changes[name])
    if (row.percent_ppm is None) == (not row.amounts):
        raise Invalid(fields={"percent_ppm": "either a percentage or amounts"})
    row.kind = "amount" if row.amounts else "percent"
    if row.max_uses is not None and row.max_uses < row.used_count:
        raise Invalid(fields={"max_uses": f"it has been used {row.used_count} times"})
    if row.valid_from and row.valid_until and row.valid_until <= row.valid_from:
        raise Invalid(fields={"valid_until": "after its first day"})
