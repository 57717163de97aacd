"""The client for panels on asyncio. Any number of tasks of one event loop may share one."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType

import httpx

from nextpanel_license import reserving, revoking, ticking, validating
from nextpanel_license.aio_doing import AsyncHold, AsyncRunner, AsyncUsage
from nextpanel_license.clock import Clock
from nextpanel_license.core import Settings
from nextpanel_license.making import TIMEOUT, AsyncCounter, StrPath, make_core, new_id
from nextpanel_license.shapes import Revocation, Verdict
from nextpanel_license.spool import Spool

log = logging.getLogger("nextpanel_license")
TICK_SECONDS = 1.0


class AsyncLicenseClient:
    """Asks billing, and goes on within the last signed lease while billing can't be reached.

    `count(license_key, resource)` tells how many the panel has itself; it is asked only within a lease. None: what billing last knew counts.
    `lease_file` and `usage_spool` are paths of files that this client makes; without them a restart forgets leases, and events not yet sent.
    """

    def __init__(
        self,
        base_url: str,
        *,
        key_id: str,
        secret: str,
        license_key: str | None = None,
        sign: bool = True,
        server_id: str | None = None,
        lease_file: StrPath | None = None,
        usage_spool: StrPath | Spool | None = None,
        count: AsyncCounter | None = None,
        http: httpx.AsyncClient | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        settings: Settings | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._core = make_core(
            base_url,
            key_id=key_id,
            secret=secret,
            sign=sign,
            license_key=license_key,
            server_id=server_id,
            lease_file=lease_file,
            usage_spool=usage_spool,
            settings=settings,
            clock=clock,
        )
        self._own, self._closed = http is None, False
        self._http = http or httpx.AsyncClient(timeout=timeout)
        self._runner = AsyncRunner(self._core, self._http, timeout=timeout, count=count)
        self.usage = AsyncUsage(self._runner)
        self._task: asyncio.Task[None] | None = None

    async def validate(self, feature: str | None = None, *, license_key: str | None = None, used: int | None = None) -> Verdict:
        """May the holder of this license do this now? Without `feature`: does the license stand?

        `used`: how many the panel has of what the feature makes, for the time when only the lease can answer.
        """
        key = self._core.license_key(license_key)
        return await self._runner.run(validating.validate(self._core, license_key=key, feature=feature, used=used))

    def reserve(
        self,
        resource: str,
        quantity: int = 1,
        *,
        license_key: str | None = None,
        ttl_seconds: int = 300,
        external_id: str | None = None,
        used: int | None = None,
    ) -> AsyncHold:
        """`async with client.reserve("databases") as held:` holds, then commits; an exception inside gives the hold back.

        `ttl_seconds` is longer than the making ever takes. QuotaExceeded or LicenseRefused come before anything is made.
        """
        key, name = self._core.license_key(license_key), external_id or new_id()
        return AsyncHold(self._runner, reserving.Wish(key, resource, quantity, ttl_seconds, name, used))

    async def poll_revocations(self, *, now: bool = False) -> list[Revocation]:
        """Call it as often as you like: billing is asked only when it said so, and answers with next to nothing."""
        return await self._runner.run(revoking.poll_revocations(self._core, now=now))

    async def tick(self) -> None:
        """All that is due: the revocation feed, waiting usage, leases half run out. What fails is logged and comes again."""
        async with self._runner.turn:
            await self._runner.run(ticking.tick(self._core))

    def start(self) -> None:
        """`tick()` in a task of its own."""
        if self._task is None:
            self._runner.ticks = True
            self._task = asyncio.get_running_loop().create_task(self._tick_on(), name="nextpanel-license")

    async def close(self) -> None:
        """Sends what waits, if billing answers. With a spool on disk the rest is sent after the next start. Again: nothing."""
        if self._closed:
            return
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        try:
            async with self._runner.turn:
                await self._runner.run(ticking.end(self._core))
        finally:
            self._core.spool.close()
            if self._own:
                await self._http.aclose()

    async def __aenter__(self) -> AsyncLicenseClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._core.base_url!r}, key_id={self._core.key.key_id!r})"

    async def _tick_on(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self.tick()
            except Exception:
                log.exception("What was due could not be done; it comes again.")
