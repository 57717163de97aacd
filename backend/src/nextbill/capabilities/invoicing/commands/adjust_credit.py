"""Credit that staff gives or takes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from nextbill.capabilities import ledger
from nextbill.capabilities.invoicing.commands.settle import free_credit
from nextbill.capabilities.invoicing.rules import gift
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx

ADJUSTMENT: Final = "invoicing.credit_adjustment"


async def adjust_credit(tx: Tx, customer_id: UUID, *, amount: Money, on: date, now: datetime) -> UUID:
    """Above zero: given, against the house. Below: taken, no more than is free (NotEnoughCredit). Who and why is for the audit log: the
    books hold no words about people."""
    if not amount:
        raise Invalid(fields={"amount.amount": "not zero"})
    await ledger.hold_credit(tx, customer_id)
    if -amount > await free_credit(tx, customer_id, amount.currency) and amount.minor < 0:
        raise ledger.NotEnoughCredit
    adjustment_id = new_id()
    journal = ledger.Journal(ADJUSTMENT, adjustment_id, "Credit adjusted by staff", gift(amount, customer_id=customer_id))
    await ledger.post(tx, journal=journal, on=on, now=now)
    return adjustment_id
