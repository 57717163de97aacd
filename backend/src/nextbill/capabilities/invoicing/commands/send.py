"""Sending a document out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from nextbill.capabilities.invoicing.errors import NotIssued
from nextbill.capabilities.invoicing.events import InvoiceSendingRequested
from nextbill.capabilities.invoicing.queries import get_invoice
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


async def request_sending(tx: Tx, invoice_id: UUID, *, actor: str, now: datetime) -> str:
    """The address that it will go to: that for documents, else the customer's own, as they stand on the invoice. NotIssued for a draft."""
    invoice = await get_invoice(tx, invoice_id)
    if invoice.summary.state == "draft":
        raise NotIssued
    await publish(tx, InvoiceSendingRequested(invoice_id=invoice_id, customer_id=invoice.summary.customer_id, requested_by=actor), now=now)
    return invoice.buyer.invoice_email or invoice.buyer.email
