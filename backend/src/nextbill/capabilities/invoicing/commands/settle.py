"""Money has arrived: what it was asked for becomes paid."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update

from nextbill.capabilities import ledger, payments
from nextbill.capabilities.invoicing.commands.issue import InvoiceId, prepare_from_proforma
from nextbill.capabilities.invoicing.errors import InvoiceNotOpen, ProformaNotOpen, WrongAmount
from nextbill.capabilities.invoicing.events import InvoicePaid
from nextbill.capabilities.invoicing.models import InvoiceRow
from nextbill.capabilities.invoicing.queries import lock_invoice, lock_proforma
from nextbill.capabilities.invoicing.rules import INVOICE, Seller, settlement
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


async def invoice_paid_proforma(tx: Tx, proforma_id: UUID, *, amount: Money, seller: Seller, on: date, now: datetime) -> InvoiceId | None:
    """The legal invoice of a paid proforma, paid from the customer's credit. None where it has its invoice: money is not applied twice.

    ProformaNotOpen or WrongAmount leave the money on the customer's credit and the job before staff.
    """
    row = await lock_proforma(tx, proforma_id)
    if row.state == "invoiced":
        return None
    if row.state != "open":
        raise ProformaNotOpen(f"{row.number} was cancelled before the money came.")
    if amount != Money(row.total_minor, row.currency):
        raise WrongAmount(f"{row.number} asks for {Money(row.total_minor, row.currency)}, {amount} came.")
    row.state = "invoiced"
    await tx.flush()
    await payments.settle_payable(tx, row.payable_id)
    invoice = await prepare_from_proforma(tx, row, seller=seller, on=on, now=now)
    await _apply_credit(tx, invoice.id, amount, customer_id=row.customer_id, on=on, now=now)
    await publish(
        tx,
        InvoicePaid(invoice_id=invoice.id, proforma_id=row.id, customer_id=row.customer_id, origin_type=row.origin_type, origin_id=row.origin_id),
        now=now,
    )
    await invoice.number(tx, on=on, now=now)
    paid = {"state": "paid", "due_minor": 0, "paid_minor": amount.minor, "paid_at": now}
    await tx.execute(update(InvoiceRow).where(InvoiceRow.id == invoice.id).values(paid))
    return invoice.id


async def pay_invoice(tx: Tx, invoice_id: UUID, *, amount: Money, on: date, now: datetime) -> None:
    """An open invoice is paid in full from the customer's credit. InvoiceNotOpen, WrongAmount."""
    row = await lock_invoice(tx, invoice_id)
    if row.state == "paid":
        return
    if row.state not in ("open", "uncollectible"):
        raise InvoiceNotOpen
    if amount != Money(row.due_minor, row.currency):
        raise WrongAmount(f"{row.number} has {Money(row.due_minor, row.currency)} due, {amount} came.")
    await payments.settle_payable(tx, row.payable_id)
    await _apply_credit(tx, row.id, amount, customer_id=row.customer_id, on=on, now=now)
    row.state, row.due_minor, row.paid_minor, row.paid_at = "paid", 0, row.paid_minor + amount.minor, now
    await tx.flush()
    await publish(
        tx,
        InvoicePaid(
            invoice_id=row.id, proforma_id=row.proforma_id, customer_id=row.customer_id, origin_type=row.origin_type, origin_id=row.origin_id
        ),
        now=now,
    )


async def _apply_credit(tx: Tx, invoice_id: UUID, amount: Money, *, customer_id: UUID, on: date, now: datetime) -> None:
    journal = ledger.Journal(INVOICE, invoice_id, "Invoice paid from credit", settlement(amount, customer_id=customer_id), kind="settlement")
    await ledger.post(tx, journal=journal, on=on, now=now)
