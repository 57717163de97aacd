"""Tables of payments: what is to be paid, each try at paying it, and what went back."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

PAYABLE_STATES = "state in ('open','paid','settled','cancelled')"
ATTEMPT_STATES = "state in ('requested','open','succeeded','failed','expired','quarantined','parked')"
CHARGE = (
    "case kind when 'checkout' then method_id is null and fingerprint is null "
    "when 'charge' then method_id is not null and fingerprint is not null and consent_terms is null else false end"
)
REFUND_STATES = "state in ('requested','pending','succeeded','failed','parked')"


class PayableRow(Base):
    """An amount that a customer owes for something (the reference). `paid`: the money is here; `settled`: its owner has used it.

    The amount may only shrink, by what was paid another way or taken back: `reduced_minor` says by how much it has."""

    __tablename__ = "payments_payable"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    reference_type: Mapped[str] = mapped_column(Text)
    reference_id: Mapped[UUID]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    description: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    reduced_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    opened_at: Mapped[datetime] = mapped_column(UTC_TIME)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("reference_id", "reference_type", name="uq_payments_payable_reference"),
        CheckConstraint(PAYABLE_STATES, name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("reduced_minor >= 0", name="reduced"),
        Index("ix_payments_payable_customer", "customer_id", "id"),
    )


class AttemptRow(Base):
    """One try at paying a payable: a page on which the customer pays (`checkout`), or a saved card charged without them (`charge`).

    Amount and currency are copied from the payable when it is made. `paid_minor` and `refunded_minor` are the gateway's money; `surplus`: it came
    for a payable that needed none any more. `consent_terms` are the terms under which the customer wants the card of this page to be saved."""

    __tablename__ = "payments_attempt"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    payable_id: Mapped[UUID] = mapped_column(ForeignKey("payments_payable.id"))
    kind: Mapped[str] = mapped_column(Text, server_default=text("'checkout'"))
    method_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments_method.id"))
    fingerprint: Mapped[str | None] = mapped_column(ForeignKey("payments_card.fingerprint"))
    consent_terms: Mapped[str | None] = mapped_column(Text)
    consent_address: Mapped[str | None] = mapped_column(Text)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    description: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    return_url: Mapped[str] = mapped_column(Text)
    gateway_customer: Mapped[str | None] = mapped_column(Text)
    session_ref: Mapped[str | None] = mapped_column(Text, unique=True)
    checkout_url: Mapped[str | None] = mapped_column(Text)
    payment_ref: Mapped[str | None] = mapped_column(Text, unique=True)
    paid_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    refunded_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    surplus: Mapped[bool] = mapped_column(server_default=false())
    error_ref: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    error_message: Mapped[str | None] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(UTC_TIME)
    expires_at: Mapped[datetime] = mapped_column(UTC_TIME)
    opened_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    finished_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    next_check_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint(ATTEMPT_STATES, name="state"),
        CheckConstraint(CHARGE, name="charge"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("refunded_minor >= 0 and refunded_minor <= paid_minor", name="refunded"),
        Index("uq_payments_attempt_open", "payable_id", unique=True, postgresql_where=text("state in ('requested','open')")),
        Index("uq_payments_attempt_paid", "payable_id", unique=True, postgresql_where=text("state = 'succeeded' and not surplus")),
        Index("ix_payments_attempt_customer", "customer_id", "id"),
        Index("ix_payments_attempt_state", "state", "id"),
        Index("ix_payments_attempt_check", "next_check_at", postgresql_where=text("state = 'open'")),
        Index("ix_payments_attempt_method", "method_id", "id", postgresql_where=text("method_id is not null")),
        Index("ix_payments_attempt_card", "fingerprint", postgresql_where=text("fingerprint is not null and state in ('requested','open','parked')")),
    )


class RefundRow(Base):
    """Money on its way back. The row comes first; its amount is taken from the attempt by one conditional UPDATE."""

    __tablename__ = "payments_refund"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("payments_attempt.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    state: Mapped[str] = mapped_column(Text)
    surplus: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    request_key: Mapped[str | None] = mapped_column(Text)
    refund_ref: Mapped[str | None] = mapped_column(Text, unique=True)
    error: Mapped[str | None] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(UTC_TIME)
    finished_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    next_check_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("attempt_id", "request_key"),
        CheckConstraint(REFUND_STATES, name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_payments_refund_attempt_id", "attempt_id"),
        Index("ix_payments_refund_check", "next_check_at", postgresql_where=text("next_check_at is not null")),
    )


class GatewayCustomerRow(Base):
    """Our customer's reference at the gateway."""

    __tablename__ = "payments_gateway_customer"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"), primary_key=True)
    gateway_ref: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)


class EventCursorRow(Base):
    """How far the gateway's own list of events has been read."""

    __tablename__ = "payments_event_cursor"

    gateway: Mapped[str] = mapped_column(Text, primary_key=True)
    read_until: Mapped[datetime] = mapped_column(UTC_TIME)


class ManualRow(Base):
    """Money that came past the gateway, as staff read it off a statement. Append-only; the same line is not entered twice."""

    __tablename__ = "payments_manual"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    payable_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments_payable.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    method: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date] = mapped_column(Date)
    actor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint(
            "customer_id",
            "method",
            "reference",
            "received_on",
            "amount_minor",
            "currency",
            "payable_id",
            name="uq_payments_manual_line",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("method in ('bank_transfer','cash','cheque','card_terminal','other')", name="method"),
        CheckConstraint("reference <> ''", name="reference"),
        Index("ix_payments_manual_payable_id", "payable_id"),
    )
