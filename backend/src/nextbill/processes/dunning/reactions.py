"""Facts after which nothing may be overdue any more."""

from __future__ import annotations

from datetime import datetime

from nextbill.capabilities import invoicing
from nextbill.kernel.clock import business_date
from nextbill.processes.dunning import commands
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction

Settled = invoicing.InvoicePaid | invoicing.CreditNoteIssued | invoicing.InvoiceWrittenOff


class Debts:
    """`zone`: the seller's, whose days make things overdue."""

    def __init__(self, zone: str) -> None:
        self._zone = zone

    def reactions(self) -> list[Reaction]:
        return [
            Reaction("dunning.invoice_paid", invoicing.InvoicePaid, self.settled),
            Reaction("dunning.invoice_credited", invoicing.CreditNoteIssued, self.settled),
            Reaction("dunning.invoice_written_off", invoicing.InvoiceWrittenOff, self.settled),
        ]

    async def settled(self, tx: Tx, event: Settled, *, now: datetime) -> None:
        await commands.catch_up(tx, event.invoice_id, today=business_date(now, self._zone), now=now)
