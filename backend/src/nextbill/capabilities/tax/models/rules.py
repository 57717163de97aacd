"""Tax rules with the days on which they hold, the shop's policy in versions, and what a provider answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

CATEGORY = "category in ('S','Z','E','AE','K','G','O')"


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
    category: Mapped[str] = mapped_column(Text)
    exemption_code: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("buyer in ('any','consumer','business','registered')", name="buyer"),
        CheckConstraint("rate_ppm between 0 and 1000000", name="rate"),
        CheckConstraint("valid_until is null or valid_until > valid_from", name="days"),
        CheckConstraint(CATEGORY, name="category"),
        CheckConstraint("(category = 'S') = (rate_ppm > 0)", name="category_rate"),
        Index("ix_tax_rule_country", "country"),
        Index("uq_tax_rule_version", "country", text("coalesce(state, '')"), text("coalesce(product_class, '')"), "buyer", "version", unique=True),
    )


class PolicyRow(Base):
    """A version of the shop's choices; the last one whose day has come holds. Append-only."""

    __tablename__ = "tax_policy"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    effective_on: Mapped[date] = mapped_column(Date)
    seller_country: Mapped[str] = mapped_column(CHAR(2))
    home_currency: Mapped[str] = mapped_column(CHAR(3))
    requester_id: Mapped[str | None] = mapped_column(Text)
    oss: Mapped[str] = mapped_column(Text)
    threshold_minor: Mapped[int | None] = mapped_column(BigInteger)
    small_business: Mapped[bool]
    small_business_notes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    inclusive: Mapped[bool]
    inclusive_by_country: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rounding_scope: Mapped[str] = mapped_column(Text)
    rounding_mode: Mapped[str] = mapped_column(Text)
    third_country: Mapped[str] = mapped_column(CHAR(1))
    recheck_days: Mapped[int]
    late_proof: Mapped[str] = mapped_column(Text)
    provider_countries: Mapped[list[str]] = mapped_column(JSONB)
    provider_failure: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    created_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("oss in ('auto','registered','below_threshold')", name="oss"),
        CheckConstraint("threshold_minor >= 0", name="threshold"),
        CheckConstraint("rounding_scope in ('line','invoice') and rounding_mode in ('half_up','half_even','down')", name="rounding"),
        CheckConstraint("third_country in ('O','G')", name="third_country"),
        CheckConstraint("recheck_days between 1 and 366", name="recheck"),
        CheckConstraint("late_proof in ('automatic','task')", name="late_proof"),
        CheckConstraint("provider_failure in ('refuse','own_rules')", name="provider_failure"),
    )


class ProviderRateRow(Base):
    """What the provider says a class of products bears at a place. `asked_at` without `answered_at`: nobody has answered yet."""

    __tablename__ = "tax_provider_rate"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(CHAR(2))
    state: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str] = mapped_column(Text)
    product_class: Mapped[str] = mapped_column(Text)
    rate_ppm: Mapped[int | None]
    name: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int]
    problem: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UTC_TIME)
    next_at: Mapped[datetime] = mapped_column(UTC_TIME)
    answered_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("country", "state", "postal_code", "product_class"),
        CheckConstraint("rate_ppm between 0 and 1000000 and (rate_ppm is null) = (answered_at is null)", name="answer"),
        Index("ix_tax_provider_rate_next_at", "next_at"),
    )
