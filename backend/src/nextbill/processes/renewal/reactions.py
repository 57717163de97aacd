"""What follows from billed periods."""

from __future__ import annotations

from datetime import datetime

from nextbill.capabilities import subscriptions
from nextbill.processes.renewal import commands
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction


class Renewals:
    """`zone`: the seller's, at whose midnight a license ends."""

    def __init__(self, zone: str) -> None:
        self._zone = zone

    def reactions(self) -> list[Reaction]:
        return [
            Reaction("renewal.send_invoices", subscriptions.PeriodsBilled, self.send_invoices),
            Reaction("renewal.extend_licenses", subscriptions.PeriodsBilled, self.extend_licenses),
        ]

    async def send_invoices(self, tx: Tx, event: subscriptions.PeriodsBilled, *, now: datetime) -> None:
        await commands.send_invoices(tx, event.chunk_id, after=None, now=now)

    async def extend_licenses(self, tx: Tx, event: subscriptions.PeriodsBilled, *, now: datetime) -> None:
        await commands.extend_licenses(tx, event.chunk_id, zone=self._zone, now=now)
