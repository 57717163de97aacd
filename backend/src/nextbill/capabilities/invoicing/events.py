"""What became of documents."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from nextbill.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class InvoicePaid(Event):
    """The legal invoice exists and nothing is due on it. `proforma_id` is None where the invoice was issued before it was paid."""

    invoice_id: UUID
    proforma_id: UUID | None
    customer_id: UUID
    origin_type: str
    origin_id: UUID


@dataclass(frozen=True, kw_only=True)
class CreditNoteIssued(Event):
    """An invoiced supply was reversed, wholly or by some lines."""

    credit_note_id: UUID
    invoice_id: UUID
    customer_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PaymentApplied(Event):
    """A part of an invoice was paid; `due_minor` is what is still due on it."""

    invoice_id: UUID
    customer_id: UUID
    amount_minor: int
    currency: str
    due_minor: int


@dataclass(frozen=True, kw_only=True)
class InvoiceIssued(Event):
    """An invoice that staff made has its number, and waits for its payment."""

    invoice_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class InvoiceSendingRequested(Event):
    """The document is to go out by mail, with a link to pay it where something is due."""

    invoice_id: UUID
    customer_id: UUID
    requested_by: str


@dataclass(frozen=True, kw_only=True)
class InvoiceWrittenOff(Event):
    """Nobody expects the money any more. The invoice can still be paid."""

    invoice_id: UUID
    customer_id: UUID
    amount_minor: int
    currency: str
