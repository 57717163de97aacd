"""Reads of customers into frozen records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, any_, select

from nextbill.capabilities import identity
from nextbill.capabilities.customers.errors import IncompleteContact, UnknownCustomer
from nextbill.capabilities.customers.models import CustomerRow
from nextbill.capabilities.customers.rules import Address, CustomerId, RegistrantContact, Status, missing_for_registrar
from nextbill.runtime import bulk
from nextbill.runtime.database import ReadTx, Tx


class Payer(Struct, frozen=True, kw_only=True):
    """What a document and a tax need to know of a customer. `email` is the login's."""

    id: CustomerId
    name: str
    company: str | None
    email: str
    status: Status
    tax_id: str | None
    address: Address | None
    invoice_email: str | None = None
    buyer_reference: str | None = None


class Customer(Payer, frozen=True, kw_only=True):
    """`phone` is E.164, `locale` a language tag such as en or de-AT. Delivery waits until `email_verified`."""

    number: str
    email_verified: bool
    phone: str | None
    locale: str
    created_at: datetime


# Of the table, not of the class: rows as they come, without a look at each by the mapper.
_C = CustomerRow.__table__.c
_PAYER: tuple[Any, ...] = (
    _C.id, _C.name, _C.company, _C.status, _C.tax_id, _C.invoice_email, _C.buyer_reference, _C.line_1, _C.line_2, _C.city, _C.state, _C.postal_code, _C.country,
)  # fmt: skip
_COLUMNS: tuple[Any, ...] = (*_PAYER, _C.number, _C.phone, _C.locale, _C.created_at)


async def get_customer(tx: ReadTx, customer_id: UUID) -> Customer:
    """UnknownCustomer, also for one whom row-level security hides."""
    row = (await tx.execute(select(*_COLUMNS).where(CustomerRow.id == customer_id))).first()
    if row is None:
        raise UnknownCustomer
    return _customer(row, await identity.login_of_customer(tx, customer_id))


async def get_customers(tx: ReadTx, customer_ids: Sequence[UUID]) -> dict[UUID, Customer]:
    """For lists: two reads whatever their length. Unknown ones are left out."""
    rows = (await tx.execute(select(*_COLUMNS).where(CustomerRow.id == any_(bulk.ids(customer_ids))))).all()
    logins = await identity.logins_of_customers(tx, [row[0] for row in rows])
    return {row[0]: _customer(row, logins[row[0]]) for row in rows}


async def get_payers(tx: ReadTx, customer_ids: Sequence[UUID]) -> dict[UUID, Payer]:
    """As `get_customers`, of thousands at once."""
    rows = (await tx.execute(select(*_PAYER).where(_C.id == any_(bulk.ids(customer_ids))))).all()
    emails = await identity.emails_of_customers(tx, [row[0] for row in rows])
    return {row[0]: Payer(**_payer(row, emails[row[0]])) for row in rows}


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
    return _address(row.line_1, row.line_2, row.city, row.state, row.postal_code, row.country)


def _address(*parts: str | None) -> Address | None:
    """`parts` as an address has them; without a country there is none."""
    return None if parts[-1] is None else Address(*[part or "" for part in parts])


def _customer(row: Row[*tuple[Any, ...]], login: identity.Login) -> Customer:
    """`row` of `_COLUMNS`."""
    number, phone, locale, created_at = row[len(_PAYER) :]
    known = _payer(row[: len(_PAYER)], login.email)
    return Customer(**known, number=number, email_verified=login.verified_at is not None, phone=phone, locale=locale, created_at=created_at)


def _payer(row: Sequence[Any], email: str) -> dict[str, Any]:
    """`row` of `_PAYER`."""
    id_, name, company, status, tax_id, invoice_email, buyer_reference, *where = row
    return {
        "id": id_,
        "name": name,
        "company": company,
        "email": email,
        "status": status,
        "tax_id": tax_id,
        "address": _address(*where),
        "invoice_email": invoice_email,
        "buyer_reference": buyer_reference,
    }
