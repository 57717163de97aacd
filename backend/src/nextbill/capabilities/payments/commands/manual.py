"""Money that came past the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities import ledger
from nextbill.capabilities.payments.errors import PaymentAlreadyRecorded
from nextbill.capabilities.payments.models import ManualRow
from nextbill.capabilities.payments.rules import Method
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx

MANUAL = "payments.manual"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A line of a statement. `reference` is the bank's, or whatever finds the payment again; `received_on` is the day it is booked on."""

    amount: Money
    method: Method
    reference: str
    received_on: date


async def record_manual_payment(
    tx: Tx, *, customer_id: UUID, receipt: Receipt, today: date, actor: str, now: datetime, payable_id: UUID | None = None
) -> UUID:
    """The money is the customer's credit from now on; whoever opened the payable applies it. PaymentAlreadyRecorded, MonthClosed, Invalid."""
    if receipt.amount.minor <= 0:
        raise Invalid(fields={"amount.amount": "must be greater than 0"})
    if receipt.received_on > today:
        raise Invalid(fields={"received_on": "not in the future"})
    row = upsert(ManualRow).values(
        id=new_id(),
        customer_id=customer_id,
        payable_id=payable_id,
        amount_minor=receipt.amount.minor,
        currency=receipt.amount.currency,
        method=receipt.method,
        reference=receipt.reference,
        received_on=receipt.received_on,
        actor=actor,
        created_at=now,
    )
    once = row.on_conflict_do_nothing(constraint="uq_payments_manual_line").returning(ManualRow.id)
    manual_id = (await tx.execute(once)).scalar_one_or_none()
    if manual_id is None:
        raise PaymentAlreadyRecorded
    entries = (
        ledger.Entry(ledger.Account.BANK, receipt.amount),
        ledger.Entry(ledger.Account.CUSTOMER_CREDIT, -receipt.amount, customer_id),
    )
    journal = ledger.Journal(MANUAL, manual_id, f"Payment received by {receipt.method.replace('_', ' ')}", entries)
    await ledger.post(tx, journal=journal, on=receipt.received_on, now=now)
    return manual_id
