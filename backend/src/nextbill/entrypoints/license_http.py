"""The license path alone: validate, reservations, usage, revocations, public keys, and nothing else of the product.

It wires itself: a process of this kind holds no vendor's credential and logs in to the database as the license role only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Receive, Scope, Send

from nextbill.capabilities.licensing import http as licensing_http
from nextbill.kernel.clock import Clock
from nextbill.runtime import crash, logging
from nextbill.runtime.batching import Lines
from nextbill.runtime.clock import make_clock
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Role, role_urls
from nextbill.runtime.process import run_http
from nextbill.runtime.settings import Settings
from nextbill.runtime.web.problem import render
from nextbill.runtime.web.table import Answered, Asked, Route, Table

READY_SECONDS = 5


def create_asgi(settings: Settings, clock: Clock) -> tuple[Table, Lines]:
    secret = settings.secret_key.get_secret_value()
    cipher = FieldCipher.from_setting(settings.field_keys.get_secret_value() if settings.field_keys else None, secret)
    lines = Lines(role_urls(settings)[Role.LICENSE])
    panels = licensing_http.make_panel_routes(settings, clock=clock, lines=lines, cipher=cipher)
    health = [Route("GET", "/health", _alive), Route("GET", "/health/ready", _make_ready(lines))]
    return Table([*panels, *health], _nothing_else(lines), clock=clock), lines


async def _alive(_asked: Asked) -> Answered:
    return Answered(b'{"status":"ok"}')


def _make_ready(lines: Lines) -> Callable[[Asked], Awaitable[Answered]]:
    async def ready(_asked: Asked) -> Answered:
        try:
            async with asyncio.timeout(READY_SECONDS):
                await lines.fetch("select 1 from licensing_license limit 1")
        except Exception:  # whatever it is, the answer is: not ready
            return Answered(b'{"status":"not_ready","checks":{"database":"unreachable"}}', 503, [(b"content-type", b"application/json")])
        return Answered(b'{"status":"ready","checks":{"database":"ok"}}')

    return ready


def _nothing_else(lines: Lines) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(lines, receive, send)
        elif scope["type"] == "http":
            response = render(404, "not_found", "There is no such object", "This process answers the license path only.")
            await response(scope, receive, send)

    return app


async def _live(lines: Lines, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            await lines.close()
            return


def serve() -> None:
    """Runs until SIGTERM; requests under way are finished."""
    settings = Settings()
    logging.configure(settings.log_format)
    crash.arm(settings.nextbill_crash_at)
    app, _ = create_asgi(settings, make_clock(settings))
    run_http(app, settings)
