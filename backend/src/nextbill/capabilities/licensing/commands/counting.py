"""Counting what panels say exists: each event once, never below zero, over the limit told and harming nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

import asyncpg

from nextbill.capabilities.licensing.commands.months import ensure_months
from nextbill.capabilities.licensing.commands.reserving import Grown
from nextbill.capabilities.licensing.rules.usage import THRESHOLDS, UsageAction, month_of, percent
from nextbill.kernel.clock import business_date
from nextbill.kernel.ids import new_id
from nextbill.runtime.batching import Batcher, Lines

# Events of one quota are counted in the order in which they came, by running sums, if no sum of them falls below zero and none sets the
# count; else `crowded`, and each is asked again alone, as is an event that comes twice: whether the first is counted is not known yet.
# What is counted is what the receipts took in, so that nothing counts twice.
COUNT: Final = """
with asked as materialized (
  select * from unnest($1::int[], $2::bytea[], $3::text[], $4::text[], $5::int[], $6::text[], $7::timestamptz[], $8::uuid[], $9::uuid[],
    $10::timestamptz[]) as a(n, key_hash, resource, action, count, event_id, occurred_at, server_id, id, now)
), licensed as materialized (
  select a.*, l.id as license_id, l.customer_id, a.server_id is not null and l.server_id is not null and a.server_id <> l.server_id as elsewhere
  from asked a join licensing_license l on l.key_hash = a.key_hash
), touched as materialized (
  select distinct license_id, resource from licensed where not elsewhere
), held as materialized (
  select q.license_id, q.resource, q.limit_count, q.used_count, q.reserved_count, q.set_at
  from touched t join licensing_quota q on q.license_id = t.license_id and q.resource = t.resource
  order by q.license_id, q.resource for update of q
), seen as materialized (
  select l.n, exists (select from licensing_usage_receipt r where r.license_id = l.license_id and r.event_id = l.event_id) as known,
    row_number() over (partition by l.license_id, l.event_id order by l.n) > 1 as again
  from licensed l join held h on h.license_id = l.license_id and h.resource = l.resource where not l.elsewhere
), candidate as materialized (
  select l.*, h.limit_count, h.used_count, l.action = 'set' and coalesce(h.set_at > l.occurred_at, false) as stale,
    case l.action when 'created' then l.count when 'deleted' then -l.count else l.count - h.used_count end as change,
    bool_or(l.action = 'set') over quota and count(*) over quota > 1 as mixed
  from licensed l join held h on h.license_id = l.license_id and h.resource = l.resource join seen s on s.n = l.n
  where not (s.known or s.again) window quota as (partition by l.license_id, l.resource)
), summed as materialized (
  select c.*, c.used_count + sum(c.change) over (partition by c.license_id, c.resource order by c.n) as sum from candidate c
), judged as materialized (
  select s.*, min(s.sum) over quota as lowest, max(s.sum) over quota as highest, count(*) over quota as size
  from summed s window quota as (partition by s.license_id, s.resource)
), receipt as (
  insert into licensing_usage_receipt (license_id, event_id, customer_id, received_at)
  select license_id, event_id, customer_id, now from judged where lowest >= 0 and highest <= $11 and not mixed and not stale
  on conflict do nothing returning license_id, event_id
), fresh as materialized (
  select j.*, j.used_count + sum(j.change) over (partition by j.license_id, j.resource order by j.n) as used_after
  from judged j join receipt r on r.license_id = j.license_id and r.event_id = j.event_id
), last as materialized (
  select distinct on (license_id, resource) * from fresh order by license_id, resource, n desc
), moved as (
  update licensing_quota q set used_count = f.used_after, set_at = case f.action when 'set' then f.occurred_at else q.set_at end
  from last f where q.license_id = f.license_id and q.resource = f.resource
), logged as (
  insert into licensing_usage_event (id, at, license_id, resource, customer_id, action, count, used_before, used_after, limit_count, event_id)
  select id, now, license_id, resource, customer_id, action, count, used_after - change, used_after, limit_count, event_id from fresh
)
select a.n, l.license_id, l.customer_id, l.elsewhere, h.license_id is not null, f.n is not null, coalesce(j.stale, false),
  coalesce(j.size > 1 and (j.mixed or j.lowest < 0 or j.highest > $11), false) or coalesce(s.again and not s.known, false),
  h.limit_count, coalesce(f.used_after - f.change, h.used_count),
  h.reserved_count, coalesce(f.used_after, j.sum, h.used_count)
from asked a left join licensed l on l.n = a.n left join held h on h.license_id = l.license_id and h.resource = l.resource and not l.elsewhere
left join seen s on s.n = a.n left join judged j on j.n = a.n left join fresh f on f.n = a.n
"""

WARNED_MAX: Final = 50_000
"""Of how many quotas this process remembers that it warned; the row in the database is what makes it once."""

WARN: Final = """
insert into licensing_alert (id, license_id, resource, customer_id, threshold, period, limit_count, used_count, raised_at)
select $1, $2, $3, $4, $5, $6, $7, $8, $9
where not exists (
  select from licensing_alert where license_id = $2 and resource = $3 and period = $6 and limit_count = $7 and threshold >= $5
) on conflict do nothing
"""

COUNT_HIGHEST: Final = 2_000_000_000
"""What the column can hold, a little rounded."""

Outcome = Literal["crowded", "applied", "known", "stale", "below_zero", "too_high", "unknown_license", "wrong_server", "unknown_resource"]

_NOT_YET_SURE: Final[frozenset[Outcome]] = frozenset({"crowded", "below_zero", "too_high"})
"""Asked once more: the same event, counted by another process while this one waited for the row, would be refused for its own effect."""


class Event(NamedTuple):
    """What a panel tells. `occurred_at` orders reports that set a count; `id` is ours, for the history.

    No two are one question, whatever they hold: each is itself alone, which also spares hashing all of it.
    """

    key_hash: bytes
    resource: str
    action: UsageAction
    quantity: int
    event_id: str
    occurred_at: datetime
    server_id: UUID | None
    id: UUID
    now: datetime

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class Counted(NamedTuple):
    """What is counted after the event, or without it where it changed nothing. `remaining` None: unlimited.

    `grown` also of an event that was known: the process that counted it may have died before it warned, and then the panel, unanswered, sends it again.
    """

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
        self._warned: dict[tuple[UUID, str], tuple[date, int | None, int]] = {}
        self._together: Batcher[Event, Counted] = Batcher(lines.lane(COUNT), values=_values, read=_read)
        self._alone: Batcher[Event, Counted] = Batcher(lines.lane(COUNT), values=_values, read=_read, apart=lambda event: event.key_hash)

    async def count(self, event: Event) -> Counted:
        """Durable before it is answered."""
        try:
            found = await self._together.ask(event)
        except asyncpg.CheckViolationError:
            # No partition for this month yet; or an event of the batch was counted by another process meanwhile, and the sum without it fell below zero.
            await ensure_months(self._lines, event.now)
            found = await self._alone.ask(event)
        if found.outcome in _NOT_YET_SURE:
            found = await self._alone.ask(event)
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
        about, known = (grown.license_id, grown.resource), (period, grown.limit, reached)
        if self._warned.get(about) == known:
            return
        if len(self._warned) >= WARNED_MAX:
            self._warned.clear()
        self._warned[about] = known
        try:
            await self._lines.fetch(
                WARN, new_id(), grown.license_id, grown.resource, grown.customer_id, reached, period, grown.limit, grown.used, now
            )
        except Exception:
            self._warned.pop(about, None)  # not warned: the next growth tries again
            raise


def _values(events: Sequence[Event]) -> Sequence[object]:
    return (list(range(len(events))), *(list(column) for column in zip(*events, strict=True)), COUNT_HIGHEST)


def _read(events: Sequence[Event], rows: Sequence[Any]) -> list[Counted]:
    found = [Counted("unknown_license")] * len(events)
    for n, license_id, customer_id, elsewhere, counted, fresh, stale, crowded, limit, used, reserved, after in rows:
        if license_id is None:
            continue
        if not counted:
            found[n] = Counted("wrong_server" if elsewhere else "unknown_resource")
        elif fresh:
            grown = Grown(license_id, customer_id, events[n].resource, limit, int(after)) if after > used else None
            found[n] = Counted("applied", int(after), limit, reserved, grown)
        else:
            outcome: Outcome = "crowded" if crowded else _unchanged(stale=stale, after=after)
            grown = Grown(license_id, customer_id, events[n].resource, limit, int(used)) if outcome == "known" else None
            found[n] = Counted(outcome, int(used), limit, reserved, grown)
    return found


def _unchanged(*, stale: bool, after: int) -> Outcome:
    """Why an event changed nothing. What could have been counted and was not has been counted before: it is known."""
    if stale:
        return "stale"
    return "below_zero" if after < 0 else "too_high" if after > COUNT_HIGHEST else "known"
