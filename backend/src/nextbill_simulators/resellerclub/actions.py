"""The queue of actions: open ones in search-current, finished ones in search-archived."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document, World
from nextbill_simulators.resellerclub import orders
from nextbill_simulators.resellerclub.envelope import Answer, Call, numbered


def search_current(call: Call) -> Answer:
    return _search(call, finished=False)


def search_archived(call: Call) -> Answer:
    return _search(call, finished=True)


def _search(call: Call, *, finished: bool) -> Answer:
    size, page = call.need_number("no-of-records", lowest=10, highest=500), call.need_number("page-no", lowest=1)
    rows = [_row(call.world, action) for action in call.world.store.find("action") if (action["state"] not in orders.OPEN) is finished]
    filters = {"eaq-id": "eaqid", "order-id": "entityid", "action-status": "actionstatus", "action-type": "actiontype"}
    for parameter, field in filters.items():
        wanted = call.many(parameter)
        rows = [row for row in rows if not wanted or row[field] in wanted]
    return numbered(rows, page=page, size=size)


def _row(world: World, action: Document) -> dict[str, Any]:
    order = orders.order_by_id(world, action["entityid"])
    row = {field: str(action[field]) for field in ("entityid", "eaqid", "actiontype", "actionadded", "actionstarted")}
    if action["actioncompleted"] is not None:
        row["actioncompleted"] = str(action["actioncompleted"])
    return {**row, **orders.status_words(action, order["domainname"])}
