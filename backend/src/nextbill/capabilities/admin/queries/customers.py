"""Customers with their logins: found by number, name, company or e-mail address; one of them whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Select, or_, select

from nextbill.capabilities import customers
from nextbill.capabilities.customers.models import CustomerRow
from nextbill.capabilities.identity.models import LoginRow
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging


@dataclass(frozen=True, slots=True)
class CustomerItem:
    """`phone`, `tax_id` and the rest of the address are on the customer's own page."""

    id: UUID
    number: str
    name: str
    company: str | None
    email: str
    email_verified: bool
    disabled: bool
    status: customers.Status
    country: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LoginState:
    """`version` is what a change of the login names in If-Match."""

    id: UUID
    verified_at: datetime | None
    disabled_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class CustomerFile:
    customer: customers.Customer
    login: LoginState


_LOGIN: tuple[Any, ...] = (LoginRow.email, LoginRow.verified_at, LoginRow.disabled_at)


async def list_customers(tx: ReadTx, paging: Paging, *, search: str | None, ids: Sequence[UUID] | None = None) -> list[CustomerItem]:
    """Newest first, one more than the page. `search` is part of a number, name, company or e-mail address; `ids` leaves out all others."""
    statement: Select[Any] = select(CustomerRow, *_LOGIN).join(LoginRow, LoginRow.customer_id == CustomerRow.id)
    if search:
        columns = (CustomerRow.number, CustomerRow.name, CustomerRow.company, LoginRow.email)
        statement = statement.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    if ids is not None:
        statement = statement.where(CustomerRow.id.in_(ids))
    return [_item(row) for row in (await tx.execute(paging.apply(statement, CustomerRow.id))).all()]


async def customer_file(tx: ReadTx, customer_id: UUID) -> CustomerFile:
    """UnknownCustomer."""
    customer = await customers.get_customer(tx, customer_id)
    columns = (LoginRow.id, LoginRow.verified_at, LoginRow.disabled_at, LoginRow.version)
    row = (await tx.execute(select(*columns).where(LoginRow.customer_id == customer_id))).one()
    return CustomerFile(customer, LoginState(*row))


def _item(row: Row[Any]) -> CustomerItem:
    found: CustomerRow = row.CustomerRow
    return CustomerItem(
        id=found.id,
        number=found.number,
        name=found.name,
        company=found.company,
        email=row.email,
        email_verified=row.verified_at is not None,
        disabled=row.disabled_at is not None,
        status=cast("customers.Status", found.status),
        country=found.country,
        created_at=found.created_at,
    )
