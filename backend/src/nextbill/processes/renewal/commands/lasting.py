"""What was billed lasts longer: the licenses of what goes on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from nextbill.capabilities import licensing, subscriptions
from nextbill.runtime.database import Tx


async def extend_licenses(tx: Tx, chunk_id: UUID, *, zone: str, now: datetime) -> None:
    """Until the end of what is billed, plus the grace, whether it is paid yet or not: what a debt takes away is for those who watch over debts."""
    ends = await subscriptions.billed_until_in(tx, chunk_id)
    until = [(licensing.license_expiry(end, zone), line_ids) for end, line_ids in ends.items()]
    await licensing.extend_licenses(tx, reference_type=subscriptions.ORDER_LINE, until=until, now=now)
