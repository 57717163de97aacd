"""What follows from billed periods, and from paid names."""

from __future__ import annotations

from datetime import datetime

from nextbill.capabilities import invoicing, subscriptions
from nextbill.processes.renewal import commands
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction


class Renewals:
    def reactions(self) -> list[Reaction]:
        return [
            Reaction("renewal.send_invoices", subscriptions.PeriodsBilled, self.send_invoices),
            Reaction("renewal.tell_names", subscriptions.PeriodsBilled, self.tell_names),
            Reaction("renewal.names_paid", invoicing.InvoicePaid, self.names_paid),
            Reaction("renewal.names_credited", invoicing.CreditNoteIssued, self.names_credited),
        ]

    async def send_invoices(self, tx: Tx, event: subscriptions.PeriodsBilled, *, now: datetime) -> None:
        if event.mailed:
            await commands.send_invoices(tx, event.chunk_id, after=None, now=now)

    async def tell_names(self, tx: Tx, event: subscriptions.PeriodsBilled, *, now: datetime) -> None:
        if event.named:
            await commands.tell_names(tx, event.chunk_id, after=None, now=now)

    async def names_paid(self, tx: Tx, event: invoicing.InvoicePaid, *, now: datetime) -> None:
        await commands.begin_paid(tx, event.invoice_id, now=now)

    async def names_credited(self, tx: Tx, event: invoicing.CreditNoteIssued, *, now: datetime) -> None:
        await commands.drop_credited(tx, event.invoice_id, now=now)
