"""Holding units of a quota: atomic, durable, and never above the limit, whoever asks at the same time.

Many requests share a statement: their amounts are summed by license and resource, rows are locked in one order, and a sum is taken
whole or not at all. Whoever might still fit alone, where the sum does not, is asked again alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

import asyncpg

from nextbill.capabilities.licensing.commands.months import ensure_months
from nextbill.capabilities.licensing.errors import ExternalIdReused, QuotaExceeded, ReservationCommitted, ReservationGone, ReservationNotFound
from nextbill.capabilities.licensing.rules.usage import ReservationState
from nextbill.kernel.ids import new_id
from nextbill.runtime.batching import Batcher, Lines

# `license_id` is null where the license may not be reserved from (rules.verdict says why not). A hold that exists already is answered as it is: `known_`.
# `offset 0` keeps the look-up one by both columns of its index: left to itself, the planner reads all that the license ever reserved. What is joined by
# scans of a batch is joined once, since that grows by its square. A request that is sent again within a batch is in it once (`Request`).
RESERVE: Final = """
with asked as materialized (
  select a.*, l.id as license_id, l.customer_id, k.id as known_id, k.resource as known_resource, k.quantity as known_quantity, k.state as known_state,
    k.expires_at as known_expires_at, k.limit_count as known_limit, k.used_count as known_used, k.reserved_count as known_reserved
  from unnest($1::int[], $2::bytea[], $3::text[], $4::int[], $5::text[], $6::uuid[], $7::timestamptz[], $8::uuid[], $9::timestamptz[])
    as a(n, key_hash, resource, quantity, external_id, id, expires_at, server_id, now)
  left join licensing_license l on l.key_hash = a.key_hash and l.state = 'active' and (l.expires_at is null or l.expires_at > a.now)
    and (a.server_id is null or l.server_id is null or l.server_id = a.server_id)
  left join lateral (
    select r.id, r.resource, r.quantity, r.state, r.expires_at, q.limit_count, q.used_count, q.reserved_count from licensing_reservation r
    join licensing_quota q on q.license_id = r.license_id and q.resource = r.resource where r.license_id = l.id and r.external_id = a.external_id offset 0
  ) k on true
), wanted as materialized (
  select license_id, resource, sum(quantity)::int as total from asked
  where license_id is not null and known_id is null group by license_id, resource
), held as materialized (
  select q.license_id, q.resource, q.limit_count, q.used_count, q.reserved_count, w.total,
    q.limit_count is null or q.used_count::bigint + q.reserved_count + w.total <= q.limit_count as fits
  from wanted w join licensing_quota q on q.license_id = w.license_id and q.resource = w.resource
  order by q.license_id, q.resource for update of q
), taken as (
  update licensing_quota q set reserved_count = q.reserved_count + h.total from held h
  where h.fits and q.license_id = h.license_id and q.resource = h.resource
), made as (
  insert into licensing_reservation (id, license_id, resource, customer_id, quantity, external_id, state, expires_at, created_at)
  select a.id, a.license_id, a.resource, a.customer_id, a.quantity, a.external_id, 'held', a.expires_at, a.now
  from asked a join held h on h.license_id = a.license_id and h.resource = a.resource where a.known_id is null and h.fits
)
select a.n, coalesce(h.fits, false), case when h.fits then null else a.license_id end, h.limit_count, h.used_count, h.reserved_count, h.total,
  a.known_id, a.known_resource, a.known_quantity, a.known_state, a.known_expires_at, a.known_limit, a.known_used, a.known_reserved
from asked a left join held h on h.license_id = a.license_id and h.resource = a.resource and a.known_id is null
"""

# Holds that ran out, of one license (freed before somebody is told that there is no room) or of all (by a tick).
FREE: Final = """
with gone as materialized (
  select id, license_id, resource, quantity from licensing_reservation
  where state = 'held' and expires_at <= $1 and ($2::uuid is null or license_id = $2) order by id limit 1000 for update skip locked
), ended as (
  update licensing_reservation r set state = 'expired', settled_at = $1 from gone g where r.id = g.id
), sums as materialized (
  select license_id, resource, sum(quantity)::int as total from gone group by license_id, resource
), locked as materialized (
  select q.license_id, q.resource, s.total from sums s join licensing_quota q on q.license_id = s.license_id and q.resource = s.resource
  order by q.license_id, q.resource for update of q
)
update licensing_quota q set reserved_count = q.reserved_count - k.total from locked k
where q.license_id = k.license_id and q.resource = k.resource returning k.total
"""

FIND: Final = """
select r.id, r.resource, r.quantity, r.state, r.expires_at, r.license_id, q.limit_count, q.used_count, q.reserved_count
from licensing_reservation r
join licensing_license l on l.id = r.license_id
join licensing_quota q on q.license_id = r.license_id and q.resource = r.resource
where r.id = $1 and ($2::uuid is null or l.server_id is null or l.server_id = $2)
"""

RELEASE: Final = """
with done as (
  update licensing_reservation r set state = 'released', settled_at = $2 from licensing_license l
  where r.id = $1 and r.state = 'held' and l.id = r.license_id and ($3::uuid is null or l.server_id is null or l.server_id = $3)
  returning r.license_id, r.resource, r.quantity
)
update licensing_quota q set reserved_count = q.reserved_count - d.quantity from done d
where q.license_id = d.license_id and q.resource = d.resource returning q.license_id
"""

COMMIT: Final = """
with done as (
  update licensing_reservation r set state = 'committed', settled_at = $2 from licensing_license l
  where r.id = $1 and r.state = 'held' and r.expires_at > $2 and l.id = r.license_id and ($4::uuid is null or l.server_id is null or l.server_id = $4)
  returning r.license_id, r.customer_id, r.resource, r.quantity
), moved as (
  update licensing_quota q set reserved_count = q.reserved_count - d.quantity, used_count = q.used_count + d.quantity from done d
  where q.license_id = d.license_id and q.resource = d.resource
  returning q.license_id, q.resource, q.limit_count, q.used_count, d.quantity, d.customer_id
), logged as (
  insert into licensing_usage_event (id, at, license_id, resource, customer_id, action, count, used_before, used_after, limit_count)
  select $3, $2, license_id, resource, customer_id, 'committed', quantity, used_count - quantity, used_count, limit_count from moved
)
select license_id, resource, customer_id, limit_count, used_count from moved
"""


class Request(NamedTuple):
    """`reservation_id` is made by us for each request; `external_id` is the panel's, by which a repeated request is known.

    Sent again it is the same question, and both are answered with what the first of them got. Two that differ and have one id break their batch, and
    are asked alone.
    """

    key_hash: bytes
    resource: str
    quantity: int
    external_id: str
    reservation_id: UUID
    expires_at: datetime
    server_id: UUID | None
    now: datetime

    def __hash__(self) -> int:
        return hash((self.key_hash, self.external_id))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Request) and self._question == other._question

    @property
    def _question(self) -> tuple[object, ...]:
        return self.key_hash, self.external_id, self.server_id, self.resource, self.quantity


class Reservation(NamedTuple):
    """`remaining` is None where unlimited; `repeated`: this external id was known already."""

    id: UUID
    resource: str
    quantity: int
    state: ReservationState
    expires_at: datetime
    remaining: int | None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Grown:
    """A resource of which more is used than before: somebody may have to be warned."""

    license_id: UUID
    customer_id: UUID
    resource: str
    limit: int | None
    used: int


class _Answer(NamedTuple):
    """`license_id` where nothing was taken. `counted` False: the license can't be reserved from, or has no such resource."""

    license_id: UUID | None
    counted: bool
    reservation: Reservation | None
    room: int | None


async def free_expired(lines: Lines, *, now: datetime, license_id: UUID | None = None) -> bool:
    """Holds that ran out give back what they held; True where there were any. At most a thousand at once."""
    return bool(await lines.fetch(FREE, now, license_id))


class Reservations:
    """Holds, commits and releases. All of it is durable before it is answered."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._together: Batcher[Request, _Answer] = Batcher(lines.lane(RESERVE), values=_values, read=_read)
        self._alone: Batcher[Request, _Answer] = Batcher(lines.lane(RESERVE), values=_values, read=_read, size=1)

    async def hold(self, request: Request) -> Reservation | None:
        """None where the license can't be reserved from or has no such resource: `facts` tell why.

        QuotaExceeded, ExternalIdReused.
        """
        try:
            answer = await self._together.ask(request)
        except asyncpg.UniqueViolationError:  # the same external id at the same moment, in another process, of this or of one beside it
            answer = await self._ask_alone(request)
        if not answer.counted:
            return None
        if answer.reservation is None:
            answer = await self._once_more(request, answer)
            if not answer.counted:  # suspended meanwhile
                return None
        held = answer.reservation
        if held is None:
            room = max(0, answer.room or 0)
            raise QuotaExceeded(f"There is room for {room} more.", resource=request.resource, remaining_quota=room)
        if (held.resource, held.quantity) != (request.resource, request.quantity):
            raise ExternalIdReused
        return held if held.repeated or held.id == request.reservation_id else held._replace(repeated=True)

    async def _once_more(self, request: Request, answer: _Answer) -> _Answer:
        """Alone, since the sum of a batch is refused as a whole; and after what ran out has been freed."""
        if answer.room is not None and answer.room >= request.quantity:
            answer = await self._ask_alone(request)
        if answer.reservation is None and await free_expired(self._lines, now=request.now, license_id=answer.license_id):
            answer = await self._ask_alone(request)
        return answer

    async def _ask_alone(self, request: Request) -> _Answer:
        try:
            return await self._alone.ask(request)
        except asyncpg.UniqueViolationError:  # committed while this one waited for it: now it is known
            return await self._alone.ask(request)

    async def use_held(self, reservation_id: UUID, *, server_id: UUID | None, now: datetime) -> tuple[Reservation, Grown | None]:
        """What was held is used from now on. Again: the same answer. ReservationNotFound, ReservationGone."""
        values = (reservation_id, now, new_id(), server_id)
        try:
            moved = await self._lines.fetch(COMMIT, *values)
        except asyncpg.CheckViolationError:  # no partition for this month yet
            await ensure_months(self._lines, now)
            moved = await self._lines.fetch(COMMIT, *values)
        grown = None
        if moved:
            license_id, resource, customer_id, limit, used = moved[0]
            grown = Grown(license_id, customer_id, resource, limit, used)
        found = await self.find(reservation_id, server_id=server_id)
        if found.state != "committed":
            raise ReservationGone(state="expired" if found.state == "held" else found.state)
        return found, grown

    async def release(self, reservation_id: UUID, *, server_id: UUID | None, now: datetime) -> Reservation:
        """Given back. Again, or after it ran out: the same answer. ReservationNotFound, ReservationCommitted."""
        await self._lines.fetch(RELEASE, reservation_id, now, server_id)
        found = await self.find(reservation_id, server_id=server_id)
        if found.state == "committed":
            raise ReservationCommitted
        return found

    async def find(self, reservation_id: UUID, *, server_id: UUID | None) -> Reservation:
        """ReservationNotFound: there is none, or it is another server's."""
        rows = await self._lines.fetch(FIND, reservation_id, server_id)
        if not rows:
            raise ReservationNotFound
        found_id, resource, quantity, state, expires_at, _license, limit, used, reserved = rows[0]
        return Reservation(found_id, resource, quantity, state, expires_at, _remaining(limit, used, reserved))


def _values(requests: Sequence[Request]) -> Sequence[object]:
    return (list(range(len(requests))), *(list(column) for column in zip(*requests, strict=True)))


def _read(requests: Sequence[Request], rows: Sequence[Any]) -> list[_Answer]:
    found: list[_Answer | None] = [None] * len(requests)
    for n, taken, license_id, limit, used, reserved, total, *known in rows:
        if known[0] is not None:
            found[n] = _Answer(license_id, counted=True, reservation=_known(known), room=None)
        elif used is None:
            found[n] = _Answer(license_id, counted=False, reservation=None, room=None)
        elif taken:
            made, room = requests[n], _remaining(limit, used, reserved + total)
            held = Reservation(made.reservation_id, made.resource, made.quantity, "held", made.expires_at, room)
            found[n] = _Answer(None, counted=True, reservation=held, room=room)
        else:
            found[n] = _Answer(license_id, counted=True, reservation=None, room=_remaining(limit, used, reserved))
    return cast("list[_Answer]", found)  # the statement has a row for each


def _known(row: Sequence[Any]) -> Reservation:
    held_id, resource, quantity, state, expires_at, limit, used, reserved = row
    return Reservation(held_id, resource, quantity, state, expires_at, _remaining(limit, used, reserved), repeated=True)


def _remaining(limit: int | None, used: int, reserved: int) -> int | None:
    return None if limit is None else max(0, limit - used - reserved)
