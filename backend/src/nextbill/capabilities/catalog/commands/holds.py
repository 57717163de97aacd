"""What an order holds of limited things: reserved with it, taken when it is paid, given back when it ends. All in the order's own transactions,
so that a crash before the commit has held nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.catalog.errors import OutOfStock, coupon_problem
from nextbill.capabilities.catalog.models import CouponRow, PlanRow, RedemptionLineRow, RedemptionPeriodRow, RedemptionRow, StockHoldRow
from nextbill.capabilities.catalog.queries.coupons import AppliedCoupon, RenewalDiscount, uses_of
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money, total
from nextbill.runtime.database import Tx, on_rows


@dataclass(frozen=True, slots=True)
class Holder:
    """The order that holds. `paid`: nothing is to be paid for it, so that what it holds is taken at once."""

    customer_id: UUID
    order_id: UUID
    paid: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many pieces of a stocked plan, add-on or product, for a line of the order."""

    plan_id: UUID
    line_id: UUID
    quantity: int
    name: str


async def hold_stock(tx: Tx, holder: Holder, wanted: Sequence[Wanted], *, now: datetime) -> None:
    """One conditional UPDATE for each: of the last piece there is one buyer. OutOfStock. In order of ids, so that two orders never wait in a ring."""
    for one in sorted(wanted, key=lambda one: (one.plan_id, one.line_id)):
        enough = PlanRow.id == one.plan_id, PlanRow.stock_left >= one.quantity
        if not on_rows(await tx.execute(update(PlanRow).where(*enough).values(stock_left=PlanRow.stock_left - one.quantity))):
            raise OutOfStock(
                f"{one.name} is sold out, or there is less of it than was asked for.", fields={"items": f"not enough of {one.name} left"}
            )
        await tx.execute(
            insert(StockHoldRow).values(
                id=new_id(),
                plan_id=one.plan_id,
                customer_id=holder.customer_id,
                order_id=holder.order_id,
                line_id=one.line_id,
                quantity=one.quantity,
                state="taken" if holder.paid else "held",
                held_at=now,
                changed_at=now,
            )
        )


async def hold_coupon(
    tx: Tx, holder: Holder, applied: AppliedCoupon, *, again: Mapping[UUID, Money], first_charged: Collection[UUID], now: datetime
) -> None:
    """One use of the coupon, within its limits: CouponUsedUp, CouponUsedBefore.

    `again`: the lines that go on, with what an amount takes off each further period of them; `first_charged`: those of them whose period 0 is
    charged with this order, not after a trial.
    """
    coupon = applied.coupon
    left = (CouponRow.max_uses.is_(None)) | (CouponRow.used_count < CouponRow.max_uses)
    one_more = update(CouponRow).where(CouponRow.id == coupon.id, CouponRow.state == "active", left).values(used_count=CouponRow.used_count + 1)
    if not on_rows(await tx.execute(one_more)):
        raise coupon_problem("coupon_used_up")
    # The coupon's row is ours now: two orders of one customer count one after the other.
    if coupon.uses_each is not None and await uses_of(tx, coupon.id, holder.customer_id) >= coupon.uses_each:
        raise coupon_problem("coupon_used_before")
    redemption_id, whole = new_id(), total(list(applied.off), applied.off[0].currency)
    await tx.execute(
        insert(RedemptionRow).values(
            id=redemption_id,
            coupon_id=coupon.id,
            customer_id=holder.customer_id,
            order_id=holder.order_id,
            code=coupon.code,
            percent_ppm=coupon.percent_ppm,
            periods=coupon.periods,
            discount_minor=whole.minor,
            currency=whole.currency,
            state="redeemed" if holder.paid else "held",
            held_at=now,
            changed_at=now,
        )
    )
    for line_id, share in again.items():
        kept = None if coupon.kind == "percent" else share.minor
        ids = {"redemption_id": redemption_id, "line_id": line_id, "customer_id": holder.customer_id}
        await tx.execute(insert(RedemptionLineRow).values(**ids, again_minor=kept))
        if line_id in first_charged:
            await tx.execute(insert(RedemptionPeriodRow).values(**ids, period_index=0, discount_minor=share.minor, used_at=now))


async def take_holds(tx: Tx, order_id: UUID, *, now: datetime) -> None:
    """The order is paid: what it held is sold. May be repeated."""
    await tx.execute(
        update(StockHoldRow).where(StockHoldRow.order_id == order_id, StockHoldRow.state == "held").values(state="taken", changed_at=now)
    )
    await tx.execute(
        update(RedemptionRow).where(RedemptionRow.order_id == order_id, RedemptionRow.state == "held").values(state="redeemed", changed_at=now)
    )


async def release_holds(tx: Tx, order_id: UUID, *, line_id: UUID | None = None, now: datetime) -> None:
    """Gives back what the order holds, or one line of it (then the coupon stays used: the rest was bought with it). May be repeated."""
    mine = [StockHoldRow.order_id == order_id, StockHoldRow.state != "released"]
    if line_id is not None:
        mine.append(StockHoldRow.line_id == line_id)
    freed = await tx.execute(
        update(StockHoldRow).where(*mine).values(state="released", changed_at=now).returning(StockHoldRow.plan_id, StockHoldRow.quantity)
    )
    for plan_id, quantity in sorted((row.plan_id, row.quantity) for row in freed):
        await tx.execute(update(PlanRow).where(PlanRow.id == plan_id).values(stock_left=PlanRow.stock_left + quantity))
    if line_id is not None:
        return
    given_back = update(RedemptionRow).where(RedemptionRow.order_id == order_id, RedemptionRow.state != "released")
    for coupon_id in (await tx.execute(given_back.values(state="released", changed_at=now).returning(RedemptionRow.coupon_id))).scalars():
        await tx.execute(update(CouponRow).where(CouponRow.id == coupon_id).values(used_count=CouponRow.used_count - 1))


async def count_period(tx: Tx, used: RenewalDiscount, *, line_id: UUID, customer_id: UUID, period_index: int, now: datetime) -> None:
    """Notes that a renewal was billed with the discount. May be repeated: a period is counted once."""
    row = upsert(RedemptionPeriodRow).values(
        redemption_id=used.redemption_id,
        line_id=line_id,
        period_index=period_index,
        customer_id=customer_id,
        discount_minor=used.off.minor,
        used_at=now,
    )
    await tx.execute(row.on_conflict_do_nothing())
