"""Plans and endings, and their prices by version. A price never changes: a new one is a new version."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME


class PlanRow(Base):
    """`features`: codes that the plan names; `limits`: resource → how many, null where unlimited."""

    __tablename__ = "catalog_plan"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    tagline: Mapped[str] = mapped_column(Text)
    features: Mapped[list[str]] = mapped_column(JSONB)
    limits: Mapped[dict[str, int | None]] = mapped_column(JSONB)
    position: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (CheckConstraint("state in ('on_sale','withdrawn')", name="state"),)


class PlanPriceRow(Base):
    """What a plan costs for one cycle in one currency from `valid_from` on. Append-only."""

    __tablename__ = "catalog_plan_price"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_plan.id"))
    cycle_unit: Mapped[str] = mapped_column(Text)
    cycle_count: Mapped[int]
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    version: Mapped[int]
    valid_from: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("plan_id", "cycle_unit", "cycle_count", "currency", "version", name="uq_catalog_plan_price_version"),
        CheckConstraint("cycle_unit in ('day','week','month','year') and cycle_count > 0", name="cycle"),
        CheckConstraint("price_minor >= 0", name="price"),
    )


class TldRow(Base):
    """An ending that is sold, without its leading dot, in A-labels."""

    __tablename__ = "catalog_tld"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tld: Mapped[str] = mapped_column(Text, unique=True)
    min_years: Mapped[int]
    max_years: Mapped[int]
    position: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("state in ('on_sale','withdrawn')", name="state"),
        CheckConstraint("1 <= min_years and min_years <= max_years and max_years <= 10", name="years"),
    )


class TldPriceRow(Base):
    """What a year of a name costs, by operation. Append-only."""

    __tablename__ = "catalog_tld_price"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tld_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_tld.id"))
    operation: Mapped[str] = mapped_column(Text)
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    version: Mapped[int]
    valid_from: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("tld_id", "operation", "currency", "version", name="uq_catalog_tld_price_version"),
        CheckConstraint("operation in ('register','renew','transfer')", name="operation"),
        CheckConstraint("price_minor >= 0", name="price"),
    )
