"""Contacts of a customer. Never unique: the same words added twice are two contacts. Some endings demand a type of their own."""

from __future__ import annotations

import re
from typing import Any

from nextbill_simulators.chassis import Document, World
from nextbill_simulators.resellerclub.customers import customer_by_id, postal_problems
from nextbill_simulators.resellerclub.envelope import Answer, ApiError, Call, invalid
from nextbill_simulators.resellerclub.products import Product

TYPES = (
    *("Contact", "AtContact", "BrContact", "BrOrgContact", "CaContact", "ClContact", "CnContact", "CoContact", "CoopContact", "DeContact"),
    *("EsContact", "EuContact", "FrContact", "MxContact", "NlContact", "NycContact", "RuContact", "UkContact", "UkServiceContact"),
)
FIELDS = ("name", "company", "email", "address-line-1", "city", "country", "zipcode", "phone-cc", "phone")
ROLES = ("reg", "admin", "tech", "billing")
_LONG_ROLE = {"reg": "registrant"}


def add(call: Call) -> Answer:
    owner = customer_by_id(call.world, call.need("customer-id"))
    kind = call.need("type")
    fields = {name: call.need(name) for name in FIELDS}
    wrong = postal_problems(fields)
    if kind not in TYPES:
        wrong["type"] = "type is invalid"
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", fields["email"]):
        wrong["email"] = "email is invalid"
    if wrong:
        raise invalid(wrong)
    number = str(call.world.store.next_number("contact", 70_912_001))
    optional = {name: call.one(name) for name in ("address-line-2", "address-line-3", "state")}
    contact = {"contactid": number, "customerid": owner["customerid"], "type": kind, **fields, **optional, "attributes": call.attributes()}
    call.world.store.put("contact", number, contact)
    return int(number)


def details(call: Call) -> Answer:
    return view(_contact(call.world, call.need("contact-id")))


def search(call: Call) -> Answer:
    owner = customer_by_id(call.world, call.need("customer-id"))
    size, page = call.need_number("no-of-records", lowest=10, highest=500), call.need_number("page-no", lowest=1)
    filters = {field: call.one(field) for field in ("name", "company", "email", "type") if call.one(field)}
    theirs = call.world.store.find("contact", customerid=owner["customerid"])
    found = [contact for contact in theirs if all(contact[field] == value for field, value in filters.items())]
    shown = found[(page - 1) * size : page * size]
    return {"recsonpage": str(len(shown)), "recsindb": str(len(found)), "result": [_search_row(c) for c in shown]}


def delete(call: Call) -> Answer:
    contact = _contact(call.world, call.need("contact-id"))
    if any(contact["contactid"] in order["contacts"].values() for order in call.world.store.find("order")):
        raise ApiError("Cannot Delete Contact")
    call.world.store.delete("contact", contact["contactid"])
    return {"entityid": contact["contactid"], "actiontype": "DelContact", "actionstatus": "Success", "status": "Success"}


def modify(_call: Call) -> Answer:
    """Closed by the vendor since change-of-registrant rules: a new contact must be added instead."""
    raise ApiError("Contact modification is not allowed. Please add a new contact.")


def contacts_for_order(call: Call, product: Product, customer_id: str) -> dict[str, str]:
    """The four roles of an order, each a contact of this customer of the ending's type, or -1 where the registry knows no such role."""
    chosen: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for role in ROLES:
        number = call.need(f"{role}-contact-id")
        contact = call.world.store.get("contact", number)
        theirs = contact is not None and contact["customerid"] == customer_id and contact["type"] == product.contact_type
        fits = number == "-1" if role in product.no_roles else theirs
        if not fits:
            field = f"{_LONG_ROLE.get(role, role)}contactid"
            wrong[field] = f"{field} is invalid"
        chosen[role] = number
    if wrong:
        raise invalid(wrong)
    return chosen


def view(contact: Document) -> dict[str, Any]:
    return {
        "contactid": contact["contactid"],
        "name": contact["name"],
        "company": contact["company"],
        "emailaddr": contact["email"],
        "address1": contact["address-line-1"],
        "address2": contact["address-line-2"],
        "city": contact["city"],
        "state": contact["state"],
        "zip": contact["zipcode"],
        "country": contact["country"],
        "telnocc": contact["phone-cc"],
        "telno": contact["phone"],
        "type": contact["type"],
        "contacttype": [contact["type"]],
        "contactstatus": "Active",
        "customerid": contact["customerid"],
    }


def _search_row(contact: Document) -> dict[str, Any]:
    fields = {key: value for key, value in view(contact).items() if key not in ("contactid", "customerid", "contacttype")}
    row = {f"contact.{key}": value for key, value in fields.items()}
    return {**row, "entity.entityid": contact["contactid"], "contact.contactid": contact["contactid"], "entity.customerid": contact["customerid"]}


def _contact(world: World, number: str) -> Document:
    contact = world.store.get("contact", number)
    if contact is None:
        raise ApiError("Invalid contact-id")
    return contact
