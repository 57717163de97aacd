"""Invoices that staff makes: a draft is written, changed, issued or discarded. Until it is issued nothing is booked and it has no number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import structs
from sqlalchemy import delete, insert, update

from nextbill.capabilities import customers, ledger, payments, tax
from nextbill.capabilities.invoicing.commands.buyers import buyer_of
from nextbill.capabilities.invoicing.commands.draft_lines import DraftLine, as_written, priced
from nextbill.capabilities.invoicing.commands.issue import InvoiceId, book_and_number
from nextbill.capabilities.invoicing.commands.lines import amounts, checked_totals, line_values
from nextbill.capabilities.invoicing.errors import AddressMissing, DraftChanged, NotADraft
from nextbill.capabilities.invoicing.events import InvoiceIssued
from nextbill.capabilities.invoicing.models import InvoiceLineRow, InvoiceRow
from nextbill.capabilities.invoicing.queries import Invoice, Line, get_invoice, lock_invoice, whole_invoice
from nextbill.capabilities.invoicing.rules import INVOICE, InvoiceLine, References, Seller
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


@dataclass(frozen=True, slots=True)
class Draft:
    """What staff writes. `terms_days` after its issue it is due. Prices and discounts are net."""

    currency: str
    lines: Sequence[DraftLine]
    references: References
    terms_days: int


async def create_draft(tx: Tx, *, customer_id: UUID, draft: Draft, seller: Seller, actor: str, today: date, now: datetime) -> InvoiceId:
    """UnknownCustomer, ReasonNeeded, NothingToPay, or catalog's refusal of a product. Tax is as of today, and assessed again at issue."""
    customer = await customers.get_customer(tx, customer_id)
    lines = await _lines(tx, customer, draft, actor=actor, on=today)
    invoice_id = new_id()
    await tx.execute(
        insert(InvoiceRow).values(
            id=invoice_id,
            customer_id=customer_id,
            state="draft",
            origin_type=INVOICE,
            origin_id=invoice_id,
            due_minor=0,
            paid_minor=0,
            credited_minor=0,
            seller=seller.to_json(),
            created_at=now,
            **_facts(customer, draft, lines),
        )
    )
    await tx.execute(insert(InvoiceLineRow).values(_rows(lines, customer_id, invoice_id)))
    return InvoiceId(invoice_id)


async def edit_draft(tx: Tx, invoice_id: UUID, *, draft: Draft, version: int, actor: str, today: date) -> None:
    """All of it anew. DraftChanged where `version` is not the one that it has; NotADraft, and what `create_draft` refuses."""
    row = await _hold(tx, invoice_id, version)
    customer = await customers.get_customer(tx, row.customer_id)
    lines = await _lines(tx, customer, draft, actor=actor, on=today)
    await _rewrite(tx, row, lines, _facts(customer, draft, lines))


async def issue_draft(
    tx: Tx, invoice_id: UUID, *, seller: Seller, on: date, now: datetime, version: int | None = None, due_on: date | None = None
) -> InvoiceId:
    """Number, date, postings, and an open payable. Buyer, seller and tax are as of now; prices stay as they were written.

    NotADraft, DraftChanged, AddressMissing (tax depends on the country), MonthClosed, NothingToPay."""
    row = await _hold(tx, invoice_id, version)
    customer = await customers.get_customer(tx, row.customer_id)
    if customer.address is None:
        raise AddressMissing
    found = await whole_invoice(tx, row)
    lines = await _taxed(tx, customer, [as_written(line) for line in found.lines], on=on)
    facts = _facts(customer, Draft(row.currency, (), found.references, row.terms_days or 0), lines)
    sums = checked_totals(lines, row.currency)
    payable_id = await payments.open_payable(
        tx, customer_id=row.customer_id, reference_type=INVOICE, reference_id=row.id, amount=sums.gross, description="Invoice", now=now
    )
    changed = None if _taxed_the_same(found.lines, lines) else lines
    await _rewrite(tx, row, changed, {**facts, "seller": seller.to_json(), "payable_id": payable_id})
    due = due_on or on + timedelta(days=row.terms_days or 0)
    await publish(tx, InvoiceIssued(invoice_id=row.id, customer_id=row.customer_id), now=now)
    await book_and_number(tx, row.id, row.customer_id, lines, sums=sums, on=on, due_on=due, now=now)
    return InvoiceId(row.id)


async def discard_draft(tx: Tx, invoice_id: UUID, *, version: int | None = None) -> Invoice:
    """It leaves no trace but in the audit log; what has a number is never deleted. NotADraft, DraftChanged."""
    row = await _hold(tx, invoice_id, version)
    found = await get_invoice(tx, row.id)
    await tx.execute(delete(InvoiceLineRow).where(InvoiceLineRow.invoice_id == row.id))
    await tx.execute(delete(InvoiceRow).where(InvoiceRow.id == row.id))
    return found


async def _hold(tx: Tx, invoice_id: UUID, version: int | None) -> InvoiceRow:
    row = await lock_invoice(tx, invoice_id)
    if row.state != "draft":
        raise NotADraft
    if version is not None and row.version != version:
        raise DraftChanged
    return row


async def _lines(tx: Tx, customer: customers.Customer, draft: Draft, *, actor: str, on: date) -> list[InvoiceLine]:
    written = [
        await priced(tx, line, currency=draft.currency, path=f"lines.{position}", actor=actor, on=on) for position, line in enumerate(draft.lines)
    ]
    return await _taxed(tx, customer, written, on=on)


async def _taxed(tx: Tx, customer: customers.Customer, lines: Sequence[InvoiceLine], *, on: date) -> list[InvoiceLine]:
    """Without an address the draft shows no tax yet; it can't be issued so."""
    where = customer.address
    if where is None:
        return list(lines)
    asked = [tax.TaxableLine(str(place), line.product_class, line.net) for place, line in enumerate(lines)]
    currency = lines[0].net.currency if lines else tx.home_currency
    rate = None if currency == tx.home_currency else await ledger.rate_on(tx, currency=currency, home=tx.home_currency, on=on)
    found = await tax.assess(
        tx,
        lines=asked,
        country=where.country,
        state=where.state or None,
        status=customer.status,
        tax_id=customer.tax_id,
        on=on,
        customer_id=customer.id,
        postal_code=where.postal_code,
        inclusive=False,
        home_rate_ppm=rate.ppm if rate else None,
    )
    return [replace(line, tax=taxed) for line, taxed in zip(lines, found, strict=True)]


def _taxed_the_same(before: Sequence[Line], now: Sequence[InvoiceLine]) -> bool:
    """As a rule a draft is issued under the rules that it was written under."""
    written = [(one.net, one.tax, one.tax_rate_ppm, one.tax_note, one.tax_rule_id, one.tax_category, one.tax_exemption_code) for one in before]
    anew = [(one.net, one.tax.tax, one.tax.rate_ppm, one.tax.note, one.tax.rule_id, one.tax.category, one.tax.exemption_code) for one in now]
    return written == anew and [one.details.get("tax") for one in before] == [one.tax.details for one in now]


async def _rewrite(tx: Tx, row: InvoiceRow, lines: Sequence[InvoiceLine] | None, facts: dict[str, Any]) -> None:
    """`lines` None: those that it has stay."""
    if lines is not None:
        await tx.execute(delete(InvoiceLineRow).where(InvoiceLineRow.invoice_id == row.id))
        await tx.execute(insert(InvoiceLineRow).values(_rows(lines, row.customer_id, row.id)))
    changed = update(InvoiceRow).where(InvoiceRow.id == row.id).values(**facts, version=InvoiceRow.version + 1)
    await tx.execute(changed, execution_options={"synchronize_session": False})


def _facts(customer: customers.Customer, draft: Draft, lines: Sequence[InvoiceLine]) -> dict[str, Any]:
    references = draft.references
    if references.buyer_reference is None:
        references = structs.replace(references, buyer_reference=customer.buyer_reference)
    sums = checked_totals(lines, Money.zero(draft.currency).currency)
    return {**amounts(sums), **references.to_values(), "buyer": buyer_of(customer).to_json(), "terms_days": draft.terms_days}


def _rows(lines: Sequence[InvoiceLine], customer_id: UUID, invoice_id: UUID) -> list[dict[str, Any]]:
    """Each line is its own reference: two of them may pay for the same time."""
    rows = line_values(lines, customer_id=customer_id, invoice_id=invoice_id)
    return [{**row, "reference_id": row["id"]} for row in rows]
