"""Flows of the question "may I?", and of the leases that answer it while billing can't."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from nextpanel_license.core import Blocking, Core, Count, Flow, exchange
from nextpanel_license.errors import LeaseInvalid, LicenseError, Unreachable
from nextpanel_license.holdings import named
from nextpanel_license.leases import Lease, UnknownKey, judge, read_lease
from nextpanel_license.shapes import STANDING, Verdict
from nextpanel_license.wire import Answer, ask_keys, ask_validate, code_of, problem, read_keys, read_verdict

log = logging.getLogger("nextpanel_license")
T = TypeVar("T")
LEASE_PAUSE = 30.0
"""Seconds before a lease is asked for again that could not be had."""
NOT_PERMITTED_PAUSE = 3600.0
KEEP_EVERY = 1.0
KEYS_EVERY = 300.0
LEASE_REFUSED = {(403, "panel_not_permitted"), (409, "no_signing_key")}
"""The question itself may be answered all the same."""


def validate(core: Core, *, license_key: str, feature: str | None, used: int | None) -> Flow[Verdict]:
    """Billing's verdict; while it can't be reached the lease's; Unreachable where no lease stands."""
    name = named(license_key)
    lease = core.holdings.lease(name, now=core.clock.now())
    if core.is_away:
        lease = yield from standing_lease(core, name)
        if lease is not None:
            return (yield from _by_lease(core, license_key, lease, feature=feature, used=used))
    try:
        answer = yield from _ask(core, license_key, feature, lease)
        verdict, token = read_verdict(answer)
    except Unreachable as away:
        core.note_away(away)
        lease = yield from standing_lease(core, name)
        if lease is None:
            raise closed(core, name, away) from away
        return (yield from _by_lease(core, license_key, lease, feature=feature, used=used))
    except LicenseError:
        core.note_back()
        raise
    core.note_back()
    yield from _learn(core, license_key, verdict, token)
    return verdict


def _ask(core: Core, license_key: str, feature: str | None, lease: Lease | None) -> Flow[Answer]:
    """Asks for a lease as well where none stands or its half is over. With one in hand a single try will do."""
    wanted = wants_lease(core, lease)
    tries = None if lease is None else 1
    answer = yield from exchange(core, ask_validate(license_key, feature=feature, lease=wanted), tries=tries)
    if wanted and (answer.status, code_of(answer)) in LEASE_REFUSED:
        core.no_lease_until = core.clock.ticking() + (LEASE_PAUSE if answer.status == 409 else NOT_PERMITTED_PAUSE)
        log.warning("Billing gives no lease (%s): while it can't be reached, nothing will be allowed.", code_of(answer))
        answer = yield from exchange(core, ask_validate(license_key, feature=feature, lease=False), tries=tries)
    return answer


def wants_lease(core: Core, lease: Lease | None) -> bool:
    if not core.settings.leases or core.clock.ticking() < core.no_lease_until:
        return False
    return lease is None or lease.half_over(core.clock.now())


def _learn(core: Core, license_key: str, verdict: Verdict, token: str | None) -> Flow[None]:
    """Keeps the lease that came; ends the one of a license that is refused as a whole."""
    name = named(license_key)
    if verdict.reason in STANDING:
        yield from end_lease(core, name, verdict.checked_at.timestamp())
        return
    if token is not None:
        yield from _accept(core, name, token)
    yield from keep_rest(core)
    lease = core.holdings.lease(name, now=core.clock.now())
    if lease is None:
        return
    core.seen_keys[name] = license_key
    limit = None if verdict.resource is None else lease.limits.get(verdict.resource)
    if limit is not None and verdict.resource is not None and verdict.remaining_quota is not None:
        core.tally.told(name, verdict.resource, limit - verdict.remaining_quota)


def end_lease(core: Core, name: str, until: float) -> Flow[None]:
    """Also one that another process of this panel has. Written at once: no restart brings it back."""
    yield from look(core)
    if core.holdings.last_end(name) is not None and core.holdings.refuse(name, until):
        yield from keep(core)


def _accept(core: Core, name: str, token: str) -> Flow[None]:
    """A lease that does not prove itself is not kept; the verdict beside it holds all the same."""
    try:
        lease = yield from _proven(core, token)
    except (LeaseInvalid, Unreachable) as error:
        core.no_lease_until = core.clock.ticking() + LEASE_PAUSE
        log.warning("A lease came that can't be used: %s", error)
        return
    core.holdings.put(name, lease)
    for resource, used in lease.used.items():
        core.tally.told(name, resource, used)
    core.unkept = True


def _proven(core: Core, token: str) -> Flow[Lease]:
    try:
        return _read(core, token)
    except UnknownKey:
        yield from fetch_keys(core)
        return _read(core, token)


def _read(core: Core, token: str) -> Lease:
    return read_lease(token, keys=core.holdings.keys, expected=core.holdings.expected, now=core.clock.now())


def fetch_keys(core: Core) -> Flow[bool]:
    """Billing's public keys as they are now; a 304 says that they are the same. True where they are others than before."""
    answer = yield from exchange(core, ask_keys(etag=core.holdings.keys_etag))
    before, core.next_keys = core.holdings.keys, core.clock.ticking() + KEYS_EVERY
    if answer.status == 304:
        core.holdings.keys_at = core.clock.now()
    elif answer.status == 200:
        core.holdings.publish(read_keys(answer), answer.headers.get("etag"), at=core.clock.now())
    else:
        raise problem(answer)
    return core.holdings.keys != before


def standing_lease(core: Core, name: str) -> Flow[Lease | None]:
    """Also one that another process of this panel has written meanwhile, and its knowledge of what is void."""
    yield from look(core)
    return core.holdings.lease(name, now=core.clock.now())


def look(core: Core) -> Flow[None]:
    file = core.file
    if file is not None:
        text: str | None = yield Blocking(lambda: _tolerant(file.read_if_new))
        if text is not None:
            core.holdings.take(text, now=core.clock.now())


def keep(core: Core) -> Flow[None]:
    """Writes the file now."""
    file = core.file
    core.unkept, core.next_keep = False, core.clock.ticking() + KEEP_EVERY
    if file is not None:
        holdings, now = core.holdings, core.clock.now()
        yield Blocking(lambda: _tolerant(lambda: file.exchange(lambda theirs: holdings.take(theirs, now=now), lambda: holdings.text(now=now))))


def keep_rest(core: Core, *, now: bool = False) -> Flow[None]:
    """Writes new leases, at most once a second: a panel of thousands asks for thousands after its start."""
    if core.unkept and (now or core.clock.ticking() >= core.next_keep):
        yield from keep(core)


def _tolerant(work: Callable[[], T]) -> T | None:
    """A full disk keeps nobody from an answer: what is in memory holds."""
    try:
        return work()
    except OSError as error:
        log.warning("The lease file can't be used (%s): a restart would find no leases.", error)
        return None


def own_count(core: Core, license_key: str, resource: str, used: int | None) -> Flow[int | None]:
    """What the panel counts itself: as given with the call, or as its callback says."""
    if used is not None:
        return used
    counted: int | None = yield Count(license_key, resource)
    return counted


def _by_lease(core: Core, license_key: str, lease: Lease, *, feature: str | None, used: int | None) -> Flow[Verdict]:
    resource = None if feature is None else lease.resource_of(feature)
    if resource is not None:
        own = yield from own_count(core, license_key, resource, used)
        used = core.tally.used(named(license_key), resource, as_of_lease=lease.used.get(resource, 0), own=own)
    return judge(lease, feature=feature, used=used, now=core.clock.now())


def closed(core: Core, name: str, away: Unreachable) -> Unreachable:
    end = core.holdings.last_end(name)
    lease = "there is no lease" if end is None else "the last lease has run out or was revoked"
    message = f"Billing can't be reached ({away.why}), and {lease}: make nothing new, leave what exists alone, ask again."
    return Unreachable(message, why=away.why, retry_after=away.retry_after)


def renew(core: Core, *, most: int = 20) -> Flow[int]:
    """Asks anew for leases whose half is over, of licenses that this process knows. How many were asked for."""
    now, asked = core.clock.now(), 0
    for name, license_key in list(core.seen_keys.items()):
        lease = core.holdings.lease(name, now=now)
        if asked >= most or core.is_away:
            break
        if lease is not None and wants_lease(core, lease):
            asked += 1
            try:
                yield from validate(core, license_key=license_key, feature=None, used=None)
            except Unreachable:
                break
            except LicenseError as error:
                log.warning("A lease could not be renewed: %s", error)
    return asked
