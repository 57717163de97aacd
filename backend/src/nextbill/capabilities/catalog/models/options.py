"""Choices with a price: one of several values, or so many of one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.capabilities.catalog.models.prices import CYCLE, ByCycle
from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME


class OptionRow(Base):
    """`choice`: one of its values, the first one where it is required and nothing was said. `quantity`: `minimum` to `maximum` pieces of its one value."""

    __tablename__ = "catalog_option"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    required: Mapped[bool]
    minimum: Mapped[int]
    maximum: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("kind in ('choice','quantity')", name="kind"),
        CheckConstraint("0 <= minimum and minimum <= maximum and maximum between 1 and 1000", name="bounds"),
        CheckConstraint("state in ('on_sale','withdrawn')", name="state"),
    )


class OptionValueRow(Base):
    """What one piece of it adds to the plan's limits (null: makes unlimited) and features."""

    __tablename__ = "catalog_option_value"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    option_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_option.id"))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    limits: Mapped[dict[str, int | None]] = mapped_column(JSONB)
    features: Mapped[list[str]] = mapped_column(JSONB)
    position: Mapped[int]
    state: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("option_id", "code"), CheckConstraint("state in ('on_sale','withdrawn')", name="state"))


class OptionPriceRow(ByCycle, Base):
    """What one piece costs for one cycle of the plan that it is chosen with, in one currency. Append-only."""

    __tablename__ = "catalog_option_price"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    value_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_option_value.id"))

    __table_args__ = (
        UniqueConstraint("value_id", "cycle_unit", "cycle_count", "currency", "version", name="uq_catalog_option_price_version"),
        CheckConstraint(CYCLE, name="cycle"),
        CheckConstraint("price_minor >= 0", name="price"),
    )


class PlanOptionRow(Base):
    """An option that is offered with a plan."""

    __tablename__ = "catalog_plan_option"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_plan.id"), primary_key=True)
    option_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_option.id"), primary_key=True)
    position: Mapped[int]
