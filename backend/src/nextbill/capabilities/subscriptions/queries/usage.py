"""Whether what is in use fits into new limits: licensing counts, we compare."""

from __future__ import annotations

from nextbill.capabilities import licensing
from nextbill.capabilities.subscriptions.queries.subscriptions import Subscription
from nextbill.capabilities.subscriptions.rules import ORDER_LINE, Excess, Terms, excess
from nextbill.runtime.database import ReadTx


async def what_is_too_much(tx: ReadTx, found: Subscription, target: Terms) -> list[Excess]:
    """Empty where it fits. Only limits that get smaller count: who is above one already may still change what has nothing to do with it. What staff gave
    this license alone stays."""
    license_ = await licensing.license_for(tx, reference_type=ORDER_LINE, reference_id=found.order_line_id)
    if license_ is None:
        return []
    used = {name: quota.used for name, quota in license_.quotas.items() if not quota.overridden and _smaller(found, target, name)}
    return excess(used, target.limits)


def _smaller(found: Subscription, target: Terms, resource: str) -> bool:
    before, after = found.limits.get(resource, 0), target.limits.get(resource, 0)
    return after is not None and (before is None or after < before)
