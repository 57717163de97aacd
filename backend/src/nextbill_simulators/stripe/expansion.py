"""`expand[]`: ids replaced by the objects they name, along dotted paths up to four deep."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe.errors import StripeError, invalid
from nextbill_simulators.stripe.sandbox import PREFIXES, Sandbox

INCLUDABLE = {("checkout.session", "line_items"), ("charge", "refunds")}


def expanded(sandbox: Sandbox, thing: Document, paths: list[str]) -> Document:
    for path in paths:
        steps = path.split(".")
        if len(steps) > 4 + (steps[0] == "data"):
            raise invalid("You cannot expand more than 4 levels of a property.", param="expand")
        _expand(sandbox, thing, steps, path)
    return thing


def _expand(sandbox: Sandbox, thing: Any, steps: list[str], path: str) -> None:
    if not steps or thing is None:
        return
    if isinstance(thing, list):
        for item in thing:
            _expand(sandbox, item, steps, path)
        return
    name = steps[0]
    if isinstance(thing, dict) and (thing.get("object"), name) in INCLUDABLE:
        thing[name] = _included(sandbox, thing, name)
    elif not isinstance(thing, dict) or name not in thing:
        raise _unexpandable(path)
    elif isinstance(thing[name], str):
        thing[name] = _referred(sandbox, thing[name], path)
    elif not isinstance(thing[name], (dict, list, type(None))):
        raise _unexpandable(path)
    _expand(sandbox, thing[name], steps[1:], path)


def _referred(sandbox: Sandbox, key: str, path: str) -> Document:
    kind = PREFIXES.get(key.partition("_")[0] + "_")
    found = sandbox.store.get(kind, key) if kind else None
    if found is None:
        raise _unexpandable(path)
    return found


def _included(sandbox: Sandbox, thing: Document, name: str) -> Document:
    if name == "line_items":
        data, url = sandbox.private("checkout.session", thing["id"])["line_items"], f"/v1/checkout/sessions/{thing['id']}/line_items"
    else:
        data, url = sandbox.store.find("refund", charge=thing["id"])[::-1], f"/v1/charges/{thing['id']}/refunds"
    return {"object": "list", "data": data, "has_more": False, "url": url}


def _unexpandable(path: str) -> StripeError:
    return invalid(f"This property cannot be expanded ({path}).", param="expand")
