"""Simulators are tested as the product meets them: over HTTP. `serve(app)` gives an app a free port; `world(name)` what it stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import serve as serve_app

MakeWorld = Callable[..., World]
Serve = Callable[[ASGIApp], AbstractAsyncContextManager[str]]


@pytest.fixture
def serve() -> Serve:
    return serve_app


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MakeWorld]:
    """`world("stripe", option="value")`; the base URL is set by whoever binds the port."""
    stores: list[Store] = []

    def make(name: str, base_url: str = "http://127.0.0.1", **options: str) -> World:
        stores.append(Store(tmp_path / f"{name}.sqlite"))
        return World(name, base_url, stores[-1], SharedClock(tmp_path / "clock.json"), Faults(1), options)

    yield make
    for store in stores:
        store.close()
