"""What is owed, by how long it has been due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from nextbill.capabilities.invoicing.models import InvoiceRow
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging

BUCKETS = ("not_due", "days_0_30", "days_31_60", "days_61_90", "days_over_90")
"""`days_0_30`: due today, or up to thirty days ago."""
_OWED = (InvoiceRow.state == "open", InvoiceRow.due_minor > 0)


@dataclass(frozen=True, slots=True)
class Ageing:
    """Of one currency, and of one customer where `customer_id` names one. `buckets` are in the order of BUCKETS and add up to `due`."""

    customer_id: UUID | None
    due: Money
    buckets: tuple[Money, ...]


async def ageing_totals(tx: ReadTx, *, today: date, customer_id: UUID | None = None) -> list[Ageing]:
    """By currency: of all, or of one customer. What was written off is not in it."""
    invoice = InvoiceRow
    statement = select(invoice.currency, *_sums(today)).where(*_OWED).group_by(invoice.currency).order_by(invoice.currency)
    if customer_id is not None:
        statement = statement.where(invoice.customer_id == customer_id)
    return [_ageing(customer_id, row[0], list(row[1:])) for row in await tx.execute(statement)]


async def ageing_by_customer(tx: ReadTx, paging: Paging, *, today: date) -> list[Ageing]:
    """Customers by id, the youngest first, with a row for each currency; the page counts customers, one more than it shows. What is open is looked through for
    them, as it is for the totals: an order of its own, kept for each invoice of each night, costs a shop more than this page does."""
    invoice = InvoiceRow
    ids = paging.apply(select(invoice.customer_id).where(*_OWED).distinct(), invoice.customer_id).subquery()
    statement = select(invoice.customer_id, invoice.currency, *_sums(today)).where(*_OWED, invoice.customer_id.in_(select(ids.c.customer_id)))
    statement = statement.group_by(invoice.customer_id, invoice.currency).order_by(invoice.customer_id.desc(), invoice.currency)
    return [_ageing(row[0], row[1], list(row[2:])) for row in await tx.execute(statement)]


def _sums(today: date) -> list[Any]:
    row = InvoiceRow
    ages = (
        row.due_on > today,
        row.due_on.between(today - timedelta(days=30), today),
        row.due_on.between(today - timedelta(days=60), today - timedelta(days=31)),
        row.due_on.between(today - timedelta(days=90), today - timedelta(days=61)),
        row.due_on < today - timedelta(days=90),
    )
    return [func.sum(row.due_minor), *(func.sum(case((age, row.due_minor), else_=0)) for age in ages)]


def _ageing(customer_id: UUID | None, currency: str, sums: list[Any]) -> Ageing:
    due, *buckets = (Money(int(amount), currency) for amount in sums)
    return Ageing(customer_id, due, tuple(buckets))
