"""Invoices and credit notes go into the VAT book, once each, and the buyer's whereabouts are judged."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from nextbill.capabilities import domains, invoicing, ledger, orders, subscriptions, tax
from nextbill.processes.taxation.rules import BookedLine, parts_of
from nextbill.runtime import jobs
from nextbill.runtime.database import Tx

BOOK_BILLED: Final = "taxation.book_billed"
BOOKED_AT_ONCE: Final = 100
ANY_ZONE: Final = timedelta(days=1)


async def book_invoice(tx: Tx, invoice_id: UUID, *, now: datetime) -> None:
    """As it was issued; a second time changes nothing."""
    invoice = await invoicing.get_invoice(tx, invoice_id)
    paper = invoice.summary
    policy = await tax.policy_on(tx, paper.issued_on) if paper.issued_on else None
    if policy is None or paper.issued_on is None:
        return
    lines = [BookedLine(line.net, line.tax, line.tax_rate_ppm, line.tax_category, line.details.get("tax", {})) for line in invoice.lines]
    document = await _document(tx, invoice, kind=invoicing.INVOICE, id_=paper.id, number=paper.number, on=paper.issued_on)
    parts = parts_of(lines, seller_country=policy.seller_country, buyer_country=document.buyer_country, sign=1)
    rate = await _home_rate(tx, paper.net.currency, policy.home_currency, on=paper.issued_on)
    booked = await tax.book_sale(tx, document=document, parts=parts, home_rate_ppm=rate, now=now)
    if booked and paper.origin_type == orders.ORDER and not any(part.scheme == "reverse_charge" for part in parts):
        subject: dict[str, Any] = {"subject_type": orders.ORDER, "subject_id": paper.origin_id}
        await tax.judge_evidence(tx, customer_id=paper.customer_id, charged_for=document.buyer_country, **subject, now=now)


async def book_billed(tx: Tx, chunk_id: UUID, *, after: UUID | None, now: datetime) -> None:
    """What a billing run has invoiced, some at a time and the rest by the next job; nothing where the shop has no policy and so keeps no book."""
    if await tax.policy_on(tx, now.date() + ANY_ZONE) is None:
        return
    periods = {one.invoice_id for one in await subscriptions.billed_in(tx, chunk_id, after=after, limit=BOOKED_AT_ONCE)}
    names = await domains.invoices_of_names(tx, chunk_id, after=after, limit=BOOKED_AT_ONCE)
    found = sorted(periods.union(names))[:BOOKED_AT_ONCE]
    for invoice_id in found:
        await book_invoice(tx, invoice_id, now=now)
    if len(found) == BOOKED_AT_ONCE:
        await jobs.enqueue(tx, BOOK_BILLED, {"chunk_id": str(chunk_id), "after": str(found[-1])})


async def book_credit_note(tx: Tx, invoice_id: UUID, credit_note_id: UUID, *, now: datetime) -> None:
    """Below zero, as the invoice was taxed and at its exchange rate; the invoice first, where it was never paid and so is not in the book."""
    await book_invoice(tx, invoice_id, now=now)
    invoice = await invoicing.get_invoice(tx, invoice_id)
    note = next(found for found in invoice.credit_notes if found.id == credit_note_id)
    policy = await tax.policy_on(tx, note.issued_on)
    if policy is None:
        return
    lines = [BookedLine(line.net, line.tax, line.tax_rate_ppm, line.tax_category, line.details.get("tax", {})) for line in note.lines]
    document = await _document(tx, invoice, kind=invoicing.CREDIT_NOTE, id_=note.id, number=note.number, on=note.issued_on)
    parts = parts_of(lines, seller_country=policy.seller_country, buyer_country=document.buyer_country, sign=-1)
    sold_at = await tax.booked_at(tx, document_type=invoicing.INVOICE, document_id=invoice_id, home=policy.home_currency)
    rate = sold_at or await _home_rate(tx, note.net.currency, policy.home_currency, on=note.issued_on)
    await tax.book_sale(tx, document=document, parts=parts, home_rate_ppm=rate, now=now)


async def _document(tx: Tx, invoice: invoicing.Invoice, *, kind: str, id_: UUID, number: str | None, on: date) -> tax.SoldDocument:
    buyer, paper = invoice.buyer, invoice.summary
    where = tax.territory(buyer.country, buyer.postal_code)
    return tax.SoldDocument(
        type=kind,
        id=id_,
        number=number,
        on=on,
        customer_id=paper.customer_id,
        buyer_country=where.country,
        member=where.member,
        tax_id=buyer.tax_id,
        tax_id_state=_decided_on(invoice),
    )


def _decided_on(invoice: invoicing.Invoice) -> str:
    """What the buyer's tax id was worth when the tax of this invoice was decided."""
    told = [str(line.details.get("tax", {}).get("id_state", "none")) for line in invoice.lines]
    return told[0] if told else "none"


async def _home_rate(tx: Tx, currency: str, home: str, *, on: date) -> int | None:
    """Home units for a million units of the currency; None for the home currency itself."""
    if currency == home:
        return None
    rate = await ledger.rate_on(tx, currency=currency, home=home, on=on)
    if rate is None:
        # The books refuse it first where their home currency is the policy's; a policy may name another one.
        raise ledger.RateMissing(fields={"currency": f"add a rate of {currency} in {home} for {on} or before"})
    return rate.ppm
