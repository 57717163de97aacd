"""Table of subscriptions: what a customer keeps, as sold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

STATES = "state in ('pending','active','cancelled')"
STARTED = "state <> 'active' or (anchor_on is not null and period_start is not null and period_end > period_start and next_due_on is not null)"


class SubscriptionRow(Base):
    """One for each order line. Plan, limits and price are copies. `period_end` is the first day after the period."""

    __tablename__ = "subscriptions_subscription"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    order_line_id: Mapped[UUID] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(Text)
    plan_id: Mapped[UUID]
    plan_code: Mapped[str] = mapped_column(Text)
    plan_name: Mapped[str] = mapped_column(Text)
    product_class: Mapped[str] = mapped_column(Text)
    price_version: Mapped[int]
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    cycle_unit: Mapped[str] = mapped_column(Text)
    cycle_count: Mapped[int]
    limits: Mapped[dict[str, Any]] = mapped_column(JSONB)
    features: Mapped[list[str]] = mapped_column(JSONB)
    anchor_on: Mapped[date | None] = mapped_column(Date)
    period_index: Mapped[int] = mapped_column(server_default=text("0"))
    period_start: Mapped[date | None] = mapped_column(Date)
    period_end: Mapped[date | None] = mapped_column(Date)
    next_due_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    started_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint(STATES, name="state"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint(STARTED, name="started"),
        Index("ix_subscriptions_subscription_customer", "customer_id", "id"),
        Index("ix_subscriptions_subscription_due", "next_due_on", postgresql_where=text("state = 'active'")),
    )
