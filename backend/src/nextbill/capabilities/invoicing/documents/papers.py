"""Rows → papers: what a document says, as it was when it was issued. What happened later is on later documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities import customers, ledger
from nextbill.capabilities.invoicing.documents.wording import described, why_given_back, why_less, why_taxed
from nextbill.capabilities.invoicing.errors import CreditNoteNotFound, NotIssued, ReceiptNotFound
from nextbill.capabilities.invoicing.models import CreditNoteRow, PaymentRow
from nextbill.capabilities.invoicing.ports import Bill, BillLine, Receipt, TaxGroup
from nextbill.capabilities.invoicing.queries import CreditNote, CreditNoteLine, Invoice, Line, get_invoice, get_proforma
from nextbill.capabilities.invoicing.rules import CREDIT_NOTE, INVOICE, Seller
from nextbill.kernel.clock import business_date
from nextbill.kernel.money import Money, total
from nextbill.kernel.period import Period
from nextbill.runtime.database import ReadTx

PayLink = Callable[[str, UUID, UUID, datetime], str | None]
"""Kind of document, its id, the id of what it was made for, when it is due → where it is paid."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What documents need that is no row: who sells (for proformas, which copy no seller), the time zone of dates, where is paid."""

    seller: Seller
    time_zone: str
    pay_link: PayLink


@dataclass(frozen=True, slots=True)
class Drafted:
    """A paper, and whose it is."""

    paper: Bill | Receipt
    customer_id: UUID


async def proforma_bill(tx: ReadTx, proforma_id: UUID, sources: Sources) -> Drafted:
    found = await get_proforma(tx, proforma_id)
    on, language = business_date(found.created_at, sources.time_zone), await _language(tx, found.customer_id)
    bill = Bill(
        kind="proforma",
        number=found.number,
        language=language,
        issued_on=on,
        seller=sources.seller,
        buyer=found.buyer,
        lines=tuple(_bill_line(line, language) for line in found.lines),
        taxes=tax_groups(found.lines, language=language),
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
    language = await _language(tx, summary.customer_id)
    bill = Bill(
        kind="invoice",
        number=number,
        language=language,
        issued_on=issued_on,
        due_on=summary.due_on,
        seller=found.seller,
        buyer=found.buyer,
        lines=tuple(_bill_line(line, language) for line in found.lines),
        taxes=tax_groups(found.lines, language=language),
        net=summary.net,
        tax=summary.tax,
        total=summary.total,
        paid=_paid_at_issue(found, issued_on),
        tax_home=await _tax_at_home(tx, INVOICE, summary.id),
        payment_link=sources.pay_link("invoice", summary.id, summary.origin_id, _moment(summary.due_on or issued_on)),
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


async def receipt(tx: ReadTx, payment_id: UUID, _sources: Sources) -> Drafted:
    """Of money that was applied to an invoice."""
    invoice_id = (await tx.execute(select(PaymentRow.invoice_id).where(PaymentRow.id == payment_id))).scalar_one_or_none()
    if invoice_id is None:
        raise ReceiptNotFound
    found = await get_invoice(tx, invoice_id)
    number, _issued_on = _issued(found)
    payment = next(one for one in found.payments if one.id == payment_id)
    paper = Receipt(
        number=f"{number}-R{payment.position}",
        language=await _language(tx, found.summary.customer_id),
        received_on=payment.applied_on,
        amount=payment.amount,
        method=payment.method or payment.source,
        seller=found.seller,
        buyer=found.buyer,
        reference=payment.reference,
        documents=((number, found.summary.total),),
    )
    return Drafted(paper, found.summary.customer_id)


async def _credit_note(tx: ReadTx, note: CreditNote, invoice: Invoice) -> Bill:
    number, issued_on = _issued(invoice)
    periods = {line.id: line.period for line in invoice.lines}
    language = await _language(tx, invoice.summary.customer_id)
    return Bill(
        kind="credit_note",
        number=note.number,
        language=language,
        issued_on=note.issued_on,
        seller=invoice.seller,
        buyer=invoice.buyer,
        lines=tuple(_bill_line(line, language, period=periods.get(line.invoice_line_id)) for line in note.lines),
        taxes=tax_groups(note.lines, language=language),
        net=note.net,
        tax=note.tax,
        total=note.total,
        paid=Money.zero(note.total.currency),
        tax_home=await _tax_at_home(tx, CREDIT_NOTE, note.id),
        reverses=number,
        reversed_on=issued_on,
        reason=why_given_back(note, language),
        buyer_reference=invoice.references.buyer_reference,
        order_number=invoice.references.order_number,
    )


def tax_groups(lines: Sequence[Line | CreditNoteLine], *, language: str) -> tuple[TaxGroup, ...]:
    """By category and rate, highest rate first, as EN 16931 wants its breakdown. Different reasons of one group stand beside each other."""
    keys = sorted({(line.tax_category, line.tax_rate_ppm) for line in lines}, key=lambda key: (-key[1], key[0]))
    return tuple(_group([line for line in lines if (line.tax_category, line.tax_rate_ppm) == key], language=language) for key in keys)


def _group(lines: Sequence[Line | CreditNoteLine], *, language: str) -> TaxGroup:
    first, currency = lines[0], lines[0].net.currency
    codes = {line.tax_exemption_code for line in lines}
    return TaxGroup(
        category=first.tax_category,
        rate_ppm=first.tax_rate_ppm,
        base=total([line.net for line in lines], currency),
        tax=total([line.tax for line in lines], currency),
        reason="; ".join(dict.fromkeys(why for line in lines if (why := why_taxed(line, language)))),
        exemption_code=codes.pop() if len(codes) == 1 else None,
    )


def _bill_line(line: Line | CreditNoteLine, language: str, *, period: Period | None = None) -> BillLine:
    return BillLine(
        position=line.position,
        description=described(line, language),
        quantity=line.quantity,
        unit_net=line.unit_net,
        net=line.net,
        discount=line.discount,
        discount_note=why_less(line, language),
        category=line.tax_category,
        rate_ppm=line.tax_rate_ppm,
        period=line.period if isinstance(line, Line) else period,
    )


def _issued(invoice: Invoice) -> tuple[str, date]:
    if invoice.summary.number is None or invoice.summary.issued_on is None:
        raise NotIssued
    return invoice.summary.number, invoice.summary.issued_on


def _paid_at_issue(invoice: Invoice, issued_on: date) -> Money:
    """What was there on the day of issue: all of it where a paid proforma came before, credit where there was some. Later money has receipts."""
    return total([one.amount for one in invoice.payments if one.applied_on <= issued_on], invoice.summary.total.currency)


async def _tax_at_home(tx: ReadTx, reference_type: str, document_id: UUID) -> Money | None:
    """The tax as it was booked in the seller's own currency; None before anything is booked."""
    booked = await ledger.journals_of(tx, reference_type=reference_type, reference_ids=[document_id])
    entries = [entry for journal in booked if journal.kind == "issue" for entry in journal.entries]
    if not entries:
        return None
    minor = sum(entry.home.minor for entry in entries if entry.account == ledger.Account.TAX_PAYABLE)
    return Money(abs(minor), entries[0].home.currency)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def _language(tx: ReadTx, customer_id: UUID) -> str:
    return (await customers.get_customer(tx, customer_id)).locale
