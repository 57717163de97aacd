"""Proformas, invoices, credit notes, their lines, and the counters of their numbers.

A document copies whatever it prints. Once issued, the database lets nothing of it change but state and what is due, paid, credited.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Sequence,
    Text,
    UniqueConstraint,
    false,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

# Not a counter row: a proforma has no legal number, so a gap does no harm, and orders do not wait for each other.
PROFORMA_NUMBERS = Sequence("invoicing_proforma_number", metadata=Base.metadata)

AMOUNTS = "net_minor >= 0 and tax_minor >= 0 and total_minor = net_minor + tax_minor"
ISSUED = "(state = 'draft') = (number is null) and num_nulls(series, sequence, number, issued_on, due_on, issued_at) in (0, 6)"
BALANCED = "number is null or due_minor + paid_minor + taken_off_minor + written_off_minor = total_minor"
PROGRESS = "due_minor between 0 and total_minor and paid_minor between 0 and total_minor and credited_minor between 0 and total_minor"
LINE = (
    "quantity > 0 and discount_minor >= 0 and unit_net_minor * quantity - discount_minor = net_minor "
    "and (discount_minor > 0) = (discount_note is not null)"
)
CATEGORY = "tax_category in ('S','Z','E','AE','K','G','O')"
DOCUMENTS = "('proforma','invoice','credit_note','receipt')"
DOCUMENT_MAX_BYTES = 8 * 1024 * 1024
LIVING_PERIOD = "period_start is not null and not voided"


class CounterRow(Base):
    """The last number of a series such as INV-2026. Moved only by the function invoicing_next_number, one at a time."""

    __tablename__ = "invoicing_counter"

    series: Mapped[str] = mapped_column(Text, primary_key=True)
    last: Mapped[int]


class _Amounts:
    """Columns of everything that has a net, a tax and their sum."""

    currency: Mapped[str] = mapped_column(CHAR(3))
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    total_minor: Mapped[int] = mapped_column(BigInteger)


class _AnyLine(_Amounts):
    """Columns of a line, with the tax and why. `details` holds the inputs of its number; no personal data."""

    position: Mapped[int]
    description: Mapped[str] = mapped_column(Text)
    product_class: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int]
    unit_net_minor: Mapped[int] = mapped_column(BigInteger)
    discount_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    discount_note: Mapped[str | None] = mapped_column(Text)
    tax_rate_ppm: Mapped[int]
    tax_note: Mapped[str] = mapped_column(Text)
    tax_rule_id: Mapped[UUID | None]
    tax_category: Mapped[str] = mapped_column(Text)
    tax_exemption_code: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class _Line(_AnyLine):
    """What was sold, and the time that it pays for."""

    reference_type: Mapped[str] = mapped_column(Text)
    reference_id: Mapped[UUID]
    period_start: Mapped[date | None] = mapped_column(Date)
    period_end: Mapped[date | None] = mapped_column(Date)


class ProformaRow(_Amounts, Base):
    """What a customer is asked to pay. No legal number, no postings."""

    __tablename__ = "invoicing_proforma"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    number: Mapped[str] = mapped_column(Text, unique=True)
    state: Mapped[str] = mapped_column(Text)
    origin_type: Mapped[str] = mapped_column(Text)
    origin_id: Mapped[UUID]
    payable_id: Mapped[UUID] = mapped_column(ForeignKey("payments_payable.id"), unique=True)
    buyer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    buyer_reference: Mapped[str | None] = mapped_column(Text)
    order_number: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("state in ('open','invoiced','cancelled')", name="state"),
        CheckConstraint(AMOUNTS, name="amounts"),
        Index("uq_invoicing_proforma_origin", "origin_type", "origin_id", unique=True, postgresql_where=text("state <> 'cancelled'")),
        Index("ix_invoicing_proforma_customer", "customer_id", "id"),
    )


class ProformaLineRow(_Line, Base):
    __tablename__ = "invoicing_proforma_line"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    proforma_id: Mapped[UUID] = mapped_column(ForeignKey("invoicing_proforma.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))

    __table_args__ = (
        UniqueConstraint("proforma_id", "position"),
        CheckConstraint(AMOUNTS, name="amounts"),
        CheckConstraint(LINE, name="line"),
        CheckConstraint(CATEGORY, name="tax_category"),
    )


class FormRow(Base):
    """What invoices that were written together say in the same words, said once: who sells, and the inputs of each line's number, by the lines' positions.
    Customers see the forms of their own invoices. Append-only."""

    __tablename__ = "invoicing_form"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seller: Mapped[dict[str, Any]] = mapped_column(JSONB)
    details: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    __table_args__ = (CheckConstraint("jsonb_typeof(seller) = 'object' and jsonb_typeof(details) = 'array'", name="kinds"),)


class InvoiceRow(_Amounts, Base):
    """A legal invoice: a draft until it has its number. `due_minor` is what is still on the receivable account for it, `taken_off_minor`
    what credit notes took off that, `written_off_minor` what nobody expects any more. `version` counts the changes of a draft.
    `form_id`: where it says what many say (`queries.said_on`), its seller among it.
    Customer, payable and form are referred to by statement (migrations 0025, 0032), like a line's customer; a payable is for one invoice (migration 0033)."""

    __tablename__ = "invoicing_invoice"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(Text)
    series: Mapped[str | None] = mapped_column(Text)
    sequence: Mapped[int | None]
    number: Mapped[str | None] = mapped_column(Text)
    proforma_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoicing_proforma.id"))
    origin_type: Mapped[str] = mapped_column(Text)
    origin_id: Mapped[UUID]
    payable_id: Mapped[UUID | None]
    form_id: Mapped[UUID | None]
    due_minor: Mapped[int] = mapped_column(BigInteger)
    paid_minor: Mapped[int] = mapped_column(BigInteger)
    credited_minor: Mapped[int] = mapped_column(BigInteger)
    taken_off_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    written_off_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    buyer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    seller: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    buyer_reference: Mapped[str | None] = mapped_column(Text)
    order_number: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(Text)
    terms_days: Mapped[int | None]
    issued_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    issued_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    paid_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("state in ('draft','open','paid','void','uncollectible')", name="state"),
        CheckConstraint(AMOUNTS, name="amounts"),
        CheckConstraint(ISSUED, name="issued"),
        CheckConstraint("num_nonnulls(seller, form_id) = 1", name="form"),
        CheckConstraint(PROGRESS, name="progress"),
        CheckConstraint("state in ('draft','open','uncollectible') or due_minor = 0", name="due"),
        CheckConstraint("terms_days between 0 and 365", name="terms"),
        CheckConstraint(BALANCED, name="balanced"),
        CheckConstraint("taken_off_minor >= 0 and written_off_minor >= 0", name="taken_off"),
        CheckConstraint("number is null or payable_id is not null", name="payable"),
        CheckConstraint("state in ('draft','uncollectible') or written_off_minor = 0", name="written_off"),
        UniqueConstraint("series", "sequence"),
        Index("ix_invoicing_invoice_customer", "customer_id", "id"),
        Index("ix_invoicing_invoice_origin", "origin_type", "origin_id", postgresql_where=text("origin_type <> 'subscriptions.run'")),
        Index("ix_invoicing_invoice_open", "due_on", "id", postgresql_where=text("state = 'open'")),
        Index("ix_invoicing_invoice_state", "state", "id", postgresql_where=text("state not in ('open', 'paid')")),
        Index("ix_invoicing_invoice_issued", "issued_on"),
        Index("uq_invoicing_invoice_number", "number", unique=True, postgresql_ops={"number": "text_pattern_ops"}),
        Index("uq_invoicing_invoice_proforma_id", "proforma_id", unique=True, postgresql_where=text("proforma_id is not null")),
        Index("ix_invoicing_invoice_order_number", "order_number", postgresql_where=text("order_number is not null")),
    )


def _beginning(key: str) -> Any:
    return func.lower(InvoiceRow.buyer.op("->>")(literal_column(f"'{key}'")))


Index("ix_invoicing_invoice_buyer", _beginning("name").label("name"), postgresql_ops={"name": "text_pattern_ops"})
Index(
    "ix_invoicing_invoice_company",
    _beginning("company").label("company"),
    postgresql_ops={"company": "text_pattern_ops"},
    postgresql_where=_beginning("company").is_not(None),
)


class InvoiceLineRow(_Line, Base):
    """`voided` frees the (reference, period) to be invoiced again; nothing else of an issued line changes."""

    __tablename__ = "invoicing_invoice_line"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    invoice_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    voided: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint(AMOUNTS, name="amounts"),
        CheckConstraint(LINE, name="line"),
        CheckConstraint(CATEGORY, name="tax_category"),
        Index(
            "uq_invoicing_invoice_line_period", "reference_id", "reference_type", "period_start", unique=True, postgresql_where=text(LIVING_PERIOD)
        ),
    )


class CreditNoteRow(_Amounts, Base):
    """Reverses an invoice or some of its lines. Amounts are above zero; `taken_off_minor` of the total had not been paid. Append-only."""

    __tablename__ = "invoicing_credit_note"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoicing_invoice.id"))
    series: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(Text, unique=True)
    reason: Mapped[str] = mapped_column(Text)
    buyer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    seller: Mapped[dict[str, Any]] = mapped_column(JSONB)
    taken_off_minor: Mapped[int] = mapped_column(BigInteger)
    issued_on: Mapped[date] = mapped_column(Date)
    issued_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint(AMOUNTS, name="amounts"),
        UniqueConstraint("series", "sequence"),
        Index("ix_invoicing_credit_note_invoice_id", "invoice_id"),
    )


class CreditNoteLineRow(_AnyLine, Base):
    """A line of the invoice, or an amount of it, reversed at the rate that it was sold at."""

    __tablename__ = "invoicing_credit_note_line"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    credit_note_id: Mapped[UUID] = mapped_column(ForeignKey("invoicing_credit_note.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    invoice_line_id: Mapped[UUID] = mapped_column(ForeignKey("invoicing_invoice_line.id"))

    __table_args__ = (
        UniqueConstraint("credit_note_id", "position"),
        CheckConstraint(AMOUNTS, name="amounts"),
        CheckConstraint(LINE, name="line"),
        CheckConstraint(CATEGORY, name="tax_category"),
        Index("ix_invoicing_credit_note_line_invoice_line_id", "invoice_line_id"),
    )


class PaymentRow(Base):
    """Money that was applied to an invoice, by `position` in its row of payments. `source`: gateway (its attempt), manual, credit. Append-only."""

    __tablename__ = "invoicing_payment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoicing_invoice.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    position: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    source: Mapped[str] = mapped_column(Text)
    source_id: Mapped[UUID | None]
    applied_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("source in ('gateway','manual','credit')", name="source"),
        CheckConstraint("(source = 'credit') = (source_id is null)", name="source_id"),
    )


class DocumentRow(Base):
    """A file as it was first written: handed out for ever, never written again. Append-only; the database checks the digest."""

    __tablename__ = "invoicing_document"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    media_type: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(CHAR(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint(f"kind in {DOCUMENTS}", name="kind"),
        CheckConstraint("media_type in ('application/pdf','application/xml')", name="media_type"),
        CheckConstraint(f"octet_length(content) between 1 and {DOCUMENT_MAX_BYTES}", name="size"),
        CheckConstraint("sha256 = encode(sha256(content), 'hex')", name="sha256"),
        UniqueConstraint("kind", "subject_id", "media_type"),
        Index("ix_invoicing_document_customer", "customer_id", "id"),
    )
