"""Telling ahead: who is near a day of theirs is found, noted once, and told in one mail for what belongs together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities import payments
from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.events import NoticeDue
from nextbill.capabilities.subscriptions.models import NoticeRow, PassRow
from nextbill.capabilities.subscriptions.queries import Nearing, Scan
from nextbill.capabilities.subscriptions.rules import Ahead, Notice, notice_due
from nextbill.kernel.ids import new_id
from nextbill.kernel.thresholds import newly_come
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish
from nextbill.runtime.looks import Place, Spot, look_through
from nextbill.runtime.settings import Settings

NOTICES = "notices"
SCANS: tuple[Scan, ...] = ("renewing", "ending")


@dataclass(frozen=True, slots=True)
class Looking:
    """A look at all that has come near after `since` and by `today`, days of the seller's `zone`."""

    ahead: Ahead
    since: date
    today: date
    zone: str

    @property
    def stages(self) -> list[tuple[Scan, int]]:
        return [(scan, days) for scan in SCANS for days in self.ahead.all]

    def days(self, stage: int) -> tuple[date, date]:
        """Of the objects: what is over already is nobody's."""
        first, last = newly_come(self.stages[stage][1], since=self.since, today=self.today)
        return max(first, self.today + timedelta(days=1)), last


def ahead_of(settings: Settings) -> Ahead:
    return Ahead(settings.charge_notice_days, settings.trial_notice_days, settings.reminder_series)


async def since_when(tx: Tx, ahead: Ahead, *, today: date) -> date | None:
    """After which day nothing was looked at yet; None where today's look is done. What is further back than the widest threshold means nothing any more."""
    done = await queries.looked_until(tx, NOTICES)
    if done is not None and done >= today:
        return None
    farthest = today - timedelta(days=max(ahead.all) + 1)
    return farthest if done is None else max(done, farthest)


async def look_ahead(tx: Tx, looking: Looking, place: Place, *, now: datetime, limit: int) -> Place | None:
    """A chunk of it; where to go on, None at the end. Run twice it tells nobody twice: the notice's key decides."""

    async def look_at(at: Place) -> list[Spot]:
        scan, threshold = looking.stages[at.stage]
        first, last = looking.days(at.stage)
        found = await queries.nearing(tx, scan, first=first, last=last, after=at.after, limit=limit) if first <= last else []
        if found:
            whole = await queries.nearing_of(tx, scan, {one.customer_id for one in found}, first=first, last=last)
            await _tell(tx, whole, looking.ahead, today=looking.today, zone=looking.zone, now=now, threshold=threshold)
        return [(one.on, one.id) for one in found]

    further = await look_through(place, stages=len(looking.stages), look_at=look_at, limit=limit)
    if further is None:
        done = upsert(PassRow).values(what=NOTICES, done_on=looking.today)
        await tx.execute(done.on_conflict_do_update(index_elements=["what"], set_={"done_on": func.greatest(PassRow.done_on, done.excluded.done_on)}))
    return further


async def tell_short_trial(tx: Tx, subscription_id: UUID, ahead: Ahead, *, today: date, zone: str, now: datetime) -> None:
    """A trial that is not longer than its notice is told of when it begins: its threshold has come before it was there."""
    found = await queries.one_nearing(tx, subscription_id)
    if found is not None and found.row.period_index < 0 and found.row.trial_days > 0 and (found.on - today).days <= ahead.trial:
        await _tell(tx, [found], ahead, today=today, zone=zone, now=now, threshold=ahead.trial)


async def _tell(tx: Tx, found: Sequence[Nearing], ahead: Ahead, *, today: date, zone: str, now: datetime, threshold: int) -> None:
    cards = await payments.charged_cards(tx, {one.customer_id for one in found})
    due = [(one, notice) for one in found if (notice := _due(one, cards, ahead, today=today, zone=zone)) and notice.days_before == threshold]
    due.sort(key=lambda pair: (str(pair[0].customer_id), *_kind(pair), str(pair[0].id)))
    for (customer_id, *_rest), together in groupby(due, key=lambda pair: (pair[0].customer_id, *_kind(pair))):
        pairs = list(together)
        group_id = new_id()
        if await _note(tx, pairs, group_id, now=now):
            notice = pairs[0][1]
            told = NoticeDue(group_id=group_id, customer_id=customer_id, kind=notice.kind, on_day=notice.on, days_before=notice.days_before)
            await publish(tx, told, now=now)


def _due(one: Nearing, cards: Collection[UUID], ahead: Ahead, *, today: date, zone: str) -> Notice | None:
    return notice_due(one.outlook(zone=zone, cards=cards), ahead, today=today)


def _kind(pair: tuple[Nearing, Notice]) -> tuple[str, str, date, bool]:
    one, notice = pair
    return one.currency, notice.kind, notice.on, one.row.billed_index > one.row.period_index


async def _note(tx: Tx, pairs: Sequence[tuple[Nearing, Notice]], group_id: UUID, *, now: datetime) -> bool:
    """Whether any of them is told by this: those that were told before stay with their own mail."""
    rows = [
        {
            "subscription_id": one.id,
            "on_day": notice.on,
            "days_before": notice.days_before,
            "customer_id": one.customer_id,
            "group_id": group_id,
            "kind": notice.kind,
            "created_at": now,
        }
        for one, notice in pairs
    ]
    fresh = await tx.execute(upsert(NoticeRow).values(rows).on_conflict_do_nothing().returning(NoticeRow.subscription_id))
    return bool(fresh.all())
