"""Changes that were asked for, and what happened to a subscription."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

OPEN = "state in ('waiting_payment','scheduled')"


class ChangeRow(Base):
    """A change of what is sold. An upgrade waits for its payment, a downgrade for `effective_on`; others are applied at once.

    `target`: items, cycle, limits and features as they will be (of a price rise: the new price of each product). `lines`: what the customer was shown, to
    the unit; `fingerprint` is theirs. `now_minor`: net, to be paid for it; `credit_minor`: net, given back at once. `valid_until`: the day from which an
    unpaid one is off. `outcome`: why it was refused or withdrawn."""

    __tablename__ = "subscriptions_change"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscriptions_subscription.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    kind: Mapped[str] = mapped_column(Text)
    direction: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    target: Mapped[dict[str, Any]] = mapped_column(JSONB)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    fingerprint: Mapped[str] = mapped_column(Text)
    now_minor: Mapped[int] = mapped_column(BigInteger)
    credit_minor: Mapped[int] = mapped_column(BigInteger)
    next_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    asked_on: Mapped[date] = mapped_column(Date)
    effective_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    proforma_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoicing_proforma.id"))
    invoice_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoicing_invoice.id"))
    asked_by: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    settled_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("kind in ('plan','cycle','quantity','addons','price')", name="kind"),
        CheckConstraint("direction in ('upgrade','downgrade','same')", name="direction"),
        CheckConstraint("state in ('waiting_payment','scheduled','applied','withdrawn','expired','refused')", name="state"),
        CheckConstraint("state <> 'waiting_payment' or (proforma_id is not null and valid_until is not null and now_minor > 0)", name="waits"),
        CheckConstraint(f"({OPEN}) = (settled_at is null)", name="settled"),
        CheckConstraint("now_minor >= 0 and credit_minor >= 0 and next_minor >= 0", name="amounts"),
        Index("uq_subscriptions_change_open", "subscription_id", unique=True, postgresql_where=text(f"{OPEN} and kind <> 'price'")),
        Index("uq_subscriptions_change_price", "subscription_id", unique=True, postgresql_where=text(f"{OPEN} and kind = 'price'")),
        Index("ix_subscriptions_change_subscription", "subscription_id", "id"),
        Index("ix_subscriptions_change_customer", "customer_id", "id"),
        Index("ix_subscriptions_change_scheduled", "effective_on", "id", postgresql_where=text("state = 'scheduled'")),
        Index("ix_subscriptions_change_valid", "valid_until", "id", postgresql_where=text("state = 'waiting_payment'")),
    )


class HistoryRow(Base):
    """What happened, who did it. Append-only: references, never personal data."""

    __tablename__ = "subscriptions_history"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscriptions_subscription.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    kind: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    on_day: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        Index("ix_subscriptions_history_subscription", "subscription_id", "id"),
        Index("ix_subscriptions_history_customer_id", "customer_id"),
    )
