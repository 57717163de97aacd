"""What is sold by cycle or once: plans with hosting, add-ons to them, other products; their prices, their stock."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.capabilities.catalog.models.prices import CYCLE, ByCycle
from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

INCLUDED = (
    "(included_domains = 0) = (included_for is null) and num_nulls(included_unit, included_count) in (0, 2) and included_domains between 0 and 20"
)
NO_NUMBERS_OF_ADDONS = "kind = 'hosting' or (included_domains = 0 and trial_days = 0)"


class PlanRow(Base):
    """`features`: codes that the plan names; `limits`: resource → how many, null where unlimited. Of an add-on both are added to the plan's.

    `included_…`: so many names of these endings come with it, from this cycle on, for the first year or while it is active.
    `invoice_days_ahead`: so many days before a period begins it is invoiced, null for the usual.
    `stock_left`: null where there is no end of it; what an order holds is taken off already."""

    __tablename__ = "catalog_plan"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text, server_default=text("'hosting'"))
    product_class: Mapped[str] = mapped_column(Text, server_default=text("'hosting'"))
    name: Mapped[str] = mapped_column(Text)
    tagline: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, server_default=text("''"))
    features: Mapped[list[str]] = mapped_column(JSONB)
    limits: Mapped[dict[str, int | None]] = mapped_column(JSONB)
    trial_days: Mapped[int] = mapped_column(server_default=text("0"))
    included_domains: Mapped[int] = mapped_column(server_default=text("0"))
    included_tlds: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))
    included_unit: Mapped[str | None] = mapped_column(Text)
    included_count: Mapped[int | None]
    included_for: Mapped[str | None] = mapped_column(Text)
    invoice_days_ahead: Mapped[int | None]
    stock_left: Mapped[int | None]
    position: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("state in ('draft','on_sale','withdrawn')", name="state"),
        CheckConstraint("kind in ('hosting','addon','product')", name="kind"),
        CheckConstraint("trial_days between 0 and 365", name="trial_days"),
        CheckConstraint("stock_left >= 0", name="stock_left"),
        CheckConstraint("invoice_days_ahead between 0 and 183", name="days_ahead"),
        CheckConstraint(INCLUDED, name="included"),
        CheckConstraint("included_for in ('first_year','while_active')", name="included_for"),
        CheckConstraint("included_unit in ('day','week','month','year') and included_count > 0", name="included_cycle"),
        CheckConstraint(NO_NUMBERS_OF_ADDONS, name="hosting_only"),
    )


class PlanPriceRow(ByCycle, Base):
    """What a plan costs for one cycle in one currency from `valid_from` on, and once at its beginning. Append-only.

    `cost_minor`: what a cycle costs the shop itself, in the same currency; null where nobody said."""

    __tablename__ = "catalog_plan_price"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_plan.id"))
    setup_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    cost_minor: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        UniqueConstraint("plan_id", "cycle_unit", "cycle_count", "currency", "version", name="uq_catalog_plan_price_version"),
        CheckConstraint(CYCLE, name="cycle"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("setup_minor >= 0", name="setup"),
        CheckConstraint("cost_minor >= 0", name="cost"),
    )


class PlanAddonRow(Base):
    """An add-on that may be bought with a plan."""

    __tablename__ = "catalog_plan_addon"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_plan.id"), primary_key=True)
    addon_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_plan.id"), primary_key=True)
    position: Mapped[int]

    __table_args__ = (CheckConstraint("plan_id <> addon_id", name="not_itself"),)


class StockHoldRow(Base):
    """What an order line holds of a stock: held with the order, taken when it is paid, released when it is cancelled."""

    __tablename__ = "catalog_stock_hold"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_plan.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    order_id: Mapped[UUID]
    line_id: Mapped[UUID]
    quantity: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    held_at: Mapped[datetime] = mapped_column(UTC_TIME)
    changed_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("line_id", "plan_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("state in ('held','taken','released')", name="state"),
        Index("ix_catalog_stock_hold_order", "order_id"),
        Index("ix_catalog_stock_hold_plan", "plan_id", "state"),
        Index("ix_catalog_stock_hold_customer_id", "customer_id"),
    )
