"""Coupons: whether one holds for a cart, and what it takes off later periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import func, select

from nextbill.capabilities.catalog.errors import coupon_problem
from nextbill.capabilities.catalog.models import CouponRow, RedemptionLineRow, RedemptionRow
from nextbill.capabilities.catalog.rules import Basket, Coupon, CouponState, Discountable, coupon_refusal, discounts, period_discounts
from nextbill.capabilities.catalog.rules.coupons import CouponKind
from nextbill.kernel.money import Money, total
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class AppliedCoupon:
    """`off`: what it takes off each item of the basket, in their order."""

    coupon: Coupon
    off: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class RenewalDiscount:
    """What a coupon takes off each item of a later period, and of which redemption that is one."""

    redemption_id: UUID
    code: str
    offs: tuple[Money, ...]

    @property
    def off(self) -> Money:
        return total(self.offs, self.offs[0].currency)


@dataclass(frozen=True, slots=True)
class GrantedDiscount:
    """What a paid order's coupon takes off the periods of one of its lines: a percentage, or `amount` of each. `periods` None: for ever.

    `plan_codes` of plans, products and add-ons that it is for; empty: everything."""

    redemption_id: UUID
    code: str
    percent_ppm: int | None
    amount: Money | None
    currency: str
    plan_codes: tuple[str, ...]
    periods: int | None


@dataclass(frozen=True, slots=True)
class Redemption:
    id: UUID
    coupon_id: UUID
    customer_id: UUID
    order_id: UUID
    code: str
    off: Money
    periods: int | None
    state: str
    held_at: datetime


async def find_coupon(tx: ReadTx, code: str) -> Coupon | None:
    """Codes know no upper and lower case."""
    row = (await tx.execute(select(CouponRow).where(CouponRow.code == code.strip().upper()))).scalar_one_or_none()
    return coupon_view(row) if row else None


async def apply_coupon(
    tx: ReadTx, *, code: str, customer_id: UUID, items: Sequence[Discountable], currency: str, new_customer: bool, on: date
) -> AppliedCoupon:
    """CouponRefused, or its particular kind. Reserves nothing: that is `hold_coupon`."""
    coupon = await find_coupon(tx, code)
    if coupon is None:
        raise coupon_problem("coupon_unknown")
    basket = Basket(items, currency, new_customer, await uses_of(tx, coupon.id, customer_id), on)
    refusal = coupon_refusal(coupon, basket)
    if refusal is not None:
        raise coupon_problem(refusal)
    return AppliedCoupon(coupon, tuple(discounts(coupon, items, currency)))


async def uses_of(tx: ReadTx, coupon_id: UUID, customer_id: UUID) -> int:
    used = select(func.count()).where(
        RedemptionRow.coupon_id == coupon_id, RedemptionRow.customer_id == customer_id, RedemptionRow.state != "released"
    )
    return (await tx.execute(used)).scalar_one()


async def renewal_discount(tx: ReadTx, *, line_id: UUID, period_index: int, nets: Sequence[Money]) -> RenewalDiscount | None:
    """What the order line's coupon takes off the period's items, at these net prices; None where it takes nothing. Period 0 is the first that is charged.

    `count_period` notes that it was used, with the invoice."""
    found = select(RedemptionRow, RedemptionLineRow.again_minor).join(RedemptionLineRow, RedemptionLineRow.redemption_id == RedemptionRow.id)
    row = (await tx.execute(found.where(RedemptionLineRow.line_id == line_id, RedemptionRow.state == "redeemed"))).one_or_none()
    if row is None or any(net.currency != row[0].currency for net in nets):
        return None
    redemption, again = row
    share = None if again is None else Money(again, redemption.currency)
    offs = period_discounts(nets, percent_ppm=redemption.percent_ppm, again=share, periods=redemption.periods, period_index=period_index)
    return RenewalDiscount(redemption.id, redemption.code, tuple(offs)) if any(offs) else None


async def granted_discount(tx: ReadTx, *, line_id: UUID) -> GrantedDiscount | None:
    """For what goes on after the order; None without a coupon, or with one that is for names alone."""
    found = (
        select(RedemptionRow, RedemptionLineRow.again_minor, CouponRow.plan_codes, CouponRow.tlds)
        .join(RedemptionLineRow, RedemptionLineRow.redemption_id == RedemptionRow.id)
        .join(CouponRow, CouponRow.id == RedemptionRow.coupon_id)
        .where(RedemptionLineRow.line_id == line_id, RedemptionRow.state == "redeemed")
    )
    row = (await tx.execute(found)).one_or_none()
    if row is None or (row[3] and not row[2]):
        return None
    redemption, again, plan_codes, _tlds = row
    amount = None if again is None else Money(again, redemption.currency)
    return GrantedDiscount(redemption.id, redemption.code, redemption.percent_ppm, amount, redemption.currency, tuple(plan_codes), redemption.periods)


async def redemptions_of(tx: ReadTx, *, coupon_id: UUID, after: UUID | None, limit: int) -> list[Redemption]:
    """Newest first."""
    found = select(RedemptionRow).where(RedemptionRow.coupon_id == coupon_id).order_by(RedemptionRow.id.desc()).limit(limit)
    if after is not None:
        found = found.where(RedemptionRow.id < after)
    return [
        Redemption(
            row.id,
            row.coupon_id,
            row.customer_id,
            row.order_id,
            row.code,
            Money(row.discount_minor, row.currency),
            row.periods,
            row.state,
            row.held_at,
        )
        for row in (await tx.execute(found)).scalars()
    ]


def coupon_view(row: CouponRow) -> Coupon:
    return Coupon(
        id=row.id,
        code=row.code,
        name=row.name,
        kind=cast("CouponKind", row.kind),
        percent_ppm=row.percent_ppm,
        amounts=row.amounts,
        minimums=row.minimums,
        periods=row.periods,
        plan_codes=tuple(row.plan_codes),
        tlds=tuple(row.tlds),
        covers_setup=row.covers_setup,
        new_customers_only=row.new_customers_only,
        per_customer=row.per_customer,
        max_uses=row.max_uses,
        used_count=row.used_count,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        state=cast("CouponState", row.state),
        version=row.version,
    )
