"""What a customer keeps, as sold, and where it stands in time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

STATES = "state in ('pending','trialing','active','past_due','paused','suspended','cancelled','ended')"
STARTED = (
    "state in ('pending','cancelled') "
    "or (anchor_on is not null and period_start is not null and period_end > period_start and next_due_on is not null and started_at is not null)"
)
TRIAL = "state not in ('trialing','active','past_due') or (state = 'trialing') = (period_index < 0)"
BILLED = "billed_index >= -1 and period_index >= -1"
BILLS = "next_bill_on is null or (state not in ('pending','paused','cancelled','ended') and cancel_on is null)"
ERROR = "num_nulls(billing_error, billing_error_at) in (0, 2)"
DUE_TO_BILL = "state in ('trialing','active','past_due') and billing_error is null and next_bill_on is not null"
DUE_TO_END = "cancel_on is not null and state in ('trialing','active','past_due','paused','suspended')"
DUE_TO_ROLL = "state in ('trialing','active','past_due','suspended')"


class SubscriptionRow(Base):
    """One for each order line. Plan, limits and price are copies; the price is the sum of the items of each period. `period_end` is the first day after
    the present period, of index `period_index`. On trial the period is the trial and its index -1: period 0 is the first one that is charged.

    Period n begins `n - anchor_index` cycles after `anchor_on`. `billed_index`: the last period that has an invoice line. `next_bill_on`: the day on which
    the one after it is invoiced (`days_ahead` before it begins); null where none is. `billing_error`: why the run has set it aside (`late`: too much is
    overdue to be charged without a look; `refused`: it cannot be billed as it is). `late_allowed_on`: staff has let pass what began by that day.
    `change_on`: the day on which an open change is settled, which is before anything is billed. `cancel_on`: the day from which it is over.
    `collection`: charged by itself, or an invoice is sent.
    `version` counts changes of what is sold."""

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
    anchor_index: Mapped[int] = mapped_column(server_default=text("0"))
    period_index: Mapped[int] = mapped_column(server_default=text("0"))
    period_start: Mapped[date | None] = mapped_column(Date)
    period_end: Mapped[date | None] = mapped_column(Date)
    next_due_on: Mapped[date | None] = mapped_column(Date)
    days_ahead: Mapped[int] = mapped_column(server_default=text("7"))
    next_bill_on: Mapped[date | None] = mapped_column(Date)
    billed_index: Mapped[int] = mapped_column(server_default=text("-1"))
    collection: Mapped[str] = mapped_column(Text, server_default=text("'charge'"))
    change_on: Mapped[date | None] = mapped_column(Date)
    cancel_on: Mapped[date | None] = mapped_column(Date)
    cancel_reason: Mapped[str | None] = mapped_column(Text)
    paused_on: Mapped[date | None] = mapped_column(Date)
    resume_on: Mapped[date | None] = mapped_column(Date)
    billing_error: Mapped[str | None] = mapped_column(Text)
    billing_error_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    billing_error_kind: Mapped[str | None] = mapped_column(Text)
    late_allowed_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    started_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    ended_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint(STATES, name="state"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint(STARTED, name="started"),
        CheckConstraint(TRIAL, name="trial"),
        CheckConstraint(BILLED, name="billed"),
        CheckConstraint(BILLS, name="bills"),
        CheckConstraint(ERROR, name="billing_error"),
        CheckConstraint("billing_error_kind in ('late','refused')", name="billing_error_kind"),
        CheckConstraint("days_ahead between 0 and 183", name="days_ahead"),
        CheckConstraint("collection in ('charge','invoice')", name="collection"),
        CheckConstraint("(state = 'paused') = (paused_on is not null) and (resume_on is null or resume_on > paused_on)", name="paused"),
        CheckConstraint("(state = 'ended') = (ended_at is not null) and (state = 'cancelled') <= (cancelled_at is not null)", name="over"),
        Index("ix_subscriptions_subscription_customer", "customer_id", "id"),
        Index("ix_subscriptions_subscription_bill", "next_bill_on", "id", postgresql_where=text(DUE_TO_BILL)),
        Index("ix_subscriptions_subscription_changing", "change_on", postgresql_where=text(f"{DUE_TO_BILL} and change_on is not null")),
        Index("ix_subscriptions_subscription_due", "period_end", "id", postgresql_where=text(DUE_TO_ROLL)),
        Index("ix_subscriptions_subscription_cancel", "cancel_on", "id", postgresql_where=text(DUE_TO_END)),
        Index("ix_subscriptions_subscription_resume", "resume_on", postgresql_where=text("state = 'paused' and resume_on is not null")),
        Index("ix_subscriptions_subscription_error", "id", postgresql_where=text("billing_error is not null")),
        Index("ix_subscriptions_subscription_past_due", "id", postgresql_where=text("state = 'past_due'")),
        Index("ix_subscriptions_subscription_trial", "period_end", postgresql_where=text("state = 'trialing'")),
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
