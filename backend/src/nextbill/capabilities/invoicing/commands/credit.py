"""Taking back what was invoiced: credit notes at the original's rates, and the voiding of unpaid invoices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import insert, update

from nextbill.capabilities import ledger, payments
from nextbill.capabilities.invoicing.commands.lines import CREDITED, amounts
from nextbill.capabilities.invoicing.commands.numbering import next_number
from nextbill.capabilities.invoicing.errors import InvoiceNotOpen, NothingToCredit, PartOfUnpaid, UnknownLine
from nextbill.capabilities.invoicing.events import CreditNoteIssued
from nextbill.capabilities.invoicing.models import CreditNoteLineRow, CreditNoteRow, InvoiceLineRow, InvoiceRow
from nextbill.capabilities.invoicing.queries import line_ids, lock_invoice, uncredited_lines
from nextbill.capabilities.invoicing.rules import CREDIT_NOTE, Part, Totals, number, reversal, state_after_credit, totals
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

CreditNoteId = NewType("CreditNoteId", UUID)


async def credit_note(tx: Tx, invoice_id: UUID, *, reason: str, on: date, now: datetime, lines: Collection[UUID] | None = None) -> CreditNoteId:
    """Reverses the lines named, or all that no credit note has reversed yet.

    What is still due of the invoice is taken off first; the rest becomes the customer's credit, to be returned from there.
    InvoiceNotOpen for a draft or a void one, PartOfUnpaid, UnknownLine, NothingToCredit.
    """
    row = await lock_invoice(tx, invoice_id)
    if row.state in ("draft", "void"):
        raise InvoiceNotOpen("A draft is changed, not credited." if row.state == "draft" else "A void invoice has its credit note.")
    chosen = await _choose(tx, invoice_id, lines)
    sums = totals((_pair(line) for line in chosen), row.currency)
    note_id = new_id()
    due = Money(row.due_minor, row.currency)
    off_receivable = min(due, sums.gross)
    if off_receivable != due:
        raise PartOfUnpaid
    if sums.gross:
        parts = [Part(line.product_class, *_pair(line)) for line in chosen]
        entries = reversal(parts, customer_id=row.customer_id, off_receivable=off_receivable)
        await ledger.post(tx, journal=ledger.Journal(CREDIT_NOTE, note_id, "Credit note issued", entries, kind="issue"), on=on, now=now)
    await _write(tx, row, chosen, note_id=note_id, sums=sums, reason=reason, on=on, now=now)
    await _progress(tx, row, off_receivable=off_receivable, credited=sums.gross, now=now)
    event = CreditNoteIssued(
        credit_note_id=note_id, invoice_id=invoice_id, customer_id=row.customer_id, amount_minor=sums.gross.minor, currency=row.currency
    )
    await publish(tx, event, now=now)
    return CreditNoteId(note_id)


async def void_invoice(tx: Tx, invoice_id: UUID, *, reason: str, on: date, now: datetime) -> CreditNoteId:
    """An issued invoice that nobody has paid anything of is taken back whole, with a credit note. InvoiceNotOpen otherwise."""
    row = await lock_invoice(tx, invoice_id)
    if row.state not in ("open", "uncollectible") or row.paid_minor:
        raise InvoiceNotOpen
    return await credit_note(tx, invoice_id, reason=reason, on=on, now=now)


async def _choose(tx: Tx, invoice_id: UUID, wanted: Collection[UUID] | None) -> Sequence[InvoiceLineRow]:
    left = await uncredited_lines(tx, invoice_id)
    if wanted is not None:
        if not set(wanted) <= await line_ids(tx, invoice_id):
            raise UnknownLine(fields={"lines": "ids of this invoice's own lines"})
        if not set(wanted) <= {line.id for line in left}:
            raise NothingToCredit("One of the lines has been credited already.")
        left = [line for line in left if line.id in set(wanted)]
    if not left:
        raise NothingToCredit
    return left


async def _write(
    tx: Tx, row: InvoiceRow, lines: Sequence[InvoiceLineRow], *, note_id: UUID, sums: Totals, reason: str, on: date, now: datetime
) -> None:
    name, place = await next_number(tx, "CN", on=on)
    await tx.execute(
        insert(CreditNoteRow).values(
            id=note_id,
            customer_id=row.customer_id,
            invoice_id=row.id,
            series=name,
            sequence=place,
            number=number(name, place),
            reason=reason,
            buyer=row.buyer,
            seller=row.seller,
            issued_on=on,
            issued_at=now,
            **amounts(sums),
        )
    )
    values = [
        {
            **amounts(Totals(*_pair(line))),
            "id": new_id(),
            "credit_note_id": note_id,
            "customer_id": row.customer_id,
            "invoice_line_id": line.id,
            "position": position,
            **{name: getattr(line, name) for name in CREDITED},
        }
        for position, line in enumerate(lines, 1)
    ]
    await tx.execute(insert(CreditNoteLineRow).values(values))
    await tx.execute(update(InvoiceLineRow).where(InvoiceLineRow.id.in_([line.id for line in lines])).values(voided=True))


async def _progress(tx: Tx, row: InvoiceRow, *, off_receivable: Money, credited: Money, now: datetime) -> None:
    """Less is due; where nothing is, the invoice is void or paid and can no longer be paid at the gateway."""
    row.due_minor -= off_receivable.minor
    row.credited_minor += credited.minor
    state = state_after_credit(due=Money(row.due_minor, row.currency), paid=Money(row.paid_minor, row.currency), state=row.state)
    if state != row.state:
        await payments.cancel_payable(tx, row.payable_id, now=now)
        row.state = state
    await tx.flush()


def _pair(line: InvoiceLineRow) -> tuple[Money, Money]:
    return Money(line.net_minor, line.currency), Money(line.tax_minor, line.currency)
