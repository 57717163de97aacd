"""What was billed lasts longer: the licenses of what goes on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from nextbill.capabilities import licensing, subscriptions
from nextbill.runtime.bulk import Uuids
from nextbill.runtime.database import Tx


async def extend_licenses(tx: Tx, lasting: Mapping[date, Uuids], *, zone: str, now: datetime) -> None:
    """Of order lines, by the first day that is not billed: until then, plus the grace, whether it is paid yet or not. What a debt takes away is for those who
    watch over debts."""
    until = [(licensing.license_expiry(end, zone), line_ids) for end, line_ids in lasting.items()]
    await licensing.extend_licenses(tx, reference_type=subscriptions.ORDER_LINE, until=until, now=now)
