"""Payables, attempts and refunds into frozen values. Row locks: the payable first, then its attempt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select

from nextbill.capabilities.payments.errors import PayableNotFound, PaymentNotFound
from nextbill.capabilities.payments.models import AttemptRow, EventCursorRow, GatewayCustomerRow, ManualRow, PayableRow, RefundRow
from nextbill.capabilities.payments.rules import OPEN_ATTEMPT_STATES
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx, Tx

SWEEP = 200


@dataclass(frozen=True, slots=True)
class Payable:
    id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    amount: Money
    description: str
    state: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at paying, `kind` checkout or charge. `paid` and `refunded` are what the gateway holds and sent back."""

    id: UUID
    customer_id: UUID
    payable_id: UUID
    kind: str
    method_id: UUID | None
    gateway_customer: str | None
    amount: Money
    state: str
    return_url: str
    session_ref: str | None
    checkout_url: str | None
    payment_ref: str | None
    paid: Money
    refunded: Money
    surplus: bool
    error: str | None
    error_message: str | None
    requested_at: datetime
    expires_at: datetime
    finished_at: datetime | None
    saves_card: bool

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_ATTEMPT_STATES


@dataclass(frozen=True, slots=True)
class RefundView:
    id: UUID
    attempt_id: UUID
    amount: Money
    state: str
    surplus: bool
    reason: str
    error: str | None
    payment_ref: str | None
    requested_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ManualPayment:
    id: UUID
    amount: Money
    method: str
    reference: str
    received_on: date


@dataclass(frozen=True, slots=True)
class StateTotal:
    state: str
    count: int
    asked: Money
    paid: Money
    refunded: Money


async def get_payable(tx: ReadTx, payable_id: UUID) -> Payable:
    row = await tx.get(PayableRow, payable_id)
    if row is None:
        raise PayableNotFound
    return payable_view(row)


async def payable_for(tx: ReadTx, *, reference_type: str, reference_id: UUID) -> Payable | None:
    """The payable that was opened for a reference, whatever has become of it."""
    found = select(PayableRow).where(PayableRow.reference_type == reference_type, PayableRow.reference_id == reference_id)
    row = (await tx.execute(found)).scalar_one_or_none()
    return payable_view(row) if row else None


async def get_attempt(tx: ReadTx, attempt_id: UUID) -> Attempt:
    row = await tx.get(AttemptRow, attempt_id, populate_existing=True)
    if row is None:
        raise PaymentNotFound
    return attempt_view(row)


async def attempts_of(tx: ReadTx, payable_id: UUID) -> list[Attempt]:
    rows = await tx.execute(select(AttemptRow).where(AttemptRow.payable_id == payable_id).order_by(AttemptRow.id))
    return [attempt_view(row) for row in rows.scalars()]


async def list_attempts(tx: ReadTx, *, after: UUID | None, limit: int, state: str | None = None) -> Sequence[Attempt]:
    """Newest first: all that the role may see, a customer's own or everybody's for staff."""
    statement = select(AttemptRow).order_by(AttemptRow.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(AttemptRow.id < after)
    if state is not None:
        statement = statement.where(AttemptRow.state == state)
    rows = await tx.execute(statement)
    return [attempt_view(row) for row in rows.scalars()]


async def get_refund(tx: ReadTx, refund_id: UUID) -> RefundView | None:
    found = select(RefundRow, AttemptRow.payment_ref).join(AttemptRow, AttemptRow.id == RefundRow.attempt_id).where(RefundRow.id == refund_id)
    row = (await tx.execute(found)).first()
    return refund_view(row[0], row[1]) if row else None


async def refund_by_key(tx: ReadTx, *, attempt_id: UUID, key: str) -> UUID | None:
    return (await tx.execute(select(RefundRow.id).where(RefundRow.attempt_id == attempt_id, RefundRow.request_key == key))).scalar_one_or_none()


async def refunds_of(tx: ReadTx, attempt_id: UUID) -> list[RefundView]:
    rows = await tx.execute(select(RefundRow).where(RefundRow.attempt_id == attempt_id).order_by(RefundRow.id))
    return [refund_view(row, None) for row in rows.scalars()]


async def totals(tx: ReadTx, *, start: datetime, end: datetime) -> list[StateTotal]:
    """Attempts requested in the half-open span, by currency and state."""
    sums = (func.count(), func.sum(AttemptRow.amount_minor), func.sum(AttemptRow.paid_minor), func.sum(AttemptRow.refunded_minor))
    statement = (
        select(AttemptRow.currency, AttemptRow.state, *sums)
        .where(AttemptRow.requested_at >= start, AttemptRow.requested_at < end)
        .group_by(AttemptRow.currency, AttemptRow.state)
        .order_by(AttemptRow.currency, AttemptRow.state)
    )
    rows = (await tx.execute(statement)).all()
    return [StateTotal(state, count, *(Money(int(amount), currency) for amount in amounts)) for currency, state, count, *amounts in rows]


async def manual_payments(tx: ReadTx, ids: Collection[UUID]) -> dict[UUID, ManualPayment]:
    rows = (await tx.execute(select(ManualRow).where(ManualRow.id.in_(ids)))).scalars()
    return {row.id: ManualPayment(row.id, Money(row.amount_minor, row.currency), row.method, row.reference, row.received_on) for row in rows}


async def money_on_its_way(tx: ReadTx, *, customer_id: UUID, currency: str) -> Money:
    """What has arrived for payables whose owners have not used it yet: it stands on the customer's credit, and is not free."""
    here = (PayableRow.customer_id == customer_id, PayableRow.currency == currency, PayableRow.state == "paid")
    arrived = (AttemptRow.state == "succeeded", AttemptRow.surplus.is_(False))
    statement = select(func.coalesce(func.sum(AttemptRow.paid_minor - AttemptRow.refunded_minor), 0))
    found = await tx.execute(statement.join(PayableRow, PayableRow.id == AttemptRow.payable_id).where(*here, *arrived))
    return Money(int(found.scalar_one()), currency)


async def refunded_of(tx: ReadTx, attempt_id: UUID, currency: str) -> Money:
    """What of a payment is on its way back, or was sent back."""
    found = await tx.execute(select(AttemptRow.refunded_minor).where(AttemptRow.id == attempt_id))
    return Money(found.scalar_one_or_none() or 0, currency)


async def holds_money(tx: ReadTx, payable_id: UUID) -> bool:
    """Whether anything that came for it was not sent back."""
    kept = select(AttemptRow.id).where(AttemptRow.payable_id == payable_id, AttemptRow.paid_minor > AttemptRow.refunded_minor)
    return (await tx.execute(kept.limit(1))).first() is not None


async def attempts_to_check(tx: ReadTx, now: datetime) -> list[UUID]:
    due = select(AttemptRow.id).where(AttemptRow.state == "open", AttemptRow.next_check_at <= now)
    return list((await tx.execute(due.order_by(AttemptRow.next_check_at).limit(SWEEP))).scalars())


async def refunds_to_check(tx: ReadTx, now: datetime) -> list[UUID]:
    due = select(RefundRow.id).where(RefundRow.next_check_at <= now)
    return list((await tx.execute(due.order_by(RefundRow.next_check_at).limit(SWEEP))).scalars())


async def gateway_customer(tx: ReadTx, customer_id: UUID) -> str | None:
    return (await tx.execute(select(GatewayCustomerRow.gateway_ref).where(GatewayCustomerRow.customer_id == customer_id))).scalar_one_or_none()


async def events_read_until(tx: ReadTx, gateway: str) -> datetime | None:
    return (await tx.execute(select(EventCursorRow.read_until).where(EventCursorRow.gateway == gateway))).scalar_one_or_none()


async def lock_payable(tx: Tx, payable_id: UUID) -> PayableRow:
    statement = select(PayableRow).where(PayableRow.id == payable_id).with_for_update()
    row = (await tx.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise PayableNotFound
    return row


async def lock_attempt(tx: Tx, attempt_id: UUID) -> tuple[PayableRow, AttemptRow]:
    """Payable first, as everywhere, so that two settlements of one payable wait and never deadlock."""
    payable_id = (await tx.execute(select(AttemptRow.payable_id).where(AttemptRow.id == attempt_id))).scalar_one_or_none()
    if payable_id is None:
        raise PaymentNotFound
    payable = await lock_payable(tx, payable_id)
    statement = select(AttemptRow).where(AttemptRow.id == attempt_id).with_for_update()
    attempt = (await tx.execute(statement, execution_options={"populate_existing": True})).scalar_one()
    return payable, attempt


async def read_attempt(tx: ReadTx, attempt_id: UUID) -> tuple[PayableRow, AttemptRow]:
    found = select(PayableRow, AttemptRow).join(AttemptRow, AttemptRow.payable_id == PayableRow.id).where(AttemptRow.id == attempt_id)
    payable, attempt = (await tx.execute(found)).one()
    return payable, attempt


async def lock_refund(tx: Tx, refund_id: UUID) -> RefundRow | None:
    statement = select(RefundRow).where(RefundRow.id == refund_id).with_for_update()
    return (await tx.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()


async def open_attempt(tx: ReadTx, payable_id: UUID) -> AttemptRow | None:
    statement = select(AttemptRow).where(AttemptRow.payable_id == payable_id, AttemptRow.state.in_(OPEN_ATTEMPT_STATES))
    return (await tx.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()


def payable_view(row: PayableRow) -> Payable:
    return Payable(row.id, row.customer_id, row.reference_type, row.reference_id, Money(row.amount_minor, row.currency), row.description, row.state)


def attempt_view(row: AttemptRow) -> Attempt:
    return Attempt(
        id=row.id,
        customer_id=row.customer_id,
        payable_id=row.payable_id,
        kind=row.kind,
        method_id=row.method_id,
        gateway_customer=row.gateway_customer,
        amount=Money(row.amount_minor, row.currency),
        state=row.state,
        return_url=row.return_url,
        session_ref=row.session_ref,
        checkout_url=row.checkout_url,
        payment_ref=row.payment_ref,
        paid=Money(row.paid_minor, row.currency),
        refunded=Money(row.refunded_minor, row.currency),
        surplus=row.surplus,
        error=row.error,
        error_message=row.error_message,
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        finished_at=row.finished_at,
        saves_card=row.consent_terms is not None,
    )


def refund_view(row: RefundRow, payment_ref: str | None) -> RefundView:
    money = Money(row.amount_minor, row.currency)
    return RefundView(row.id, row.attempt_id, money, row.state, row.surplus, row.reason, row.error, payment_ref, row.requested_at, row.finished_at)
