"""Documents as frozen values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities import payments
from nextbill.capabilities.invoicing.errors import InvoiceNotFound, ProformaNotFound
from nextbill.capabilities.invoicing.models import (
    CreditNoteLineRow,
    CreditNoteRow,
    InvoiceLineRow,
    InvoiceRow,
    PaymentRow,
    ProformaLineRow,
    ProformaRow,
)
from nextbill.capabilities.invoicing.queries.forms import said_on
from nextbill.capabilities.invoicing.rules import Buyer, References, Seller
from nextbill.kernel.money import Money
from nextbill.kernel.period import Period
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True, kw_only=True)
class _TaxedLine:
    """Quantity times unit less discount is net."""

    id: UUID
    position: int
    description: str
    product_class: str
    quantity: int
    unit_net: Money
    discount: Money
    discount_note: str | None
    net: Money
    tax: Money
    tax_rate_ppm: int
    tax_note: str
    tax_category: str
    tax_exemption_code: str | None
    tax_rule_id: UUID | None
    details: dict[str, Any]

    @property
    def gross(self) -> Money:
        return self.net + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(_TaxedLine):
    reference_type: str
    reference_id: UUID
    period: Period | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteLine(_TaxedLine):
    """What of a line of the invoice, `invoice_line_id`, was taken back."""

    invoice_line_id: UUID


@dataclass(frozen=True, slots=True)
class Proforma:
    id: UUID
    number: str
    customer_id: UUID
    state: str
    origin_type: str
    origin_id: UUID
    payable_id: UUID
    net: Money
    tax: Money
    total: Money
    buyer: Buyer
    references: References
    created_at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class CreditNote:
    """Amounts are above zero, to be read as reversed. Buyer and seller are the invoice's."""

    id: UUID
    number: str
    invoice_id: UUID
    net: Money
    tax: Money
    total: Money
    reason: str
    issued_on: date
    buyer: Buyer
    seller: Seller
    lines: tuple[CreditNoteLine, ...]

    @property
    def line_ids(self) -> tuple[UUID, ...]:
        """Of the invoice."""
        return tuple(line.invoice_line_id for line in self.lines)


@dataclass(frozen=True, slots=True)
class AppliedPayment:
    """Money that paid an invoice or a part of it. `source`: gateway, manual, credit; `method` and `reference` where staff entered it."""

    id: UUID
    position: int
    amount: Money
    source: str
    source_id: UUID | None
    applied_on: date
    method: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class InvoiceSummary:
    """A row of a list. A draft has no number and no dates."""

    id: UUID
    number: str | None
    customer_id: UUID
    state: str
    net: Money
    tax: Money
    total: Money
    due: Money
    paid: Money
    credited: Money
    written_off: Money
    issued_on: date | None
    due_on: date | None
    paid_at: datetime | None
    origin_type: str
    origin_id: UUID
    proforma_id: UUID | None
    payable_id: UUID | None
    buyer_name: str
    order_number: str | None
    version: int

    @property
    def is_taken_back(self) -> bool:
        """Nothing of it is left: voided, or credited whole after a part had been paid."""
        return self.state == "void" or (self.state == "paid" and bool(self.total) and self.credited == self.total)

    @property
    def owed(self) -> Money:
        """What would pay it, including what nobody expects any more."""
        return self.due + self.written_off


@dataclass(frozen=True, slots=True)
class Invoice:
    summary: InvoiceSummary
    buyer: Buyer
    seller: Seller
    references: References
    terms_days: int | None
    lines: tuple[Line, ...]
    credit_notes: tuple[CreditNote, ...]
    payments: tuple[AppliedPayment, ...]


async def get_proforma(tx: ReadTx, proforma_id: UUID) -> Proforma:
    row = await tx.get(ProformaRow, proforma_id)
    if row is None:
        raise ProformaNotFound
    return await _proforma(tx, row)


async def proforma_of(tx: ReadTx, *, origin_type: str, origin_id: UUID) -> Proforma | None:
    """The one that is not cancelled."""
    same = (ProformaRow.origin_type == origin_type, ProformaRow.origin_id == origin_id, ProformaRow.state != "cancelled")
    row = (await tx.execute(select(ProformaRow).where(*same))).scalar_one_or_none()
    return await _proforma(tx, row) if row else None


async def get_invoice(tx: ReadTx, invoice_id: UUID) -> Invoice:
    row = await tx.get(InvoiceRow, invoice_id, populate_existing=True)
    if row is None:
        raise InvoiceNotFound
    return await whole_invoice(tx, row)


async def whole_invoice(tx: ReadTx, row: InvoiceRow) -> Invoice:
    """What is on a row, with what hangs on it. Nobody is asked for what it cannot have: a draft no credit notes, one of which nothing is paid
    no payments (the database holds `paid_minor` to their sum, and each is above zero)."""
    lines = (await tx.execute(select(InvoiceLineRow).where(InvoiceLineRow.invoice_id == row.id).order_by(InvoiceLineRow.position))).scalars()
    said = await said_on(tx, row)
    notes = () if row.state == "draft" else await _credit_notes(tx, row.id)
    references = References(row.buyer_reference, row.order_number, row.notes)
    return Invoice(
        invoice_summary(row),
        Buyer.from_json(row.buyer),
        Seller.from_json(said.seller),
        references,
        row.terms_days,
        tuple(replace(_line(line), details=said.details_of(line)) for line in lines),
        notes,
        await _payments(tx, row.id) if row.paid_minor else (),
    )


async def invoices_of(tx: ReadTx, *, origin_type: str, origin_id: UUID) -> list[InvoiceSummary]:
    """What was invoiced for an order or another origin, oldest first."""
    statement = select(InvoiceRow).where(InvoiceRow.origin_type == origin_type, InvoiceRow.origin_id == origin_id).order_by(InvoiceRow.id)
    return [invoice_summary(row) for row in (await tx.execute(statement)).scalars()]


async def invoices_by_id(tx: ReadTx, ids: Collection[UUID]) -> dict[UUID, InvoiceSummary]:
    """As many of them as the role may see."""
    rows = (await tx.execute(select(InvoiceRow).where(InvoiceRow.id.in_(ids)))).scalars() if ids else ()
    return {row.id: invoice_summary(row) for row in rows}


async def proforma_lines(tx: ReadTx, proforma_id: UUID) -> Sequence[ProformaLineRow]:
    statement = select(ProformaLineRow).where(ProformaLineRow.proforma_id == proforma_id).order_by(ProformaLineRow.position)
    return (await tx.execute(statement)).scalars().all()


async def line_ids(tx: ReadTx, invoice_id: UUID) -> set[UUID]:
    return set((await tx.execute(select(InvoiceLineRow.id).where(InvoiceLineRow.invoice_id == invoice_id))).scalars())


def invoice_summary(row: InvoiceRow) -> InvoiceSummary:
    return summary_of(row, row.buyer.get("company") or row.buyer["name"])


def summary_of(row: Any, buyer_name: str) -> InvoiceSummary:
    """Of an invoice, or of its `SUMMARY` columns."""

    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    return InvoiceSummary(
        id=row.id,
        number=row.number,
        customer_id=row.customer_id,
        state=row.state,
        net=money(row.net_minor),
        tax=money(row.tax_minor),
        total=money(row.total_minor),
        due=money(row.due_minor),
        paid=money(row.paid_minor),
        credited=money(row.credited_minor),
        written_off=money(row.written_off_minor),
        issued_on=row.issued_on,
        due_on=row.due_on,
        paid_at=row.paid_at,
        origin_type=row.origin_type,
        origin_id=row.origin_id,
        proforma_id=row.proforma_id,
        payable_id=row.payable_id,
        buyer_name=buyer_name,
        order_number=row.order_number,
        version=row.version,
    )


async def _proforma(tx: ReadTx, row: ProformaRow) -> Proforma:
    lines = tuple(_line(line) for line in await proforma_lines(tx, row.id))
    return Proforma(
        id=row.id,
        number=row.number,
        customer_id=row.customer_id,
        state=row.state,
        origin_type=row.origin_type,
        origin_id=row.origin_id,
        payable_id=row.payable_id,
        net=Money(row.net_minor, row.currency),
        tax=Money(row.tax_minor, row.currency),
        total=Money(row.total_minor, row.currency),
        buyer=Buyer.from_json(row.buyer),
        references=References(row.buyer_reference, row.order_number, row.notes),
        created_at=row.created_at,
        lines=lines,
    )


async def _payments(tx: ReadTx, invoice_id: UUID) -> tuple[AppliedPayment, ...]:
    rows = (await tx.execute(select(PaymentRow).where(PaymentRow.invoice_id == invoice_id).order_by(PaymentRow.position))).scalars().all()
    manual = [row.source_id for row in rows if row.source == "manual" and row.source_id]
    known = await payments.manual_payments(tx, manual) if manual else {}
    return tuple(_payment(row, known.get(row.source_id) if row.source_id else None) for row in rows)


def _payment(row: PaymentRow, manual: payments.ManualPayment | None) -> AppliedPayment:
    amount, about = Money(row.amount_minor, row.currency), (manual.method, manual.reference) if manual else (None, None)
    return AppliedPayment(row.id, row.position, amount, row.source, row.source_id, row.applied_on, *about)


async def _credit_notes(tx: ReadTx, invoice_id: UUID) -> tuple[CreditNote, ...]:
    rows = (await tx.execute(select(CreditNoteRow).where(CreditNoteRow.invoice_id == invoice_id).order_by(CreditNoteRow.id))).scalars().all()
    if not rows:
        return ()
    lines = select(CreditNoteLineRow).where(CreditNoteLineRow.credit_note_id.in_([row.id for row in rows])).order_by(CreditNoteLineRow.position)
    found = (await tx.execute(lines)).scalars().all()
    return tuple(_credit_note(row, [line for line in found if line.credit_note_id == row.id]) for row in rows)


def _credit_note(row: CreditNoteRow, lines: Sequence[CreditNoteLineRow]) -> CreditNote:
    return CreditNote(
        id=row.id,
        number=row.number,
        invoice_id=row.invoice_id,
        net=Money(row.net_minor, row.currency),
        tax=Money(row.tax_minor, row.currency),
        total=Money(row.total_minor, row.currency),
        reason=row.reason,
        issued_on=row.issued_on,
        buyer=Buyer.from_json(row.buyer),
        seller=Seller.from_json(row.seller),
        lines=tuple(_credit_note_line(line) for line in lines),
    )


def _credit_note_line(row: CreditNoteLineRow) -> CreditNoteLine:
    return CreditNoteLine(invoice_line_id=row.invoice_line_id, **_taxed(row))


def _line(row: ProformaLineRow | InvoiceLineRow) -> Line:
    period = Period(row.period_start, row.period_end) if row.period_start and row.period_end else None
    return Line(reference_type=row.reference_type, reference_id=row.reference_id, period=period, **_taxed(row))


_COPIED = (
    "id", "position", "description", "product_class", "quantity", "discount_note", "tax_rate_ppm", "tax_note", "tax_category", "tax_exemption_code",
    "tax_rule_id", "details",
)  # fmt: skip
_AMOUNTS = ("unit_net", "discount", "net", "tax")


def _taxed(row: ProformaLineRow | InvoiceLineRow | CreditNoteLineRow) -> dict[str, Any]:
    amounts = {name: Money(getattr(row, f"{name}_minor"), row.currency) for name in _AMOUNTS}
    return amounts | {name: getattr(row, name) for name in _COPIED}
