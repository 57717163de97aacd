"""A trial that is shorter than its notice is told of when it begins."""

from __future__ import annotations

from datetime import datetime

from nextbill.capabilities.subscriptions.commands.reminding import ahead_of, tell_short_trial
from nextbill.capabilities.subscriptions.events import SubscriptionStarted
from nextbill.kernel.clock import business_date
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction
from nextbill.runtime.settings import Settings


class ShortTrials:
    def __init__(self, settings: Settings) -> None:
        self._zone, self._ahead = settings.company_time_zone, ahead_of(settings)

    def reactions(self) -> list[Reaction]:
        return [Reaction("subscriptions.short_trial", SubscriptionStarted, self.started)]

    async def started(self, tx: Tx, event: SubscriptionStarted, *, now: datetime) -> None:
        today = business_date(now, self._zone)
        await tell_short_trial(tx, event.subscription_id, self._ahead, today=today, zone=self._zone, now=now)
