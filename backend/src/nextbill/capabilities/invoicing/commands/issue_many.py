"""Many legal invoices at once, each exactly what `issue_invoice` would have made of it: payables and books first, then the numbers as a row, then the
invoices with theirs. The counter is held while the documents go in, one statement for the invoices and one for their lines."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from nextbill.capabilities import ledger, payments
from nextbill.capabilities.invoicing.commands.lines import checked_totals, line_values
from nextbill.capabilities.invoicing.commands.numbering import next_numbers
from nextbill.capabilities.invoicing.rules import INVOICE, Buyer, InvoiceLine, Part, References, Seller, Totals, number, sale
from nextbill.kernel.ids import new_ids
from nextbill.runtime.bulk import column, document, uuids, words
from nextbill.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice that is to be. `lines` are in `currency` and add up to more than nothing."""

    customer_id: UUID
    origin_type: str
    origin_id: UUID
    lines: Sequence[InvoiceLine]
    buyer: Buyer
    currency: str
    due_on: date
    references: References = field(default_factory=References)


@dataclass(frozen=True, slots=True)
class Issued:
    """`line_ids` in the order of the bill's lines."""

    id: UUID
    payable_id: UUID
    line_ids: tuple[UUID, ...]
    sums: Totals


# Invoices and their lines are one statement: the database judges at its end that each has lines, and that they add up to it.
_INVOICES = (
    "insert into invoicing_invoice (id, customer_id, state, series, sequence, number, origin_type, origin_id, payable_id, due_minor, paid_minor, "
    "credited_minor, buyer, seller, buyer_reference, order_number, notes, terms_days, issued_on, due_on, issued_at, created_at, currency, net_minor, "
    "tax_minor, total_minor) "
    "select n.id, n.customer, 'open', :series, n.place, n.number, n.origin_type, n.origin, n.payable, n.net + n.tax, 0, 0, cast(n.buyer as jsonb), "
    "cast(:seller as jsonb), n.reference, n.ordered, n.notes, n.terms, :on, n.due, :now, :now, n.currency, n.net, n.tax, n.net + n.tax "
    "from unnest(cast(:ids as uuid[]), cast(:customers as uuid[]), cast(:places as int[]), cast(:numbers as text[]), cast(:origin_types as text[]), "
    "cast(:origins as uuid[]), cast(:payables as uuid[]), cast(:buyers as text[]), cast(:buyer_references as text[]), cast(:orders as text[]), "
    "cast(:notes as text[]), cast(:terms as int[]), cast(:dues as date[]), cast(:currencies as text[]), cast(:nets as bigint[]), cast(:taxes as bigint[])) "
    "as n(id, customer, place, number, origin_type, origin, payable, buyer, reference, ordered, notes, terms, due, currency, net, tax)"
)
_UUIDS = ("id", "invoice_id", "customer_id", "tax_rule_id", "reference_id")
_WORDS = ("currency", "description", "product_class", "discount_note", "tax_note", "tax_category", "tax_exemption_code", "reference_type")
_NUMBERS = ("net_minor", "tax_minor", "total_minor", "position", "quantity", "unit_net_minor", "discount_minor", "tax_rate_ppm")
_DATES = ("period_start", "period_end")
_KINDS = {**dict.fromkeys(_UUIDS, "uuid"), **dict.fromkeys(_WORDS, "text"), **dict.fromkeys(_NUMBERS, "bigint"), **dict.fromkeys(_DATES, "date")}
_MADE: Final[dict[str, Callable[[Any], str | bytes]]] = {"uuid": uuids, "text": words, "bigint": column, "date": column}
_NAMES = ", ".join(_KINDS)
_WRITE = text(
    f"with written as ({_INVOICES}) insert into invoicing_invoice_line ({_NAMES}, details) select {_NAMES}, cast(details as jsonb) "  # noqa: S608  # columns of this file
    f"from unnest({', '.join(f'cast(:{name} as {kind}[])' for name, kind in _KINDS.items())}, cast(:details as text[])) as n({_NAMES}, details)"
)


@dataclass(frozen=True, slots=True)
class _Worth:
    """What a bill's amounts come to: its totals, and its postings but for whose they are."""

    sums: Totals
    entries: tuple[ledger.Entry, ...]


async def issue_many(tx: Tx, bills: Sequence[Bill], *, seller: Seller, on: date, now: datetime) -> list[Issued]:
    """In their order. One that is refused refuses all: NothingToPay, ValueError for lines that cannot be right, and what the books refuse."""
    if not bills:
        return []
    worth = _worth(bills)
    sums = [one.sums for one in worth]
    ids = new_ids(len(bills))
    asked = [payments.NewPayable(bill.customer_id, id_, total.gross) for bill, id_, total in zip(bills, ids, sums, strict=True)]
    payables = await payments.open_payables(tx, asked, reference_type=INVOICE, description="Invoice", now=now)
    await ledger.post_many(tx, [_journal(bill, id_, one) for bill, id_, one in zip(bills, ids, worth, strict=True)], on=on, now=now)
    lines = _line_rows(bills, ids)
    invoices, entries = _invoices(bills, sums, on=on), _lines([line for found in lines for line in found])
    series, last = await next_numbers(tx, "INV", on=on, many=len(bills))
    places = range(last - len(bills) + 1, last + 1)
    taken = {"places": column(places), "numbers": words([number(series, place) for place in places])}
    whole = {"series": series, "seller": document(seller.to_json()), "on": on, "now": now}
    await tx.execute(_WRITE, {"ids": uuids(ids), "payables": uuids(payables), **invoices, **taken, **whole, **entries})
    return [
        Issued(id_, payable_id, tuple([line["id"] for line in found]), total)
        for id_, payable_id, found, total in zip(ids, payables, lines, sums, strict=True)
    ]


def _worth(bills: Sequence[Bill]) -> list[_Worth]:
    """Checked and added up once for all bills of the same amounts."""
    known: dict[Hashable, _Worth] = {}
    found = []
    for bill in bills:
        says = [
            (line.product_class, line.quantity, line.unit_net, line.discount, line.discount_note, line.tax.net, line.tax.tax) for line in bill.lines
        ]
        key = (bill.currency, *says)
        if key not in known:
            parts = [Part(line.product_class, line.net, line.tax.tax) for line in bill.lines]
            sums = checked_totals(bill.lines, bill.currency)
            known[key] = _Worth(sums, tuple(sale(parts, customer_id=bill.customer_id, currency=bill.currency)))
        found.append(known[key])
    return found


def _journal(bill: Bill, invoice_id: UUID, worth: _Worth) -> ledger.Journal:
    entries = [ledger.Entry(one.account, one.amount, bill.customer_id, one.product) if one.customer_id else one for one in worth.entries]
    return ledger.Journal(INVOICE, invoice_id, "Invoice issued", entries, kind="issue")


def _line_rows(bills: Sequence[Bill], invoice_ids: Sequence[UUID]) -> list[list[dict[str, Any]]]:
    ids = iter(new_ids(sum(len(bill.lines) for bill in bills)))
    return [
        line_values(bill.lines, ids=[next(ids) for _ in bill.lines], customer_id=bill.customer_id, invoice_id=id_)
        for bill, id_ in zip(bills, invoice_ids, strict=True)
    ]


def _invoices(bills: Sequence[Bill], sums: Sequence[Totals], *, on: date) -> dict[str, str | bytes]:
    return {
        "customers": uuids([bill.customer_id for bill in bills]),
        "origin_types": words([bill.origin_type for bill in bills]),
        "origins": uuids([bill.origin_id for bill in bills]),
        "buyers": words([document(bill.buyer) for bill in bills]),
        "buyer_references": words([bill.references.buyer_reference for bill in bills]),
        "orders": words([bill.references.order_number for bill in bills]),
        "notes": words([bill.references.notes for bill in bills]),
        "terms": column([max((bill.due_on - on).days, 0) for bill in bills]),
        "dues": column([bill.due_on for bill in bills]),
        "currencies": column([bill.currency for bill in bills]),
        "nets": column([total.net.minor for total in sums]),
        "taxes": column([total.tax.minor for total in sums]),
    }


def _lines(rows: Sequence[dict[str, Any]]) -> dict[str, str | bytes]:
    found = {name: _MADE[kind]([row[name] for row in rows]) for name, kind in _KINDS.items()}
    return {**found, "details": words([document(row["details"]) for row in rows])}
