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

    `overdue_at`: when the customer was told that it is late and may be cancelled. `expires_at`: not paid by then, it is cancelled."""

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
    coupon_code: Mapped[str | None] = mapped_column(Text)
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
    expires_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("customer_id", "idempotency_key"),
        CheckConstraint(ORDER_STATES, name="state"),
        CheckConstraint("net_minor >= 0 and tax_minor >= 0", name="amounts"),
        CheckConstraint("customer_status in ('consumer','business')", name="customer_status"),
        Index("ix_orders_order_customer", "customer_id", "id"),
        Index("ix_orders_order_state", "state", "id"),
        Index("ix_orders_order_unfinished", "paid_at", postgresql_where=text("state = 'paid'")),
        Index("ix_orders_order_expiring", "expires_at", postgresql_where=text("state = 'pending'")),
    )


class LineRow(Base):
    """One thing bought, as it was sold: plan, limits and price are copies. `result` names what was delivered, by kind.

    `limits` and `features` are the plan's with its add-ons and options; `list_minor` less `discount_minor` is the net, the sums of its parts.
    `trial_days`: nothing of it is charged before they are over. `included_for`: a name that comes with the plan. `cost_minor`: what we pay for it.

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
    quantity: Mapped[int] = mapped_column(server_default=text("1"))
    trial_days: Mapped[int] = mapped_column(server_default=text("0"))
    included_for: Mapped[str | None] = mapped_column(Text)
    cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    cost_currency: Mapped[str | None] = mapped_column(CHAR(3))
    list_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    discount_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
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
        CheckConstraint("kind in ('hosting','domain','product')", name="kind"),
        CheckConstraint("discount_minor >= 0 and list_minor - discount_minor = net_minor", name="list"),
        CheckConstraint("quantity > 0 and trial_days >= 0", name="quantity"),
        CheckConstraint("included_for in ('first_year','while_active')", name="included_for"),
        CheckConstraint("domain_choice in ('register','own')", name="domain_choice"),
        CheckConstraint("kind = 'domain' or (plan_code is not null and (kind = 'product' or cycle_unit is not null))", name="plan"),
        CheckConstraint("kind <> 'domain' or (domain_name is not null and years is not null)", name="domain"),
        Index("ix_orders_line_customer_id", "customer_id"),
        Index("ix_orders_line_refused", "changed_at", postgresql_where=text("state = 'refused'")),
    )


class PartRow(Base):
    """What the price of a line is made of: the plan, its setup, an add-on, an option, a name, a product. One line of the document each. Append-only.

    `billing`: once, each_period of the subscription, or first_period: with its first charge, after a trial. `details`: the inputs of the numbers."""

    __tablename__ = "orders_part"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders_order.id"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("orders_line.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    product_class: Mapped[str] = mapped_column(Text)
    product_id: Mapped[UUID | None]
    quantity: Mapped[int]
    unit_minor: Mapped[int] = mapped_column(BigInteger)
    discount_minor: Mapped[int] = mapped_column(BigInteger)
    discount_note: Mapped[str | None] = mapped_column(Text)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    price_id: Mapped[UUID | None]
    price_version: Mapped[int]
    billing: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        UniqueConstraint("line_id", "position"),
        CheckConstraint("kind in ('plan','setup','addon','addon_setup','option','domain','product')", name="kind"),
        CheckConstraint("quantity > 0 and unit_minor >= 0 and discount_minor >= 0 and net_minor >= 0 and tax_minor >= 0", name="amounts"),
        CheckConstraint("unit_minor * quantity - discount_minor = net_minor", name="net"),
        CheckConstraint("billing in ('once','each_period','first_period')", name="billing"),
        Index("ix_orders_part_order_id", "order_id"),
        Index("ix_orders_part_customer_id", "customer_id"),
    )
