"""Drives the asynchronous client as if it were not, so that one test body is good for both."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from nextpanel_license.clock import Clock
from tiny_billing import Billing

Make = Callable[..., Any]


class Hand:
    """Lets time pass for billing and client alike. `off`: how wrong the panel's clock is."""

    def __init__(self, billing: Billing) -> None:
        self.billing = billing
        self.off = 0.0
        self.passed = 0.0

    def clock(self) -> Clock:
        return Clock(lambda: time.time() + self.off + self.passed, lambda: time.monotonic() + self.passed)

    def pass_(self, seconds: float) -> None:
        self.passed += seconds
        self.billing.skew += seconds


class Loop:
    """An event loop in a thread, so that one test body drives both clients."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def do(self, awaitable: Any) -> Any:
        async def whole() -> Any:
            return await awaitable

        return asyncio.run_coroutine_threadsafe(whole(), self.loop).result()

    def end(self) -> None:
        """After what was closed has had its turn."""
        for _ in range(3):
            self.do(asyncio.sleep(0))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


class Driven:
    """What is asynchronous, driven as if it were not."""

    def __init__(self, inner: Any, loop: Loop) -> None:
        self._inner, self._loop = inner, loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if asyncio.iscoroutinefunction(found):
            return lambda *args, **named: self._loop.do(found(*args, **named))
        if name == "reserve":
            return lambda *args, **named: Driven(found(*args, **named), self._loop)
        if name == "start":
            return lambda: self._loop.do(self._started())
        return Driven(found, self._loop) if name == "usage" else found

    async def _started(self) -> None:
        self._inner.start()

    def __enter__(self) -> Any:
        self._loop.do(self._inner.__aenter__())
        return self

    def __exit__(self, *told: object) -> Any:
        return self._loop.do(self._inner.__aexit__(*told))

    def __repr__(self) -> str:
        return repr(self._inner)
