"""Panels as the license path sees them: keys, both proofs, several API processes over one database."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from nextbill.capabilities import identity
from nextbill.entrypoints import license_http
from nextbill.runtime.web.front import front
from nextbill_simulators.chassis.serving import serve
from tests.capabilities.workshop import Workshop

ALL = ("leases", "reservations", "usage", "validate")


@dataclass
class Panel:
    """A panel server with its key. `processes`: the API's, asked in turn or by number."""

    shop: Workshop
    key_id: str
    secret: str
    processes: Sequence[httpx.AsyncClient]
    turn: int = 0

    async def ask(
        self, method: str, path: str, body: Any = None, *, process: int | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        self.turn += 1
        client = self.processes[self.turn % len(self.processes) if process is None else process]
        proof = {"X-API-Key": self.key_id, "X-API-Secret": self.secret} if headers is None else headers
        return await client.request(method, path, content=None if body is None else json.dumps(body), headers=proof)

    async def validate(self, key: str, feature: str | None = None, **more: Any) -> dict[str, Any]:
        body = {"license_key": key} | ({"feature": feature} if feature else {}) | ({"lease": True} if more.pop("lease", False) else {})
        answer = await self.ask("POST", "/api/v1/licenses/validate", body, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def reserve(self, key: str, resource: str = "databases", **more: Any) -> httpx.Response:
        process = more.pop("process", None)
        body = {"license_key": key, "resource": resource, "external_id": more.pop("external_id", f"e-{self.turn}"), **more}
        return await self.ask("POST", "/api/v1/licenses/reservations", body, process=process)

    async def conclude(self, reservation_id: str, how: str, **more: Any) -> httpx.Response:
        return await self.ask("POST", f"/api/v1/licenses/reservations/{reservation_id}/{how}", **more)

    async def use(self, key: str, event_id: str, action: str = "created", count: int = 1, resource: str = "databases", **more: Any) -> httpx.Response:
        body = {"license_key": key, "resource": resource, "action": action, "count": count, "event_id": event_id, **more}
        return await self.ask("POST", "/api/v1/usage/update", body)

    def signed(self, method: str, path: str, body: bytes, /, at: int, **changes: Any) -> dict[str, str]:
        """The headers of a signed request; `changes` sign something else than what is sent."""
        said = {"at": at, "method": method, "path": path, "body": body} | changes
        message = f"{said['at']}\n{said['method']}\n{said['path']}\n{hashlib.sha256(said['body']).hexdigest()}"
        signature = hmac.new(self.secret.encode(), message.encode(), hashlib.sha256).hexdigest()
        return {"X-API-Key": self.key_id, "X-Timestamp": str(at), "X-Signature": signature}


@asynccontextmanager
async def open_panel(
    shop: Workshop, *, processes: int = 1, server_id: UUID | None = None, permissions: Sequence[str] = ALL, **more: Any
) -> AsyncIterator[Panel]:
    """A panel with a key of its own, and the license path served by so many processes' worth of connections and batches."""
    async with shop.writing() as tx:
        made = await identity.create_panel_key(
            tx, name="alpha", permissions=permissions, server_id=server_id, cipher=shop.cipher, now=shop.now(), **more
        )
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(processes):
            app, _lines = license_http.create_asgi(shop.settings, shop.clock)
            url = await stack.enter_async_context(serve(app, http=front(app, trusted_proxies=shop.settings.trusted_proxies), date_header=False))
            clients.append(await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=60)))
        yield Panel(shop, made.key_id, made.secret, clients)


async def panel_key_of(shop: Workshop, panel: Panel, **more: Any) -> Panel:
    """Another panel at the same processes."""
    permissions = more.pop("permissions", ALL)
    async with shop.writing() as tx:
        made = await identity.create_panel_key(tx, name="beta", permissions=permissions, cipher=shop.cipher, now=shop.now(), **more)
    return Panel(shop, made.key_id, made.secret, panel.processes)
