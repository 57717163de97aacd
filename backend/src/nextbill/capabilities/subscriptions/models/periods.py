"""Periods that were billed, and what a coupon takes off them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

LIVING = "closed_by is null"
UNLINED = "invoice_id is not null and (chunk_id is null or line_id is null)"
"""What a run has billed is found by the lines of its invoice, which say whose they are; of the rest no line need tell."""


class PeriodRow(Base):
    """A period of a subscription that is on an invoice, whoever wrote it: the key lets each be billed once. `invoice_id` is null where nothing was to be
    paid. `closed_by`: the change of cycle that ended it early, so that another may begin on its day. `chunk_id`: of the run that billed it. Deleted where
    its invoice was voided unpaid."""

    __tablename__ = "subscriptions_period"

    subscription_id: Mapped[UUID] = mapped_column(primary_key=True)
    period_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID]
    period_start: Mapped[date] = mapped_column(Date)
    period_end: Mapped[date] = mapped_column(Date)
    invoice_id: Mapped[UUID | None]
    line_id: Mapped[UUID | None]
    closed_by: Mapped[UUID | None]
    chunk_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("period_end > period_start and period_index >= 0", name="period"),
        Index("uq_subscriptions_period_start", "subscription_id", "period_start", unique=True, postgresql_where=text(LIVING)),
        Index("ix_subscriptions_period_unlined", "invoice_id", postgresql_where=text(UNLINED)),
        Index("ix_subscriptions_period_chunk", "chunk_id", postgresql_where=text("chunk_id is not null")),
    )


class DiscountRow(Base):
    """What the order's coupon takes off each period with an index below `until_index`, for ever where that is null: `percent_ppm` of each item, or
    `amount_minor` of the whole. So nothing is counted down: who bills a period twice finds the same discount. `plan_codes`: plans that it holds for,
    empty for all."""

    __tablename__ = "subscriptions_discount"

    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscriptions_subscription.id"), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    redemption_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(Text)
    percent_ppm: Mapped[int | None]
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    plan_codes: Mapped[list[str]] = mapped_column(JSONB)
    until_index: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("num_nonnulls(percent_ppm, amount_minor) = 1", name="kind"),
        CheckConstraint("percent_ppm between 1 and 1000000", name="percent"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint("until_index >= 0", name="until"),
        Index("ix_subscriptions_discount_customer_id", "customer_id"),
    )
