"""Invoices that are open on a day after they were due."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import any_, select, tuple_

from nextbill.capabilities.invoicing.models import InvoiceRow
from nextbill.runtime import bulk
from nextbill.runtime.database import ReadTx

Place = tuple[date, UUID]
"""When it was due, and its id."""


async def overdue_page(tx: ReadTx, *, today: date, after: Place | None, limit: int) -> list[Place]:
    """Longest overdue first; `after`: the last one of the page before."""
    row = InvoiceRow
    found = select(row.due_on, row.id).where(row.state == "open", row.due_on < today)
    if after is not None:
        found = found.where(tuple_(row.due_on, row.id) > after)
    rows = await tx.execute(found.order_by(row.due_on, row.id).limit(limit))
    return [(due_on, id_) for due_on, id_ in rows if due_on is not None]


async def overdue_among(tx: ReadTx, invoice_ids: Collection[UUID], *, today: date) -> set[UUID]:
    """Those of these that are."""
    row = InvoiceRow
    late = select(row.id).where(row.id == any_(bulk.ids(invoice_ids)), row.state == "open", row.due_on < today)
    return set((await tx.execute(late)).scalars())
