"""A tiny billing over real HTTP, and the client both ways: every test here runs for the synchronous and the asynchronous one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from both_ways import Driven, Hand, Loop, Make
from nextpanel_license import AsyncLicenseClient, LicenseClient, Settings
from tiny_billing import KEY_ID, LICENSE_KEY, SECRET, Billing, serving

QUICK = Settings(pause=0.01)


@pytest.fixture(scope="session")
def _served() -> Iterator[Billing]:
    with serving() as billing:
        yield billing


@pytest.fixture
def billing(_served: Billing) -> Billing:
    _served.reset()
    return _served


@pytest.fixture
def hand(billing: Billing) -> Hand:
    return Hand(billing)


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest, billing: Billing, hand: Hand) -> Iterator[Make]:
    """`make(**changes)`: a client of the tiny billing, closed at the end."""
    with ExitStack() as stack:
        loop = None
        if request.param == "async":
            loop = Loop()
            stack.callback(loop.end)

        def made(url: str = "", **changes: Any) -> Any:
            given = {
                "key_id": KEY_ID,
                "secret": SECRET,
                "license_key": LICENSE_KEY,
                "timeout": httpx.Timeout(20.0),
                "clock": hand.clock(),
                "settings": QUICK,
                **changes,
            }
            if loop is None:
                client: Any = LicenseClient(url or billing.url, **given)
            else:
                client = Driven(AsyncLicenseClient(url or billing.url, **given), loop)
            stack.callback(lambda: client.close())
            return client

        yield made
