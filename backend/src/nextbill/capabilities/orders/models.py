"""Tables of orders: what was bought, at which price, and how far it has been delivered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

ORDER_STATES = "state in ('pending','paid','completed','cancelled')"
LINE_STATES = "state in ('waiting','requested','delivered','refused','delayed','parked','cancelled')"


class CounterRow(Base):
    """The last number given in a year. Order numbers may have gaps; documents' may not, and are invoicing's."""

    __tablename__ = "orders_counter"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class OrderRow(Base):
    """A cart as bought, with the consent it was bought under. `idempotency_key` makes one request one order.

    `overdue_at`: when the customer was told that it is late and may be cancelled."""

    __tablename__ = "orders_order"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    number: Mapped[str | None] = mapped_column(Text, unique=True)
    state: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(CHAR(3))
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    proforma_id: Mapped[UUID | None]
    idempotency_key: Mapped[str] = mapped_column(Text)
    cart_fingerprint: Mapped[bytes]
    terms_version: Mapped[str] = mapped_column(Text)
    customer_status: Mapped[str] = mapped_column(Text)
    immediate_start: Mapped[bool]
    registrar_terms: Mapped[bool]
    consent_address: Mapped[str] = mapped_column(Text)
    consented_at: Mapped[datetime] = mapped_column(UTC_TIME)
    placed_at: Mapped[datetime] = mapped_column(UTC_TIME)
    paid_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    completed_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    cancel_reason: Mapped[str | None] = mapped_column(Text)
    overdue_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("customer_id", "idempotency_key"),
        CheckConstraint(ORDER_STATES, name="state"),
        CheckConstraint("net_minor >= 0 and tax_minor >= 0", name="amounts"),
        CheckConstraint("customer_status in ('consumer','business')", name="customer_status"),
        Index("ix_orders_order_customer", "customer_id", "id"),
        Index("ix_orders_order_state", "state", "id"),
        Index("ix_orders_order_unfinished", "paid_at", postgresql_where=text("state = 'paid'")),
    )


class LineRow(Base):
    """One thing bought, as it was sold: plan, limits and price are copies. `result` names what was delivered, by kind.

    `hosting_line_id`: the hosting line that this name was bought with; its server's nameservers go to the registrar."""

    __tablename__ = "orders_line"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders_order.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    product_class: Mapped[str] = mapped_column(Text)
    plan_id: Mapped[UUID | None]
    plan_code: Mapped[str | None] = mapped_column(Text)
    plan_name: Mapped[str | None] = mapped_column(Text)
    cycle_unit: Mapped[str | None] = mapped_column(Text)
    cycle_count: Mapped[int | None]
    limits: Mapped[dict[str, Any]] = mapped_column(JSONB)
    features: Mapped[list[str]] = mapped_column(JSONB)
    domain_name: Mapped[str | None] = mapped_column(Text)
    domain_choice: Mapped[str | None] = mapped_column(Text)
    years: Mapped[int | None]
    hosting_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders_line.id"))
    price_version: Mapped[int]
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint(LINE_STATES, name="state"),
        CheckConstraint("kind in ('hosting','domain')", name="kind"),
        CheckConstraint("domain_choice in ('register','own')", name="domain_choice"),
        CheckConstraint("kind <> 'hosting' or (plan_code is not null and cycle_unit is not null)", name="plan"),
        CheckConstraint("kind <> 'domain' or (domain_name is not null and years is not null)", name="domain"),
        Index("ix_orders_line_customer_id", "customer_id"),
        Index("ix_orders_line_refused", "changed_at", postgresql_where=text("state = 'refused'")),
    )
