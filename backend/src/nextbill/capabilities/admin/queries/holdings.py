"""What customers hold and have paid: licenses and payments, each with whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, or_, select

from nextbill.capabilities import customers, licensing, orders
from nextbill.capabilities.customers.models import CustomerRow
from nextbill.capabilities.identity.models import LoginRow
from nextbill.capabilities.invoicing.models import ProformaRow
from nextbill.capabilities.licensing.models import LicenseRow
from nextbill.capabilities.orders.models import OrderRow
from nextbill.capabilities.payments.models import AttemptRow
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging


@dataclass(frozen=True, slots=True)
class Owner:
    id: UUID
    number: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class LicenseItem:
    license: licensing.License
    owner: Owner


@dataclass(frozen=True, slots=True)
class PaymentItem:
    """One try at paying. `order_id`, `order_number`: what it was for, where that was an order."""

    id: UUID
    owner: Owner
    state: str
    amount: Money
    paid: Money
    refunded: Money
    surplus: bool
    error: str | None
    error_message: str | None
    payment_ref: str | None
    order_id: UUID | None
    order_number: str | None
    requested_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class LicenseFilter:
    """All that are not None hold. `q`: a part of the key's hint, the plan, the customer's number, or an address; `key_hash`: of a whole key."""

    customer_id: UUID | None = None
    state: str | None = None
    server_id: UUID | None = None
    q: str | None = None
    key_hash: bytes | None = None


async def list_licenses(tx: ReadTx, paging: Paging, chosen: LicenseFilter) -> list[LicenseItem]:
    """Newest first, one more than the page."""
    ids = (await tx.execute(paging.apply(_licenses(chosen), LicenseRow.id))).scalars().all()
    return await _owned(tx, await licensing.get_licenses(tx, ids))


async def get_license(tx: ReadTx, license_id: UUID) -> LicenseItem:
    """licensing.LicenseNotFound."""
    return (await _owned(tx, [await licensing.get_license(tx, license_id)]))[0]


def _licenses(chosen: LicenseFilter) -> Select[UUID]:
    statement = select(LicenseRow.id)
    exact = {"customer_id": chosen.customer_id, "state": chosen.state, "server_id": chosen.server_id}
    for name, value in exact.items():
        if value is not None:
            statement = statement.where(getattr(LicenseRow, name) == value)
    if chosen.q:
        part = f"%{chosen.q.replace('%', '')}%"
        theirs = (
            select(CustomerRow.id)
            .join(LoginRow, LoginRow.customer_id == CustomerRow.id, isouter=True)
            .where(or_(LoginRow.email.ilike(part), CustomerRow.number.ilike(part)))
        )
        found = [LicenseRow.key_hint.ilike(part), LicenseRow.plan_code == chosen.q.lower(), LicenseRow.customer_id.in_(theirs)]
        statement = statement.where(or_(*found, *([LicenseRow.key_hash == chosen.key_hash] if chosen.key_hash else [])))
    return statement


async def _owned(tx: ReadTx, found: list[licensing.License]) -> list[LicenseItem]:
    owners = await customers.get_customers(tx, [license_.customer_id for license_ in found])
    return [LicenseItem(license_, _owner(owners[license_.customer_id])) for license_ in found]


async def list_payments(tx: ReadTx, paging: Paging, *, customer_id: UUID | None, state: str | None) -> list[PaymentItem]:
    """Newest first, one more than the page."""
    ordered = (OrderRow.id == ProformaRow.origin_id) & (ProformaRow.origin_type == orders.ORDER)
    statement: Select[*tuple[Any, ...]] = (
        select(AttemptRow, CustomerRow.number, CustomerRow.name, LoginRow.email, OrderRow.id.label("order_id"), OrderRow.number.label("order_number"))
        .join(CustomerRow, CustomerRow.id == AttemptRow.customer_id)
        .join(LoginRow, LoginRow.customer_id == AttemptRow.customer_id)
        .outerjoin(ProformaRow, ProformaRow.payable_id == AttemptRow.payable_id)
        .outerjoin(OrderRow, ordered)
    )
    if customer_id is not None:
        statement = statement.where(AttemptRow.customer_id == customer_id)
    if state is not None:
        statement = statement.where(AttemptRow.state == state)
    return [_payment(row) for row in (await tx.execute(paging.apply(statement, AttemptRow.id))).all()]


def _owner(customer: customers.Customer) -> Owner:
    return Owner(customer.id, customer.number, customer.name, customer.email)


def _payment(row: Row[Any]) -> PaymentItem:
    attempt: AttemptRow = row.AttemptRow
    return PaymentItem(
        id=attempt.id,
        owner=Owner(attempt.customer_id, row.number, row.name, row.email),
        state=attempt.state,
        amount=Money(attempt.amount_minor, attempt.currency),
        paid=Money(attempt.paid_minor, attempt.currency),
        refunded=Money(attempt.refunded_minor, attempt.currency),
        surplus=attempt.surplus,
        error=attempt.error,
        error_message=attempt.error_message,
        payment_ref=attempt.payment_ref,
        order_id=row.order_id,
        order_number=row.order_number,
        requested_at=attempt.requested_at,
        finished_at=attempt.finished_at,
    )
