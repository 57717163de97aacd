"""Many legal invoices at once, each exactly what `issue_invoice` would have made of it: payables and books first, then the numbers as a row, then the
invoices with theirs. The counter is held while the documents go in, one statement for the invoices and their lines.

Most of a night's bills differ in whose they are and in nothing else. What is alike is said once (`Form`): checked, added up, encoded and sent to the database
once, and filled in there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from nextbill.capabilities import ledger, payments
from nextbill.capabilities.invoicing.commands.lines import checked_totals, inputs_of, said_by
from nextbill.capabilities.invoicing.commands.numbering import next_numbers
from nextbill.capabilities.invoicing.rules import INVOICE, Buyer, InvoiceLine, Part, References, Seller, Totals, number, sale
from nextbill.kernel.ids import new_ids
from nextbill.runtime.bulk import column, document, new_uuids, uuids, words
from nextbill.runtime.database import Tx

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """What alike bills say. `lines` are in `currency` and add up to more than nothing; what they refer to is each bill's own. `charge_on`: from that day each is
    charged to its customer's card by itself. A form stands for itself: one that says the same is another."""

    origin_type: str
    origin_id: UUID
    lines: Sequence[InvoiceLine]
    currency: str
    due_on: date
    references: References
    charge_on: date | None = None


class Bill(Struct, frozen=True, gc=False):
    """An invoice that is to be. `subjects`: what the form's lines refer to, in their order."""

    form: Form
    customer_id: UUID
    subjects: tuple[UUID, ...]
    buyer: Buyer

    @property
    def lines(self) -> list[InvoiceLine]:
        """As they are to stand on the invoice."""
        return [replace(line, reference_id=subject) for line, subject in zip(self.form.lines, self.subjects, strict=True)]


class Issued(Struct, frozen=True, gc=False):
    """`line_ids` in the order of the bill's lines."""

    id: UUID
    line_ids: tuple[UUID, ...]


# Forms, invoices and their lines are one statement: the database judges at its end that each has lines, and that they add up to it. A form comes with the place of
# its first and last bill in the columns of what is each bill's own, a form's line with that of its ids and subjects besides. Few of these columns are words:
# a slice of words is counted off from their beginning.
_OWN = {
    "id": "uuid",
    "customer": "uuid",
    "payable": "uuid",
    "place": "int",
    "number": "text",
    "buyer": "text",
}
_ALIKE = {
    "first": "int",
    "last": "int",
    "form": "uuid",
    "details": "text",
    "origin_type": "text",
    "origin": "uuid",
    "terms": "int",
    "due": "date",
    "currency": "text",
    "reference": "text",
    "ordered": "text",
    "notes": "text",
    "net": "bigint",
    "tax": "bigint",
}
_SAID = {
    "currency": "text",
    "net_minor": "bigint",
    "tax_minor": "bigint",
    "total_minor": "bigint",
    "position": "int",
    "description": "text",
    "product_class": "text",
    "quantity": "int",
    "unit_net_minor": "bigint",
    "discount_minor": "bigint",
    "discount_note": "text",
    "tax_rate_ppm": "int",
    "tax_note": "text",
    "tax_rule_id": "uuid",
    "tax_category": "text",
    "tax_exemption_code": "text",
    "reference_type": "text",
    "period_start": "date",
    "period_end": "date",
}
_PLACED = {"first": "int", "last": "int", "line_first": "int", "line_last": "int", **_SAID}


def _unnested(prefix: str, kinds: Mapping[str, str]) -> str:
    return f"unnest({', '.join(f'cast(:{prefix}{name} as {kind}[])' for name, kind in kinds.items())}) as f({', '.join(kinds)})"


def _sliced(prefix: str, kinds: Mapping[str, str], first: str = "first", last: str = "last") -> str:
    return ", ".join(f"(cast(:{prefix}{name} as {kind}[]))[f.{first}:f.{last}]" for name, kind in kinds.items())


_FORMS = "insert into invoicing_form (id, seller, details) select f.form, cast(:seller as jsonb), cast(f.details as jsonb) from forms f"
_INVOICES = (
    "insert into invoicing_invoice (id, customer_id, state, series, sequence, number, origin_type, origin_id, payable_id, due_minor, paid_minor, "  # noqa: S608  # columns of this file
    "credited_minor, buyer, form_id, buyer_reference, order_number, notes, terms_days, issued_on, due_on, issued_at, created_at, currency, net_minor, "
    "tax_minor, total_minor) "
    "select n.id, n.customer, 'open', :series, n.place, n.number, f.origin_type, f.origin, n.payable, f.net + f.tax, 0, 0, cast(n.buyer as jsonb), "
    "f.form, f.reference, f.ordered, f.notes, f.terms, :on, f.due, :now, :now, f.currency, f.net, f.tax, f.net + f.tax "
    f"from forms f cross join lateral unnest({_sliced('own_', _OWN)}) as n({', '.join(_OWN)})"
)
_LINES = (
    f"insert into invoicing_invoice_line (id, invoice_id, customer_id, reference_id, {', '.join(_SAID)}) "  # noqa: S608  # columns of this file
    f"select n.id, n.invoice, n.customer, n.subject, {', '.join(f'f.{name}' for name in _SAID)} "
    f"from {_unnested('said_', _PLACED)} cross join lateral unnest({_sliced('line_', {'id': 'uuid', 'subject': 'uuid'}, 'line_first', 'line_last')}, "
    f"{_sliced('own_', {'id': 'uuid', 'customer': 'uuid'})}) as n(id, subject, invoice, customer)"
)
_WRITE = text(
    f"with forms as materialized (select * from {_unnested('form_', _ALIKE)}), kept as ({_FORMS}), written as ({_INVOICES}) {_LINES}"  # noqa: S608  # columns of this file
)


class _Filled(Struct, gc=False):
    """A form with its bills: their places among all, in the order of the forms."""

    form: Form
    sums: Totals
    first: int
    places: list[int]

    @property
    def last(self) -> int:
        return self.first + len(self.places) - 1

    @property
    def own(self) -> slice:
        """Its bills among all that are in that order."""
        return slice(self.first - 1, self.last)


async def issue_many(tx: Tx, bills: Sequence[Bill], *, seller: Seller, on: date, now: datetime) -> list[Issued]:
    """In their order; numbers go form by form. One that is refused refuses all: NothingToPay, ValueError for lines that cannot be right, and what the books refuse."""
    if not bills:
        return []
    filled = _fill(bills)
    ordered = [bills[place] for one in filled for place in one.places]
    ids = new_ids(len(bills))  # as they are written, and as the numbers: a list by one is a list by the other, and each index grows at its end
    column_of = {"references": uuids(ids), "customers": uuids([bill.customer_id for bill in ordered])}
    asked = [payments.AlikePayables(one.sums.gross, len(one.places), one.form.charge_on) for one in filled]
    payables = await payments.open_payables(tx, asked, **column_of, reference_type=INVOICE, description="Invoice", now=now)
    alike = [ledger.Alike(_entries(one), len(one.places)) for one in filled]
    await ledger.post_many(tx, alike, **column_of, reference_type=INVOICE, kind="issue", description="Invoice issued", on=on, now=now)
    own: dict[str, str | bytes] = {"id": column_of["references"], "customer": column_of["customers"], "payable": payables}
    own["buyer"] = words([document(bill.buyer) for bill in ordered])
    line_ids = [[new_ids(len(one.places)) for _ in one.form.lines] for one in filled]
    forms, lines = _forms(filled, on=on), _lines(filled, line_ids, ordered)
    series, last = await next_numbers(tx, "INV", on=on, many=len(bills))
    drawn = range(last - len(bills) + 1, last + 1)
    own |= {"place": column(drawn), "number": words([number(series, place) for place in drawn])}
    whole = {"series": series, "seller": document(seller).decode(), "on": on, "now": now}
    await tx.execute(_WRITE, {**{f"own_{name}": cells for name, cells in own.items()}, **forms, **lines, **whole})
    return _in_order(filled, ids, line_ids)


def _fill(bills: Sequence[Bill]) -> list[_Filled]:
    """Each form once, checked and added up."""
    places: dict[Form, list[int]] = {}
    for place, bill in enumerate(bills):
        found = places.get(bill.form)
        if found is None:
            places[bill.form] = [place]
        else:
            found.append(place)
    filled, first = list[_Filled](), 1
    for form, taken in places.items():
        filled.append(_Filled(form, checked_totals(form.lines, form.currency), first, taken))
        first += len(taken)
    return filled


def _entries(filled: _Filled) -> list[ledger.Entry]:
    parts = [Part(line.product_class, line.net, line.tax.tax) for line in filled.form.lines]
    return sale(parts, customer_id=NOBODY, currency=filled.form.currency)


def _forms(filled: Sequence[_Filled], *, on: date) -> dict[str, str | bytes]:
    forms = [one.form for one in filled]
    found: dict[str, str | bytes] = {
        "first": column([one.first for one in filled]),
        "last": column([one.last for one in filled]),
        "form": new_uuids(len(filled)),
        "details": words([document([inputs_of(line) for line in form.lines]) for form in forms]),
        "origin_type": words([form.origin_type for form in forms]),
        "origin": uuids([form.origin_id for form in forms]),
        "terms": column([max((form.due_on - on).days, 0) for form in forms]),
        "due": column([form.due_on for form in forms]),
        "currency": column([form.currency for form in forms]),
        "reference": words([form.references.buyer_reference for form in forms]),
        "ordered": words([form.references.order_number for form in forms]),
        "notes": words([form.references.notes for form in forms]),
        "net": column([one.sums.net.minor for one in filled]),
        "tax": column([one.sums.tax.minor for one in filled]),
    }
    return {f"form_{name}": cells for name, cells in found.items()}


def _lines(filled: Sequence[_Filled], ids: Sequence[Sequence[Sequence[UUID]]], bills: Sequence[Bill]) -> dict[str, str | bytes]:
    """Line by line of a form, each for all of its bills."""
    rows, subjects, at = list[dict[str, Any]](), list[UUID](), 1
    for one in filled:
        for place, line in enumerate(one.form.lines):
            many = len(one.places)
            span = {"first": one.first, "last": one.last, "line_first": at, "line_last": at + many - 1}
            rows.append({**said_by(line, place + 1), **span})
            subjects += [bill.subjects[place] for bill in bills[one.own]]
            at += many
    said = {f"said_{name}": _cells(kind, [row[name] for row in rows]) for name, kind in _PLACED.items()}
    return {**said, "line_id": uuids([id_ for of_form in ids for of_line in of_form for id_ in of_line]), "line_subject": uuids(subjects)}


def _cells(kind: str, values: Sequence[Any]) -> str | bytes:
    if kind == "uuid":
        return uuids(values)
    return words(values) if kind == "text" else column(values)


def _in_order(filled: Sequence[_Filled], ids: Sequence[UUID], line_ids: Sequence[Sequence[Sequence[UUID]]]) -> list[Issued]:
    """As the bills were given, which is not how they were written."""
    found: dict[int, Issued] = {}
    for one, of_form in zip(filled, line_ids, strict=True):
        found.update(zip(one.places, map(Issued, ids[one.own], zip(*of_form, strict=True)), strict=True))
    return [found[place] for place in range(len(found))]
