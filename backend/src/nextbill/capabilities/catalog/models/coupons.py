"""Coupons, and what became of them: one redemption for each order, its lines, and each period that it took something off."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

OFF = "(kind = 'percent' and percent_ppm between 1 and 1000000) or (kind = 'amount' and percent_ppm is null)"


class CouponRow(Base):
    """`percent_ppm`: parts per million; `amounts` and `minimums`: currency → minor units. `periods`: how many it covers, null for ever.

    `plan_codes` and `tlds`: what it is for; both empty: everything, "*": everything of that kind.
    `used_count` never passes `max_uses`: it moves with an order and back with its end. `valid_until` is the first day on which it no longer holds."""

    __tablename__ = "catalog_coupon"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    percent_ppm: Mapped[int | None]
    amounts: Mapped[dict[str, int]] = mapped_column(JSONB)
    minimums: Mapped[dict[str, int]] = mapped_column(JSONB)
    periods: Mapped[int | None]
    plan_codes: Mapped[list[str]] = mapped_column(JSONB)
    tlds: Mapped[list[str]] = mapped_column(JSONB)
    covers_setup: Mapped[bool]
    new_customers_only: Mapped[bool]
    per_customer: Mapped[int | None]
    max_uses: Mapped[int | None]
    used_count: Mapped[int] = mapped_column(server_default=text("0"))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("code = upper(code) and code <> ''", name="code"),
        CheckConstraint(OFF, name="off"),
        CheckConstraint("used_count >= 0 and (max_uses is null or used_count <= max_uses)", name="used_count"),
        CheckConstraint("periods > 0 and per_customer > 0", name="counts"),
        CheckConstraint("state in ('active','withdrawn')", name="state"),
    )


class RedemptionRow(Base):
    """A coupon in an order: held with it, redeemed when it is paid, released when it is cancelled. The terms are copies."""

    __tablename__ = "catalog_redemption"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    coupon_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_coupon.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    order_id: Mapped[UUID] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(Text)
    percent_ppm: Mapped[int | None]
    periods: Mapped[int | None]
    discount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    state: Mapped[str] = mapped_column(Text)
    held_at: Mapped[datetime] = mapped_column(UTC_TIME)
    changed_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("state in ('held','redeemed','released')", name="state"),
        CheckConstraint("discount_minor >= 0", name="discount"),
        Index("ix_catalog_redemption_coupon", "coupon_id", "customer_id"),
        Index("ix_catalog_redemption_customer_id", "customer_id"),
    )


class RedemptionLineRow(Base):
    """A line of the order that goes on: `again_minor` is what each later period of it takes off (of a percentage: computed anew, null)."""

    __tablename__ = "catalog_redemption_line"

    redemption_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_redemption.id"), primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    again_minor: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (UniqueConstraint("line_id"), Index("ix_catalog_redemption_line_customer_id", "customer_id"))


class RedemptionPeriodRow(Base):
    """A period that was billed with the discount; period 0 is the first one that is charged. Append-only: so the first n are counted."""

    __tablename__ = "catalog_redemption_period"

    redemption_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    period_index: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    discount_minor: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        ForeignKeyConstraint(
            ["redemption_id", "line_id"],
            ["catalog_redemption_line.redemption_id", "catalog_redemption_line.line_id"],
            name="fk_catalog_redemption_period_line",
        ),
        CheckConstraint("period_index >= 0 and discount_minor >= 0", name="period"),
        Index("ix_catalog_redemption_period_customer_id", "customer_id"),
    )
