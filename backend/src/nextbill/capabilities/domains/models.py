"""Tables: names, and the registrar's records of registrants."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CHAR, BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, false, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

STATES = "('pending','parked','active','refused','cancelled','expired','transferring','transferred','redemption')"
GONE = "('refused','cancelled','expired','transferred')"
TO_BILL = "state = 'active' and auto_renew and (billed_for is null or billed_for < expires_on)"
"""A name whose next renewal was not put on an invoice yet."""
RENEWAL_STATES = "('held','invoiced','renewing','parked','renewed','lapsed','withdrawn','given_up')"
RENEWAL_LIVES = "state in ('held','invoiced','renewing','parked','renewed')"


class DomainRow(Base):
    """A name in A-labels. The registrant as ordered is kept encrypted; `registrant_fingerprint` finds the registrar's record of it.

    `faults`: the registrant's fields that the registrar would not take, with its words. `auto_renew`: its holder wants it renewed. `renews_apart`: on an
    invoice of its own kind. `billed_for`: the expiry whose renewal is on an invoice, or was decided otherwise; nothing more is done about that one.
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
    auto_renew: Mapped[bool] = mapped_column(server_default=true())
    renews_apart: Mapped[bool] = mapped_column(server_default=false())
    billed_for: Mapped[date | None]
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
        Index("ix_domains_domain_to_bill", "expires_on", "id", postgresql_where=text(TO_BILL)),
        Index("ix_domains_domain_to_bill_customer", "customer_id", "expires_on", postgresql_where=text(TO_BILL)),
    )


class RenewalRow(Base):
    """The renewal of a name from one expiry on (`from_on`), once: a living one is the only one of that day.

    `held`: it cannot be invoiced as it is (`reason`), staff looks. `invoiced`: on an open invoice. `renewing`: paid for, or free, and on its way to the
    registrar. `parked`: paid for, and staff has to act. `renewed`: until `expires_on`, the registrar's day. `lapsed`: not paid in time. `withdrawn`: its
    holder does not want it, or staff lets the run try again. `given_up`: by staff, after the money was given back.

    `invoice_id`, `line_id`, `run_id`, `chunk_id`: whoever billed it knows them. `alone`: its invoice holds names only."""

    __tablename__ = "domains_renewal"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    domain_id: Mapped[UUID] = mapped_column(ForeignKey("domains_domain.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    from_on: Mapped[date]
    years: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    collection: Mapped[str] = mapped_column(Text)
    alone: Mapped[bool] = mapped_column(server_default=false())
    invoice_id: Mapped[UUID | None]
    line_id: Mapped[UUID | None]
    run_id: Mapped[UUID | None]
    chunk_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(Text)
    expires_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    paid_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    changed_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint(f"state in {RENEWAL_STATES}", name="state"),
        CheckConstraint("collection in ('charge','invoice','free')", name="collection"),
        CheckConstraint("years between 1 and 10", name="years"),
        CheckConstraint("(invoice_id is null) = (line_id is null)", name="line"),
        CheckConstraint("state <> 'invoiced' or line_id is not null", name="invoiced"),
        CheckConstraint("state not in ('held','parked') or reason is not null", name="reason"),
        CheckConstraint("state not in ('renewing','parked','renewed','given_up') or paid_at is not null", name="paid"),
        CheckConstraint("(state = 'renewed') = (expires_on is not null) and expires_on > from_on", name="renewed"),
        Index("uq_domains_renewal_living", "domain_id", "from_on", unique=True, postgresql_where=text(RENEWAL_LIVES)),
        Index("ix_domains_renewal_domain", "domain_id", "id"),
        Index("ix_domains_renewal_customer_id", "customer_id"),
        Index("ix_domains_renewal_invoice", "invoice_id", postgresql_where=text("invoice_id is not null")),
        Index("ix_domains_renewal_chunk", "chunk_id", "id", postgresql_where=text("chunk_id is not null")),
        Index("ix_domains_renewal_unpaid", "from_on", "id", postgresql_where=text("state = 'invoiced'")),
        Index("ix_domains_renewal_waiting", "id", postgresql_where=text("state in ('held','renewing','parked')")),
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
