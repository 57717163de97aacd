"""Tables of saved cards: how they came, whose they are, and what their banks have said of them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

SETUP_STATES = "state in ('requested','open','succeeded','failed','expired','parked')"
METHOD_STATES = "state in ('active','replaced','removed')"


class SetupRow(Base):
    """One try at saving a card on a page of the gateway's, with the consent under which it may be charged later."""

    __tablename__ = "payments_setup"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    state: Mapped[str] = mapped_column(Text)
    return_url: Mapped[str] = mapped_column(Text)
    consent_terms: Mapped[str] = mapped_column(Text)
    consent_address: Mapped[str] = mapped_column(Text)
    gateway_customer: Mapped[str | None] = mapped_column(Text)
    session_ref: Mapped[str | None] = mapped_column(Text, unique=True)
    setup_url: Mapped[str | None] = mapped_column(Text)
    method_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments_method.id"))
    error: Mapped[str | None] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(UTC_TIME)
    expires_at: Mapped[datetime] = mapped_column(UTC_TIME)
    opened_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    finished_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    next_check_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint(SETUP_STATES, name="state"),
        CheckConstraint("(state = 'succeeded') = (method_id is not null)", name="method"),
        Index("uq_payments_setup_open", "customer_id", unique=True, postgresql_where=text("state in ('requested','open')")),
        Index("ix_payments_setup_customer", "customer_id", "id"),
        Index("ix_payments_setup_check", "next_check_at", postgresql_where=text("state = 'open'")),
    )


class CardRow(Base):
    """A card by the gateway's fingerprint, whoever saved it. `barred_reason`: its bank will never approve again, or the customer took the consent back."""

    __tablename__ = "payments_card"

    fingerprint: Mapped[str] = mapped_column(Text, primary_key=True)
    brand: Mapped[str] = mapped_column(Text)
    barred_reason: Mapped[str | None] = mapped_column(Text)
    barred_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (CheckConstraint("(barred_reason is null) = (barred_at is null)", name="barred"),)


class MethodRow(Base):
    """A customer's saved card. `replaced`: the same card was saved again, mostly with a new expiry date.

    `problem` is what its bank last said against a charge, `barred`: it is not charged again."""

    __tablename__ = "payments_method"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    gateway_ref: Mapped[str] = mapped_column(Text, unique=True)
    gateway_customer: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(ForeignKey("payments_card.fingerprint"))
    brand: Mapped[str] = mapped_column(Text)
    last4: Mapped[str] = mapped_column(Text)
    exp_month: Mapped[int] = mapped_column(SmallInteger)
    exp_year: Mapped[int] = mapped_column(SmallInteger)
    funding: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    is_default: Mapped[bool]
    problem: Mapped[str | None] = mapped_column(Text)
    barred: Mapped[bool] = mapped_column(server_default=false())
    consent_terms: Mapped[str] = mapped_column(Text)
    consent_address: Mapped[str] = mapped_column(Text)
    consented_at: Mapped[datetime] = mapped_column(UTC_TIME)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    ended_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    detached_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint(METHOD_STATES, name="state"),
        CheckConstraint("(state = 'active') = (ended_at is null)", name="ended"),
        CheckConstraint("state = 'active' or not is_default", name="default"),
        CheckConstraint("exp_month between 1 and 12 and exp_year between 2000 and 2200", name="expiry"),
        Index("uq_payments_method_default", "customer_id", unique=True, postgresql_where=text("is_default")),
        Index("uq_payments_method_card", "customer_id", "fingerprint", unique=True, postgresql_where=text("state = 'active'")),
        Index("ix_payments_method_customer", "customer_id", "id"),
        Index("ix_payments_method_expiry", "exp_year", "exp_month", "id", postgresql_where=text("is_default")),
    )


class NoticeRow(Base):
    """A notice of a card that expires: once for each (card, day of expiry, days before)."""

    __tablename__ = "payments_method_notice"

    method_id: Mapped[UUID] = mapped_column(ForeignKey("payments_method.id"), primary_key=True)
    expires_on: Mapped[date] = mapped_column(Date, primary_key=True)
    days_before: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)


class DeclineRow(Base):
    """A charge that the card's bank declined; append-only, it is what the caps of the card schemes count."""

    __tablename__ = "payments_decline"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("payments_attempt.id"), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    fingerprint: Mapped[str] = mapped_column(ForeignKey("payments_card.fingerprint"))
    code: Mapped[str] = mapped_column(Text)
    advice: Mapped[str | None] = mapped_column(Text)
    course: Mapped[str] = mapped_column(Text)
    declined_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("course in ('retry','customer','never')", name="course"),
        Index("ix_payments_decline_card", "fingerprint", "declined_at"),
        Index("ix_payments_decline_customer", "customer_id", "attempt_id"),
    )


class SchemeCapRow(Base):
    """How many declines of one card a scheme allows within so many hours. `brand` '*' is for those that have no row of their own."""

    __tablename__ = "payments_scheme_cap"

    brand: Mapped[str] = mapped_column(Text, primary_key=True)
    hours: Mapped[int] = mapped_column(primary_key=True)
    declines: Mapped[int]

    __table_args__ = (CheckConstraint("hours between 1 and 8784 and declines > 0", name="cap"),)
