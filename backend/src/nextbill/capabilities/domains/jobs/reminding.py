"""The daily look at names that expire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from nextbill.capabilities.domains.commands.reminding import Looking, look_for_expiring, since_when
from nextbill.kernel.clock import business_date
from nextbill.runtime import crash, jobs
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.looks import Place
from nextbill.runtime.settings import Settings
from nextbill.runtime.worker import Tick

LOOK_FOR_EXPIRING = "domains.look_for_expiring"


class Reminders:
    """Once a day, by the seller's days, in chunks, each with the next one's job."""

    def __init__(self, database: Database, settings: Settings, *, chunk: int = 500) -> None:
        self._database, self._zone, self._series, self._chunk = database, settings.company_time_zone, settings.reminder_series, chunk

    def handlers(self) -> Mapping[str, jobs.Handler]:
        return {LOOK_FOR_EXPIRING: self.look}

    def ticks(self) -> list[Tick]:
        return [Tick("domains.look_for_expiring", timedelta(hours=1), self.begin)]

    async def begin(self, tx: Tx, *, now: datetime) -> None:
        """A missed day is made up for: the look goes back to where the last one ended."""
        today = business_date(now, self._zone)
        since = await since_when(tx, self._series, today=today)
        if since is not None:
            await jobs.enqueue(tx, LOOK_FOR_EXPIRING, {"since": since.isoformat(), "today": today.isoformat(), "stage": 0})

    async def look(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        today = date.fromisoformat(payload["today"])
        if business_date(context.now, self._zone) != today:
            return  # it has waited too long to say the right number of days: today's look makes up for it
        looking = Looking(self._series, date.fromisoformat(payload["since"]), today)
        async with self._database.writing(Role.WORK) as tx:
            place = await look_for_expiring(tx, looking, Place.of(payload), now=context.now, limit=self._chunk)
            crash.point(f"{LOOK_FOR_EXPIRING}:told")
            if place is not None:
                await jobs.enqueue(tx, LOOK_FOR_EXPIRING, {"since": payload["since"], "today": payload["today"], **place.payload()})
