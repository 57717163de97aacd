"""Invoices that their customers pay themselves go out by mail: lazily, some at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from nextbill.capabilities import invoicing, subscriptions
from nextbill.runtime import jobs
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

SEND: Final = "renewal.send"
SENT_AT_ONCE: Final = 100
BY_ITSELF: Final = "system"


async def send_invoices(tx: Tx, chunk_id: UUID, *, after: UUID | None, now: datetime) -> None:
    """The next ones after that invoice, the rest by another job. Who is charged by itself gets a receipt when that has happened."""
    found = await subscriptions.billed_in(tx, chunk_id, after=after, limit=SENT_AT_ONCE)
    for one in found:
        if one.sent:
            asked = invoicing.InvoiceSendingRequested(invoice_id=one.invoice_id, customer_id=one.customer_id, requested_by=BY_ITSELF)
            await publish(tx, asked, now=now)
    if len(found) == SENT_AT_ONCE:
        await jobs.enqueue(tx, SEND, {"chunk_id": str(chunk_id), "after": str(found[-1].invoice_id)})
