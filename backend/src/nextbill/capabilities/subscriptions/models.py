"""Table of subscriptions: what a customer keeps, as sold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

STATES = "state in ('pending','active','cancelled')"
STARTED = "state <> 'active' or (anchor_on is not null and period_start is not null and period_end > period_start and next_due_on is not null)"


class SubscriptionRow(Base):
    """One for each order line. Plan, limits and price are copies; the price is the sum of the items of each period. `period_end` is the first day after
    the period. On trial the period is the trial, `anchor_on` its end and `period_index` -1: period 0 is the first one that is charged."""

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
    price_id: Mapped[UUID | None]
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    cycle_unit: Mapped[str] = mapped_column(Text)
    cycle_count: Mapped[int]
    limits: Mapped[dict[str, Any]] = mapped_column(JSONB)
    features: Mapped[list[str]] = mapped_column(JSONB)
    trial_days: Mapped[int] = mapped_column(server_default=text("0"))
    trial_ends_on: Mapped[date | None] = mapped_column(Date)
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


class ItemRow(Base):
    """What a subscription is charged for: the plan, its add-ons and options, each at the version of its price that it was sold at.

    `billing`: each_period, or first_period: once with the first charge, such as the setup after a trial. `product_id`: the catalog's plan, add-on or value."""

    __tablename__ = "subscriptions_item"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscriptions_subscription.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    product_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int]
    unit_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    price_id: Mapped[UUID | None]
    price_version: Mapped[int]
    billing: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("subscription_id", "position"),
        CheckConstraint("quantity > 0 and unit_minor >= 0", name="amounts"),
        CheckConstraint("billing in ('each_period','first_period')", name="billing"),
        Index("ix_subscriptions_item_product", "product_id", "price_version"),
        Index("ix_subscriptions_item_customer_id", "customer_id"),
    )
