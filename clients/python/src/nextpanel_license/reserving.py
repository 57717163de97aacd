"""Flows of reservations: quota is held, then what was made is kept or the hold is given back."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from nextpanel_license.core import Core, Flow, exchange
from nextpanel_license.errors import Conflict, LicenseError, LicenseRefused, NotFound, Unreachable
from nextpanel_license.holdings import named
from nextpanel_license.leases import Lease
from nextpanel_license.reporting import put, usage_entry
from nextpanel_license.shapes import STANDING, Entry, Reservation, refusal
from nextpanel_license.validating import closed, end_lease, own_count, standing_lease
from nextpanel_license.wire import ask_reserve, ask_settle, read_reservation

log = logging.getLogger("nextpanel_license")


@dataclass(frozen=True)
class Wish:
    """What is to be held. `external_id` stays the same over all tries; `used` is the panel's own count, if it has one."""

    license_key: str = field(repr=False)
    resource: str
    quantity: int
    ttl_seconds: int
    external_id: str
    used: int | None


def reserve(core: Core, wish: Wish) -> Flow[Reservation]:
    """QuotaExceeded, LicenseRefused; while billing can't be reached the lease decides, and Unreachable where none stands."""
    name = named(wish.license_key)
    lease = core.holdings.lease(name, now=core.clock.now())
    if core.is_away:
        lease = yield from standing_lease(core, name)
        if lease is not None:
            return (yield from _by_lease(core, wish, lease))
    try:
        found = yield from _by_billing(core, wish, tries=None if lease is None else 1)
    except Unreachable as away:
        core.note_away(away)
        lease = yield from standing_lease(core, name)
        if lease is None:
            raise closed(core, name, away) from away
        return (yield from _by_lease(core, wish, lease))
    except LicenseError as error:
        core.note_back()
        if isinstance(error, LicenseRefused) and error.reason in STANDING:
            yield from end_lease(core, name, core.clock.now())
        raise
    core.note_back()
    return found


def _by_billing(core: Core, wish: Wish, *, tries: int | None) -> Flow[Reservation]:
    request = ask_reserve(
        wish.license_key, resource=wish.resource, quantity=wish.quantity, ttl_seconds=wish.ttl_seconds, external_id=wish.external_id
    )
    answer = yield from exchange(core, request, tries=tries)
    found = read_reservation(answer, external_id=wish.external_id, license_key=wish.license_key)
    if found.status not in {"held", "committed"}:
        message = f"The reservation of this external_id is {found.status} already. Take another id."
        raise Conflict(message, details={"status": found.status}, code="reservation_gone")
    return found


def _by_lease(core: Core, wish: Wish, lease: Lease) -> Flow[Reservation]:
    """Counted here among what is being made, until it is committed or released."""
    resource = wish.resource
    if resource not in lease.limits:
        raise refusal("unknown_feature", resource, 0)
    own = yield from own_count(core, wish.license_key, resource, wish.used)
    as_of_lease = lease.used.get(resource, 0)
    left = core.tally.take(named(wish.license_key), resource, wish.quantity, limit=lease.limits[resource], as_of_lease=as_of_lease, own=own)
    if left is not None and left < 0:
        raise refusal("quota_exceeded", resource, 0)
    ends = datetime.fromtimestamp(min(core.clock.now() + wish.ttl_seconds, lease.expires_at), timezone.utc)
    return Reservation(wish.external_id, resource, wish.quantity, "held", "lease", None, left, ends, wish.license_key)


def commit(core: Core, held: Reservation) -> Flow[Reservation]:
    """What was made is counted, whatever happens: now, or when billing answers again. The thing exists, so this does not fail for a hold that ran out."""
    if held.id is None:
        yield from put(core, _as_usage(core, held))
        core.tally.done(named(held.license_key), held.resource, held.quantity)
        return replace(held, status="deferred")
    try:
        answer = yield from exchange(core, ask_settle(held.id, "commit"))
        return read_reservation(answer, external_id=held.external_id, license_key=held.license_key)
    except Unreachable as away:
        core.note_away(away)
        yield from put(core, deferred(core, held))
        return replace(held, status="deferred")
    except (Conflict, NotFound) as gone:
        log.warning("A reservation was over before its commit (%s): what was made is reported as usage.", gone.code)
        yield from put(core, _as_usage(core, held))
        return replace(held, status="counted")
    except LicenseError as error:
        log.warning("A commit was refused and is kept, to be sent again: %s", error)
        yield from put(core, deferred(core, held))
        return replace(held, status="deferred")


def release(core: Core, held: Reservation) -> Flow[Reservation]:
    """Gives the hold back. Where billing can't be told, the hold ends by itself at its time."""
    if held.id is None:
        core.tally.done(named(held.license_key), held.resource, held.quantity)
        return replace(held, status="released")
    try:
        answer = yield from exchange(core, ask_settle(held.id, "release"), tries=2)
        return read_reservation(answer, external_id=held.external_id, license_key=held.license_key)
    except Unreachable as away:
        core.note_away(away)
        log.warning("A hold could not be released (%s); it ends by itself at %s.", away.why, held.expires_at)
        return replace(held, status="expired")


def give_up(core: Core, held: Reservation) -> Flow[Reservation]:
    """Release while an error of the caller's is under way: that one is told, not ours."""
    try:
        return (yield from release(core, held))
    except LicenseError as error:
        log.warning("A hold could not be released: %s It ends by itself at %s.", error, held.expires_at)
        return replace(held, status="expired")


def deferred(core: Core, held: Reservation) -> Entry:
    """The commit, to be sent when billing answers again; with what it needs to become usage where the hold is over by then."""
    body = {"reservation_id": held.id, "usage": _as_usage(core, held).body}
    return Entry(f"commit:{held.external_id}", "commit", body)


def _as_usage(core: Core, held: Reservation) -> Entry:
    return usage_entry(
        license_key=held.license_key, resource=held.resource, action="created", count=held.quantity, event_id=held.external_id, at=core.clock.utc()
    )
