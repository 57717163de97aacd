"""Flows of what is done by the way: at the start, and whenever something is due."""

from __future__ import annotations

import logging

from nextpanel_license import reporting, revoking, validating
from nextpanel_license.core import Core, Flow
from nextpanel_license.errors import LicenseError, Unreachable

log = logging.getLogger("nextpanel_license")
PAUSE_AFTER_FAILURE = 30.0
RENEW_EVERY = 60.0


def begin(core: Core) -> Flow[None]:
    """Takes up what an earlier process left: leases and their keys, events not yet sent."""
    yield from validating.look(core)
    yield from reporting.remember(core)


def tick(core: Core) -> Flow[None]:
    """Each part by itself: one that fails does not hold up the others."""
    if core.settings.leases:
        yield from _revocations(core)
    yield from flush_if_due(core)
    if core.clock.ticking() >= core.next_renewal:
        core.next_renewal = core.clock.ticking() + RENEW_EVERY
        yield from validating.renew(core)
    yield from validating.keep_rest(core)


def end(core: Core) -> Flow[None]:
    """What is still to be written; then what waits is sent, if billing answers."""
    yield from validating.keep_rest(core, now=True)
    waiting = yield from reporting.waiting(core)
    if waiting:
        try:
            yield from reporting.flush(core)
        except LicenseError as error:
            log.warning("%s usage events are not sent: %s", (yield from reporting.waiting(core)), error)


def _revocations(core: Core) -> Flow[None]:
    try:
        yield from revoking.poll_revocations(core, now=False)
    except Unreachable as away:
        log.debug("The revocation feed was not read: %s", away.why)  # that billing is away was told once
    except LicenseError as error:
        core.next_poll = core.clock.ticking() + validating.NOT_PERMITTED_PAUSE
        log.warning("The revocation feed can't be read: %s", error)


def flush_if_due(core: Core) -> Flow[None]:
    """Due by number or by time. What could not be sent waits."""
    waiting: int = yield from reporting.waiting(core)
    ticking = core.clock.ticking()
    if not waiting or (ticking < core.next_flush and (waiting < core.settings.batch or core.is_away)):
        return
    try:
        yield from reporting.flush(core)
    except Unreachable as away:
        log.debug("Usage was not sent: %s", away.why)  # that billing is away was told once
        core.next_flush = max(core.next_flush, core.clock.ticking() + PAUSE_AFTER_FAILURE)
    except LicenseError as error:
        core.next_flush = core.clock.ticking() + PAUSE_AFTER_FAILURE
        log.warning("%s usage events wait: %s", waiting, error)
