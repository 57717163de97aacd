"""Which names exist in the world outside, and the magic beginnings that steer tests (see the package's `app` module)."""

from __future__ import annotations

import idna

from nextbill_simulators.chassis import Document, World
from nextbill_simulators.resellerclub.envelope import ApiError
from nextbill_simulators.resellerclub.products import PRODUCTS, Product

LIVE = ("InActive", "Active", "Suspended", "Pending Delete Restorable", "QueuedForDeletion")


def a_label(name: str) -> str:
    try:
        return idna.encode(name.strip().rstrip("."), uts46=True, std3_rules=True).decode()
    except idna.IDNAError as error:
        raise ApiError("{domainname=domainname is invalid}") from error


def product_of(name: str) -> Product:
    product = PRODUCTS.get(name.partition(".")[2])
    if product is None:
        raise ApiError(f"Product not available for {name}")
    return product


def has_magic(name: str, beginning: str) -> bool:
    return name.startswith(beginning)


def live_order(world: World, name: str) -> Document | None:
    """The one order of this reseller that holds or awaits the name."""
    return next((order for order in world.store.find("order", domainname=name) if order["currentstatus"] in LIVE), None)


def taken_by_others(world: World, name: str) -> bool:
    return has_magic(name, "taken") or world.store.get("taken", name) is not None


def take(world: World, name: str) -> None:
    """Somebody else, at another registrar, gets the name."""
    world.store.put("taken", name, {"name": name, "at": world.clock.timestamp()})


def availability(world: World, name: str) -> str:
    if live_order(world, name) is not None:
        return "regthroughus"
    if has_magic(name, "unknown"):
        return "unknown"
    return "regthroughothers" if taken_by_others(world, name) else "available"
