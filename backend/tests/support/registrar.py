"""The ResellerClub adapter at its simulated vendor, with the vendor's control plane beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from nextbill.adapters.registrars.resellerclub import ResellerClub
from nextbill.capabilities.domains.ports import RegisterDomain, Registrant, Registrar
from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import serve
from nextbill_simulators.resellerclub.app import create_app

ADA = Registrant(
    customer_id=UUID(int=7),
    email="ada@example.test",
    name="Ada Byron",
    company="",
    address_line_1="12 Square",
    address_line_2="",
    city="London",
    state="",
    postal_code="W1 1AA",
    country="GB",
    phone="+442071838750",
)
NAMESERVERS = ("ns1.host.test", "ns2.host.test")
REGISTER = "POST /api/domains/register"


@dataclass
class Desk:
    """The adapter under test, and the vendor's control plane to see what it has really done."""

    registrar: Registrar
    control: httpx.AsyncClient
    base_url: str

    async def order(self, name: str = "shopfoo.com", *, years: int = 1) -> RegisterDomain:
        return RegisterDomain(name, years, NAMESERVERS, ADA, await self.registrar.prepare(ADA, name))

    async def vendor(self, path: str, **body: Any) -> Any:
        answer = await (self.control.post(f"/_sim/resellerclub/{path}", json=body) if body else self.control.get(f"/_sim/resellerclub/{path}"))
        answer.raise_for_status()
        return answer.json()

    async def strike(self, effect: str, pattern: str = REGISTER, **more: Any) -> None:
        (await self.control.post("/_sim/faults", json={"effect": effect, "pattern": pattern, **more})).raise_for_status()

    async def charges(self) -> list[str]:
        return [entry["domain"] for entry in await self.vendor("charges")]

    async def seen(self, kind: str) -> list[dict[str, Any]]:
        return list((await self.control.get("/_sim/state", params={"kind": kind})).json())

    async def seconds_pass(self, seconds: float) -> None:
        (await self.control.post("/_sim/clock", json={"advance_seconds": seconds})).raise_for_status()


@asynccontextmanager
async def open_desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store = Store(tmp_path / "vendor.sqlite")
    options = {"user_id": "4711", "api_key": "sesame", "balance": "100.00"}
    app = create_app(World("resellerclub", "", store, SharedClock(tmp_path / "clock.json"), Faults(1), options))
    async with serve(app) as base_url, httpx.AsyncClient() as client, httpx.AsyncClient(base_url=base_url) as control:
        yield Desk(ResellerClub(client, base_url=f"{base_url}/api", user_id="4711", api_key="sesame", currency="USD"), control, base_url)
    store.close()
