"""How an order goes on: paid, its lines delivered or not, completed or cancelled. The processes decide; here it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from nextbill.capabilities import invoicing
from nextbill.capabilities.orders import queries
from nextbill.capabilities.orders.errors import OrderNotCancellable, OrderNotPayable
from nextbill.capabilities.orders.events import LineHeldUp, LineRefused, OrderCancelled, OrderCompleted, OrderPaid
from nextbill.capabilities.orders.models import LineRow
from nextbill.capabilities.orders.rules import LineState, is_delivered
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


async def mark_paid(tx: Tx, order_id: UUID, *, now: datetime) -> bool:
    """True for the one call that moves it. OrderNotPayable where it was cancelled: the money is the customer's credit then."""
    row = await queries.lock_order(tx, order_id)
    if row.state in ("paid", "completed"):
        return False
    if row.state != "pending":
        raise OrderNotPayable("It was cancelled before the money came.")
    row.state, row.paid_at = "paid", now
    await publish(tx, OrderPaid(order_id=row.id, customer_id=row.customer_id), now=now)
    return True


async def mark_line(
    tx: Tx, line_id: UUID, *, state: LineState, reason: str | None = None, ref: Mapping[str, UUID | str] | None = None, now: datetime
) -> bool:
    """False where nothing changed: delivered and cancelled are final, and what comes later is old news. `ref` is added to what is known."""
    row = await queries.lock_line(tx, line_id)
    if row.state in ("delivered", "cancelled"):
        return False
    row.result = {**row.result, **{name: str(value) for name, value in (ref or {}).items()}}
    moved = row.state != state or row.reason != reason
    row.state, row.reason = state, reason
    if moved:
        row.changed_at = now
        await _tell(tx, row, now=now)
    await tx.flush()
    return moved


async def _tell(tx: Tx, row: LineRow, *, now: datetime) -> None:
    facts: dict[str, Any] = {"order_id": row.order_id, "line_id": row.id, "customer_id": row.customer_id, "reason": row.reason or "other"}
    if row.state in ("delayed", "parked"):
        await publish(tx, LineHeldUp(**facts, state=row.state), now=now)
    elif row.state == "refused":
        await publish(tx, LineRefused(**facts), now=now)


async def complete_if_delivered(tx: Tx, order_id: UUID, *, now: datetime) -> bool:
    """True for the one call that completes it. The order's lock makes two last deliveries take turns."""
    row = await queries.lock_order(tx, order_id)
    if row.state != "paid" or not is_delivered(await queries.line_states(tx, order_id)):
        return False
    row.state, row.completed_at = "completed", now
    await publish(tx, OrderCompleted(order_id=row.id, customer_id=row.customer_id), now=now)
    return True


async def cancel_order(tx: Tx, order_id: UUID, *, reason: str, now: datetime) -> bool:
    """Unpaid: proforma and payable end with it, and money that comes all the same goes back. Paid: only while nothing was delivered;
    giving the money back is the caller's procedure. False where it was cancelled before."""
    row = await queries.lock_order(tx, order_id)
    if row.state == "cancelled":
        return False
    order = await queries.get_order(tx, order_id)
    if row.state == "completed" or any(line.state == "delivered" for line in order.lines):
        raise OrderNotCancellable("Something was delivered: cancel what was delivered instead.")
    was_paid = row.state == "paid"
    if not was_paid and row.proforma_id is not None:
        await invoicing.cancel_proforma(tx, row.proforma_id, now=now)
    for line in order.lines:
        await mark_line(tx, line.id, state="cancelled", reason=reason, now=now)
    row.state, row.cancelled_at, row.cancel_reason = "cancelled", now, reason
    await publish(tx, OrderCancelled(order_id=row.id, customer_id=row.customer_id, was_paid=was_paid, reason=reason), now=now)
    return True
