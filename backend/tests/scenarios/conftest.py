"""A system in which days pass and the billing run does its work."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.running import Running, open_running


@pytest.fixture
async def running(dsn: str) -> AsyncIterator[Running]:
    async with open_running(dsn) as opened:
        yield opened
        assert await opened.keeper.violations() == []
