"""Saved cards, and the pages on which they are left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.payments.errors import MethodNotFound, SetupNotFound
from nextbill.capabilities.payments.models import CardRow, GatewayCustomerRow, MethodRow, NoticeRow, SetupRow
from nextbill.capabilities.payments.rules import OPEN_ATTEMPT_STATES, expires_on
from nextbill.runtime.database import ReadTx, Tx

SWEEP = 200


@dataclass(frozen=True, slots=True)
class MethodView:
    """A saved card. `problem` is what its bank last said against a charge (one of `rules.REASONS`); `barred`: it is not charged again."""

    id: UUID
    customer_id: UUID
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    funding: str
    state: str
    is_default: bool
    problem: str | None
    barred: bool
    gateway_ref: str
    created_at: datetime

    @property
    def expires_on(self) -> date:
        return expires_on(self.exp_month, self.exp_year)


@dataclass(frozen=True, slots=True)
class SetupView:
    id: UUID
    customer_id: UUID
    state: str
    return_url: str
    session_ref: str | None
    setup_url: str | None
    method_id: UUID | None
    error: str | None
    requested_at: datetime
    expires_at: datetime


async def get_method(tx: ReadTx, method_id: UUID) -> MethodView:
    """One that was removed too. MethodNotFound."""
    row = await tx.get(MethodRow, method_id, populate_existing=True)
    if row is None:
        raise MethodNotFound
    return _method(row)


async def methods_of(tx: ReadTx, customer_id: UUID) -> list[MethodView]:
    """What can be charged, the default first."""
    found = select(MethodRow).where(MethodRow.customer_id == customer_id, MethodRow.state == "active")
    rows = await tx.execute(found.order_by(MethodRow.is_default.desc(), MethodRow.id.desc()))
    return [_method(row) for row in rows.scalars()]


async def list_methods(tx: ReadTx, *, customer_id: UUID | None, after: UUID | None, limit: int) -> Sequence[MethodView]:
    """Newest first: all that the role may see, of one customer where one is named."""
    statement = select(MethodRow).where(MethodRow.state == "active").order_by(MethodRow.id.desc()).limit(limit)
    if customer_id is not None:
        statement = statement.where(MethodRow.customer_id == customer_id)
    if after is not None:
        statement = statement.where(MethodRow.id < after)
    return [_method(row) for row in (await tx.execute(statement)).scalars()]


async def default_methods(tx: ReadTx, customer_ids: Collection[UUID]) -> dict[UUID, MethodRow]:
    """The card that is charged, by customer."""
    rows = await tx.execute(select(MethodRow).where(MethodRow.customer_id.in_(customer_ids), MethodRow.is_default))
    return {row.customer_id: row for row in rows.scalars()}


async def charged_cards(tx: ReadTx, customer_ids: Collection[UUID]) -> dict[UUID, MethodView]:
    """The card that is charged by itself, by customer; without those whose banks have said never."""
    return {customer_id: _method(row) for customer_id, row in (await default_methods(tx, customer_ids)).items() if not row.barred}


async def method_row(tx: ReadTx, method_id: UUID) -> MethodRow | None:
    return await tx.get(MethodRow, method_id, populate_existing=True)


async def method_by_ref(tx: ReadTx, gateway_ref: str) -> MethodRow | None:
    return (await tx.execute(select(MethodRow).where(MethodRow.gateway_ref == gateway_ref))).scalar_one_or_none()


async def hold_gateway_customer(tx: Tx, customer_id: UUID) -> None:
    """Whoever records a card of this customer waits for the one who is at it."""
    found = select(GatewayCustomerRow.customer_id).where(GatewayCustomerRow.customer_id == customer_id)
    await tx.execute(found.with_for_update())


async def lock_methods(tx: Tx, customer_id: UUID) -> list[MethodRow]:
    """A customer's active cards, always in the same order."""
    found = select(MethodRow).where(MethodRow.customer_id == customer_id, MethodRow.state == "active").order_by(MethodRow.id)
    return list((await tx.execute(found.with_for_update(), execution_options={"populate_existing": True})).scalars())


async def lock_cards(tx: Tx, fingerprints: Collection[str]) -> dict[str, CardRow]:
    """Always in the same order, so that two chunks that share cards wait and never deadlock."""
    found = select(CardRow).where(CardRow.fingerprint.in_(fingerprints)).order_by(CardRow.fingerprint).with_for_update()
    rows = await tx.execute(found, execution_options={"populate_existing": True})
    return {row.fingerprint: row for row in rows.scalars()}


async def expiring_methods(tx: ReadTx, *, by: date, today: date, after: UUID | None, limit: int) -> list[MethodView]:
    """Default cards whose last month is not over, and ends by the day `by`; in the order of their ids."""
    months = MethodRow.exp_year * 12 + MethodRow.exp_month
    found = select(MethodRow).where(MethodRow.is_default, months >= today.year * 12 + today.month, months <= by.year * 12 + by.month)
    if after is not None:
        found = found.where(MethodRow.id > after)
    rows = await tx.execute(found.order_by(MethodRow.id).limit(limit))
    return [_method(row) for row in rows.scalars()]


async def told_of(tx: ReadTx, method_ids: Collection[UUID]) -> dict[UUID, set[tuple[date, int]]]:
    """The notices that went out: (day of expiry, days before), by card."""
    told: dict[UUID, set[tuple[date, int]]] = {}
    for row in (await tx.execute(select(NoticeRow).where(NoticeRow.method_id.in_(method_ids)))).scalars():
        told.setdefault(row.method_id, set()).add((row.expires_on, row.days_before))
    return told


async def get_setup(tx: ReadTx, setup_id: UUID) -> SetupView:
    row = await tx.get(SetupRow, setup_id, populate_existing=True)
    if row is None:
        raise SetupNotFound
    return SetupView(
        row.id,
        row.customer_id,
        row.state,
        row.return_url,
        row.session_ref,
        row.setup_url,
        row.method_id,
        row.error,
        row.requested_at,
        row.expires_at,
    )


async def open_setup(tx: ReadTx, customer_id: UUID) -> UUID | None:
    found = select(SetupRow.id).where(SetupRow.customer_id == customer_id, SetupRow.state.in_(OPEN_ATTEMPT_STATES))
    return (await tx.execute(found)).scalar_one_or_none()


async def lock_setup(tx: Tx, setup_id: UUID) -> SetupRow:
    found = select(SetupRow).where(SetupRow.id == setup_id).with_for_update()
    row = (await tx.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise SetupNotFound
    return row


async def setups_to_check(tx: ReadTx, now: datetime) -> list[UUID]:
    due = select(SetupRow.id).where(SetupRow.state == "open", SetupRow.next_check_at <= now)
    return list((await tx.execute(due.order_by(SetupRow.next_check_at).limit(SWEEP))).scalars())


def _method(row: MethodRow) -> MethodView:
    return MethodView(
        id=row.id,
        customer_id=row.customer_id,
        brand=row.brand,
        last4=row.last4,
        exp_month=row.exp_month,
        exp_year=row.exp_year,
        funding=row.funding,
        state=row.state,
        is_default=row.is_default,
        problem=row.problem,
        barred=row.barred,
        gateway_ref=row.gateway_ref,
        created_at=row.created_at,
    )
