"""Flow of the revocation feed."""

from __future__ import annotations

from nextpanel_license.core import Core, Flow, exchange
from nextpanel_license.errors import Unreachable
from nextpanel_license.shapes import Revocation
from nextpanel_license.validating import fetch_keys, keep, look
from nextpanel_license.wire import ask_revocations, read_revocations

PAGES_MAX = 100
POLL_MIN, POLL_MAX, POLL_AFTER_FAILURE = 1.0, 3600.0, 30.0


def poll_revocations(core: Core, *, now: bool) -> Flow[list[Revocation]]:
    """What is new in the feed; nothing, without a call, before the time that billing named, unless `now`."""
    if not now and core.clock.ticking() < core.next_poll:
        return []
    core.next_poll = core.clock.ticking() + core.poll_every
    yield from look(core)
    try:
        found, changed = yield from _read_on(core)
        if core.holdings.any_lease and core.clock.ticking() >= core.next_keys:
            changed = (yield from fetch_keys(core)) or changed
    except Unreachable as away:
        core.note_away(away)
        core.next_poll = core.clock.ticking() + max(POLL_AFTER_FAILURE, min(POLL_MAX, away.retry_after or 0.0))
        raise
    core.note_back()
    if changed:
        yield from keep(core)
    return found


def _read_on(core: Core) -> Flow[tuple[list[Revocation], bool]]:
    found: list[Revocation] = []
    changed = False
    for _ in range(PAGES_MAX):
        after = core.holdings.cursor
        if after is None and core.holdings.any_lease:
            after = "0"  # leases from before the first poll may have been revoked since
        answer = yield from exchange(core, ask_revocations(after=after, etag=core.holdings.feed_etag if after else None))
        if answer.status == 304:
            break
        if answer.status in {400, 410, 422} and after not in {None, "0"}:
            core.holdings.cursor, core.holdings.feed_etag = None, None  # billing no longer knows this place: from the oldest kept
            continue
        page = read_revocations(answer)
        for item in page.items:
            core.holdings.revoke(item.license_id, item.revision, item.at.timestamp())
        found += page.items
        core.poll_every = min(POLL_MAX, max(POLL_MIN, page.poll_after_seconds))
        core.next_poll = core.clock.ticking() + core.poll_every
        changed = changed or core.holdings.cursor != page.next_cursor or bool(page.items)
        core.holdings.cursor, core.holdings.feed_etag = page.next_cursor, page.etag if after == page.next_cursor else None
        if not page.items:
            break
    return found, changed
