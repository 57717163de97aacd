"""What must always hold of documents. Small sums over indexed rows; each names the rows that break it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, union_all

from nextbill.capabilities import ledger
from nextbill.capabilities.invoicing.models import (
    CounterRow,
    CreditNoteLineRow,
    CreditNoteRow,
    DocumentRow,
    FormRow,
    InvoiceLineRow,
    InvoiceRow,
    ProformaRow,
)
from nextbill.capabilities.invoicing.rules import CREDIT_NOTE, INVOICE
from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import SHOWN, Invariant

SAMPLED = 200
"""Files whose bytes are read in an hour."""


async def _receivable(tx: ReadTx, _now: datetime) -> list[str]:
    """Of every customer and currency: the account and the sum of what invoices have due."""
    due = select(InvoiceRow.customer_id, InvoiceRow.currency, func.sum(InvoiceRow.due_minor).label("due")).where(InvoiceRow.due_minor > 0)
    invoices = due.group_by(InvoiceRow.customer_id, InvoiceRow.currency).subquery()
    account = ledger.balances_by_customer(ledger.Account.RECEIVABLE)
    same = and_(invoices.c.customer_id == account.c.customer_id, invoices.c.currency == account.c.currency)
    columns = (
        func.coalesce(invoices.c.customer_id, account.c.customer_id),
        func.coalesce(invoices.c.currency, account.c.currency),
        func.coalesce(invoices.c.due, 0),
        func.coalesce(account.c.amount_minor, 0),
    )
    statement = select(*columns).select_from(invoices.outerjoin(account, same, full=True)).where(columns[2] != columns[3]).limit(SHOWN)
    found = [
        f"customer {who}: invoices have {due} {currency} due, the account says {booked}" for who, currency, due, booked in await tx.execute(statement)
    ]
    return found + await _losses(tx)


async def _losses(tx: ReadTx) -> list[str]:
    """What was written off is what the books call a loss."""
    given_up = select(InvoiceRow.currency, func.sum(InvoiceRow.written_off_minor)).where(InvoiceRow.written_off_minor > 0)
    invoices = {currency: int(amount) for currency, amount in await tx.execute(given_up.group_by(InvoiceRow.currency))}
    account = await ledger.balance(tx, ledger.Account.WRITE_OFF)
    currencies = {currency for currency in {*invoices, *account} if invoices.get(currency, 0) != account.get(currency, 0)}
    return [f"invoices gave up {invoices.get(name, 0)} {name}, the account says {account.get(name, 0)}" for name in sorted(currencies)]


async def _gapless(tx: ReadTx, _now: datetime) -> list[str]:
    numbered = union_all(
        select(InvoiceRow.series, InvoiceRow.sequence).where(InvoiceRow.number.is_not(None)),
        select(CreditNoteRow.series, CreditNoteRow.sequence),
    ).subquery()
    found = select(
        numbered.c.series, func.count().label("n"), func.min(numbered.c.sequence).label("first"), func.max(numbered.c.sequence).label("last")
    )
    by_series = found.group_by(numbered.c.series).subquery()
    broken = or_(by_series.c.series.is_(None), by_series.c.n != CounterRow.last, by_series.c.first != 1, by_series.c.last != CounterRow.last)
    uncounted = CounterRow.series.is_(None)
    joined = select(
        func.coalesce(CounterRow.series, by_series.c.series), CounterRow.last, by_series.c.n, by_series.c.first, by_series.c.last
    ).select_from(by_series.outerjoin(CounterRow, CounterRow.series == by_series.c.series, full=True))
    rows = await tx.execute(joined.where(or_(broken, uncounted)).limit(SHOWN))
    return [f"series {name}: counter at {last}, {n or 0} documents from {low} to {high}" for name, last, n, low, high in rows]


async def _sums(tx: ReadTx, _now: datetime) -> list[str]:
    found = [
        f"invoice {number} is not the sum of its lines"
        for number in (await tx.execute(_off(InvoiceRow, InvoiceLineRow, InvoiceLineRow.invoice_id).where(InvoiceRow.state != "draft"))).scalars()
    ]
    found += [
        f"credit note {number} is not the sum of its lines"
        for number in (await tx.execute(_off(CreditNoteRow, CreditNoteLineRow, CreditNoteLineRow.credit_note_id))).scalars()
    ]
    credited = select(func.coalesce(func.sum(CreditNoteRow.total_minor), 0)).where(CreditNoteRow.invoice_id == InvoiceRow.id).scalar_subquery()
    wrong = select(InvoiceRow.number).where(
        or_(InvoiceRow.credited_minor != credited, and_(InvoiceRow.state == "void", credited != InvoiceRow.total_minor))
    )
    found += [f"invoice {number} has lines of which its form says nothing" for number in (await tx.execute(_UNTOLD)).scalars()]
    return found + [f"invoice {number} and its credit notes do not agree" for number in (await tx.execute(wrong.limit(SHOWN))).scalars()]


_UNTOLD = (
    select(InvoiceRow.number)
    .join(FormRow, FormRow.id == InvoiceRow.form_id)
    .where(
        func.jsonb_array_length(FormRow.details)
        != select(func.count()).where(InvoiceLineRow.invoice_id == InvoiceRow.id).correlate(InvoiceRow).scalar_subquery()
    )
    .limit(SHOWN)
)


def _off(document: Any, line: Any, parent: Any) -> Any:
    def of_lines(column: Any) -> Any:
        return select(func.coalesce(func.sum(column), -1)).where(parent == document.id).scalar_subquery()

    differs = or_(
        of_lines(line.net_minor) != document.net_minor,
        of_lines(line.tax_minor) != document.tax_minor,
        of_lines(line.total_minor) != document.total_minor,
    )
    return select(document.number).where(differs).limit(SHOWN)


async def _postings(tx: ReadTx, _now: datetime) -> list[str]:
    receivable, tax_payable = ledger.Account.RECEIVABLE, ledger.Account.TAX_PAYABLE
    sale = ledger.booked(receivable, reference_type=INVOICE, kind="issue")
    sale_tax = ledger.booked(tax_payable, reference_type=INVOICE, kind="issue")
    paid = ledger.booked(receivable, reference_type=INVOICE, kind="settlement")
    statement = (
        select(InvoiceRow.number)
        .outerjoin(sale, sale.c.reference_id == InvoiceRow.id)
        .outerjoin(sale_tax, sale_tax.c.reference_id == InvoiceRow.id)
        .outerjoin(paid, paid.c.reference_id == InvoiceRow.id)
        .where(
            InvoiceRow.number.is_not(None),
            or_(
                func.coalesce(sale.c.amount_minor, 0) != InvoiceRow.total_minor,
                -func.coalesce(sale_tax.c.amount_minor, 0) != InvoiceRow.tax_minor,
                -func.coalesce(paid.c.amount_minor, 0) != InvoiceRow.paid_minor,
            ),
        )
    )
    found = [f"invoice {number} is not in the books as it says" for number in (await tx.execute(statement.limit(SHOWN))).scalars()]
    reversed_tax = ledger.booked(tax_payable, reference_type=CREDIT_NOTE, kind="issue")
    notes = select(CreditNoteRow.number).outerjoin(reversed_tax, reversed_tax.c.reference_id == CreditNoteRow.id)
    wrong = notes.where(func.coalesce(reversed_tax.c.amount_minor, 0) != CreditNoteRow.tax_minor)
    return found + [f"credit note {number} is not in the books as it says" for number in (await tx.execute(wrong.limit(SHOWN))).scalars()]


async def _files(tx: ReadTx, now: datetime) -> list[str]:
    """Some of the kept files, others each hour, until all have been looked at: are they what was written, and of what was issued?"""
    count = (await tx.execute(select(func.count()).select_from(DocumentRow))).scalar_one()
    chosen = select(DocumentRow.id).order_by(DocumentRow.id).offset(_start(count, now)).limit(SAMPLED).subquery()
    number = func.coalesce(InvoiceRow.number, CreditNoteRow.number, ProformaRow.number)
    rotten = DocumentRow.sha256 != func.encode(func.sha256(DocumentRow.content), "hex")
    foreign = and_(DocumentRow.kind != "receipt", or_(number.is_(None), number != DocumentRow.number))
    statement = (
        select(DocumentRow.kind, DocumentRow.number, rotten)
        .join(chosen, chosen.c.id == DocumentRow.id)
        .outerjoin(InvoiceRow, and_(InvoiceRow.id == DocumentRow.subject_id, DocumentRow.kind == "invoice"))
        .outerjoin(CreditNoteRow, and_(CreditNoteRow.id == DocumentRow.subject_id, DocumentRow.kind == "credit_note"))
        .outerjoin(ProformaRow, and_(ProformaRow.id == DocumentRow.subject_id, DocumentRow.kind == "proforma"))
        .where(or_(rotten, foreign))
    )
    return [
        f"the file of {kind} {number} {'is not what was written' if changed else 'is of nothing that was issued'}"
        for kind, number, changed in await tx.execute(statement.limit(SHOWN))
    ]


def _start(count: int, now: datetime) -> int:
    """Where this hour's sample begins."""
    slices = max(1, -(-count // SAMPLED))
    return int(now.timestamp()) // 3600 % slices * SAMPLED


INVARIANTS = (
    Invariant("receivable_matches_open_invoices", "What customers owe by the books is what their invoices have due", _receivable),
    Invariant("invoice_numbers_gapless", "Each series counts 1, 2, 3 … without a gap and ends at its counter", _gapless),
    Invariant("invoice_total_is_sum_of_lines", "Every issued document is the sum of its lines, and credit notes add up to what invoices say", _sums),
    Invariant("documents_unchanged", "Every file that was handed out is what was written, and of a document that was issued", _files),
    Invariant("paid_invoice_has_postings", "Every issued document is in the books with its own amounts, every payment of one too", _postings),
)
