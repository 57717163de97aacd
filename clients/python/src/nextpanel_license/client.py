"""The client for synchronous panels. Any number of threads may share one."""

from __future__ import annotations

import logging
import threading
from types import TracebackType

import httpx

from nextpanel_license import reserving, revoking, ticking, validating
from nextpanel_license.clock import Clock
from nextpanel_license.core import Settings
from nextpanel_license.doing import Hold, Runner, Usage
from nextpanel_license.making import TIMEOUT, Counter, StrPath, make_core, new_id
from nextpanel_license.shapes import Revocation, Verdict
from nextpanel_license.spool import Spool

log = logging.getLogger("nextpanel_license")
TICK_SECONDS = 1.0


class LicenseClient:
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
        count: Counter | None = None,
        http: httpx.Client | None = None,
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
        self._http = http or httpx.Client(timeout=timeout)
        self._runner = Runner(self._core, self._http, timeout=timeout, count=count)
        self.usage = Usage(self._runner)
        self._thread: threading.Thread | None = None

    def validate(self, feature: str | None = None, *, license_key: str | None = None, used: int | None = None) -> Verdict:
        """May the holder of this license do this now? Without `feature`: does the license stand?

        `used`: how many the panel has of what the feature makes, for the time when only the lease can answer.
        """
        key = self._core.license_key(license_key)
        return self._runner.run(validating.validate(self._core, license_key=key, feature=feature, used=used))

    def reserve(
        self,
        resource: str,
        quantity: int = 1,
        *,
        license_key: str | None = None,
        ttl_seconds: int = 300,
        external_id: str | None = None,
        used: int | None = None,
    ) -> Hold:
        """`with client.reserve("databases") as held:` holds, then commits; an exception inside gives the hold back.

        `ttl_seconds` is longer than the making ever takes. QuotaExceeded or LicenseRefused come before anything is made.
        """
        key, name = self._core.license_key(license_key), external_id or new_id()
        return Hold(self._runner, reserving.Wish(key, resource, quantity, ttl_seconds, name, used))

    def poll_revocations(self, *, now: bool = False) -> list[Revocation]:
        """Call it as often as you like: billing is asked only when it said so, and answers with next to nothing."""
        return self._runner.run(revoking.poll_revocations(self._core, now=now))

    def tick(self) -> None:
        """All that is due: the revocation feed, waiting usage, leases half run out. What fails is logged and comes again."""
        with self._runner.turn:
            self._runner.run(ticking.tick(self._core))

    def start(self) -> None:
        """`tick()` in a thread of its own. After a fork, not before it: threads stay behind."""
        if self._thread is None:
            self._runner.ticks = True
            self._thread = threading.Thread(target=self._tick_on, name="nextpanel-license", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Sends what waits, if billing answers. With a spool on disk the rest is sent after the next start. Again: nothing."""
        if self._closed:
            return
        self._closed = True
        self._runner.ending.set()
        if self._thread is not None:
            self._thread.join()
        try:
            with self._runner.turn:
                self._runner.run(ticking.end(self._core))
        finally:
            self._core.spool.close()
            if self._own:
                self._http.close()

    def __enter__(self) -> LicenseClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._core.base_url!r}, key_id={self._core.key.key_id!r})"

    def _tick_on(self) -> None:
        while not self._runner.ending.wait(TICK_SECONDS):
            try:
                self.tick()
            except Exception:  # noqa: PERF203 (the loop is one of seconds)
                log.exception("What was due could not be done; it comes again.")
