"""The control plane of this vendor: money, time, rivals, whitelist and faults, and what a checker wants to see."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from nextbill_simulators.chassis import Document, World
from nextbill_simulators.resellerclub import account, orders
from nextbill_simulators.resellerclub.dispatch import FAULT_KINDS, Fault
from nextbill_simulators.resellerclub.names import LIVE, a_label, live_order, take

PREFIX = "/_sim/resellerclub"


def control_routes(world: World) -> list[BaseRoute]:
    desk = _Desk(world)
    return [
        Route(f"{PREFIX}/balance", desk.balance, methods=["GET", "POST"]),
        Route(f"{PREFIX}/settle", desk.settle, methods=["POST"]),
        Route(f"{PREFIX}/take", desk.take, methods=["POST"]),
        Route(f"{PREFIX}/whitelist", desk.whitelist, methods=["GET", "POST"]),
        Route(f"{PREFIX}/domains", desk.domains),
        Route(f"{PREFIX}/charges", desk.charges),
        Route(f"{PREFIX}/faults", desk.faults, methods=["GET", "POST", "DELETE"]),
    ]


class _Desk:
    def __init__(self, world: World) -> None:
        self._world = world

    async def balance(self, request: Request) -> Response:
        """POST {"top_up": "100.00"} or {"set": "0.00"}; either lets locked orders go that can now be paid."""
        if request.method == "POST":
            body = await request.json()
            with self._world.store.transaction():
                account.set_balance(self._world, Decimal(body["set"]) if "set" in body else account.balance(self._world) + Decimal(body["top_up"]))
                orders.release_forced_locks(self._world)
        orders.settle(self._world)
        amounts = {"balance": account.balance(self._world), "locked": account.held_back(self._world), "available": account.available(self._world)}
        return JSONResponse({name: str(amount) for name, amount in amounts.items()} | {"currency": account.currency(self._world)})

    async def settle(self, _request: Request) -> Response:
        """The registries answer now: whatever waits and is paid for completes."""
        orders.settle(self._world, at_once=True)
        return JSONResponse(_summaries(self._world))

    async def take(self, request: Request) -> Response:
        """POST {"name"}: somebody else registers it; a pending order of ours for it fails."""
        name = a_label((await request.json())["name"])
        with self._world.store.transaction():
            order = live_order(self._world, name)
            if order is not None and order["currentstatus"] != "InActive":
                return JSONResponse({"detail": f"{name} is registered through this reseller"}, 409)
            if order is not None:
                orders.lose(self._world, order)
            take(self._world, name)
        return JSONResponse({"taken": name})

    async def whitelist(self, request: Request) -> Response:
        """POST {"enforced": true, "addresses": ["127.0.0.1"]}."""
        if request.method == "POST":
            body = await request.json()
            self._world.store.put("whitelist", "addresses", {"enforced": bool(body["enforced"]), "addresses": body.get("addresses", [])})
        return JSONResponse(self._world.store.get("whitelist", "addresses") or {"enforced": False, "addresses": []})

    async def domains(self, _request: Request) -> Response:
        orders.settle(self._world)
        return JSONResponse(_summaries(self._world))

    async def charges(self, _request: Request) -> Response:
        orders.settle(self._world)
        return JSONResponse(self._world.store.find("charge"))

    async def faults(self, request: Request) -> Response:
        """POST {"kind", "pattern", "times"}; DELETE forgets the plan."""
        if request.method == "POST":
            fault = Fault(**await request.json())
            if fault.kind not in FAULT_KINDS:
                return JSONResponse({"detail": f"kind must be one of {', '.join(FAULT_KINDS)}"}, 422)
            number = str(self._world.store.next_number("fault"))
            self._world.store.put("fault", number, {"id": number, "kind": fault.kind, "pattern": fault.pattern, "times": fault.times})
        elif request.method == "DELETE":
            for planned in self._world.store.find("fault"):
                self._world.store.delete("fault", planned["id"])
        return JSONResponse(self._world.store.find("fault"))


def _summaries(world: World) -> list[dict[str, Any]]:
    return [_summary(world, order) for order in world.store.find("order")]


def _summary(world: World, order: Document) -> dict[str, Any]:
    charges = [{"kind": c["kind"], "amount": c["amount"], "currency": c["currency"]} for c in world.store.find("charge", order_id=order["orderid"])]
    customer = world.store.get("customer", order["customerid"]) or {}
    action = orders.open_action(world, order)
    return {
        "name": order["domainname"],
        "order_id": order["orderid"],
        "customer_id": order["customerid"],
        "customer_email": customer.get("username"),
        "status": order["currentstatus"],
        "live": order["currentstatus"] in LIVE,
        "waiting": action["state"] if action else None,
        "ns": order["ns"],
        "created": _moment(order["created"]),
        "end": _moment(order["end"]),
        "registrations": sum(charge["kind"] in ("AddNewDomain", "AddTransferDomain") for charge in charges),
        "charges": charges,
    }


def _moment(timestamp: int | None) -> str | None:
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC).isoformat()
