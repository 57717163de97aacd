"""What follows from billed periods, and from paid names."""

from __future__ import annotations

from datetime import datetime

from nextbill.capabilities import invoicing, subscriptions
from nextbill.processes.renewal import commands
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction


def _mailed(event: subscriptions.PeriodsBilled) -> bool:
    return event.mailed


def _named(event: subscriptions.PeriodsBilled) -> bool:
    return event.named


class Renewals:
    """`zone`: the seller's, at whose midnight a license ends."""

    def __init__(self, zone: str) -> None:
        self._zone = zone

    def reactions(self) -> list[Reaction]:
        return [
            Reaction("renewal.send_invoices", subscriptions.PeriodsBilled, self.send_invoices, when=_mailed),
            Reaction("renewal.extend_licenses", subscriptions.PeriodsBilled, self.extend_licenses, retired=True),
            Reaction("renewal.tell_names", subscriptions.PeriodsBilled, self.tell_names, when=_named),
            Reaction("renewal.names_paid", invoicing.InvoicePaid, self.names_paid),
            Reaction("renewal.names_credited", invoicing.CreditNoteIssued, self.names_credited),
        ]

    async def send_invoices(self, tx: Tx, event: subscriptions.PeriodsBilled, *, now: datetime) -> None:
        await commands.send_invoices(tx, event.chunk_id, after=None, now=now)

    async def extend_licenses(self, tx: Tx, event: subscriptions.PeriodsBilled, *, now: datetime) -> None:
        """Of chunks that were billed before the run did it itself."""
        lasting = await subscriptions.billed_until_in(tx, event.chunk_id)
        await commands.extend_licenses(tx, lasting, zone=self._zone, now=now)

    async def tell_names(self, tx: Tx, event: subscriptions.PeriodsBilled, *, now: datetime) -> None:
        await commands.tell_names(tx, event.chunk_id, after=None, now=now)

    async def names_paid(self, tx: Tx, event: invoicing.InvoicePaid, *, now: datetime) -> None:
        await commands.begin_paid(tx, event.invoice_id, now=now)

    async def names_credited(self, tx: Tx, event: invoicing.CreditNoteIssued, *, now: datetime) -> None:
        await commands.drop_credited(tx, event.invoice_id, now=now)
