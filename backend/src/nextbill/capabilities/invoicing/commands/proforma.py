"""Asking for money: a proforma and its payable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import insert

from nextbill.capabilities import payments
from nextbill.capabilities.invoicing.commands.lines import amounts, checked_totals, line_values
from nextbill.capabilities.invoicing.errors import ProformaNotOpen
from nextbill.capabilities.invoicing.models import PROFORMA_NUMBERS, ProformaLineRow, ProformaRow
from nextbill.capabilities.invoicing.queries import lock_proforma
from nextbill.capabilities.invoicing.rules import PROFORMA, Buyer, InvoiceLine, References, number
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx

ProformaId = NewType("ProformaId", UUID)


async def create_proforma(
    tx: Tx,
    *,
    customer_id: UUID,
    origin_type: str,
    origin_id: UUID,
    lines: Sequence[InvoiceLine],
    buyer: Buyer,
    currency: str,
    now: datetime,
    references: References | None = None,
) -> ProformaId:
    """What the customer is asked to pay, with an open payable ("invoicing.proforma"). NothingToPay where it adds up to nothing."""
    sums = checked_totals(lines, currency)
    proforma_id = new_id()
    label = number(f"PRO-{now.year}", (await tx.execute(PROFORMA_NUMBERS.next_value())).scalar_one())
    payable_id = await payments.open_payable(
        tx, customer_id=customer_id, reference_type=PROFORMA, reference_id=proforma_id, amount=sums.gross, description=label, now=now
    )
    await tx.execute(
        insert(ProformaRow).values(
            id=proforma_id,
            customer_id=customer_id,
            number=label,
            state="open",
            origin_type=origin_type,
            origin_id=origin_id,
            payable_id=payable_id,
            buyer=buyer.to_json(),
            **(references or References()).to_values(),
            created_at=now,
            **amounts(sums),
        )
    )
    await tx.execute(insert(ProformaLineRow).values(line_values(lines, customer_id=customer_id, proforma_id=proforma_id)))
    return ProformaId(proforma_id)


async def cancel_proforma(tx: Tx, proforma_id: UUID, *, now: datetime) -> None:
    """Nothing is asked for any more. ProformaNotOpen where it is paid; cancelled twice is cancelled."""
    row = await lock_proforma(tx, proforma_id)
    if row.state == "cancelled":
        return
    if row.state != "open":
        raise ProformaNotOpen
    await payments.cancel_payable(tx, row.payable_id, now=now)
    row.state = "cancelled"
    await tx.flush()
