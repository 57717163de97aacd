"""Endings of names, and what their years cost."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, ForeignKey, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.capabilities.catalog.models.prices import Versioned
from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME


class TldRow(Base):
    """An ending that is sold, without its leading dot, in A-labels."""

    __tablename__ = "catalog_tld"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tld: Mapped[str] = mapped_column(Text, unique=True)
    min_years: Mapped[int]
    max_years: Mapped[int]
    position: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("state in ('on_sale','withdrawn')", name="state"),
        CheckConstraint("1 <= min_years and min_years <= max_years and max_years <= 10", name="years"),
    )


class TldPriceRow(Versioned, Base):
    """What `years` of a name cost together, by operation. Years without a price of their own cost so many times one. Append-only.

    `cost_minor`: what the registrar takes, in its currency; null where nobody said."""

    __tablename__ = "catalog_tld_price"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tld_id: Mapped[UUID] = mapped_column(ForeignKey("catalog_tld.id"))
    operation: Mapped[str] = mapped_column(Text)
    years: Mapped[int] = mapped_column(server_default=text("1"))
    cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    cost_currency: Mapped[str | None] = mapped_column(CHAR(3))

    __table_args__ = (
        UniqueConstraint("tld_id", "operation", "years", "currency", "version", name="uq_catalog_tld_price_version"),
        CheckConstraint("operation in ('register','renew','transfer')", name="operation"),
        CheckConstraint("years between 1 and 10", name="years"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("cost_minor >= 0 and num_nulls(cost_minor, cost_currency) in (0, 2)", name="cost"),
    )
