"""Once a day, by the seller's days: who is near a renewal, a trial's end or the end is told. In chunks, each with the next one's job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from nextbill.capabilities.subscriptions.commands.reminding import Looking, ahead_of, look_ahead, since_when
from nextbill.kernel.clock import business_date
from nextbill.runtime import crash, jobs
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.looks import Place
from nextbill.runtime.settings import Settings
from nextbill.runtime.worker import Tick

LOOK_AHEAD = "subscriptions.look_ahead"
CHUNK = 500


class Reminders:
    def __init__(self, database: Database, settings: Settings, *, chunk: int = CHUNK) -> None:
        self._database, self._zone, self._chunk = database, settings.company_time_zone, chunk
        self._ahead = ahead_of(settings)

    def handlers(self) -> Mapping[str, jobs.Handler]:
        return {LOOK_AHEAD: self.look}

    def ticks(self) -> list[Tick]:
        return [Tick("subscriptions.look_ahead", timedelta(hours=1), self.begin)]

    async def begin(self, tx: Tx, *, now: datetime) -> None:
        """A missed day is made up for: the look goes back to where the last one ended. Two at once tell nobody twice."""
        today = business_date(now, self._zone)
        since = await since_when(tx, self._ahead, today=today)
        if since is not None:
            await jobs.enqueue(tx, LOOK_AHEAD, {"since": since.isoformat(), "today": today.isoformat(), "stage": 0})

    async def look(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        """Killed anywhere, either the chunk, its notices, their mails' jobs and the next chunk's are there, or nothing is."""
        today = date.fromisoformat(payload["today"])
        if business_date(context.now, self._zone) != today:
            return  # it has waited too long to say the right number of days: today's look makes up for it
        looking = Looking(self._ahead, date.fromisoformat(payload["since"]), today, self._zone)
        async with self._database.writing(Role.WORK) as tx:
            place = await look_ahead(tx, looking, Place.of(payload), now=context.now, limit=self._chunk)
            crash.point(f"{LOOK_AHEAD}:told")
            if place is not None:
                await jobs.enqueue(tx, LOOK_AHEAD, {"since": payload["since"], "today": payload["today"], **place.payload()})
