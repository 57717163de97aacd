"""Moving a sandbox through time: the clock stops at each day on the way, and goes on when all that was due by then is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import text

from nextbill.kernel.clock import Clock
from nextbill.kernel.errors import Conflict, Invalid, NotFound
from nextbill.runtime import jobs
from nextbill.runtime.clock import MovableClock
from nextbill.runtime.database import Database, ReadTx, Role, Tx
from nextbill.runtime.worker import Tick, fire_all

TRAVEL = "runtime.travel"
STOP_EVERY = timedelta(days=1)
FARTHEST = timedelta(days=5 * 366)
PAUSE = timedelta(seconds=0.3)
"""Between two looks at whether the work of a stop is done: long enough for a vendor's webhook to arrive."""
SOON = timedelta(seconds=3)
"""What waits longer for its next try than this is not waited for: its pause is technical time, which nobody moves."""

_ON_THE_WAY = text(
    "select convert_from(payload, 'UTF8')::jsonb -> 'payload' from pgqueuer.pgqueuer where entrypoint = :travel and status <> 'failed'"
)
_AT_WORK = text(
    "select count(*) from pgqueuer.pgqueuer where entrypoint <> :travel and status <> 'failed' and execute_after <= clock_timestamp() + :soon"
)
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('runtime.travel'))")


class ClockFixed(NotFound):
    """Live mode, or a sandbox whose processes share no clock file."""

    code: ClassVar[str] = "clock_fixed"
    title: ClassVar[str] = "This installation's clock cannot be moved"


class ClockMoving(Conflict):
    code: ClassVar[str] = "clock_moving"
    title: ClassVar[str] = "The clock is being moved already"


@dataclass(frozen=True, slots=True)
class Journey:
    """`now`: the business clock's. `until`: where it is being moved to, if it is. `at_work`: jobs due that are not done."""

    now: datetime
    offset: timedelta
    until: datetime | None
    at_work: int


def movable(clock: Clock) -> MovableClock:
    if not isinstance(clock, MovableClock):
        raise ClockFixed("In live mode there is none but the machine's clock; in sandbox mode NEXTBILL_CLOCK_FILE names the file that moves it.")
    return clock


async def journey(tx: ReadTx, clock: Clock) -> Journey:
    """ClockFixed."""
    found = movable(clock)
    at_work = (await tx.execute(_AT_WORK, {"travel": TRAVEL, "soon": SOON})).scalar_one()
    return Journey(found.now(), found.offset, await _destination(tx), int(at_work))


async def set_out(tx: Tx, clock: Clock, *, until: datetime) -> None:
    """The clock goes to `until`, a day at a time, as fast as the work of each day is done. ClockFixed, ClockMoving, Invalid for the past."""
    now = movable(clock).now()
    if until <= now:
        raise Invalid(fields={"until": f"The clock goes forward only, and it is {now:%Y-%m-%d %H:%M} UTC: name a later moment."})
    if until - now > FARTHEST:
        raise Invalid(fields={"until": f"At most {FARTHEST.days} days at once."})
    await tx.execute(_ONE_AT_A_TIME)
    going = await _destination(tx)
    if going is not None:
        raise ClockMoving(f"It is on its way to {going:%Y-%m-%d %H:%M} UTC.")
    await jobs.enqueue(tx, TRAVEL, _leg(now, until))


async def _destination(tx: ReadTx) -> datetime | None:
    row = (await tx.execute(_ON_THE_WAY, {"travel": TRAVEL})).scalars().first()
    return datetime.fromisoformat(row["until"]) if row else None


def _leg(now: datetime, until: datetime) -> jobs.Payload:
    return {"stop": min(now + STOP_EVERY, until).isoformat(), "until": until.isoformat(), "quiet": False}


class Traveller:
    """The job of a journey. Killed anywhere and run again it goes on from where the clock is: each job names its stop."""

    def __init__(self, database: Database, clock: Clock, ticks: Sequence[Tick]) -> None:
        self._database, self._clock, self._ticks = database, clock, ticks

    async def __call__(self, payload: jobs.Payload, _context: jobs.JobContext) -> None:
        stop, until = datetime.fromisoformat(payload["stop"]), datetime.fromisoformat(payload["until"])
        if not await self._all_done():
            await self._go_on({**payload, "quiet": False})
        elif not payload["quiet"]:  # once more: an answer from outside may be on its way to us
            await self._go_on({**payload, "quiet": True})
        else:
            clock = movable(self._clock)
            clock.move_to(stop)
            await fire_all(self._database, clock, self._ticks)
            if stop < until:
                await self._go_on(_leg(stop, until))

    async def _all_done(self) -> bool:
        async with self._database.reading(Role.WORK) as tx:
            return (await journey(tx, self._clock)).at_work == 0

    async def _go_on(self, payload: jobs.Payload) -> None:
        async with self._database.writing(Role.WORK) as tx:
            await jobs.enqueue(tx, TRAVEL, payload, after=PAUSE)
