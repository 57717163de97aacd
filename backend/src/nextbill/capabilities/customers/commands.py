"""Customers register, and keep their profile and address."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from babel import Locale, UnknownLocaleError

from nextbill.capabilities import identity
from nextbill.capabilities.customers.events import CustomerRegistered, TaxDataChanged
from nextbill.capabilities.customers.models import NUMBERS, CustomerRow
from nextbill.capabilities.customers.queries import Customer, address_of, get_customer, lock_customer
from nextbill.capabilities.customers.rules import Address, CustomerId, ProfileChanges, Status, checked_address, checked_phone, checked_tax_id
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

_TaxData = tuple[str | None, str, str | None, str | None, str | None]


async def register_customer(
    tx: Tx,
    *,
    email: str,
    password_hash: identity.PasswordHash,
    name: str,
    company: str | None = None,
    phone: str | None = None,
    status: Status = "consumer",
    tax_id: str | None = None,
    address: Address | None = None,
    locale: str = "en",
    now: datetime,
) -> CustomerId:
    """Customer and login in one transaction, in the role WORK (there is no customer yet who could own the rows).

    EmailTaken (the caller decides what it tells), Invalid by field.
    """
    customer_id = CustomerId(new_id())
    login_id = await identity.create_login(tx, email=email, password_hash=password_hash, role="customer", customer_id=customer_id, now=now)
    number = (await tx.execute(NUMBERS.next_value().select())).scalar_one()
    row = CustomerRow(id=customer_id, number=f"CUS-{number:06d}", name=name, status="consumer", locale="en", created_at=now, changed_at=now)
    changes: ProfileChanges = {"company": company, "phone": phone, "status": status, "tax_id": tax_id, "locale": locale}
    if address is not None:
        _put_address(row, address)
    _apply(row, changes)
    tx.add(row)
    await tx.flush()
    await publish(tx, CustomerRegistered(customer_id=customer_id, login_id=login_id), now=now)
    await _tell_of_tax(tx, row, before=(None, "consumer", None, None, None), now=now)
    return customer_id


def check_registration(*, changes: ProfileChanges, address: Address | None) -> None:
    """Invalid by field, before anything is counted, hashed or written."""
    row = CustomerRow(status="consumer", locale="en")
    if address is not None:
        _put_address(row, address)
    _apply(row, changes)


async def update_profile(tx: Tx, *, customer_id: UUID, changes: ProfileChanges, now: datetime) -> Customer:
    """What is not in `changes` stays. Invalid names each field; a consumer has no tax id."""
    row = await lock_customer(tx, customer_id)
    before = _tax_data(row)
    _apply(row, changes)
    row.changed_at = now
    await tx.flush()
    await _tell_of_tax(tx, row, before=before, now=now)
    return await get_customer(tx, customer_id)


async def set_address(tx: Tx, *, customer_id: UUID, address: Address, now: datetime) -> Customer:
    """Invalid by field (`line_1`, `state` …). A tax id of another country has to be taken out or changed first."""
    row = await lock_customer(tx, customer_id)
    before = _tax_data(row)
    _put_address(row, address)
    if row.tax_id is not None:
        _put_tax_id(row, row.tax_id)
    row.changed_at = now
    await tx.flush()
    await _tell_of_tax(tx, row, before=before, now=now)
    return await get_customer(tx, customer_id)


def _tax_data(row: CustomerRow) -> _TaxData:
    return row.tax_id, row.status, row.country, row.state, row.postal_code


async def _tell_of_tax(tx: Tx, row: CustomerRow, *, before: _TaxData, now: datetime) -> None:
    """A new street or name changes nothing."""
    if _tax_data(row) != before:
        await publish(tx, TaxDataChanged(customer_id=row.id), now=now)


def _put_address(row: CustomerRow, address: Address) -> None:
    normal, wrong = checked_address(address)
    if wrong:
        raise Invalid(fields=wrong)
    row.line_1, row.line_2, row.city = normal.line_1, normal.line_2, normal.city
    row.state, row.postal_code, row.country = normal.state, normal.postal_code, normal.country


def _apply(row: CustomerRow, changes: ProfileChanges) -> None:
    row.name = changes.get("name", row.name)
    row.status = changes.get("status", row.status)
    if "company" in changes:
        row.company = changes["company"] or None
    if "invoice_email" in changes:
        row.invoice_email = changes["invoice_email"] or None
    if "buyer_reference" in changes:
        row.buyer_reference = changes["buyer_reference"] or None
    if "locale" in changes:
        row.locale = _locale(changes["locale"])
    if "phone" in changes:
        _put_phone(row, changes["phone"])
    if row.status == "consumer" and "tax_id" not in changes:
        row.tax_id = None
    elif "tax_id" in changes:
        _put_tax_id(row, changes["tax_id"])


def _put_phone(row: CustomerRow, phone: str | None) -> None:
    try:
        row.phone = checked_phone(phone, _country(row)) if phone else None
    except ValueError as error:
        raise Invalid(fields={"phone": str(error)}) from None


def _put_tax_id(row: CustomerRow, tax_id: str | None) -> None:
    if tax_id and row.status == "consumer":
        raise Invalid(fields={"tax_id": "only a business has one: set status to business, or leave it out"})
    try:
        row.tax_id = checked_tax_id(tax_id, _country(row)) if tax_id else None
    except ValueError as error:
        raise Invalid(fields={"tax_id": str(error)}) from None


def _country(row: CustomerRow) -> str | None:
    address = address_of(row)
    return address.country if address else None


def _locale(text: str) -> str:
    try:
        return str(Locale.parse(text, sep="-")).replace("_", "-")
    except (UnknownLocaleError, ValueError):
        raise Invalid(fields={"locale": "a language such as en, de or pt-BR"}) from None
