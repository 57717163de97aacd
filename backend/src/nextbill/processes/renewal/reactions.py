"""What follows from billed periods."""

from __future__ import annotations

from datetime import datetime

from nextbill.capabilities import subscriptions
from nextbill.processes.renewal import commands
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction


async def periods_billed(tx: Tx, event: subscriptions.PeriodsBilled, *, now: datetime) -> None:
    await commands.send_invoices(tx, event.chunk_id, after=None, now=now)


REACTIONS = [Reaction("renewal.send_invoices", subscriptions.PeriodsBilled, periods_billed)]
