"""Lists and figures of invoices. Keyset by the database, whatever the order: the cursor is an id, whose row says where to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, func, literal_column, or_, select, tuple_

from nextbill.capabilities.invoicing.models import InvoiceRow
from nextbill.capabilities.invoicing.queries.documents import InvoiceSummary, summary_of
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging

Sort = Literal["newest", "oldest", "due", "largest"]
OF_OPEN: tuple[Sort, ...] = ("due", "largest")
"""Orders of what is to be paid: of nothing else do they tell anything."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None asks nothing. `overdue_on`: still open, and due before that day. Days are both included.

    `words`: the beginning of a number, of the buyer's name or company, or a whole purchase order number."""

    state: str | None = None
    customer_id: UUID | None = None
    currency: str | None = None
    overdue_on: date | None = None
    issued_from: date | None = None
    issued_until: date | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class StateTotal:
    state: str
    count: int
    total: Money
    due: Money
    credited: Money
    paid: Money
    written_off: Money


@dataclass(frozen=True, slots=True)
class Overdue:
    """Open invoices past their day, of one currency."""

    count: int
    due: Money


async def list_invoices(
    tx: ReadTx,
    paging: Paging,
    *,
    state: str | None = None,
    customer_id: UUID | None = None,
    filters: Filters | None = None,
    sort: Sort = "newest",
) -> Sequence[InvoiceSummary]:
    """All that the role may see: a customer's own, or everybody's for staff. One more than the page. By `due` and by `largest` there is only what is open."""
    chosen = filters or Filters(state=state, customer_id=customer_id)
    statement = await ordered(tx, chosen, sort=sort, after=paging.after)
    rows = await tx.execute(statement.with_only_columns(*_summary()).limit(paging.limit + 1))
    return [summary_of(row, row.buyer_name) for row in rows]


async def ordered(tx: ReadTx, filters: Filters, *, sort: Sort, after: UUID | None) -> Select[InvoiceRow]:
    """The rows behind a cursor. An unknown cursor is the end of the list."""
    statement = _narrowed(select(InvoiceRow), filters)
    columns, descending = _orders()[sort]
    if sort in OF_OPEN:
        statement = statement.where(InvoiceRow.state == "open")
    if after is not None:
        last = (await tx.execute(select(*columns).where(InvoiceRow.id == after))).first()
        if last is None:
            return statement.where(InvoiceRow.id.is_(None))
        key, place = tuple_(*columns), tuple_(*last)
        statement = statement.where(key < place if descending else key > place)
    return statement.order_by(*(column.desc() if descending else column.asc() for column in columns))


async def invoice_totals(tx: ReadTx, *, start: date, end: date) -> list[StateTotal]:
    """Invoices issued in the half-open span, by currency and state."""
    row = InvoiceRow
    columns = (row.total_minor, row.due_minor, row.credited_minor, row.paid_minor, row.written_off_minor)
    sums = (func.count(), *(func.sum(column) for column in columns))
    statement = select(row.currency, row.state, *sums).where(row.issued_on >= start, row.issued_on < end)
    rows = (await tx.execute(statement.group_by(row.currency, row.state).order_by(row.currency, row.state))).all()
    return [StateTotal(state, count, *(Money(int(amount), currency) for amount in amounts)) for currency, state, count, *amounts in rows]


async def overdue_totals(tx: ReadTx, *, today: date) -> list[Overdue]:
    """By currency."""
    row = InvoiceRow
    late = (row.state == "open", row.due_on < today)
    statement = select(row.currency, func.count(), func.sum(row.due_minor)).where(*late).group_by(row.currency).order_by(row.currency)
    return [Overdue(count, Money(int(due), currency)) for currency, count, due in await tx.execute(statement)]


def _summary() -> tuple[Any, ...]:
    """What a list shows. Whole rows would bring both parties, which cost more to read than all the rest."""
    row = InvoiceRow
    name = func.coalesce(func.nullif(row.buyer["company"].astext, ""), row.buyer["name"].astext).label("buyer_name")
    amounts = (row.currency, row.net_minor, row.tax_minor, row.total_minor, row.due_minor, row.paid_minor, row.credited_minor, row.written_off_minor)
    about = (row.id, row.number, row.customer_id, row.state, row.issued_on, row.due_on, row.paid_at, row.order_number, row.version)
    return (*about, *amounts, row.origin_type, row.origin_id, row.proforma_id, row.payable_id, name)


def _orders() -> dict[Sort, tuple[tuple[Any, ...], bool]]:
    """Columns that name a place, and whether they go down. None of them ever moves, or a page would begin elsewhere than the last one ended. Each is behind
    an index, but for the largest: what is open is looked through for them."""
    row = InvoiceRow
    return {
        "newest": ((row.id,), True),
        "oldest": ((row.id,), False),
        "due": ((row.due_on, row.id), False),
        "largest": ((row.total_minor, row.id), True),
    }


def _narrowed(statement: Select[InvoiceRow], filters: Filters) -> Select[InvoiceRow]:
    row = InvoiceRow
    wanted = {row.state: filters.state, row.customer_id: filters.customer_id, row.currency: filters.currency}
    statement = statement.where(*(column == value for column, value in wanted.items() if value is not None))
    if filters.overdue_on is not None:
        statement = statement.where(row.state == "open", row.due_on < filters.overdue_on)
    if filters.issued_from is not None:
        statement = statement.where(row.issued_on >= filters.issued_from)
    if filters.issued_until is not None:
        statement = statement.where(row.issued_on <= filters.issued_until)
    return statement if filters.words is None else statement.where(_found(filters.words))


def _found(words: str) -> Any:
    """The keys are part of the statement, not values of it: an index is on the very expression."""
    beginning = f"{_plain(words)}%"
    name, company = (func.lower(InvoiceRow.buyer.op("->>")(literal_column(key))) for key in ("'name'", "'company'"))
    return or_(
        InvoiceRow.number.like(beginning.upper()),
        name.like(beginning.lower()),
        company.like(beginning.lower()),
        InvoiceRow.order_number == words,
    )


def _plain(words: str) -> str:
    """What the caller wrote, letter by letter: no wildcard of LIKE."""
    return words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
