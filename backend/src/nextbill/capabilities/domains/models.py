"""Tables: names, and the registrar's records of registrants."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CHAR, BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

STATES = "('pending','parked','active','refused','cancelled','expired','transferring','transferred','redemption')"
GONE = "('refused','cancelled','expired','transferred')"


class DomainRow(Base):
    """A name in A-labels. The registrant as ordered is kept encrypted; `registrant_fingerprint` finds the registrar's record of it.

    `faults`: the registrant's fields that the registrar would not take, with its words.
    """

    __tablename__ = "domains_domain"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    reference_type: Mapped[str] = mapped_column(Text)
    reference_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)
    tld: Mapped[str] = mapped_column(Text)
    years: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    nameservers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    registrant_sealed: Mapped[str] = mapped_column(Text)
    registrant_fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    registrar_ref: Mapped[str | None] = mapped_column(Text)
    expires_on: Mapped[date | None]
    cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    cost_currency: Mapped[str | None] = mapped_column(CHAR(3))
    reason: Mapped[str | None] = mapped_column(Text)
    faults: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    requested_at: Mapped[datetime] = mapped_column(UTC_TIME)
    registered_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    changed_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="state"),
        CheckConstraint("years between 1 and 10", name="years"),
        CheckConstraint("name = lower(name)", name="name"),
        CheckConstraint("cardinality(nameservers) >= 2", name="nameservers"),
        CheckConstraint("(cost_minor is null) = (cost_currency is null)", name="cost"),
        CheckConstraint("state <> 'active' or registrar_ref is not null", name="has_registrar_ref"),
        Index("uq_domains_domain_live_name", "name", unique=True, postgresql_where=text(f"state not in {GONE}")),
        Index(
            "uq_domains_domain_reference",
            "reference_type",
            "reference_id",
            unique=True,
            postgresql_where=text("state not in ('refused','cancelled')"),
        ),
        Index("ix_domains_domain_customer_id", "customer_id"),
        Index("ix_domains_domain_expires", "expires_on", "id", postgresql_where=text("state = 'active'")),
    )


class HandleRow(Base):
    """The registrar's own ids for a customer's registrant data, by ending: some endings demand a contact of their own kind.
    Other data (a moved customer) is another record, so a fingerprint tells them apart.
    """

    __tablename__ = "domains_handle"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    tld: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    customer_ref: Mapped[str] = mapped_column(Text)
    contact_ref: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (UniqueConstraint("customer_id", "tld", "fingerprint"),)


class CostRow(Base):
    """What a registrar charges us for a year of a name, as staff keeps it: used where the registrar does not say what it took."""

    __tablename__ = "domains_cost"

    tld: Mapped[str] = mapped_column(Text, primary_key=True)
    operation: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    set_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("operation in ('register','renew','transfer')", name="operation"),
        CheckConstraint("price_minor >= 0", name="price"),
    )


class NoticeRow(Base):
    """The registrant was told of this expiry at that threshold; below zero: so many days after it. Once, whatever else is set."""

    __tablename__ = "domains_notice"

    domain_id: Mapped[UUID] = mapped_column(ForeignKey("domains_domain.id"), primary_key=True)
    expires_on: Mapped[date] = mapped_column(primary_key=True)
    days_before: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("days_before between -30 and 366", name="days_before"),
        Index("ix_domains_notice_customer_id", "customer_id"),
    )


class PassRow(Base):
    """How far the daily looks have come: all days up to `done_on` were looked at to their end."""

    __tablename__ = "domains_pass"

    what: Mapped[str] = mapped_column(Text, primary_key=True)
    done_on: Mapped[date]
