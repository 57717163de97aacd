"""What is known of buyers: their tax ids and each check of them, exemptions, evidence of where they are."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CHAR, CheckConstraint, Date, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME


class TaxIdRow(Base):
    """A customer's tax id as it stands. `next_at`: when it is to be checked (again), by the business clock; None: not by itself."""

    __tablename__ = "tax_id"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"), primary_key=True)
    tax_id: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(CHAR(2))
    state: Mapped[str] = mapped_column(Text)
    problem: Mapped[str | None] = mapped_column(Text)
    tries: Mapped[int]
    requested_at: Mapped[datetime] = mapped_column(UTC_TIME)
    checked_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    next_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("state in ('pending','valid','invalid','unavailable','unchecked')", name="state"),
        CheckConstraint("state not in ('valid','invalid') or checked_at is not null", name="checked"),
        Index("ix_tax_id_next_at", "next_at"),
    )


class IdCheckRow(Base):
    """One answer of VIES, the evidence for a reverse charge. Name and address, encrypted, are all that can ever be taken out of it.

    `outcome` is valid, invalid or unavailable; `reason` is VIES's word where it did not answer."""

    __tablename__ = "tax_id_check"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    tax_id: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    request_identifier: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("outcome in ('valid','invalid','unavailable')", name="outcome"),
        Index("ix_tax_id_check_customer_id", "customer_id", "id"),
    )


class ExemptionRow(Base):
    """A certificate that frees a customer from a country's tax, granted by staff. It can only be ended earlier."""

    __tablename__ = "tax_exemption"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    country: Mapped[str] = mapped_column(CHAR(2))
    state: Mapped[str | None] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    granted_at: Mapped[datetime] = mapped_column(UTC_TIME)
    granted_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (CheckConstraint("valid_until >= valid_from", name="days"), Index("ix_tax_exemption_customer_id", "customer_id", "id"))


class EvidenceRow(Base):
    """One thing that says in which country the buyer of a sale is. Holds the country and where it is from, never the address itself. Append-only."""

    __tablename__ = "tax_evidence"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(CHAR(2))
    source_type: Mapped[str] = mapped_column(Text)
    source_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("kind in ('billing_address','ip_address','card','bank','phone','self_declared')", name="kind"),
        UniqueConstraint("subject_type", "subject_id", "kind"),
        Index("ix_tax_evidence_customer_id", "customer_id", "id"),
    )
