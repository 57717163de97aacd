"""Row locks, in this order: the document, the customer's credit, its payable, the counter last."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from nextbill.capabilities.invoicing.errors import InvoiceNotFound, ProformaNotFound
from nextbill.capabilities.invoicing.models import CreditNoteLineRow, InvoiceLineRow, InvoiceRow, PaymentRow, ProformaRow
from nextbill.capabilities.invoicing.rules import Totals
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx, Tx


async def lock_proforma(tx: Tx, proforma_id: UUID) -> ProformaRow:
    statement = select(ProformaRow).where(ProformaRow.id == proforma_id).with_for_update()
    row = (await tx.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise ProformaNotFound
    return row


async def lock_invoice(tx: Tx, invoice_id: UUID) -> InvoiceRow:
    statement = select(InvoiceRow).where(InvoiceRow.id == invoice_id).with_for_update()
    row = (await tx.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise InvoiceNotFound
    return row


async def hold_invoice(tx: Tx, invoice_id: UUID) -> None:
    """For a process that reads it and then acts on what it read: nobody pays or credits it meanwhile. InvoiceNotFound."""
    await lock_invoice(tx, invoice_id)


async def what_is_left(tx: ReadTx, invoice_id: UUID) -> list[tuple[InvoiceLineRow, Totals]]:
    """Lines of an invoice (locked by who writes), with what of each no credit note has reversed."""
    line = InvoiceLineRow
    net, taxes = (func.coalesce(func.sum(column), 0) for column in (CreditNoteLineRow.net_minor, CreditNoteLineRow.tax_minor))
    statement = select(line, net, taxes).outerjoin(CreditNoteLineRow, CreditNoteLineRow.invoice_line_id == line.id)
    rows = await tx.execute(statement.where(line.invoice_id == invoice_id).group_by(line.id).order_by(line.position))
    return [
        (row, Totals(Money(row.net_minor - int(gone), row.currency), Money(row.tax_minor - int(gone_tax), row.currency)))
        for row, gone, gone_tax in rows
    ]


async def left_by_line(tx: Tx, invoice_id: UUID) -> dict[UUID, Totals]:
    """What no credit note has reversed yet, of each line. Locks the invoice."""
    await lock_invoice(tx, invoice_id)
    return {row.id: left for row, left in await what_is_left(tx, invoice_id)}


async def payments_so_far(tx: Tx, invoice_id: UUID) -> int:
    """Of a locked invoice."""
    return int((await tx.execute(select(func.count()).where(PaymentRow.invoice_id == invoice_id))).scalar_one())
