"""`nextbill license-api`: real processes that answer panels alone, several at once over one database."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from nextbill.capabilities import identity, licensing
from nextbill.runtime.settings import REPOSITORY
from tests.capabilities.test_licensing_reservations import allow, counts
from tests.capabilities.workshop import Workshop, open_workshop
from tests.support.databases import SECRET_KEY
from tests.support.panels import ALL, Panel
from tests.support.ports import free_port


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


@asynccontextmanager
async def process(shop: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY / "backend" / "src"),
        "DATABASE_URL": shop.settings.database_url,
        "SECRET_KEY": SECRET_KEY,
        "API_PORT": str(port),
        "METRICS_PORT": "0",
        "NEXTBILL_CLOCK_FILE": str(shop.settings.nextbill_clock_file),
    }
    started = subprocess.Popen([sys.executable, "-m", "nextbill", "license-api"], env=environment)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            await _up(client, started)
            yield client
    finally:
        started.terminate()
        assert await asyncio.to_thread(started.wait, 30) in (0, -signal.SIGTERM), "it ends when it is told to"


async def _up(client: httpx.AsyncClient, started: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert started.poll() is None, "it ended before it answered"
        try:
            if (await client.get("/health/ready")).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError("it does not answer")


async def test_two_processes_race_for_the_last_units_and_both_refuse_what_is_suspended(shop: Workshop) -> None:
    license_id, key = await shop.license(await shop.customer())
    await allow(shop, license_id, databases=30)
    async with shop.writing() as tx:
        made = await identity.create_panel_key(tx, name="p", permissions=ALL, cipher=shop.cipher, now=shop.now())
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(process(shop)) for _ in range(2)]
        panel = Panel(shop, made.key_id, made.secret, clients)
        answers = await asyncio.gather(*(panel.reserve(key, external_id=f"r{n}") for n in range(80)))
        assert [answer.status_code for answer in answers].count(201) == 30
        assert {answer.status_code for answer in answers} == {201, 409}
        assert await counts(shop, license_id) == (0, 30)
        async with shop.writing() as tx:
            await licensing.suspend_license(tx, license_id=license_id, reason="unpaid", now=shop.now())
        for one in range(2):
            assert (await panel.validate(key, process=one))["reason"] == "suspended"
            assert (await clients[one].get("/api/v1/plans")).status_code == 404
    assert await shop.violations() == []
