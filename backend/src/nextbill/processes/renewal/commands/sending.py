"""Invoices that their customers pay themselves go out by mail: lazily, some at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from nextbill.capabilities import domains, invoicing, subscriptions
from nextbill.runtime import jobs
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

SEND: Final = "renewal.send"
TELL: Final = "renewal.tell"
SENT_AT_ONCE: Final = 100
BY_ITSELF: Final = "system"


async def send_invoices(tx: Tx, chunk_id: UUID, *, after: UUID | None, now: datetime) -> None:
    """The next ones after that invoice, the rest by another job. Who is charged by itself gets a receipt when that has happened."""
    found = await subscriptions.billed_in(tx, chunk_id, after=after, limit=SENT_AT_ONCE, mailed=True)
    for one in found:
        asked = invoicing.InvoiceSendingRequested(invoice_id=one.invoice_id, customer_id=one.customer_id, requested_by=BY_ITSELF)
        await publish(tx, asked, now=now)
    if len(found) == SENT_AT_ONCE:
        await jobs.enqueue(tx, SEND, {"chunk_id": str(chunk_id), "after": str(found[-1].invoice_id)})


async def tell_names(tx: Tx, chunk_id: UUID, *, after: UUID | None, now: datetime) -> None:
    """Of the chunk's names: an invoice for names only goes out, and whose card will be charged hears of it once. The rest by another job."""
    found = await domains.renewals_of_chunk(tx, chunk_id, after=after, limit=SENT_AT_ONCE)
    before = {one.invoice_id for one in await _same_invoice(tx, found, after)}
    for invoice_id, one in {one.invoice_id: one for one in found if one.invoice_id is not None and one.invoice_id not in before}.items():
        if one.collection == "charge":
            await publish(tx, domains.DomainRenewalsAhead(invoice_id=invoice_id, customer_id=one.customer_id), now=now)
        elif one.alone:
            asked = invoicing.InvoiceSendingRequested(invoice_id=invoice_id, customer_id=one.customer_id, requested_by=BY_ITSELF)
            await publish(tx, asked, now=now)
    if len(found) == SENT_AT_ONCE:
        await jobs.enqueue(tx, TELL, {"chunk_id": str(chunk_id), "after": str(found[-1].id)})


async def _same_invoice(tx: Tx, found: list[domains.RenewalView], after: UUID | None) -> list[domains.RenewalView]:
    """Those that an earlier part of the chunk has told of already: an invoice's names stand together."""
    if after is None or not found or found[0].invoice_id is None:
        return []
    return [one for one in await domains.renewals_on(tx, found[0].invoice_id) if one.id <= after]
