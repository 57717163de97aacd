"""Find or create the customer and the contact of a registrant. Nothing here costs money, so each step may be repeated."""

from __future__ import annotations

import secrets
import string
from typing import Any

import phonenumbers

from nextbill.adapters.registrars.resellerclub.client import Client, Parameter
from nextbill.capabilities.domains.ports import Handles, Registrant
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable

CONTACTS_LOOKED_AT = "100"
_NO_COMPANY, _NO_STATE, _NO_POSTAL_CODE = "N/A", "Not Applicable", "00000"
_SYMBOLS = "~*!@$#%_+.?:,{}"


async def prepare(client: Client, registrant: Registrant, *, contact_type: str) -> Handles:
    fields = _fields(registrant)
    customer = await _customer(client, registrant.email.lower(), fields)
    contact = await _find_contact(client, customer, registrant, contact_type=contact_type)
    if contact is None:
        owner: list[Parameter] = [("customer-id", customer), ("type", contact_type), ("email", registrant.email)]
        contact = _number(await client.write("contacts/add", [*owner, *fields]))
    return Handles(customer, contact)


async def _customer(client: Client, email: str, fields: list[Parameter]) -> str:
    """E-mail addresses are unique there: whoever loses a race for the signup finds the winner's record."""
    found = await _find_customer(client, email)
    if found is not None:
        return found
    signup: list[Parameter] = [("username", email), ("passwd", _password()), ("lang-pref", "en")]
    try:
        return _number(await client.write("customers/v2/signup", [*signup, *fields]))
    except (VendorRejected, VendorUnavailable):
        found = await _find_customer(client, email)
        if found is None:
            raise
        return found


async def _find_customer(client: Client, email: str) -> str | None:
    try:
        body = await client.read("customers/details", [("username", email)])
    except VendorRejected as refusal:
        if refusal.reason == "not_ours":
            return None
        raise
    return _number(body.get("customerid") if isinstance(body, dict) else None)


async def _find_contact(client: Client, customer: str, registrant: Registrant, *, contact_type: str) -> str | None:
    """A contact with exactly these words; a second one is harmless, so a search that shows less simply adds."""
    filters: list[Parameter] = [("customer-id", customer), ("type", contact_type), ("email", registrant.email), ("name", registrant.name)]
    body = await client.read("contacts/search", [*filters, ("no-of-records", CONTACTS_LOOKED_AT), ("page-no", "1")])
    wanted = _comparable(registrant)
    for row in body.get("result", []) if isinstance(body, dict) else []:
        plain = {key.rpartition(".")[2]: value for key, value in row.items()}
        if all(str(plain.get(name) or "") == value for name, value in wanted.items()):
            return _number(plain.get("contactid"))
    return None


def _comparable(registrant: Registrant) -> dict[str, str]:
    sent = dict(_fields(registrant))
    names = {"name": "name", "company": "company", "address1": "address-line-1", "address2": "address-line-2", "city": "city", "state": "state"}
    names |= {"zip": "zipcode", "country": "country", "telnocc": "phone-cc", "telno": "phone"}
    return {theirs: sent.get(ours, "") for theirs, ours in names.items()} | {"emailaddr": registrant.email}


def _fields(registrant: Registrant) -> list[Parameter]:
    country_code, national = _split_phone(registrant.phone)
    fields: list[Parameter] = [
        ("name", registrant.name),
        ("company", registrant.company or _NO_COMPANY),
        ("address-line-1", registrant.address_line_1),
        ("address-line-2", registrant.address_line_2),
        ("city", registrant.city),
        ("state", registrant.state or _NO_STATE),
        ("country", registrant.country),
        ("zipcode", registrant.postal_code or _NO_POSTAL_CODE),
        ("phone-cc", country_code),
        ("phone", national),
    ]
    return [field for field in fields if field[1]]


def _split_phone(phone: str) -> tuple[str, str]:
    """`+442071838750` → `44`, `2071838750`. A leading zero that belongs to the number (Italy) stays."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException as error:
        raise VendorRejected("invalid", str(error), {"phone": "not a telephone number in E.164 form"}) from error
    return str(number.country_code), phonenumbers.national_significant_number(number)


def _number(value: Any) -> str:
    """Ids are bare integers in some answers and strings in others."""
    text = "" if isinstance(value, bool) else str(value)
    if not text.isdigit():
        raise VendorUnavailable("unparsable", f"expected an id, not {text[:40]!r}")
    return text


def _password() -> str:
    """The vendor insists on one for each customer. Nobody ever uses it, so it is forgotten at once."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SYMBOLS)
    return "".join(secrets.choice(kind) for kind in kinds for _ in range(3)) + secrets.choice(string.ascii_letters)
