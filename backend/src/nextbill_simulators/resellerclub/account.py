"""The reseller's prepaid money: a balance, what orders in processing hold back, and a ledger of every charge."""

from __future__ import annotations

from decimal import Decimal

from nextbill_simulators.chassis import Document, World
from nextbill_simulators.resellerclub.envelope import Answer, ApiError, Call

OPENING_BALANCE = "1000.00"


def currency(world: World) -> str:
    return world.options.get("currency", "USD")


def balance(world: World) -> Decimal:
    account = world.store.get("account", "reseller")
    return Decimal(account["balance"] if account else world.options.get("balance", OPENING_BALANCE))


def set_balance(world: World, amount: Decimal) -> None:
    world.store.put("account", "reseller", {"balance": str(amount)})


def held_back(world: World) -> Decimal:
    """Accepted orders that wait for their registry hold their price until they are charged."""
    return sum((Decimal(action["amount"]) for action in world.store.find("action", state="waiting")), Decimal(0))


def available(world: World) -> Decimal:
    return balance(world) - held_back(world)


def charge(world: World, action: Document, name: str) -> None:
    number = str(world.store.next_number("charge", 5001))
    entry = {
        "id": number,
        "order_id": action["entityid"],
        "domain": name,
        "kind": action["actiontype"],
        "amount": action["amount"],
        "currency": currency(world),
        "at": world.clock.timestamp(),
    }
    world.store.put("charge", number, entry)
    set_balance(world, balance(world) - Decimal(action["amount"]))


def reseller_balance(call: Call) -> Answer:
    if call.need("reseller-id") != call.world.options.get("user_id", call.one("auth-userid")):
        raise ApiError("You are not allowed to perform this action")
    return {
        "sellingcurrencysymbol": currency(call.world),
        "sellingcurrencybalance": str(balance(call.world)),
        "sellingcurrencylockedbalance": str(held_back(call.world)),
    }
