"""A whole shop in one event loop: the API over real HTTP, the worker's jobs on demand, every vendor simulated over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg

from nextbill import wiring
from nextbill.entrypoints import seeding
from nextbill.entrypoints.http import create_asgi
from nextbill.entrypoints.worker import make_worker
from nextbill.runtime.clock import MovableClock
from nextbill.runtime.database import Database
from nextbill.runtime.settings import Settings
from nextbill.runtime.web.front import front
from nextbill.runtime.worker import Worker
from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import listening_socket, serve
from nextbill_simulators.mailbox.app import create_app as mailbox_app
from nextbill_simulators.nextpanel.app import create_app as nextpanel_app
from nextbill_simulators.resellerclub.app import create_app as resellerclub_app
from nextbill_simulators.stripe.app import create_app as stripe_app
from nextbill_simulators.vies.app import BASE as VIES_BASE
from nextbill_simulators.vies.app import create_app as vies_app
from tests.support.databases import LOGINS, SECRET_KEY, demo_logins

STRIPE_KEY, WEBHOOK_SECRET = "sk_test_tests", "whsec_tests"
RESELLER, RESELLER_KEY = "123456", "reseller-key"
PANEL_KEY, PANEL_SECRET = "npk_panel", "nps_panel"
PANELS = ("alpha", "beta")
NO_TLS = False
"""The tests' own calls stay on this machine; reading the public authorities takes longer than most of them."""
APPS = {"stripe": stripe_app, "resellerclub": resellerclub_app, "nextpanel": nextpanel_app, "vies": vies_app, "mailbox": mailbox_app}


@dataclass
class Shop:
    """What a test holds. `drain()` runs everything that is due; `advance()` moves our clock and the vendors' together."""

    settings: Settings
    wired: wiring.Wired
    client: httpx.AsyncClient
    worker: Worker
    sims: dict[str, str]
    worlds: dict[str, World]
    outside: httpx.AsyncClient
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.wired.database

    @property
    def clock(self) -> MovableClock:
        assert isinstance(self.wired.context.clock, MovableClock)
        return self.wired.context.clock

    @property
    def cipher(self) -> Any:
        return self.wired.context.cipher

    async def drain(self, *, patience: float = 2.0) -> int:
        return await self.worker.drain(patience=timedelta(seconds=patience))

    def advance(self, by: timedelta) -> None:
        self.worlds["stripe"].clock.advance(by.total_seconds())

    async def mails(self, to: str) -> list[dict[str, Any]]:
        """Oldest first, each whole."""
        listed = (await self.outside.get(f"{self.sims['mailbox']}/api/mails", params={"to": to})).json()
        found = [(await self.outside.get(f"{self.sims['mailbox']}/api/mails/{mail['id']}")).json() for mail in listed]
        return sorted(found, key=lambda mail: mail["received_at"])

    async def fault(self, vendor: str, **rule: Any) -> None:
        """`await shop.fault("resellerclub", effect="lost_after", pattern="POST .*register", times=1)`"""
        answer = await self.outside.post(f"{self.sims[vendor]}/_sim/faults", json=rule)
        answer.raise_for_status()


@asynccontextmanager
async def open_shop(dsn: str, folder: Path, *, seeded: bool = True, copied: bool = False, **overrides: Any) -> AsyncIterator[Shop]:
    """`copied`: `dsn` is a copy of the demo's database; seeding then finds everything there."""
    async with AsyncExitStack() as stack:
        clock_file, leaving = folder / "clock.json", asyncio.Event()
        api_socket = listening_socket()
        api_url = f"http://127.0.0.1:{api_socket.getsockname()[1]}"
        options = {
            "stripe": {"secret_key": STRIPE_KEY, "webhook_secret": WEBHOOK_SECRET, "webhook_url": f"{api_url}/api/v1/payments/webhook"},
            "resellerclub": {"user_id": RESELLER, "api_key": RESELLER_KEY},
            "vies": {},
            "nextpanel:alpha": {"api_key": PANEL_KEY, "api_secret": PANEL_SECRET},
            "nextpanel:beta": {"api_key": PANEL_KEY, "api_secret": PANEL_SECRET},
            "mailbox": {"smtp_port": "0"},
        }
        sims, worlds = {}, {}
        for name, chosen in options.items():
            worlds[name], sims[name] = await _simulate(stack, folder, clock_file, name, chosen, leaving)
        outside = await stack.enter_async_context(httpx.AsyncClient(timeout=30, verify=NO_TLS))
        smtp_port = (await outside.get(f"{sims['mailbox']}/_sim/mailbox/smtp")).json()["port"]
        settings = Settings(**{**_settings(dsn, clock_file, api_url, smtp_port, sims), **overrides}, _env_file=None)
        wired = wiring.wire(settings, MovableClock(clock_file))
        if copied:
            _settle(dsn, folder, sims)
        if seeded:
            await seeding.seed(wired)
        table = create_asgi(wired)
        await stack.enter_async_context(
            serve(table, http=front(table, trusted_proxies=settings.trusted_proxies), date_header=False, listener=api_socket, leaving=leaving)
        )
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=api_url, timeout=30, verify=NO_TLS))
        stack.callback(leaving.set)
        yield Shop(settings, wired, client, make_worker(wired, checking=False), sims, worlds, outside)


def _settle(dsn: str, folder: Path, sims: dict[str, str]) -> None:
    """Where this shop's servers are, and the demo's logins: what seeding would else move and make again."""
    with psycopg.connect(dsn) as owner:
        owner.execute("update hosting_server set base_url = 'http://127.0.0.1/' || name")  # a port of now may be the other server's of then
        for name in PANELS:
            owner.execute("update hosting_server set base_url = %s where name = %s", (sims[f"nextpanel:{name}"], name))
    (folder / LOGINS).write_text(demo_logins())


async def _simulate(
    stack: AsyncExitStack, folder: Path, clock_file: Path, name: str, options: dict[str, str], leaving: asyncio.Event
) -> tuple[World, str]:
    bound = listening_socket()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    store = Store(folder / f"{name.replace(':', '-')}.sqlite")
    stack.callback(store.close)
    world = World(name, url, store, SharedClock(clock_file), Faults(1), options)
    await stack.enter_async_context(serve(APPS[name.partition(":")[0]](world), listener=bound, leaving=leaving))
    return world, url


def _settings(dsn: str, clock_file: Path, api_url: str, smtp_port: int, sims: dict[str, str]) -> dict[str, Any]:
    panels = [
        {
            "name": name,
            "url": sims[f"nextpanel:{name}"],
            "api_key": PANEL_KEY,
            "api_secret": PANEL_SECRET,
            "nameservers": [f"ns1.{name}.example.net", f"ns2.{name}.example.net"],
        }
        for name in PANELS
    ]
    return {
        "nextbill_mode": "sandbox", "nextbill_clock_file": clock_file, "nextbill_data": clock_file.parent, "database_url": dsn, "database_pool_size": 5, "secret_key": SECRET_KEY,
        "stripe_secret_key": STRIPE_KEY, "stripe_webhook_secret": WEBHOOK_SECRET, "stripe_api_base": sims["stripe"],
        "resellerclub_user_id": RESELLER, "resellerclub_api_key": RESELLER_KEY, "resellerclub_api_url": sims["resellerclub"],
        "vies_api_url": f"{sims['vies']}{VIES_BASE}",
        "nextpanel_api_url": sims["nextpanel:alpha"], "nextpanel_api_key": PANEL_KEY, "nextpanel_api_secret": PANEL_SECRET,
        "nextbill_sandbox_panels": json.dumps(panels), "outbound_allow": "127.0.0.0/8",
        "smtp_host": "127.0.0.1", "smtp_port": smtp_port, "smtp_starttls": False,
        "api_url": api_url, "portal_url": api_url, "metrics_port": 0, "vendor_timeout_seconds": 15.0, "rate_limit_per_minute": 100_000,
    }  # fmt: skip
