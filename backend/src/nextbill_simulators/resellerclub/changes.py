"""Changes of an active order that cost nothing, privacy included."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.resellerclub import contacts, orders
from nextbill_simulators.resellerclub.domains import acknowledged, name_servers
from nextbill_simulators.resellerclub.envelope import Answer, ApiError, Call
from nextbill_simulators.resellerclub.names import product_of


def modify_ns(call: Call) -> Answer:
    order = orders.active_order(call.world, call.need("order-id"))
    servers = name_servers(call)
    if servers == order["ns"]:
        raise ApiError("Same value for new and old NameServers")
    return _changed(call, order, {"ns": servers}, kind="ModNS")


def enable_theft_protection(call: Call) -> Answer:
    order = orders.active_order(call.world, call.need("order-id"))
    return _changed(call, order, {"theft_protection": True}, kind="EnableTheftProtection")


def disable_theft_protection(call: Call) -> Answer:
    order = orders.active_order(call.world, call.need("order-id"))
    return _changed(call, order, {"theft_protection": False}, kind="DisableTheftProtection")


def modify_auth_code(call: Call) -> Answer:
    order = orders.active_order(call.world, call.need("order-id"))
    return _changed(call, order, {"domsecret": call.need("auth-code")}, kind="ModAuthCode")


def modify_contact(call: Call) -> Answer:
    order = orders.active_order(call.world, call.need("order-id"))
    chosen = contacts.contacts_for_order(call, product_of(order["domainname"]), order["customerid"])
    if chosen == order["contacts"]:
        raise ApiError("The Contacts selected are the same as the existing contacts")
    return _changed(call, order, {"contacts": chosen}, kind="ModContact")


def purchase_privacy(call: Call) -> Answer:
    order = orders.active_order(call.world, call.need("order-id"))
    call.need("invoice-option")
    if not product_of(order["domainname"]).privacy:
        raise ApiError("Privacy Protection Service not available.")
    return _changed(call, order, {"privacy": {"purchased": True, "on": True}}, kind="AddPrivacyProtection")


def modify_privacy_protection(call: Call) -> Answer:
    order = orders.active_order(call.world, call.need("order-id"))
    on = call.need_flag("protect-privacy")
    call.need("reason")
    if not order["privacy"]["purchased"]:
        raise ApiError("Privacy Protection not Purchased")
    return _changed(call, order, {"privacy": {"purchased": True, "on": on}}, kind="ModPrivacyProtection")


def _changed(call: Call, order: dict[str, Any], fields: dict[str, Any], *, kind: str) -> Answer:
    orders.save(call.world, {**order, **fields})
    return acknowledged(call.world, order["orderid"], kind)
