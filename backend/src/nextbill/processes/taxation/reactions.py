"""Facts that matter to tax."""

from __future__ import annotations

from datetime import datetime

from nextbill.capabilities import customers, invoicing, orders, subscriptions, tax
from nextbill.processes.taxation import commands
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction


class Taxation:
    """`zone`: the seller's, whose days date documents."""

    def __init__(self, zone: str) -> None:
        self._zone = zone

    def reactions(self) -> list[Reaction]:
        return [
            Reaction("taxation.check_id", customers.TaxDataChanged, self.tax_data_changed),
            Reaction("taxation.note_buyer", orders.OrderPlaced, self.order_placed),
            Reaction("taxation.book_invoice", invoicing.InvoicePaid, self.invoice_paid),
            Reaction("taxation.book_issued", invoicing.InvoiceIssued, self.invoice_issued),
            Reaction("taxation.book_billed", subscriptions.PeriodsBilled, self.periods_billed),
            Reaction("taxation.book_credit_note", invoicing.CreditNoteIssued, self.credit_note_issued),
            Reaction("taxation.correct", tax.TaxIdConfirmed, self.tax_id_confirmed),
        ]

    async def tax_data_changed(self, tx: Tx, event: customers.TaxDataChanged, *, now: datetime) -> None:
        await commands.recheck(tx, event.customer_id, now=now)

    async def order_placed(self, tx: Tx, event: orders.OrderPlaced, *, now: datetime) -> None:
        await commands.note_buyer(tx, event.order_id, now=now)

    async def invoice_paid(self, tx: Tx, event: invoicing.InvoicePaid, *, now: datetime) -> None:
        await commands.book_invoice(tx, event.invoice_id, now=now)

    async def invoice_issued(self, tx: Tx, event: invoicing.InvoiceIssued, *, now: datetime) -> None:
        await commands.book_invoice(tx, event.invoice_id, now=now)

    async def periods_billed(self, tx: Tx, event: subscriptions.PeriodsBilled, *, now: datetime) -> None:
        await commands.book_billed(tx, event.chunk_id, after=None, now=now)

    async def credit_note_issued(self, tx: Tx, event: invoicing.CreditNoteIssued, *, now: datetime) -> None:
        await commands.book_credit_note(tx, event.invoice_id, event.credit_note_id, now=now)

    async def tax_id_confirmed(self, tx: Tx, event: tax.TaxIdConfirmed, *, now: datetime) -> None:
        await commands.react_to_proof(tx, event, zone=self._zone, now=now)
