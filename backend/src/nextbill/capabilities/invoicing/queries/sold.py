"""Lines by their ids, with what their invoice says of itself: for lists of what was billed. What the lines of an invoice are about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import any_, select

from nextbill.capabilities.invoicing.models import InvoiceLineRow, InvoiceRow
from nextbill.capabilities.invoicing.rules import InvoiceState
from nextbill.kernel.money import Money
from nextbill.runtime import bulk
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class SoldLine:
    """`state`: the invoice's as it is now."""

    invoice_id: UUID
    number: str
    state: InvoiceState
    net: Money
    tax: Money


async def sold_lines(tx: ReadTx, line_ids: Collection[UUID]) -> dict[UUID, SoldLine]:
    line = InvoiceLineRow
    found = select(line.id, InvoiceRow.id, InvoiceRow.number, InvoiceRow.state, line.net_minor, line.tax_minor, line.currency)
    rows = await tx.execute(found.join(InvoiceRow, InvoiceRow.id == line.invoice_id).where(line.id == any_(bulk.ids(line_ids))))
    return {
        line_id: SoldLine(invoice_id, number or "", cast("InvoiceState", state), Money(net, currency), Money(tax, currency))
        for line_id, invoice_id, number, state, net, tax, currency in rows
    }


async def subjects_of(tx: ReadTx, invoice_ids: Collection[UUID], *, reference_type: str) -> set[UUID]:
    """Of that kind, what the lines of these invoices are about."""
    line = InvoiceLineRow
    found = select(line.reference_id).where(line.invoice_id == any_(bulk.ids(invoice_ids)), line.reference_type == reference_type)
    return set((await tx.execute(found)).scalars())
