"""What must always hold of the catalog."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import SHOWN, Invariant

_MISCOUNTED = text(
    "select c.code, c.used_count, count(r.id) as uses from catalog_coupon c left join catalog_redemption r on r.coupon_id = c.id and r.state <> 'released' "
    "group by c.id having count(r.id) <> c.used_count limit :shown"
)


async def _coupons(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_MISCOUNTED, {"shown": SHOWN})
    return [f"coupon {row.code} counts {row.used_count} uses, {row.uses} orders have it" for row in rows]


INVARIANTS = (Invariant("coupon_uses_counted", "A coupon's count is the orders that hold or have redeemed it.", _coupons),)
