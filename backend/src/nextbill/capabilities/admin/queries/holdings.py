"""What customers hold and have paid: licenses and payments, each with whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from nextbill.capabilities import customers, licensing, orders
from nextbill.capabilities.customers.models import CustomerRow
from nextbill.capabilities.identity.models import LoginRow
from nextbill.capabilities.invoicing.models import ProformaRow
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


async def list_licenses(tx: ReadTx, paging: Paging, *, customer_id: UUID | None) -> list[LicenseItem]:
    """Newest first, one more than the page."""
    found = await licensing.list_licenses(tx, paging=paging, customer_id=customer_id)
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
