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
from nextbill.capabilities.invoicing.models import InvoiceLineRow, InvoiceRow, ProformaRow
from nextbill.capabilities.invoicing.queries import proforma_lines
from nextbill.capabilities.invoicing.rules import INVOICE, Buyer, InvoiceLine, Part, References, Seller, Totals, number, sale
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx

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
    await _book(tx, draft, [Part(line.product_class, line.net, line.tax.tax) for line in lines], on=on, now=now)
    await _number(tx, draft, on=on, due_on=due_on, now=now)
    return InvoiceId(invoice_id)


async def prepare_from_proforma(tx: Tx, proforma: ProformaRow, *, seller: Seller, on: date, now: datetime) -> PreparedInvoice:
    """Everything but the number, so that what else the caller writes can come before the counter is held."""
    rows = await proforma_lines(tx, proforma.id)
    sums = Totals(Money(proforma.net_minor, proforma.currency), Money(proforma.tax_minor, proforma.currency))
    origin = (proforma.customer_id, proforma.origin_type, proforma.origin_id)
    references = References(proforma.buyer_reference, proforma.order_number, proforma.notes)
    draft = _Draft(new_id(), *origin, proforma.id, proforma.payable_id, sums, proforma.buyer, seller, references)
    await _write_draft(tx, draft, copies(rows, invoice_id=draft.id), now=now)
    parts = [Part(row.product_class, Money(row.net_minor, row.currency), Money(row.tax_minor, row.currency)) for row in rows]
    await _book(tx, draft, parts, on=on, now=now)
    return PreparedInvoice(draft)


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

    async def number(self, tx: Tx, *, on: date, now: datetime) -> None:
        """Issued and due at once: it is about to be marked paid."""
        await _number(tx, self._draft, on=on, due_on=on, now=now)


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


async def _book(tx: Tx, draft: _Draft, parts: Sequence[Part], *, on: date, now: datetime) -> None:
    entries = sale(parts, customer_id=draft.customer_id, currency=draft.sums.net.currency)
    journal = ledger.Journal(INVOICE, draft.id, "Invoice issued", entries, kind="issue")
    await ledger.post(tx, journal=journal, on=on, now=now)


async def _number(tx: Tx, draft: _Draft, *, on: date, due_on: date, now: datetime) -> None:
    name, place = await next_number(tx, "INV", on=on)
    values = {"series": name, "sequence": place, "number": number(name, place), "issued_on": on, "due_on": due_on, "issued_at": now}
    await tx.execute(update(InvoiceRow).where(InvoiceRow.id == draft.id).values(state="open", due_minor=draft.sums.gross.minor, **values))
