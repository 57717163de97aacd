"""Telling registrants that their names expire: each once for each threshold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.domains import queries
from nextbill.capabilities.domains.events import DomainExpiring
from nextbill.capabilities.domains.models import NoticeRow, PassRow
from nextbill.capabilities.domains.rules import ICANN_NOTICES, notice_due
from nextbill.kernel.thresholds import newly_come
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish
from nextbill.runtime.looks import Place, Spot, look_through

NOTICES = "notices"


@dataclass(frozen=True, slots=True)
class Looking:
    """A look at all that has come near after `since` and by `today`."""

    series: tuple[int, ...]
    since: date
    today: date

    @property
    def thresholds(self) -> list[int]:
        return _all(self.series)


async def since_when(tx: Tx, series: tuple[int, ...], *, today: date) -> date | None:
    """After which day nothing was looked at yet; None where today's look is done."""
    done = await queries.looked_until(tx, NOTICES)
    if done is not None and done >= today:
        return None
    farthest = today - timedelta(days=_all(series)[0] + 1)
    return farthest if done is None else max(done, farthest)


async def look_for_expiring(tx: Tx, looking: Looking, place: Place, *, now: datetime, limit: int) -> Place | None:
    """A chunk of it; where to go on, None at the end. Run twice it tells nobody twice: the notice's key decides."""

    async def look_at(at: Place) -> list[Spot]:
        threshold = looking.thresholds[at.stage]
        first, last = newly_come(threshold, since=looking.since, today=looking.today)
        found = await queries.expiring(tx, first=first, last=last, after=at.after, limit=limit, today=looking.today)
        for one in found:
            left = (one.expires_on - looking.today).days
            if notice_due(one.tld, looking.series, left=left, by_itself=one.outlook == "automatic") == threshold:
                await _tell(tx, one, threshold, now=now)
        return [(one.expires_on, one.id) for one in found]

    further = await look_through(place, stages=len(looking.thresholds), look_at=look_at, limit=limit)
    if further is None:
        done = upsert(PassRow).values(what=NOTICES, done_on=looking.today)
        await tx.execute(done.on_conflict_do_update(index_elements=["what"], set_={"done_on": func.greatest(PassRow.done_on, done.excluded.done_on)}))
    return further


async def _tell(tx: Tx, one: queries.Expiring, threshold: int, *, now: datetime) -> None:
    values = {"domain_id": one.id, "expires_on": one.expires_on, "days_before": threshold, "customer_id": one.customer_id, "created_at": now}
    fresh = await tx.execute(upsert(NoticeRow).values(**values).on_conflict_do_nothing().returning(NoticeRow.domain_id))
    if fresh.first() is not None:
        told = DomainExpiring(domain_id=one.id, customer_id=one.customer_id, expires_on=one.expires_on, days_before=threshold, outlook=one.outlook)
        await publish(tx, told, now=now)


def _all(series: tuple[int, ...]) -> list[int]:
    return sorted({*series, *ICANN_NOTICES}, reverse=True)
