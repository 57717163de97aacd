"""The frame of a simulator's app: wire routes behind the faults, control routes under /_sim, a log of every call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nextbill_simulators.chassis.clock import SharedClock
from nextbill_simulators.chassis.faults import EFFECTS, Faults, FaultyWire, Rule
from nextbill_simulators.chassis.store import Store

CALLS_KEPT = 20_000


@dataclass
class World:
    """What a simulator is given: where it remembers, what time it is, how it misbehaves, and its own settings."""

    name: str
    base_url: str
    store: Store
    clock: SharedClock
    faults: Faults
    options: dict[str, str]


def build_app(
    world: World, wire: Sequence[BaseRoute], *, control: Sequence[BaseRoute] = (), spared: tuple[str, ...] = (), **settings: Any
) -> Starlette:
    """`wire`: the vendor's routes; `control`: extra routes under /_sim; `spared`: path prefixes (browser pages) never struck by faults."""
    middleware = [Middleware(CallLog, world=world), Middleware(FaultyWire, faults=world.faults, spared=("/_sim", *spared))]
    return Starlette(routes=[*_control_routes(world), *control, *wire], middleware=middleware, **settings)


class CallLog:
    """Notes each wire call with its status and the fault that struck it; bodies are the vendor's own business."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sim"):
            await self._app(scope, receive, send)
            return
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            self._note(scope, status)

    def _note(self, scope: Scope, status: int) -> None:
        store = self._world.store
        number = store.next_number("call")
        fault = scope.get("state", {}).get("fault")
        store.put(
            "call",
            str(number),
            {
                "id": number,
                "at": self._world.clock.now().isoformat(),
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "fault": fault,
            },
        )
        store.delete("call", str(number - CALLS_KEPT))


def _control_routes(world: World) -> list[BaseRoute]:
    async def state(request: Request) -> Response:
        kind = request.query_params.get("kind")
        if kind:
            return JSONResponse(world.store.find(kind))
        return JSONResponse({k: world.store.find(k) for k in world.store.kinds() if k != "call"})

    async def calls(_request: Request) -> Response:
        return JSONResponse(world.store.find("call"))

    async def clock(request: Request) -> Response:
        if request.method == "POST":
            world.clock.advance(float((await request.json())["advance_seconds"]))
        return JSONResponse({"now": world.clock.now().isoformat()})

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            body = await request.json()
            if body.get("effect") not in EFFECTS:
                return JSONResponse({"detail": f"effect must be one of {', '.join(EFFECTS)}"}, 422)
            world.faults.add(Rule(**body))
        elif request.method == "PUT":
            world.faults.reseed(int((await request.json())["seed"]))
        elif request.method == "DELETE":
            world.faults.clear()
        return JSONResponse(world.faults.describe())

    async def reset(_request: Request) -> Response:
        world.store.clear()
        world.faults.clear()
        return JSONResponse({"reset": world.name})

    async def health(_request: Request) -> Response:
        return JSONResponse({"simulator": world.name, "now": world.clock.now().isoformat()})

    return [
        Route("/_sim/health", health),
        Route("/_sim/state", state),
        Route("/_sim/calls", calls),
        Route("/_sim/clock", clock, methods=["GET", "POST"]),
        Route("/_sim/faults", faults, methods=["GET", "POST", "PUT", "DELETE"]),
        Route("/_sim/reset", reset, methods=["POST"]),
    ]
