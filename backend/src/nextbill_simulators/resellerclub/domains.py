"""Availability, suggestions, and the deeds that cost money: register, renew, transfer, restore."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from nextbill_simulators.chassis import World
from nextbill_simulators.resellerclub import account, contacts, orders
from nextbill_simulators.resellerclub.customers import customer_by_id
from nextbill_simulators.resellerclub.envelope import Answer, ApiError, Call, invalid, truth
from nextbill_simulators.resellerclub.names import a_label, availability, has_magic, live_order, product_of, taken_by_others
from nextbill_simulators.resellerclub.products import PREMIUM_COST, PRODUCTS, Product

REGISTRY_DELAY = 60
TRANSFER_DELAY = 5 * orders.DAY
LONGEST_YEARS = 10
INVOICE_OPTIONS = ("NoInvoice", "PayInvoice", "KeepInvoice", "OnlyAdd")
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}", re.IGNORECASE)


def available(call: Call) -> Answer:
    """Every name with every ending; endings not sold and names beginning with `absent` are simply missing from the reply."""
    answer: dict[str, Any] = {}
    for label in call.need_many("domain-name"):
        for tld in call.need_many("tlds"):
            name = a_label(f"{label}.{tld}")
            if name.partition(".")[2] in PRODUCTS and not has_magic(name, "absent"):
                answer[name] = _availability(call.world, name)
    return answer


def _availability(world: World, name: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"classkey": product_of(name).key, "status": availability(world, name)}
    if has_magic(name, "premium") and entry["status"] == "available":
        cost = str(PREMIUM_COST)
        entry["costHash"] = {"create": cost, "renew": cost, "transfer": cost, "sellingCurrencySymbol": account.currency(world)}
    return entry


def suggest_names(call: Call) -> Answer:
    label = re.sub(r"[^a-z0-9-]", "", call.need("keyword").lower())
    endings = [tld for tld in call.many("tld-only") or ["com", "net", "org"] if tld in PRODUCTS]
    spins = [label] if call.flag("exact-match") else [label, f"{label}online", f"my{label}", f"{label}hub"]
    names = [f"{spin}.{tld}" for spin in spins for tld in endings]
    free = [name for name in names if availability(call.world, name) == "available"]
    fixed = {"status": "available", "in_ga": "true"}
    return {name: {**fixed, "score": f"0.{99 - 3 * place}", "spin": truth(place)} for place, name in enumerate(free[:20])}


def register(call: Call) -> Answer:
    name = a_label(call.need("domain-name"))
    product = product_of(name)
    years = call.need_number("years", lowest=1, highest=LONGEST_YEARS)
    paperwork = _paperwork(call, product)
    nameservers = name_servers(call)
    existing = live_order(call.world, name)
    if existing is not None and existing["currentstatus"] == "InActive":
        raise ApiError("There is already a pending action on this domain")
    if existing is not None or taken_by_others(call.world, name) or has_magic(name, "refused"):
        raise ApiError(f"Domain {name} already registered")
    order = orders.create_order(call.world, name, ns=nameservers, productkey=product.key, **paperwork)
    wait = REGISTRY_DELAY if has_magic(name, "pending") else 0
    cost = _register_cost(call, name, product=product, years=years)
    action = orders.begin(call.world, order, orders.Deed("AddNewDomain", cost, years, wait=wait, locked=locked_by_fault(call)))
    return orders.receipt(call.world, order, action, invoiced=_invoiced(call))


def _register_cost(call: Call, name: str, *, product: Product, years: int) -> Decimal:
    if not has_magic(name, "premium"):
        return product.register * years
    if call.world.options.get("premium", "no") != "yes":
        raise ApiError("Not Signed up for Premium Domains")
    if call.attributes().get("premium") != "true":
        raise ApiError("Premium Domains not supported")
    return PREMIUM_COST * years


def renew(call: Call) -> Answer:
    """`exp-date` is the vendor's optimistic lock: a second send with the old end is refused."""
    order = orders.active_order(call.world, call.need("order-id"))
    years = call.need_number("years", lowest=1, highest=LONGEST_YEARS)
    expected = call.need_number("exp-date")
    recurring = call.need_flag("auto-renew")
    _invoiced(call)
    if expected < order["end"]:
        raise ApiError("Domain already renewed.")
    if expected != order["end"]:
        raise invalid({"expdate": "expdate is invalid"})
    if order["end"] + years * 365 * orders.DAY > call.world.clock.timestamp() + 3653 * orders.DAY:
        raise ApiError(f"A Domain Name cannot be extended beyond {LONGEST_YEARS} years")
    orders.save(call.world, {**order, "recurring": recurring})
    cost = product_of(order["domainname"]).renew * years
    action = orders.begin(call.world, order, orders.Deed("RenewDomain", cost, years, locked=locked_by_fault(call)))
    return orders.receipt(call.world, order, action, invoiced=_invoiced(call))


def validate_transfer(call: Call) -> Answer:
    name = a_label(call.need("domain-name"))
    product_of(name)
    return taken_by_others(call.world, name)


def transfer(call: Call) -> Answer:
    """Takes five days, or until the control plane settles it; an auth code that begins with `bad` fails at the registry."""
    name = a_label(call.need("domain-name"))
    product = product_of(name)
    paperwork = _paperwork(call, product)
    if live_order(call.world, name) is not None:
        raise ApiError("There is already a pending action on this domain")
    if not taken_by_others(call.world, name):
        raise ApiError(f"{name} is currently available for Registration")
    fails = call.one("auth-code").startswith("bad")
    order = orders.create_order(call.world, name, ns=call.many("ns"), productkey=product.key, transfer_fails=fails, **paperwork)
    wait, locked = TRANSFER_DELAY, locked_by_fault(call)
    action = orders.begin(call.world, order, orders.Deed("AddTransferDomain", product.transfer, 1, wait=wait, locked=locked))
    return orders.receipt(call.world, order, action, invoiced=_invoiced(call))


def delete(call: Call) -> Answer:
    order = orders.active_order(call.world, call.need("order-id"))
    if order["theft_protection"]:
        raise ApiError("Domain is locked. Please unlock before deleting.")
    young = call.world.clock.timestamp() - order["created"] < 5 * orders.DAY
    orders.save(call.world, {**order, "currentstatus": "Deleted" if young else "Pending Delete Restorable"})
    return acknowledged(call.world, order["orderid"], "DelDomain")


def restore(call: Call) -> Answer:
    order = orders.order_by_id(call.world, call.need("order-id"))
    if order["currentstatus"] != "Pending Delete Restorable":
        raise ApiError("Invalid action status/action type for this operation")
    years = 1 if order["end"] < call.world.clock.timestamp() else 0
    product = product_of(order["domainname"])
    cost = product.restore + product.renew * years
    action = orders.begin(call.world, order, orders.Deed("RestoreDomain", cost, years, locked=locked_by_fault(call)))
    return orders.receipt(call.world, order, action, invoiced=_invoiced(call))


def acknowledged(world: World, order_id: str, kind: str) -> dict[str, Any]:
    """The answer of a deed without a price."""
    number, now = str(world.store.next_number("action", 430_055_001)), world.clock.timestamp()
    identity = {"eaqid": number, "entityid": order_id, "actiontype": kind}
    times = {"actionadded": now, "actionstarted": now, "actioncompleted": now}
    world.store.put("action", number, {**identity, **times, "amount": "0", "years": 0, "state": "done"})
    return {**identity, "actionstatus": "Success", "actionstatusdesc": f"{kind} completed", "status": "Success"}


def name_servers(call: Call) -> list[str]:
    servers = call.need_many("ns")
    if len(servers) < 2:
        raise invalid({"ns": "at least two nameservers are required"})
    for server in servers:
        if not _HOST.fullmatch(server):
            raise ApiError(f"{server} is not a valid Nameserver")
    return [server.lower() for server in servers]


def locked_by_fault(call: Call) -> bool:
    """The dispatcher marks the call when the fault plan wants its order locked."""
    return call.one("_locked") == "yes"


def _paperwork(call: Call, product: Product) -> dict[str, object]:
    customer_id = customer_by_id(call.world, call.need("customer-id"))["customerid"]
    privacy = call.flag("purchase-privacy") or call.flag("protect-privacy")
    if privacy and not product.privacy:
        raise ApiError("Privacy Protection Service not available.")
    _invoiced(call)
    return {
        "customerid": customer_id,
        "contacts": contacts.contacts_for_order(call, product, customer_id),
        "recurring": call.need_flag("auto-renew"),
        "privacy": {"purchased": privacy, "on": call.flag("protect-privacy")},
    }


def _invoiced(call: Call) -> bool:
    option = call.need("invoice-option")
    if option not in INVOICE_OPTIONS:
        raise invalid({"invoiceoption": "invoiceoption is invalid"})
    return option != "NoInvoice"
