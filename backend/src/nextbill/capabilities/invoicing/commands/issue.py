"""Issuing a legal invoice. The order of things keeps the counter's lock short: draft, lines, books, then number and state at last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import insert, update

from nextbill.capabilities import ledger, payments
from nextbill.capabilities.invoicing.commands.lines import amounts, checked_totals, copies, line_values
from nextbill.capabilities.invoicing.commands.numbering import next_number
from nextbill.capabilities.invoicing.errors import ProformaNotOpen
from nextbill.capabilities.invoicing.events import InvoiceIssued
from nextbill.capabilities.invoicing.models import InvoiceLineRow, InvoiceRow, ProformaRow
from nextbill.capabilities.invoicing.queries import lock_proforma, proforma_lines
from nextbill.capabilities.invoicing.rules import INVOICE, Buyer, InvoiceLine, Part, References, Seller, Totals, number, sale
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

InvoiceId = NewType("InvoiceId", UUID)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What of a new invoice does not depend on its number."""

    id: UUID
    customer_id: UUID
    origin_type: str
    origin_id: UUID
    proforma_id: UUID | None
    payable_id: UUID
    sums: Totals
    buyer: dict[str, Any]
    seller: Seller
    references: References
    terms_days: int | None = None


async def issue_invoice(
    tx: Tx,
    *,
    customer_id: UUID,
    origin_type: str,
    origin_id: UUID,
    lines: Sequence[InvoiceLine],
    buyer: Buyer,
    seller: Seller,
    currency: str,
    on: date,
    due_on: date,
    now: datetime,
    references: References | None = None,
) -> InvoiceId:
    """A legal invoice before it is paid (renewals, customers on terms), with an open payable ("invoicing.invoice")."""
    sums = checked_totals(lines, currency)
    invoice_id = new_id()
    payable_id = await payments.open_payable(
        tx, customer_id=customer_id, reference_type=INVOICE, reference_id=invoice_id, amount=sums.gross, description="Invoice", now=now
    )
    origin = (customer_id, origin_type, origin_id)
    draft = _Draft(
        invoice_id, *origin, None, payable_id, sums, buyer.to_json(), seller, references or References(), terms_days=max((due_on - on).days, 0)
    )
    await _write_draft(tx, draft, line_values(lines, customer_id=customer_id, invoice_id=invoice_id), now=now)
    await book_and_number(tx, invoice_id, customer_id, lines, sums=sums, on=on, due_on=due_on, now=now)
    return InvoiceId(invoice_id)


async def book_and_number(
    tx: Tx, invoice_id: UUID, customer_id: UUID, lines: Sequence[InvoiceLine], *, sums: Totals, on: date, due_on: date, now: datetime
) -> None:
    """The last things of an invoice that is written and has its payable: the sale in the books, then number, date and state."""
    await _book(
        tx, invoice_id, customer_id, [Part(line.product_class, line.net, line.tax.tax) for line in lines], currency=sums.net.currency, on=on, now=now
    )
    await _number(tx, invoice_id, sums.gross, on=on, due_on=due_on, now=now)


async def prepare_from_proforma(tx: Tx, proforma: ProformaRow, *, seller: Seller, on: date, now: datetime) -> PreparedInvoice:
    """Everything but the number, so that what else the caller writes can come before the counter is held."""
    rows = await proforma_lines(tx, proforma.id)
    sums = Totals(Money(proforma.net_minor, proforma.currency), Money(proforma.tax_minor, proforma.currency))
    origin = (proforma.customer_id, proforma.origin_type, proforma.origin_id)
    references = References(proforma.buyer_reference, proforma.order_number, proforma.notes)
    draft = _Draft(new_id(), *origin, proforma.id, proforma.payable_id, sums, proforma.buyer, seller, references)
    await _write_draft(tx, draft, copies(rows, invoice_id=draft.id), now=now)
    parts = [Part(row.product_class, Money(row.net_minor, row.currency), Money(row.tax_minor, row.currency)) for row in rows]
    await _book(tx, draft.id, draft.customer_id, parts, currency=proforma.currency, on=on, now=now)
    return PreparedInvoice(draft)


async def issue_proforma(tx: Tx, proforma_id: UUID, *, seller: Seller, on: date, due_on: date, now: datetime) -> InvoiceId:
    """The legal invoice of a proforma before it is paid, for customers on terms. Its payable stays the one to pay. ProformaNotOpen."""
    row = await lock_proforma(tx, proforma_id)
    if row.state != "open":
        raise ProformaNotOpen
    row.state = "invoiced"
    await tx.flush()
    invoice = await prepare_from_proforma(tx, row, seller=seller, on=on, now=now)
    terms = max((due_on - on).days, 0)
    await tx.execute(update(InvoiceRow).where(InvoiceRow.id == invoice.id).values(terms_days=terms))
    await publish(tx, InvoiceIssued(invoice_id=invoice.id, customer_id=row.customer_id), now=now)
    await invoice.number(tx, on=on, now=now, due_on=due_on)
    return invoice.id


class PreparedInvoice:
    """An invoice that only lacks its number."""

    def __init__(self, draft: _Draft) -> None:
        self._draft = draft

    @property
    def id(self) -> InvoiceId:
        return InvoiceId(self._draft.id)

    @property
    def total(self) -> Money:
        return self._draft.sums.gross

    async def number(self, tx: Tx, *, on: date, now: datetime, due_on: date | None = None) -> None:
        """Due at once where no day is said: it is about to be marked paid."""
        await _number(tx, self._draft.id, self.total, on=on, due_on=due_on or on, now=now)


async def _write_draft(tx: Tx, draft: _Draft, lines: Sequence[dict[str, Any]], *, now: datetime) -> None:
    await tx.execute(
        insert(InvoiceRow).values(
            id=draft.id,
            customer_id=draft.customer_id,
            state="draft",
            proforma_id=draft.proforma_id,
            origin_type=draft.origin_type,
            origin_id=draft.origin_id,
            payable_id=draft.payable_id,
            due_minor=0,
            paid_minor=0,
            credited_minor=0,
            buyer=draft.buyer,
            seller=draft.seller.to_json(),
            terms_days=draft.terms_days,
            **draft.references.to_values(),
            created_at=now,
            **amounts(draft.sums),
        )
    )
    await tx.execute(insert(InvoiceLineRow).values(lines))


async def _book(tx: Tx, invoice_id: UUID, customer_id: UUID, parts: Sequence[Part], *, currency: str, on: date, now: datetime) -> None:
    entries = sale(parts, customer_id=customer_id, currency=currency)
    journal = ledger.Journal(INVOICE, invoice_id, "Invoice issued", entries, kind="issue")
    await ledger.post(tx, journal=journal, on=on, now=now)


async def _number(tx: Tx, invoice_id: UUID, total: Money, *, on: date, due_on: date, now: datetime) -> None:
    name, place = await next_number(tx, "INV", on=on)
    values = {"series": name, "sequence": place, "number": number(name, place), "issued_on": on, "due_on": due_on, "issued_at": now}
    await tx.execute(update(InvoiceRow).where(InvoiceRow.id == invoice_id).values(state="open", due_minor=total.minor, **values))
