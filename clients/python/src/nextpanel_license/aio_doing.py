"""What the asynchronous client gives into the hands of a panel: usage and holds; and what runs the flows beneath."""

from __future__ import annotations

import asyncio
import inspect
from types import TracebackType
from typing import Any, TypeVar

import httpx

from nextpanel_license import reporting, reserving, ticking
from nextpanel_license.core import Blocking, Core, Count, Flow, Send, Wait
from nextpanel_license.making import AsyncCounter, answer_of, new_id, no_answer
from nextpanel_license.shapes import Action, Flushed, Reservation
from nextpanel_license.wire import Outcome

T = TypeVar("T")


class AsyncRunner:
    """Does what flows ask for, on the event loop; disks in threads."""

    def __init__(self, core: Core, http: httpx.AsyncClient, *, timeout: httpx.Timeout, count: AsyncCounter | None) -> None:
        self.core, self.http, self.timeout, self.count = core, http, timeout, count
        self.ticks = False
        self._turn: asyncio.Lock | None = None

    @property
    def turn(self) -> asyncio.Lock:
        """Whose turn it is to send usage."""
        if self._turn is None:
            self._turn = asyncio.Lock()  # made inside the loop: before Python 3.10 a lock belongs to the one it was made in
        return self._turn

    async def run(self, flow: Flow[T]) -> T:
        given: Any = None
        while True:
            try:
                effect = flow.send(given)
            except StopIteration as ended:
                result: T = ended.value
                return result
            given = await self._do(effect)

    async def _do(self, effect: Send | Wait | Blocking | Count) -> Any:
        if isinstance(effect, Send):
            return await self._send(effect)
        if isinstance(effect, Wait):
            return await asyncio.sleep(effect.seconds)
        if isinstance(effect, Blocking):
            return await asyncio.to_thread(effect.work)
        counted = None if self.count is None else self.count(effect.license_key, effect.resource)
        return await counted if inspect.isawaitable(counted) else counted

    async def _send(self, sent: Send) -> Outcome:
        try:
            response = await self.http.request(
                sent.method, sent.url, content=sent.body, headers=sent.headers, timeout=self.timeout, follow_redirects=False
            )
            return answer_of(response)
        except httpx.HTTPError as error:
            return no_answer(error)


class AsyncUsage:
    """What a panel made and deleted outside reservations. Kept at once, sent in batches: by number, by time, at the end."""

    def __init__(self, runner: AsyncRunner) -> None:
        self._runner = runner

    async def created(self, resource: str, count: int = 1, *, license_key: str | None = None, event_id: str | None = None) -> str:
        """The event's id. BufferFull where no more can wait."""
        return await self._put("created", resource, count, license_key, event_id)

    async def deleted(self, resource: str, count: int = 1, *, license_key: str | None = None, event_id: str | None = None) -> str:
        """The event's id. Below zero is refused by billing, and logged: report the true number with `set`."""
        return await self._put("deleted", resource, count, license_key, event_id)

    async def set(self, resource: str, count: int, *, license_key: str | None = None, event_id: str | None = None) -> str:
        """The true number, as counted now: mends whatever went wrong before."""
        return await self._put("set", resource, count, license_key, event_id)

    async def flush(self) -> Flushed:
        """Sends what waits, now. Unreachable, NotAuthenticated, NotPermitted: it still waits."""
        async with self._runner.turn:
            return await self._runner.run(reporting.flush(self._runner.core))

    @property
    def waiting(self) -> int:
        return len(self._runner.core.spool)

    async def _put(self, action: Action, resource: str, count: int, license_key: str | None, event_id: str | None) -> str:
        runner, core = self._runner, self._runner.core
        entry = reporting.usage_entry(
            license_key=core.license_key(license_key),
            resource=resource,
            action=action,
            count=count,
            event_id=event_id or new_id(),
            at=core.clock.utc(),
        )
        await runner.run(reporting.put(core, entry))
        if not runner.ticks and not runner.turn.locked():
            async with runner.turn:
                await runner.run(ticking.flush_if_due(core))
        return entry.id


class AsyncHold:
    """One reservation. After the `async with`, `status` is committed, deferred or counted (see `Reservation`), or released."""

    def __init__(self, runner: AsyncRunner, wish: reserving.Wish) -> None:
        self._runner, self._wish = runner, wish
        self._reservation: Reservation | None = None

    @property
    def reservation(self) -> Reservation:
        if self._reservation is None:
            raise RuntimeError("nothing is held yet: enter the `async with`, or call take()")
        return self._reservation

    @property
    def status(self) -> str:
        return self.reservation.status

    async def take(self) -> Reservation:
        """Holds; again: the same."""
        if self._reservation is None:
            self._reservation = await self._runner.run(reserving.reserve(self._runner.core, self._wish))
        return self._reservation

    async def commit(self) -> Reservation:
        """What was made counts. Again: nothing."""
        if self.status == "held":
            self._reservation = await self._runner.run(reserving.commit(self._runner.core, self.reservation))
        return self.reservation

    async def release(self) -> Reservation:
        """Gives the hold back. Again, or after a commit: nothing."""
        if self.status == "held":
            self._reservation = await self._runner.run(reserving.release(self._runner.core, self.reservation))
        return self.reservation

    async def __aenter__(self) -> AsyncHold:
        await self.take()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            await self.commit()
        elif self.status == "held":
            self._reservation = await self._runner.run(reserving.give_up(self._runner.core, self.reservation))
