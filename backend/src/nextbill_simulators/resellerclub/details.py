"""What can be read about an order: its id, its details in groups, and the search for the nightly comparison."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document, World
from nextbill_simulators.resellerclub import contacts, orders
from nextbill_simulators.resellerclub.contacts import ROLES
from nextbill_simulators.resellerclub.envelope import Answer, ApiError, Call, numbered, truth
from nextbill_simulators.resellerclub.names import LIVE, a_label, live_order, product_of

_ROLE_OPTIONS = ("RegistrantContactDetails", "AdminContactDetails", "TechContactDetails", "BillingContactDetails")
OPTIONS = ("All", "OrderDetails", "StatusDetails", "ContactIds", "NsDetails", "DomainStatus", "DNSSECDetails", *_ROLE_OPTIONS)
_LONG_ROLES = {"reg": "registrant", "admin": "admin", "tech": "tech", "billing": "billing"}
_SIXTY_DAYS = 60 * orders.DAY


def order_id(call: Call) -> Answer:
    return int(_by_name(call)["orderid"])


def details(call: Call) -> Answer:
    return _view(call, orders.order_by_id(call.world, call.need("order-id")))


def details_by_name(call: Call) -> Answer:
    return _view(call, _by_name(call))


def search(call: Call) -> Answer:
    size, page = call.need_number("no-of-records", lowest=10, highest=500), call.need_number("page-no", lowest=1)
    found = [order for order in call.world.store.find("order") if order["currentstatus"] in LIVE and _matches(call, order)]
    return numbered([_search_row(order) for order in found], page=page, size=size)


def locks(call: Call) -> Answer:
    order = orders.order_by_id(call.world, call.need("order-id"))
    return {"transferlock": True} if order["theft_protection"] else {}


def _by_name(call: Call) -> Document:
    name = a_label(call.need("domain-name"))
    order = live_order(call.world, name)
    if order is None:
        raise ApiError(f"Website doesn't exist for {name}")
    return order


def _view(call: Call, order: Document) -> dict[str, Any]:
    wanted = call.need_many("options")
    if any(option not in OPTIONS for option in wanted):
        raise ApiError("{options=options is invalid}")
    groups = {
        "OrderDetails": _order_group,
        "StatusDetails": _status_group,
        "ContactIds": _contact_ids,
        "NsDetails": _nameserver_group,
        "DomainStatus": _domain_status,
    }
    view = {"orderid": order["orderid"], "entityid": order["orderid"], "domainname": order["domainname"], "description": order["domainname"]}
    for option, group in groups.items():
        if option in wanted or "All" in wanted:
            view |= group(call.world, order)
    for role, long_role in _LONG_ROLES.items():
        if f"{long_role.capitalize()}ContactDetails" in wanted or "All" in wanted:
            view |= _contact_details(call.world, order, role=role)
    if call.one("_sparse") == "yes":
        for field in ("endtime", "creationtime", "currentstatus", "noOfNameServers", "ns1", "ns2", "customerid"):
            view.pop(field, None)
    return view


def _order_group(world: World, order: Document) -> dict[str, Any]:
    group = {
        "productkey": order["productkey"],
        "productcategory": "domorder",
        "customerid": order["customerid"],
        "domsecret": order["domsecret"],
        "recurring": truth(order["recurring"]),
        "isprivacyprotected": truth(order["privacy"]["on"]),
        "privacyprotectedallowed": truth(product_of(order["domainname"]).privacy),
        "allowdeletion": "true",
        "moneybackperiod": "4",
        "raaVerificationStatus": "Pending",
        "gdpr": {"enabled": "true", "eligible": "true"},
        "cns": {},
    }
    if order["end"] is not None:
        group |= {"creationtime": str(order["created"]), "endtime": str(order["end"])}
    return group | _status_group(world, order)


def _status_group(world: World, order: Document) -> dict[str, Any]:
    group: dict[str, Any] = {"currentstatus": order["currentstatus"], "orderstatus": ["transferlock"] if order["theft_protection"] else []}
    action = orders.open_action(world, order) or _failed_action(world, order)
    if action is not None:
        group |= {"eaqid": action["eaqid"], "actiontype": action["actiontype"], **orders.status_words(action, order["domainname"])}
    return group


def _failed_action(world: World, order: Document) -> Document | None:
    """An order that never became active keeps showing why."""
    if order["currentstatus"] != "InActive":
        return None
    return next((a for a in world.store.find("action", entityid=order["orderid"]) if a["state"] == "failed"), None)


def _contact_ids(_world: World, order: Document) -> dict[str, Any]:
    return {f"{_LONG_ROLES[role]}contactid": order["contacts"][role] for role in ROLES}


def _contact_details(world: World, order: Document, *, role: str) -> dict[str, Any]:
    contact = world.store.get("contact", order["contacts"][role])
    return {f"{_LONG_ROLES[role]}contact": contacts.view(contact)} if contact and order["end"] is not None else {}


def _nameserver_group(_world: World, order: Document) -> dict[str, Any]:
    numbered_servers = {f"ns{number}": server for number, server in enumerate(order["ns"], start=1)}
    return {**numbered_servers, "noOfNameServers": str(len(order["ns"]))}


def _domain_status(world: World, order: Document) -> dict[str, Any]:
    young = order["created"] is not None and world.clock.timestamp() - order["created"] < _SIXTY_DAYS
    return {"domainstatus": ["sixtydaylock"] if young else []}


def _matches(call: Call, order: Document) -> bool:
    wanted = {"domain-name": order["domainname"], "status": order["currentstatus"], "customer-id": order["customerid"]}
    if any(call.one(field) and call.one(field) != value for field, value in wanted.items()):
        return False
    start, end = call.one("expiry-date-start") or "0", call.one("expiry-date-end") or str(2**53)
    if call.one("expiry-date-start") or call.one("expiry-date-end"):
        return order["end"] is not None and int(start) <= order["end"] <= int(end)
    return True


def _search_row(order: Document) -> dict[str, Any]:
    row = {
        "orders.orderid": order["orderid"],
        "entity.description": order["domainname"],
        "entity.currentstatus": order["currentstatus"],
        "entity.customerid": order["customerid"],
        "orders.autorenew": truth(order["recurring"]),
    }
    if order["end"] is not None:
        row |= {"orders.endtime": str(order["end"]), "orders.creationtime": str(order["created"])}
    return row
