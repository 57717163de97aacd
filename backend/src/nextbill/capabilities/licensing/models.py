"""Tables: licenses and the quota of each resource."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME


class LicenseRow(Base):
    """`key_sealed` is the key encrypted, `key_hash` a keyed hash for finding it. `server_id` is hosting's, opaque here."""

    __tablename__ = "licensing_license"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    reference_type: Mapped[str] = mapped_column(Text)
    reference_id: Mapped[UUID]
    plan_code: Mapped[str] = mapped_column(Text)
    plan_name: Mapped[str] = mapped_column(Text)
    features: Mapped[list[str]] = mapped_column(JSONB)
    key_sealed: Mapped[str] = mapped_column(Text)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary)
    key_hint: Mapped[str] = mapped_column(Text)
    server_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(Text)
    suspension_reasons: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    expires_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    issued_at: Mapped[datetime] = mapped_column(UTC_TIME)
    changed_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("reference_type", "reference_id"),
        UniqueConstraint("key_hash"),
        CheckConstraint("state in ('active','suspended','cancelled')", name="state"),
        CheckConstraint("state = 'cancelled' or (state = 'suspended') = (cardinality(suspension_reasons) > 0)", name="suspended_for_a_reason"),
        CheckConstraint("suspension_reasons <@ array['unpaid','abuse','fraud','legal']", name="suspension_reasons"),
        Index("ix_licensing_license_customer", "customer_id", "id"),
    )


class QuotaRow(Base):
    """How many of a resource are allowed (`limit_count` null: unlimited), used and reserved. `used_count` may exceed a lowered limit."""

    __tablename__ = "licensing_quota"

    license_id: Mapped[UUID] = mapped_column(ForeignKey("licensing_license.id"), primary_key=True)
    resource: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    limit_count: Mapped[int | None]
    used_count: Mapped[int] = mapped_column(server_default=text("0"))
    reserved_count: Mapped[int] = mapped_column(server_default=text("0"))

    __table_args__ = (
        CheckConstraint("limit_count >= 0", name="limit_count"),
        CheckConstraint("used_count >= 0", name="used_count"),
        CheckConstraint("reserved_count >= 0", name="reserved_count"),
        Index("ix_licensing_quota_customer_id", "customer_id"),
    )
