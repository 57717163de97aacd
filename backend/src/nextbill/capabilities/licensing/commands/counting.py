"""Counting what panels say exists: each event once, never below zero, over the limit told and harming nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

import asyncpg

from nextbill.capabilities.licensing.commands.months import ensure_months
from nextbill.capabilities.licensing.commands.reserving import Grown
from nextbill.capabilities.licensing.rules.usage import THRESHOLDS, UsageAction, month_of, percent
from nextbill.kernel.clock import business_date
from nextbill.kernel.ids import new_id
from nextbill.runtime.batching import Batcher, Lines

# Rows of one quota are never twice in a batch, so that each event is counted from what the one before it left.
COUNT: Final = """
with asked as materialized (
  select * from unnest($1::int[], $2::bytea[], $3::text[], $4::text[], $5::int[], $6::text[], $7::timestamptz[], $8::uuid[], $9::uuid[],
    $10::timestamptz[]) as a(n, key_hash, resource, action, count, event_id, occurred_at, server_id, id, now)
), licensed as materialized (
  select a.*, l.id as license_id, l.customer_id, a.server_id is not null and l.server_id is not null and a.server_id <> l.server_id as elsewhere
  from asked a join licensing_license l on l.key_hash = a.key_hash
), held as materialized (
  select l.n, q.license_id, q.resource, q.limit_count, q.used_count, q.reserved_count, q.set_at
  from licensed l join licensing_quota q on q.license_id = l.license_id and q.resource = l.resource
  where not l.elsewhere order by q.license_id, q.resource for update of q
), counted as materialized (
  select l.*, h.limit_count, h.used_count, h.reserved_count, l.action = 'set' and h.set_at > l.occurred_at as stale,
    case l.action when 'created' then h.used_count::bigint + l.count when 'deleted' then h.used_count::bigint - l.count else l.count end as used_after
  from held h join licensed l on l.n = h.n
), receipt as (
  insert into licensing_usage_receipt (license_id, event_id, customer_id, received_at)
  select license_id, event_id, customer_id, now from counted where used_after between 0 and $11 and not coalesce(stale, false)
  on conflict do nothing returning license_id, event_id
), fresh as materialized (
  select c.* from counted c join receipt r on r.license_id = c.license_id and r.event_id = c.event_id
), moved as (
  update licensing_quota q set used_count = f.used_after, set_at = case f.action when 'set' then f.occurred_at else q.set_at end
  from fresh f where q.license_id = f.license_id and q.resource = f.resource
), logged as (
  insert into licensing_usage_event (id, at, license_id, resource, customer_id, action, count, used_before, used_after, limit_count, event_id)
  select id, now, license_id, resource, customer_id, action, count, used_count, used_after, limit_count, event_id from fresh
)
select a.n, l.license_id, l.customer_id, l.elsewhere, c.n is not null, f.n is not null,
  exists (select from licensing_usage_receipt r where r.license_id = l.license_id and r.event_id = a.event_id),
  coalesce(c.stale, false), c.limit_count, c.used_count, c.reserved_count, c.used_after
from asked a left join licensed l on l.n = a.n left join counted c on c.n = a.n left join fresh f on f.n = a.n
"""

WARN: Final = """
insert into licensing_alert (id, license_id, resource, customer_id, threshold, period, limit_count, used_count, raised_at)
select $1, $2, $3, $4, $5, $6, $7, $8, $9
where not exists (
  select from licensing_alert where license_id = $2 and resource = $3 and period = $6 and limit_count = $7 and threshold >= $5
) on conflict do nothing
"""

COUNT_HIGHEST: Final = 2_000_000_000
"""What the column can hold, a little rounded."""

Outcome = Literal["applied", "known", "stale", "below_zero", "too_high", "unknown_license", "wrong_server", "unknown_resource"]


class Event(NamedTuple):
    """What a panel tells. `occurred_at` orders reports that set a count; `id` is ours, for the history."""

    key_hash: bytes
    resource: str
    action: UsageAction
    quantity: int
    event_id: str
    occurred_at: datetime
    server_id: UUID | None
    id: UUID
    now: datetime


class Counted(NamedTuple):
    """What is counted after the event, or without it where it changed nothing. `remaining` None: unlimited."""

    outcome: Outcome
    used: int = 0
    limit: int | None = None
    reserved: int = 0
    grown: Grown | None = None

    @property
    def remaining(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used - self.reserved)

    @property
    def over_limit(self) -> bool:
        return self.limit is not None and self.used > self.limit


class UsageCounter:
    def __init__(self, lines: Lines, *, zone: str) -> None:
        """`zone`: the seller's, whose months alerts go by."""
        self._lines, self._zone = lines, zone
        self._events: Batcher[Event, Counted] = Batcher(
            lines.lane(COUNT), values=_values, read=_read, apart=lambda event: (event.key_hash, event.resource)
        )

    async def count(self, event: Event) -> Counted:
        """Durable before it is answered."""
        try:
            found = await self._events.ask(event)
        except asyncpg.CheckViolationError:  # no partition for this month yet
            await ensure_months(self._lines, event.now)
            found = await self._events.ask(event)
        if found.grown is not None:
            await self.warn(found.grown, now=event.now)
        return found

    async def warn(self, grown: Grown, *, now: datetime) -> None:
        """The highest threshold that is reached, once a month for each limit. A worker tells the owner of it."""
        share = percent(grown.used, grown.limit)
        reached = max((step for step in THRESHOLDS if share is not None and share >= step), default=None)
        if reached is None:
            return
        period = month_of(business_date(now, self._zone))
        await self._lines.fetch(WARN, new_id(), grown.license_id, grown.resource, grown.customer_id, reached, period, grown.limit, grown.used, now)


def _values(events: Sequence[Event]) -> Sequence[object]:
    return (list(range(len(events))), *(list(column) for column in zip(*events, strict=True)), COUNT_HIGHEST)


def _read(events: Sequence[Event], rows: Sequence[Any]) -> list[Counted]:
    found = [Counted("unknown_license")] * len(events)
    for n, license_id, customer_id, elsewhere, counted, fresh, known, stale, limit, used, reserved, after in rows:
        if license_id is None:
            continue
        if not counted:
            found[n] = Counted("wrong_server" if elsewhere else "unknown_resource")
        elif fresh:
            grown = Grown(license_id, customer_id, events[n].resource, limit, after) if after > used else None
            found[n] = Counted("applied", after, limit, reserved, grown)
        else:
            found[n] = Counted(_unchanged(known=known, stale=stale, after=after), used, limit, reserved)
    return found


def _unchanged(*, known: bool, stale: bool, after: int) -> Outcome:
    """Why an event changed nothing. What could have been counted and was not is being counted by another process: it is known."""
    if known:
        return "known"
    if stale:
        return "stale"
    return "below_zero" if after < 0 else "too_high" if after > COUNT_HIGHEST else "known"
