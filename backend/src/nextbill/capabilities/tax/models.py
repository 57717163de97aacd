"""Tax rules, with the days on which they hold."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CHAR, CheckConstraint, Date, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME


class TaxRuleRow(Base):
    """What a rule says never changes; it can only be ended by `valid_until`. Documents copy rate and name."""

    __tablename__ = "tax_rule"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(CHAR(2))
    state: Mapped[str | None] = mapped_column(Text)
    product_class: Mapped[str | None] = mapped_column(Text)
    buyer: Mapped[str] = mapped_column(Text)
    rate_ppm: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("buyer in ('any','consumer','business','registered')", name="buyer"),
        CheckConstraint("rate_ppm between 0 and 1000000", name="rate"),
        CheckConstraint("valid_until is null or valid_until > valid_from", name="days"),
        Index("ix_tax_rule_country", "country"),
    )
