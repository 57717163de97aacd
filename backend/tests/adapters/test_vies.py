"""The VIES adapter against the simulated register, fault by fault: silence says nothing about an id."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from nextbill.adapters.vies import Vies
from nextbill.capabilities.tax.ports import UnionId
from nextbill.runtime.outbound import guarded_client
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable
from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import listening_socket, serve
from nextbill_simulators.vies.app import BASE, create_app

FRENCH, GREEK, GERMAN = UnionId("FR", "40303265045"), UnionId("EL", "094259216"), UnionId("DE", "136695976")


@dataclass
class Site:
    vies: Vies
    url: str
    control: httpx.AsyncClient

    async def tell(self, path: str, **body: Any) -> None:
        (await self.control.post(path, json=body)).raise_for_status()


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    bound = listening_socket()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    store = Store(tmp_path / "vies.sqlite")
    world = World("vies", url, store, SharedClock(tmp_path / "clock.json"), Faults(1), {})
    http = guarded_client(timeout=1.0, allow=["127.0.0.0/8"])
    async with serve(create_app(world), listener=bound, leaving=asyncio.Event()), http, httpx.AsyncClient(base_url=url, verify=False) as control:
        yield Site(Vies(http, base_url=f"{url}{BASE}"), url, control)
    store.close()


async def test_known_unknown_and_silent(site: Site) -> None:
    known = await site.vies.check(FRENCH, requester=GERMAN)
    assert (known.valid, known.name, bool(known.request_identifier)) == (True, "SIMULATED TRADER 40303265045", True)
    plain = await site.vies.check(GERMAN, requester=None)
    assert (plain.valid, plain.name, plain.address, plain.request_identifier) == (True, None, None, None)
    await site.tell("/_sim/vies/numbers", countryCode="EL", vatNumber="094259216", valid=False)
    assert not (await site.vies.check(GREEK, requester=None)).valid


@pytest.mark.parametrize("error", ["MS_UNAVAILABLE", "SERVICE_UNAVAILABLE", "TIMEOUT", "GLOBAL_MAX_CONCURRENT_REQ", "MS_MAX_CONCURRENT_REQ"])
async def test_whoever_is_down_says_nothing(site: Site, error: str) -> None:
    await site.tell("/_sim/vies/down", member="FR", down=True, error=error)
    with pytest.raises(VendorUnavailable) as silence:
        await site.vies.check(FRENCH, requester=None)
    assert silence.value.reason == error.lower()
    assert (await site.vies.check(GREEK, requester=None)).valid
    assert await site.vies.is_up()
    await site.tell("/_sim/vies/down", down=True)
    assert not await site.vies.is_up()


@pytest.mark.parametrize("error", ["INVALID_INPUT", "INVALID_REQUESTER_INFO", "IP_BLOCKED"])
async def test_a_refused_question(site: Site, error: str) -> None:
    await site.tell("/_sim/vies/down", down=True, error=error)
    with pytest.raises(VendorRejected) as refusal:
        await site.vies.check(FRENCH, requester=None)
    assert refusal.value.reason == error.lower()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"effect": "html"}, "unparsable"),
        ({"effect": "slow", "seconds": 3.0}, "no_answer"),
        ({"effect": "lost_after"}, "no_answer"),
        ({"effect": "throttled"}, "throttled"),
        ({"effect": "error_before", "status": 500}, "status_500"),
        ({"effect": "error_before", "status": 200, "body": "[]"}, "unparsable"),
        ({"effect": "error_before", "status": 200, "body": '{"valid": "yes"}'}, "unparsable"),
        ({"effect": "error_before", "status": 200, "body": '{"actionSucceed": false, "errorWrappers": []}'}, "status_200"),
    ],
)
async def test_what_cannot_be_read_says_nothing(site: Site, fault: dict[str, Any], reason: str) -> None:
    await site.tell("/_sim/faults", pattern="check-vat-number", **fault)
    with pytest.raises(VendorUnavailable) as silence:
        await site.vies.check(FRENCH, requester=None)
    assert silence.value.reason == reason
    assert (await site.vies.check(FRENCH, requester=None)).valid
