"""Reads of customers into frozen records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import any_, select

from nextbill.capabilities import identity
from nextbill.capabilities.customers.errors import IncompleteContact, UnknownCustomer
from nextbill.capabilities.customers.models import CustomerRow
from nextbill.capabilities.customers.rules import Address, CustomerId, RegistrantContact, Status, missing_for_registrar
from nextbill.runtime import bulk
from nextbill.runtime.database import ReadTx, Tx


@dataclass(frozen=True, slots=True)
class Customer:
    """`phone` is E.164, `locale` a language tag such as en or de-AT. `email` is the login's; delivery waits until `email_verified`."""

    id: CustomerId
    number: str
    name: str
    company: str | None
    email: str
    email_verified: bool
    phone: str | None
    status: Status
    tax_id: str | None
    address: Address | None
    locale: str
    created_at: datetime
    invoice_email: str | None = None
    buyer_reference: str | None = None


async def get_customer(tx: ReadTx, customer_id: UUID) -> Customer:
    """UnknownCustomer, also for one whom row-level security hides."""
    row = (await tx.execute(select(CustomerRow).where(CustomerRow.id == customer_id))).scalar_one_or_none()
    if row is None:
        raise UnknownCustomer
    return _customer(row, await identity.login_of_customer(tx, customer_id))


async def get_customers(tx: ReadTx, customer_ids: Sequence[UUID]) -> dict[UUID, Customer]:
    """For lists: two reads whatever their length. Unknown ones are left out."""
    rows = (await tx.execute(select(*CustomerRow.__table__.c).where(CustomerRow.id == any_(bulk.ids(customer_ids))))).all()
    logins = await identity.logins_of_customers(tx, [row.id for row in rows])
    return {row.id: _customer(row, logins[row.id]) for row in rows}


async def contact_for_registrar(tx: ReadTx, customer_id: UUID) -> RegistrantContact:
    """IncompleteContact names every field that is missing."""
    customer = await get_customer(tx, customer_id)
    address = customer.address or Address("", "", "", "", "", "")
    contact = RegistrantContact(
        name=customer.name,
        company=customer.company or "",
        email=customer.email,
        phone=customer.phone or "",
        address_line_1=address.line_1,
        address_line_2=address.line_2,
        city=address.city,
        state=address.state,
        postal_code=address.postal_code,
        country=address.country,
    )
    missing = missing_for_registrar(contact)
    if missing:
        raise IncompleteContact("A domain is registered in your name: the registrar asks for these.", fields=missing)
    return contact


async def lock_customer(tx: Tx, customer_id: UUID) -> CustomerRow:
    row = (await tx.execute(select(CustomerRow).where(CustomerRow.id == customer_id).with_for_update())).scalar_one_or_none()
    if row is None:
        raise UnknownCustomer
    return row


def address_of(row: Any) -> Address | None:
    if row.country is None:
        return None
    return Address(row.line_1 or "", row.line_2 or "", row.city or "", row.state or "", row.postal_code or "", row.country)


def _customer(row: Any, login: identity.Login) -> Customer:
    return Customer(
        id=CustomerId(row.id),
        number=row.number,
        name=row.name,
        company=row.company,
        email=login.email,
        email_verified=login.verified_at is not None,
        phone=row.phone,
        status=cast("Status", row.status),
        tax_id=row.tax_id,
        address=address_of(row),
        locale=row.locale,
        created_at=row.created_at,
        invoice_email=row.invoice_email,
        buyer_reference=row.buyer_reference,
    )
