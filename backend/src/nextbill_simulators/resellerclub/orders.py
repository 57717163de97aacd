"""Orders and the actions that change them: paid at once, held until the registry answers, or locked for want of money."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from nextbill_simulators.chassis import Document, World
from nextbill_simulators.resellerclub import account
from nextbill_simulators.resellerclub.envelope import Answer, ApiError, amount_text
from nextbill_simulators.resellerclub.names import take

DAY = 86_400
GRACE, REDEMPTION, DELETION = 40 * DAY, 30 * DAY, 5 * DAY
OPEN = ("waiting", "locked")
LOCKED = "Order Locked In Processing. Insufficient funds in the reseller account."
TITLES = {"AddNewDomain": "Registration", "RenewDomain": "Renewal", "AddTransferDomain": "Transfer", "RestoreDomain": "Restoration"}


def create_order(world: World, name: str, **fields: object) -> Document:
    number = str(world.store.next_number("order", 90_011_001))
    order: Document = {
        "orderid": number,
        "domainname": name,
        "currentstatus": "InActive",
        "created": None,
        "end": None,
        "theft_protection": False,
        "domsecret": secrets.token_urlsafe(8),
        "privacy": {"purchased": False, "on": False},
        "placed": world.clock.timestamp(),
        **fields,
    }
    return world.store.put("order", number, order)


def save(world: World, order: Document) -> None:
    world.store.put("order", order["orderid"], order)


def order_by_id(world: World, number: str) -> Document:
    order = world.store.get("order", number)
    if order is None:
        raise ApiError(f"No Entity found for Entityid: {number}")
    return order


def active_order(world: World, number: str) -> Document:
    """An order that may be changed: it is ours, active, and nothing else is under way on it."""
    order = order_by_id(world, number)
    if open_action(world, order) is not None:
        raise ApiError("There is already an action pending on this Order.")
    if order["currentstatus"] != "Active":
        raise ApiError("Invalid action status/action type for this operation")
    return order


def open_action(world: World, order: Document) -> Document | None:
    return next((action for action in world.store.find("action", entityid=order["orderid"]) if action["state"] in OPEN), None)


@dataclass(frozen=True)
class Deed:
    """Something with a price. `wait`: seconds until the registry answers; `locked`: by the fault plan, whatever the balance."""

    kind: str
    amount: Decimal
    years: int
    wait: int = 0
    locked: bool = False


def begin(world: World, order: Document, deed: Deed) -> Document:
    """Do it now when it can be paid and the registry answers at once, else leave an open action on the order."""
    number = str(world.store.next_number("action", 430_055_001))
    now = world.clock.timestamp()
    poor = deed.locked or account.available(world) < deed.amount
    action: Document = {
        "eaqid": number,
        "entityid": order["orderid"],
        "actiontype": deed.kind,
        "actionadded": now,
        "actionstarted": now,
        "actioncompleted": None,
        "amount": str(deed.amount),
        "years": deed.years,
        "due": now + deed.wait,
        "state": "locked" if poor else "waiting",
        "forced": deed.locked,
    }
    world.store.put("action", number, action)
    if action["state"] == "waiting" and deed.wait == 0:
        _complete(world, action)
    return action


def settle(world: World, *, at_once: bool = False) -> None:
    """Complete what has come due, let paid-for locked orders go, and age every name by the clock."""
    with world.store.transaction():
        for action in world.store.find("action", state="waiting"):
            if at_once or action["due"] <= world.clock.timestamp():
                _complete(world, action)
        for action in world.store.find("action", state="locked"):
            if not action["forced"] and account.available(world) >= Decimal(action["amount"]):
                _complete(world, action)
        hour = {"hour": world.clock.timestamp() // 3600}
        if world.store.get("aged", "orders") != hour:
            world.store.put("aged", "orders", hour)
            for order in world.store.find("order"):
                _age(world, order)


def release_forced_locks(world: World) -> None:
    for action in world.store.find("action", state="locked"):
        world.store.put("action", action["eaqid"], {**action, "forced": False})


def _complete(world: World, action: Document) -> None:
    order = order_by_id(world, action["entityid"])
    now = world.clock.timestamp()
    state = "failed" if order.get("transfer_fails") else "done"
    world.store.put("action", action["eaqid"], {**action, "state": state, "actioncompleted": now})
    action["state"] = state
    if state == "failed":
        return
    account.charge(world, action, order["domainname"])
    if action["actiontype"] in ("AddNewDomain", "AddTransferDomain"):
        order["created"], order["end"] = now, now
    order["end"] = _years_later(order["end"], action["years"])
    order["currentstatus"] = "Active"
    save(world, order)


def _age(world: World, order: Document) -> None:
    """Grace after the end, then redemption, then deletion: afterwards the name is free again."""
    if order["currentstatus"] not in ("Active", "Pending Delete Restorable", "QueuedForDeletion") or order["end"] is None:
        return
    late = world.clock.timestamp() - order["end"]
    status = order["currentstatus"]
    if late > GRACE + REDEMPTION + DELETION:
        status = "Deleted"
    elif late > GRACE + REDEMPTION:
        status = "QueuedForDeletion"
    elif late > GRACE:
        status = "Pending Delete Restorable"
    if status != order["currentstatus"]:
        save(world, {**order, "currentstatus": status})


def lose(world: World, order: Document) -> None:
    """A pending registration that somebody else won: nothing is charged and the order stays behind, failed."""
    for action in world.store.find("action", entityid=order["orderid"]):
        if action["state"] in OPEN:
            world.store.put("action", action["eaqid"], {**action, "state": "failed", "actioncompleted": world.clock.timestamp()})
    save(world, {**order, "currentstatus": "Archived"})
    take(world, order["domainname"])


def _years_later(moment: int, years: int) -> int:
    start = datetime.fromtimestamp(moment, UTC)
    leap_day = (start.month, start.day) == (2, 29)
    return int(start.replace(year=start.year + years, day=28 if leap_day else start.day).timestamp())


def status_words(action: Document, name: str) -> dict[str, str]:
    """`actionstatus` and `actionstatusdesc` as the vendor words them."""
    title = TITLES.get(action["actiontype"], action["actiontype"])
    words = {
        "waiting": ("PendingExecution", f"{title} of {name} is pending at the registry"),
        "locked": ("Failed", LOCKED),
        "failed": ("Failed", f"{title} of {name} failed"),
        "done": ("Success", f"{title} of {name} completed Successfully"),
    }
    status, description = words[action["state"]]
    return {"actionstatus": status, "actionstatusdesc": description}


def receipt(world: World, order: Document, action: Document, *, invoiced: bool) -> Answer:
    """What register, renew, transfer and restore answer. Queued is a success too; only a locked order says Failed, with HTTP 200."""
    name = order["domainname"]
    years = f" for {action['years']} year{'s' if action['years'] > 1 else ''}" if action["years"] else ""
    answer = {
        "description": name,
        "entityid": order["orderid"],
        "actiontype": action["actiontype"],
        "actiontypedesc": f"{TITLES[action['actiontype']]} of {name}{years}",
        "eaqid": action["eaqid"],
        **status_words(action, name),
        "status": "Failed" if action["state"] == "locked" else "Success",
        "customerid": order["customerid"],
    }
    if invoiced:
        amount = amount_text(Decimal(action["amount"]))
        invoice = str(world.store.next_number("invoice", 77_001))
        answer |= {"invoiceid": invoice, "sellingcurrencysymbol": account.currency(world), "sellingamount": amount, "unutilisedsellingamount": amount}
    return answer
