"""Tables: licenses and the quota of each resource."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Date,
    FetchedValue,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME


class LicenseRow(Base):
    """`key_sealed` is the key encrypted, `key_hash` a keyed hash for finding it. `server_id` is hosting's, opaque here.

    `features` are the plan's (`plan_features`) as staff changed them. `revision` goes up with each change, by a trigger: a lease of an older one is void.
    """

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
    plan_features: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))
    revision: Mapped[int] = mapped_column(server_default=text("1"), server_onupdate=FetchedValue())
    key_rotated_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
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
        CheckConstraint("suspension_reasons <@ array['unpaid','abuse','fraud','legal','paused']", name="suspension_reasons"),
        Index("ix_licensing_license_customer", "customer_id", "id"),
        Index("ix_licensing_license_server", "server_id", "id"),
        Index("ix_licensing_license_state", "state", "id"),
    )


class QuotaRow(Base):
    """How many of a resource are allowed (`limit_count` null: unlimited), used and reserved. `used_count` may exceed a lowered limit.

    `plan_limit` is the plan's; where `overridden`, `limit_count` is what staff gave instead. `set_at`: the time of the last report that set the count.
    """

    __tablename__ = "licensing_quota"

    license_id: Mapped[UUID] = mapped_column(ForeignKey("licensing_license.id"), primary_key=True)
    resource: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    limit_count: Mapped[int | None]
    plan_limit: Mapped[int | None]
    overridden: Mapped[bool] = mapped_column(server_default=false())
    set_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    used_count: Mapped[int] = mapped_column(server_default=text("0"))
    reserved_count: Mapped[int] = mapped_column(server_default=text("0"))

    __table_args__ = (
        CheckConstraint("limit_count >= 0", name="limit_count"),
        CheckConstraint("used_count >= 0", name="used_count"),
        CheckConstraint("reserved_count >= 0", name="reserved_count"),
        Index("ix_licensing_quota_customer_id", "customer_id"),
    )


class ReservationRow(Base):
    """Units of a quota held for a panel that is about to make something. `external_id` is the panel's own: the same one holds once."""

    __tablename__ = "licensing_reservation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    license_id: Mapped[UUID]
    resource: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[UUID]
    quantity: Mapped[int]
    external_id: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UTC_TIME)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    settled_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("license_id", "external_id"),
        CheckConstraint("quantity between 1 and 1000", name="quantity"),
        CheckConstraint("state in ('held','committed','released','expired')", name="state"),
        CheckConstraint("(state = 'held') = (settled_at is null)", name="settled"),
        Index("ix_licensing_reservation_held", "expires_at", postgresql_where=text("state = 'held'")),
        Index("ix_licensing_reservation_settled", "settled_at", postgresql_where=text("state <> 'held'")),
    )


class UsageReceiptRow(Base):
    """The event ids that were counted, for as long as they are remembered."""

    __tablename__ = "licensing_usage_receipt"

    license_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[UUID]
    received_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (Index("ix_licensing_usage_receipt_received_at", "received_at"),)


class UsageEventRow(Base):
    """Each change of what is used. Append-only, in partitions of a month (`runtime_ensure_months`)."""

    __tablename__ = "licensing_usage_event"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTC_TIME, primary_key=True)
    license_id: Mapped[UUID]
    resource: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[UUID]
    action: Mapped[str] = mapped_column(Text)
    count: Mapped[int]
    used_before: Mapped[int]
    used_after: Mapped[int]
    limit_count: Mapped[int | None]
    event_id: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("action in ('created','deleted','set','committed')", name="action"),
        CheckConstraint("used_before >= 0 and used_after >= 0", name="counts"),
        Index("ix_licensing_usage_event_license", "license_id", "at"),
        {"postgresql_partition_by": "range (at)"},
    )


class AlertRow(Base):
    """A share of a limit was reached: once for each license, resource, threshold, month (`period`) and limit."""

    __tablename__ = "licensing_alert"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    license_id: Mapped[UUID] = mapped_column(ForeignKey("licensing_license.id"))
    resource: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    threshold: Mapped[int]
    period: Mapped[date] = mapped_column(Date)
    limit_count: Mapped[int]
    used_count: Mapped[int]
    raised_at: Mapped[datetime] = mapped_column(UTC_TIME)
    announced_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("license_id", "resource", "threshold", "period", "limit_count"),
        CheckConstraint("threshold in (80, 90, 100)", name="threshold"),
        Index("ix_licensing_alert_customer", "customer_id", "id"),
        Index("ix_licensing_alert_unannounced", "id", postgresql_where=text("announced_at is null")),
    )


class RevocationRow(Base):
    """Leases of a license below this revision are void. In the order of (`xid`, `seq`); `seq` alone is not the order of commits."""

    __tablename__ = "licensing_revocation"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(BigInteger, server_default=text("pg_current_xact_id()::text::bigint"))
    license_id: Mapped[UUID]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    server_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("reason in ('suspended','cancelled','rotated','moved','changed')", name="reason"),
        Index("ix_licensing_revocation_order", "xid", "seq"),
        Index("ix_licensing_revocation_customer_id", "customer_id"),
    )


class SigningKeyRow(Base):
    """An Ed25519 key that leases are signed with from `signs_from` until `signs_until`, its public half shown until `published_until`."""

    __tablename__ = "licensing_signing_key"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(Text, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    private_key_sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    signs_from: Mapped[datetime] = mapped_column(UTC_TIME)
    signs_until: Mapped[datetime | None] = mapped_column(UTC_TIME)
    published_until: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("octet_length(public_key) = 32", name="public_key"),
        CheckConstraint("signs_until >= signs_from and published_until >= created_at", name="times"),
    )
