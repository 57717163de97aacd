"""All orders, searched by number, customer's address or domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from nextbill.capabilities.customers.models import CustomerRow
from nextbill.capabilities.identity.models import LoginRow
from nextbill.capabilities.orders.models import LineRow, OrderRow
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging


@dataclass(frozen=True, slots=True)
class OrderItem:
    id: UUID
    number: str | None
    state: str
    total: Money
    customer_id: UUID
    customer_number: str
    customer_name: str
    email: str
    domains: tuple[str, ...]
    attention: bool
    placed_at: datetime
    paid_at: datetime | None


async def list_orders(
    tx: ReadTx, paging: Paging, *, state: str | None = None, search: str | None = None, customer_id: UUID | None = None
) -> list[OrderItem]:
    """Newest first. `search` is part of a number, of a customer's address or of a name in the order; `attention`: a line waits for somebody."""
    statement = (
        select(OrderRow, CustomerRow.number, CustomerRow.name, LoginRow.email)
        .join(CustomerRow, CustomerRow.id == OrderRow.customer_id)
        .join(LoginRow, LoginRow.customer_id == OrderRow.customer_id)
    )
    if customer_id is not None:
        statement = statement.where(OrderRow.customer_id == customer_id)
    if state is not None:
        statement = statement.where(OrderRow.state == state)
    if search:
        named = select(LineRow.id).where(LineRow.order_id == OrderRow.id, LineRow.domain_name.icontains(search, autoescape=True)).exists()
        statement = statement.where(or_(OrderRow.number.icontains(search, autoescape=True), LoginRow.email.icontains(search, autoescape=True), named))
    rows = (await tx.execute(paging.apply(statement, OrderRow.id))).all()
    lines = await _lines(tx, [row.OrderRow.id for row in rows])
    return [_item(row.OrderRow, row.number, row.name, row.email, lines.get(row.OrderRow.id, [])) for row in rows]


async def _lines(tx: ReadTx, order_ids: list[UUID]) -> dict[UUID, list[tuple[str | None, str]]]:
    found: dict[UUID, list[tuple[str | None, str]]] = {}
    statement = select(LineRow.order_id, LineRow.domain_name, LineRow.state).where(LineRow.order_id.in_(order_ids)).order_by(LineRow.position)
    for order_id, name, state in await tx.execute(statement):
        found.setdefault(order_id, []).append((name, state))
    return found


def _item(row: OrderRow, number: str, name: str, email: str, lines: list[tuple[str | None, str]]) -> OrderItem:
    names = tuple(dict.fromkeys(domain for domain, _ in lines if domain))
    waits = row.state == "paid" and any(state in ("refused", "parked", "delayed") for _, state in lines)
    total = Money(row.net_minor + row.tax_minor, row.currency)
    return OrderItem(row.id, row.number, row.state, total, row.customer_id, number, name, email, names, waits, row.placed_at, row.paid_at)
