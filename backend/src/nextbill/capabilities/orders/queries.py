"""Reads into frozen values; row locks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import any_, select

from nextbill.capabilities import invoicing, payments
from nextbill.capabilities.orders.errors import OrderNotFound
from nextbill.capabilities.orders.models import LineRow, OrderRow, PartRow
from nextbill.capabilities.orders.rules import Stage, StageState, line_stage
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle, Unit
from nextbill.runtime import bulk
from nextbill.runtime.database import ReadTx, Tx


@dataclass(frozen=True, slots=True)
class OrderPart:
    """What a line's price is made of: `quantity` at `unit`, less `discount`. `billing`: once, each_period, or first_period (after a trial)."""

    id: UUID
    kind: str
    code: str
    description: str
    product_id: UUID | None
    quantity: int
    unit: Money
    discount: Money
    discount_note: str | None
    net: Money
    tax: Money
    price_id: UUID | None
    price_version: int
    billing: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`limits` and `features` are the plan's with its add-ons and options, None is unlimited. `cost`: what we pay for it.

    `result`: what was delivered, such as {"license_id": …, "account_id": …}."""

    id: UUID
    order_id: UUID
    customer_id: UUID
    position: int
    kind: str
    description: str
    product_class: str
    plan_id: UUID | None
    plan_code: str | None
    plan_name: str | None
    cycle: Cycle | None
    limits: Mapping[str, int | None]
    features: tuple[str, ...]
    domain_name: str | None
    domain_choice: str | None
    years: int | None
    hosting_line_id: UUID | None
    price_version: int
    quantity: int
    trial_days: int
    included_for: str | None
    cost: Money | None
    list_price: Money
    discount: Money
    net: Money
    tax: Money
    state: str
    reason: str | None
    result: Mapping[str, str]
    changed_at: datetime
    parts: tuple[OrderPart, ...]


@dataclass(frozen=True, slots=True)
class Order:
    id: UUID
    customer_id: UUID
    number: str | None
    state: str
    net: Money
    tax: Money
    proforma_id: UUID | None
    coupon_code: str | None
    immediate_start: bool
    placed_at: datetime
    paid_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    lines: tuple[OrderLine, ...]

    @property
    def total(self) -> Money:
        return self.net + self.tax


async def get_order(tx: ReadTx, order_id: UUID) -> Order:
    row = await tx.get(OrderRow, order_id, populate_existing=True)
    if row is None:
        raise OrderNotFound
    return (await _with_lines(tx, [row]))[0]


async def get_line(tx: ReadTx, line_id: UUID) -> OrderLine:
    row = await tx.get(LineRow, line_id, populate_existing=True)
    if row is None:
        raise OrderNotFound("There is no such order line.")
    return line_view(row, await _parts(tx, [row.order_id]))


@dataclass(frozen=True, slots=True)
class SoldName:
    """How a name was sold. `included_for`: it came with the plan of `hosting_line_id`, for its first year or while that is active."""

    currency: str
    included_for: str | None
    hosting_line_id: UUID | None


async def sold_names(tx: ReadTx, line_ids: Collection[UUID]) -> dict[UUID, SoldName]:
    """By the order's line, in one question."""
    if not line_ids:
        return {}
    found = select(LineRow.id, LineRow.currency, LineRow.included_for, LineRow.hosting_line_id).where(LineRow.id == any_(bulk.ids(line_ids)))
    return {id_: SoldName(currency, included_for, hosting) for id_, currency, included_for, hosting in await tx.execute(found)}


async def list_orders(tx: ReadTx, *, after: UUID | None, limit: int, state: str | None = None) -> Sequence[Order]:
    """Newest first: all that the role may see, a customer's own or everybody's for staff."""
    statement = select(OrderRow).order_by(OrderRow.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(OrderRow.id < after)
    if state is not None:
        statement = statement.where(OrderRow.state == state)
    return await _with_lines(tx, (await tx.execute(statement)).scalars().all())


async def payable_of(tx: ReadTx, order_id: UUID) -> UUID | None:
    """What is to be paid for an order that the role may see; None where there is none."""
    found = select(OrderRow.proforma_id).where(OrderRow.id == order_id)
    proforma_id = (await tx.execute(found)).scalar_one_or_none()
    if proforma_id is None:
        return None
    payable = await payments.payable_for(tx, reference_type=invoicing.PROFORMA, reference_id=proforma_id)
    return payable.id if payable else None


async def paid_orders_of(tx: ReadTx, customer_id: UUID) -> list[UUID]:
    """Paid and not completed, oldest first."""
    found = select(OrderRow.id).where(OrderRow.customer_id == customer_id, OrderRow.state == "paid").order_by(OrderRow.id)
    return list((await tx.execute(found)).scalars())


async def refused_since(tx: ReadTx, *, before: datetime, limit: int) -> list[UUID]:
    """Lines of paid orders whose name was refused before then, and whose owner has not answered."""
    found = select(LineRow.id).join(OrderRow, OrderRow.id == LineRow.order_id).where(LineRow.state == "refused", LineRow.changed_at <= before)
    return list((await tx.execute(found.where(OrderRow.state == "paid").order_by(LineRow.changed_at).limit(limit))).scalars())


async def unpaid_since(tx: ReadTx, *, now: datetime, limit: int) -> list[UUID]:
    """Orders whose time to be paid is over, the longest first."""
    found = select(OrderRow.id).where(OrderRow.state == "pending", OrderRow.expires_at <= now).order_by(OrderRow.expires_at).limit(limit)
    return list((await tx.execute(found)).scalars())


async def has_paid_order(tx: ReadTx, customer_id: UUID) -> bool:
    found = select(OrderRow.id).where(OrderRow.customer_id == customer_id, OrderRow.state.in_(("paid", "completed"))).limit(1)
    return (await tx.execute(found)).first() is not None


async def trial_used(tx: ReadTx, customer_id: UUID, plan_id: UUID) -> bool:
    """Whether the customer has had this plan's trial: one that was cancelled before it was delivered does not count."""
    found = select(LineRow.id).where(
        LineRow.customer_id == customer_id, LineRow.plan_id == plan_id, LineRow.trial_days > 0, LineRow.state != "cancelled"
    )
    return (await tx.execute(found.limit(1))).first() is not None


async def order_by_key(tx: ReadTx, *, customer_id: UUID, idempotency_key: str) -> tuple[UUID, bytes] | None:
    """The order that was placed under this key, and the fingerprint of its cart."""
    found = select(OrderRow.id, OrderRow.cart_fingerprint).where(OrderRow.customer_id == customer_id, OrderRow.idempotency_key == idempotency_key)
    row = (await tx.execute(found)).one_or_none()
    return (row.id, row.cart_fingerprint) if row else None


async def lock_order(tx: Tx, order_id: UUID) -> OrderRow:
    statement = select(OrderRow).where(OrderRow.id == order_id).with_for_update()
    row = (await tx.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise OrderNotFound
    return row


async def lock_line(tx: Tx, line_id: UUID) -> LineRow:
    statement = select(LineRow).where(LineRow.id == line_id).with_for_update()
    row = (await tx.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise OrderNotFound("There is no such order line.")
    return row


async def line_states(tx: ReadTx, order_id: UUID) -> list[str]:
    return list((await tx.execute(select(LineRow.state).where(LineRow.order_id == order_id))).scalars())


def stages(order: Order) -> list[Stage]:
    """The order's course as its owner sees it."""
    cancelled, paid = order.state == "cancelled", order.paid_at is not None
    payment: StageState = "done" if paid else "cancelled" if cancelled else "current"
    end: StageState = "done" if order.completed_at else "cancelled" if cancelled else "waiting"
    return [
        Stage("placed", "done", order.placed_at),
        Stage("paid", payment, order.paid_at),
        *(Stage(line.kind, line_stage(line.state, paid=paid), line.changed_at if paid else None, line.reason, line.id) for line in order.lines),
        Stage("completed", end, order.completed_at or order.cancelled_at, order.cancel_reason),
    ]


async def _with_lines(tx: ReadTx, rows: Sequence[OrderRow]) -> list[Order]:
    found = select(LineRow).where(LineRow.order_id.in_([row.id for row in rows])).order_by(LineRow.order_id, LineRow.position)
    lines: dict[UUID, list[OrderLine]] = {row.id: [] for row in rows}
    parts = await _parts(tx, [row.id for row in rows])
    for line in (await tx.execute(found, execution_options={"populate_existing": True})).scalars() if rows else ():
        lines[line.order_id].append(line_view(line, parts))
    return [_order(row, tuple(lines[row.id])) for row in rows]


def _order(row: OrderRow, lines: tuple[OrderLine, ...]) -> Order:
    return Order(
        id=row.id,
        customer_id=row.customer_id,
        number=row.number,
        state=row.state,
        net=Money(row.net_minor, row.currency),
        tax=Money(row.tax_minor, row.currency),
        proforma_id=row.proforma_id,
        coupon_code=row.coupon_code,
        immediate_start=row.immediate_start,
        placed_at=row.placed_at,
        paid_at=row.paid_at,
        completed_at=row.completed_at,
        cancelled_at=row.cancelled_at,
        cancel_reason=row.cancel_reason,
        lines=lines,
    )


async def _parts(tx: ReadTx, order_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[PartRow]]:
    """By line, in their order."""
    found: dict[UUID, list[PartRow]] = {}
    statement = select(PartRow).where(PartRow.order_id.in_(order_ids)).order_by(PartRow.line_id, PartRow.position)
    for row in (await tx.execute(statement)).scalars() if order_ids else ():
        found.setdefault(row.line_id, []).append(row)
    return found


def _part(row: PartRow) -> OrderPart:
    return OrderPart(
        id=row.id,
        kind=row.kind,
        code=row.code,
        description=row.description,
        product_id=row.product_id,
        quantity=row.quantity,
        unit=Money(row.unit_minor, row.currency),
        discount=Money(row.discount_minor, row.currency),
        discount_note=row.discount_note,
        net=Money(row.net_minor, row.currency),
        tax=Money(row.tax_minor, row.currency),
        price_id=row.price_id,
        price_version=row.price_version,
        billing=row.billing,
        details=row.details,
    )


def line_view(row: LineRow, parts: Mapping[UUID, Sequence[PartRow]]) -> OrderLine:
    return OrderLine(
        id=row.id,
        order_id=row.order_id,
        customer_id=row.customer_id,
        position=row.position,
        kind=row.kind,
        description=row.description,
        product_class=row.product_class,
        plan_id=row.plan_id,
        plan_code=row.plan_code,
        plan_name=row.plan_name,
        cycle=Cycle(cast("Unit", row.cycle_unit), row.cycle_count or 1) if row.cycle_unit else None,
        limits=row.limits,
        features=tuple(row.features),
        domain_name=row.domain_name,
        domain_choice=row.domain_choice,
        years=row.years,
        hosting_line_id=row.hosting_line_id,
        price_version=row.price_version,
        quantity=row.quantity,
        trial_days=row.trial_days,
        included_for=row.included_for,
        cost=Money(row.cost_minor, row.cost_currency) if row.cost_minor is not None and row.cost_currency else None,
        list_price=Money(row.list_minor, row.currency),
        discount=Money(row.discount_minor, row.currency),
        net=Money(row.net_minor, row.currency),
        tax=Money(row.tax_minor, row.currency),
        state=row.state,
        reason=row.reason,
        result=row.result,
        changed_at=row.changed_at,
        parts=tuple(_part(part) for part in parts.get(row.id, ())),
    )
