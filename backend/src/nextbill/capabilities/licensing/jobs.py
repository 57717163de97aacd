"""Licensing's upkeep: what ran out is freed, owners are warned, keys and months are there before they are needed, old rows go."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Delete, delete, select, tuple_

from nextbill.capabilities.licensing.commands.months import ensure_months
from nextbill.capabilities.licensing.commands.reserving import free_expired
from nextbill.capabilities.licensing.commands.signing import keep_signing_keys
from nextbill.capabilities.licensing.events import QuotaReached
from nextbill.capabilities.licensing.models import AlertRow, ReservationRow, RevocationRow, UsageReceiptRow
from nextbill.capabilities.licensing.rules.leases import REVOCATIONS_KEPT
from nextbill.capabilities.licensing.rules.usage import RECEIPTS_KEPT_DAYS
from nextbill.runtime.batching import Lines
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish
from nextbill.runtime.worker import Tick

ALERTS_AT_ONCE: Final = 500
PRUNED_AT_ONCE: Final = 5000
FREED_ROUNDS_MAX: Final = 100
"""Of a thousand holds each: a tick leaves none that a later one would have to wait for."""


class Upkeep:
    def __init__(self, lines: Lines, *, cipher: FieldCipher) -> None:
        self._lines, self._cipher = lines, cipher

    def ticks(self) -> list[Tick]:
        return [
            Tick("licensing.free_reservations", timedelta(seconds=5), self.free_reservations),
            Tick("licensing.announce_alerts", timedelta(seconds=10), announce_alerts),
            Tick("licensing.keep_signing_keys", timedelta(minutes=10), self.keep_signing_keys),
            Tick("licensing.ensure_months", timedelta(hours=1), self.ensure_months),
            Tick("licensing.prune", timedelta(hours=1), prune),
        ]

    async def free_reservations(self, tx: Tx, *, now: datetime) -> None:
        """By the license path's own statement, in its own transaction: the rows are locked for as short as there."""
        for _ in range(FREED_ROUNDS_MAX):
            if not await free_expired(self._lines, now=now):
                return

    async def ensure_months(self, tx: Tx, *, now: datetime) -> None:
        await ensure_months(self._lines, now)

    async def keep_signing_keys(self, tx: Tx, *, now: datetime) -> None:
        await keep_signing_keys(tx, cipher=self._cipher, now=now)


async def announce_alerts(tx: Tx, *, now: datetime) -> None:
    """The license path only writes that a threshold was reached; here it becomes a fact that others react to."""
    waiting = select(AlertRow).where(AlertRow.announced_at.is_(None)).order_by(AlertRow.id).limit(ALERTS_AT_ONCE).with_for_update(skip_locked=True)
    for row in (await tx.execute(waiting)).scalars().all():
        row.announced_at = now
        reached = QuotaReached(
            license_id=row.license_id,
            customer_id=row.customer_id,
            alert_id=row.id,
            resource=row.resource,
            threshold=row.threshold,
            used=row.used_count,
            limit=row.limit_count,
        )
        await publish(tx, reached, now=now)


async def prune(tx: Tx, *, now: datetime) -> None:
    """Event ids and settled reservations that nobody repeats any more, and revocations older than any lease."""
    old = now - timedelta(days=RECEIPTS_KEPT_DAYS)
    receipt = (UsageReceiptRow.license_id, UsageReceiptRow.event_id)
    receipts = select(*receipt).where(UsageReceiptRow.received_at < old).limit(PRUNED_AT_ONCE)
    await tx.execute(_without(UsageReceiptRow).where(tuple_(*receipt).in_(receipts)))
    settled = select(ReservationRow.id).where(ReservationRow.state != "held", ReservationRow.settled_at < old).limit(PRUNED_AT_ONCE)
    await tx.execute(_without(ReservationRow).where(ReservationRow.id.in_(settled)))
    void = select(RevocationRow.seq).where(RevocationRow.at < now - REVOCATIONS_KEPT).limit(PRUNED_AT_ONCE)
    await tx.execute(_without(RevocationRow).where(RevocationRow.seq.in_(void)))


def _without(table: Any) -> Delete:
    return delete(table).execution_options(synchronize_session=False)
