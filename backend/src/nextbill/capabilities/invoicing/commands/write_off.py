"""Giving up on a receivable."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from nextbill.capabilities import ledger
from nextbill.capabilities.invoicing.errors import InvoiceNotOpen
from nextbill.capabilities.invoicing.events import InvoiceWrittenOff
from nextbill.capabilities.invoicing.queries import lock_invoice
from nextbill.capabilities.invoicing.rules import INVOICE, loss
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


async def write_off(tx: Tx, invoice_id: UUID, *, on: date, now: datetime) -> Money:
    """An open invoice becomes uncollectible: what is due on it is a loss. It may still be paid, or credited. What was written off.

    The tax on it stays as it was declared: what a tax office gives back of a lost receivable, and when, differs by country.
    """
    row = await lock_invoice(tx, invoice_id)
    if row.state != "open":
        raise InvoiceNotOpen
    amount = Money(row.due_minor, row.currency)
    entries = loss(amount, customer_id=row.customer_id)
    await ledger.post(tx, journal=ledger.Journal(INVOICE, row.id, "Receivable written off", entries, kind="write_off"), on=on, now=now)
    row.state, row.due_minor, row.written_off_minor = "uncollectible", 0, amount.minor
    await tx.flush()
    event = InvoiceWrittenOff(invoice_id=row.id, customer_id=row.customer_id, amount_minor=amount.minor, currency=row.currency)
    await publish(tx, event, now=now)
    return amount
