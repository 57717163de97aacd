"""Taking back what was invoiced: credit notes at the original's rates, and the voiding of unpaid invoices."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import insert, update

from nextbill.capabilities import ledger, payments
from nextbill.capabilities.invoicing.commands.facts import paid
from nextbill.capabilities.invoicing.commands.lines import CREDITED, amounts
from nextbill.capabilities.invoicing.commands.numbering import next_number
from nextbill.capabilities.invoicing.errors import InvoiceNotFound, InvoiceNotOpen, NothingToCredit, UnknownLine, WrongAmount
from nextbill.capabilities.invoicing.events import CreditNoteIssued
from nextbill.capabilities.invoicing.models import CreditNoteLineRow, CreditNoteRow, InvoiceLineRow, InvoiceRow
from nextbill.capabilities.invoicing.queries import lock_invoice, what_is_left
from nextbill.capabilities.invoicing.queries.forms import Said, said_on
from nextbill.capabilities.invoicing.rules import CREDIT_NOTE, INVOICE, Part, Totals, number, part_of, reversal, spread, state_after_credit, totals
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx, Tx
from nextbill.runtime.events import publish

CreditNoteId = NewType("CreditNoteId", UUID)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a credit note takes back: nothing said is all that is left. Amounts are gross and above zero.

    `lines`: what is left of these. `by_line`: an amount of each. `amount`: spread over all lines by what is left of them."""

    lines: Collection[UUID] | None = None
    by_line: Mapping[UUID, Money] | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class _Taken:
    """Of a line: what this note takes back, and whether nothing is left of it then."""

    row: InvoiceLineRow
    sums: Totals
    whole: bool
    untouched: bool


@dataclass(frozen=True, slots=True)
class CreditedPart:
    line_id: UUID
    description: str
    sums: Totals


@dataclass(frozen=True, slots=True)
class CreditPreview:
    """What a credit note would say. Its gross amount goes off what is due, off what was written off, and to the customer's credit."""

    parts: tuple[CreditedPart, ...]
    sums: Totals
    off_due: Money
    off_written_off: Money
    to_credit: Money


@dataclass(frozen=True, slots=True)
class _Plan:
    chosen: Sequence[_Taken]
    sums: Totals
    off_due: Money
    off_loss: Money


async def preview_credit(tx: ReadTx, invoice_id: UUID, scope: Scope) -> CreditPreview:
    """The same as `credit_note` would write now, without writing it; refused for the same reasons."""
    row = await tx.get(InvoiceRow, invoice_id)
    if row is None:
        raise InvoiceNotFound
    plan = await _plan(tx, row, scope)
    parts = tuple(CreditedPart(taken.row.id, taken.row.description, taken.sums) for taken in plan.chosen)
    return CreditPreview(parts, plan.sums, plan.off_due, plan.off_loss, plan.sums.gross - plan.off_due - plan.off_loss)


async def credit_note(
    tx: Tx, invoice_id: UUID, *, reason: str, on: date, now: datetime, lines: Collection[UUID] | None = None, scope: Scope | None = None
) -> CreditNoteId:
    """Reverses what `scope` says, or what is left of `lines`, or all that no credit note has reversed yet.

    What is still due of the invoice is taken off first, then what was written off; the rest becomes the customer's credit, to be returned
    from there. InvoiceNotOpen for a draft or a void one, UnknownLine, NothingToCredit, WrongAmount.
    """
    row = await lock_invoice(tx, invoice_id)
    plan = await _plan(tx, row, scope or Scope(lines=lines))
    chosen, sums, off_due, off_loss = plan.chosen, plan.sums, plan.off_due, plan.off_loss
    note_id = new_id()
    if sums.gross:
        parts = [Part(taken.row.product_class, taken.sums.net, taken.sums.tax) for taken in chosen]
        entries = reversal(parts, customer_id=row.customer_id, off_receivable=off_due, off_written_off=off_loss)
        rates = await ledger.rates_of(tx, reference_type=INVOICE, reference_id=row.id, kind="issue")
        journal = ledger.Journal(CREDIT_NOTE, note_id, "Credit note issued", entries, kind="issue")
        await ledger.post(tx, journal=journal, on=on, now=now, rates=rates)
    await _write(tx, row, chosen, note_id=note_id, sums=sums, taken_off=off_due + off_loss, reason=reason, on=on, now=now)
    await _progress(tx, row, off_due=off_due, off_loss=off_loss, credited=sums.gross, now=now)
    event = CreditNoteIssued(
        credit_note_id=note_id, invoice_id=invoice_id, customer_id=row.customer_id, amount_minor=sums.gross.minor, currency=row.currency
    )
    await publish(tx, event, now=now)
    return CreditNoteId(note_id)


async def void_invoice(tx: Tx, invoice_id: UUID, *, reason: str, on: date, now: datetime) -> CreditNoteId:
    """An issued invoice that nobody has paid anything of is taken back whole, with a credit note. InvoiceNotOpen otherwise."""
    row = await lock_invoice(tx, invoice_id)
    if row.state not in ("open", "uncollectible") or row.paid_minor:
        raise InvoiceNotOpen
    return await credit_note(tx, invoice_id, reason=reason, on=on, now=now)


async def _plan(tx: ReadTx, row: InvoiceRow, scope: Scope) -> _Plan:
    if row.state in ("draft", "void"):
        raise InvoiceNotOpen("A draft is changed, not credited." if row.state == "draft" else "A void invoice has its credit note.")
    chosen = _choose(await what_is_left(tx, row.id), scope)
    sums = totals(((taken.sums.net, taken.sums.tax) for taken in chosen), row.currency)
    off_due = min(Money(row.due_minor, row.currency), sums.gross)
    off_loss = min(Money(row.written_off_minor, row.currency), sums.gross - off_due)
    return _Plan(chosen, sums, off_due, off_loss)


def _choose(left: Sequence[tuple[InvoiceLineRow, Totals]], scope: Scope) -> list[_Taken]:
    wanted = scope.by_line if scope.by_line is not None else scope.lines
    if wanted is not None and not set(wanted) <= {row.id for row, _ in left}:
        raise UnknownLine(fields={"lines": "ids of this invoice's own lines"})
    if scope.amount is not None:
        return _by_amount(left, _checked(scope.amount, [sums for _, sums in left]))
    if scope.by_line is not None:
        return [_part(row, sums, _checked(scope.by_line[row.id], [sums])) for row, sums in left if row.id in scope.by_line]
    open_lines = [(row, sums) for row, sums in left if _anything(row, sums)]
    if scope.lines is not None:
        if not set(scope.lines) <= {row.id for row, _ in open_lines}:
            raise NothingToCredit("One of the lines has been credited already.")
        open_lines = [(row, sums) for row, sums in open_lines if row.id in set(scope.lines)]
    if not open_lines:
        raise NothingToCredit
    return [_Taken(row, sums, whole=True, untouched=_untouched(row, sums)) for row, sums in open_lines]


def _by_amount(left: Sequence[tuple[InvoiceLineRow, Totals]], amount: Money) -> list[_Taken]:
    shares = spread(amount, [sums for _, sums in left])
    return [_part(row, sums, share) for (row, sums), share in zip(left, shares, strict=True) if share]


def _checked(amount: Money, left: Sequence[Totals]) -> Money:
    whole = totals(((sums.net, sums.tax) for sums in left), left[0].net.currency).gross
    if not whole:
        raise NothingToCredit
    if amount.currency != whole.currency or not 0 < amount.minor <= whole.minor:
        raise WrongAmount(fields={"amount": f"above zero, and at most {whole}, which is left"})
    return amount


def _part(row: InvoiceLineRow, left: Totals, gross: Money) -> _Taken:
    taken = part_of(gross, left=left, rate_ppm=row.tax_rate_ppm)
    whole = taken == left
    return _Taken(row, taken, whole=whole, untouched=whole and _untouched(row, left))


def _anything(row: InvoiceLineRow, left: Totals) -> bool:
    """A line that was free is left until it was taken back, which `voided` tells."""
    return bool(left.gross) or not (row.total_minor or row.voided)


def _untouched(row: InvoiceLineRow, left: Totals) -> bool:
    return (left.net.minor, left.tax.minor) == (row.net_minor, row.tax_minor)


async def _write(
    tx: Tx,
    row: InvoiceRow,
    chosen: Sequence[_Taken],
    *,
    note_id: UUID,
    sums: Totals,
    taken_off: Money,
    reason: str,
    on: date,
    now: datetime,
) -> None:
    said = await said_on(tx, row)
    name, place = await next_number(tx, "CN", on=on)
    await tx.execute(
        insert(CreditNoteRow).values(
            id=note_id,
            customer_id=row.customer_id,
            invoice_id=row.id,
            series=name,
            sequence=place,
            number=number(name, place),
            reason=reason,
            buyer=row.buyer,
            seller=said.seller,
            taken_off_minor=taken_off.minor,
            issued_on=on,
            issued_at=now,
            **amounts(sums),
        )
    )
    parent = {"credit_note_id": note_id, "customer_id": row.customer_id}
    values = [{**parent, "id": new_id(), "position": position, **_values(taken, said)} for position, taken in enumerate(chosen, 1)]
    await tx.execute(insert(CreditNoteLineRow).values(values))
    gone = [taken.row.id for taken in chosen if taken.whole]
    await tx.execute(update(InvoiceLineRow).where(InvoiceLineRow.id.in_(gone)).values(voided=True))


def _values(taken: _Taken, said: Said) -> dict[str, Any]:
    """A line taken back whole says what the invoice's says; a part of one is one piece at what is taken back."""
    copied = {name: getattr(taken.row, name) for name in CREDITED} | {"details": said.details_of(taken.row)}
    if not taken.untouched:
        copied |= {"quantity": 1, "unit_net_minor": taken.sums.net.minor, "discount_minor": 0, "discount_note": None}
    return {**copied, **amounts(taken.sums), "invoice_line_id": taken.row.id}


async def _progress(tx: Tx, row: InvoiceRow, *, off_due: Money, off_loss: Money, credited: Money, now: datetime) -> None:
    """Less is due; where nothing is, the invoice is void or paid and can no longer be paid at the gateway."""
    row.due_minor, row.written_off_minor = row.due_minor - off_due.minor, row.written_off_minor - off_loss.minor
    row.taken_off_minor += off_due.minor + off_loss.minor
    row.credited_minor += credited.minor
    left = Money(row.due_minor + row.written_off_minor, row.currency)
    state = state_after_credit(due=left, paid=Money(row.paid_minor, row.currency), state=row.state)
    if row.payable_id is None:
        raise LookupError(f"{row.number} is issued and has no payable")
    if state != row.state:
        await _nothing_to_pay(tx, row, state, now=now)
    elif off_due or off_loss:
        await payments.reduce_payable(tx, row.payable_id, left)
    await tx.flush()


async def _nothing_to_pay(tx: Tx, row: InvoiceRow, state: str, *, now: datetime) -> None:
    if row.payable_id is not None:
        await payments.cancel_payable(tx, row.payable_id, now=now)
    row.state = state
    if state == "paid":
        row.paid_at = row.paid_at or now
        if row.credited_minor < row.total_minor:  # a part was paid, and the rest taken back: whoever waits for the invoice waits no longer
            await publish(tx, paid(row), now=now)
