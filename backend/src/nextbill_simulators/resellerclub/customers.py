"""Customer records of the reseller, one for each e-mail address."""

from __future__ import annotations

import re

from nextbill_simulators.chassis import Document, World
from nextbill_simulators.resellerclub.envelope import Answer, ApiError, Call, invalid, numbered

SIGNUP_FIELDS = ("name", "company", "address-line-1", "city", "state", "country", "zipcode", "phone-cc", "phone", "lang-pref")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PASSWORD = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[~*!@$#%_+.?:,{}-])\S{9,16}")


def signup(call: Call) -> Answer:
    username = call.need("username").lower()
    passwd = call.need("passwd")
    fields = {name: call.need(name) for name in SIGNUP_FIELDS}
    wrong = postal_problems(fields)
    if not _EMAIL.fullmatch(username):
        wrong["username"] = "username is invalid"
    if not _PASSWORD.fullmatch(passwd):
        wrong |= {"passwd": "passwd is invalid"}
    if wrong:
        raise invalid(wrong)
    if _by_email(call.world, username) is not None:
        raise ApiError(f"{username} is already a customer.")
    number = str(call.world.store.next_number("customer", 18_220_001))
    extra = {"address-line-2": call.one("address-line-2"), "address-line-3": call.one("address-line-3")}
    call.world.store.put("customer", number, {"customerid": number, "username": username, **fields, **extra, "created": call.world.clock.timestamp()})
    return int(number)


def details(call: Call) -> Answer:
    username = call.need("username").lower()
    customer = _by_email(call.world, username)
    if customer is None:
        raise ApiError(f"Customer {username} not found")
    return _view(call.world, customer)


def details_by_id(call: Call) -> Answer:
    return _view(call.world, customer_by_id(call.world, call.need("customer-id")))


def search(call: Call) -> Answer:
    size, page = call.need_number("no-of-records", lowest=10, highest=500), call.need_number("page-no", lowest=1)
    wanted = call.one("username").lower()
    rows = [
        {"customer.customerid": c["customerid"], "customer.username": c["username"], "customer.name": c["name"], "customer.company": c["company"]}
        for c in call.world.store.find("customer")
        if wanted in c["username"]
    ]
    return numbered(rows, page=page, size=size)


def delete(call: Call) -> Answer:
    customer = customer_by_id(call.world, call.need("customer-id"))
    if any(o["currentstatus"] not in ("Deleted", "Archived") for o in call.world.store.find("order", customerid=customer["customerid"])):
        raise ApiError("Customer has active orders")
    return call.world.store.delete("customer", customer["customerid"])


def customer_by_id(world: World, number: str) -> Document:
    customer = world.store.get("customer", number)
    if customer is None:
        raise ApiError("Invalid customer-id")
    return customer


def postal_problems(fields: dict[str, str]) -> dict[str, str]:
    """The vendor's limits on names, addresses and telephone numbers."""
    rules = {
        "name": r".{1,255}",
        "company": r".{1,255}",
        "address-line-1": r".{1,64}",
        "city": r".{1,64}",
        "country": r"[A-Z]{2}",
        "zipcode": r".{1,10}",
        "phone-cc": r"\d{1,3}",
        "phone": r"\d{4,12}",
    }
    bad = [name for name, rule in rules.items() if not re.fullmatch(rule, fields.get(name, ""))]
    return {name.replace("-", ""): f"{name.replace('-', '')} is invalid" for name in bad}


def _by_email(world: World, username: str) -> Document | None:
    return next(iter(world.store.find("customer", username=username)), None)


def _view(world: World, customer: Document) -> Answer:
    renamed = {"username": "username", "name": "name", "company": "company", "city": "city", "state": "state", "country": "country", "zipcode": "zip"}
    view = {ours: customer[field] for field, ours in renamed.items()}
    return {
        "customerid": customer["customerid"],
        **view,
        "useremail": customer["username"],
        "address1": customer["address-line-1"],
        "telnocc": customer["phone-cc"],
        "telno": customer["phone"],
        "langpref": customer["lang-pref"],
        "customerstatus": "Active",
        "resellerid": world.options.get("user_id", "0"),
        "creationdt": str(customer["created"]),
        "totalreceipts": "0.000",
    }
