"""Banks that change their minds: a card that was good is declined from now on, by plan or because it has expired."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document, Store
from nextbill_simulators.stripe import cards
from nextbill_simulators.stripe.cards import Decline
from nextbill_simulators.stripe.sandbox import Sandbox

KIND = "issuer_rule"
ANY = "payment_method"


def change_mind(store: Store, body: dict[str, Any]) -> Document:
    """By card `number` or saved `method`; neither: every card. `times` -1: for ever. `advice` null: the bank gives none."""
    number = str(store.next_number(KIND))
    rule = {"number": None, "method": None, "code": "card_declined", "reason": "generic_decline", "advice": None, "message": None, "times": 1}
    return store.put(KIND, number, {**rule, **body, "id": number, "used": 0})


def forget(store: Store) -> None:
    for rule in store.find(KIND):
        store.delete(KIND, rule["id"])


def verdict(sandbox: Sandbox, method: Document) -> Decline | None:
    """What the bank says against this charge; None where it has nothing against it beyond what the test card is known for."""
    number = sandbox.private(ANY, method["id"]).get("number")
    for rule in sandbox.store.find(KIND):
        meant = rule["number"] in (None, number) and rule["method"] in (None, method["id"])
        if meant and (rule["times"] < 0 or rule["used"] < rule["times"]):
            sandbox.store.put(KIND, rule["id"], {**rule, "used": rule["used"] + 1})
            return Decline(rule["code"], rule["reason"], rule["message"] or "Your card was declined.", rule["advice"])
    today = sandbox.moment()
    if (method["card"]["exp_year"], method["card"]["exp_month"]) < (today.year, today.month):
        return cards.EXPIRED
    return None
