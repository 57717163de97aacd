"""A customer's account over some days, out of the books. It is written each time: nobody's rights hang on its bytes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities import customers, ledger
from nextbill.capabilities.invoicing.models import CreditNoteRow, InvoiceRow
from nextbill.capabilities.invoicing.ports import Movement, Statement
from nextbill.capabilities.invoicing.rules import CREDIT_NOTE, INVOICE, Buyer, Seller
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx

LONGEST: Final = 1_000
"""Movements on one statement; who has more takes shorter spans."""
_KINDS: Final = {INVOICE: "invoice", CREDIT_NOTE: "credit_note"}


async def statement_of(tx: ReadTx, customer_id: UUID, *, currency: str, start: date, end: date, made_on: date, seller: Seller) -> Statement:
    """Of the role WORK, since journals are nobody's own. Both days are included. Invalid where there is too much for one statement."""
    customer = await customers.get_customer(tx, customer_id)
    opening = Money(await ledger.account_before(tx, customer_id, currency=currency, day=start), currency)
    found = await ledger.account_movements(tx, customer_id, currency=currency, since=start, until=end, limit=LONGEST + 1)
    if len(found) > LONGEST:
        raise Invalid(fields={"from": "more happened in this time than one statement holds: ask for fewer days"})
    movements = _movements(found, await _numbers(tx, found), opening)
    return Statement(
        language=customer.locale,
        start=start,
        end=end,
        made_on=made_on,
        seller=seller,
        buyer=_buyer(customer),
        opening=opening,
        closing=movements[-1].balance if movements else opening,
        movements=tuple(movements),
    )


def _movements(found: Sequence[ledger.AccountMovement], numbers: dict[UUID, str], opening: Money) -> list[Movement]:
    balance, movements = opening, []
    for one in found:
        amount = Money(one.amount_minor, opening.currency)
        balance = balance + amount
        movements.append(Movement(one.on, _kind(one), numbers.get(one.reference_id, ""), amount, balance))
    return movements


def _kind(movement: ledger.AccountMovement) -> str:
    """Money that came or went is told by its direction; `write_off` and the like by their names."""
    if movement.reference_type in _KINDS:
        return _KINDS[movement.reference_type] if movement.kind == "issue" else movement.kind
    if movement.reference_type.startswith("payments."):
        return "payment" if movement.amount_minor < 0 else "refund"
    return movement.kind


async def _numbers(tx: ReadTx, found: Collection[ledger.AccountMovement]) -> dict[UUID, str]:
    """Of invoices and credit notes, by id."""
    ids = {one.reference_id for one in found}
    numbers: dict[UUID, str] = {}
    for row in (InvoiceRow, CreditNoteRow):
        rows = await tx.execute(select(row.id, row.number).where(row.id.in_(ids), row.number.is_not(None)))
        numbers.update({subject: str(number) for subject, number in rows})
    return numbers


def _buyer(customer: customers.Customer) -> Buyer:
    """As the profile is now."""
    address = customer.address
    return Buyer(
        name=customer.name,
        email=customer.email,
        status=customer.status,
        country=address.country if address else "",
        company=customer.company,
        tax_id=customer.tax_id,
        address_line_1=address.line_1 if address else None,
        address_line_2=address.line_2 if address else None,
        city=address.city if address else None,
        state=address.state if address else None,
        postal_code=address.postal_code if address else None,
    )
