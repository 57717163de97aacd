"""Flows of usage: events are kept, then sent in batches; what billing has heard is forgotten, not before."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from nextpanel_license.core import Blocking, Core, Flow, exchange
from nextpanel_license.errors import Unreachable
from nextpanel_license.holdings import named
from nextpanel_license.shapes import Action, Entry, Flushed, UsageResult
from nextpanel_license.wire import ask_batch, ask_settle, problem, read_batch

log = logging.getLogger("nextpanel_license")
BATCH_MAX = 500
COUNT_MAX = 1_000_000
TEMPORARY = {"unavailable", "too_many_requests"}
"""Refusals of one event that the next batch may not meet."""


def usage_entry(*, license_key: str, resource: str, action: Action, count: int, event_id: str, at: datetime) -> Entry:
    """ValueError for what billing could never take: such an event would only wait."""
    if not 0 <= count <= COUNT_MAX:
        raise ValueError(f"count is between 0 and {COUNT_MAX}")
    if not 1 <= len(event_id) <= 128:
        raise ValueError("event_id has 1 to 128 characters")
    occurred_at = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = {"license_key": license_key, "resource": resource, "action": action, "count": count, "event_id": event_id, "occurred_at": occurred_at}
    return Entry(event_id, "usage", body)


def put(core: Core, entry: Entry) -> Flow[None]:
    """BufferFull, and nothing is changed."""
    yield from _spool(core, lambda: core.spool.add(entry))
    _tally(core, entry, 1)


def _spool(core: Core, work: Any) -> Flow[Any]:
    if core.spool.blocks:
        return (yield Blocking(work))
    return work()


def _tally(core: Core, entry: Entry, sign: int) -> None:
    told = entry.body if entry.kind == "usage" else entry.body["usage"]
    change = {"created": told["count"], "deleted": -told["count"]}.get(told["action"], 0)
    core.tally.unsent(named(told["license_key"]), told["resource"], sign * change)


def waiting(core: Core) -> Flow[int]:
    """How much billing has still to hear."""
    found: int = yield from _spool(core, lambda: len(core.spool))
    return found


def flush(core: Core) -> Flow[Flushed]:
    """Sends all that waited when it began. Unreachable, NotAuthenticated, NotPermitted: what was not sent stays."""
    core.next_flush = core.clock.ticking() + core.settings.flush_every
    left = yield from waiting(core)
    results: list[UsageResult] = []
    commits = 0
    try:
        while left > 0:
            entries: list[Entry] = yield from _spool(core, partial(core.spool.oldest, min(BATCH_MAX, left)))
            if not entries:
                break
            left -= len(entries)
            for entry in entries:
                if entry.kind == "commit":
                    yield from _send_commit(core, entry)
                    commits += 1
            results += yield from _send_usage(core, [entry for entry in entries if entry.kind == "usage"])
    except Unreachable as away:
        core.note_away(away)
        core.next_flush = core.clock.ticking() + max(core.settings.flush_every, min(60.0, away.retry_after or 0.0))
        raise
    core.note_back()
    return Flushed(tuple(results), commits)


def _send_commit(core: Core, entry: Entry) -> Flow[None]:
    answer = yield from exchange(core, ask_settle(entry.body["reservation_id"], "commit"))
    if answer.status in {401, 403}:
        raise problem(answer)
    if answer.status != 200:
        log.warning("A reservation was over before its commit arrived: what was made is reported as usage.")
        told = entry.body["usage"]
        yield from put(core, Entry(told["event_id"], "usage", told))
    yield from _forget(core, [entry])


def _send_usage(core: Core, entries: Sequence[Entry]) -> Flow[list[UsageResult]]:
    """In one batch; where billing can't read it, in halves, so that one bad event does not hold up the others."""
    if not entries:
        return []
    answer = yield from exchange(core, ask_batch(entries))
    if answer.status in {413, 422}:
        if len(entries) == 1:
            return (yield from _settle(core, entries, [UsageResult(entries[0].id, "refused", "invalid")]))
        half = len(entries) // 2
        first = yield from _send_usage(core, entries[:half])
        return first + (yield from _send_usage(core, entries[half:]))
    return (yield from _settle(core, entries, read_batch(answer)))


def _settle(core: Core, entries: Sequence[Entry], results: list[UsageResult]) -> Flow[list[UsageResult]]:
    by_id = {entry.id: entry for entry in entries}
    final = [result for result in results if result.event_id in by_id and result.code not in TEMPORARY]
    yield from _forget(core, [by_id[result.event_id] for result in final])
    for result in final:
        told = by_id[result.event_id].body
        if result.used is not None:
            core.tally.told(named(told["license_key"]), told["resource"], result.used)
        if result.status == "refused":
            log.warning("Billing refused usage event %s (%s of %s): %s", result.event_id, told["action"], told["resource"], result.code)
    return final


def _forget(core: Core, entries: Sequence[Entry]) -> Flow[None]:
    yield from _spool(core, lambda: core.spool.forget([entry.id for entry in entries]))
    for entry in entries:
        _tally(core, entry, -1)


def remember(core: Core) -> Flow[None]:
    """At the start: what an earlier process left unsent counts as used."""
    entries: list[Entry] = yield from _spool(core, lambda: core.spool.oldest(len(core.spool)))
    for entry in entries:
        _tally(core, entry, 1)
