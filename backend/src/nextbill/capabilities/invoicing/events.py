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
