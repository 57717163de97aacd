"""Rows → papers: what a document says, as it was when it was issued. What happened later is on later documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities import customers
from nextbill.capabilities.invoicing.errors import CreditNoteNotFound, NotIssued
from nextbill.capabilities.invoicing.models import CreditNoteRow
from nextbill.capabilities.invoicing.ports import Bill, BillLine, TaxGroup
from nextbill.capabilities.invoicing.queries import CreditNote, CreditNoteLine, Invoice, Line, get_invoice, get_proforma
from nextbill.capabilities.invoicing.rules import Seller
from nextbill.kernel.clock import business_date
from nextbill.kernel.money import Money, total
from nextbill.kernel.period import Period
from nextbill.runtime.database import ReadTx

PayLink = Callable[[str, UUID, UUID, datetime], str | None]
"""Kind of document, its id, the id of what it was made for, when it was issued → where it is paid."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What documents need that is no row: who sells (for proformas, which copy no seller), the time zone of dates, where is paid."""

    seller: Seller
    time_zone: str
    pay_link: PayLink


@dataclass(frozen=True, slots=True)
class Drafted:
    """A paper, and whose it is."""

    bill: Bill
    customer_id: UUID


async def proforma_bill(tx: ReadTx, proforma_id: UUID, sources: Sources) -> Drafted:
    found = await get_proforma(tx, proforma_id)
    on = business_date(found.created_at, sources.time_zone)
    bill = Bill(
        kind="proforma",
        number=found.number,
        language=await _language(tx, found.customer_id),
        issued_on=on,
        seller=sources.seller,
        buyer=found.buyer,
        lines=tuple(_bill_line(line) for line in found.lines),
        taxes=tax_groups(found.lines),
        net=found.net,
        tax=found.tax,
        total=found.total,
        paid=Money.zero(found.total.currency),
        payment_link=sources.pay_link("proforma", found.id, found.origin_id, found.created_at),
        buyer_reference=found.references.buyer_reference,
        order_number=found.references.order_number,
        notes=found.references.notes,
    )
    return Drafted(bill, found.customer_id)


async def invoice_bill(tx: ReadTx, invoice_id: UUID, sources: Sources) -> Drafted:
    """NotIssued for a draft."""
    found = await get_invoice(tx, invoice_id)
    summary = found.summary
    number, issued_on = _issued(found)
    bill = Bill(
        kind="invoice",
        number=number,
        language=await _language(tx, summary.customer_id),
        issued_on=issued_on,
        due_on=summary.due_on,
        seller=found.seller,
        buyer=found.buyer,
        lines=tuple(_bill_line(line) for line in found.lines),
        taxes=tax_groups(found.lines),
        net=summary.net,
        tax=summary.tax,
        total=summary.total,
        paid=_paid_at_issue(found),
        payment_link=sources.pay_link("invoice", summary.id, summary.origin_id, _moment(issued_on)),
        buyer_reference=found.references.buyer_reference,
        order_number=found.references.order_number,
        notes=found.references.notes,
    )
    return Drafted(bill, summary.customer_id)


async def credit_note_bill(tx: ReadTx, note_id: UUID, sources: Sources) -> Drafted:
    invoice_id = (await tx.execute(select(CreditNoteRow.invoice_id).where(CreditNoteRow.id == note_id))).scalar_one_or_none()
    if invoice_id is None:
        raise CreditNoteNotFound
    found = await get_invoice(tx, invoice_id)
    note = next(one for one in found.credit_notes if one.id == note_id)
    return Drafted(await _credit_note(tx, note, found), found.summary.customer_id)


async def _credit_note(tx: ReadTx, note: CreditNote, invoice: Invoice) -> Bill:
    number, issued_on = _issued(invoice)
    periods = {line.id: line.period for line in invoice.lines}
    return Bill(
        kind="credit_note",
        number=note.number,
        language=await _language(tx, invoice.summary.customer_id),
        issued_on=note.issued_on,
        seller=invoice.seller,
        buyer=invoice.buyer,
        lines=tuple(_bill_line(line, period=periods.get(line.invoice_line_id)) for line in note.lines),
        taxes=tax_groups(note.lines),
        net=note.net,
        tax=note.tax,
        total=note.total,
        paid=Money.zero(note.total.currency),
        reverses=number,
        reversed_on=issued_on,
        reason=note.reason,
        buyer_reference=invoice.references.buyer_reference,
        order_number=invoice.references.order_number,
    )


def tax_groups(lines: Sequence[Line | CreditNoteLine]) -> tuple[TaxGroup, ...]:
    """By category and rate, highest rate first, as EN 16931 wants its breakdown. Different reasons of one group stand beside each other."""
    keys = sorted({(line.tax_category, line.tax_rate_ppm) for line in lines}, key=lambda key: (-key[1], key[0]))
    return tuple(
        _group(category, rate, [line for line in lines if (line.tax_category, line.tax_rate_ppm) == (category, rate)]) for category, rate in keys
    )


def _group(category: str, rate_ppm: int, lines: Sequence[Line | CreditNoteLine]) -> TaxGroup:
    currency = lines[0].net.currency
    codes = {line.tax_exemption_code for line in lines}
    return TaxGroup(
        category=category,
        rate_ppm=rate_ppm,
        base=total([line.net for line in lines], currency),
        tax=total([line.tax for line in lines], currency),
        reason="; ".join(dict.fromkeys(line.tax_note for line in lines if line.tax_note)),
        exemption_code=codes.pop() if len(codes) == 1 else None,
    )


def _bill_line(line: Line | CreditNoteLine, *, period: Period | None = None) -> BillLine:
    return BillLine(
        position=line.position,
        description=line.description,
        quantity=line.quantity,
        unit_net=line.unit_net,
        net=line.net,
        discount=line.discount,
        discount_note=line.discount_note,
        category=line.tax_category,
        rate_ppm=line.tax_rate_ppm,
        period=line.period if isinstance(line, Line) else period,
    )


def _issued(invoice: Invoice) -> tuple[str, date]:
    if invoice.summary.number is None or invoice.summary.issued_on is None:
        raise NotIssued
    return invoice.summary.number, invoice.summary.issued_on


def _paid_at_issue(invoice: Invoice) -> Money:
    """An invoice that follows a paid proforma was born paid."""
    return invoice.summary.total if invoice.summary.proforma_id else Money.zero(invoice.summary.total.currency)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def _language(tx: ReadTx, customer_id: UUID) -> str:
    return (await customers.get_customer(tx, customer_id)).locale
