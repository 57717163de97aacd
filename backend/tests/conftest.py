"""Fixtures that every test may use. Sockets are closed but to this machine."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.support.databases import fresh_database
from tests.support.machine import kept_on_this_machine

LONGEST = ("test_chaos.py::test_a_short_run", "test_demo.py::", "test_bootstrap.py::")
"""They start systems and installations of their own: begun first, they are over when the many short ones are."""

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
"""A loaded machine is no fault of the rule under test."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((place for place, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST)))


def pytest_collection_finish() -> None:
    """What is imported stays: without this each collection of garbage walks two thousand modules again, and each test makes an app's worth of it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _only_this_machine() -> Iterator[None]:
    with kept_on_this_machine():
        yield


@pytest.fixture
def dsn() -> Iterator[str]:
    """The owner's address of a fresh, migrated database."""
    with fresh_database() as found:
        yield found


@pytest.fixture
def demo() -> Iterator[str]:
    """The owner's address of the database that `shop` uses."""
    with fresh_database(demo=True) as found:
        yield found


@pytest.fixture
async def shop(demo: str, tmp_path: Path) -> AsyncIterator[Any]:
    """The whole shop with demo catalog and servers; imported late, so that tests of one part start fast."""
    from tests.support.shop import open_shop

    async with open_shop(demo, tmp_path, copied=True) as opened:
        yield opened
