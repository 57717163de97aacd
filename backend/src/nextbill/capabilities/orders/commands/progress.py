"""How an order goes on: paid, its lines delivered or not, completed or cancelled. The processes decide; here it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities import catalog, invoicing
from nextbill.capabilities.orders import queries
from nextbill.capabilities.orders.errors import LineNotRefused, OrderNotCancellable, OrderNotPayable
from nextbill.capabilities.orders.events import DeliveryOverdue, LineHeldUp, LineRefused, OrderCancelled, OrderCompleted, OrderPaid
from nextbill.capabilities.orders.models import LineRow, OrderRow
from nextbill.capabilities.orders.rules import ORDER, LineState, is_delivered
from nextbill.kernel.domain_name import DomainName
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
    await catalog.take_holds(tx, row.id, now=now)
    await publish(tx, OrderPaid(order_id=row.id, customer_id=row.customer_id), now=now)
    return True


async def mark_line(
    tx: Tx, line_id: UUID, *, state: LineState, reason: str | None = None, ref: Mapping[str, UUID | str] | None = None, now: datetime
) -> bool:
    """False where nothing changed: delivered and cancelled are final, and what comes later is old news. `ref` is added to what is known."""
    row = await _hold_line(tx, line_id)
    if row.state in ("delivered", "cancelled"):
        return False
    row.result = {**row.result, **{name: str(value) for name, value in (ref or {}).items()}}
    moved = row.state != state or row.reason != reason
    row.state, row.reason = state, reason
    if moved:
        row.changed_at = now
        await _tell(tx, row, now=now)
    if state == "cancelled":
        await catalog.release_holds(tx, row.order_id, line_id=row.id, now=now)
    await tx.flush()
    return moved


async def hold(tx: Tx, order_id: UUID) -> queries.Order:
    """The order as it is now, and nobody else moves it or its lines until the transaction ends. OrderNotFound."""
    await queries.lock_order(tx, order_id)
    return await queries.get_order(tx, order_id)


async def _hold_line(tx: Tx, line_id: UUID) -> LineRow:
    """The order first, as everywhere, so that a cancellation and a delivery wait and never deadlock."""
    await queries.lock_order(tx, (await queries.get_line(tx, line_id)).order_id)
    return await queries.lock_line(tx, line_id)


async def rename_line(tx: Tx, line_id: UUID, *, name: DomainName, description: str, now: datetime) -> None:
    """Another name for a line whose first one was refused, at the price that was paid. LineNotRefused."""
    row = await _hold_line(tx, line_id)
    if row.kind != "domain" or row.state != "refused":
        raise LineNotRefused
    row.domain_name, row.description, row.changed_at = name.ascii, description, now
    await tx.flush()


async def tell_overdue(tx: Tx, *, paid_before: datetime, now: datetime, limit: int) -> int:
    """Publishes DeliveryOverdue once for each order paid before, of which a part is held up or under way for as long. How many."""
    stuck = LineRow.state.in_(("delayed", "parked")) | ((LineRow.state == "requested") & (LineRow.changed_at <= paid_before))
    part = select(LineRow.id).where(LineRow.order_id == OrderRow.id, stuck).exists()
    due = select(OrderRow).where(OrderRow.state == "paid", OrderRow.paid_at <= paid_before, OrderRow.overdue_at.is_(None), part)
    rows = (await tx.execute(due.order_by(OrderRow.paid_at).limit(limit).with_for_update(skip_locked=True))).scalars().all()
    for row in rows:
        row.overdue_at = now
        await publish(tx, DeliveryOverdue(order_id=row.id, customer_id=row.customer_id), now=now)
    return len(rows)


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
    """Unpaid: proforma and payable end with it, and money that comes all the same goes back; what was invoiced on terms is voided before.
    Paid: only while nothing was delivered; giving the money back is the caller's procedure. False where it was cancelled before."""
    row = await queries.lock_order(tx, order_id)
    if row.state == "cancelled":
        return False
    order = await queries.get_order(tx, order_id)
    if row.state == "completed" or any(line.state == "delivered" for line in order.lines):
        raise OrderNotCancellable("Something was delivered: cancel what was delivered instead.")
    was_paid = row.state == "paid"
    if not was_paid and row.proforma_id is not None:
        await _ask_no_more(tx, row.id, row.proforma_id, now=now)
    for line in order.lines:
        await mark_line(tx, line.id, state="cancelled", reason=reason, now=now)
    await catalog.release_holds(tx, row.id, now=now)
    row.state, row.cancelled_at, row.cancel_reason = "cancelled", now, reason
    await publish(tx, OrderCancelled(order_id=row.id, customer_id=row.customer_id, was_paid=was_paid, reason=reason), now=now)
    return True


async def wait_longer(tx: Tx, order_id: UUID, *, until: datetime) -> None:
    """It was not paid in its time, and may be all the same: it was invoiced on terms."""
    row = await queries.lock_order(tx, order_id)
    row.expires_at = until
    await tx.flush()


async def _ask_no_more(tx: Tx, order_id: UUID, proforma_id: UUID, *, now: datetime) -> None:
    papers = await invoicing.invoices_of(tx, origin_type=ORDER, origin_id=order_id)
    if any(not paper.is_taken_back for paper in papers):
        raise OrderNotCancellable("It has been invoiced: the invoice is voided or credited first.")
    if not papers:
        await invoicing.cancel_proforma(tx, proforma_id, now=now)
