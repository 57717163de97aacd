"""Events: one immutable snapshot per happening, kept for the list and queued for every endpoint that wants it."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import endpoints, webhooks
from nextbill_simulators.stripe.errors import invalid, no_such
from nextbill_simulators.stripe.form import FLAG, RANGE, TEXT, Tree
from nextbill_simulators.stripe.paging import PAGING, page, within
from nextbill_simulators.stripe.sandbox import API_VERSION, Sandbox, new_id
from nextbill_simulators.stripe.wire import Call, Operation

HORIZON = 30 * 24 * 3600


def emit(sandbox: Sandbox, kind: str, subject: Document, *, previous: Document | None = None) -> Document:
    """`previous`: the changed fields' former values, as in previous_attributes."""
    data: Document = {"object": dict(subject)}
    if previous is not None:
        data["previous_attributes"] = previous
    targets = endpoints.wanting(sandbox, kind)
    event: Document = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": sandbox.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": len(targets),
        "request": sandbox.cause or {"id": None, "idempotency_key": None},
        "type": kind,
    }
    sandbox.save(event)
    sandbox.store.put("event_index", event["id"], {"id": event["id"], "type": kind, "created": event["created"]})
    for target in targets:
        webhooks.enqueue(sandbox, event, target)
    return event


def _current(sandbox: Sandbox, key: str) -> Document:
    event = sandbox.load("event", key)
    return {**event, "pending_webhooks": len(sandbox.store.find("outbox", event=key))}


def _retrieve(call: Call) -> Document:
    return _current(call.sandbox, call.path["id"])


def _list(call: Call) -> Document:
    wanted = _wanted_types(call.params)
    oldest = call.sandbox.now() - HORIZON
    entries = [
        entry
        for entry in call.sandbox.store.find("event_index")
        if entry["created"] >= oldest and within(entry["created"], call.params.get("created"))
    ]
    if wanted:
        entries = [entry for entry in entries if any(endpoints.covers(pattern, entry["type"]) for pattern in wanted)]
    if "delivery_success" in call.params:
        troubled = webhooks.undelivered(call.sandbox)
        entries = [entry for entry in entries if (entry["id"] not in troubled) is call.params["delivery_success"]]
    listed = page(entries, call.params, url="/v1/events", noun="event")
    listed["data"] = [_current(call.sandbox, entry["id"]) for entry in listed["data"]]
    return listed


def _wanted_types(params: Tree) -> list[str]:
    several: list[str] = params.get("types", [])
    if several and "type" in params:
        raise invalid("You may only specify one of these parameters: type, types.", param="types")
    if len(several) > 20:
        raise invalid("You may specify at most 20 types.", param="types")
    return several or ([params["type"]] if "type" in params else [])


def resend(sandbox: Sandbox, key: str) -> Document:
    """The dashboard's *Resend*: queue the same event again for every endpoint that wants its type."""
    if sandbox.store.get("event", key) is None:
        raise no_such("event", key, param="id")
    event = sandbox.load("event", key)
    for target in endpoints.wanting(sandbox, event["type"]):
        webhooks.enqueue(sandbox, event, target, planned=False)
    return event


LIST: dict[str, Any] = {**PAGING, "created": RANGE, "type": TEXT, "types": [TEXT], "delivery_success": FLAG}
OPERATIONS = (Operation("GET", "/v1/events", _list, LIST), Operation("GET", "/v1/events/{id}", _retrieve))
